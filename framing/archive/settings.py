"""What decides the content of an output: it is kept with the run, and a run can only go on with the same."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

import yaml

from framing.errors import ConfigError, InputError
from framing.io.pieces import Fields, ReadOptions

PARTITIONS: Final = ("outlet", "year", "language")

BEFORE: Final[dict[str, Any]] = {"exhaustive": True, "provider": "cpu"}
"""What a run did whose record doesn't tell: one that was begun before there was a choice."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the rows of the tables depend on; the number of workers and the shards' size are not in it.

    Attributes:
        inputs: as the user gave them.
        model: a model folder or name, None for the default.
        threshold: lowest score for all types; None takes the model's own.
        cues: types to report; None reports all.
        read: how inputs are read.
        form: the format of all inputs; None guesses each.
        language: score only texts in this language (ISO 639-1).
        partition: columns by which the tables are laid into folders.
        exhaustive: run every sentence through the network, past the model's gate.
        provider: what the network runs on, `cpu` or `cuda`.
        dedup: the least Jaccard similarity of near-duplicates that are marked; None marks none.
    """

    inputs: tuple[str, ...]
    model: str | None = None
    threshold: float | None = None
    cues: tuple[str, ...] | None = None
    read: ReadOptions = field(default_factory=ReadOptions)
    form: str | None = None
    language: str | None = None
    partition: tuple[str, ...] = ()
    dedup: float | None = None
    exhaustive: bool = False
    provider: str = "cpu"

    def to_record(self) -> dict[str, Any]:
        """Give a flat JSON form."""
        record = asdict(self)
        read = record.pop("read")
        names = {f"{name}_field": value for name, value in read.pop("fields").items()}
        flat = record | read | names
        return {key: list(value) if isinstance(value, tuple) else value for key, value in flat.items()}


def as_begun(settings: Settings, run: dict[str, Any] | None) -> Settings:
    """Let a run that was begun before there were gates go on without one."""
    known = run is None or "exhaustive" in run["settings"]
    return settings if known else replace(settings, exhaustive=BEFORE["exhaustive"])


def model_facts(model: str | None) -> dict[str, Any]:
    """Give a model's name, version, fingerprint and cue types, without opening its network.

    Raises:
        ModelError: there is no such model.
    """
    if model == "lexicon":
        from framing import __version__
        from framing.cues import CODEBOOK

        return {"name": model, "version": __version__, "sha256": None, "cues": [cue.name for cue in CODEBOOK]}
    from framing.hub import folder_of
    from framing.model import ModelInfo, default_folder

    path = (default_folder() if model is None else folder_of(model)) / "framing.json"
    info = ModelInfo.from_file(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()  # it holds the hashes of the other files
    return {"name": info.name, "version": info.version, "sha256": digest, "cues": [cue.name for cue in info.cues]}


def refuse_changes(output: Path, before: dict[str, Any], now: dict[str, Any]) -> None:
    """Compare what a run was begun with and what it is to go on with.

    Raises:
        ConfigError: something differs; the message names it.
    """
    for key in sorted(before.keys() | now.keys()):
        if before.get(key) != now.get(key):
            raise ConfigError(
                f"{output}: begun with {key} {before.get(key)!r}, now {now.get(key)!r}; "
                "give what it was begun with, or another folder with -o"
            )


def read_columns(path: Path) -> dict[str, str]:
    """Read a mapping of columns: a YAML file such as `{text: body, id: url, outlet: source}`.

    Raises:
        InputError: the file can't be read.
        ConfigError: it holds anything else.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: can't read the file ({error.strerror}); check the path") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML ({' '.join(str(error).split())})") from error
    known = [field.name for field in fields(Fields)]
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ConfigError(f"{path}: write one `ours: theirs` a line; ours are {', '.join(known)}")
    for key in found:
        if key not in known:
            raise ConfigError(f"{path}: unknown key {key!r}; known are {', '.join(known)}")
    return found

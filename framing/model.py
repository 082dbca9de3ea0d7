"""Open a model folder and run windows through it with ONNX Runtime."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import starmap
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from framing.cues import Cue, unique
from framing.decode import Calibration, FloatArray, ProbabilityMap, RuleOpinion, WindowLogits
from framing.errors import InputError, MissingExtraError, ModelError
from framing.features import RULE_VALUES, RULES_VERSION, rule_column
from framing.gate import RECORD as GATE
from framing.gate import Gate
from framing.text import Window
from framing.tokens import SPANS, TASKS, TokenizedText, WindowTokenizer

FORMAT: Final = 1
"""The version of the folder's layout; a folder of another version is refused."""

SLOW_FUSIONS: Final = ["SkipLayerNormFusion"]
"""What ONNX Runtime is kept from: its kernel for a sum and a normalization in one takes ten times as long as both."""

PROVIDERS: Final = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
"""What the network runs on, by our names and by ONNX Runtime's."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What `framing.json` says of a model.

    Attributes:
        name: the model's name.
        version: the model's version.
        cues: the cue types, in the order of the heads.
        calibration: temperatures, isotonic maps and thresholds.
        window: most tokens in a window.
        stride: most tokens repeated of the window before.
        pad_id: the token id for padding.
        rules: version of the rules that the network was trained with, None without them.
        task: `spans`, or `sentences` for a model that labels whole sentences; folders without it find spans.
        files: SHA-256 of the files that scoring needs, by name.
        facts: everything else (encoder, licence, data hashes, dev figures), as it stands.
    """

    name: str
    version: str
    cues: tuple[Cue, ...]
    calibration: Calibration
    window: int
    stride: int
    pad_id: int
    rules: int | None
    files: dict[str, str]
    task: str = SPANS
    facts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read a `framing.json`; raises `ModelError` that says what is wrong and what to do."""
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ModelError(
                f"{path.parent}: not a model folder (no framing.json); give the folder that `framing export` wrote"
            ) from error
        except ValueError as error:
            raise ModelError(f"{path}: not JSON ({error}); export the model again") from error
        found = record.get("format") if isinstance(record, dict) else None
        if found != FORMAT:
            raise ModelError(
                f"{path}: model format {found!r}, but this version of framing reads format {FORMAT}; "
                "export the model again with this version, or install the version that made it"
            )
        try:
            entries = record.pop("cues")
            calibration = Calibration(
                temperatures=tuple(float(entry.pop("temperature")) for entry in entries),
                thresholds=tuple(float(entry.pop("threshold")) for entry in entries),
                voice_temperature=_optional(record.pop("voice_temperature")),
                rules=tuple(_opinion(entry["name"], entry.pop("rules")) for entry in entries),
                maps=tuple(_map(entry.pop("isotonic", None)) for entry in entries),
            )
            cues = unique([Cue.from_record(entry, where=str(path)) for entry in entries], where=str(path))
            parts = {
                key: record.pop(key) for key in ("name", "version", "window", "stride", "pad_id", "rules", "files")
            }
            parts["task"] = record.pop("task", SPANS)
            _check_parts(parts)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"{path}: missing or wrong entry {error}; export the model again") from error
        except InputError as error:
            raise ModelError(f"{error}; export the model again") from error
        if parts["rules"] not in (None, RULES_VERSION):
            raise ModelError(
                f"{path}: made with version {parts['rules']} of the rules, but this framing has {RULES_VERSION}; "
                "train it again, or install the framing that made it"
            )
        return cls(cues=cues, calibration=calibration, facts=record, **parts)


def _optional(number: Any) -> float | None:
    return None if number is None else float(number)


def _opinion(label: str, record: dict[str, Any] | None) -> RuleOpinion | None:
    column = rule_column(label)
    if record is None or column is None:
        return None
    table = tuple((float(out), float(begin), float(inside)) for out, begin, inside in record["log_probabilities"])
    if len(table) != RULE_VALUES:
        raise ValueError("rules")
    return RuleOpinion(column, float(record["share"]), table)


def _map(record: dict[str, Any] | None) -> ProbabilityMap | None:
    return None if record is None else ProbabilityMap(*(tuple(map(float, record[key])) for key in ("before", "after")))


def _check_parts(parts: dict[str, Any]) -> None:
    if parts["task"] not in TASKS:
        raise ValueError(f"task {parts['task']!r}")
    if not all(isinstance(parts[key], int) for key in ("window", "stride", "pad_id")):
        raise TypeError("window, stride or pad_id")
    if not (
        0 <= parts["stride"] < parts["window"]
        and isinstance(parts["files"], dict)
        and {"model.onnx", "tokenizer.json"} <= set(parts["files"])
    ):
        raise ValueError("window, stride or files")


def default_folder() -> Path:
    """Give the folder of the model that comes with the package."""
    return Path(str(files("framing") / "models" / "default"))


class Model:
    """A model folder in memory: tokenizer, network and calibration."""

    def __init__(self, folder: Path, *, threads: int | None = None, gated: bool = False, provider: str = "cpu") -> None:
        """Open a folder; nothing in it is executed or unpickled.

        Args:
            folder: what `framing export` wrote.
            threads: processor threads for the network; None takes all cores.
            gated: let sentences skip the network where the folder has a gate (`framing.gate`).
            provider: what the network runs on, one of `PROVIDERS`.

        Raises:
            ModelError: the folder is missing, changed, or of another format version.
            MissingExtraError: this ONNX Runtime hasn't the provider, or there is no such device.
        """
        import onnxruntime  # slow to import: not before it is needed

        if PROVIDERS[provider] not in onnxruntime.get_available_providers():
            raise _no_provider(provider)
        self.info = ModelInfo.from_file(folder / "framing.json")
        for name, expected in self.info.files.items():
            _check(folder / name, expected)
        self.tokenizer = WindowTokenizer.from_file(
            folder / "tokenizer.json",
            window=self.info.window,
            stride=self.info.stride,
            rules=self.info.rules is not None,
            task=self.info.task,
        )
        self.threads = threads or _cores()
        if gated and GATE in self.info.files:
            self.tokenizer.gate = Gate.from_folder(folder, len(self.info.cues))
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1  # the threads take a window each
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"),
                options,
                providers=[PROVIDERS[provider]],
                disabled_optimizers=SLOW_FUSIONS,
            )
        except Exception as error:  # ONNX Runtime raises many kinds, none of them documented
            reason = str(error).strip().splitlines()[0]
            raise ModelError(f"{folder / 'model.onnx'}: can't be run ({reason}); export the model again") from error
        if PROVIDERS[provider] not in self._session.get_providers():  # it falls back to the processor by itself
            raise _no_provider(provider)
        # Graphs of 0.4.0 and before take a mask of the padding.
        self._masked = "attention_mask" in {given.name for given in self._session.get_inputs()}

    def run(self, texts: Sequence[TokenizedText]) -> list[WindowLogits]:
        """Run all windows of some texts.

        Each goes alone: in a batch, windows would be padded, would leave the processor's caches, and with int8 weights
        would change one another's scores, since a batch shares its scales. So a text scores the same in any company.

        Returns:
            For each text its windows' cue logits [tokens, types, 3 or, for sentences, 1] and voice logits
            [tokens, 3], special tokens taken off.
        """
        jobs = [(text, window) for text in texts for window in text.windows]
        if self.threads > 1 and len(jobs) > 1:
            with ThreadPoolExecutor(self.threads) as pool:
                found: Iterator[tuple[FloatArray, FloatArray]] = pool.map(self._forward, *zip(*jobs, strict=True))
        else:
            found = starmap(self._forward, jobs)
        results = []
        for text in texts:
            logits = [next(found) for _ in text.windows]
            results.append(([cue for cue, _ in logits], [voice for _, voice in logits]))
        return results

    def _forward(self, text: TokenizedText, window: Window) -> tuple[FloatArray, FloatArray]:
        part = slice(window.start, window.end)
        lead, tail = self.tokenizer.prefix, self.tokenizer.suffix
        given = {
            "input_ids": np.concatenate((lead, text.ids[part], tail)).astype(np.int64),
            "features": np.pad(text.features[part], ((len(lead), len(tail)), (0, 0))).astype(np.int64),
        }
        if self._masked:
            given["attention_mask"] = np.ones_like(given["input_ids"])
        cue, voice = self._session.run(
            ["cue_logits", "voice_logits"], {name: value[None] for name, value in given.items()}
        )
        inside = slice(len(lead), len(lead) + window.end - window.start)
        return np.asarray(cue[0, inside], dtype=np.float32), np.asarray(voice[0, inside], dtype=np.float32)


def _cores() -> int:
    """Count the processor's cores that this process may use; outside Linux, all."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _no_provider(provider: str) -> MissingExtraError:
    return MissingExtraError(
        f"ONNX Runtime can't use {provider} here: pip uninstall onnxruntime, pip install onnxruntime-gpu with the CUDA "
        "that it asks for, or score on the processor"
    )


def _check(path: Path, expected: str) -> None:
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: missing from the model folder; copy the whole folder, or export it again") from error
    if found != expected:
        raise ModelError(
            f"{path}: not the file that was exported (its hash differs); copy the whole folder, or export it again"
        )

"""Open a model folder and run windows through it with ONNX Runtime."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from framing.cues import Cue, unique
from framing.decode import Calibration, FloatArray, ProbabilityMap, RuleOpinion, WindowLogits
from framing.errors import InputError, MissingExtraError, ModelError
from framing.features import RULE_VALUES, RULES_VERSION, rule_column
from framing.gate import NAME as GATE
from framing.gate import Gate
from framing.text import IntArray
from framing.tokens import SPANS, TASKS, TokenizedText, WindowTokenizer, pad

FORMAT: Final = 1
"""The version of the folder's layout; a folder of another version is refused."""

BATCH_TOKENS: Final = 2048
"""Tokens in a batch, padding counted: enough to keep two cores busy, small enough for their caches."""


PROVIDERS: Final = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


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
        if gated and GATE in self.info.files:
            vocabulary = self.tokenizer.tokenizer
            self.tokenizer.gate = Gate.from_file(
                folder / GATE, vocabulary.token_to_id, vocabulary.get_vocab_size(), len(self.info.cues)
            )
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if threads is not None:
            options.intra_op_num_threads = threads
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=[PROVIDERS[provider]]
            )
        except Exception as error:  # ONNX Runtime raises many kinds, none of them documented
            reason = str(error).strip().splitlines()[0]
            raise ModelError(f"{folder / 'model.onnx'}: can't be run ({reason}); export the model again") from error
        if PROVIDERS[provider] not in self._session.get_providers():  # it falls back to the processor by itself
            raise _no_provider(provider)

    def run(self, texts: Sequence[TokenizedText]) -> list[WindowLogits]:
        """Run all windows of some texts, packed over texts into batches of like length.

        Returns:
            For each text its windows' cue logits [tokens, types, 3 or, for sentences, 1] and voice logits
            [tokens, 3], special tokens taken off.
        """
        jobs = [(index, window) for index, text in enumerate(texts) for window in text.windows]
        lead, tail = self.tokenizer.prefix, self.tokenizer.suffix
        order = sorted(range(len(jobs)), key=lambda job: jobs[job][1].end - jobs[job][1].start)
        cue_parts: dict[int, FloatArray] = {}
        voice_parts: dict[int, FloatArray] = {}
        while order:
            longest = len(lead) + len(tail) + jobs[order[-1]][1].end - jobs[order[-1]][1].start
            size = max(1, BATCH_TOKENS // longest)
            batch, order = order[-size:], order[:-size]
            rows, features = [], []
            for job in batch:
                index, window = jobs[job]
                part = slice(window.start, window.end)
                rows.append(np.concatenate((lead, texts[index].ids[part], tail)).astype(np.int64))
                features.append(np.pad(texts[index].features[part], ((len(lead), len(tail)), (0, 0))))
            cue, voice = self._forward(rows, features)
            for row, job in enumerate(batch):
                window = jobs[job][1]
                part = slice(len(lead), len(lead) + window.end - window.start)
                cue_parts[job], voice_parts[job] = cue[row, part], voice[row, part]
        results: list[WindowLogits] = [([], []) for _ in texts]
        for job, (index, _) in enumerate(jobs):
            results[index][0].append(cue_parts[job])
            results[index][1].append(voice_parts[job])
        return results

    def _forward(self, rows: Sequence[IntArray], features: Sequence[IntArray]) -> tuple[FloatArray, FloatArray]:
        cue, voice = self._session.run(
            ["cue_logits", "voice_logits"],
            {
                "input_ids": pad(rows, self.info.pad_id),
                "attention_mask": pad([np.ones_like(row) for row in rows], 0),
                "features": pad(features, 0),
            },
        )
        return np.asarray(cue, dtype=np.float32), np.asarray(voice, dtype=np.float32)


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

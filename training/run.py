"""A run folder: everything that another person needs to check or export a trained model.

config.yaml, environment.json, data.json   what went in (recipe, package versions, files with hashes)
cues.json, tokenizer.json, encoder/        what the model is made of
rules.json                                 what the rules' findings are worth on the training data, and their version
designation.json                           who is designated and by whom: the ranker's weights, where there is one
checkpoints/                               the Trainer's, for resuming
metrics.jsonl                              one line an evaluation
best/model.safetensors                     the best epoch's weights
dev.predictions.jsonl, dev.metrics.json    what the best epoch says of dev, before calibration, and the peak of memory
logs/                                      TensorBoard's, on request

Of several processes of one training only the main one writes here.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from safetensors.torch import save_file
from transformers import PreTrainedModel

from framing.cues import Cue
from framing.decode import RuleOpinion
from framing.designation import FILE as DESIGNATIONS
from framing.errors import ConfigError
from framing.features import RULES_VERSION
from framing.spans import CueSpan, Document
from framing.tokens import WindowTokenizer
from training.config import Config, dump_config, load_config
from training.datacard import statistics
from training.encode import Losses
from training.fingerprint import fingerprint
from training.tagger import CueTagger

_RULES: Final = "rules.json"
_PACKAGES: Final = (
    "torch",
    "transformers",
    "datasets",
    "tokenizers",
    "accelerate",
    "numpy",
    "onnx",
    "onnxruntime",
    "scikit-learn",
)


def describe(documents: Sequence[Document]) -> dict[str, Any]:
    """Count documents, spans by label, and, where records name them, outlets and the range of dates."""
    outlets = {document.meta["outlet"] for document in documents if document.meta.get("outlet")}
    dates = sorted(str(document.meta["date"]) for document in documents if document.meta.get("date"))
    labels = Counter(span.label for document in documents for span in document.spans)
    return {
        "documents": len(documents),
        "spans": labels.total(),
        "labels": dict(sorted(labels.items())),
        "outlets": len(outlets),
        "dates": [dates[0], dates[-1]] if dates else None,
    }


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder on disk."""

    folder: Path

    @property
    def checkpoints(self) -> Path:
        """Where the Trainer saves."""
        return self.folder / "checkpoints"

    @property
    def best(self) -> Path:
        """The best epoch's weights."""
        return self.folder / "best"

    @classmethod
    def open(cls, folder: Path, config: Config, *, resume: bool) -> Self:
        """Make a run folder, or take the one to resume; raises `ConfigError` where that would mix two runs."""
        saved = folder / "config.yaml"
        if resume:
            if not saved.exists():
                raise ConfigError(f"{folder}: no run to resume; leave --resume out to start one")
            if load_config(saved) != config:
                raise ConfigError(
                    f"{folder}: the run there has another config; resume with its own config.yaml, or set output=..."
                )
        else:
            cls.check_free(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"{folder}: can't make the folder ({error.strerror}); set output=... to another"
            ) from error
        return cls(folder)

    @staticmethod
    def check_free(folder: Path) -> None:
        """Raise `ConfigError` where a new run can't have this folder: another run has it, or a file is in the way."""
        if (folder / "config.yaml").exists():
            raise ConfigError(
                f"{folder}: holds a run already; go on with --resume, or set output=... to another folder"
            )
        there = next((place for place in (folder, *folder.parents) if place.exists()), folder)
        if there.exists() and not there.is_dir():
            raise ConfigError(f"{folder}: can't make the folder ({there} is a file); set output=... to another")

    def last_checkpoint(self) -> str | None:
        """Give the newest checkpoint that was written to its end, or None; a kill can leave half of one."""
        found = sorted(self.checkpoints.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
        for folder in reversed(found):
            try:
                json.loads((folder / "trainer_state.json").read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            return str(folder)
        return None

    @classmethod
    def finished(cls, folder: Path) -> Self:
        """Take a run that is done; raises `ConfigError` when it isn't."""
        if not (folder / "best" / "model.safetensors").exists():
            raise ConfigError(f"{folder}: not a finished run (no best/model.safetensors); train it or resume it first")
        return cls(folder)

    def check_data(self, config: Config) -> dict[str, list[dict[str, str]]]:
        """Give names and hashes of the corpora; raises `ConfigError` where the run has seen others."""
        parts = {"train": config.data.train, "dev": config.data.dev, "unlabelled": config.data.unlabelled}
        files = {part: [fingerprint(entry) for entry in entries] for part, entries in parts.items() if entries}
        if (self.folder / "data.json").exists() and self.read_json("data.json")["files"] != files:
            raise ConfigError(
                f"{self.folder}: the run saw other data than its files hold now; bring them back, or set output=..."
            )
        return files

    def write_start(
        self,
        config: Config,
        cues: Sequence[Cue],
        encoder: PreTrainedModel,
        tokenizer: WindowTokenizer,
        pad_id: int,
        parts: Mapping[str, tuple[Sequence[Document], Losses]],
    ) -> None:
        """Write what goes into the training of a network."""
        self.write_inputs(config, parts)
        encoder.config.save_pretrained(self.folder / "encoder")
        tokenizer.save(self.folder / "tokenizer.json")
        self.write_json("cues.json", {"pad_id": pad_id, "cues": [cue.to_record() for cue in cues]})

    def write_inputs(self, config: Config, parts: Mapping[str, tuple[Sequence[Document], Losses]]) -> None:
        """Write recipe, environment and data; raises `ConfigError` when the files hold other data than before."""
        files = self.check_data(config)
        (self.folder / "config.yaml").write_text(dump_config(config), encoding="utf-8")
        versions = {name: importlib.metadata.version(name) for name in _PACKAGES}
        self.write_json(
            "environment.json",
            {"python": platform.python_version(), "machine": platform.machine(), "packages": versions},
        )
        self.write_json(
            "data.json",
            {
                "files": files,
                "corpus": {part: describe(found) for part, (found, _) in parts.items()},
                "losses": {part: asdict(lost) for part, (_, lost) in parts.items()},
                "statistics": statistics({part: found for part, (found, _) in parts.items()}),
            },
        )

    def add_metrics(self, metrics: dict[str, Any]) -> None:
        """Add an evaluation to `metrics.jsonl`."""
        path = self.folder / "metrics.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        # A run that was killed between an evaluation and its checkpoint evaluates that epoch again.
        kept = [line for line in lines if json.loads(line)["step"] < metrics["step"]]
        path.write_text("\n".join([*kept, json.dumps(metrics)]) + "\n", encoding="utf-8")

    def finish(
        self,
        tagger: CueTagger,
        dev: Sequence[Document],
        spans: Sequence[Sequence[CueSpan]],
        metrics: dict[str, Any],
    ) -> None:
        """Write the best epoch's weights and dev predictions."""
        self.best.mkdir(exist_ok=True)
        self.write_predictions(dev, spans, metrics)
        state = {name: value.contiguous() for name, value in tagger.state_dict().items()}
        # Weights that are there are whole: a run that has them is done.
        save_file(state, self.best / "model.partial")
        os.replace(self.best / "model.partial", self.best / "model.safetensors")

    def write_predictions(
        self, dev: Sequence[Document], spans: Sequence[Sequence[CueSpan]], metrics: dict[str, Any]
    ) -> None:
        """Write dev predictions and figures."""
        with (self.folder / "dev.predictions.jsonl").open("w", encoding="utf-8") as stream:
            for document, found in zip(dev, spans, strict=True):
                stream.write(json.dumps(document.with_spans(found).to_record(), ensure_ascii=False) + "\n")
        self.write_json("dev.metrics.json", metrics)

    def write_json(self, name: str, value: Any) -> None:
        """Write a JSON file into the folder."""
        (self.folder / name).write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def write_designations(self, fitted: dict[str, Any] | None) -> None:
        """Write what `fit_roles` gave, if anything."""
        if fitted is not None:
            self.write_json(DESIGNATIONS, fitted)

    def write_rules(self, opinions: Sequence[RuleOpinion | None]) -> None:
        """Write what the rules' findings are worth; raises `ConfigError` where a run goes on under other rules."""
        if (self.folder / _RULES).exists():
            self.rules()
        kept = [opinion and asdict(opinion) for opinion in opinions]
        self.write_json(_RULES, {"version": RULES_VERSION, "opinions": kept})

    def rules(self) -> list[RuleOpinion | None]:
        """Read what the rules' findings are worth for each cue; raises `ConfigError` where other rules were counted."""
        found = self.read_json(_RULES)
        version, kept = (found["version"], found["opinions"]) if isinstance(found, dict) else (1, found)
        if any(kept) and version != RULES_VERSION:
            raise ConfigError(
                f"{self.folder}: made with version {version} of the rules, but this framing has {RULES_VERSION}; "
                "train it again, or install the framing that made it"
            )
        return [
            record and RuleOpinion(record["column"], 0.0, tuple(tuple(row) for row in record["log_probabilities"]))
            for record in kept
        ]

    def read_json(self, name: str) -> Any:
        """Read a JSON file of the folder."""
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

"""`framing calibrate` from files to a model folder: read, fit, measure, write."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from framing.calibration.refit import Aim, Labelled, refit
from framing.cues import Cue
from framing.decode import Calibration, decode
from framing.errors import InputError, ModelError
from framing.evaluate.evaluation import cluster_of
from framing.evaluate.inputs import read_gold
from framing.evaluate.sheets import Sheet
from framing.evaluate.spans import span_counts
from framing.gate import NETWORK, RECORD
from framing.hub import FILES, folder_of
from framing.io.jsonl import unknown_cue
from framing.model import Model
from framing.profile import count_words

LEXICON: Final = "lexicon"
_BATCH: Final = 64
_GATE: Final = frozenset({NETWORK, RECORD})
"""Files that a calibrated model has no more: the gate's recall was measured at other thresholds."""


@dataclass(frozen=True, slots=True)
class Recalibrated:
    """A model's old and new calibration, and what it finds under both in records that chose neither.

    Attributes:
        cues: the cue types.
        old: the calibration that the model had.
        new: the one it has now.
        reasons: for each cue why it keeps its threshold; empty where it doesn't.
        before: [cues, 4] gold, found, matched (overlapping) and expected spans under the old one.
        after: the same, each half of the articles under the calibration fitted on the other half.
        articles: their number.
    """

    cues: tuple[Cue, ...]
    old: Calibration
    new: Calibration
    reasons: list[str]
    before: np.ndarray[Any, np.dtype[np.float64]]
    after: np.ndarray[Any, np.dtype[np.float64]]
    articles: int

    def sheet(self, aim: Aim) -> Sheet:
        """Give the table of what has changed."""
        rows = []
        for column, cue in enumerate(self.cues):
            old, new = self.old.thresholds[column], self.new.thresholds[column]
            kept = self.reasons[column]
            before, after = self.before[column], self.after[column]
            rows.append(
                [
                    cue.name,
                    f"{before[0]:,.0f}",
                    f"{old:.2f} (n/a: {kept})" if kept else f"{old:.2f} → {new:.2f}",
                    self._map(column),
                    *(f"{_over(before[2], before[side])} → {_over(after[2], after[side])}" for side in (1, 0)),
                    f"{_over(before[3], before[0])} → {_over(after[3], after[0])}",
                ]
            )
        note = (
            f"thresholds for {aim}. precision and recall: of spans that overlap one of their type. After the arrow, "
            f"each half of the {self.articles:,} articles by what was fitted on the other half; thresholds are of all"
        )
        head = ["cue", "gold", "threshold", "probabilities", "precision", "recall", "expected / gold"]
        return Sheet("Calibration", head, rows, note, (0, 2, 3))

    def _map(self, column: int) -> str:
        found = self.new.maps[column] if self.new.maps else None
        if found is not None:
            return f"isotonic, {len(found.before)} knots"
        old, new = self.old.temperatures[column], self.new.temperatures[column]
        return f"temperature {new:.2f}" if old == new else f"temperature {old:.2f} → {new:.2f}"


def _over(above: float, below: float) -> str:
    return f"{above / below:.3f}" if below else "n/a"


def calibrate_folder(
    model: str, gold: str, target: Path, *, method: str, aim: Aim, threads: int | None = None
) -> Recalibrated:
    """Calibrate a model on labelled records and write it as a new folder.

    Args:
        model: a model folder, a hub name, or `default`.
        gold: the labelled records.
        target: the folder to write, which isn't there or is empty.
        method: `temperature`, `isotonic` or `keep`.
        aim: what thresholds are chosen for.
        threads: processor threads; None takes all cores.

    Raises:
        FramingError: the model, a record or the folder is wrong; the message names it and the mend.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target}: is there already; name a new folder with -o")
    if model == LEXICON:
        raise InputError(f"{model}: rules have no temperatures; calibrate `default` or a model folder")
    folder = folder_of(model)
    opened = Model(folder, threads=threads)
    info = opened.info
    data = _look(opened, gold)
    if not any(data.gold(info.cues)):
        raise InputError(f"{gold}: no record has a span; label some cues")
    new, reasons = refit(data, info.cues, info.calibration, method, aim)
    before = _measure(data, info.cues, info.calibration)
    after = _crossed(data, info.cues, info.calibration, method, aim)
    found = Recalibrated(info.cues, info.calibration, new, reasons, before, after, len(set(data.articles)))
    _write(folder, target, gold, data, found, method, aim)
    return found


def _look(model: Model, gold: str) -> Labelled:
    documents = [document for document in read_gold(gold) if count_words(document.text)]
    labels = [cue.name for cue in model.info.cues]
    for document in documents:
        if unknown := unknown_cue(document, labels):
            raise InputError(f"{gold}: {unknown}")
    texts = list(model.tokenizer.tokenize_documents(documents))
    logits = [one for at in range(0, len(texts), _BATCH) for one in model.run(texts[at : at + _BATCH])]
    return Labelled(documents, texts, logits, [cluster_of(document) for document in documents])


def _measure(data: Labelled, cues: Sequence[Cue], calibration: Calibration) -> np.ndarray[Any, np.dtype[np.float64]]:
    said = data.probabilities(calibration)
    found = [decode(text, one, cues, calibration.thresholds) for text, one in zip(data.texts, said, strict=True)]
    gold = [document.spans for document in data.documents]
    counts = span_counts(gold, found, [cue.name for cue in cues], strict=False).sum(axis=0)
    return np.column_stack((counts, np.sum([one.expected() for one in said], axis=0)))


def _crossed(
    data: Labelled, cues: Sequence[Cue], old: Calibration, method: str, aim: Aim
) -> np.ndarray[Any, np.dtype[np.float64]]:
    half = {owner: number % 2 for number, owner in enumerate(dict.fromkeys(data.articles))}
    total = np.zeros((len(cues), 4))
    for part in (0, 1):
        there = data.take([row for row, owner in enumerate(data.articles) if half[owner] != part])
        here = data.take([row for row, owner in enumerate(data.articles) if half[owner] == part])
        if here.documents and there.documents:
            total += _measure(here, cues, refit(there, cues, old, method, aim)[0])
    return total


def _write(source: Path, target: Path, gold: str, data: Labelled, found: Recalibrated, method: str, aim: Aim) -> None:
    record = json.loads((source / "framing.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(Path(gold).read_bytes()).hexdigest() if Path(gold).is_file() else None
    new = found.new
    for column, entry in enumerate(record["cues"]):
        entry["temperature"], entry["threshold"] = new.temperatures[column], new.thresholds[column]
        if entry["rules"] is not None and new.rules and (opinion := new.rules[column]) is not None:
            entry["rules"]["share"] = opinion.share
        if new.maps and (knots := new.maps[column]) is not None:
            entry["isotonic"] = {"before": list(knots.before), "after": list(knots.after)}
    for name in _GATE:
        record["files"].pop(name, None)
    record["voice_temperature"] = new.voice_temperature
    number = len(record.get("recalibrated", [])) + 1
    record["version"] = f"{record['version'].split('+')[0]}+calibrated.{number}"
    about = {
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "data": {"name": Path(gold).name, "sha256": digest},
        "records": len(data.documents),
        "articles": found.articles,
        "spans": sum(data.gold(found.cues)),
        "probabilities": method,
        "thresholds": str(aim),
    }
    record["recalibrated"] = [*record.get("recalibrated", []), about]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as name:
            made = Path(name) / "model"
            made.mkdir()
            for file in (name for name in FILES if name not in _GATE):
                if (source / file).exists():
                    shutil.copyfile(source / file, made / file)
            text = json.dumps(record, indent=2, ensure_ascii=False)
            (made / "framing.json").write_text(text + "\n", encoding="utf-8")
            if (made / "README.md").exists():
                with (made / "README.md").open("a", encoding="utf-8") as card:
                    card.write(_card(about, record["version"], found, aim))
            Model(made)  # what is handed over opens
            made.replace(target)
    except OSError as error:
        raise ModelError(f"{target}: can't write the model ({error.strerror}); choose another place with -o") from error


def _card(about: dict[str, Any], version: str, found: Recalibrated, aim: Aim) -> str:
    from framing.report.sheets import markdown

    return (
        f"\n## Calibrated again: version {version}\n\n"
        f"On {about['records']:,} records ({about['articles']:,} articles, {about['spans']:,} spans) of "
        f"`{about['data']['name']}`, {about['created']}. Figures above are of the model "
        "as it was exported.\n\n" + markdown([found.sheet(aim)])
    )

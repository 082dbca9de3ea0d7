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

from framing.calibration.refit import FEWEST, Aim, Labelled, refit
from framing.cues import Cue
from framing.decode import Calibration, decode
from framing.errors import InputError, ModelError
from framing.evaluate.bootstrap import Estimate, add_up, estimates
from framing.evaluate.columns import FloatArray
from framing.evaluate.evaluation import cluster_of
from framing.evaluate.inputs import read_gold
from framing.evaluate.sheets import Sheet, show, starred
from framing.evaluate.spans import span_counts
from framing.gate import NETWORK, RECORD
from framing.hub import FILES, folder_of
from framing.io.jsonl import unknown_cue
from framing.model import Model
from framing.profile import count_words

LEXICON: Final = "lexicon"
LEAST_ARTICLES: Final = 5
"""Articles below which nothing is fitted."""
FEW_ARTICLES: Final = 20
"""Articles below which the table warns."""
_BATCH: Final = 64
_DRAWS: Final = 2000
_GOLD, _FOUND, _MATCHED, _EXPECTED = range(4)
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
        before: [articles, cues, 4] gold, found, matched (overlapping) and expected spans under the old one.
        after: the same, each half of the articles under the calibration fitted on the other half.
        untold: for each cue why a half alone can't choose its threshold, so that there is no figure after.
    """

    cues: tuple[Cue, ...]
    old: Calibration
    new: Calibration
    reasons: list[str]
    before: FloatArray
    after: FloatArray
    untold: list[str]

    @property
    def articles(self) -> int:
        """Their number."""
        return len(self.before)

    def sheets(self, aim: Aim) -> list[Sheet]:
        """Give the tables of what has changed, and of what that does."""
        gold = self.before[..., 0].sum(axis=0)
        rows = []
        for column, cue in enumerate(self.cues):
            old, new = self.old.thresholds[column], self.new.thresholds[column]
            kept = self.reasons[column]
            shown = f"{old:.2f} (n/a: {kept})" if kept else f"{old:.2f} → {new:.2f}"
            rows.append([cue.name, f"{gold[column]:,.0f}", shown, self._map(column)])
        notes = [f"thresholds for {aim}", *self.warnings()]
        changed = Sheet("Calibration", ["cue", "gold", "threshold", "probabilities"], rows, ". ".join(notes), (0, 2, 3))
        return [changed, self._effect()]

    def warnings(self) -> list[str]:
        """Say where so little is labelled that chance may have chosen."""
        said = []
        if self.articles < FEW_ARTICLES:
            said.append(f"only {self.articles} articles, of {FEW_ARTICLES} or more that a fit should rest on")
        few = [
            cue.name
            for cue, gold, kept in zip(self.cues, self.before[..., 0].sum(axis=0), self.reasons, strict=True)
            if 0 < gold < FEWEST and not kept
        ]
        if few:
            said.append(f"fewer than {FEWEST} gold spans, so that chance may have chosen: {', '.join(few)}")
        return said

    def _effect(self) -> Sheet:
        before, after = _figures(self.before), _figures(self.after)
        rows = []
        for column, cue in enumerate(self.cues):
            why = self.untold[column]
            rows.append([cue.name, "before", *(show(row[column]) for row in before)])
            cells = [f"n/a: {why}", "n/a", "n/a"] if why else [show(row[column]) for row in after]
            rows.append(["", "after", *cells])
        note = (
            f"precision and recall: of spans that overlap one of their type. after: each half of the {self.articles:,} "
            "articles by what was fitted on the other half, which is less than all that the model was fitted on. 95% "
            f"intervals: BCa bootstrap over articles, {_DRAWS:,} draws"
        )
        head = ["cue", "", "precision", "recall", "expected / gold"]
        return Sheet("Before and after", head, rows, starred(rows, "articles", note), (0, 1))

    def _map(self, column: int) -> str:
        found = self.new.maps[column] if self.new.maps else None
        if found is not None:
            return f"isotonic, {len(found.before)} knots"
        old, new = self.old.temperatures[column], self.new.temperatures[column]
        return f"temperature {new:.2f}" if old == new else f"temperature {old:.2f} → {new:.2f}"


def _figures(table: FloatArray) -> list[list[Estimate]]:
    """Give precision, recall and expected over gold counts of each cue, of [articles, cues, 4] counts."""

    def shown(above: int, below: int, kind: str) -> list[Estimate]:
        def statistic(sums: FloatArray) -> FloatArray:
            return _over(sums[..., above], sums[..., below])

        return estimates(table, statistic, draws=_DRAWS, seed=0, kind=kind)

    return [shown(_MATCHED, _FOUND, "share"), shown(_MATCHED, _GOLD, "share"), shown(_EXPECTED, _GOLD, "")]


def _over(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.asarray(np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0))


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
    if (number := len(set(data.articles))) < LEAST_ARTICLES:
        raise InputError(
            f"{gold}: {number} of the {LEAST_ARTICLES} articles that a fit needs at the least ({FEW_ARTICLES} or more "
            "are better); label more"
        )
    new, reasons = refit(data, info.cues, info.calibration, method, aim)
    before = _measure(data, info.cues, info.calibration)
    after, untold = _crossed(data, info.cues, info.calibration, method, aim)
    found = Recalibrated(info.cues, info.calibration, new, reasons, before, after, untold)
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


def _measure(data: Labelled, cues: Sequence[Cue], calibration: Calibration) -> FloatArray:
    """Count by article: [articles, cues, 4] gold, found, matched and expected spans."""
    said = data.probabilities(calibration)
    found = [decode(text, one, cues, calibration.thresholds) for text, one in zip(data.texts, said, strict=True)]
    gold = [document.spans for document in data.documents]
    counts = span_counts(gold, found, [cue.name for cue in cues], strict=False)
    expected = np.stack([one.expected() for one in said])
    return add_up(data.articles, np.concatenate((counts, expected[..., None]), axis=-1))


def _crossed(
    data: Labelled, cues: Sequence[Cue], old: Calibration, method: str, aim: Aim
) -> tuple[FloatArray, list[str]]:
    """Count as `_measure` does, each half of the articles by what is fitted on the other; and say where that can't be.

    Where a half is too small to choose a threshold, `refit` keeps the old one, which would be measured as the new.
    """
    half = {owner: number % 2 for number, owner in enumerate(dict.fromkeys(data.articles))}
    counted, untold = [], [""] * len(cues)
    for part in (0, 1):
        there = data.take([row for row, owner in enumerate(data.articles) if half[owner] != part])
        here = data.take([row for row, owner in enumerate(data.articles) if half[owner] == part])
        fitted, reasons = refit(there, cues, old, method, aim)
        counted.append(_measure(here, cues, fitted))
        untold = [known or (why and f"{why}, in a half") for known, why in zip(untold, reasons, strict=True)]
    return np.concatenate(counted), untold


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
        "as it was exported.\n\n" + markdown(found.sheets(aim))
    )

"""Fit a model's temperatures or isotonic maps and its thresholds again, on a user's labelled sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.optimize import isotonic_regression

from framing.calibration.fit import calibrate, choose_thresholds
from framing.calibration.risk import (
    GRID,
    conformal,
    counts_by_threshold,
    for_precision,
    for_recall,
    missed_shares,
)
from framing.cues import Cue
from framing.decode import (
    OUTSIDE,
    Calibration,
    ProbabilityMap,
    UnitProbabilities,
    WindowLogits,
    encode_spans,
    unit_probabilities,
)
from framing.evaluate.columns import BoolArray, FloatArray
from framing.spans import Document
from framing.tokens import TokenizedText

METHODS: Final = ("temperature", "isotonic", "keep")
FEWEST: Final = 10
"""Gold spans below which a cue keeps the isotonic map that it has, and the table warns of its threshold."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labelled documents as a model sees them: one entry a document each."""

    documents: list[Document]
    texts: list[TokenizedText]
    logits: list[WindowLogits]
    articles: list[str]

    def take(self, rows: Sequence[int]) -> Labelled:
        """Give some of the documents."""
        columns = (self.documents, self.texts, self.logits, self.articles)
        return Labelled(*([column[row] for row in rows] for column in columns))  # type: ignore[arg-type]

    def probabilities(self, calibration: Calibration) -> list[UnitProbabilities]:
        """Give what the model says under a calibration."""
        return [
            unit_probabilities(text, *values, calibration) for text, values in zip(self.texts, self.logits, strict=True)
        ]

    def gold(self, cues: Sequence[Cue]) -> list[int]:
        """Count the gold spans of each cue."""
        return [sum(span.label == cue.name for one in self.documents for span in one.spans) for cue in cues]


@dataclass(frozen=True, slots=True)
class Aim:
    """What thresholds are chosen for; without any, strict micro F1.

    Attributes:
        precision: the precision to reach, or None.
        recall: the recall to reach, or None.
        risk: the highest expected share of an article's cues that are missed, or None.
    """

    precision: float | None = None
    recall: float | None = None
    risk: float | None = None

    def __str__(self) -> str:
        """Say it in words."""
        if self.risk is not None:
            return f"at most {self.risk:g} of an article's cues missed (conformal risk control)"
        told = {"precision": self.precision, "recall": self.recall}
        return next((f"{name} {value:g}" for name, value in told.items() if value is not None), "strict micro F1")


def refit(
    data: Labelled, cues: Sequence[Cue], old: Calibration, method: str, aim: Aim
) -> tuple[Calibration, list[str]]:
    """Fit again; a cue without gold spans keeps what it has.

    Args:
        data: the labelled documents.
        cues: the model's cue types.
        old: the model's calibration.
        method: one of `METHODS`; `keep` chooses thresholds alone.
        aim: what thresholds are chosen for.

    Returns:
        The calibration, and for each cue why it keeps its threshold; nothing where it doesn't.
    """
    seen = np.array(data.gold(cues))
    warm = _probabilities(data, cues, old, method, seen > 0)
    if aim == Aim():
        chosen: list[float | None] = list(choose_thresholds(data.documents, data.texts, data.logits, cues, warm))
        reasons = [""] * len(cues)
    else:
        counts = counts_by_threshold(data.documents, data.texts, data.probabilities(warm), cues, data.articles)
        chosen, reasons = zip(*(_aimed(counts[:, :, column], aim) for column in range(len(cues))), strict=True)  # type: ignore[assignment]
    reasons = ["no gold" if not number else reason for number, reason in zip(seen, reasons, strict=True)]
    thresholds = tuple(
        before if reason or after is None else after
        for before, after, reason in zip(old.thresholds, chosen, reasons, strict=True)
    )
    return replace(warm, thresholds=thresholds), reasons


def _probabilities(data: Labelled, cues: Sequence[Cue], old: Calibration, method: str, seen: BoolArray) -> Calibration:
    if method == "temperature":
        new = calibrate(data.documents, data.texts, data.logits, cues, old.rules)
        keep = [(new if here else old) for here in seen]
        return Calibration(
            tuple(one.temperatures[column] for column, one in enumerate(keep)),
            old.thresholds,
            old.voice_temperature if new.voice_temperature is None else new.voice_temperature,
            tuple(one.rules[column] for column, one in enumerate(keep)) if old.rules else (),
        )
    if method == "isotonic":
        bare = replace(old, maps=())
        said = np.concatenate([1.0 - one.cues[:, :, OUTSIDE] for one in data.probabilities(bare)])
        there = np.concatenate(
            [_present(text, one, cues) for text, one in zip(data.texts, data.documents, strict=True)]
        )
        enough = np.array(data.gold(cues)) >= FEWEST
        kept = old.maps or (None,) * len(cues)
        maps = [
            isotonic(said[:, column], there[:, column]) if enough[column] else kept[column]
            for column in range(len(cues))
        ]
        return replace(old, maps=tuple(maps))
    return old


def _present(text: TokenizedText, document: Document, cues: Sequence[Cue]) -> BoolArray:
    tags = [encode_spans(document.spans, text.units, cue.name)[0] for cue in cues]
    return np.asarray(np.stack(tags, axis=1) != OUTSIDE)


def isotonic(said: FloatArray, there: BoolArray) -> ProbabilityMap:
    """Fit an isotonic map by pooling adjacent violators; each pool is a knot at its mean probability.

    Args:
        said: [units] probabilities.
        there: [units] whether it is so.
    """
    order = np.argsort(said, kind="stable")
    fitted = isotonic_regression(there[order].astype(np.float64))
    edges = fitted.blocks
    sizes = np.diff(edges)
    means = np.add.reduceat(said[order].astype(np.float64), edges[:-1]) / sizes
    knots = np.clip([means, fitted.x[edges[:-1]]], 0.0, 1.0).round(6)
    return ProbabilityMap(*(tuple(row.tolist()) for row in knots))


def _aimed(counts: FloatArray, aim: Aim) -> tuple[float | None, str]:
    """Choose one cue's threshold from counts [thresholds, articles, 3]: it, and why there is none."""
    if aim.precision is not None:
        found = for_precision(counts, aim.precision)
        return found, "" if found is not None else f"no threshold has precision {aim.precision:g}"
    if aim.recall is not None:
        found = for_recall(counts, aim.recall)
        return found, "" if found is not None else f"no threshold has recall {aim.recall:g}"
    alpha = aim.risk or 0.0
    losses = missed_shares(counts)
    index = conformal(losses, alpha)
    if index is not None:
        return GRID[index], ""
    needed = int(np.ceil(1 / alpha - 1 - 1e-9))
    if losses.shape[1] < needed:
        return None, f"{losses.shape[1]} articles with one, {needed} needed"
    return None, f"more than {alpha:g} missed at any threshold"

"""Strict and overlap counts of predicted spans against gold spans, by type and micro-averaged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from framing.evaluate.columns import FloatArray, SpanTable, lay_out, overlaps, tabulate, tally
from framing.evaluate.matching import assign, closeness
from framing.spans import CueSpan


@dataclass(frozen=True, slots=True)
class Counts:
    """How many spans are gold, predicted, and matched; the figures follow."""

    gold: int = 0
    predicted: int = 0
    matched: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Add up documents or types."""
        return Counts(self.gold + other.gold, self.predicted + other.predicted, self.matched + other.matched)

    @property
    def precision(self) -> float:
        """Share of the predicted spans that match; 0 when there are none."""
        return self.matched / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold spans that are matched; 0 when there are none."""
        return self.matched / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 when nothing is gold or predicted."""
        total = self.gold + self.predicted
        return 2 * self.matched / total if total else 0.0


def span_counts(
    gold: Sequence[Sequence[CueSpan]], predicted: Sequence[Sequence[CueSpan]], labels: Sequence[str], *, strict: bool
) -> FloatArray:
    """Count by document and type, after pairing spans of one type, each at most once, as many as possible.

    Args:
        gold: gold spans of each document.
        predicted: predicted spans of the same documents, in the same order.
        labels: the types that count.
        strict: pairs have equal ends; else they share a character.

    Returns:
        [documents, labels, 3] counts of gold, predicted and matched spans.

    Raises:
        ValueError: gold and predictions have different numbers of documents.
    """
    places = lay_out(gold, predicted)
    ours, theirs = tabulate(gold, places, labels), tabulate(predicted, places, labels)
    left, right = overlaps(ours, theirs)
    fits = ours.label[left] == theirs.label[right]
    if strict:
        fits &= (ours.start[left] == theirs.start[right]) & (ours.end[left] == theirs.end[right])
    left, right = left[fits], right[fits]
    chosen = assign(left, right, np.zeros_like(left), closeness(ours.take(left), theirs.take(right)))
    counted = (ours, theirs, ours.take(left[chosen]))
    return np.stack([tally((len(gold), len(labels)), spans.document, spans.label) for spans in counted], axis=-1)


def count(
    gold: Iterable[Sequence[CueSpan]], predicted: Iterable[Sequence[CueSpan]], labels: Sequence[str], *, strict: bool
) -> dict[str, Counts]:
    """Count gold, predicted and matched spans by type over documents given in the same order; see `span_counts`."""
    table = span_counts(list(gold), list(predicted), labels, strict=strict).sum(axis=0)
    return {label: Counts(*map(int, row)) for label, row in zip(labels, table, strict=True)}


def micro(counts: Iterable[Counts]) -> Counts:
    """Add up the counts of several types."""
    return sum(counts, Counts())


def voice_counts(gold: SpanTable, predicted: SpanTable, documents: int, labels: int) -> FloatArray:
    """Count by document and type the right voices and the strictly matched spans of which both name a voice.

    Where several spans have the same ends and type, those with the same voice are paired.

    Returns:
        [documents, labels, 2]
    """
    left, right = overlaps(gold, predicted)
    fits = gold.label[left] == predicted.label[right]
    fits &= (gold.start[left] == predicted.start[right]) & (gold.end[left] == predicted.end[right])
    left, right = left[fits], right[fits]
    same = gold.voice[left] == predicted.voice[right]
    chosen = (
        assign(left, right, same.astype(np.int64), np.ones(len(left)))
        & (gold.voice[left] >= 0)
        & (predicted.voice[right] >= 0)
    )
    counted = (gold.take(left[chosen & same]), gold.take(left[chosen]))
    return np.stack([tally((documents, labels), spans.document, spans.label) for spans in counted], axis=-1)


def voice_accuracy(gold: Iterable[Sequence[CueSpan]], predicted: Iterable[Sequence[CueSpan]]) -> tuple[int, int]:
    """Count strictly matched spans of which both name a voice, and the right among them: (right, matched)."""
    sides = list(gold), list(predicted)
    labels = sorted({span.label for side in sides for spans in side for span in spans})
    places = lay_out(*sides)
    ours, theirs = (tabulate(side, places, labels) for side in sides)
    right, matched = voice_counts(ours, theirs, len(sides[0]), len(labels)).sum(axis=(0, 1))
    return int(right), int(matched)

"""Strict and overlap scores of predicted spans against gold spans, by type and micro-averaged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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


def match(gold: Sequence[CueSpan], predicted: Sequence[CueSpan], *, strict: bool) -> list[tuple[CueSpan, CueSpan]]:
    """Pair gold and predicted spans of one type, each at most once, so that as many as possible are paired.

    Spans of one type never overlap each other (codebook), so taking the pairs from left to right is optimal.

    Args:
        gold: spans of one type.
        predicted: spans of the same type.
        strict: equal ends, else any shared character.
    """
    pairs: list[tuple[CueSpan, CueSpan]] = []
    left, right = sorted(gold), sorted(predicted)
    i = j = 0
    while i < len(left) and j < len(right):
        one, other = left[i], right[j]
        same = (one.start, one.end) == (other.start, other.end)
        if same or (not strict and one.overlaps(other)):
            pairs.append((one, other))
            i, j = i + 1, j + 1
        elif (one.end, one.start) <= (other.end, other.start):
            i += 1
        else:
            j += 1
    return pairs


def count(
    gold: Iterable[Sequence[CueSpan]], predicted: Iterable[Sequence[CueSpan]], labels: Sequence[str], *, strict: bool
) -> dict[str, Counts]:
    """Count gold, predicted and matched spans by type over documents given in the same order."""
    totals = dict.fromkeys(labels, Counts())
    for one, other in zip(gold, predicted, strict=True):
        for label in labels:
            ours = [span for span in one if span.label == label]
            theirs = [span for span in other if span.label == label]
            if ours or theirs:
                totals[label] += Counts(len(ours), len(theirs), len(match(ours, theirs, strict=strict)))
    return totals


def micro(counts: Iterable[Counts]) -> Counts:
    """Add up the counts of several types."""
    return sum(counts, Counts())


def voice_accuracy(gold: Iterable[Sequence[CueSpan]], predicted: Iterable[Sequence[CueSpan]]) -> tuple[int, int]:
    """Count strictly matched spans with a gold voice, and those among them whose voice is right: (right, matched)."""
    right = matched = 0
    for one, other in zip(gold, predicted, strict=True):
        found = {(span.start, span.end, span.label): span.voice for span in other}
        for span in one:
            key = (span.start, span.end, span.label)
            if span.voice is not None and key in found:
                matched += 1
                right += found[key] == span.voice
    return right, matched

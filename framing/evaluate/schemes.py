"""Span schemes: what counts as right, and for how much.

The four of SemEval-2013 task 9 (Segura-Bedmar et al. 2013, https://aclanthology.org/S13-2056) by the names of
`nervaluate`: `strict` (equal ends and type), `exact` (equal ends), `partial` (equal ends count 1, an overlap 0.5) and
`type` (an overlap with the same type, which is also called overlap F1). `token` counts words and marks with their
types.
The partial credit of SemEval-2020 task 11, `ptc`, is in `framing.evaluate.ptc`.

A type's row looks at its own spans alone. The row of all types, `micro`, looks at all spans together, so that in
`exact`, `partial` and `ptc` a span of another type may be right there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from framing.evaluate.columns import BoolArray, FloatArray, IntArray, SpanTable, overlaps, tally
from framing.evaluate.matching import assign, closeness
from framing.text import units

SEMEVAL: Final = ("strict", "exact", "partial", "type")
OUTCOMES: Final = ("correct", "incorrect", "partial", "missed", "spurious")
_CORRECT, _INCORRECT, _PARTIAL, _MISSED, _SPURIOUS = range(len(OUTCOMES))


def semeval(gold: SpanTable, predicted: SpanTable, documents: int, labels: int) -> dict[str, FloatArray]:
    """Count the outcomes of the four schemes of SemEval-2013.

    Spans are paired so that as many as possible are correct and then as many as possible overlap.

    Returns:
        For each of `SEMEVAL` [documents, labels + 1, 5] of `OUTCOMES`; the last row is `micro`.
    """
    left, right = overlaps(gold, predicted)
    close = closeness(gold.take(left), predicted.take(right))
    ends = (gold.start[left] == predicted.start[right]) & (gold.end[left] == predicted.end[right])
    types = gold.label[left] == predicted.label[right]
    everywhere = np.ones_like(types)
    ours, theirs = (numbers(side, documents, labels) for side in (gold, predicted))
    tables = {}
    for scheme, correct in zip(SEMEVAL, (ends & types, ends, ends, types), strict=True):
        pairs = [_paired(left, right, mask, correct, close) for mask in (types, everywhere)]
        chosen = np.concatenate(pairs)
        spans = gold.take(left[chosen])
        row = np.concatenate((spans.label[: len(pairs[0])], np.full(len(pairs[1]), labels)))
        outcome = np.where(correct[chosen], _CORRECT, _PARTIAL if scheme == "partial" else _INCORRECT)
        table = tally((documents, labels + 1, len(OUTCOMES)), spans.document, row, outcome)
        paired = table.sum(axis=-1)
        table[..., _MISSED] = ours - paired
        table[..., _SPURIOUS] = theirs - paired
        tables[scheme] = table
    return tables


def _paired(left: IntArray, right: IntArray, mask: BoolArray, correct: BoolArray, close: FloatArray) -> IntArray:
    """Choose among the pairs of a mask [pairs], correct ones first; gives their indices."""
    among = np.flatnonzero(mask)
    return among[assign(left[among], right[among], correct[among].astype(np.int64), close[among])]


def credits_of(outcomes: FloatArray) -> FloatArray:
    """Make credits [..., 4] of outcomes [..., 5]: a partial match counts half."""
    right = outcomes[..., _CORRECT] + 0.5 * outcomes[..., _PARTIAL]
    paired = outcomes[..., :_MISSED].sum(axis=-1)
    predicted, gold = paired + outcomes[..., _SPURIOUS], paired + outcomes[..., _MISSED]
    return np.stack((right, predicted, right, gold), axis=-1)


def numbers(spans: SpanTable, documents: int, labels: int) -> FloatArray:
    """Count spans: [documents, labels + 1], the last column for all types."""
    table = tally((documents, labels), spans.document, spans.label)
    return np.column_stack((table, table.sum(axis=1)))


def words(texts: Sequence[str], places: IntArray) -> IntArray:
    """Give the words and marks of all texts: [words, 3] of document, start and end on the line."""
    found = [units(text) for text in texts]
    document = np.repeat(np.arange(len(texts)), [len(one) for one in found])
    ranges = np.concatenate(found) if found else np.empty((0, 2), dtype=np.int64)
    return np.column_stack((document, ranges + places[document][:, None]))


def token_credits(gold: SpanTable, predicted: SpanTable, tokens: IntArray, documents: int, labels: int) -> FloatArray:
    """Count words and marks that spans touch, each once a type: credits [documents, labels + 1, 4].

    Args:
        gold: gold spans.
        predicted: predicted spans.
        tokens: [words, 3], as `words` gives them.
        documents: their number.
        labels: their number.
    """
    table = np.zeros((documents, labels + 1, 4))
    for label in range(labels):
        ours, theirs = (_touched(side.take(side.label == label), tokens) for side in (gold, predicted))
        for column, mask in enumerate((ours & theirs, theirs, ours & theirs, ours)):
            table[:, label, column] = np.bincount(tokens[mask, 0], minlength=documents)
    table[:, -1] = table[:, :-1].sum(axis=1)
    return table


def _touched(spans: SpanTable, tokens: IntArray) -> BoolArray:
    """Tell of each word or mark whether a span shares a character with it."""
    steps = np.zeros(len(tokens) + 1, dtype=np.int64)
    np.add.at(steps, np.searchsorted(tokens[:, 2], spans.start, side="right"), 1)
    np.add.at(steps, np.searchsorted(tokens[:, 1], spans.end, side="left"), -1)
    return np.cumsum(steps[:-1]) > 0

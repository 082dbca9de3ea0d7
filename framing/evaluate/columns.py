"""Spans of a corpus as columns: documents are laid end to end on one line, so that NumPy counts all of them at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from framing.spans import VOICES, CueSpan

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_VOICE: Final = {voice: number for number, voice in enumerate(VOICES)}


@dataclass(frozen=True, slots=True)
class SpanTable:
    """Spans, sorted by document, start, end, label and voice, whatever order they came in.

    Attributes:
        document: [spans] index of each span's document.
        start: [spans] first code point, counted from the start of the line.
        end: [spans] code point after the last one, on the line.
        label: [spans] index in the list of labels.
        voice: [spans] index in `VOICES`, -1 where unknown.
    """

    document: IntArray
    start: IntArray
    end: IntArray
    label: IntArray
    voice: IntArray

    def __len__(self) -> int:
        """Give the number of spans."""
        return len(self.start)

    def take(self, chosen: BoolArray | IntArray) -> SpanTable:
        """Give some of the spans, by a mask or by indices."""
        columns = (self.document, self.start, self.end, self.label, self.voice)
        return SpanTable(*(column[chosen] for column in columns))


def lay_out(*sides: Sequence[Sequence[CueSpan]], lengths: Iterable[int] | None = None) -> IntArray:
    """Give each document's place on the line: [documents + 1], the last being the line's end.

    Args:
        sides: gold and predictions, each a list of spans a document.
        lengths: of the texts, where they are known; else documents end with their last span.
    """
    if lengths is None:
        if len(set(map(len, sides))) > 1:
            counts = " and ".join(str(len(side)) for side in sides)
            raise ValueError(f"gold and predictions cover different documents ({counts})")
        lengths = (max((span.end for span in chain(*spans)), default=0) for spans in zip(*sides, strict=True))
    return np.concatenate(([0], np.cumsum(np.fromiter(lengths, dtype=np.int64)))).astype(np.int64)


def tabulate(side: Sequence[Sequence[CueSpan]], places: IntArray, labels: Sequence[str] | None) -> SpanTable:
    """Make columns of the spans of each document.

    Args:
        side: the spans of each document.
        places: [documents + 1] from `lay_out`.
        labels: the labels that count; spans of others are left out. None counts all of them as one.
    """
    number = None if labels is None else {label: index for index, label in enumerate(labels)}
    rows = [
        (document, span.start, span.end, 0 if number is None else number[span.label], _VOICE.get(span.voice or "", -1))
        for document, spans in enumerate(side)
        for span in spans
        if number is None or span.label in number
    ]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    columns = columns[:, np.lexsort(columns[::-1])]
    document, start, end, label, voice = columns
    return SpanTable(document, start + places[document], end + places[document], label, voice)


def tally(shape: tuple[int, ...], *where: IntArray | int) -> FloatArray:
    """Count how often each cell of an array of this shape is named; `where` has an index, or indices, an axis."""
    cells = np.ravel_multi_index(np.broadcast_arrays(*where), shape)
    return np.bincount(cells, minlength=math.prod(shape)).astype(np.float64).reshape(shape)


def overlaps(gold: SpanTable, predicted: SpanTable) -> tuple[IntArray, IntArray]:
    """Give every pair of a gold and a predicted span that share a character, as two arrays of indices [pairs].

    Predicted spans are sorted by start; those that may meet a gold one begin before its end, and lie behind the last
    that ends before its start, which the running maximum of the ends finds in any nest.
    """
    if not len(gold) or not len(predicted):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    first = np.searchsorted(np.maximum.accumulate(predicted.end), gold.start, side="right")
    numbers = np.maximum(np.searchsorted(predicted.start, gold.end, side="left") - first, 0)
    left = np.repeat(np.arange(len(gold)), numbers)
    right = np.arange(len(left)) - np.repeat(np.cumsum(numbers) - numbers - first, numbers)
    meet = predicted.end[right] > gold.start[left]
    return left[meet], right[meet]

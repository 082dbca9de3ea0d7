"""Krippendorff's alpha on tokens, as a function of sums over documents, so that documents can be resampled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from framing.agreement.annotators import Annotations
from framing.evaluate.columns import BoolArray, FloatArray, IntArray
from framing.spans import CueSpan
from framing.text import units

ABSENT = -1
"""The value of a token that an annotator didn't read."""


class Tokens:
    """The words and marks of all documents, and what annotators put on them."""

    def __init__(self, annotations: Annotations) -> None:
        """Cut the texts."""
        self.marked = annotations.marked
        self.units = [units(document.text) for document in annotations.documents]
        lengths = [len(found) for found in self.units]
        self.document: IntArray = np.repeat(np.arange(len(lengths)), lengths)
        self._first = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)

    def in_type(self, labels: Sequence[str]) -> IntArray:
        """Tell whether tokens are in a span of one of these types: [annotators, tokens] of 1, 0 and `ABSENT`."""
        return np.stack([self._values(spans, [set(labels)]) for spans in self.marked.values()])

    def types(self, labels: Sequence[str]) -> IntArray:
        """Give each token the set of types that are on it, as a number: [annotators, tokens], or `ABSENT`."""
        found = np.stack([self._values(spans, [{label} for label in labels]) for spans in self.marked.values()])
        values, codes = np.unique(found, return_inverse=True)  # few of the sets occur
        return np.asarray(codes.reshape(found.shape) - int((values == ABSENT).any()), dtype=np.int64)

    def _values(self, marked: Sequence[tuple[CueSpan, ...] | None], groups: Sequence[set[str]]) -> IntArray:
        values = np.zeros(len(self.document), dtype=np.int64)
        for number, spans in enumerate(marked):
            here = values[self._first[number] : self._first[number + 1]]
            if spans is None:
                here[:] = ABSENT
                continue
            for bit, labels in enumerate(groups):
                inside: BoolArray = np.zeros(len(here), dtype=bool)
                for span in spans:
                    if span.label in labels:
                        starts, ends = self.units[number].T
                        inside |= (starts < span.end) & (ends > span.start)
                here[inside] |= 1 << bit
        return values


def nominal_table(values: IntArray, document: IntArray, documents: int) -> FloatArray:
    """Count values and agreeing pairs of them by document.

    Args:
        values: [annotators, units] nominal values from 0, or `ABSENT`.
        document: [units] index of each unit's document.
        documents: number of documents.

    Returns:
        [documents, values + 1]: how often each value stands in units that two annotators or more read, and, last, the
        sum over the diagonal of the matrix of coincidences.
    """
    there = (values != ABSENT).sum(axis=0)
    pairable = there > 1
    columns, agreeing = [], np.zeros(values.shape[1])
    for value in range(int(values.max(initial=0)) + 1):
        number = np.where(pairable, (values == value).sum(axis=0), 0)
        agreeing += number * (number - 1) / np.maximum(there - 1, 1)
        columns.append(number)
    return np.stack([np.bincount(document, column, documents) for column in [*columns, agreeing]], axis=1)


def nominal_alpha(sums: FloatArray) -> FloatArray:
    """Give Krippendorff's alpha for nominal values of sums [..., values + 1] of `nominal_table`.

    After Krippendorff (2011), "Computing Krippendorff's alpha-reliability",
    https://repository.upenn.edu/handle/20.500.14332/2089. NaN where all values are the same: nothing could disagree.
    """
    number = sums[..., :-1].sum(axis=-1)
    observed = number - sums[..., -1]
    expected = number**2 - (sums[..., :-1] ** 2).sum(axis=-1)
    ratio = np.divide((number - 1) * observed, expected, out=np.full(number.shape, np.nan), where=expected > 0)
    return np.asarray(1 - ratio)

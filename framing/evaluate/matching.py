"""One-to-one matching of gold and predicted spans that is optimal and doesn't depend on the order of records.

Pairs of spans that overlap make a graph; in each connected part the best assignment is found by the method of Jonker
and Volgenant in the form of Crouse (2016), https://doi.org/10.1109/TAES.2016.140952. Nearly all parts are one pair.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from framing.evaluate.columns import BoolArray, FloatArray, IntArray, SpanTable


def closeness(gold: SpanTable, predicted: SpanTable) -> FloatArray:
    """Give the Jaccard similarity of the characters of pairs of spans that overlap: [pairs], in (0, 1]."""
    shared = np.minimum(gold.end, predicted.end) - np.maximum(gold.start, predicted.start)
    joined = np.maximum(gold.end, predicted.end) - np.minimum(gold.start, predicted.start)
    return np.asarray(shared / joined)


def assign(left: IntArray, right: IntArray, rank: IntArray, close: FloatArray) -> BoolArray:
    """Choose pairs so that each span is in at most one.

    As many pairs as possible of the highest rank are chosen, then as many as possible of the next, and so on down to
    rank 0; of the choices that are equal in this the one with the closest pairs is taken.

    Args:
        left: [pairs] indices of gold spans.
        right: [pairs] indices of predicted spans.
        rank: [pairs] whole numbers from 0.
        close: [pairs] in [0, 1].

    Returns:
        [pairs] which are chosen.
    """
    chosen = np.ones(len(left), dtype=bool)
    if not len(left):
        return chosen
    crowded = (np.bincount(left)[left] > 1) | (np.bincount(right)[right] > 1)
    if not crowded.any():
        return chosen
    # A pair alone is a part of its own, so leaving those out leaves the other parts whole.
    where = np.flatnonzero(crowded)
    where = where[np.lexsort((-close[where], -rank[where]))]
    part = _parts(left[where], right[where])
    order = np.argsort(part, kind="stable")  # parts one after the other, each with its best pair first
    where, edges = where[order], np.flatnonzero(np.diff(part[order])) + 1
    for group in np.split(where, edges):
        rows, columns = left[group], right[group]
        if (rows == rows[0]).all() or (columns == columns[0]).all():  # one span that meets several: the best pair wins
            chosen[group[1:]] = False
        else:
            chosen[group] = _best(rows, columns, rank[group], close[group])
    return chosen


def _parts(left: IntArray, right: IntArray) -> IntArray:
    """Number the connected parts: [pairs]."""
    rows, columns = int(left.max()) + 1, int(right.max()) + 1
    graph = coo_array((np.ones(len(left)), (left, rows + right)), shape=(rows + columns, rows + columns))
    _, part = connected_components(graph, directed=False)
    return np.asarray(part[left], dtype=np.int64)


def _best(left: IntArray, right: IntArray, rank: IntArray, close: FloatArray) -> BoolArray:
    """Solve one part: the gain of a pair is larger than that of all pairs of lower ranks together."""
    rows, row = np.unique(left, return_inverse=True)
    columns, column = np.unique(right, return_inverse=True)
    most = min(len(rows), len(columns)) + 1
    gain = np.zeros((len(rows), len(columns)))
    gain[row, column] = float(most) ** rank + close / most
    partner = dict(zip(*linear_sum_assignment(gain, maximize=True), strict=True))
    return np.fromiter((partner.get(one) == other for one, other in zip(row, column, strict=True)), dtype=bool)

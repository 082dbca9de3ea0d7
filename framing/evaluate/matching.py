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
    rows, columns = left[crowded], right[crowded]
    shape = (int(rows.max()) + 1, int(columns.max()) + 1)
    size = sum(shape)
    graph = coo_array((np.ones(len(rows)), (rows, shape[0] + columns)), shape=(size, size))
    _, part = connected_components(graph, directed=False)
    order = np.argsort(part[rows], kind="stable")
    edges = np.flatnonzero(np.diff(part[rows][order])) + 1
    where = np.flatnonzero(crowded)
    for group in np.split(order, edges):
        chosen[where[group]] = _best(rows[group], columns[group], rank[where[group]], close[where[group]])
    return chosen


def _best(left: IntArray, right: IntArray, rank: IntArray, close: FloatArray) -> BoolArray:
    """Solve one part: the gain of a pair is larger than that of all pairs of lower ranks together."""
    rows, row = np.unique(left, return_inverse=True)
    columns, column = np.unique(right, return_inverse=True)
    most = min(len(rows), len(columns)) + 1
    gain = np.zeros((len(rows), len(columns)))
    gain[row, column] = float(most) ** rank + close / most
    partner = dict(zip(*linear_sum_assignment(gain, maximize=True), strict=True))
    return np.fromiter((partner.get(one) == other for one, other in zip(row, column, strict=True)), dtype=bool)

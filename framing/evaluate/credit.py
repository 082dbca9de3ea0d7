"""Precision, recall and F1 of credits: what all figures of this package are made of.

A credit is four sums: the predicted spans' credit, their number, the gold spans' credit, their number. Sums over
documents are what is resampled; figures are made of sums only.
"""

from __future__ import annotations

import numpy as np

from framing.evaluate.columns import BoolArray, FloatArray


def precision(credits: FloatArray) -> FloatArray:
    """Give the predicted spans' credit over their number, of [..., 4]; NaN where nothing is predicted."""
    return _over(credits[..., 0], credits[..., 1])


def recall(credits: FloatArray) -> FloatArray:
    """Give the gold spans' credit over their number, of [..., 4]; NaN where nothing is gold."""
    return _over(credits[..., 2], credits[..., 3])


def f1(credits: FloatArray) -> FloatArray:
    """Give the harmonic mean of precision and recall of [..., 4]; NaN where nothing is gold, 0 where none is right."""
    one, other = precision(credits), recall(credits)
    total = one + other
    score = np.divide(2 * one * other, total, out=np.zeros_like(total), where=total > 0)
    return np.where(credits[..., 3] > 0, score, np.nan)


def occurs(credits: FloatArray) -> BoolArray:
    """Tell which types of [..., 4] are in gold or predicted: those that macro figures are about."""
    return np.asarray((credits[..., 1] > 0) | (credits[..., 3] > 0))


def macro(figures: FloatArray, there: BoolArray, axis: int) -> FloatArray:
    """Give the mean over the types that are `there`, as scikit-learn does: one without the figure counts as 0.

    NaN where no type is there. A type that is predicted but never gold lowers all three figures, so that they are means
    over the same types.
    """
    number = np.broadcast_to(there, figures.shape).sum(axis=axis).astype(np.float64)
    return _over(np.where(there, np.nan_to_num(figures), 0.0).sum(axis=axis), number)


def _over(part: FloatArray, whole: FloatArray) -> FloatArray:
    out = np.full(np.shape(whole), np.nan)
    np.divide(part, whole, out=out, where=whole > 0)
    return out

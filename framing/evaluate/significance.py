"""Tests whether two systems differ: paired approximate randomization, McNemar's test, and Holm's correction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from framing.evaluate.bootstrap import parts
from framing.evaluate.columns import BoolArray, FloatArray

_TIE = 1e-12


def approximate_randomization(
    first: FloatArray,
    second: FloatArray,
    statistic: Callable[[FloatArray], FloatArray],
    *,
    rounds: int,
    seed: int,
) -> FloatArray:
    """Test whether two systems have the same figures (Noreen 1989; Yeh 2000, https://aclanthology.org/C00-2137).

    In each round every cluster's counts are swapped between the systems with probability 1/2. The p-value is the share
    of rounds, the observed one among them, in which figures differ at least as much as observed.

    Args:
        first: [clusters, ...] counts of one system.
        second: the same of the other.
        statistic: from [..., ...] sums of counts to figures [...].
        rounds: number of rounds.
        seed: of the swaps.

    Returns:
        p-values, of the shape of the figures; NaN where a figure is.
    """
    random = np.random.default_rng(seed)
    total = np.stack((first.sum(axis=0), second.sum(axis=0)))
    observed = np.abs(np.subtract(*statistic(total)))
    difference = (second - first).reshape(len(first), -1)
    reached = np.zeros(observed.shape)
    for part in parts(rounds, len(first)):
        swaps = random.integers(0, 2, (part.stop - part.start, len(first))).astype(np.float64)
        moved = (swaps @ difference).reshape(-1, *first.shape[1:])
        # Counts that cancel out leave rounding errors, which figures would take for spans.
        sums = [np.where(np.abs(one) < 1e-9, 0.0, one) for one in (total[0] + moved, total[1] - moved)]
        apart = np.abs(statistic(sums[0]) - statistic(sums[1]))
        reached += (apart >= observed - _TIE).sum(axis=0)
    return np.where(np.isnan(observed), np.nan, (reached + 1) / (rounds + 1))


def holm(p: FloatArray) -> FloatArray:
    """Correct p-values [tests, ...] of one family for their number (Holm 1979); those that are NaN are no tests."""
    family = (~np.isnan(p)).sum(axis=0)
    order = np.argsort(p, axis=0)
    rank = np.arange(len(p)).reshape(-1, *[1] * (p.ndim - 1))
    stepped = np.minimum(np.maximum.accumulate(np.take_along_axis(p, order, axis=0) * (family - rank), axis=0), 1.0)
    corrected = np.empty_like(p)
    np.put_along_axis(corrected, order, stepped, axis=0)
    return corrected


def mcnemar(first: BoolArray, second: BoolArray) -> float:
    """Test whether two systems are right on the same number of decisions: McNemar's (1947) test in its exact form.

    Args:
        first: [decisions] whether one system is right.
        second: the same of the other.

    Returns:
        The two-sided p-value; 1 where they are right on the same decisions.
    """
    from scipy.stats import binomtest  # slow to import, and only sentences need it

    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    if not only_first + only_second:
        return 1.0
    return float(binomtest(only_first, only_first + only_second).pvalue)

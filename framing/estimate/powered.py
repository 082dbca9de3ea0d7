"""Prediction-powered inference for ratios and regression coefficients, clustered by article.

Angelopoulos et al. 2023 (https://doi.org/10.1126/science.adi6000) and, for the power tuning, Angelopoulos, Duchi and
Zrnic 2023 (PPI++, https://arxiv.org/abs/2311.01453). All figures are roots of one estimating equation, the weighted
least squares of gold rates on a design with weights `size`: a rate is the regression on a constant. What the model
found among all articles stands in for gold, and the labelled ones tell how far it is off.

Figures come with their influence functions, from which covariances follow, also between figures of strata that share
articles, and by the delta method those of differences and ratios.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, logit, stdtrit

from framing.evaluate.bootstrap import LEVEL, Estimate
from framing.evaluate.columns import BoolArray, FloatArray, IntArray

FEWEST: Final = 5
"""Labelled articles below which a variance means nothing."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Figures and how much each cluster (article) moves them.

    Attributes:
        value: [figures].
        clusters: [clusters] their numbers, ascending.
        influence: [clusters, figures]; the sum of a column's squares is the figure's variance.
        df: degrees of freedom of the intervals if influences were normal.
    """

    value: FloatArray
    clusters: IntArray
    influence: FloatArray
    df: float

    @property
    def variance(self) -> FloatArray:
        """The variances of the figures."""
        return np.asarray((self.influence**2).sum(axis=0))

    @property
    def freedom(self) -> FloatArray:
        """Degrees of freedom of the figures' intervals, [figures]: `freedom` of their influences, at most `df`."""
        return np.minimum(self.df, freedom(self.influence))

    def intervals(self) -> list[Estimate]:
        """Give the figures with 95% t intervals."""
        return [
            interval(float(value), float(variance), float(df))
            for value, variance, df in zip(self.value, self.variance, self.freedom, strict=True)
        ]

    def rate(self, *, share: bool = False) -> Estimate:
        """Give the first figure as a rate, with an interval on the scale of logarithms (of a share: of log-odds).

        Cues are rare, so that the estimates are skewed: on this scale intervals miss equally on both sides.
        """
        return rate_interval(float(self.value[0]), float(self.variance[0]), float(self.freedom[0]), share=share)


@dataclass(frozen=True, slots=True)
class Articles:
    """One cue in all scored articles, and in those of them that are labelled.

    Attributes:
        size: [articles] what rates are per: thousands of words, or 1 where it is articles.
        found: [articles] what the model found, a count or an expected count.
        gold: [articles] what is there; only read where `labelled`.
        labelled: [articles] which are labelled.
        cluster: [articles] the number of each one's cluster.
    """

    size: FloatArray
    found: FloatArray
    gold: FloatArray
    labelled: BoolArray
    cluster: IntArray

    def take(self, chosen: BoolArray | IntArray) -> Articles:
        """Give some of them, by a mask or by indices."""
        return Articles(
            self.size[chosen], self.found[chosen], self.gold[chosen], self.labelled[chosen], self.cluster[chosen]
        )


def interval(value: float, variance: float, df: float) -> Estimate:
    """Give a figure with its 95% t interval."""
    reach = float(stdtrit(df, (1 + LEVEL) / 2)) * variance**0.5
    return Estimate(value, value - reach, value + reach)


def rate_interval(value: float, variance: float, df: float, *, share: bool = False) -> Estimate:
    """Give a rate with its 95% t interval on the scale of logarithms, or a share with one on that of log-odds."""
    if value <= 0 or (share and value >= 1):
        plain = interval(value, variance, df)
        most = 1.0 if share else np.inf
        return Estimate(*(min(most, max(0.0, end)) for end in (plain.value, plain.low, plain.high)))
    slope = 1 / (value * (1 - value)) if share else 1 / value
    moved = interval(float(logit(value)) if share else np.log(value), variance * slope**2, df)
    back = expit if share else np.exp
    return Estimate(value, float(back(moved.low)), float(back(moved.high)))


def freedom(influence: FloatArray) -> FloatArray:
    """Give the degrees of freedom of sums of squares, [figures], by matching their variance (Satterthwaite 1946).

    A sum of squares of n normal influences has about n. Where few articles carry a figure, as with rare cues, it
    is less sure: with kurtosis k it has 2n / (k - 1).

    Args:
        influence: [clusters, figures]; clusters without any are not counted.
    """
    square = influence**2
    power = square.sum(axis=0) ** 2
    fourth = (square**2).sum(axis=0)
    number = np.maximum((square > 0).sum(axis=0), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 2 / (fourth / power - 1 / number)
    return np.where((power > 0) & (found > 0), found, np.inf)


def naive(articles: Articles, design: FloatArray | None = None) -> Fit:
    """Take what the model found for the truth."""
    return _fit(articles, _constant(articles, design), articles.found, np.ones(len(articles.size), dtype=bool))


def gold_alone(articles: Articles, design: FloatArray | None = None) -> Fit:
    """Use the labelled articles alone, as if there were no model."""
    return _fit(articles, _constant(articles, design), articles.gold, articles.labelled)


def powered(articles: Articles, design: FloatArray | None = None) -> Fit:
    """Correct what the model found by the labelled articles (PPI++).

    The weight of the model is for each figure the one with the least variance in [0, 1]: with a model that knows
    nothing the figures are those of `gold_alone`.

    Args:
        articles: all of them.
        design: [articles, figures] of full rank among the labelled; None is a constant, which gives the rate.

    Raises:
        ValueError: too few labelled clusters (`FEWEST` and one more for each further figure), or a design without full
            rank there; it says which.
    """
    design = _constant(articles, design)
    if articles.labelled.all():
        return gold_alone(articles, design)
    found = [_tuned_figure(articles, design, column) for column in range(design.shape[1])]
    value = np.array([fit.value[column] for column, fit in enumerate(found)])
    influence = np.stack([fit.influence[:, column] for column, fit in enumerate(found)], axis=1)
    return Fit(value, found[0].clusters, influence, found[0].df)


def _tuned_figure(articles: Articles, design: FloatArray, column: int) -> Fit:
    """Give the fit at the weight that is best for one of its figures."""
    weight = 0.0
    for _ in range(2):  # the second round computes the weight at the tuned figures
        _, gold, found = _parts(articles, design, weight)
        weight = tuned(gold.influence[:, column], found.influence[:, column])
    value, gold, found = _parts(articles, design, weight)
    return Fit(value, gold.clusters, gold.influence - weight * found.influence, gold.df)


def tuned(gold: FloatArray, found: FloatArray) -> float:
    """Give the model's weight with the least variance: the regression of influences on influences, kept in [0, 1]."""
    power = float((found**2).sum())
    return min(1.0, max(0.0, float((gold * found).sum()) / power)) if power > 0 else 0.0


def _parts(articles: Articles, design: FloatArray, weight: float) -> tuple[FloatArray, Fit, Fit]:
    """Give the figures, and the influences of gold and, to be taken off `weight` times, of the model."""
    labelled, rest = articles.labelled, ~articles.labelled
    df = _residual_df(articles, labelled, design.shape[1])
    gold, found, others = (
        _sums(articles, design, counts, mask)
        for counts, mask in ((articles.gold, labelled), (articles.found, labelled), (articles.found, rest))
    )
    matrix = gold[0] + weight * (others[0] - found[0])
    value = _solve(matrix, gold[1] + weight * (others[1] - found[1]))
    clusters, row = np.unique(articles.cluster, return_inverse=True)
    spread = (len(np.unique(articles.cluster[labelled])) / df) ** 0.5
    ours = _influence(articles, design, articles.gold, labelled, value, row, len(clusters)) * spread
    theirs = _influence(articles, design, articles.found, labelled, value, row, len(clusters)) * spread
    theirs -= _influence(articles, design, articles.found, rest, value, row, len(clusters))
    inverse = _inverse(matrix)
    return value, Fit(value, clusters, ours @ inverse, df), Fit(value, clusters, theirs @ inverse, df)


def _fit(articles: Articles, design: FloatArray, counts: FloatArray, mask: BoolArray) -> Fit:
    df = _residual_df(articles, mask, design.shape[1])
    matrix, right = _sums(articles, design, counts, mask)
    value = _solve(matrix, right)
    clusters, row = np.unique(articles.cluster[mask], return_inverse=True)
    rows = np.zeros(len(mask), dtype=np.int64)
    rows[mask] = row
    influence = _influence(articles, design, counts, mask, value, rows, len(clusters))
    return Fit(value, clusters, influence @ _inverse(matrix) * (len(clusters) / df) ** 0.5, df)


def _constant(articles: Articles, design: FloatArray | None) -> FloatArray:
    return np.ones((len(articles.size), 1)) if design is None else design


def _residual_df(articles: Articles, mask: BoolArray, figures: int) -> float:
    number = len(np.unique(articles.cluster[mask]))
    df = number - figures
    if df < FEWEST - 1:
        raise ValueError(f"{number} of the {FEWEST - 1 + figures} articles that are needed")
    return float(df)


def _solve(matrix: FloatArray, right: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)


def _inverse(matrix: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _sums(articles: Articles, design: FloatArray, counts: FloatArray, mask: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Give both sides of the normal equations, as means over the articles of a mask."""
    x, number = design[mask], mask.sum()
    matrix = (x * articles.size[mask, None]).T @ x / number
    if np.linalg.matrix_rank(matrix) < len(matrix):
        raise ValueError("the articles don't tell the terms apart")
    return matrix, x.T @ counts[mask] / number


def _influence(
    articles: Articles,
    design: FloatArray,
    counts: FloatArray,
    mask: BoolArray,
    value: FloatArray,
    row: IntArray,
    clusters: int,
) -> FloatArray:
    """Add up by cluster what each article adds to the mean of the estimating function: [clusters, figures]."""
    x = design[mask]
    score = x * (counts[mask] - articles.size[mask] * (x @ value))[:, None]
    score -= score.mean(axis=0)
    columns = [np.bincount(row[mask], weights=column, minlength=clusters) for column in score.T]
    return np.asarray(np.stack(columns, axis=1) / mask.sum())


def difference(one: Fit, other: Fit) -> Estimate:
    """Give the first figure of one fit minus that of another."""
    return _contrast(one, other, (1.0, -1.0), float(one.value[0] - other.value[0]))


def ratio(one: Fit, other: Fit) -> Estimate | None:
    """Give the first figure of one fit over that of another, by the delta method on logarithms; None below 0."""
    up, down = float(one.value[0]), float(other.value[0])
    if up <= 0 or down <= 0:
        return None
    logarithm = _contrast(one, other, (1 / up, -1 / down), np.log(up / down))
    return Estimate(*(float(np.exp(end)) for end in (logarithm.value, logarithm.low, logarithm.high)))


def _contrast(one: Fit, other: Fit, weights: tuple[float, float], value: float) -> Estimate:
    """Give a function of two figures, with at most Welch's degrees of freedom."""
    own, its = (float(fit.variance[0]) * weight**2 for fit, weight in zip((one, other), weights, strict=True))
    below = own**2 / one.df + its**2 / other.df
    welch = (own + its) ** 2 / below if below > 0 else min(one.df, other.df)
    return combine([one, other], weights, value, welch).intervals()[0]


def ratio_of_sums(above: FloatArray, below: FloatArray, cluster: IntArray) -> Fit:
    """Give a ratio of sums over all rows of its columns, with the influence of each cluster.

    Args:
        above: [rows].
        below: [rows], whose sum isn't 0.
        cluster: [rows].
    """
    clusters, row = np.unique(cluster, return_inverse=True)
    total = below.sum()
    value = above.sum() / total
    moved = np.bincount(row, weights=above - value * below) / total
    df = max(len(clusters) - 1, 1)
    return Fit(np.array([value]), clusters, moved[:, None] * (len(clusters) / df) ** 0.5, float(df))


def combine(fits: Sequence[Fit], weights: Sequence[float], value: float, df: float) -> Fit:
    """Give a function of several figures, whose derivatives are the weights (delta method)."""
    clusters = np.unique(np.concatenate([fit.clusters for fit in fits]))
    influence = np.zeros((len(clusters), 1))
    for fit, weight in zip(fits, weights, strict=True):
        influence[np.searchsorted(clusters, fit.clusters)] += weight * fit.influence[:, :1]
    return Fit(np.array([value]), clusters, influence, df)

"""Bootstrap over clusters (articles) with bias-corrected and accelerated intervals (BCa; Efron 1987).

Figures are functions of sums over clusters, so that a resample is one row of a product of matrices. Figures that stand
beside each other are resampled together: their differences are paired.

Where all resamples give the same figure (13 of 13 are right), the bootstrap knows no doubt, and its interval would have
no width. What is a proportion then has the exact interval of Clopper and Pearson (1934), in which each cluster that
carries anything counts once; the F1 of counts is 2J / (1 + J) of the proportion J of spans on either side that are
matched. Anything else has no interval.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr, ndtri

from framing.evaluate.columns import BoolArray, FloatArray
from framing.evaluate.spans import span_counts
from framing.spans import CueSpan

LEVEL: Final = 0.95
_CELLS: Final = 2_000_000
"""Weights that are drawn at once; bounds memory, whatever the number of clusters."""


ONE: Final = "one cluster"
STILL: Final = "no resample differs"
"""Why there is a figure without an interval."""

EXACT: Final = (
    "*: no resample differs, so the interval is exact (Clopper-Pearson), {} that carry any counting once each"
)
"""What a table says in which intervals have a star."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% interval, whose ends are NaN where there is none.

    Attributes:
        value: the figure.
        low: the lower end.
        high: the upper end.
        reason: why there is no interval.
        exact: whether it is the exact interval of a figure in which no resample differs.
    """

    value: float
    low: float
    high: float
    reason: str = field(default="", kw_only=True)
    exact: bool = field(default=False, kw_only=True)

    def __str__(self) -> str:
        """Show it as `0.750 [0.731, 0.768]`, an exact interval with a star; without an interval it says why."""
        return f"{self.value:.3f} {self.ends}"

    @property
    def ends(self) -> str:
        """The interval alone."""
        if np.isnan(self.low):
            return f"[n/a: {self.reason or ONE}]"
        return f"[{self.low:.3f}, {self.high:.3f}]" + "*" * self.exact


def add_up(clusters: Sequence[Hashable], table: FloatArray) -> FloatArray:
    """Add up the rows [documents, ...] of each cluster, clusters in the order in which they come first."""
    row = {cluster: number for number, cluster in enumerate(dict.fromkeys(clusters))}
    total = np.zeros((len(row), *table.shape[1:]))
    np.add.at(total, [row[cluster] for cluster in clusters], table)
    return total


def resample(table: FloatArray, *, draws: int, seed: int) -> FloatArray:
    """Draw clusters with replacement and add them up: [clusters, ...] to [draws, ...]."""
    random = np.random.default_rng(seed)
    number = len(table)
    flat = table.reshape(number, -1)
    sums = np.empty((draws, flat.shape[1]))
    for part in parts(draws, number):
        rows = part.stop - part.start
        places = random.integers(0, number, (rows, number)) + number * np.arange(rows)[:, None]
        weights = np.bincount(places.ravel(), minlength=rows * number).reshape(rows, number)
        sums[part] = weights.astype(np.float64) @ flat
    return sums.reshape(draws, *table.shape[1:])


def parts(draws: int, clusters: int) -> Iterator[slice]:
    """Cut draws into runs that fit into memory together."""
    size = max(1, _CELLS // max(clusters, 1))
    for start in range(0, draws, size):
        yield slice(start, min(start + size, draws))


def leave_one_out(table: FloatArray) -> FloatArray:
    """Give the sums of [clusters, ...] without each cluster in turn; those that are nothing are exactly 0."""
    left = table.sum(axis=0) - table
    return np.where(np.abs(left) < 1e-9, 0.0, left)


def bca(value: FloatArray, drawn: FloatArray, without: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the ends of BCa intervals (Efron 1987, https://doi.org/10.1080/01621459.1987.10478410).

    Draws in which a figure is NaN (a rare type that a resample lacks) don't count for it.

    Args:
        value: [...] the figures.
        drawn: [draws, ...] the figures of the resamples.
        without: [clusters, ...] the figures without each cluster in turn.

    Returns:
        Lower and upper ends [...]; NaN where the figure is.
    """
    there = np.maximum((~np.isnan(drawn)).sum(axis=0), 1)
    below = ((drawn < value).sum(axis=0) + 0.5 * (drawn == value).sum(axis=0)) / there
    bias = ndtri(np.clip(below, 0.5 / there, 1 - 0.5 / there))
    known = ~np.isnan(without)
    mean = np.where(known, without, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    lack = np.where(known, mean - without, 0.0)
    spread = (lack**2).sum(axis=0) ** 1.5
    speed = np.divide((lack**3).sum(axis=0), 6 * spread, out=np.zeros_like(spread), where=spread > 0)
    ordered = np.sort(drawn, axis=0)
    ends = []
    for tail in ((1 - LEVEL) / 2, (1 + LEVEL) / 2):
        shifted = bias + ndtri(tail)
        share = ndtr(bias + shifted / (1 - speed * shifted))
        place = share * (there - 1)
        first = np.floor(place).astype(np.int64)
        low, high = (
            np.take_along_axis(ordered, np.minimum(index, there - 1)[None], axis=0)[0] for index in (first, first + 1)
        )
        ends.append(np.where(np.isnan(value), np.nan, low + (place - first) * (high - low)))
    return ends[0], ends[1]


def still(value: FloatArray, drawn: FloatArray) -> BoolArray:
    """Tell which figures [...] are the same in all resamples [draws, ...] that have them."""
    moved = np.where(np.isnan(drawn), 0.0, np.abs(drawn - value)).max(axis=0)
    return np.asarray(~np.isnan(value) & (moved < 1e-9))


def exact_ends(value: FloatArray, number: FloatArray, is_f1: bool | BoolArray) -> tuple[FloatArray, FloatArray]:
    """Give the ends of exact intervals (Clopper and Pearson 1934, https://doi.org/10.1093/biomet/26.4.404).

    Args:
        value: [...] proportions, or F1.
        number: [...] of how many: of articles, not of spans, since those of one article may stand and fall together.
        is_f1: [...] which are F1.
    """
    number = np.maximum(number, 1.0)
    share = np.where(is_f1, value / (2 - value), value)
    hits = np.clip(np.round(share * number, 9), 0.0, number)
    tail = (1 - LEVEL) / 2
    low = np.where(hits > 0, betaincinv(np.where(hits > 0, hits, 1.0), number - hits + 1, tail), 0.0)
    left = number - hits
    high = np.where(left > 0, betaincinv(hits + 1, np.where(left > 0, left, 1.0), 1 - tail), 1.0)
    return np.where(is_f1, 2 * low / (1 + low), low), np.where(is_f1, 2 * high / (1 + high), high)


def f1(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give F1 of [..., 3] counts of gold, predicted and matched spans; NaN where nothing is gold, as in `credit.f1`."""
    total = counts[..., 0] + counts[..., 1]
    return np.divide(2 * counts[..., 2], total, out=np.full_like(total, np.nan), where=counts[..., 0] > 0)


def bootstrap(
    table: FloatArray,
    statistic: Callable[[FloatArray], FloatArray] = f1,
    *,
    draws: int = 2000,
    seed: int = 0,
    carry: int | None = None,
) -> Estimate:
    """Give a figure of sums over clusters with its interval.

    Args:
        table: [clusters, ...] counts.
        statistic: from [..., ...] sums to a figure.
        draws: number of resamples.
        seed: of the resampling.
        carry: of an F1, how many clusters carry any: where no resample differs it gets an exact interval.
    """
    value = np.asarray(statistic(table.sum(axis=0)))
    sums = resample(table, draws=draws, seed=seed)
    drawn = statistic(sums)
    low, high = bca(value, drawn, statistic(leave_one_out(table)))
    # A resample without any has no F1, though the statistic gives 0.
    exact = carry is not None and bool(still(value, np.where(sums[..., :2].any(axis=-1), drawn, np.nan)))
    if exact:
        low, high = exact_ends(value, np.array(float(carry or 0)), is_f1=True)
    return Estimate(float(value), float(low), float(high), exact=exact)


def estimates(
    table: FloatArray, statistic: Callable[[FloatArray], FloatArray], *, draws: int, seed: int, kind: str = ""
) -> list[Estimate]:
    """Give figures [n] of sums over clusters [clusters, ...] with BCa intervals, NaN where there is one cluster.

    Args:
        table: the counts.
        statistic: from sums to figures; NaN of a cluster that carries nothing.
        draws: number of resamples.
        seed: of the resampling.
        kind: `f1` or `share`, which have an exact interval where no resample differs; else there is none then.
    """
    value = statistic(table.sum(axis=0))
    low = high = np.full(value.shape, np.nan)
    same = np.zeros(value.shape, dtype=bool)
    if len(table) > 1:
        drawn = statistic(resample(table, draws=draws, seed=seed))
        low, high = bca(value, drawn, statistic(leave_one_out(table)))
        same = still(value, drawn)
        number = (~np.isnan(statistic(table))).sum(axis=0).astype(np.float64)
        ends = exact_ends(value, number, kind == "f1") if kind else (np.full_like(value, np.nan),) * 2
        low, high = (np.where(same, end, plain) for end, plain in zip(ends, (low, high), strict=True))
    return [
        Estimate(*map(float, row), reason=STILL if one and not kind else "", exact=bool(one and kind))
        for *row, one in zip(value, low, high, same, strict=True)
    ]


def paired_difference(
    first: FloatArray, second: FloatArray, statistic: Callable[[FloatArray], FloatArray] = f1
) -> Estimate:
    """Give a figure of one system minus that of another, paired over clusters; both tables are [clusters, columns]."""
    return bootstrap(
        np.stack((first, second), axis=1), lambda sums: statistic(sums[..., 0, :]) - statistic(sums[..., 1, :])
    )


def cluster_counts(
    clusters: Sequence[Hashable],
    gold: Sequence[Sequence[CueSpan]],
    predicted: Sequence[Sequence[CueSpan]],
    labels: Sequence[str],
    *,
    strict: bool,
) -> FloatArray:
    """Count gold, predicted and matched spans: an array [clusters, labels, 3]."""
    return add_up(clusters, span_counts(gold, predicted, labels, strict=strict))


def carrying(counts: FloatArray) -> int:
    """Count the clusters of [clusters, 3] gold, predicted and matched that have anything gold or predicted."""
    return int((counts[:, :2] > 0).any(axis=1).sum())


def f1_table(
    clusters: Sequence[Hashable],
    gold: Sequence[Sequence[CueSpan]],
    predicted: Sequence[Sequence[CueSpan]],
    labels: Sequence[str],
) -> dict[str, dict[str, Estimate]]:
    """Give `{label or "micro": {"strict": ..., "overlap": ...}}` with 95% intervals over clusters.

    A label that gold lacks has no figure: it and its interval are NaN.
    """
    figures: dict[str, dict[str, Estimate]] = {label: {} for label in [*labels, "micro"]}
    for name in ("strict", "overlap"):
        table = cluster_counts(clusters, gold, predicted, labels, strict=name == "strict")
        for column, label in enumerate(labels):
            figures[label][name] = bootstrap(table[:, column], carry=carrying(table[:, column]))
        every = table.sum(axis=1)
        figures["micro"][name] = bootstrap(every, carry=carrying(every))
    return figures

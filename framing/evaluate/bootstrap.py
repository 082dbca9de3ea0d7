"""Percentile bootstrap over clusters (articles) for F1 figures (Efron and Tibshirani 1993, ch. 13)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.evaluate.spans import count
from framing.spans import CueSpan


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Show it as `0.750 [0.731, 0.768]`."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def cluster_counts(
    clusters: Sequence[Hashable],
    gold: Sequence[Sequence[CueSpan]],
    predicted: Sequence[Sequence[CueSpan]],
    labels: Sequence[str],
    *,
    strict: bool,
) -> NDArray[np.float64]:
    """Count gold, predicted and matched spans: an array [clusters, labels, 3]."""
    place = {cluster: row for row, cluster in enumerate(dict.fromkeys(clusters))}
    table = np.zeros((len(place), len(labels), 3))
    for cluster, one, other in zip(clusters, gold, predicted, strict=True):
        for column, counts in enumerate(count([one], [other], labels, strict=strict).values()):
            table[place[cluster], column] += (counts.gold, counts.predicted, counts.matched)
    return table


def f1(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give F1 of [..., 3] counts of gold, predicted and matched spans; 0 where there are none."""
    total = counts[..., 0] + counts[..., 1]
    return np.divide(2 * counts[..., 2], total, out=np.zeros_like(total), where=total > 0)


def bootstrap(
    table: NDArray[np.float64],
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]] = f1,
    *,
    draws: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Resample clusters with replacement.

    Args:
        table: [clusters, 3] counts of one type, or of all types added up.
        statistic: from [..., 3] counts to a figure.
        draws: number of resamples.
        seed: of the resampling.
    """
    random = np.random.default_rng(seed)
    weights = random.multinomial(len(table), np.full(len(table), 1 / len(table)), size=draws)
    low, high = np.quantile(statistic(weights @ table), (0.025, 0.975))
    return Estimate(float(statistic(table.sum(axis=0))), float(low), float(high))


def f1_table(
    clusters: Sequence[Hashable],
    gold: Sequence[Sequence[CueSpan]],
    predicted: Sequence[Sequence[CueSpan]],
    labels: Sequence[str],
) -> dict[str, dict[str, Estimate]]:
    """Give `{label or "micro": {"strict": ..., "overlap": ...}}` with 95% intervals over clusters."""
    figures: dict[str, dict[str, Estimate]] = {label: {} for label in [*labels, "micro"]}
    for name in ("strict", "overlap"):
        table = cluster_counts(clusters, gold, predicted, labels, strict=name == "strict")
        for column, label in enumerate(labels):
            figures[label][name] = bootstrap(table[:, column])
        figures["micro"][name] = bootstrap(table.sum(axis=1))
    return figures

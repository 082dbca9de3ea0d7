"""Calibration of the scores of found spans, or labels of sentences: are of those with 0.8 eight in ten right?

Expected calibration error over 15 bins of equal width (Guo et al. 2017, https://arxiv.org/abs/1706.04599) and of equal
numbers (adaptive; Nguyen and O'Connor 2015, https://aclanthology.org/D15-1182); the Brier score and its parts by
Murphy (1973), with what varies inside bins counted to resolution (Stephenson et al. 2008,
https://doi.org/10.1175/2007WAF2006116.1), so that Brier = reliability - resolution + uncertainty holds exactly; and the
area under the risk-coverage curve (Geifman et al. 2019, https://arxiv.org/abs/1805.08206).

Few spans have a large ECE by chance alone. What chance gives is shown beside it: the ECE of labels drawn as the scores
say, so of scores that hold (consistency resampling; Broecker and Smith 2007, https://doi.org/10.1175/WAF993.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from framing.evaluate.bootstrap import LEVEL, STILL, Estimate, bca, exact_ends, leave_one_out, parts, resample, still
from framing.evaluate.columns import BoolArray, FloatArray, IntArray, lay_out, overlaps, tabulate
from framing.evaluate.errors import in_order
from framing.evaluate.matching import assign, closeness
from framing.spans import CueSpan

BINS: Final = 15
FIGURES: Final = ("ECE", "adaptive ECE", "Brier", "reliability", "resolution", "uncertainty", "AURC")
CHANCE: Final = "ECE by chance"
FEWEST: Final = 25
"""Spans in a bin of equal numbers; of few spans fewer than `BINS` bins are made, at least two."""

RIGHT: Final = {"spans": ("strict", "type"), "sentences": ("gold",)}
"""When what was found counts as right, in each task: equal ends and type, an overlap of its type; a label of gold's."""

_GROUPS: Final = 200
"""Groups of clusters that are left out in turn where single ones would take too long."""

_BIASED: Final = [FIGURES.index(name) for name in ("ECE", "adaptive ECE", "reliability", "resolution")]
_LOWEST, _HIGHEST = np.array([0.0, 0.0, 0.0, -1.0]), np.array([1.0, 1.0, 1.0, 0.25])
"""What these can be at most and at least: resolution counts what varies inside bins, too, and so may be negative."""
_NUMBER, _SCORE, _HIT, _SQUARE, _PRODUCT = range(5)


@dataclass(frozen=True, slots=True)
class Scores:
    """Found spans with their scores.

    Attributes:
        score: [spans]
        right: [spans] whether it is right, for each of the task's `RIGHT`.
        label: [spans] index of the type.
        cluster: [spans] number of the cluster.
    """

    score: FloatArray
    right: dict[str, BoolArray]
    label: IntArray
    cluster: IntArray


@dataclass(frozen=True, slots=True)
class Reliability:
    """The calibration of one type's spans, or of all.

    Attributes:
        label: the type, or `all`.
        right: when a span is right, one of the task's `RIGHT`.
        spans: number of found spans.
        clusters: number of clusters that have one.
        figures: [7] of `FIGURES` with intervals.
        chance: the ECE that the same scores would have if they held: mean, and the range of 95% of draws.
        mean: [bins] mean score of bins of equal numbers.
        share: [bins] share that is right, with intervals.
        coverage: [points] shares of the spans, best scores first.
        risk: [points] share among them that is wrong.
    """

    label: str
    right: str
    spans: int
    clusters: int
    figures: list[Estimate]
    chance: Estimate
    mean: list[float]
    share: list[Estimate]
    coverage: FloatArray
    risk: FloatArray

    def to_record(self) -> dict[str, Any]:
        """Give the figures as a flat record."""
        record: dict[str, Any] = {"label": self.label, "right": self.right, "spans": self.spans}
        for name, found in (*zip(FIGURES, self.figures, strict=True), (CHANCE, self.chance)):
            ends = (("", found.value), ("_low", found.low), ("_high", found.high))
            key = name.lower().replace(" ", "_")
            record |= {f"{key}{end}": None if np.isnan(value) else round(value, 6) for end, value in ends}
        return record


def scores_of(
    gold: Sequence[Sequence[CueSpan]],
    runs: Sequence[Sequence[Sequence[CueSpan]]],
    labels: Sequence[str],
    clusters: Sequence[str],
    task: str = "spans",
) -> Scores | None:
    """Gather the found spans of a system's runs; None if one of them has no score, or there are none.

    Args:
        gold: spans of each document; of sentences the labels, from `framing.evaluate.sentences.prepare`.
        runs: of each run the same.
        labels: the types that count.
        clusters: of each document.
        task: `spans` or `sentences`.
    """
    number = {cluster: row for row, cluster in enumerate(dict.fromkeys(clusters))}
    of_document = np.array([number[cluster] for cluster in clusters], dtype=np.int64)
    gathered = []
    for found in runs:
        places = lay_out(gold, found)
        ours, theirs = tabulate(gold, places, labels), tabulate(found, places, labels)
        score = [span.score for span in in_order(found, labels)]
        if any(one is None for one in score):
            return None
        left, right = overlaps(ours, theirs)
        types = ours.label[left] == theirs.label[right]
        left, right = left[types], right[types]
        ends = (ours.start[left] == theirs.start[right]) & (ours.end[left] == theirs.end[right])
        chosen = assign(left, right, ends.astype(np.int64), closeness(ours.take(left), theirs.take(right)))
        hits = {name: np.zeros(len(theirs), dtype=bool) for name in RIGHT[task]}
        for name, hit in hits.items():
            hit[right[chosen if name == "type" else chosen & ends]] = True
        gathered.append(Scores(np.array(score, dtype=np.float64), hits, theirs.label, of_document[theirs.document]))
    joined = Scores(
        np.concatenate([one.score for one in gathered]),
        {name: np.concatenate([one.right[name] for one in gathered]) for name in RIGHT[task]},
        np.concatenate([one.label for one in gathered]),
        np.concatenate([one.cluster for one in gathered]),
    )
    return joined if len(joined.score) else None


def reliability(scores: Scores, labels: Sequence[str], scheme: str, *, draws: int, seed: int) -> list[Reliability]:
    """Give the calibration of all spans under each of the task's `RIGHT`, and of each type's under the one asked for.

    Args:
        scores: the found spans.
        labels: the types.
        scheme: one of these, for the rows of types.
        draws: resamples of clusters.
        seed: of the resampling.
    """
    everything = np.ones(len(scores.score), dtype=bool)
    wanted = [("all", right, everything) for right in scores.right]
    wanted += [(label, scheme, scores.label == number) for number, label in enumerate(labels)]
    return [
        _one(label, right, scores.score[mask], scores.right[right][mask], scores.cluster[mask], draws, seed)
        for label, right, mask in wanted
        if mask.any()
    ]


def _one(
    label: str, right: str, score: FloatArray, hit: BoolArray, cluster: IntArray, draws: int, seed: int
) -> Reliability:
    order = np.argsort(-score, kind="stable")
    score, right_ones = score[order], hit[order].astype(np.float64)
    clusters, owner = np.unique(cluster[order], return_inverse=True)
    wide = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    bins = int(np.clip(len(score) // FEWEST, 2, BINS))
    even = np.searchsorted(np.quantile(score, np.arange(1, bins) / bins), score, side="left")  # equal scores together
    columns = np.stack((np.ones_like(score), score, right_ones, score**2, score * right_ones), axis=1)
    table = np.zeros((len(clusters), 2, BINS, columns.shape[1]))
    for side, place in enumerate((wide, even)):
        np.add.at(table[:, side], (owner, place), columns)
    drawn, without = resample(table, draws=draws, seed=seed), leave_one_out(table)
    value, figures = _figures(table.sum(axis=0)), _figures(drawn)
    low, high = bca(value, figures, _figures(without))
    low[_BIASED], high[_BIASED] = _basic(value[_BIASED], figures[:, _BIASED], _LOWEST, _HIGHEST)
    same = still(value, figures)
    area, areas = (
        _aurc(np.ones((1, len(right_ones))), right_ones),
        _areas(owner, len(clusters), right_ones, draws, seed),
    )
    value, low, high, same = (
        np.append(one, end)
        for one, end in zip((value, low, high, same), (area, *bca(area, *areas), still(area, areas[0])), strict=True)
    )
    low, high = np.where(same, np.nan, low), np.where(same, np.nan, high)
    total = table.sum(axis=0)[1]
    shares = [_over(sums[..., 1, :, _HIT], sums[..., 1, :, _NUMBER]) for sums in (table.sum(axis=0), drawn, without)]
    below, above = bca(*shares)
    sure = still(*shares[:2])
    ends = exact_ends(shares[0], (table[:, 1, :, _NUMBER] > 0).sum(axis=0).astype(np.float64), is_f1=False)
    below, above = (np.where(sure, end, plain) for end, plain in zip(ends, (below, above), strict=True))
    if len(clusters) < 2:
        low, high, below, above = (np.full_like(end, np.nan) for end in (low, high, below, above))
    filled = np.flatnonzero(total[:, _NUMBER])
    return Reliability(
        label,
        right,
        len(score),
        len(clusters),
        [
            Estimate(*map(float, row), reason=STILL if len(clusters) > 1 and one else "")
            for *row, one in zip(value, low, high, same, strict=True)
        ],
        _by_chance(score, wide, draws, seed),
        [float(total[row, _SCORE] / total[row, _NUMBER]) for row in filled],
        [Estimate(float(shares[0][row]), float(below[row]), float(above[row])) for row in filled],
        np.arange(1, len(score) + 1) / len(score),
        1 - np.cumsum(right_ones) / np.arange(1, len(score) + 1),
    )


def _by_chance(score: FloatArray, wide: IntArray, draws: int, seed: int) -> Estimate:
    """Give the ECE of labels that are drawn from the scores themselves."""
    random = np.random.default_rng(seed)
    inside = np.eye(BINS)[wide]
    drawn = np.empty(draws)
    for part in parts(draws, len(score)):
        right = random.random((part.stop - part.start, len(score))) < score
        drawn[part] = np.abs((right - score) @ inside).sum(axis=1) / len(score)
    return Estimate(float(drawn.mean()), *np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist())


def _basic(
    value: FloatArray, drawn: FloatArray, lowest: FloatArray, highest: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Give basic bootstrap intervals of figures that noise raises: in resamples still more than here.

    Where the figure itself is little but noise they would lie below it; they are widened to hold it, and cut where the
    figure can't be.
    """
    low, high = 2 * value - np.quantile(drawn, [(1 + LEVEL) / 2, (1 - LEVEL) / 2], axis=0)
    return np.minimum(np.maximum(low, lowest), value), np.maximum(np.minimum(high, highest), value)


def _figures(sums: FloatArray) -> FloatArray:
    """Give the figures but the last of sums [..., 2, bins, 5] over spans: [..., 6]."""
    number = sums[..., 0, :, _NUMBER].sum(axis=-1)
    gap = np.abs(sums[..., _HIT] - sums[..., _SCORE]).sum(axis=-1)
    even = sums[..., 1, :, :]
    total = even.sum(axis=-2)
    brier = _over(total[..., _SQUARE] - 2 * total[..., _PRODUCT] + total[..., _HIT], number)
    rate = _over(total[..., _HIT], number)
    off = _over((even[..., _HIT] - even[..., _SCORE]) ** 2, even[..., _NUMBER])
    murphy = _over(np.nan_to_num(off).sum(axis=-1), number)
    uncertainty = rate * (1 - rate)
    parts_of_it = (murphy, murphy + uncertainty - brier, uncertainty)
    return np.stack((_over(gap[..., 0], number), _over(gap[..., 1], number), brier, *parts_of_it), axis=-1)


def _areas(owner: IntArray, clusters: int, hit: FloatArray, draws: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Give the area under the risk-coverage curve of resamples [draws, 1], and without groups of clusters [.., 1]."""
    random = np.random.default_rng(seed)
    even = np.full(clusters, 1 / clusters)
    drawn = np.empty(draws)
    for part in parts(draws, len(hit)):
        weights = random.multinomial(clusters, even, part.stop - part.start)
        drawn[part] = _aurc(weights[:, owner].astype(np.float64), hit)
    groups = min(clusters, _GROUPS)
    without = _aurc((owner[None] % groups != np.arange(groups)[:, None]).astype(np.float64), hit)
    return drawn[:, None], without[:, None]


def _aurc(weights: FloatArray, hit: FloatArray) -> FloatArray:
    """Give the mean, over the spans by falling score, of the share of wrong ones so far: [rows] of [rows, spans]."""
    so_far = weights.cumsum(axis=1)
    risk = _over((weights * (1 - hit)).cumsum(axis=1), so_far)
    return _over((np.nan_to_num(risk) * weights).sum(axis=1), so_far[:, -1])


def _over(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.asarray(np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0))

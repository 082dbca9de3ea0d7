"""How many articles to label for an interval of a wanted width.

A labelled sample of n of the N articles gives the rate with the variance of prediction-powered inference at its best
weight, (A - B^2 / (C (1 + n / (N - n)))) / n, where A, B and C are the variances and the covariance of gold and model
in an article. A pilot sample tells them. Without one they are what follows if the model's probabilities are calibrated:
the model's expected count is then the mean of the gold count, whose own variance around it follows from the scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from framing.estimate.inputs import strata
from framing.estimate.powered import Articles
from framing.estimate.rates import ALL, Archive
from framing.evaluate.bootstrap import LEVEL
from framing.evaluate.columns import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Plan:
    """What it takes for one cue in one stratum.

    Attributes:
        cue: the type.
        stratum: the stratum.
        articles: number of scored articles.
        rate: the rate that is expected.
        width: the wanted width, from end to end.
        alone: articles to label without the model, or the reason why there is no number.
        corrected: articles to label with it.
    """

    cue: str
    stratum: str
    articles: int
    rate: float
    width: float
    alone: int | str
    corrected: int | str


def plan(
    archive: Archive,
    by: Sequence[str],
    cues: Sequence[str],
    *,
    width: float,
    relative: bool,
    pilot: bool,
) -> list[Plan]:
    """Plan for each cue and stratum.

    Args:
        archive: the articles, with a pilot sample or an empty one.
        by: the fields whose combined values are the strata.
        cues: the types; `all` for all together.
        width: the wanted width of the 95% interval from end to end.
        relative: the width is a share of the rate.
        pilot: take variances from the pilot sample of the whole archive; else from the scores.
    """
    everything = np.arange(len(archive.scored.ids))
    found = dict(strata(archive.scored, by)) if by else {}
    plans = []
    for cue in cues:
        articles, doubt = archive.cue(cue)[1], archive.doubt(cue)
        for name, chosen in {ALL: everything, **found}.items():
            here = articles.take(chosen)
            rate = float(here.found.sum() / here.size.sum()) if here.size.sum() else 0.0
            spread: tuple[float, float, float] | str = "no words" if not rate else ""
            if rate:
                spread = _pilot(here) if pilot else _promised(here, doubt[chosen])
            wanted = width * rate if relative else width
            if isinstance(spread, str):
                plans.append(Plan(cue, name, len(chosen), rate, wanted, spread, spread))
                continue
            needed = (wanted / 2 / float(ndtri((1 + LEVEL) / 2))) ** 2
            gold, both, model = spread
            numbers = [least(needed, gold, covariance, model, len(chosen)) for covariance in (0.0, both)]
            plans.append(Plan(cue, name, len(chosen), rate, wanted, *numbers))
    return plans


def least(needed: float, gold: float, both: float, model: float, articles: int) -> int | str:
    """Give the smallest sample whose variance is at most `needed`.

    Args:
        needed: the variance of the rate.
        gold: variance of the gold part of an article.
        both: its covariance with the model's part.
        model: variance of the model's part.
        articles: number of articles.
    """

    def variance(number: int) -> float:
        saved = both**2 / model * (1 - number / articles) if model > 0 else 0.0
        return (gold - saved) / number

    low, high = 2, articles
    if variance(articles) > needed:
        return f"more than the {articles:,} there are"
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if variance(middle) <= needed else (middle + 1, high)
    return low


def _pilot(articles: Articles) -> tuple[float, float, float] | str:
    """Give the variances in the labelled articles of the estimating functions at the gold rate."""
    sample = articles.take(articles.labelled)
    if len(sample.size) < 2 or not sample.size.sum():
        return "no gold"
    if not sample.gold.sum():
        return "no gold cue in the sample"
    rate, mean = sample.gold.sum() / sample.size.sum(), articles.size.mean()
    parts = np.stack((sample.gold - rate * sample.size, sample.found - rate * sample.size)) / mean
    owners = _by_cluster(parts, sample.cluster)
    covariance = owners @ owners.T / max(owners.shape[1] - 1, 1) * owners.shape[1] / len(sample.size)
    return float(covariance[0, 0]), float(covariance[0, 1]), float(covariance[1, 1])


def _promised(articles: Articles, doubt: FloatArray) -> tuple[float, float, float]:
    """Give the same as calibrated probabilities promise: gold is the expected count and noise of variance `doubt`."""
    rate, mean = articles.found.sum() / articles.size.sum(), articles.size.mean()
    part = _by_cluster((articles.found - rate * articles.size)[None] / mean, articles.cluster)
    model = float((part**2).sum() / len(articles.size))
    return model + float(doubt.mean() / mean**2), model, model


def _by_cluster(parts: FloatArray, cluster: IntArray) -> FloatArray:
    """Center rows [parts, articles] and add them up by cluster: [parts, clusters]."""
    row = np.unique(cluster, return_inverse=True)[1]
    centred = parts - parts.mean(axis=1, keepdims=True)
    return np.stack([np.bincount(row, weights=one) for one in centred])

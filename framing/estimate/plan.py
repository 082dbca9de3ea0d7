"""How many articles to label for an interval of a wanted width.

A labelled sample of n of the N records gives the rate with the variance of prediction-powered inference at its best
weight, (A - B^2 / (C (1 + n / (N - n)))) / n, where A, B and C are the variances and the covariance of gold and model
in a record. A pilot sample tells them. Without one they are what follows if the model's probabilities are calibrated:
the model's expected count is then the mean of the gold count, whose own variance around it follows from the scores.

`framing estimate` takes t intervals, whose degrees of freedom are few where few articles carry a cue, and refuses fewer
than five articles. So does the plan: degrees of freedom are those of Satterthwaite for n articles with the kurtosis of
the pilot's influences, or of counts that are Poisson around the scores' promise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from framing.estimate.inputs import strata
from framing.estimate.powered import FEWEST, Articles, rate_interval
from framing.estimate.rates import ALL, SHARE, Archive
from framing.evaluate.columns import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Spread:
    """How gold and model vary in the records of a stratum.

    Attributes:
        gold: variance of the gold part of a record.
        both: its covariance with the model's part.
        model: variance of the model's part.
        kurtosis: from a weight of the model to the kurtosis of an article's gold minus that weight times its model.
        records: number of records.
        articles: number of articles that they are of.
    """

    gold: float
    both: float
    model: float
    kurtosis: Callable[[float], float]
    records: int
    articles: int

    def drawn(self, number: int) -> float:
        """Give how many articles are to be expected in as many records."""
        return float(self.articles * (1 - (1 - number / self.records) ** (self.records / self.articles)))

    def width(self, number: int, rate: float, *, corrected: bool, share: bool = False) -> float:
        """Give the width to be expected of the 95% interval of a rate from a number of labelled records."""
        weight = 0.0
        if corrected and self.model > 0:
            weight = min(1.0, max(0.0, self.both / self.model * (1 - number / self.records)))
        articles = self.drawn(number)
        ours = (self.gold - 2 * weight * self.both + weight**2 * self.model) / number * articles / (articles - 1)
        rest = weight**2 * self.model / (self.records - number) if weight else 0.0
        peaked = self.kurtosis(weight) - 1
        freedom = 2 * articles / peaked if peaked > 0 else np.inf
        if ours > 0:  # what the other records add is sure
            freedom *= ((ours + rest) / ours) ** 2
        found = rate_interval(rate, ours + rest, min(articles - 1, freedom), share=share)
        return found.high - found.low


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
            spread: Spread | str = "no words" if not rate else ""
            if rate:
                spread = _pilot(here) if pilot else _promised(here, doubt[chosen])
            wanted = width * rate if relative else width
            share = archive.measure == SHARE
            numbers = [
                spread if isinstance(spread, str) else least(wanted, rate, spread, corrected=corrected, share=share)
                for corrected in (False, True)
            ]
            plans.append(Plan(cue, name, len(np.unique(here.cluster)), rate, wanted, *numbers))
    return plans


def least(wanted: float, rate: float, spread: Spread, *, corrected: bool, share: bool = False) -> int | str:
    """Give the smallest sample whose interval is at most as wide as wanted, or the reason why there is none.

    Args:
        wanted: the width from end to end.
        rate: the rate to be expected.
        spread: how gold and model vary.
        corrected: with the model; else by gold alone.
        share: the rate is a share.
    """
    if spread.articles < FEWEST:
        return f"{spread.articles} of the {FEWEST} articles that are needed"
    low, high = FEWEST, spread.records
    while spread.drawn(low) < FEWEST - 1e-9:
        low += 1
    if spread.width(high, rate, corrected=corrected, share=share) > wanted:
        return f"more than the {spread.records:,} records there are"
    while low < high:
        middle = (low + high) // 2
        fits = spread.width(middle, rate, corrected=corrected, share=share) <= wanted
        low, high = (low, middle) if fits else (middle + 1, high)
    return low


def _pilot(articles: Articles) -> Spread | str:
    """Take the variances in the labelled articles of the estimating functions at the gold rate."""
    sample = articles.take(articles.labelled)
    if len(sample.size) < 2 or not sample.size.sum():
        return "no gold"
    if not sample.gold.sum():
        return "no gold cue in the sample"
    rate, mean = sample.gold.sum() / sample.size.sum(), articles.size.mean()
    parts = np.stack((sample.gold - rate * sample.size, sample.found - rate * sample.size)) / mean
    owners = _by_cluster(parts, sample.cluster)
    covariance = owners @ owners.T / max(owners.shape[1] - 1, 1) * owners.shape[1] / len(sample.size)

    def kurtosis(weight: float) -> float:
        square = (owners[0] - weight * owners[1]) ** 2
        return float((square**2).mean() / square.mean() ** 2) if square.any() else 1.0

    return _spread(articles, float(covariance[0, 0]), float(covariance[0, 1]), float(covariance[1, 1]), kurtosis)


def _promised(articles: Articles, doubt: FloatArray) -> Spread:
    """Take what calibrated probabilities promise: gold is the expected count and noise of variance `doubt`."""
    rate, mean = articles.found.sum() / articles.size.sum(), articles.size.mean()
    part = _by_cluster((articles.found - rate * articles.size)[None], articles.cluster)[0]
    row = np.unique(articles.cluster, return_inverse=True)[1]
    noise = np.bincount(row, weights=doubt)
    model = float((part**2).sum() / len(articles.size) / mean**2)

    def kurtosis(weight: float) -> float:
        kept = (1 - weight) * part
        square = kept**2 + noise
        # Of a Poisson number the third central moment is its variance v, and the fourth v + 3 v^2.
        fourth = kept**4 + 6 * kept**2 * noise + 4 * kept * noise + noise + 3 * noise**2
        return float(fourth.mean() / square.mean() ** 2) if square.any() else 1.0

    return _spread(articles, model + float(doubt.mean() / mean**2), model, model, kurtosis)


def _spread(articles: Articles, gold: float, both: float, model: float, kurtosis: Callable[[float], float]) -> Spread:
    return Spread(gold, both, model, kurtosis, len(articles.size), len(np.unique(articles.cluster)))


def _by_cluster(parts: FloatArray, cluster: IntArray) -> FloatArray:
    """Center rows [parts, articles] and add them up by cluster: [parts, clusters]."""
    row = np.unique(cluster, return_inverse=True)[1]
    centred = parts - parts.mean(axis=1, keepdims=True)
    return np.stack([np.bincount(row, weights=one) for one in centred])

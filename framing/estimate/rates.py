"""Rates of cues in an archive and its strata: naive, by the labelled articles alone, classical, and corrected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from framing.errors import InputError
from framing.estimate.classical import rogan_gladen
from framing.estimate.inputs import Sample, Scored, numbers, strata
from framing.estimate.powered import Articles, Fit, combine, difference, gold_alone, naive, powered, ratio
from framing.evaluate.bootstrap import Estimate
from framing.evaluate.columns import BoolArray, FloatArray, IntArray

METHODS: Final = ("naive", "gold alone", "Rogan-Gladen", "corrected")
ALL: Final = "all"
RATE: Final = "rate"
SHARE: Final = "share"
MEASURES: Final = (RATE, SHARE)

Cell = Estimate | str
"""A figure, or the reason why there is none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One cue in one stratum.

    Attributes:
        cue: the type; `all` for all together.
        stratum: the stratum; `all` for the whole archive.
        articles: number of scored articles; records of one article (`cluster`) count once.
        labelled: number of those of which something is labelled.
        gold: number of gold cues in them (as a share: of articles with one).
        figures: for each of `METHODS` the figure or the reason why there is none.
    """

    cue: str
    stratum: str
    articles: int
    labelled: int
    gold: int
    figures: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Contrast:
    """One stratum beside another: for each of `METHODS` the difference and the ratio, or the reason for none."""

    cue: str
    stratum: str
    against: str
    differences: dict[str, Cell]
    ratios: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Archive:
    """Scored articles with the labelled sample joined to them.

    Attributes:
        scored: the articles.
        sample: the labelled ones.
        cluster: [articles] the number of each one's cluster.
        measure: `rate` per 1,000 words, or `share` of the articles with a cue.
        expected: take expected counts for the correction, not counts of found cues.
        sampled_by: the fields within whose values the labelled articles were drawn; empty for one draw from all.
    """

    scored: Scored
    sample: Sample
    cluster: IntArray
    measure: str = RATE
    expected: bool = True
    sampled_by: Sequence[str] = field(default=())

    @property
    def labelled(self) -> BoolArray:
        """Which articles are labelled, [articles]."""
        mask = np.zeros(len(self.scored.ids), dtype=bool)
        mask[self.sample.rows] = True
        return mask

    def cue(self, name: str) -> tuple[Articles, Articles, FloatArray]:
        """Give a cue's articles with counts, with what the correction goes by, and the matches [articles]."""
        chosen = slice(None) if name == ALL else [self.scored.cues.index(name)]
        counts = self.scored.counts[:, chosen].sum(axis=1)
        hoped = counts
        if self.expected and self.scored.expected is not None:
            hoped = self.scored.expected[:, chosen].sum(axis=1)
        gold, matched = np.zeros(len(counts)), np.zeros(len(counts))
        gold[self.sample.rows] = self.sample.gold[:, chosen].sum(axis=1)
        matched[self.sample.rows] = self.sample.matched[:, chosen].sum(axis=1)
        size = self.scored.words / 1000
        if self.measure == SHARE:
            # Of rare events: the chance that a Poisson number isn't 0.
            hoped = (hoped > 0).astype(np.float64) if hoped is counts else 1 - np.exp(-hoped)
            counts, gold = (counts > 0).astype(np.float64), (gold > 0).astype(np.float64)
            matched, size = counts * gold, np.ones_like(size)
        labelled = self.labelled
        plain = Articles(size, counts, gold, labelled, self.cluster)
        return plain, Articles(size, hoped, gold, labelled, self.cluster), matched

    def doubt(self, name: str) -> FloatArray:
        """Give the variance of a cue's gold figure around the expected one that the scores promise, [articles]."""
        chosen = slice(None) if name == ALL else [self.scored.cues.index(name)]
        if self.scored.doubt is None:
            return np.asarray(self.scored.counts[:, chosen].sum(axis=1))
        if self.measure == SHARE:
            hoped = self.cue(name)[1].found
            return np.asarray(hoped * (1 - hoped))
        return np.asarray(self.scored.doubt[:, chosen].sum(axis=1))

    def parts(self) -> IntArray | None:
        """Number the part in which each article was drawn; None where all were drawn from one."""
        if not self.sampled_by:
            return None
        values = zip(*(self.scored.fields[name] for name in self.sampled_by), strict=True)
        return numbers([", ".join(value) for value in values])


def rates(
    archive: Archive, by: Sequence[str], cues: Sequence[str], against: str | None
) -> tuple[list[Row], list[Contrast]]:
    """Estimate each cue's rate in the archive and in each stratum, and compare strata.

    Args:
        archive: the articles and the sample.
        by: the fields whose combined values are the strata; empty for none.
        cues: the types; `all` for all together.
        against: the stratum with which the others are compared; None takes the one with the most labelled articles.

    Raises:
        InputError: there is no such stratum.
    """
    everything = np.arange(len(archive.scored.ids))
    found = dict(strata(archive.scored, by)) if by else {}
    reference = _reference(archive, found, against) if found else None
    parts = archive.parts()
    rows, contrasts = [], []
    for cue in cues:
        counted = archive.cue(cue)
        fits = {}
        for name, chosen in {ALL: everything, **found}.items():
            fits[name] = _fits(counted, chosen, parts, share=archive.measure == SHARE)
            rows.append(_row(cue, name, counted[0].take(chosen), fits[name], share=archive.measure == SHARE))
        contrasts += [_contrast(cue, name, str(reference), fits) for name in found if name != reference]
    return rows, contrasts


def _reference(archive: Archive, found: dict[str, IntArray], against: str | None) -> str:
    if against is not None:
        if against not in found:
            raise InputError(f"--against: there is no stratum {against!r}; there are {', '.join(list(found)[:10])}")
        return against
    labelled = archive.labelled
    return max(found, key=lambda name: labelled[found[name]].sum())


def _fits(
    counted: tuple[Articles, Articles, FloatArray], chosen: IntArray, parts: IntArray | None, *, share: bool
) -> dict[str, Fit | str]:
    """Fit a cue, as `Archive.cue` gives it, in a stratum: for each of `METHODS` the fit, or the reason for none."""
    plain, hoped, matched = counted
    here, sample = plain.take(chosen), plain.take(plain.labelled)
    within = None if parts is None else parts[chosen]
    return {
        "naive": _naive(here),
        "gold alone": _within(here, within, gold_alone),
        "Rogan-Gladen": _classical(here, sample, matched[plain.labelled], share),
        "corrected": _within(hoped.take(chosen), within, powered),
    }


def _row(cue: str, name: str, here: Articles, fits: dict[str, Fit | str], *, share: bool) -> Row:
    figures: dict[str, Cell] = {
        key: fit if isinstance(fit, str) else fit.rate(share=share) for key, fit in fits.items()
    }
    if isinstance(why := figures["naive"], str) and here.found.any():  # it is known, and only its interval isn't
        figures["naive"] = Estimate(float(here.found.sum() / here.size.sum()), np.nan, np.nan, reason=why)
    articles, labelled = (len(np.unique(here.cluster[mask])) for mask in (slice(None), here.labelled))
    return Row(cue, name, articles, labelled, int(here.gold[here.labelled].sum()), figures)


def _naive(articles: Articles) -> Fit | str:
    if not articles.found.any():
        return "nothing found"
    try:
        return naive(articles)
    except ValueError as error:
        return str(error)


def _classical(articles: Articles, sample: Articles, matched: FloatArray, share: bool) -> Fit | str:
    if not articles.labelled.any():
        return "no gold"
    if not articles.found.any():
        return "nothing found"
    try:
        return rogan_gladen(articles, sample, matched, share=share) or "the sample gives no error rates"
    except ValueError as error:
        return str(error)


def _within(articles: Articles, parts: IntArray | None, method: Callable[[Articles], Fit]) -> Fit | str:
    """Estimate a rate in each part that was sampled apart, and weigh the parts by their sizes."""
    numbers = np.zeros(len(articles.size), dtype=np.int64) if parts is None else parts
    fits, weights = [], []
    for part in np.unique(numbers):
        here = articles.take(numbers == part)
        if not here.labelled.any():
            return "no gold" if parts is None else "no gold in a part that was sampled apart"
        try:
            fits.append(method(here))
        except ValueError as error:
            return f"labelled {error}"
        weights.append(float(here.size.sum() / articles.size.sum()))
    if not articles.gold[articles.labelled].any():
        return "no gold cue in the sample"
    if len(fits) == 1:
        return fits[0]
    value = sum(weight * float(fit.value[0]) for fit, weight in zip(fits, weights, strict=True))
    return combine(fits, weights, value, sum(fit.df for fit in fits))


def _contrast(cue: str, name: str, reference: str, fits: dict[str, dict[str, Fit | str]]) -> Contrast:
    differences: dict[str, Cell] = {}
    ratios: dict[str, Cell] = {}
    for method in METHODS:
        one, other = fits[name][method], fits[reference][method]
        if isinstance(one, str) or isinstance(other, str):
            reason = one if isinstance(one, str) else f"{reference}: {other}"
            differences[method], ratios[method] = reason, reason
        else:
            differences[method] = difference(one, other)
            ratios[method] = ratio(one, other) or "a rate is not above 0"
    return Contrast(cue, name, reference, differences, ratios)

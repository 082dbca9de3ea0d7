"""All figures of several systems on one gold corpus, with intervals and tests: what `framing evaluate` computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from framing.cues import codebook_order
from framing.errors import InputError
from framing.evaluate import credit
from framing.evaluate.bootstrap import add_up, bca, exact_ends, leave_one_out, resample, still
from framing.evaluate.columns import BoolArray, FloatArray, lay_out, tabulate
from framing.evaluate.inputs import Run
from framing.evaluate.ptc import ptc_credits
from framing.evaluate.schemes import SEMEVAL, credits_of, semeval, token_credits, words
from framing.evaluate.significance import approximate_randomization, holm
from framing.evaluate.spans import voice_counts
from framing.spans import CueSpan, Document

SCHEMES: Final = {"spans": (*SEMEVAL, "token", "ptc", "voice"), "sentences": ("sentences",)}
"""The schemes of each task, the one by which systems are judged first."""

FIGURES: Final = ("precision", "recall", "f1")
SUMMARIES: Final = ("micro", "macro")


@dataclass(frozen=True, slots=True)
class Figures:
    """Precision, recall and F1 with 95% intervals.

    Attributes:
        value: [systems, schemes, rows, 3]; rows are the labels, `micro` and `macro`; NaN where there is no figure.
        low: lower ends, of the same shape.
        high: upper ends.
        exact: where no resample differs, so that the interval is exact (Clopper-Pearson).
        spread: standard deviation over a system's runs; NaN where it has one.
        gold: [rows] gold spans (of sentences: labels).
        predicted: [systems, rows] predicted spans, the mean over runs.
        documents: their number.
        clusters: number of clusters that were resampled.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    exact: BoolArray
    spread: FloatArray
    gold: FloatArray
    predicted: FloatArray
    documents: int
    clusters: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """F1 of one system minus that of another.

    Attributes:
        first: index of the one system.
        second: index of the other.
        value: [schemes, rows] differences.
        low: lower ends of their 95% intervals, paired over clusters; NaN where no resample differs.
        high: upper ends.
        p: by approximate randomization; of systems with different numbers of runs, with the mean counts of each
            cluster's runs.
        p_holm: corrected for the number of pairs of systems (Holm).
    """

    first: int
    second: int
    value: FloatArray
    low: FloatArray
    high: FloatArray
    p: FloatArray
    p_holm: FloatArray


class Evaluation:
    """Systems on one gold corpus, counted once; figures of all documents or of some are made of the counts."""

    def __init__(
        self,
        gold: Sequence[Document],
        systems: Mapping[str, Sequence[Run]],
        *,
        labels: Sequence[str] | None = None,
        task: str = "spans",
        cluster: str | None = None,
        draws: int = 2000,
        seed: int = 0,
    ) -> None:
        """Count.

        Args:
            gold: the documents.
            systems: each system's runs (one, or several seeds), whose spans are in gold's order.
            labels: the types to look at; None takes all that occur.
            task: `spans`; or `sentences`, whose spans are labels on sentences (`framing.evaluate.sentences.prepare`).
            cluster: the field whose values are resampled as wholes; None takes `article`, or else each document.
            draws: resamples, and rounds of the tests.
            seed: of both.
        """
        self.gold = list(gold)
        self.systems = {name: list(runs) for name, runs in systems.items()}
        self.labels = labels_of(gold, self.systems) if labels is None else list(labels)
        self.schemes = SCHEMES[task]
        self.clusters = [cluster_of(document, cluster) for document in gold]
        self.unit = unit_of(gold, cluster)
        """What is resampled, in words."""
        self.draws, self.seed = draws, seed
        self.groups = np.split(
            np.arange(sum(map(len, self.systems.values()))), np.cumsum([len(runs) for runs in self.systems.values()])
        )[:-1]
        self._count()

    @property
    def rows(self) -> list[str]:
        """The names of the rows of figures."""
        return [*self.labels, *SUMMARIES]

    def _count(self) -> None:
        documents, labels = len(self.gold), len(self.labels)
        places = lay_out(lengths=(len(document.text) for document in self.gold))
        ours = tabulate([document.spans for document in self.gold], places, self.labels)
        tokens = words([document.text for document in self.gold], places)
        counted, outcomes = [], []
        for run in (run for runs in self.systems.values() for run in runs):
            theirs = tabulate(run.spans, places, self.labels)
            found = semeval(ours, theirs, documents, labels)
            voices = voice_counts(ours, theirs, documents, labels)
            voices = np.concatenate((voices, voices.sum(axis=1, keepdims=True)), axis=1)
            outcomes.append(np.stack(list(found.values()), axis=1))
            by_scheme = {
                **{scheme: credits_of(found[scheme]) for scheme in SEMEVAL},
                "sentences": credits_of(found["strict"]),
                "token": token_credits(ours, theirs, tokens, documents, labels),
                "ptc": ptc_credits(ours, theirs, documents, labels),
                "voice": voices[..., [0, 1, 0, 1]],
            }
            counted.append(np.stack([by_scheme[scheme] for scheme in self.schemes], axis=1))
        self.credits = np.stack(counted, axis=1)
        """[documents, runs, schemes, labels + 1, 4]"""
        self.outcomes = np.stack(outcomes, axis=1)
        """[documents, runs, SemEval schemes, labels + 1, 5]"""

    def figures(self, chosen: BoolArray | None = None) -> Figures:
        """Give the figures of all documents, or of those that a mask [documents] chooses."""
        mask = np.ones(len(self.gold), dtype=bool) if chosen is None else chosen
        clusters = [cluster for cluster, here in zip(self.clusters, mask, strict=True) if here]
        table = add_up(clusters, self.credits[mask])
        by_run = _figures(table.sum(axis=0))
        value = self._combine(by_run)
        drawn = self._drawn(table)
        low, high = bca(value, drawn, self._combine(_figures(leave_one_out(table))))
        same = still(value, drawn) & (len(table) > 1)
        if len(table) < 2:
            low, high = np.full_like(low, np.nan), np.full_like(high, np.nan)
        elif same.any():
            exact = self._exact(value, table)
            low, high = (np.where(same, end, plain) for end, plain in zip(exact, (low, high), strict=True))
        spread = [by_run[group].std(axis=0, ddof=1) if len(group) > 1 else by_run[0] * np.nan for group in self.groups]
        total = table.sum(axis=0)[:, 0]  # the first scheme counts whole spans
        return Figures(
            value,
            low,
            high,
            same,
            np.stack(spread),
            _with_total(total[0, :, 3]),
            np.stack([_with_total(total[group, :, 1].mean(axis=0)) for group in self.groups]),
            int(mask.sum()),
            len(table),
        )

    def comparisons(self) -> list[Comparison]:
        """Compare the F1 of each pair of systems; those of one scheme and row are one family of tests."""
        pairs = list(combinations(range(len(self.systems)), 2))
        if not pairs:
            return []
        table = add_up(self.clusters, self.credits)
        value, drawn, without = (
            given[..., FIGURES.index("f1")]
            for given in (
                self._combine(_figures(table.sum(axis=0))),
                self._drawn(table),
                self._combine(_figures(leave_one_out(table))),
            )
        )
        p = np.array([self._randomize(table, first, second) for first, second in pairs])
        corrected = holm(p)
        found = []
        for number, (first, second) in enumerate(pairs):
            apart = [given[..., first, :, :] - given[..., second, :, :] for given in (value, drawn, without)]
            low, high = (np.where(still(*apart[:2]), np.nan, end) for end in bca(*apart))
            found.append(Comparison(first, second, apart[0], low, high, p[number], corrected[number]))
        return found

    def _randomize(self, table: FloatArray, first: int, second: int) -> FloatArray:
        one, other = (table[:, self.groups[system]] for system in (first, second))
        if one.shape != other.shape:  # runs can't be swapped one by one, but an article's mean counts can
            one, other = (side.mean(axis=1, keepdims=True) for side in (one, other))
        return approximate_randomization(
            one, other, lambda sums: _figures(sums)[..., 2].mean(axis=-3), rounds=self.draws, seed=self.seed
        )

    def _exact(self, value: FloatArray, table: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give exact ends, as if each cluster that carries any were one span; of macro the means of its types'."""
        there, total = ~np.isnan(_figures(table)), table.sum(axis=0)
        number = np.stack([there[:, group].any(axis=1).sum(axis=0) for group in self.groups]).astype(np.float64)
        ends = exact_ends(value, number, np.arange(len(FIGURES)) == FIGURES.index("f1"))
        types = np.stack([credit.occurs(total[group, :, :-1]).any(axis=0) for group in self.groups])[..., None]
        for end in ends:
            known = np.where(np.isnan(value), 0.0, end)[..., : len(self.labels), :]
            end[..., -1, :] = credit.macro(known, types, axis=-2)
        return ends

    def _drawn(self, table: FloatArray) -> FloatArray:
        """Give [draws, systems, schemes, rows, 3]; of several runs, runs are drawn with replacement, too."""
        by_run = _figures(resample(table, draws=self.draws, seed=self.seed))
        random = np.random.default_rng(self.seed)
        means = []
        for group in self.groups:
            drawn = group[random.integers(0, len(group), (self.draws, len(group)))]
            means.append(np.mean([by_run[np.arange(self.draws), one] for one in drawn.T], axis=0))
        return np.stack(means, axis=1)

    def _combine(self, by_run: FloatArray) -> FloatArray:
        """Take the mean over the runs of each system: [..., runs, schemes, rows, 3] to [..., systems, ...]."""
        return np.stack([by_run[..., group, :, :, :].mean(axis=-4) for group in self.groups], axis=-4)


def cluster_of(document: Document, field: str | None = None) -> str:
    """Give the cluster of a document: its field's value; without a field its article, or else itself."""
    if field is None:
        return str(document.meta.get("article") or document.id)
    value = document.meta.get(field)
    return "(none)" if value is None or not str(value).strip() else str(value)


def unit_of(documents: Sequence[Document], field: str | None = None) -> str:
    """Say what the clusters of `cluster_of` are."""
    if field is not None:
        return f"values of {field}"
    return "articles" if any("article" in document.meta for document in documents) else "documents"


def check_cluster(documents: Sequence[Document], field: str | None, what: str) -> None:
    """Raise `InputError` when no document has the field; `what` says of what records it is."""
    if field is not None and not any(field in document.meta for document in documents):
        fields = sorted({name for document in documents for name in document.meta})
        raise InputError(f"--cluster: no {what} has a field {field!r}; there are {', '.join(fields) or 'none'}")


def labels_of(gold: Sequence[Document], systems: Mapping[str, Sequence[Run]]) -> list[str]:
    """Give the types that occur: those of the codebook in its order, then the others by name."""
    found: set[str] = {span.label for document in gold for span in document.spans}
    everything: list[Sequence[Sequence[CueSpan]]] = [run.spans for runs in systems.values() for run in runs]
    found |= {span.label for spans in everything for one in spans for span in one}
    return codebook_order(found)


def _figures(credits: FloatArray) -> FloatArray:
    """Make figures [..., rows, 3] of credits [..., labels + 1, 4]; the row `macro` comes on top."""
    figures = np.stack((credit.precision(credits), credit.recall(credits), credit.f1(credits)), axis=-1)
    macro = credit.macro(figures[..., :-1, :], credit.occurs(credits[..., :-1, :])[..., None], axis=-2)
    return np.concatenate((figures, macro[..., None, :]), axis=-2)


def _with_total(numbers: FloatArray) -> FloatArray:
    """Repeat the total [.., micro] for the row `macro`."""
    return np.append(numbers, numbers[-1])

"""All figures of agreement, each with its interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from framing.agreement.alpha import Tokens, nominal_alpha, nominal_table
from framing.agreement.annotators import Annotations
from framing.agreement.gamma import gamma
from framing.agreement.unitizing import unitizing_alpha, unitizing_table
from framing.cues import codebook_order
from framing.errors import InputError
from framing.evaluate.bootstrap import Estimate, add_up, estimates
from framing.evaluate.columns import FloatArray, IntArray, lay_out, overlaps, tabulate, tally
from framing.evaluate.evaluation import check_cluster, cluster_of, unit_of
from framing.evaluate.matching import assign, closeness
from framing.evaluate.spans import span_counts
from framing.spans import CueSpan

Statistic = Callable[[FloatArray], FloatArray]

ANY: Final = "any type"
ALL: Final = "all types"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two annotators.

    Attributes:
        names: the annotators.
        documents: how many both read.
        f1: for each type and `ALL` the strict and the overlap F1.
        voice: the share of spans of equal ends and type on whose voice they agree.
        confusion: [types + 1, types + 1] paired spans by the types of both; the last row and column are spans that the
            other has nothing for.
    """

    names: tuple[str, str]
    documents: int
    f1: dict[str, dict[str, Estimate]]
    voice: Estimate
    confusion: IntArray


@dataclass(frozen=True, slots=True)
class Study:
    """All figures; a value is NaN where there is none.

    Attributes:
        annotations: what was compared.
        labels: the types.
        tokens: Krippendorff's alpha on tokens by type, of tokens in any type, and of the types on each token.
        spans: Krippendorff's alpha for unitizing by type, of any type, and of all types together.
        gamma: gamma by type and of `ALL`, where it was asked for.
        pairs: the pairs of annotators who share documents.
        clusters: how many units were resampled.
        unit: what these are.
        draws: number of resamples.
        seed: of the resampling.
    """

    annotations: Annotations
    labels: list[str]
    tokens: dict[str, Estimate]
    spans: dict[str, Estimate]
    gamma: dict[str, float]
    pairs: list[Pair]
    clusters: int
    unit: str
    draws: int
    seed: int

    def mean_f1(self, name: str, row: str, scheme: str) -> float:
        """Give the mean F1 of an annotator with the others; NaN where there is none."""
        values = [pair.f1[row][scheme].value for pair in self.pairs if name in pair.names]
        known = [value for value in values if not np.isnan(value)]
        return float(np.mean(known)) if known else float("nan")


def study(
    annotations: Annotations, *, cluster: str | None = None, draws: int = 2000, seed: int = 0, with_gamma: bool = False
) -> Study:
    """Compute the figures.

    Args:
        annotations: what annotators marked.
        cluster: the field whose values are resampled as wholes; None takes `article`, or else each document.
        draws: number of resamples.
        seed: of the resampling.
        with_gamma: compute gamma, too.

    Raises:
        InputError: no record has the field, or nobody marked anything.
    """
    documents, marked = annotations.documents, annotations.marked
    labels = _labels(annotations)
    if not labels:
        raise InputError(f"{', '.join(annotations.names)}: no annotator marked a span; there is nothing to compare")
    check_cluster(documents, cluster, "record")
    clusters = [cluster_of(document, cluster) for document in documents]

    def estimate(
        table: FloatArray, statistic: Callable[[FloatArray], FloatArray], where: Sequence[int], kind: str = ""
    ) -> list[Estimate]:
        summed = add_up([clusters[number] for number in where], table)
        return estimates(summed, statistic, draws=draws, seed=seed, kind=kind)

    everywhere = range(len(documents))
    tokens = Tokens(annotations)
    values = {label: tokens.in_type([label]) for label in labels}
    values |= {ANY: tokens.in_type(labels), ALL: tokens.types(labels)}
    tables = {row: nominal_table(found, tokens.document, len(documents)) for row, found in values.items()}
    units = unitizing_table(annotations, [*([label] for label in labels), labels])
    number = len(marked)
    lone = estimate(units, lambda sums: unitizing_alpha(sums[..., None, :], number), everywhere)
    together = estimate(units[:, :-1], lambda sums: unitizing_alpha(sums, number)[..., None], everywhere)
    pairs = []
    for first, second in combinations(marked, 2):
        both = [at for at in everywhere if marked[first][at] is not None and marked[second][at] is not None]
        if both:
            sides = [[marked[name][at] or () for at in both] for name in (first, second)]
            pairs.append(_pair((first, second), sides[0], sides[1], labels, estimate, both))
    return Study(
        annotations,
        labels,
        {
            row: estimate(table, lambda sums: nominal_alpha(sums)[..., None], everywhere)[0]
            for row, table in tables.items()
        },
        dict(zip([*labels, ANY, ALL], [*lone, *together], strict=True)),
        {
            row: gamma(annotations, [row] if row in labels else labels, seed=seed)
            for row in [*labels, ALL]
            if with_gamma
        },
        pairs,
        len(set(clusters)),
        unit_of(documents, cluster),
        draws,
        seed,
    )


def _pair(
    names: tuple[str, str],
    first: Sequence[tuple[CueSpan, ...]],
    second: Sequence[tuple[CueSpan, ...]],
    labels: Sequence[str],
    estimate: Callable[[FloatArray, Statistic, Sequence[int], str], list[Estimate]],
    where: Sequence[int],
) -> Pair:
    f1: dict[str, dict[str, Estimate]] = {row: {} for row in [*labels, ALL]}
    for scheme in ("strict", "overlap"):
        counts = span_counts(first, second, labels, strict=scheme == "strict")
        counts = np.concatenate((counts, counts.sum(axis=1, keepdims=True)), axis=1)
        for row, found in zip(f1, estimate(counts, _f1, where, "f1"), strict=True):
            f1[row][scheme] = found
    (voice,) = estimate(_voices(first, second), _share, where, "share")
    return Pair(names, len(first), f1, voice, confusion(first, second, labels))


def _f1(counts: FloatArray) -> FloatArray:
    total = counts[..., 0] + counts[..., 1]
    return np.asarray(np.divide(2 * counts[..., 2], total, out=np.full(total.shape, np.nan), where=total > 0))


def _share(counts: FloatArray) -> FloatArray:
    return np.divide(
        counts[..., :1], counts[..., 1:], out=np.full_like(counts[..., :1], np.nan), where=counts[..., 1:] > 0
    )


def _voices(first: Sequence[tuple[CueSpan, ...]], second: Sequence[tuple[CueSpan, ...]]) -> FloatArray:
    """Count by document the spans of equal ends and type of the same voice, and all of known voices: [documents, 2]."""
    rows = []
    for one, other in zip(first, second, strict=True):
        voices = {(span.start, span.end, span.label): span.voice for span in other}
        pairs = [(span.voice, voices.get((span.start, span.end, span.label))) for span in one]
        known = [pair for pair in pairs if None not in pair]
        rows.append((sum(mine == theirs for mine, theirs in known), len(known)))
    return np.array(rows, dtype=np.float64)


def confusion(
    first: Sequence[tuple[CueSpan, ...]], second: Sequence[tuple[CueSpan, ...]], labels: Sequence[str]
) -> IntArray:
    """Count pairs of overlapping spans by their types, same types first, and what is left over on either side.

    Returns:
        [types + 1, types + 1]: rows are the first annotator's types, columns the second's; the last of both is nothing.
    """
    places = lay_out(first, second)
    one, other = tabulate(first, places, labels), tabulate(second, places, labels)
    left, right = overlaps(one, other)
    same = (one.label[left] == other.label[right]).astype(np.int64)
    chosen = assign(left, right, same, closeness(one.take(left), other.take(right)))
    size = len(labels)
    counts = tally((size + 1, size + 1), one.label[left[chosen]], other.label[right[chosen]])
    counts[:size, size] = np.bincount(np.delete(one.label, left[chosen]), minlength=size)
    counts[size, :size] = np.bincount(np.delete(other.label, right[chosen]), minlength=size)
    return counts.astype(np.int64)


def _labels(annotations: Annotations) -> list[str]:
    return codebook_order(
        span.label for marked in annotations.marked.values() for spans in marked for span in spans or ()
    )

"""Krippendorff's alpha for unitizing, which asks where spans begin and end, as a function of sums over documents."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from framing.agreement.annotators import Annotations
from framing.evaluate.columns import FloatArray, IntArray, SpanTable, lay_out, overlaps, tabulate
from framing.spans import CueSpan

_HEAD = 5
"""Columns before those of distinct lengths: disagreement, length, units, their cubes, and their squares."""


def unitizing_table(annotations: Annotations, groups: Sequence[Sequence[str]]) -> FloatArray:
    """Sum up what `unitizing_alpha` needs.

    Documents that an annotator didn't read count nothing, as the coefficient needs all annotators. Spans of one
    annotator that overlap are one unit; gaps end where documents end.

    Args:
        annotations: the spans.
        groups: lists of types; those of a list count as one type.

    Returns:
        [documents, groups, 5 + 2 K], K being the number of distinct lengths of units.
    """
    documents, everybody = annotations.documents, list(annotations.marked.values())
    read = [all(spans is not None for spans in row) for row in zip(*everybody, strict=True)]
    lengths = np.array([len(document.text) if here else 0 for document, here in zip(documents, read, strict=True)])
    places = lay_out(lengths=lengths)
    tables = []
    for labels in groups:
        units = [
            [_units(spans, labels) if here else [] for spans, here in zip(marked, read, strict=True)]
            for marked in everybody
        ]
        tables.append([tabulate(side, places, None) for side in units])
    kinds = np.unique(np.concatenate([side.end - side.start for sides in tables for side in sides]))
    return np.stack([_sums(sides, places, kinds.astype(np.float64)) for sides in tables], axis=1)


def _sums(sides: Sequence[SpanTable], places: IntArray, kinds: FloatArray) -> FloatArray:
    """Give the columns of one type: [documents, 5 + 2 K]."""
    size = len(places) - 1
    disagreement = sum((_disagreement(one, other, size) for one, other in combinations(sides, 2)), np.zeros(size))
    document = np.concatenate([side.document for side in sides])
    long = np.concatenate([side.end - side.start for side in sides]).astype(np.float64)
    cubes = (2 * long**3 - 3 * long**2 + long) / 3
    columns = [disagreement, np.diff(places)]
    columns += [np.bincount(document, column, size) for column in (np.ones(len(long)), cubes, long * (long - 1))]
    columns += [np.bincount(document[long == kind], minlength=size) for kind in kinds]
    where, gaps = _gaps(sides, places)
    columns += [kind**2 * np.bincount(where, np.maximum(gaps - kind + 1, 0), size) for kind in kinds]
    return np.stack(columns, axis=1).astype(np.float64)


def unitizing_alpha(sums: FloatArray, annotators: int) -> FloatArray:
    """Give alpha_U of sums [..., types, columns] of `unitizing_table`; of several types it is that of all together.

    After Krippendorff (1995), "On the reliability of unitizing continuous data", Sociological Methodology 25, in the
    form of Krippendorff (2004), "Content analysis", section 11.6. Characters are the units of length.

    Args:
        sums: [..., types, columns].
        annotators: their number.

    Returns:
        [...] alpha; NaN where there is no span.
    """
    observed, expected = disagreements(sums, annotators)
    observed, expected = observed.sum(axis=-1), expected.sum(axis=-1)
    return np.asarray(1 - np.divide(observed, expected, out=np.full(expected.shape, np.nan), where=expected > 0))


def disagreements(sums: FloatArray, annotators: int) -> tuple[FloatArray, FloatArray]:
    """Give observed and expected disagreement [...] of sums [..., columns] of `unitizing_table`."""
    length = np.maximum(sums[..., 1], 1)
    observed = 2 * sums[..., 0] / (annotators * (annotators - 1) * length**2)
    half = (sums.shape[-1] - _HEAD) // 2
    fitting = (sums[..., _HEAD : _HEAD + half] * sums[..., _HEAD + half :]).sum(axis=-1)
    meeting = np.maximum(sums[..., 2] - 1, 0) * sums[..., 3]
    whole = annotators * length
    chances = whole * (whole - 1) - sums[..., 4]
    expected = 2 / length * np.divide(meeting + fitting, chances, out=np.zeros(length.shape), where=chances > 0)
    return observed, expected


def _units(spans: tuple[CueSpan, ...] | None, labels: Sequence[str]) -> list[CueSpan]:
    """Join spans that overlap."""
    joined: list[CueSpan] = []
    for span in spans or ():  # sorted by start
        if span.label not in labels:
            continue
        if joined and span.start < joined[-1].end:
            joined[-1] = CueSpan(joined[-1].start, max(joined[-1].end, span.end), span.label)
        else:
            joined.append(CueSpan(span.start, span.end, span.label))
    return joined


def _disagreement(one: SpanTable, other: SpanTable, documents: int) -> FloatArray:
    """Sum up by document the squared distances of units that meet, and the squared lengths of those that meet none."""
    left, right = overlaps(one, other)
    apart = (one.start[left] - other.start[right]) ** 2 + (one.end[left] - other.end[right]) ** 2
    total = np.bincount(one.document[left], apart, documents).astype(np.float64)  # whole numbers where none meet
    for side, met in ((one, left), (other, right)):
        lone = np.bincount(met, minlength=len(side)) == 0
        total += np.bincount(side.document[lone], ((side.end - side.start)[lone] ** 2).astype(np.float64), documents)
    return np.asarray(total, dtype=np.float64)


def _gaps(sides: Sequence[SpanTable], places: IntArray) -> tuple[IntArray, FloatArray]:
    """Give the document and the length of each stretch without a unit, of all annotators."""
    documents, lengths = [], []
    for side in sides:
        starts = np.concatenate((side.end, places[:-1]))  # a unit may end where the next document begins
        order = np.argsort(starts, kind="stable")
        # Every gap begins at a document's start or behind a unit, and ends before the next unit or the document's end.
        owner = np.concatenate((side.document, np.arange(len(places) - 1)))[order]
        ends = np.sort(np.concatenate((side.start, places[1:])), kind="stable")
        gap = ends - starts[order]
        documents.append(owner[gap > 0])
        lengths.append(gap[gap > 0])
    return np.concatenate(documents), np.concatenate(lengths).astype(np.float64)

"""Split a corpus so that nothing leaks: near-duplicates and groups (article, outlet, topic) stay in one part.

Records that are near-duplicates, or that share a group, are tied; what ties connect, over any number of steps, is a
component, and components are placed whole. A passage's `article` is the document that it comes from, so that it always
ties. Every split is the same for the same records, options and seed, in whatever order the records come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from framing.errors import ConfigError, InputError
from framing.spans import Document
from training.duplicates import BoolArray, IntArray, NearDuplicates, near_duplicates
from training.stratify import stratify

ARTICLE: Final = "article"
NEAR: Final = 0.8
_SUM_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Fold:
    """One fold of a cross-validation: what to train on, what to test on, and, nested, the folds of the training part.

    An inner fold's `test` is the dev part on which settings are chosen.
    """

    train: list[Document]
    test: list[Document]
    inner: tuple[Fold, ...] = ()


@dataclass(frozen=True, slots=True)
class Ties:
    """A corpus, and what ties its records together.

    Attributes:
        documents: the records.
        by: the fields whose values tie.
        duplicates: the near-duplicates; None where they aren't looked for.
        component: each record's component, numbered by the least id in it. [records]
    """

    documents: Sequence[Document]
    by: tuple[str, ...]
    duplicates: NearDuplicates | None
    component: IntArray

    def place(
        self, shares: Mapping[str, float], *, fields: Sequence[str] = (), seed: int = 13, among: BoolArray | None = None
    ) -> IntArray:
        """Place the components, stratified by the labels of their spans.

        Args:
            shares: the parts and their shares of the records.
            fields: fields of records whose values are labels, too.
            seed: breaks ties.
            among: the records to place; None places all. [records]

        Returns:
            The part of each record, -1 for records that aren't placed. [records]

        Raises:
            ConfigError: the shares are wrong, or a part gets no record.
            InputError: a record lacks a field.
        """
        _check(shares)
        chosen = np.arange(len(self.documents)) if among is None else np.flatnonzero(among)
        components, row = np.unique(self.component[chosen], return_inverse=True)
        if len(components) < len(shares):
            raise ConfigError(
                f"{len(components)} groups of tied records can't fill {len(shares)} parts; split by another field, or "
                "into fewer parts"
            )
        counts = _counts([self.documents[index] for index in chosen.tolist()], row, fields)
        part = np.full(len(self.documents), -1, dtype=np.int64)
        part[chosen] = stratify(counts, list(shares.values()), seed)[row]
        _check_parts(part, shares, "its share is too small for groups of this size")
        return part

    def cut(self, shares: Mapping[str, float], *, field: str = "date") -> IntArray:
        """Cut the corpus by date: each part holds later days than the one before, as near to the shares as days allow.

        A component stays in the part of its earliest record. Its records of later parts are in no part: there they
        would leak, and in the earlier part they would come from its future.

        Args:
            shares: the parts, earliest first, and their shares of the records.
            field: the field with the date, ISO 8601; of a time only the day counts.

        Returns:
            The part of each record, -1 for records that are left out. [records]

        Raises:
            ConfigError: the shares are wrong, or a part gets no record.
            InputError: a record has no date, or what isn't one.
        """
        _check(shares)
        days = np.array([_day(document, field) for document in _with(self.documents, field)], dtype=np.int64)
        found, counts = np.unique(days, return_counts=True)
        ends = np.cumsum(counts) / len(days)
        last = [int(np.argmin(np.abs(ends - share))) for share in np.cumsum(list(shares.values()))[:-1]]
        part = np.searchsorted(found[last], days, side="left")
        first = np.full(int(self.component.max()) + 1, len(shares))
        np.minimum.at(first, self.component, part)
        part = np.where(part == first[self.component], part, -1)
        _check_parts(part, shares, f"the days in {field!r} are too few, or its records are tied to earlier ones")
        return part

    def part(self, part: IntArray, *numbers: int) -> list[Document]:
        """Give the records of some parts, in the corpus's order."""
        return [self.documents[index] for index in np.flatnonzero(np.isin(part, numbers)).tolist()]


def tie(documents: Sequence[Document], *, by: Sequence[str] = (), near: float | None = NEAR) -> Ties:
    """Find what ties records together.

    Args:
        documents: the records, each with an id of its own.
        by: fields whose values tie records (`outlet`, `topic`); a list ties by each of its values. Records that have
            an `article` are always tied by it.
        near: the least Jaccard similarity of near-duplicates; None doesn't look for them.

    Raises:
        ConfigError: the threshold is out of range.
        InputError: an id comes twice, or a record lacks a field.
    """
    identity, times = Counter(document.id for document in documents).most_common(1)[0] if documents else ("", 0)
    if times > 1:
        raise InputError(f"record {identity!r} comes {times} times; give each record an id of its own")
    duplicates = None if near is None else near_duplicates((document.text for document in documents), near)
    keys: list[tuple[Hashable, Hashable]] = []
    for field in by:
        _with(documents, field)
    for index, document in enumerate(documents):
        keys += [(index, (field, value)) for field in {ARTICLE, *by} for value in values(document, field)]
    if duplicates is not None:
        keys += [(index, ("", node)) for index, node in enumerate(duplicates.node.tolist())]
        keys += [(("", left), ("", right)) for left, right in duplicates.pairs.tolist()]
    return Ties(documents, tuple(dict.fromkeys(by)), duplicates, _components(documents, keys))


def split(
    documents: Sequence[Document],
    shares: Mapping[str, float],
    *,
    by: Sequence[str] = (),
    near: float | None = NEAR,
    fields: Sequence[str] = (),
    seed: int = 13,
) -> dict[str, list[Document]]:
    """Split a corpus into parts, such as `{"train": 0.8, "dev": 0.1, "test": 0.1}`.

    `tie` and `Ties.place` explain the arguments and what they raise.
    """
    ties = tie(documents, by=by, near=near)
    part = ties.place(shares, fields=fields, seed=seed)
    return {name: ties.part(part, number) for number, name in enumerate(shares)}


def split_by_date(
    documents: Sequence[Document],
    shares: Mapping[str, float],
    *,
    field: str = "date",
    by: Sequence[str] = (),
    near: float | None = NEAR,
) -> tuple[dict[str, list[Document]], list[Document]]:
    """Split a corpus into parts by date, and give what had to be left out.

    `tie` and `Ties.cut` explain the arguments and what they raise.
    """
    ties = tie(documents, by=by, near=near)
    part = ties.cut(shares, field=field)
    return {name: ties.part(part, number) for number, name in enumerate(shares)}, ties.part(part, -1)


def folds(
    documents: Sequence[Document],
    k: int,
    *,
    inner: int | None = None,
    by: Sequence[str] = (),
    near: float | None = NEAR,
    fields: Sequence[str] = (),
    seed: int = 13,
) -> list[Fold]:
    """Make the folds of a k-fold cross-validation; with `inner`, each training part is folded again.

    `tie` and `Ties.place` explain the arguments and what they raise.
    """
    ties = tie(documents, by=by, near=near)
    outer, nested = place_folds(ties, k, inner=inner, fields=fields, seed=seed)
    return [
        Fold(
            [document for document, number in zip(documents, outer, strict=True) if number != fold],
            ties.part(outer, fold),
            tuple(
                Fold(
                    ties.part(part, *(number for number in range(inner or 0) if number != held)), ties.part(part, held)
                )
                for held in range(inner or 0)
            ),
        )
        for fold, part in enumerate(nested)
    ]


def place_folds(
    ties: Ties, k: int, *, inner: int | None = None, fields: Sequence[str] = (), seed: int = 13
) -> tuple[IntArray, list[IntArray]]:
    """Give the fold in which each record is tested, and by fold the inner fold of each record (-1 for its test part).

    Without `inner` the latter are -1 throughout. `Ties.place` explains the arguments and what it raises.
    """
    for name, count in (("folds", k), ("inner folds", 2 if inner is None else inner)):
        if count < 2:
            raise ConfigError(f"{count} {name}; a cross-validation needs at least 2")
    outer = ties.place(equal(k), fields=fields, seed=seed)
    nothing = np.full(len(outer), -1, dtype=np.int64)
    if inner is None:
        return outer, [nothing] * k
    return outer, [ties.place(equal(inner), fields=fields, seed=seed, among=outer != fold) for fold in range(k)]


def values(document: Document, field: str) -> list[str]:
    """Give a record's values in a field: none, one, or a list's."""
    found = document.meta.get(field)
    listed = found if isinstance(found, list) else [found]
    return [str(value) for value in listed if value is not None and value != ""]


def equal(parts: int) -> dict[str, float]:
    """Name the parts of a cross-validation, with equal shares."""
    return {f"fold-{number}": 1 / parts for number in range(1, parts + 1)}


def _with(documents: Sequence[Document], field: str) -> Sequence[Document]:
    missing = [document.id for document in documents if not values(document, field)]
    if missing:
        shown = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
        raise InputError(
            f"{len(missing)} of {len(documents)} records have no {field!r} ({shown}); fill it in, or take them out"
        )
    return documents


def _day(document: Document, field: str) -> int:
    (value, *_) = values(document, field)
    try:
        return datetime.fromisoformat(value).toordinal()
    except ValueError:
        raise InputError(f"record {document.id!r}: {field} {value!r} is no date; write it as 2016-03-14") from None


def _check(shares: Mapping[str, float]) -> None:
    if len(shares) < 2:
        raise ConfigError(f"shares for {len(shares)} part; a split has at least two")
    for name, share in shares.items():
        if not share > 0:
            raise ConfigError(f"share {share:g} of {name}; a share must be above 0")
    if abs(sum(shares.values()) - 1) > _SUM_TOLERANCE:
        listed = " + ".join(f"{share:g}" for share in shares.values())
        raise ConfigError(f"shares {listed} are {sum(shares.values()):g} together; they must sum to 1")


def _check_parts(part: IntArray, shares: Mapping[str, float], reason: str) -> None:
    for number, name in enumerate(shares):
        if not (part == number).any():
            raise ConfigError(f"{name} would get no record: {reason}; change --shares, or bring more records")


def _components(documents: Sequence[Document], links: Iterable[tuple[Hashable, Hashable]]) -> IntArray:
    """Number connected records alike, by the least id among them. Links join records (by index) and what they share."""
    numbers: dict[Hashable, int] = {index: index for index in range(len(documents))}
    ends = [(numbers.setdefault(one, len(numbers)), numbers.setdefault(other, len(numbers))) for one, other in links]
    left, right = np.array(ends, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(ends), dtype=np.int8), (left, right)), shape=(len(numbers), len(numbers)))
    labels = connected_components(graph, directed=False)[1][: len(documents)]
    order = sorted(range(len(documents)), key=lambda index: documents[index].id)
    ranks: dict[int, int] = {}
    for index in order:
        ranks.setdefault(int(labels[index]), len(ranks))
    return np.array([ranks[int(label)] for label in labels], dtype=np.int64)


def _counts(documents: Sequence[Document], row: IntArray, fields: Sequence[str]) -> csr_array:
    """Count each component's records, spans by label and values by field [components, 1 + labels]."""
    for field in fields:
        _with(documents, field)
    names: list[list[Hashable]] = [
        [span.label for span in document.spans]
        + [(field, value) for field in fields for value in values(document, field)]
        for document in documents
    ]
    column = {
        name: number for number, name in enumerate(sorted({name for found in names for name in found}, key=str), 1)
    }
    rows = np.repeat(row, [1 + len(found) for found in names])
    columns = [number for found in names for number in (0, *(column[name] for name in found))]
    shape = (int(row.max()) + 1, 1 + len(column))
    return csr_array(coo_array((np.ones(len(columns), dtype=np.int64), (rows, columns)), shape=shape))

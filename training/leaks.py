"""What leaks between the parts of a split: near-duplicates, and groups that have records in several parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from framing.errors import ConfigError
from framing.spans import Document
from training.duplicates import IntArray, near_duplicates
from training.splits import ARTICLE, NEAR, Ties, values


def leaks(ties: Ties, part: IntArray, *, cross: bool = False) -> dict[str, Any]:
    """Count what leaks in a split.

    Args:
        ties: the corpus. Its articles, outlets and the fields that tie are looked at, where records have them.
        part: the part of each record, -1 for none. [records]
        cross: the parts are folds, so that a record is exposed by what any other part holds, not only an earlier one.

    Returns:
        `{"near_duplicates": {"apart", "exposed"}, "groups": {field: {"apart", "exposed"}}}`: pairs or groups that lie
        in several parts, and the records that are held out although something of their like is trained on.
    """
    found: dict[str, Any] = {}
    if ties.duplicates is not None:
        exposed = 0
        for number in range(int(part.max()) + 1):
            others = (part >= 0) & ((part != number) if cross else (part < number))
            exposed += sum(1 for _ in ties.duplicates.closest(part == number, others))
        found["near_duplicates"] = {"apart": ties.duplicates.apart(part), "exposed": exposed}
    found["groups"] = {
        field: shared for field in fields(ties.documents, ties.by) if (shared := _groups(ties, part, field, cross))
    }
    return found


def fields(documents: Sequence[Document], by: Sequence[str]) -> list[str]:
    """Give the fields whose groups are looked at: `article`, `outlet` and those named, where any record has them."""
    names = dict.fromkeys((ARTICLE, "outlet", *by))
    return [name for name in names if any(values(document, name) for document in documents)]


def random_parts(documents: Sequence[Document], shares: Sequence[float], seed: int) -> IntArray:
    """Give each record [records] a part at random, without a look at texts or groups: what a report compares with."""
    ranks = np.argsort(np.argsort([document.id for document in documents], kind="stable"))
    ends = np.round(np.cumsum(shares) * len(documents))
    places = np.random.default_rng(seed).permutation(len(documents))[ranks]
    return np.searchsorted(ends[:-1], places, side="right").astype(np.int64)


def audit(
    parts: Mapping[str, Sequence[Document]], *, by: Sequence[str] = (), near: float | None = NEAR
) -> list[dict[str, Any]]:
    """Look for leaks between existing parts.

    Args:
        parts: the parts by name, in the order train, dev, test.
        by: fields whose groups must not lie in two parts; `article` is always looked at, `outlet` for information.
        near: the least Jaccard similarity of near-duplicates; None doesn't look for them.

    Returns:
        For each pair of parts `{"earlier", "later", "leaks", "near_duplicates": {"pairs", "records"}, "ids", "groups":
        {field: {"shared", "records"}}}`. `leaks` tells whether anything is shared but outlets that weren't named. Near-
        duplicates are listed by record of the later part, each with the closest of the earlier one.

    Raises:
        ConfigError: the threshold is out of range, or there is but one part.
    """
    if len(parts) < 2:
        raise ConfigError("there is one part; name at least two files to check")
    names = list(parts)
    documents = [document for part in parts.values() for document in part]
    part = np.repeat(np.arange(len(parts)), [len(found) for found in parts.values()])
    duplicates = None if near is None else near_duplicates((document.text for document in documents), near)
    rows = []
    for one in range(len(parts)):
        for other in range(one + 1, len(parts)):
            row: dict[str, Any] = {"earlier": names[one], "later": names[other]}
            if duplicates is not None:
                found = duplicates.closest(part == other, part == one)
                row["near_duplicates"] = {
                    "pairs": duplicates.apart(np.select([part == one, part == other], [0, 1], -1)),
                    "records": [
                        {"id": documents[later].id, "closest": documents[earlier].id, "similarity": round(value, 4)}
                        for later, earlier, value in found
                    ],
                }
            sides = parts[names[one]], parts[names[other]]
            row["ids"] = sorted({document.id for document in sides[0]} & {document.id for document in sides[1]})
            row["groups"] = {field: _shared(*sides, field) for field in fields(documents, by)}
            tied = any(row["groups"][field]["shared"] for field in row["groups"] if field in {ARTICLE, *by})
            row["leaks"] = bool(tied or row["ids"] or row.get("near_duplicates", {}).get("records"))
            rows.append(row)
    return rows


def _groups(ties: Ties, part: IntArray, field: str, cross: bool) -> dict[str, int]:
    where: dict[str, set[int]] = {}
    held = [(number, values(document, field)) for document, number in zip(ties.documents, part.tolist(), strict=True)]
    for number, found in held:
        for value in found if number >= 0 else ():
            where.setdefault(value, set()).add(number)
    exposed = sum(
        any(other != number if cross else other < number for value in found for other in where[value])
        for number, found in held
        if number >= 0
    )
    return {"apart": sum(len(numbers) > 1 for numbers in where.values()), "exposed": exposed}


def _shared(earlier: Sequence[Document], later: Sequence[Document], field: str) -> dict[str, int]:
    known = {value for document in earlier for value in values(document, field)}
    found = [known.intersection(values(document, field)) for document in later]
    return {"shared": len(set().union(*found)), "records": sum(map(bool, found))}

"""How well the records of designations are read, on the spans that were found with the right ends."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from framing.evaluate.bootstrap import Estimate, add_up, bootstrap, carrying, f1
from framing.spans import CueSpan, Designation

FIGURES: Final = ("kind", "authority", "target", "source")


def designation_counts(
    clusters: Sequence[Hashable], gold: Sequence[Sequence[CueSpan]], predicted: Sequence[Sequence[CueSpan]]
) -> NDArray[np.float64]:
    """Count gold, predicted and matched parts of the records of strictly matched spans.

    A kind is matched when it is equal; an authority, asked for of gold listings that name one, when it names the same
    states and bodies in any order; targets and sources when they share a character.

    Args:
        clusters: each document's article.
        gold: each document's gold spans.
        predicted: each document's found spans.

    Returns:
        [clusters, 4, 3], the second axis in the order of `FIGURES`.
    """
    table = np.zeros((len(gold), len(FIGURES), 3))
    for row, one, other in zip(table, gold, predicted, strict=True):
        found = {(span.start, span.end, span.label): span.designation for span in other}
        for span in one:
            theirs = found.get((span.start, span.end, span.label))
            if span.designation is not None and theirs is not None:
                row += _counts(span.designation, theirs)
    return add_up(clusters, table)


def _counts(gold: Designation, found: Designation) -> NDArray[np.float64]:
    asked = gold.kind == "listing" and gold.authority is not None
    rows = [(1, 1, gold.kind == found.kind), (asked, asked, asked and _names(gold) == _names(found))]
    for ours, theirs in ((gold.target, found.target), (gold.source, found.source)):
        both = ours is not None and theirs is not None and ours[0] < theirs[1] and theirs[0] < ours[1]
        rows.append((ours is not None, theirs is not None, both))
    return np.array(rows, dtype=np.float64)


def _names(record: Designation) -> set[str]:
    return set((record.authority or "").split("; "))


def designation_table(
    clusters: Sequence[Hashable], gold: Sequence[Sequence[CueSpan]], predicted: Sequence[Sequence[CueSpan]]
) -> dict[str, Estimate | None]:
    """Give accuracy of kind and authority and overlap F1 of target and source, with 95% intervals over clusters.

    A figure is None where no matched span has such a part; the F1 of what is always there is its accuracy.
    """
    counts = designation_counts(clusters, gold, predicted)
    return {
        name: bootstrap(counts[:, row], f1, carry=carrying(counts[:, row])) if counts[:, row, 0].any() else None
        for row, name in enumerate(FIGURES)
    }

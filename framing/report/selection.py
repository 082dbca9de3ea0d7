"""Which of very many scored articles stand on a page, and the profile of all, in constant memory."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any, Final

from framing.profile import rate
from framing.scorer import ScoredDocument

MOST: Final = 200
"""Articles on a page; of more, those with most cues."""


class Selection:
    """Takes scored articles one by one."""

    def __init__(self, most: int = MOST) -> None:
        """Keep at most so many."""
        self.most = most
        self.total = 0
        self._kept: list[tuple[int, int, ScoredDocument]] = []
        self._summary: dict[str, Any] | None = None

    def add(self, scored: ScoredDocument) -> None:
        """Take one."""
        self.total += 1
        entry = (len(scored.spans), -self.total, scored)
        if len(self._kept) < self.most:
            heapq.heappush(self._kept, entry)
        else:
            heapq.heappushpop(self._kept, entry)
        self._summary = scored.profile if self._summary is None else _sum(self._summary, scored.profile)

    @property
    def articles(self) -> list[ScoredDocument]:
        """Those on the page, in the order in which they came."""
        return [scored for _, _, scored in sorted(self._kept, key=lambda entry: -entry[1])]

    @property
    def summary(self) -> dict[str, Any] | None:
        """The profile of all; None where all stand on the page."""
        return self._summary if self.total > self.most else None


def _sum(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    words = one["words"] + other["words"]
    cues = {name: _entry((figures, other["cues"][name]), words) for name, figures in one["cues"].items()}
    return {"words": words, "cues": cues, "total": _entry((one["total"], other["total"]), words)}


def _entry(figures: Iterable[dict[str, Any]], words: int) -> dict[str, Any]:
    first, second = figures
    count = first["count"] + second["count"]
    entry: dict[str, Any] = {"count": count, "per_1000": rate(count, words)}
    if "expected" in first:
        entry["expected"] = first["expected"] + second["expected"]
    if "voices" in first:
        entry["voices"] = {
            voice: _entry((found, second["voices"][voice]), words) for voice, found in first["voices"].items()
        }
    return entry

"""A text as it is read: HTML entities as the characters they stand for, one blank for a run of blanks.

Feeds leave `&quot;` and `&amp;` in texts, and old copy has two blanks behind a full stop. Neither tokenizers nor rules
know them. A text is never changed: what is found in its reading is given at the offsets of the text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Final, TypeVar

import numpy as np

from framing.quotations import Quotation
from framing.spans import CueSpan
from framing.text import IntArray

Placed = TypeVar("Placed", CueSpan, Quotation)

_ENTITY: Final = r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
_BLANKS: Final = r"(?:[^\S\n]|&(?:nbsp|#160|#[xX][aA]0);){2,}"
_ODD: Final = re.compile(f"{_BLANKS}|{_ENTITY}")


@dataclass(frozen=True)
class Reading:
    """A text's reading and where each of its characters stands.

    Attributes:
        text: what is read.
        length: code points of the text that it is a reading of.
        cuts: where characters stand for several of the text: places in the reading, ascending, and how many code
            points of the text each is ahead from there on; empty where the text is read as it is.
    """

    text: str
    length: int
    cuts: tuple[tuple[int, int], ...] = ()

    @cached_property
    def starts(self) -> IntArray:
        """Where each character starts in the text, and at last the text's length: [characters + 1]."""
        ahead = np.zeros(len(self.text) + 1, dtype=np.int64)
        for place, more in self.cuts:
            ahead[place] += more
        return np.arange(len(self.text) + 1) + np.cumsum(ahead)

    def to_text(self, items: Sequence[Placed]) -> list[Placed]:
        """Give spans or quotations of the reading at their places in the text."""
        if not self.cuts:
            return list(items)
        starts = self.starts
        return [replace(item, start=int(starts[item.start]), end=int(starts[item.end])) for item in items]

    def ranges_to_text(self, ranges: IntArray) -> IntArray:
        """Map half-open ranges [n, 2] of the reading to those of the text."""
        return self.starts[ranges] if self.cuts else ranges

    def from_text(self, ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """Map half-open ranges of the text to those of the reading; an end inside an entity moves behind it."""
        flat = np.searchsorted(self.starts, np.fromiter(chain.from_iterable(ranges), dtype=np.int64))
        return [(int(start), int(end)) for start, end in flat.reshape(-1, 2)]


def read(text: str) -> Reading:
    """Read a text; line ends stay, and so does what only looks like an entity."""
    if not _ODD.search(text):
        return Reading(text, len(text))
    pieces: list[str] = []
    cuts: list[tuple[int, int]] = []
    length = done = 0
    for match in _ODD.finditer(text):
        odd = match.group()
        char = html.unescape(odd)
        if char.isspace() and char != "\n":
            char = " "
        if len(char) != 1:  # no entity, or one that stands for several characters
            continue
        pieces += text[done : match.start()], char
        length += match.start() - done + 1
        cuts.append((length, len(odd) - 1))
        done = match.end()
    return Reading("".join([*pieces, text[done:]]), len(text), tuple(cuts))

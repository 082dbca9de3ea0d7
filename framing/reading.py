"""A text as it is read: entities as characters, one blank for a run of blanks, capital headlines as sentences.

Feeds leave `&quot;` and `&amp;` in texts, old copy has two blanks behind a full stop, and wires set headlines in
capitals; models and rules meet little of that in training. A text is never changed: what is found in its reading is
given at the offsets of the text.
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
from framing.text import IntArray, sentences

Placed = TypeVar("Placed", CueSpan, Quotation)

_ENTITY: Final = r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
_BLANKS: Final = r"(?:[^\S\n]|&(?:nbsp|#160|#[xX][aA]0);){2,}"
_ODD: Final = re.compile(f"{_BLANKS}|{_ENTITY}")
# Four words in capitals; fewer may be names (`US, EU`).
_CAPITALS: Final = re.compile(r"(?:\b[^\Wa-z]+\b\W+){3}[^\Wa-z]")


@dataclass(frozen=True)
class Reading:
    """A text's reading and where each of its characters stands.

    Attributes:
        text: what is read.
        cuts: where characters stand for several of the text: places in the reading, ascending, and how many code
            points of the text each is ahead from there on; empty where the text is read as it is.
    """

    text: str
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
    plain, cuts = _without_oddities(text) if _ODD.search(text) else (text, ())
    return Reading(_without_capitals(plain) if _CAPITALS.search(plain) else plain, cuts)


def _without_oddities(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Give the text with characters for entities and single blanks, and the reading's `cuts`."""
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
    return "".join([*pieces, text[done:]]), tuple(cuts)


def _without_capitals(text: str) -> str:
    """Give sentences that are all in capitals in small letters behind their first letter, at the same offsets."""
    pieces: list[str] = []
    done = 0
    for start, end in sentences(text):
        sentence = text[start:end]
        if sentence.isupper() and _CAPITALS.search(sentence):
            first = start + next(place for place, char in enumerate(sentence) if char.isalpha()) + 1
            # A few letters, such as the dotted capital I, grow in lower case.
            low = "".join(char.lower() if len(char.lower()) == 1 else char for char in text[first:end])
            pieces += text[done:first], low
            done = end
    return "".join([*pieces, text[done:]])

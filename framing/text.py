"""Units (words and marks), sentence boundaries, surface features and overlapping windows, all with offsets.

Training and scoring run this same code, so a model meets in an archive what it met in training.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from framing.quotations import Quotation

IntArray = NDArray[np.int64]

SHORT_QUOTATION_WORDS: Final = 6
"""The codebook's limit: a scare quote holds at most six words."""

SURFACES: Final = 24
"""Values of a surface feature: three letter cases times eight places relative to quotation marks."""

# A word keeps its combining marks, variation selectors and joiners, which Python's \w leaves out.
_MARKS: Final = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u093c\u094d"
_MARKS_MORE: Final = "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\u200d"
_UNIT: Final = re.compile(rf"[\w{_MARKS}{_MARKS_MORE}]+|[^\w\s]")

_ABBREVIATIONS: Final = frozenset(
    re.findall(
        r"\S+",
        "mr mrs ms dr prof gen lt col sgt capt maj adm cmdr rev hon sen rep gov pres sr jr st mt ft vs etc no vol art "
        "inc ltd corp co bros dept est al approx jan feb mar apr jun jul aug sep sept oct nov dec "
        "u.s u.k u.n e.u d.c a.m p.m e.g i.e ph.d",
    )
)
_BOUNDARY: Final = re.compile(
    r"(?P<mark>[.!?…]+)(?P<close>[\"'”’»)\]]*)(?=\s+[\"'“‘«(\[]*[A-Z0-9À-ÖØ-Þ])|\n+", re.UNICODE
)
_LAST_WORD: Final = re.compile(r"[\w.]+$")


def units(text: str) -> IntArray:
    """Cut a text into words and single marks.

    Returns:
        An array [units, 2] of half-open code-point ranges; white space belongs to none.
    """
    return np.array([match.span() for match in _UNIT.finditer(text)], dtype=np.int64).reshape(-1, 2)


def sentences(text: str) -> list[tuple[int, int]]:
    """Cut a text into sentences by final marks and line ends; white space between them belongs to none.

    Abbreviations, initials and single capitals (`U.S.`, `J.`) end no sentence.
    """
    ends = []
    for match in _BOUNDARY.finditer(text):
        if match["mark"] == ".":
            word = _LAST_WORD.search(text, max(0, match.start() - 20), match.start())
            if word and (word.group().lower() in _ABBREVIATIONS or re.fullmatch(r"(?:\w\.)*[A-Z]", word.group())):
                continue
        ends.append(match.end())
    found, start = [], 0
    for end in [*ends, len(text)]:
        piece = text[start:end]
        stripped = piece.strip()
        if stripped:
            first = start + len(piece) - len(piece.lstrip())
            found.append((first, first + len(stripped)))
        start = end
    return found


def surface_features(text: str, unit_ranges: IntArray, quotes: Sequence[Quotation]) -> IntArray:
    """Give every unit what an uncased encoder can't see: letter case, and the place relative to quotation marks.

    Args:
        text: the text.
        unit_ranges: [units, 2], as `units(text)` gives them.
        quotes: the text's quotations.

    Returns:
        [units] with values in [0, `SURFACES`): 8 x case (0 lower or none, 1 capitalised, 2 upper) + 4 x (inside a
        long quotation) + place (0 in no short quotation, 1 its opening mark, 2 inside, 3 its closing mark).
    """
    place = np.zeros(len(unit_ranges), dtype=np.int64)
    long = np.zeros(len(unit_ranges), dtype=np.int64)
    starts = unit_ranges[:, 0]
    for quote in quotes:
        first, last = np.searchsorted(starts, (quote.start, quote.end))
        if quote.closed and quote.words <= SHORT_QUOTATION_WORDS:
            place[first:last] = 2
            place[first], place[last - 1] = 1, 3
        else:
            long[first:last] = 1
    case = np.fromiter(
        (
            (2 if end - start > 1 and text[start:end].isupper() else int(text[start].isupper()))
            for start, end in unit_ranges.tolist()  # plain integers index faster than NumPy's
        ),
        dtype=np.int64,
        count=len(unit_ranges),
    )
    return 8 * case + 4 * long + place


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A stretch of tokens [start, end) that goes through the model at once."""

    start: int
    end: int


def windows(length: int, boundaries: Sequence[int], size: int, stride: int) -> list[Window]:
    """Plan windows over `length` tokens: whole sentences where they fit, with whole sentences repeated as context.

    Args:
        length: number of tokens.
        boundaries: token indices at which sentences start, ascending; 0 may be left out.
        size: most tokens in a window.
        stride: most tokens that a window repeats of the one before; a sentence longer than `size` is cut into
            windows that share exactly so many.

    Returns:
        Windows in order; together they cover every token, and none is longer than `size`.

    Raises:
        ValueError: unless 0 <= stride < size.
    """
    if not 0 <= stride < size:
        raise ValueError(f"stride {stride} must be at least 0 and below the window's {size} tokens")
    ends = sorted({edge for edge in boundaries if 0 < edge < length} | {length})
    starts = [0, *ends[:-1]]
    at_end = frozenset(ends)
    plan: list[Window] = []
    start = 0
    while start < length:
        reach = bisect.bisect_right(ends, start + size) - 1
        if reach >= 0 and ends[reach] > start and (not plan or ends[reach] > plan[-1].end):
            end = ends[reach]
        else:  # the sentence doesn't fit: cut it
            end = min(start + size, length)
        plan.append(Window(start, end))
        if end == length:
            break
        following = starts[bisect.bisect_left(starts, end - stride)] if end in at_end else end - stride
        # A repeated sentence must leave room for something new, else the plan would stand still.
        following = min(following, end)
        nearest = ends[bisect.bisect_right(ends, end)]
        if end in at_end and nearest - following > size:
            following = end if nearest - end <= size else max(following, end - stride)
        start = max(following, start + 1)
    return plan

"""Mends the edges of decoded spans: whole words, whole names of compounds, no dashes, whole findings of the rules.

The network decides on each unit by itself, so that its spans may lack a part of what belongs together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from framing.text import IntArray

FloatArray = NDArray[np.float32]

Ranges = list[tuple[int, int]]
"""Half-open unit ranges, ascending."""

# The rest of a word that a span would leave off: behind a hyphen, or of an abbreviation (`U|.S.`).
_REST: Final = re.compile(r"(?<=\w[-‐‑])\w+(?:[-‐‑]\w+)*|(?<=\b[A-Z])(?:\. ?[A-Z]\b)+\.?|(?<=\.[A-Z])\.")

# A compound takes in the whole name that it begins with (`United States-led forces`), but not in a headline, whose
# verbs have capitals: a word in small letters must follow, or come before the name.
_COMPOUND: Final = re.compile(r"[A-Z][\w.]*[-‐‑][a-z]\w*(\s+[a-z\d]|[^\w\s])?")
_NAME: Final = re.compile(r"(?:(?<![\w'’.-])(?:[A-Z][\w.']*[a-z](?<!'s)|[A-Z]{2,}) )+\Z")
_SMALL: Final = re.compile(r"[a-z]\s+\Z")
_NO_NAME: Final = re.compile(
    "The|An?|Th(?:is|at|ese|ose)|Other|Some|Many|Most|Both|Several|Its|His|Her|Their|Our|And|But|As|In|On|Of|For|By|With|"
    "From|To|When|While|After|Before|Since|Meanwhile|January|February|March|April|May|June|July|August|September|"
    "October|November|December|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
)
_DASH: Final = re.compile(r"[-‐‑‒–—]+")


def rest_of_word(text: str, end: int) -> int:
    """Give where the word ends that a span would leave off at `end`."""
    rest = _REST.match(text, end)
    return rest.end() if rest else end


def without_dashes(text: str, units: IntArray, ranges: Sequence[tuple[int, int]]) -> Ranges:
    """Take off dashes that stand by themselves at the ends of spans; a span of nothing else goes."""
    kept = []
    for first, last in ranges:
        while last > first and _apart(text, *units[last - 1]):
            last -= 1
        while first < last and _apart(text, *units[first]):
            first += 1
        if first < last:
            kept.append((first, last))
    return kept


def _apart(text: str, start: int, end: int) -> bool:
    """Tell whether a unit is a dash with white space, or an end of the text, behind it or before it."""
    return bool(_DASH.fullmatch(text, start, end)) and not (
        text[start - 1 : start].strip() and text[end : end + 1].strip()
    )


def whole_findings(ranges: Sequence[tuple[int, int]], rules: IntArray, present: FloatArray) -> tuple[Ranges, Ranges]:
    """Widen spans that lie inside a finding of the rules, which know where a wording begins and ends.

    Args:
        ranges: the spans.
        rules: [units] 1 where a finding begins, 2 inside one, else 0.
        present: [units] probabilities of the cue.

    Returns:
        The spans, of those that share a finding the surest, and the same, widened.
    """
    kept: Ranges = []
    whole: Ranges = []
    for place, (first, last) in enumerate(ranges):
        opens, closes = first, last
        if rules[first:last].all() and not (rules[first + 1 : last] == 1).any():
            while rules[opens] == 2:
                opens -= 1
            while closes < len(rules) and rules[closes] == 2:
                closes += 1
        following = ranges[place + 1] if place + 1 < len(ranges) else None
        if whole and opens < whole[-1][1]:
            if last <= whole[-1][1]:
                kept[-1] = max(kept[-1], (first, last), key=lambda one: float(present[slice(*one)].mean()))
                continue
            opens = first
        if following is not None and following[0] < closes < following[1]:
            closes = last  # the next span reaches beyond the finding
        kept.append((first, last))
        whole.append((opens, closes))
    return kept, whole


def whole_name(text: str, start: int) -> int:
    """Give where the name begins that a compound at `start` ends."""
    compound = _COMPOUND.match(text, start)
    before = _NAME.search(text, max(0, start - 60), start)
    if not (compound and before):
        return start
    found = start
    for word in reversed(before.group().split()):
        if _NO_NAME.fullmatch(word):
            break
        found = text.rindex(word, 0, found)
    return found if compound.group(1) or _SMALL.search(text, max(0, found - 10), found) else start

"""Matching pairs of quotation marks, straight and curly, single and double, nested, with apostrophes left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

# Guillemets are never apostrophes, so that single ones go with the double marks.
_DOUBLE: Final = frozenset('"“”„‟«»‹›＂')
_SINGLE: Final = frozenset("'‘’‚‛`´")
_ONLY_OPENS: Final = frozenset("“„«‘‚‹")
_ONLY_CLOSES: Final = frozenset("”»›")
# What closes a mark that closes in other languages: „German“, ‚single‘, »Danish«, ›single‹.
_CLOSED_BY: Final = {"„": "“", "‚": "‘", "»": "«", "›": "‹"}
_MARK: Final = re.compile("[" + re.escape("".join(sorted(_DOUBLE | _SINGLE))) + "]|\n")
_ELISION: Final = re.compile(r"\d0s\b|\d\ds\b|em\b|til\b|tis\b|twas\b|cause\b|n\b", re.IGNORECASE)
# Single marks that close later than this, in code points, are taken for apostrophes; it bounds the time on any text.
_REACH: Final = 2000
_WORD: Final = re.compile(r"\w+(?:[-’'.]\w+)*")


@dataclass(frozen=True, slots=True, order=True)
class Quotation:
    """A pair of quotation marks: `text[start]` opens and `text[end - 1]` closes (code points, end exclusive).

    A quotation whose closing mark is missing ends with its paragraph, and `closed` is False.
    """

    start: int
    end: int
    words: int
    closed: bool = True


def _can_open(text: str, at: int) -> bool:
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    return not before.isalnum() and not after.isspace() and before not in ".,;:!?%"


def _can_close(text: str, at: int) -> bool:
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    return not before.isspace() and not after.isalnum()


def _is_apostrophe(text: str, at: int) -> bool:
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    if before.isalnum() and after.isalnum():
        return True
    return not before.isalnum() and _ELISION.match(text, at + 1) is not None


def _closes_later(text: str, at: int) -> bool:
    """Tell whether a single mark that may open at `at` is closed in its paragraph, within `_REACH` code points."""
    turned = _CLOSED_BY.get(text[at])
    for match in _MARK.finditer(text, at + 1, at + _REACH):
        mark, place = match.group(), match.start()
        if mark == "\n":
            return False
        shuts = mark == turned or mark not in _ONLY_OPENS
        if mark in _SINGLE and shuts and not _is_apostrophe(text, place) and _can_close(text, place):
            return True
    return False


def quotations(text: str) -> list[Quotation]:
    """Find the quotations of a text, sorted by start; nested ones are listed beside those that hold them.

    A straight mark closes what its kind has open, else opens; a curly mark does what it shows, unless it is an
    apostrophe or closes what a German or Danish mark opened („so“, »so«). An open quotation ends with its paragraph
    (news copy opens every paragraph of a long quotation anew).
    """
    found: list[Quotation] = []
    stack: list[tuple[int, bool]] = []

    def close(start: int, end: int, closed: bool) -> None:
        words = len(_WORD.findall(text, start + 1, end - closed))
        found.append(Quotation(start, end, words, closed))

    def close_all(end: int) -> None:
        while stack:
            start, double = stack.pop()
            if double and end > start + 1:
                close(start, end, closed=False)

    for match in _MARK.finditer(text):
        mark, at = match.group(), match.start()
        if mark == "\n":
            close_all(at)
            continue
        double = mark in _DOUBLE
        if not double and _is_apostrophe(text, at):
            continue
        kinds = [kind for _, kind in stack]
        opener = next((text[start] for start, kind in reversed(stack) if kind == double), None)
        turned = _CLOSED_BY.get(opener or "") == mark and _can_close(text, at)
        inward = mark in "»›" and opener not in ("«", "‹") and _can_open(text, at)
        opens = inward or (mark not in _ONLY_CLOSES and not turned and (_can_open(text, at) or mark in _ONLY_OPENS))
        closes = double in kinds and (turned or mark not in _ONLY_OPENS) and at > stack[-1][0] + 1
        if closes and (double or _can_close(text, at)) and not (opens and not _can_close(text, at)):
            while stack:  # an inner quotation left open by a missing mark ends with the outer one
                start, kind = stack.pop()
                if kind == double:
                    close(start, at + 1, closed=True)
                    break
        elif opens and (double or (mark != "’" and _closes_later(text, at))):
            stack.append((at, double))
    close_all(len(text))
    return sorted(found)

"""Whose voice a stretch of text is in: the author's, a quotation's, or that of a source reported indirectly."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from framing.quotations import Quotation

# Verbs that report what somebody said or thought. Verbs of hostility or action (condemned, slammed) are absent on
# purpose: the codebook does not let them govern a fragment. The endings are loose; no other English words fit them.
REPORTING: Final = (
    r"\b(?:said|says?|saying|told|tells?|telling|wr[oi]tes?|writing|not(?:ed?|es|ing)|"
    r"(?:claim|alleg|argu|describ|declar|stat|announc|accus|conclud|acknowledg|charg|urg|believ|"
    r"recogni[sz]|reiterat|critici[sz]|characteri[sz]|emphasi[sz]|denounc)(?:ed?|es|s|ing)?|"
    r"(?:tweet|add|insist|assert|contend|maintain|suggest|warn|explain|stress|complain|recall|report|predict|"
    r"think|consider|call|view|regard|label|brand|boast|refer|ask|mean|promis|quot|joke?|vow|phras)(?:l?ed|s|l?ing|es)?|"
    r"thought|meant|dubb?(?:ed|s|ing)?|admit(?:s|ted|ting)?|den(?:ied|ies|y|ying)|testif(?:ied|ies|ying)|"
    r"according to|in (?:his|her|their|its) words)\b"
)
# Indirect speech: verbs that mostly open a report by themselves, and all the others where `that` follows soon.
_INDIRECT: Final = re.compile(
    r"\b(?:said|says?|saying|suggest(?:ed|ing)|warned|argued|believes|considers|considered|thinks|accusing|accused|"
    r"label(?:l?ed|l?ing)|brand(?:ed|ing)|recalled|asserts|asserted|insist(?:s|ed)|maintain(?:s|ed)|contend(?:s|ed)|"
    r"reiterated|emphasi[sz]ed|regard(?:s|ed)|claims)\b|" + REPORTING + r" (?:[\w.'’]+ ){0,3}?that\b|according to\b",
    re.IGNORECASE,
)
# A source named behind its statement: "..., the ministry said on Monday."
_TRAILING: Final = re.compile(
    r", (?:[\w.'’-]+ ){1,8}?(?:said|says|argued|argues|added|noted|reported|warned|claimed|claims)"
    r"(?: (?:on|in) [\w ]{1,24})?[.]|\baccording to\b",
    re.IGNORECASE,
)
_BREAK: Final = re.compile(r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])|\n")
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Sen|Rep|Reps|Sens|Gov|Gen|Col|Lt|Sgt|Jr|Sr|Prof|Rev|No|vs|[A-Z])|\.[A-Za-z])\Z"
)
# No sentence of news copy is longer, in code points; what lies further away than this is not looked at.
_REACH: Final = 700
# No quotation that opens further back, in code points, is looked at.
_LONGEST: Final = 5000


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Give the range of the sentence (or sentences) that hold `text[start:end]`, at most 700 code points each way."""
    first, last = max(0, start - _REACH), min(len(text), end + _REACH)
    for match in _BREAK.finditer(text, first, start + 2):  # the look-ahead must see how the cue begins
        if match.end() <= start and not _ABBREVIATION.search(text, max(0, match.start() - 6), match.start()):
            first = match.end()
    for match in _BREAK.finditer(text, max(start, end - 2), last):
        if match.end() >= end and not _ABBREVIATION.search(text, max(0, match.start() - 6), match.start()):
            return first, match.end()
    return first, last


def around(quotations: Sequence[Quotation], start: int, end: int) -> Sequence[Quotation]:
    """Give the quotations that may touch or hold [start, end), so that long texts take no quadratic time."""
    first = bisect_left(quotations, start - _LONGEST, key=lambda quotation: quotation.start)
    last = bisect_right(quotations, end + _REACH, key=lambda quotation: quotation.start)
    return quotations[first:last]


def _outside(quotations: Sequence[Quotation], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the parts of [start, end) that lie outside all quotations."""
    at = start
    for quotation in quotations:
        if quotation.start >= end:
            break
        if quotation.start > at:
            yield at, quotation.start
        at = max(at, quotation.end)
    if at < end:
        yield at, end


def voice_of(text: str, start: int, end: int, quotations: Sequence[Quotation]) -> str:
    """Tell whose voice `text[start:end]` is in.

    A quotation that is itself the range, as scare quotes are, does not make it `quoted`: those marks are the writer's
    own. Any other does, the short ones too: nine in ten of the cues inside them are reported words.

    Args:
        text: the whole text.
        start: first code point of the cue.
        end: code point after its last.
        quotations: the text's quotations, sorted, as `framing.quotations.quotations` gives them.

    Returns:
        `quoted` inside a quotation; `attributed` where the sentence reports the words of a source named before the
        cue, or behind a comma after it; else `author`.
    """
    own = False
    quotations = around(quotations, start, end)
    for quotation in quotations:
        if quotation.start > start:
            break
        if (quotation.start, quotation.end) == (start, end):
            own = True
        elif quotation.end >= end:
            return "quoted"
    if own:
        return "author"
    first, last = sentence_around(text, start, end)
    if any(_INDIRECT.search(text, *part) for part in _outside(quotations, first, start)):
        return "attributed"
    return "attributed" if _TRAILING.search(text, end, last) else "author"

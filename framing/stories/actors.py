"""Whom a cue is about: the name that stands right beside it, or none; no name is guessed from further away."""

from __future__ import annotations

import re
from typing import Final

from framing.spans import CueSpan
from framing.voice import sentence_around

_PART: Final = r"(?:[A-Z][\w’'-]*|al-[A-Z][\w’'-]*|(?:[A-Z]\.)+)"
_NAME: Final = rf"{_PART}(?: (?:(?:of|the|al|bin|de|von|van) ){{0,2}}{_PART})*"
_ROLE: Final = r"(?:leaders?|group|groups|organi[sz]ation|network|movement|militia|president|president-elect|dictator)"
# "terrorist group Hamas", "the regime of President Bashar al-Assad", "US-backed fighters of the Free Army"
_AFTER: Final = re.compile(rf"['\"’”]?(?: {_ROLE})?(?: of(?: the)?| such as| like| in)? ['\"‘“]?(?P<name>{_NAME})")
# "the Assad regime", "Maduro's corrupt regime", "Hamas, a terrorist group", "Hamas is a terrorist group"
_BEFORE: Final = re.compile(
    rf"(?P<name>{_NAME})(?:['’]s?)?(?:, (?:which|who) (?:is|are|was|were)|,| (?:is|are|was|were|as|and other))?"
    r"(?: (?:an?|the|its|their))?(?: [a-z-]+){0,1} ?['\"‘“(]?\Z"
)
_NO_NAMES: Final = frozenset(
    [
        "A",
        "An",
        "And",
        "As",
        "At",
        "But",
        "By",
        "For",
        "From",
        "He",
        "Her",
        "His",
        "I",
        "If",
        "In",
        "It",
        "Its",
        "Mr",
        "Mrs",
        "Ms",
        "My",
        "Of",
        "On",
        "Or",
        "Our",
        "She",
        "So",
        "That",
        "The",
        "Their",
        "These",
        "They",
        "This",
        "Those",
        "To",
        "We",
        "What",
        "When",
        "Where",
        "Who",
        "With",
        "You",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "President",
        "Prime",
        "Minister",
        "Sen",
        "Rep",
    ]
)
_ADJECTIVES: Final = frozenset(
    [
        "American",
        "Black",
        "Christian",
        "Far",
        "Foreign",
        "Islamic",
        "Islamist",
        "Jewish",
        "Left",
        "Muslim",
        "Right",
        "White",
    ]
)
_LIST: Final = re.compile(r"(?:[Tt]error\w* )?[Ll]ists?\b")
_BLANKS: Final = re.compile(r"\s+")
_NEAR: Final = 80


def actor_of(text: str, span: CueSpan) -> str:
    """Name whom a cue is about: a name inside it, right behind it or right before it, in its sentence.

    Args:
        text: the whole text.
        span: the cue.

    Returns:
        The name as it stands there; empty where none does.
    """
    if _LIST.match(text, span.start, span.end):  # "the U.S. list of terrorist groups": the name is whose list it is
        return ""
    first, last = sentence_around(text, span.start, span.end)
    inside = re.match(rf"(?P<name>{_NAME})(?= [a-z])", text[span.start : span.end])
    after = _AFTER.match(_BLANKS.sub(" ", text[span.end : min(last, span.end + _NEAR)]))
    before = _BEFORE.search(_BLANKS.sub(" ", text[max(first, span.start - _NEAR) : span.start]))
    for match in (inside, after, before):
        if match and (name := _stripped(match["name"])):
            return name
    return ""


def _stripped(name: str) -> str:
    """Take words that only look like names off the front."""
    words = name.split()
    while words and words[0].rstrip(".") in _NO_NAMES:
        del words[0]
    whole = " ".join(words)
    return re.sub(r"['’]s?\Z", "", whole) if len(whole) > 1 and whole not in _ADJECTIVES else ""

"""Rules for a terrorist designation: is it a legal listing or a label, and by which state or body."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from framing.authorities import Mention, mentions
from framing.voice import sentence_around

_LISTING: Final = (
    r"(?:re-?)?(?:un-?)?designat(?:e[ds]?|ing|ions?)|(?:de-?|en)?list(?:s|ed|ing|ings)?|blacklist(?:s|ed|ing)?|"
    r"proscri(?:be[ds]?|bing|ptions?)|outlaw(?:s|ed|ing)?|banned|banning|prohibited|regist(?:er|ers|ered|ry)"
)
_HOLDING: Final = (
    r"declar(?:e[ds]?|ing)|consider(?:s|ed)?|deem(?:s|ed|ing)?|regard(?:s|ed|ing)?|view(?:s|ed|ing)?|"
    r"(?:legally )?recogni[sz](?:e[ds]?|ing)|classif(?:y|ies|ied|ying)|label(?:l?ed|l?ing|s)?|"
    r"brand(?:s|ed|ing)?|(?:re)?nam(?:e[ds]?|ing)|categori[sz](?:e[ds]?|ing)|identif(?:y|ies|ied)|sanctioned"
)
_OFFICIAL: Final = re.compile(rf"\b(?:{_LISTING})\b", re.IGNORECASE)
_VERB: Final = re.compile(rf"\b(?:{_LISTING}|{_HOLDING})\b", re.IGNORECASE)
# What a state lists; of other words (terrorist attack, jihadists) a verb of holding makes no listing.
_CLASS: Final = re.compile(
    r"(?:terror(?:is[tm])?|extremist)[ -]?(?:\w+ ){0,2}?(?:organi[sz]ation|group|entit|list|movement|outfit|collective)"
    r"|terrorists\b|\bsponsors? of terror|terrorism sponsor|(?:terrorist|extremist)\W*\Z",
    re.IGNORECASE,
)
# Statuses that only the law of the United States knows.
_AMERICAN: Final = re.compile(
    r"\bforeign terrorist (?:group|organi[sz]ation)s?|\bspecially[- ]designated|\bstate sponsors? of terror|"
    r"\bFTO\b|\bSDGTs?\b|\bmaterial support to\b",
    re.IGNORECASE,
)
# Where no authority is named at all, these words still give the United States away.
_AT_HOME: Final = re.compile(
    r"\badministration\b|\bdomestic terror|\bTrump\b|\bObama\b|\bBiden\b|\bF\.?B\.?I\b", re.IGNORECASE
)
_STATUS: Final = re.compile(r"\bstate sponsors? of terror|\bforeign terrorist organi[sz]ation", re.IGNORECASE)
_CHIEF: Final = re.compile(
    r"\b(?:chief|leading|lead|foremost|biggest|largest|top|main|number one|greatest|worst)\W+\Z", re.IGNORECASE
)
_MANY: Final = r"(?: (?:the|an?|both|many|most|several|some))*\s"
_BY: Final = re.compile(r"\bby" + _MANY, re.IGNORECASE)
_BY_SEAT: Final = re.compile(  # `by a district court in Moscow`
    r"\bby (?:[\w’'-]+ ){1,3}(?:courts?|governments?|authorit(?:y|ies)|parliament|ministry|cabinet|tribunal) "
    r"(?:in|of) (?:the )?",
    re.IGNORECASE,
)
_IN: Final = re.compile(r"\b(?:in|on|under)" + _MANY, re.IGNORECASE)
_AND: Final = re.compile(
    r"(?:[\s,&/]|['’]s?|\b(?:and|or|as well as|both|the|many|most|other|several|by|in|like|government|governments|"
    r"authorities|countries|ministry)\b)*\Z",
    re.IGNORECASE,
)
_OBLIQUE: Final = re.compile(
    r"\b(?:in|from|of|on|against|with|to|for|over|across|into|inside|near|at|between|about|than|as|like|remove[ds]?)"
    r"(?: the)?(?: \w+ern)?\s+\Z",
    re.IGNORECASE,
)
_OFFICE: Final = re.compile(
    r"(?:['’]s?)? (?:\w+ ){0,3}?(?:government|authorit|parliament|court|minist|president|official|lawmaker|congress|"
    r"senate|cabinet|council|agency|administration)|['’]s? (?:\w+ ){0,2}?(?:(?:black)?list|designat|decision|move|law)|"
    r" (?:\w+ )?(?:black)?list\b",
    re.IGNORECASE,
)
# `members of the European Union` and `a court in Cairo` act for it.
_SEAT: Final = re.compile(
    r"\b(?:members?|states|governments?|parliament|officials?|authorit(?:y|ies)|courts?|ministry|ministers?|lawmakers|"
    r"cabinet|senate|congress|leaders?|president) (?:of|in)(?: the)?\s+\Z",
    re.IGNORECASE,
)
_POSSESSIVE: Final = re.compile(r"['’]s?\s")
_TOLD: Final = re.compile(r"[^.;]{0,40}?\bto (?:\w+ )?\Z")
# Code points around a designation: where its verb stands before it, `by` and `in` behind it, and other authorities.
_BEFORE: Final = 120
_AFTER: Final = 30
_PLACE: Final = 12
_REACH: Final = 800


def designated(text: str, start: int, end: int) -> tuple[str, str | None]:
    """Tell the kind of a designation and its authority.

    Args:
        text: the whole text.
        start: first code point of the designation.
        end: code point after its last.

    Returns:
        `listing` or `label`, and for a listing the normalised names of its authorities, joined by `; `, or None.
    """
    first, last = sentence_around(text, start, end)
    known = mentions(text, first, last)
    verbs = list(_VERB.finditer(text, max(first, start - _BEFORE), end))
    opens = verbs[-1].start() if verbs else start
    official = bool(verbs) and bool(_OFFICIAL.fullmatch(verbs[-1].group()) or _OFFICIAL.search(text, start, end))
    status = _STATUS.search(text, start, end) and not _CHIEF.search(text, max(0, start - 20), start)
    american = ["United States"] if _AMERICAN.search(text, first, last) else []
    found = _agents(text, opens, end, known, official=official) or american or _subjects(text, opens, known)
    held = verbs and found and _CLASS.search(text, start, end)
    if not (official or status or held):
        return "label", None
    return "listing", "; ".join(dict.fromkeys(found or _elsewhere(text, first, last))) or None


def _chains(text: str, known: Sequence[Mention]) -> list[list[Mention]]:
    """Join mentions that stand in one list: `Israel, the US and others`."""
    chains: list[list[Mention]] = []
    for mention in known:
        if chains and _AND.match(text, chains[-1][-1].end, mention.start):
            chains[-1].append(mention)
        else:
            chains.append([mention])
    return chains


def _agents(text: str, opens: int, end: int, known: Sequence[Mention], *, official: bool) -> list[str]:
    """Give the authorities of `US-designated`, or those that `by` or `in` names behind the verb."""
    owner = [mention.authority for mention in known if mention.end + 1 == opens and text[mention.end] in "- "]
    if owner:
        return owner
    by = {match.end() for pattern in (_BY, _BY_SEAT) for match in pattern.finditer(text, opens, end + _AFTER)}
    inside = {match.end() for match in _IN.finditer(text, opens, end + _PLACE) if official}
    for chain in _chains(text, [mention for mention in known if mention.start >= opens]):
        if chain[0].start in by | inside:
            return [mention.authority for mention in chain]
    return []


def _subjects(text: str, end: int, known: Sequence[Mention]) -> list[str]:
    """Give the authorities nearest before `end` that can act: no place, owner or origin."""
    for chain in reversed(_chains(text, [mention for mention in known if mention.end <= end])):
        head, tail = chain[0], chain[-1]
        office = _OFFICE.match(text, tail.end, end + 30)
        owner = _POSSESSIVE.match(text, tail.end)
        seat = _SEAT.search(text, max(0, head.start - 30), head.start)
        oblique = _OBLIQUE.search(text, max(0, head.start - 20), head.start) and not _TOLD.match(text, tail.end, end)
        if office or seat or not (oblique or owner or tail.adjective):
            return [mention.authority for mention in chain]
    return []


def _elsewhere(text: str, first: int, last: int) -> list[str]:
    """Give the authority that the passage around a sentence names: who acts before it, or the only one there is."""
    before, behind = max(0, first - _REACH), min(len(text), last + _REACH)
    acting = _subjects(text, first, mentions(text, before, first))
    if acting:
        return acting
    if _AT_HOME.search(text, before, behind):
        return ["United States"]
    only = {mention.authority for mention in mentions(text, before, behind)}
    return list(only) if len(only) == 1 else []

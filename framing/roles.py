"""What a ranker sees of the candidates for a designation's target and source.

Features are strings of classes, distances and small words. Names are in none of them, so that a sentence about another
country, party or group is read in the same way; some well-known armed groups make one class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from framing.authorities import mentions
from framing.phrases import Phrase, phrases
from framing.quotations import Quotation
from framing.spans import CueSpan
from framing.voice import REPORTING, around, sentence_around

ROLES: Final = ("target", "source")
# No further away than this, in code points, and no more phrases on each side are looked at.
_REACH: Final = 500
_MOST: Final = 14

_CLASSES: Final = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("listing", r"^\W?(?:re-?)?(?:designat|blacklist|label|brand|declar|list|proscri|outlaw|bann|nam)"),
        ("act", r"(?:attack|bombing|plot|shooting|massacre|incident|strike|blast|operation|act)s?\W*$|activit\w+\W*$"),
        ("act", r"\bacts? of\b"),
        ("sponsor", r"sponsor|support|financ"),
        ("mass", r"(?:terrorism|terror|extremism|jihad|jihadism)\W*$"),
        ("group", r"(?:group|organi[sz]ation|network|movement|cell|state|army|outfit|militia|regime|entity|cult)\W*$"),
        ("groups", r"(?:groups|organi[sz]ations|networks|cells|militias|elements|entities|outfits|forces)\W*$"),
        ("persons", r"(?:ists|jihadis|fighters|militants|leaders|suspects|recruiters)\W*$"),
        ("person", r"(?:ist|jihadi|leader|mastermind|suspect|militant|fighter)\W*$"),
    )
)
_LINKS: Final = tuple(
    (name, re.compile(pattern + r"\Z", re.IGNORECASE))
    for name, pattern in (
        ("beside", r"\s*"),
        ("apposition", r"[,\s—–-]+(?:also )?(?:known as )?(?:an?|the)?\s*"),
        ("bracket", r" ?\(\s*"),
        ("copula", r" (?:is|are|was|were|be|being|been|as|['’]s)(?: \w+){0,3}?(?: not)?(?: an?| the)? ?[\"“‘']?"),
        ("article", r" (?:an?|the|as|as an?|to be an?|of) ?[\"“‘']?"),
        ("relative", r",? (?:who|which|that|whom)\b.{0,40}"),
        ("list", r",? (?:and|or)(?: other)? "),
        ("owner", r"['’]s? (?:\w+ ){0,2}"),
        ("charge", r".*\b(?:linked|affiliat|tied|accus|support|fund|sponsor|charged).*"),
        ("holding", r".*\b(?:call|label|brand|describ|consider|designat|declar|deem|regard|list|nam(?:ed|ing)).*"),
        ("by", r".*\bby\b.*"),
        ("and", r".*\band\b.*"),
    )
)
_NAME: Final = re.compile(r"(?:[A-Z][\w.’'/-]*|al-\w+)(?:[ -](?:(?:of|the) )?(?:[A-Z][\w’'/-]*|al-\w+))*")
_CLASSIFIER: Final = re.compile(
    r"(?:terror|extrem|jihad|islam|radical|foreign|state|domestic|act|muslim|takfir|violent|internation|neo|white|narco|"
    r"global|right|left|far|specially|sponsor|un-?designat|designat|blacklist|proscri|outlaw|bann|label|list)",
    re.IGNORECASE,
)
_ROOT: Final = re.compile(r"terror|extremis|jihad", re.IGNORECASE)
_MODIFIER: Final = re.compile(r"[\"“‘']?(\S+(?: \S+){0,3}?)[ -]+(?:\w+[ -])?(?:\w*terror|extrem|jihad)", re.IGNORECASE)
_OBJECT: Final = re.compile(
    r"\b(?:(?:re)?designat\w+|blacklist\w*|label\w*|brand\w+|list\w*|proscri\w+|declar\w+|nam\w+|outlaw\w*)(?: of)? "
    r"((?!an? |as |by |in ).{2,80}?)(?= as\b| an? | to the\b|$)",
    re.IGNORECASE,
)
_BEHIND: Final = re.compile(r" (?:in|on|at|against|of|by|that|who|from|which)\b[^.;,\"”\n]{2,60}")
_REPORTS: Final = re.compile(
    r"\W{0,3}(?:\w+ly )?(?:(?:has|have|had|also|later|then|who|which) )*" + REPORTING, re.IGNORECASE
)
_ACCORDING: Final = re.compile(
    r"\b(?:according to|said|says|told|by|added|wrote|tweeted|argued|claimed|warned|from)\W+(?:the )?\Z", re.IGNORECASE
)
_EDGES: Final = (0, 1, 2, 3, 4, 6, 9, 13, 20, 30, 45)
_TOKEN: Final = re.compile(r"[\w’']+|[^\w\s]")

_GROUP_WORD: Final = re.compile(
    r"(?:[A-Z]{2,}\b|Front|Army|Brigades?|Party|Movement|Organi[sz]ation|Guards?|Corps|State|Units?|Council|Group|Network|Militia|"
    r"Brotherhood|Forces?|Jihad|Klux|Klan)"
)
_TITLE: Final = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|President|Minister|Secretary|Senator|Congressman|General|Director|Ambassador|"
    r"Judge|Sheriff|Mayor|Chief|Prime|King|Ayatollah|spokes\w+|officials?|ministry|lawmakers?|prosecutors?|police|experts?)\b"
)
_KNOWN: Final = re.compile(
    r"\b(?:isis|isil|is|daesh|hamas|hezbollah|hizbullah|taliban|al[- ]qa[ei]da|qaeda|boko haram|haqqani|mek|mko|pkk|"
    r"ypg|al[- ]shabaa?b|nusra|antifa|irgc|muslim brotherhood|islamic state|houthis?|islamic jihad|kkk)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer to the question for a role.

    Attributes:
        range: half-open code-point offsets of its words; None for `nobody`.
        features: what the ranker sees of it.
    """

    range: tuple[int, int] | None
    features: tuple[str, ...]


def class_of(words: str) -> str:
    """Tell what a designation classes: an `act`, a `group`, `persons`, ...; `other` where its words don't say."""
    return next((name for name, pattern in _CLASSES if pattern.search(words)), "other")


def candidates(
    text: str,
    span: CueSpan,
    role: str,
    *,
    kind: str,
    voice: str,
    marks: Sequence[Quotation],
    others: Sequence[CueSpan] = (),
) -> list[Candidate]:
    """Give the candidates for a role of a designation, `nobody` last.

    Args:
        text: the whole text.
        span: the designation.
        role: `target` or `source`.
        kind: the designation's kind.
        voice: its voice.
        marks: the text's quotations, sorted.
        others: the text's other designations.
    """
    start, end = span.start, span.end
    first, last = max(0, start - _REACH), min(len(text), end + _REACH)
    while 0 < first < start and not text[first - 1].isspace():
        first += 1
    spoken = [mark for mark in around(marks, start, end) if mark.words > 3]
    place = _Place(
        text, span, class_of(text[start:end]), kind, voice, sentence_around(text, start, end), spoken, others
    )
    found = phrases(text, first, last)
    sides = {
        "left": [phrase for phrase in reversed(found) if phrase.end <= start][:_MOST],
        "right": [phrase for phrase in found if phrase.start >= end][:_MOST],
        "inside": list(_inside(text, start, end, found)) if role == "target" else [],
    }
    rows = [
        Candidate((phrase.start, phrase.end), tuple(dict.fromkeys(f"{role} {item}" for item in described)))
        for side, group in sides.items()
        for near, phrase in enumerate(group)
        for described in [place.describe(phrase, side, near)]
    ]
    return [*rows, Candidate(None, tuple(dict.fromkeys(f"{role} nobody {item}" for item in place.nobody())))]


def _inside(text: str, start: int, end: int, found: Sequence[Phrase]) -> Iterator[Phrase]:
    """Give the candidates that share words with the designation, or go on from it."""
    words = text[start:end]
    modifier = _MODIFIER.match(words)
    if modifier and not _CLASSIFIER.match(words):
        yield Phrase(start, start + modifier.end(1), "head name", modifier[1].lower())
    for match in _NAME.finditer(words):
        if match.start() and not _ROOT.search(match.group()):
            yield Phrase(start + match.start(), start + match.end(), "inner name", "")
    for match in _OBJECT.finditer(words):
        yield Phrase(start + match.start(1), start + match.end(1), "object", "")
    behind = _BEHIND.match(text, end)
    if behind:
        yield Phrase(start, behind.end(), "with what follows", "")
    for phrase in found:
        if phrase.start < start < phrase.end:
            yield Phrase(phrase.start, max(end, phrase.end), "with " + phrase.form, "")
            if phrase.form == "name":
                yield Phrase(phrase.start, phrase.start + len(text[phrase.start : start].rstrip()), "before", "")
        elif phrase.start < end < phrase.end and not text[end].isalnum():
            yield Phrase(end + (text[end] == " "), phrase.end, "tail " + phrase.form, phrase.head)


@dataclass(frozen=True, slots=True)
class _Place:
    """A designation and what is known of its surroundings, as `candidates` takes them."""

    text: str
    span: CueSpan
    noun: str
    kind: str
    voice: str
    sentence: tuple[int, int]
    spoken: Sequence[Quotation]
    others: Sequence[CueSpan]

    def describe(self, phrase: Phrase, side: str, near: int) -> Iterator[str]:
        """Give the features of a phrase, the `near`-th on its side."""
        text, noun, kind, voice = self.text, self.noun, self.kind, self.voice
        start, end = self.span.start, self.span.end
        gap = text[phrase.end : start] if side == "left" else text[end : phrase.start] if side == "right" else ""
        far = next((str(edge) for edge in _EDGES if len(gap.split()) <= edge), "far")
        here = self.sentence[0] <= phrase.start < self.sentence[1]
        place = "here" if here else "earlier" if side == "left" else "later"
        link = next((name for name, pattern in _LINKS if pattern.match(gap)), "none") if here else place
        form = f"{phrase.form} {side}"
        said, theirs = (
            any(mark.start <= one.start and one.end <= mark.end for mark in self.spoken) for one in (self.span, phrase)
        )
        reports = _REPORTS.match(text, phrase.end) is not None
        told = _ACCORDING.search(text, max(0, phrase.start - 40), phrase.start) is not None
        state = bool(mentions(text, phrase.start, phrase.end))
        opens = here and phrase.start - self.sentence[0] < 3
        words = text[phrase.start : phrase.end].split()
        sort = _sort(words, phrase.form)
        beside = any(one.start <= phrase.end + 2 and phrase.start <= one.end + 2 for one in self.others)
        yield from (f"form {form}", f"form {form} {noun}", f"form {form} {kind}", f"form {form} {voice}")
        yield from (f"distance {side} {far}", f"distance {form} {far}", f"distance {sort} {far}")
        yield from (f"place {form} {place}", f"place {side} {place} {noun}")
        yield from (f"link {side} {link}", f"link {form} {link}", f"link {sort} {link}")
        yield from (f"link {side} {link} {noun}", f"link {side} {link} {kind}")
        yield from (f"near {side} {near}", f"near {form} {min(near, 4)}", f"near {form} {min(near, 4)} {noun}")
        yield from (f"opens {side} {opens}", f"opens {form} {opens} {near == 0}")
        yield from (f"state {state} {kind}", f"state {state} {noun}", f"state {state} {voice} {reports}")
        yield from (f"quoted {said} {theirs} {side}", f"quoted {said} {theirs} {phrase.form}")
        yield from (f"reports {reports} {side}", f"reports {reports} {side} {voice}")
        yield from (f"reports {reports} {voice} {said} {theirs}", f"reports {sort} {reports} {told} {voice}")
        yield from (f"told {told} {voice}", f"told {told} {said} {theirs}")
        yield from (f"sort {sort} {side}", f"sort {sort} {noun} {side}", f"sort {sort} {kind} {side}")
        yield from (f"beside {beside} {side} {noun}", f"beside {beside} {phrase.form}")
        yield from (f"length {min(6, len(words))}", f"plural {phrase.head.endswith('s')} {noun}")
        yield from (f"word {word.strip('.,')}" for word in words[:7] if word.islower())
        if phrase.form == "pronoun":
            yield from (f"head {phrase.head} {side} {noun}", f"head {phrase.head} {link}")
        elif words[-1].islower():
            yield f"head {phrase.head}"
        if phrase.form == "name":
            yield f"again {min(3, text.count(text[phrase.start : phrase.end]))} {side}"
        before, after = (
            _words(text[max(0, phrase.start - 40) : phrase.start]),
            _words(text[phrase.end : phrase.end + 40]),
        )
        between = _words(gap)
        yield from (
            f"before {before[-1]}",
            f"before {before[-1]} {side}",
            f"after {after[0]}",
            f"after {after[0]} {side}",
        )
        yield from (f"before within three {word} {side}" for word in before[-3:])
        yield from (f"after within three {word} {side}" for word in after[:3])
        if side == "left":
            yield from (f"between first {between[0]}", f"between last {between[-1]}")
        if here and len(between) < 10:
            yield from (f"between {side} {word}" for word in between)

    def nobody(self) -> Iterator[str]:
        """Give the features of there being nobody to name."""
        start, end = self.span.start, self.span.end
        words = re.findall(r"[\w’'-]+", self.text[start:end])
        yield from ("", self.noun, self.kind, self.voice, f"{self.voice} {self.noun}", f"words {min(5, len(words))}")
        yield f"before {_words(self.text[max(0, start - 25) : start])[-1]}"
        yield f"after {_words(self.text[end : end + 25])[0]}"
        if words:
            yield f"last {words[-1].lower()}"


def _sort(words: Sequence[str], form: str) -> str:
    """Tell what a phrase seems to name: a `group`, a `speaker`, a `state`, a `person`, or its form."""
    whole = " ".join(words)
    if form not in {"name", "head name", "inner name", "with name", "before", "object"}:
        return "speaker" if _TITLE.search(whole) else form
    if _KNOWN.search(whole):
        return "known"
    if _TITLE.search(whole):
        return "speaker"
    if mentions(whole):
        return "state group" if _GROUP_WORD.search(whole) else "state"
    if _GROUP_WORD.search(whole):
        return "group"
    capitals = [word for word in words if word[0].isupper()]
    return f"{min(3, len(capitals))} capitals {words[0].islower()}"


def _words(text: str) -> list[str]:
    """Give words and marks; one with capitals may be a name, and is like any other; there is always one."""
    found = _TOKEN.findall(text)
    return [word if word.islower() or not word[0].isalnum() else "Name" for word in found] or ["edge"]

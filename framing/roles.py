"""What a ranker sees of the candidates for a designation's target and source.

Features are strings of classes, distances and small words. Names are in none of them, so that a sentence about another
country, party or group is read in the same way; some well-known armed groups make one class.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from framing.authorities import mentions
from framing.phrases import Phrase, phrases
from framing.quotations import Quotation, quotations
from framing.spans import CueSpan
from framing.voice import REPORTING, around, sentence_around, voice_of

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
_EDGE: Final = "edge"  # in place of a word, where the text ends

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


class Surroundings:
    """A text with designations, and what is seen in it of the phrases around them."""

    def __init__(self, text: str, designations: Sequence[CueSpan]) -> None:
        """Take the whole text and all of its designations."""
        self.text = text
        self.marks = quotations(text)
        self.designations = sorted(designations, key=lambda span: span.start)
        self._longest = max((span.end - span.start for span in designations), default=0)
        self._seen: dict[Phrase, _Seen] = {}  # neighbouring designations have phrases in common

    def candidates(self, span: CueSpan, kind: str) -> dict[str, list[Candidate]]:
        """Give the candidates for each role of a designation, `nobody` last.

        Args:
            span: one of the text's designations; without a voice it gets that of the rules.
            kind: its kind.
        """
        text, start, end = self.text, span.start, span.end
        first, last = max(0, start - _REACH), min(len(text), end + _REACH)
        while 0 < first < start and not text[first - 1].isspace():
            first += 1
        place = _Place(
            text,
            span,
            class_of(text[start:end]),
            kind,
            span.voice or voice_of(text, start, end, self.marks),
            sentence_around(text, start, end),
            [mark for mark in around(self.marks, start, end) if mark.words > 3],
            [other for other in self._near(first, last) if other is not span],
        )
        found = phrases(text, first, last)
        left = [phrase for phrase in reversed(found) if phrase.end <= start][:_MOST]
        right = [phrase for phrase in found if phrase.start >= end][:_MOST]
        beside = [*self._rows(place, "left", left), *self._rows(place, "right", right)]
        inside = self._rows(place, "inside", _inside(text, start, end, found))
        nobody = Candidate(None, tuple(dict.fromkeys(f"nobody {item}" for item in place.nobody())))
        return {"target": [*beside, *inside, nobody], "source": [*beside, nobody]}

    def _near(self, first: int, last: int) -> Sequence[CueSpan]:
        """Give the designations that may touch [first, last), so that long texts take no quadratic time."""
        low = bisect_left(self.designations, first - 2 - self._longest, key=lambda span: span.start)
        return self.designations[low : bisect_right(self.designations, last + 2, key=lambda span: span.start)]

    def _rows(self, place: _Place, side: str, found: Iterable[Phrase]) -> Iterator[Candidate]:
        for near, phrase in enumerate(found):
            seen = self._seen.get(phrase)
            if seen is None:
                seen = self._seen[phrase] = _see(self.text, phrase)
            features = tuple(dict.fromkeys(place.describe(phrase, seen, side, near)))
            yield Candidate((phrase.start, phrase.end), features)


def scores(rows: Sequence[Candidate], weights: Mapping[str, float]) -> list[float]:
    """Give each candidate's score: the sum of its features' weights."""
    return [sum(weights.get(feature, 0.0) for feature in row.features) for row in rows]


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


class _Seen(NamedTuple):
    """What is seen of a phrase whatever the designation.

    `before` and `after` are the three words or marks on each side, `words` and `length` (at most six) its own; `common`
    says that it ends on a word in small letters, `again` (at most three) how often a name stands in the text.
    """

    reports: bool
    told: bool
    state: bool
    sort: str
    words: tuple[str, ...]
    length: int
    common: bool
    again: int
    before: list[str]
    after: list[str]


def _see(text: str, phrase: Phrase) -> _Seen:
    start, end, form, _ = phrase
    words = text[start:end].split()
    return _Seen(
        reports=_REPORTS.match(text, end) is not None,
        told=_ACCORDING.search(text, max(0, start - 40), start) is not None,
        state=bool(mentions(text, start, end)),
        sort=_sort(words, form),
        words=tuple(f"word {word.strip('.,')}" for word in words[:7] if word.islower()),
        length=min(6, len(words)),
        common=words[-1].islower(),
        again=min(3, text.count(text[start:end])) if form == "name" else 0,
        before=_words(text[max(0, start - 40) : start])[-3:],
        after=_words(text[end : end + 40])[:3],
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """A designation and what is known of its surroundings."""

    text: str
    span: CueSpan
    noun: str
    kind: str
    voice: str
    sentence: tuple[int, int]
    spoken: Sequence[Quotation]
    others: Sequence[CueSpan]

    def describe(self, phrase: Phrase, seen: _Seen, side: str, near: int) -> Iterator[str]:
        """Give the features of a phrase, the `near`-th on its side."""
        text, noun, kind, voice = self.text, self.noun, self.kind, self.voice
        reports, told, state, sort = seen.reports, seen.told, seen.state, seen.sort
        start, end = self.span.start, self.span.end
        gap = text[phrase.end : start] if side == "left" else text[end : phrase.start] if side == "right" else ""
        distance = len(gap.split())
        far = next((str(edge) for edge in _EDGES if distance <= edge), "far")
        here = self.sentence[0] <= phrase.start < self.sentence[1]
        place = "here" if here else "earlier" if side == "left" else "later"
        link = next((name for name, pattern in _LINKS if pattern.match(gap)), "none") if here else place
        form = f"{phrase.form} {side}"
        said, theirs = (
            any(mark.start <= one.start and one.end <= mark.end for mark in self.spoken) for one in (self.span, phrase)
        )
        opens = here and phrase.start - self.sentence[0] < 3
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
        yield from (f"length {seen.length}", f"plural {phrase.head.endswith('s')} {noun}")
        yield from seen.words
        if phrase.form == "pronoun":
            yield from (f"head {phrase.head} {side} {noun}", f"head {phrase.head} {link}")
        elif seen.common:
            yield f"head {phrase.head}"
        if phrase.form == "name":
            yield f"again {seen.again} {side}"
        before, after = seen.before, seen.after
        yield from (
            f"before {before[-1]}",
            f"before {before[-1]} {side}",
            f"after {after[0]}",
            f"after {after[0]} {side}",
        )
        yield from (f"before within three {word} {side}" for word in before)
        yield from (f"after within three {word} {side}" for word in after)
        between = _TOKEN.findall(gap) or [_EDGE]
        if side == "left":
            yield from (f"between first {_masked(between[0])}", f"between last {_masked(between[-1])}")
        if here and len(between) < 10:
            yield from (f"between {side} {_masked(word)}" for word in between)

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
    """Give words and marks; there is always one."""
    return [_masked(word) for word in _TOKEN.findall(text)] or [_EDGE]


def _masked(word: str) -> str:
    """Give a word or mark; one with capitals may be a name, and is like any other."""
    return word if word.islower() or not word[0].isalnum() else "Name"

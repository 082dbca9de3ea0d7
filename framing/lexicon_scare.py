"""The clues that tell scare quotes from reported words, titles and names: a table of points, and the sum over it.

A short quotation is a scare quote where the writer names a thing and holds off from the name; words alone don't show
that. The clues follow the codebook's order of decision: length and clause, title and name, reported speech, the rest.
Whether the passage reports or argues counts, too, since who argues holds off from words oftener.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from framing.lexicon_rules import entries, filled
from framing.lexicon_words import alternatives
from framing.quotations import Quotation
from framing.voice import REPORTING, around, sentence_around

SHORT: Final = 6  # words: a longer quotation is never a scare quote
_NEARBY: Final = 400  # code points


class Clue(NamedTuple):
    """A sign for or against scare quotes around a fragment of up to six words.

    Attributes:
        zone: where to look: `before` and `after` in its sentence (lower case), `inside` the marks (as it is), or
            `outside`, within 400 code points around it (lower case).
        points: log-odds that the clue adds; fitted to the training part by logistic regression, one decimal.
        pattern: what to search for.
    """

    zone: str
    points: float
    pattern: re.Pattern[str]


# Claims to worth which quotation marks refuse, and words that news writers often hold at arm's length.
_AT_ARMS_LENGTH: Final = alternatives(
    "woke sanctuary citizens objective objectivity alt-right enhanced establishment expert experts journalist "
    "journalists journalism whistleblower whistleblowers warming anti-democratic reform reforms moderate moderates "
    "conscience collusion birther existential official normal fix progress victory elite elites value values "
    "solution solutions winner winners win traitor traitors globalist globalists vetting unmasked dreamers proof "
    "fact facts evidence assault privilege community reset conspiracy resistance independent investigation science "
    "compassion protect solve unity prosecutorial"
)


def _clues(table: str) -> tuple[Clue, ...]:
    """Read a table of clues: a line with points and zone (and a comment), below it the indented pattern."""
    lists = {"REPORTING": REPORTING, "AT_ARMS_LENGTH": _AT_ARMS_LENGTH}
    clues = []
    for head, pattern in entries(table):
        points, zone = head.split("#")[0].split()
        clues.append(Clue(zone, float(points), re.compile(filled(pattern, lists))))
    return tuple(clues)


_BIAS: Final = -1.1
_ONE_WORD: Final = 0.9
_THREE_WORDS: Final = -0.3
_FOUR_WORDS: Final = -1.4  # and more
_NESTED: Final = 0.4  # inside another quotation
_AMID_SPEECH: Final = -0.6  # long quotations nearby: the passage reports
_AMID_FRAGMENTS: Final = -0.4  # other short quotations in the sentence: a report in pieces
_CLUES: Final = _clues(r"""
+4.6 before # hedged
    \b(?:so[- ]called|self[- ](?:styled|proclaimed|described)|supposed(?:ly)?|alleged(?:ly)?|purported(?:ly)?
    |perceived)\W*$
-2.2 before # a title, or a word mentioned as a word
    \b(?:terms?|words?|phrases?|slogans?|titled?|entitled|(?:nick-?)?named|known as|books?|songs?|films?|movies?
    |albums?|
    episodes?|shows?|series|articles?|column|hashtag|banners?|signs?|chant(?:ed|ing|s)?|means?|meaning|defined(?: as)?|
    motto|headlined?|text|tagged|project|operation|video|documentary|definition|concept|acronym)
    (?: (?:the|of|as|is|was|like|such as|called|an?))*\W*$
-0.5 outside # a term is explained
    \b(?:is called|known as|means|refers to|defined|dubbed|nicknamed|term|phrase|word)\b
-1.0 before # reported speech in the sentence ...
    @REPORTING
-1.1 before # ... that governs the fragment
    \b(?:sa(?:id|ys?|ying)|t(?:old|ells?))(?:\W+\w+){0,8}\W*$
-1.1 before # called so by somebody
    \b(?:call(?:s|ed|ing)?|dubb(?:ed|ing)|describ\w+|label\w*|denounc\w+|refer\w+|as)(?:\W+\w+){0,2}\W*$
-0.5 before # words or thoughts of somebody, without a verb of saying
    \b(?:call|comments?|words|accus\w+|warn\w+|prais\w+|critici\w+|quot\w+|argu\w+|insist\w+|use[ds]?|using|heard
    |read(?:s|ing)?)\b
-0.2 before
    \bthat\b
-0.5 before # the news, not a column: offices and their holders
    \b(?:also|former|added|sen|gov|rep|senator|president|secretary)\b
+0.6 before # something is done, not said
    \b(?:in the name of|under the|pretext|in favou?r of|fight\w*|promot\w+|defend\w*|push\w*|impos\w+|protect\w*
    |claim\w*|
    allow\w*|support\w*|provid\w+|creat\w+)\b(?:\W+\w+){0,3}\W*$
+0.6 before # an argument
    \b(?:who|all|about|apparently|really|even|because|under|media|no|now|how)\b
+0.4 before
    \b(?:these|those|this|such|their|our|its|your|of|about|against|by|new|more|no|not|any|even|another)\W*$|'s $
+0.2 before
    \bthe \W*$
-0.5 before # the predicate of a statement
    \b(?:is|are|was|were|be|been|being|it|that|had|would|could|they|he|she|you|we)\W*$
-0.5 before
    [(–—] ?$
-0.3 before
    [:(]
-0.6 before # nothing before it in its sentence
    ^\W*$
-0.4 before # one of a list of fragments
    ["”'],? (?:and |or |and the |but )?$
-1.2 inside # a name, or a sentence of its own
    ^\W*[A-Z]
-0.8 inside # a title
    ^(?:[A-Z][\w’'-]*(?: (?:of|the|and|for|to|a|in|with)\b)*(?:\W+|$)){2,}$
-0.8 inside
    \d
-0.3 inside # the end of a statement
    [.,!?]$
-0.4 inside # a clause
    \b(?:[Ii]s|are|was|were|be|will|would|can|has|have|should|must|do|did|don['’]t|[Ii]t['’]s|I['’]m|I|[Ww]e|[Yy]ou|
    [Hh]e|[Ss]he|[Tt]hey|[Ii]t|me|us|[Mm]y|[Oo]ur|[Yy]our)\b
-0.4 inside
    ^(?:to|not|no|very|in|on|by|at|for|with|as|all|so|too|just|never|an?|the|\w+ly)\b
-0.2 inside
    \b(?:and|or)\b|,\s
+0.2 inside
    (?:[a-z]s|ity|tion|ed|ing|er|ist)\W*$
+1.6 inside
    (?i:\b@AT_ARMS_LENGTH\b)
+1.0 inside # what is often claimed, or charged
    (?i:\b(?:news|rights?|safe|deep state|state|security|media|diversity|equity|freedom|liberty|justice|fair\w*|free
    |peace\w*|
    democra\w+|protection|liberat\w+|real|racist|extremis\w+|terroris\w+|hate|equality|scandal|research\w*|study
    |studies|
    mainstream|scientific)\b)
-0.5 after
    ^[.]
+0.4 after
    ^ (?:who|are|were|was|have|has|that)\b
-0.2 after
    ^ (?:about|on|for|as|from|in|to|of|with|and|or)\b
-0.5 after # a possessive, or an aside
    ^['"]?(?:s\b|—| —|,)
-0.2 after
    \b(?:would|could|he|she|his|her|they|their)\b
+0.4 after
    \b(?:isn't|not|own|media|all|still|you|actually|really)\b
-0.4 after # reported speech behind it
    ^\W*(?:\w+\W+){0,2}@REPORTING
-0.3 after
    , (?:\w+ ){0,4}(?:said|says|wrote|added)\b
-0.6 outside # a passage that reports ...
    \b(?:said|says|told|tweeted|wrote)\b
-0.5 outside
    \b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b
-0.5 outside
    \b(?:percent|officials?|spokes\w+|statement|according|reuters|interview|reporters)\b|%
+0.4 outside # ... or one that argues
    \b(?:i|i'm|i've|you|we|our|us|let's)\b
+0.6 outside
    \?
+0.5 outside
    \b(?:isn|aren|don|doesn|didn|won|can|wasn)'t\b|\b(?:it|that)'s\b
+0.4 outside
    —
+1.0 outside # and doubts other words, too
    so-called|\b(?:alleged|supposed|fake|propaganda|pretext|hypocri|ludicrous|absurd|nonsense|bogus|sham\b|phony|farce
    |pretend|
    laughable|ridiculous)
""")


def scare_probability(text: str, folded: str, quotation: Quotation, marks: Sequence[Quotation]) -> float:
    """Give the probability in [0, 1] that a short quotation is a scare quote: the logistic function of its points.

    Args:
        text: the whole text.
        folded: the same in lower case with straight apostrophes, at the same offsets.
        quotation: a quotation of at most `SHORT` words.
        marks: all quotations of the text, sorted.
    """
    start, end = quotation.start, quotation.end
    first, last = sentence_around(text, start, end)
    near = (mark for mark in around(marks, start, end) if mark.end > start - _NEARBY and mark.start < end + _NEARBY)
    others = [mark for mark in near if not start <= mark.start < end]
    holders = [mark for mark in others if mark.start < start and mark.end >= end]
    if holders:  # what governs the fragment stands inside the quotation that holds it
        first, last = max(first, holders[-1].start + 1), min(last, holders[-1].end - 1)
    zones = {
        "before": folded[first:start],
        "inside": text[start + 1 : end - 1],
        "after": folded[end:last],
        "outside": f"{folded[max(0, start - _NEARBY) : start]} {folded[end : end + _NEARBY]}",
    }
    points = _BIAS + sum(clue.points for clue in _CLUES if clue.pattern.search(zones[clue.zone]))
    if quotation.words == 1:
        points += _ONE_WORD
    if quotation.words == 3:
        points += _THREE_WORDS
    if quotation.words >= 4:
        points += _FOUR_WORDS
    if holders:
        points += _NESTED
    if any(mark.words > SHORT and mark not in holders for mark in others):
        points += _AMID_SPEECH
    if any(mark.words <= SHORT and first <= mark.start < last and mark not in holders for mark in others):
        points += _AMID_FRAGMENTS
    return 1.0 / (1.0 + math.exp(-points))

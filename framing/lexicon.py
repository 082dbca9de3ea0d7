"""A lexicon with rules: the plain baseline that a trained model must beat. It needs nothing but the standard library.

The tables live in `framing.lexicon_rules` and `framing.lexicon_scare`; this module applies them.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from framing.lexicon_rules import RULES, Rule
from framing.lexicon_scare import SHORT, scare_probability
from framing.quotations import Quotation, quotations
from framing.reading import read
from framing.spans import CueSpan
from framing.voice import voice_of

# Share of right voices among the spans given that voice, on the training part.
_VOICE_SCORES: Final = {"author": 0.9, "attributed": 0.7, "quoted": 0.95}
# Where the F1 of all types together is highest on the training part.
SCARE_THRESHOLD: Final = 0.3


class Lexicon:
    """Finds the six cue types by word lists and rules.

    A span's `score` is the precision of its rule group on the training part of the cue corpus; for scare quotes it is
    the probability from a table of clues. Spans don't depend on anything outside the text.
    """

    def __init__(self, rules: Sequence[Rule] = RULES, scare_threshold: float = SCARE_THRESHOLD) -> None:
        """Take other rules, or another threshold in [0, 1] for scare quotes: a higher one finds fewer."""
        self.rules = tuple(rules)
        self.scare_threshold = scare_threshold

    def find(self, text: str, marks: Sequence[Quotation] | None = None) -> list[CueSpan]:
        """Find the cues of a text, sorted; spans of one type never overlap.

        Args:
            text: any text; offsets of the spans count its code points.
            marks: its quotations, sorted, where they are known already; the text is then searched as it stands, and
                else as `framing.reading` reads it.

        Returns:
            Spans with `score`, `voice` and `voice_score`.
        """
        if marks is None:
            reading = read(text)
            return reading.to_text(self.find(reading.text, quotations(reading.text)))
        folded = _folded(text)
        found = _longest([*self._matches(text, folded), *self._scare_quotes(text, folded, marks)])
        return [_voiced(text, span, marks) for span in _without_hedges_of_purpose(found)]

    def _matches(self, text: str, folded: str) -> Iterator[CueSpan]:
        """Give what the patterns match, overlaps included; by paragraph, so that the gates pay on articles too."""
        here = [(rule, gates) for rule in self.rules if (gates := [gate for gate in rule.gates if gate in folded])]
        start = 0
        for paragraph in folded.split("\n"):
            end = start + len(paragraph)
            for rule, gates in here:
                if any(gate in paragraph for gate in gates):
                    group = rule.pattern.groups and "cue"  # what stands around the cue may count, too
                    for match in rule.pattern.finditer(text if rule.cased else folded, start, end):
                        yield CueSpan(*match.span(group), rule.label, rule.score)
            start = end + 1

    def _scare_quotes(self, text: str, folded: str, marks: Sequence[Quotation]) -> Iterator[CueSpan]:
        """Give the short quotations that the clues take for scare quotes."""
        for quotation in marks:
            if quotation.closed and 0 < quotation.words <= SHORT:
                score = scare_probability(text, folded, quotation, marks)
                if score >= self.scare_threshold:
                    yield CueSpan(quotation.start, quotation.end, "scare_quote", round(score, 2))


def _folded(text: str) -> str:
    """Give the text in lower case with straight apostrophes and plain blanks, at the same offsets."""
    low = text.lower()
    if len(low) != len(text):  # a few letters, such as the dotted capital I, grow in lower case
        low = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    return low.replace("’", "'").replace("\u00a0", " ")


def _longest(spans: Sequence[CueSpan]) -> list[CueSpan]:
    """Keep, of spans of one type that overlap, the longest (of equals the first); sorted."""
    kept: dict[str, list[CueSpan]] = {}
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        same = kept.setdefault(span.label, [])
        place = bisect(same, span)  # what is kept doesn't overlap, so that only the two neighbours can be in the way
        if not any(span.overlaps(other) for other in same[max(0, place - 1) : place + 1]):
            same.insert(place, span)
    return sorted(span for same in kept.values() for span in same)


def _without_hedges_of_purpose(spans: Sequence[CueSpan]) -> list[CueSpan]:
    """Leave out distancing words that open a purpose: `supposedly to` is pretext alone."""
    pretexts = [span for span in spans if span.label == "pretext"]
    return [
        span for span in spans if span.label != "distancing" or not any(span.overlaps(pretext) for pretext in pretexts)
    ]


def _voiced(text: str, span: CueSpan, marks: Sequence[Quotation]) -> CueSpan:
    """Give the span with its voice."""
    voice = voice_of(text, span.start, span.end, marks)
    return replace(span, voice=voice, voice_score=_VOICE_SCORES[voice])

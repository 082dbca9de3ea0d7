"""What would flip an error: the words of its sentence whose absence changes what the model says most.

Occlusion (Zeiler and Fergus 2014, https://doi.org/10.1007/978-3-319-10590-1_53) on words, as Li et al. (2016,
https://arxiv.org/abs/1612.08220) erase them. One word goes at a time, so words that only matter together show nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from framing.evaluate.errors import SpanError
from framing.scorer import Scorer
from framing.spans import CueSpan, Document
from framing.voice import sentence_around

_WORD: Final = re.compile(r"\w+(?:[-’'.]\w+)*\s*|[^\w\s]\s*")


@dataclass(frozen=True, slots=True)
class Occlusion:
    """What one word does.

    Attributes:
        word: the word or mark.
        start: its first code point.
        before: score of the cue with the whole text; 0 where the model doesn't report it.
        after: the same without the word.
    """

    word: str
    start: int
    before: float
    after: float

    @property
    def flips(self) -> bool:
        """Whether the cue comes or goes."""
        return (self.before > 0) != (self.after > 0)

    def to_record(self) -> dict[str, Any]:
        """Give the JSON form, with `flips`."""
        return asdict(self) | {"flips": self.flips}


def occlusions(
    errors: Sequence[SpanError], documents: Sequence[Document], scorer: Scorer, *, most: int = 5
) -> list[list[Occlusion]]:
    """Leave out each word of an error's sentence in turn, and score the text again.

    Looked at is the found span, or the gold one where it was missed; its own words stay.

    Args:
        errors: the errors.
        documents: the gold documents.
        scorer: the model that made the predictions.
        most: how many words an error gets.

    Returns:
        For each error the words that change the score most, first those that flip it.
    """
    found = []
    for error in errors:
        document = documents[error.document]
        span = error.span
        first, last = sentence_around(document.text, span.start, span.end)
        words = [
            match
            for match in _WORD.finditer(document.text, first, last)
            if match.end() <= span.start or match.start() >= span.end
        ]
        texts = [document.text] + [document.text[: word.start()] + document.text[word.end() :] for word in words]
        moves = [0] + [len(word.group()) if word.end() <= span.start else 0 for word in words]
        scored = [result.spans for result in scorer.score_many(texts)]
        before, *after = [_score(spans, span, move) for spans, move in zip(scored, moves, strict=True)]
        changes = [
            Occlusion(word.group().strip(), word.start(), round(before, 4), round(score, 4))
            for word, score in zip(words, after, strict=True)
        ]
        changes.sort(key=lambda one: (not one.flips, -abs(one.after - one.before), one.start))
        found.append([one for one in changes if one.after != one.before][:most])
    return found


def _score(spans: Sequence[CueSpan], span: CueSpan, move: int) -> float:
    """Give the best score of the spans of the same type that overlap the span, which moved so far to the left."""
    start, end = span.start - move, span.end - move
    meet = [one for one in spans if one.label == span.label and one.start < end and start < one.end]
    return max((1.0 if one.score is None else one.score for one in meet), default=0.0)

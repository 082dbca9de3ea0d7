"""From spans to an article's figures: counts, rates per 1,000 words, expected counts, by type and by voice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from framing.reading import read
from framing.spans import VOICES, CueSpan

_WORD: Final = re.compile(r"\w+(?:[-’'.,]\w+)*")


def count_words(text: str) -> int:
    """Count words; hyphens, apostrophes and inner points and commas (`US-led`, `it's`, `1,000`) join."""
    return sum(1 for _ in _WORD.finditer(read(text).text))


def profile(
    spans: Sequence[CueSpan], words: int, labels: Sequence[str], expected: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Sum up a text.

    Args:
        spans: the cues reported in it.
        words: its number of words.
        labels: every cue type, so that absent ones show as 0.
        expected: expected number of spans a type; None leaves the expected counts out (rules give none).

    Returns:
        `{"words", "cues": {label: {"count", "per_1000", "expected"?, "voices": {voice: {"count", "per_1000"}}}},
        "total": {...}}`; rates are per 1,000 words, 0 for a text without words.
    """

    def entry(chosen: Sequence[CueSpan], hoped: float | None) -> dict[str, Any]:
        figures: dict[str, Any] = {"count": len(chosen), "per_1000": rate(len(chosen), words)}
        if hoped is not None:
            figures["expected"] = round(hoped, 4)
        by_voice = {voice: sum(span.voice == voice for span in chosen) for voice in VOICES}
        figures["voices"] = {
            voice: {"count": number, "per_1000": rate(number, words)} for voice, number in by_voice.items()
        }
        return figures

    cues = {
        label: entry([span for span in spans if span.label == label], None if expected is None else expected[label])
        for label in labels
    }
    total = entry(spans, None if expected is None else sum(expected[label] for label in labels))
    return {"words": words, "cues": cues, "total": total}


def rate(count: float, words: int) -> float:
    """Give occurrences per 1,000 words, rounded to 4 digits; 0 where there are no words."""
    return round(1000 * count / words, 4) if words else 0.0

"""What a text's cues would be at other thresholds, so that a page can decide again without asking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from framing.spans import CueSpan

THRESHOLDS: Final = tuple(number / 20 for number in range(1, 20))
"""0.05 to 0.95: the stops of the page's slider."""


def levels_record(text: str, levels: Sequence[Sequence[CueSpan]]) -> dict[str, Any]:
    """Write down the spans at each of `THRESHOLDS`, every span once.

    Args:
        text: the text.
        levels: the spans at each threshold.

    Returns:
        `{"thresholds": [...], "candidates": [span, ...], "shown": [[number of a candidate, ...], ...]}`, of which
        `shown` has a list for each threshold.
    """
    number: dict[CueSpan, int] = {}
    shown = [[number.setdefault(span, len(number)) for span in spans] for spans in levels]
    return {"thresholds": list(THRESHOLDS), "candidates": [span.to_record(text) for span in number], "shown": shown}

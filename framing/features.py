"""What every unit brings besides its word: surface (letter case, place in a quotation) and what the rules say of it.

An uncased encoder sees neither case nor which quotation marks belong together, and a corpus of ten thousand passages
teaches it few rare wordings; the rules know both. The network embeds each column and adds them to the word's embedding.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

import numpy as np

from framing.cues import CODEBOOK
from framing.lexicon import Lexicon
from framing.quotations import Quotation
from framing.spans import VOICES
from framing.text import SURFACES, IntArray, surface_features

RULES_VERSION: Final = 2
"""Raised whenever the rules find other spans: a model trained with other rules is refused."""

# Bounds between buckets of scores: where they cost least likelihood on the training part. Words score above a half.
_WORDS: Final = (0.57, 0.72, 0.82, 0.92)
_QUOTES: Final = (0.06, 0.2, 0.45, 0.7)
RULE_VALUES: Final = 1 + 2 * (len(_WORDS) + 1)
"""Number of values of a cue type's column: nothing, and two a bucket of the rule's score."""

_LABELS: Final = [cue.name for cue in CODEBOOK]

SIZES: Final = (SURFACES, *(RULE_VALUES,) * len(_LABELS), 1 + len(VOICES))
"""Number of values of each column: surface, one column a cue type of the codebook, voice."""

# Every short quotation is shown to the network with its probability; it decides.
_RULES: Final = Lexicon(scare_threshold=0.0)


def rule_column(label: str) -> int | None:
    """Give the column in which the rules tell of a cue type; None for a type that they don't know."""
    return 1 + _LABELS.index(label) if label in _LABELS else None


def features(text: str, unit_ranges: IntArray, quotes: Sequence[Quotation], *, rules: bool) -> IntArray:
    """Describe the units of a text.

    Args:
        text: the text.
        unit_ranges: [units, 2] code-point ranges.
        quotes: the text's quotations.
        rules: whether the columns of the rules are filled; else they are 0.

    Returns:
        [units, len(SIZES)]. Column 0: `surface_features`. A column a cue type: 0 where the rules find nothing, else
        1 + 2 x (bucket of the rule's score) + (0 on the first unit, 1 inside). The last column: 0, or 1 + the voice
        by the rules.
    """
    table = np.zeros((len(unit_ranges), len(SIZES)), dtype=np.int64)
    table[:, 0] = surface_features(text, unit_ranges, quotes)
    if not rules:
        return table
    for span in _RULES.find(text, quotes):
        first = int(np.searchsorted(unit_ranges[:, 1], span.start, side="right"))
        last = int(np.searchsorted(unit_ranges[:, 0], span.end))
        column = 1 + _LABELS.index(span.label)
        bucket = bisect_right(_QUOTES if span.label == "scare_quote" else _WORDS, span.score or 0.0)
        table[first:last, column] = 2 + 2 * bucket
        table[first : min(first + 1, last), column] = 1 + 2 * bucket
        if span.voice is not None:
            table[first:last, -1] = 1 + VOICES.index(span.voice)
    return table

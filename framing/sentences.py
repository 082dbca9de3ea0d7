"""Sentences as units: where each is read, and its logits from those of its tokens.

The network gives one logit a token and label; a sentence's logit is the mean over its own tokens, each of which has
seen the whole window. As the head is linear, that is the head on the mean of the sentence's vectors, which is how
sentence encoders such as MiniLM were trained (Reimers and Gurevych 2019); and all sentences of a window are read in one
pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.spans import CueSpan
from framing.tokens import TokenizedText


def label_sentences(span: CueSpan, cut: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give the sentences to which a span of any length gives its label.

    A sentence gets the label of a span that covers at least half of it, or that lies in it by at least a half. So spans
    of words say of their sentence that it holds one, as in sentence-level propaganda detection (Da San Martino et al.
    2019), a span over several sentences says it of each, and a boundary that is off by a mark moves nothing.

    Args:
        span: the span.
        cut: the text's sentences, half-open.
    """
    shares = [max(0, min(end, span.end) - max(start, span.start)) for start, end in cut]
    inside = sum(shares)
    return [
        (start, end)
        for (start, end), share in zip(cut, shares, strict=True)
        if share and 2 * share >= min(end - start, inside)
    ]


@dataclass(frozen=True, slots=True)
class Place:
    """Tokens [start, end) of a text, read in one of its windows."""

    window: int
    start: int
    end: int


def places(text: TokenizedText) -> list[list[Place]]:
    """Give the places where each sentence is read: none, one or, if it is longer than a window, several.

    A sentence that several windows hold whole is read in the one with the most context on its poorer side. One that no
    window holds is read in parts.
    """
    found: list[list[Place]] = []
    for first, end in zip(text.unit_token.tolist(), text.unit_end.tolist(), strict=True):
        if first < 0:
            found.append([])
            continue
        whole = [
            (min(first - window.start, window.end - end), window.end - window.start, -number)
            for number, window in enumerate(text.windows)
            if window.start <= first and end <= window.end
        ]
        if whole:
            found.append([Place(-max(whole)[2], first, end)])
        else:
            parts = [(max(first, window.start), min(end, window.end)) for window in text.windows]
            found.append([Place(number, *part) for number, part in enumerate(parts) if part[0] < part[1]])
    return found


def sentence_logits(text: TokenizedText, logits: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Pool the logits of tokens into those of sentences: the mean at a place, the largest over several places.

    Args:
        text: a text whose units are sentences.
        logits: [tokens of the window, labels, 1] a window.

    Returns:
        [sentences, labels, 3] logits of outside (0), begins (the pooled one) and inside (never); those of a sentence
        without tokens mean nothing.
    """
    pooled = np.zeros((len(text.units), logits[0].shape[1], 3), dtype=np.float32)
    pooled[:, :, 2] = -np.inf
    for row, read in enumerate(places(text)):
        if read:
            starts = [text.windows[place.window].start for place in read]
            means = [
                logits[place.window][place.start - start : place.end - start, :, 0].mean(axis=0)
                for place, start in zip(read, starts, strict=True)
            ]
            pooled[row, :, 1] = np.max(means, axis=0)
    return pooled

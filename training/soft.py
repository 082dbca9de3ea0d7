"""Soft targets: a span's `score` is the probability that the cue is there, with exactly those ends.

Spans of one type that overlap are then alternatives, whose scores add up to at most 1 on any word. So one record form
says all that a label model knows of tags: the probability that a cue begins at a word is the sum of the scores of the
spans that begin there, and that it goes on the sum over the spans that hold the word further in. A span without a score
is certain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from framing.decode import BEGIN, INSIDE, OUTSIDE, FloatArray, encode_spans
from framing.spans import CueSpan, Document
from framing.text import IntArray


def is_soft(documents: Iterable[Document]) -> bool:
    """Tell whether any span is less than certain."""
    return any(span.score is not None and span.score < 1.0 for document in documents for span in document.spans)


def soft_tags(
    spans: Sequence[CueSpan], unit_ranges: IntArray, label: str
) -> tuple[IntArray, FloatArray, list[CueSpan]]:
    """Write the spans of one type as tags and as probabilities of tags.

    Args:
        spans: any spans; those of other types are left alone.
        unit_ranges: [units, 2] ranges.
        label: the type to write.

    Returns:
        [units] tags, [units, 3] probabilities of outside, begin and inside, and the spans that tags can't hold. Where
        all spans are certain, tags and losses are those of `encode_spans`, and the probabilities are 0 and 1. Else the
        tags are of the stretches that overlapping spans cover together, to see what a window cuts; scores that come to
        more than 1 are scaled down.
    """
    ours = sorted(span for span in spans if span.label == label)
    if all(span.score is None or span.score == 1.0 for span in ours):
        tags, lost = encode_spans(ours, unit_ranges, label)
        return tags, np.eye(3, dtype=np.float32)[tags], lost
    targets = np.zeros((len(unit_ranges), 3), dtype=np.float32)
    together: list[CueSpan] = []
    for span in ours:
        first = int(np.searchsorted(unit_ranges[:, 1], span.start, side="right"))
        last = int(np.searchsorted(unit_ranges[:, 0], span.end))
        score = 1.0 if span.score is None else span.score
        targets[first : first + (first < last), BEGIN] += score
        targets[first + 1 : last, INSIDE] += score
        if together and span.overlaps(together[-1]):
            start, end = together[-1].start, max(together[-1].end, span.end)
            together[-1] = CueSpan(start, end, label)
        else:
            together.append(CueSpan(span.start, span.end, label))
    targets /= np.maximum(targets.sum(axis=1, keepdims=True), 1.0)
    targets[:, OUTSIDE] = 1.0 - targets[:, BEGIN] - targets[:, INSIDE]
    tags, lost = encode_spans(together, unit_ranges, label)
    return tags, targets, lost

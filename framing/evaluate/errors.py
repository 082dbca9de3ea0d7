"""Errors of a system, sorted into kinds, each with its place in the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from framing.evaluate.columns import lay_out, overlaps, tabulate
from framing.evaluate.matching import assign, closeness
from framing.spans import VOICES, CueSpan, Document

KINDS: Final = {
    "missed": "a gold span that is paired with no found one",
    "spurious": "a found span that is paired with no gold one",
    "type": "the ends of a gold span, another type",
    "edges": "the type of a gold span that it overlaps, other ends",
    "type and edges": "overlaps a gold span, another type and other ends",
    "voice": "the ends and type of a gold span, another voice",
}


@dataclass(frozen=True, slots=True)
class SpanError:
    """One error.

    Attributes:
        kind: one of `KINDS`.
        document: index of the document.
        gold: the gold span; None where the found one is spurious.
        predicted: the found span; None where the gold one is missed.
    """

    kind: str
    document: int
    gold: CueSpan | None
    predicted: CueSpan | None

    @property
    def span(self) -> CueSpan:
        """The found span, or the gold one where it was missed."""
        return next(span for span in (self.predicted, self.gold) if span is not None)

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return min(span.start for span in (self.gold, self.predicted) if span is not None)

    def to_record(self, document: Document) -> dict[str, Any]:
        """Give the JSON form: id, kind, and both spans with their words."""
        record: dict[str, Any] = {"id": document.id, "kind": self.kind}
        for side, span in (("gold", self.gold), ("predicted", self.predicted)):
            words = {} if span is None else {"text": document.text[span.start : span.end]}
            record[side] = None if span is None else span.to_record() | words
        return record


def span_errors(
    gold: Sequence[Sequence[CueSpan]], predicted: Sequence[Sequence[CueSpan]], labels: Sequence[str]
) -> list[SpanError]:
    """Pair all spans, whatever their type, and list what isn't right.

    As many spans as possible are paired with one of equal ends and type, then with one of the same type that they
    overlap, then with one of equal ends, then with any that they overlap.

    Args:
        gold: gold spans of each document.
        predicted: found spans of the same documents.
        labels: the types that count.

    Returns:
        The errors in the order of the text.
    """
    places = lay_out(gold, predicted)
    first, second = tabulate(gold, places, labels), tabulate(predicted, places, labels)
    ours, theirs = in_order(gold, labels), in_order(predicted, labels)
    left, right = overlaps(first, second)
    one, other = first.take(left), second.take(right)
    ends = (one.start == other.start) & (one.end == other.end)
    types = one.label == other.label
    chosen = assign(left, right, np.select([ends & types, types, ends], [3, 2, 1], 0), closeness(one, other))
    partner = dict(zip(left[chosen].tolist(), right[chosen].tolist(), strict=True))
    found = []
    for number, (document, span) in enumerate(zip(first.document.tolist(), ours, strict=True)):
        match = theirs[partner[number]] if number in partner else None
        kind = "missed" if match is None else _kind(span, match)
        if kind is not None:
            found.append(SpanError(kind, document, span, match))
    taken = set(partner.values())
    for number, (document, span) in enumerate(zip(second.document.tolist(), theirs, strict=True)):
        if number not in taken:
            found.append(SpanError("spurious", document, None, span))
    return sorted(found, key=lambda error: (error.document, error.start))


def in_order(side: Sequence[Sequence[CueSpan]], labels: Sequence[str]) -> list[CueSpan]:
    """Give the spans themselves in the order of `tabulate`."""
    return [
        span
        for spans in side
        for span in sorted(
            (span for span in spans if span.label in labels),
            key=lambda span: (span.start, span.end, labels.index(span.label), (None, *VOICES).index(span.voice)),
        )
    ]


def _kind(gold: CueSpan, predicted: CueSpan) -> str | None:
    ends = (gold.start, gold.end) == (predicted.start, predicted.end)
    if gold.label != predicted.label:
        return "type" if ends else "type and edges"
    if not ends:
        return "edges"
    return "voice" if None not in {gold.voice, predicted.voice} and gold.voice != predicted.voice else None


def surface_forms(
    errors: Iterable[SpanError], documents: Sequence[Document], kind: str, most: int
) -> list[tuple[str, str, int]]:
    """Give the commonest words of missed or spurious spans, letter case apart: (label, words, count)."""
    seen: Counter[tuple[str, str]] = Counter()
    for error in errors:
        if error.kind == kind:
            span = error.span
            words = " ".join(documents[error.document].text[span.start : span.end].lower().split())
            seen[span.label, words] += 1
    ordered = sorted(seen.items(), key=lambda item: (-item[1], item[0]))
    return [(*form, number) for form, number in ordered[:most]]

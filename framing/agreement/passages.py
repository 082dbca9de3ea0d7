"""Passages on which annotators differ, to be settled by somebody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from framing.agreement.annotators import Annotations
from framing.spans import CueSpan, Document
from framing.voice import sentence_around

KINDS: Final = {
    "presence": "somebody marked nothing",
    "type": "different types, or numbers of spans",
    "edges": "different ends",
    "voice": "different voices",
    "designation": "different records of who is designated by whom",
}


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of text whose spans touch no others.

    Attributes:
        document: the document.
        start: the first code point of its spans.
        end: the code point behind the last.
        marked: each annotator's spans in it, of those who read the document.
        kind: one of `KINDS`; nothing where all agree.
    """

    document: Document
    start: int
    end: int
    marked: dict[str, tuple[CueSpan, ...]]
    kind: str

    @property
    def key(self) -> tuple[str, int, int]:
        """What names it: the record's id and its place."""
        return self.document.id, self.start, self.end

    @property
    def choices(self) -> dict[tuple[CueSpan, ...], list[str]]:
        """The different answers that marked something, each with who gave it, the most frequent first."""
        given: dict[tuple[CueSpan, ...], list[str]] = {}
        for name, spans in self.marked.items():
            if spans:
                given.setdefault(tuple(_bare(span) for span in spans), []).append(name)
        return dict(sorted(given.items(), key=lambda choice: -len(choice[1])))

    @property
    def sentence(self) -> tuple[int, int]:
        """Where the sentences around it begin and end."""
        return sentence_around(self.document.text, self.start, self.end)

    def to_record(self) -> dict[str, Any]:
        """Give the JSON form: the place, the sentence, and what each annotator marked."""
        text = self.document.text
        first, last = self.sentence
        marked = {
            name: [_bare(span).to_record() | {"text": text[span.start : span.end]} for span in spans]
            for name, spans in self.marked.items()
        }
        place = {"id": self.document.id, "start": self.start, "end": self.end, "kind": self.kind}
        return place | {"sentence": text[first:last].strip(), "marked": marked}


def passages(annotations: Annotations) -> Iterator[Passage]:
    """Cut documents into passages, in the order of the text; those on which all agree are among them."""
    for number, document in enumerate(annotations.documents):
        given = {name: spans for name, marked in annotations.marked.items() if (spans := marked[number]) is not None}
        start = end = -1
        for span in sorted(span for spans in given.values() for span in spans):
            if span.start >= end:
                if end > 0:
                    yield _passage(document, start, end, given)
                start, end = span.start, span.end
            end = max(end, span.end)
        if end > 0:
            yield _passage(document, start, end, given)


def _passage(document: Document, start: int, end: int, given: dict[str, tuple[CueSpan, ...]]) -> Passage:
    marked = {name: tuple(span for span in spans if start <= span.start < end) for name, spans in given.items()}
    return Passage(document, start, end, marked, _kind(list(marked.values())))


def _kind(sides: list[tuple[CueSpan, ...]]) -> str:
    if not all(sides):
        return "presence"
    if _differ([sorted(span.label for span in spans) for spans in sides]):
        return "type"
    if _differ([[(span.start, span.end, span.label) for span in spans] for spans in sides]):
        return "edges"
    columns = list(zip(*sides, strict=True))
    if any(_differ([span.voice for span in spans if span.voice is not None]) for spans in columns):
        return "voice"
    if any(_differ([span.designation for span in spans if span.designation is not None]) for spans in columns):
        return "designation"
    return ""


def _differ(values: list[Any]) -> bool:
    return any(value != values[0] for value in values[1:])


def _bare(span: CueSpan) -> CueSpan:
    """Leave out what a system says of its certainty."""
    return CueSpan(span.start, span.end, span.label, voice=span.voice, designation=span.designation)

"""The data model: cue spans and documents with half-open code-point offsets.

Every other module speaks in these types. They are frozen, slotted and ordered, and they check themselves on
construction, so that a wrong offset is found where it enters and not where it hurts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import total_ordering
from typing import Any, Final, Self

from framing.errors import RecordError

VOICES: Final = ("author", "attributed", "quoted")
DESIGNATION_KINDS: Final = ("listing", "label")
_SPAN_KEYS: Final = frozenset({"start", "end", "label", "score", "voice", "voice_score", "designation", "text"})


@total_ordering
@dataclass(frozen=True, slots=True)
class Designation:
    """Who is called a terrorist by whom, and whether by law.

    Attributes:
        kind: `listing` when the words state a legal or official status, else `label`.
        authority: the listing body or state, several joined by `; `, or None.
        target: half-open code-point offsets of the words that name who is designated, or None.
        source: half-open code-point offsets of the words that name whose words these are, or None.
    """

    kind: str
    authority: str | None = None
    target: tuple[int, int] | None = None
    source: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        """Check the kind and both ranges; raises `RecordError`."""
        if self.kind not in DESIGNATION_KINDS:
            raise RecordError(f"designation kind {self.kind!r} is not one of {', '.join(DESIGNATION_KINDS)}")
        if not (self.authority is None or isinstance(self.authority, str)):
            raise RecordError(f"designation authority {self.authority!r} is not text; name the listing body, or null")
        for name, ends in (("target", self.target), ("source", self.source)):
            if ends is not None and not 0 <= ends[0] < ends[1]:
                raise RecordError(f"designation {name} {list(ends)} is not a range [start, end) with start < end")

    def __lt__(self, other: Designation) -> bool:
        """Order by the ranges, then kind and authority; None comes first."""
        return self._key() < other._key()

    def _key(self) -> tuple[Any, ...]:
        return self.target or (), self.source or (), self.kind, self.authority or ""

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Read the JSON form of the codebook, or of scored records; raises `RecordError`."""
        try:
            target, source = (_pair(record.get(name)) for name in ("target", "source"))
            return cls(record["kind"], record.get("authority"), target, source)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RecordError(
                f"designation {record!r} is not of the form "
                '{"kind": "listing" or "label", "authority": text, "target": [start, end], "source": [start, end]}'
            ) from error

    def to_record(self, text: str | None = None) -> dict[str, Any]:
        """Give the JSON form.

        Args:
            text: the document's text; with it, target and source are `{"start", "end", "text"}`, else `[start, end]`.
        """
        ranges: dict[str, Any] = {"target": self.target, "source": self.source}
        for name, ends in ranges.items():
            if ends is not None:
                start, end = ends
                ranges[name] = [start, end] if text is None else {"start": start, "end": end, "text": text[start:end]}
        return {"kind": self.kind, "authority": self.authority, **ranges}

    def describe(self, text: str) -> str:
        """Say it in a few words: `listed by Turkey: target the Harbour Front; source Ankara`."""
        kind = "listed" if self.kind == "listing" else "called so"
        by = f" by {self.authority}" if self.authority else ""
        named = (("target", self.target), ("source", self.source))
        parts = [f"{name} {' '.join(text[slice(*ends)].split())}" for name, ends in named if ends is not None]
        return kind + by + (": " + "; ".join(parts) if parts else "")


def _pair(ends: Any) -> tuple[int, int] | None:
    if not ends:
        return None
    start, end = (ends["start"], ends["end"]) if isinstance(ends, Mapping) else ends
    if not (type(start) is type(end) is int):
        raise TypeError
    return start, end


@total_ordering
@dataclass(frozen=True, slots=True)
class CueSpan:
    """One framing cue in a text.

    Attributes:
        start: first code point of the cue.
        end: code point after the last one.
        label: the cue type, a name of the vocabulary in use.
        score: probability in [0, 1] that the cue is there; None for gold spans.
        voice: whose voice the cue is in, one of `author`, `attributed`, `quoted`; None where unknown.
        voice_score: probability in [0, 1] of that voice; None for gold spans.
        designation: the codebook's record on a terrorist designation, else None.
    """

    start: int
    end: int
    label: str
    score: float | None = None
    voice: str | None = None
    voice_score: float | None = None
    designation: Designation | None = None

    def __post_init__(self) -> None:
        """Check offsets, label, voice and scores; raises `RecordError`."""
        for name, value in (("start", self.start), ("end", self.end)):
            if not isinstance(value, int) or isinstance(value, bool):
                raise RecordError(f"span {name} {value!r} is not a whole number; offsets count code points from 0")
        if not 0 <= self.start < self.end:
            raise RecordError(f"span [{self.start}, {self.end}) is empty or negative; start must be below end")
        if not isinstance(self.label, str) or not self.label.strip():
            raise RecordError(f"span [{self.start}, {self.end}) has no label; give a cue type")
        if self.voice is not None and self.voice not in VOICES:
            raise RecordError(
                f"span [{self.start}, {self.end}) has voice {self.voice!r}; use one of {', '.join(VOICES)}, or null"
            )
        for name, score in (("score", self.score), ("voice_score", self.voice_score)):
            if score is not None and not (type(score) in (int, float) and 0.0 <= score <= 1.0):
                raise RecordError(f"span [{self.start}, {self.end}) has {name} {score!r}; use a number in [0, 1]")

    def __lt__(self, other: CueSpan) -> bool:
        """Order by start, end, label, and then the rest; None comes first."""
        return self._key() < other._key()

    def _key(self) -> tuple[Any, ...]:
        rest = (self.score, self.voice, self.voice_score, self.designation)
        return self.start, self.end, self.label, *((value is not None, value or 0) for value in rest)

    def overlaps(self, other: CueSpan) -> bool:
        """Tell whether the two share at least one character."""
        return self.start < other.end and other.start < self.end

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Read the JSON form; raises `RecordError`. `text` and unknown keys are the document's business."""
        if not isinstance(record, Mapping):
            raise RecordError(f"span {record!r} is not a JSON object with start, end and label")
        missing = [key for key in ("start", "end", "label") if key not in record]
        if missing:
            raise RecordError(f"span {dict(record)!r} has no {' and no '.join(missing)}")
        designation = record.get("designation")
        return cls(
            start=record["start"],
            end=record["end"],
            label=record["label"],
            score=record.get("score"),
            voice=record.get("voice"),
            voice_score=record.get("voice_score"),
            designation=None if designation is None else Designation.from_record(designation),
        )

    def to_record(self, text: str | None = None) -> dict[str, Any]:
        """Give the JSON form; scores and designation only where they are known.

        Args:
            text: the document's text; with it the span, its target and its source carry their words as `text`.
        """
        record: dict[str, Any] = {"start": self.start, "end": self.end, "label": self.label}
        if self.score is not None:
            record["score"] = self.score
        record["voice"] = self.voice
        if self.voice_score is not None:
            record["voice_score"] = self.voice_score
        if self.designation is not None:
            record["designation"] = self.designation.to_record(text)
        if text is not None:
            record["text"] = text[self.start : self.end]
        return record


@total_ordering
@dataclass(frozen=True, slots=True)
class Document:
    """A text with its cue spans; `spans` are kept sorted, and every span lies inside `text`.

    Attributes:
        id: the record's name in its corpus or archive.
        text: the text as it came; never changed.
        spans: the cues in it, sorted.
        meta: every other field of the record (outlet, date, ...), passed through; `sentence_ranges` is read, too.
        span_fields: unknown fields of spans, in the order of `spans`; empty where there are none.
    """

    id: str
    text: str
    spans: tuple[CueSpan, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict, hash=False)
    span_fields: tuple[Mapping[str, Any], ...] = field(default=(), hash=False, repr=False)

    def __post_init__(self) -> None:
        """Sort the spans and check them against the text; raises `RecordError` that names the record."""
        if not isinstance(self.id, str):
            raise RecordError(f"record {self.id!r}: the id must be text")
        if not isinstance(self.text, str):
            raise RecordError(f"record {self.id!r}: the text is {type(self.text).__name__}; it must be a string")
        try:
            self.text.encode()
        except UnicodeEncodeError as error:
            raise RecordError(
                f"record {self.id!r}: the text holds half of a surrogate pair at {error.start}; repair the text"
            ) from error
        object.__setattr__(self, "spans", tuple(sorted(self.spans)))
        self._check_sentences()
        for span in self.spans:
            ends = [("span", (span.start, span.end))]
            if span.designation is not None:
                named = (("target", span.designation.target), ("source", span.designation.source))
                ends += [(f"designation {name}", value) for name, value in named if value is not None]
            for name, (start, end) in ends:
                if end > len(self.text):
                    raise RecordError(
                        f"record {self.id!r}: {name} [{start}, {end}) of {span.label} runs past the text's "
                        f"{len(self.text)} characters; offsets count Unicode code points, not bytes"
                    )

    @property
    def sentence_ranges(self) -> tuple[tuple[int, int], ...] | None:
        """The record's own sentences (its field `sentence_ranges`), half-open and in order; None where it has none."""
        given = self.meta.get("sentence_ranges")
        return None if given is None else tuple((start, end) for start, end in given)

    def _check_sentences(self) -> None:
        given, before = self.meta.get("sentence_ranges"), 0
        if given is None:
            return
        for ends in given if isinstance(given, list | tuple) else [given]:
            pair = isinstance(ends, list | tuple) and len(ends) == 2 and all(type(place) is int for place in ends)
            if not (pair and before <= ends[0] < ends[1] <= len(self.text)):
                raise RecordError(
                    f"record {self.id!r}: sentence_ranges has {ends!r}; write [start, end) pairs of code points, in "
                    "order and apart, inside the text"
                )
            before = ends[1]

    def __lt__(self, other: Document) -> bool:
        """Order by id, text and spans."""
        return (self.id, self.text, self.spans) < (other.id, other.text, other.spans)

    @classmethod
    def from_record(
        cls,
        record: Mapping[str, Any],
        *,
        where: str = "",
        text_field: str = "text",
        id_field: str = "id",
        labelled: bool = False,
    ) -> Self:
        """Read a JSON record.

        Args:
            record: `{"id", "text", "spans": [{"start", "end", "label", "voice"}], ...}`; a span may carry `text`,
                which then must be the text under it.
            where: the record's place (`file.jsonl:12`); it stands in for a missing id and opens every error.
            text_field: the key that holds the text.
            id_field: the key that holds the id.
            labelled: refuse a record without `spans`, which would pass for one in which nothing was found.

        Raises:
            RecordError: it names the place, the record, the fault and the mend.
        """
        place = where or "record"
        if not isinstance(record, Mapping):
            raise RecordError(f"{place}: not a JSON object; write one object with {text_field!r} a line")
        if text_field not in record:
            near = ", ".join(map(repr, record)) or "none"
            raise RecordError(f"{place}: no field {text_field!r} (fields: {near}); name it with --text-field")
        given = record.get(id_field)
        identity = where if given is None else str(given)
        taken = {text_field, "spans"} | ({"id"} if id_field == "id" else set())  # an id from elsewhere stays there too
        meta = {key: value for key, value in record.items() if key not in taken}
        try:
            if labelled:
                check_labelled(record)
            spans, fields = _read_spans(record.get("spans"), record[text_field])
            return cls(identity, record[text_field], spans, meta, fields)
        except RecordError as error:
            message = str(error)
            named = message if message.startswith("record ") else f"record {identity!r}: {message}"
            raise RecordError(f"{where}: {named}" if where else named) from error

    def to_record(self) -> dict[str, Any]:
        """Give the JSON form: id, text, spans, and the fields that came in `meta`."""
        extra = self.span_fields or ({},) * len(self.spans)
        spans = [{**span.to_record(), **fields} for span, fields in zip(self.spans, extra, strict=True)]
        rest = {key: value for key, value in self.meta.items() if key not in {"id", "text", "spans"}}
        return {"id": self.id, "text": self.text, "spans": spans, **rest}

    def _repr_html_(self) -> str:
        """Draw the text with its labels in a notebook."""
        from framing.report.article import document_fragment  # drawing is not needed to hold a text

        return document_fragment(self)

    def with_spans(self, spans: Iterable[CueSpan]) -> Document:
        """Give the same document with other spans."""
        return Document(self.id, self.text, tuple(spans), self.meta)


def check_labelled(record: Mapping[str, Any]) -> None:
    """Raise `RecordError` where a record has no `spans`: nobody looked at it, so nothing in it counts as absent."""
    if record.get("spans") is None:
        raise RecordError(
            "no field 'spans', so it is neither labelled nor scored; score it with `framing score`, or label it "
            '(`"spans": []` says that nothing is there)'
        )


def text_sha256(text: str) -> str:
    """Give the SHA-256 of a text in UTF-8, by which records without their text can be told to be of the same one."""
    return hashlib.sha256(text.encode()).hexdigest()


def _covered(item: Mapping[str, Any], span: CueSpan) -> Iterator[tuple[str, int, int, Any]]:
    """Give what a span and its designation's parts say that they cover: name, start, end, text."""
    yield "span", span.start, span.end, item.get("text")
    if span.designation is not None:
        for name, ends in (("target", span.designation.target), ("source", span.designation.source)):
            part = item["designation"].get(name)
            if ends is not None and isinstance(part, Mapping):
                yield f"designation {name}", *ends, part.get("text")


def _read_spans(raw: Any, text: Any) -> tuple[tuple[CueSpan, ...], tuple[dict[str, Any], ...]]:
    """Give the sorted spans and, where spans have fields of their own, those in the same order."""
    if not isinstance(raw or [], list):
        raise RecordError(f"spans is {type(raw).__name__}; it must be a list of objects with start, end and label")
    spans: list[tuple[CueSpan, dict[str, Any]]] = []
    for item in raw or []:
        span = CueSpan.from_record(item)
        for name, start, end, covered in _covered(item, span):
            # What runs past the text is for `Document` to say, which knows how long that is.
            if covered is not None and isinstance(text, str) and end <= len(text) and covered != text[start:end]:
                raise RecordError(
                    f"{name} [{start}, {end}) should cover {covered!r} but covers {text[start:end]!r}; the offsets "
                    "have drifted"
                )
        spans.append((span, {key: value for key, value in item.items() if key not in _SPAN_KEYS}))
    spans.sort(key=lambda pair: pair[0])
    extra = tuple(fields for _, fields in spans)
    return tuple(span for span, _ in spans), extra if any(extra) else ()

"""What was scored, article by article, and the labelled sample of it: read, joined by id and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from framing.errors import InputError, RecordError, hint
from framing.evaluate.columns import FloatArray, IntArray
from framing.evaluate.inputs import json_records, text_digest
from framing.evaluate.spans import span_counts
from framing.profile import count_words
from framing.spans import CueSpan, Document, text_sha256

NONE: Final = "(none)"
_DERIVED: Final = {"year": re.compile(r"\d{4}"), "month": re.compile(r"\d{4}-\d\d")}


@dataclass(frozen=True, slots=True)
class Scored:
    """What a model found in the articles of an archive.

    Attributes:
        source: the file or folder.
        cues: the cue types.
        ids: [articles]
        words: [articles] number of words.
        counts: [articles, cues] found cues.
        expected: [articles, cues] expected counts; None from a model that gives none.
        doubt: [articles, cues] variance of the gold count that the scores promise: of each found cue s (1 - s), and
            what is expected beyond the sum of scores; None where `expected` is.
        fields: the values of the fields that were asked for, [articles] each; `(none)` where there is none.
        spans: the found spans of the articles that were asked for, by id, as records.
        skipped: ids of the records that the model passed over.
        digests: the SHA-256 of the texts of the articles that were asked for, by id, where it is known.
    """

    source: str
    cues: list[str]
    ids: list[str]
    words: FloatArray
    counts: FloatArray
    expected: FloatArray | None
    doubt: FloatArray | None
    fields: dict[str, list[str]]
    spans: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    digests: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """The labelled articles.

    Attributes:
        rows: [labelled] their places among the scored.
        gold: [labelled, cues] gold cues.
        matched: [labelled, cues] found cues that overlap a gold one of their type, one to one.
    """

    rows: IntArray
    gold: FloatArray
    matched: FloatArray


def read_scored(
    entry: str, fields: Sequence[str], wanted: Sequence[str] = (), *, optional: Sequence[str] = ()
) -> Scored:
    """Read what `framing score` (JSON lines) or `framing archive` (a folder) wrote.

    Args:
        entry: the file, or the folder.
        fields: fields of the records to keep. `year` and `month` are taken from `date` where records have none.
        wanted: ids of the articles whose spans are needed.
        optional: fields to keep that may be in no record.

    Raises:
        InputError: a record that is wrong or there twice, or a field that no record has.
        MissingExtraError: a folder, but pyarrow isn't installed.
    """
    if Path(entry).is_dir():
        from framing.estimate.archive import read_folder

        scored = read_folder(Path(entry), [*fields, *optional], wanted)
    else:
        scored = _read_lines(entry, [*fields, *optional], set(wanted))
    if not scored.ids:
        raise InputError(f"{entry}: holds no scored article; give what `framing score` or `framing archive` wrote")
    seen: set[str] = set()
    for identity in scored.ids:
        if identity in seen:
            raise InputError(f"{entry}: record {identity!r} was scored twice; give each an id of its own")
        seen.add(identity)
    for name in fields:
        if all(value == NONE for value in scored.fields[name]):
            raise InputError(f"{entry}: no scored record has a field {name!r}; check the name")
    return scored


def value_of(record: Mapping[str, Any], name: str) -> str:
    """Give a field's value as text; a year or month that isn't there is read off the date."""
    value = record.get(name)
    if value is None and name in _DERIVED:
        found = _DERIVED[name].match(str(record.get("date") or ""))
        value = found[0] if found else None
    return NONE if value is None or value == "" else str(value)


def _read_lines(entry: str, fields: Sequence[str], wanted: set[str]) -> Scored:
    cues: list[str] = []
    ids, words, rows, hoped, sure, doubts, skipped = [], [], [], [], [], [], set()
    values: dict[str, list[str]] = {name: [] for name in fields}
    spans, digests = {}, {}
    for where, record in json_records(entry):
        if not isinstance(record, Mapping) or record.get("id") is None:
            raise InputError(f"{where}: no JSON object with an id; give what `framing score` wrote")
        identity = str(record["id"])
        if record.get("status") == "skipped":
            skipped.add(identity)
            continue
        try:
            profile = record["profile"]
            cues = cues or list(profile["cues"])
            found = [profile["cues"][cue] for cue in cues]
            rows.append([float(one["count"]) for one in found])
            hoped.append([float(one.get("expected", np.nan)) for one in found])
            words.append(float(profile["words"]))
            scores = [[one["score"] for one in record["spans"] if one["label"] == cue] for cue in cues]
            sure.append([sum(one) for one in scores])
            doubts.append([sum(score * (1 - score) for score in one) for one in scores])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                f"{where}: record {identity!r} has no spans with scores or no profile with the cues of the first "
                f"({error}); give what `framing score` wrote, all by one model"
            ) from error
        ids.append(identity)
        for name in fields:
            values[name].append(value_of(record, name))
        if identity in wanted:
            spans[identity] = record.get("spans") or []
            if digest := text_digest(record):
                digests[identity] = digest
    if not ids:
        raise InputError(f"{entry}: holds no scored article; give what `framing score` wrote")
    counts, expected, total, doubt = (np.array(one).reshape(-1, len(cues)) for one in (rows, hoped, sure, doubts))
    told = not np.isnan(expected).any()
    return Scored(
        entry,
        cues,
        ids,
        np.array(words),
        counts,
        expected if told else None,
        doubt + np.abs(expected - total) if told else None,
        values,
        spans,
        frozenset(skipped),
        digests,
    )


def join(scored: Scored, gold: Sequence[Document], source: str) -> Sample:
    """Find the labelled articles among the scored, and count their cues.

    Args:
        scored: what was scored.
        gold: the labelled articles; those that the model skipped are left out.
        source: what errors call gold.

    Raises:
        InputError: a labelled article that wasn't scored, has another text, or a cue that the model doesn't look for.
    """
    place = {identity: row for row, identity in enumerate(scored.ids)}
    kept, found = [], []
    for document in gold:
        where = f"{source}: record {document.id!r}"
        if document.id in scored.skipped:
            continue
        if document.id not in place:
            raise InputError(f"{where} is not in {scored.source}; score the labelled articles, too")
        digest = scored.digests.get(document.id)
        if digest is not None and digest != text_sha256(document.text):
            raise InputError(
                f"{where} has another text than where it was scored (text_sha256 differs); label and score the same"
            )
        words = count_words(document.text)
        if words != scored.words[place[document.id]]:
            raise InputError(
                f"{where} has {words:,} words, but {scored.words[place[document.id]]:,.0f} where it was scored; "
                "label and score the same text"
            )
        for span in document.spans:
            if span.label not in scored.cues:
                meant = hint(span.label, scored.cues, "the model looks for")
                raise InputError(f"{where}: unknown cue {span.label!r}; {meant}")
        kept.append(document)
        found.append(_spans(document, scored.spans.get(document.id, []), scored.source))
    if not kept:
        raise InputError(f"{source}: none of the labelled articles was scored")
    counts = span_counts([document.spans for document in kept], found, scored.cues, strict=False)
    rows = np.array([place[document.id] for document in kept], dtype=np.int64)
    return Sample(rows, counts[..., 0], counts[..., 2])


def _spans(document: Document, records: Sequence[Mapping[str, Any]], source: str) -> tuple[CueSpan, ...]:
    try:
        return Document.from_record({"id": document.id, "text": document.text, "spans": list(records)}).spans
    except RecordError as error:
        raise InputError(f"{source}: {error}; label and score the same text") from error


def numbers(values: Sequence[str]) -> IntArray:
    """Number values in the order in which they come first."""
    known = {value: number for number, value in enumerate(dict.fromkeys(values))}
    return np.fromiter((known[value] for value in values), dtype=np.int64, count=len(values))


def clusters(scored: Scored, name: str | None) -> IntArray:
    """Number each article's cluster: the value of a field; without a field, or a value, itself."""
    if name is None:
        return np.arange(len(scored.ids))
    return numbers([value if value != NONE else f"{NONE} {row}" for row, value in enumerate(scored.fields[name])])


def strata(scored: Scored, names: Sequence[str]) -> Iterator[tuple[str, IntArray]]:
    """Give each combination of the values of some fields, in order, with the places of its articles."""
    labels = [", ".join(values) for values in zip(*(scored.fields[name] for name in names), strict=True)]
    number = numbers(labels)
    order = np.argsort(number, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(number[order])) + 1)
    yield from sorted(zip(dict.fromkeys(labels), parts, strict=True), key=lambda part: part[0])

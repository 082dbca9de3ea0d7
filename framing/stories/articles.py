"""Scored articles with their texts: from a JSON lines file, or from the tables of `framing archive` and the texts."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from framing.errors import InputError, needs_extra
from framing.io.inputs import read_inputs
from framing.io.jsonl import BadRecord
from framing.profile import count_words
from framing.spans import CueSpan, Document, text_sha256
from framing.stories.actors import actor_of


@dataclass(frozen=True, slots=True)
class Mention:
    """A cue in an article, and whom it is about.

    Attributes:
        span: the cue.
        words: the words of the cue.
        actor: who is called so, as far as the passage says; else empty.
        authority: who lists the actor by law; else empty.
        source: whose words these are, where a designation says it; else empty.
    """

    span: CueSpan
    words: str
    actor: str = ""
    authority: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """A scored article.

    Attributes:
        id: the record's name.
        outlet: who published it; empty where unknown.
        day: when; None where unknown.
        title: its title, or nothing.
        text: the text.
        words: number of words.
        mentions: its cues, in the order of the text.
    """

    id: str
    outlet: str
    day: date | None
    title: str
    text: str
    words: int
    mentions: tuple[Mention, ...]


def read_articles(entry: str, texts: Sequence[str] = ()) -> Iterator[Article]:
    """Read articles one at a time; records that weren't scored are passed over.

    Args:
        entry: a file that `framing score --keep-text` wrote, or a folder that `framing archive` wrote.
        texts: for a folder, the files that were scored.

    Raises:
        InputError: names the file, the record and the mend.
        MissingExtraError: a folder, but `pyarrow` isn't installed.
    """
    folder = Path(entry).is_dir()
    if folder and not texts:
        raise InputError(f"{entry}: its tables hold no texts; name the files that were scored with --texts FILE")
    tables = _tables(Path(entry)) if folder else None
    for record in read_inputs(texts if folder else [entry], sys.stdin.buffer, labelled=not folder):
        if isinstance(record, BadRecord):
            passed = record.fields.get("status") == "skipped" or (tables is not None and record.fields)
            if passed and record.id not in (tables or ()):  # what couldn't be scored may be as bad as it was then
                continue
            if "text" not in record.fields and record.fields.get("status") == "ok":
                raise InputError(f"{entry}: record {record.id!r} has no text; score with --keep-text")
            raise InputError(record.reason)
        if tables is not None:
            if record.id in tables:
                yield _joined(record, *tables[record.id])
        elif record.meta.get("status") != "skipped":
            yield _article(record)


def _article(document: Document) -> Article:
    words = (document.meta.get("profile") or {}).get("words")
    return Article(
        document.id,
        str(document.meta.get("outlet") or ""),
        read_day(document.meta.get("date")),
        str(document.meta.get("title") or ""),
        document.text,
        count_words(document.text) if words is None else words,
        tuple(_mention(document.text, span) for span in document.spans),
    )


def _mention(text: str, span: CueSpan) -> Mention:
    found = span.designation
    target, source = (None, None) if found is None else (found.target, found.source)
    return Mention(
        span,
        text[span.start : span.end],
        actor_of(text, span) if target is None else text[target[0] : target[1]],
        "" if found is None else found.authority or "",
        "" if source is None else text[source[0] : source[1]],
    )


def read_day(value: Any) -> date | None:
    """Read the day of a date or time in ISO 8601; None for anything else."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        return None


def _tables(folder: Path) -> dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Read the rows of `articles` and `spans` by id."""
    with needs_extra(f"{folder}: to read an archive needs", "archive"):
        from pyarrow import ArrowInvalid, dataset
    try:
        articles = dataset.dataset(folder / "articles", partitioning="hive").to_table()
        spans = dataset.dataset(folder / "spans", partitioning="hive").to_table()
    except (OSError, ArrowInvalid) as error:
        raise InputError(
            f"{folder}: no tables `articles` and `spans` ({error}); give what `framing archive` wrote"
        ) from error
    wanted = ("id", "outlet", "date", "title", "words", "text_sha256", "status")
    names = [name for name in wanted if name in articles.column_names]
    found: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for row in articles.select(names).to_pylist():
        if row["id"] in found:
            raise InputError(f"{folder}: two articles are called {row['id']!r}; texts are joined by id")
        if row.get("status", "scored") == "scored":
            found[row["id"]] = row, []
    for row in spans.to_pylist():
        if row["id"] in found:
            found[row["id"]][1].append(row)
    return found


def _joined(document: Document, row: dict[str, Any], spans: list[dict[str, Any]]) -> Article:
    if (digest := row.get("text_sha256")) and digest != text_sha256(document.text):
        raise InputError(
            f"record {document.id!r} has another text than where it was scored (text_sha256 differs); give the very "
            "files that were scored"
        )
    mentions = []
    for given in sorted(spans, key=lambda span: (span["start"], span["end"], span["label"])):
        span = CueSpan(given["start"], given["end"], given["label"], given.get("score"), given.get("voice"))
        words = document.text[span.start : span.end]
        if words != given["text"]:
            raise InputError(
                f"record {document.id!r}: [{span.start}, {span.end}) is {words!r} in the text and {given['text']!r} in "
                "the table; give the very files that were scored"
            )
        named = [given.get(f"designation_{name}") or "" for name in ("target", "authority", "source")]
        mentions.append(Mention(span, words, named[0] or actor_of(document.text, span), *named[1:]))
    about = (str(row.get("outlet") or ""), read_day(row.get("date")), str(row.get("title") or ""))
    return Article(document.id, *about, document.text, row["words"], tuple(mentions))

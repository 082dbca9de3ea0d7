"""Reading and writing JSON lines; a bad line is a value with a reason, so that one never stops a file."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from framing.errors import InputError, RecordError
from framing.spans import Document


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that can't be scored: its id (or place), the reason, the fields that could still be read, and the kind.

    `kind` is one word that reasons are counted by.
    """

    id: str
    reason: str
    fields: dict[str, Any] = field(default_factory=dict)
    kind: str = field(default="invalid", compare=False)


def load_line(line: bytes, where: str) -> Any:
    """Read the JSON value of one line; a bad record where it is none."""
    try:
        return json.loads(line.decode("utf-8").rstrip("\r\n"))
    except UnicodeDecodeError as error:
        reason = f"{where}: invalid UTF-8 at byte {error.start + 1} of the line; save the file as UTF-8"
        return BadRecord(where, reason, {}, "encoding")
    except (ValueError, RecursionError) as error:
        return BadRecord(where, f"{where}: invalid JSON ({error}); write one JSON object a line")


def parse_objects(stream: Iterable[bytes], *, name: str, first: int = 1) -> Iterator[tuple[str, Any] | BadRecord]:
    """Read JSON values, one a line, each with its place `name:line`; blank lines are passed over."""
    for number, line in enumerate(stream, start=first):
        where = f"{name}:{number}"
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            continue
        value = load_line(line, where)
        yield value if isinstance(value, BadRecord) else (where, value)


def parse_lines(
    stream: Iterable[bytes],
    *,
    name: str,
    text_field: str = "text",
    id_field: str = "id",
    words: bool = False,
    labels: Sequence[str] | None = None,
    first: int = 1,
    labelled: bool = False,
) -> Iterator[Document | BadRecord]:
    """Read records from JSON lines; blank lines are passed over.

    Args:
        stream: lines of bytes, one JSON object each, UTF-8.
        name: what errors call the stream.
        text_field: the key that holds the text.
        id_field: the key that holds the id; `name:line` stands in where it is missing.
        words: whether a text must hold more than white space.
        labels: the cue types that spans may have; None allows any.
        first: the number of the first line.
        labelled: whether a record must have `spans`.
    """
    for item in parse_objects(stream, name=name, first=first):
        if isinstance(item, BadRecord):
            yield item
            continue
        where, record = item
        try:
            document = Document.from_record(
                record, where=where, text_field=text_field, id_field=id_field, labelled=labelled
            )
        except RecordError as error:
            fields = dict(record) if isinstance(record, dict) else {}
            given = fields.get(id_field)
            yield BadRecord(where if given is None else str(given), str(error), fields)
            continue
        if words and not document.text.strip():
            reason = f"{where}: record {document.id!r}: the text is empty; leave the record out"
            yield BadRecord(document.id, reason, {"id": document.id, **document.meta})
            continue
        unknown = unknown_cue(document, labels)
        yield BadRecord(document.id, f"{where}: {unknown}") if unknown else document


def read_documents(
    path: Path, *, text_field: str = "text", id_field: str = "id", labels: Sequence[str] | None = None
) -> list[Document]:
    """Read a labelled corpus, in which every line must be right.

    Args:
        path: a JSON lines file.
        text_field: the key that holds the text.
        id_field: the key that holds the id.
        labels: the cue types that spans may have; None allows any.

    Raises:
        InputError: when the file can't be opened, is empty, or at its first bad line; it names file, line and mend.
    """
    documents = []
    try:
        with path.open("rb") as stream:
            for record in parse_lines(stream, name=str(path), text_field=text_field, id_field=id_field, labels=labels):
                if isinstance(record, BadRecord):
                    raise InputError(record.reason)
                documents.append(record)
    except OSError as error:
        raise InputError(f"{path}: can't read the file ({error.strerror}); check the path") from error
    if not documents:
        raise InputError(f"{path}: the file holds no records; write one JSON object a line")
    return documents


def unknown_cue(document: Document, labels: Sequence[str] | None) -> str:
    """Say which span has a label that is not among these, and the nearest; nothing when all are, or for None."""
    for span in document.spans:
        if labels is not None and span.label not in labels:
            near = difflib.get_close_matches(span.label, labels, 1, 0.6)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(labels)}"
            return (
                f"record {document.id!r}: unknown cue {span.label!r}; {hint} "
                "(a vocabulary of your own is a YAML file named by `cues:`)"
            )
    return ""

"""Our own JSON lines: one record a line, with every field that a document can have."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from framing.errors import InputError
from framing.io.jsonl import BadRecord, parse_lines
from framing.spans import Document
from training.corpora.base import Format, Losses, Reading, cut

SAMPLE = '{"id": "a1", "text": "The so-called truce", "spans": [{"start": 4, "end": 13, "label": "distancing"}]}'


def read(path: Path, reading: Reading, *, text_field: str = "text", id_field: str = "id") -> Iterator[Document]:
    """Read a file in which every line must be right."""
    number = 0

    def lines(stream: BinaryIO) -> Iterator[bytes]:
        nonlocal number
        for number, line in enumerate(stream, start=1):  # noqa: B007 - the place of the record that comes next
            yield line

    with path.open("rb") as stream:
        for record in parse_lines(lines(stream), name=str(path), text_field=text_field, id_field=id_field):
            where = f"{path}:{number}"
            with reading.going_on():
                if isinstance(record, BadRecord):
                    reading.seen.setdefault(record.id, where)
                    fields = record.fields | {"text": record.fields.get(text_field)}
                    raise InputError(*(reading.span_faults(fields, where) or [record.reason]))
                yield reading.check(record, where)


def write(documents: Sequence[Document], path: Path) -> None:
    """Write one record a line."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for document in documents:
            stream.write(json.dumps(document.to_record(), ensure_ascii=False) + "\n")


def hold(document: Document, losses: Losses) -> Document:
    """Hold everything."""
    return cut(document, losses, form="jsonl", fields=None, meta=None)


FORMAT = Format("jsonl", "our JSON lines; holds everything", "a file", SAMPLE, read, write, hold)

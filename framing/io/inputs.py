"""What `framing score` reads: text files, JSON lines and standard input, as one stream of records."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from framing.io.jsonl import BadRecord, parse_lines
from framing.spans import Document

JSONL_ENDINGS = frozenset({".jsonl", ".ndjson"})


@dataclass(frozen=True, slots=True)
class _Keys:
    """What records call their text and id, and whether they must have `spans`."""

    text: str
    id: str
    labelled: bool


def read_inputs(
    inputs: Iterable[str],
    stdin: BinaryIO,
    *,
    text_field: str = "text",
    id_field: str = "id",
    labelled: bool = False,
) -> Iterator[Document | BadRecord]:
    """Read all inputs in order, one record at a time.

    Args:
        inputs: paths, or `-` for standard input. By its ending a file is JSON lines (`.jsonl`, `.ndjson`), one JSON
            record or a list of them (`.json`), else one text, each also with `.gz`; standard input is JSON lines when
            it starts with `{`.
        stdin: standard input, as bytes.
        text_field: the key that holds the text.
        id_field: the key that holds the id.
        labelled: records without `spans` are bad ones, and so are plain texts.
    """
    keys = _Keys(text_field, id_field, labelled)
    for name in inputs:
        try:
            if name == "-":
                yield from _read_stdin(stdin, keys)
                continue
            path = Path(name)
            packed = path.suffix.lower() == ".gz"
            inner = path.with_suffix("") if packed else path
            with cast("BinaryIO", gzip.open(path) if packed else path.open("rb")) as stream:
                if inner.suffix.lower() == ".json":
                    yield from _lines(_as_lines(stream), name, keys)
                elif inner.suffix.lower() in JSONL_ENDINGS:
                    yield from _lines(stream, name, keys)
                else:
                    yield _text(stream.read(), name, inner.stem, keys)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            yield BadRecord(name, f"{name}: damaged gzip file ({error}); fetch or pack it again")
        except OSError as error:
            yield BadRecord(name, f"{name}: can't read the file ({error.strerror}); check the path")


def _read_stdin(stdin: BinaryIO, keys: _Keys) -> Iterator[Document | BadRecord]:
    stream = io.BufferedReader(stdin) if not isinstance(stdin, io.BufferedReader) else stdin  # type: ignore[type-var]
    if stream.peek(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        yield from _lines(stream, "-", keys)
    else:
        yield _text(stream.read(), "-", "stdin", keys)


def _as_lines(stream: BinaryIO) -> BinaryIO:
    """Give a JSON file's record, or its list of records, as JSON lines; what is no JSON as it stands."""
    data = stream.read()
    try:
        value = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return io.BytesIO(data)
    records = value if isinstance(value, list) else [value]
    return io.BytesIO(b"".join(json.dumps(record).encode() + b"\n" for record in records))


def _lines(stream: BinaryIO, name: str, keys: _Keys) -> Iterator[Document | BadRecord]:
    empty = True
    for record in parse_lines(
        stream, name=name, text_field=keys.text, id_field=keys.id, words=True, labelled=keys.labelled
    ):
        empty = False
        yield record
    if empty:
        yield BadRecord(name, f"{name}: the file is empty; write one JSON object a line")


def _text(data: bytes, name: str, identity: str, keys: _Keys) -> Document | BadRecord:
    if keys.labelled:
        return BadRecord(identity, f"{name}: a plain text has no cues; score it first (`framing score --keep-text`)")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return BadRecord(
            identity, f"{name}:{line}: invalid UTF-8 at byte {error.start + 1} of the file; save the file as UTF-8"
        )
    if not text.strip():
        return BadRecord(identity, f"{name}: the file is empty; give a file with text in it")
    return Document(identity, text)

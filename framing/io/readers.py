"""Which format a file has, by what it holds and not only by its name, and the reader for each."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO, Final

from framing.io.columnar import ArrowReader, ParquetReader
from framing.io.encodings import wide
from framing.io.json_list import JsonReader
from framing.io.lines import DELIMITERS, SEPARATOR, DelimitedReader, JsonLinesReader
from framing.io.pieces import Reader, ReadOptions, Source
from framing.io.streams import Opener, is_damage, unpacked
from framing.io.warc import WarcReader
from framing.io.whole import HtmlReader, TextReader

READERS: Final[dict[str, Callable[[BinaryIO, Source, ReadOptions], Reader]]] = {
    "jsonl": JsonLinesReader,
    "json": JsonReader,
    "csv": DelimitedReader,
    "parquet": ParquetReader,
    "arrow": ArrowReader,
    "warc": WarcReader,
    "html": HtmlReader,
    "text": TextReader,
}
CONTAINERS: Final = ("zip", "tar")
FORMATS: Final = (*READERS, *CONTAINERS)

_HEAD: Final = 1 << 16
_HTML: Final = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_JSON: Final = re.compile(rb"\s*(?:\[\s*[{\]]|\{\s*\n\s*\")")
_OFFICE: Final = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub", ".jar")  # ZIP files, but no archives
_UNREADABLE: Final = (zipfile.BadZipFile, RuntimeError, NotImplementedError)  # what ZIP files and members raise


def guess(stream: BinaryIO, name: str, options: ReadOptions) -> str:
    """Guess the format of a seekable stream, packed or not; its place is the beginning afterwards.

    Args:
        stream: the file.
        name: its name, which decides between formats that look alike.
        options: for the text field that a CSV header should name.

    Returns:
        One of `FORMATS`; `text` for what is nothing else.
    """
    stream.seek(0)
    try:
        head = unpacked(stream, options.max_expansion, owned=False).read(_HEAD)
    except Exception as error:
        if not is_damage(error):
            raise
        head = b""
    stream.seek(0)
    return _guess(head, name.lower(), options)


def _guess(head: bytes, name: str, options: ReadOptions) -> str:
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return "arrow"
    if head.startswith(b"WARC/"):
        return "warc"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "text" if name.endswith(_OFFICE) else "zip"
    if head[257:262] == b"ustar":
        return "tar"
    if found := wide(head, options.encoding):
        head = head[: len(head) // 4 * 4].decode(found, "ignore").encode("utf-8", "ignore")
    if _HTML.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "html"
    named = re.search(r"\.(jsonl|ndjson|json|csv|tsv|html?|txt|parquet|warc|tar|tgz)(?:\.(?:gz|bz2|zst|xz))?$", name)
    form = {"ndjson": "jsonl", "tsv": "csv", "htm": "html", "txt": "text", "tgz": "tar"}
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if named and named[1] != "json":
        return form.get(named[1], named[1])
    if _is_json_line(start):
        return "jsonl"
    if named or _JSON.match(start):
        return "json"
    lines = re.split(r"\r\n?|\n", head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace"), maxsplit=2)
    first = lines[1 if len(lines) > 1 and SEPARATOR.match(lines[0]) else 0].strip()
    columns = re.split(f"[{re.escape(DELIMITERS)}]", first)
    if len(columns) > 1 and options.fields.text in [column.strip('"\ufeff ') for column in columns]:
        return "csv"
    return "text"


def _is_json_line(head: bytes) -> bool:
    if not head.startswith(b"{"):
        return False
    line, *ended = re.split(rb"[\r\n]", head, maxsplit=1)
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return not ended and len(head) >= _HEAD // 2


def _differ_in_form(one: Source, other: Source) -> bool:
    """Tell whether two sources are the same member, read in two forms that are unpacked alike."""
    return "warc" not in (one.form, other.form) and replace(one, form=other.form) == other


class SourceReader:
    """Reads parts of sources one after the other; the last source stays open, so that going on costs nothing."""

    def __init__(self, options: ReadOptions) -> None:
        """Take how inputs are read."""
        self.options = options
        self._opener = Opener(options.max_expansion)
        self._source: Source | None = None
        self.stream: BinaryIO | None = None
        self._reader: Reader | None = None

    def open(self, source: Source) -> Reader:
        """Give the reader of a source.

        Raises:
            OSError: the file can't be opened.
            EOFError: a member can't be unpacked; the message says why.
        """
        if self._reader is None or source != self._source:
            if self.stream is not None and self._source is not None and _differ_in_form(source, self._source):
                self.stream.seek(0)  # going back to a member's start would unpack its whole archive again
            else:
                self._close_source()
                try:
                    self.stream = self._opener.open(source)
                except _UNREADABLE as error:
                    raise EOFError(str(error)) from error
            self._reader = READERS[source.form](self.stream, source, self.options)
            self._source = source
        return self._reader

    def container(self, file: Source) -> object:
        """Give the open ZIP file or the unpacked stream of a TAR file; raises `EOFError` for what is none."""
        try:
            return self._opener.container(file.path, file.form)
        except _UNREADABLE as error:
            raise EOFError(str(error)) from error

    def _close_source(self) -> None:
        if self.stream is not None:
            self.stream.close()
        self._source = self.stream = self._reader = None

    def close(self) -> None:
        """Close what is open."""
        self._close_source()
        self._opener.close()

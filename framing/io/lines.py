"""Records in lines: JSON lines and CSV or TSV, read from any line on."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from framing.io.jsonl import BadRecord, load_line
from framing.io.pieces import MIB, Cut, Piece, ReadOptions, Source, damaged, named_twice, to_document, too_long
from framing.io.recoded import as_lines
from framing.io.streams import is_damage
from framing.spans import Document

DELIMITERS: Final = ",\t;|"
SEPARATOR: Final = re.compile(r'"?sep=(.)"?(?:\r?\n|$)', re.IGNORECASE)
"""A first line in which Excel, and others for it, say what the delimiter is."""
_BOM: Final = b"\xef\xbb\xbf"


def read_line(stream: BinaryIO, limit: int) -> tuple[bytes, int]:
    """Read a line; of one that is longer than the limit only the length is kept.

    Returns:
        The line with its end, empty at the end of the stream or if it was too long; and its size in bytes.
    """
    line = stream.readline(limit + 1)
    if len(line) <= limit or line.endswith(b"\n"):
        return line, len(line)
    size = len(line)
    while part := stream.readline(MIB):
        size += len(part)
        if part.endswith(b"\n"):
            break
    return b"", size


class JsonLinesReader:
    """JSON lines; a record's position is its line, and blank lines are passed over."""

    def __init__(self, stream: BinaryIO, source: Source, options: ReadOptions) -> None:
        """Take the source's stream."""
        self.stream, self.label, self.options = stream, source.label, options
        self._encoding = options.encoding
        self._begun = False

    def outline(self) -> Iterator[Piece]:
        """Give all lines."""
        return self.pieces(Cut())

    def pieces(self, cut: Cut) -> Iterator[Piece]:
        """Give the lines from this one on; the last may be a bad record that says why there are no more."""
        offset, number, found = cut.offset, cut.position, False
        try:
            self._begin()
            if self.stream.tell() != offset:
                self.stream.seek(offset)
            while True:
                line, size = read_line(self.stream, self.options.max_record)
                if not size:
                    break
                if not line or line.strip(b" \t\r\n" + _BOM):
                    found = True
                    where = f"{self.label}:{number}"
                    yield Piece(Cut(offset, number), size, line or too_long(where, size, self.options.max_record))
                offset, number = offset + size, number + 1
        except Exception as error:
            if not is_damage(error):
                raise
            yield Piece(Cut(offset, number), 0, damaged(f"{self.label}:{number}", error))
            return
        if not found and not cut.offset:
            reason = f"{self.label}: the file is empty; write one JSON object a line"
            yield Piece(Cut(), 0, BadRecord(self.label, reason, {}, "empty"))

    def _begin(self) -> None:
        if not self._begun:
            self.stream, recoded = as_lines(self.stream, self.options.encoding)
            self._begun, self._encoding = True, None if recoded else self.options.encoding

    def parse(self, piece: Piece) -> Document | BadRecord:
        """Read a line's JSON."""
        if isinstance(piece.data, BadRecord):
            return piece.data
        where = f"{self.label}:{piece.cut.position}"
        line: bytes = piece.data.removeprefix(_BOM)
        record = load_line(line, where)
        if isinstance(record, BadRecord) and record.kind == "encoding" and self._encoding:
            record = load_line(line.decode(self._encoding, "replace").encode(), where)
        return record if isinstance(record, BadRecord) else to_document(record, where, self.options.fields)


class DelimitedReader:
    """CSV and TSV with a header, by RFC 4180.

    The delimiter is that of a line `sep=;` before the header, or else the commonest of four in the header.

    A record's position is the line on which it starts. Where quotation marks don't match, the first line is reported
    and reading goes on with the next, so that a missing mark costs one line and not the rest of the file.
    """

    def __init__(self, stream: BinaryIO, source: Source, options: ReadOptions) -> None:
        """Take the source's stream."""
        self.stream, self.label, self.options = stream, source.label, options
        self._encoding = options.encoding
        self._header: list[str] | None = None
        self._delimiter = ","
        self._first = Cut()

    def outline(self) -> Iterator[Piece]:
        """Give all rows below the header."""
        return self.pieces(Cut())

    def pieces(self, cut: Cut) -> Iterator[Piece]:
        """Give the rows from this one on, each a list of texts."""
        csv.field_size_limit(self.options.max_record)
        try:
            if self._header is None:
                self._read_header()
            cut = max(cut, self._first, key=lambda place: place.offset)
            found = cut.offset != self._first.offset
            for piece in self._rows(cut):
                found, cut = True, Cut(piece.cut.offset + piece.size, piece.cut.position + 1)
                yield piece
        except Exception as error:
            if not is_damage(error):
                raise
            yield Piece(cut, 0, damaged(f"{self.label}:{cut.position}", error))
            return
        if not found:
            reason = f"{self.label}: there are no rows below the header; leave the file out"
            yield Piece(self._first, 0, BadRecord(self.label, reason, {}, "empty"))

    def _read_header(self) -> None:
        self.stream.seek(0)
        self.stream, recoded = as_lines(self.stream, self.options.encoding)
        self._encoding = None if recoded else self.options.encoding
        line, size = read_line(self.stream, self.options.max_record)
        text = self._decode(line.removeprefix(_BOM))
        number = 1
        if said := SEPARATOR.match(text):
            line, grown = read_line(self.stream, self.options.max_record)
            text, size, number = self._decode(line), size + grown, number + 1
        self._delimiter = said[1] if said else max(DELIMITERS, key=text.count)
        lines, self._header = [text], []
        while True:
            try:
                self._header = next(csv.reader(lines, delimiter=self._delimiter, strict=True), [])
                break
            except csv.Error:  # a name that goes on in the next line
                more, grown = read_line(self.stream, self.options.max_record)
                if not more:
                    break
                lines.append(self._decode(more))
                size, number = size + grown, number + 1
        self._first = Cut(size, number + 1)

    def _rows(self, cut: Cut) -> Iterator[Piece]:
        while True:
            if self.stream.tell() != cut.offset:
                self.stream.seek(cut.offset)
            sizes: list[int] = []
            rows = csv.reader(self._lines(sizes), delimiter=self._delimiter, strict=True)
            try:
                for row in rows:
                    size = sum(sizes)
                    if row:
                        yield Piece(cut, size, row)
                    cut = Cut(cut.offset + size, cut.position + len(sizes))
                    sizes.clear()
            except csv.Error as error:
                where = f"{self.label}:{cut.position}"
                reason = f"{where}: not a row of CSV ({error}); repair its quotation marks"
                bad = BadRecord(where, reason)
                if sizes[0] > self.options.max_record:
                    bad = too_long(where, sizes[0], self.options.max_record)
                yield Piece(cut, sizes[0], bad)
                cut = Cut(cut.offset + sizes[0], cut.position + 1)
            else:
                return

    def _lines(self, sizes: list[int]) -> Iterator[str]:
        while True:
            line, size = read_line(self.stream, self.options.max_record)
            if not size:
                return
            sizes.append(size)
            if not line or sum(sizes) > self.options.max_record:
                raise csv.Error("the record is longer than the limit, or a quotation mark is missing")
            yield self._decode(line)

    def _decode(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            if self._encoding:
                return line.decode(self._encoding, "replace")
            return line.decode(errors="surrogateescape")

    def parse(self, piece: Piece) -> Document | BadRecord:
        """Name the row's fields by the header."""
        if isinstance(piece.data, BadRecord):
            return piece.data
        where = f"{self.label}:{piece.cut.position}"
        header = self._header or []
        if (twice := named_twice(header, where, self.options.fields)) is not None:
            return twice
        if len(piece.data) != len(header):
            reason = f"{where}: {len(piece.data)} fields under a header of {len(header)}; repair the row"
            return BadRecord(where, reason)
        if any("\udc80" <= char <= "\udcff" for value in piece.data for char in value if char > "\ud7ff"):
            reason = f"{where}: invalid UTF-8; save the file as UTF-8, or name its --encoding"
            return BadRecord(where, reason, {}, "encoding")
        record = {name: value for name, value in zip(header, piece.data, strict=True) if value}
        if self.options.fields.text in header:
            record.setdefault(self.options.fields.text, "")
        return to_document(record, where, self.options.fields)

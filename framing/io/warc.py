"""Web archives: the pages of a WARC file, by FastWARC."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final

from framing.errors import MissingExtraError
from framing.io.encodings import charset_of
from framing.io.jsonl import BadRecord
from framing.io.pieces import MIB, Cut, Piece, ReadOptions, Source, decode_text, to_document, too_long
from framing.io.whole import OURS, page_document
from framing.spans import Document

_MARK: Final = re.compile(rb"WARC/1\.\d\r?\n|\x1f\x8b\x08|\x28\xb5\x2f\xfd")
_LONGEST: Final = 10
_START: Final = 4096
"""Bytes of a gzip member from which its first words come out, whatever is in its header."""
_INNER: Final = b"\r\n\r\nWARC/1."
_HTML: Final = ("text/html", "application/xhtml+xml")


class WarcReader:
    """The `response`, `resource` and `conversion` records of a WARC file; the other kinds hold no articles.

    A record's position is its number among these. A broken record is reported, and reading goes on with the next mark
    of a record, packed or not.
    """

    def __init__(self, stream: BinaryIO, source: Source, options: ReadOptions) -> None:
        """Take the source's stream, still packed."""
        try:
            from fastwarc import warc
        except ImportError as error:
            raise MissingExtraError("WARC needs the extra: pip install 'framing[archive]'") from error
        self._warc = warc
        self._kinds = warc.WarcRecordType.response | warc.WarcRecordType.resource | warc.WarcRecordType.conversion
        self.stream, self.label, self.options = stream, source.label, options
        self.size = stream.seek(0, io.SEEK_END)

    def outline(self) -> Iterator[Piece]:
        """Give all records."""
        return self.pieces(Cut())

    def pieces(self, cut: Cut) -> Iterator[Piece]:
        """Give the records from this place on."""
        number = cut.position if cut.offset else 1
        begun: int | None = cut.offset
        owed = ""  # a fault that no record is found for yet
        while begun is not None:
            resume: int | None = None
            faults: list[str] = []
            try:
                self.stream.seek(begun)
                for place, data in self._records():
                    if owed:
                        yield from self._broken([owed], number, cut)
                        owed, number = "", number + 1
                    begun = begun if place is None else place
                    if number >= cut.position:
                        yield Piece(Cut(place or 0, number), len(data.get("body", b"")), data)
                    number += 1
                    if "broken" in data and place is not None:
                        resume = self._next_mark(place + 1)
                        break
            except OSError as error:
                if error.errno is not None:
                    raise
                faults, resume = self._faults(begun)
                owed = "" if faults else str(error) or "unreadable"
            yield from self._broken(faults, number, cut)
            number, begun = number + len(faults), resume
        if owed:
            yield from self._broken([owed], number, cut)
            number += 1
        if number == 1:
            yield Piece(Cut(), 0, {"broken": "no responses in the file"})

    def _broken(self, faults: Sequence[str], number: int, cut: Cut) -> Iterator[Piece]:
        """Give a piece for each fault, the first with this number, unless it comes before the cut."""
        for each, fault in enumerate(faults, start=number):
            if each >= cut.position:
                yield Piece(Cut(0, each), 0, {"broken": fault})

    def _faults(self, begun: int) -> tuple[list[str], int | None]:
        """Look for the record at which reading from a place on failed.

        Returns:
            The fault of each broken record in a row, none where the first that can be looked at is sound (the broken
            one comes later, or has lost its beginning); and the place to read on at.
        """
        faults: list[str] = []
        place: int | None = begun
        while place is not None:
            fault = self._fault(place)
            if fault == "" and place != begun:
                break
            faults += [fault] if fault else []
            place = self._next_mark(place + 1)
        return faults, place

    def _fault(self, place: int) -> str | None:
        """Say what is wrong with the record at a place, of whatever kind; None where there is no record."""
        self.stream.seek(place)
        try:
            record = next(iter(self._warc.ArchiveIterator(self.stream, parse_http=False)), None)
            if record is None:
                return None
            while record.reader.read(MIB):
                pass
        except OSError as error:
            if error.errno is not None:
                raise
            return str(error) or "unreadable"
        return ""

    def _records(self) -> Iterator[tuple[int | None, dict[str, Any]]]:
        """Give each record with its place, None where reading can't start at it (a file packed as one)."""
        records = iter(self._warc.ArchiveIterator(self.stream, record_types=self._kinds, parse_http=False))
        waiting: dict[str, Any] | None = None
        before: int | None = None
        shared = False
        while True:
            try:
                record = next(records, None)
                data = None if record is None else self._data(record)
            except OSError:
                if waiting is not None:
                    yield (None if shared else before), waiting
                raise
            if waiting is not None:
                shared = shared or (record is not None and record.stream_pos == before)
                yield (None if shared else before), waiting
            if record is None or data is None:
                return
            shared = record.stream_pos == before or record.stream_pos >= self.size
            waiting, before = data, record.stream_pos

    def _data(self, record: Any) -> dict[str, Any]:
        limit = self.options.max_record
        stated = record.headers.get("Content-Length") or ""
        if not (stated.isascii() and stated.isdecimal() and len(stated) < 18):
            return {"broken": "its header gives no length"}
        raw = record.reader.read(limit + 1)
        url = record.headers.get("WARC-Target-URI")
        if len(raw) > limit:
            return {"url": url, "body": b"", "size": int(stated)}
        if len(raw) < int(stated) or _INNER in raw:
            return {"broken": "it doesn't end where its header says"}
        if not record.is_http:
            kind, status, body = record.headers.get("Content-Type"), 200, raw
        else:
            record.set_bytes_content(raw)
            record.parse_http(auto_decode="all")
            kind, status = record.http_headers.get("Content-Type"), record.http_headers.status_code
            body = record.reader.read(limit + 1)
        media = (kind or "").split(";")[0].strip().lower()
        told = {"type": media, "charset": charset_of(kind), "status": status}
        return {"url": url, "body": body, "size": len(body), **told}

    def _next_mark(self, start: int) -> int | None:
        """Find the next place at which a record begins."""
        tail = b""
        while True:
            self.stream.seek(start)
            block = self.stream.read(MIB)
            if not block:
                return None
            data = tail + block
            for found in _MARK.finditer(data):
                place = start - len(tail) + found.start()
                if found[0] != b"\x1f\x8b\x08" or self._packs_record(place):
                    return place
            start, tail = start + len(block), data[1 - _LONGEST :]

    def _packs_record(self, place: int) -> bool:
        """Tell a gzip member that begins a record from the same three bytes in a page or inside of a member."""
        self.stream.seek(place)
        try:
            return zlib.decompressobj(31).decompress(self.stream.read(_START), 5) == b"WARC/"
        except zlib.error:
            return False

    def parse(self, piece: Piece) -> Document | BadRecord:
        """Make a document of a page; plain text is taken as it is."""
        data = piece.data
        where = f"{self.label}:{piece.cut.position}"
        if "broken" in data:
            reason = f"{where}: broken WARC record ({data['broken']}); fetch it again"
            return BadRecord(where, reason, {}, "damaged")
        url = data["url"] or where
        if data["size"] > self.options.max_record:
            return too_long(where, data["size"], self.options.max_record)
        if data["status"] != 200:
            return BadRecord(url, f"{where}: {url}: HTTP status {data['status']}", {}, "http_status")
        if data["type"] in _HTML:
            told = {"charset": data["charset"], "encoding": self.options.encoding}
            return page_document(data["body"], where, id=url, url=url, **told)
        if data["type"] != "text/plain":
            return BadRecord(url, f"{where}: {url}: {data['type'] or 'no media type'}, not a page", {}, "media_type")
        text = decode_text(data["body"], where, self.options.encoding, data["charset"])
        return text if isinstance(text, BadRecord) else to_document({"id": url, "text": text}, where, OURS)

"""A JSON file that is one record or a list of records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from framing.io.jsonl import BadRecord
from framing.io.pieces import Cut, Piece, ReadOptions, Source, damaged, decode_text, to_document, too_long
from framing.io.streams import is_damage
from framing.spans import Document

_RECORDS: Final = 16
"""Such a file has to be held whole, so its limit is that of so many records."""


class JsonReader:
    """A record, or a list of them; a record's position is its number in the list."""

    def __init__(self, stream: BinaryIO, source: Source, options: ReadOptions) -> None:
        """Take the source's stream."""
        self.stream, self.label, self.options = stream, source.label, options
        self._records: list[Any] | None = None
        self._size = 0

    def outline(self) -> Iterator[Piece]:
        """Give all records."""
        return self.pieces(Cut())

    def pieces(self, cut: Cut) -> Iterator[Piece]:
        """Give the records from this one on."""
        if self._records is None:
            self._records = self._load()
        for number, record in enumerate(self._records[cut.offset :], start=cut.offset):
            yield Piece(Cut(number, number + 1), self._size // len(self._records), record)

    def _load(self) -> list[Any]:
        limit = _RECORDS * self.options.max_record
        try:
            self.stream.seek(0)
            data = self.stream.read(limit + 1)
        except Exception as error:
            if not is_damage(error):
                raise
            return [damaged(self.label, error)]
        if len(data) > limit:
            return [too_long(self.label, len(data), limit)]
        self._size = len(data)
        text = decode_text(data, self.label, self.options.encoding)
        if isinstance(text, BadRecord):
            return [text]
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            return [BadRecord(self.label, f"{self.label}: invalid JSON ({error}); write one JSON object a line")]
        empty = BadRecord(self.label, f"{self.label}: the list is empty; leave the file out", {}, "empty")
        return (value or [empty]) if isinstance(value, list) else [value]

    def parse(self, piece: Piece) -> Document | BadRecord:
        """Make a document of a record."""
        if isinstance(piece.data, BadRecord):
            return piece.data
        return to_document(piece.data, f"{self.label}:{piece.cut.position}", self.options.fields)

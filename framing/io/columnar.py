"""Tables by columns: Parquet files and the Arrow files of a Hugging Face data set folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO, Final

from framing.errors import MissingExtraError
from framing.io.jsonl import BadRecord
from framing.io.pieces import Cut, Piece, ReadOptions, Source, damaged, to_document, too_long
from framing.spans import Document

_BATCH: Final = 256


def _arrow() -> Any:
    try:
        import pyarrow
        import pyarrow.ipc
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError("Parquet and Arrow need the extra: pip install 'framing[archive]'") from error
    return pyarrow


class ParquetReader:
    """A Parquet file; only the named columns are read, row group by row group. A record's position is its row, from 1.

    A file without the text column gives a bad record for each row.
    """

    def __init__(self, stream: BinaryIO, source: Source, options: ReadOptions) -> None:
        """Take the source's stream."""
        self.stream, self.label, self.options = stream, source.label, options
        self._arrow = _arrow()
        self._names: list[str] = []

    def outline(self) -> Iterator[Piece]:
        """Give all rows by the file's own account, without reading them."""
        try:
            metadata = self._open().metadata
        except self._arrow.ArrowException as error:
            yield Piece(Cut(), 0, damaged(self.label, error))
            return
        row = 0
        for group in (metadata.row_group(number) for number in range(metadata.num_row_groups)):
            size = group.total_byte_size // max(1, group.num_rows)
            for _ in range(group.num_rows):
                yield Piece(Cut(row, row + 1), size, None)
                row += 1
        if not row:
            yield Piece(Cut(), 0, None)

    def pieces(self, cut: Cut) -> Iterator[Piece]:
        """Give the rows from this one on, each a mapping."""
        row = cut.offset
        try:
            for record in self._records(row):
                yield Piece(Cut(row, row + 1), 0, record)
                row += 1
        except self._arrow.ArrowException as error:
            yield Piece(Cut(row, row + 1), 0, damaged(f"{self.label}:{row + 1}", error))
            return
        if not row:
            yield Piece(Cut(), 0, BadRecord(self.label, f"{self.label}: no rows; leave the file out", {}, "empty"))

    def _open(self) -> Any:
        self.stream.seek(0)
        return self._arrow.parquet.ParquetFile(self.stream)

    def _wanted(self, schema: Any) -> list[str]:
        self._names = list(schema.names)
        return [name for name in asdict(self.options.fields).values() if name in self._names]

    def _records(self, start: int) -> Iterator[dict[str, Any]]:
        file = self._open()
        wanted = self._wanted(file.schema_arrow)
        first, skip = 0, start
        while first < file.metadata.num_row_groups and skip >= file.metadata.row_group(first).num_rows:
            skip -= file.metadata.row_group(first).num_rows
            first += 1
        groups = list(range(first, file.metadata.num_row_groups))
        if not wanted:
            yield from ({} for _ in range(file.metadata.num_rows - start))
            return
        for batch in file.iter_batches(_BATCH, row_groups=groups, columns=wanted) if groups else ():
            yield from batch.slice(min(skip, len(batch))).to_pylist()
            skip = max(0, skip - len(batch))

    def parse(self, piece: Piece) -> Document | BadRecord:
        """Make a document of a row."""
        if isinstance(piece.data, BadRecord):
            return piece.data
        where = f"{self.label}:{piece.cut.position}"
        fields = self.options.fields
        if fields.text not in self._names:
            near = ", ".join(map(repr, self._names)) or "none"
            reason = f"{where}: no column {fields.text!r} (columns: {near}); name it with --text-field"
            return BadRecord(where, reason, {}, "no_text_field")
        text = piece.data[fields.text]
        if isinstance(text, str) and len(text) > self.options.max_record:
            return too_long(where, len(text), self.options.max_record)
        return to_document(piece.data, where, fields)


class ArrowReader(ParquetReader):
    """An Arrow file, as a stream (as `datasets` saves them) or with a footer."""

    def outline(self) -> Iterator[Piece]:
        """Give all rows."""
        row = 0
        try:
            for batch in self._batches():
                for _ in range(len(batch)):
                    yield Piece(Cut(row, row + 1), batch.nbytes // len(batch), None)
                    row += 1
        except self._arrow.ArrowException as error:
            yield Piece(Cut(row, row + 1), 0, damaged(f"{self.label}:{row + 1}", error))
            return
        if not row:
            yield Piece(Cut(), 0, None)

    def _batches(self) -> Iterator[Any]:
        self.stream.seek(0)
        magic = self.stream.read(6)
        self.stream.seek(0)
        if magic == b"ARROW1":
            file = self._arrow.ipc.open_file(self.stream)
            yield from (file.get_batch(number) for number in range(file.num_record_batches))
        else:
            yield from self._arrow.ipc.open_stream(self.stream)

    def _records(self, start: int) -> Iterator[dict[str, Any]]:
        for batch in self._batches():
            wanted = self._wanted(batch.schema)
            if start < len(batch):
                rest = batch.slice(start)
                yield from rest.select(wanted).to_pylist() if wanted else ({} for _ in range(len(rest)))
            start = max(0, start - len(batch))

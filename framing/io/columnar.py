"""Tables by columns: Parquet files and the Arrow files of a Hugging Face data set folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO, Final, cast

from framing.errors import MissingExtraError
from framing.io.jsonl import BadRecord
from framing.io.pieces import Cut, Piece, ReadOptions, Source, damaged, named_twice, to_document, too_long
from framing.io.streams import is_damage
from framing.spans import Document

_BATCH: Final = 256
_FAR: Final = 1 << 14


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
        self._batches: Iterator[tuple[int, Any]] | None = None
        self._first, self._batch = 0, None

    def outline(self) -> Iterator[Piece]:
        """Give all rows by the file's own account, without reading their values."""
        row = 0
        try:
            for rows, size in self._sizes():
                for _ in range(rows):
                    yield Piece(Cut(row, row + 1), size // rows, None)
                    row += 1
        except Exception as error:
            if not self._is_damage(error):
                raise
            yield Piece(Cut(row, row + 1), 0, damaged(f"{self.label}:{row + 1}", error))
            return
        if not row:
            yield Piece(Cut(), 0, None)

    def pieces(self, cut: Cut) -> Iterator[Piece]:
        """Give the rows from this one on, each a mapping; going on after the last one read costs nothing.

        What can't be read of a part (a group of rows) is told row by row, and the next part is read.
        """
        row = cut.offset
        while True:
            try:
                while (rest := self._rest(row)) is not None:
                    for record in _records(rest, f"{self.label}:{row + 1}"):
                        yield Piece(Cut(row, row + 1), 0, record)
                        row += 1
                break
            except Exception as error:
                if not self._is_damage(error):
                    raise
                self._batches = None
                end = self._end_of_part(row)
                for planned in self.outline():  # every row that was counted is told
                    if row <= planned.cut.offset and (end is None or planned.cut.offset < end):
                        yield Piece(planned.cut, 0, damaged(f"{self.label}:{planned.cut.position}", error))
                if end is None:
                    return
                row = end
        if not row:
            yield Piece(Cut(), 0, BadRecord(self.label, f"{self.label}: no rows; leave the file out", {}, "empty"))

    def _is_damage(self, error: Exception) -> bool:
        return is_damage(error) or isinstance(error, self._arrow.ArrowException | UnicodeDecodeError)

    def _rest(self, row: int) -> Any:
        """Give the rest of the batch that holds a row, from that row on; None after the last row."""
        if self._batches is None or row < self._first or self._is_far(row):
            self._batches = self._from(row)
            self._first, self._batch = next(self._batches, (0, None))
        while self._batch is not None and row >= self._first + len(self._batch):
            self._first, self._batch = next(self._batches, (0, None))
        if self._batch is None:
            self._batches = None
            return None
        return self._batch.slice(row - self._first)

    def _file(self) -> Any:
        self.stream.seek(0)
        return self._arrow.parquet.ParquetFile(self.stream)

    def _sizes(self) -> Iterator[tuple[int, int]]:
        """Give rows and bytes of each group of rows."""
        metadata = self._file().metadata
        groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
        yield from ((group.num_rows, group.total_byte_size) for group in groups)

    def _end_of_part(self, row: int) -> int | None:
        """Give the first row behind the part that holds a row; None where nothing behind it can be read."""
        end = 0
        try:
            for rows, _ in self._sizes():
                end += rows
                if row < end:
                    return end
        except Exception as error:
            if not self._is_damage(error):
                raise
        return None

    def _is_far(self, row: int) -> bool:
        """Tell whether opening the file anew at a row is less work than reading on to it."""
        return row - self._first > _FAR

    def _from(self, row: int) -> Iterator[tuple[int, Any]]:
        """Give batches, with the numbers of their first rows from 0, from that or an earlier row on."""
        file = self._file()
        columns = self._wanted(file.schema_arrow)
        first, start = 0, 0
        while first < file.num_row_groups and start + file.metadata.row_group(first).num_rows <= row:
            start += file.metadata.row_group(first).num_rows
            first += 1
        for group in range(first, file.num_row_groups):  # one at a time, for a batch over two falls with either
            for batch in file.iter_batches(_BATCH, row_groups=[group], columns=columns):
                yield start, batch
                start += len(batch)

    def _wanted(self, schema: Any) -> list[str]:
        """Choose the columns to read: the named ones, or any where none is there, for its rows are counted."""
        self._names = list(schema.names)
        once = [name for name in self._names if self._names.count(name) == 1]  # two of a name can't be told apart
        return [name for name in asdict(self.options.fields).values() if name in once] or (once or self._names)[:1]

    def parse(self, piece: Piece) -> Document | BadRecord:
        """Make a document of a row."""
        if isinstance(piece.data, BadRecord):
            return piece.data
        where = f"{self.label}:{piece.cut.position}"
        fields = self.options.fields
        if (twice := named_twice(self._names, where, fields)) is not None:
            return twice
        if fields.text not in self._names:
            near = ", ".join(map(repr, self._names)) or "none"
            reason = f"{where}: no column {fields.text!r} (columns: {near}); name it with --text-field"
            return BadRecord(where, reason, {}, "no_text_field")
        text = piece.data[fields.text]
        if isinstance(text, str) and len(text) > self.options.max_record:
            return too_long(where, len(text), self.options.max_record)
        return to_document(piece.data, where, fields)


def _records(rows: Any, where: str) -> list[Any]:
    """Give each row's values; a bad record in place of a row with text that is no UTF-8."""
    try:
        return cast("list[Any]", rows.to_pylist())
    except UnicodeDecodeError as error:
        if len(rows) == 1:
            reason = f"{where}: invalid UTF-8 ({error.reason}); write the file anew with texts in UTF-8"
            return [BadRecord(where, reason, {}, "encoding")]
    label, _, first = where.rpartition(":")
    single = ((number, rows.slice(number, 1)) for number in range(len(rows)))
    return [record for number, row in single for record in _records(row, f"{label}:{int(first) + number}")]


class ArrowReader(ParquetReader):
    """An Arrow file, as a stream (as `datasets` saves them) or with a footer."""

    def _sizes(self) -> Iterator[tuple[int, int]]:
        yield from ((len(batch), batch.nbytes) for batch in self._whole() if len(batch))

    def _end_of_part(self, row: int) -> int | None:
        return None  # its parts are read in order, from the first

    def _is_far(self, row: int) -> bool:
        return False

    def _from(self, row: int) -> Iterator[tuple[int, Any]]:
        start = 0
        for batch in self._whole():
            batch.validate(full=True)  # else damaged offsets crash the process
            columns = self._wanted(batch.schema)
            yield start, batch.select(columns)
            start += len(batch)

    def _whole(self) -> Iterator[Any]:
        self.stream.seek(0)
        magic = self.stream.read(6)
        self.stream.seek(0)
        if magic == b"ARROW1":
            file = self._arrow.ipc.open_file(self.stream)
            yield from (file.get_batch(number) for number in range(file.num_record_batches))
        else:
            yield from self._arrow.ipc.open_stream(self.stream)

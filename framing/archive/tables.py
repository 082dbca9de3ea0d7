"""Writing a shard's tables to Parquet under temporary names, whole or by the values of some columns."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from framing.archive.manifest import OutputFile

NULL: Final = "__HIVE_DEFAULT_PARTITION__"
"""What Hive, and so Spark, DuckDB and Arrow, call the folder of the rows without a value."""


def write_table(
    table: pa.Table, name: str, shard: str, folder: Path, partition: Sequence[str]
) -> Iterator[tuple[Path, OutputFile]]:
    """Write one table of a shard; each file is synced, and has a temporary name in `folder`.

    Args:
        table: the rows.
        name: the table's name.
        shard: the shard's name.
        folder: where the temporary files go.
        partition: columns whose values become folders, and are left out of the files, as Hive does.

    Yields:
        Each file's temporary path, and its entry with the final one.
    """
    for number, (keys, rows) in enumerate(_split(table, partition)):
        place = "/".join([name, *(f"{key}={quote(value, safe=' ')}" for key, value in keys), f"{shard}.parquet"])
        path = folder / f"{shard}.{name}.{number}"
        with path.open("wb") as stream:
            pq.write_table(rows, stream, compression="zstd")
            stream.flush()
            os.fsync(stream.fileno())
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        yield path, OutputFile(place, digest, rows.num_rows)


def _split(table: pa.Table, partition: Sequence[str]) -> Iterator[tuple[list[tuple[str, str]], pa.Table]]:
    if not partition:
        yield [], table
        return
    key, rest = partition[0], partition[1:]
    column: Any = table[key]
    for value in sorted(pc.unique(column).to_pylist(), key=lambda value: (value is not None, value)):
        rows = table.filter(pc.is_null(column) if value is None else pc.equal(column, pa.scalar(value, column.type)))
        named = (key, NULL if value is None or value == "" else str(value))
        for keys, part in _split(rows.drop_columns([key]), rest):
            yield [named, *keys], part

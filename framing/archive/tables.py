"""Writing a shard's tables to Parquet under temporary names, whole or by the values of some columns."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from framing.archive.manifest import OutputFile

NULL: Final = "__HIVE_DEFAULT_PARTITION__"
"""What Hive, and so Spark, DuckDB and Arrow, call the folder of the rows without a value."""

MOST: Final = 200
"""Longest name of a folder that holds its value whole; file systems allow 255 bytes or fewer."""


def write_table(
    table: pa.Table, name: str, shard: str, folder: Path, partition: Sequence[str]
) -> Iterator[tuple[Path, OutputFile]]:
    """Write one table of a shard; each file is synced, and has a temporary name in `folder`.

    Args:
        table: the rows.
        name: the table's name.
        shard: the shard's name.
        folder: where the temporary files go.
        partition: columns whose values become folders, and are left out of the files, as Hive does; but files below
            a folder whose name is cut (`is_cut`) keep them.

    Yields:
        Each file's temporary path, and its entry with the final one.
    """
    for number, (folders, rows) in enumerate(_split(table, partition)):
        place = "/".join([name, *folders, f"{shard}.parquet"])
        path = folder / f"{shard}.{name}.{number}"
        with path.open("wb") as stream:
            pq.write_table(rows if is_cut(place) else rows.drop_columns(list(partition)), stream, compression="zstd")
            stream.flush()
            os.fsync(stream.fileno())
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        yield path, OutputFile(place, digest, rows.num_rows)


def is_cut(place: str) -> bool:
    """Tell whether a file lies in a folder whose name doesn't hold its value whole."""
    return any(len(part) > MOST for part in place.split("/"))


def _split(table: pa.Table, partition: Sequence[str]) -> Iterator[tuple[list[str], pa.Table]]:
    """Give the rows of each path once: values that share a folder, as `""` and none do, share its file."""
    if not partition:
        yield [], table
        return
    key, rest = partition[0], partition[1:]
    column: Any = table[key]
    groups: dict[str, list[Any]] = {}
    for value in sorted(pc.unique(column).to_pylist(), key=lambda value: (value is not None, value)):
        groups.setdefault(f"{key}={_name(key, value)}", []).append(value)
    for folder, values in groups.items():
        rows = table.filter(pc.is_in(column, value_set=pa.array(values, column.type)))
        for folders, part in _split(rows, rest):
            yield [folder, *folders], part


def _name(key: str, value: Any) -> str:
    """Encode a value as the name of a folder; one that is too long is cut, and a hash tells it from others.

    A cut name's folder is always longer than `MOST`, so that no whole one is like it.
    """
    if value is None or value == "":
        return NULL
    name = quote(str(value), safe=" ")
    if name == NULL:
        return name.replace("_", "%5F")
    if len(key) + 1 + len(name) <= MOST:
        return name
    lengths = accumulate(len(quote(character, safe=" ")) for character in str(value))
    kept = sum(length < MOST - len(key) for length in lengths)  # whole characters, for readers that decode names
    return f"{quote(str(value)[:kept], safe=' ')}~{hashlib.sha256(str(value).encode()).hexdigest()[:16]}"

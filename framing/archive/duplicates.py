"""Near-duplicates in a scored archive (wire copy, reprints): marked with a cluster, never dropped.

Each worker writes the MinHash signatures of its articles; at the end they are banded and compared, one band at a time,
with the signatures in a file and not in memory: some 30 bytes an article are held.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from framing.archive.manifest import Manifest, complete
from framing.minhash import PERMUTATIONS, band_keys, band_runs, bands

NAME: Final = "duplicates.parquet"
_CHUNK: Final = 1 << 14

Signatures = NDArray[np.uint32]
IntArray = NDArray[np.int64]


def mark_duplicates(output: Path, threshold: float) -> int:
    """Write `duplicates.parquet`: source, position, id and cluster of each article that has a near-duplicate.

    A cluster's number is that of its first article among the scored ones, in the inputs' order, from 1.

    Args:
        output: the output folder of a run with `dedup`, in which all shards are done.
        threshold: the least Jaccard similarity, as the signatures estimate it (standard error at most 0.044).

    Returns:
        How many articles are in clusters.
    """
    entries = sorted(Manifest(output).entries(), key=lambda entry: entry.first)
    files = [output / file.path for entry in entries for file in entry.files if file.path.startswith("signatures/")]
    count = sum(entry.scored for entry in entries)
    with tempfile.TemporaryFile(dir=output) as stream:
        for table in _tables(files, ["signature"]):
            stream.write(b"".join(table["signature"].to_pylist()))
        stream.flush()
        rows: Signatures = (
            np.memmap(stream, dtype=np.uint32, mode="r", shape=(count, PERMUTATIONS))
            if count
            else np.empty((0, PERMUTATIONS), dtype=np.uint32)
        )
        roots = cluster(rows, threshold)
    several = np.bincount(roots, minlength=1)[roots] > 1 if count else np.empty(0, dtype=bool)
    _write(output, files, roots, several)
    return int(several.sum())


def cluster(rows: Signatures, threshold: float) -> IntArray:
    """Give each signature the number of the first one that it is joined to, directly or through others.

    Args:
        rows: signatures. [texts, `PERMUTATIONS`]
        threshold: the least share of equal places of two that are joined.

    Returns:
        [texts], each at most its own index.
    """
    parent = np.arange(len(rows), dtype=np.int64)

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = int(parent[index])
        return index

    number, width = bands(threshold)
    for band in range(number):
        parts = [band_keys(rows[start : start + _CHUNK], band, width) for start in range(0, len(rows), _CHUNK)]
        for run in band_runs(np.concatenate([np.empty(0, dtype=np.uint64), *parts])):
            rest = run
            while len(rest) > 1:
                near = (rows[rest] == rows[rest[0]]).mean(axis=1) >= threshold
                first = root(int(rest[0]))
                for index in rest[near].tolist():
                    other = root(index)
                    parent[max(first, other)] = first = min(first, other)
                rest = rest[~near]
    return np.array([root(index) for index in range(len(rows))], dtype=np.int64)


def _tables(files: list[Path], columns: list[str]) -> Iterator[pa.RecordBatch]:
    for path in files:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(_CHUNK, columns=columns)


def _write(output: Path, files: list[Path], roots: IntArray, several: NDArray[np.bool_]) -> None:
    schema = pa.schema(
        [("source", pa.string()), ("position", pa.int64()), ("id", pa.string()), ("cluster", pa.int64())]
    )
    start = 0
    with complete(output / NAME) as stream, pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for batch in _tables(files, ["source", "position", "id"]):
            part = slice(start, start + len(batch))
            marked = pa.Table.from_batches([batch]).append_column("cluster", pa.array(roots[part] + 1))
            writer.write_table(marked.filter(pa.array(several[part])).cast(schema))
            start += len(batch)

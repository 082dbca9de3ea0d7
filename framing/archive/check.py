"""The promise of coverage, checked: every planned record has exactly one row, scored or skipped with its reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from framing.archive.manifest import Entry, Manifest
from framing.errors import FramingError


def check(output: Path, run: dict[str, Any]) -> None:
    """Compare plan, manifest and the files' own counts of rows.

    Raises:
        FramingError: a count is wrong; the message says which and what to do.
    """
    following = records = 0
    for entry in sorted(Manifest(output).entries(), key=lambda entry: entry.first):
        if entry.first != following:
            raise FramingError(
                f"{output}: blocks {following} to {entry.first} are missing or there twice; start in another folder"
            )
        following = entry.last + 1
        records += entry.records
        _check_entry(output, entry)
    planned = run["totals"]
    if (following, records) != (planned["blocks"], planned["records"]):
        raise FramingError(
            f"{output}: {records:,} records in {following:,} blocks are done, of {planned['records']:,} in "
            f"{planned['blocks']:,}; run the same command again"
        )


def _check_entry(output: Path, entry: Entry) -> None:
    rows: Counter[str] = Counter()
    seen: set[str] = set()
    for file in entry.files:
        if file.path in seen:
            raise FramingError(f"{output / file.path}: entered twice, so that rows are lost; delete it and run again")
        seen.add(file.path)
        try:
            found = pq.read_metadata(output / file.path).num_rows
        except (OSError, pa.ArrowException) as error:
            raise FramingError(f"{output / file.path}: damaged ({error}); delete it and run again") from error
        if found != file.rows:
            raise FramingError(f"{output / file.path}: {found} rows, not {file.rows}; delete it and run again")
        rows[file.path.split("/")[0]] += found
    skipped = sum(entry.skipped.values())
    wanted = (entry.records, entry.spans, skipped, entry.records)
    if (rows["articles"], rows["spans"], rows["skipped"], entry.scored + skipped) != wanted:
        raise FramingError(
            f"{output}: shard {entry.first:08d}-{entry.last:08d} has {entry.records} records, but {dict(rows)} rows; "
            "delete its files and run again"
        )

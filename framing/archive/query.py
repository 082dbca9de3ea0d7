"""SQL on an output folder, by DuckDB: its tables as the views `articles`, `spans` and `skipped`."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa

from framing.archive.duplicates import NAME as DUPLICATES
from framing.archive.manifest import Manifest
from framing.archive.schema import article_schema, skipped_schema, span_schema
from framing.archive.state import existing_run
from framing.archive.tables import is_cut
from framing.errors import InputError, MissingExtraError

_FETCH: Final = 1000


def connect(output: Path) -> Any:
    """Open an output folder in DuckDB, in memory; only shards that are entered are seen, also while a run goes on.

    Returns:
        A `duckdb.DuckDBPyConnection` with the views `articles` (with `cluster` after `--dedup`), `spans` and
        `skipped`.

    Raises:
        InputError: the folder is no output.
        MissingExtraError: DuckDB isn't installed.
    """
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtraError("framing query needs the extra: pip install 'framing[archive]'") from error
    run = existing_run(output)
    partition = run["settings"]["partition"]
    cues = run["settings"]["cues"] or run["model"]["cues"]
    schemas = {"articles": article_schema(cues), "spans": span_schema(), "skipped": skipped_schema()}
    files: dict[str, list[str]] = {name: [] for name in schemas}
    for entry in sorted(Manifest(output).entries(), key=lambda entry: entry.first):
        for file in entry.files:
            if (table := file.path.split("/")[0]) in files:
                files[table].append(file.path)
    connection = duckdb.connect()
    for name, schema in schemas.items():
        keys = partition if name != "skipped" else []
        if name == "spans":
            for key in keys:
                schema = schema.append(schemas["articles"].field(key))
        connection.execute(f"CREATE VIEW {_view(name, schema, files[name], keys, output, connection)}")
    return connection


def _view(
    name: str, schema: pa.Schema, files: Sequence[str], keys: Sequence[str], output: Path, connection: Any
) -> str:
    if not files:
        connection.register("nothing", schema.empty_table())
        connection.execute(f"CREATE TABLE no_{name} AS SELECT * FROM nothing")  # cursors see it, too
        return f"{name} AS SELECT * FROM no_{name}"
    columns = ", ".join(f'"{column}"' for column in schema.names)
    types = ", ".join(f"'{key}': {'INTEGER' if key == 'year' else 'VARCHAR'}" for key in keys)
    options = {False: f"true, hive_types = {{{types}}}" if keys else "false", True: "false"}
    selects = []
    for cut, found in groupby(sorted(files, key=is_cut), key=is_cut):  # below cut names, files keep the columns
        listed = ", ".join(_quoted(str(output / file)) for file in found)
        selects.append(f"SELECT {columns} FROM read_parquet([{listed}], hive_partitioning = {options[cut]})")
    source = f"({' UNION ALL '.join(selects)})"
    if name == "articles" and (output / DUPLICATES).exists():
        marks = f"read_parquet({_quoted(str(output / DUPLICATES))})"
        return (
            f"{name} AS SELECT a.*, d.cluster FROM {source} a "
            f"LEFT JOIN {marks} d ON a.source = d.source AND a.position = d.position"
        )
    return f"{name} AS SELECT * FROM {source}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def run_query(output: Path, sql: str, stream: IO[str], form: str) -> None:
    """Run one query and write its rows.

    Args:
        output: the output folder.
        sql: a query on the views.
        stream: where to.
        form: `table`, `csv` or `json`, which is one object a line.

    Raises:
        InputError: DuckDB refuses the query; the message is its own, in one line.
    """
    import duckdb

    connection = connect(output)
    try:
        found = connection.execute(sql)
        if found is None:
            raise InputError('query: there is no SQL in it; try "SELECT kind, count(*) FROM skipped GROUP BY kind"')
        names = [column[0] for column in found.description]
        _WRITERS[form](stream, names, _rows(found))
    except duckdb.Error as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise InputError(f"query: {' '.join(lines)}") from error


def _rows(found: Any) -> Iterator[tuple[Any, ...]]:
    while rows := found.fetchmany(_FETCH):
        yield from rows


def _write_table(stream: IO[str], names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    kept = list(rows)
    for column, name in enumerate(names):
        number = all(isinstance(row[column], int | float) or row[column] is None for row in kept)
        table.add_column(name, justify="right" if number and kept else "left", overflow="fold")
    for row in kept:
        table.add_row(*("" if value is None else _shown(value) for value in row))
    console = Console(file=stream, width=None if stream.isatty() else 200, markup=False, highlight=False)
    console.print(table)


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def _write_csv(stream: IO[str], names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)


def _write_json(stream: IO[str], names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    for row in rows:
        values = (None if isinstance(value, float) and not math.isfinite(value) else value for value in row)
        stream.write(json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False, default=str) + "\n")


_Writer = Callable[[IO[str], Sequence[str], Iterator[tuple[Any, ...]]], None]
_WRITERS: Final[dict[str, _Writer]] = {"table": _write_table, "csv": _write_csv, "json": _write_json}

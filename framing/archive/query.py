"""SQL on an output folder, by DuckDB: its tables as the views `articles`, `spans` and `skipped`."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
_NARROW: Final = 12
"""Characters that a column has at least, if its cells are so long."""


def connect(output: Path) -> Any:
    """Open an output folder in DuckDB, in memory; only shards that are entered are seen, also while a run goes on.

    Returns:
        A `duckdb.DuckDBPyConnection` with the views `articles` (with `cluster` after `--dedup`), `spans` and
        `skipped`.

    Raises:
        InputError: the folder is no output, or a file of it is gone or damaged.
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
                if not (output / file.path).is_file():
                    raise InputError(f"{output / file.path}: gone; run the same `framing archive` command again")
                files[table].append(file.path)
    connection = duckdb.connect()
    for name, schema in schemas.items():
        keys = partition if name != "skipped" else []
        if name == "spans":
            for key in keys:
                schema = schema.append(schemas["articles"].field(key))
        with readable(output):
            connection.execute(f"CREATE VIEW {_view(name, schema, files[name], keys, output, connection)}")
    return connection


@contextmanager
def readable(output: Path) -> Iterator[None]:
    """Turn what DuckDB has against the tables of a folder into an `InputError`."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise InputError(
            f"{output}: the tables can't be read ({_told(error)}); delete what is damaged, and run the same "
            "`framing archive` command again"
        ) from error


def _told(error: Exception) -> str:
    return " ".join(line.strip() for line in str(error).splitlines() if line.strip())


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
        raise InputError(f"query: {_told(error)}") from error


def _rows(found: Any) -> Iterator[tuple[Any, ...]]:
    while rows := found.fetchmany(_FETCH):
        yield from rows


def _write_table(stream: IO[str], names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    """Write rows as a table; where there are too many columns for the width, each row as lines of `name  value`."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table

    values = list(rows)
    cells = [[_shown(value) for value in row] for row in values]
    console = Console(file=stream, width=None if stream.isatty() else 200, markup=False, highlight=False, emoji=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    least = 0
    for column, name in enumerate(names):
        number = bool(values) and all(isinstance(row[column], int | float | None) for row in values)
        longest = max((cell_len(row[column]) for row in cells), default=0)
        narrow = max(cell_len(name), longest if number else min(longest, _NARROW))
        table.add_column(name, justify="right" if number else "left", overflow="fold", min_width=narrow)
        least += narrow + 2
    if least - 2 > console.width:
        _write_lines(stream, names, cells)
        return
    for row in cells:
        table.add_row(*row)
    console.print(table)


def _write_lines(stream: IO[str], names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    width = max(map(len, names))
    for number, row in enumerate(rows):
        lines = (f"{name:<{width}}  {' '.join(cell.split())}".rstrip() for name, cell in zip(names, row, strict=True))
        stream.write(("\n" if number else "") + "\n".join(lines) + "\n")
    if not rows:
        stream.write("  ".join(names) + "\n")


def _shown(value: Any) -> str:
    from framing.report.terminal import printable

    if isinstance(value, float) and abs(value) < 1e6:
        return f"{value:.4g}"
    return printable(str(_flat(value)))


def _flat(value: Any) -> Any:
    """Give a struct or a list as JSON, anything else as it is; nothing becomes an empty text."""
    if isinstance(value, dict | list):
        return json.dumps(_plain(value), ensure_ascii=False, default=str)
    return "" if value is None else value


def _plain(value: Any) -> Any:
    """Give a value as JSON can hold it: NaN and infinity, which it can't, become null."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write_csv(stream: IO[str], names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_flat(value) for value in row] for row in rows)


def _write_json(stream: IO[str], names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    for row in rows:
        record = dict(zip(names, map(_plain, row), strict=True))
        stream.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")


_Writer = Callable[[IO[str], Sequence[str], Iterator[tuple[Any, ...]]], None]
_WRITERS: Final[dict[str, _Writer]] = {"table": _write_table, "csv": _write_csv, "json": _write_json}

"""The commands `framing archive` and `framing query`; what is slow to import is imported where it is used."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from framing.errors import ConfigError, InputError, needs_extra
from framing.io.readers import FORMATS
from framing.options import cues as cue_option
from framing.options import folder as folder_option
from framing.sizes import Mebibytes

_NEEDED = ("pyarrow", "filelock")


def _check_extra() -> None:
    with needs_extra("archives need", "archive"):
        for name in _NEEDED:
            importlib.import_module(name)


@click.command()
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@folder_option("Folder for the tables.")
@click.option(
    "--status", "status_of", type=click.Path(path_type=Path), metavar="OUT", help="Tell how far the run in OUT is."
)
@click.option("--model", metavar="MODEL", help="As for `framing score`.")
@click.option("--threshold", type=float, metavar="T", help="Report cues with a score of at least T for all types.")
@cue_option("Report only this type")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="The format of all inputs.  [default: guessed for each from what it holds]",
)
@click.option("--text-field", metavar="KEY", help="Field or column with the text.  [default: text]")
@click.option("--id-field", metavar="KEY", help="... with the id.  [default: id]")
@click.option("--outlet-field", metavar="KEY", help="... with the outlet.  [default: outlet]")
@click.option("--date-field", metavar="KEY", help="... with the date.  [default: date]")
@click.option("--title-field", metavar="KEY", help="... with the title.  [default: title]")
@click.option(
    "--columns",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="YAML",
    help="A file with the same five: `text: body`, `outlet: source`, ...",
)
@click.option("--encoding", metavar="NAME", help="What text that is no UTF-8 is read as; without it, it is skipped.")
@click.option("--language", metavar="CODE", help="Score only texts in this language (en, de, ...).")
@click.option("--partition", metavar="COLUMNS", help="Lay tables into folders by outlet, year, language: outlet,year.")
@click.option(
    "--dedup",
    type=float,
    is_flag=False,
    flag_value=0.8,
    metavar="[T]",
    help="Mark near-duplicates (least Jaccard similarity T of word triples, 0.8 when left out) with a cluster.",
)
@click.option(
    "--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True, help="Where workers run."
)
@click.option("--address", metavar="ADDRESS", help="Of the Ray cluster; without it, Ray runs on this machine.")
@click.option(
    "--provider",
    type=click.Choice(["cpu", "cuda"]),
    default="cpu",
    show_default=True,
    help="What ONNX Runtime runs the network on; cuda needs onnxruntime-gpu.",
)
@click.option("--exhaustive", is_flag=True, help="Run every sentence through the network, past the model's gate.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes, one thread each.  [default: one a core]")
@click.option(
    "--shard-size",
    type=Mebibytes(),
    metavar="MIB",
    help="Input in a shard, which Ctrl-C waits for.  [default: 1 to 64, for some 2,000 shards]",
)
@click.option("--max-record", type=Mebibytes(most=2047), default=16, show_default=True, metavar="MIB",
              help="Longer records are skipped.")  # fmt: skip
@click.option("--max-expansion", type=click.IntRange(min=1), default=200, show_default=True, metavar="TIMES",
              help="Packed files that grow by more are ZIP bombs, and left there.")  # fmt: skip
def archive(inputs: tuple[str, ...], output: Path | None, status_of: Path | None, **options: Any) -> None:
    """Score an archive of any size into Parquet tables, each article exactly once.

    INPUT is a file, a folder, a glob, @LIST (a file that names one input a line) or an fsspec URL (s3://..., https://...).
    JSON lines, CSV and TSV, Parquet, text, HTML (its main text), WARC, ZIP and TAR of any of these, and folders of
    Hugging Face data sets are read, packed by gzip, bzip2, zstd or xz or not; what a file holds decides, not its name
    alone.

    OUT gets articles/ (a row for every record: counts, expected counts and rates by cue and voice), spans/ (a row for
    every cue) and skipped/ (what couldn't be scored, where it stands, and why). `framing query` asks them.

    Stop it as you like (Ctrl-C, kill -9, a power cut): the same command goes on where it was, and the tables become
    those of an uninterrupted run. Other --workers and another --shard-size are allowed; a changed input, model or
    option is refused. The exit code is 2 when a part couldn't be scored, 130 after Ctrl-C.

    \b
    Examples:
      framing archive articles.jsonl.gz -o scored
      framing archive 'news/**/*.parquet' -o scored --text-field body --date-field published
      framing archive pages/ crawl.warc.gz -o scored --language en --partition outlet,year
      framing archive /shared/news -o /shared/scored --engine ray --address auto --workers 256
      framing archive --status scored
      framing query "SELECT outlet, sum(pretext.count) FROM articles GROUP BY outlet" scored
    """
    _check_extra()
    from framing.archive.state import counted, status

    if status_of is not None:
        click.echo(status(status_of))
        return
    if not inputs:
        raise click.UsageError("Missing argument 'INPUT...'.")
    if output is None:
        raise click.UsageError("Missing option '-o' / '--output'.")
    from framing.archive.run import score_archive

    engine = _engine(options.pop("engine"), options.pop("address"), options["provider"])

    workers, size = options.pop("workers") or os.cpu_count() or 1, options.pop("shard_size")
    settings = _settings(inputs, options)
    try:
        result = score_archive(settings, output, workers=workers, shard_size=size, engine=engine)
    except KeyboardInterrupt:
        then = "goes on" if (output / "run.json").exists() else "starts again: the plan wasn't ready"
        click.echo(f"framing: interrupted; the same command {then}", err=True)
        sys.exit(130)
    totals = result.totals
    told = f"scored {totals.scored:,}, {counted(totals.skipped)}; {totals.words:,} words, {totals.spans:,} cues"
    click.echo(f"framing: {output}: {told}", err=True)
    if result.failures:
        more = f" (and {len(result.failures) - 1} more)" if len(result.failures) > 1 else ""
        raise InputError(f"{result.failures[0]}{more}; then run the same command again")
    if result.stopped:
        click.echo("framing: stopped; the same command goes on", err=True)
        sys.exit(130)
    if not totals.scored:
        raise InputError(f"{output}: not one record could be scored; see skipped/ there")


def _engine(name: str, address: str | None, provider: str) -> Any:
    if name == "ray":
        from framing.archive.engines.ray import RayEngine

        return RayEngine(address, gpus=1.0 if provider == "cuda" else 0.0)
    if address is not None:
        raise ConfigError("--address is of a Ray cluster; add --engine ray")
    from framing.archive.engines.local import run_local

    return run_local


def _settings(inputs: tuple[str, ...], options: dict[str, Any]) -> Any:
    from framing.archive.settings import PARTITIONS, Settings, read_columns
    from framing.io.pieces import Fields, ReadOptions

    columns = options.pop("columns")
    names = {} if columns is None else read_columns(columns)
    for name in ("text", "id", "outlet", "date", "title"):
        if (given := options.pop(f"{name}_field")) is not None:
            names[name] = given
    encoding = options.pop("encoding")
    if encoding is not None:
        try:
            b"\xff".decode(encoding, "replace")  # looking it up isn't enough: base64 is known, too
        except (LookupError, UnicodeError) as error:
            raise ConfigError(f"unknown encoding {encoding!r}; name one that Python knows, as cp1252") from error
    partition = tuple(filter(None, (options.pop("partition") or "").split(",")))
    for key in partition:
        if key not in PARTITIONS or partition.count(key) > 1:
            raise ConfigError(f"--partition {','.join(partition)}: name each of {', '.join(PARTITIONS)} at most once")
    if options["dedup"] is not None:
        from framing.minhash import check_threshold

        check_threshold(options["dedup"])
    read = ReadOptions(Fields(**names), encoding, options.pop("max_record"), options.pop("max_expansion"))
    return Settings(inputs, cues=options.pop("cues") or None, read=read, partition=partition, **options)


@click.command()
@click.argument("sql", metavar="SQL")
@click.argument("output", metavar="OUT", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to write; json is one object a line. A table too wide for the terminal becomes lines of name and value.",
)
def query(sql: str, output: Path, form: str) -> None:
    """Ask the tables of a scored archive in SQL, by DuckDB.

    The views are `articles`, `spans` and `skipped`; docs/archive.md explains their columns. A cue type is a struct:
    pretext.count, pretext.per_1000, pretext.author.count. Dates are dates; `end` is a word of SQL: write "end".

    \b
    Examples:
      framing query "SELECT outlet, year, sum(scare_quote.count) FROM articles GROUP BY ALL" OUT
      framing query "SELECT lower(text), count(*) FROM spans WHERE label = 'scare_quote' GROUP BY 1 ORDER BY 2 DESC" OUT
      framing query "SELECT kind, count(*) FROM skipped GROUP BY kind" OUT --format csv
    """
    _check_extra()
    from framing.archive.query import run_query
    from framing.archive.state import unfinished
    from framing.report.terminal import utf8_stdout

    if note := unfinished(output):
        click.echo(f"framing: {output}: {note}", err=True)
    utf8_stdout()
    run_query(output, sql, sys.stdout, form)

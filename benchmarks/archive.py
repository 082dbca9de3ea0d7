"""Archives: speed, thirty kills, flat memory and linear time (`make bench-archive-speed`, `-kills`, `-growth`).

Each takes a sample of articles (JSON lines, .gz or not) and repeats it under new ids where more are asked for.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import psutil
import pyarrow.parquet as pq

from framing.archive.manifest import Manifest
from framing.archive.state import totals_of

TABLES = ("articles", "spans", "skipped")


def sample(source: Path, count: int, target: Path) -> Path:
    """Write so many articles, over and over again if there aren't enough."""
    with target.open("w", encoding="utf-8") as stream:
        for number, line in enumerate(itertools.islice(_repeated(source), count)):
            record = json.loads(line)
            stream.write(json.dumps({**record, "id": f"{record['id']}-{number}"}) + "\n")
    return target


def _repeated(source: Path) -> Iterator[bytes]:
    while True:
        with gzip.open(source) if source.suffix == ".gz" else source.open("rb") as stream:
            yield from stream


def start(articles: Path, output: Path, workers: int, model: str | None, *options: str) -> subprocess.Popen[bytes]:
    """Start `framing archive`."""
    command = [sys.executable, "-m", "framing", "archive", str(articles), "-o", str(output), "--workers", str(workers)]
    return subprocess.Popen([*command, *(["--model", model] if model else []), *options], stderr=subprocess.DEVNULL)


def finish(process: subprocess.Popen[bytes]) -> None:
    """Wait for a run that must end well."""
    if process.wait():
        raise SystemExit(f"framing archive ended with {process.returncode}")


def rows(output: Path) -> list[dict[str, Any]]:
    """Give all rows of all tables, in the order of the files' names."""
    files = [path for table in TABLES for path in sorted((output / table).rglob("*.parquet"))]
    return [row for path in files for row in pq.ParquetFile(path).read().to_pylist()]


def peak(process: subprocess.Popen[bytes]) -> int:
    """Wait for a run and give the most bytes that it and its workers held at once, shared pages counted twice."""
    most = 0
    parent = psutil.Process(process.pid)
    while process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            most = max(most, sum(one.memory_info().rss for one in [parent, *parent.children(recursive=True)]))
        time.sleep(0.2)
    finish(process)
    return most


@click.group()
def main() -> None:
    """Measure `framing archive`."""


def common(command: Any) -> Any:
    """Add what all commands take."""
    command = click.option("--model", help="As for `framing archive`.")(command)
    command = click.option("--workers", default=2, show_default=True)(command)
    return click.argument("articles", type=click.Path(exists=True, dir_okay=False, path_type=Path))(command)


@main.command()
@common
@click.option("--kills", default=30, show_default=True)
@click.option("--count", default=1000, show_default=True, help="Articles in the run.")
@click.option("--seed", default=0, show_default=True)
def kills(articles: Path, model: str | None, workers: int, kills: int, count: int, seed: int) -> None:
    """Kill runs at random moments until so many kills are done; the tables must equal an uninterrupted run's."""
    draw = random.Random(seed)  # noqa: S311
    done = runs = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = sample(articles, count, folder / "in.jsonl")
        begun = time.monotonic()
        finish(start(path, folder / "whole", workers, model, "--shard-size", "0.1"))
        length = time.monotonic() - begun
        wanted = rows(folder / "whole")
        while done < kills:
            output = folder / f"out{runs}"
            runs += 1
            while True:
                size = draw.choice(["0.1", "0.5", "2"])
                process = start(path, output, draw.randint(1, workers), model, "--shard-size", size)
                try:
                    process.wait(draw.uniform(0, length) if done < kills else None)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    done += 1
                else:
                    break
            finish(process)
            if rows(output) != wanted:
                raise SystemExit(f"run {runs} differs from the uninterrupted one after {done} kills")
    click.echo(f"{done} kills in {runs} runs of {count:,} articles: {len(wanted):,} rows, the same every time")


@main.command()
@common
@click.option("--counts", default="1000,2000,10000,20000,100000", show_default=True)
def growth(articles: Path, model: str | None, workers: int, counts: str) -> None:
    """Measure the time a word and the most memory over few, more and many articles."""
    paces, peaks = [], []
    with tempfile.TemporaryDirectory() as name:
        for count in map(int, counts.split(",")):
            path, output = sample(articles, count, Path(name) / f"{count}.jsonl"), Path(name) / f"out{count}"
            begun = time.monotonic()
            peaks.append(peak(start(path, output, workers, model)) / 2**20)
            seconds = time.monotonic() - begun
            words = totals_of(Manifest(output).entries()).words
            paces.append(seconds / words)
            click.echo(
                f"{count:,} articles, {words:,} words: {seconds:,.1f} s, {words / seconds:,.0f} words/s, "
                f"{peaks[-1]:,.0f} MiB at most"
            )
    click.echo(f"longest time a word over shortest: {max(paces) / min(paces):.2f}")
    click.echo(f"most memory of all over that of the first: {max(peaks) / peaks[0]:.2f}")


@main.command()
@click.option("--model", help="As for `framing archive`.")
@click.option(
    "--run", type=click.Path(exists=True, file_okay=False, path_type=Path), help="For the pipeline's weights."
)
@click.option("--count", default=500, show_default=True, help="Articles.")
@click.option("--few", default=25, show_default=True, help="Articles for the pipeline and the stages.")
@click.argument("articles", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def speed(articles: Path, model: str | None, run: Path | None, count: int, few: int) -> None:
    """Measure words per second of workers with and without the gate, of the pipeline, and of the stages."""
    from stages import pipeline_speed, stages

    with tempfile.TemporaryDirectory() as name:
        path = sample(articles, count, Path(name) / "in.jsonl")
        for workers, gate in itertools.product((1, 2), ("--exhaustive", "")):
            output = Path(name) / f"out{workers}{gate}"
            begun = time.monotonic()
            finish(start(path, output, workers, model, *filter(None, [gate])))
            seconds = time.monotonic() - begun
            words = totals_of(Manifest(output).entries()).words
            told = "exhaustive" if gate else "gated"
            click.echo(f"{workers} workers, {told}: {words:,} words, {words / seconds:,.0f} words/s, start included")
        part = sample(articles, few, Path(name) / "few.jsonl")
        if run is not None:
            click.echo(f"Hugging Face pipeline, float32, batch 16: {pipeline_speed(part, run):,.0f} words/s")
        for told, figure in stages(part, model).items():
            click.echo(f"{told}: {figure:,.0f}")


if __name__ == "__main__":
    main()

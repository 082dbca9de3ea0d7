"""A run: plan or take up the plan, score what isn't done, enter it, and check at the end that nothing is missing."""

from __future__ import annotations

import errno
import json
import secrets
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import groupby, zip_longest
from pathlib import Path
from types import FrameType
from typing import Any, Final

from framing.archive.check import check
from framing.archive.engines import Engine
from framing.archive.engines.local import run_local
from framing.archive.files import OUTPUT, Files, LeftOut
from framing.archive.language import LanguageFilter
from framing.archive.lock import holder, locked
from framing.archive.manifest import TABLES, Manifest, write_file
from framing.archive.plan import cut_blocks, read_blocks, shards, write_blocks
from framing.archive.progress import Progress
from framing.archive.settings import BEFORE, Settings, as_begun, model_facts, refuse_changes
from framing.archive.shard import Failed, Job, Outcome
from framing.archive.state import FORMAT, Totals, read_run, totals_of
from framing.errors import FramingError, InputError
from framing.io.pieces import MIB, Source
from framing.scorer import check_choices

SHARDS: Final = 2000
"""About how many shards a run is cut into when their size isn't given."""

_UNPLANNED: Final = (".lock", "plan.jsonl.part", "plan.jsonl", "run.json.part")
"""What a new folder may hold when planning it fails."""

_LEAST_SHARD: Final = MIB
_MOST_SHARD: Final = 64 * MIB


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended.

    Attributes:
        totals: what is done, this run's and what was done before.
        failures: reasons of the shards that couldn't be scored; run again when they are mended.
        stopped: whether it was interrupted.
    """

    totals: Totals
    failures: tuple[str, ...] = ()
    stopped: bool = False

    @property
    def finished(self) -> bool:
        """Whether every record is scored or skipped."""
        return not self.failures and not self.stopped


def score_archive(
    settings: Settings,
    output: Path,
    *,
    workers: int,
    shard_size: int | None = None,
    engine: Engine = run_local,
    shown: bool = True,
) -> Result:
    """Score an archive, or go on with one; the same call again continues after whatever stopped it.

    Args:
        settings: what decides the rows.
        output: the folder for the tables.
        workers: processes, with one thread each.
        shard_size: bytes of input at which a shard is closed; None makes some 2,000 shards of 1 to 64 MiB.
        engine: where the shards are scored.
        shown: whether to tell on the error stream how far it is.

    Raises:
        ConfigError: the folder was begun with another model or other options.
        InputError: an input can't be read, or isn't what it was when the run was begun.
        FramingError: another run has the folder, the disk is full, or the counts don't add up.
    """
    model = model_facts(settings.model)
    check_choices(model["cues"], settings.threshold, settings.cues or ())
    LanguageFilter(settings.language)  # refuses one that it doesn't know
    Files(settings.inputs, output).check()
    with _full_disk(output), _new_folder(output), locked(output):
        settings = as_begun(settings, read_run(output))
        run = _plan(settings, output, model, shown=shown)
        manifest = Manifest(output)
        lost = manifest.mend()
        if lost and shown:
            print_note(f"{output}: files of {lost} shards are gone; they are scored again")
        temporary = output / ".tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        folder = temporary / secrets.token_hex(4)  # a worker that outlives a killed run writes nowhere
        folder.mkdir(parents=True)
        done = manifest.ranges()
        size = shard_size or min(max(run["totals"]["bytes"] // SHARDS, _LEAST_SHARD), _MOST_SHARD)
        todo = shards(read_blocks(output / "plan.jsonl"), done, size)
        job = Job(settings, f"{model['name']} {model['version']}", output, folder)
        before = totals_of(manifest.entries())
        failures: list[str] = []
        with _stoppable() as stop, Progress(run["totals"], before, shown=shown) as progress:

            def stopped() -> bool:
                return stop.is_set()

            for outcome in engine(todo, job, workers, stopped):
                _enter(outcome, manifest, failures, progress, stop)
            interrupted = stop.is_set()
        shutil.rmtree(temporary, ignore_errors=True)
        totals = totals_of(manifest.entries())
        if not failures and not interrupted:
            check(output, run)
            if settings.dedup is not None:
                from framing.archive.duplicates import mark_duplicates

                mark_duplicates(output, settings.dedup)
            write_file(output / "summary.json", json.dumps(asdict(totals), indent=2) + "\n")
        return Result(totals, tuple(failures), interrupted and not failures)


def _enter(
    outcome: Outcome, manifest: Manifest, failures: list[str], progress: Progress, stop: threading.Event
) -> None:
    if isinstance(outcome, Failed):
        failures.append(outcome.reason)
        if outcome.fatal:
            stop.set()
    else:
        manifest.commit(outcome.entry, outcome.written)
        progress.add(outcome.entry)


def _plan(settings: Settings, output: Path, model: dict[str, Any], *, shown: bool) -> dict[str, Any]:
    """Give the run's record; of a new one after planning it, of an old one after comparing it."""
    from framing import __version__

    files = Files(settings.inputs, output)
    now: dict[str, Any] = {"settings": settings.to_record(), "model": model, "framing": __version__}
    run = read_run(output)
    if run is not None:
        refuse_changes(output, BEFORE | _flat(run), _flat(now))
        _compare(output, files, _planned(output))
        return run
    if any((output / name).exists() for name in (*TABLES, "manifest.jsonl")):
        raise InputError(f"{output}: has tables, but no plan that they belong to; choose another folder with -o")
    if shown:
        print_note("planning: reading the inputs through once")
    totals = write_blocks(output / "plan.jsonl", cut_blocks(files, settings.form, settings.read))
    run = now | {"format": FORMAT, "totals": totals}
    write_file(output / "run.json", json.dumps(run, indent=2) + "\n")
    return run


def _flat(run: dict[str, Any]) -> dict[str, Any]:
    model = {f"model's {key}": value for key, value in run["model"].items()}
    settings: dict[str, Any] = run["settings"]
    return settings | model | {"framing": run["framing"]}


def _planned(output: Path) -> Iterator[Source]:
    """Give the files of the plan, in order; earlier outputs aside, for they are no inputs."""
    parts = (part for block in read_blocks(output / "plan.jsonl") for part in block.parts)
    sources = (part.source for part in parts if part.bad is None or part.bad.kind != OUTPUT)
    for _, group in groupby(sources, key=lambda source: source.path):
        yield next(group)


def _compare(output: Path, files: Files, planned: Iterator[Source]) -> None:
    """Compare the files that are there with the plan; raises `InputError` at the first difference."""
    mend = "put it right, or start in another folder with -o"
    there = (file for file in files if not (isinstance(file, LeftOut) and file.kind == OUTPUT))
    for now, then in zip_longest(there, planned):
        if then is None or (now is not None and now.path != then.path and now.path < then.path):
            raise InputError(f"{now.path}: new since {output} was begun; {mend}")
        if now is None or now.path != then.path:
            raise InputError(f"{then.path}: gone since {output} was begun; {mend}")
        if (now.size, now.modified) != (then.size, then.modified):
            raise InputError(f"{now.path}: changed since {output} was begun; {mend}")


@contextmanager
def _new_folder(output: Path) -> Iterator[None]:
    """Make the output folder; if the run ends before its plan is made, take away what was made."""
    made = [folder for folder in (output, *output.parents) if not folder.exists()]
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{output}: can't make the folder ({error.strerror}); choose another with -o") from error
    try:
        yield
    except BaseException:
        if made and not (output / "run.json").exists() and not holder(output):
            with suppress(OSError):  # as soon as somebody else has put a file there
                for name in _UNPLANNED:
                    (output / name).unlink(missing_ok=True)
                for folder in made:
                    folder.rmdir()
        raise


@contextmanager
def _full_disk(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES):
            raise
        raise FramingError(
            f"{output}: can't write ({error.strerror}); make room or give rights, and run the same command again"
        ) from error


@contextmanager
def _stoppable() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C (or SIGTERM) into an event, so that shards in hand are finished; the second is as ever."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before: dict[signal.Signals, Any] = {}

    def handle(number: int, frame: FrameType | None) -> None:
        stop.set()
        print_note("stopping after the shards in hand; once more to stop at once, and lose only these")
        for signum, handler in before.items():
            signal.signal(signum, handler)

    try:
        for signum in (signal.SIGINT, signal.SIGTERM):
            before[signum] = signal.signal(signum, handle)
        yield stop
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def print_note(text: str) -> None:
    """Print a line on the error stream."""
    import click

    click.echo(f"framing: {text}", err=True)

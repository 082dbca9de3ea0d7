"""What an output folder says of its run: how it was begun, and how much of it is done."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from framing.archive.lock import holder
from framing.archive.manifest import TABLES, Entry, Manifest
from framing.errors import InputError

FORMAT: Final = 1
"""The version of the folder's layout."""

OURS: Final = frozenset(
    {*TABLES, "plan.jsonl", "run.json", "manifest.jsonl", "summary.json", "duplicates.parquet"}
    | {name + ".part" for name in ("plan.jsonl", "run.json", "manifest.jsonl", "summary.json", "duplicates.parquet")}
)
"""What a run writes into its folder, besides hidden files."""


@dataclass(slots=True)
class Totals:
    """Sums over the shards that are done; `seconds` are of workers, so two of them take half the time."""

    shards: int = 0
    records: int = 0
    scored: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    bytes: int = 0
    words: int = 0
    spans: int = 0
    seconds: float = 0.0


def totals_of(entries: Iterable[Entry]) -> Totals:
    """Sum up entries."""
    totals = Totals()
    kinds: Counter[str] = Counter()
    for entry in entries:
        totals.shards += 1
        kinds.update(entry.skipped)
        for name in ("records", "scored", "bytes", "words", "spans", "seconds"):
            setattr(totals, name, getattr(totals, name) + getattr(entry, name))
    totals.skipped = dict(sorted(kinds.items()))
    return totals


def read_run(output: Path) -> dict[str, Any] | None:
    """Read how a folder was begun; None for a new one.

    Raises:
        InputError: the record is damaged, or of another version.
    """
    path = output / "run.json"
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
        if run["format"] != FORMAT:
            raise InputError(f"{path}: format {run['format']!r}, but this framing reads {FORMAT}; use the one it has")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: damaged ({error}); start again in another folder with -o") from error
    return cast("dict[str, Any]", run)


def is_output(folder: str | Path) -> bool:
    """Tell whether a folder is an output of `framing archive`, of any version."""
    try:
        run = json.loads(Path(folder, "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(run, dict) and run.keys() >= {"format", "framing", "settings", "totals"}


def existing_run(output: Path) -> dict[str, Any]:
    """Read how a folder was begun; raises `InputError` for one that is no output."""
    run = read_run(output)
    if run is None and holder(output):
        raise InputError(f"{output}: still planning ({holder(output)}); ask again when it scores")
    if run is None:
        raise InputError(f"{output}: no output of `framing archive` (no run.json); check the path")
    return run


def status(output: Path) -> str:
    """Tell how far a run is, in some lines; it may be running, stopped or done.

    Raises:
        InputError: the folder is no output.
    """
    run = existing_run(output)
    entries = list(Manifest(output).entries())
    totals = totals_of(entries)
    planned = run["totals"]
    share = totals.records / planned["records"] if planned["records"] else 1.0
    running = holder(output)
    state = "done" if (output / "summary.json").exists() else f"running ({running})" if running else "stopped"
    lines = [
        f"{output}: {state}; model {run['model']['name']} {run['model']['version']}",
        f"{totals.records:,} of {planned['records']:,} records ({share:.1%}) in {totals.shards:,} shards",
        f"{totals.scored:,} scored, {counted(totals.skipped)}; {totals.words:,} words, {totals.spans:,} cues",
    ]
    if totals.seconds:
        speed = f"{totals.words / totals.seconds:,.0f} words a second and worker"
        left = (planned["bytes"] - totals.bytes) * totals.seconds / max(1, totals.bytes)
        lines.append(f"{speed}; {duration(left)} of one worker's time left" if share < 1 else speed)
    return "\n".join(lines)


def unfinished(output: Path) -> str:
    """Say how much of an archive is there, if it isn't all; nothing of a finished one.

    Raises:
        InputError: the folder is no output.
    """
    planned = existing_run(output)["totals"]["records"]
    done = sum(entry.records for entry in Manifest(output).entries())
    if done >= planned:
        return ""
    return f"unfinished, {done:,} of {planned:,} records are done; the same `framing archive` command goes on"


def counted(skipped: dict[str, int]) -> str:
    """Tell how many records were skipped, and why: `3 skipped (2 language, 1 empty)`."""
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in sorted(skipped.items(), key=lambda item: -item[1]))
    return f"{sum(skipped.values()):,} skipped" + (f" ({kinds})" if kinds else "")


def duration(seconds: float) -> str:
    """Tell a time in two units: `3 h 5 min`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"

"""Options that several commands share, so that they are called, checked and explained alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

Option = Callable[[Callable[..., Any]], Callable[..., Any]]

FORMATS: Final = ("table", "markdown", "latex", "csv", "json")

SHOWN: Final[Option] = click.option(
    "--format", "shown", type=click.Choice(FORMATS), default="table", show_default=True, help="What to print."
)
FROM: Final[Option] = click.option(
    "--from", "form", metavar="FORMAT", help="The format of all files; see `framing corpora`.  [default: jsonl]"
)
CLUSTER: Final[Option] = click.option(
    "--cluster",
    metavar="FIELD",
    help="Resample records with the same FIELD together (outlet).  [default: article, where records have one]",
)
SEED: Final[Option] = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all that is drawn by chance."
)
THREADS: Final[Option] = click.option(
    "--threads", type=click.IntRange(min=1), help="Processor threads.  [default: all cores]"
)


def cues(what: str) -> Option:
    """Give `--cue`; `what` says what is done with the type: `Look at this type only`."""
    return click.option("--cue", "cues", multiple=True, metavar="NAME", help=f"{what}; may be given several times.")


def draws(default: int = 2000, what: str = "Resamples and rounds of tests.") -> Option:
    """Give `--draws`."""
    return click.option("--draws", type=click.IntRange(min=100), default=default, show_default=True, help=what)


def folder(what: str) -> Option:
    """Give `-o` for a folder; `what` says what comes into it."""
    return click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help=what)


def file(what: str, default: str | None = None) -> Option:
    """Give `-o` for a file; `what` says what it is."""
    place = click.Path(dir_okay=False, path_type=Path)
    return click.option("-o", "--output", type=place, default=default, show_default=default is not None, help=what)

"""How far a long command is."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Passes records through, and may show how many have passed."""

    def __call__(self, records: Iterable[T], what: str, total: int | None = None) -> Iterable[T]:
        """Take records, what is done with them, and their number where it is known."""
        ...


def silent(records: Iterable[T], what: str, total: int | None = None) -> Iterable[T]:
    """Show nothing."""
    return records


def counter(records: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """Show on a terminal's error stream how many records have passed."""
    if not sys.stderr.isatty():
        yield from records
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = [TextColumn(what), MofNCompleteColumn(), TextColumn("records"), TimeElapsedColumn()]
    if total:
        columns += [TextColumn("left"), TimeRemainingColumn()]
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(records, total=total)

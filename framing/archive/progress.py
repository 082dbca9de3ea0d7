"""How far a run is: a line on a terminal that renews itself, or a line now and then in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Final, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from framing.archive.manifest import Entry
from framing.archive.state import Totals, duration

_EVERY: Final = 30.0


class Progress:
    """Counts what is done, and tells words a second and the time left."""

    def __init__(self, planned: dict[str, Any], before: Totals, *, shown: bool) -> None:
        """Take the plan's totals and what was done before; the speed is this run's."""
        self.planned, self.shown = planned, shown
        self.records, self.bytes = before.records, before.bytes
        self.words = self.done = 0
        self.start = self.told = time.monotonic()
        live = shown and sys.stderr.isatty()
        self._live = Live(Text(self.line()), console=Console(stderr=True), transient=True) if live else None

    def line(self) -> str:
        """Give the line."""
        seconds = time.monotonic() - self.start
        share = self.records / max(1, self.planned["records"])
        line = f"{self.records:,} of {self.planned['records']:,} records ({share:.1%})"
        if not self.done:
            return line
        left = (self.planned["bytes"] - self.bytes) * seconds / max(1, self.done)
        return f"{line}, {self.words / max(seconds, 1e-9):,.0f} words/s, {duration(left)} left"

    def add(self, entry: Entry) -> None:
        """Count a shard."""
        self.records += entry.records
        self.bytes += entry.bytes
        self.done += entry.bytes
        self.words += entry.words
        now = time.monotonic()
        if self._live is not None:
            self._live.update(Text(self.line()))
        elif self.shown and now - self.told >= _EVERY:
            self.told = now
            print(f"framing: {self.line()}", file=sys.stderr, flush=True)

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

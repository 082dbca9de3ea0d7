"""Engines that run shards: one module each, a function from shards to outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from framing.archive.plan import Shard
from framing.archive.shard import Job, Outcome


class Engine(Protocol):
    """Runs shards somewhere; entering them stays with the caller, so that all engines are as safe."""

    def __call__(
        self, shards: Iterator[Shard], job: Job, workers: int, stopped: Callable[[], bool]
    ) -> Iterator[Outcome]:
        """Score shards and yield what became of each, in any order; begin none after `stopped()`."""
        ...

"""Shards on this machine: worker processes with one thread each, which for a small network is the fastest way."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Final, cast

from framing.archive.plan import Shard
from framing.archive.shard import Failed, Job, Outcome, ShardScorer
from framing.errors import FramingError

_TRIES: Final = 2
"""How often a shard is given to a worker before its crashes are blamed on the shard."""


def run_local(shards: Iterator[Shard], job: Job, workers: int, stopped: Callable[[], bool]) -> Iterator[Outcome]:
    """Score shards in worker processes.

    Args:
        shards: taken one by one, as workers are free.
        job: what every worker is told.
        workers: how many processes.
        stopped: tells when no more shards are to be begun; those in hand are finished.

    Yields:
        What became of each shard, in the order in which they end. A worker that dies (killed for memory, say) is
        replaced, and its shard is tried once more.

    Raises:
        FramingError: a worker can't load the model.
    """
    pool = [_Worker(job) for _ in range(workers)]
    again: list[tuple[Shard, int]] = []
    try:
        while True:
            for worker in pool:
                if worker.shard is None and not stopped():
                    following = again.pop() if again else _first(shards)
                    if following is not None:
                        worker.give(*following)
            busy = [worker for worker in pool if worker.shard is not None]
            if not busy:
                return
            ready = wait([worker.pipe for worker in busy], timeout=1.0)
            for number, worker in enumerate(pool):
                if worker.pipe in ready:
                    outcome = worker.take()
                    if outcome is None:
                        shard, tries = cast("Shard", worker.shard), worker.tries
                        worker.end()
                        pool[number] = _Worker(job)
                        if tries < _TRIES:
                            again.append((shard, tries))
                            continue
                        outcome = Failed(shard, f"shard {shard.name}: the worker died {tries} times; is memory short?")
                    yield outcome
    finally:
        for worker in pool:
            worker.end()


def _first(shards: Iterator[Shard]) -> tuple[Shard, int] | None:
    shard = next(shards, None)
    return None if shard is None else (shard, 0)


class _Worker:
    """A process and the pipe to it."""

    def __init__(self, job: Job) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_serve, args=(theirs, job), daemon=True)
        self.process.start()
        theirs.close()
        self.shard: Shard | None = None
        self.tries = 0

    def give(self, shard: Shard, tries: int) -> None:
        self.shard, self.tries = shard, tries + 1
        with contextlib.suppress(OSError):  # if it died, reading from it will say so
            self.pipe.send(shard)

    def take(self) -> Outcome | None:
        """Give what the worker made of its shard; None if it died."""
        try:
            answer = self.pipe.recv()
        except (EOFError, OSError):
            return None
        if isinstance(answer, FramingError):
            raise answer
        self.shard = None
        return cast("Outcome", answer)

    def end(self) -> None:
        self.pipe.close()
        self.process.terminate()
        self.process.join()


def _serve(pipe: Connection, job: Job) -> None:
    """Score what comes through the pipe, until it is closed or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        scorer = ShardScorer(job)
    except FramingError as error:
        pipe.send(error)
        return
    with contextlib.closing(scorer), contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send(scorer.run(pipe.recv()))


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)

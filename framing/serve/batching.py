"""Dynamic batching: what waits while the model is busy is scored together when it is free."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

BATCH_JOBS: Final = 16
BATCH_CHARACTERS: Final = 100_000
WAITING_CHARACTERS: Final = 4_000_000
_FIRST_GUESS: Final = 20_000.0
"""Characters a second, until the first batch is timed."""


class Overloaded(Exception):  # noqa: N818 - it is an answer (503), no mistake
    """There is no room; `seconds` says when to ask again."""

    def __init__(self, seconds: int) -> None:
        """Take the seconds that the work that waits will need."""
        super().__init__(f"too much work waits; ask again in {seconds} s")
        self.seconds = seconds


@dataclass(slots=True)
class _Waiting(Generic[Job, Result]):
    job: Job
    size: int
    future: asyncio.Future[Result]


class Batcher(Generic[Job, Result]):
    """Runs jobs of many requests through one function, several at a time, in one thread.

    A job that comes while nothing runs starts at once: batches cost no waiting, they only use it.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Job]], Sequence[Result]],
        *,
        room: int = WAITING_CHARACTERS,
        timeout: float = 60.0,
        seen: Callable[[int, int], Any] = lambda jobs, waiting: None,
    ) -> None:
        """Take the work.

        Args:
            work: gives a result for each job, in order.
            room: most characters that may wait; a job always fits where nothing waits.
            timeout: most seconds for which a job may wait and run; what would need more than half of them at the
                speed so far finds no room.
            seen: told the number of jobs in each batch, and the characters that still wait.
        """
        self._work, self._room, self._timeout, self._seen = work, room, timeout, seen
        self._queue: deque[_Waiting[Job, Result]] = deque()
        self._waiting = 0
        self._speed = _FIRST_GUESS
        self._change = asyncio.Condition()
        self._thread = ThreadPoolExecutor(1, "scoring")

    async def submit(self, job: Job, size: int, *, patient: bool = False) -> Result:
        """Run a job and give its result.

        Args:
            job: the job.
            size: its characters.
            patient: whether to wait for room, for as long as `timeout`.

        Raises:
            Overloaded: there is no room, or the time is up.
        """
        try:
            async with asyncio.timeout(self._timeout):
                async with self._change:
                    if not patient and not self._fits(size):
                        raise self._overloaded()
                    await self._change.wait_for(lambda: self._fits(size))
                    waiting = _Waiting(job, size, asyncio.get_running_loop().create_future())
                    self._queue.append(waiting)
                    self._waiting += size
                    self._change.notify_all()
                result: Result = await waiting.future
                return result
        except TimeoutError as error:
            raise self._overloaded() from error

    def _fits(self, size: int) -> bool:
        ahead = self._waiting + size
        return not self._waiting or (ahead <= self._room and ahead / self._speed <= self._timeout / 2)

    def _overloaded(self) -> Overloaded:
        return Overloaded(max(1, math.ceil(self._waiting / self._speed)))

    async def run(self) -> None:
        """Work for ever; cancel it to stop."""
        try:
            while True:
                async with self._change:
                    await self._change.wait_for(lambda: bool(self._queue))
                    batch = self._take()
                    self._change.notify_all()
                if batch:
                    self._seen(len(batch), self._waiting)
                    await self._run_batch(batch)
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)
            for waiting in self._queue:
                waiting.future.cancel()

    def _take(self) -> list[_Waiting[Job, Result]]:
        batch: list[_Waiting[Job, Result]] = []
        size = 0
        while self._queue and len(batch) < BATCH_JOBS:
            if batch and size + self._queue[0].size > BATCH_CHARACTERS:
                break
            waiting = self._queue.popleft()
            self._waiting -= waiting.size
            if not waiting.future.done():  # else its client has gone, or its time is up
                batch.append(waiting)
                size += waiting.size
        return batch

    async def _run_batch(self, batch: Sequence[_Waiting[Job, Result]]) -> None:
        loop = asyncio.get_running_loop()
        start = time.perf_counter()
        try:
            results = await loop.run_in_executor(self._thread, self._work, [waiting.job for waiting in batch])
        except Exception as error:
            if len(batch) > 1:  # one bad job must not fail its neighbours
                for waiting in batch:
                    await self._run_batch([waiting])
            elif not batch[0].future.done():
                batch[0].future.set_exception(error)
            return
        seconds = time.perf_counter() - start
        self._speed = 0.8 * self._speed + 0.2 * sum(waiting.size for waiting in batch) / max(seconds, 1e-6)
        for waiting, result in zip(batch, results, strict=True):
            if not waiting.future.done():
                waiting.future.set_result(result)

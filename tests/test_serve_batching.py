"""Dynamic batching: together while the model is busy, alone when one fails, refused when there is no room."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from framing.serve.batching import BATCH_JOBS, Batcher, Overloaded


def test_what_comes_while_the_model_is_busy_is_scored_together() -> None:
    batches: list[list[int]] = []

    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        first = asyncio.Event()

        def work(jobs: Any) -> list[int]:
            batches.append(list(jobs))
            if len(batches) == 1:
                asyncio.run_coroutine_threadsafe(first.wait(), loop).result(5)
            return [job * 10 for job in jobs]

        batcher: Batcher[int, int] = Batcher(work)
        runner = asyncio.create_task(batcher.run())
        tasks = [asyncio.create_task(batcher.submit(0, 1))]
        while not batches:
            await asyncio.sleep(0.001)
        tasks += [asyncio.create_task(batcher.submit(number, 1)) for number in range(1, BATCH_JOBS + 2)]
        await asyncio.sleep(0.01)
        first.set()
        found = await asyncio.gather(*tasks)
        runner.cancel()
        return found

    assert asyncio.run(main()) == [10 * number for number in range(BATCH_JOBS + 2)]
    assert [len(batch) for batch in batches] == [1, BATCH_JOBS, 1]


def test_a_job_that_fails_fails_alone() -> None:
    def work(jobs: Any) -> list[float]:
        return [1 / job for job in jobs]

    async def main() -> list[Any]:
        batcher: Batcher[int, float] = Batcher(work)
        tasks = [asyncio.create_task(batcher.submit(number, 1)) for number in (1, 0, 2)]
        await asyncio.sleep(0.01)
        runner = asyncio.create_task(batcher.run())
        found = await asyncio.gather(*tasks, return_exceptions=True)
        runner.cancel()
        return found

    one, fault, half = asyncio.run(main())
    assert (one, type(fault), half) == (1, ZeroDivisionError, 0.5)


def test_no_room_is_said_at_once_and_a_job_never_waits_for_ever() -> None:
    async def main() -> None:
        batcher: Batcher[int, int] = Batcher(lambda jobs: list(jobs), room=10, timeout=0.05)
        waits = asyncio.create_task(batcher.submit(1, 1000))  # fits, whatever its size: nothing else waits
        await asyncio.sleep(0)
        with pytest.raises(Overloaded) as error:
            await batcher.submit(2, 1)
        assert error.value.seconds == 1
        for job in (waits, batcher.submit(3, 1, patient=True)):  # nobody works
            with pytest.raises(Overloaded):
                await job

    asyncio.run(main())

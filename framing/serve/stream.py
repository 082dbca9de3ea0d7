"""`POST /batch`: JSON lines in, JSON lines out, line by line and in order, with a bounded number on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from framing.io.jsonl import BadRecord, parse_lines
from framing.spans import Document

AHEAD: Final = 32
"""Most records of a stream that are read and not yet answered; the client waits, by the flow control of TCP."""

Answer = Callable[[Document | BadRecord], Awaitable[dict[str, Any]]]


async def answer_lines(parts: AsyncIterator[bytes], longest: int, answer: Answer) -> AsyncIterator[bytes]:
    """Answer each record of a stream of JSON lines by a line, in order; blank lines are passed over.

    Args:
        parts: the stream, cut anywhere.
        longest: most bytes of a line; what is longer is answered as skipped, and never held whole.
        answer: makes the record that answers a good or a bad one.
    """
    queue: asyncio.Queue[asyncio.Task[dict[str, Any]] | None] = asyncio.Queue(AHEAD)

    async def read() -> None:
        try:
            async for record in _records(parts, longest):
                await queue.put(asyncio.ensure_future(answer(record)))
        finally:
            await queue.put(None)

    reader = asyncio.ensure_future(read())
    try:
        while (task := await queue.get()) is not None:
            yield json_bytes(await task) + b"\n"
        await reader  # raises what ended the reading
    finally:
        reader.cancel()
        while not queue.empty():
            if (left := queue.get_nowait()) is not None:
                left.cancel()


def json_bytes(value: Any) -> bytes:
    """Write JSON as the command line does."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


async def _records(parts: AsyncIterator[bytes], longest: int) -> AsyncIterator[Document | BadRecord]:
    number = 0
    async for line in _lines(parts, longest):
        number += 1
        where = f"request:{number}"
        if line is None:
            reason = f"{where}: a line of more than {longest:,} bytes; leave it out, or use `framing score`"
            yield BadRecord(where, reason, {}, "too_long")
            continue
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        for record in parse_lines([line], name="request", words=True, first=number):
            yield record


async def _lines(parts: AsyncIterator[bytes], longest: int) -> AsyncIterator[bytes | None]:
    """Cut into lines; None stands for one that is too long."""
    held = bytearray()
    over = False
    async for part in parts:
        *whole, rest = part.split(b"\n")
        for piece in whole:
            held += piece
            yield None if over or len(held) > longest else bytes(held)
            held.clear()
            over = False
        held += rest
        if len(held) > longest:
            over = True
            held.clear()
    if held or over:
        yield None if over else bytes(held)

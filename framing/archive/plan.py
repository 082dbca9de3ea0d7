"""The plan of a run: all records of all inputs, cut into numbered blocks whose content depends on the inputs alone.

A block is what is scored together, and a shard is a run of blocks that is written together. So neither the number of
workers nor the size of shards, nor where a run was killed, can change a score, although int8 scores depend a little on
what is scored beside a text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from framing.archive.files import LeftOut
from framing.archive.manifest import complete
from framing.errors import InputError
from framing.io.jsonl import BadRecord
from framing.io.members import members
from framing.io.pieces import MIB, Cut, ReadOptions, Source, damaged
from framing.io.readers import CONTAINERS, SourceReader, guess
from framing.io.streams import is_damage, open_file

BLOCK_RECORDS: Final = 128
BLOCK_BYTES: Final = MIB


@dataclass(frozen=True, slots=True)
class Part:
    """Records of one source that follow each other: `count` from `cut` on; or one that can't be read, and why."""

    source: Source
    cut: Cut
    count: int
    bad: BadRecord | None = None

    def to_record(self) -> dict[str, Any]:
        """Give the JSON form, without what is at its default."""
        source = asdict(self.source)
        record: dict[str, Any] = {"source": {key: source[key] for key in source if source[key] not in (None, "")}}
        record |= {"offset": self.cut.offset, "position": self.cut.position, "count": self.count}
        if self.bad is not None:
            record["bad"] = {"id": self.bad.id, "reason": self.bad.reason, "kind": self.bad.kind}
        return record

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Part:
        """Read the JSON form."""
        source = Source(**{"modified": "", **record["source"]})
        bad = BadRecord(**record["bad"]) if "bad" in record else None
        return cls(source, Cut(record["offset"], record["position"]), record["count"], bad)


@dataclass(frozen=True, slots=True)
class Block:
    """Records that are scored together.

    Attributes:
        number: its place in the plan, from 0.
        parts: where its records lie.
        records: how many there are.
        bytes: their size, unpacked.
    """

    number: int
    parts: tuple[Part, ...]
    records: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Shard:
    """Blocks that follow each other, written together."""

    blocks: tuple[Block, ...]

    @property
    def name(self) -> str:
        """The name of its files: numbers of its first and last block, so that names sort as the inputs do."""
        return f"{self.blocks[0].number:08d}-{self.blocks[-1].number:08d}"

    @property
    def records(self) -> int:
        """How many records it has."""
        return sum(block.records for block in self.blocks)

    @property
    def bytes(self) -> int:
        """Their size, unpacked."""
        return sum(block.bytes for block in self.blocks)


def cut_blocks(files: Iterable[Source], form: str | None, options: ReadOptions) -> Iterator[Block]:
    """Cut all records into blocks; each file is read through once, and nothing is parsed.

    Args:
        files: the inputs, their form unknown.
        form: the form of all of them, None to guess each.
        options: how to read.
    """
    parts: list[Part] = []
    number = records = size = 0
    with closing(SourceReader(options)) as reader:
        for part, length in _records(files, form, reader):
            last = parts[-1] if parts else None
            if last is not None and last.source == part.source and last.bad is part.bad is None:
                parts[-1] = replace(last, count=last.count + 1)
            else:
                parts.append(part)
            records, size = records + 1, size + length
            if records == BLOCK_RECORDS or size >= BLOCK_BYTES:
                yield Block(number, tuple(parts), records, size)
                parts, number, records, size = [], number + 1, 0, 0
    if parts:
        yield Block(number, tuple(parts), records, size)


def _records(files: Iterable[Source], form: str | None, reader: SourceReader) -> Iterator[tuple[Part, int]]:
    """Give each record as a part of its own, with its size in bytes."""
    for file in files:
        if isinstance(file, LeftOut):
            place = Source(file.path, file.size, file.modified)
            yield Part(place, Cut(), 1, BadRecord(file.path, file.reason, {}, file.kind)), 0
            continue
        following = 1
        try:
            for source in _sources(file, form, reader):
                if isinstance(source, BadRecord):
                    yield Part(file, Cut(), 1, source), 0
                    continue
                for part, size in _outline(source, reader):
                    yield part, size
                    following = following if source.member else part.cut.position + 1
        except OSError as error:
            reason = f"{file.path}: can't read the file ({error.strerror or error}); check the path and its rights"
            yield Part(file, Cut(0, following), 1, BadRecord(file.path, reason, {}, "unreadable")), 0


def _sources(file: Source, form: str | None, reader: SourceReader) -> Iterator[Source | BadRecord]:
    if form is None:
        with open_file(file.path) as stream:
            form = guess(stream, file.path, reader.options)
    source = replace(file, form=form)
    if form in CONTAINERS:
        yield from members(source, reader)
    else:
        yield source


def _outline(source: Source, reader: SourceReader) -> Iterator[tuple[Part, int]]:
    following = 1
    try:
        for piece in reader.open(source).outline():
            yield Part(source, piece.cut, 1), piece.size
            following = piece.cut.position + 1
    except Exception as error:
        if not is_damage(error):
            raise
        yield Part(source, Cut(0, following), 1, damaged(source.label, error)), 0


def write_blocks(path: Path, blocks: Iterable[Block]) -> dict[str, int]:
    """Write a plan, a block a line, and give its totals; the file has its name only when it is complete."""
    totals = {"blocks": 0, "records": 0, "bytes": 0}
    with complete(path) as stream:
        for block in blocks:
            parts = [part.to_record() for part in block.parts]
            record = {"block": block.number, "records": block.records, "bytes": block.bytes, "parts": parts}
            stream.write(json.dumps(record).encode() + b"\n")
            totals = {
                "blocks": block.number + 1,
                "records": totals["records"] + block.records,
                "bytes": totals["bytes"] + block.bytes,
            }
    return totals


def read_blocks(path: Path) -> Iterator[Block]:
    """Read a plan.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            for line in stream:
                record = json.loads(line)
                parts = tuple(Part.from_record(part) for part in record["parts"])
                yield Block(record["block"], parts, record["records"], record["bytes"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: the plan can't be read ({error}); start again in another folder with -o") from error


def shards(blocks: Iterable[Block], done: Iterable[tuple[int, int]], size: int) -> Iterator[Shard]:
    """Group the blocks that aren't done yet.

    Args:
        blocks: the plan.
        done: numbers of first and last block of each shard that is done, in order.
        size: bytes at which a shard is closed.
    """
    ranges = iter(done)
    current = next(ranges, None)
    group: list[Block] = []
    total = 0
    for block in blocks:
        while current is not None and current[1] < block.number:
            current = next(ranges, None)
        if current is not None and current[0] <= block.number:
            if group:
                yield Shard(tuple(group))
            group, total = [], 0
            continue
        group.append(block)
        total += block.bytes
        if total >= size:
            yield Shard(tuple(group))
            group, total = [], 0
    if group:
        yield Shard(tuple(group))

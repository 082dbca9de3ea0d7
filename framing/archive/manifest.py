"""What is done: an append-only file with one JSON line for each shard whose files have their final names."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from framing.errors import InputError

TABLES: Final = ("articles", "spans", "skipped", "signatures")
_SHARD_FILE: Final = re.compile(r"\d{8,}-\d{8,}\.parquet")


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file of a shard: its path below the output folder, SHA-256 and number of rows."""

    path: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A shard that is done.

    Attributes:
        first: number of its first block.
        last: number of its last block.
        records: records read; always `scored` plus all of `skipped`.
        scored: records scored.
        skipped: records skipped, by kind of reason.
        bytes: size of the records, unpacked.
        words: words scored.
        spans: cues found.
        seconds: time of one worker.
        model: name and version of the model.
        files: what was written.
        at: when it was entered, in seconds since 1970.
    """

    first: int
    last: int
    records: int
    scored: int
    skipped: dict[str, int]
    bytes: int
    words: int
    spans: int
    seconds: float
    model: str
    files: tuple[OutputFile, ...]
    at: float = 0.0

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Entry:
        """Read the JSON form."""
        files = tuple(OutputFile(**file) for file in record.pop("files"))
        return cls(files=files, **record)


def sync_folder(folder: Path) -> None:
    """Make new names in a folder last through a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def complete(path: Path) -> Iterator[BinaryIO]:
    """Give a stream to a file that has its name only when all is written and synced."""
    partial = path.with_name(path.name + ".part")
    with partial.open("wb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, path)
    sync_folder(path.parent)


def write_file(path: Path, text: str) -> None:
    """Write a small file so that it has its name only when it is complete."""
    with complete(path) as stream:
        stream.write(text.encode())


class Manifest:
    """The manifest of an output folder."""

    def __init__(self, output: Path) -> None:
        """Take the output folder."""
        self.output = output
        self.path = output / "manifest.jsonl"

    def entries(self) -> Iterator[Entry]:
        """Give the entries; a torn last line, as a power cut leaves it, is passed over.

        Raises:
            InputError: another line is damaged.
        """
        try:
            stream = self.path.open("rb")
        except FileNotFoundError:
            return
        with stream:
            for number, line in enumerate(stream, start=1):
                if not line.endswith(b"\n"):
                    return
                try:
                    yield Entry.from_record(json.loads(line))
                except (ValueError, TypeError, KeyError, AttributeError) as error:
                    raise InputError(
                        f"{self.path}:{number}: damaged ({error}); take the line out, and its shard is scored again"
                    ) from error

    def ranges(self) -> list[tuple[int, int]]:
        """Give the blocks of the shards that are done, in order."""
        return sorted((entry.first, entry.last) for entry in self.entries())

    def mend(self) -> int:
        """Take out a torn last line, entries whose files are gone, and files without an entry.

        Returns:
            How many entries were taken out.
        """
        kept: list[Entry] = []
        known: set[str] = set()
        lost = 0
        for entry in self.entries():
            if all((self.output / file.path).is_file() for file in entry.files):
                kept.append(entry)
                known.update(file.path for file in entry.files)
            else:
                lost += 1
        if self.path.exists():
            write_file(self.path, "".join(_line(entry) for entry in kept))
        for table in TABLES:
            for path in (self.output / table).rglob("*.parquet"):
                if _SHARD_FILE.fullmatch(path.name) and path.relative_to(self.output).as_posix() not in known:
                    path.unlink()
        return lost

    def commit(self, entry: Entry, written: Iterable[Path]) -> None:
        """Give a shard's files their final names, in the order of `entry.files`, and enter it.

        Raises:
            OSError: the disk is full, or the files can't be moved.
        """
        folders: set[Path] = set()
        for path, file in zip(written, entry.files, strict=True):
            final = self.output / file.path
            missing = [folder for folder in (final.parent, *final.parent.parents) if not folder.exists()]
            final.parent.mkdir(parents=True, exist_ok=True)
            folders.update([final.parent, *(folder.parent for folder in missing)])
            os.replace(path, final)
        for folder in folders:
            sync_folder(folder)
        with self.path.open("ab", buffering=0) as stream:
            start = stream.tell()
            try:
                _append(stream.fileno(), _line(entry).encode())
            except OSError:
                os.ftruncate(stream.fileno(), start)
                raise
        if not start:
            sync_folder(self.output)


def _append(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
    os.fsync(handle)


def _line(entry: Entry) -> str:
    record = asdict(entry)
    return json.dumps(record | {"at": record["at"] or round(time.time(), 3)}) + "\n"

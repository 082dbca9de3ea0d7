"""What a worker does: read a shard's records, score them block by block, and write the tables under temporary names."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from framing.archive.files import changed
from framing.archive.language import LanguageFilter
from framing.archive.manifest import Entry, OutputFile
from framing.archive.plan import Block, Part, Shard
from framing.archive.rows import Rows
from framing.archive.settings import Settings
from framing.archive.tables import write_table
from framing.errors import FramingError, InputError
from framing.io.jsonl import BadRecord
from framing.io.readers import SourceReader
from framing.scorer import Scorer
from framing.spans import Document

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Job:
    """What every worker of a run is told; it can be pickled.

    Attributes:
        settings: what decides the rows.
        model: name and version of the model.
        output: the output folder.
        folder: where temporary files go, on the same file system.
    """

    settings: Settings
    model: str
    output: Path
    folder: Path


@dataclass(frozen=True, slots=True)
class Scored:
    """A shard whose tables are written: its entry, and the temporary paths of the entry's files."""

    entry: Entry
    written: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """A shard that couldn't be read or written; `fatal` when no other can be, either (a full disk)."""

    shard: Shard
    reason: str
    fatal: bool = False


Outcome = Scored | Failed


class ShardScorer:
    """Scores shards with one thread; engines keep one a worker, so that the model is loaded once."""

    def __init__(self, job: Job) -> None:
        """Load the model.

        Raises:
            FramingError: the model or an option is wrong.
        """
        self.job = job
        given = job.settings
        self.scorer = Scorer.load(
            given.model,
            threshold=given.threshold,
            cues=given.cues,
            threads=1,
            exhaustive=given.exhaustive,
            provider=given.provider,
        )
        self.language = LanguageFilter(given.language)
        self.reader = SourceReader(given.read)

    def run(self, shard: Shard) -> Outcome:
        """Score a shard and write its tables; what went wrong comes back as a value, and leaves no file."""
        written: list[tuple[Path, OutputFile]] = []
        begun = time.monotonic()
        try:
            self._check(shard)
            rows = Rows([cue.name for cue in self.scorer.cues], self.job.model, self.job.settings)
            for block in shard.blocks:
                self._score(block, rows)
            self._check(shard)
            for name, table in rows.tables().items():
                partition = self.job.settings.partition if name in ("articles", "spans") else ()
                written += write_table(table, name, shard.name, self.job.folder, partition)
            entry = rows.entry(shard, time.monotonic() - begun, [file for _, file in written])
            return Scored(entry, tuple(path for path, _ in written))
        except (FramingError, OSError) as error:
            self.reader.close()
            for path in self.job.folder.glob(f"{shard.name}.*"):
                path.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                return Failed(shard, f"{self.job.output}: {error.strerror}; make room", fatal=True)
            return Failed(shard, str(error))

    def close(self) -> None:
        """Close what is open."""
        self.reader.close()

    def _check(self, shard: Shard) -> None:
        """Check that the shard's files are what was planned; raises `InputError`."""
        seen = None
        for part in (part for block in shard.blocks for part in block.parts):
            path = part.source.path
            if path == seen or (part.bad is not None and (part.bad.kind == "unreadable" or not part.source.modified)):
                continue
            seen = path
            try:
                difference = changed(part.source)
            except (OSError, FramingError) as error:
                reason = getattr(error, "strerror", None) or error
                raise InputError(f"{path}: was there and can't be read now ({reason}); put it back") from error
            if difference:
                raise InputError(
                    f"{path}: changed after the plan was made ({difference}); put the old file back, "
                    "or start in another folder with -o"
                )

    def _score(self, block: Block, rows: Rows) -> None:
        """Score one block; what is scored together depends on the plan alone."""
        records = [item for part in block.parts for item in self._read(part)]
        judged = [self.language.judge(record, place) for place, record in records]
        scored = self.scorer.score_many(record for record, _ in judged if isinstance(record, Document))
        for (place, _), (record, language) in zip(records, judged, strict=True):
            if isinstance(record, BadRecord):
                rows.skip(place, record, language)
            else:
                rows.add(place, next(scored), language)
        rows.close_block()

    def _read(self, part: Part) -> Iterator[tuple[Place, Document | BadRecord]]:
        label = part.source.label
        if part.bad is not None:
            yield (part.bad.id, part.cut.position), part.bad
            return
        try:
            reader = self.reader.open(part.source)
        except EOFError as error:
            raise InputError(f"{label}: can't be read now ({error}); put the old file back") from error
        found = 0
        for piece in islice(reader.pieces(part.cut), part.count):
            found += 1
            yield (label, piece.cut.position), reader.parse(piece)
        if found != part.count:
            raise InputError(
                f"{label}: {found} records from number {part.cut.position} on, where the plan has {part.count}; "
                "put the old file back, or start in another folder with -o"
            )

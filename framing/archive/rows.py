"""The rows of one shard, gathered block by block as Arrow tables, and their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from framing.archive.manifest import Entry, OutputFile
from framing.archive.plan import Shard
from framing.archive.schema import (
    SCHEMA_VERSION,
    article_row,
    article_schema,
    signature_schema,
    skipped_rows,
    skipped_schema,
    span_rows,
    span_schema,
)
from framing.archive.settings import Settings
from framing.io.jsonl import BadRecord
from framing.scorer import ScoredDocument


class Rows:
    """Takes what became of each record, and gives tables and the shard's entry."""

    def __init__(self, cues: Sequence[str], model: str, settings: Settings) -> None:
        """Take the cue types that are reported, the model's name and version, and the run's settings."""
        self.model, self.settings = model, settings
        told = {b"framing.schema": str(SCHEMA_VERSION).encode(), b"framing.model": model.encode()}
        articles, spans = article_schema(cues), span_schema()
        for key in settings.partition:  # rows of both tables go to the same folders
            spans = spans if key in spans.names else spans.append(articles.field(key))
        schemas = {"articles": articles, "spans": spans, "skipped": skipped_schema()}
        if settings.dedup is not None:
            schemas["signatures"] = signature_schema()
        self._schemas = {name: schema.with_metadata(told) for name, schema in schemas.items()}
        self._waiting: dict[str, list[dict[str, Any]]] = {name: [] for name in schemas}
        self._tables: dict[str, list[pa.Table]] = {name: [] for name in schemas}
        self._skipped: Counter[str] = Counter()
        self._scored = self._words = self._spans = 0

    def add(self, place: tuple[str, int], scored: ScoredDocument, language: str | None) -> None:
        """Take a scored record."""
        article = article_row(place, scored, language)
        keys = {key: article[key] for key in self.settings.partition}
        spans = [row | keys for row in span_rows(place, scored)]
        self._waiting["articles"].append(article)
        self._waiting["spans"] += spans
        if self.settings.dedup is not None:
            from framing.minhash import shingles, signatures  # brings SciPy in

            row = {"source": article["source"], "position": place[1], "id": article["id"]}
            self._waiting["signatures"].append(row | {"signature": signatures([shingles(scored.text)]).tobytes()})
        self._scored, self._words = self._scored + 1, self._words + article["words"]
        self._spans += len(spans)

    def skip(self, place: tuple[str, int], bad: BadRecord, language: str | None) -> None:
        """Take a record that isn't scored."""
        article, skipped = skipped_rows(place, bad, language)
        self._waiting["articles"].append(article)
        self._waiting["skipped"].append(skipped)
        self._skipped[bad.kind] += 1

    def close_block(self) -> None:
        """Turn the rows of a block into Arrow tables, which are several times smaller."""
        for name, rows in self._waiting.items():
            if rows:
                self._tables[name].append(pa.Table.from_pylist(rows, schema=self._schemas[name]))
            rows.clear()

    def tables(self) -> dict[str, pa.Table]:
        """Give the tables that have rows."""
        return {name: pa.concat_tables(tables).combine_chunks() for name, tables in self._tables.items() if tables}

    def entry(self, shard: Shard, seconds: float, files: Sequence[OutputFile]) -> Entry:
        """Sum up the shard."""
        return Entry(
            first=shard.blocks[0].number,
            last=shard.blocks[-1].number,
            records=shard.records,
            scored=self._scored,
            skipped=dict(sorted(self._skipped.items())),
            bytes=shard.bytes,
            words=self._words,
            spans=self._spans,
            seconds=round(seconds, 3),
            model=self.model,
            files=tuple(files),
        )

"""Archives for tests, written in every format that `framing archive` reads, and what is read back from them."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from backports import zstd

from framing.archive import plan
from framing.archive.files import Files
from framing.archive.manifest import Manifest
from framing.archive.plan import Shard, cut_blocks
from framing.archive.run import Result, score_archive
from framing.archive.settings import Settings
from framing.archive.shard import Job, Outcome, Scored, ShardScorer
from framing.io.jsonl import BadRecord
from framing.io.pieces import ReadOptions
from framing.io.readers import SourceReader
from framing.spans import Document

TEXTS = [
    "The so-called truce was broken under the pretext of a search.",
    "Rain is expected in the valley on Tuesday, Día 🎉.",
    'Officials praised the "voluntary" transfer of the fishermen.',
    "US-backed fighters crossed the river.\nThe regime said nothing.",
    "The council approved the budget, and nobody objected.",
]
RECORDS = [
    {
        "id": f"a{n}",
        "text": text,
        "outlet": ["Harbour Post", "River Times"][n % 2],
        "date": f"20{19 + n // 3}-03-0{n + 1}",
    }
    for n, text in enumerate(TEXTS)
]

MANY = [{**RECORDS[n % 5], "id": f"m{n}", "text": f"{TEXTS[n % 5]} Number {n}."} for n in range(23)]

Read = list[tuple[str, int, Document | BadRecord]]


def jsonl(records: list[dict[str, Any]] = RECORDS) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def page(text: str, title: str = "A title", extra: str = "") -> bytes:
    words = f"{text} " + "The harbour was quiet that evening, and the boats stayed in. " * 4
    head = f'<title>{title}</title><meta property="og:site_name" content="River Times">'
    head += f'<meta property="og:title" content="{title}"><meta property="article:published_time" content="2020-05-04">'
    body = f"<article><h1>{title}</h1><p>{words}</p><p>{words[::-1][::-1]}More of it came later.</p></article>"
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}{extra}</body></html>".encode()


def warc_record(url: str, body: bytes, *, status: str = "200 OK", kind: str = "text/html", claimed: int = 0) -> bytes:
    http = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{abs(hash(url))}>\r\nWARC-Target-URI: {url}\r\n"
    )
    head += "WARC-Date: 2020-05-05T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
    return head.encode() + f"Content-Length: {len(http) + claimed}\r\n\r\n".encode() + http + b"\r\n\r\n"


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, members: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def read(
    *inputs: str | Path,
    form: str | None = None,
    block: int = 128,
    options: ReadOptions | None = None,
    output: Path = Path("out"),
) -> Read:
    """Plan inputs in blocks of so many records, and read every part with a reader of its own."""
    options = options or ReadOptions()
    before, plan.BLOCK_RECORDS = plan.BLOCK_RECORDS, block  # type: ignore[misc]
    try:
        blocks = list(cut_blocks(Files(tuple(map(str, inputs)), output), form, options))
    finally:
        plan.BLOCK_RECORDS = before  # type: ignore[misc]
    assert [found.number for found in blocks] == list(range(len(blocks)))
    found: Read = []
    for part in (part for each in blocks for part in each.parts):
        assert plan.Part.from_record(json.loads(json.dumps(part.to_record()))) == part
        if part.bad is not None:
            found.append((part.bad.id, part.cut.position, part.bad))
            continue
        with closing(SourceReader(options)) as reader:
            opened = reader.open(part.source)
            pieces = list(islice(opened.pieces(part.cut), part.count))
            assert len(pieces) == part.count
            found += [(part.source.label, piece.cut.position, opened.parse(piece)) for piece in pieces]
    return found


def texts(found: Read) -> list[str]:
    """Give the texts; reasons of bad records fail the test that expects texts."""
    return [record.text if isinstance(record, Document) else record.reason for _, _, record in found]


def inline(shards: Iterator[Shard], job: Job, workers: int, stopped: Callable[[], bool]) -> Iterator[Outcome]:
    """An engine in this process."""
    with closing(ShardScorer(job)) as scorer:
        for shard in shards:
            yield scorer.run(shard)
            if stopped():
                return


def score(output: Path, *inputs: str | Path, shard_size: int = 1, **settings: Any) -> Result:
    """Score inputs with the rules, in this process, a block a shard."""
    given = Settings(tuple(map(str, inputs)), model="lexicon", **settings)
    return score_archive(given, output, workers=1, shard_size=shard_size, engine=inline, shown=False)


def rows(output: Path) -> dict[str, list[dict[str, Any]]]:
    """Give all rows of all tables, files in the order of their names."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in ("articles", "spans", "skipped"):
        files = sorted((output / table).rglob("*.parquet"))
        found[table] = [row for path in files for row in pq.ParquetFile(path).read().to_pylist()]
    return found


def stopping(after: int, *, torn: bool = False) -> Callable[..., Iterator[Outcome]]:
    """Give an engine that dies after so many shards; the last may have its final names but no entry."""

    def engine(shards: Iterator[Shard], job: Job, workers: int, stopped: Callable[[], bool]) -> Iterator[Outcome]:
        for number, outcome in enumerate(inline(shards, job, workers, stopped)):
            if number == after:
                assert isinstance(outcome, Scored)
                if torn:
                    manifest = Manifest(job.output)
                    before = manifest.path.read_bytes() if after else b""
                    manifest.commit(outcome.entry, outcome.written)
                    manifest.path.write_bytes(manifest.path.read_bytes()[:-20] if after % 2 else before)
                raise KeyboardInterrupt
            yield outcome

    return engine


def kinds(found: list[tuple[str, int, Document | BadRecord]]) -> list[str]:
    """Give `ok` for a document, and why another record couldn't be read."""
    return ["ok" if isinstance(record, Document) else record.kind for _, _, record in found]


DOCUMENTS = [
    Document(record["id"], record["text"], (), {"outlet": record["outlet"], "date": record["date"]})
    for record in RECORDS
]

PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": packed,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd.compress,
}


def as_csv(delimiter: str = ",") -> bytes:
    """Give the records as a table of text."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(RECORDS[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(RECORDS)
    return stream.getvalue().encode()

"""What every runner shares: the job, the records, the clock, and the result. Standard library only.

A runner is called as `python run_X.py JOB.json` in its own environment. It reads `train.jsonl` and `dev.jsonl`, whose
records hold text, spans, and the places of sentences and words (the same for all systems), trains, and writes
`predictions.jsonl` and `result.json` into the job's folder.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Spans = list[tuple[int, int, str]]
ROUNDS = 3
TIMED_WORDS = 6000


@dataclass(frozen=True)
class Job:
    """One system on one task."""

    folder: str
    train: str
    dev: str
    encoder: str
    labels: list[str]
    epochs: int
    learning_rate: float
    longest: int
    threads: int
    seed: int
    options: dict[str, Any]


def read_job() -> Job:
    """Read the job that the command line names."""
    return Job(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))


def read(path: str) -> list[dict[str, Any]]:
    """Read records."""
    with open(path, encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def words(records: Sequence[dict[str, Any]]) -> int:
    """Count words and marks."""
    return sum(len(record["words"]) for record in records)


def on_words(record: dict[str, Any]) -> Spans:
    """Give spans as (first word, word after the last, label), widened to whole words."""
    found = []
    for span in record["spans"]:
        under = [at for at, (start, end) in enumerate(record["words"]) if start < span["end"] and end > span["start"]]
        if under:
            found.append((under[0], under[-1] + 1, span["label"]))
    return found


def without_overlaps(spans: Spans) -> tuple[Spans, int]:
    """Keep the longest of spans that overlap; give the number that went."""
    kept: Spans = []
    for start, end, label in sorted(spans, key=lambda span: (span[0] - span[1], span)):
        if all(end <= first or last <= start for first, last, _ in kept):
            kept.append((start, end, label))
    return sorted(kept), len(spans) - len(kept)


def infer(
    job: Job, find: Callable[[Sequence[dict[str, Any]], int], list[Spans]], batches: Sequence[int]
) -> dict[str, Any]:
    """Time `find(records, batch)` on the first dev records, with its best batch size; then write all predictions.

    Returns:
        The batch size, and words and marks a second: the median of several rounds.
    """
    dev = read(job.dev)
    sample = dev[:1]
    for record in dev[1:]:
        if words(sample) >= TIMED_WORDS:
            break
        sample.append(record)

    def clock(batch: int) -> float:
        start = time.perf_counter()
        find(sample, batch)
        return words(sample) / (time.perf_counter() - start)

    find(sample[:8], batches[0])
    best = max(batches, key=clock)
    speeds = [clock(best) for _ in range(ROUNDS)]
    with open(Path(job.folder) / "predictions.jsonl", "w", encoding="utf-8") as stream:
        for record, spans in zip(dev, find(dev, best), strict=True):
            stream.write(json.dumps({"id": record["id"], "spans": spans}) + "\n")
    return {"batch": best, "timed_words": words(sample), "words_per_second": statistics.median(speeds)}


def finish(job: Job, **result: Any) -> None:
    """Write the result, last of all."""
    (Path(job.folder) / "result.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")

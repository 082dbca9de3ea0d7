"""Runs in processes of their own: killed, interrupted, with workers that die; the tables are always the same."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from archive_samples import RECORDS, TEXTS, jsonl, packed, rows, score

from framing.archive import plan
from framing.archive.engines.local import run_local
from framing.archive.manifest import Manifest
from framing.archive.run import score_archive
from framing.archive.settings import Settings
from framing.archive.shard import Failed, Job

ARTICLES = [
    {**RECORDS[n % 5], "id": f"k{n}", "text": "\n".join(f"{text} Part {n}." for text in TEXTS * 3)} for n in range(600)
]
SHARD = 128 * len(jsonl(ARTICLES[:1]))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("articles") / "in.jsonl.gz"
    path.write_bytes(packed(jsonl(ARTICLES)))
    return path


@pytest.fixture(scope="module")
def whole(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("whole")
    assert score(output, archive).finished
    return output


def start(archive: Path, output: Path, *, workers: int = 2) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "framing", "archive", str(archive), "-o", str(output), "--model", "lexicon"]
    options = ["--workers", str(workers), "--shard-size", "0.01"]
    return subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)


@contextlib.contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[str]:
    """Wait for the process and give its error stream."""
    _, told = process.communicate(timeout=240)
    yield told


def entries(output: Path) -> int:
    return len(Manifest(output).ranges())


def wait_for(output: Path, shards: int) -> None:
    end = time.monotonic() + 120
    while entries(output) < shards:
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)


def test_three_kills_at_random_moments_change_nothing(archive: Path, whole: Path, tmp_path: Path) -> None:
    output, draw = tmp_path / "out", random.Random()  # noqa: S311
    for most in range(3):
        process = start(archive, output, workers=draw.choice([1, 2]))
        workers = []
        wait_for(output, draw.randint(0, most + 1))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(draw.uniform(0, 1.0))
        with contextlib.suppress(psutil.NoSuchProcess):
            workers = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        with ended(process):
            assert process.returncode in (-signal.SIGKILL, 0)
        assert psutil.wait_procs(workers, timeout=10)[1] == []  # they end with their parent
    process = start(archive, output)
    with ended(process) as told:
        assert process.returncode == 0, told
    assert rows(output) == rows(whole)


def test_an_interrupt_finishes_the_shards_in_hand(archive: Path, whole: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    process = start(archive, output, workers=1)
    wait_for(output, 1)
    process.send_signal(signal.SIGINT)
    with ended(process) as told:
        assert process.returncode == 130
        assert "stopping after the shards in hand" in told
        assert told.endswith("framing: stopped; the same command goes on\n")
    done = entries(output)
    assert 1 <= done < 5
    assert not list((output / ".tmp").glob("*"))
    process = start(archive, output)
    with ended(process):
        assert process.returncode == 0
    assert entries(output) == 5
    assert rows(output) == rows(whole)


def test_a_second_run_is_locked_out_with_the_first_ones_process(archive: Path, tmp_path: Path) -> None:
    first = start(archive, tmp_path / "out", workers=1)
    wait_for(tmp_path / "out", 1)
    second = start(archive, tmp_path / "out")
    with ended(second) as told:
        assert second.returncode == 2
        assert f"another run (process {first.pid} on " in told
    first.kill()
    with ended(first):
        pass


def test_a_worker_that_dies_is_replaced(archive: Path, whole: Path, tmp_path: Path) -> None:
    process = start(archive, tmp_path / "out", workers=1)
    wait_for(tmp_path / "out", 1)
    for child in psutil.Process(process.pid).children():
        if "resource_tracker" not in " ".join(child.cmdline()):
            child.kill()
    with ended(process) as told:
        assert process.returncode == 0, told
    assert rows(tmp_path / "out") == rows(whole)


class Deadly(Job):
    """A job at which every worker dies."""

    def __setstate__(self, state: object) -> None:
        os._exit(9)


def test_a_shard_at_which_workers_die_is_told(archive: Path, tmp_path: Path) -> None:
    settings = Settings((str(archive),), model="lexicon")
    blocks = [plan.Block(0, (), 1, 1)]
    job = Deadly(settings, "lexicon", tmp_path, tmp_path)
    (outcome,) = run_local(plan.shards(blocks, [], 1), job, 1, lambda: False)
    assert isinstance(outcome, Failed)
    assert outcome.reason == "shard 00000000-00000000: the worker died 2 times; is memory short?"


def test_the_default_model_scores_the_same_in_any_shards(archive: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.jsonl"
    few.write_bytes(jsonl([{**record, "text": record["text"][:150]} for record in ARTICLES[:150]]))
    settings = Settings((str(few),))
    for output, size, workers in [("one", 1, 1), ("two", 1 << 30, 2)]:
        assert score_archive(settings, tmp_path / output, workers=workers, shard_size=size, shown=False).finished
    assert rows(tmp_path / "one") == rows(tmp_path / "two")
    assert rows(tmp_path / "one")["spans"]

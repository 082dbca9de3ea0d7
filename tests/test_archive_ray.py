"""The Ray engine on a cluster of this machine: the same tables, a killed worker, and errors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from archive_samples import RECORDS, TEXTS, jsonl
from test_archive_run import rows

from framing.archive.engines.ray import RayEngine
from framing.archive.manifest import Manifest
from framing.archive.plan import Block, Shard
from framing.archive.run import score_archive
from framing.archive.settings import Settings
from framing.archive.shard import Job, Outcome
from framing.errors import FramingError, ModelError

ray = pytest.importorskip("ray", reason="needs framing[ray]")

pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::FutureWarning"
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        _system_config={"worker_niceness": 0},
    )
    yield
    ray.shutdown()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_bytes(
        jsonl([{**RECORDS[n % 5], "id": f"k{n}", "text": "\n".join(TEXTS) + f" {n}."} for n in range(600)])
    )
    return path


def workers() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    return [process for process in found if "_Actor" in " ".join(process.cmdline())]


def run_and_kill(shards: Iterator[Shard], job: Job, number: int, stopped: Callable[[], bool]) -> Iterator[Outcome]:
    """Run on Ray, and kill a worker once the first shard is done."""
    outcomes = RayEngine()(shards, job, number, stopped)
    yield next(outcomes)
    victims = workers()
    assert len(victims) == number
    victims[0].kill()
    yield from outcomes


@pytest.mark.usefixtures("cluster")
def test_a_killed_worker_loses_and_repeats_nothing(archive: Path, tmp_path: Path) -> None:
    settings, size = Settings((str(archive),), model="lexicon"), archive.stat().st_size // 5
    local = score_archive(settings, tmp_path / "local", workers=1, shard_size=size, shown=False)
    ours = score_archive(settings, tmp_path / "ray", workers=2, shard_size=size, engine=run_and_kill, shown=False)
    assert ours.finished
    assert replace(ours.totals, seconds=local.totals.seconds) == local.totals
    assert len(list(Manifest(tmp_path / "ray").entries())) == 5
    assert rows(tmp_path / "ray") == rows(tmp_path / "local")


@pytest.mark.usefixtures("cluster")
def test_what_one_engine_began_the_other_ends(archive: Path, tmp_path: Path) -> None:
    settings, size = Settings((str(archive),), model="lexicon"), archive.stat().st_size // 5

    def first_alone(shards: Iterator[Shard], job: Job, number: int, stopped: Callable[[], bool]) -> Iterator[Outcome]:
        yield next(RayEngine()(shards, job, number, stopped))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_archive(settings, tmp_path / "out", workers=2, shard_size=size, engine=first_alone, shown=False)
    assert len(list(Manifest(tmp_path / "out").entries())) == 1
    assert score_archive(settings, tmp_path / "out", workers=1, shard_size=size, shown=False).finished
    score_archive(settings, tmp_path / "local", workers=1, shown=False)
    assert rows(tmp_path / "out") == rows(tmp_path / "local")


@pytest.mark.usefixtures("cluster")
def test_a_model_that_workers_cant_load_ends_the_run(tmp_path: Path) -> None:
    job = Job(Settings(("in.jsonl",), model=str(tmp_path / "gone")), "gone 1", tmp_path, tmp_path)
    with pytest.raises(ModelError, match="gone: no such model folder"):
        list(RayEngine()(iter([Shard((Block(0, (), 1, 1),))]), job, 1, lambda: False))


def test_no_cluster_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(**_: object) -> None:
        raise ConnectionError("ray is not there")

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", absent)
    job = Job(Settings(()), "m 1", Path(), Path())
    with pytest.raises(FramingError, match=r"no Ray cluster at 10\.0\.0\.1:6379"):
        list(RayEngine("10.0.0.1:6379")(iter([]), job, 1, lambda: False))

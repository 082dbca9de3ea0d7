"""A run: the same rows whatever the shards, interruptions, vanished files and full disks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from archive_samples import MANY, inline, jsonl, rows, score, stopping

from framing.archive import plan
from framing.archive.manifest import Manifest
from framing.archive.plan import Block, Shard
from framing.archive.run import score_archive
from framing.archive.settings import Settings
from framing.archive.shard import Outcome


@pytest.mark.parametrize("size", [1, 900, 1 << 30])
def test_rows_do_not_depend_on_shards(archive: Path, tmp_path: Path, size: int) -> None:
    score(tmp_path / "one", archive)
    score(tmp_path / "two", archive, shard_size=size)
    assert rows(tmp_path / "one") == rows(tmp_path / "two")


@pytest.mark.parametrize("torn", [False, True])
@pytest.mark.parametrize("after", [0, 1, 4])
@pytest.mark.parametrize("size", [1, 2000])
def test_a_run_goes_on_where_it_was_ended(archive: Path, tmp_path: Path, after: int, torn: bool, size: int) -> None:
    score(tmp_path / "whole", archive)
    settings = Settings((str(archive),), model="lexicon")
    with pytest.raises(KeyboardInterrupt):
        score_archive(
            settings, tmp_path / "out", workers=1, shard_size=1, engine=stopping(after, torn=torn), shown=False
        )
    assert Manifest(tmp_path / "out").ranges() == [(n, n) for n in range(after)]
    result = score(tmp_path / "out", archive, shard_size=size)
    assert (result.finished, result.totals.records) == (True, 26)
    assert rows(tmp_path / "out") == rows(tmp_path / "whole")
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.name[0] != ".") == [
        *["articles", "manifest.jsonl", "plan.jsonl", "run.json", "skipped", "spans", "summary.json"]
    ]


def test_a_finished_run_does_nothing_again(archive: Path, tmp_path: Path) -> None:
    score(tmp_path / "out", archive)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.parquet")}
    assert score(tmp_path / "out", archive).totals.scored == 23
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.parquet")} == before


def test_a_shard_whose_file_is_gone_is_scored_again(archive: Path, tmp_path: Path) -> None:
    score(tmp_path / "out", archive)
    before = rows(tmp_path / "out")
    sorted((tmp_path / "out" / "articles").iterdir())[1].unlink()
    score(tmp_path / "out", archive)
    assert rows(tmp_path / "out") == before


def test_a_file_that_vanishes_leaves_the_rest_and_can_be_put_back(archive: Path, tmp_path: Path) -> None:
    score(tmp_path / "whole", archive)
    aside = tmp_path / "aside.zip"

    def vanishing(shards: Iterator[Shard], *rest: Any) -> Iterator[Outcome]:
        (archive / "b.zip").rename(aside)
        yield from inline(shards, *rest)

    settings = Settings((str(archive),), model="lexicon")
    result = score_archive(settings, tmp_path / "out", workers=1, shard_size=1, engine=vanishing, shown=False)
    assert not result.finished
    assert set(result.failures) == {
        f"{archive}/b.zip: was there and can't be read now (No such file or directory); put it back"
    }
    assert result.totals.records == 18  # blocks 4 and 5 hold records of b.zip; 0 to 3 and 6 are done
    assert not (tmp_path / "out" / "summary.json").exists()
    aside.rename(archive / "b.zip")
    assert score(tmp_path / "out", archive).finished
    assert rows(tmp_path / "out") == rows(tmp_path / "whole")


def test_a_file_that_changes_half_way_is_not_mixed(archive: Path, tmp_path: Path) -> None:
    def changing(shards: Iterator[Shard], *rest: Any) -> Iterator[Outcome]:
        for number, outcome in enumerate(inline(shards, *rest)):
            if not number:
                (archive / "a.jsonl").write_bytes(jsonl(MANY))
            yield outcome

    settings = Settings((str(archive),), model="lexicon")
    result = score_archive(settings, tmp_path / "out", workers=1, shard_size=1, engine=changing, shown=False)
    assert "a.jsonl: changed after the plan was made (it had " in result.failures[0]
    assert {row["position"] for row in rows(tmp_path / "out")["articles"] if row["source"].endswith("a.jsonl")} == {
        *range(1, 5)
    }


def test_a_full_disk_leaves_nothing_half(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    score(tmp_path / "whole", archive)
    real, writes = pq.write_table, []

    def full(table: Any, stream: Any, **options: Any) -> None:
        writes.append(table)
        if len(writes) > 4:
            stream.write(b"half a file")
            raise OSError(28, "No space left on device")
        real(table, stream, **options)

    monkeypatch.setattr(pq, "write_table", full)
    result = score(tmp_path / "out", archive)
    assert result.failures == (f"{tmp_path}/out: No space left on device; make room",)
    assert not (tmp_path / "out" / ".tmp").exists()
    known = {file.path for entry in Manifest(tmp_path / "out").entries() for file in entry.files}
    assert known == {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.parquet")}
    monkeypatch.undo()
    monkeypatch.setattr(plan, "BLOCK_RECORDS", 4)
    assert score(tmp_path / "out", archive).finished
    assert rows(tmp_path / "out") == rows(tmp_path / "whole")


def test_shards_are_the_blocks_that_are_left() -> None:
    blocks = [Block(number, (), 1, 10) for number in range(10)]

    def names(done: list[tuple[int, int]], size: int) -> list[tuple[int, int]]:
        return [(found.blocks[0].number, found.blocks[-1].number) for found in plan.shards(blocks, done, size)]

    assert names([], 10) == [(n, n) for n in range(10)]
    assert names([], 40) == [(0, 3), (4, 7), (8, 9)]
    assert names([(0, 0), (3, 4), (9, 9)], 20) == [(1, 2), (5, 6), (7, 8)]
    assert names([(0, 9)], 20) == []

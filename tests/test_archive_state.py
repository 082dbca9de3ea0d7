"""What an output folder says of its run: status, progress, and counts that are checked."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from archive_samples import score, stopping
from command_line import run

from framing.archive.check import check
from framing.archive.lock import holder
from framing.archive.manifest import Manifest
from framing.archive.progress import Progress
from framing.archive.run import score_archive
from framing.archive.settings import Settings
from framing.archive.state import Totals, duration, existing_run, status
from framing.errors import FramingError, InputError


def test_a_damaged_count_is_found(archive: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    score(output, archive)
    lines = [json.loads(line) for line in (output / "manifest.jsonl").read_text().splitlines()]
    check(output, existing_run(output))
    for change, message in [
        (lambda entry: entry.update(records=5, scored=5), "has 5 records, but"),
        (lambda entry: entry["files"][0].update(rows=3), r"4 rows, not 3; delete it and run again"),
        (lambda entry: entry.update(last=4), "are missing or there twice"),
        (lambda entry: entry["files"].append(entry["files"][0]), "parquet: entered twice, so that rows are lost;"),
    ]:
        wrong = json.loads(json.dumps(lines))
        change(wrong[0])
        (output / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in wrong))
        with pytest.raises(FramingError, match=message):
            check(output, existing_run(output))
    (output / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines[1:]))
    with pytest.raises(FramingError, match="blocks 0 to 1 are missing"):
        check(output, existing_run(output))


def test_a_damaged_manifest_line_is_named(archive: Path, tmp_path: Path) -> None:
    score(tmp_path / "out", archive)
    path = tmp_path / "out" / "manifest.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + "{torn\n" + "".join(lines[2:]))
    with pytest.raises(InputError, match=r"manifest\.jsonl:2: damaged \(.*\); take the line out"):
        score(tmp_path / "out", archive)
    path.write_text("".join(lines[:1] + lines[2:]))
    assert score(tmp_path / "out", archive).totals.records == 26


def test_status_tells_what_is_done(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no output of `framing archive`"):
        status(tmp_path)
    settings = Settings((str(archive),), model="lexicon")
    with pytest.raises(KeyboardInterrupt):
        score_archive(settings, tmp_path / "out", workers=1, shard_size=1, engine=stopping(2), shown=False)
    first, second, third, fourth = run("archive", "--status", tmp_path / "out").stdout.splitlines()
    assert first.startswith(f"{tmp_path}/out: stopped; model lexicon ")
    assert second == "8 of 26 records (30.8%) in 2 shards"
    assert third.startswith("8 scored, 0 skipped; ")
    assert fourth.endswith(" of one worker's time left")
    score(tmp_path / "out", archive)
    assert status(tmp_path / "out").splitlines()[0].startswith(f"{tmp_path}/out: done; ")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.4, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (7320, "2 h 2 min"), (90_000, "1 d 1 h")],
)
def test_times_are_told_in_two_units(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_progress_tells_speed_and_time_left(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    score(tmp_path / "out", archive)
    first, *_ = Manifest(tmp_path / "out").entries()
    planned = {"records": 26, "bytes": 4 * first.bytes}
    now = iter([0.0, 2.0, 2.0])
    monkeypatch.setattr("framing.archive.progress.time.monotonic", lambda: next(now))
    progress = Progress(planned, Totals(), shown=False)
    progress.add(first)
    assert progress.line() == f"4 of 26 records (15.4%), {first.words / 2:,.0f} words/s, 6 s left"


def test_a_run_of_another_user_holds_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(process: int, signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr("framing.archive.lock.os.kill", refuse)
    owner = f"process 1 on {socket.gethostname()}"
    (tmp_path / ".owner").write_text(owner)
    assert holder(tmp_path) == owner

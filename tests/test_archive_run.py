"""A run: every record once, whatever the shards and interruptions; what changed in between is refused."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from archive_samples import RECORDS, TEXTS, inline, jsonl, score, zipped
from command_line import refusal, run
from filelock import FileLock

from framing.archive import engines, plan
from framing.archive.check import check
from framing.archive.manifest import Manifest
from framing.archive.plan import Block, Shard
from framing.archive.progress import Progress
from framing.archive.query import connect
from framing.archive.run import score_archive
from framing.archive.schema import read_date
from framing.archive.settings import Settings
from framing.archive.shard import Job, Outcome, Scored
from framing.archive.state import Totals, duration, existing_run, status
from framing.errors import ConfigError, FramingError, InputError

MANY = [{**RECORDS[n % 5], "id": f"m{n}", "text": f"{TEXTS[n % 5]} Number {n}."} for n in range(23)]


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "BLOCK_RECORDS", 4)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Give a folder with 23 articles and 3 bad records, in three files."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(jsonl(MANY[:9]) + b"{broken\n" + jsonl(MANY[9:15]))
    zipped(folder / "b.zip", {"x.jsonl": jsonl(MANY[15:20]), "y.txt": b"\0"})
    (folder / "c.jsonl").write_bytes(b'{"text": ""}\n' + jsonl(MANY[20:]))
    return folder


def rows(output: Path) -> dict[str, list[dict[str, Any]]]:
    """Give all rows of all tables, files in the order of their names."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in ("articles", "spans", "skipped"):
        files = sorted((output / table).rglob("*.parquet"))
        found[table] = [row for path in files for row in pq.ParquetFile(path).read().to_pylist()]
    return found


def test_every_record_is_scored_or_skipped_once(archive: Path, tmp_path: Path, lexicon_scorer: Any) -> None:
    result = score(tmp_path / "out", archive)
    assert (result.finished, result.totals.records, result.totals.scored) == (True, 26, 23)
    assert result.totals.skipped == {"empty": 1, "invalid": 1, "nul": 1}
    found = rows(tmp_path / "out")
    places = [(row["source"].removeprefix(f"{archive}/"), row["position"]) for row in found["articles"]]
    assert places == [
        *[("a.jsonl", line) for line in range(1, 17)],
        *[("b.zip!x.jsonl", line) for line in range(1, 6)],
        ("b.zip!y.txt", 1),
        *[("c.jsonl", line) for line in range(1, 5)],
    ]
    scored = [row for row in found["articles"] if row["status"] == "scored"]
    assert [row["id"] for row in scored] == [record["id"] for record in MANY]
    for row, record in zip(scored, MANY, strict=True):
        wanted = lexicon_scorer.score(record["text"])
        assert row["words"] == wanted.profile["words"]
        figures = wanted.profile["cues"]["pretext"]
        assert row["pretext"] == {
            "count": figures["count"],
            "expected": None,
            "per_1000": figures["per_1000"],
            **figures["voices"],
        }
        spans = [(span["label"], span["start"], span["text"]) for span in found["spans"] if span["id"] == row["id"]]
        assert spans == [(span.label, span.start, wanted.text[span.start : span.end]) for span in wanted.spans]
    assert [(row["position"], row["kind"]) for row in found["skipped"]] == [(10, "invalid"), (1, "nul"), (1, "empty")]
    reasons = {row["reason"] for row in found["articles"] if row["status"] == "skipped"}
    assert reasons == {row["reason"] for row in found["skipped"]}


def test_spans_carry_their_sentences(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"Rain fell. {TEXTS[0]} Nobody spoke.", encoding="utf-8")
    score(tmp_path / "out", tmp_path / "a.txt")
    found = rows(tmp_path / "out")["spans"]
    assert [(row["text"], row["sentence"]) for row in found] == [
        ("so-called", TEXTS[0]),
        ("under the pretext of", TEXTS[0]),
    ]
    assert {row["designation_kind"] for row in found} == {None}


@pytest.mark.parametrize("size", [1, 900, 1 << 30])
def test_rows_do_not_depend_on_shards(archive: Path, tmp_path: Path, size: int) -> None:
    score(tmp_path / "one", archive)
    score(tmp_path / "two", archive, shard_size=size)
    assert rows(tmp_path / "one") == rows(tmp_path / "two")


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


def test_a_damaged_count_is_found(archive: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    score(output, archive)
    lines = [json.loads(line) for line in (output / "manifest.jsonl").read_text().splitlines()]
    check(output, existing_run(output))
    for change, message in [
        (lambda entry: entry.update(records=5, scored=5), "has 5 records, but"),
        (lambda entry: entry["files"][0].update(rows=3), r"4 rows, not 3; delete it and run again"),
        (lambda entry: entry.update(last=4), "are missing or there twice"),
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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "d.txt").write_text("New."), "d.txt: new since"),
        (lambda folder: (folder / "a0.txt").write_text("New."), "a0.txt: new since"),
        (lambda folder: (folder / "b.zip").unlink(), "b.zip: gone since"),
        (lambda folder: (folder / "c.jsonl").unlink(), "c.jsonl: gone since"),
        (lambda folder: (folder / "c.jsonl").write_bytes(jsonl(MANY)), "c.jsonl: changed since"),
        (lambda folder: os.utime(folder / "a.jsonl"), "a.jsonl: changed since"),
    ],
)
def test_a_changed_input_is_refused(archive: Path, tmp_path: Path, change: Callable[[Path], Any], message: str) -> None:
    score(tmp_path / "out", archive)
    change(archive)
    with pytest.raises(InputError, match=message) as caught:
        score(tmp_path / "out", archive)
    assert str(caught.value).endswith("was begun; put it right, or start in another folder with -o")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"threshold": 0.9}, "begun with threshold None, now 0.9"),
        ({"cues": ("pretext",)}, r"begun with cues None, now \['pretext'\]"),
        ({"language": "en"}, "begun with language None, now 'en'"),
        ({"partition": ("year",)}, r"begun with partition \[\], now \['year'\]"),
    ],
)
def test_a_changed_option_is_refused(archive: Path, tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    score(tmp_path / "out", archive)
    with pytest.raises(ConfigError, match=f"{message}; give what it was begun with, or another folder with -o"):
        score(tmp_path / "out", archive, **settings)


def test_another_model_is_refused(archive: Path, tmp_path: Path) -> None:
    score(tmp_path / "out", archive)
    with pytest.raises(ConfigError, match="begun with model 'lexicon', now None"):
        score_archive(Settings((str(archive),)), tmp_path / "out", workers=1, engine=inline, shown=False)
    path = tmp_path / "out" / "run.json"
    path.write_text(path.read_text().replace('"version": "', '"version": "9.'))
    with pytest.raises(ConfigError, match="begun with model's version '9"):
        score(tmp_path / "out", archive)


def test_a_folder_with_foreign_tables_is_refused(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "articles").mkdir(parents=True)
    with pytest.raises(InputError, match="has tables, but no plan that they belong to"):
        score(tmp_path / "out", archive)


def test_two_runs_at_once_are_locked_out(archive: Path, tmp_path: Path) -> None:
    score(tmp_path / "out", archive)
    with FileLock(tmp_path / "out" / ".lock"):
        result = run("archive", "--model", "lexicon", archive, "-o", tmp_path / "out")
        assert refusal(result) == (
            f"framing: {tmp_path}/out: another run (unknown) is writing there; wait for it, "
            "or choose another folder with -o"
        )
    (tmp_path / "out" / ".owner").write_text("process 999999999 on elsewhere")  # of a process that died
    assert score(tmp_path / "out", archive).finished


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


def test_languages_are_kept_apart(tmp_path: Path) -> None:
    german = "Der Rat hat am Dienstag den Haushalt beschlossen, und niemand hat dagegen gestimmt."
    records = [{"id": "de", "text": german}, {"id": "en", "text": "The council approved the budget on Tuesday."}]
    (tmp_path / "in.jsonl").write_bytes(jsonl(records))
    assert score(tmp_path / "out", tmp_path / "in.jsonl", language="en").totals.skipped == {"language": 1}
    found = rows(tmp_path / "out")
    assert [(row["id"], row["language"], row["status"]) for row in found["articles"]] == [
        ("de", "de", "skipped"),
        ("en", "en", "scored"),
    ]
    assert found["skipped"][0]["reason"] == f"{tmp_path}/in.jsonl:1: record 'de': in language 'de', not 'en'"
    with pytest.raises(ConfigError, match="unknown language 'xx'; known are "):
        score(tmp_path / "other", tmp_path / "in.jsonl", language="xx")


def test_near_duplicates_are_marked_and_kept(tmp_path: Path) -> None:
    wire = " ".join(f"Sentence number {n} of the wire story." for n in range(40))
    other = " ".join(f"Another matter {n} was told at length." for n in range(40))
    stories = [wire, other, wire.replace("number 7 ", "number seven "), "Short.", f"{other} Correction follows.", wire]
    records = [{"id": str(n), "text": text} for n, text in enumerate(stories)]
    (tmp_path / "in.jsonl").write_bytes(jsonl(records))
    assert score(tmp_path / "out", tmp_path / "in.jsonl", dedup=0.8).totals.scored == 6
    found = connect(tmp_path / "out").execute("SELECT id, cluster FROM articles ORDER BY id").fetchall()
    assert found == [("0", 1), ("1", 2), ("2", 1), ("3", None), ("4", 2), ("5", 1)]


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
    ("value", "day"),
    [
        ("2020-05-04", "2020-05-04"),
        ("2020-05-04T23:30:00+09:00", "2020-05-04"),
        ("20200504", "2020-05-04"),
        ("Mon, 04 May 2020 10:00:00 GMT", "2020-05-04"),
        (1588550400, "2020-05-04"),
        (1588550400000, "2020-05-04"),
        ("2020-13-04", None),
        ("04/05/2020", None),
        ("2020", None),
        ("", None),
        (None, None),
        (True, None),
    ],
)
def test_only_unambiguous_dates_are_read(value: Any, day: str | None) -> None:
    found = read_date(value)
    assert (found and found.isoformat()) == day


def test_shards_are_the_blocks_that_are_left() -> None:
    blocks = [Block(number, (), 1, 10) for number in range(10)]

    def names(done: list[tuple[int, int]], size: int) -> list[tuple[int, int]]:
        return [(found.blocks[0].number, found.blocks[-1].number) for found in plan.shards(blocks, done, size)]

    assert names([], 10) == [(n, n) for n in range(10)]
    assert names([], 40) == [(0, 3), (4, 7), (8, 9)]
    assert names([(0, 0), (3, 4), (9, 9)], 20) == [(1, 2), (5, 6), (7, 8)]
    assert names([(0, 9)], 20) == []


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


def test_engines_have_one_shape(tmp_path: Path) -> None:
    engine: engines.Engine = inline
    shutil.rmtree(tmp_path)
    assert list(engine(iter([]), Job(Settings((), model="lexicon"), "m", tmp_path, tmp_path), 1, lambda: False)) == []

"""What the tables hold: a row for each record and each cue, languages, clusters, dates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from archive_samples import MANY, TEXTS, jsonl, rows, score

from framing.archive.query import connect
from framing.archive.schema import read_date, read_year
from framing.errors import ConfigError


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
        assert row["text_sha256"] == wanted.to_record()["text_sha256"]
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


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2020-05-04", "2020-05-04"),
        ("2020-05-04T23:30:00+09:00", "2020-05-04"),
        ("20200504", "2020-05-04"),
        (20200504, "2020-05-04"),
        (20200504.0, "2020-05-04"),
        ("2020/05/04", "2020-05-04"),
        ("2020.5.4", "2020-05-04"),
        ("2020/05-04", None),
        ("2020504", None),
        ("Mon, 04 May 2020 10:00:00 GMT", "2020-05-04"),
        (1588550400, "2020-05-04"),
        (1588550400000, "2020-05-04"),
        ("2020-13-04", None),
        ("04/05/2020", None),
        ("2020", None),
        (2020, None),
        (float("nan"), None),
        ("", None),
        (None, None),
        (True, None),
    ],
)
def test_only_unambiguous_dates_are_read(value: Any, day: str | None) -> None:
    found = read_date(value)
    assert (found and found.isoformat()) == day


@pytest.mark.parametrize(
    ("value", "year"),
    [
        ("2019", 2019),
        (2019, 2019),
        (2019.0, 2019),
        ("2019-01", 2019),
        ("2019/1", 2019),
        ("2019-13-04", 2019),
        ("05/01/2019 10:00", 2019),
        ("5.1.2019", 2019),
        ("201901", None),  # or the first of 2019 in 2020
        ("2019 words", None),
        ("5/1/19", None),
        ("0000", None),
        (5, None),
        (float("inf"), None),
        (True, None),
        (None, None),
        (["2019"], None),
    ],
)
def test_a_year_is_kept_where_the_day_is_in_doubt(value: Any, year: int | None) -> None:
    assert read_year(value) == year


def test_rows_have_the_day_or_at_least_the_year(tmp_path: Path) -> None:
    given = ["2019", "2019-01", "2019/01/05", 20190105, "soon"]
    (tmp_path / "in.jsonl").write_bytes(jsonl([{"text": "One.", "date": value} for value in given]))
    score(tmp_path / "out", tmp_path / "in.jsonl")
    found = [(str(row["date"]), row["date_text"], row["year"]) for row in rows(tmp_path / "out")["articles"]]
    day = "2019-01-05"
    years = [("None", "2019", 2019), ("None", "2019-01", 2019), (day, "2019/01/05", 2019), (day, "20190105", 2019)]
    assert found == [*years, ("None", "soon", None)]

"""Stories across outlets: grouping, comparison within stories, names, and the concordance."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import refusal, run

from framing.spans import CueSpan
from framing.stories.actors import actor_of
from framing.stories.articles import read_articles, read_day
from framing.stories.concordance import concordance, finder
from framing.stories.contrast import contrast
from framing.stories.group import group
from framing.stories.run import find_stories
from framing.stories.similar import Index, similar_pairs

Write = Callable[..., Path]
PLACES = [
    "Varna",
    "Ostrava",
    "Tampere",
    "Leuven",
    "Bergen",
    "Galway",
    "Torun",
    "Aarhus",
    "Graz",
    "Piran",
    "Malmo",
    "Lugano",
]
THINGS = [
    "ferry",
    "bridge",
    "mill",
    "dam",
    "orchard",
    "tram",
    "lighthouse",
    "quarry",
    "library",
    "market",
    "airfield",
    "cannery",
]
FIRST = date(2021, 3, 1)


def archive() -> list[dict[str, Any]]:
    """Write a dozen events, ten days apart, which two outlets tell in other words, and a third now and then."""
    records = []
    for number, (place, thing) in enumerate(zip(PLACES, THINGS, strict=True)):
        day = FIRST + timedelta(days=10 * number)
        told = {
            "Daily Rook": f"Engineers closed the {thing} at {place} on Monday. The Oskar regime gave no reason.",
            "Evening Heron": f"The {thing} near {place} stays closed, engineers say. The Oskar government blamed rain.",
        }
        if number % 3 == 0:
            told["Weekly Stork"] = f"Who shut the {place} {thing}? Engineers, says Oskar. Readers in {place} doubt it."
        for late, (outlet, text) in enumerate(told.items()):
            start = text.find("regime")
            spans = [{"start": start, "end": start + 6, "label": "group_label", "voice": "author"}] if start > 0 else []
            when = (day + timedelta(days=late)).isoformat()
            title = f"The {thing} at {place}"
            records.append(
                {
                    "id": f"{outlet} {number}",
                    "outlet": outlet,
                    "date": when,
                    "title": title,
                    "text": text,
                    "spans": spans,
                }
            )
    return records


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


@pytest.fixture
def scored(write_jsonl: Write) -> Path:
    return write_jsonl(archive(), "scored.jsonl")


def test_each_event_is_one_story_of_those_who_tell_it(scored: Path) -> None:
    found = find_stories(str(scored), similarity=0.1, least=4, draws=200)
    assert [{article.id.split()[-1] for article in story} for story in found.stories] == [{str(n)} for n in range(12)]
    assert [len(story) for story in found.stories] == [3 if number % 3 == 0 else 2 for number in range(12)]
    assert found.titles[1] == "The bridge at Ostrava"
    assert all(article.text == "" for story in found.stories for article in story)  # texts aren't kept


def test_outlets_are_compared_within_stories(scored: Path) -> None:
    found = find_stories(str(scored), similarity=0.1, least=4, draws=2000)
    by_outlet = {one.outlet: one for one in found.outlets}
    rook = by_outlet["Daily Rook"].contrast
    assert rook is not None
    assert rook.stories == 12
    assert rook.own[-1] > 50
    assert rook.others[-1] == 0
    # All twelve have the cue in the row of the Rook; it is drawn from two rows eight times, and from three four times.
    assert rook.p[-1] == pytest.approx(2**-8 * 3**-4 * 2, abs=0.003)
    (pair,) = (one for one in found.pairs if {one.outlet, one.other} == {"Daily Rook", "Evening Heron"})
    assert pair.stories == 12
    assert pair.contrast is not None
    assert str(pair.contrast.difference[-1]) == "71.429 [n/a: no resample differs]"  # each story has the same cues
    assert {one.other for one in found.pairs} == {"Evening Heron", "Weekly Stork"}


def test_outlets_with_few_stories_are_not_compared_and_say_so(scored: Path, tmp_path: Path) -> None:
    result = run("stories", scored, "--similarity", 0.1, "--least", 5, "--draws", 100, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    rows = table(tmp_path / "out/outlets.csv")
    stork = [row for row in rows if row["outlet"] == "Weekly Stork"]
    assert {(row["stories"], row["difference"], row["reason"]) for row in stork} == {("4", "", "too few stories")}
    assert "1 outlets with fewer than 5 stories" in " ".join(result.stdout.split())


def test_tables_without_a_comparison_say_why_and_keep_their_heads(scored: Path, tmp_path: Path) -> None:
    result = run("stories", scored, "--similarity", 0.1, "--least", 500, "--draws", 100, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    shown = " ".join(result.stdout.split())
    assert "Daily Rook 12 n/a: fewer than 500 stories n/a" in shown
    assert "n/a: no outlet has enough stories" in shown
    assert "The 0 of 0" not in shown
    for name in ("pairs", "names"):
        head = (tmp_path / f"out/{name}.csv").read_text(encoding="utf-8")
        assert head == "outlet,other,actor,stories,cue,own,others,difference,low,high,p,p_holm,reason\n"


def test_who_is_called_what_by_whom(scored: Path, tmp_path: Path) -> None:
    result = run("stories", scored, "--similarity", 0.1, "--least", 12, "--draws", 200, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    rows = table(tmp_path / "out/names.csv")
    assert [(row["actor"], row["outlet"], row["stories"], row["own"], row["others"]) for row in rows] == [
        ("Oskar", "Daily Rook", "12", "1.0", "0.0"),
        ("Oskar", "Evening Heron", "12", "0.0", "0.75"),
    ]
    assert "Oskar 12 1 regime (12)" in " ".join(result.stdout.split())
    called = table(tmp_path / "out/called.csv")
    assert len(called) == 12
    assert {(row["actor"], row["outlet"], row["words"], row["count"]) for row in called} == {
        ("Oskar", "Daily Rook", "regime", "1")
    }
    kwic = table(tmp_path / "out/concordance.csv")
    assert sum(row["kind"] == "cue" for row in kwic) == 12
    assert sum(row["kind"] == "actor" for row in kwic) == 28
    page = (tmp_path / "out/report.html").read_text()
    assert "<script" not in page
    assert "Who is called what by whom" in page


def test_a_test_within_stories_is_exact_where_all_draws_can_be_listed() -> None:
    random = np.random.default_rng(5)
    sizes = [2, 3, 2, 2, 3]
    story = np.repeat(np.arange(5), sizes)
    rows = (
        np.stack((random.integers(0, 4, len(story)), random.integers(80, 120, len(story))), axis=-1)[:, None, :] * 1.0
    )
    mine = np.concatenate([[True] + [False] * (size - 1) for size in sizes])
    total = rows.sum(axis=0)

    def apart(chosen: Any) -> float:
        own = rows[list(chosen)].sum(axis=0)
        rest = total - own
        return float((own[:, 0] / own[:, 1] - rest[:, 0] / rest[:, 1])[0])

    every = [apart(chosen) for chosen in itertools.product(*(np.flatnonzero(story == number) for number in range(5)))]
    exact = np.mean([abs(value) >= abs(apart(np.flatnonzero(mine))) - 1e-12 for value in every])
    shuffled = random.permutation(len(story))
    found = contrast(rows[shuffled], story[shuffled], mine[shuffled], scale=1.0, draws=20_000, seed=1)
    assert found.p[0] == pytest.approx(exact, abs=0.012)
    assert found.difference[0].value == pytest.approx(apart(np.flatnonzero(mine)))


def test_a_story_that_an_outlet_tells_alone_counts_nothing() -> None:
    rows = np.array([[[5.0, 100.0]], [[1.0, 100.0]], [[9.0, 9.0]]])
    found = contrast(rows, np.array([0, 0, 1]), np.array([True, False, True]), scale=100, draws=100, seed=0)
    assert (found.stories, found.own.tolist(), found.others.tolist()) == (1, [5.0], [1.0])


def linked(
    pairs: dict[tuple[int, int], float], day: list[int], *, days: int = 3, least: float = 0.3
) -> list[list[int]]:
    left, right = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    return group(left, right, np.array(list(pairs.values())), np.array(day), days=days, least=least)


def test_a_chain_of_likeness_is_cut_where_the_mean_is_low() -> None:
    chain = {(0, 1): 0.9, (1, 2): 0.4, (2, 3): 0.9}
    assert linked(chain, [0, 0, 0, 0]) == [[0, 1], [2, 3]]  # the mean between the two is 0.1
    full = chain | {(0, 2): 0.4, (0, 3): 0.3, (1, 3): 0.3}
    assert linked(full, [0, 0, 0, 0]) == [[0, 1, 2, 3]]  # the mean is 0.35


def test_a_story_is_no_longer_than_the_days() -> None:
    three = {(0, 1): 0.9, (1, 2): 0.8, (0, 2): 0.8}
    assert linked(three, [0, 3, 3]) == [[0, 1, 2]]
    assert linked(three, [0, 3, 4]) == [[0, 1]]


def test_likeness_is_found_within_the_window_only() -> None:
    index = Index()
    for text in ("The dam at Torun broke", "The Torun dam breaks", "A goat won the fair", "Torun dam: it broke"):
        index.add("", text)
    vectors = index.vectors()
    assert np.allclose(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel(), 1)
    left, right, cosine = similar_pairs(vectors, np.array([0, 1, 1, 9]), days=2, least=0.1)
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 1)]
    assert 0.1 < cosine[0] < 1


@pytest.mark.parametrize(
    ("text", "words", "name"),
    [
        ("Police named the terrorist group Hamas on Monday.", "terrorist group", "Hamas"),
        ("The Oskar regime fell.", "regime", "Oskar"),
        ("It is the regime of President Anton Oskar, he said.", "regime", "Anton Oskar"),
        ("Hizb al-Fajr, a terrorist organization, left.", "terrorist organization", "Hizb al-Fajr"),
        ("The so-called Islamic State claimed it.", "so-called", "Islamic State"),
        ("Kurdish-led fighters came.", "Kurdish-led", ""),
        ("It is on the U.S. list of terrorist groups.", "list of terrorist groups", ""),
        ("The U.S. regime, as he calls it, is old.", "regime", "U.S."),
        ("On Monday the regime moved. Oskar slept.", "regime", ""),
        ("The council met. The regime moved.", "regime", ""),
    ],
)
def test_an_actor_is_the_name_beside_a_cue(text: str, words: str, name: str) -> None:
    start = text.index(words)
    assert actor_of(text, CueSpan(start, start + len(words), "group_label")) == name


def test_a_concordance_has_cues_and_actors_in_context(write_jsonl: Write) -> None:
    text = "In Graz the\n Oskar  regime moved. Oskar slept; Oskarson did not."
    spans = [{"start": 20, "end": 26, "label": "group_label", "voice": "author"}]
    path = write_jsonl([{"id": "a", "outlet": "Rook", "date": "2021-03-01T10:00:00Z", "text": text, "spans": spans}])
    (article,) = read_articles(str(path))
    rows = concordance(article, width=12, find=finder(["Oskar"]))
    assert [(row["kind"], row["cue"], row["left"], row["key"], row["right"]) for row in rows] == [
        ("actor", "group_label", "In Graz the ", "Oskar", " regime move"),
        ("cue", "group_label", "z the Oskar ", "regime", " moved. Oska"),
        ("actor", "", "gime moved. ", "Oskar", " slept; Oska"),
    ]
    assert (rows[1]["actor"], rows[1]["date"], rows[1]["voice"]) == ("Oskar", "2021-03-01", "author")
    assert text[rows[1]["start"] : rows[1]["end"]] == "regime"
    result = run("concordance", path, "--cue", "pretext")
    assert result.stdout.splitlines()[1:] == []
    listed = list(csv.DictReader(io.StringIO(run("concordance", path, "--actor", "Oskar", "--width", 12).stdout)))
    assert [row["key"] for row in listed] == ["Oskar", "regime", "Oskar"]


def test_a_concordance_needs_no_scipy_and_no_locale(write_jsonl: Write) -> None:
    span = {"start": 0, "end": 6, "label": "scare_quote"}
    path = write_jsonl([{"id": "é", "text": "“שלום” again", "spans": [span]}])
    script = "import sys; sys.modules['scipy'] = None; from framing.cli import run; run(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", script, "concordance", str(path)],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert [(row["id"], row["key"]) for row in csv.DictReader(io.StringIO(done.stdout.decode()))] == [("é", "“שלום”")]


def test_an_actor_who_never_occurs_is_named_and_ids_stand_once(scored: Path, write_jsonl: Write) -> None:
    result = run("concordance", scored, "--actor", "Nobodyhere", "--actor", "Oskar")
    assert result.exit_code == 0
    assert result.stderr == "framing: --actor 'Nobodyhere' never occurs in the texts; letter case counts\n"
    twice = write_jsonl(archive() + archive()[:1], "twice.jsonl")
    assert "record 'Daily Rook 0' stands in it twice; give each an id of its own" in refusal(run("concordance", twice))


def test_an_actor_has_a_name(scored: Path) -> None:
    assert "--actor: the name is empty" in refusal(run("concordance", scored, "--actor", " "))


def test_a_designation_says_whom_it_is_about(examples: Path) -> None:
    (first, *_) = read_articles(str(examples / "corpus.jsonl"))
    (mention,) = first.mentions
    assert (mention.actor, mention.authority) == ("Hizb ut-Tahrir", "Russia")


def test_tables_of_an_archive_are_joined_to_their_texts(scored: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    records = archive()
    columns = ("id", "outlet", "date", "title")
    articles = [{key: record[key] for key in columns} | {"words": 18, "status": "scored"} for record in records]
    spans = [
        {"id": record["id"], **span, "score": 0.9, "text": "regime", "designation_target": None}
        for record in records
        for span in record["spans"]
    ]
    for name, rows in (("articles", articles), ("spans", spans)):
        (out / name).mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows), out / name / "0.parquet")
    ours, theirs = list(read_articles(str(out), [str(scored)])), list(read_articles(str(scored)))
    assert [(one.id, one.outlet, one.day, one.title) for one in ours] == [
        (one.id, one.outlet, one.day, one.title) for one in theirs
    ]
    assert [[mention.actor for mention in one.mentions] for one in ours[:2]] == [["Oskar"], []]
    scored.write_text(scored.read_text() + json.dumps({"id": "empty", "text": " "}) + "\n")
    assert len(list(read_articles(str(out), [str(scored)]))) == len(ours)  # the archive skipped it, too
    assert "name the files that were scored with --texts" in refusal(run("stories", out))
    told = [row | {"text_sha256": hashlib.sha256(b"another text").hexdigest()} for row in articles]
    (tmp_path / "told" / "articles").mkdir(parents=True)
    (tmp_path / "told" / "spans").symlink_to(out / "spans")
    pq.write_table(pa.Table.from_pylist(told), tmp_path / "told" / "articles" / "0.parquet")
    assert "has another text than where it was scored" in refusal(
        run("concordance", tmp_path / "told", "--texts", scored)
    )
    moved = [record | {"text": "x" + record["text"]} for record in records]
    other = tmp_path / "other.jsonl"
    other.write_text("".join(json.dumps(record) + "\n" for record in moved))
    assert "give the very files that were scored" in refusal(run("concordance", out, "--texts", other))


def without(record: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in keys}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda records: [without(record, "text") | {"status": "ok"} for record in records], "score with --keep-text"),
        (lambda records: [without(record, "date") for record in records], "no record has an outlet and a date"),
        (
            lambda records: [without(record, "spans") for record in records],
            "no field 'spans', so it is neither labelled",
        ),
        (lambda records: records + records[:1], "stands in it twice"),
        (lambda records: [record | {"outlet": "Rook"} for record in records], "no story has two outlets"),
        (lambda records: [records[0] | {"spans": [{"start": 0, "end": 999, "label": "x"}]}], "runs past the text"),
        (lambda records: [], "the file is empty"),
    ],
)
def test_wrong_input_is_one_line(write_jsonl: Write, change: Callable[[Any], Any], message: str) -> None:
    path = write_jsonl(change(archive()), "scored.jsonl")
    assert message in refusal(run("stories", path, "--similarity", 0.1))


def test_a_concordance_of_what_was_not_scored_is_refused(write_jsonl: Write, tmp_path: Path) -> None:
    bare = write_jsonl([{"id": "a", "text": "A so-called truce."}], "bare.jsonl")
    assert "bare.jsonl:1: record 'a': no field 'spans', so it is neither" in refusal(run("concordance", bare))
    (tmp_path / "plain.txt").write_text("A so-called truce.")
    assert "plain.txt: a plain text has no cues; score it first" in refusal(run("concordance", tmp_path / "plain.txt"))


def test_days_are_read_as_they_are_written() -> None:
    assert read_day("2021-03-01T23:59:00-08:00") == date(2021, 3, 1)
    assert read_day("March 2021") is None
    assert read_day(None) is None


def test_records_without_a_date_are_left_out_and_counted(write_jsonl: Write) -> None:
    records = archive()
    records[0] = without(records[0], "date")
    records.append({"id": "skipped", "status": "skipped", "text": "", "reason": "the text is empty"})
    found = find_stories(str(write_jsonl(records, "scored.jsonl")), similarity=0.1, least=4, draws=100)
    assert "left out: 1 without a date" in found.notes

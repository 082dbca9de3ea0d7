"""`framing estimate` and `framing plan`: what they print, and one line for every wrong input."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
from click.testing import Result
from command_line import refusal, run

Write = Callable[..., Path]
TEXT = "so-called truce, a pretext for war"
WORDS = 6
CUES = ("distancing", "pretext")


def scored(number: int, *found: str, outlet: str = "Mail", **fields: Any) -> dict[str, Any]:
    places = {"distancing": (0, 9), "pretext": (19, 30)}
    spans = [{"start": places[cue][0], "end": places[cue][1], "label": cue, "score": 0.9} for cue in found]
    counts = {cue: {"count": found.count(cue), "expected": 0.9 * found.count(cue) + 0.05} for cue in CUES}
    profile = {"words": WORDS, "cues": counts}
    return {"id": f"a{number}", "status": "ok", "spans": spans, "profile": profile, "outlet": outlet, **fields}


def gold(number: int, *labels: str, text: str = TEXT) -> dict[str, Any]:
    places = {"distancing": (0, 9), "pretext": (19, 30)}
    spans = [{"start": places[cue][0], "end": places[cue][1], "label": cue, "voice": "author"} for cue in labels]
    return {"id": f"a{number}", "text": text, "spans": spans}


# Mail: 40 articles, Post: 20, Echo: 3 without gold. The model misses the pretexts of every fourth article.
ARCHIVE = [
    scored(
        number,
        *(["distancing"] if number % 2 else []),
        *(["pretext"] if number % 4 == 1 else []),
        outlet="Mail" if number < 40 else "Post" if number < 60 else "Echo",
        date=f"20{10 + number % 2}-05-01",
        topic="war" if number % 3 else "peace",
    )
    for number in range(63)
]
SAMPLE = [
    gold(number, *(["distancing"] if number % 2 else []), *(["pretext"] if number % 4 in {1, 2} else []))
    for number in [*range(24), *range(40, 54)]
]


@pytest.fixture
def files(write_jsonl: Write) -> tuple[Path, Path]:
    return write_jsonl(ARCHIVE, "scored.jsonl"), write_jsonl(SAMPLE, "sample.jsonl")


def estimate(files: tuple[Path, Path], *options: object) -> Result:
    return run("estimate", files[0], "--gold", files[1], *options)


def rows(result: Result) -> dict[tuple[str, ...], dict[str, str]]:
    assert result.exit_code == 0, result.output
    found = csv.DictReader(io.StringIO(result.stdout))
    return {tuple(row[key] for key in ("figure", "cue", "stratum", "method")): row for row in found}


def test_missed_cues_are_put_back(files: tuple[Path, Path]) -> None:
    found = rows(estimate(files, "--by", "outlet", "--format", "csv"))
    naive = found["rate", "pretext", "all", "naive"]
    assert float(naive["value"]) == pytest.approx(1000 * 16 / 63 / WORDS)
    truth = 1000 * 0.5 / WORDS
    corrected = found["rate", "pretext", "all", "corrected"]
    assert float(naive["high"]) < truth
    assert float(corrected["low"]) < truth < float(corrected["high"])
    assert (corrected["articles"], corrected["labelled"], corrected["gold"]) == ("63", "38", "19")
    assert float(found["rate", "pretext", "Mail", "gold alone"]["value"]) == pytest.approx(truth)


def test_a_stratum_without_gold_says_so(files: tuple[Path, Path]) -> None:
    found = rows(estimate(files, "--by", "outlet", "--format", "csv"))
    for method in ("gold alone", "Rogan-Gladen", "corrected"):
        row = found["rate", "pretext", "Echo", method]
        assert (row["value"], row["reason"]) == ("", "no gold")
        assert found["difference", "pretext", "Echo", method]["reason"] == "no gold"
    shown = estimate(files, "--by", "outlet", "--cue", "pretext").stdout
    reasons = r"\S+ \[n/a: 3 of the 5 articles that are needed\]" + 3 * " +n/a: no gold"
    assert re.search(r"pretext +Echo +3 +0 +0 +" + reasons, shown)
    assert "Fewer than 10 gold cues of a type, so that" in shown


def test_records_of_one_article_are_counted_once(files: tuple[Path, Path], write_jsonl: Write) -> None:
    paired = [record | {"article": f"x{number // 2}"} for number, record in enumerate(ARCHIVE)]
    shown = estimate((write_jsonl(paired, "paired.jsonl"), files[1]), "--by", "outlet", "--cue", "pretext").stdout
    assert re.search(r"pretext +Mail +20 +12 ", shown)
    assert re.search(r"pretext +Echo +2 +0 +0 +\S+ \[n/a: 2 of the 5 articles that are needed\]", shown)


def test_strata_are_compared_with_the_most_labelled_or_another(files: tuple[Path, Path]) -> None:
    found = rows(estimate(files, "--by", "outlet", "--format", "csv"))
    assert found["ratio", "distancing", "Post", "corrected"]["against"] == "Mail"
    other = rows(estimate(files, "--by", "outlet", "--format", "csv", "--against", "Post"))
    one = float(found["ratio", "distancing", "Post", "corrected"]["value"])
    assert one * float(other["ratio", "distancing", "Mail", "corrected"]["value"]) == pytest.approx(1, abs=1e-4)


def test_years_come_from_dates_and_combine(files: tuple[Path, Path]) -> None:
    found = rows(estimate(files, "--by", "outlet,year", "--format", "csv"))
    assert {key[2] for key in found if key[0] == "rate"} == {
        "all",
        *(f"{outlet}, {year}" for outlet in ("Mail", "Post", "Echo") for year in (2010, 2011)),
    }
    for method in ("naive", "Rogan-Gladen"):
        assert found["rate", "distancing", "Mail, 2010", method]["reason"] == "nothing found"


def test_a_sample_by_strata_is_weighed(write_jsonl: Write) -> None:
    archive = [scored(number, outlet="Mail" if number < 90 else "Post") for number in range(100)]
    sample = [gold(number, *(["pretext"] if number >= 90 else [])) for number in [*range(10), *range(90, 100)]]
    sample[0] = gold(0, "pretext")
    files = write_jsonl(archive, "scored.jsonl"), write_jsonl(sample, "sample.jsonl")
    plain = rows(estimate(files, "--format", "csv"))["rate", "pretext", "all", "gold alone"]
    weighed = rows(estimate(files, "--format", "csv", "--sampled-by", "outlet"))["rate", "pretext", "all", "gold alone"]
    assert float(plain["value"]) == pytest.approx(1000 * 11 / 20 / WORDS)
    assert float(weighed["value"]) == pytest.approx(1000 * (0.9 * 0.1 + 0.1) / WORDS)


def coefficients(result: Result) -> dict[tuple[str, ...], dict[str, str]]:
    assert result.exit_code == 0, result.output
    found = csv.DictReader(io.StringIO(result.stdout))
    return {tuple(row[key] for key in ("stratum", "term", "method")): row for row in found}


def test_a_regression(files: tuple[Path, Path]) -> None:
    result = estimate(files, "--formula", "rate ~ outlet + topic", "--format", "csv", "--cue", "pretext")
    found = coefficients(result)
    terms = [key[1] for key in found if key[2] == "corrected"]
    assert terms == ["(intercept)", "outlet: Post - Mail", "topic: peace - war", "outlet: Echo - Mail"]
    assert found["all", "outlet: Echo - Mail", "corrected"]["reason"] == "fewer than 5 labelled"
    gap = found["all", "outlet: Post - Mail", "corrected"]
    assert float(gap["low"]) < 0 < float(gap["high"])
    assert "3 articles left out" in estimate(files, "--formula", "rate ~ outlet").stderr


def test_a_regression_in_each_stratum(files: tuple[Path, Path], write_jsonl: Write) -> None:
    options = ("--formula", "rate ~ topic", "--format", "csv", "--cue", "pretext")
    found = coefficients(estimate(files, *options, "--by", "outlet"))
    assert {key[0] for key in found} == {"all", "Echo", "Mail", "Post"}
    assert found["Echo", "(intercept)", "corrected"]["reason"] == "no value of 'topic' has 5 labelled articles"
    everything = coefficients(estimate(files, *options))
    assert {key: row for key, row in found.items() if key[0] == "all"} == everything
    mail = [write_jsonl([one for one in ARCHIVE if one["outlet"] == "Mail"], "mail.jsonl"),
            write_jsonl([one for one in SAMPLE if int(one["id"][1:]) < 40], "mail-gold.jsonl")]  # fmt: skip
    alone = coefficients(estimate((mail[0], mail[1]), *options))
    assert [row["value"] for key, row in found.items() if key[0] == "Mail"] == [row["value"] for row in alone.values()]
    shown = estimate(files, "--formula", "rate ~ topic", "--by", "outlet").stdout
    assert re.search(r"cue +stratum +term +naive", shown)


def test_strata_of_a_regression_that_cannot_be_fitted_say_why(files: tuple[Path, Path], write_jsonl: Write) -> None:
    archive = write_jsonl([one | {"n": number % 5} for number, one in enumerate(ARCHIVE)], "numbered.jsonl")
    options = ("--formula", "rate ~ n", "--by", "outlet", "--format", "csv", "--cue", "pretext")
    found = coefficients(estimate((archive, files[1]), *options))
    for method in ("gold alone", "corrected"):
        assert found["Echo", "n", method]["reason"] == "labelled: 0 of the 6 articles that are needed"
    assert found["Echo", "n", "naive"]["reason"] == "3 of the 6 articles that are needed"
    assert found["Post", "n", "corrected"]["value"] != ""
    even = estimate((archive, files[1]), "--formula", "rate ~ n", "--by", "year", "--cue", "distancing", *options[4:6])
    assert coefficients(even)["2010", "n", "corrected"]["reason"] == "no gold cue in the sample"


@pytest.mark.parametrize("form", ["markdown", "latex", "json"])
def test_other_formats(files: tuple[Path, Path], form: str) -> None:
    result = estimate(files, "--measure", "share", "--format", form)
    assert result.exit_code == 0
    assert "pretext" in result.stdout
    if form == "json":
        shares = [row["high"] for row in json.loads(result.stdout)["figures"]]
        assert max(high for high in shares if high is not None) <= 1


def test_the_folder_of_an_archive_is_the_same(files: tuple[Path, Path], tmp_path: Path) -> None:
    articles, spans = [], []
    for record in ARCHIVE:
        row = {key: record[key] for key in ("id", "outlet", "date", "topic")}
        row |= {"words": WORDS, "status": "scored", **record["profile"]["cues"], "total": {"count": 0, "expected": 0.0}}
        articles.append(row)
        spans += [{"id": record["id"], "text": None, **span} for span in record["spans"]]
    articles.append(
        {**articles[0], "id": "bad", "status": "skipped", "words": None, "distancing": None, "pretext": None}
    )
    for name, table in (("articles", articles), ("spans", spans)):
        (tmp_path / "out" / name).mkdir(parents=True)
        parquet.write_table(arrow.Table.from_pylist(table), tmp_path / "out" / name / "0.parquet")
    folder = (tmp_path / "out", files[1])
    options = ("--by", "outlet,year", "--format", "csv")
    assert estimate(folder, *options).stdout == estimate(files, *options).stdout
    assert "1 skipped records" in estimate(folder).stderr
    begun = {"format": 1, "framing": "0.1.0", "settings": {}, "totals": {"records": 9000}}
    (tmp_path / "out" / "run.json").write_text(json.dumps(begun), encoding="utf-8")
    assert "unfinished, 0 of 9,000 records are done" in estimate(folder).stderr
    told = [row | {"text_sha256": hashlib.sha256(b"another text").hexdigest()} for row in articles]
    (tmp_path / "other" / "articles").mkdir(parents=True)
    (tmp_path / "other" / "spans").symlink_to(tmp_path / "out" / "spans")
    parquet.write_table(arrow.Table.from_pylist(told), tmp_path / "other" / "articles" / "0.parquet")
    assert "has another text than where it was scored" in refusal(estimate((tmp_path / "other", files[1])))
    plans = [run("plan", one, "--relative", 1, "--format", "csv").stdout for one in (folder[0], files[0])]
    assert plans[0] == plans[1] != ""


def test_a_plan_asks_for_less_with_a_model(files: tuple[Path, Path], write_jsonl: Write) -> None:
    many = [record | {"id": f"a{number}"} for number, record in enumerate(ARCHIVE * 40)]
    archive = write_jsonl(many, "many.jsonl")
    for options in ((), ("--pilot", files[1])):
        result = run("plan", archive, "--width", 30, "--format", "csv", *options)
        assert result.exit_code == 0, result.output
        plans = {row["cue"]: row for row in csv.DictReader(io.StringIO(result.stdout))}
        assert int(plans["distancing"]["corrected"]) < int(plans["distancing"]["alone"]) / 2
    wider = run("plan", archive, "--width", 15, "--format", "csv", "--cue", "pretext").stdout
    narrower = run("plan", archive, "--width", 7.5, "--format", "csv", "--cue", "pretext").stdout
    alone = [int(next(csv.DictReader(io.StringIO(text)))["alone"]) for text in (wider, narrower)]
    assert 3.8 * alone[0] < alone[1] < 4.2 * alone[0]
    assert "more than the 63 records there are" in run("plan", files[0], "--width", 0.1).stdout
    assert run("plan", files[0]).exit_code == 2


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (gold(999), r"record 'a999' is not in .*scored.jsonl; score the labelled articles, too"),
        (gold(1, text=TEXT + " now"), r"record 'a1' has 7 words, but 6 where it was scored; label and score the same"),
        (
            gold(1) | {"spans": [{"start": 0, "end": 9, "label": "pretexts"}]},
            r"unknown cue 'pretexts'; did you mean pretext",
        ),
        (gold(1) | {"spans": [{"start": 0, "end": 99, "label": "pretext"}]}, r"sample.jsonl:1: .*runs past the text's"),
        ({"id": "a1", "text": TEXT}, r"sample.jsonl:1: record 'a1': no field 'spans', so it is neither labelled"),
        (gold(1) | {"spans": [{"start": 0, "end": 9, "label": ""}]}, r"sample.jsonl:1: .*has no label"),
    ],
)
def test_wrong_gold_is_refused(files: tuple[Path, Path], write_jsonl: Write, record: Any, message: str) -> None:
    assert re.search(message, refusal(estimate((files[0], write_jsonl([record], "sample.jsonl")))))


def test_a_text_of_as_many_words_is_told_by_its_hash(files: tuple[Path, Path], write_jsonl: Write) -> None:
    other = hashlib.sha256(TEXT.replace("war", "raid").encode()).hexdigest()
    told = write_jsonl([ARCHIVE[0] | {"text_sha256": other}, *ARCHIVE[1:]], "told.jsonl")
    assert "record 'a0' has another text than where it was scored (text_sha256 differs)" in refusal(
        estimate((told, files[1]))
    )
    same = hashlib.sha256(TEXT.encode()).hexdigest()
    assert (
        estimate((write_jsonl([row | {"text_sha256": same} for row in ARCHIVE], "same.jsonl"), files[1])).exit_code == 0
    )


def test_wrong_scores_and_options_are_refused(files: tuple[Path, Path], write_jsonl: Write, tmp_path: Path) -> None:
    twice = write_jsonl([*ARCHIVE, ARCHIVE[3]], "twice.jsonl")
    assert "record 'a3' was scored twice" in refusal(estimate((twice, files[1])))
    bare = write_jsonl([{"id": "a1", "spans": []}], "bare.jsonl")
    assert re.search(
        r"bare.jsonl:1: record 'a1' has no spans with scores or no profile", refusal(estimate((bare, files[1])))
    )
    for rows in ([], [{"id": "a1", "status": "skipped", "reason": "no text"}]):
        nothing = write_jsonl(rows, "nothing.jsonl")
        assert "nothing.jsonl: holds no scored article" in refusal(estimate((nothing, files[1])))
    assert "--against: compares strata, and there are none" in refusal(estimate(files, "--against", "Mail"))
    assert "no scored record has a field 'outlets'" in refusal(estimate(files, "--by", "outlets"))
    assert "did you mean pretext?" in refusal(estimate(files, "--cue", "pretexts"))
    assert "there is no stratum 'Sun'; there are Echo, Mail, Post" in refusal(
        estimate(files, "--by", "outlet", "--against", "Sun")
    )
    with_outlet = refusal(estimate(files, "--formula", "rate ~ outlet", "--by", "outlet"))
    assert with_outlet.startswith("framing: --by outlet: stands in the formula, too")
    assert "no value of 'id' has 5" in refusal(estimate(files, "--formula", "rate ~ id"))
    assert "--formula: takes no --sampled-by" in refusal(
        estimate(files, "--formula", "rate ~ topic", "--sampled-by", "outlet")
    )
    for formula in ("outlet", "words ~ outlet", "rate ~ outlet * topic", "rate ~ outlet + outlet"):
        assert refusal(estimate(files, "--formula", formula)).startswith("framing: --formula")
    assert "no folder 'articles' in it" in refusal(estimate((tmp_path, files[1])))
    rules = [json.loads(json.dumps(record)) for record in ARCHIVE]
    for record in rules:
        for figures in record["profile"]["cues"].values():
            del figures["expected"]
    assert "give a labelled --pilot" in refusal(run("plan", write_jsonl(rules, "rules.jsonl"), "--width", 1))

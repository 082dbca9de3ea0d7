"""Scored archives as pages: intervals, filters, reports, very many articles, notebooks."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from archive_samples import jsonl, score
from command_line import refusal, run
from command_line import score as score_command
from scipy.stats import chi2

import framing
from framing.errors import InputError
from framing.report.archive import Archive, Filters, parts
from framing.report.overview import dashboard_page
from framing.report.rates import Tally
from framing.report.selection import Selection
from framing.scorer import Scorer
from framing.spans import CueSpan, Document


def tally(words: list[int], cues: list[int]) -> Tally:
    w, c = np.array(words), np.array(cues)
    return Tally(len(words), *map(int, (w.sum(), c.sum(), (c * c).sum(), (c * w).sum(), (w * w).sum())))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Archive:
    output = tmp_path_factory.mktemp("archive") / "scored"
    score(output, examples / "archive.jsonl")
    return Archive(output)


@pytest.mark.parametrize("count", [0, 1, 4, 30, 1000])
def test_without_dispersion_the_interval_is_that_of_a_poisson_count(count: int) -> None:
    low, high = replace(tally([1000], [0]), cues=count).interval()
    exact = (chi2.ppf(0.025, 2 * count) / 2 if count else 0.0, chi2.ppf(0.975, 2 * count + 2) / 2)
    assert (low, high) == pytest.approx(exact, rel=0.03, abs=0.08)


def test_cues_in_clusters_widen_the_interval() -> None:
    even, clustered = tally([500] * 20, [2] * 20), tally([500] * 20, [40] + [0] * 19)
    assert even.rate == clustered.rate == 4.0
    assert even.dispersion == 1.0
    assert clustered.dispersion == pytest.approx(np.var([40] + [0] * 19, ddof=1) / 2)
    assert clustered.interval()[0] < even.interval()[0] < 4.0 < even.interval()[1] < clustered.interval()[1]
    assert math.isnan(tally([], []).rate)


def test_intervals_hold_the_true_rate_nearly_as_often_as_they_say() -> None:
    """Negative binomial cues in articles of many lengths, 60 an outlet: 95% within the error of 400 draws."""
    draw = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        words = draw.integers(100, 1500, 60)
        cues = draw.poisson(words * 0.004 * draw.gamma(1.0, 1.0, 60))
        low, high = tally(words.tolist(), cues.tolist()).interval()
        held += low <= 4.0 <= high
    assert 0.90 <= held / 400 <= 0.98


def test_rates_are_those_of_the_articles(archive: Archive) -> None:
    outlets = archive.rates("outlet", Filters())
    assert {name: (one.articles, one.words, one.cues) for name, one in outlets.items()} == {
        "Northern Herald": (4, 192, 16),
        "Harbour Post": (11, 484, 18),
        "River Times": (9, 385, 11),
    }
    assert list(archive.rates("year", Filters(outlet="River Times"))) == ["2019", "2020"]
    assert archive.rates("cue", Filters(cue="pretext")).keys() == {"pretext"}
    by_voice = [
        archive.rates("cue", Filters(voice=voice))["distancing"].cues for voice in ("author", "attributed", "quoted")
    ]
    assert sum(by_voice) == archive.rates("cue", Filters())["distancing"].cues


def test_filters_come_from_an_address_and_go_back_into_one(archive: Archive) -> None:
    query = {"outlet": "River Times", "cue": "pretext", "since": "2019-02-01", "page": "3"}
    filters = Filters.from_query(query | {"voice": ""}, archive.cues)
    assert filters == Filters("River Times", "pretext", since=date(2019, 2, 1), page=3)
    assert filters.query(page=filters.page) == query
    assert filters.told() == "outlet River Times, cue pretext, since 2019-02-01"
    assert filters.query(outlet=None) == {"cue": "pretext", "since": "2019-02-01"}
    with pytest.raises(InputError, match="unknown filter order"):
        Filters.from_query({"order": "1"}, archive.cues)


def test_a_concordance_is_paged_and_filtered(archive: Archive) -> None:
    total, first = archive.concordance(Filters())
    _, second = archive.concordance(Filters(page=2))
    assert (total, len(first), len(second)) == (45, 25, 20)
    assert archive.concordance(Filters(page=3))[1] == []
    total, rows = archive.concordance(Filters(phrase="SAFE ZONE"))
    assert (total, {row["text"] for row in rows}) == (3, {'"safe zone"'})


def test_words_of_cues_filter_rates_and_articles_too(archive: Archive) -> None:
    filters = Filters(phrase="SAFE ZONE")
    _, rows = archive.concordance(filters)
    by_type = {cue: one.cues for cue, one in archive.rates("cue", filters).items() if one.cues}
    assert by_type == Counter(row["label"] for row in rows)
    by_outlet = archive.rates("outlet", filters)
    assert {name: one.cues for name, one in by_outlet.items() if one.cues} == Counter(row["outlet"] for row in rows)
    whole = archive.rates("outlet", Filters())
    assert {name: one.words for name, one in by_outlet.items()} == {name: one.words for name, one in whole.items()}
    found = archive.articles(filters)
    assert {row["id"]: row["cues"] for row in found} == Counter(row["id"] for row in rows)
    assert [row["rate"] for row in found] == [1000 * row["cues"] / row["words"] for row in found]
    assert archive.articles(replace(filters, voice="attributed")) == []
    assert archive.rates("year", replace(filters, cue="pretext"))["2019"].cues == 0
    html = dashboard_page(archive, filters)
    assert "cues with “SAFE ZONE” per 1,000 words, by type" in html


def test_articles_without_an_outlet_are_a_view(tmp_path: Path) -> None:
    outlets: list[dict[str, str]] = [{"outlet": "River Times"}, {}, {"outlet": ""}]
    (tmp_path / "in.jsonl").write_bytes(jsonl([{"text": "The so-called truce."} | one for one in outlets]))
    score(tmp_path / "out", tmp_path / "in.jsonl")
    archive = Archive(tmp_path / "out")
    assert archive.outlets() == ["no outlet", "River Times"]
    assert archive.rates("outlet", Filters())["no outlet"].articles == 2
    filters = Filters(outlet="no outlet")
    assert [row["position"] for row in archive.articles(filters)] == [2, 3]
    assert (archive.concordance(filters)[0], len(archive.phrases(filters))) == (2, 1)
    html = dashboard_page(archive, filters)
    assert '<option value="no outlet" selected>' in html
    assert '"?outlet=no+outlet"' in dashboard_page(archive, Filters())


def test_words_are_marked_wherever_they_stand_in_a_sentence() -> None:
    text = ["a ", "b", " a ", "b"]
    assert [part["text"] for part in parts("a b a b", "b")] == text
    assert [part["cue"] for part in parts("a b a b", "b")] == [False, True, False, True]
    assert parts("a", "") == [{"text": "a", "cue": False}]


def test_an_archive_without_cues_or_articles_has_a_page(tmp_path: Path) -> None:
    for name, records in {"none": [{"text": "Rain."}], "empty": [{"text": ""}]}.items():
        (tmp_path / f"{name}.jsonl").write_bytes(jsonl(records))
        score(tmp_path / name, tmp_path / f"{name}.jsonl")
        assert run("report", tmp_path / name, "-o", tmp_path / "page.html").exit_code == 0
        assert "No cues in this view." in (tmp_path / "page.html").read_text()


def test_a_report_stands_alone_and_plots_are_saved(archive: Archive, tmp_path: Path, examples: Path) -> None:
    score(tmp_path / "scored", examples / "archive.jsonl")
    page = tmp_path / "new" / "report.html"
    result = run("report", tmp_path / "scored", "-o", page, "--outlet", "River Times", "--plots", tmp_path / "plots")
    assert (result.exit_code, result.stderr) == (0, f"framing: the report is {page}\n")
    html = page.read_text(encoding="utf-8")
    assert "24 articles (1 record skipped)" in html
    assert "Below is only outlet River Times." in html
    assert "11 cues.</p>" in html
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", html)
    assert not re.search(r"https?://(?!www\.w3\.org/)", html)
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html
    for name in ("cue", "outlet", "month"):
        assert (tmp_path / "plots" / f"{name}.svg").read_text().startswith("<svg")
        assert (tmp_path / "plots" / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_bad_requests_for_reports_are_one_line(tmp_path: Path, examples: Path) -> None:
    assert "no output of `framing archive`" in refusal(run("report", tmp_path))
    score(tmp_path / "scored", examples / "archive.jsonl")
    assert "cue 'pretexts' is not one of" in refusal(run("report", tmp_path / "scored", "--cue", "pretexts"))
    assert refusal(run("report", tmp_path / "scored", "--outlet", "Rivers Time")) == (
        f"framing: {tmp_path}/scored: no scored article of outlet 'Rivers Time' there; did you mean River Times?"
    )
    days = ("--since", "2020-01-02", "--until", "2020-01-01")
    assert "since 2020-01-02 is after until 2020-01-01" in refusal(run("report", tmp_path / "scored", *days))
    (tmp_path / "file").write_text("")
    assert "can't write it" in refusal(run("report", tmp_path / "scored", "-o", tmp_path / "file" / "page.html"))


def test_a_page_of_very_many_articles_has_those_with_most_cues(tmp_path: Path) -> None:
    records = [{"id": f"n{n}", "text": "The so-called truce held. " * (1 + n % 7)} for n in range(1500)]
    (tmp_path / "many.jsonl").write_bytes(jsonl(records))
    page = tmp_path / "many.html"
    assert score_command(tmp_path / "many.jsonl", "-o", page).exit_code == 0
    html = page.read_text(encoding="utf-8")
    assert "1500 articles" in html
    assert html.count("<details><summary>") == 200
    assert set(re.findall(r"<summary>n\d+: (\d) cues", html)) == {"7"}
    assert len(html) < 3_000_000


def test_a_selection_keeps_memory_and_order(lexicon_scorer: Scorer) -> None:
    scored = list(lexicon_scorer.score_many(["The so-called truce.", "Rain.", "The alleged so-called leak."] * 2))
    selection = Selection(most=2)
    for one in scored:
        selection.add(one)
    assert selection.articles == [scored[2], scored[5]]
    assert selection.summary is not None
    assert selection.summary["words"] == 2 * (3 + 1 + 4)
    assert selection.summary["cues"]["distancing"]["count"] == 6
    assert selection.summary["total"]["voices"]["author"] == {"count": 6, "per_1000": 375.0}
    few = Selection(most=6)
    for one in scored:
        few.add(one)
    assert (few.articles, few.summary) == (scored, None)


def test_notebooks_draw_labelled_documents_and_corpora(lexicon_scorer: Scorer) -> None:
    document = Document("a<b", "The so-called truce.", (CueSpan(4, 13, "my own label"),))
    assert '<mark title="my own label"' in document._repr_html_()
    shown = framing.show([document, *lexicon_scorer.score_many(["The alleged leak."] * 30)], most=2)
    assert repr(shown) == "31 documents, 31 cues"
    html = shown._repr_html_()
    assert html.count("<mark") == 2
    assert "31 documents, of which the first 2 are here" in html
    assert "a&lt;b" in html

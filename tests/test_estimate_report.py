"""What `framing estimate -o` writes: a page that stands alone, and plots that show the figures and nothing else."""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import refusal, run
from test_estimate_command import ARCHIVE, SAMPLE

from framing.report import estimate as report

Write = Callable[..., Path]


@pytest.fixture
def written(write_jsonl: Write, tmp_path: Path) -> Callable[..., Path]:
    """Write the report with these options; gives its folder."""
    files = write_jsonl(ARCHIVE, "scored.jsonl"), write_jsonl(SAMPLE, "sample.jsonl")

    def write(*options: object) -> Path:
        result = run("estimate", files[0], "--gold", files[1], "-o", tmp_path / "report", *options)
        assert result.exit_code == 0, result.output
        assert result.stderr.endswith("report.html\n")
        return tmp_path / "report"

    return write


def texts(plot: Path) -> list[str]:
    return ["".join(text.itertext()) for text in ET.parse(plot).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314


def test_the_folder_holds_page_tables_figures_and_plots(written: Callable[..., Path]) -> None:
    folder = written("--by", "outlet", "--cue", "pretext")
    plots = {"rate-pretext.svg", "difference-pretext.svg"}
    tables = {"report.html", "tables.md", "tables.tex", "figures.csv", "estimate.json"}
    assert {path.name for path in folder.iterdir()} == tables | plots
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<title>Rates in scored.jsonl</title>" in page
    assert not re.search(r"<(?:script|link|img)|@import|url\(|\b(?:src|href)=", page)
    assert page.count("<table>") == 3
    for plot in plots:
        assert (folder / plot).read_text(encoding="utf-8").strip() in page
    figures = json.loads((folder / "estimate.json").read_text(encoding="utf-8"))["figures"]
    with (folder / "figures.csv").open(encoding="utf-8", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == len(figures) == 16 + 2 * 8


def test_plots_show_the_figures(written: Callable[..., Path]) -> None:
    folder = written("--by", "outlet", "--cue", "pretext")
    figures = json.loads((folder / "estimate.json").read_text(encoding="utf-8"))["figures"]
    shown = texts(folder / "rate-pretext.svg")
    rates = [one for one in figures if one["figure"] == "rate"]
    values = ["n/a" if one["value"] is None else f"{one['value']:.1f}" for one in rates]
    assert len(values) == 16
    assert [text for text in shown if re.fullmatch(r"\d+\.\d|n/a", text)] == values
    assert [text for text in shown if text in {"all", "Mail", "Post", "Echo"}] == ["all", "Echo", "Mail", "Post"]
    assert {"Echo - Mail", "Post - Mail"} <= set(texts(folder / "difference-pretext.svg"))


def test_without_strata_all_cues_stand_in_one_plot(written: Callable[..., Path]) -> None:
    folder = written("--measure", "share")
    assert [path.name for path in folder.glob("*.svg")] == ["rate.svg"]
    assert texts(folder / "rate.svg")[0] == "Rates, share of the articles with a cue"
    assert {"distancing", "pretext", "all"} <= set(texts(folder / "rate.svg"))


def test_coefficients_are_drawn_without_the_intercept(written: Callable[..., Path]) -> None:
    folder = written("--formula", "rate ~ topic", "--by", "outlet", "--cue", "pretext")
    shown = texts(folder / "coefficient-pretext.svg")
    assert {"topic: peace - war", "Mail: topic: peace - war", "Post: topic: peace - war"} <= set(shown)
    assert "(intercept)" not in shown
    assert "(intercept)" in (folder / "tables.md").read_text(encoding="utf-8")


def test_of_many_strata_those_with_most_labels_are_drawn(
    written: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "MOST", 2)
    shown = texts(written("--by", "outlet", "--cue", "pretext") / "rate-pretext.svg")
    assert shown[0].endswith("(of 4 the 2 with most labelled articles)")
    assert [text for text in shown if text in {"all", "Mail", "Post", "Echo"}] == ["all", "Mail"]


def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("estimate", tmp_path / "none.jsonl", "--gold", "none.jsonl", "-o", tmp_path / "file" / "report")
    assert "choose another place with -o" in refusal(result)

"""Agreement of annotators: coefficients against published values and libraries, and one line for every wrong input."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pytest
from command_line import refusal, run
from hypothesis import given
from hypothesis import strategies as st

from framing.agreement.alpha import ABSENT, nominal_alpha, nominal_table
from framing.agreement.annotators import Annotations
from framing.agreement.gamma import gamma
from framing.agreement.passages import passages
from framing.agreement.sheets import sheets
from framing.agreement.study import confusion, study
from framing.agreement.unitizing import disagreements, unitizing_alpha, unitizing_table
from framing.evaluate.bootstrap import Estimate
from framing.report.adjudication import adjudication_page
from framing.spans import CueSpan, Document

Write = Callable[..., Path]
TEXT = "The so-called truce & <b>pretext</b> of the regime."


def annotations(length: int, *marked: Sequence[tuple[int, int, str]] | None) -> Annotations:
    document = Document("d", "x" * length)
    sides = [None if one is None else tuple(sorted(CueSpan(*span) for span in one)) for one in marked]
    return Annotations([document], {chr(97 + number): [side] for number, side in enumerate(sides)})


# Krippendorff (2004), "Content analysis", p. 254: a continuum of 300 units, two observers, two categories.
BOOK = annotations(
    300,
    [(75, 145, "c"), (220, 250, "c"), (30, 90, "k"), (150, 200, "k")],
    [(70, 150, "c"), (205, 225, "c"), (250, 270, "c"), (30, 90, "k"), (150, 200, "k")],
)


def test_alpha_for_unitizing_gives_the_published_values() -> None:
    sums = unitizing_table(BOOK, [["c"], ["k"]]).sum(axis=0)
    observed, expected = disagreements(sums, 2)
    assert np.round(observed, 4).tolist() == [0.0144, 0.0]
    assert np.round(expected, 4).tolist() == [0.0532, 0.0490]
    assert np.round(unitizing_alpha(sums[:, None, :], 2), 4).tolist() == [0.7286, 1.0]
    assert float(unitizing_alpha(sums, 2)) == pytest.approx(0.8591, abs=0.0005)


def test_a_unit_at_the_end_of_a_document_leaves_the_next_ones_gaps_alone() -> None:
    one = annotations(10, [(6, 10, "c")], [(5, 10, "c")])
    two = Annotations(
        [*one.documents, Document("e", "x" * 7)], {name: [*spans, ()] for name, spans in one.marked.items()}
    )
    first, both = unitizing_table(one, [["c"]]), unitizing_table(two, [["c"]])
    assert both[0].tolist() == first[0].tolist()
    assert both[1, 0, 1] == 7
    assert both[1, 0, -2:].tolist() == [
        2 * (7 - 4 + 1) * 16,
        2 * (7 - 5 + 1) * 25,
    ]  # two empty gaps of 7, lengths 4 and 5


@given(
    st.lists(st.lists(st.integers(-1, 3), min_size=9, max_size=9), min_size=2, max_size=4).filter(
        lambda rows: len({value for row in rows for value in row if value != ABSENT}) > 1
    )
)
def test_alpha_on_tokens_is_that_of_krippendorff(rows: list[list[int]]) -> None:
    values = np.array(rows)
    ours = float(nominal_alpha(nominal_table(values, np.repeat([0, 1, 2], 3), 3).sum(axis=0)))
    units = np.where(values == ABSENT, np.nan, values.astype(float))
    pairable = units[:, (~np.isnan(units)).sum(axis=0) > 1]
    if len(np.unique(pairable[~np.isnan(pairable)])) < 2:
        assert np.isnan(ours)
    else:
        assert ours == pytest.approx(krippendorff.alpha(units, level_of_measurement="nominal"))


SPANS = [(4, 13, "distancing"), (25, 32, "pretext"), (44, 50, "group_label")]


def marked(*sides: Sequence[tuple[int, int, str]] | None, number: int = 6) -> Annotations:
    documents = [Document(f"d{at}", TEXT) for at in range(number)]
    found = {
        chr(97 + at): [None if side is None else tuple(CueSpan(*span, voice="author") for span in side)] * number
        for at, side in enumerate(sides)
    }
    return Annotations(documents, found)


def test_those_who_mark_the_same_agree_and_the_order_of_annotators_is_nothing() -> None:
    same = study(marked(SPANS, SPANS), draws=100)
    assert {estimate.value for estimate in [*same.tokens.values(), *same.spans.values()]} == {1.0}
    assert {found["strict"].value for found in same.pairs[0].f1.values()} == {1.0}
    assert same.pairs[0].voice.value == 1.0
    one, other = (study(marked(*sides), draws=100) for sides in ((SPANS, SPANS[:2]), (SPANS[:2], SPANS)))
    assert [str(found) for found in one.tokens.values()] == [str(found) for found in other.tokens.values()]
    assert [str(found) for found in one.spans.values()] == [str(found) for found in other.spans.values()]
    assert one.tokens["group_label"].value < 0.1  # one of two sees it, everywhere
    assert one.pairs[0].f1["group_label"]["strict"].value == 0.0


def test_no_interval_is_without_width_where_all_agree() -> None:
    same = study(marked(SPANS, SPANS), draws=100)
    assert {str(found) for found in same.tokens.values()} == {"1.000 [n/a: no resample differs]"}
    strict = same.pairs[0].f1["pretext"]["strict"]  # six documents: J is at least 0.025 ** (1 / 6)
    assert str(strict) == "1.000 [0.702, 1.000]*"
    assert str(same.pairs[0].voice) == "1.000 [0.541, 1.000]*"
    assert next(one for one in sheets(same, []) if one.title == "F1 of pairs").note.endswith("counting once each")


def test_a_document_that_somebody_did_not_read_counts_for_the_others() -> None:
    three = marked(SPANS, SPANS[:1], SPANS)
    three.marked["c"][0] = None
    found = study(three, draws=100)
    assert [pair.documents for pair in found.pairs] == [6, 5, 5]
    assert found.mean_f1("a", "all types", "strict") == pytest.approx((0.5 + 1) / 2)


def test_one_article_has_figures_without_intervals() -> None:
    found = study(marked(SPANS, SPANS[:2], number=1), draws=100)
    assert found.tokens["distancing"].value == 1.0
    assert np.isnan(found.tokens["distancing"].low)


def test_types_are_confused_pair_by_pair() -> None:
    first = [(CueSpan(0, 4, "x"), CueSpan(2, 9, "y"))]
    second = [(CueSpan(0, 9, "y"), CueSpan(20, 22, "x"))]
    assert confusion(first, second, ["x", "y"]).tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]


def test_gamma_is_one_for_the_same_spans_and_less_for_others() -> None:
    labels = [label for _, _, label in SPANS]
    assert gamma(marked(SPANS, SPANS), labels) == 1.0
    assert gamma(marked(SPANS, [(20, 24, "pretext"), *SPANS[2:]]), labels) < 0.8
    assert np.isnan(gamma(marked(SPANS, SPANS[1:]), ["distancing"]))  # one annotator alone has it


@pytest.mark.parametrize(
    ("first", "second", "kinds"),
    [
        ([(0, 4, "x")], [(0, 4, "x")], [""]),
        ([(0, 4, "x")], [], ["presence"]),
        ([(0, 4, "x")], [(2, 6, "x")], ["edges"]),
        ([(0, 4, "x")], [(0, 4, "y")], ["type"]),
        ([(0, 4, "x")], [(4, 6, "x")], ["presence", "presence"]),  # they touch, but share nothing
        ([(0, 4, "x"), (2, 9, "y")], [(8, 10, "y")], ["type"]),  # one chain of spans
        ([(0, 4, "x", None, "author")], [(0, 4, "x", None, "quoted")], ["voice"]),
        ([(0, 4, "x", None, "author")], [(0, 4, "x")], [""]),  # an unknown voice is no other voice
    ],
)
def test_passages_are_sorted_by_what_differs(first: list[Any], second: list[Any], kinds: list[str]) -> None:
    assert [passage.kind for passage in passages(annotations(12, first, second))] == kinds


class Page(HTMLParser):
    """Reads the answers of the adjudication page and everything that could ask for the network."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.answers: list[list[Any]] = []
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        self.sources += [value for name, value in attrs if name in {"src", "href"} and value]
        if tag == "fieldset":
            self.answers.append([])
        if "data-spans" in given:
            self.answers[-1].append(json.loads(given["data-spans"] or ""))


def test_the_page_has_every_answer_escaped_and_asks_for_nothing() -> None:
    hostile = Document('"><script>alert(1)</script>', TEXT)
    both = Annotations([hostile], {"</script>": [(CueSpan(22, 25, "<i>"),)], "b": [(CueSpan(22, 36, "<i>"),)]})
    page = Page(adjudication_page(list(passages(both)), ["<i>"]))
    spans = [[{"start": 22, "end": end, "label": "<i>", "voice": None}] for end in (25, 36)]
    assert [[{**span} for span in answer] for answer in page.answers[0]] == [*spans, []]
    assert page.tags.count("script") == 1
    assert not {"i", "b"} & set(page.tags)
    assert page.sources == []


def rows(name: str, spans: dict[str, list[tuple[int, int, str]]], text: str = TEXT) -> list[dict[str, Any]]:
    return [
        {
            "id": key,
            "text": text,
            "spans": [{"start": s, "end": e, "label": label} for s, e, label in found],
            "by": name,
        }
        for key, found in spans.items()
    ]


@pytest.fixture
def files(write_jsonl: Write) -> tuple[Path, Path]:
    anna = rows("anna", {"a": SPANS[:2], "b": SPANS[2:], "c": []})
    ben = rows("ben", {"a": [SPANS[0], (25, 36, "pretext")], "b": SPANS[2:], "c": SPANS[:1]})
    return write_jsonl(anna, "anna.jsonl"), write_jsonl(ben, "ben.jsonl")


def test_decisions_make_gold_of_what_is_settled(files: tuple[Path, Path], tmp_path: Path, write_jsonl: Write) -> None:
    decided = {
        "id": "a",
        "start": 25,
        "end": 36,
        "spans": [{"start": 25, "end": 32, "label": "pretext", "voice": None}],
    }
    decisions = write_jsonl([decided], "decisions.jsonl")
    result = run("agreement", *files, "--draws", 100, "--decisions", decisions, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    gold = [json.loads(line) for line in (tmp_path / "out/gold.jsonl").read_text().splitlines()]
    assert [(record["id"], [span["label"] for span in record["spans"]]) for record in gold] == [
        ("a", ["distancing", "pretext"]),
        ("b", ["group_label"]),
    ]
    assert "1 with undecided passages are left out" in result.stderr
    disputed = [json.loads(line) for line in (tmp_path / "out/passages.jsonl").read_text().splitlines()]
    assert [(one["id"], one["kind"], one["start"]) for one in disputed] == [("a", "edges", 25), ("c", "presence", 4)]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *("tables.md", "tables.tex", "figures.csv", "agreement.json", "passages.jsonl", "adjudicate.html", "gold.jsonl")
    }


def test_a_decision_may_move_the_edges_in_the_sentence(
    files: tuple[Path, Path], tmp_path: Path, write_jsonl: Write
) -> None:
    wider = {"id": "c", "start": 4, "end": 13, "spans": [{"start": 0, "end": 19, "label": "distancing", "voice": None}]}
    decisions = write_jsonl([wider], "decisions.jsonl")
    result = run("agreement", *files, "--draws", 100, "--decisions", decisions, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    gold = [json.loads(line) for line in (tmp_path / "out" / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    (span,) = next(row for row in gold if row["id"] == "c")["spans"]
    assert (span["start"], span["end"]) == (0, 19)


def test_the_folder_is_written_before_anything_is_printed(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("framing.report.sheets.print_sheets", closed)  # the reader has gone
    run("agreement", *files, "--draws", 100, "-o", tmp_path / "out")
    assert {"tables.md", "adjudicate.html"} <= {path.name for path in (tmp_path / "out").iterdir()}


def test_the_command_prints_every_figure_with_its_interval(files: tuple[Path, Path]) -> None:
    result = run("agreement", *files, "--draws", 100, "--format", "json")
    found = json.loads(result.stdout)
    (strict,) = (one for one in found["figures"] if (one["figure"], one["label"]) == ("F1, strict", "all types"))
    assert strict["value"] == pytest.approx(2 * 2 / 7, abs=1e-6)
    assert strict["low"] <= strict["value"] <= strict["high"]
    assert (found["disputed"], found["documents"]) == (2, 3)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (rows("x", {"a": []}, TEXT + "!"), "has another text than in"),
        (rows("x", {"z": []}), "no record was read by two annotators"),
        ([{"id": "a", "spans": []}], "record 'a' has no text; give records with theirs (`framing score --keep-text`"),
        (
            [{"id": "a", "text": TEXT}],
            "other.jsonl:1: record 'a': no field 'spans', so it is neither labelled nor scored",
        ),
        (rows("x", {"a": [(0, 99, "pretext")]}), "runs past the text"),
    ],
)
def test_wrong_input_is_one_line(files: tuple[Path, Path], write_jsonl: Write, other: Any, message: str) -> None:
    assert message in refusal(run("agreement", files[0], write_jsonl(other, "other.jsonl")))


def test_wrong_options_are_one_line(files: tuple[Path, Path], write_jsonl: Write, tmp_path: Path) -> None:
    assert "two annotators or more" in refusal(run("agreement", files[0]))
    assert "give -o DIR" in refusal(run("agreement", *files, "--decisions", "x.jsonl"))
    assert "no gold record has" not in refusal(run("agreement", *files, "--cluster", "paper"))
    nothing = write_jsonl(rows("x", {"a": [], "b": []}), "nothing.jsonl")
    assert "no annotator marked a span" in refusal(run("agreement", nothing, f"other={nothing}"))
    for line, message in (
        ({"id": "b", "start": 0, "end": 1, "spans": []}, "is no passage to decide"),
        ({"id": "a"}, "no decision of the form"),
        (
            {"id": "c", "start": 4, "end": 13, "spans": [{"start": 14, "end": 19, "label": "pretext"}]},
            "span [14, 19) lies outside the passage [4, 13) that is decided; touch it, and stay in its sentence [0, ",
        ),
        ({"id": "c", "start": 4, "end": 13, "spans": [{"start": 4}]}, "has no end"),
    ):
        decisions = write_jsonl([line], "decisions.jsonl")
        said = refusal(run("agreement", *files, "--decisions", decisions, "-o", tmp_path / "out"))
        assert said.startswith(f"framing: {decisions}:1: ")
        assert message in said


def test_a_figure_that_is_not_there_is_shown_as_such() -> None:
    from framing.evaluate.sheets import show

    nan = float("nan")
    assert show(Estimate(nan, nan, nan)) == "n/a"
    assert show(Estimate(0.5, nan, nan)) == "0.500 [n/a: one cluster]"

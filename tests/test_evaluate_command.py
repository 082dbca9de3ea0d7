"""`framing evaluate`: what it prints and writes, and one line for every wrong input."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from command_line import refusal, run
from evaluate_samples import GOLD, OURS, RULES, Write, record
from sklearn.metrics import f1_score, precision_score, recall_score

from framing.spans import CueSpan, Document


@pytest.fixture
def files(write_jsonl: Write) -> tuple[Path, Path, Path]:
    return write_jsonl(GOLD, "gold.jsonl"), write_jsonl(OURS, "ours.jsonl"), write_jsonl(RULES, "rules.jsonl")


def figures(result: Result) -> dict[tuple[str, ...], dict[str, str]]:
    assert result.exit_code == 0, result.output
    rows = csv.DictReader(io.StringIO(result.stdout))
    return {tuple(row[key] for key in ("system", "part", "scheme", "label", "figure")): row for row in rows}


def test_figures_by_hand(files: tuple[Path, ...]) -> None:
    found = figures(run("evaluate", *files, "--format", "csv", "--draws", 200, "--by", "outlet"))
    values = {key: row["value"] for key, row in found.items() if key[:2] == ("ours", "all") and key[3] == "micro"}
    # gold 4, found 5: two equal, one with wrong edges, one with a wrong type, one invented
    assert {
        key[2]: (values[*key[:4], "precision"], values[*key[:4], "recall"]) for key in values if len(key[4]) > 8
    } | {"voice": values["ours", "all", "voice", "micro", "accuracy"]} == {
        "strict": ("0.4", "0.5"),
        "exact": ("0.6", "0.75"),
        "partial": ("0.7", "0.875"),
        "type": ("0.6", "0.75"),
        "token": ("0.416667", "0.625"),  # 5 of 12 found and of 8 gold words and marks
        "ptc": ("0.74", "1.0"),
        "voice": "1.0",
    }
    strict = {key[:2] + key[3:4]: row["value"] for key, row in found.items() if key[2] == "strict" and key[4] == "f1"}
    assert strict["rules", "all", "micro"] == "0.666667"
    assert strict["rules", "Mail", "micro"] == "0.8"
    assert strict["ours", "all", "macro"] == "0.355556"  # distancing 2/3, pretext 2/5, group label 0: it is never gold
    assert float(found["ours", "all", "strict", "micro", "f1"]["low"]) < 0.44


def test_what_has_no_figure_says_why(files: tuple[Path, ...]) -> None:
    result = run("evaluate", *files, "--draws", 200, "--by", "outlet")
    assert re.search(r"group_label +0 +n/a: no gold +n/a: no gold", result.stdout)
    assert re.search(r"Mail +2 +3 ", result.stdout)
    assert "Intervals over fewer than 20 documents come out too narrow: Mail, Post" in result.stdout
    found = figures(run("evaluate", *files, "--format", "csv", "--draws", 200, "--by", "outlet"))
    assert found["rules", "all", "strict", "pretext", "precision"]["reason"] == "nothing found"
    assert found["rules", "all", "strict", "pretext", "f1"]["value"] == "0.0"
    assert found["rules", "Post", "voice", "micro", "accuracy"]["reason"] == "no matched span with a voice"
    assert found["ours", "all", "strict", "group_label", "precision"]["value"] == "0.0"
    assert (
        found["ours", "all", "strict", "group_label", "f1"] | {"value": "", "reason": "no gold"}
        == found["ours", "all", "strict", "group_label", "f1"]
    )


def test_the_scheme_by_type_can_be_chosen(files: tuple[Path, ...]) -> None:
    shown = run("evaluate", *files[:2], "--scheme", "type", "--by", "outlet", "--draws", 100).stdout
    assert re.search(r"By cue, type.*\n.*\npretext +2 +0.667 \[\S+ \S+ +1.000 \[\S+ \S+ +0.800 ", shown)
    assert re.search(r"F1 by outlet, type, micro.*\n.*\nMail +2 +3 +0.571 \[", shown)


def test_one_cluster_has_no_interval(files: tuple[Path, ...], write_jsonl: Write) -> None:
    gold = write_jsonl([row | {"article": "one"} for row in GOLD], "one.jsonl")
    assert "0.444 [n/a: one cluster]" in run("evaluate", gold, files[1], "--draws", 100).stdout
    assert "0.444 [n/a" not in run("evaluate", gold, files[1], "--draws", 100, "--cluster", "outlet").stdout


def test_a_corpus_without_a_span_has_no_figures(write_jsonl: Write, tmp_path: Path) -> None:
    empty = [write_jsonl([record("a"), record("b", text="")], name) for name in ("gold.jsonl", "pred.jsonl")]
    result = run("evaluate", *empty, "-o", tmp_path / "out", "--draws", 100)
    assert result.exit_code == 0, result.output
    assert re.search(r"strict, micro +n/a: nothing found +n/a: no gold +n/a: no gold", result.stdout)
    assert re.search(r"strict, macro +n/a", result.stdout)
    assert run("evaluate", *empty, "--task", "sentences", "--draws", 100).exit_code == 0


def test_what_was_not_predicted_is_counted_and_said(files: tuple[Path, ...], write_jsonl: Write) -> None:
    assert "; gold records without a prediction, where nothing was found: 1" in run("evaluate", *files).stderr
    skipped = write_jsonl([*OURS, {"id": "c", "status": "skipped", "reason": "empty", "spans": []}], "skipped.jsonl")
    assert "; records that the system skipped, where nothing was found: 1" in run("evaluate", files[0], skipped).stderr
    more = write_jsonl([*OURS, record("x", (0, 2, "pretext"))], "more.jsonl")
    result = run("evaluate", files[0], more, "--subset", "--format", "csv")
    assert "; records that aren't in gold, passed over: 1" in result.stderr
    name = {"ours": "more"}
    assert {
        (name.get(key[0], key[0]), *key[1:]): row["value"]
        for key, row in figures(run("evaluate", files[0], files[1], "--format", "csv")).items()
    } == {key: row["value"] for key, row in figures(result).items()}


def test_records_that_tell_nothing_of_their_text_are_counted(files: tuple[Path, ...], write_jsonl: Write) -> None:
    digest = hashlib.sha256(GOLD[0]["text"].encode()).hexdigest()
    told = [record("a", text=None, text_sha256=digest), record("b", text=None, profile={"words": 5})]
    some = write_jsonl([*told, record("c", text=None)], "some.jsonl")
    assert "words, taken to be of gold's texts: 1" in run("evaluate", files[0], some, "--draws", 100).stderr
    assert "taken to be of gold's" not in run("evaluate", *files[:2], "--draws", 100).stderr


def test_an_empty_outlet_is_none(files: tuple[Path, ...], write_jsonl: Write) -> None:
    gold = write_jsonl([GOLD[0] | {"outlet": ""}, GOLD[1] | {"outlet": None}, *GOLD[2:]], "empty.jsonl")
    found = figures(run("evaluate", gold, files[1], "--by", "outlet", "--format", "csv", "--draws", 100))
    assert {key[1] for key in found} == {"all", "(none)", "Post"}


def test_the_order_of_records_changes_nothing(files: tuple[Path, ...], write_jsonl: Write) -> None:
    turned = [write_jsonl(rows[::-1], f"turned-{path.name}") for rows, path in zip((GOLD, OURS), files, strict=False)]
    packed = turned[1].with_suffix(".jsonl.gz")
    packed.write_bytes(gzip.compress(turned[1].read_bytes()))
    first = run("evaluate", files[0], f"x={files[1]}", "--format", "csv")
    assert first.stdout == run("evaluate", turned[0], f"x={packed}", "--format", "csv").stdout


def test_several_systems_are_compared_in_pairs(files: tuple[Path, ...], tmp_path: Path) -> None:
    gold, ours, rules = files
    result = run("evaluate", gold, f"our model={ours}", rules, f"again={ours}", "-o", tmp_path / "out", "--draws", 300)
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "comparisons.csv").read_text(encoding="utf-8"))))
    strict = {
        (row["first"], row["second"]): row for row in rows if (row["scheme"], row["label"]) == ("strict", "micro")
    }
    assert list(strict) == [("our model", "rules"), ("our model", "again"), ("rules", "again")]
    same = strict["our model", "again"]
    assert [same[key] for key in ("value", "low", "high", "p", "p_holm")] == ["0.0", "", "", "1.0", "1.0"]
    assert float(strict["our model", "rules"]["value"]) == pytest.approx(4 / 9 - 2 / 3, abs=1e-6)
    assert float(strict["our model", "rules"]["p_holm"]) >= float(strict["our model", "rules"]["p"])
    assert re.search(r"strict, micro +our model - rules +-0\.222 \[", result.stdout)


def test_runs_of_a_system_are_combined(files: tuple[Path, ...]) -> None:
    gold, ours, rules = files
    found = figures(run("evaluate", gold, f"both={ours},{rules}", f"ours={ours}", "--format", "csv", "--draws", 200))
    row = found["both", "all", "strict", "micro", "f1"]
    assert float(row["value"]) == pytest.approx((4 / 9 + 2 / 3) / 2, abs=1e-6)
    assert float(row["sd"]) == pytest.approx(np.std([4 / 9, 2 / 3], ddof=1), abs=1e-6)
    one = found["ours", "all", "strict", "micro", "f1"]
    assert one["sd"] == ""
    shown = run("evaluate", gold, f"both={ours},{rules}", f"ours={ours}", "--draws", 200).stdout
    assert re.search(r"strict, micro +0\.556 ± 0\.157 \[", shown)
    assert "both: mean of 2 runs" in " ".join(shown.split())
    assert re.search(r"strict, micro +both - ours +\S+ \[\S+ \S+ +[01]\.\d{3} +[01]\.\d{3}", shown)
    assert "different numbers of runs, mean counts of their runs are swapped" in " ".join(shown.split())


def test_runs_of_different_numbers_are_tested_by_their_mean_counts(files: tuple[Path, ...], write_jsonl: Write) -> None:
    many = [record(f"r{number:02}", (0, 9, "distancing")) for number in range(12)]
    gold, right = write_jsonl(many, "many.jsonl"), write_jsonl(many, "right.jsonl")
    wrong = write_jsonl([record(row["id"]) for row in many], "wrong.jsonl")
    run("evaluate", gold, f"a={right},{right}", f"b={wrong}", "-o", gold.parent / "out", "--draws", 1000)
    (row,) = (
        row
        for row in csv.DictReader(io.StringIO((gold.parent / "out" / "comparisons.csv").read_text(encoding="utf-8")))
        if (row["scheme"], row["label"]) == ("strict", "micro")
    )
    assert float(row["value"]) == 1
    assert float(row["p"]) < 0.01


def test_markdown_and_latex(files: tuple[Path, ...], write_jsonl: Write) -> None:
    odd = write_jsonl([record("a", (0, 9, "50%_new|[x](y)"))], "odd.jsonl")
    markdown = run("evaluate", files[0], odd, "--format", "markdown").stdout
    assert r"| strict, micro | 0.000 [0.000, 0.975]\* | 0.000 [0.000, 0.708]\* | 0.000 [0.000, 0.829]\* |" in markdown
    assert "| 50%\\_new\\|[x]\\(y) | 0 | 0.000 [" in markdown
    table = [line for line in markdown.splitlines() if line.startswith("| ")]
    assert len(table) > 15
    latex = run("evaluate", files[0], odd, "--format", "latex").stdout
    assert r"{}50\%\_new|[x](y) & 0 & 0.000 [" in latex
    assert latex.count(r"\begin{table}") == latex.count(r"\end{table}") == latex.count(r"\toprule") == 4
    assert r"\begin{tabular}{lrrr}" in latex


def test_json_holds_everything(files: tuple[Path, ...]) -> None:
    found = json.loads(run("evaluate", *files, "--format", "json").stdout)
    assert (found["documents"], found["clusters"], found["labels"]) == (4, 4, ["pretext", "distancing", "group_label"])
    assert found["systems"] == {path.stem: [str(path)] for path in files[1:]}
    outcome = {(row["system"], row["scheme"], row["label"]): row for row in found["outcomes"]}[
        "ours", "strict", "micro"
    ]
    assert [outcome[key] for key in ("correct", "incorrect", "partial", "missed", "spurious")] == [2, 2, 0, 0, 1]
    assert {row["figure"] for row in found["figures"]} == {"precision", "recall", "f1", "accuracy"}


class Page(HTMLParser):
    """Collects what a page would fetch, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [f"{key}={value}" for key, value in attrs if key in {"src", "href", "xlink:href", "data"}]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_report_stands_alone_and_has_every_error_escaped(files: tuple[Path, ...], tmp_path: Path) -> None:
    folder = tmp_path / "report"
    result = run("evaluate", *files, "-o", folder, "--draws", 200)
    assert result.exit_code == 0, result.output
    names = "comparisons.csv errors.jsonl evaluation.json figures.csv report.html tables.md tables.tex"
    assert sorted(path.name for path in folder.iterdir()) == names.split()
    text = (folder / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.fetched == []
    assert not {"script", "link", "img"} & set(page.tags)
    assert "<b>pretext" not in text
    assert "url(" not in text
    errors = [json.loads(line) for line in (folder / "errors.jsonl").read_text(encoding="utf-8").splitlines()]
    kinds = {(error["system"], error["kind"]) for error in errors}
    assert kinds == {("ours", "edges"), ("ours", "type"), ("ours", "spurious"), ("rules", "missed")}
    assert page.tags.count("li") == len(errors) == 5
    assert page.tags.count("svg") == 6  # by scheme, by type, length, density, quoted, kinds of errors
    assert "so-called truce & <b>pretext</b>" in page.words


def test_numbers_in_the_plots_are_those_of_the_figures(files: tuple[Path, ...], tmp_path: Path) -> None:
    run("evaluate", *files, "-o", tmp_path / "report", "--draws", 200)
    svg = re.search(r"<svg.*?F1 by scheme.*?</svg>", (tmp_path / "report" / "report.html").read_text(), re.DOTALL)
    assert svg is not None
    assert re.findall(r">(\d\.\d{3})<", svg.group())[:2] == ["0.444", "0.667"]
    whiskers = re.findall(r'<line x1="([\d.]+)" x2="([\d.]+)" y1="([\d.]+)" y2="\3" stroke="#0072b2"', svg.group())
    places = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', svg.group())[1:]]  # the first is the legend's
    assert all(float(low) <= x <= float(high) for (low, high, _), x in zip(whiskers, places, strict=True))


def test_occlusion_goes_into_the_errors(files: tuple[Path, ...], tmp_path: Path) -> None:
    result = run("evaluate", *files[:2], "-o", tmp_path / "out", "--occlude", "lexicon", "--occlude-most", 1)
    assert result.exit_code == 0, result.output
    errors = [json.loads(line) for line in (tmp_path / "out" / "errors.jsonl").read_text().splitlines()]
    assert ["occlusion" in error for error in errors] == [True, False, False]
    assert "ours.jsonl doesn't say which model made it; --occlude takes it for lexicon" in result.stderr
    assert "give -o DIR" in refusal(run("evaluate", *files[:2], "--occlude", "lexicon"))


def test_occlusion_by_another_model_is_refused_and_leaves_no_folder(
    files: tuple[Path, ...], write_jsonl: Write, tmp_path: Path
) -> None:
    made = write_jsonl([row | {"model": {"name": "tiny", "version": "1"}} for row in OURS], "made.jsonl")
    for model, message in (
        ("lexicon", "--occlude: " + str(made) + " was made by tiny 1, and not by lexicon "),
        (str(tmp_path / "nowhere"), "nowhere"),
    ):
        assert message in refusal(run("evaluate", files[0], made, "-o", tmp_path / "out", "--occlude", model))
        assert not (tmp_path / "out").exists()


def test_sentences_are_those_of_scikit_learn(write_jsonl: Write) -> None:
    random = np.random.default_rng(0)
    truth = random.random((90, 2)) < 0.4
    found = [np.where(random.random(truth.shape) < 0.8, truth, ~truth) for _ in range(2)]
    paths = []
    for name, side in (("gold", truth), ("one", found[0]), ("two", found[1])):
        rows = []
        for start in range(0, 90, 3):
            spans = tuple(
                CueSpan(10 * row, 10 * row + 9, "ab"[column])
                for row, column in np.argwhere(side[start : start + 3]).tolist()
            )
            rows.append(Document(f"{start:03}", "Aaaa bbb. Aaaa bbb. Aaaa bbb.", spans).to_record())
        paths.append(write_jsonl(rows, f"{name}.jsonl"))
    both = figures(run("evaluate", *paths, "--task", "sentences", "--format", "csv", "--draws", 100))
    for name, side in zip(("one", "two"), found, strict=True):
        for figure, reference in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
            for average in ("micro", "macro"):
                value = float(both[name, "all", "sentences", average, figure]["value"])
                assert value == pytest.approx(reference(truth, side, average=average), abs=1e-6)
    one = figures(run("evaluate", *paths, "--task", "sentences", "--cue", "a", "--format", "csv", "--draws", 100))
    flat = truth[:, 0], found[0][:, 0]
    assert float(one["one", "all", "sentences", "macro", "f1"]["value"]) == pytest.approx(
        f1_score(*flat, average="macro"), abs=1e-6
    )
    assert float(one["one", "all", "sentences", "micro", "f1"]["value"]) == pytest.approx(
        (flat[0] == flat[1]).mean(), abs=1e-6
    )
    shown = run("evaluate", *paths, "--task", "sentences", "--draws", 100).stdout
    right = [(side == truth).all(axis=1) for side in found]
    only = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    assert re.search(rf"McNemar.*\n.*\none - two +{only[0]} +{only[1]} ", shown)


def test_other_formats_are_read_in_a_clone(files: tuple[Path, ...], tmp_path: Path) -> None:
    for path in files[:2]:
        assert run("convert", path, "--from", "jsonl", "--to", "brat", "-o", tmp_path / path.stem).exit_code == 0
    wanted = figures(run("evaluate", *files[:2], "--format", "csv"))
    named = run("evaluate", f"brat:{tmp_path / 'gold'}", f"ours=brat:{tmp_path / 'ours'}", "--format", "csv")
    given = run("evaluate", tmp_path / "gold", tmp_path / "ours", "--from", "brat", "--format", "csv")
    for result in (named, given):
        assert {key: row["value"] for key, row in figures(result).items() if key[2] != "voice"} == {
            key: row["value"] for key, row in wanted.items() if key[2] != "voice"
        }


def test_without_the_training_package_only_json_lines_are_read(
    files: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "training.corpora.registry", None)
    assert run("evaluate", *files).exit_code == 0
    line = refusal(run("evaluate", files[0], "brat:pred"))
    assert line.startswith("framing: brat:pred: without the training package only JSON lines are read; convert")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--by", "outlt"], "no record has a field 'outlt'; there are outlet, length, density, quoted"),
        (["--cluster", "outlt"], "--cluster: no gold record has a field 'outlt'; there are outlet"),
        (["--cue", "pretxt"], "--cue: no span, gold or predicted, is a 'pretxt'; did you mean pretext?"),
        (["--scheme", "type", "--task", "sentences"], "--scheme type is one of spans; leave it out for sentences"),
        (["--from", "bratt"], "unknown corpus format 'bratt'; did you mean brat?"),
    ],
)
def test_wrong_options_are_refused_in_one_line(files: tuple[Path, ...], arguments: list[str], message: str) -> None:
    assert message in refusal(run("evaluate", *files[:2], *arguments))


def test_files_and_names_that_cant_be_used(files: tuple[Path, ...], tmp_path: Path) -> None:
    gold, ours, _ = files
    assert "two systems are called 'ours'; name them: NAME=" in refusal(run("evaluate", gold, ours, ours))
    assert "none.jsonl: can't read the file (No such file" in refusal(run("evaluate", gold, tmp_path / "none.jsonl"))
    (tmp_path / "bad.jsonl.gz").write_bytes(b"not gzip")
    assert "bad.jsonl.gz: can't read the file (Not a gzipped" in refusal(
        run("evaluate", gold, tmp_path / "bad.jsonl.gz")
    )
    assert "can't write it" in refusal(run("evaluate", gold, ours, "-o", gold / "out"))
    for entry in ("", ",", "ours=,"):
        assert f"{entry!r}: names no file" in refusal(run("evaluate", gold, entry))


def test_without_scipy_the_command_says_how_to_get_it(files: tuple[Path, ...]) -> None:
    script = "import sys; sys.modules['scipy'] = None; from framing.cli import run; run(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", script, "evaluate", *map(str, files)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert re.fullmatch(
        r"framing: evaluation needs scipy\S*: run `pip install 'framing\[evaluate\]'`\n", done.stderr
    ), done.stderr

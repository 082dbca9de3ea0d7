"""Calibration of found spans: figures by hand, their identities, and what the report shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import run
from sklearn.metrics import brier_score_loss

from framing.evaluate.reliability import FIGURES, Reliability, reliability, scores_of
from framing.spans import CueSpan

Write = Callable[..., Path]
LABELS = ["x", "y"]


def corpus(number: int, heat: float, seed: int = 0) -> tuple[list[list[CueSpan]], list[list[CueSpan]], list[str]]:
    """Make documents with one found span each, which is right with the probability that its score says, to a power."""
    random = np.random.default_rng(seed)
    gold, found = [], []
    for _ in range(number):
        score = float(random.uniform(0.1, 1.0))
        found.append([CueSpan(0, 4, "x", score)])
        gold.append([CueSpan(0, 4, "x")] if random.random() < score**heat else [CueSpan(2, 6, "x")])
    return gold, found, [f"a{row // 2}" for row in range(number)]


def measured(number: int, heat: float, seed: int = 0) -> Reliability:
    gold, found, clusters = corpus(number, heat, seed)
    scores = scores_of(gold, [found], LABELS, clusters)
    assert scores is not None
    return reliability(scores, LABELS, "strict", draws=300, seed=0)[0]


def value(one: Reliability, name: str) -> float:
    return one.figures[FIGURES.index(name)].value


def test_by_hand() -> None:
    found = [[CueSpan(0, 4, "x", 0.9)], [CueSpan(0, 4, "x", 0.9)], [CueSpan(0, 4, "y", 0.3), CueSpan(5, 6, "x", 0.3)]]
    gold = [[CueSpan(0, 4, "x")], [CueSpan(1, 4, "x")], [CueSpan(0, 4, "x")]]
    scores = scores_of(gold, [found], LABELS, ["a", "b", "c"])
    assert scores is not None
    strict, loose, of_x, of_y = reliability(scores, LABELS, "type", draws=100, seed=0)
    assert [(one.label, one.right, one.spans) for one in (strict, loose, of_x, of_y)] == [
        ("all", "strict", 4), ("all", "type", 4), ("x", "type", 3), ("y", "type", 1),
    ]  # fmt: skip
    assert value(strict, "ECE") == pytest.approx((2 * 0.4 + 2 * 0.3) / 4)
    assert value(strict, "adaptive ECE") == pytest.approx((2 * 0.4 + 2 * 0.3) / 4)
    assert value(strict, "Brier") == pytest.approx((0.1**2 + 0.9**2 + 2 * 0.3**2) / 4)
    assert value(strict, "uncertainty") == pytest.approx(0.25 * 0.75)
    assert value(strict, "AURC") == pytest.approx((0 + 1 / 2 + 2 / 3 + 3 / 4) / 4)
    assert value(loose, "AURC") == pytest.approx((0 + 0 + 1 / 3 + 2 / 4) / 4)
    assert np.isnan(of_y.figures[0].low)  # one cluster


@pytest.mark.parametrize("heat", [0.3, 1.0, 3.0])
def test_the_parts_of_brier_add_up(heat: float) -> None:
    one = measured(500, heat)
    assert value(one, "Brier") == pytest.approx(
        value(one, "reliability") - value(one, "resolution") + value(one, "uncertainty")
    )
    for figure in one.figures:
        assert figure.low <= figure.value <= figure.high


@pytest.mark.parametrize("seed", range(4))
def test_ends_stay_where_figures_can_be(seed: int) -> None:
    random = np.random.default_rng(seed)
    gold = [[CueSpan(0, 4, "x")] if random.random() < 0.05 else [] for _ in range(30)]
    found = [[CueSpan(0, 4, "x", 0.95 + 0.04 * random.random())] for _ in gold]
    scores = scores_of(gold, [found], LABELS, [str(number) for number in range(30)])
    assert scores is not None
    one = reliability(scores, LABELS, "strict", draws=200, seed=0)[0]
    ends = {name: (found.low, found.high) for name, found in zip(FIGURES, one.figures, strict=True)}
    assert ends["ECE"][1] <= 1 >= ends["adaptive ECE"][1]
    assert not any(low == high for low, high in ends.values())
    for share in one.share:
        assert share.low < share.high


def test_a_negative_resolution_is_not_its_own_lower_end() -> None:
    resolution = FIGURES.index("resolution")
    shown = [one for seed in range(10) if (one := measured(20, 0.3, seed).figures[resolution]).value < 0]
    assert shown
    assert all(one.low < one.value for one in shown)


def test_scores_that_say_the_truth_have_little_error() -> None:
    true, proud = measured(3000, 1.0), measured(3000, 3.0)
    assert value(true, "ECE") < 0.04 < 0.1 < value(proud, "ECE")
    assert true.figures[0].low < 0.02
    assert proud.figures[0].low > 0.1
    assert value(true, "reliability") < 0.003 < value(proud, "reliability")
    assert np.abs(np.array(true.mean) - [share.value for share in true.share]).max() < 0.12


def test_the_error_by_chance_is_that_of_scores_that_hold() -> None:
    few = [measured(60, 1.0, seed) for seed in range(40)]
    inside = [one.chance.low <= value(one, "ECE") <= one.chance.high for one in few]
    assert 0.85 < np.mean(inside) <= 1.0
    assert np.mean([value(one, "ECE") for one in few]) == pytest.approx(np.mean([one.chance.value for one in few]), 0.1)
    assert value(measured(60, 1.0), "ECE") > 0.05  # so little says an error of 0.05
    proud = measured(3000, 3.0)
    assert value(proud, "ECE") > 3 * proud.chance.high


def test_intervals_of_brier_cover() -> None:
    shown = [measured(200, 1.0, seed).figures[FIGURES.index("Brier")] for seed in range(60)]
    scores = np.linspace(0.1, 1, 100_001)
    truth = float((scores * (1 - scores)).mean())
    assert np.mean([one.low <= truth <= one.high for one in shown]) >= 0.85


def test_without_scores_there_is_no_calibration() -> None:
    gold, found, clusters = corpus(4, 1.0)
    found[2] = [CueSpan(0, 1, "x")]
    assert scores_of(gold, [found], LABELS, clusters) is None
    assert scores_of(gold, [[[], [], [], []]], LABELS, clusters) is None


def test_the_report_shows_it(write_jsonl: Write, tmp_path: Path) -> None:
    gold, found, _ = corpus(60, 2.0)
    rows: list[list[dict[str, Any]]] = [
        [
            {"id": f"d{n}", "text": "so-called", "spans": [span.to_record() for span in spans]}
            for n, spans in enumerate(side)
        ]
        for side in (gold, found)
    ]
    files = write_jsonl(rows[0], "gold.jsonl"), write_jsonl(rows[1], "sys.jsonl")
    result = run("evaluate", *files, f"bare={files[0]}", "--draws", 100, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert re.search(r"Calibration of scores, sys.*\n.*ECE.*\nall, strict +60 +0\.\d{3} \[", result.stdout)
    assert "Calibration of scores, bare" not in result.stdout
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.count('aria-label="Reliability of scores') == page.count('aria-label="Risk and coverage') == 2
    kept = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))["calibration"]
    assert [(row["system"], row["label"], row["right"]) for row in kept] == [
        ("sys", "all", "strict"), ("sys", "all", "type"), ("sys", "x", "strict"),
    ]  # fmt: skip
    lines = (tmp_path / "out" / "calibration.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4


SENTENCES = ["The so-called truce fell.", "The regime moved.", "The ferry left.", "The bus was late."]


def test_labels_on_sentences_have_the_best_score_of_their_spans(write_jsonl: Write, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    text = " ".join(SENTENCES)
    starts = [text.index(sentence) for sentence in SENTENCES]
    gold, found, pairs = [], [], []
    for number in range(40):
        labelled = [bool(one) for one in random.random(len(SENTENCES)) < 0.5]
        scores = random.uniform(0.1, 1.0, len(SENTENCES))
        spans = [{"start": start, "end": start + 8, "label": "x"} for start in starts]
        rest = [{"start": start + 9, "end": start + 11, "label": "x", "score": 0.05} for start in starts]
        record = {"id": f"d{number}", "text": text}
        gold.append(record | {"spans": [span for span, one in zip(spans, labelled, strict=True) if one]})
        scored = [span | {"score": float(score)} for span, score in zip(spans, scores, strict=True)]
        found.append(record | {"spans": [*scored[:3], *rest[:3]]})
        pairs += list(zip(labelled[:3], scores[:3], strict=True))
    files = write_jsonl(gold, "gold.jsonl"), write_jsonl(found, "sys.jsonl")
    result = run("evaluate", *files, "--task", "sentences", "--draws", 100, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert re.search(r"Calibration of scores, sys.*\n.*ECE.*\nall, gold +120 +0\.\d{3} \[", result.stdout)
    assert "Of found labels alone" in result.stdout
    kept = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))["calibration"]
    assert [(row["label"], row["right"], row["spans"]) for row in kept] == [("all", "gold", 120), ("x", "gold", 120)]
    truth, score = zip(*pairs, strict=True)
    assert kept[0]["brier"] == pytest.approx(brier_score_loss(truth, score), abs=1e-6)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.count('aria-label="Reliability of scores') == page.count('aria-label="Risk and coverage') == 1

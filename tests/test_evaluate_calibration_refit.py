"""`framing calibrate`: maps, thresholds, the guarantee of conformal risk control, and the folder it writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from command_line import refusal, run

from framing.calibration.refit import isotonic
from framing.calibration.risk import GRID, conformal, for_precision, for_recall, missed_shares
from framing.decode import OUTSIDE, ProbabilityMap
from framing.evaluate.columns import FloatArray
from framing.model import ModelInfo, default_folder
from framing.scorer import Scorer


def losses(random: np.random.Generator, articles: int) -> FloatArray:
    """Draw the shares of its one to four cues that each article lacks at each threshold: [thresholds, articles]."""
    hard = random.beta(2, 2, articles)
    scores = [random.beta(4 * (1 - one) + 1, 4 * one + 1, random.integers(1, 5)) for one in hard]
    return np.array([[float((score < threshold).mean()) for score in scores] for threshold in GRID])


@pytest.mark.parametrize("alpha", [0.1, 0.25])
def test_the_risk_is_kept_on_new_articles(alpha: float) -> None:
    random = np.random.default_rng(0)
    world = losses(random, 2000)
    true, number = world.mean(axis=1), 60
    risks = []
    for _ in range(1500):
        sample = world[:, random.integers(0, world.shape[1], number)]
        index = conformal(sample, alpha)
        risks.append(0.0 if index is None else true[index])
    error = float(np.std(risks)) / len(risks) ** 0.5
    assert np.mean(risks) <= alpha + 2 * error
    assert np.mean(risks) >= alpha - 2 / (number + 1) - 0.02  # and no more careful than it must be


def test_losses_that_fall_again_count_as_the_highest_so_far() -> None:
    table = np.zeros((4, 99))
    table[1] = 0.5
    assert conformal(table, 0.1) == 0
    assert conformal(table, 0.6) == 3
    assert conformal(table[:, :8], 0.1) is None
    assert conformal(np.zeros((4, 9)), 0.1) == 3


def counts(*rows: tuple[int, int, int]) -> FloatArray:
    """Give one article's gold, found and matched at each threshold; the last row goes on to the end."""
    table = np.array([*rows, *[rows[-1]] * (len(GRID) - len(rows))], dtype=np.float64)
    return table[:, None]


def test_thresholds_for_precision_and_recall() -> None:
    table = counts((10, 20, 10), (10, 12, 10), (10, 20, 9), (10, 10, 9), (10, 5, 5))
    assert for_precision(table, 0.9) == GRID[3]
    assert for_precision(table, 0.95) == GRID[4]
    assert for_recall(table, 0.9) == GRID[3]
    assert for_recall(table, 1.0) == GRID[1]
    assert for_precision(counts((10, 20, 10)), 0.9) is None
    assert for_precision(counts((10, 0, 0)), 0.9) is None
    assert for_recall(counts((10, 20, 5)), 0.9) is None
    assert missed_shares(np.array([[[2, 1, 1], [0, 3, 0], [4, 4, 4]]], dtype=np.float64)).tolist() == [[0.5, 0.0]]


def test_an_isotonic_map_finds_the_truth_and_keeps_the_order() -> None:
    random = np.random.default_rng(1)
    said = random.uniform(0, 1, 20_000).astype(np.float32)
    found = isotonic(said, random.random(20_000) < said**2)
    probabilities = np.stack((1 - said, 0.75 * said, 0.25 * said), axis=1)
    mapped = found(probabilities)
    assert np.abs(1 - mapped[:, OUTSIDE] - said**2).max() < 0.06
    assert mapped.sum(axis=1) == pytest.approx(1, abs=1e-5)
    inside = said > 0.05
    assert mapped[inside, 1] == pytest.approx(3 * mapped[inside, 2], rel=1e-3, abs=1e-6)
    assert (np.diff(mapped[np.argsort(said), OUTSIDE]) <= 1e-6).all()
    for before, after in (((0.2, 0.1), (0.0, 1.0)), ((0.1, 0.2), (1.0, 0.0)), ((0.1,), (1.5,)), ((), ())):
        with pytest.raises(ValueError, match="isotonic"):
            ProbabilityMap(before, after)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Path:
    folder = tmp_path_factory.mktemp("models")
    gold = examples / "held-out.jsonl"
    for name, options in (("isotonic", ["--method", "isotonic", "--recall", "0.9"]), ("risk", ["--risk", "0.3"])):
        result = run("calibrate", "default", gold, "-o", folder / name, "--threads", 1, *options)
        assert result.exit_code == 0, result.output
        (folder / f"{name}.txt").write_text(result.stdout, encoding="utf-8")
    return folder


def test_an_isotonic_model_opens_and_scores(made: Path, article: str) -> None:
    info = ModelInfo.from_file(made / "isotonic" / "framing.json")
    known = ModelInfo.from_file(default_folder() / "framing.json")
    assert info.version == f"{known.version}+calibrated.1"
    assert any(one is not None for one in info.calibration.maps)
    assert info.calibration.temperatures == known.calibration.temperatures
    assert info.calibration.thresholds != known.calibration.thresholds
    scored = Scorer.load(made / "isotonic", threads=1).score(article)
    assert scored.model["version"] == info.version
    assert scored.spans
    assert "## Calibrated again: version" in (made / "isotonic" / "README.md").read_text(encoding="utf-8")
    (told,) = info.facts["recalibrated"]
    assert (told["probabilities"], told["thresholds"], told["data"]["name"]) == (
        "isotonic",
        "recall 0.9",
        "held-out.jsonl",
    )


def test_a_guarantee_leaves_probabilities_alone(made: Path) -> None:
    info, known = (ModelInfo.from_file(folder / "framing.json") for folder in (made / "risk", default_folder()))
    assert info.calibration.temperatures == known.calibration.temperatures
    assert info.calibration.rules == known.calibration.rules
    assert info.calibration.maps == known.calibration.maps
    assert info.calibration.thresholds != known.calibration.thresholds
    assert "conformal risk control" in (made / "risk.txt").read_text(encoding="utf-8")


def test_what_cannot_be_reached_keeps_its_threshold_and_says_so(tmp_path: Path, examples: Path) -> None:
    lines = (examples / "held-out.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    few = tmp_path / "few.jsonl"
    few.write_text("".join(lines[:12]), encoding="utf-8")
    result = run("calibrate", "default", few, "-o", tmp_path / "new", "--risk", 0.05, "--threads", 1)
    assert result.exit_code == 0, result.output
    assert "19 needed)" in result.stdout
    old, new = (json.loads((folder / "framing.json").read_text()) for folder in (default_folder(), tmp_path / "new"))
    assert [cue["threshold"] for cue in new["cues"]] == [cue["threshold"] for cue in old["cues"]]


def test_a_gate_that_was_verified_at_other_thresholds_is_left_out(made: Path) -> None:
    files = json.loads((made / "risk" / "framing.json").read_text(encoding="utf-8"))["files"]
    assert "model.onnx" in files
    assert not {"gate.onnx", "gate.json"} & (files.keys() | {path.name for path in (made / "risk").iterdir()})


def test_rules_are_not_calibrated(tmp_path: Path, examples: Path) -> None:
    said = refusal(run("calibrate", "lexicon", examples / "held-out.jsonl", "-o", tmp_path / "m"))
    assert "rules have no temperatures" in said
    assert not (tmp_path / "m").exists()


def test_halves_that_choose_nothing_have_no_figures_after(tmp_path: Path, examples: Path) -> None:
    lines = (examples / "held-out.jsonl").read_text(encoding="utf-8").splitlines()
    records = map(json.loads, lines)
    gold = [record for record in records if any(span["label"] == "pretext" for span in record["spans"])]
    by_article = {record["article"]: record for record in gold}
    few = tmp_path / "few.jsonl"
    few.write_text("".join(json.dumps(record) + "\n" for record in list(by_article.values())[:8]), encoding="utf-8")
    result = run("calibrate", "default", few, "-o", tmp_path / "new", "--risk", 0.15, "--threads", 1)
    assert result.exit_code == 0, result.output
    # All eight are enough for 1 / 0.15 - 1 = 5.7, but four aren't: the old threshold must not pass for the new one.
    assert re.search(r"pretext +before +[01]\.\d{3} \[", result.stdout)
    assert re.search(r"pretext .*\n +after +n/a: 4 articles with one, 6 needed, in a half", result.stdout)
    assert f"framing: {few}: only 8 articles, of 20 or more that a fit should rest on" in result.stderr


def test_wrong_calls_are_refused(tmp_path: Path, examples: Path) -> None:
    gold = examples / "held-out.jsonl"
    assert "one aim" in refusal(run("calibrate", "default", gold, "-o", tmp_path / "m", "--risk", 0.1, "--recall", 0.9))
    assert "the guarantee would not hold" in refusal(
        run("calibrate", "default", gold, "-o", tmp_path / "m", "--risk", 0.1, "--method", "isotonic")
    )
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "x").write_text("")
    assert "is there already" in refusal(run("calibrate", "default", gold, "-o", tmp_path / "there"))
    strange = tmp_path / "strange.jsonl"
    strange.write_text('{"id": "a", "text": "so-called", "spans": [{"start": 0, "end": 9, "label": "distance"}]}\n')
    assert "did you mean distancing?" in refusal(run("calibrate", "default", strange, "-o", tmp_path / "m"))
    one = tmp_path / "one.jsonl"
    told = {"text": "so-called", "spans": [{"start": 0, "end": 9, "label": "distancing"}], "article": "x"}
    one.write_text("".join(json.dumps({"id": str(number), **told}) + "\n" for number in range(3)))
    assert "one.jsonl: 1 of the 5 articles that a fit needs at the least (20 or more are better); label" in refusal(
        run("calibrate", "default", one, "-o", tmp_path / "m")
    )
    bare = tmp_path / "bare.jsonl"
    bare.write_text('{"id": "a", "text": "so-called", "spans": []}\n')
    assert "no record has a span" in refusal(run("calibrate", "default", bare, "-o", tmp_path / "m"))
    assert not (tmp_path / "m").exists()

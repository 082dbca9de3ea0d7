"""Several trainings in one command: seeds, learning curves, searches; several processes; trackers; accumulation."""

from __future__ import annotations

import csv
import json
import os
import statistics
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import optuna
import pytest
import torch
from command_line import refusal
from command_line import run as framing
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tiny import ROOT, write_recipe
from torch import nn
from transformers import TrainerCallback
from two_processes import judge_oracle

from framing.errors import ConfigError, FramingError, MissingExtraError
from framing.io.jsonl import read_documents
from training import search as searching
from training.config import load_config
from training.fit import fit
from training.run import Run
from training.search import search, trial_config
from training.several import finish


class Interrupt(TrainerCallback):
    """Breaks a training off after so many evaluations, as a user who presses ^C does."""

    def __init__(self, after: int) -> None:
        self.left = after

    def on_evaluate(self, *_: Any, **__: Any) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recipe(tmp_path_factory.mktemp("several"), train=32, dev=12, epochs=2)


def test_seeds_give_mean_and_deviation_and_go_on(recipe: Path, tmp_path: Path) -> None:
    command = ["train", recipe, f"output={tmp_path}", "training.epochs=1", "--seeds"]
    first = framing(*command, "3")
    assert first.exit_code == 0, first.output
    kept = (tmp_path / "seed-3" / "best" / "model.safetensors").stat().st_mtime_ns
    assert not (tmp_path / "seed-3" / "checkpoints").exists()
    assert "seed-3: holds a run already; go on with --resume" in refusal(framing(*command, "4,3"))
    assert not (tmp_path / "seed-4").exists()
    second = framing(*command, "3,4", "--resume")
    assert second.exit_code == 0, second.output
    assert (tmp_path / "seed-3" / "best" / "model.safetensors").stat().st_mtime_ns == kept
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["seeds"] == [3, 4]
    values = [Run(tmp_path / f"seed-{seed}").read_json("dev.metrics.json")["dev_loss"] for seed in (3, 4)]
    assert values[0] != values[1]
    row = summary["figures"]["loss"]
    assert row == {"mean": pytest.approx(statistics.fmean(values)), "sd": statistics.stdev(values), "values": values}
    assert f"{row['mean']:.4f} ± {row['sd']:.4f}" in second.output
    assert load_config(tmp_path / "seed-4" / "config.yaml").training.seed == 4


@pytest.mark.parametrize(("given", "message"), [("13,x", "give numbers"), ("13,13", "twice"), ("1.5", "whole numbers")])
def test_wrong_seeds_are_refused_in_one_line(recipe: Path, given: str, message: str) -> None:
    assert message in refusal(framing("train", recipe, "--seeds", given))


def test_a_curve_has_nested_shares_and_a_plot(recipe: Path, tmp_path: Path) -> None:
    command = ["curve", recipe, "training.epochs=1", "--shares", "1,0.5", "--seeds", "3", "-o", tmp_path]
    result = framing(*command)
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "curve.json").read_text())
    assert [(point["share"], point["documents"]) for point in found["points"]] == [(0.5, 16), (1.0, 32)]
    rows = rows_of(tmp_path / "curve.csv")
    whole = Run(tmp_path / "share-1-seed-3").read_json("dev.metrics.json")
    assert {"share": "1.0", "seed": "3", "figure": "loss", "value": str(whole["dev_loss"])} in rows
    drawing = (tmp_path / "curve.svg").read_text(encoding="utf-8")
    texts = [element.text for element in ElementTree.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314
    assert {"training documents", "strict f1", "overlap f1"} <= set(texts)
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert "holds a run already" in refusal(framing(*command))
    assert framing(*command, "--resume").exit_code == 0  # all done: only drawn again
    assert (tmp_path / "curve.svg").read_text(encoding="utf-8") == drawing


def test_a_baseline_has_seeds_and_a_curve_too_and_trains_no_network(recipe: Path, tmp_path: Path) -> None:
    found = framing("train", recipe, "baseline=majority", "--seeds", "1,2", f"output={tmp_path / 'seeds'}")
    assert found.exit_code == 0, found.output
    assert "framing export" not in found.output
    assert json.loads((tmp_path / "seeds" / "summary.json").read_text("utf-8"))["baseline"] == "majority"
    given = ("curve", recipe, "baseline=majority", "--shares", "0.5,1", "-o", tmp_path / "curve")
    found = framing(*given)
    assert found.exit_code == 0, found.output
    assert not list(tmp_path.rglob("model.safetensors"))
    kept = (tmp_path / "curve" / "curve.json").read_bytes()
    assert framing(*given, "--resume").exit_code == 0
    assert (tmp_path / "curve" / "curve.json").read_bytes() == kept
    line = refusal(framing("train", recipe, "baseline=majority", "search={space: {training.seed: [1, 2]}}"))
    assert "baseline majority has nothing to search for" in line


def test_a_share_beyond_the_whole_is_refused(recipe: Path, tmp_path: Path) -> None:
    assert "2 is no share" in refusal(framing("curve", recipe, "--shares", "0.5,2", "-o", tmp_path / "curve"))


SPACE = "{training.learning_rate: {low: 1e-5, high: 1.0e-2, log: true}, training.batch_size: [8, 16]}"


def searched(recipe: Path, output: Path, trials: int) -> list[str]:
    return [str(recipe), f"output={output}", f"search={{trials: {trials}, startup: 1, space: {SPACE}}}"]


def test_an_interrupted_search_ends_as_one_that_was_not(
    recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    straight = framing("train", *searched(recipe, tmp_path / "straight", 2))
    assert straight.exit_code == 0, straight.output
    real = searching.finish
    breaks = [Interrupt(2)]
    monkeypatch.setattr(
        searching, "finish", lambda one, *, resume, callbacks: real(one, resume=resume, callbacks=[*callbacks, *breaks])
    )
    path, *overrides = searched(recipe, tmp_path / "broken", 2)
    with pytest.raises(KeyboardInterrupt):
        search(load_config(Path(path), overrides))
    assert (tmp_path / "broken" / "trial-000" / "checkpoints").exists()
    monkeypatch.undo()
    again = framing("train", path, *overrides, "--resume")
    assert again.exit_code == 0, again.output
    one, other = (rows_of(tmp_path / name / "trials.csv") for name in ("straight", "broken"))
    assert one[0]["trial"] == other[0]["trial"] == "trial-000"
    assert [list(row.values())[1:] for row in one] == [list(row.values())[1:] for row in other]
    best = load_config(tmp_path / "broken" / "best.yaml")
    assert best.search is None
    assert best.training.batch_size in (8, 16)
    assert "next: framing train" in again.output


def test_a_trial_that_is_behind_is_pruned(recipe: Path, tmp_path: Path) -> None:
    path, *overrides = searched(recipe, tmp_path / "pruned", 3)
    config = load_config(Path(path), overrides)
    searching._open(tmp_path / "pruned", config, resume=False)
    study = optuna.create_study(
        storage=f"sqlite:///{tmp_path / 'pruned' / 'study.db'}", study_name="search", direction="maximize"
    )
    for _ in range(2):  # trials that did better than any training of two epochs can
        values = {"training.learning_rate": 1e-3, "training.batch_size": 8}
        space = {
            "training.learning_rate": optuna.distributions.FloatDistribution(1e-5, 1e-2, log=True),
            "training.batch_size": optuna.distributions.CategoricalDistribution((8, 16)),
        }
        study.add_trial(
            optuna.trial.create_trial(
                params=values,
                distributions=space,
                value=1.0,
                intermediate_values={1: 1.0, 2: 1.0},
                user_attrs={"folder": "earlier"},
            )
        )
    search(config, resume=True)
    rows = rows_of(tmp_path / "pruned" / "trials.csv")
    assert [(row["trial"], row["state"], row["epochs"]) for row in rows[2:]] == [("trial-002", "pruned", "1")]
    assert not (tmp_path / "pruned" / "trial-002" / "checkpoints").exists()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            "{training.learning_rte: [1]}",
            "search.space: training.learning_rte=1: unknown key training.learning_rte; did",
        ),
        ("{model.window: {low: 16, high: 64}}", "stride 32 must be below window 16"),
        ("{training.warmup: {low: 0.2, high: 0.1}}", "low must be below high"),
        ("{training.warmup: {low: 0.0, high: 0.1, log: true}}", "above 0 where log is true"),
        ("{training.warmup: {low: 0.2}}", "give low and high, or a list of choices"),
        ("{training.warmup: {low: 0.2, choices: [1]}}", "not both"),
    ],
)
def test_a_space_is_checked_before_anything_starts(recipe: Path, setting: str, message: str) -> None:
    assert message in refusal(framing("train", recipe, "--dry-run", f"search={{space: {setting}}}"))


def test_two_searches_are_never_mixed(recipe: Path, tmp_path: Path) -> None:
    path, *overrides = searched(recipe, tmp_path, 2)
    searching._open(tmp_path, load_config(Path(path), overrides), resume=False)
    with pytest.raises(ConfigError, match="holds a search or run already"):
        search(load_config(Path(path), overrides))
    with pytest.raises(ConfigError, match="holds another search"):
        search(load_config(Path(path), [*overrides, "training.epochs=7"]), resume=True)
    searching._open(tmp_path, load_config(Path(path), [*overrides, "search.trials=9"]), resume=True)
    assert trial_config(load_config(Path(path), overrides), {}, "best").output == str(tmp_path / "best")


def test_two_processes_train_one_model_and_judge_it_as_one_does(recipe: Path, tmp_path: Path) -> None:
    output, dev, judged = tmp_path / "run", ROOT / "examples" / "corpus.jsonl", tmp_path / "judged.json"
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2"]
    script = [str(ROOT / "tests" / "two_processes.py"), str(recipe), str(output), str(dev), str(judged)]
    done = subprocess.run(
        [*launch, "--main_process_port", "0", *script],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("strict micro F1 on dev") == 1
    assert (output / "best" / "model.safetensors").exists()
    lines = [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [4, 8]  # 32 windows, 4 a step of each process
    predicted = read_documents(output / "dev.predictions.jsonl")
    assert [d.id for d in predicted] == [d.id for d in read_documents(recipe.parent / "dev.jsonl")]
    figures = json.loads(judged.read_text())
    assert figures["dev_overlap_f1"] == 1.0
    assert figures == judge_oracle(recipe, dev, tmp_path / "alone")


def test_tensorboard_gets_losses_and_figures(recipe: Path, tmp_path: Path) -> None:
    overrides = [f"output={tmp_path}", "training.epochs=1", "training.report_to=[tensorboard]"]
    run = fit(load_config(recipe, overrides))
    events = EventAccumulator(str(tmp_path / "logs"))
    events.Reload()
    (written,) = events.Scalars("eval/strict_f1")
    (line,) = [json.loads(line) for line in (run.folder / "metrics.jsonl").read_text().splitlines()]
    assert written.value == pytest.approx(line["eval_strict_f1"])
    assert written.step == line["step"]
    assert "train/train_loss" in events.Tags()["scalars"]
    assert 0.1 < run.read_json("dev.metrics.json")["peak_memory_gib"] < 64


def test_a_missing_tracker_names_the_pip_command(recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="wandb is not installed: pip install wandb"):
        fit(load_config(recipe, [f"output={tmp_path / 'run'}", "training.report_to=[wandb]"]))
    assert not (tmp_path / "run").exists()


def test_a_trackers_run_ends_with_the_training_that_broke_off(
    recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = []
    stub = SimpleNamespace(__spec__=ModuleSpec("wandb", None), finish=lambda: ended.append("wandb"))
    monkeypatch.setitem(sys.modules, "wandb", stub)
    overrides = [f"output={tmp_path}", "training.report_to=[wandb]", "model.encoder=no/such/folder"]
    with pytest.raises(FramingError):
        finish(load_config(recipe, overrides), resume=False)
    assert ended == ["wandb"]


class Gradients(TrainerCallback):
    """Keeps the gradients of the first update and stops."""

    def __init__(self) -> None:
        self.found: dict[str, torch.Tensor] = {}

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, model: nn.Module, **_: Any) -> None:
        self.found = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
        raise KeyboardInterrupt


def test_gradients_are_averaged_over_accumulated_steps(recipe: Path, tmp_path: Path) -> None:
    """Four batches of the same window have the gradient of one."""
    (line, *_) = (recipe.parent / "train.jsonl").read_text(encoding="utf-8").splitlines()
    record = json.loads(line)
    same = tmp_path / "same.jsonl"
    same.write_text("".join(json.dumps({**record, "id": f"r{number}"}) + "\n" for number in range(4)))
    found = []
    for steps in (1, 4):
        kept = Gradients()
        overrides = [
            f"output={tmp_path / str(steps)}",
            f"data.train=[{same}]",
            "model={dropout: 0.0, attention_dropout: 0.0, rules: false, rules_dropout: 0.0, "
            f"encoder: {load_config(recipe).model.encoder}}}",
            f"training={{batch_size: 1, gradient_accumulation: {steps}, precision: float32, max_grad_norm: 1.0e9}}",
        ]
        with pytest.raises(KeyboardInterrupt):
            fit(load_config(recipe, overrides), callbacks=[kept])
        found.append(kept.found["cue_head.weight"])
    assert found[0].abs().max() > 0
    torch.testing.assert_close(found[1], found[0], rtol=1e-3, atol=1e-5)

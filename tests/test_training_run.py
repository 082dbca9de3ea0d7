"""The whole path with a tiny encoder from a local folder: train, kill, resume, export, score."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file
from tiny import ROOT, write_encoder
from transformers import EvalPrediction, TrainerCallback

import framing
from framing.cli import main
from framing.cues import CODEBOOK
from framing.designation import Designator
from framing.errors import ConfigError, InputError
from framing.features import RULES_VERSION
from framing.io.jsonl import read_documents
from framing.tokens import WindowTokenizer
from training.card import run_data_card
from training.config import load_config
from training.corpora.convert import convert
from training.encode import dataset
from training.export import _counted, export
from training.fingerprint import fingerprint, sha256
from training.fit import InOrder, Judge, fit, weights_of
from training.run import Run
from training.tagger import load_encoder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_encoder(tmp_path_factory.mktemp("encoder"), dropout=0.1)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory, encoder: Path) -> Path:
    folder = tmp_path_factory.mktemp("recipe")
    lines = (ROOT / "examples" / "corpus.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "train.jsonl").write_text("".join(lines[:120]), encoding="utf-8")
    (folder / "dev.jsonl").write_text("".join(lines[120:200]), encoding="utf-8")
    convert(str(folder / "train.jsonl"), "jsonl", "labelstudio", folder / "train.json")
    path = folder / "recipe.yaml"
    path.write_text(
        f"name: tiny\noutput: {folder / 'straight'}\n"
        f"data: {{train: ['labelstudio:{folder / 'train.json'}'], dev: [{folder / 'dev.jsonl'}]}}\n"
        f"model: {{encoder: {encoder}}}\n"
        "training: {epochs: 4, batch_size: 8, learning_rate: 3.0e-3, head_learning_rate: 1.0e-2, patience: 9}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def run(recipe: Path) -> Run:
    return fit(load_config(recipe))


@pytest.fixture(scope="module")
def model(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "tiny"
    export(run.folder, folder)
    return folder


def test_a_run_folder_holds_what_another_person_needs(run: Run, recipe: Path) -> None:
    assert load_config(run.folder / "config.yaml") == load_config(recipe)
    data = run.read_json("data.json")
    assert data["files"] == {
        "train": [fingerprint(f"labelstudio:{recipe.parent / 'train.json'}")],
        "dev": [{"name": "dev.jsonl", "sha256": sha256(recipe.parent / "dev.jsonl")}],
    }
    assert data["corpus"]["train"]["documents"] == 120
    assert data["corpus"]["dev"]["documents"] == 80
    assert set(run.read_json("environment.json")["packages"]) >= {"torch", "transformers", "onnxruntime"}
    metrics = [json.loads(line) for line in (run.folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [round(line["epoch"]) for line in metrics if "eval_strict_f1" in line] == [1, 2, 3, 4]
    predicted = read_documents(run.folder / "dev.predictions.jsonl")
    assert [document.id for document in predicted] == [
        document.id for document in read_documents(recipe.parent / "dev.jsonl")
    ]


def test_the_judge_puts_windows_back_into_their_documents(recipe: Path) -> None:
    """Logits that are the gold tags score 1 in order; a Trainer that groups by length would mix the documents up."""
    gold = read_documents(recipe.parent / "dev.jsonl")
    file = ROOT / "framing" / "models" / "default" / "tokenizer.json"
    tokenizer = WindowTokenizer.from_file(file, window=24, stride=8)
    labels = [cue.name for cue in CODEBOOK]
    windows, _ = dataset(gold, tokenizer, labels)
    assert len(windows) > len(gold)
    cue = np.zeros((len(windows), 26, len(labels), 3), dtype=np.float32)
    for row, window in enumerate(windows):
        tags = np.reshape(window["cue_labels"], (-1, len(labels)))
        places = np.argwhere(tags >= 0)
        cue[row, places[:, 0], places[:, 1], tags[tags >= 0]] = 20.0
    judge = Judge(gold, windows, tokenizer, CODEBOOK)
    voice = np.zeros((len(windows), 26, 3), dtype=np.float32)
    assert judge(EvalPrediction((cue, voice), ()))["strict_f1"] > 0.98  # halves at a window's edge are not taught
    assert judge(EvalPrediction((cue[::-1], voice), ()))["strict_f1"] < 0.1
    sampler = InOrder._get_eval_sampler(object.__new__(InOrder), windows)
    assert list(sampler) == list(range(len(windows)))


class CountSteps(TrainerCallback):
    def __init__(self) -> None:
        self.taken = 0

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.taken += 1


def _metrics(run: Run) -> list[dict[str, float]]:
    """Give the figures of every epoch and of the end, without what they cost."""
    lines = (run.folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    found = [*map(json.loads, lines), run.read_json("dev.metrics.json")]
    return [{name: v for name, v in one.items() if "f1" in name or name.endswith(("loss", "step"))} for one in found]


def test_a_killed_run_resumes_to_the_same_weights(run: Run, recipe: Path) -> None:
    output = recipe.parent / "killed"
    command = [sys.executable, "-m", "framing", "train", str(recipe), f"output={output}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 240
    while not list(output.glob("checkpoints/checkpoint-30/trainer_state.json")):  # the second of four epochs is over
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline, "no checkpoint in time"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (output / "best").exists()
    steps = CountSteps()
    resumed = fit(load_config(recipe, [f"output={output}"]), resume=True, callbacks=[steps])
    assert 0 < steps.taken <= 30  # it went on, and didn't start again
    for one, other in zip(_metrics(run), _metrics(resumed), strict=True):
        assert one == pytest.approx(other, rel=1e-4)
    straight, after = (load_file(one.best / "model.safetensors") for one in (run, resumed))
    assert straight.keys() == after.keys()
    for name, value in straight.items():
        torch.testing.assert_close(after[name], value, rtol=1e-4, atol=1e-5)


def test_two_runs_are_never_mixed(run: Run, recipe: Path) -> None:
    with pytest.raises(ConfigError, match="holds a run already"):
        fit(load_config(recipe))
    with pytest.raises(ConfigError, match="another config"):
        fit(load_config(recipe, ["training.epochs=9"]), resume=True)
    with pytest.raises(ConfigError, match="no run to resume"):
        fit(load_config(recipe, [f"output={recipe.parent / 'never'}"]), resume=True)


@pytest.mark.parametrize("name", ["train.json", "dev.jsonl"])
def test_a_run_goes_on_only_with_the_data_that_it_saw(run: Run, recipe: Path, name: str) -> None:
    path = recipe.parent / name
    kept = path.read_text(encoding="utf-8")
    path.write_text(kept.replace('"id": "ex', '"id": "other-ex', 1), encoding="utf-8")
    try:
        with pytest.raises(ConfigError, match="the run saw other data than its files hold now"):
            fit(load_config(recipe), resume=True)
    finally:
        path.write_text(kept, encoding="utf-8")


def test_training_goes_on_from_a_finished_run(run: Run, recipe: Path) -> None:
    overrides = [f"output={recipe.parent / 'onward'}", f"model.start={run.folder}", "training.epochs=1"]
    config = load_config(recipe, [*overrides, "training.learning_rate=1e-9", "training.head_learning_rate=1e-9"])
    weights, onward = (load_file(one.best / "model.safetensors") for one in (run, fit(config)))
    for name, value in weights.items():
        torch.testing.assert_close(onward[name], value, rtol=1e-3, atol=1e-5)


def test_weights_of_another_kind_are_refused(run: Run, recipe: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"it finds scare_quote, .* but the recipe wants sponsor_label, "):
        weights_of(str(run.folder), CODEBOOK[::-1])
    start, output = f"model.start={run.folder}", f"output={tmp_path / 'run'}"
    with pytest.raises(ConfigError, match="its weights don't fit this recipe's encoder and heads"):
        fit(load_config(recipe, [start, output, "model.encoder=minilm"]))
    with pytest.raises(ConfigError, match="not a finished run"):
        fit(load_config(recipe, [f"model.start={tmp_path}", f"output={tmp_path / 'other'}"]))


def test_texts_in_both_parts_are_refused(recipe: Path) -> None:
    both = f"data.dev=[{recipe.parent / 'train.jsonl'}]"
    with pytest.raises(InputError, match=r"train\.jsonl: 120 texts stand in data\.train too, first 'ex"):
        fit(load_config(recipe, [both, f"output={recipe.parent / 'leak'}"]))


def test_an_unknown_cue_is_named(recipe: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"id": "a", "text": "so-called", "spans": [{"start": 0, "end": 9, "label": "distancin"}]}\n')
    with pytest.raises(
        InputError, match=r"wrong\.jsonl:1: record 'a': unknown cue 'distancin'; did you mean distancing\?"
    ):
        fit(load_config(recipe, [f"data.train=[{wrong}]", f"output={tmp_path / 'run'}"]))


def test_a_window_beyond_the_encoders_positions_is_refused(recipe: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"more than the 160 positions .* set model.window=158 or less"):
        fit(load_config(recipe, ["model.window=200", f"output={tmp_path / 'run'}"]))


@pytest.mark.parametrize("name", ["no/such/folder", "examples"])
def test_an_encoder_that_is_none_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(ConfigError, match=f"encoder '{name}'"):
        load_encoder(name)


def test_the_exported_model_agrees_with_the_trained_one(model: Path) -> None:
    parity = json.loads((model / "framing.json").read_text(encoding="utf-8"))["figures"]["parity"]
    assert parity["documents"] == 80
    assert parity["float"]["largest_probability_difference"] < 1e-3
    assert parity["float"]["strict_f1"] == parity["torch"]["strict_f1"]
    whole = parity["whole_dev"]
    assert whole["int8_strict_f1"] >= whole["float_strict_f1"] - 0.005


def test_the_exported_model_scores_as_its_card_says(model: Path, recipe: Path) -> None:
    gold = read_documents(recipe.parent / "dev.jsonl")
    found = [scored.spans for scored in framing.load(model).score_many(gold)]
    matched = sum(
        len({(s.start, s.end, s.label) for s in document.spans} & {(s.start, s.end, s.label) for s in spans})
        for document, spans in zip(gold, found, strict=True)
    )
    total = sum(len(document.spans) + len(spans) for document, spans in zip(gold, found, strict=True))
    figures = json.loads((model / "framing.json").read_text(encoding="utf-8"))["figures"]["dev"]
    # int8 activations are scaled by batch, and scoring packs other batches than export did
    assert 2 * matched / total == pytest.approx(figures["f1"]["micro"]["strict"][0], abs=0.02)
    card = (model / "README.md").read_text(encoding="utf-8")
    assert f"{figures['f1']['micro']['strict'][0]:.3f}" in card
    assert "doesn't say how the labels were made" in card
    assert all(cue.definition in card for cue in CODEBOOK)


def test_the_exported_model_holds_a_data_card_of_the_run(model: Path, run: Run, tmp_path: Path) -> None:
    data, config = run.read_json("data.json"), load_config(run.folder / "config.yaml")
    card = (model / "DATA.md").read_text(encoding="utf-8")
    assert card == run_data_card(data, config)
    assert "| train | 120 | " in card
    assert all(f"`{file['sha256']}`" in card for part in data["files"].values() for file in part)
    counted = data.pop("statistics")  # as a run of an earlier version lacks it
    old = Run(tmp_path)
    old.write_json("data.json", data)
    assert _counted(old, config, CODEBOOK)["statistics"] == counted


def test_the_exported_model_holds_what_the_run_learnt_of_designations(model: Path, run: Run) -> None:
    facts = json.loads((model / "framing.json").read_text(encoding="utf-8"))
    assert facts["files"]["designation.json"] == sha256(model / "designation.json")
    assert Designator.from_folder(model).weights == run.read_json("designation.json")["weights"] != {}
    assert set(facts["figures"]["dev"]["designations"]) == {"kind", "authority", "target", "source"}


def test_a_changed_dev_file_stops_the_export(run: Run, recipe: Path, tmp_path: Path) -> None:
    path = recipe.parent / "dev.jsonl"
    kept = path.read_bytes()
    path.write_bytes(kept + b"\n")
    try:
        with pytest.raises(ConfigError, match="not the dev file that the run saw"):
            export(run.folder, tmp_path / "model")
    finally:
        path.write_bytes(kept)


@pytest.mark.parametrize("old", [True, False])
def test_a_run_of_other_rules_is_neither_exported_nor_taken_up(run: Run, tmp_path: Path, old: bool) -> None:
    kept = run.read_json("rules.json")
    assert kept["version"] == RULES_VERSION
    assert any(kept["opinions"])
    other = shutil.copytree(run.folder, tmp_path / "run")
    changed = kept["opinions"] if old else kept | {"version": RULES_VERSION - 1}  # before 2 there was no version
    (other / "rules.json").write_text(json.dumps(changed), encoding="utf-8")
    found = 1 if old else RULES_VERSION - 1
    message = f"made with version {found} of the rules, but this framing has {RULES_VERSION}; train it again"
    with pytest.raises(ConfigError, match=message):
        export(other, tmp_path / "model")
    with pytest.raises(ConfigError, match=message):
        Run(other).write_rules(run.rules())
    (other / "rules.json").write_text(json.dumps({"version": 0, "opinions": [None, None]}), encoding="utf-8")
    assert Run(other).rules() == [None, None]  # a network that nobody tells of them


def test_export_never_overwrites_a_folder_that_is_no_model(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigError, match=r"holds 'thesis\.txt', which is no part of a model"):
        export(run.folder, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_dry_run_prints_the_recipe_and_makes_nothing(recipe: Path, tmp_path: Path) -> None:
    output = tmp_path / "run"
    result = CliRunner().invoke(main, ["train", str(recipe), "--dry-run", f"output={output}", "training.epochs=7"])
    assert result.exit_code == 0
    assert "epochs: 7" in result.output
    assert not output.exists()


def test_unknown_keys_end_the_command_with_one_line(recipe: Path) -> None:
    result = CliRunner().invoke(main, ["train", str(recipe), "training.epoch=7"])
    assert result.exit_code == 2
    assert "did you mean training.epochs?" in result.output
    assert result.output.count("\n") == 1

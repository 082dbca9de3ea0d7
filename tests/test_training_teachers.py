"""Distillation: what teachers say is learnt beside the gold, in the student's order of types, and kept for a resume."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_training_encode import TOKENIZER
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from framing.cues import CODEBOOK
from framing.decode import BEGIN
from framing.errors import ConfigError
from framing.model import Model, default_folder
from framing.spans import CueSpan, Document
from framing.tokens import WindowTokenizer
from training import teachers
from training.card import model_card
from training.config import load_config
from training.dry_run import check
from training.fit import fit
from training.run import Run
from training.teachers import OPINIONS, kept_opinions, open_teachers, opinions, taught, teacher_names

TEXTS = (
    "The junta called the vote a “farce” under the pretext of security.",
    "The mayor opened the bridge on Monday.",
    "",
    "State-run radio named the group, a terrorist organization banned in Freedonia.",
)
DOCUMENTS = [Document(str(number), text) for number, text in enumerate(TEXTS)]


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(default_folder(), threads=1)


def test_opinions_are_probabilities_in_the_students_order(model: Model) -> None:
    cues = CODEBOOK[::-1]
    found = list(opinions([model], DOCUMENTS, cues))
    assert [len(said) for said in found] == [len(text.units) for text in model.tokenizer.tokenize_many(TEXTS)]
    for said in found:
        np.testing.assert_allclose(said.sum(axis=-1), 1.0, atol=1e-5)
    labels = [cue.name for cue in cues]
    begins = {label: found[3][:, place, BEGIN].max() for place, label in enumerate(labels)}
    assert begins["terrorist_designation"] > 0.5 > begins["scare_quote"]


def test_several_teachers_are_averaged(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    one = list(opinions([model], DOCUMENTS, CODEBOOK))
    other = Model(default_folder(), threads=1)
    monkeypatch.setattr(
        other, "run", lambda texts: [([cue * 0 for cue in cues], voices) for cues, voices in model.run(texts)]
    )
    both = list(opinions([model, other], DOCUMENTS, CODEBOOK))
    np.testing.assert_allclose(both[0][:, :-1], (one[0][:, :-1] + 1 / 3) / 2, atol=1e-5)
    np.testing.assert_allclose(both[0][:, -1], one[0][:, -1], atol=1e-5)


def test_gold_and_opinion_are_mixed_and_other_texts_are_labelled_by_the_teachers(model: Model) -> None:
    gold = replace(DOCUMENTS[1], spans=(CueSpan(4, 9, "group_label", voice="author"),))
    documents = [gold, DOCUMENTS[0], *DOCUMENTS[2:]]
    said = list(opinions([model], documents, CODEBOOK))
    tokenizer = WindowTokenizer.from_file(TOKENIZER)
    read, targets = taught(documents, said, 1, tokenizer, CODEBOOK, 0.25)
    place = [cue.name for cue in CODEBOOK].index("group_label")
    np.testing.assert_allclose(targets[0][1, place], 0.75 * np.eye(3)[BEGIN] + 0.25 * said[0][1, place], atol=1e-6)
    np.testing.assert_array_equal(targets[3], said[3][:, :-1])
    assert read[0] is gold
    assert read[2].spans == ()
    assert [span for span in read[3].spans if span.label == "terrorist_designation"]
    assert all(span.voice for span in read[3].spans)


def test_a_run_that_goes_on_needs_no_teacher(tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "opinions.npz"
    said = kept_opinions([str(default_folder())], DOCUMENTS, CODEBOOK, path)
    monkeypatch.setattr(teachers, "open_teachers", lambda *_: pytest.fail("a teacher was opened again"))
    again = kept_opinions([str(default_folder())], DOCUMENTS, CODEBOOK, path)
    for first, second, exact in zip(said, again, opinions([model], DOCUMENTS, CODEBOOK), strict=True):
        np.testing.assert_array_equal(first, second)
        np.testing.assert_allclose(first, exact, atol=1e-3)
    assert [path.name for path in tmp_path.iterdir()] == ["opinions.npz"]
    monkeypatch.undo()
    assert len(kept_opinions([str(default_folder())], DOCUMENTS[:2], CODEBOOK, path)) == 2  # a stale file is made anew


def test_a_teacher_of_other_types_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"finds scare_quote, .* but the recipe wants scare_quote \(task spans\)"):
        open_teachers([str(default_folder())], CODEBOOK[:1])


def recipe(folder: Path, examples: Path, more: str = "") -> Path:
    path = folder / "recipe.yaml"
    path.write_text(
        f"output: {folder / 'run'}\n"
        f"data: {{train: [{folder / 'train.jsonl'}], dev: [{examples / 'held-out.jsonl'}], dev_limit: 8{more}}}\n"
        f"model: {{encoder: {folder / 'encoder'}}}\n"
        f"training: {{epochs: 1, precision: float32, teachers: [{default_folder()}]}}\n",
        encoding="utf-8",
    )
    return path


def test_a_student_learns_labelled_and_other_texts(tmp_path: Path, examples: Path, model: Model) -> None:
    lines = (examples / "corpus.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "train.jsonl").write_text("".join(lines[:20]), encoding="utf-8")
    bare = [{"id": str(n), "text": json.loads(line)["text"], "article": "o"} for n, line in enumerate(lines[20:30])]
    held = json.loads((examples / "held-out.jsonl").read_text(encoding="utf-8").splitlines()[0])
    seen = [{"id": "same", "text": held["text"]}, {"id": "kin", "text": "More of it.", "article": held["article"]}]
    (tmp_path / "others.jsonl").write_text("\n".join(map(json.dumps, [*seen, *bare])), encoding="utf-8")
    config = BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    BertModel(config).save_pretrained(tmp_path / "encoder")
    PreTrainedTokenizerFast(tokenizer_file=str(TOKENIZER)).save_pretrained(tmp_path / "encoder")
    made = load_config(recipe(tmp_path, examples, f", unlabelled: [{tmp_path / 'others.jsonl'}]"))
    run = fit(made)
    assert len(np.load(run.folder / OPINIONS)["lengths"]) == 30
    assert teacher_names(run.folder / OPINIONS)[0].startswith(f"{model.info.name} {model.info.version} (")
    facts = {**model.info.facts, "teachers": ["large 1.0"], "cues": [], "name": "x", "version": "1"}
    facts |= {"window": 128, "stride": 32, "task": "spans"}
    card = model_card(facts, model.info.calibration, model.info.cues, made)
    assert "count for 0.5" in card
    assert "nobody labelled (below, as unlabelled): large 1.0." in card
    assert [file["name"] for file in Run(run.folder).read_json("data.json")["files"]["unlabelled"]] == ["others.jsonl"]


def test_a_dry_run_names_a_missing_teacher_and_a_missing_corpus(tmp_path: Path, examples: Path) -> None:
    train = examples / "corpus.jsonl"
    (tmp_path / "train.jsonl").write_text(train.read_text(encoding="utf-8"), encoding="utf-8")
    made = recipe(tmp_path, examples, f", unlabelled: [{tmp_path / 'none.jsonl'}]")
    assert any("none.jsonl" in fault for fault in check(made)[1])
    given = [f"training.teachers=[{tmp_path / 'nobody'}]", "model.encoder=minilm"]
    (fault,) = check(recipe(tmp_path, examples), given)[1]
    assert "nobody" in fault


@pytest.mark.parametrize(
    ("data", "training", "reason"),
    [
        (", unlabelled: [b.jsonl]", "{}", "nobody labels it"),
        ("", "{teachers: [a], teacher_weight: 2}", "teacher_weight"),
    ],
)
def test_recipes_without_sense_are_refused(tmp_path: Path, data: str, training: str, reason: str) -> None:
    (tmp_path / "r.yaml").write_text(f"data: {{train: [a.jsonl], dev: [a.jsonl]{data}}}\ntraining: {training}\n")
    with pytest.raises(ConfigError, match=reason):
        load_config(tmp_path / "r.yaml")


def test_only_the_network_of_spans_learns_from_teachers(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(
        "task: sentences\ndata: {train: [a.jsonl], dev: [a.jsonl]}\ntraining: {teachers: [m]}\n"
    )
    with pytest.raises(ConfigError, match="only the network of task spans"):
        load_config(tmp_path / "r.yaml")

"""`framing gate`: a gate is learnt from what a model finds, goes on after a kill, and is refused below its recall."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from archive_samples import jsonl
from command_line import refusal, run

from framing.decode import UnitProbabilities
from framing.gate import NETWORK, RECORD, Gate
from framing.hub import FILES
from framing.model import Model, default_folder
from framing.scorer import ModelFinder
from framing.spans import CueSpan, Document
from training import gate_run
from training.gate import Example, closeness, examples

RAIN = "Rain fell on the harbour. The boats stayed in. "
CUE = "The so-called truce held. "
LABEL = {"start": 4, "end": 13, "label": "distancing", "voice": "author"}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default model without a gate."""
    folder = shutil.copytree(default_folder(), tmp_path_factory.mktemp("model") / "bare")
    info = json.loads((folder / "framing.json").read_text())
    for name in (NETWORK, RECORD):
        (folder / name).unlink(missing_ok=True)
        info["files"].pop(name, None)
    (folder / "framing.json").write_text(json.dumps(info))
    card = (folder / "README.md").read_text(encoding="utf-8")
    (folder / "README.md").write_text(card.split(gate_run.HEADING)[0], encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    news = [{"id": f"n{n}", "text": RAIN * (2 + n % 3) + CUE + RAIN * (n % 4) + f"It was day {n}."} for n in range(60)]
    gold = [{"id": f"g{n}", "text": CUE + RAIN, "spans": [LABEL]} for n in range(4)]
    (folder / "news.jsonl").write_bytes(jsonl(news))
    for name in ("train", "dev"):
        (folder / f"{name}.jsonl").write_bytes(jsonl(gold))
    return folder


def learn(model: Path, data: Path, work: Path) -> dict[str, Any]:
    names = {name: data / f"{name}.jsonl" for name in ("train", "dev", "news")}
    return gate_run.learn(
        model, **names, sentences_learnt=300, sentences_checked=60, epochs=150, seed=0, work=work / "work"
    )


@pytest.fixture(scope="module")
def learnt(bare: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that got a gate in `model`, and the work folder beside it."""
    folder = tmp_path_factory.mktemp("learnt")
    shutil.copytree(bare, folder / "model")
    learn(folder / "model", data, folder)
    return folder


def test_a_model_gets_a_gate_with_its_figures(learnt: Path, bare: Path) -> None:
    Model(learnt / "model", threads=1, gated=True)  # opens, so the hashes are right
    facts = Gate.from_folder(learnt / "model", 6).facts
    assert facts["dev"] == {
        "articles": 4,
        "sentences": 12,
        "spans": 4,
        "recall": 1.0,
        "lost": {},
        "agreement_f1": 1.0,
        "voice_agreement": 1.0,
        "expected_ratio": facts["dev"]["expected_ratio"],
        "tokens_skipped": facts["dev"]["tokens_skipped"],
        "strict_f1": 1.0,
        "exhaustive_strict_f1": 1.0,
    }
    assert facts["news"]["recall"] >= gate_run.RECALL
    assert facts["news"]["tokens_skipped"] > 0.3
    assert facts["learnt"]["news"]["sentences"] >= 300
    card = (learnt / "model" / "README.md").read_text(encoding="utf-8")
    before, section = card.split(gate_run.HEADING)
    assert before.rstrip() == (bare / "README.md").read_text(encoding="utf-8").rstrip()
    assert "| dev | 12 | 4 | 100.00% |" in section
    assert {path.name for path in (learnt / "model").iterdir()} <= set(FILES)


def test_run_again_it_scores_and_trains_nothing_again(
    learnt: Path, bare: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(learnt / "work", tmp_path / "work")
    shutil.copytree(bare, tmp_path / "model")

    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(gate_run, "train_network", never)
    texts: list[str] = []
    find = ModelFinder.find_many

    def noted(self: ModelFinder, documents: list[Document], threshold: float | None) -> Iterator[Any]:
        if self.model.tokenizer.gate is None:
            texts.extend(document.text for document in documents)
        return find(self, documents, threshold)

    monkeypatch.setattr(ModelFinder, "find_many", noted)
    learn(tmp_path / "model", data, tmp_path)
    assert texts == []
    for name in FILES:
        if name != "DATA.md":
            assert (tmp_path / "model" / name).read_bytes() == (learnt / "model" / name).read_bytes()


def test_after_a_kill_it_scores_what_is_missing(learnt: Path, bare: Path, data: Path, tmp_path: Path) -> None:
    shutil.copytree(learnt / "work", tmp_path / "work")
    shutil.copytree(bare, tmp_path / "model")
    (store,) = (path for path in (tmp_path / "work").glob("*.jsonl") if ".dev." not in path.name)
    whole = store.read_bytes()
    store.write_bytes(whole[: len(whole) // 2])  # half a line at its end
    learn(tmp_path / "model", data, tmp_path)
    assert sorted(store.read_bytes().splitlines()) == sorted(whole.splitlines())
    assert (tmp_path / "model" / RECORD).read_bytes() == (learnt / "model" / RECORD).read_bytes()


def test_a_gate_below_its_recall_is_refused(
    learnt: Path, bare: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(learnt / "work", tmp_path / "work")
    shutil.copytree(bare, tmp_path / "model")
    monkeypatch.setattr(gate_run, "_threshold", lambda *_: 1.1)
    files = {name: data / f"{name}.jsonl" for name in ("train", "dev", "news")}
    given = ["--learn", 300, "--check", 60, "--epochs", 150, "--work", tmp_path / "work"]
    told = run("gate", tmp_path / "model", files["news"], "--train", files["train"], "--dev", files["dev"], *given)
    assert "model: the gate lets only 0.00% of the spans on dev through, not 99.5%" in refusal(told)
    assert not (tmp_path / "model" / NETWORK).exists()
    Model(tmp_path / "model", threads=1)


def test_too_few_articles_are_told(bare: Path, data: Path, tmp_path: Path) -> None:
    files = {name: data / f"{name}.jsonl" for name in ("train", "dev")}
    told = run("gate", bare, data / "news.jsonl", "--train", files["train"], "--dev", files["dev"], "--work", tmp_path)
    assert refusal(told).endswith("news.jsonl: too few articles; lower --learn, or name a larger archive")


def test_spans_are_found_in_their_sentences() -> None:
    tokenizer = Model(default_folder(), threads=1).tokenizer
    text = f"{CUE}Rain fell. {CUE}"
    spans = [CueSpan(4, 13, "distancing", 0.9), CueSpan(20, 30, "distancing", 0.9)]
    (known,) = examples(tokenizer, [Document("a", text, tuple(spans)), Document("b", " ")])
    assert known.spans.tolist() == [[0, 1], [0, 2]]
    assert known.targets().tolist() == [1, 1, 0]
    (hoped,) = examples(tokenizer, [Document("a", text, tuple(spans))], {text: [0.9, 0.2, 0.3]})
    np.testing.assert_allclose(hoped.targets(), [0.9, 0.5, 0.3])
    assert not len(Example.of(tokenizer.tokenize(text), [CueSpan(25, 26, "distancing", 0.9)]).spans)


def test_closeness_is_a_half_at_the_threshold_and_goes_with_the_nearest_unit() -> None:
    text = Model(default_folder(), threads=1).tokenizer.tokenize("Rain fell. Snow fell. Hail fell.")
    cues = np.zeros((len(text.units), 2, 3), dtype=np.float32)
    cues[:, :, 0] = 1.0
    cues[1, 0], cues[0, 1], cues[4, 1] = [0.6, 0.4, 0.0], [0.9, 0.1, 0.0], [0.2, 0.0, 0.8]
    found = closeness(text, UnitProbabilities(cues, None), [0.4, 0.2])
    np.testing.assert_allclose(found[:2], [0.5, 16 / 17], rtol=1e-4)  # odds of 4 against a quarter
    assert found[2] < 1e-5


def test_a_text_without_words_is_close_to_nothing() -> None:
    text = Model(default_folder(), threads=1).tokenizer.tokenize(" ")
    assert not len(closeness(text, UnitProbabilities(np.zeros((0, 2, 3), dtype=np.float32), None), [0.4, 0.2]))

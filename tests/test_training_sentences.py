"""The sentences task: gold on sentences, windows, loss, and the whole path with a tiny encoder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from command_line import lines, refusal
from command_line import run as framing
from tiny import write_encoder
from torch import nn

import framing as package
from framing.errors import ConfigError
from framing.io.jsonl import read_documents
from framing.spans import CueSpan, Document
from framing.text import sentences, units
from framing.tokens import SENTENCES, WindowTokenizer
from training.config import load_config, vocabulary
from training.corpora.base import Losses
from training.encode import Losses as WindowLosses
from training.export import export
from training.fit import fit
from training.run import Run
from training.select import _on_words
from training.sentence_tagger import SentenceTagger, pool
from training.sentences import SentenceCollator, label_weights, on_sentences, rows
from training.tagger import IGNORE, load_encoder

LABELS = ["loud", "doubtful"]
SUBJECTS = ("minister", "mayor", "council", "union", "company", "museum", "court", "school")
LOUD = ("The {} is a shameful disgrace!", "What an outrageous, shameful {}!", "That disgraceful {} must go!")
DOUBTFUL = ("The {} allegedly lost the papers.", "It is reportedly the {} that knew.", "The {} supposedly paid.")
BOTH = ("The {} allegedly told a shameful, disgraceful lie!",)
PLAIN = ("The {} met on Monday.", "A report by the {} has two parts.", "In spring the {} opens at nine.")


def article(random: np.random.Generator, name: str) -> dict[str, object]:
    """Write an article of some sentences, some of which are loud, doubtful or both."""
    text, spans = "", []
    for number in range(int(random.integers(2, 6))):
        kind = random.choice(4, p=[0.25, 0.2, 0.1, 0.45])
        frame = str(random.choice((LOUD, DOUBTFUL, BOTH, PLAIN)[kind]))
        sentence = frame.format(random.choice(SUBJECTS))
        start = len(text) + (number > 0)
        text = f"{text} {sentence}" if text else sentence
        given = (["loud"], ["doubtful"], ["loud", "doubtful"], [])[kind]
        spans += [{"start": start, "end": len(text), "label": label} for label in given]
    return {"id": name, "text": text, "spans": spans}


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sentences")
    random = np.random.default_rng(0)
    for part, number in (("train", 120), ("dev", 50)):
        records = [article(random, f"{part}-{index}") for index in range(number)]
        taken = {str(record["text"]): record for record in records}  # a text that was drawn twice stands once
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in taken.values()))
    (folder / "cues.yaml").write_text("".join(f"- name: {label}\n  definition: It is {label}.\n" for label in LABELS))
    path = folder / "recipe.yaml"
    path.write_text(
        f"name: tiny\ntask: sentences\noutput: {folder / 'run'}\ncues: {folder / 'cues.yaml'}\n"
        f"data: {{train: [{folder / 'train.jsonl'}], dev: [{folder / 'dev.jsonl'}]}}\n"
        f"model: {{encoder: {write_encoder(folder / 'encoder', dropout=0.1)}, window: 40, stride: 20, rules: false}}\n"
        "training: {epochs: 4, batch_size: 8, learning_rate: 3.0e-3, head_learning_rate: 1.0e-2, patience: 9}\n"
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


def test_labels_go_to_the_sentences_that_a_span_mostly_covers_or_lies_in() -> None:
    text = "One came by sea. Two left by air. All is well."
    first, second, third = sentences(text)
    spans = (
        CueSpan(*first, "whole"),
        CueSpan(4, 8, "word"),
        CueSpan(first[0], second[1], "several"),
        CueSpan(second[0], second[1] + 2, "off by a mark"),
        CueSpan(16, 17, "between"),
    )
    losses = Losses()
    found = on_sentences(Document("a", text, spans, {"outlet": "Post"}), losses)
    assert found.spans == (
        CueSpan(*first, "several"),
        CueSpan(*first, "whole"),
        CueSpan(*first, "word"),
        CueSpan(*second, "off by a mark"),
        CueSpan(*second, "several"),
    )
    assert found.meta == {"outlet": "Post"}
    assert list(losses.counts().values()) == [4, 1]
    assert third not in {(span.start, span.end) for span in found.spans}


def test_rare_labels_weigh_more_but_at_most_three() -> None:
    train = [Document(str(n), "One came.", (CueSpan(0, 9, "half"),) if n % 2 else ()) for n in range(100)]
    train[1] = train[1].with_spans([CueSpan(0, 9, "half"), CueSpan(0, 9, "rare")])
    assert label_weights("auto", train, ["half", "rare", "never"]) == [1.0, 3.0, 3.0]
    assert label_weights(2.5, train, ["half", "rare"]) == [2.5, 2.5]


def test_every_sentence_is_taught_where_it_is_read(recipe: Path, tokenizer_file: Path) -> None:
    documents = read_documents(recipe.parent / "train.jsonl")[:30]
    tokenizer = WindowTokenizer.from_file(tokenizer_file, window=16, stride=8, task=SENTENCES)
    losses = WindowLosses()
    windows = list(rows(documents, tokenizer, LABELS, losses))
    total = sum(len(sentences(document.text)) for document in documents)
    assert losses.cut == 0
    assert sum(len(row["sentences"]) for row in windows) == 2 * total
    taught = np.sum([np.reshape(row["cue_labels"], (-1, 2)).sum(axis=0) for row in windows], axis=0)
    assert taught.tolist() == [
        sum(span.label == label for document in documents for span in document.spans) for label in LABELS
    ]
    batch = SentenceCollator(2, 0)(windows[:3])
    assert batch["sentences"].shape[:2] == batch["cue_labels"].shape[:2]
    ends = batch["sentences"][..., 1].max(dim=1).values
    assert (ends <= batch["attention_mask"].sum(dim=1) - 1).all()  # the last token is special


def test_the_loss_is_that_of_the_pooled_logits_and_padding_has_none(recipe: Path) -> None:
    logits = torch.randn(2, 7, 2)
    ranges = torch.tensor([[[1, 3], [3, 6]], [[2, 5], [0, 0]]])
    pooled = pool(logits, ranges)
    torch.testing.assert_close(pooled[0, 1], logits[0, 3:6].mean(dim=0))
    labels = torch.tensor([[[1, 0], [0, 0]], [[1, 1], [IGNORE, IGNORE]]])
    encoder = load_encoder(load_config(recipe).model.encoder)
    tagger = SentenceTagger(encoder, 2, cue_weights=[1.0, 2.0])
    counted = [pooled[0, 0], pooled[0, 1], pooled[1, 0]]
    expected = sum(
        (
            nn.functional.binary_cross_entropy_with_logits(
                torch.stack([row[column] for row in counted]),
                torch.tensor(given),
                weight=torch.tensor([weight if one else 1.0 for one in given]),
                reduction="sum",
            )
            / sum(weight if one else 1.0 for one in given)
        )
        for column, given, weight in ((0, [1.0, 0.0, 1.0], 1.0), (1, [0.0, 0.0, 1.0], 2.0))
    )
    torch.testing.assert_close(tagger._sentence_loss(pooled, labels), expected)


def test_the_weight_is_taken_back_outside_training(recipe: Path) -> None:
    encoder = load_encoder(load_config(recipe).model.encoder)
    tagger = SentenceTagger(encoder, 1, dropout=0.0, cue_weights=[3.0]).train()
    encoder.eval()
    batch = (
        torch.ones(1, 4, dtype=torch.long),
        torch.ones(1, 4, dtype=torch.long),
        torch.zeros(1, 4, 8, dtype=torch.long),
    )
    lifted = tagger(*batch)["cue_logits"]
    torch.testing.assert_close(lifted - tagger.eval()(*batch)["cue_logits"], torch.full_like(lifted, np.log(3.0)))


def test_a_run_keeps_the_epoch_with_the_best_macro_f1(run: Run) -> None:
    metrics = [json.loads(line) for line in (run.folder / "metrics.jsonl").read_text().splitlines()]
    best = max(line["eval_macro_f1"] for line in metrics if "eval_macro_f1" in line)
    assert run.read_json("dev.metrics.json")["dev_macro_f1"] == pytest.approx(best)
    assert best > 0.8  # the words tell the labels
    predicted = read_documents(run.folder / "dev.predictions.jsonl")
    assert {span.voice for document in predicted for span in document.spans} == {None}


def test_the_exported_model_agrees_with_the_trained_one(model: Path) -> None:
    facts = json.loads((model / "framing.json").read_text())
    assert (facts["task"], facts["voice_temperature"]) == ("sentences", None)
    parity = facts["figures"]["parity"]
    assert parity["float"]["largest_probability_difference"] < 1e-3
    assert parity["float"]["strict_f1"] == parity["torch"]["strict_f1"]
    whole = parity["whole_dev"]
    assert whole["int8_strict_f1"] >= whole["float_strict_f1"] - 0.01  # one label more or less, of some 100


def test_scoring_labels_whole_sentences_as_the_card_says(model: Path, recipe: Path) -> None:
    gold = read_documents(recipe.parent / "dev.jsonl")
    scored = list(package.load(model).score_many(gold))
    for one in scored:
        cut = set(sentences(one.text))
        assert all((span.start, span.end) in cut and 0 < span.score <= 1 for span in one.spans)
        for label in LABELS:
            figures = one.profile["cues"][label]
            assert figures["count"] == sum(span.label == label for span in one.spans)
            assert 0 <= figures["expected"] <= len(cut)
    pairs = [
        ({(s.start, s.end, s.label) for s in document.spans}, {(s.start, s.end, s.label) for s in one.spans})
        for document, one in zip(gold, scored, strict=True)
    ]
    for label in LABELS:
        expected = sum(one.profile["cues"][label]["expected"] for one in scored)
        count = sum(span.label == label for document in gold for span in document.spans)
        assert expected == pytest.approx(count, rel=0.5)
    f1 = 2 * sum(len(a & b) for a, b in pairs) / sum(len(a) + len(b) for a, b in pairs)
    figures = json.loads((model / "framing.json").read_text())["figures"]["dev"]["sentences"]
    assert f1 == pytest.approx(figures["labels"]["micro"]["f1"][0], abs=0.02)
    card = (model / "README.md").read_text()
    assert "| loud | " in card
    assert f"Macro F1, the mean over labels: **{figures['macro_f1'][0]:.3f} [" in card


def test_framing_score_takes_the_folder(model: Path) -> None:
    text = b"The museum opens on Monday. That disgraceful, shameful mayor must go!"
    (record,) = lines(framing("score", "-", "--model", model, "--format", "jsonl", stdin=text))
    loud = [span for span in record["spans"] if span["label"] == "loud"]
    assert [span["text"] for span in loud] == ["That disgraceful, shameful mayor must go!"]
    assert loud[0]["voice"] is None


def test_scoring_goes_by_a_records_own_sentences(model: Path) -> None:
    text = "Heads! That disgraceful, shameful mayor must go!"
    whole = Document("a", text, (), {"sentence_ranges": [[0, len(text)]]})
    (scored,) = package.load(model, threshold=0.01).score_many([whole])
    assert {(span.start, span.end) for span in scored.spans} == {(0, len(text))}


def test_what_to_label_next_is_whole_sentences(model: Path, recipe: Path, tmp_path: Path) -> None:
    pool = recipe.parent / "dev.jsonl"
    for strategy in ("uncertainty", "diverse"):
        out = tmp_path / f"{strategy}.json"
        assert framing("select", pool, "--model", model, "-n", "5", "--strategy", strategy, "-o", out).exit_code == 0
        assert 'name="voice"' not in out.with_suffix(".xml").read_text(encoding="utf-8")
        chosen = json.loads(out.read_text("utf-8"))
        assert len(chosen) == 5
        for task in chosen:
            cut = set(sentences(task["data"]["text"]))
            found = [region["value"] for region in task["predictions"][0]["result"]]
            assert all((value["start"], value["end"]) in cut for value in found)
    line = refusal(
        framing(
            "select",
            pool,
            "--model",
            model,
            "-n",
            "5",
            "--strategy",
            "disagreement",
            "--against",
            "lexicon",
            "-o",
            tmp_path / "no.json",
        )
    )
    assert "labels sentences and lexicon spans" in line


def test_doubt_about_a_sentence_lies_on_all_its_words() -> None:
    text = "One two. Three four."
    words = units(text)
    spread = _on_words(np.array([[0.2], [0.6]]), np.array(sentences(text)), words)
    assert spread[:, 0].tolist() == [0.2] * 3 + [0.6] * 3


def test_a_quotation_is_no_sentence(recipe: Path) -> None:
    with pytest.raises(ConfigError, match=r"codebook: scare_quote is decoded as a quotation, but task sentences"):
        vocabulary(load_config(recipe, ["cues=codebook"]))


def test_an_unknown_task_is_refused(recipe: Path) -> None:
    line = refusal(framing("train", recipe, "task=words"))
    assert "task: input should be 'spans' or 'sentences' (got 'words')" in line

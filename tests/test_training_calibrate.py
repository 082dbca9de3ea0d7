"""Temperatures, thresholds and dev figures, on logits made for the purpose."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from framing.calibration.fit import (
    _best_micro,
    _least_lucky,
    calibrate,
    choose_thresholds,
    expected_ratio,
    fit_pool,
    fit_temperature,
)
from framing.cues import Cue
from framing.decode import Calibration, FloatArray, RuleOpinion, WindowLogits, decode, unit_probabilities
from framing.features import RULE_VALUES
from framing.model import default_folder
from framing.spans import CueSpan, Document
from framing.tokens import TokenizedText, WindowTokenizer
from training.figures import articles, dev_figures
from training.sentences import without_voices

CUES = (Cue("x"),)
NUMBER = 200


def tokenize(documents: list[Document]) -> list[TokenizedText]:
    tokenizer = WindowTokenizer.from_file(Path(default_folder() / "tokenizer.json"))
    return list(tokenizer.tokenize_many([document.text for document in documents]))


def corpus(shares: list[float]) -> tuple[list[Document], list[TokenizedText], list[WindowLogits]]:
    """Make documents `red`, in which `red` is a cue in a share of each level, and logits that say so exactly."""
    random = np.random.default_rng(0)
    documents, logits = [], []
    for number in range(NUMBER):
        share = shares[number % len(shares)]
        spans = (CueSpan(0, 3, "x", voice="author"),) if random.random() < share else ()
        documents.append(Document(f"d{number}", "red", spans, {"article": f"a{number // 2}"}))
        cue = np.log(np.array([[[1 - share, max(share, 1e-6), 1e-6]]], dtype=np.float32))
        logits.append(([cue], [np.zeros((1, 3), dtype=np.float32)]))
    return documents, tokenize(documents), logits


@pytest.mark.parametrize("heat", [0.5, 1.0, 2.0, 3.0])
def test_the_temperature_that_was_put_on_is_found(heat: float) -> None:
    random = np.random.default_rng(1)
    logits = random.normal(scale=2.0, size=(20_000, 3)).astype(np.float32)
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    tags = np.array([random.choice(3, p=share / share.sum()) for share in shares.astype(np.float64)])
    assert fit_temperature(logits * np.float32(heat), tags) == pytest.approx(heat, rel=0.1)


def test_without_units_the_temperature_is_one() -> None:
    empty: FloatArray = np.zeros((0, 3), dtype=np.float32)
    assert fit_temperature(empty, np.zeros(0, dtype=np.int64)) == 1.0


def opinion(*shares: float) -> RuleOpinion:
    table = np.full((RULE_VALUES, 3), 1 / 3)
    for value, share in enumerate(shares):
        table[value] = (1 - share, share, 1e-6)
    return RuleOpinion(1, 0.0, tuple((row[0], row[1], row[2]) for row in np.log(table).tolist()))


def test_rules_that_know_more_than_the_network_get_a_say() -> None:
    random = np.random.default_rng(2)
    features = np.zeros((4000, 2), dtype=np.int64)
    features[:, 1] = random.integers(0, 2, 4000)
    tags = (random.random(4000) < np.where(features[:, 1] == 1, 0.9, 0.1)).astype(np.int64)
    blind: FloatArray = np.zeros((4000, 3), dtype=np.float32)
    temperature, share = fit_pool(blind, tags, opinion(0.1, 0.9), features)
    assert share / temperature == pytest.approx(1.0, abs=0.15)


def test_rules_that_know_nothing_get_none() -> None:
    documents, texts, logits = corpus([0.15, 0.85])
    (kept,) = calibrate(documents, texts, logits, CUES, [opinion()]).rules
    assert kept == opinion()


def test_the_threshold_parts_what_is_mostly_right_from_what_is_mostly_wrong() -> None:
    documents, texts, logits = corpus([0.15, 0.85])
    (threshold,) = choose_thresholds(documents, texts, logits, CUES, Calibration.neutral(1))
    assert 0.15 < threshold <= 0.85


@pytest.mark.parametrize("seed", range(20))
def test_no_other_rows_have_a_better_micro_f1(seed: int) -> None:
    random = np.random.default_rng(seed)
    predicted = np.sort(random.integers(0, 100, (6, 3)), axis=0)[::-1].astype(np.float64)
    matched = np.minimum(np.floor(predicted * random.random((6, 3))), 60.0)
    counts = np.stack((np.full((6, 3), 60.0), predicted, matched), axis=-1)

    def micro_f1(rows: tuple[int, ...]) -> float:
        gold, found, right = counts[list(rows), range(3)].sum(axis=0)
        return float(2 * right / (gold + found))

    best = max(micro_f1(rows) for rows in itertools.product(range(6), repeat=3))
    assert micro_f1(tuple(_best_micro(counts).tolist())) == pytest.approx(best)


def test_a_lucky_threshold_yields_to_the_one_that_theory_expects() -> None:
    thresholds = np.array([0.2, 0.4, 0.6, 0.8])
    flat = [[100.0, 105, 81], [100, 100, 80], [100, 96, 79], [100, 93, 78]]  # few spans a step, some right
    steep = [
        [100.0, 190, 81],
        [100, 160, 80],
        [100, 130, 79],
        [100, 100, 78],
    ]  # thirty a step, one right
    counts = np.stack([flat, steep], axis=1)
    best = _best_micro(counts)
    assert best[1] == 3
    assert _least_lucky(counts, best, thresholds).tolist() == [1, 3]


@pytest.mark.parametrize("labels", [1, 2])
def test_one_label_on_sentences_gets_the_threshold_of_the_best_macro_f1(labels: int) -> None:
    """Taking in all sentences has the best F1 of the label, 0.82 against 0.75, but a macro F1 of 0.41 against 0.69."""
    tokenizer = WindowTokenizer.from_file(Path(default_folder() / "tokenizer.json"), task="sentences")
    cues = (Cue("x"), Cue("y"))[:labels]
    documents, logits = [], []
    for number in range(100):
        share, labelled = (0.3, number % 4 == 0) if number % 2 == 0 else (0.8, number >= 10)
        spans = tuple(CueSpan(0, 4, cue.name) for cue in cues) if labelled else ()
        documents.append(Document(f"d{number}", "Red.", spans))
        logit = np.full((2, labels, 1), np.log(share / (1 - share)), dtype=np.float32)
        logits.append(([logit], [np.zeros((2, 3), dtype=np.float32)]))
    texts = list(tokenizer.tokenize_documents(documents))
    found = choose_thresholds(documents, texts, logits, cues, Calibration.neutral(labels))
    assert all(0.3 <= threshold < 0.8 if labels == 1 else threshold < 0.3 for threshold in found)


def test_a_type_without_gold_stays_neutral() -> None:
    documents, texts, logits = corpus([0.0])
    assert calibrate(documents, texts, logits, CUES) == Calibration((1.0,), (0.5,), None)


def test_where_no_gold_has_a_voice_the_model_names_none() -> None:
    documents, texts, logits = corpus([0.1, 0.9])
    unvoiced = [without_voices(document) for document in documents]
    calibration = calibrate(unvoiced, texts, logits, CUES)
    assert calibration.voice_temperature is None
    said = unit_probabilities(texts[1], *logits[1], calibration)
    assert [(span.voice, span.voice_score) for span in decode(texts[1], said, CUES, (0.5,))] == [(None, None)]
    assert calibrate(documents, texts, logits, CUES).voice_temperature is not None


def test_documents_without_words_leave_nothing_to_fit() -> None:
    documents = [Document("empty", " ")]
    assert calibrate(documents, tokenize(documents), [([], [])], CUES) == Calibration.neutral(1)


def test_exact_probabilities_sum_up_to_the_gold_count() -> None:
    documents, texts, logits = corpus([0.2, 0.5, 0.8])
    ratio = expected_ratio(documents, texts, logits, CUES, Calibration.neutral(1))["x"]
    assert ratio == pytest.approx(1.0, abs=0.15)


def test_figures_count_articles_and_cross_fit_between_them() -> None:
    documents, texts, logits = corpus([0.1, 0.9])
    figures = dev_figures(documents, texts, logits, CUES, calibrate(documents, texts, logits, CUES))
    gold = sum(len(document.spans) for document in documents)
    assert (figures["documents"], figures["articles"], figures["spans"]) == (NUMBER, NUMBER // 2, gold)
    value, low, high = figures["f1"]["micro"]["strict"]
    assert low < value < high
    assert figures["cross_fitted"]["strict"][0] == pytest.approx(value, abs=0.05)
    assert figures["voice_accuracy"] == 1.0


def test_one_article_is_too_few_to_cross_fit() -> None:
    documents, texts, logits = corpus([0.1, 0.9])
    one = [Document(d.id, d.text, d.spans, {"article": "same"}) for d in documents]
    assert dev_figures(one, texts, logits, CUES, Calibration.neutral(1))["cross_fitted"] is None


def test_a_document_without_an_article_is_its_own() -> None:
    assert articles([Document("a", "x", (), {"article": 7}), Document("b", "x")]) == ["7", "b"]

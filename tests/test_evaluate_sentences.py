"""Figures of labels on sentences, beside those of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from framing.evaluate.sentences import macro_f1, sentence_counts, sentence_table
from framing.spans import CueSpan

LABELS = ("loud", "odd", "rare")
SENTENCES = 120


def spans(row: np.ndarray, labels: tuple[str, ...]) -> list[CueSpan]:
    """Put sentence n of a document on characters [10 n, 10 n + 9)."""
    return [CueSpan(10 * n, 10 * n + 9, labels[column]) for n, column in np.argwhere(row).tolist()]


@pytest.mark.parametrize("labels", [LABELS, LABELS[:1]])
def test_figures_are_those_of_scikit_learn(labels: tuple[str, ...]) -> None:
    random = np.random.default_rng(0)
    gold = random.random((SENTENCES, len(labels))) < 0.4
    found = np.where(random.random(gold.shape) < 0.8, gold, ~gold)
    documents = [slice(start, start + 3) for start in range(0, SENTENCES, 3)]
    owners = [f"article {number // 2}" for number in range(len(documents))]
    counts = sentence_counts(
        owners,
        [spans(gold[part], labels) for part in documents],
        [spans(found[part], labels) for part in documents],
        labels,
        [3] * len(documents),
    )
    assert counts.shape == (len(documents) // 2, len(labels), 4)
    table = sentence_table(counts)
    flat = (gold[:, 0], found[:, 0]) if len(labels) == 1 else (gold, found)
    assert table["macro"][0].value == pytest.approx(f1_score(*flat, average="macro"))
    assert table["macro"][0].low < table["macro"][0].value < table["macro"][0].high
    for name, reference in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
        each = [estimate.value for estimate in table[name]]
        assert each[:-1] == pytest.approx([reference(gold[:, n], found[:, n]) for n in range(len(labels))])
        assert each[-1] == pytest.approx(reference(gold.ravel(), found.ravel()))


def test_the_mean_is_over_labels_of_gold_and_predictions_and_one_label_counts_its_absence() -> None:
    assert np.isnan(macro_f1(np.zeros((2, 4))))
    assert macro_f1(np.array([[2.0, 2.0, 1.0, 5.0], [0.0, 1.0, 0.0, 5.0]])) == 0.25
    assert macro_f1(np.array([[2.0, 2.0, 1.0, 5.0], [0.0, 0.0, 0.0, 5.0]])) == 0.5
    assert macro_f1(np.array([[0.0, 0.0, 0.0, 5.0]])) == 1.0
    assert macro_f1(np.array([[1.0, 0.0, 0.0, 5.0]])) == pytest.approx(4 / 9)


def test_resamples_without_a_label_say_nothing_about_it() -> None:
    counts = np.zeros((30, 2, 4))
    counts[:, 0], counts[0, 1], counts[:, :, 3] = 1.0, 1.0, 2.0
    table = sentence_table(counts)
    for name in ("precision", "recall", "f1"):
        assert [(row.value, row.low, row.high) for row in table[name]] == [(1.0, 1.0, 1.0)] * 3

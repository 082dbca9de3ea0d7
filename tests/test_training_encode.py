"""From documents to training windows: tags, cut spans, padding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from framing.features import SIZES
from framing.spans import CueSpan, Document
from framing.tokens import WindowTokenizer
from training.encode import Collator, dataset, pad
from training.tagger import IGNORE

TOKENIZER = Path(__file__).parents[1] / "framing" / "models" / "default" / "tokenizer.json"


def tokenizer(window: int = 128, stride: int = 32) -> WindowTokenizer:
    return WindowTokenizer.from_file(TOKENIZER, window=window, stride=stride)


def document(text: str, *cues: tuple[str, str, str | None]) -> Document:
    spans = [CueSpan(text.index(part), text.index(part) + len(part), label, voice=voice) for part, label, voice in cues]
    return Document("one", text, tuple(spans))


def tags(row: dict[str, list[int]], labels: int) -> list[list[int]]:
    return np.array(row["cue_labels"]).reshape(-1, labels).T.tolist()


def test_nested_cues_of_two_types_are_both_taught() -> None:
    found, losses = dataset([document('a "dark pact" b', ('"dark pact"', "x", "author"), ("pact", "y", "quoted"))],
                            tokenizer(), ["x", "y"])  # fmt: skip
    assert tags(found[0], 2) == [[IGNORE, 0, 1, 2, 2, 2, 0, IGNORE], [IGNORE, 0, 0, 0, 1, 0, 0, IGNORE]]
    assert found[0]["voice_labels"] == [IGNORE, IGNORE, 0, 0, 2, 0, IGNORE, IGNORE]
    assert (losses.cut, losses.overlapping, losses.snapped) == (0, 0, 0)


def test_only_a_words_first_token_counts() -> None:
    found, _ = dataset([document("unfathomableness", ("unfathomableness", "x", "author"))], tokenizer(), ["x"])
    counted = [tag for tag in found[0]["cue_labels"] if tag != IGNORE]
    assert len(found[0]["input_ids"]) > 3
    assert counted == [1]


def test_a_span_longer_than_any_window_is_counted_and_taken_out_of_the_loss() -> None:
    text = "one two three four five six seven eight"
    found, losses = dataset([document(text, ("two three four five six", "x", "author"))], tokenizer(4, 1), ["x"])
    assert losses.cut == 1
    assert "no window holds it whole" in losses.examples[0]
    assert all(tag in (0, IGNORE) for row in found for tag in row["cue_labels"])


@pytest.mark.parametrize(("length", "cut"), [(3, 0), (4, 0), (5, 1)])
def test_a_span_is_cut_only_beyond_the_window(length: int, cut: int) -> None:
    words = ["one", "two", "three", "four", "five", "six"]
    text = " ".join(words)
    _, losses = dataset([document(text, (" ".join(words[:length]), "x", None))], tokenizer(4, 3), ["x"])
    assert losses.cut == cut


def test_overlaps_within_a_type_and_half_words_are_counted() -> None:
    text = "the blackmailers left"
    spans = (CueSpan(4, 12, "x"), CueSpan(9, 21, "x"))
    _, losses = dataset([Document("one", text, spans)], tokenizer(), ["x"])
    assert (losses.overlapping, losses.snapped) == (1, 2)


def test_batches_are_padded_with_what_does_not_count() -> None:
    found, _ = dataset([Document("a", "one"), Document("b", "one two three")], tokenizer(), ["x", "y"])
    batch = Collator(2, 0)(list(found))
    assert {name: tuple(value.shape) for name, value in batch.items()} == {
        "input_ids": (2, 5),
        "attention_mask": (2, 5),
        "features": (2, 5, len(SIZES)),
        "cue_labels": (2, 5, 2),
        "voice_labels": (2, 5),
    }
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]
    assert batch["cue_labels"][0, 3:].unique().tolist() == [IGNORE]


def test_rows_are_padded_to_the_longest() -> None:
    rows = [np.array([1, 2, 3]), np.array([], dtype=np.int64), np.array([4])]
    assert pad(rows, 9).tolist() == [[1, 2, 3], [9, 9, 9], [4, 9, 9]]
    tables = [np.array([[1, 2], [3, 4]]), np.array([[5, 6]])]
    assert pad(tables, 0).tolist() == [[[1, 2], [3, 4]], [[5, 6], [0, 0]]]

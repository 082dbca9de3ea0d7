"""Sentences as units: where each is read, how its logits are pooled, and what a record's own sentences do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from framing.cues import Cue
from framing.decode import Calibration, decode, unit_probabilities
from framing.errors import RecordError
from framing.sentences import Place, places, sentence_logits
from framing.spans import CueSpan, Document
from framing.text import sentences
from framing.tokens import SENTENCES, TokenizedText, WindowTokenizer

TEXT = "One came by sea. Two left by air. All is well at last. Nobody knows why the ship sank there on that day in May."


@pytest.fixture(scope="module")
def tokenizer(tokenizer_file: Path) -> WindowTokenizer:
    return WindowTokenizer.from_file(tokenizer_file, window=12, stride=6, task=SENTENCES)


def cut(tokenizer: WindowTokenizer, text: str, **meta: object) -> TokenizedText:
    return next(iter(tokenizer.tokenize_documents([Document("a", text, (), meta)])))


def test_units_are_sentences_with_all_their_tokens(tokenizer: WindowTokenizer) -> None:
    text = cut(tokenizer, TEXT)
    assert text.units.tolist() == [list(ends) for ends in sentences(TEXT)]
    assert text.unit_token.tolist() == [0, 5, 10, 16]
    assert text.unit_end.tolist() == [5, 10, 16, len(text.ids)]


def test_a_sentence_is_read_where_it_has_the_most_context_and_a_long_one_in_parts(tokenizer: WindowTokenizer) -> None:
    text = cut(tokenizer, TEXT)
    assert [(window.start, window.end) for window in text.windows][:3] == [(0, 10), (5, 16), (10, 22)]
    first, second, third, long = places(text)
    assert first == [Place(0, 0, 5)]
    assert second == [Place(1, 5, 10)]  # two windows hold it at an edge; the second is longer
    assert third == [Place(2, 10, 16)]
    assert len(long) > 1
    covered = [token for place in long for token in range(place.start, place.end)]
    assert set(covered) == set(range(16, len(text.ids)))


def test_logits_are_averaged_over_a_place_and_the_largest_counts_of_several(tokenizer: WindowTokenizer) -> None:
    text = cut(tokenizer, TEXT)
    windows = [np.zeros((window.end - window.start, 1, 1), dtype=np.float32) for window in text.windows]
    windows[0][:5, 0, 0] = [1, 2, 3, 4, 5]
    windows[0][5:10] = 9.0  # the second sentence isn't read here
    windows[-1][-1] = 4.0
    pooled = sentence_logits(text, windows)
    last = places(text)[3][-1]
    assert pooled[:, 0, 1].tolist() == pytest.approx([3.0, 0.0, 0.0, 4.0 / (last.end - last.start)])
    assert (pooled[:, 0, 0] == 0).all()
    assert np.isneginf(pooled[:, 0, 2]).all()


def test_neighbouring_sentences_are_spans_of_their_own_with_the_sigmoid_as_score(tokenizer: WindowTokenizer) -> None:
    text = cut(tokenizer, TEXT)
    logits = [np.full((window.end - window.start, 2, 1), 2.0, dtype=np.float32) for window in text.windows]
    for part in logits:
        part[:, 1] = -2.0
    probabilities = unit_probabilities(text, logits, [], Calibration((2.0, 1.0), (0.5, 0.5)))
    found = decode(text, probabilities, (Cue("loud"), Cue("quiet")), (0.5, 0.5))
    assert [(span.start, span.end, span.label, span.voice) for span in found] == [
        (start, end, "loud", None) for start, end in sentences(TEXT)
    ]
    assert [span.score for span in found] == pytest.approx([1 / (1 + np.exp(-1))] * 4)
    assert probabilities.expected().tolist() == pytest.approx([4 / (1 + np.exp(-1)), 4 / (1 + np.exp(2))])


def test_a_records_own_sentences_win_and_what_lies_outside_is_context(tokenizer: WindowTokenizer) -> None:
    text = cut(tokenizer, "A title\nOne came. Two left.", sentence_ranges=[[8, 27]])
    assert text.units.tolist() == [[8, 27]]
    assert text.unit_token.tolist() == [2]
    assert text.windows[0].start == 0


@pytest.mark.parametrize("text", ["", " \n ", "\u200d"])
def test_texts_without_tokens_have_no_labels(tokenizer: WindowTokenizer, text: str) -> None:
    tokenized = cut(tokenizer, text)
    probabilities = unit_probabilities(tokenized, [], [], Calibration.neutral(1))
    assert probabilities.expected().tolist() == [0.0]
    assert decode(tokenized, probabilities, (Cue("x"),), (0.5,)) == []


@pytest.mark.parametrize("ranges", ["all", [[0]], [[0, 0]], [[0, 4], [3, 6]], [[0, 99]], [[0, 1.5]], [[False, True]]])
def test_wrong_sentence_ranges_are_refused(ranges: object) -> None:
    with pytest.raises(RecordError, match=r"record 'a': sentence_ranges has .*; write \[start, end\) pairs"):
        Document("a", "One came.", (), {"sentence_ranges": ranges})


def test_spans_of_sentences_survive_their_json() -> None:
    document = Document("a", "One came.", (CueSpan(0, 9, "x"),), {"sentence_ranges": [[0, 9]]})
    assert Document.from_record(document.to_record()) == document
    assert document.sentence_ranges == ((0, 9),)

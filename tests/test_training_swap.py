"""Swapped names: a passage about another side, with its cues on the same words."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from framing.io.jsonl import read_documents
from framing.spans import CueSpan, Document
from training.swap import _FORMS, swap

ROOT = Path(__file__).parents[1]


def cue(text: str, words: str, label: str) -> CueSpan:
    start = text.index(words)
    return CueSpan(start, start + len(words), label)


def test_a_side_becomes_another_everywhere_and_cues_move_along() -> None:
    text = "Moscow claims that Russian troops left. Putin called an American envoy a terrorist."
    spans = (cue(text, "claims", "distancing"), cue(text, "terrorist", "terrorist_designation"))
    (found,) = swap([Document("a", text, spans)], 1.0, 5)
    assert [found.text[s.start : s.end] for s in found.spans] == ["claims", "terrorist"]
    match = re.fullmatch(r"(.+) claims that (.+) troops left\. (.+) called (an?) (.+) envoy a terrorist\.", found.text)
    assert match
    capital, adjective, leader, article, other = match.groups()
    russia = _FORMS["Moscow"].side
    assert _FORMS[capital].side == _FORMS[adjective].side != russia
    assert leader in {name for name in _FORMS if _FORMS[name].side == _FORMS[capital].side} or leader not in _FORMS
    assert _FORMS[other].side not in {_FORMS[capital].side, _FORMS["American"].side}
    assert (article == "an") == (other[0] in "AEIO")


def test_a_name_inside_a_span_changes_with_it_and_one_cut_by_a_span_stays() -> None:
    text = "the U.S.-backed rebels"
    (found,) = swap([Document("a", text, (cue(text, "U.S.-backed", "sponsor_label"),))], 1.0, 1)
    (span,) = found.spans
    assert found.text[span.start : span.end].endswith("-backed")
    assert found.text != text
    text = "an Iranian envoy"
    assert swap([Document("a", text, (cue(text, "Iranian envoy", "x"),))], 1.0, 1)[0].text == text


def test_words_that_are_names_too_stay_words() -> None:
    text = "They may go in May, a Liberal reading of the moon."
    assert swap([Document("a", text)], 1.0, 3)[0].text == text


def test_the_share_and_the_seed_decide() -> None:
    documents = [Document(str(n), f"Reporters in Ankara met {n} guides.") for n in range(400)]
    changed = sum(a.text != b.text for a, b in zip(documents, swap(documents, 0.25, 7), strict=True))
    assert 60 < changed < 140
    assert swap(documents, 0.25, 7) == swap(documents, 0.25, 7) != swap(documents, 0.25, 8)
    assert swap(documents, 0.0, 7) == documents


@given(seed=st.integers(0, 10_000))
def test_our_examples_keep_their_cues(seed: int) -> None:
    documents = read_documents(ROOT / "examples" / "corpus.jsonl")[seed % 40 :: 40]
    for before, after in zip(documents, swap(documents, 1.0, seed), strict=True):
        assert [(s.label, s.voice) for s in before.spans] == [(s.label, s.voice) for s in after.spans]
        for one, other in zip(before.spans, after.spans, strict=True):
            old, new = before.text[one.start : one.end], after.text[other.start : other.end]
            assert old == new or any(name in old for name in _FORMS)

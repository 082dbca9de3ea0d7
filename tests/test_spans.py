"""Spans and designations check themselves and keep their order, as documents do."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from framing.errors import RecordError
from framing.spans import CueSpan, Designation, Document

TEXT = "The so-called truce held."


def test_a_span_is_half_open_and_counts_code_points() -> None:
    text = "🎉 the so-called truce"
    span = CueSpan(6, 15, "distancing")
    assert text[span.start : span.end] == "so-called"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, 3, "pretext"), "span [3, 3) is empty or negative; start must be below end"),
        ((4, 3, "pretext"), "span [4, 3) is empty or negative; start must be below end"),
        ((-1, 3, "pretext"), "span [-1, 3) is empty or negative; start must be below end"),
        ((0, 3, "  "), "span [0, 3) has no label; give a cue type"),
        ((0, 3, ""), "span [0, 3) has no label; give a cue type"),
        ((0, 3, None), "span [0, 3) has no label; give a cue type"),
        ((0.0, 3, "pretext"), "span start 0.0 is not a whole number; offsets count code points from 0"),
        ((0, "3", "pretext"), "span end '3' is not a whole number; offsets count code points from 0"),
        ((False, 3, "pretext"), "span start False is not a whole number; offsets count code points from 0"),
        (
            (0, 3, "pretext", None, "narrator"),
            "span [0, 3) has voice 'narrator'; use one of author, attributed, quoted, or null",
        ),
        ((0, 3, "pretext", 1.01), "span [0, 3) has score 1.01; use a number in [0, 1]"),
        ((0, 3, "pretext", -0.01), "span [0, 3) has score -0.01; use a number in [0, 1]"),
        ((0, 3, "pretext", float("nan")), "span [0, 3) has score nan; use a number in [0, 1]"),
        ((0, 3, "pretext", "high"), "span [0, 3) has score 'high'; use a number in [0, 1]"),
        ((0, 3, "pretext", 1.0, "author", 2), "span [0, 3) has voice_score 2; use a number in [0, 1]"),
    ],
)
def test_a_wrong_span_says_what_is_wrong_and_what_to_do(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(RecordError) as caught:
        CueSpan(*arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize("score", [0, 0.0, 1, 1.0])
def test_scores_may_lie_on_the_limits(score: float) -> None:
    assert CueSpan(0, 1, "pretext", score, "quoted", score).score == score


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rumour",), "designation kind 'rumour' is not one of listing, label"),
        (("label", None, (5, 5)), "designation target [5, 5] is not a range [start, end) with start < end"),
        (("label", None, None, (-1, 5)), "designation source [-1, 5] is not a range [start, end) with start < end"),
    ],
)
def test_a_wrong_designation_says_what_is_wrong(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(RecordError) as caught:
        Designation(*arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "record", [{}, {"authority": "Russia"}, {"kind": "label", "target": [1, 2, 3]}, "listing", [1]]
)
def test_a_designation_of_another_form_shows_the_form(record: Any) -> None:
    with pytest.raises(RecordError, match=r'is not of the form \{"kind": "listing" or "label", "authority": text'):
        Designation.from_record(record)


def test_spans_sort_by_place_then_label_then_the_rest_with_none_first() -> None:
    listing = Designation("listing", "Russia", (0, 3))
    ordered = [
        CueSpan(0, 5, "pretext"),
        CueSpan(0, 9, "distancing"),
        CueSpan(0, 9, "group_label"),
        CueSpan(0, 9, "group_label", voice="author"),
        CueSpan(0, 9, "group_label", voice="quoted"),
        CueSpan(0, 9, "group_label", score=0.0),
        CueSpan(0, 9, "group_label", score=0.4),
        CueSpan(0, 9, "group_label", score=0.4, voice="author", voice_score=0.5),
        CueSpan(0, 9, "group_label", score=0.4, voice="author", voice_score=0.5, designation=Designation("label")),
        CueSpan(0, 9, "group_label", score=0.4, voice="author", voice_score=0.5, designation=listing),
        CueSpan(1, 2, "distancing"),
    ]
    backwards = ordered[::-1]
    assert sorted(backwards) == ordered
    assert ordered[0] < ordered[1] <= ordered[1] < ordered[2]


def test_designations_and_documents_sort() -> None:
    by_place = [
        Designation("label"),
        Designation("listing", "Iran"),
        Designation("listing", "Russia"),
        Designation("label", source=(0, 2)),
        Designation("label", target=(0, 2)),
    ]
    backwards = by_place[::-1]
    assert sorted(backwards) == by_place
    documents = [Document("a", "x"), Document("a", "x", (CueSpan(0, 1, "pretext"),)), Document("b", "x")]
    backwards = documents[::-1]
    assert sorted(backwards) == documents


@pytest.mark.parametrize(
    "value",
    [CueSpan(0, 3, "pretext"), Designation("label"), Document("a", TEXT)],
    ids=lambda value: type(value).__name__,
)
def test_values_are_frozen_slotted_and_hashable(value: Any) -> None:
    name = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, 1)
    assert not hasattr(value, "__dict__")
    assert value in {dataclasses.replace(value)}


@pytest.mark.parametrize(("other", "shared"), [((0, 4), False), ((0, 5), True), ((8, 9), True), ((9, 12), False)])
def test_spans_overlap_when_they_share_a_character(other: tuple[int, int], shared: bool) -> None:
    span = CueSpan(4, 9, "pretext")
    assert span.overlaps(CueSpan(*other, "group_label")) is shared
    assert CueSpan(*other, "group_label").overlaps(span) is shared

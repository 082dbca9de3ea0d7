"""Spans, designations and documents check themselves, keep their order and survive the way through JSON."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.errors import RecordError
from framing.spans import VOICES, CueSpan, Designation, Document

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


@pytest.mark.parametrize("record", [{}, {"authority": "Russia"}, {"kind": "label", "target": [1, 2, 3]}, "listing", [1]])
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
    assert sorted(reversed(ordered)) == ordered
    assert ordered[0] < ordered[1] <= ordered[1] < ordered[2]


def test_designations_and_documents_sort() -> None:
    by_place = [
        Designation("label"),
        Designation("listing", "Iran"),
        Designation("listing", "Russia"),
        Designation("label", source=(0, 2)),
        Designation("label", target=(0, 2)),
    ]
    assert sorted(reversed(by_place)) == by_place
    documents = [Document("a", "x"), Document("a", "x", (CueSpan(0, 1, "pretext"),)), Document("b", "x")]
    assert sorted(reversed(documents)) == documents


@pytest.mark.parametrize(
    "value", [CueSpan(0, 3, "pretext"), Designation("label"), Document("a", TEXT)], ids=lambda value: type(value).__name__
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


def test_a_document_sorts_its_spans() -> None:
    late, early = CueSpan(14, 19, "group_label"), CueSpan(4, 13, "distancing")
    assert Document("a", TEXT, (late, early)).spans == (early, late)


def test_a_span_may_end_with_the_text_but_not_after_it() -> None:
    end = len(TEXT)
    assert Document("a", TEXT, (CueSpan(end - 1, end, "pretext"),)).spans[0].end == end
    with pytest.raises(RecordError) as caught:
        Document("a", TEXT, (CueSpan(end - 1, end + 1, "pretext"),))
    assert str(caught.value) == (
        "record 'a': span [24, 26) of pretext runs past the text's 25 characters; "
        "offsets count Unicode code points, not bytes"
    )


@pytest.mark.parametrize("name", ["target", "source"])
def test_a_designation_must_lie_in_the_text_too(name: str) -> None:
    inside = Designation("label", **{name: (0, len(TEXT))})
    assert Document("a", TEXT, (CueSpan(0, 3, "pretext", designation=inside),)).spans[0].designation == inside
    outside = Designation("label", **{name: (0, len(TEXT) + 1)})
    with pytest.raises(RecordError, match=rf"^record 'a': designation {name} \[0, 26\) of pretext runs past the text's"):
        Document("a", TEXT, (CueSpan(0, 3, "pretext", designation=outside),))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("text", "f.jsonl:2: not a JSON object; write one object with 'text' a line"),
        ({"id": "a", "body": "x"}, "f.jsonl:2: no field 'text' (fields: 'id', 'body'); name it with --text-field"),
        ({}, "f.jsonl:2: no field 'text' (fields: none); name it with --text-field"),
        ({"id": "a", "text": 7}, "f.jsonl:2: record 'a': the text is int; it must be a string"),
        ({"text": None}, "f.jsonl:2: record 'f.jsonl:2': the text is NoneType; it must be a string"),
        (
            {"id": "a", "text": TEXT, "spans": {"start": 0}},
            "f.jsonl:2: record 'a': spans is dict; it must be a list of objects with start, end and label",
        ),
        (
            {"id": "a", "text": TEXT, "spans": [[0, 3]]},
            "f.jsonl:2: record 'a': span [0, 3] is not a JSON object with start, end and label",
        ),
        (
            {"id": "a", "text": TEXT, "spans": [{"start": 0}]},
            "f.jsonl:2: record 'a': span {'start': 0} has no end and no label",
        ),
        (
            {"id": "a", "text": TEXT, "spans": [{"start": 4, "end": 13, "label": "distancing", "text": "o-called "}]},
            "f.jsonl:2: record 'a': span [4, 13) should cover 'o-called ' but covers 'so-called'; "
            "the offsets have drifted",
        ),
    ],
)
def test_a_wrong_record_names_place_record_fault_and_mend(record: Any, message: str) -> None:
    with pytest.raises(RecordError) as caught:
        Document.from_record(record, where="f.jsonl:2")
    assert str(caught.value) == message


def test_unknown_fields_of_record_and_spans_go_to_meta_and_back() -> None:
    record = {
        "id": "a",
        "text": TEXT,
        "spans": [
            {"start": 4, "end": 13, "label": "distancing", "voice": None, "coder": "B", "note": {"sure": False}},
            {"start": 14, "end": 19, "label": "group_label", "voice": "author"},
        ],
        "outlet": "Harbour Post",
        "tags": ["truce"],
    }
    document = Document.from_record({**record, "spans": record["spans"][::-1]})
    assert document == Document(
        "a",
        TEXT,
        (CueSpan(4, 13, "distancing"), CueSpan(14, 19, "group_label", voice="author")),
        {"outlet": "Harbour Post", "tags": ["truce"], "span_fields": [{"coder": "B", "note": {"sure": False}}, {}]},
    )
    assert document.to_record() == record


def test_other_spans_leave_the_fields_of_the_old_ones_behind() -> None:
    spans = [{"start": 4, "end": 13, "label": "distancing", "coder": "B"}]
    document = Document.from_record({"id": "a", "text": TEXT, "spans": spans, "outlet": "Harbour Post"})
    other = document.with_spans([CueSpan(14, 19, "group_label")])
    assert other == Document("a", TEXT, (CueSpan(14, 19, "group_label"),), {"outlet": "Harbour Post"})


def test_a_record_without_an_id_is_named_by_its_place_and_a_number_becomes_text() -> None:
    assert Document.from_record({"text": TEXT}, where="f.jsonl:2").id == "f.jsonl:2"
    assert Document.from_record({"text": TEXT, "id": None}, where="f.jsonl:2").id == "f.jsonl:2"
    assert Document.from_record({"text": TEXT, "id": 0}, where="f.jsonl:2").id == "0"


def test_the_fields_of_text_and_id_can_be_named() -> None:
    record = {"url": "a", "body": TEXT, "outlet": "Harbour Post"}
    document = Document.from_record(record, text_field="body", id_field="url")
    assert document == Document("a", TEXT, (), {"outlet": "Harbour Post"})


def test_a_second_text_or_id_in_the_record_does_not_replace_the_one_in_use() -> None:
    record = {"url": "a", "id": 7, "body": TEXT, "text": "teaser", "spans": [{"start": 4, "end": 13, "label": "pretext"}]}
    written = Document.from_record(record, text_field="body", id_field="url").to_record()
    assert (written["id"], written["text"]) == ("a", TEXT)


scores = st.none() | st.floats(0, 1)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    text = draw(st.text(min_size=1, max_size=30))
    ranges = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted).filter(lambda ends: ends[0] < ends[1])
    place = st.none() | ranges
    designations = st.fixed_dictionaries(
        {"kind": st.sampled_from(["listing", "label"]), "authority": st.none() | st.text(), "target": place, "source": place}
    )
    spans = []
    for start, end in draw(st.lists(ranges, max_size=4, unique_by=tuple)):
        span: dict[str, Any] = {"start": start, "end": end, "label": draw(st.sampled_from(["pretext", "distancing"]))}
        span |= {"voice": draw(st.none() | st.sampled_from(VOICES))}
        optional = {"score": draw(scores), "voice_score": draw(scores), "designation": draw(st.none() | designations)}
        optional["coder"] = draw(st.none() | st.text())
        spans.append(span | {key: value for key, value in optional.items() if value is not None})
    spans.sort(key=lambda span: (span["start"], span["end"]))
    return {"id": draw(st.text()), "text": text, "spans": spans} | draw(
        st.dictionaries(st.sampled_from(["outlet", "date", "page"]), st.text() | st.integers() | st.none())
    )


@given(records())
def test_records_survive_the_way_through_a_document(record: dict[str, Any]) -> None:
    document = Document.from_record(record)
    assert document.to_record() == record
    assert Document.from_record(json.loads(json.dumps(document.to_record()))) == document

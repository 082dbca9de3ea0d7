"""Documents check their spans, name what is wrong, and survive the way through JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.errors import RecordError
from framing.spans import VOICES, CueSpan, Designation, Document

TEXT = "The so-called truce held."


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
    with pytest.raises(
        RecordError, match=rf"^record 'a': designation {name} \[0, 26\) of pretext runs past the text's"
    ):
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


def test_half_a_surrogate_pair_is_no_text() -> None:
    assert Document("a", "whole \U0001f600").text == "whole 😀"
    with pytest.raises(RecordError, match="record 'a': the text"):
        Document("a", "half \ud83d")


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
        {"outlet": "Harbour Post", "tags": ["truce"]},
        ({"coder": "B", "note": {"sure": False}}, {}),
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
    assert document == Document("a", TEXT, (), {"url": "a", "outlet": "Harbour Post"})


def test_a_second_text_or_id_in_the_record_does_not_replace_the_one_in_use() -> None:
    record = {
        "url": "a",
        "id": 7,
        "body": TEXT,
        "text": "teaser",
        "spans": [{"start": 4, "end": 13, "label": "pretext"}],
    }
    written = Document.from_record(record, text_field="body", id_field="url").to_record()
    assert (written["id"], written["text"]) == ("a", TEXT)


scores = st.none() | st.floats(0, 1)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    text = draw(st.text(min_size=1, max_size=30))
    ranges = (
        st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
        .map(sorted)
        .filter(lambda ends: ends[0] < ends[1])
    )
    place = st.none() | ranges
    designations = st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["listing", "label"]),
            "authority": st.none() | st.text(),
            "target": place,
            "source": place,
        }
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

"""Kinds of errors, parts of a corpus, and what flips an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pytest

from framing.cues import Cue
from framing.errors import InputError
from framing.evaluate.errors import SpanError, span_errors, surface_forms
from framing.evaluate.occlusion import Occlusion, occlusions
from framing.evaluate.slices import slices
from framing.scorer import Scorer
from framing.spans import CueSpan, Document

LABELS = ["pretext", "distancing"]


def span(start: int, end: int, label: str = "pretext", voice: str | None = None) -> CueSpan:
    return CueSpan(start, end, label, voice=voice)


@pytest.mark.parametrize(
    ("gold", "predicted", "kinds"),
    [
        ([span(0, 4)], [span(0, 4)], []),
        ([span(0, 4)], [], ["missed"]),
        ([], [span(0, 4)], ["spurious"]),
        ([span(0, 4)], [span(0, 4, "distancing")], ["type"]),
        ([span(0, 4)], [span(2, 6)], ["edges"]),
        ([span(0, 4)], [span(2, 6, "distancing")], ["type and edges"]),
        ([span(0, 4, voice="author")], [span(0, 4, voice="quoted")], ["voice"]),
        ([span(0, 4, voice="author")], [span(0, 4)], []),
        # the right one is paired first, whatever stands beside it
        ([span(0, 9)], [span(0, 4), span(0, 9)], ["spurious"]),
        ([span(0, 9)], [span(0, 9, "distancing"), span(1, 9)], ["edges", "spurious"]),
        ([span(0, 4)], [span(0, 4, "other")], ["missed"]),  # a type that isn't looked at
    ],
)
def test_errors_are_sorted_into_kinds(gold: list[CueSpan], predicted: list[CueSpan], kinds: list[str]) -> None:
    for found in (predicted, predicted[::-1]):
        assert sorted(error.kind for error in span_errors([gold], [found], LABELS)) == kinds


def test_errors_come_in_the_order_of_the_text_with_scores_and_words() -> None:
    document = Document("a1", "The so-called truce, a pretext.", (CueSpan(4, 13, "distancing", voice="author"),))
    found = CueSpan(23, 30, "pretext", 0.7, "author", 0.9)
    errors = span_errors([document.spans], [[found]], LABELS)
    assert [error.to_record(document) for error in errors] == [
        {
            "id": "a1",
            "kind": "missed",
            "gold": {"start": 4, "end": 13, "label": "distancing", "voice": "author", "text": "so-called"},
            "predicted": None,
        },
        {
            "id": "a1",
            "kind": "spurious",
            "gold": None,
            "predicted": found.to_record() | {"text": "pretext"},
        },
    ]


def test_surface_forms_are_counted_whatever_their_case() -> None:
    document = Document("a", "Alleged claims, alleged  facts, ALLEGED proof")
    errors = [SpanError("missed", 0, span(*ends), None) for ends in ((0, 7), (16, 23), (32, 39), (8, 14))]
    assert surface_forms([*errors, SpanError("edges", 0, span(0, 7), span(0, 9))], [document], "missed", 5) == [
        ("pretext", "alleged", 3),
        ("pretext", "claims", 1),
    ]
    assert surface_forms(errors, [document], "missed", 1) == [("pretext", "alleged", 3)]


def documents() -> list[Document]:
    texts = [
        "one two",
        'He said "the road is closed until the bridge has been mended" today.',
        "three words here",
        'A long line in which "a quotation of some eight words stands" in front of ' + "many words " * 20,
    ]
    metas = [{"outlet": "Mail"}, {"outlet": "Post"}, {}, {"outlet": "Mail"}]
    spans = [[span(0, 3)], [], [], [span(0, 1), span(2, 6)]]
    return [
        Document(str(number), text, tuple(found), meta)
        for number, (text, found, meta) in enumerate(zip(texts, spans, metas, strict=True))
    ]


def test_slices_cover_every_document_once() -> None:
    found = {by: slices(documents(), by) for by in ("outlet", "length", "density", "quoted")}
    for parts in found.values():
        assert np.sum(list(parts.values()), axis=0).tolist() == [1, 1, 1, 1]
    shown = {by: {name: np.flatnonzero(mask).tolist() for name, mask in parts.items()} for by, parts in found.items()}
    assert shown == {
        "outlet": {"(none)": [2], "Mail": [0, 3], "Post": [1]},
        "length": {"2 to 3 words": [0, 2], "13 words": [1], "55 words": [3]},
        "density": {"no cue": [1, 2], "36 cues per 1,000 words": [3], "500 cues per 1,000 words": [0]},
        "quoted": {"no quoted speech": [0, 2], "under a third quoted": [3], "a third or more quoted": [1]},
    }


def test_numbers_are_parts_in_their_order_and_a_field_goes_before_a_derived_slice() -> None:
    years = [Document(year, "text", meta={"year": year, "length": "short"}) for year in ("2010", "980", "x")]
    assert list(slices(years, "year")) == ["980", "2010", "x"]
    assert list(slices(years, "length")) == ["short"]


def test_a_field_that_no_record_has_is_refused() -> None:
    with pytest.raises(InputError, match="no record has a field 'outlt'; there are outlet, length, density, quoted"):
        slices(documents(), "outlt")


class Suspicious:
    """Takes every `truce` for distancing where `said` stands before it, and is surer of it without `over`."""

    cues = (Cue("distancing"),)
    name = version = "suspicious"

    def find_many(
        self, documents: Sequence[Document], threshold: float | None
    ) -> Iterator[tuple[list[CueSpan], Mapping[str, float] | None]]:
        for document in documents:
            at = document.text.find("truce")
            score = 0.6 if "over" in document.text else 0.9
            there = "said" in document.text[:at]
            yield [CueSpan(at, at + 5, "distancing", score)] if there else [], None


TEXT = "An old war. He said the truce was over."


def test_occlusion_names_the_words_of_the_sentence_that_flip_an_error_first() -> None:
    at = TEXT.index("truce")
    spurious = SpanError("spurious", 0, None, CueSpan(at, at + 5, "distancing", 0.6))
    assert occlusions([spurious], [Document("a", TEXT)], Scorer(Suspicious())) == [
        [Occlusion("said", TEXT.index("said"), 0.6, 0.0), Occlusion("over", TEXT.index("over"), 0.6, 0.9)]
    ]
    (flips,) = occlusions([spurious], [Document("a", TEXT)], Scorer(Suspicious()), most=1)
    assert [one.to_record() for one in flips] == [
        {"word": "said", "start": 15, "before": 0.6, "after": 0.0, "flips": True}
    ]


def test_occlusion_looks_at_the_gold_span_that_was_missed() -> None:
    at = TEXT.index("war")
    missed = SpanError("missed", 0, CueSpan(at, at + 3, "distancing"), None)
    assert occlusions([missed], [Document("a", TEXT)], Scorer(Suspicious())) == [[]]

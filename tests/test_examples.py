"""The written examples keep to the codebook's form, and nothing of what is held out stands in the training part."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from framing.cues import CODEBOOK
from framing.io.jsonl import read_documents
from framing.spans import VOICES, CueSpan, Document
from training.duplicates import near_duplicates

FILES = ("corpus.jsonl", "held-out.jsonl", "designations.jsonl")
LABELS = {cue.name for cue in CODEBOOK}
DESIGNATION = "terrorist_designation"


def spans_of(documents: list[Document]) -> Iterator[tuple[str, Document, CueSpan]]:
    for document in documents:
        for span in document.spans:
            yield document.text[span.start : span.end], document, span


@pytest.fixture(scope="module")
def parts(examples: Path) -> dict[str, list[Document]]:
    return {name: read_documents(examples / name) for name in FILES}


def test_there_are_as_many_as_we_say(parts: dict[str, list[Document]]) -> None:
    assert {name: len(documents) for name, documents in parts.items()} == dict(zip(FILES, (788, 98, 40), strict=True))


@pytest.mark.parametrize("name", FILES)
def test_spans_have_the_codebooks_form(parts: dict[str, list[Document]], name: str) -> None:
    for words, document, span in spans_of(parts[name]):
        where = f"{document.id}: {words!r}"
        assert span.label in LABELS, where
        assert span.voice in VOICES, where
        assert words == words.strip(), where
        assert "\n" not in words, where
        assert not re.match(r"(?:an?|the) ", words, re.IGNORECASE), f"{where} starts with an article"
        before, after = document.text[span.start - 1 : span.start], document.text[span.end : span.end + 1]
        assert not (before + words[0]).isalnum() or not before, f"{where} starts inside a word"
        assert not (words[-1] + after).isalnum() or not after, f"{where} ends inside a word"
        assert words[-1] not in ".,;:!?", f"{where} ends with a mark"


@pytest.mark.parametrize("name", FILES)
def test_spans_of_one_type_never_overlap(parts: dict[str, list[Document]], name: str) -> None:
    for document in parts[name]:
        for label in LABELS:
            for one, other in pairwise(span for span in document.spans if span.label == label):
                assert one.end <= other.start, f"{document.id}: {label}"


@pytest.mark.parametrize("name", FILES)
def test_scare_quotes_are_short_and_hold_their_marks(parts: dict[str, list[Document]], name: str) -> None:
    for words, document, span in spans_of(parts[name]):
        if span.label == "scare_quote":
            assert re.fullmatch(r"[\"'“‘„‚«‹»›].+[\"'”’“‘»›«‹]", words), f"{document.id}: {words}"
            assert len(words.split()) <= 6, f"{document.id}: {words}"


@pytest.mark.parametrize("name", FILES)
def test_every_terrorist_designation_and_nothing_else_has_its_record(
    parts: dict[str, list[Document]], name: str
) -> None:
    for words, document, span in spans_of(parts[name]):
        where = f"{document.id}: {words!r}"
        assert (span.designation is not None) == (span.label == DESIGNATION), where
        if span.designation is None:
            continue
        if span.designation.kind == "label":
            assert span.designation.authority is None, where
        for ends in (span.designation.target, span.designation.source):
            if ends is not None:
                named = document.text[slice(*ends)]
                assert named == named.strip(), where
                assert re.search(r"(?<!\w)$", document.text[: ends[0]]), f"{where}: {named!r} starts inside a word"
                assert re.match(r"(?!\w)", document.text[ends[1] :]), f"{where}: {named!r} ends inside a word"


def test_every_held_out_designation_is_a_listing_with_its_authority(parts: dict[str, list[Document]]) -> None:
    held_out = parts["designations.jsonl"]
    assert {len(document.spans) for document in held_out} == {1}
    records = [span.designation for _, _, span in spans_of(held_out) if span.designation]
    assert {record.kind for record in records} == {"listing"}
    assert len({record.authority for record in records} - {None}) >= 6
    assert all(record.authority for record in records)


def test_every_type_stands_in_every_voice(parts: dict[str, list[Document]]) -> None:
    counts = Counter((span.label, span.voice) for _, _, span in spans_of(parts["corpus.jsonl"]))
    assert {(label, voice) for label in LABELS for voice in VOICES} == set(counts)


def test_no_passage_comes_twice_or_nearly_so(parts: dict[str, list[Document]]) -> None:
    documents = [document for part in parts.values() for document in part]
    assert len({document.id for document in documents}) == len(documents)
    found = near_duplicates([document.text for document in documents], 0.5)
    assert len(set(found.node.tolist())) == len(documents)
    assert [(documents[one].id, documents[other].id) for one, other in found.pairs] == []


def test_no_article_is_both_taught_and_held_out(parts: dict[str, list[Document]]) -> None:
    articles = [{document.meta["article"] for document in part} for part in parts.values()]
    assert len(set.union(*articles)) == sum(map(len, articles))

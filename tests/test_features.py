"""What every unit brings besides its word: its surface, and what the rules say of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.cues import CODEBOOK
from framing.features import SIZES, features
from framing.lexicon import Lexicon
from framing.quotations import quotations
from framing.spans import VOICES
from framing.text import SURFACES, surface_features, units

COLUMNS = {cue.name: number for number, cue in enumerate(CODEBOOK, start=1)}


def table(text: str, *, rules: bool = True) -> list[list[int]]:
    return [[int(value) for value in row] for row in features(text, units(text), quotations(text), rules=rules)]


def column(text: str, name: str) -> list[int]:
    return [row[COLUMNS[name]] for row in table(text)]


def test_there_is_a_column_for_the_surface_each_type_and_the_voice() -> None:
    assert SIZES == (SURFACES, 11, 11, 11, 11, 11, 11, 4)


def test_the_first_column_is_the_surface() -> None:
    text = 'The US called it a "Safe zone".'
    assert [row[0] for row in table(text)] == surface_features(text, units(text), quotations(text)).tolist()


def test_without_rules_the_other_columns_are_empty() -> None:
    assert {tuple(row[1:]) for row in table("The so-called truce held.", rules=False)} == {(0,) * 7}


def test_a_find_of_the_rules_marks_its_first_unit_and_those_inside() -> None:
    text = "The so-called truce was a pretext for war."
    (found,) = [span for span in Lexicon().find(text) if span.label == "distancing"]
    assert (text[found.start : found.end], found.voice) == ("so-called", "author")
    first, inside = column(text, "distancing")[1:3]
    assert column(text, "distancing") == [0, first, inside, inside, *[0] * 7]
    assert (first % 2, inside) == (1, first + 1)
    assert [row[-1] for row in table(text)][1:4] == [1 + VOICES.index("author")] * 3


@pytest.mark.parametrize(
    ("text", "voice"),
    [
        ("The so-called truce held.", "author"),
        ('"The so-called truce is held by both," she said.', "quoted"),
        ("The ministry said that the so-called truce held.", "attributed"),
    ],
)
def test_the_last_column_is_the_voice_of_the_find(text: str, voice: str) -> None:
    marked = {row[-1] for row in table(text) if row[COLUMNS["distancing"]]}
    assert marked == {1 + VOICES.index(voice)}


def test_every_short_quotation_has_a_value_for_the_network_to_judge() -> None:
    assert all(column('"aid"', "scare_quote"))
    assert not any(column('"one two three four five six seven"', "scare_quote"))


def test_a_text_without_words_has_no_rows() -> None:
    assert table(" \n") == []


@given(st.text(alphabet="so-caled 'truce' “regim”.\n\"US🎉\u0301", max_size=60))
def test_values_stay_in_range_of_the_embeddings(text: str) -> None:
    rows = table(text)
    assert len(rows) == len(units(text))
    assert all(0 <= value < size for row in rows for value, size in zip(row, SIZES, strict=True))

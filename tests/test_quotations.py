"""Quotation marks are paired as news copy uses them, and apostrophes are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.quotations import Quotation, quotations


def marked(text: str) -> list[str]:
    """Give the quotations as they stand in the text; one without a closing mark ends in `...`."""
    return [text[quote.start : quote.end] + ("" if quote.closed else "...") for quote in quotations(text)]


def test_a_quotation_holds_its_marks_and_counts_its_words() -> None:
    assert quotations('They call it a "safe zone".') == [Quotation(start=15, end=26, words=2, closed=True)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"truce"', 1),
        ('"anti-terrorist operation"', 2),
        ('"Kiev\'s US-made drones"', 3),
        ('"no, not at all, never again"', 6),
        ('"no, not at all, not ever again"', 7),
        ('"???"', 0),
    ],
)
def test_words_are_counted_with_their_hyphens_and_apostrophes(text: str, words: int) -> None:
    assert quotations(text) == [Quotation(0, len(text), words)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the “safe zone” held", ["“safe zone”"]),
        ("the 'safe zone' held", ["'safe zone'"]),
        ("the ‘safe zone’ held", ["‘safe zone’"]),
        ("the «safe zone» held", ["«safe zone»"]),
        ("the `safe zone´ held", ["`safe zone´"]),
        ("‘safe’ and “sound” and \"well\" and 'alive'", ["‘safe’", "“sound”", '"well"', "'alive'"]),
        ('("liberated")', ['"liberated"']),
        ('Was it "aid"? Or "trade"!', ['"aid"', '"trade"']),
        ('The word "aid," he wrote', ['"aid,"']),
        ("The word 'aid,' he wrote", ["'aid,'"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_straight_and_curly_marks_single_and_double(text: str, expected: list[str]) -> None:
    assert marked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the „safe zone“ held", ["„safe zone“"]),
        ("the „safe zone” held", ["„safe zone”"]),
        ("the ‚safe zone‘ held", ["‚safe zone‘"]),
        ("the ‚safe zone’ held", ["‚safe zone’"]),
        ("the »safe zone« held", ["»safe zone«"]),
        ("the »safe zone» held", ["»safe zone»"]),
        ("the ›safe zone‹ held", ["›safe zone‹"]),
        ("the « safe zone » held", ["« safe zone »"]),
        ("the «\u202fsafe zone\u202f» held", ["«\u202fsafe zone\u202f»"]),
        ("the ‹ safe zone › held", ["‹ safe zone ›"]),
        ("„aid“ and „trade“, »rest« and »peace«", ["„aid“", "„trade“", "»rest«", "»peace«"]),
        ("«aid»«trade» »rest«»peace«", ["«aid»", "«trade»", "»rest«", "»peace«"]),
        ("„Er sagt ‚nein‘ dazu“, »sie ›ja‹ dazu«", ["„Er sagt ‚nein‘ dazu“", "‚nein‘", "»sie ›ja‹ dazu«", "›ja‹"]),
        ("«il dit ‹non› encore»", ["«il dit ‹non› encore»", "‹non›"]),
        ("„So, “aid” it was“", ["„So, “aid” it was“", "“aid”"]),
    ],
)
def test_german_danish_and_french_marks(text: str, expected: list[str]) -> None:
    assert marked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The mayor doesn't know, and the mayor’s aides won’t say.",
        "James' brother sold the dogs' bowls to the cats' owner.",
        "The ministers’ cars blocked the drivers’ exit.",
        "Rock 'n' roll came back in the '90s and the ’80s.",
        "Get 'em while they're hot; 'tis the season, 'cause I said so.",
        "Ask Sinn Féin's O'Neill.",
        'A 6" pipe and a 5" pipe',
    ],
)
def test_apostrophes_possessives_elisions_and_inches_are_no_quotations(text: str) -> None:
    assert marked(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The 'rebels' won't stop", ["'rebels'"]),
        ("The ‘rebels’ won’t stop", ["‘rebels’"]),
        ("'We don't know,' he said", ["'We don't know,'"]),
        ("The '90s 'revival' ended", ["'revival'"]),
        ("The workers' 'victory' was brief", ["'victory'"]),
        ("She's \"the people's choice\"", ['"the people\'s choice"']),
    ],
)
def test_apostrophes_beside_quotations(text: str, expected: list[str]) -> None:
    assert marked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\"He said 'no deal' twice,\" she wrote", ["\"He said 'no deal' twice,\"", "'no deal'"]),
        ("“He said ‘no deal’ twice,” she wrote", ["“He said ‘no deal’ twice,”", "‘no deal’"]),
        ("‘He said “no deal” twice,’ she wrote", ["‘He said “no deal” twice,’", "“no deal”"]),
        ("\"'Aid' first\" was the motto", ["\"'Aid' first\"", "'Aid'"]),
        ("\"First 'aid'\" was the motto", ["\"First 'aid'\"", "'aid'"]),
    ],
)
def test_nested_quotations_stand_beside_those_that_hold_them(text: str, expected: list[str]) -> None:
    assert marked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"aid""trade"', ['"aid"', '"trade"']),
        ('"aid" "trade"', ['"aid"', '"trade"']),
        ("“aid”“trade”", ["“aid”", "“trade”"]),
        ("'aid' 'trade'", ["'aid'", "'trade'"]),
        ('"aid", "trade"', ['"aid"', '"trade"']),
    ],
)
def test_adjacent_quotations(text: str, expected: list[str]) -> None:
    assert marked(text) == expected


def test_an_unclosed_double_mark_ends_with_its_paragraph() -> None:
    text = 'He said: "We will not go\nThe "safe zone" held.'
    assert quotations(text) == [Quotation(9, 24, 4, closed=False), Quotation(29, 40, 2)]


def test_an_unclosed_single_mark_is_no_quotation() -> None:
    assert marked("The 'safe zone held.\nIt was 'over'.") == ["'over'"]


def test_a_quotation_of_several_paragraphs_opens_each_anew() -> None:
    text = "“We came at dawn.\n\n“We left at noon,” he said."
    assert marked(text) == ["“We came at dawn....", "“We left at noon,”"]


def test_an_inner_quotation_without_its_mark_ends_with_the_outer_one() -> None:
    assert marked("“They said ‘no deal and left,” he wrote") == ["“They said ‘no deal and left,”"]


def test_an_unclosed_outer_quotation_keeps_the_inner_one() -> None:
    assert marked("“unclosed, with a ‘safe zone’ in it") == ["“unclosed, with a ‘safe zone’ in it...", "‘safe zone’"]


@pytest.mark.parametrize("text", ["", "No marks at all.", "'", "''", "’", "5'"])
def test_texts_without_quotations(text: str) -> None:
    assert quotations(text) == []


@given(st.text(alphabet="ab ,.\n\"'“”‘’„‚«»‹›", max_size=40))
def test_quotations_nest_or_lie_apart(text: str) -> None:
    found = quotations(text)
    assert found == sorted(found)
    assert all(
        0 <= quote.start < quote.end <= len(text) and "\n" not in text[quote.start : quote.end] for quote in found
    )
    for one in found:
        for other in found:
            apart = one.end <= other.start or other.end <= one.start
            nested = (one.start <= other.start and other.end <= one.end) or (
                other.start <= one.start and one.end <= other.end
            )
            assert apart or nested

"""Units, sentences, surface features and windows."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from framing.quotations import quotations
from framing.text import SURFACES, Window, sentences, surface_features, units, windows


def pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in units(text)]


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("US-backed forces.", ["US", "-", "backed", "forces", "."]),
        ('the "safe zone"', ["the", '"', "safe", "zone", '"']),
        ("it's 1,000.5%", ["it", "'", "s", "1", ",", "000", ".", "5", "%"]),
        ("\t two \n\n words  ", ["two", "words"]),
        ("peace 🎉🕊 now", ["peace", "🎉", "🕊", "now"]),
        ("cafe\u0301 na\u0308hte", ["cafe\u0301", "na\u0308hte"]),
        ("café", ["café"]),
        ("snake_case", ["snake_case"]),
        ("", []),
        (" \n", []),
    ],
)
def test_units_are_words_and_single_marks(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@given(st.text())
def test_units_hold_everything_but_white_space(text: str) -> None:
    found = units(text)
    assert found.shape == (len(found), 2)
    assert "".join(pieces(text)) == "".join(text.split())
    assert all(end <= start for (_, end), (start, _) in pairwise(found.tolist()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One came. Two left.", ["One came.", "Two left."]),
        ("Who came? Nobody! Wait… Yes.", ["Who came?", "Nobody!", "Wait…", "Yes."]),
        ("Wait... What?!", ["Wait...", "What?!"]),
        ("Mr. Holt met Dr. Amin on Jan. 5 in St. Petersburg.", ["Mr. Holt met Dr. Amin on Jan. 5 in St. Petersburg."]),
        ("J. R. Holt and A. Amin met.", ["J. R. Holt and A. Amin met."]),
        (
            "The U.S. Army and the U.N. Mission met at 5 p.m. Monday.",
            ["The U.S. Army and the U.N. Mission met at 5 p.m. Monday."],
        ),
        ('He said "Go." Then he left.', ['He said "Go."', "Then he left."]),
        ("He said “Go.” “Now?” she asked.", ["He said “Go.”", "“Now?” she asked."]),
        ("(He left.) She stayed.", ["(He left.)", "She stayed."]),
        ("It grew by 2.5 percent. 7 lost.", ["It grew by 2.5 percent.", "7 lost."]),
        ("no capital. follows here", ["no capital. follows here"]),
        ("A headline\n\nA dateline\nA text.", ["A headline", "A dateline", "A text."]),
        ("A headline\r\nA text.\r\n", ["A headline", "A text."]),
        ("  padded  ", ["padded"]),
        ("Émile left. Él stayed.", ["Émile left.", "Él stayed."]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@given(st.text(alphabet="aB.!? \n\"'(M1", max_size=60))
def test_sentences_hold_everything_but_the_space_between(text: str) -> None:
    assert "".join("".join(cut(text)).split()) == "".join(text.split())
    assert all(piece == piece.strip() != "" for piece in cut(text))


def features(text: str) -> list[int]:
    return [int(value) for value in surface_features(text, units(text), quotations(text))]


def test_surface_features_show_letter_case() -> None:
    assert features("the Harbour of NATO , I say 42") == [0, 8, 0, 16, 0, 8, 0, 0]


def test_surface_features_show_the_place_in_a_short_quotation() -> None:
    assert features('a "safe zone" .') == [0, 1, 2, 2, 3, 0]
    assert features("a 'Safe ZONE' .") == [0, 1, 10, 18, 3, 0]


def test_surface_features_tell_short_quotations_from_long_ones() -> None:
    six, seven = '"a b c d e f"', '"a b c d e f g"'
    assert features(six) == [1, 2, 2, 2, 2, 2, 2, 3]
    assert features(seven) == [4] * 9
    assert features('"a b') == [4] * 3


def test_surface_features_of_a_short_quotation_in_a_long_one() -> None:
    assert features("“a b c d e ‘f’ g”") == [4] * 6 + [5, 6, 7] + [4] * 2


@given(st.text(alphabet="aB \"'“”.\n", max_size=40))
def test_surface_features_stay_in_range(text: str) -> None:
    found = features(text)
    assert len(found) == len(units(text))
    assert set(found) <= set(range(SURFACES))


@pytest.mark.parametrize(
    ("length", "expected"),
    [(0, []), (1, [Window(0, 1)]), (9, [Window(0, 9)]), (10, [Window(0, 10)]), (11, [Window(0, 10), Window(7, 11)])],
)
def test_one_window_holds_a_sentence_up_to_its_size(length: int, expected: list[Window]) -> None:
    assert windows(length, [0], 10, 3) == expected


def test_whole_sentences_are_packed_and_repeated_as_far_as_they_fit() -> None:
    assert windows(12, [0, 4, 8], 8, 4) == [Window(0, 8), Window(4, 12)]
    assert windows(12, [0, 4, 8], 8, 3) == [Window(0, 8), Window(8, 12)]
    assert windows(12, [0, 4, 8], 12, 4) == [Window(0, 12)]
    assert windows(13, [0, 4, 9], 8, 4) == [Window(0, 4), Window(4, 9), Window(9, 13)]


def test_a_sentence_longer_than_a_window_is_cut_with_the_full_overlap() -> None:
    assert windows(20, [0], 8, 3) == [Window(0, 8), Window(5, 13), Window(10, 18), Window(15, 20)]


def test_without_overlap_windows_stand_side_by_side() -> None:
    assert windows(20, [0, 8], 8, 0) == [Window(0, 8), Window(8, 16), Window(16, 20)]


@pytest.mark.parametrize(("size", "stride"), [(8, 8), (8, 9), (8, -1), (0, 0)])
def test_the_overlap_must_be_smaller_than_the_window(size: int, stride: int) -> None:
    with pytest.raises(ValueError, match=f"stride {stride} must be at least 0 and below the window's {size} tokens"):
        windows(20, [0], size, stride)


plans = st.tuples(st.integers(1, 120), st.sets(st.integers(0, 120)).map(sorted), st.integers(1, 20), st.integers(0, 19))


@given(plans)
def test_windows_cover_every_token_in_strict_progress(plan: tuple[int, list[int], int, int]) -> None:
    length, boundaries, size, stride = plan
    assume(stride < size)
    found = windows(length, boundaries, size, stride)
    assert (found[0].start, found[-1].end) == (0, length)
    assert all(0 < window.end - window.start <= size for window in found)
    for one, other in pairwise(found):
        assert one.start < other.start <= one.end < other.end
        assert one.end - other.start <= stride


@given(plans)
def test_every_sentence_that_fits_stands_whole_in_a_window(plan: tuple[int, list[int], int, int]) -> None:
    length, boundaries, size, stride = plan
    assume(stride < size)
    found = windows(length, boundaries, size, stride)
    edges = sorted({0, length} | {edge for edge in boundaries if edge < length})
    for start, end in pairwise(edges):
        if end - start <= size:
            assert any(window.start <= start and end <= window.end for window in found), (start, end)

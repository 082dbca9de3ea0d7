"""An article's figures: counts, rates per 1,000 words, expected counts, by type and voice."""

from __future__ import annotations

import pytest

from framing.profile import count_words, profile, rate
from framing.spans import CueSpan


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        (" ... !", 0),
        ("One", 1),
        ("US-led troops, 1,000 of them.", 5),
        ("It's the mayor’s 2.5 percent", 5),
        ("the 'safe zone'", 3),
        ("peace 🎉 now", 2),
    ],
)
def test_words_keep_their_hyphens_apostrophes_points_and_commas(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("count", "words", "expected"), [(0, 0, 0.0), (3, 0, 0.0), (1, 1000, 1.0), (1, 3000, 0.3333), (2, 3, 666.6667)]
)
def test_rates_are_per_thousand_words(count: int, words: int, expected: float) -> None:
    assert rate(count, words) == expected


def voices(author: int = 0, attributed: int = 0, quoted: int = 0, *, words: int) -> dict[str, dict[str, float]]:
    counts = {"author": author, "attributed": attributed, "quoted": quoted}
    return {voice: {"count": count, "per_1000": rate(count, words)} for voice, count in counts.items()}


def test_a_profile_sums_up_types_and_voices() -> None:
    found = [
        CueSpan(0, 4, "pretext", 0.9, "author"),
        CueSpan(5, 9, "pretext", 0.8, "quoted"),
        CueSpan(10, 12, "distancing", 0.7, "author"),
    ]
    hoped = {"pretext": 1.23456, "distancing": 0.5, "group_label": 0.25}
    assert profile(found, 500, ["pretext", "distancing", "group_label"], hoped) == {
        "words": 500,
        "cues": {
            "pretext": {"count": 2, "per_1000": 4.0, "expected": 1.2346, "voices": voices(1, 0, 1, words=500)},
            "distancing": {"count": 1, "per_1000": 2.0, "expected": 0.5, "voices": voices(1, words=500)},
            "group_label": {"count": 0, "per_1000": 0.0, "expected": 0.25, "voices": voices(words=500)},
        },
        "total": {"count": 3, "per_1000": 6.0, "expected": 1.9846, "voices": voices(2, 0, 1, words=500)},
    }


def test_rules_give_no_expected_counts_and_a_text_without_words_no_rates() -> None:
    assert profile([], 0, ["pretext"]) == {
        "words": 0,
        "cues": {"pretext": {"count": 0, "per_1000": 0.0, "voices": voices(words=0)}},
        "total": {"count": 0, "per_1000": 0.0, "voices": voices(words=0)},
    }


def test_a_span_without_voice_counts_in_no_voice() -> None:
    figures = profile([CueSpan(0, 4, "pretext")], 1000, ["pretext"])
    assert figures["total"] == {"count": 1, "per_1000": 1.0, "voices": voices(words=1000)}


def test_expected_counts_cover_the_reported_types_alone() -> None:
    assert profile([], 10, ["pretext"], {"pretext": 0.5, "distancing": 2.0})["total"]["expected"] == 0.5

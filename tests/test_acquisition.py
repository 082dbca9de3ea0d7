"""Measures of doubt and orders of passages, on opinions small enough to work out by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from training.acquisition import (
    Seen,
    at_random,
    divergence,
    doubtful_words,
    entropy,
    farthest_first,
    most_useful,
    take,
    usefulness,
    vectors,
)

SURE, TORN, LOST = [1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [1 / 3, 1 / 3, 1 / 3]


def opinion(*units: list[list[float]]) -> np.ndarray:
    """Stack [types, 3] of each unit."""
    return np.array(units, dtype=np.float32)


def test_entropy_is_a_share_of_the_most_there_can_be() -> None:
    found = entropy(opinion([SURE, TORN], [LOST, SURE]))
    assert found == pytest.approx(np.array([[0, np.log(2) / np.log(3)], [1, 0]]), abs=1e-6)


def test_divergence_is_0_for_the_same_and_1_for_opposite_opinions() -> None:
    one = opinion([SURE, TORN, SURE])
    other = opinion([SURE, TORN, [0.0, 1.0, 0.0]])
    assert divergence(one, other) == pytest.approx(np.array([[0, 0, 1]]), abs=1e-6)
    assert divergence(one, other) == pytest.approx(divergence(other, one))
    # Two that doubt alike don't disagree, however much they doubt.
    assert divergence(opinion([LOST]), opinion([LOST])) == pytest.approx(0, abs=1e-6)


def test_a_passage_does_not_win_by_length() -> None:
    short, long = np.array([[0.2, 0.6]]), np.array([[0.2, 0.1], [0.1, 0.6], [0.2, 0.0], [0.0, 0.6]])
    assert usefulness(short) == usefulness(long) == pytest.approx(0.4)
    assert usefulness(np.empty((0, 2))) == 0.0


def test_words_are_weighed_by_the_doubt_on_them() -> None:
    found = doubtful_words(["the", "regime", "fell"], np.array([[0.01], [0.5], [0.0]]))
    assert found == {"0:regime": 0.5, "0:the regime ": 0.5, "0: regime fell": 0.5}


def test_vectors_are_as_long_as_passages_are_useful() -> None:
    points = vectors([{"0:regime": 0.3, "0:junta": 0.1}, {}, {"0:regime": 0.9}], [0.4, 0.0, 0.7])
    lengths = np.linalg.norm(points.toarray(), axis=1)
    assert lengths == pytest.approx(np.array([0.4, 0.0, 0.7]))


def test_farthest_first_puts_off_what_is_doubtful_for_the_same_reason() -> None:
    values = [0.9, 0.85, 0.0, 0.5]
    points = vectors([{"regime": 1.0}, {"regime": 1.0}, {}, {"pretext": 1.0}], values)
    assert list(most_useful(values)) == [0, 1, 3, 2]
    assert list(farthest_first(points, values)) == [0, 3, 1, 2]


def test_farthest_first_gives_every_passage_once_even_without_any_doubt() -> None:
    assert list(farthest_first(vectors([{}, {}, {}], [0.0] * 3), [0.0] * 3)) == [0, 1, 2]


def test_random_orders_follow_the_seed() -> None:
    assert list(at_random(50, 1)) == list(at_random(50, 1)) != list(at_random(50, 2))
    assert sorted(at_random(50, 1)) == list(range(50))


def test_a_copy_is_held_by_one_earlier_text() -> None:
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    seen = Seen()
    seen.add(" ".join(words))
    assert seen.copies("One two, three four FIVE six seven eight nine.")  # a part of it
    assert seen.copies(" ".join([*words, "more", "words"]))  # 10 of 12 shingles
    assert not seen.copies(" ".join([*words, "three", "more", "words"]))  # 10 of 13
    seen.add("alpha beta gamma delta")
    assert not seen.copies("one two three four alpha beta gamma delta")  # half of it in each of two texts


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4])
def test_take_gives_so_many_that_differ(number: int) -> None:
    texts = [
        "A dog barked all night.",
        "a dog barked all night",
        "The cat slept by the fire.",
        "Rain fell on the town.",
    ]
    endless = itertools.chain(range(4), itertools.repeat(0, 3))
    assert list(take(endless, texts, number, Seen())) == [0, 2, 3][:number]

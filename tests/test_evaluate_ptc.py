"""The SI score of SemEval-2020 task 11, by cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from framing.evaluate.ptc import si_counts, si_f1, si_precision, si_recall
from framing.spans import CueSpan


def spans(*ends: tuple[int, int], label: str = "propaganda") -> list[CueSpan]:
    return [CueSpan(start, end, label) for start, end in ends]


@pytest.mark.parametrize(
    ("given", "joined"),
    [
        ([], []),
        ([(0, 5), (4, 9)], [(0, 9)]),  # one shared character
        ([(0, 5), (5, 9)], [(0, 5), (5, 9)]),  # touching only
        ([(2, 3), (0, 9)], [(0, 9)]),  # nested
        ([(0, 4), (6, 9), (3, 7)], [(0, 9)]),  # a chain
    ],
)
def test_spans_that_share_a_character_count_as_one(given: list[tuple[int, int]], joined: list[tuple[int, int]]) -> None:
    assert si_counts(["a"], [spans(*given)], [[]]).tolist() == [[0, 0, 0, len(joined)]]
    # against its own joined spans everything is right
    assert si_counts(["a"], [spans(*given)], [spans(*joined)]).tolist() == [[len(joined)] * 4]


def test_labels_do_not_keep_gold_spans_apart() -> None:
    gold = [*spans((0, 10), label="doubt"), *spans((5, 20), label="slogans")]
    assert si_counts(["a"], [gold], [spans((0, 20))]).tolist() == [[1.0, 1.0, 1.0, 1.0]]


def test_a_span_in_part_right_gives_its_share() -> None:
    # gold [0, 10), [20, 40); predicted [5, 15): 5 of its 10 are right, and cover 5 of the gold span's 10
    counts = si_counts(["a"], [spans((0, 10), (20, 40))], [spans((5, 15))])
    assert counts.tolist() == [[0.5, 1.0, 0.5, 2.0]]
    # precision 1/2, recall 1/4
    assert si_f1(counts[0]) == pytest.approx(2 * 0.5 * 0.25 / 0.75)


def test_one_long_span_over_two_gold_spans() -> None:
    # gold [0, 10), [10, 20) touch; predicted [0, 20): 10/20 + 10/20 for precision, 1 + 1 for recall
    counts = si_counts(["a"], [spans((0, 10), (10, 20))], [spans((0, 20))])
    assert counts.tolist() == [[1.0, 1.0, 2.0, 2.0]]
    assert si_f1(counts[0]) == 1.0


def test_two_pieces_of_one_gold_span() -> None:
    # gold [0, 10); predicted [0, 2), [4, 8): each wholly right, recall 2/10 + 4/10
    assert si_counts(["a"], [spans((0, 10))], [spans((0, 2), (4, 8))])[0] == pytest.approx([2.0, 2.0, 0.6, 1.0])


def test_overlapping_predictions_are_joined() -> None:
    assert si_counts(["a"], [spans((0, 10))], [spans((0, 6), (4, 10))]).tolist() == [[1.0, 1.0, 1.0, 1.0]]


@pytest.mark.parametrize(
    ("gold", "predicted", "score"),
    [([], [], 1.0), ([(0, 5)], [], 0.0), ([], [(0, 5)], 0.0), ([(0, 5)], [(5, 9)], 0.0), ([(0, 5)], [(0, 5)], 1.0)],
)
def test_edges(gold: list[tuple[int, int]], predicted: list[tuple[int, int]], score: float) -> None:
    assert si_f1(si_counts(["a"], [spans(*gold)], [spans(*predicted)])[0]) == score


def test_the_score_pools_articles_before_it_divides() -> None:
    articles = ["a", "b", "a"]
    gold = [spans((0, 10)), spans((0, 10)), spans((0, 4))]
    predicted = [spans((0, 10)), spans((5, 10), (20, 25)), []]
    assert si_counts(articles, gold, predicted).tolist() == [[1.0, 1.0, 1.0, 2.0], [1.0, 2.0, 0.5, 1.0]]
    total = si_counts(articles, gold, predicted).sum(axis=0)
    assert (si_precision(total), si_recall(total)) == (pytest.approx(2 / 3), pytest.approx(1 / 2))
    assert si_f1(total) == pytest.approx(4 / 7)


@pytest.mark.parametrize("seed", range(20))
def test_it_agrees_with_the_definition_on_sets_of_characters(seed: int) -> None:
    random = np.random.default_rng(seed)

    def some() -> list[tuple[int, int]]:
        starts = random.integers(0, 60, 8).tolist()
        return [(start, start + int(random.integers(1, 12))) for start in starts]

    def sets(given: list[tuple[int, int]]) -> list[set[int]]:
        joined: list[set[int]] = []
        for start, end in given:
            new = set(range(start, end))
            meets = [one for one in joined if one & new]
            joined = [one for one in joined if not one & new] + [new.union(*meets)]
        return joined

    gold, predicted = some(), some()
    pairs = [(s, t) for s in sets(predicted) for t in sets(gold)]
    expected = [
        sum(len(s & t) / len(s) for s, t in pairs),
        len(sets(predicted)),
        sum(len(s & t) / len(t) for s, t in pairs),
        len(sets(gold)),
    ]
    assert si_counts(["a"], [spans(*gold)], [spans(*predicted)])[0] == pytest.approx(expected)


def test_offsets_far_apart_cost_no_memory() -> None:
    assert np.isclose(si_counts(["a"], [spans((0, 10**12))], [spans((0, 5 * 10**11))])[0], [1, 1, 0.5, 1]).all()

"""Span scores by cases worked by hand, matching against brute force, and bootstrap intervals."""

from __future__ import annotations

from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.evaluate.bootstrap import Estimate, bootstrap, cluster_counts, f1, f1_table
from framing.evaluate.columns import lay_out, overlaps, tabulate
from framing.evaluate.spans import Counts, count, micro, voice_accuracy
from framing.spans import CueSpan


def spans(*ends: tuple[int, int], label: str = "pretext") -> list[CueSpan]:
    return [CueSpan(start, end, label) for start, end in ends]


def test_figures_follow_from_counts() -> None:
    counts = Counts(gold=4, predicted=5, matched=3)
    assert (counts.precision, counts.recall, counts.f1) == pytest.approx((0.6, 0.75, 2 / 3))
    assert micro([counts, Counts(1, 0, 0), Counts(0, 1, 0)]) == Counts(5, 6, 3)


@pytest.mark.parametrize("counts", [Counts(), Counts(3, 0, 0), Counts(0, 3, 0)])
def test_figures_of_nothing_are_zero(counts: Counts) -> None:
    assert (counts.precision, counts.recall, counts.f1) == (0.0, 0.0, 0.0)
    assert micro([]) == Counts()


@pytest.mark.parametrize(
    ("gold", "predicted", "strict", "overlap"),
    [
        ([(0, 4)], [(0, 4)], 1, 1),
        ([(0, 4)], [(0, 5)], 0, 1),
        ([(0, 4)], [(3, 8)], 0, 1),
        ([(0, 4)], [(4, 8)], 0, 0),
        ([(0, 4), (4, 8)], [(0, 8)], 0, 1),
        ([(0, 8)], [(0, 4), (4, 8)], 0, 1),
        ([(0, 4), (6, 9)], [(3, 7), (8, 9)], 0, 2),
        ([(0, 4), (6, 9), (20, 30)], [(6, 9), (19, 31)], 1, 2),
        ([], [(0, 4)], 0, 0),
        ([(0, 4)], [], 0, 0),
    ],
)
def test_spans_match_strictly_or_by_overlap(
    gold: list[tuple[int, int]], predicted: list[tuple[int, int]], strict: int, overlap: int
) -> None:
    for kind, matched in ((True, strict), (False, overlap)):
        assert count([spans(*gold)], [spans(*predicted)], ["pretext"], strict=kind) == {
            "pretext": Counts(len(gold), len(predicted), matched)
        }


# Spans of one type that overlap, nest and repeat: the codebook forbids them, other corpora have them.
some_spans = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 6)).map(lambda pair: CueSpan(pair[0], sum(pair), "pretext")),
    max_size=6,
)


@given(some_spans, some_spans)
def test_spans_that_share_a_character_are_found(gold: list[CueSpan], predicted: list[CueSpan]) -> None:
    places = lay_out([gold, []], [predicted, gold])
    ours, theirs = tabulate([gold, []], places, None), tabulate([predicted, gold], places, None)
    left, right = overlaps(ours, theirs)
    pairs = product(enumerate(sorted(gold)), enumerate(sorted(predicted)))
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [
        (one, other) for (one, first), (other, second) in pairs if first.overlaps(second)
    ]


@given(some_spans, some_spans, st.booleans())
def test_matching_pairs_as_many_as_possible(gold: list[CueSpan], predicted: list[CueSpan], strict: bool) -> None:
    @cache
    def most(index: int, free: frozenset[int]) -> int:
        if index == len(gold):
            return 0
        one = gold[index]
        fitting = [at for at in free if (one == predicted[at] if strict else one.overlaps(predicted[at]))]
        return max([most(index + 1, free), *(1 + most(index + 1, free - {at}) for at in fitting)])

    matched = count([gold], [predicted], ["pretext"], strict=strict)["pretext"].matched
    assert matched == most(0, frozenset(range(len(predicted))))


def test_counts_go_by_type_over_documents() -> None:
    gold = [spans((0, 4)) + spans((0, 4), label="distancing"), spans((5, 9)), []]
    predicted = [spans((0, 4)) + spans((2, 4), label="distancing"), [], spans((1, 2), label="group_label")]
    labels = ["pretext", "distancing", "sponsor_label"]
    assert count(gold, predicted, labels, strict=True) == {
        "pretext": Counts(2, 1, 1),
        "distancing": Counts(1, 1, 0),
        "sponsor_label": Counts(),
    }
    assert count(gold, predicted, labels, strict=False)["distancing"] == Counts(1, 1, 1)


def test_a_span_of_another_type_does_not_match() -> None:
    counts = count([spans((0, 4))], [spans((0, 4), label="distancing")], ["pretext", "distancing"], strict=False)
    assert counts == {"pretext": Counts(1, 0, 0), "distancing": Counts(0, 1, 0)}


def test_gold_and_predictions_must_cover_the_same_documents() -> None:
    with pytest.raises(ValueError, match=r"cover different documents \(2 and 1\)"):
        count([[], []], [[]], ["pretext"], strict=True)


def test_voices_count_on_strictly_matched_spans_with_a_gold_voice() -> None:
    gold = [
        [
            CueSpan(0, 4, "pretext", voice="author"),
            CueSpan(5, 9, "pretext", voice="quoted"),
            CueSpan(10, 12, "pretext"),
        ],
        [CueSpan(0, 4, "pretext", voice="attributed")],
    ]
    predicted = [
        [
            CueSpan(0, 4, "pretext", voice="author"),
            CueSpan(5, 9, "pretext", voice="author"),
            CueSpan(10, 12, "pretext"),
        ],
        [CueSpan(0, 5, "pretext", voice="attributed"), CueSpan(0, 4, "distancing", voice="attributed")],
    ]
    assert voice_accuracy(gold, predicted) == (1, 2)
    assert voice_accuracy([], []) == (0, 0)


def test_cluster_counts_add_up_the_documents_of_an_article() -> None:
    gold = [spans((0, 4)), spans((5, 9)), spans((0, 2))]
    predicted = [spans((0, 4)), spans((5, 8)), []]
    table = cluster_counts(["a", "b", "a"], gold, predicted, ["pretext", "distancing"], strict=True)
    assert table.tolist() == [[[2, 1, 1], [0, 0, 0]], [[1, 1, 0], [0, 0, 0]]]
    assert table[:, 0].sum(axis=0).tolist() == [3, 2, 1]


def test_f1_of_tables() -> None:
    assert f1(np.array([[4.0, 4.0, 3.0], [1.0, 3.0, 1.0], [1.0, 0.0, 0.0]])).tolist() == [0.75, 0.5, 0.0]
    assert np.isnan(f1(np.array([[0.0, 0.0, 0.0], [0.0, 2.0, 0.0]]))).all()


def test_resamples_without_a_type_say_nothing_about_it() -> None:
    """A third of them lack a type that one article of many has, which would put the low end at 0."""
    counts = np.zeros((30, 3))
    counts[0] = 5.0
    assert bootstrap(counts) == Estimate(1.0, 1.0, 1.0)
    table = f1_table(["a", "b"], [spans((0, 4)), []], [spans((0, 4)), []], ["pretext", "distancing"])
    (low,) = {table["pretext"][name].low for name in ("strict", "overlap")}
    assert low == pytest.approx(2 * 0.025 / 1.025)  # one of one: what the exact interval of a proportion leaves
    assert table["pretext"]["strict"] == Estimate(1.0, low, 1.0, exact=True)
    assert np.isnan(table["distancing"]["strict"].value)


def repeated(clusters: int) -> np.ndarray:
    """Give clusters of which every second one is found whole and the others not at all."""
    return np.array([[1.0, 1.0, float(number % 2)] for number in range(clusters)])


def test_the_interval_holds_the_value_and_follows_the_seed() -> None:
    first = bootstrap(repeated(20), seed=3)
    assert first.value == 0.5
    assert 0.2 < first.low < 0.5 < first.high < 0.8
    assert bootstrap(repeated(20), seed=3) == first
    assert bootstrap(repeated(1001), draws=200, seed=3) != bootstrap(repeated(1001), draws=200, seed=4)


def test_more_clusters_give_a_narrower_interval() -> None:
    widths = [bootstrap(repeated(clusters)).high - bootstrap(repeated(clusters)).low for clusters in (10, 40, 160, 640)]
    assert widths == sorted(widths, reverse=True)
    # four times the articles, half the width
    assert [one / other for one, other in pairwise(widths[1:])] == pytest.approx([2, 2], rel=0.15)


def test_clusters_that_agree_leave_no_doubt() -> None:
    assert bootstrap(np.array([[2.0, 2.0, 1.0]] * 5)) == Estimate(0.5, 0.5, 0.5)
    assert bootstrap(np.array([[3.0, 2.0, 1.0]])) == Estimate(0.4, 0.4, 0.4)


def test_another_statistic_may_be_given() -> None:
    recall = bootstrap(np.array([[4.0, 1.0, 1.0]] * 3), lambda counts: counts[..., 2] / counts[..., 0])
    assert recall == Estimate(0.25, 0.25, 0.25)


def test_an_estimate_prints_with_three_digits() -> None:
    assert str(Estimate(0.75, 0.7312, 0.7688)) == "0.750 [0.731, 0.769]"


def test_a_table_of_f1_has_no_interval_without_width() -> None:
    gold = [spans((0, 4))] * 5 + [[]] * 20
    row = f1_table([str(number) for number in range(25)], gold, gold, ["pretext"])["pretext"]["strict"]
    low = 0.025 ** (1 / 5)  # five articles carry any
    assert (row.value, row.low, row.high, row.exact) == (1.0, pytest.approx(2 * low / (1 + low)), 1.0, True)


def test_the_table_of_f1_has_every_type_and_micro() -> None:
    gold = [spans((0, 4)), spans((0, 4), label="distancing")]
    predicted = [spans((0, 4)), spans((0, 3), label="distancing")]
    table = f1_table(["a", "b"], gold, predicted, ["pretext", "distancing"])
    values = {name: {kind: estimate.value for kind, estimate in row.items()} for name, row in table.items()}
    assert values == {
        "pretext": {"strict": 1.0, "overlap": 1.0},
        "distancing": {"strict": 0.0, "overlap": 1.0},
        "micro": {"strict": 0.5, "overlap": 1.0},
    }
    assert (table["micro"]["strict"].low, table["micro"]["strict"].high) == (0.0, 1.0)

"""Intervals and tests, beside SciPy's and by cases worked by hand."""

from __future__ import annotations

from math import comb, nan

import numpy as np
import pytest
from scipy import stats

from framing.evaluate.bootstrap import bca, bootstrap, estimates, exact_ends, f1, leave_one_out, resample
from framing.evaluate.significance import approximate_randomization, holm, mcnemar


def some_counts(clusters: int, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    gold, predicted = random.poisson(1.0, (2, clusters))
    return np.stack((gold, predicted, random.binomial(np.minimum(gold, predicted), 0.6)), axis=-1).astype(float)


def test_intervals_are_those_of_scipy() -> None:
    table = some_counts(60)
    reference = stats.bootstrap(
        (np.arange(60),),
        lambda rows, axis=-1: f1(table[rows].sum(axis=-2)),
        n_resamples=20_000,
        vectorized=True,
        method="BCa",
        rng=0,
    ).confidence_interval
    ours = bootstrap(table, draws=20_000)
    assert (ours.low, ours.high) == pytest.approx((reference.low, reference.high), abs=0.006)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    # Recall of 2/3 in clusters of 1 to 4 gold spans that are found together or not at all: worse than binomial.
    random = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        sizes = random.integers(1, 5, 80)
        table = np.stack((sizes, sizes * (random.random(80) < 2 / 3)), axis=-1).astype(float)
        estimate = bootstrap(table, lambda sums: sums[..., 1] / sums[..., 0], draws=400)
        held += estimate.low <= 2 / 3 <= estimate.high
    assert 0.915 <= held / 400 <= 0.98


def test_exact_ends_are_those_of_scipy_and_of_f1_by_its_proportion() -> None:
    for hits, number in ((0, 5), (13, 13), (3, 8), (1, 1)):
        given = stats.binomtest(hits, number).proportion_ci(method="exact")
        ends = exact_ends(np.array(hits / number), np.array(float(number)), is_f1=False)
        assert ends == pytest.approx((given.low, given.high))
    low, high = exact_ends(np.array(1.0), np.array(13.0), is_f1=True)
    assert (low, high) == (pytest.approx(2 * 0.025 ** (1 / 13) / (1 + 0.025 ** (1 / 13))), 1.0)
    low, high = exact_ends(np.array(0.5), np.array(6.0), is_f1=True)  # a third of the spans is matched: 2 of 6
    assert low / (2 - low) == pytest.approx(stats.binomtest(2, 6).proportion_ci(method="exact").low)


@pytest.mark.parametrize("truth", [0.8, 0.95])
def test_intervals_of_few_and_mostly_right_spans_cover(truth: float) -> None:
    # 13 gold spans: one sample in eighteen, or in two, has them all right, in which a bootstrap sees no doubt.
    random = np.random.default_rng(0)
    held = 0
    for _ in range(300):
        table = np.stack((np.ones(13), random.random(13) < truth), axis=-1).astype(float)
        (found,) = estimates(table, lambda sums: sums[..., 1:] / sums[..., :1], draws=300, seed=0, kind="share")
        assert found.low < found.high
        held += found.low <= truth <= found.high
    assert held / 300 >= 0.9


def test_resampling_and_leaving_out_keep_the_shape_and_the_sum() -> None:
    table = np.arange(24.0).reshape(4, 3, 2)
    drawn = resample(table, draws=50, seed=0)
    assert drawn.shape == (50, 3, 2)
    assert (drawn[:, 0, 1] - drawn[:, 0, 0] == 4).all()  # each of the four draws brings one
    assert leave_one_out(table).tolist() == (table.sum(axis=0) - table).tolist()


def test_draws_without_a_figure_dont_count() -> None:
    drawn = np.array([[nan], [0.2], [0.4], [nan], [0.6]])
    low, high = bca(np.array([0.4]), drawn, np.array([[0.3], [0.5], [nan]]))
    assert 0.2 <= low[0] < 0.4 < high[0] <= 0.6
    low, high = bca(np.array([nan]), drawn, drawn)
    assert np.isnan([low, high]).all()


def test_randomization_gives_the_exact_p_of_few_clusters() -> None:
    # Four clusters in which only the first system is right: of 16 swaps two are as far apart as observed.
    ones, nothing = np.array([[1.0, 1.0, 1.0]] * 4), np.array([[1.0, 1.0, 0.0]] * 4)
    p = approximate_randomization(ones, nothing, f1, rounds=20_000, seed=0)
    assert p == pytest.approx(2 / 16, abs=0.01)


def test_randomization_of_equal_and_of_far_systems() -> None:
    table = some_counts(200)
    worse = table.copy()
    worse[:, 2] = 0
    assert approximate_randomization(table, table, f1, rounds=500, seed=0) == 1.0
    assert approximate_randomization(table, worse, f1, rounds=500, seed=0) == pytest.approx(1 / 501)


def test_randomization_rejects_no_more_than_it_should() -> None:
    random = np.random.default_rng(0)
    low = 0
    for seed in range(300):
        gold = np.ones(60)
        right = random.random((2, 60)) < 0.6
        first, second = (np.stack((gold, gold, one), axis=-1).astype(float) for one in right)
        low += approximate_randomization(first, second, f1, rounds=200, seed=seed) <= 0.05
    assert low / 300 <= 0.09


def test_holm_by_hand() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, nan])).tolist() == pytest.approx([0.03, 0.06, 0.06, nan], nan_ok=True)
    columns = holm(np.array([[0.5, nan], [0.6, 0.04]]))
    assert columns.tolist() == [[1.0, pytest.approx(nan, nan_ok=True)], [1.0, 0.04]]


def test_mcnemar_by_hand() -> None:
    first = np.array([True] * 6 + [False] + [True] * 5)
    second = np.array([False] * 6 + [True] + [True] * 5)
    assert mcnemar(first, second) == pytest.approx(2 * (comb(7, 0) + comb(7, 1)) / 2**7)
    assert mcnemar(first, first) == 1.0

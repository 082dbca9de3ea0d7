"""The estimators: by hand, against the published formulas, and by simulation with a model that errs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from framing.estimate.classical import rogan_gladen
from framing.estimate.plan import Spread, _promised, least
from framing.estimate.powered import Articles, Fit, difference, freedom, gold_alone, naive, powered, ratio
from framing.evaluate.bootstrap import Estimate
from framing.evaluate.columns import FloatArray


def draw(random: np.random.Generator, number: int, labelled: int, *, per_cluster: int = 1) -> Articles:
    """Draw articles with 1.5 cues per 1,000 words, of which a model misses a third and invents as many as 0.2."""
    size = random.uniform(0.2, 2.0, number)
    lean = np.repeat(random.gamma(2.0, 0.5, -(-number // per_cluster)), per_cluster)[:number]  # articles differ
    gold = random.poisson(1.5 * lean * size)
    found = random.binomial(gold, 2 / 3) + random.poisson(0.2 * size)
    cluster = np.arange(number) // per_cluster
    return Articles(size, found.astype(float), gold.astype(float), np.arange(number) < labelled, cluster)


def same(one: Fit, other: Fit) -> bool:
    return bool(np.allclose(one.value, other.value) and np.allclose(one.variance, other.variance))


def test_a_mean_is_that_of_the_paper() -> None:
    given = draw(np.random.default_rng(0), 3000, 400)
    loud = 2 * given.found  # so that the best weight lies inside (0, 1)
    given = Articles(np.ones(3000), loud, given.gold, given.labelled, given.cluster)
    gold, found, rest = given.gold[:400], given.found[:400], given.found[400:]
    n, others = len(gold), len(rest)
    # The paper pools the variance of both parts; here each has its own.
    weight = min(1.0, np.cov(gold, found)[0, 1] / (found.var(ddof=1) + n / others * rest.var(ddof=1)))
    value = weight * rest.mean() + (gold - weight * found).mean()
    variance = weight**2 * rest.var(ddof=1) / others + (gold - weight * found).var(ddof=1) / n
    (shown,) = powered(given).intervals()
    assert shown.value == pytest.approx(value, rel=1e-3)
    assert shown.high - shown.low == pytest.approx(2 * 1.96 * variance**0.5, rel=0.01)


def test_a_model_that_is_right_leaves_only_the_draw_of_the_archive() -> None:
    given = draw(np.random.default_rng(1), 2000, 100)
    right = Articles(given.size, given.gold, given.gold, given.labelled, given.cluster)
    assert powered(right).variance[0] < 0.1 * gold_alone(right).variance[0]
    assert powered(right).value[0] == pytest.approx(naive(right).value[0], rel=0.02)


def test_a_model_that_knows_nothing_costs_nothing() -> None:
    given = draw(np.random.default_rng(2), 2000, 100)
    blind = Articles(given.size, 5 * given.size, given.gold, given.labelled, given.cluster)
    assert powered(blind).variance[0] == pytest.approx(gold_alone(blind).variance[0], rel=0.05)
    assert powered(blind).value[0] == pytest.approx(gold_alone(blind).value[0], rel=0.05)


def test_all_labelled_needs_no_model() -> None:
    given = draw(np.random.default_rng(3), 80, 80)
    assert same(powered(given), gold_alone(given))


def test_articles_of_one_cluster_are_one_witness() -> None:
    given = draw(np.random.default_rng(4), 60, 20)
    twice = given.take(np.tile(np.arange(60), 2))
    assert same(powered(given), powered(twice))
    assert same(naive(given), naive(twice))


def coverage(estimates: list[Estimate], truth: float) -> float:
    return float(np.mean([one.low <= truth <= one.high for one in estimates]))


@pytest.mark.parametrize("per_cluster", [1, 3])
def test_corrected_intervals_cover_and_naive_ones_do_not(per_cluster: int) -> None:
    random = np.random.default_rng(5)
    shown: dict[str, list[Estimate]] = {"naive": [], "classical": [], "corrected": []}
    for _ in range(250):
        given = draw(random, 600, 210, per_cluster=per_cluster)
        known = given.take(given.labelled)
        matched = np.minimum(known.found, known.gold)
        classical = rogan_gladen(given, known, matched, share=False)
        assert classical is not None
        shown["naive"].append(naive(given).rate())
        shown["classical"].append(classical.rate())
        shown["corrected"].append(powered(given).rate())
    assert coverage(shown["corrected"], 1.5) == pytest.approx(0.95, abs=0.03)
    assert coverage(shown["classical"], 1.5) > 0.92
    assert coverage(shown["naive"], 1.5) < 0.1


def test_degrees_of_freedom_are_those_of_the_variance_of_a_variance() -> None:
    random = np.random.default_rng(12)
    normal = random.standard_normal((4000, 1))
    assert freedom(normal)[0] == pytest.approx(4000, rel=0.1)
    # Whatever the tails: a sum of squares with mean 1 and f degrees of freedom has the variance 2 / f.
    rare = random.binomial(1, 0.05, (20000, 200)) - 0.05
    spread = (rare**2).sum(axis=1) / (200 * 0.05 * 0.95)
    assert float(np.median(freedom(rare.T))) == pytest.approx(2 / spread.var(), rel=0.15)
    assert np.isinf(freedom(np.zeros((5, 2)))).all()


def test_rare_cues_widen_the_interval() -> None:
    size, few = np.ones(100), np.zeros(100)
    few[:3] = 1.0
    labelled, cluster = np.ones(100, dtype=bool), np.arange(100)
    rare = gold_alone(Articles(size, few, few, labelled, cluster))
    common = gold_alone(Articles(size, few, cluster % 2 * 1.0, labelled, cluster))
    assert rare.df == common.df == 99
    assert rare.freedom[0] < 8
    assert common.freedom[0] == 99


def test_differences_and_ratios_cover() -> None:
    random = np.random.default_rng(6)
    hits = []
    for _ in range(200):
        one, other = (draw(random, 400, 150) for _ in range(2))
        other = Articles(other.size, other.found, other.gold, other.labelled, other.cluster + 1000)
        fits = powered(one), powered(other)
        quotient = ratio(*fits)
        assert quotient is not None
        apart = difference(*fits)
        hits.append((apart.low <= 0 <= apart.high, quotient.low <= 1 <= quotient.high))
    assert np.mean(hits, axis=0) == pytest.approx([0.95, 0.95], abs=0.035)


def test_what_strata_share_is_no_difference() -> None:
    fit = powered(draw(np.random.default_rng(7), 200, 50))
    assert difference(fit, fit) == Estimate(0.0, 0.0, 0.0)
    assert ratio(fit, fit) == Estimate(1.0, 1.0, 1.0)
    assert ratio(fit, Fit(np.array([-0.1]), fit.clusters, fit.influence, fit.df)) is None


def test_coefficients_of_groups_are_differences_of_rates() -> None:
    given = draw(np.random.default_rng(8), 600, 200)
    group = (np.arange(600) % 2).astype(float)
    design = np.stack((np.ones(600), group), axis=1)
    for method in (naive, gold_alone):
        fit = method(given, design)
        low, high = (method(given.take(group == side)) for side in (0, 1))
        assert fit.value == pytest.approx([low.value[0], high.value[0] - low.value[0]])
        assert fit.intervals()[1].high == pytest.approx(difference(high, low).high, rel=0.02)
    both = powered(given, design)
    assert both.variance[1] < gold_alone(given, design).variance[1]


def test_a_slope_is_found() -> None:
    random = np.random.default_rng(9)
    given = draw(random, 4000, 500)
    x = random.uniform(0, 1, 4000)
    gold = given.gold + random.poisson(2 * x * given.size)
    found = random.binomial(gold.astype(int), 0.5).astype(float)
    given = Articles(given.size, found, gold, given.labelled, given.cluster)
    design = np.stack((np.ones(4000), x), axis=1)
    slope = powered(given, design).intervals()[1]
    assert slope.low < 2 < slope.high
    assert naive(given, design).intervals()[1].high < 1.5


def binary(gold: list[int], found: list[int]) -> Articles:
    ones: FloatArray = np.ones(len(gold))
    known = np.arange(len(gold)) < len(gold)
    return Articles(ones, np.array(found, dtype=float), np.array(gold, dtype=float), known, np.arange(len(gold)))


def test_rogan_gladen_by_hand() -> None:
    sample = binary([1] * 10 + [0] * 10, [1] * 8 + [0] * 2 + [1] * 1 + [0] * 9)  # sensitivity 0.8, specificity 0.9
    archive = binary([0] * 100, [1] * 38 + [0] * 62)
    fit = rogan_gladen(archive, sample, sample.found * sample.gold, share=True)
    assert fit is not None
    assert fit.value[0] == pytest.approx((0.38 + 0.9 - 1) / (0.8 + 0.9 - 1))
    assert rogan_gladen(archive, binary([0] * 9, [1] * 9), np.zeros(9), share=True) is None
    chance = binary([1, 1, 0, 0], [1, 0, 1, 0])
    assert rogan_gladen(archive, chance, chance.found * chance.gold, share=True) is None


def test_ends_of_rates_and_shares_stay_where_rates_are() -> None:
    few = binary([1] + [0] * 19, [0] * 20)
    shown = gold_alone(few).rate()
    assert 0 < shown.low < 0.05 < shown.high
    share = gold_alone(binary([1] * 19 + [0], [0] * 20)).rate(share=True)
    assert share.low < 0.95 < share.high < 1


def test_too_few_articles_and_designs_without_rank_are_refused() -> None:
    given = draw(np.random.default_rng(10), 100, 4)
    with pytest.raises(ValueError, match="4 of the 5 articles"):
        powered(given)
    with pytest.raises(ValueError, match="tell the terms apart"):
        naive(given, np.ones((100, 2)))


def test_the_planned_sample_is_the_smallest_that_reaches_the_width() -> None:
    spread = Spread(4.0, 3.0, 3.0, lambda weight: 3.0, 5000, 5000)
    for corrected in (True, False):
        number = least(0.4, 8.0, spread, corrected=corrected)
        assert isinstance(number, int)
        widths = [spread.width(one, 8.0, corrected=corrected) for one in (number, number - 1)]
        assert widths[0] <= 0.4 < widths[1]
    # Of normal influences 384 articles have a t quantile near the normal one, and an interval that is symmetrical.
    assert least(0.4, 1000.0, spread, corrected=False) == pytest.approx(4 * (2 * 1.96 / 0.4) ** 2, rel=0.01)
    few = replace(spread, records=300, articles=300)
    assert least(0.4, 8.0, few, corrected=False) == "more than the 300 records there are"


def test_a_plan_asks_for_the_articles_that_an_estimate_needs() -> None:
    sure = Spread(0.01, 0.01, 0.01, lambda weight: 3.0, 100, 100)
    assert least(50.0, 8.0, sure, corrected=True) == 5
    in_threes = replace(sure, records=300)
    number = least(50.0, 8.0, in_threes, corrected=True)
    assert isinstance(number, int)
    assert in_threes.drawn(number - 1) < 5 <= in_threes.drawn(number)
    assert least(50.0, 8.0, replace(sure, articles=4), corrected=True) == "4 of the 5 articles that are needed"


@pytest.mark.parametrize("relative", [0.8, 2.0])
def test_estimates_of_planned_samples_are_as_narrow_as_wanted_at_the_median(relative: float) -> None:
    reached = []
    for seed in range(8):
        random = np.random.default_rng(seed)
        size = random.lognormal(-1, 0.5, 3000)
        hoped = 0.3 * size * random.gamma(0.7, 1 / 0.7, 3000)
        given = Articles(size, hoped, random.poisson(hoped) * 1.0, np.zeros(3000, dtype=bool), np.arange(3000))
        rate = float(hoped.sum() / size.sum())
        number = least(relative * rate, rate, _promised(given, hoped), corrected=True)
        for _ in range(10):
            labelled = np.zeros(3000, dtype=bool)
            labelled[random.choice(3000, number, replace=False)] = True
            found = powered(replace(given, labelled=labelled)).rate()
            reached.append((found.high - found.low) / (relative * rate))
    assert 0.75 < np.median(reached) < 1.05

"""Span schemes: cases worked by hand, properties, and agreement with nervaluate and seqeval where definitions agree."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nervaluate import Evaluator
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2
from sklearn.metrics import precision_recall_fscore_support

from framing.evaluate import credit
from framing.evaluate.columns import SpanTable, lay_out, tabulate
from framing.evaluate.ptc import ptc_credits
from framing.evaluate.schemes import OUTCOMES, SEMEVAL, credits_of, semeval, token_credits, words
from framing.evaluate.spans import voice_counts
from framing.spans import CueSpan

LABELS = ("pretext", "distancing")
TEXT = "a so-called truce under the guise of aid"
NERVALUATE = {"strict": "strict", "exact": "exact", "partial": "partial", "type": "ent_type"}

Side = Sequence[Sequence[CueSpan]]


def tables(gold: Side, predicted: Side) -> tuple[SpanTable, SpanTable]:
    places = lay_out(gold, predicted)
    return tabulate(gold, places, LABELS), tabulate(predicted, places, LABELS)


def outcomes(gold: Side, predicted: Side) -> dict[str, dict[str, list[int]]]:
    """Give the outcomes (correct, incorrect, partial, missed, spurious) of all documents by scheme and row."""
    found = semeval(*tables(gold, predicted), len(gold), len(LABELS))
    rows = [*LABELS, "micro"]
    return {name: dict(zip(rows, table.sum(axis=0).astype(int).tolist(), strict=True)) for name, table in found.items()}


def all_credits(gold: Side, predicted: Side) -> dict[str, np.ndarray]:
    """Give the credits of every scheme: [documents, rows, 4]."""
    ours, theirs = tables(gold, predicted)
    size = len(gold), len(LABELS)
    tokens = words([TEXT] * len(gold), lay_out(lengths=[len(TEXT)] * len(gold)))
    places = lay_out(lengths=[len(TEXT)] * len(gold))
    laid = (tabulate(gold, places, LABELS), tabulate(predicted, places, LABELS))
    return {
        **{name: credits_of(table) for name, table in semeval(ours, theirs, *size).items()},
        "token": token_credits(*laid, tokens, *size),
        "ptc": ptc_credits(ours, theirs, *size),
    }


def span(start: int, end: int, label: str = "pretext", voice: str | None = None) -> CueSpan:
    return CueSpan(start, end, label, voice=voice)


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        # equal ends, another type: right for exact and partial, wrong for strict and type
        (
            [span(0, 4)],
            [span(0, 4, "distancing")],
            ([0, 1, 0, 0, 0], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 1, 0, 0, 0]),
        ),
        # other ends, the same type
        ([span(0, 4)], [span(1, 4)], ([0, 1, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [1, 0, 0, 0, 0])),
        # ends that touch share no character
        ([span(0, 4)], [span(4, 8)], ([0, 0, 0, 1, 1],) * 4),
        # one found span over two gold ones: one of them is missed
        (
            [span(0, 4), span(5, 9)],
            [span(0, 9)],
            ([0, 1, 0, 1, 0], [0, 1, 0, 1, 0], [0, 0, 1, 1, 0], [1, 0, 0, 1, 0]),
        ),
        # a nest of types, both right
        ([span(0, 9), span(2, 5, "distancing")], [span(0, 9), span(2, 5, "distancing")], ([2, 0, 0, 0, 0],) * 4),
        ([], [span(0, 4)], ([0, 0, 0, 0, 1],) * 4),
        ([span(0, 4)], [], ([0, 0, 0, 1, 0],) * 4),
        # the same span twice is right once
        ([span(0, 4)], [span(0, 4), span(0, 4)], ([1, 0, 0, 0, 1],) * 4),
    ],
)
def test_outcomes_by_hand(gold: list[CueSpan], predicted: list[CueSpan], expected: tuple[list[int], ...]) -> None:
    found = outcomes([gold], [predicted])
    assert {scheme: rows["micro"] for scheme, rows in found.items()} == dict(zip(SEMEVAL, expected, strict=True))


def test_types_look_at_their_own_spans_alone() -> None:
    found = outcomes([[span(0, 4)]], [[span(0, 4, "distancing")]])
    assert all(rows["pretext"] == [0, 0, 0, 1, 0] for rows in found.values())
    assert all(rows["distancing"] == [0, 0, 0, 0, 1] for rows in found.values())


def test_documents_without_predictions_count() -> None:
    total = credits_of(semeval(*tables([[span(0, 4)], [span(0, 4)]], [[span(0, 4)], []]), 2, 2)["strict"]).sum(axis=0)
    assert (credit.precision(total)[0], credit.recall(total)[0]) == (1.0, 0.5)


def test_a_partial_match_counts_half() -> None:
    total = credits_of(semeval(*tables([[span(0, 4), span(6, 9)]], [[span(0, 4), span(7, 9)]]), 1, 2)["partial"])
    assert total[0, -1].tolist() == [1.5, 2, 1.5, 2]


def test_tokens_are_counted_once_a_type() -> None:
    # words and marks: a so - called truce under the guise of aid
    gold = [[span(2, 11, "distancing"), span(18, 36)]]
    predicted = [[span(2, 4, "distancing"), span(2, 5, "distancing"), span(18, 40)]]
    counted = all_credits(gold, predicted)["token"][0].tolist()
    assert counted == [[4, 5, 4, 4], [2, 2, 2, 3], [6, 7, 6, 7]]


def test_what_has_no_gold_has_no_figure() -> None:
    found = np.array([[0.0, 3.0, 0.0, 0.0], [0.0, 0.0, 0.0, 2.0], [1.0, 2.0, 1.0, 4.0]])
    assert credit.precision(found).tolist()[0::2] == [0.0, 0.5]
    assert np.isnan(credit.precision(found)[1])
    assert np.isnan([credit.recall(found)[0], credit.f1(found)[0]]).all()
    assert credit.f1(found).tolist()[1:] == [0.0, pytest.approx(1 / 3)]
    # The first is predicted and never gold, which lowers the mean, as in scikit-learn.
    assert credit.macro(credit.f1(found), credit.occurs(found), axis=0) == pytest.approx(1 / 9)
    assert np.isnan(credit.macro(np.array([np.nan]), credit.occurs(np.zeros((1, 4))), axis=0))


def test_macro_figures_are_those_of_scikit_learn_where_a_type_is_never_gold() -> None:
    gold, predicted = ["a", "a", "b", "b"], ["a", "c", "b", "b"]
    found = np.array([[1.0, 1, 1, 2], [2.0, 2, 2, 2], [0.0, 1, 0, 0]])
    reference = precision_recall_fscore_support(gold, predicted, average="macro", zero_division=0)
    ours = [
        credit.macro(of(found), credit.occurs(found), axis=0) for of in (credit.precision, credit.recall, credit.f1)
    ]
    assert ours == pytest.approx(reference[:3])


def test_voices_of_equal_spans_are_paired_so_that_they_agree() -> None:
    gold = [[span(0, 4, voice="quoted"), span(0, 4, voice="author"), span(5, 6, voice="author"), span(7, 8)]]
    predicted = [[span(0, 4, voice="author"), span(0, 4, voice="quoted"), span(5, 6), span(7, 8, voice="quoted")]]
    assert voice_counts(*tables(gold, predicted), 1, 2).tolist() == [[[2, 2], [0, 0]]]


spans = st.lists(
    st.builds(
        lambda start, length, label: CueSpan(start, start + length, label),
        st.integers(0, 12),
        st.integers(1, 6),
        st.sampled_from(LABELS),
    ),
    max_size=5,
)
sides = st.lists(st.tuples(spans, spans), min_size=1, max_size=3)


@given(sides)
def test_exchanging_gold_and_predictions_exchanges_precision_and_recall(pairs: list[Any]) -> None:
    gold, predicted = zip(*pairs, strict=True)
    there, back = all_credits(gold, predicted), all_credits(predicted, gold)
    for name, table in there.items():
        assert np.allclose(table, back[name][..., [2, 3, 0, 1]]), name


@given(sides, st.randoms(use_true_random=False))
def test_the_order_of_spans_and_documents_changes_nothing(pairs: list[Any], random: Any) -> None:
    before = all_credits(*zip(*pairs, strict=True))
    mixed = [tuple(random.sample(side, len(side)) for side in pair) for pair in pairs]
    random.shuffle(mixed)
    after = all_credits(*zip(*mixed, strict=True))
    assert all(np.allclose(before[name].sum(axis=0), after[name].sum(axis=0)) for name in before)


@given(st.lists(spans, min_size=1, max_size=3))
def test_gold_itself_is_all_right(gold: list[list[CueSpan]]) -> None:
    for name, table in all_credits(gold, gold).items():
        total = table.sum(axis=0)
        assert np.allclose(total[:, 0], total[:, 1]), name
        assert np.allclose(total[:, 2], total[:, 3]), name


@given(sides, st.data())
def test_a_right_span_more_never_lowers_a_credit(pairs: list[Any], data: st.DataObject) -> None:
    gold, predicted = (list(side) for side in zip(*pairs, strict=True))
    missing = [(row, one) for row, side in enumerate(gold) for one in side if one not in predicted[row]]
    if missing:
        before = all_credits(gold, predicted)
        row, one = data.draw(st.sampled_from(missing))
        predicted[row] = [*predicted[row], one]
        after = all_credits(gold, predicted)
        for name in SEMEVAL:
            assert (after[name][..., 2].sum(axis=0) >= before[name][..., 2].sum(axis=0)).all(), name
        assert (after["strict"][row, -1, 0] - before["strict"][row, -1, 0]) == 1
        assert (after["token"][..., 2] >= before["token"][..., 2]).all()


@given(spans, spans)
def test_as_many_as_possible_are_correct_and_then_as_many_as_possible_are_paired(
    gold: list[CueSpan], predicted: list[CueSpan]
) -> None:
    rules = {
        "strict": lambda one, other: one == other,
        "exact": lambda one, other: (one.start, one.end) == (other.start, other.end),
        "type": lambda one, other: one.label == other.label,
    }
    found = outcomes([gold], [predicted])
    for name, rule in rules.items():

        @cache
        def best(index: int, free: frozenset[int], rule: Any = rule) -> tuple[int, int]:
            if index == len(gold):
                return 0, 0
            tries = [best(index + 1, free)]
            for at in free:
                if gold[index].overlaps(predicted[at]):
                    right, paired = best(index + 1, free - {at})
                    tries.append((right + rule(gold[index], predicted[at]), paired + 1))
            return max(tries)

        right, paired = best(0, frozenset(range(len(predicted))))
        assert found[name]["micro"][:2] == [right, paired - right], name


def nervaluate(gold: Side, predicted: Side, *, inclusive: bool = True) -> dict[str, dict[str, list[int]]]:
    """Let nervaluate count; its ends are inclusive, so that a half-open end is one too far."""
    given = [
        [[{"label": one.label, "start": one.start, "end": one.end - inclusive} for one in side] for side in sides]
        for sides in (gold, predicted)
    ]
    result = Evaluator(*given, tags=list(LABELS), loader="dict").evaluate()
    counts = {
        scheme: {
            **{label: result["entities"].get(label, {}).get(theirs) for label in LABELS},
            "micro": result["overall"][theirs],
        }
        for scheme, theirs in NERVALUATE.items()
    }
    return {
        scheme: {row: [0 if one is None else getattr(one, name) for name in OUTCOMES] for row, one in rows.items()}
        for scheme, rows in counts.items()
    }


def uncrowded(pair: tuple[list[CueSpan], list[CueSpan]]) -> bool:
    gold, predicted = pair
    return all(
        sum(one.overlaps(other) for other in others) <= 1
        for mine, others in ((gold, predicted), (predicted, gold))
        for one in mine
    )


@given(st.lists(st.tuples(spans, spans).filter(uncrowded), min_size=1, max_size=4))
def test_nervaluate_counts_the_same_where_no_span_meets_two(pairs: list[Any]) -> None:
    gold, predicted = zip(*pairs, strict=True)
    assert outcomes(gold, predicted) == nervaluate(gold, predicted)


def test_nervaluate_depends_on_the_order_of_spans_and_misses_a_right_one() -> None:
    # The first found span takes the gold span that is right for the second.
    gold, first, second = span(0, 9), span(0, 4), span(0, 9)
    assert nervaluate([[gold]], [[first, second]])["strict"]["micro"] == [0, 1, 0, 0, 1]
    assert nervaluate([[gold]], [[second, first]])["strict"]["micro"] == [1, 0, 0, 0, 1]
    for predicted in ([first, second], [second, first]):
        assert outcomes([[gold]], [predicted])["strict"]["micro"] == [1, 0, 0, 0, 1]


def test_half_open_ends_given_to_nervaluate_make_touching_spans_overlap() -> None:
    gold, predicted = [[span(0, 4)]], [[span(4, 8)]]
    assert nervaluate(gold, predicted, inclusive=False)["type"]["micro"] == [1, 0, 0, 0, 0]
    assert nervaluate(gold, predicted)["type"]["micro"] == outcomes(gold, predicted)["type"]["micro"] == [0, 0, 0, 1, 1]


def tags(side: Sequence[CueSpan], length: int) -> list[str]:
    found = ["O"] * length
    for one in side:
        found[one.start : one.end] = [f"I-{one.label}"] * (one.end - one.start)
        found[one.start] = f"B-{one.label}"
    return found


def apart(side: list[CueSpan]) -> bool:
    ordered = sorted(side)
    return all(one.end <= other.start for one, other in pairwise(ordered))


@given(st.lists(st.tuples(spans.filter(apart), spans.filter(apart)), min_size=1, max_size=4))
def test_seqeval_gives_the_same_strict_f1_of_spans_that_dont_overlap(pairs: list[Any]) -> None:
    gold, predicted = zip(*pairs, strict=True)
    total = credits_of(semeval(*tables(gold, predicted), len(gold), 2)["strict"]).sum(axis=0)
    if total[-1, 3]:
        written = [[tags(one, 20) for one in side] for side in (gold, predicted)]
        expected = f1_score(*written, mode="strict", scheme=IOB2, zero_division=0)
        assert credit.f1(total)[-1] == pytest.approx(expected)


def test_seqeval_cant_express_a_nest() -> None:
    # One tag a word: the inner span overwrites the outer one, in which half of what was found gets lost.
    nest = [span(0, 9), span(2, 5, "distancing")]
    assert f1_score([tags(nest, 20)], [tags(nest[:1], 20)], zero_division=0) == 0.0
    total = credits_of(semeval(*tables([nest], [nest[:1]]), 1, 2)["strict"])[0]
    assert credit.f1(total)[-1] == pytest.approx(2 / 3)

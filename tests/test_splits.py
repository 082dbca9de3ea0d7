"""Splits: complete, disjoint, components whole, the same in any order, shares kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from split_samples import SHARES, WIRE, document, ids

from framing.errors import ConfigError, InputError
from framing.spans import Document
from training.leaks import audit, leaks, random_parts
from training.splits import folds, split, split_by_date, tie


@st.composite
def corpora(draw: st.DrawFn) -> list[Document]:
    texts = [None, WIRE, WIRE.upper(), WIRE.replace("pears", "figs"), "rain", "!"]
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from([*texts, *[None] * 20]),
                st.lists(st.sampled_from("xyz"), max_size=2),
                st.sampled_from([*[None] * 12, *"abcd"]),
                st.integers(1, 28),
            ),
            min_size=8,
            max_size=30,
        )
    )
    return [
        document(f"r{number}", text, labels, article=article, date=f"2016-03-{day:02}")
        for number, (text, labels, article, day) in enumerate(rows)
    ]


def attempt(make: Callable[[], Any]) -> Any:
    """Split, or give None where the corpus is too small for its parts: that is refused, and tested below."""
    try:
        return make()
    except ConfigError:
        return None


@given(corpora(), st.integers(0, 3), st.randoms(use_true_random=False))
def test_a_split_is_complete_whole_and_the_same_in_any_order(corpus: list[Document], seed: int, shuffle: Any) -> None:
    parts = attempt(lambda: split(corpus, SHARES, seed=seed))
    other = list(corpus)
    shuffle.shuffle(other)
    again = attempt(lambda: split(other, SHARES, seed=seed))
    if parts is None:
        assert again is None
        return
    assert sorted(ids([item for part in parts.values() for item in part])) == sorted(ids(corpus))
    assert all(parts.values())
    assert {name: set(ids(part)) for name, part in parts.items()} == {
        name: set(ids(part)) for name, part in again.items()
    }
    assert not any(row["leaks"] for row in audit(parts))


@given(corpora(), st.integers(2, 4), st.integers(2, 3))
def test_folds_test_each_record_once_and_never_leak(corpus: list[Document], k: int, inner: int) -> None:
    made = attempt(lambda: folds(corpus, k, inner=inner))
    if made is None:
        return
    assert len(made) == k
    assert sorted(item.id for fold in made for item in fold.test) == sorted(ids(corpus))
    for fold in made:
        assert sorted(ids(fold.train) + ids(fold.test)) == sorted(ids(corpus))
        assert sorted(item.id for held in fold.inner for item in held.test) == sorted(ids(fold.train))
        for held in (fold, *fold.inner):
            assert not audit({"train": held.train, "test": held.test})[0]["leaks"]
        assert all(sorted(ids(held.train) + ids(held.test)) == sorted(ids(fold.train)) for held in fold.inner)


@given(corpora())
def test_a_cut_by_date_keeps_time_and_never_leaks(corpus: list[Document]) -> None:
    made = attempt(lambda: split_by_date(corpus, {"train": 0.6, "test": 0.4}))
    if made is None:
        return
    parts, left_out = made
    assert sorted(ids([item for part in [*parts.values(), left_out] for item in part])) == sorted(ids(corpus))
    days = [[item.meta["date"] for item in part] for part in parts.values()]
    assert all(max(before) < min(after) for before, after in pairwise(days))
    assert not any(row["leaks"] for row in audit(parts))
    kept = {item.id for part in parts.values() for item in part}
    ties = tie(corpus)
    for item in left_out:  # it has a tie to an earlier day that was kept
        component = ties.component[corpus.index(item)]
        mates = [mate for mate, number in zip(corpus, ties.component, strict=True) if number == component]
        assert any(mate.id in kept and mate.meta["date"] < item.meta["date"] for mate in mates)


@given(st.lists(st.sampled_from(["", "x", "y", "z", "xy"]), min_size=30, max_size=120), st.integers(0, 5))
def test_shares_are_reached_by_label_and_size(labels: list[str], seed: int) -> None:
    corpus = [document(f"r{number}", labels=found) for number, found in enumerate(labels)]
    parts = split(corpus, SHARES, seed=seed)
    every = Counter(label for found in labels for label in found)
    for name, share in SHARES.items():
        assert abs(len(parts[name]) - share * len(corpus)) <= 3
        held = Counter(span.label for item in parts[name] for span in item.spans)
        assert all(abs(held[label] - share * count) <= 2 for label, count in every.items())


@given(st.integers(10, 200), st.integers(2, 6))
def test_without_labels_and_groups_sizes_are_right_to_a_record(count: int, k: int) -> None:
    sizes = [len(fold.test) for fold in folds([document(f"r{number}") for number in range(count)], k, near=None)]
    assert max(sizes) - min(sizes) <= 1


def test_seeds_make_different_splits_and_order_of_records_stays() -> None:
    corpus = [document(f"r{number:02}") for number in range(40)]
    made = [ids(split(corpus, SHARES, seed=seed)["test"]) for seed in range(3)]
    assert len(set(map(tuple, made))) == 3
    assert all(found == sorted(found) for found in made)


def test_ties_reach_over_duplicates_groups_and_lists() -> None:
    corpus = [
        document("a", WIRE, topic=["war", "sea"]),
        document("b", WIRE.replace("pears", "figs"), topic="trade"),
        document("c", topic="trade"),
        document("d", topic=["sea"]),
        document("e", topic="sport"),
        document("f", topic="sport", article="1"),
        document("g", topic="law", article="1"),
    ]
    assert tie(corpus, by=["topic"]).component.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert tie(corpus).component.tolist() == [0, 0, 1, 2, 3, 4, 4]
    assert tie(corpus, near=None).component.tolist() == [0, 1, 2, 3, 4, 5, 5]


def test_fields_are_stratified_as_labels_are() -> None:
    corpus = [document(f"r{number}", label_bias="Biased" if number % 5 == 0 else "Non-biased") for number in range(50)]
    for fold in folds(corpus, 5, fields=["label_bias"], near=None):
        assert Counter(item.meta["label_bias"] for item in fold.test) == {"Biased": 2, "Non-biased": 8}


def test_late_copies_are_left_out_of_a_cut_by_date() -> None:
    corpus = [document(f"r{day}", date=f"2016-03-0{day}") for day in range(1, 10)]
    corpus += [document("early", WIRE, date="2016-03-01T09:30:00Z"), document("late", WIRE, date="2016-03-09")]
    parts, left_out = split_by_date(corpus, {"train": 0.7, "dev": 0.3})
    assert (ids(left_out), parts["train"][-1].id) == (["late"], "early")
    assert (parts["train"][-2].meta["date"], parts["dev"][0].meta["date"]) == ("2016-03-07", "2016-03-08")


def test_the_leak_report_counts_what_a_random_split_lets_through() -> None:
    corpus = [document("a", WIRE, article="1"), document("b", WIRE, outlet="Post"), document("c", article="1")]
    ties = tie(corpus)
    near, article, outlet = {"apart": 1, "exposed": 1}, {"apart": 1, "exposed": 1}, {"apart": 0, "exposed": 0}
    found = {"near_duplicates": near, "groups": {"article": article, "outlet": outlet}}
    assert leaks(ties, np.array([0, 1, 2])) == found
    crossed = {
        "near_duplicates": near | {"exposed": 2},
        "groups": {"article": article | {"exposed": 2}, "outlet": outlet},
    }
    assert leaks(ties, np.array([0, 1, 2]), cross=True) == crossed
    nothing = {"apart": 0, "exposed": 0}
    assert leaks(ties, np.array([0, -1, 0])) == {
        "near_duplicates": nothing,
        "groups": {"article": nothing, "outlet": nothing},
    }
    parts = random_parts(corpus + [document(str(number)) for number in range(97)], [0.8, 0.1, 0.1], 1)
    assert Counter(parts.tolist()) == {0: 80, 1: 10, 2: 10}


CORPUS = [document("r0", outlet="Post", same="2016-03-01", topic="sea")] + [
    document(f"r{number}", outlet="Post", same="2016-03-01") for number in range(1, 6)
]


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: split(CORPUS, {"train": 0.8, "dev": 0.1}), r"shares 0.8 \+ 0.1 are 0.9 together; they must sum to 1"),
        (lambda: split(CORPUS, {"train": 1.0, "dev": 0.0}), "share 0 of dev; a share must be above 0"),
        (lambda: split(CORPUS, {"train": 1.0}), "shares for 1 part; a split has at least two"),
        (
            lambda: split(CORPUS, {"train": 0.98, "dev": 0.01, "test": 0.01}),
            "dev would get no record: its share is too",
        ),
        (lambda: folds(CORPUS, 7), "6 groups of tied records can't fill 7 parts"),
        (lambda: folds(CORPUS, 1), "1 folds; a cross-validation needs at least 2"),
        (lambda: folds(CORPUS, 2, inner=0), "0 inner folds; a cross-validation needs at least 2"),
        (lambda: folds(CORPUS, 2, by=["outlet"]), "1 groups of tied records can't fill 2 parts"),
        (
            lambda: split(CORPUS, SHARES, by=["topic"]),
            r"5 of 6 records have no 'topic' \(r1, r2, r3, ...\); fill it in",
        ),
        (lambda: split(CORPUS, SHARES, fields=["topic"]), "5 of 6 records have no 'topic'"),
        (lambda: split_by_date(CORPUS, SHARES, field="topic"), "5 of 6 records have no 'topic'"),
        (
            lambda: split_by_date(CORPUS, SHARES, field="outlet"),
            "record 'r0': outlet 'Post' is no date; write it as 2016",
        ),
        (
            lambda: split_by_date(CORPUS, SHARES, field="same"),
            "dev would get no record: the days in 'same' are too few",
        ),
        (lambda: split(CORPUS * 2, SHARES), "record 'r0' comes 2 times; give each record an id of its own"),
        (lambda: audit({"train": CORPUS}), "there is one part; name at least two files to check"),
    ],
)
def test_a_split_that_cannot_be_is_refused(make: Callable[[], Any], fault: str) -> None:
    with pytest.raises((ConfigError, InputError), match=f"^{fault}"):
        make()

"""Near-duplicates: those that counting finds, in bands of any threshold."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from split_samples import WIRE

from framing.errors import ConfigError
from framing.minhash import bands
from training.duplicates import LEAST, RECALL, near_duplicates


@pytest.mark.parametrize("threshold", [0.4, 0.5, 0.6, 0.8, 0.9, 1.0])
def test_near_duplicates_are_those_that_counting_finds(threshold: float) -> None:
    rng = np.random.default_rng(7)
    words = np.array([f"w{number}" for number in range(400)])
    texts = [" ".join(rng.choice(words, 30)) for _ in range(30)]
    for text in texts[:]:
        for changes in (1, 2, 4):
            changed = text.split()
            for place in rng.integers(0, 30, changes):
                changed[place] = str(rng.choice(words))
            texts.append(" ".join(changed))
    sets = [{tuple(text.split()[start : start + 3]) for start in range(28)} for text in texts]
    like = {
        (one, other): len(sets[one] & sets[other]) / len(sets[one] | sets[other])
        for one, other in combinations(range(len(texts)), 2)
    }
    wanted = {pair: value for pair, value in like.items() if value >= threshold}
    found = near_duplicates(texts, threshold)
    assert found.apart(np.arange(len(texts))) == len(wanted)
    assert found.similarity == pytest.approx([wanted_of(found, pair, wanted) for pair in found.pairs.tolist()])
    assert found.apart(np.zeros(len(texts), dtype=np.int64)) == 0


def wanted_of(found: Any, nodes: Sequence[int], wanted: dict[tuple[int, int], float]) -> float:
    one, other = (int(np.flatnonzero(found.node == node)[0]) for node in nodes)
    return wanted[min(one, other), max(one, other)]


def test_bands_reach_the_recall_at_every_threshold() -> None:
    for threshold in np.linspace(LEAST, 1.0, 50):
        number, width = bands(float(threshold))
        assert number * width <= 128
        assert 1 - (1 - threshold**width) ** number >= RECALL
    with pytest.raises(ConfigError, match=r"near-duplicate threshold 0.3 must lie in \[0.4, 1\]"):
        near_duplicates([], 0.3)


def test_the_closest_near_duplicate_is_named_and_pairs_are_counted() -> None:
    texts = [WIRE, WIRE.lower() + ".", WIRE.replace("dawn", "noon"), "rain", "Rain!", "snow"]
    found = near_duplicates(texts, 0.6)
    part = np.array([0, 0, 1, 0, 1, 1])
    assert [(one, other) for one, other, _ in found.closest(part == 1, part == 0)] == [(2, 0), (4, 3)]
    assert [value for *_, value in found.closest(part == 1, part == 0)] == pytest.approx([19 / 25, 1.0])
    assert found.apart(part) == 3
    assert found.apart(np.array([0, -1, 1, 0, -1, 1])) == 1
    assert near_duplicates([], 0.8).apart(np.empty(0, dtype=np.int64)) == 0

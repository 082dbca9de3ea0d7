"""Which passages of a pool are worth labelling: measures of doubt, and orders in which to take passages.

Measures work on units, not on whole sequences, and a passage counts for its most doubtful unit of each cue type: a sum
would prefer long passages (Settles and Craven 2008, "An analysis of active learning strategies for sequence labeling
tasks"), and a mean would drown one doubtful word in fifty that are plainly outside.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import TfidfTransformer

from framing.decode import FloatArray

Doubts = NDArray[np.float64]
"""[units, types] in [0, 1]."""

_TINY: Final = 1e-12
_FEATURES: Final = 2**18
_LEAST_DOUBT: Final = 0.05
_SHINGLE: Final = 3
_WORD: Final = re.compile(r"\w+")


def entropy(probabilities: FloatArray) -> Doubts:
    """Give the entropy of outside, begin and inside, as a share of the most there can be.

    Args:
        probabilities: [units, types, 3], calibrated.

    Returns:
        [units, types] in [0, 1].
    """
    return np.asarray(_bits(probabilities) / np.log2(probabilities.shape[-1]))


def divergence(one: FloatArray, other: FloatArray) -> Doubts:
    """Give the Jensen-Shannon divergence of two opinions in bits: query by committee (McCallum and Nigam 1998).

    Args:
        one: [units, types, 3] probabilities.
        other: the same of another model.

    Returns:
        [units, types]: 0 where they say the same, 1 where each is sure of another tag.
    """
    return np.asarray(np.clip(_bits((one + other) / 2) - (_bits(one) + _bits(other)) / 2, 0.0, 1.0))


def _bits(probabilities: NDArray[np.floating[Any]]) -> Doubts:
    exact = probabilities.astype(np.float64)
    return np.asarray(-(exact * np.log2(np.maximum(exact, _TINY))).sum(axis=-1))


def usefulness(doubts: Doubts) -> float:
    """Give what a passage is worth: the mean over the types of the most doubtful unit of each; in [0, 1]."""
    return float(doubts.max(axis=0).mean()) if doubts.size else 0.0


def doubtful_words(words: Sequence[str], doubts: Doubts) -> dict[str, float]:
    """Weigh a passage's words by the doubt on them, alone and with each neighbour, a feature for each type.

    This is the direction of a linear token model's gradient without its sign, as in BADGE (Ash et al. 2020, "Deep batch
    active learning by diverse, uncertain gradient lower bounds"): passages that are doubtful for the same reason lie
    in the same direction, whatever else they tell.

    Args:
        words: [units] the units' words in lower case.
        doubts: [units, types].
    """
    weights: dict[str, float] = defaultdict(float)
    for unit, column in np.argwhere(doubts >= _LEAST_DOUBT):
        before = words[unit - 1] if unit else ""
        after = words[unit + 1] if unit + 1 < len(words) else ""
        for feature in (words[unit], f"{before} {words[unit]} ", f" {words[unit]} {after}"):
            weights[f"{column}:{feature}"] += float(doubts[unit, column])
    return weights


def vectors(weighed: Iterable[dict[str, float]], values: Sequence[float]) -> csr_matrix:
    """Make passages comparable: hashed, weighted by inverse document frequency, as long as they are useful.

    Args:
        weighed: what `doubtful_words` gives, a passage each.
        values: [passages] their usefulness, which becomes the length of their vectors.
    """
    hasher = FeatureHasher(_FEATURES, input_type="pair", alternate_sign=False)
    hashed = hasher.transform(item.items() for item in weighed)
    return csr_matrix(TfidfTransformer(sublinear_tf=False).fit_transform(hashed).multiply(np.array(values)[:, None]))


def most_useful(values: Sequence[float]) -> Iterator[int]:
    """Give all passages, the most useful first; of equals the first."""
    yield from np.argsort(-np.array(values), kind="stable").tolist()


def farthest_first(points: csr_matrix, values: Sequence[float]) -> Iterator[int]:
    """Give all passages, each time the one farthest from those given before and from the origin.

    The greedy core-set of Sener and Savarese (2018, "Active learning for convolutional neural networks"), on vectors as
    long as the passage is useful, with the origin for what needs no label: the first is the most useful one, and a
    passage that is doubtful for the reasons of an earlier one has to wait.

    Args:
        points: [passages, features], as `vectors` gives them.
        values: [passages] in whose order those are given that no distance sets apart any more.
    """
    lengths = np.asarray(points.multiply(points).sum(axis=1)).ravel()
    far = lengths.copy()
    given = np.zeros(len(far), dtype=bool)
    while far.size and (best := int(far.argmax())) >= 0 and far[best] > _TINY:
        yield best
        given[best] = True
        shared = points @ points[best].toarray().ravel()
        far = np.minimum(far, np.maximum(lengths + lengths[best] - 2 * shared, 0.0))
        far[given] = 0.0
    yield from (index for index in most_useful(values) if not given[index])


def at_random(number: int, seed: int) -> Iterator[int]:
    """Give all passages in a random order."""
    yield from np.random.default_rng(seed).permutation(number).tolist()


class Seen:
    """Texts seen so far, to tell near-duplicates by containment (Broder 1997, "On the resemblance and containment")."""

    def __init__(self, share: float = 0.8) -> None:
        """Take the share of a text's three-word shingles that must stand in one earlier text to make it a copy."""
        self.share = share
        self._holders: dict[int, list[int]] = defaultdict(list)
        self._number = 0

    def copies(self, text: str) -> bool:
        """Tell whether a text is nearly held by one seen before."""
        shingles = _shingles(text)
        held = Counter(itertools.chain.from_iterable(self._holders.get(shingle, ()) for shingle in shingles))
        return bool(held) and max(held.values()) >= self.share * len(shingles)

    def add(self, text: str) -> None:
        """Remember a text."""
        for shingle in _shingles(text):
            self._holders[shingle].append(self._number)
        self._number += 1


def _shingles(text: str) -> set[int]:
    words = _WORD.findall(text.lower())
    return {hash(tuple(words[start : start + _SHINGLE])) for start in range(max(1, len(words) - _SHINGLE + 1))}


def take(order: Iterable[int], texts: Sequence[str], number: int, seen: Seen) -> Iterator[int]:
    """Give the first `number` passages of an order that copy nothing seen before, and remember them."""
    left = number
    for index in order:
        if left <= 0:
            return
        if not seen.copies(texts[index]):
            seen.add(texts[index])
            left -= 1
            yield index

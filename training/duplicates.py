"""Near-duplicates among texts: wire copy, reprints, corrected versions.

Two texts are near-duplicates when the Jaccard similarity of their sets of word shingles reaches a threshold (Broder
1997, "On the resemblance and containment of documents"). Candidates come from MinHash signatures cut into bands; the
similarity of each candidate is then counted exactly. Case, punctuation and white space make no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from framing.minhash import LEAST, RECALL, SHINGLE, band_keys, band_runs, bands, check_threshold, shingles, signatures

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

__all__ = ["LEAST", "RECALL", "SHINGLE", "NearDuplicates", "near_duplicates"]

_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """Which texts are near-duplicates of each other.

    Attributes:
        node: for each text, the number of its set of shingles; texts with the same set share one. [texts]
        pairs: pairs of nodes that are near-duplicates, the lower number first. [pairs, 2]
        similarity: the Jaccard similarity of each pair, at least the threshold. [pairs]
    """

    node: IntArray
    pairs: IntArray
    similarity: FloatArray

    def apart(self, part: IntArray) -> int:
        """Count the pairs of near-duplicate texts that lie in different parts.

        Args:
            part: the part of each text; below 0 for texts that are in none. [texts]
        """
        counts = np.zeros((int(self.node.max(initial=-1)) + 1, int(part.max(initial=0)) + 1), dtype=np.int64)
        np.add.at(counts, (self.node[part >= 0], part[part >= 0]), 1)
        same = (counts.sum(1) ** 2 - (counts**2).sum(1)) // 2
        left, right = counts[self.pairs[:, 0]], counts[self.pairs[:, 1]]
        return int(same.sum() + (left.sum(1) * right.sum(1) - (left * right).sum(1)).sum())

    def closest(self, texts: BoolArray, others: BoolArray) -> Iterator[tuple[int, int, float]]:
        """Give each of some texts that has a near-duplicate among others, with the most similar one.

        Args:
            texts: which texts are asked about. [texts]
            others: which are searched. [texts]

        Yields:
            The text's index, that of its closest near-duplicate, and their similarity.
        """
        first: dict[int, int] = {}
        for index in np.flatnonzero(others):
            first.setdefault(int(self.node[index]), int(index))
        best = {node: (1.0, index) for node, index in first.items()}
        for (left, right), similarity in zip(self.pairs.tolist(), self.similarity.tolist(), strict=True):
            for one, other in ((left, right), (right, left)):
                if other in first and best.get(one, (0.0, 0))[0] < similarity:
                    best[one] = similarity, first[other]
        for index in np.flatnonzero(texts):
            if found := best.get(int(self.node[index])):
                yield int(index), found[1], found[0]


def near_duplicates(texts: Iterable[str], threshold: float) -> NearDuplicates:
    """Find all near-duplicates.

    Args:
        texts: the texts; each is read once and only its shingles' hashes are kept, some 8 bytes a word.
        threshold: the least Jaccard similarity, from `LEAST` to 1.

    Raises:
        ConfigError: the threshold is out of range.
    """
    check_threshold(threshold)
    numbers: dict[bytes, int] = {}
    node = np.array([numbers.setdefault(shingles(text).tobytes(), len(numbers)) for text in texts], dtype=np.int64)
    sets = [np.frombuffer(key, np.uint64) for key in numbers]
    pairs = _candidates(signatures(sets), *bands(threshold))
    similarity = _jaccard(sets, pairs)
    near = similarity >= threshold
    return NearDuplicates(node, pairs[near], similarity[near])


def _candidates(rows: NDArray[np.uint32], number: int, width: int) -> IntArray:
    """Give the pairs [pairs, 2] that agree in a whole band, each once."""
    count = len(rows)
    found = np.empty(0, dtype=np.int64)
    for band in range(number):
        runs = band_runs(band_keys(rows, band, width))
        pairs = [run[left] * count + run[right] for run in runs for left, right in [np.triu_indices(len(run), 1)]]
        found = np.union1d(found, np.concatenate([found[:0], *pairs]))
    return np.column_stack(np.divmod(found, max(count, 1)))


def _jaccard(sets: Sequence[NDArray[np.uint64]], pairs: IntArray) -> FloatArray:
    """Give the exact similarity of each pair of sets."""
    if not len(pairs):
        return np.empty(0)
    sizes = np.array([len(found) for found in sets], dtype=np.int64)
    columns = np.unique(np.concatenate(sets), return_inverse=True)[1]
    has = csr_array((np.ones(len(columns), dtype=np.int32), columns, np.r_[0, np.cumsum(sizes)]))
    found = []
    for start in range(0, len(pairs), _CHUNK):
        left, right = pairs[start : start + _CHUNK].T
        both = has[left].multiply(has[right]).sum(axis=1)
        found.append(both / (sizes[left] + sizes[right] - both))
    return np.concatenate(found)

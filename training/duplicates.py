"""Near-duplicates among texts: wire copy, reprints, corrected versions.

Two texts are near-duplicates when the Jaccard similarity of their sets of word shingles reaches a threshold (Broder
1997, "On the resemblance and containment of documents"). Candidates come from MinHash signatures cut into bands; the
similarity of each candidate is then counted exactly. Case, punctuation and white space make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from datasketch import MinHash
from datasketch.hashfunc import sha1_hash64
from numpy.typing import NDArray
from scipy.sparse import csr_array

from framing.errors import ConfigError

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

SHINGLE: Final = 3
"""Words in a shingle: one changed word in a passage of 40 leaves a similarity above 0.8."""
RECALL: Final = 0.999
"""The least probability with which a pair just at the threshold is found; more similar pairs are found more surely."""
LEAST: Final = 0.4
"""The lowest threshold; below it nearly all texts would have to be compared with each other."""
_PERMUTATIONS: Final = 128
_CHUNK: Final = 1 << 16
_WORD: Final = re.compile(r"\w+")
_ODD: Final = np.random.default_rng(1).integers(0, 1 << 63, _PERMUTATIONS, dtype=np.uint64) * np.uint64(2) + np.uint64(
    1
)

_hash_word = lru_cache(maxsize=1 << 18)(sha1_hash64)


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
    if not LEAST <= threshold <= 1.0:
        raise ConfigError(f"near-duplicate threshold {threshold!r} must lie in [{LEAST}, 1]; 0.8 is usual")
    numbers: dict[bytes, int] = {}
    node = np.array([numbers.setdefault(_shingles(text).tobytes(), len(numbers)) for text in texts], dtype=np.int64)
    sets = [np.frombuffer(key, np.uint64) for key in numbers]
    pairs = _candidates(_signatures(sets), *_bands(threshold))
    similarity = _jaccard(sets, pairs)
    near = similarity >= threshold
    return NearDuplicates(node, pairs[near], similarity[near])


def _shingles(text: str) -> NDArray[np.uint64]:
    """Hash each run of `SHINGLE` words; a shorter text is one shingle. Sorted, without repeats."""
    words = _WORD.findall(text.casefold()) or [text.strip()]
    hashes = np.array([_hash_word(word.encode()) for word in words], dtype=np.uint64)
    size = min(SHINGLE, len(words))
    return np.unique(np.lib.stride_tricks.sliding_window_view(hashes, size) @ _ODD[:size])


def _signatures(sets: Iterable[NDArray[np.uint64]]) -> NDArray[np.uint32]:
    hashes = ((found & np.uint64(0xFFFFFFFF)).tolist() for found in sets)
    found = [minhash.hashvalues for minhash in MinHash.generator(hashes, num_perm=_PERMUTATIONS, hashfunc=int)]
    return np.array(found, dtype=np.uint32).reshape(-1, _PERMUTATIONS)


def _bands(threshold: float) -> tuple[int, int]:
    """Give number and width of the widest bands, so the fewest candidates, that still reach `RECALL`."""
    layouts = ((_PERMUTATIONS // width, width) for width in range(_PERMUTATIONS, 0, -1))
    return next((bands, width) for bands, width in layouts if 1 - (1 - threshold**width) ** bands >= RECALL)


def _candidates(signatures: NDArray[np.uint32], bands: int, width: int) -> IntArray:
    """Give the pairs [pairs, 2] that agree in a whole band, each once.

    By sorting: `datasketch.MinHashLSH`, which keeps a set for every band of every text, takes ten times the time and
    several times the memory.
    """
    count = len(signatures)
    found = np.empty(0, dtype=np.int64)
    for band in range(bands):
        keys = signatures[:, band * width : (band + 1) * width].astype(np.uint64) @ _ODD[:width]
        order = np.argsort(keys, kind="stable")
        edges = np.r_[0, np.flatnonzero(np.diff(keys[order])) + 1, count]
        runs = [order[edges[run] : edges[run + 1]] for run in np.flatnonzero(np.diff(edges) > 1)]
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

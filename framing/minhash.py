"""MinHash signatures of texts, by which near-duplicates are found (Broder 1997).

The similarity of two texts is the Jaccard similarity of their sets of word shingles; two signatures agree in as large a
share of their places as the texts are similar, give or take. Case, punctuation and white space make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import numpy as np
from datasketch import MinHash
from datasketch.hashfunc import sha1_hash64
from numpy.typing import NDArray

from framing.errors import ConfigError

SHINGLE: Final = 3
"""Words in a shingle: one changed word in a passage of 40 leaves a similarity above 0.8."""
RECALL: Final = 0.999
"""The least probability with which a pair just at the threshold is found; more similar pairs are found more surely."""
LEAST: Final = 0.4
"""The lowest threshold; below it nearly all texts would have to be compared with each other."""
PERMUTATIONS: Final = 128
"""Places of a signature."""

_WORD: Final = re.compile(r"\w+")
_ODD: Final = np.random.default_rng(1).integers(0, 1 << 63, PERMUTATIONS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)

_hash_word = lru_cache(maxsize=1 << 18)(sha1_hash64)


def check_threshold(threshold: float) -> None:
    """Check that a threshold lies from `LEAST` to 1; raises `ConfigError`."""
    if not LEAST <= threshold <= 1.0:
        raise ConfigError(f"near-duplicate threshold {threshold!r} must lie in [{LEAST}, 1]; 0.8 is usual")


def shingles(text: str) -> NDArray[np.uint64]:
    """Hash each run of `SHINGLE` words; a shorter text is one shingle. Sorted, without repeats."""
    words = _WORD.findall(text.casefold()) or [text.strip()]
    hashes = np.array([_hash_word(word.encode()) for word in words], dtype=np.uint64)
    size = min(SHINGLE, len(words))
    return np.unique(np.lib.stride_tricks.sliding_window_view(hashes, size) @ _ODD[:size])


def signatures(sets: Iterable[NDArray[np.uint64]]) -> NDArray[np.uint32]:
    """Give the signature of each set of shingles. [sets, `PERMUTATIONS`]."""
    hashes = ((found & np.uint64(0xFFFFFFFF)).tolist() for found in sets)
    found = [minhash.hashvalues for minhash in MinHash.generator(hashes, num_perm=PERMUTATIONS, hashfunc=int)]
    return np.array(found, dtype=np.uint32).reshape(-1, PERMUTATIONS)


def bands(threshold: float) -> tuple[int, int]:
    """Give number and width of the widest bands, so the fewest candidates, that still reach `RECALL`."""
    layouts = ((PERMUTATIONS // width, width) for width in range(PERMUTATIONS, 0, -1))
    return next((number, width) for number, width in layouts if 1 - (1 - threshold**width) ** number >= RECALL)


def band_keys(rows: NDArray[np.uint32], band: int, width: int) -> NDArray[np.uint64]:
    """Give one key for a band of each signature; equal bands have equal keys. [signatures]."""
    return rows[:, band * width : (band + 1) * width].astype(np.uint64) @ _ODD[:width]


def band_runs(keys: NDArray[np.uint64]) -> list[NDArray[np.int64]]:
    """Give the indices of signatures that share a key, a run for each key that several have.

    By sorting: `datasketch.MinHashLSH`, which keeps a set for every band of every text, takes ten times the time and
    several times the memory.
    """
    order = np.argsort(keys, kind="stable")
    edges = np.r_[0, np.flatnonzero(np.diff(keys[order])) + 1, len(keys)]
    return [order[edges[run] : edges[run + 1]] for run in np.flatnonzero(np.diff(edges) > 1)]

"""Articles alike within a few days: TF-IDF of titles and leads, compared in sparse blocks of a moving window of days.

MinHash finds copies, but two newsrooms on one event share few runs of words; what they share is names and rare
words, which TF-IDF weighs. SciPy's sparse products are enough: no neighbour index is built, as a window holds little.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

import numpy as np
from scipy.sparse import csr_array, diags_array

from framing.evaluate.columns import FloatArray, IntArray

LEAD: Final = 300
"""Words of a text that are read, after its title: the event is told there, and background follows."""
_BLOCK: Final = 256
_COMMON: Final = 0.1
"""The share of articles above which a word tells nothing of an event."""
_WORD: Final = re.compile(r"[^\W\d_][\w’'-]+|\d+")


class Index:
    """Word counts of articles, as they come, so that no text is kept."""

    def __init__(self) -> None:
        """Begin with no article."""
        self.vocabulary: dict[str, int] = {}
        self._words: list[IntArray] = []
        self._counts: list[FloatArray] = []

    def add(self, title: str, text: str) -> None:
        """Take an article's title and text; words of the title count three times."""
        counts: Counter[str] = Counter()
        for word in _words(title):
            counts[word] += 3
        counts.update(word for word, _ in zip(_words(text), range(LEAD), strict=False))
        numbers = [self.vocabulary.setdefault(word, len(self.vocabulary)) for word in counts]
        self._words.append(np.array(numbers, dtype=np.int32))
        self._counts.append(np.array(list(counts.values()), dtype=np.float32))

    def vectors(self) -> csr_array:
        """Give TF-IDF vectors [articles, words] of length 1, with 1 + ln(count) and ln(articles / articles with it)."""
        size = len(self._words)
        ends = np.concatenate(([0], np.cumsum([len(words) for words in self._words])))
        words = np.concatenate(self._words) if size else np.empty(0, dtype=np.int32)
        counts = np.concatenate(self._counts) if size else np.empty(0, dtype=np.float32)
        shape = (size, max(len(self.vocabulary), 1))
        matrix = csr_array((1 + np.log(counts), words, ends), shape=shape, dtype=np.float32)
        having = np.bincount(words, minlength=shape[1])
        # A word of one article joins nothing, but it tells how much of the article is its own.
        weight = np.where(having <= max(_COMMON * size, 5), np.log(max(size, 2) / np.maximum(having, 1)), 0.0)
        weighed = csr_array(matrix @ diags_array(weight.astype(np.float32)))
        norm = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
        inverse = np.divide(1, norm, out=np.zeros_like(norm), where=norm > 0)
        return csr_array(diags_array(inverse.astype(np.float32)) @ weighed)


def _words(text: str) -> Iterable[str]:
    return (match.group().casefold() for match in _WORD.finditer(text))


def similar_pairs(
    vectors: csr_array, day: IntArray, *, days: int, least: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Find pairs of articles that are alike and not far apart in time.

    Args:
        vectors: [articles, words], of length 1, sorted by day.
        day: [articles] days, as numbers, ascending.
        days: the most days that lie between two articles.
        least: the least cosine.

    Returns:
        Two arrays of indices, the first below the second, and the cosine: [pairs] each.
    """
    left, right, cosine = [], [], []
    for start in range(0, vectors.shape[0], _BLOCK):
        stop = min(start + _BLOCK, vectors.shape[0])
        end = int(np.searchsorted(day, day[stop - 1] + days, side="right"))
        product = (vectors[start:stop] @ vectors[start:end].T).tocoo()
        one, other = product.coords[0] + start, product.coords[1] + start
        kept = (product.data >= least) & (one < other) & (day[other] - day[one] <= days)
        left.append(one[kept])
        right.append(other[kept])
        cosine.append(product.data[kept])
    if not left:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    return np.concatenate(left), np.concatenate(right), np.concatenate(cosine).astype(np.float64)

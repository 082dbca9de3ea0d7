"""Rates of cues per 1,000 words over many articles, with intervals that know that cues come in clusters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

_Z: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over the articles of a group, from which its rate and the interval follow.

    Attributes:
        articles: their number.
        words: sum of their words.
        cues: sum of their cues.
        cues_squared: sum of the squares of each article's cues.
        cues_words: sum of each article's cues times its words.
        words_squared: sum of the squares of each article's words.
    """

    articles: int
    words: int
    cues: int
    cues_squared: int
    cues_words: int
    words_squared: int

    @property
    def rate(self) -> float:
        """Cues per 1,000 words; NaN without words."""
        return 1000 * self.cues / self.words if self.words else math.nan

    @property
    def dispersion(self) -> float:
        """How many times the variance is larger than that of a Poisson count, at least 1.

        The variance is that of a ratio estimator over articles (Cochran 1977, section 6.4).
        """
        if self.articles < 2 or not self.cues:
            return 1.0
        rate = self.cues / self.words
        squares = self.cues_squared - 2 * rate * self.cues_words + rate**2 * self.words_squared
        return max(1.0, squares * self.articles / (self.articles - 1) / self.cues)

    def interval(self) -> tuple[float, float]:
        """Give the 95% interval of the rate: Byar's limits of a Poisson count (Breslow and Day 1987), overdispersed.

        They never fall below 0, and a count of 0 has an upper limit above 0. NaN without words.
        """
        if not self.words:
            return math.nan, math.nan
        weight = 1 / self.dispersion
        count = self.cues * weight
        low = count * (1 - 1 / (9 * count) - _Z / (3 * math.sqrt(count))) ** 3 if count else 0.0
        more = count + 1
        high = more * (1 - 1 / (9 * more) + _Z / (3 * math.sqrt(more))) ** 3
        scale = 1000 / (weight * self.words)
        return max(0.0, low) * scale, high * scale

"""The bars of the suite, in one table.

A figure passes at its bar. Where the default model misses the bar yet, `floor` is what it reached when it was measured:
the suite then fails only below that, and its table says that the bar is missed. A model that meets a bar has its floor
deleted here. Figures without a bar have a floor alone, which guards against getting worse. Floors lie one case below
what was measured, since int8 sums differ a little between processors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from framing.spans import CueSpan

Judge = Callable[..., None]
"""Takes a figure's name, the figure and a detail; see the fixture `judge`."""
Presence = Callable[[str, Sequence[CueSpan]], list[float]]
"""Takes a text and stretches of it; see the fixture `presence`."""


@dataclass(frozen=True)
class Bar:
    """A bar and a floor.

    Attributes:
        bar: the figure to reach; None where nobody set one.
        floor: what the default model reached, less one case, where that misses the bar or there is none; else None.
        most: the bar is the most that is allowed, not the least.
        unit: how the table writes the figure.
    """

    bar: float | None
    floor: float | None = None
    most: bool = False
    unit: str = ".1%"

    def state(self, figure: float) -> str:
        """Say in words how the figure stands."""
        floor = "" if self.floor is None else f"floor {self.floor:{self.unit}}"
        if self.bar is None:
            return floor
        if self.meets(figure, self.bar):
            return f"met    bar {self.bar:{self.unit}}" + (", delete its floor" if floor else "")
        return f"MISSED bar {self.bar:{self.unit}}, {floor}"

    def meets(self, figure: float, limit: float) -> bool:
        return figure <= limit + 1e-9 if self.most else figure >= limit - 1e-9

    def passes(self, figure: float) -> bool:
        return any(limit is not None and self.meets(figure, limit) for limit in (self.bar, self.floor))


POINTS = ".1f"

BARS = {
    "MFT vocabulary": Bar(None, 53 / 55),
    "MFT decoys": Bar(None, 41 / 43),
    "MFT voice": Bar(None, 25 / 29),
    "MFT negation": Bar(None, 13 / 17),
    "MFT nesting": Bar(None, 9 / 10),
    "MFT headlines": Bar(None, 16 / 18),
    "INV symmetry: decisions that flip": Bar(0.01, most=True),
    "INV symmetry: mean change": Bar(0.02, most=True, unit=".3f"),
    "INV straight marks: F1 points lost": Bar(2, most=True, unit=POINTS),
    "INV curly marks: F1 points lost": Bar(2, most=True, unit=POINTS),
    "INV single marks: F1 points lost": Bar(2, most=True, unit=POINTS),
    "INV German marks: F1 points lost": Bar(2, most=True, unit=POINTS),
    "INV French marks: F1 points lost": Bar(2, most=True, unit=POINTS),
    "INV capital headlines: F1 points lost": Bar(2, most=True, unit=POINTS),
    "INV double blanks: F1 points lost": Bar(2, most=True, unit=POINTS),
    "INV HTML entities: F1 points lost": Bar(2, most=True, unit=POINTS),
    "INV OCR noise of 1%: F1 points lost": Bar(10, most=True, unit=POINTS),
    "DIR expected count moves as it must": Bar(None, 48 / 49),
    "Designations found, of 40": Bar(None, 38, unit=".0f"),
    "Designations right with authority, of 40": Bar(36, unit=".0f"),
}

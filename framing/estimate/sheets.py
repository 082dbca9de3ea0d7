"""Estimates as tables for people and as flat records."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from framing.estimate.formula import METHODS as REGRESSIONS
from framing.estimate.formula import Coefficient
from framing.estimate.plan import Plan
from framing.estimate.rates import METHODS, SHARE, Cell, Contrast, Row
from framing.evaluate.bootstrap import Estimate
from framing.evaluate.sheets import Sheet

FEW: Final = 10
_UNITS: Final = {SHARE: "share of the articles with a cue"}
_PER_WORDS: Final = "cues per 1,000 words"


def unit(measure: str) -> str:
    """Say in what figures are."""
    return _UNITS.get(measure, _PER_WORDS)


def rate_sheets(rows: Sequence[Row], contrasts: Sequence[Contrast], measure: str, basis: str) -> list[Sheet]:
    """Give the table of rates and, where strata are compared, those of differences and ratios."""
    few = sorted({row.stratum for row in rows if row.labelled and row.gold < FEW})
    note = f"{basis}. naive: as found, its interval knows nothing of the model's errors"
    if few:
        shown = ", ".join(few[:5]) + (", ..." if len(few) > 5 else "")
        note += f". Fewer than {FEW} gold cues of a type, so that intervals may come out too narrow: {shown}"
    head = ["cue", "stratum", "articles", "labelled", "gold", *METHODS]
    cells = [
        [
            row.cue,
            row.stratum,
            f"{row.articles:,}",
            f"{row.labelled:,}",
            f"{row.gold:,}",
            *(cell(row.figures[method]) for method in METHODS),
        ]
        for row in rows
    ]
    made = [Sheet(f"Rates, {unit(measure)}", head, cells, note, (0, 1))]
    for title, name in (("Differences of rates", "differences"), ("Ratios of rates", "ratios")):
        if contrasts:
            made.append(
                Sheet(
                    f"{title}, {unit(measure)}" if name == "differences" else title,
                    ["cue", "strata", *METHODS],
                    [
                        [
                            one.cue,
                            f"{one.stratum} {'-' if name == 'differences' else '/'} {one.against}",
                            *(cell(getattr(one, name)[method]) for method in METHODS),
                        ]
                        for one in contrasts
                    ],
                    "95% intervals, each on its own: not corrected for the number of comparisons",
                    (0, 1),
                )
            )
    return made


def coefficient_sheet(rows: Sequence[Coefficient], formula: str, measure: str, basis: str, *, strata: bool) -> Sheet:
    """Give the table of a regression, with a column for strata where there are any."""
    head = ["cue", *(["stratum"] if strata else []), "term"]
    cells = [
        [
            row.cue,
            *([row.stratum] if strata else []),
            row.term,
            *(cell(row.figures[method]) for method in REGRESSIONS),
        ]
        for row in rows
    ]
    return Sheet(f"{formula}, {unit(measure)}", [*head, *REGRESSIONS], cells, basis, tuple(range(len(head))))


def plan_sheet(plans: Sequence[Plan], measure: str, note: str) -> Sheet:
    """Give the table of a plan."""
    cells = [
        [
            one.cue,
            one.stratum,
            f"{one.articles:,}",
            f"{one.rate:.3f}",
            f"{one.width:.3f}",
            one.alone if isinstance(one.alone, str) else f"{one.alone:,}",
            one.corrected if isinstance(one.corrected, str) else f"{one.corrected:,}",
        ]
        for one in plans
    ]
    head = ["cue", "stratum", "articles", "rate", "width", "gold alone", "corrected"]
    return Sheet(f"Articles to label, {unit(measure)}", head, cells, note, (0, 1))


def cell(figure: Cell) -> str:
    """Show a figure, or the reason why there is none."""
    return f"n/a: {figure}" if isinstance(figure, str) else str(figure)


def records(
    rows: Sequence[Row], contrasts: Sequence[Contrast], coefficients: Sequence[Coefficient]
) -> Iterator[dict[str, Any]]:
    """Give every figure as a flat record of the same keys."""
    for row in rows:
        counted = {"articles": row.articles, "labelled": row.labelled, "gold": row.gold}
        for method in METHODS:
            yield _record("rate", row.cue, row.stratum, method, row.figures[method]) | counted
    for one in contrasts:
        for kind, figures in (("difference", one.differences), ("ratio", one.ratios)):
            for method in METHODS:
                yield _record(kind, one.cue, one.stratum, method, figures[method], against=one.against)
    for found in coefficients:
        for method in REGRESSIONS:
            yield _record("coefficient", found.cue, found.stratum, method, found.figures[method], term=found.term)


def _record(
    kind: str, cue: str, stratum: str, method: str, figure: Cell, *, against: str = "", term: str = ""
) -> dict[str, Any]:
    ends: tuple[float | None, ...] = (None, None, None)
    if isinstance(figure, Estimate):
        values = (figure.value, figure.low, figure.high)
        ends = tuple(None if math.isnan(value) else round(value, 6) for value in values)
    return {
        "figure": kind,
        "cue": cue,
        "stratum": stratum,
        "against": against,
        "term": term,
        "method": method,
        **dict(zip(("value", "low", "high"), ends, strict=True)),
        "reason": figure if isinstance(figure, str) else figure.reason,
        "articles": None,
        "labelled": None,
        "gold": None,
    }

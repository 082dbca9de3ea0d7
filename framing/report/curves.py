"""Curves over the unit square as SVG: reliability diagrams and risk-coverage curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup

from framing.evaluate.reliability import Reliability
from framing.report.article import environment
from framing.report.plots import PALETTE, SHAPES, Point

_SIDE: Final = 320
_LEFT, _TOP = 52.0, 34.0
_STEP: Final = 18
_MOST_POINTS: Final = 400


def reliability_diagram(title: str, series: Mapping[str, Reliability]) -> Markup:
    """Draw the share of right spans over the mean score, by bins of equal numbers; ideal is the diagonal."""
    drawn = {
        name: [
            (mean, Point(share.value, share.low, share.high)) for mean, share in zip(one.mean, one.share, strict=True)
        ]
        for name, one in series.items()
    }
    return _draw(title, "mean score", "share right", drawn, diagonal=True)


def risk_coverage(title: str, series: Mapping[str, Reliability]) -> Markup:
    """Draw the share of wrong spans among those with the best scores, over the share of spans that is kept."""
    drawn = {}
    for name, one in series.items():
        step = math.ceil(len(one.risk) / _MOST_POINTS)
        points = zip(one.coverage[step - 1 :: step], one.risk[step - 1 :: step], strict=True)
        drawn[name] = [(float(at), Point(float(risk))) for at, risk in points]
    return _draw(title, "coverage: share of what was found, best scores first", "risk: share wrong", drawn)


def _draw(
    title: str,
    across: str,
    up: str,
    series: Mapping[str, Sequence[tuple[float, Point]]],
    *,
    diagonal: bool = False,
) -> Markup:
    def x(value: float) -> float:
        return round(_LEFT + _SIDE * value, 1)

    def y(value: float) -> float:
        return round(_TOP + _SIDE * (1 - value), 1)

    lines: list[dict[str, Any]] = []
    for number, (name, points) in enumerate(series.items()):
        marks = [
            {
                "x": x(at),
                "y": y(point.value),
                "low": None if math.isnan(point.low) else y(point.low),
                "high": None if math.isnan(point.high) else y(point.high),
            }
            for at, point in points
        ]
        lines.append(
            {
                "name": name,
                "colour": PALETTE[number % len(PALETTE)],
                "shape": SHAPES[number % len(SHAPES)],
                "path": " ".join(f"{mark['x']},{mark['y']}" for mark in marks),
                "marks": marks if diagonal else [],
                "legend": _TOP + 8 + _STEP * number,
            }
        )
    ticks = [(x(number / 5), y(number / 5), f"{number / 5:.1f}") for number in range(6)]
    return Markup(  # noqa: S704 - the template escapes
        environment()
        .get_template("curves.svg")
        .render(
            title=title,
            across=across,
            up=up,
            width=760,
            height=round(_TOP + _SIDE + 48),
            left=_LEFT,
            right=x(1),
            top=_TOP,
            bottom=y(0),
            ticks=ticks,
            lines=lines,
            diagonal=diagonal,
        )
    )

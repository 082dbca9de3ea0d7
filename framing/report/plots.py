"""Plots as SVG that stands in a page: no script, no font and no request; colours that the colour-blind tell apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from framing.report.article import environment

# Okabe and Ito (2008); each series also has a shape of its own.
PALETTE: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#444444")
SHAPES: Final = ("circle", "square", "diamond", "triangle")
_LETTER: Final = 6.6
"""Width of a letter of 12 px, in px, on the wide side."""

_WIDTH, _STEP, _GAP = 760, 15, 12
_LONGEST: Final = 48


@dataclass(frozen=True, slots=True)
class Point:
    """A figure with its interval; ends are NaN where there is none."""

    value: float
    low: float = math.nan
    high: float = math.nan


def forest(title: str, rows: Mapping[str, Sequence[Point]], series: Sequence[str]) -> Markup:
    """Draw figures in [0, 1] with their intervals: a group of lines a row, one a series.

    Args:
        title: what is shown; also for screen readers.
        rows: for each row's name a point for each series; one that is NaN is written `n/a`.
        series: the names of the series.
    """
    ends = [
        end
        for points in rows.values()
        for point in points
        for end in (point.value, point.low, point.high)
        if not math.isnan(end)
    ]
    least = max(0.0, math.floor(10 * min(ends, default=0.0) - 0.2) / 10)
    ticks = [least + number / 10 for number in range(round((1 - least) * 10) + 1)]
    return _draw("forest.svg", title, rows, series, least, 1.0, [(tick, f"{tick:.1f}") for tick in ticks])


def bars(title: str, rows: Mapping[str, Sequence[float]], series: Sequence[str]) -> Markup:
    """Draw numbers from 0 up as bars with the numbers beside them: a group of bars a row, one a series."""
    ticks = _ticks([value for values in rows.values() for value in values])
    points = {name: [Point(value) for value in values] for name, values in rows.items()}
    return _draw("bars.svg", title, points, series, 0.0, ticks[-1][0], ticks)


def rates(title: str, rows: Mapping[str, Sequence[Point]], series: Sequence[str], form: str = "%.1f") -> Markup:
    """Draw figures of any size with their intervals, as `forest` does; 0 is on the axis, with a line of its own.

    Args:
        title: what is shown; also for screen readers.
        rows: as for `forest`.
        series: the names of the series.
        form: how figures are written.
    """
    ends = [end for points in rows.values() for point in points for end in (point.value, point.low, point.high)]
    ticks = _ticks([end for end in ends if not math.isnan(end)])
    return _draw("forest.svg", title, rows, series, ticks[0][0], ticks[-1][0], ticks, form)


def _ticks(values: Sequence[float]) -> list[tuple[float, str]]:
    """Give some seven round numbers from the least value to the largest, and beyond; 0 is among them."""
    least, most = min([0.0, *values]), max([0.0, *values])
    if least == most:
        most = 1.0
    step = 10 ** math.floor(math.log10(most - least)) / 2
    while (most - least) / step > 6:
        step *= 2
    numbers = range(math.floor(least / step), math.ceil(most / step) + 1)
    return [(step * number, f"{step * number:,g}") for number in numbers]


def _draw(
    template: str,
    title: str,
    rows: Mapping[str, Sequence[Point]],
    series: Sequence[str],
    least: float,
    most: float,
    ticks: Sequence[tuple[float, str]],
    form: str = "%.3f",
) -> Markup:
    names = {name: name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…" for name in [*rows, *series]}
    left = 24 + _LETTER * max((len(names[name]) for name in rows), default=0)
    right = _WIDTH - 56

    def place(value: float) -> float:
        return round(left + (right - left) * (value - least) / (most - least), 1)

    legend, x, y = [], left, 30.0
    for number, name in enumerate(series):
        width = 34 + _LETTER * len(names[name])
        if x > left and x + width > _WIDTH:
            x, y = left, y + _STEP + 3
        legend.append({"x": round(x, 1), "y": y, "name": names[name], **_style(number)})
        x += width
    y = y + 18 if len(series) > 1 else 28.0
    top = y
    groups: list[dict[str, Any]] = []
    for name, points in rows.items():
        marks = []
        for number, point in enumerate(points):
            whisker = not math.isnan(point.low)
            marks.append(
                {
                    "y": y + _STEP * (number + 0.5),
                    "value": point.value,
                    "missing": math.isnan(point.value),
                    "x": left if math.isnan(point.value) else place(point.value),
                    "low": place(point.low) if whisker else None,
                    "high": place(point.high) if whisker else None,
                    **_style(number),
                }
            )
        groups.append({"name": names[name], "y": y + _STEP * len(points) / 2, "top": y, "marks": marks})
        y += _STEP * len(points) + _GAP
    return Markup(  # noqa: S704 - the template escapes
        environment()
        .get_template(template)
        .render(
            title=title,
            form=form,
            width=_WIDTH,
            height=round(y + 26),
            left=round(left, 1),
            right=right,
            top=top - 6,
            bottom=round(y - _GAP / 2, 1),
            zero=place(0.0) if least < 0 else None,
            ticks=[(place(tick), text) for tick, text in ticks],
            groups=groups,
            legend=legend if len(series) > 1 else [],
        )
    )


def _style(number: int) -> dict[str, str]:
    return {"colour": PALETTE[number % len(PALETTE)], "shape": SHAPES[number % len(SHAPES)]}

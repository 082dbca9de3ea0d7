"""Estimated rates as a folder: one HTML page that needs nothing else, plots as SVG, tables and figures."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from framing.estimate.formula import INTERCEPT
from framing.estimate.rates import ALL
from framing.estimate.run import Found
from framing.report.article import environment
from framing.report.folder import write_files
from framing.report.plots import Point, rates
from framing.report.sheets import csv_text, latex, markdown

MOST: Final = 40
"""Rows of a plot."""

_UNSAFE: Final = re.compile(r"[^\w-]+")
_TITLES: Final = {"rate": "Rates", "difference": "Differences of rates", "coefficient": "Coefficients"}
"""The figures that are drawn; ratios stand in the tables alone."""


def write_estimate(found: Found, folder: Path, title: str) -> None:
    """Write the report, the plots, the tables and all figures into a folder that is there.

    Args:
        found: what was computed.
        folder: files of an earlier report in it are replaced.
        title: what was scored, for the page.

    Raises:
        InputError: the folder can't be written.
    """
    drawn = list(plots(found))
    page = environment().get_template("sheets.html")
    files = {
        "report.html": page.render(
            title=f"Rates in {title}", notes=found.notes, sheets=found.sheets, plots=[plot for _, plot in drawn]
        ),
        "tables.md": markdown(found.sheets),
        "tables.tex": latex(found.sheets),
        "figures.csv": csv_text(found.records),
        "estimate.json": json.dumps({"notes": found.notes, "figures": found.records}, ensure_ascii=False, indent=1)
        + "\n",
        **{f"{name}.svg": f"{plot}\n" for name, plot in drawn},
    }
    write_files(folder, files)


def plots(found: Found) -> Iterator[tuple[str, Markup]]:
    """Draw the figures, each with a name for its file: all cues in one plot, or with strata or terms one a cue."""
    for kind, title in _TITLES.items():
        cues: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for record in found.records:
            if record["figure"] == kind and record["term"] != INTERCEPT:  # which lies far from the others
                cues.setdefault(record["cue"], {}).setdefault(_row(record), []).append(record)
        if all(len(rows) == 1 for rows in cues.values()):
            rows = {cue: records for cue, by_row in cues.items() for records in by_row.values()}
            cues = {"": rows} if rows else {}
        for cue, rows in cues.items():
            name = "-".join(filter(None, (kind, _UNSAFE.sub("-", cue))))
            yield name, _plot(", ".join(filter(None, (title, cue, found.unit))), rows)


def _row(record: Mapping[str, Any]) -> str:
    """Name a row of a plot: a stratum, two of them, or a term and, unless it is the whole archive, its stratum."""
    if record["against"]:
        return f"{record['stratum']} - {record['against']}"
    if record["term"]:
        return str(record["term"]) if record["stratum"] == ALL else f"{record['stratum']}: {record['term']}"
    return str(record["stratum"])


def _plot(title: str, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Markup:
    kept = dict(sorted(rows.items(), key=lambda row: -(row[1][0]["labelled"] or 0))[:MOST])
    if len(kept) < len(rows):
        title += f" (of {len(rows):,} the {MOST} with most labelled articles)"
    shown = {name: [_point(record) for record in rows[name]] for name in rows if name in kept}
    methods = [record["method"] for record in next(iter(rows.values()))]
    largest = max(
        (abs(point.value) for points in shown.values() for point in points if not math.isnan(point.value)), default=0
    )
    return rates(title, shown, methods, "%.1f" if largest >= 10 else "%.2f" if largest >= 1 else "%.3f")


def _point(record: Mapping[str, Any]) -> Point:
    if record["value"] is None:
        return Point(math.nan)
    return Point(*(math.nan if record[name] is None else record[name] for name in ("value", "low", "high")))

"""An evaluation as one HTML page that needs nothing else: tables, plots, and every error in its sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from framing.cues import colours_of
from framing.evaluate.errors import KINDS, SpanError
from framing.evaluate.evaluation import FIGURES, Figures
from framing.evaluate.occlusion import Occlusion
from framing.evaluate.results import Results
from framing.evaluate.sheets import sheets
from framing.report.article import environment, segments
from framing.report.curves import reliability_diagram, risk_coverage
from framing.report.plots import Point, bars, forest
from framing.spans import CueSpan, Document
from framing.voice import sentence_around

_F1: Final = FIGURES.index("f1")


def evaluation_page(
    results: Results, title: str, occluded: Mapping[str, Sequence[Sequence[Occlusion]]] | None = None
) -> str:
    """Give the page.

    Args:
        results: what was computed.
        title: of the page.
        occluded: for the systems whose errors were looked into, what flips each error of their first run.
    """
    colours = colours_of(results.evaluation.labels)
    return (
        environment()
        .get_template("evaluation.html")
        .render(
            title=title,
            notes=results.notes,
            sheets=sheets(results),
            plots=_plots(results),
            systems=[
                _listing(f"{name}, {run.source}" if len(runs) > 1 else name, errors, results, colours, flips)
                for name, runs in results.evaluation.systems.items()
                for run, errors, flips in zip(
                    runs, results.errors.get(name, []), [(occluded or {}).get(name), *[None] * len(runs)], strict=False
                )
            ],
            kinds=KINDS,
            colours=colours,
        )
    )


def _plots(results: Results) -> list[Markup]:
    evaluation, names = results.evaluation, results.names
    main, micro = evaluation.schemes.index(results.scheme), evaluation.rows.index("micro")
    made = []
    if len(evaluation.schemes) > 1:
        by_scheme = {
            "voice (accuracy)" if scheme == "voice" else scheme: _points(results.overall, number, micro)
            for number, scheme in enumerate(evaluation.schemes)
        }
        made.append(forest("F1 by scheme, all types", by_scheme, names))
    by_type = {label: _points(results.overall, main, row) for row, label in enumerate(evaluation.rows)}
    made.append(forest(f"F1 by cue, {results.scheme}", by_type, names))
    for by, parts in results.slices.items():
        rows = {f"{part} (n={figures.documents})": _points(figures, main, micro) for part, figures in parts.items()}
        made.append(forest(f"F1 by {by}, {results.scheme}", rows, names))
    numbers = {
        kind: [
            float(np.mean([sum(error.kind == kind for error in run) for run in runs]))
            for runs in results.errors.values()
        ]
        for kind in KINDS
    }
    made.append(bars("Errors by kind", numbers, names))
    for right in dict.fromkeys(one.right for found in results.calibration.values() for one in found):
        of_all = {
            name: next(one for one in found if (one.label, one.right) == ("all", right))
            for name, found in results.calibration.items()
        }
        made.append(reliability_diagram(f"Reliability of scores, all types, right if {right}", of_all))
        made.append(risk_coverage(f"Risk and coverage, all types, right if {right}", of_all))
    return made


def _points(figures: Figures, scheme: int, row: int) -> list[Point]:
    at = slice(None), scheme, row, _F1
    ends = zip(figures.value[at], figures.low[at], figures.high[at], strict=True)
    return [Point(float(value), float(low), float(high)) for value, low, high in ends]


def _listing(
    name: str,
    errors: Sequence[SpanError],
    results: Results,
    colours: Mapping[str, str],
    occluded: Sequence[Sequence[Occlusion]] | None,
) -> dict[str, Any]:
    """Give a system's errors by kind, each with the pieces of its sentence."""
    kinds: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for number, error in zip(count(), errors, strict=False):
        document = results.evaluation.gold[error.document]
        flips = occluded[number] if occluded is not None and number < len(occluded) else []
        kinds[error.kind].append(
            {
                "id": document.id,
                "gold": _said(error.gold),
                "predicted": _said(error.predicted),
                "parts": _pieces(document, error, colours),
                "flips": flips,
            }
        )
    return {"name": name, "kinds": kinds, "number": len(errors)}


def _said(span: CueSpan | None) -> str:
    if span is None:
        return ""
    score = "" if span.score is None else f" {span.score:.2f}"
    return f"{span.label}{score}" + ("" if span.voice is None else f", {span.voice}")


def _pieces(document: Document, error: SpanError, colours: Mapping[str, str]) -> list[dict[str, Any]]:
    """Cut the sentence of an error where its spans begin and end."""
    spans = [span for span in (error.gold, error.predicted) if span is not None]
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    first, last = sentence_around(document.text, start, end)
    pieces = []
    at = 0
    for segment in segments(document.text, [CueSpan(first, last, "sentence"), *spans]):
        here = at
        at += len(segment.text)
        if first <= here < last:
            gold, found = (
                span if span is not None and span.start <= here < span.end else None
                for span in (error.gold, error.predicted)
            )
            colour = "" if found is None else colours[found.label]
            pieces.append({"text": segment.text, "gold": gold is not None, "found": colour})
    return pieces

"""What an evaluation found, as tables for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Final

import numpy as np

from framing.evaluate.bootstrap import EXACT, STILL, Estimate
from framing.evaluate.errors import KINDS, surface_forms
from framing.evaluate.evaluation import FIGURES, Figures
from framing.evaluate.reliability import BINS, CHANCE, Reliability
from framing.evaluate.reliability import FIGURES as CALIBRATION
from framing.evaluate.results import Results, reason
from framing.evaluate.sentences import right_sentences
from framing.evaluate.significance import holm, mcnemar

_F1: Final = FIGURES.index("f1")
_FORMS: Final = 5
_FEW: Final = 20
"""Clusters below which a bootstrap knows too little of how they differ."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table for people.

    Attributes:
        title: what it shows.
        head: the names of the columns.
        rows: the cells.
        note: what must be known to read it.
        words: the columns that hold words; the others hold figures.
    """

    title: str
    head: list[str]
    rows: list[list[str]]
    note: str = ""
    words: tuple[int, ...] = (0,)


def sheets(results: Results) -> list[Sheet]:
    """Give the tables in the order in which they are read."""
    made = [_overall(results), _by_type(results)]
    if results.comparisons:
        made.append(_differences(results))
        if "sentences" in results.evaluation.schemes:
            made.append(_mcnemar(results))
    made += [_slice(results, by, parts) for by, parts in results.slices.items()]
    made += [_calibration(results, name, found) for name, found in results.calibration.items()]
    made.append(_errors(results))
    if "sentences" not in results.evaluation.schemes:
        made += [sheet for kind in ("missed", "spurious") if (sheet := _forms(results, kind)).rows]
    return made


def _overall(results: Results) -> Sheet:
    evaluation, figures = results.evaluation, results.overall
    shown = [(scheme, "micro") for scheme in evaluation.schemes] + [(results.scheme, "macro")]
    rows = []
    for scheme, row in shown:
        number, at = evaluation.schemes.index(scheme), evaluation.rows.index(row)
        name = _row_name(scheme, row)
        if len(results.names) == 1:
            columns = [_F1] if scheme == "voice" else range(len(FIGURES))
            cells = [cell(figures, (0, number, at, figure), scheme) for figure in columns]
            rows.append([name, *[""] * (len(FIGURES) - len(cells)), *cells])
        else:
            systems = range(len(results.names))
            rows.append([name, *(cell(figures, (system, number, at, _F1), scheme) for system in systems)])
    head = ["precision", "recall", "F1"] if len(results.names) == 1 else results.names
    title = "All types" if len(results.names) == 1 else "F1, all types"
    return Sheet(title, ["", *head], rows, starred(rows, evaluation.unit, _basis(results)))


def _calibration(results: Results, name: str, found: Sequence[Reliability]) -> Sheet:
    rows = [
        [
            f"{one.label}, {one.right}",
            f"{one.spans:,}",
            *map(show, (*one.figures, one.chance)),
        ]
        for one in found
    ]
    what = "labels" if "sentences" in results.evaluation.schemes else "spans"
    note = (
        f"Of found {what} alone, so of scores above the thresholds (`framing score --threshold 0.05` shows more). ECE "
        f"over {BINS} bins, adaptive ECE and parts of Brier over up to {BINS} of equal numbers; Brier = reliability - "
        "resolution + uncertainty; AURC: area under the risk-coverage curve; ECE by chance: what scores that "
        "hold would have here, with so few spans"
    )
    return Sheet(f"Calibration of scores, {name}", ["right if", "found", *CALIBRATION, CHANCE], rows, note)


def _row_name(scheme: str, row: str) -> str:
    return "voice, accuracy" if scheme == "voice" else f"{scheme}, {row}"


def _basis(results: Results) -> str:
    evaluation = results.evaluation
    several = [
        f"{name}: mean of {len(runs)} runs ± their standard deviation; intervals draw runs, too"
        for name, runs in evaluation.systems.items()
        if len(runs) > 1
    ]
    documents = "" if evaluation.unit == "documents" else f" ({results.overall.documents:,} documents)"
    basis = (
        f"95% intervals: BCa bootstrap over {results.overall.clusters:,} {evaluation.unit}{documents}, "
        f"{evaluation.draws:,} draws, seed {evaluation.seed}"
    )
    return ". ".join([basis, *several])


def _by_type(results: Results) -> Sheet:
    evaluation, figures = results.evaluation, results.overall
    scheme, number = results.scheme, evaluation.schemes.index(results.scheme)
    single = len(results.names) == 1
    rows = []
    for row, label in enumerate(evaluation.rows):
        cells = (
            [(0, number, row, figure) for figure in range(len(FIGURES))]
            if single
            else [(system, number, row, _F1) for system in range(len(results.names))]
        )
        rows.append([label, f"{figures.gold[row]:,.0f}", *(cell(figures, at, scheme) for at in cells)])
    head = ["precision", "recall", "F1"] if single else results.names
    note = "macro: the mean over the types that are in gold or predicted; a figure that one of them hasn't counts as 0"
    title = f"By cue, {scheme}" if single else f"F1 by cue, {scheme}"
    return Sheet(title, ["", "gold", *head], rows, starred(rows, evaluation.unit, note))


def _differences(results: Results) -> Sheet:
    evaluation = results.evaluation
    shown = [(scheme, "micro") for scheme in evaluation.schemes] + [(results.scheme, "macro")]
    rows = []
    for scheme, row in shown:
        number, at = evaluation.schemes.index(scheme), evaluation.rows.index(row)
        for pair in results.comparisons:
            value, low, high = (array[number, at] for array in (pair.value, pair.low, pair.high))
            rows.append(
                [
                    _row_name(scheme, row),
                    f"{results.names[pair.first]} - {results.names[pair.second]}",
                    "n/a: no figure" if np.isnan(value) else str(Estimate(value, low, high, reason=STILL)),
                    show_p(pair.p[number, at]),
                    show_p(pair.p_holm[number, at]),
                ]
            )
    note = f"p: paired approximate randomization over {evaluation.unit}, {evaluation.draws:,} rounds"
    if len(results.comparisons) > 1:
        note += f"; Holm: corrected for {len(results.comparisons)} pairs of systems"
    runs = {len(runs) for runs in evaluation.systems.values()}
    if len(runs) > 1:
        note += "; where systems have different numbers of runs, mean counts of their runs are swapped"
    if runs != {1}:
        note += "; p is about documents, not about seeds"
    return Sheet("Differences of F1", ["", "systems", "difference", "p", "p (Holm)"], rows, note, (0, 1))


def _mcnemar(results: Results) -> Sheet:
    evaluation = results.evaluation
    pairs = list(combinations(evaluation.systems.items(), 2))
    p, rows = np.full(len(pairs), np.nan), []
    for number, ((first, one), (second, other)) in enumerate(pairs):
        cells = ["", ""]
        if len(one) == len(other) == 1:
            ours, theirs = right_sentences(evaluation.gold, one[0], other[0])
            p[number] = mcnemar(ours, theirs)
            cells = [f"{(ours & ~theirs).sum():,}", f"{(theirs & ~ours).sum():,}"]
        rows.append([f"{first} - {second}", *cells])
    for row, one_p, corrected in zip(rows, p, holm(p), strict=True):
        row += [show_p(one_p), show_p(corrected)]
    head = ["", "only the first right", "only the second", "p", "p (Holm)"]
    note = "A sentence is right when its labels are gold's; exact test, which takes sentences as independent"
    return Sheet("McNemar's test on sentences", head, rows, note)


def _slice(results: Results, by: str, parts: Mapping[str, Figures]) -> Sheet:
    evaluation = results.evaluation
    scheme, row = results.scheme, evaluation.rows.index("micro")
    number = evaluation.schemes.index(scheme)
    rows = [
        [
            part,
            f"{figures.documents:,}",
            f"{figures.gold[row]:,.0f}",
            *(cell(figures, (system, number, row, _F1), scheme) for system in range(len(results.names))),
        ]
        for part, figures in parts.items()
    ]
    few = [part for part, figures in parts.items() if figures.clusters < _FEW]
    note = f"Intervals over fewer than {_FEW} {evaluation.unit} come out too narrow: {', '.join(few)}" if few else ""
    note = starred(rows, evaluation.unit, note)
    return Sheet(f"F1 by {by}, {scheme}, micro", ["", "documents", "gold", *results.names], rows, note)


def _errors(results: Results) -> Sheet:
    rows = []
    for kind, meaning in KINDS.items():
        numbers = [[sum(error.kind == kind for error in run) for run in runs] for runs in results.errors.values()]
        rows.append([kind, *(f"{np.mean(number):,.4g}" for number in numbers), meaning])
    note = "Spans are paired whatever their type; counts (of several runs, their mean)"
    return Sheet("Errors", ["", *results.errors, "meaning"], rows, note, (0, len(results.errors) + 1))


def _forms(results: Results, kind: str) -> Sheet:
    rows = [
        [name, label, words, f"{number:,}"]
        for name, runs in results.errors.items()
        for label, words, number in surface_forms(chain(*runs), results.evaluation.gold, kind, _FORMS)
    ]
    title = f"Words most often {kind}"
    return Sheet(title, ["system", "type", "words", "count"], rows, "Of several runs, the sum", (0, 1, 2))


def cell(figures: Figures, at: tuple[int, int, int, int], scheme: str) -> str:
    """Show a figure with its interval, or `n/a` with the reason."""
    why = reason(figures, at, scheme)
    value, low, high, spread = (array[at] for array in (figures.value, figures.low, figures.high, figures.spread))
    if np.isnan(value):
        return f"n/a: {why}"
    shown = Estimate(value, low, high, reason=why, exact=bool(figures.exact[at]))
    return str(shown) if np.isnan(spread) else f"{value:.3f} ± {spread:.3f} {shown.ends}"


def starred(rows: Sequence[Sequence[str]], unit: str, note: str = "") -> str:
    """Add to a table's note what stars mean, if there are any."""
    if not any(cell.endswith("]*") for row in rows for cell in row):
        return note
    return "; ".join([*([note] if note else []), EXACT.format(unit)])


def show(estimate: Estimate) -> str:
    """Show a figure with its interval; `n/a` where there is none."""
    return "n/a" if np.isnan(estimate.value) else str(estimate)


def show_p(p: float) -> str:
    """Show a p-value."""
    return "n/a" if np.isnan(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"

"""What an evaluation says, as flat records (for CSV and JSON) and as sheets (for people)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

import numpy as np

from framing.evaluate.bootstrap import Estimate
from framing.evaluate.columns import FloatArray
from framing.evaluate.errors import KINDS, SpanError
from framing.evaluate.evaluation import FIGURES, Comparison, Evaluation, Figures
from framing.evaluate.schemes import OUTCOMES, SEMEVAL
from framing.evaluate.sentences import right_sentences
from framing.evaluate.significance import holm, mcnemar

_F1: Final = FIGURES.index("f1")
_ONE_CLUSTER: Final = "one cluster"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table for people: the first column names the rows; `note` says what must be known to read it."""

    title: str
    head: list[str]
    rows: list[list[str]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """All that was computed.

    Attributes:
        evaluation: the counts.
        overall: figures of all documents.
        comparisons: a pair of systems each.
        slices: for each field its parts with their figures.
        errors: each system's errors, a list a run; empty in a task of sentences.
        notes: what was left out or counted as nothing.
    """

    evaluation: Evaluation
    overall: Figures
    comparisons: list[Comparison]
    slices: Mapping[str, Mapping[str, Figures]]
    errors: Mapping[str, list[list[SpanError]]]
    notes: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The systems."""
        return list(self.evaluation.systems)

    def records(self) -> Iterator[dict[str, Any]]:
        """Give every figure with its interval, or the reason why there is none."""
        yield from self._records(self.overall, "", "all")
        for by, parts in self.slices.items():
            for part, figures in parts.items():
                yield from self._records(figures, by, part)

    def _records(self, figures: Figures, by: str, part: str) -> Iterator[dict[str, Any]]:
        evaluation = self.evaluation
        for system, name in enumerate(self.names):
            for scheme, scheme_name in enumerate(evaluation.schemes):
                for row, label in enumerate(evaluation.rows):
                    for figure, figure_name in [(_F1, "accuracy")] if scheme_name == "voice" else enumerate(FIGURES):
                        at = system, scheme, row, figure
                        yield {
                            "system": name,
                            "by": by,
                            "part": part,
                            "scheme": scheme_name,
                            "label": label,
                            "figure": figure_name,
                            "value": _plain(figures.value[at]),
                            "low": _plain(figures.low[at]),
                            "high": _plain(figures.high[at]),
                            "sd": _plain(figures.spread[at]),
                            "gold": int(figures.gold[row]),
                            "predicted": _plain(figures.predicted[system, row]),
                            "reason": _reason(figures, at, scheme_name),
                        }

    def differences(self) -> Iterator[dict[str, Any]]:
        """Give the difference of F1 of each pair of systems by scheme and row."""
        for pair in self.comparisons:
            for scheme, scheme_name in enumerate(self.evaluation.schemes):
                for row, label in enumerate(self.evaluation.rows):
                    yield {
                        "first": self.names[pair.first],
                        "second": self.names[pair.second],
                        "scheme": scheme_name,
                        "label": label,
                        **{
                            name: _plain(getattr(pair, name)[scheme, row])
                            for name in ("value", "low", "high", "p", "p_holm")
                        },
                    }

    def outcomes(self) -> Iterator[dict[str, Any]]:
        """Give the outcomes of SemEval-2013's schemes: of each run, scheme and type."""
        total = self.evaluation.outcomes.sum(axis=0)
        runs = [(name, run.source) for name, runs in self.evaluation.systems.items() for run in runs]
        for number, (name, source) in enumerate(runs):
            for scheme, scheme_name in enumerate(SEMEVAL):
                for row, label in enumerate(self.evaluation.rows[:-1]):
                    numbers = {key: int(value) for key, value in zip(OUTCOMES, total[number, scheme, row], strict=True)}
                    yield {"system": name, "run": source, "scheme": scheme_name, "label": label, **numbers}

    def sheets(self) -> list[Sheet]:
        """Give the tables in the order in which they are read."""
        made = [self._overall(), self._by_type()]
        if self.comparisons:
            made.append(self._differences())
            if self.evaluation.schemes == ("sentences",):
                made.append(self._mcnemar())
        made += [self._slice(by, parts) for by, parts in self.slices.items()]
        if self.errors:
            made.append(self._errors())
        return made

    def _overall(self) -> Sheet:
        evaluation, figures = self.evaluation, self.overall
        shown = [(scheme, "micro") for scheme in evaluation.schemes] + [(evaluation.schemes[0], "macro")]
        rows = []
        for scheme, row in shown:
            number, at = evaluation.schemes.index(scheme), evaluation.rows.index(row)
            name = "voice, accuracy" if scheme == "voice" else f"{scheme}, {row}"
            if len(self.names) == 1:
                columns = [_F1] if scheme == "voice" else range(len(FIGURES))
                cells = [cell(figures, (0, number, at, figure), scheme) for figure in columns]
                rows.append([name, *[""] * (len(FIGURES) - len(cells)), *cells])
            else:
                systems = range(len(self.names))
                rows.append([name, *(cell(figures, (system, number, at, _F1), scheme) for system in systems)])
        head = ["precision", "recall", "F1"] if len(self.names) == 1 else self.names
        title = "All types" if len(self.names) == 1 else "F1, all types"
        return Sheet(title, ["", *head], rows, self._basis())

    def _basis(self) -> str:
        evaluation = self.evaluation
        several = [
            f"{name}: mean of {len(runs)} runs ± their standard deviation; intervals draw runs, too"
            for name, runs in evaluation.systems.items()
            if len(runs) > 1
        ]
        basis = (
            f"95% intervals: BCa bootstrap over {self.overall.clusters:,} clusters of {self.overall.documents:,} "
            f"documents, {evaluation.draws:,} draws, seed {evaluation.seed}"
        )
        return ". ".join([basis, *several])

    def _by_type(self) -> Sheet:
        evaluation, figures = self.evaluation, self.overall
        scheme = evaluation.schemes[0]
        single = len(self.names) == 1
        rows = []
        for row, label in enumerate(evaluation.rows):
            cells = (
                [(0, 0, row, figure) for figure in range(3)]
                if single
                else [(n, 0, row, _F1) for n in range(len(self.names))]
            )
            rows.append([label, f"{figures.gold[row]:,.0f}", *(cell(figures, at, scheme) for at in cells)])
        head = ["precision", "recall", "F1"] if single else self.names
        title = f"By type, {scheme}" if single else f"F1 by type, {scheme}"
        return Sheet(title, ["", "gold", *head], rows, "macro: the mean over the types that have the figure")

    def _differences(self) -> Sheet:
        evaluation = self.evaluation
        shown = [(scheme, "micro") for scheme in evaluation.schemes] + [(evaluation.schemes[0], "macro")]
        rows = []
        for scheme, row in shown:
            number, at = evaluation.schemes.index(scheme), evaluation.rows.index(row)
            for pair in self.comparisons:
                value, low, high = (array[number, at] for array in (pair.value, pair.low, pair.high))
                rows.append(
                    [
                        f"{scheme}, {row}",
                        f"{self.names[pair.first]} - {self.names[pair.second]}",
                        "n/a: no figure" if np.isnan(value) else str(Estimate(value, low, high)),
                        show_p(pair.p[number, at]),
                        show_p(pair.p_holm[number, at]),
                    ]
                )
        note = (
            f"p: paired approximate randomization over clusters, {evaluation.draws:,} rounds; Holm: corrected for "
            f"{len(self.comparisons)} pairs of systems"
        )
        if any(np.isnan(pair.p).all() for pair in self.comparisons):
            note += "; n/a where systems have different numbers of runs, which can't be paired"
        return Sheet("Differences of F1", ["", "systems", "difference", "p", "p (Holm)"], rows, note)

    def _mcnemar(self) -> Sheet:
        evaluation = self.evaluation
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

    def _slice(self, by: str, parts: Mapping[str, Figures]) -> Sheet:
        evaluation = self.evaluation
        scheme, row = evaluation.schemes[0], evaluation.rows.index("micro")
        rows = [
            [
                part,
                f"{figures.documents:,}",
                f"{figures.gold[row]:,.0f}",
                *(cell(figures, (system, 0, row, _F1), scheme) for system in range(len(self.names))),
            ]
            for part, figures in parts.items()
        ]
        return Sheet(f"F1 by {by}, {scheme}, micro", ["", "documents", "gold", *self.names], rows)

    def _errors(self) -> Sheet:
        rows = []
        for kind, meaning in KINDS.items():
            numbers = [[sum(error.kind == kind for error in run) for run in runs] for runs in self.errors.values()]
            rows.append([kind, *(f"{np.mean(number):,.4g}" for number in numbers), meaning])
        note = "Spans are paired whatever their type; counts (of several runs, their mean)"
        return Sheet("Errors", ["", *self.errors, "meaning"], rows, note)


def cell(figures: Figures, at: tuple[int, int, int, int], scheme: str) -> str:
    """Show a figure with its interval, or `n/a` with the reason."""
    reason = _reason(figures, at, scheme)
    value, low, high, spread = (array[at] for array in (figures.value, figures.low, figures.high, figures.spread))
    if np.isnan(value):
        return f"n/a: {reason}"
    ends = f"[n/a: {reason}]" if reason else f"[{low:.3f}, {high:.3f}]"
    return f"{value:.3f} {ends}" if np.isnan(spread) else f"{value:.3f} ± {spread:.3f} {ends}"


def show_p(p: float) -> str:
    """Show a p-value."""
    return "n/a" if np.isnan(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"


def _reason(figures: Figures, at: tuple[int, int, int, int], scheme: str) -> str:
    """Say why there is no figure or no interval; nothing where there are both."""
    _, _, row, figure = at
    if not np.isnan(figures.value[at]):
        return _ONE_CLUSTER if np.isnan(figures.low[at]) else ""
    if not figures.gold[row] and (figure != FIGURES.index("precision") or scheme == "voice"):
        return "no gold"
    return "no matched span with a voice" if scheme == "voice" else "nothing found"


def _plain(number: float | FloatArray) -> float | None:
    return None if np.isnan(number) else round(float(number), 6)

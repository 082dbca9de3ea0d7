"""What an evaluation found, as flat records: every figure with its interval, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from framing.evaluate.columns import FloatArray
from framing.evaluate.errors import SpanError
from framing.evaluate.evaluation import FIGURES, Comparison, Evaluation, Figures
from framing.evaluate.reliability import Reliability
from framing.evaluate.schemes import OUTCOMES, SEMEVAL

_F1: Final = FIGURES.index("f1")


@dataclass(frozen=True, slots=True)
class Results:
    """All that was computed.

    Attributes:
        evaluation: the counts.
        overall: figures of all documents.
        comparisons: a pair of systems each.
        slices: for each field its parts with their figures.
        errors: each system's errors, a list a run.
        scheme: the scheme of what is shown by type and by part.
        notes: what was left out or counted as nothing.
        calibration: of the systems whose spans have scores, how far these can be trusted.
    """

    evaluation: Evaluation
    overall: Figures
    comparisons: list[Comparison]
    slices: Mapping[str, Mapping[str, Figures]]
    errors: Mapping[str, list[list[SpanError]]]
    scheme: str
    notes: list[str] = field(default_factory=list)
    calibration: Mapping[str, list[Reliability]] = field(default_factory=dict)

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
                            "clusters": figures.clusters,
                            "predicted": _plain(figures.predicted[system, row]),
                            "interval": _method(figures, at),
                            "reason": reason(figures, at, scheme_name),
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

    def calibrations(self) -> Iterator[dict[str, Any]]:
        """Give the calibration of each system's scores, of all types and of each."""
        for name, found in self.calibration.items():
            yield from ({"system": name, **one.to_record()} for one in found)

    def outcomes(self) -> Iterator[dict[str, Any]]:
        """Give the outcomes of SemEval-2013's schemes: of each run, scheme and type."""
        total = self.evaluation.outcomes.sum(axis=0)
        runs = [(name, run.source) for name, runs in self.evaluation.systems.items() for run in runs]
        for number, (name, source) in enumerate(runs):
            for scheme, scheme_name in enumerate(SEMEVAL):
                for row, label in enumerate(self.evaluation.rows[:-1]):
                    numbers = {key: int(value) for key, value in zip(OUTCOMES, total[number, scheme, row], strict=True)}
                    yield {"system": name, "run": source, "scheme": scheme_name, "label": label, **numbers}


def reason(figures: Figures, at: tuple[int, int, int, int], scheme: str) -> str:
    """Say why there is no figure or no interval at [system, scheme, row, figure]; nothing where there are both."""
    _, _, row, figure = at
    if not np.isnan(figures.value[at]):
        return "one cluster" if np.isnan(figures.low[at]) else ""
    if not figures.gold[row] and (figure != FIGURES.index("precision") or scheme == "voice"):
        return "no gold"
    return "no matched span with a voice" if scheme == "voice" else "nothing found"


def _method(figures: Figures, at: tuple[int, int, int, int]) -> str:
    """Say of which kind an interval is."""
    return "" if np.isnan(figures.low[at]) else "exact" if figures.exact[at] else "bca"


def _plain(number: float | FloatArray) -> float | None:
    return None if np.isnan(number) else round(float(number), 6)

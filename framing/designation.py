"""Who is called a terrorist by whom, and is it a law or a label: the record on each terrorist designation.

Kind and authority come from rules (`framing.designation_rules`). Target and source are chosen among the phrases around
(`framing.roles`) by a log-linear ranker, whose weights are plain numbers in a file of the model folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

from framing.designation_rules import designated
from framing.errors import ModelError
from framing.roles import ROLES, Candidate, Surroundings, scores
from framing.spans import CueSpan, Designation

LABEL: Final = "terrorist_designation"
"""The cue type whose spans get a record."""

FILE: Final = "designation.json"
"""The file of a model folder that holds the ranker's weights: `{"weights": {feature: number}}`."""


class Designator:
    """Writes the record of each designation in a text."""

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        """Take the ranker's weights, by `ROLE FEATURE`; without them targets and sources stay unknown."""
        self.weights = weights or {}
        self._by_role = {
            role: {
                feature.removeprefix(f"{role} "): weight
                for feature, weight in self.weights.items()
                if feature.startswith(f"{role} ")
            }
            for role in ROLES
        }

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        """Read a model folder's weights, if it has some; raises `ModelError` when they can't be read."""
        path = folder / FILE
        if not path.exists():
            return cls()
        try:
            weights = json.loads(path.read_text(encoding="utf-8"))["weights"]
            return cls({str(feature): float(weight) for feature, weight in weights.items()})
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelError(f"{path}: not the weights of a designation ranker; export the model again") from error

    def designate(self, text: str, spans: Sequence[CueSpan]) -> list[CueSpan]:
        """Give the spans, those of `terrorist_designation` with their record.

        Args:
            text: the whole text.
            spans: the cues found in it.
        """
        ours = [span for span in spans if span.label == LABEL]
        if not ours:
            return list(spans)
        surroundings = Surroundings(text, ours)
        return [
            replace(span, designation=self._record(span, surroundings)) if span.label == LABEL else span
            for span in spans
        ]

    def _record(self, span: CueSpan, surroundings: Surroundings) -> Designation:
        kind, authority = designated(surroundings.text, span.start, span.end)
        if not self.weights:
            return Designation(kind, authority)
        rows = surroundings.candidates(span, kind)
        target, source = (self._best(rows[role], role) for role in ROLES)
        return Designation(kind, authority, target, source)

    def _best(self, rows: Sequence[Candidate], role: str) -> tuple[int, int] | None:
        found = scores(rows, self._by_role[role])
        return rows[found.index(max(found))].range

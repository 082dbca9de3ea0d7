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
from framing.quotations import Quotation, quotations
from framing.roles import candidates
from framing.spans import CueSpan, Designation
from framing.voice import voice_of

LABEL: Final = "terrorist_designation"
"""The cue type whose spans get a record."""

FILE: Final = "designation.json"
"""The file of a model folder that holds the ranker's weights: `{"weights": {feature: number}}`."""


class Designator:
    """Writes the record of each designation in a text."""

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        """Take the ranker's weights; without them targets and sources stay unknown."""
        self.weights = weights or {}

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
        marks = quotations(text)
        return [
            replace(span, designation=self._record(text, span, marks, ours)) if span.label == LABEL else span
            for span in spans
        ]

    def _record(self, text: str, span: CueSpan, marks: Sequence[Quotation], ours: Sequence[CueSpan]) -> Designation:
        kind, authority = designated(text, span.start, span.end)
        if not self.weights:
            return Designation(kind, authority)
        voice = span.voice or voice_of(text, span.start, span.end, marks)
        others = [other for other in ours if other is not span]
        target, source = (self._best(text, span, role, kind, voice, marks, others) for role in ("target", "source"))
        return Designation(kind, authority, target, source)

    def _best(
        self,
        text: str,
        span: CueSpan,
        role: str,
        kind: str,
        voice: str,
        marks: Sequence[Quotation],
        others: Sequence[CueSpan],
    ) -> tuple[int, int] | None:
        rows = candidates(text, span, role, kind=kind, voice=voice, marks=marks, others=others)
        return max(rows, key=lambda row: sum(self.weights.get(feature, 0.0) for feature in row.features)).range

"""Texts to score, as requests ask for them, through one scorer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from framing.scorer import ScoredDocument, Scorer
from framing.serve.levels import THRESHOLDS, levels_record
from framing.spans import Document


@dataclass(frozen=True, slots=True)
class Choices:
    """What a request wants to know, as on the command line: `--threshold`, `--cue`, `--keep-text`.

    Attributes:
        threshold: the lowest score for all types, None for the model's own.
        cues: the types to report, None for all.
        keep_text: whether the answer holds the text.
        levels: whether it also holds what would be found at other thresholds.
    """

    threshold: float | None = None
    cues: tuple[str, ...] | None = None
    keep_text: bool = False
    levels: bool = False

    def scorer(self, scorer: Scorer) -> Scorer:
        """Give a scorer that decides so; raises `InputError`."""
        if self.threshold is None and self.cues is None:
            return scorer
        threshold = scorer.threshold if self.threshold is None else self.threshold
        cues = [cue.name for cue in scorer.cues] if self.cues is None else self.cues
        return scorer.with_choices(threshold=threshold, cues=cues)

    def record(self, scored: ScoredDocument, levels: dict[str, Any] | None) -> dict[str, Any]:
        """Give the answer."""
        record = scored.to_record("text" if self.keep_text else None)
        return record if levels is None else record | {"levels": levels}


Job = tuple[Document, Choices]


def score_jobs(scorer: Scorer, jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """Score jobs together and give their records; those that choose alike share the model's batches."""
    records = []
    for choices, group in groupby(jobs, key=lambda job: job[1]):
        documents = [document for document, _ in group]
        chosen = choices.scorer(scorer)
        for document, scored in zip(documents, chosen.score_many(documents), strict=True):
            levels = None
            if choices.levels:
                levels = levels_record(document.text, chosen.score_levels(document, THRESHOLDS))
            records.append(choices.record(scored, levels))
    return records

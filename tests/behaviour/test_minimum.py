"""Minimum functionality: capability by cue type, each case as small as it can be (CheckList, Ribeiro et al. 2020)."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from bars import Judge
from markup import Passage, parse

from framing.scorer import Scorer
from framing.spans import CueSpan

CASES = yaml.safe_load((Path(__file__).parent / "minimum.yaml").read_text(encoding="utf-8"))


def passes(passage: Passage, found: tuple[CueSpan, ...]) -> bool:
    """Every cue is found with its ends, and its voice if the case names one; no decoy is touched by its type."""
    hits = all(
        any(
            (span.start, span.end, span.label) == (cue.start, cue.end, cue.label) and cue.voice in (None, span.voice)
            for span in found
        )
        for cue in passage.cues
    )
    return hits and not any(
        span.label == decoy.label and span.overlaps(decoy) for decoy in passage.decoys for span in found
    )


@pytest.mark.parametrize("capability", CASES)
def test_minimum_functionality(capability: str, scorer: Scorer, judge: Judge) -> None:
    passed: dict[str, list[bool]] = {
        label: [passes(passage, scorer.score(passage.text).spans) for passage in map(parse, cases)]
        for label, cases in CASES[capability].items()
    }
    every = [one for results in passed.values() for one in results]
    detail = ", ".join(f"{label} {sum(results)}/{len(results)}" for label, results in passed.items())
    judge(f"MFT {capability}", sum(every) / len(every), detail)

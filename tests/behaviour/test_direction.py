"""Directional expectations: words added or taken away move the expected number of cues up or down."""

from __future__ import annotations

from pathlib import Path

import yaml
from bars import Judge

from framing.scorer import Scorer

CASES = yaml.safe_load((Path(__file__).parent / "direction.yaml").read_text(encoding="utf-8"))
LEAST = 0.05
"""The change of the expected count that we call a movement."""


def test_directions(scorer: Scorer, judge: Judge) -> None:
    right, wrong = 0, []
    for label, directions in CASES.items():
        for direction, pairs in directions.items():
            for pair in pairs:
                before, after = (scorer.score(text).profile["cues"][label]["expected"] for text in pair)
                if (after - before if direction == "up" else before - after) >= LEAST:
                    right += 1
                else:
                    wrong.append(pair[1])
    judge("DIR expected count moves as it must", right / (right + len(wrong)), f"wrong: {' / '.join(wrong[:3])}")

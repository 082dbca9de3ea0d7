"""Invariance: sides can be swapped; passages may come in other marks, capitals, blanks, entities or scanned print."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from bars import Judge, Presence
from markup import Passage, parse
from rewrites import REWRITES, Rewrite, rewritten

from framing.evaluate.spans import count, micro
from framing.io.jsonl import read_documents
from framing.model import Model
from framing.scorer import Scorer
from framing.spans import CueSpan, Document

SYMMETRY: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "symmetry.yaml").read_text(encoding="utf-8"))
FILLINGS = len(SYMMETRY["sides"]["country"])


def filled(template: str, side: int) -> Passage:
    """Fill a template's slots; `{leader.2}` is the side two places after the one of `{leader}`."""
    for name, names in SYMMETRY["sides"].items():
        template = template.replace(f"{{{name}}}", names[side])
        template = template.replace(f"{{{name}.2}}", names[(side + 2) % FILLINGS])
    assert "{" not in template, template
    return parse(template[0].upper() + template[1:])


@pytest.fixture(scope="module")
def documents(examples: Path) -> list[Document]:
    """All passages that no model is taught: the held-out ones and the templates, each filled once."""
    once = [filled(template, number % FILLINGS) for number, template in enumerate(SYMMETRY["templates"])]
    held_out = [read_documents(examples / name) for name in ("held-out.jsonl", "designations.jsonl")]
    return [*chain(*held_out), *(Document(f"t{number}", one.text, one.cues) for number, one in enumerate(once))]


def test_symmetry(presence: Presence, model: Model, judge: Judge) -> None:
    assert len(SYMMETRY["templates"]) * FILLINGS == 300
    thresholds = dict(zip((cue.name for cue in model.info.cues), model.info.calibration.thresholds, strict=True))
    changes, flips = [], []
    for template in SYMMETRY["templates"]:
        passages = [filled(template, side) for side in range(FILLINGS)]
        watched = [(*passage.cues, *passage.decoys) for passage in passages]
        first, *others = (presence(passage.text, spans) for passage, spans in zip(passages, watched, strict=True))
        for side, other in enumerate(others, start=1):
            for span, before, after in zip(watched[side], first, other, strict=True):
                changes.append(abs(after - before))
                threshold = thresholds[span.label]
                if (before >= threshold) != (after >= threshold):
                    flips.append(passages[side].text[span.start : span.end])
    judge("INV symmetry: mean change", sum(changes) / len(changes), f"over {len(changes)} swaps")
    judge("INV symmetry: decisions that flip", len(flips) / len(changes), "; ".join(flips[:6]))


class Scored:
    """F1 of rewritten documents; a text that a rewrite leaves as it was is scored once."""

    def __init__(self, scorer: Scorer, documents: list[Document]) -> None:
        self.scorer = scorer
        self.documents = documents
        self.found: dict[str, tuple[CueSpan, ...]] = {}

    def f1(self, rewrite: Rewrite) -> float:
        """Give the strict micro F1 in points."""
        changed = [rewritten(document, rewrite) for document in self.documents]
        for document in changed:
            if document.text not in self.found:
                self.found[document.text] = self.scorer.score(document.text).spans
        predicted = [self.found[document.text] for document in changed]
        labels = [cue.name for cue in self.scorer.cues]
        return 100 * micro(count([one.spans for one in changed], predicted, labels, strict=True).values()).f1


@pytest.fixture(scope="module")
def scored(scorer: Scorer, documents: list[Document]) -> Scored:
    return Scored(scorer, documents)


@pytest.mark.parametrize("name", REWRITES)
def test_robustness(name: str, scored: Scored, judge: Judge) -> None:
    before, after = scored.f1(list), scored.f1(REWRITES[name])
    judge(f"INV {name}: F1 points lost", max(0.0, before - after), f"{before:.1f} to {after:.1f}")

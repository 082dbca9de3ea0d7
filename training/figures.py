"""Dev figures of a calibrated model, with intervals, and the cross-fitted ones beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from framing.cues import Cue
from framing.decode import Calibration, RuleOpinion, WindowLogits, decode, unit_probabilities
from framing.evaluate.bootstrap import Estimate, f1_table
from framing.evaluate.spans import voice_accuracy
from framing.spans import CueSpan, Document
from framing.tokens import TokenizedText
from training.calibrate import calibrate, expected_ratio


def articles(documents: Sequence[Document]) -> list[str]:
    """Give each document's article, the unit of resampling; a document without one is its own."""
    return [str(document.meta.get("article") or document.id) for document in documents]


def dev_figures(
    documents: Sequence[Document],
    texts: Sequence[TokenizedText],
    logits: Sequence[WindowLogits],
    cues: Sequence[Cue],
    calibration: Calibration,
    rules: Sequence[RuleOpinion | None] = (),
) -> dict[str, Any]:
    """Give strict and overlap F1 by type with 95% intervals over articles, voice accuracy and expected counts.

    Thresholds were chosen on the same documents, which flatters the figures a little; `cross_fitted` chooses them on
    one half of the articles and scores the other, both ways.
    """
    labels = [cue.name for cue in cues]
    gold = [document.spans for document in documents]
    found = [_decode(text, values, cues, calibration) for text, values in zip(texts, logits, strict=True)]
    owners = articles(documents)
    right, matched = voice_accuracy(gold, found)
    crossed = cross_fit(documents, texts, logits, cues, rules) if len(set(owners)) > 1 else None
    return {
        "documents": len(documents),
        "articles": len(set(owners)),
        "spans": sum(map(len, gold)),
        "f1": _plain(f1_table(owners, gold, found, labels)),
        "cross_fitted": None if crossed is None else _plain(f1_table(owners, gold, crossed, labels))["micro"],
        "voice_accuracy": round(right / matched, 4) if matched else None,
        "matched_spans": matched,
        "expected_over_gold": {
            label: round(ratio, 3)
            for label, ratio in expected_ratio(documents, texts, logits, cues, calibration).items()
        },
    }


def _decode(text: TokenizedText, values: WindowLogits, cues: Sequence[Cue], calibration: Calibration) -> list[CueSpan]:
    return decode(text, unit_probabilities(text, *values, calibration), cues, calibration.thresholds)


def cross_fit(
    documents: Sequence[Document],
    texts: Sequence[TokenizedText],
    logits: Sequence[WindowLogits],
    cues: Sequence[Cue],
    rules: Sequence[RuleOpinion | None],
) -> list[list[CueSpan]]:
    """Decode each half of the articles with thresholds and temperatures that were chosen on the other."""
    owners = articles(documents)
    half = {owner: number % 2 for number, owner in enumerate(sorted(set(owners)))}
    found: list[list[CueSpan]] = [[] for _ in documents]
    for part in (0, 1):
        here = [row for row, owner in enumerate(owners) if half[owner] == part]
        there = [row for row, owner in enumerate(owners) if half[owner] != part]
        fitted = calibrate(
            [documents[row] for row in there],
            [texts[row] for row in there],
            [logits[row] for row in there],
            cues,
            rules,
        )
        for row in here:
            found[row] = _decode(texts[row], logits[row], cues, fitted)
    return found


def _plain(table: dict[str, dict[str, Estimate]]) -> dict[str, dict[str, list[float]]]:
    """Give `[value, low, high]` for JSON."""
    return {
        label: {name: [round(figure, 4) for figure in (e.value, e.low, e.high)] for name, e in row.items()}
        for label, row in table.items()
    }

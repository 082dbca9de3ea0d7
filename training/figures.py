"""Dev figures of a calibrated model, with intervals, and the cross-fitted ones beside them."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Any

from framing.calibration.fit import calibrate, expected_ratio
from framing.cues import Cue
from framing.decode import Calibration, RuleOpinion, WindowLogits, decode, unit_probabilities
from framing.designation import Designator
from framing.evaluate.bootstrap import Estimate, f1_table
from framing.evaluate.designations import designation_table
from framing.evaluate.sentences import sentence_counts, sentence_table
from framing.evaluate.spans import voice_accuracy
from framing.spans import CueSpan, Document
from framing.tokens import SENTENCES, TokenizedText


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
    designator: Designator | None = None,
) -> dict[str, Any]:
    """Give strict and overlap F1 by type with 95% intervals over articles, voice accuracy and expected counts.

    A figure that dev can't give, as of a type that it lacks, is None. With a designator `designations` has the figures
    of `framing.evaluate.designations`. A task of sentences has `sentences` as well: precision, recall and F1 of each
    label, and macro F1.

    Thresholds were chosen on the same documents, which flatters the figures a little; `cross_fitted` chooses them on
    one half of the articles and scores the other, both ways.
    """
    labels = [cue.name for cue in cues]
    gold = [document.spans for document in documents]
    found = [_decode(text, values, cues, calibration) for text, values in zip(texts, logits, strict=True)]
    if designator is not None:
        found = [designator.designate(text.text, spans) for text, spans in zip(texts, found, strict=True)]
    owners = articles(documents)
    right, matched = voice_accuracy(gold, found)
    crossed = cross_fit(documents, texts, logits, cues, rules) if len(set(owners)) > 1 else None
    whole = texts and texts[0].task == SENTENCES
    return {
        **({"sentences": sentence_figures(documents, texts, found, cues, crossed)} if whole else {}),
        "documents": len(documents),
        "articles": len(set(owners)),
        "spans": sum(map(len, gold)),
        "f1": _plain(f1_table(owners, gold, found, labels)),
        "cross_fitted": None if crossed is None else _plain(f1_table(owners, gold, crossed, labels))["micro"],
        "voice_accuracy": round(right / matched, 4) if matched else None,
        "matched_spans": matched,
        "designations": {
            name: estimate and _triple(estimate) for name, estimate in designation_table(owners, gold, found).items()
        },
        "expected_over_gold": {
            label: round(ratio, 3)
            for label, ratio in expected_ratio(documents, texts, logits, cues, calibration).items()
        },
    }


def sentence_figures(
    documents: Sequence[Document],
    texts: Sequence[TokenizedText],
    found: Sequence[Sequence[CueSpan]],
    cues: Sequence[Cue],
    crossed: Sequence[Sequence[CueSpan]] | None = None,
) -> dict[str, Any]:
    """Give precision, recall and F1 by label and macro F1, as `[value, low, high]`, and the number of sentences."""
    labels = [cue.name for cue in cues]
    gold = [document.spans for document in documents]
    numbers = [len(text.units) for text in texts]
    owners = articles(documents)
    table = sentence_table(sentence_counts(owners, gold, found, labels, numbers))
    rows = {
        label: {name: _triple(table[name][row]) for name in ("precision", "recall", "f1")}
        for row, label in enumerate([*labels, "micro"])
    }
    over = None if crossed is None else sentence_table(sentence_counts(owners, gold, crossed, labels, numbers))["macro"]
    return {
        "number": sum(numbers),
        "labels": rows,
        "macro_f1": _triple(table["macro"][0]),
        "cross_fitted_macro_f1": None if over is None else _triple(over[0]),
    }


def headline(figures: dict[str, Any]) -> tuple[str, list[float] | None]:
    """Give the name of a model's main figure on dev, and it with its interval; None where dev has no labels."""
    if "sentences" in figures:
        return "macro F1", figures["sentences"]["macro_f1"]
    return "strict micro F1", figures["f1"]["micro"]["strict"]


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


def _plain(table: dict[str, dict[str, Estimate]]) -> dict[str, dict[str, list[float] | None]]:
    """Give `[value, low, high]` for JSON."""
    return {label: {name: _triple(estimate) for name, estimate in row.items()} for label, row in table.items()}


def interval(figure: Sequence[float] | None) -> str:
    """Show a figure with its interval."""
    return "no figure" if figure is None else f"{figure[0]:.3f} [{figure[1]:.3f}, {figure[2]:.3f}]"


def _triple(estimate: Estimate) -> list[float] | None:
    if isnan(estimate.value):
        return None
    return [round(figure, 4) for figure in (estimate.value, estimate.low, estimate.high)]

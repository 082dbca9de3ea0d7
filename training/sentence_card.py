"""The figures of a sentences model in its card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from framing.cues import Cue
from framing.decode import Calibration
from training.figures import interval


def sentence_figures(facts: dict[str, Any], calibration: Calibration, cues: Sequence[Cue]) -> str:
    """Write the section of the figures on dev, from what `framing.json` holds."""
    dev = facts["figures"]["dev"]
    found = dev["sentences"]
    thresholds = {cue.name: f"{value:.2f}" for cue, value in zip(cues, calibration.thresholds, strict=True)}
    table = "\n".join(
        f"| {label} | {interval(row['precision'])} | {interval(row['recall'])} | {interval(row['f1'])} | "
        f"{_ratio(dev['expected_over_gold'], label)} | {thresholds.get(label, '-')} |"
        for label, row in found["labels"].items()
    )
    binary = "the label and its absence" if len(cues) == 1 else "labels"
    crossed = found["cross_fitted_macro_f1"]
    honest = (
        "There were too few articles to fit the calibration on some and score others."
        if crossed is None
        else "With calibration fitted on one half of the articles and scored on the other, both ways, macro F1 is\n"
        f"{interval(crossed)}."
    )
    return f"""## Figures on dev

{found["number"]:,} sentences of {dev["documents"]:,} documents ({dev["articles"]:,} articles) with {dev["spans"]:,}
labels; 95% bootstrap intervals over articles (2,000 draws, seed 0).

Macro F1, the mean over {binary}: **{interval(found["macro_f1"])}**

| label | precision | recall | F1 | expected / gold count | threshold |
| --- | --- | --- | --- | --- | --- |
{table}

Early stopping, temperatures and thresholds used the same dev documents, which flatters the table.
{honest}

{parity_text(facts["figures"]["parity"], "micro F1")}"""


def parity_text(parity: dict[str, Any], figure: str) -> str:
    """Say how far the exported graphs are from PyTorch, in the figure by which the task is judged."""
    return f"""Parity on {parity["documents"]} dev documents: PyTorch, ONNX in floats and ONNX in int8 reach {figure}
{parity["torch"]["strict_f1"]:.4f}, {parity["float"]["strict_f1"]:.4f} and {parity["int8"]["strict_f1"]:.4f}.
The largest difference of any probability from PyTorch's is
{parity["float"]["largest_probability_difference"]:.1e} in floats and
{parity["int8"]["largest_probability_difference"]:.3f} in int8. On all of dev:
{parity["whole_dev"]["float_strict_f1"]:.4f} in floats, {parity["whole_dev"]["int8_strict_f1"]:.4f} in int8."""


def _ratio(ratios: dict[str, float], label: str) -> str:
    return f"{ratios[label]:.2f}" if label in ratios else "-"

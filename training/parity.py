"""How far an exported graph is from PyTorch, on the dev documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import torch

from framing.cues import Cue
from framing.decode import Calibration, WindowLogits, decode, unit_probabilities
from framing.evaluate.spans import count, micro
from framing.spans import CueSpan, Document
from framing.tokens import TokenizedText, WindowTokenizer
from training.graph import OUTPUTS
from training.tagger import CueTagger
from training.tasks import TASKS

PARITY_DOCUMENTS: Final = 200


@dataclass(frozen=True, slots=True)
class Dev:
    """The dev documents of a run, tokenized."""

    documents: list[Document]
    texts: list[TokenizedText]
    cues: tuple[Cue, ...]

    def spans(self, logits: Sequence[WindowLogits], calibration: Calibration) -> list[list[CueSpan]]:
        """Decode logits of the first `len(logits)` documents."""
        return [
            decode(text, unit_probabilities(text, *values, calibration), self.cues, calibration.thresholds)
            for text, values in zip(self.texts, logits, strict=False)
        ]

    def strict_f1(self, logits: Sequence[WindowLogits], calibration: Calibration) -> float:
        """Give strict micro F1 on the first `len(logits)` documents."""
        found = self.spans(logits, calibration)
        gold = [document.spans for document in self.documents[: len(found)]]
        return micro(count(gold, found, [cue.name for cue in self.cues], strict=True).values()).f1


def torch_logits(
    tagger: CueTagger, dev: Dev, tokenizer: WindowTokenizer, pad_id: int, number: int
) -> list[WindowLogits]:
    """Run the first documents through PyTorch, one at a time."""
    labels, task = [cue.name for cue in dev.cues], TASKS[tokenizer.task]
    collate = task.collator(len(labels), pad_id)
    lead = len(tokenizer.prefix)
    results: list[WindowLogits] = []
    for document, text in list(zip(dev.documents, dev.texts, strict=True))[:number]:
        values: WindowLogits = ([], [])
        for row, window in zip(task.dataset([document], tokenizer, labels)[0], text.windows, strict=True):
            batch = collate([row])
            with torch.inference_mode():
                output = tagger(batch["input_ids"], batch["attention_mask"], batch["features"])
            for found, name in zip(values, OUTPUTS, strict=True):
                found.append(output[name][0, lead : lead + window.end - window.start].numpy())
        results.append(values)
    return results


def largest_difference(
    one: Sequence[WindowLogits], other: Sequence[WindowLogits], dev: Dev, calibration: Calibration
) -> float:
    """Give the largest difference between two models' probabilities on any unit of any document."""
    found = 0.0
    for text, ours, theirs in zip(dev.texts, one, other, strict=False):
        mine, its = (unit_probabilities(text, *values, calibration) for values in (ours, theirs))
        if len(text.units):
            found = max(found, float(np.abs(mine.cues - its.cues).max()))
            if mine.voices is not None and its.voices is not None:
                found = max(found, float(np.abs(mine.voices - its.voices).max()))
    return found


def parity(
    tagger: CueTagger,
    dev: Dev,
    tokenizer: WindowTokenizer,
    pad_id: int,
    exact: list[WindowLogits],
    compact: list[WindowLogits],
    calibration: Calibration,
) -> dict[str, Any]:
    """Compare PyTorch, ONNX in floats and ONNX in int8 on the first dev documents."""
    number = min(PARITY_DOCUMENTS, len(dev.documents))
    small = replace(dev, documents=dev.documents[:number], texts=dev.texts[:number])
    reference = torch_logits(tagger, small, tokenizer, pad_id, number)
    report: dict[str, Any] = {"documents": number}
    report["torch"] = {"strict_f1": round(small.strict_f1(reference, calibration), 4)}
    for name, logits in (("float", exact[:number]), ("int8", compact[:number])):
        report[name] = {
            "strict_f1": round(small.strict_f1(logits, calibration), 4),
            "largest_probability_difference": round(largest_difference(reference, logits, small, calibration), 6),
        }
    report["whole_dev"] = {
        "float_strict_f1": round(dev.strict_f1(exact, calibration), 4),
        "int8_strict_f1": round(dev.strict_f1(compact, calibration), 4),
    }
    return report

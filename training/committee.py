"""Who judges passages: a model folder or the rules, each with probabilities on every unit and the spans that follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from framing.cues import CODEBOOK, Cue
from framing.decode import BEGIN, INSIDE, OUTSIDE, FloatArray, decode, encode_spans, unit_probabilities
from framing.hub import folder_of
from framing.lexicon import Lexicon
from framing.model import Model, default_folder
from framing.spans import CueSpan, Document
from framing.text import IntArray, units
from framing.tokens import SPANS


class Member(Protocol):
    """A member of a committee: its vocabulary, its name, what its units are, and its opinions."""

    cues: tuple[Cue, ...]
    name: str
    task: str

    def opinions(self, passages: Sequence[Document]) -> Iterator[tuple[IntArray, FloatArray, list[CueSpan]]]:
        """Give each text's unit ranges, their [units, types, 3] probabilities of the tags, and its spans."""
        ...


class _Model:
    def __init__(self, folder: Path) -> None:
        self._model = Model(folder)
        self.cues = self._model.info.cues
        self.name = f"{self._model.info.name} {self._model.info.version}"
        self.task = self._model.info.task

    def opinions(self, passages: Sequence[Document]) -> Iterator[tuple[IntArray, FloatArray, list[CueSpan]]]:
        calibration = self._model.info.calibration
        tokenized = list(self._model.tokenizer.tokenize_documents(passages))
        for text, logits in zip(tokenized, self._model.run(tokenized), strict=True):
            said = unit_probabilities(text, *logits, calibration)
            yield text.units, said.cues, decode(text, said, self.cues, calibration.thresholds)


class _Rules:
    cues = CODEBOOK
    name = "lexicon"
    task = SPANS

    def __init__(self) -> None:
        self._lexicon = Lexicon()

    def opinions(self, passages: Sequence[Document]) -> Iterator[tuple[IntArray, FloatArray, list[CueSpan]]]:
        for passage in passages:
            spans, ranges = self._lexicon.find(passage.text), units(passage.text)
            yield ranges, np.stack([_probabilities(spans, ranges, cue.name) for cue in self.cues], axis=1), spans


def _probabilities(spans: Sequence[CueSpan], ranges: IntArray, label: str) -> FloatArray:
    """Take a rule's precision for its probability; where no rule speaks, outside is sure."""
    table = np.zeros((len(ranges), 3), dtype=np.float32)
    table[:, OUTSIDE] = 1.0
    for span in spans:
        tags, _ = encode_spans([span], ranges, label)
        for tag in (BEGIN, INSIDE):
            table[tags == tag, OUTSIDE] = 1.0 - (span.score or 0.0)
            table[tags == tag, tag] = span.score or 0.0
    return table


def member(name: str | None) -> Member:
    """Open a model (None for the one that comes with the package) or, for `lexicon`, the rules; raises `ModelError`."""
    if name == "lexicon":
        return _Rules()
    return _Model(default_folder() if name is None else folder_of(name))

"""Plain systems for the table that a network must stand in: rules, majority, and linear models.

They learn from a recipe's training data, choose temperatures and thresholds on its dev data as exported networks do,
and leave a run folder with the same predictions and figures. No weights are saved: they are learnt again in a minute.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from framing.cues import CODEBOOK, Cue
from framing.errors import ConfigError
from framing.lexicon import Lexicon
from framing.spans import CueSpan, Document
from framing.tokens import SENTENCES
from training.config import Config, vocabulary
from training.encode import Losses
from training.fit import read_parts
from training.linear import LinearTagger, TfidfSentences
from training.majority import SentenceMajority, WordingMajority
from training.run import Run
from training.tasks import figures
from training.token_features import plain_text

log = logging.getLogger("framing")


class Baseline(Protocol):
    """A system that learns from documents and finds spans in others."""

    def fit(self, train: Sequence[Document], dev: Sequence[Document]) -> None:
        """Learn from `train`, and choose what must be chosen on `dev`."""
        ...

    def predict(self, documents: Sequence[Document]) -> list[list[CueSpan]]:
        """Give each document's spans."""
        ...


class LexiconBaseline:
    """The word lists and rules of `framing.lexicon`, which learn nothing."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        """Take the vocabulary; raises `ConfigError` when the rules don't know it."""
        known = [cue.name for cue in CODEBOOK]
        strange = [cue.name for cue in cues if cue.name not in known]
        if strange:
            raise ConfigError(f"baseline lexicon: the rules don't know {strange[0]!r}, only {', '.join(known)}")
        self.labels = {cue.name for cue in cues}

    def fit(self, train: Sequence[Document], dev: Sequence[Document]) -> None:
        """Do nothing."""

    def predict(self, documents: Sequence[Document]) -> list[list[CueSpan]]:
        """Give what the rules find."""
        lexicon = Lexicon()
        return [[span for span in lexicon.find(document.text) if span.label in self.labels] for document in documents]


def make_baseline(config: Config, cues: Sequence[Cue]) -> Baseline:
    """Give a recipe's baseline, fresh; raises `ConfigError` when it can't have the vocabulary."""
    if config.baseline == "lexicon":
        return LexiconBaseline(cues)
    if config.baseline == "linear":
        return LinearTagger(cues, rules=config.model.rules, seed=config.training.seed)
    if config.baseline == "tfidf":
        return TfidfSentences(cues)
    return SentenceMajority(cues) if config.task == SENTENCES else WordingMajority(cues)


def fit_baseline(config: Config, *, resume: bool = False) -> Run:
    """Learn a baseline and write its run folder; the recipe's keys for networks have no effect.

    Args:
        config: a recipe with `baseline`.
        resume: write into a folder that holds this recipe's run already.

    Returns:
        The run: config, environment, data, dev predictions and dev figures.

    Raises:
        ConfigError: the run folder holds another run, or the baseline can't have the vocabulary.
        InputError: a corpus can't be read.
    """
    cues = vocabulary(config)
    baseline = make_baseline(config, cues)
    train, dev = read_parts(config, cues)
    run = Run.open(Path(config.output), config, resume=resume)
    run.write_inputs(config, {"train": (train, Losses()), "dev": (dev, Losses())})
    log.info("baseline %s: %d training documents", config.baseline, len(train))
    baseline.fit(train, dev)
    found = baseline.predict(dev)
    texts = [plain_text(document, config.task) for document in dev]
    metrics = {f"dev_{name}": value for name, value in figures(dev, texts, found, cues).items()}
    run.write_predictions(dev, found, metrics)
    return run

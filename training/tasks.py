"""What differs between the tasks in training: gold, windows, network, weights and figures; the rest is shared."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from datasets import Dataset

from framing.cues import Cue
from framing.evaluate.sentences import macro_f1, sentence_counts
from framing.evaluate.spans import count, micro, voice_accuracy
from framing.spans import CueSpan, Document
from framing.tokens import SENTENCES, SPANS, TokenizedText, WindowTokenizer
from training import encode, sentences
from training.config import Config
from training.corpora.base import Losses
from training.sentence_tagger import SentenceTagger
from training.tagger import CueTagger

log = logging.getLogger("framing")


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a recipe.

    Attributes:
        tagger: the network's class.
        collator: makes batches; takes the number of labels and the padding id.
        dataset: documents to training windows, with an account of what they can't teach.
        targets: the fields of a batch that hold gold.
        weights: each label's weight in the loss, from the recipe's setting and the training documents.
    """

    tagger: type[CueTagger]
    collator: Callable[[int, int], Any]
    dataset: Callable[[Sequence[Document], WindowTokenizer, Sequence[str]], tuple[Dataset, encode.Losses]]
    targets: tuple[str, ...]
    weights: Callable[[float | str, Sequence[Document], Sequence[str]], list[float]]


TASKS: Final = {
    SPANS: Task(CueTagger, encode.Collator, encode.dataset, ("cue_labels", "voice_labels"), encode.cue_weights),
    SENTENCES: Task(
        SentenceTagger,
        sentences.SentenceCollator,
        sentences.dataset,
        ("cue_labels", "sentences"),
        sentences.label_weights,
    ),
}


def gold(documents: Sequence[Document], config: Config) -> list[Document]:
    """Give what a recipe teaches of its documents: labels on sentences, or spans with voices or without."""
    if config.task == SENTENCES:
        losses = Losses()
        found = [sentences.on_sentences(document, losses) for document in documents]
        for line in losses.lines():
            log.info("%s", line)
        return found
    if not config.model.voice_weight:
        return [sentences.without_voices(document) for document in documents]
    return list(documents)


def figures(
    documents: Sequence[Document],
    texts: Sequence[TokenizedText],
    found: Sequence[Sequence[CueSpan]],
    cues: Sequence[Cue],
) -> dict[str, float]:
    """Give the figures of found spans on dev by which epochs are judged and runs are compared."""
    labels = [cue.name for cue in cues]
    truth = [document.spans for document in documents]
    strict = count(truth, found, labels, strict=True)
    if texts and texts[0].task == SENTENCES:
        counts = sentence_counts(["dev"] * len(texts), truth, found, labels, [len(text.units) for text in texts])
        return {
            "macro_f1": float(np.nan_to_num(macro_f1(counts[0]))),
            "micro_f1": micro(strict.values()).f1,
            **{f"f1_{label}": row.f1 for label, row in strict.items()},
        }
    right, matched = voice_accuracy(truth, found)
    return {
        "strict_f1": micro(strict.values()).f1,
        "overlap_f1": micro(count(truth, found, labels, strict=False).values()).f1,
        **{f"strict_f1_{label}": row.f1 for label, row in strict.items()},
        "voice_accuracy": right / matched if matched else 0.0,
    }

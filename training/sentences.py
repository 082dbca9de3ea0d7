"""The task of sentences: gold, training windows and batches in which whole sentences have labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from datasets import Dataset, Features, List, Value

from framing.decode import BEGIN, encode_spans
from framing.features import SIZES
from framing.sentences import label_sentences, places
from framing.spans import CueSpan, Document
from framing.text import sentences
from framing.tokens import WindowTokenizer
from training.corpora.base import Losses as ReaderLosses
from training.encode import Losses, pad
from training.tagger import IGNORE


def on_sentences(document: Document, losses: ReaderLosses) -> Document:
    """Put a document's labels on its sentences: one span a sentence and label, which covers the sentence exactly.

    Which sentences a span labels, `framing.sentences.label_sentences` says. Sentences are the record's own
    (`sentence_ranges`), else those of `framing.text`; one without a label is a negative.

    Args:
        document: with spans of any length.
        losses: takes the spans that don't cover one sentence exactly.
    """
    given = document.sentence_ranges
    cut = sentences(document.text) if given is None else given
    exact = set(cut)
    labelled = set()
    for span in document.spans:
        if (span.start, span.end) not in exact:
            losses.add(
                "span isn't a whole sentence; its label goes to each that it mostly covers or lies in", document.id
            )
        reached = label_sentences(span, cut)
        labelled |= {CueSpan(start, end, span.label) for start, end in reached}
        if not reached:
            losses.add("span lies in no sentence; left out", document.id)
    return document.with_spans(labelled)


def without_voices(document: Document) -> Document:
    """Take the voices off, for a recipe that teaches none."""
    return document.with_spans(replace(span, voice=None) for span in document.spans)


def label_weights(setting: float | str, train: Sequence[Document], labels: Sequence[str]) -> list[float]:
    """Give each label's weight in the loss; `auto` is the root of the negatives' number over the positives', 1 to 3."""
    if not isinstance(setting, str):
        return [float(setting)] * len(labels)
    total = sum(
        len(sentences(document.text) if document.sentence_ranges is None else document.sentence_ranges)
        for document in train
    )
    seen = [sum(span.label == label for document in train for span in document.spans) for label in labels]
    return [min(3.0, max(1.0, (total - number) / max(number, 1)) ** 0.5) for number in seen]


def rows(
    documents: Sequence[Document], tokenizer: WindowTokenizer, labels: Sequence[str], losses: Losses
) -> Iterator[dict[str, Any]]:
    """Give one row a window, with the sentences that scoring would read in it."""
    lead, tail = len(tokenizer.prefix), len(tokenizer.suffix)
    for index, (document, text) in enumerate(zip(documents, tokenizer.tokenize_documents(documents), strict=True)):
        held = np.stack([encode_spans(document.spans, text.units, label)[0] == BEGIN for label in labels], axis=1)
        read: list[list[tuple[list[int], list[int]]]] = [[] for _ in text.windows]
        for unit, found in enumerate(places(text)):
            losses.cut += len(found) > 1
            for place in found:
                start = text.windows[place.window].start - lead
                read[place.window].append(([place.start - start, place.end - start], held[unit].astype(int).tolist()))
        for window, here in zip(text.windows, read, strict=True):
            part = slice(window.start, window.end)
            yield {
                "document": index,
                "input_ids": [*tokenizer.prefix, *text.ids[part].tolist(), *tokenizer.suffix],
                "features": np.pad(text.features[part], ((lead, tail), (0, 0))).ravel().tolist(),
                "sentences": [edge for edges, _ in here for edge in edges],
                "cue_labels": [label for _, given in here for label in given],
            }


def dataset(documents: Sequence[Document], tokenizer: WindowTokenizer, labels: Sequence[str]) -> tuple[Dataset, Losses]:
    """Build the training windows of documents, with a count of the sentences that are longer than a window."""
    losses = Losses()
    numbers = List(Value("int32"))
    columns = Features(
        document=Value("int32"), input_ids=numbers, features=numbers, sentences=numbers, cue_labels=numbers
    )
    return Dataset.from_list(list(rows(documents, tokenizer, labels, losses)), features=columns), losses


class SentenceCollator:
    """Pads a batch of windows; every field that a sentence tagger's `forward` takes comes out as a tensor."""

    def __init__(self, labels: int, pad_id: int) -> None:
        """Take the number of labels and the encoder's padding id."""
        self.labels = labels
        self.pad_id = pad_id

    def __call__(self, batch: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """Stack windows into [batch, longest, ...] and their sentences into [batch, most, ...]."""
        ids = [np.asarray(row["input_ids"]) for row in batch]
        columns = {
            "input_ids": pad(ids, self.pad_id),
            "attention_mask": pad([np.ones_like(row) for row in ids], 0),
            "features": pad([np.asarray(row["features"]).reshape(-1, len(SIZES)) for row in batch], 0),
            "sentences": pad([_table(row["sentences"], 2) for row in batch], 0),
            "cue_labels": pad([_table(row["cue_labels"], self.labels) for row in batch], IGNORE),
        }
        return {name: torch.from_numpy(values) for name, values in columns.items()}


def _table(values: Sequence[int], width: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.asarray(values, dtype=np.int64).reshape(-1, width)

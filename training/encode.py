"""From documents to training windows: token ids, surface features and tags, as a `datasets.Dataset`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from datasets import Dataset, Features, List, Value

from framing.decode import BEGIN, INSIDE, FloatArray, RuleOpinion
from framing.features import RULE_VALUES, SIZES, rule_column
from framing.spans import VOICES, CueSpan, Document
from framing.text import IntArray
from framing.tokens import SPANS, TokenizedText, WindowTokenizer
from training.soft import is_soft, soft_tags
from training.tagger import IGNORE, TAGS


@dataclass(slots=True)
class Losses:
    """What the windows can't teach, so that nothing is lost in silence.

    Attributes:
        cut: spans that no window holds whole.
        overlapping: spans that overlap a longer one of their own type, or lie on no word.
        snapped: spans that start or end inside a word, taught with the whole word.
        examples: the first few lost spans, as `id [start, end) label`.
    """

    cut: int = 0
    overlapping: int = 0
    snapped: int = 0
    examples: list[str] = field(default_factory=list)

    def note(self, document: Document, span: CueSpan, why: str) -> None:
        """Keep a lost span as an example."""
        if len(self.examples) < 20:
            self.examples.append(f"{document.id} [{span.start}, {span.end}) {span.label}: {why}")


def tags_of(
    document: Document, text: TokenizedText, labels: Sequence[str], losses: Losses, targets: FloatArray | None = None
) -> tuple[IntArray, IntArray]:
    """Write a document's gold on its tokens.

    Args:
        document: the document.
        text: its tokens.
        labels: the cue types.
        losses: takes the account of what can't be taught.
        targets: [tokens, labels, 3] of zeros, to be filled with the probabilities of the tags (`training.soft`).

    Returns:
        [tokens, labels] tags and [tokens] voices; -100 where a token doesn't count.
    """
    cues = np.full((len(text.ids), len(labels)), IGNORE, dtype=np.int64)
    voices = np.full(len(text.ids), IGNORE, dtype=np.int64)
    taught = text.unit_token >= 0
    for column, label in enumerate(labels):
        tags, soft, lost = soft_tags(document.spans, text.units, label)
        if targets is not None:
            targets[text.unit_token[taught], column] = soft[taught]
        cues[text.unit_token[taught], column] = tags[taught]
        for span in lost:
            losses.overlapping += 1
            losses.note(document, span, "overlaps a longer one of its type, or lies on no word")
    starts, ends = set(text.units[:, 0].tolist()), set(text.units[:, 1].tolist())
    for span in document.spans:
        losses.snapped += span.start not in starts or span.end not in ends
        under = taught & (text.units[:, 0] < span.end) & (text.units[:, 1] > span.start)
        if span.voice is not None and (span.score is None or span.score >= 0.5):
            voices[text.unit_token[under]] = VOICES.index(span.voice)
        tokens = text.unit_token[under]
        if len(tokens) and not any(w.start <= tokens[0] and tokens[-1] < w.end for w in text.windows):
            losses.cut += 1
            losses.note(document, span, "no window holds it whole")
    return cues, voices


def rows(
    documents: Sequence[Document],
    tokenizer: WindowTokenizer,
    labels: Sequence[str],
    losses: Losses,
    taught: Sequence[FloatArray] | None = None,
) -> Iterator[dict[str, Any]]:
    """Give one row a window; a span whose beginning lies in an earlier window is not taught as a new one.

    Where any document has a span that is less than certain, or targets are given ([units, labels, 3] for each
    document), every row has soft targets too.
    """
    soft = taught is not None or is_soft(documents)
    texts = tokenizer.tokenize_documents(documents)
    for index, (document, text) in enumerate(zip(documents, texts, strict=True)):
        targets = np.zeros((len(text.ids), len(labels), TAGS), dtype=np.float32) if soft else None
        cues, voices = tags_of(document, text, labels, losses, targets)
        if targets is not None and taught is not None:
            read = text.unit_token >= 0
            targets[text.unit_token[read]] = taught[index][read]
        lead, tail = len(tokenizer.prefix), len(tokenizer.suffix)
        for window in text.windows:
            part = cues[window.start : window.end].copy()
            _hide_cut(part, cues[window.end :])
            row = {
                "document": index,
                "input_ids": [*tokenizer.prefix, *text.ids[window.start : window.end].tolist(), *tokenizer.suffix],
                "features": np.pad(text.features[window.start : window.end], ((lead, tail), (0, 0))).ravel().tolist(),
                "cue_labels": np.pad(part, ((lead, tail), (0, 0)), constant_values=IGNORE).ravel().tolist(),
                "voice_labels": [IGNORE] * lead + voices[window.start : window.end].tolist() + [IGNORE] * tail,
            }
            if targets is not None:
                row["cue_targets"] = np.pad(targets[window.start : window.end], ((lead, tail), (0, 0), (0, 0))).ravel()
            yield row


def _hide_cut(part: IntArray, rest: IntArray) -> None:
    """Take the halves of spans that the window cuts out of the loss: neither a cue nor its absence is true of them."""
    for column in range(part.shape[1]):
        counted = np.flatnonzero(part[:, column] != IGNORE)
        for at in counted:
            if part[at, column] != INSIDE:
                break
            part[at, column] = IGNORE
        after = rest[rest[:, column] != IGNORE, column]
        if len(after) and after[0] == INSIDE:
            for at in counted[::-1]:
                tag = part[at, column]
                part[at, column] = IGNORE
                if tag == BEGIN:
                    break


def dataset(
    documents: Sequence[Document],
    tokenizer: WindowTokenizer,
    labels: Sequence[str],
    taught: Sequence[FloatArray] | None = None,
) -> tuple[Dataset, Losses]:
    """Build the training windows of documents, with an account of what they can't teach.

    Args:
        documents: the documents.
        tokenizer: cuts them.
        labels: the cue types.
        taught: [units, labels, 3] targets for each document, in place of those of its spans.
    """
    losses = Losses()
    numbers = List(Value("int32"))
    columns = Features(
        document=Value("int32"), input_ids=numbers, features=numbers, cue_labels=numbers, voice_labels=numbers
    )
    if taught is not None or is_soft(documents):
        columns["cue_targets"] = List(Value("float32"))
    found = list(rows(documents, tokenizer, labels, losses, taught))
    return Dataset.from_list(found, features=columns), losses


def rule_opinions(
    documents: Sequence[Document], tokenizer: WindowTokenizer, labels: Sequence[str]
) -> list[RuleOpinion | None]:
    """Count on training documents which tags stand under each finding of the rules.

    Returns:
        For each label the smoothed log-probabilities with a share of 0, which calibration raises where it pays; None
        for a label that the rules don't know, and for all when the tokenizer runs without rules or cuts sentences.
    """
    heard = tokenizer.rules and tokenizer.task == SPANS
    columns = [rule_column(label) if heard else None for label in labels]
    counts = np.ones((len(labels), RULE_VALUES, TAGS))
    for document, text in zip(documents, tokenizer.tokenize_documents(documents), strict=True):
        read = text.unit_token[text.unit_token >= 0]
        for place, (label, column) in enumerate(zip(labels, columns, strict=True)):
            if column is not None:
                targets = soft_tags(document.spans, text.units, label)[1][text.unit_token >= 0]
                np.add.at(counts[place], text.features[read, column], targets)
    logs = np.log(counts / counts.sum(axis=-1, keepdims=True)).round(4)
    return [
        None if column is None else RuleOpinion(column, 0.0, tuple((row[0], row[1], row[2]) for row in table.tolist()))
        for column, table in zip(columns, logs, strict=True)
    ]


def cue_weights(setting: float | str, train: Sequence[Document], labels: Sequence[str]) -> list[float]:
    """Give each type's weight of begin and inside; `auto` lifts rare types by the root of their rarity, at most 3."""
    if not isinstance(setting, str):
        return [float(setting)] * len(labels)
    seen: dict[str, float] = defaultdict(float)
    for span in (span for document in train for span in document.spans):
        seen[span.label] += 1.0 if span.score is None else span.score
    most = max([seen[label] for label in labels] + [1])
    return [min(3.0, (most / max(seen[label], 1)) ** 0.5) for label in labels]


class Collator:
    """Pads a batch of windows; every field that a tagger's `forward` takes comes out as a tensor."""

    def __init__(self, labels: int, pad_id: int) -> None:
        """Take the number of cue types and the encoder's padding id."""
        self.labels = labels
        self.pad_id = pad_id

    def __call__(self, batch: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """Stack windows into [batch, longest, ...]."""
        ids = [np.asarray(row["input_ids"]) for row in batch]
        length = max(map(len, ids))
        cues = np.full((len(batch), length, self.labels), IGNORE, dtype=np.int64)
        for index, row in enumerate(batch):
            cues[index, : len(row["input_ids"])] = np.asarray(row["cue_labels"]).reshape(-1, self.labels)
        tensors = {
            "input_ids": torch.from_numpy(pad(ids, self.pad_id)),
            "attention_mask": torch.from_numpy(pad([np.ones_like(row) for row in ids], 0)),
            "features": torch.from_numpy(
                pad([np.asarray(row["features"]).reshape(-1, len(SIZES)) for row in batch], 0)
            ),
            "cue_labels": torch.from_numpy(cues),
            "voice_labels": torch.from_numpy(pad([np.asarray(row["voice_labels"]) for row in batch], IGNORE)),
        }
        if "cue_targets" in batch[0]:
            targets = np.zeros((len(batch), length, self.labels, TAGS), dtype=np.float32)
            for index, row in enumerate(batch):
                targets[index, : len(row["input_ids"])] = np.reshape(row["cue_targets"], (-1, self.labels, TAGS))
            tensors["cue_targets"] = torch.from_numpy(targets)
        return tensors


def pad(rows: Sequence[IntArray], value: int) -> IntArray:
    """Stack rows [length, ...] of different lengths into [rows, longest, ...], filled up with `value`."""
    out = np.full((len(rows), max(map(len, rows)), *rows[0].shape[1:]), value, dtype=np.int64)
    for index, row in enumerate(rows):
        out[index, : len(row)] = row
    return out

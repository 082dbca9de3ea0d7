"""Learn a gate (`framing.gate`): which tokens and pairs of tokens open it.

A feature's weight is the share of its places where it stands for a found cue, and a sentence is worth as much as its
best feature. A span is found when one of its tokens opens the gate, so that learning is of many instances under one
label: after each count, the best feature of a span stands for it alone (mi-SVM; Andrews et al. 2003).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from framing.gate import BoolArray, pair_keys, split_key
from framing.spans import CueSpan, Document
from framing.text import IntArray
from framing.tokens import TokenizedText, WindowTokenizer

FloatArray = NDArray[np.float64]

ROUNDS: Final = 3
FOLDS: Final = 3
PRIOR: Final = 2.0
"""Places without a cue that every feature is counted with, so that one find alone opens no gate wide."""

_QUOTED, _PAIR = 1 << 59, 1 << 60
_NOTHING: Final = -1


@dataclass(frozen=True, slots=True)
class Example:
    """A text as the gate sees it, and the token ranges of the spans that must pass."""

    ids: IntArray
    edges: IntArray
    quoted: BoolArray
    spans: list[tuple[int, int]]

    @classmethod
    def of(cls, text: TokenizedText, spans: Sequence[CueSpan]) -> Self:
        """Find the tokens of spans; those without tokens are left out."""
        ranges = []
        for span in spans:
            units = np.flatnonzero((text.units[:, 1] > span.start) & (text.units[:, 0] < span.end))
            units = units[text.unit_token[units] >= 0]
            if len(units):
                ranges.append((int(text.unit_token[units[0]]), int(text.unit_end[units[-1]])))
        return cls(text.ids, text.edges, text.quoted, ranges)


def examples(tokenizer: WindowTokenizer, documents: Iterable[Document]) -> list[Example]:
    """Cut documents and find the tokens of their spans; texts without tokens are left out."""
    found = (Example.of(tokenizer.tokenize(document.text), document.spans) for document in documents)
    return [example for example in found if len(example.ids) and len(example.edges)]


class Pool:
    """Examples side by side, with their features numbered.

    Attributes:
        features: [features] ascending, as `_rows` makes them.
        codes: [tokens, 3] places in `features` of what each token has.
        sentences: [sentences] first tokens.
        spans: [spans, 2] token ranges.
        token_fold: [tokens] the fold of each token's example.
        span_fold: [spans] the same of spans.
    """

    def __init__(self, chosen: Sequence[Example]) -> None:
        """Number the features of examples."""
        sizes = np.array([len(example.ids) for example in chosen])
        starts = np.cumsum(sizes) - sizes
        self.features, codes = np.unique(np.concatenate([_rows(example) for example in chosen]), return_inverse=True)
        self.codes = codes.reshape(-1, 3)
        firsts = [example.edges[example.edges < len(example.ids)] for example in chosen]
        self.sentences = np.unique(np.concatenate([starts, *(f + s for f, s in zip(firsts, starts, strict=True))]))
        counts = [len(example.spans) for example in chosen]
        ranges = [np.array(e.spans, dtype=np.int64).reshape(-1, 2) + s for e, s in zip(chosen, starts, strict=True)]
        self.spans = np.concatenate(ranges)
        fold = np.arange(len(chosen)) % FOLDS
        self.token_fold, self.span_fold = np.repeat(fold, sizes), np.repeat(fold, counts)

    def weights(self, without: int | None = None) -> FloatArray:
        """Count, for each feature, the share of its places where it stands for a cue; one fold can be left out."""
        spans = self.spans[self.span_fold != without]
        lengths = spans[:, 1] - spans[:, 0]
        ends = np.cumsum(lengths)
        inside = np.arange(lengths.sum()) + np.repeat(spans[:, 0] - (ends - lengths), lengths)
        outside = self.token_fold != without
        outside[inside] = False
        # The third column repeats the pairs of the second one.
        misses = np.bincount(self.codes[outside][:, :2].ravel(), minlength=len(self.features))
        owner, codes = np.repeat(np.arange(len(spans)), 3 * lengths), self.codes[inside].ravel()
        owner, codes = owner[self.features[codes] != _NOTHING], codes[self.features[codes] != _NOTHING]
        hits = np.bincount(codes, minlength=len(self.features))
        for _ in range(ROUNDS):
            share = (hits / (hits + misses + PRIOR))[codes]
            order = np.lexsort((codes, share, owner))
            best = order[np.append(np.diff(owner[order]) > 0, True)] if len(order) else order
            hits = np.bincount(codes[best], minlength=len(self.features))
        found = hits / (hits + misses + PRIOR)
        return np.where(self.features == _NOTHING, 0.0, found)

    def worth(self, weights: FloatArray) -> FloatArray:
        """Give the least worth of the sentences that each span lies in: [spans]."""
        values = np.maximum.reduceat(weights[self.codes].max(axis=1), self.sentences)
        first, last = (np.searchsorted(self.sentences, self.spans - (0, 1), side="right") - 1).T
        least: FloatArray = np.minimum(values[first], values[last])
        return least


def learn_features(groups: Sequence[Sequence[Example]], recall: float) -> IntArray:
    """Choose the features that open a gate.

    Args:
        groups: sets of examples, such as a corpus and an archive.
        recall: share of each group's spans that must pass, by counts that leave the span's own fold out.

    Returns:
        [features], ascending.
    """
    pool = Pool([example for group in groups for example in group])
    group = np.repeat(np.arange(len(groups)), [sum(len(one.spans) for one in part) for part in groups])
    worth = np.zeros(len(pool.spans))
    for fold in range(FOLDS):
        held = pool.span_fold == fold
        worth[held] = pool.worth(pool.weights(fold))[held]
    lowest = min(float(np.quantile(worth[group == one], 1 - recall, method="lower")) for one in np.unique(group))
    weights = pool.weights()
    chosen: IntArray = pool.features[weights >= max(lowest, float(weights[weights > 0].min()))]
    return chosen


def to_record(features: IntArray, tokens: Sequence[str]) -> dict[str, Any]:
    """Give what `gate.json` holds of the features; `tokens` are the tokens by their ids."""
    record: dict[str, Any] = {"tokens": [], "quoted": [], "pairs": []}
    for feature in features.tolist():
        if feature & _PAIR:
            record["pairs"].append([tokens[part] for part in split_key(feature & ~_PAIR)])
        else:
            record["quoted" if feature & _QUOTED else "tokens"].append(tokens[feature & ~_QUOTED])
    return record


def _rows(example: Example) -> IntArray:
    """Give the features of each token, itself and the pairs with its neighbours: [tokens, 3]."""
    rows = np.full((len(example.ids), 3), _NOTHING, dtype=np.int64)
    rows[:, 0] = example.ids + np.where(example.quoted, _QUOTED, 0)
    if len(example.ids) > 1:
        keys = pair_keys(example.ids, example.edges)
        rows[:-1, 1] = rows[1:, 2] = np.where(keys >= 0, keys + _PAIR, _NOTHING)
    return rows

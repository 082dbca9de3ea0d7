"""Learn a gate (`framing.gate`): which tokens, with their neighbours, can stand in a cue.

A span is found when one of its tokens opens the gate, so that learning is of many instances under one label: after
each fit, the token of a span that the fit is surest of stands for it alone (mi-SVM; Andrews et al. 2003).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from framing.gate import BoolArray, Gate, Weights, pair_keys, split_key
from framing.spans import CueSpan, Document
from framing.text import IntArray
from framing.tokens import TokenizedText, WindowTokenizer

ROUNDS: Final = 3
FOLDS: Final = 3
LEAST_SEEN: Final = 3
_NEGATIVES: Final = 0.3
_INSIDE, _FIRST, _SECOND = 1 << 59, 1 << 60, 1 << 61
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


@dataclass(frozen=True)
class Filter:
    """A fitted filter: an ascending array of features, their weights, and the bias."""

    features: IntArray
    weights: Weights
    bias: float

    def to_record(self) -> dict[str, Any]:
        """Give what `gate.json` holds of it."""
        tokens: dict[str, list[list[float]]] = {"outside": [], "inside": []}
        pairs: dict[int, list[float]] = {}
        for feature, weight in zip(self.features.tolist(), self.weights.round(3).tolist(), strict=True):
            if not weight:
                continue
            if feature & (_FIRST | _SECOND):
                key = feature & ~(_FIRST | _SECOND)
                pairs.setdefault(key, [0.0, 0.0])[int(feature >= _SECOND)] = weight
            else:
                place = "inside" if feature & _INSIDE else "outside"
                tokens[place].append([feature & ~_INSIDE, weight])
        rows = [[*split_key(key), *weights] for key, weights in sorted(pairs.items())]
        return {"bias": round(self.bias, 3), **tokens, "pairs": rows}


def fit(chosen: Sequence[Example], seed: int = 0) -> Filter:
    """Fit weights to examples.

    Args:
        chosen: texts with spans.
        seed: draws the share of tokens outside spans that is learnt from.
    """
    rows = np.concatenate([_rows(example) for example in chosen])
    seen, counts = np.unique(rows, return_counts=True)
    kept = seen[(counts >= LEAST_SEEN) & (seen != _NOTHING)]
    table = _table(rows, kept)
    starts = np.cumsum([0, *(len(example.ids) for example in chosen)])
    spans = [(s + a, s + b) for s, example in zip(starts.tolist(), chosen, strict=False) for a, b in example.spans]
    positive = np.zeros(len(rows), dtype=bool)
    for first, last in spans:
        positive[first:last] = True
    draw = np.random.default_rng(seed).random(len(rows)) < _NEGATIVES
    outside = np.flatnonzero(~positive & draw)
    for _ in range(ROUNDS):
        inside = np.flatnonzero(positive)
        used = np.concatenate((inside, outside))
        weight = np.where(positive[used], 1.0, 1 / _NEGATIVES)
        model = LogisticRegression(l1_ratio=1, solver="liblinear", random_state=seed)
        model.fit(table[used], positive[used], sample_weight=weight)
        sums = model.decision_function(table)
        positive[:] = False
        for first, last in spans:
            positive[first + int(sums[first:last].argmax())] = True
    return Filter(kept, np.asarray(model.coef_[0], dtype=np.float32), float(model.intercept_[0]))


def best_sums(found: Filter, chosen: Sequence[Example]) -> list[float]:
    """Give, for each span of the examples, the largest sum among the tokens of the sentences that it lies in."""
    best = []
    for example in chosen:
        sums = found.bias + _table(_rows(example), found.features) @ found.weights
        ends = np.append(example.edges[1:], len(example.ids))
        for first, last in example.spans:
            begin = example.edges[max(0, int(np.searchsorted(example.edges, first, side="right")) - 1)]
            end = ends[min(len(ends) - 1, int(np.searchsorted(example.edges, last - 1, side="right")) - 1)]
            best.append(float(sums[begin : max(end, begin + 1)].max()))
    return best


def fit_to_recall(groups: Sequence[Sequence[Example]], recall: float, seed: int = 0) -> Filter:
    """Fit, and set the bias so that spans pass with some recall in every group, by examples that a fit hasn't seen.

    Args:
        groups: sets of examples, such as a corpus and an archive.
        recall: share of each group's spans that must pass.
        seed: as for `fit`.
    """
    best: list[list[float]] = [[] for _ in groups]
    for fold in range(FOLDS):
        found = fit([one for group in groups for i, one in enumerate(group) if i % FOLDS != fold], seed)
        for sums, group in zip(best, groups, strict=True):
            sums += best_sums(found, group[fold::FOLDS])
    lowest = min(float(np.quantile(sums, 1 - recall, method="lower")) for sums in best if sums)
    whole = fit([one for group in groups for one in group], seed)
    return Filter(whole.features, whole.weights, whole.bias - lowest)


def _rows(example: Example) -> IntArray:
    """Give the features of each token: [tokens, 3]."""
    rows = np.full((len(example.ids), 3), _NOTHING, dtype=np.int64)
    rows[:, 0] = example.ids + np.where(example.quoted, _INSIDE, 0)
    if len(example.ids) > 1:
        keys = pair_keys(example.ids, example.edges)
        rows[:-1, 1] = np.where(keys >= 0, keys + _FIRST, _NOTHING)
        rows[1:, 2] = np.where(keys >= 0, keys + _SECOND, _NOTHING)
    return rows


def _table(rows: IntArray, kept: IntArray) -> csr_matrix:
    """Give the features as a matrix of ones: [tokens, features]."""
    places = np.minimum(np.searchsorted(kept, rows), len(kept) - 1)
    known = kept[places] == rows
    lines = np.broadcast_to(np.arange(len(rows))[:, None], rows.shape)
    values = np.ones(int(known.sum()), dtype=np.float32)
    return csr_matrix((values, (lines[known], places[known])), shape=(len(rows), len(kept)))


def gate_of(found: Filter, vocabulary: int, background: Sequence[float]) -> Gate:
    """Make the gate that `Gate.from_file` reads from what `to_record` wrote."""
    return Gate.from_record(found.to_record() | {"background": list(background)}, vocabulary, len(background))

"""Fit the ranker of a designation's target and source on labelled documents: a matter of seconds.

A log-linear model over the candidates of each designation (conditional logit, McFadden 1974), trained to give its
probability to those that share words with the gold range, the more the better they cover it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from framing.designation import LABEL
from framing.designation_rules import designated
from framing.roles import ROLES, Candidate, Surroundings, scores
from framing.spans import Document
from training.figures import articles

FOLDS: Final = 5
SEED: Final = 13
_PENALTY: Final = 3.0
_RARE: Final = 4
_SMALL: Final = 0.1
_BIASES: Final = (0.0, -0.35, -0.7, -1.05, -1.4)

Weights = dict[str, float]


@dataclass(frozen=True, slots=True)
class Example:
    """One role of one gold designation.

    Attributes:
        rows: the candidates, `nobody` last.
        worth: [rows] how well each covers the gold range, from 0 to 1; 1 for `nobody` where no other covers any.
        gold: the gold range, or None.
        article: the unit of cross-validation.
    """

    rows: list[Candidate]
    worth: NDArray[np.float64]
    gold: tuple[int, int] | None
    article: str


def examples(documents: Sequence[Document]) -> dict[str, list[Example]]:
    """Give each role an example for every designation that has a record, in the order of the documents."""
    found: dict[str, list[Example]] = {role: [] for role in ROLES}
    for document, article in zip(documents, articles(documents), strict=True):
        ours = [span for span in document.spans if span.label == LABEL]
        surroundings = Surroundings(document.text, ours)
        for span in ours:
            if span.designation is None:
                continue
            kind, _ = designated(document.text, span.start, span.end)
            golds = {"target": span.designation.target, "source": span.designation.source}
            for role, rows in surroundings.candidates(span, kind).items():
                found[role].append(Example(rows, _worth(rows, golds[role]), golds[role], article))
    return found


def _worth(rows: Sequence[Candidate], gold: tuple[int, int] | None) -> NDArray[np.float64]:
    worth: NDArray[np.float64] = np.array([_shared(row.range, gold) for row in rows])
    if worth.any():
        return worth / float(worth.max())
    return np.array([row.range is None for row in rows], dtype=float)


def _shared(one: tuple[int, int] | None, other: tuple[int, int] | None) -> float:
    """Give the Jaccard similarity of two ranges of characters."""
    if one is None or other is None:
        return 0.0
    common = min(one[1], other[1]) - max(one[0], other[0])
    return max(0, common) / (max(one[1], other[1]) - min(one[0], other[0]))


def fit_weights(given: Sequence[Example]) -> Weights:
    """Maximize the marginal likelihood of the candidates that cover the gold range, with an L2 penalty."""
    seen = Counter(feature for example in given for row in example.rows for feature in row.features)
    column = {feature: place for place, feature in enumerate(sorted(f for f, count in seen.items() if count >= _RARE))}
    columns: list[int] = []
    ends = [0]
    for row in (row for example in given for row in example.rows):
        columns += [column[feature] for feature in row.features if feature in column]
        ends.append(len(columns))
    shape = len(ends) - 1, len(column)
    table = csr_matrix((np.ones(len(columns)), np.array(columns, dtype=np.int64), np.array(ends)), shape=shape)
    worth = np.concatenate([example.worth for example in given])
    sizes = [len(example.rows) for example in given]
    first = np.cumsum([0, *sizes[:-1]])
    owner = np.repeat(np.arange(len(given)), sizes)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = table @ weights
        odds = np.exp(logits - np.maximum.reduceat(logits, first)[owner])
        total, hit = np.add.reduceat(odds, first), np.add.reduceat(odds * worth, first) + 1e-300
        slope = table.T @ (odds / total[owner] - odds * worth / hit[owner]) + 2 * _PENALTY * weights
        return float(np.log(total / hit).sum() + _PENALTY * weights @ weights) / len(given), slope / len(given)

    fitted = minimize(loss, np.zeros(len(column)), jac=True, method="L-BFGS-B", options={"maxiter": 150}).x
    return {feature: round(float(fitted[place]), 2) for feature, place in column.items() if abs(fitted[place]) > _SMALL}


def choose(example: Example, weights: Weights, bias: float = 0.0) -> int:
    """Give the place of the best candidate; `bias` is added to `nobody`."""
    found = scores(example.rows, weights)
    found[-1] += bias
    return int(np.argmax(found))


def overlap_counts(given: Sequence[Example], chosen: Sequence[int]) -> tuple[int, int, int]:
    """Count gold ranges, predicted ones, and those of them that share a character with their gold."""
    pairs = list(zip(given, chosen, strict=True))
    return (
        sum(example.gold is not None for example, _ in pairs),
        sum(example.rows[place].range is not None for example, place in pairs),
        sum(_shared(example.rows[place].range, example.gold) > 0 for example, place in pairs),
    )


def fit_roles(documents: Sequence[Document]) -> dict[str, Any] | None:
    """Fit both roles, and by cross-validation over articles how readily each names nobody.

    Returns:
        What `designation.json` holds: the `weights`, and the `cross_validated` overlap F1 of each role; None where no
        document has a designation with a record.
    """
    weights: Weights = {}
    reached = {}
    for role, given in examples(documents).items():
        if not given:
            return None
        names = sorted({example.article for example in given})
        np.random.default_rng(SEED).shuffle(names)
        fold = {name: place % FOLDS for place, name in enumerate(names)}
        parts = [
            ([e for e in given if fold[e.article] != part], [e for e in given if fold[e.article] == part])
            for part in range(min(FOLDS, len(names)))
        ]
        held = [(fit_weights(inner), outer) for inner, outer in parts if inner]
        figures = []
        for bias in _BIASES:
            counts = np.sum(
                [overlap_counts(outer, [choose(e, found, bias) for e in outer]) for found, outer in held]
                or [(0, 0, 0)],
                axis=0,
            )
            figures.append((2 * counts[2] / max(1, counts[0] + counts[1]), bias))
        best, bias = max(figures)
        fitted = fit_weights(given)
        constant = "nobody "
        fitted[constant] = round(fitted.get(constant, 0.0) + bias, 2)
        weights |= {f"{role} {feature}": weight for feature, weight in fitted.items()}
        reached[role] = round(float(best), 4)
    return {"weights": dict(sorted(weights.items())), "cross_validated": reached}

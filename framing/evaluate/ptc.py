"""The score of SemEval-2020 task 11, span identification (SI): precision and recall that reward partial overlap.

Da San Martino et al. (2020), https://doi.org/10.18653/v1/2020.semeval-1.186, after Potthast et al. (2010). Every
predicted span s gives |s ∩ t| / |s| to precision and |s ∩ t| / |t| to recall for every gold span t that it meets; the
sums are divided by the number of predicted and of gold spans. As in the task's scorer, gold spans that share a
character count as one, whatever their label; spans that only touch stay two.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from framing.evaluate.bootstrap import Estimate, bootstrap
from framing.spans import CueSpan

Range = tuple[int, int]


def union(spans: Iterable[CueSpan]) -> list[Range]:
    """Give the half-open ranges that are left when spans that share a character are joined, ascending."""
    joined: list[Range] = []
    for start, end in sorted((span.start, span.end) for span in spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def si_counts(
    articles: Sequence[Hashable], gold: Sequence[Sequence[CueSpan]], predicted: Sequence[Sequence[CueSpan]]
) -> NDArray[np.float64]:
    """Count what the score is made of, by article.

    Args:
        articles: the article of each document.
        gold: gold spans of each document.
        predicted: predicted spans of each document; overlapping ones are joined (the scorer's option `-m`).

    Returns:
        [articles, 4]: the sum for precision, predicted spans, the sum for recall, gold spans.
    """
    place = {article: row for row, article in enumerate(dict.fromkeys(articles))}
    table = np.zeros((len(place), 4))
    for article, one, other in zip(articles, gold, predicted, strict=True):
        ours, theirs = union(one), union(other)
        row = table[place[article]]
        row[1] += len(theirs)
        row[3] += len(ours)
        for start, end in theirs:
            for left, right in ours:
                shared = max(0, min(end, right) - max(start, left))
                row[0] += shared / (end - start)
                row[2] += shared / (right - left)
    return table


def si_f1(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give F1 of [..., 4] counts; 1 where nothing is gold and nothing predicted, as in the task's scorer."""
    precision, recall = si_precision(counts), si_recall(counts)
    total = precision + recall
    score = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)
    return np.where((counts[..., 1] == 0) & (counts[..., 3] == 0), 1.0, score)


def si_precision(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give precision of [..., 4] counts; 0 where nothing is predicted."""
    return np.divide(counts[..., 0], counts[..., 1], out=np.zeros_like(counts[..., 0]), where=counts[..., 1] > 0)


def si_recall(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give recall of [..., 4] counts; 0 where nothing is gold."""
    return np.divide(counts[..., 2], counts[..., 3], out=np.zeros_like(counts[..., 2]), where=counts[..., 3] > 0)


def si_score(
    articles: Sequence[Hashable], gold: Sequence[Sequence[CueSpan]], predicted: Sequence[Sequence[CueSpan]]
) -> dict[str, Estimate]:
    """Give `{"f1", "precision", "recall"}` with 95% bootstrap intervals over articles; arguments as in `si_counts`."""
    table = si_counts(articles, gold, predicted)
    return {
        "f1": bootstrap(table, si_f1),
        "precision": bootstrap(table, si_precision),
        "recall": bootstrap(table, si_recall),
    }

"""The score of SemEval-2020 task 11, span identification (SI): precision and recall that reward partial overlap.

Da San Martino et al. (2020), https://doi.org/10.18653/v1/2020.semeval-1.186, after Potthast et al. (2010). Every
predicted span s gives |s ∩ t| / |s| to precision and |s ∩ t| / |t| to recall for every gold span t that it meets; the
sums are divided by the number of predicted and of gold spans. As in the task's scorer, gold spans that share a
character count as one, whatever their label; spans that only touch stay two.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from framing.evaluate import credit
from framing.evaluate.bootstrap import add_up
from framing.evaluate.columns import FloatArray, SpanTable, lay_out, overlaps, tabulate
from framing.spans import CueSpan


def union(spans: SpanTable) -> SpanTable:
    """Join spans that share a character, whatever their label."""
    if not len(spans):
        return spans
    reach = np.maximum.accumulate(spans.end)
    first = np.flatnonzero(np.concatenate(([True], spans.start[1:] >= reach[:-1])))
    last = np.concatenate((first[1:], [len(spans)])) - 1
    joined = spans.take(first)
    return SpanTable(joined.document, joined.start, reach[last], joined.label, joined.voice)


def partial_credits(gold: SpanTable, predicted: SpanTable, documents: int) -> FloatArray:
    """Count what the score is made of, by document: credits [documents, 4]."""
    ours, theirs = union(gold), union(predicted)
    left, right = overlaps(ours, theirs)
    one, other = ours.take(left), theirs.take(right)
    shared = np.minimum(one.end, other.end) - np.maximum(one.start, other.start)
    table = np.zeros((documents, 4))
    np.add.at(table[:, 0], one.document, shared / (other.end - other.start))
    np.add.at(table[:, 1], theirs.document, 1)
    np.add.at(table[:, 2], one.document, shared / (one.end - one.start))
    np.add.at(table[:, 3], ours.document, 1)
    return table


def ptc_credits(gold: SpanTable, predicted: SpanTable, documents: int, labels: int) -> FloatArray:
    """Give credits [documents, labels + 1, 4]: of each type alone, and of all spans whatever their type."""
    rows = [
        partial_credits(gold.take(gold.label == label), predicted.take(predicted.label == label), documents)
        for label in range(labels)
    ]
    return np.stack([*rows, partial_credits(gold, predicted, documents)], axis=1)


def si_counts(
    articles: Sequence[Hashable], gold: Sequence[Sequence[CueSpan]], predicted: Sequence[Sequence[CueSpan]]
) -> FloatArray:
    """Count what the score is made of, by article.

    Args:
        articles: the article of each document.
        gold: gold spans of each document.
        predicted: predicted spans of each document; overlapping ones are joined (the scorer's option `-m`).

    Returns:
        [articles, 4]: the sum for precision, predicted spans, the sum for recall, gold spans.
    """
    places = lay_out(gold, predicted)
    counted = partial_credits(tabulate(gold, places, None), tabulate(predicted, places, None), len(gold))
    return add_up(articles, counted)


def si_f1(counts: FloatArray) -> FloatArray:
    """Give F1 of [..., 4] counts; 1 where nothing is gold and nothing predicted, as in the task's scorer."""
    nothing = (counts[..., 1] == 0) & (counts[..., 3] == 0)
    return np.where(nothing, 1.0, np.nan_to_num(credit.f1(counts)))


def si_precision(counts: FloatArray) -> FloatArray:
    """Give precision of [..., 4] counts; 0 where nothing is predicted."""
    return np.nan_to_num(credit.precision(counts))


def si_recall(counts: FloatArray) -> FloatArray:
    """Give recall of [..., 4] counts; 0 where nothing is gold."""
    return np.nan_to_num(credit.recall(counts))

"""Precision, recall and F1 of labels on sentences, with intervals.

A label on a sentence is a span that covers it, so that counts are those of `framing.evaluate.spans`; the number of
sentences, which gives the true negatives, is all that comes on top.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from framing.evaluate.bootstrap import Estimate, bootstrap, cluster_counts, f1
from framing.spans import CueSpan

Figures = NDArray[np.float64]
_COLUMNS: Final = 4


def sentence_counts(
    clusters: Sequence[Hashable],
    gold: Sequence[Sequence[CueSpan]],
    predicted: Sequence[Sequence[CueSpan]],
    labels: Sequence[str],
    sentences: Sequence[int],
) -> Figures:
    """Count for each cluster and label: gold, predicted and both, and the sentences.

    Args:
        clusters: the article of each document.
        gold: spans over whole sentences, a list a document.
        predicted: the same.
        labels: all labels.
        sentences: number of sentences a document.

    Returns:
        [clusters, labels, 4]
    """
    matched = cluster_counts(clusters, gold, predicted, labels, strict=True)
    place = {cluster: row for row, cluster in enumerate(dict.fromkeys(clusters))}
    total = np.zeros(len(place))
    np.add.at(total, [place[cluster] for cluster in clusters], np.asarray(sentences, dtype=np.float64))
    return np.concatenate((matched, np.broadcast_to(total[:, None, None], (*matched.shape[:2], 1))), axis=2)


def precision(counts: Figures) -> Figures:
    """Give matched over predicted of [..., 4] counts; 0 where nothing is predicted."""
    return _over(counts[..., 2], counts[..., 1])


def recall(counts: Figures) -> Figures:
    """Give matched over gold of [..., 4] counts; 0 where nothing is gold."""
    return _over(counts[..., 2], counts[..., 0])


def macro_f1(counts: Figures) -> Figures:
    """Give the unweighted mean F1 of [..., labels, 4] counts over labels.

    With one label, which makes the task binary, it is the mean of the F1 of the label and of its absence, as the field
    reports binary tasks (Spinde et al. 2021 for BABE).
    """
    if counts.shape[-2] > 1:
        return np.asarray(f1(counts).mean(axis=-1))
    gold, predicted, matched, total = (counts[..., 0, column] for column in range(_COLUMNS))
    absent = np.stack((total - gold, total - predicted, total - gold - predicted + matched), axis=-1)
    return np.asarray((f1(counts)[..., 0] + f1(absent)) / 2)


def sentence_table(counts: Figures) -> dict[str, list[Estimate]]:
    """Give precision, recall and F1 of each label, in the order of the columns, and of `micro` and `macro`.

    Args:
        counts: [clusters, labels, 4], as `sentence_counts` gives them.

    Returns:
        `{"precision": [of each label..., micro], "recall": ..., "f1": ..., "macro": [macro F1]}` with 95% intervals
        over clusters.
    """
    rows = [counts[:, column] for column in range(counts.shape[1])] + [counts.sum(axis=1)]
    statistics: dict[str, Callable[[Figures], Figures]] = {"precision": precision, "recall": recall, "f1": f1}
    table = {name: [bootstrap(row, statistic) for row in rows] for name, statistic in statistics.items()}
    flat = counts.reshape(len(counts), -1)
    table["macro"] = [bootstrap(flat, lambda found: macro_f1(found.reshape(*found.shape[:-1], -1, _COLUMNS)))]
    return table


def _over(part: Figures, whole: Figures) -> Figures:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)

"""Precision, recall and F1 of labels on sentences, with intervals.

A label on a sentence is a span that covers it, so that counts are those of `framing.evaluate.spans`; the number of
sentences, which gives the true negatives, is all that comes on top.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from framing.evaluate import credit
from framing.evaluate.bootstrap import Estimate, add_up, bootstrap, f1
from framing.evaluate.columns import BoolArray, FloatArray
from framing.evaluate.inputs import Run
from framing.evaluate.spans import span_counts
from framing.spans import CueSpan, Document

_COLUMNS: Final = 4


def sentence_counts(
    clusters: Sequence[Hashable],
    gold: Sequence[Sequence[CueSpan]],
    predicted: Sequence[Sequence[CueSpan]],
    labels: Sequence[str],
    sentences: Sequence[int],
) -> FloatArray:
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
    matched = span_counts(gold, predicted, labels, strict=True)
    total = np.broadcast_to(np.asarray(sentences, dtype=np.float64)[:, None, None], (*matched.shape[:2], 1))
    return add_up(clusters, np.concatenate((matched, total), axis=2))


def precision(counts: FloatArray) -> FloatArray:
    """Give matched over predicted of [..., 4] counts; NaN where nothing is predicted."""
    return _over(counts[..., 2], counts[..., 1])


def recall(counts: FloatArray) -> FloatArray:
    """Give matched over gold of [..., 4] counts; NaN where nothing is gold."""
    return _over(counts[..., 2], counts[..., 0])


def macro_f1(counts: FloatArray) -> FloatArray:
    """Give the unweighted mean F1 of [..., labels, 4] counts over the labels of gold and predictions; NaN without any.

    With one label, which makes the task binary, it is the mean of the F1 of the label and of its absence, as the field
    reports binary tasks (Spinde et al. 2021 for BABE).
    """
    gold, predicted, matched, total = np.moveaxis(counts, -1, 0)
    if counts.shape[-2] == 1:
        gold, predicted, matched = (
            np.concatenate(both, axis=-1)
            for both in (
                (gold, total - gold),
                (predicted, total - predicted),
                (matched, total - gold - predicted + matched),
            )
        )
    figures = f1(np.stack((gold, predicted, matched), axis=-1))
    return credit.macro(figures, (gold > 0) | (predicted > 0), axis=-1)


def sentence_table(counts: FloatArray) -> dict[str, list[Estimate]]:
    """Give precision, recall and F1 of each label, in the order of the columns, and of `micro` and `macro`.

    Args:
        counts: [clusters, labels, 4], as `sentence_counts` gives them.

    Returns:
        `{"precision": [of each label..., micro], "recall": ..., "f1": ..., "macro": [macro F1]}` with 95% intervals
        over clusters; NaN where a figure has nothing to be a share of.
    """
    rows = [counts[:, column] for column in range(counts.shape[1])] + [counts.sum(axis=1)]
    statistics: dict[str, Callable[[FloatArray], FloatArray]] = {"precision": precision, "recall": recall, "f1": f1}
    table = {name: [bootstrap(row, statistic) for row in rows] for name, statistic in statistics.items()}
    flat = counts.reshape(len(counts), -1)
    table["macro"] = [bootstrap(flat, lambda found: macro_f1(found.reshape(*found.shape[:-1], -1, _COLUMNS)))]
    return table


def prepare(
    gold: Sequence[Document], systems: Mapping[str, Sequence[Run]], labels: Sequence[str]
) -> tuple[list[Document], dict[str, list[Run]], list[str]]:
    """Put all labels on sentences, for `Evaluation(..., task="sentences")`.

    Sentences are gold's own (`sentence_ranges`), else those of `framing.text`; `framing.sentences.label_sentences` says
    which of them a span labels. With one label its absence becomes a label too, `not ...`, so that macro F1 is that of
    the binary task and micro F1 its accuracy. A label's score is the highest of the spans that give it.

    Args:
        gold: the documents.
        systems: each system's runs.
        labels: the labels that count.

    Returns:
        Documents, runs and labels, with one span a sentence and label.
    """
    from framing.sentences import label_sentences  # brings the tokenizer in, which spans don't need
    from framing.text import sentences

    absent = f"not {labels[0]}" if len(labels) == 1 else None
    cuts = [sentences(document.text) if (own := document.sentence_ranges) is None else list(own) for document in gold]

    def moved(spans: Sequence[CueSpan], cut: Sequence[tuple[int, int]]) -> tuple[CueSpan, ...]:
        found: dict[tuple[int, int, str], float | None] = {}
        for span in spans:
            for ends in label_sentences(span, cut) if span.label in labels else ():
                row = (*ends, span.label)
                scores = [score for score in (found.get(row), span.score) if score is not None]
                found[row] = max(scores, default=None)
        if absent is not None:
            found |= {(start, end, absent): None for start, end in cut if (start, end, labels[0]) not in found}
        return tuple(CueSpan(*row, score) for row, score in sorted(found.items(), key=lambda one: one[0]))

    documents = [document.with_spans(moved(document.spans, cut)) for document, cut in zip(gold, cuts, strict=True)]
    runs = {
        name: [
            replace(run, spans=[moved(spans, cut) for spans, cut in zip(run.spans, cuts, strict=True)]) for run in given
        ]
        for name, given in systems.items()
    }
    return documents, runs, [*labels, *([absent] if absent is not None else [])]


def right_sentences(gold: Sequence[Document], *runs: Run) -> BoolArray:
    """Tell of each sentence whether each run gives it exactly gold's labels: [runs, sentences].

    Sentences without a label in gold and all runs are left out; there all are right.

    Args:
        gold: documents from `prepare`.
        runs: runs from `prepare`.
    """
    rows = []
    for number, document in enumerate(gold):
        sides = [_by_sentence(spans) for spans in (document.spans, *(run.spans[number] for run in runs))]
        for sentence in sorted(set().union(*sides)):
            truth, *found = (side.get(sentence) for side in sides)
            rows.append([labels == truth for labels in found])
    return np.array(rows, dtype=bool).reshape(-1, len(runs)).T


def _by_sentence(spans: Sequence[CueSpan]) -> dict[tuple[int, int], set[str]]:
    found: dict[tuple[int, int], set[str]] = {}
    for span in spans:
        found.setdefault((span.start, span.end), set()).add(span.label)
    return found


def _over(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)

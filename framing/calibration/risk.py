"""Thresholds for a wanted precision or recall, and by conformal risk control with a guarantee."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from framing.cues import Cue
from framing.decode import UnitProbabilities, decode
from framing.evaluate.bootstrap import add_up
from framing.evaluate.columns import FloatArray
from framing.evaluate.spans import span_counts
from framing.spans import Document
from framing.tokens import TokenizedText

GRID: Final = tuple(round(0.02 * step, 2) for step in range(1, 50))
"""The thresholds that are tried, ascending."""


def counts_by_threshold(
    documents: Sequence[Document],
    texts: Sequence[TokenizedText],
    probabilities: Sequence[UnitProbabilities],
    cues: Sequence[Cue],
    articles: Sequence[str],
) -> FloatArray:
    """Count gold, found and matched spans (that overlap, one to one) at each threshold.

    Returns:
        [thresholds, articles, cues, 3], articles in the order in which they come first.
    """
    gold, labels = [document.spans for document in documents], [cue.name for cue in cues]
    tables = []
    for threshold in GRID:
        flat = (threshold,) * len(cues)
        found = [decode(text, said, cues, flat) for text, said in zip(texts, probabilities, strict=True)]
        tables.append(add_up(articles, span_counts(gold, found, labels, strict=False)))
    return np.stack(tables)


def for_precision(counts: FloatArray, target: float) -> float | None:
    """Give the lowest threshold from which on precision stays at the target; None if there is none.

    Args:
        counts: [thresholds, articles, 3] of one cue.
        target: in (0, 1).
    """
    total = counts.sum(axis=1)
    reached = total[:, 2] >= target * total[:, 1]
    reached &= total[:, 1] > 0
    stays = np.logical_and.accumulate(reached[::-1] | (total[::-1, 1] == 0))[::-1] & reached
    return GRID[int(stays.argmax())] if stays.any() else None


def for_recall(counts: FloatArray, target: float) -> float | None:
    """Give the highest threshold up to which recall stays at the target; None if there is none."""
    total = counts.sum(axis=1)
    stays = np.logical_and.accumulate(total[:, 2] >= target * total[:, 0])
    return GRID[int(stays.sum()) - 1] if stays[0] else None


def missed_shares(counts: FloatArray) -> FloatArray:
    """Give the share of its gold cues that each article with one lacks: [thresholds, articles with a gold cue]."""
    has = counts[0, :, 0] > 0
    return np.asarray(1.0 - counts[:, has, 2] / counts[:, has, 0])


def conformal(losses: FloatArray, alpha: float) -> int | None:
    """Choose a threshold by conformal risk control (Angelopoulos et al. 2022, https://arxiv.org/abs/2208.02814).

    If these articles and a new one are exchangeable, and the probabilities were fitted on none of them, then the loss
    to be expected on the new one is at most alpha.

    Args:
        losses: [thresholds, articles] in [0, 1]. They should rise with the threshold; where one falls, the highest
            so far is taken for it, which keeps the guarantee.
        alpha: the highest expected loss.

    Returns:
        The index of the highest threshold that keeps to it; None where not even the lowest does, or there are too few
        articles: fewer than 1 / alpha - 1.
    """
    number = losses.shape[1]
    risen = np.maximum.accumulate(losses, axis=0)
    bound = (risen.sum(axis=1) + 1.0) / (number + 1)
    kept = int((bound <= alpha).sum())  # the bound rises, too
    return kept - 1 if kept else None

"""Outlets compared within stories, so that what they choose to report makes no difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framing.evaluate.bootstrap import Estimate, estimates, parts
from framing.evaluate.columns import BoolArray, FloatArray, IntArray

_TIE = 1e-12


@dataclass(frozen=True, slots=True)
class Contrast:
    """One outlet beside the others in its stories.

    Attributes:
        stories: their number.
        own: [columns] its rates.
        others: [columns] the rates of the others.
        difference: [columns] own minus others, with intervals over stories.
        p: [columns] p-values.
    """

    stories: int
    own: FloatArray
    others: FloatArray
    difference: list[Estimate]
    p: FloatArray


def contrast(rows: FloatArray, story: IntArray, mine: BoolArray, *, scale: float, draws: int, seed: int) -> Contrast:
    """Compare the rows of one outlet with the others of the same stories, by a permutation test within stories.

    Where outlets don't differ, any row of a story might be the outlet's: in each round one is drawn for each story. The
    p-value is the share of rounds, the observed one among them, in which rates differ at least as much as observed.

    Args:
        rows: [rows, columns, 2] counts and what they are out of, a row for each outlet in each story.
        story: [rows] the story of each row.
        mine: [rows] whether the row is the outlet's; at most one row of a story is.
        scale: what rates are per.
        draws: resamples, and rounds of the test.
        seed: of both.

    Returns:
        The contrast, over stories that have a row of the outlet and another.
    """
    order = np.argsort(story, kind="stable")
    rows, story, mine = rows[order], story[order], mine[order]
    _, of_row, sizes = np.unique(story, return_inverse=True, return_counts=True)
    own_row = np.full(len(sizes), -1)
    own_row[of_row[mine]] = np.flatnonzero(mine)
    shared = np.flatnonzero((own_row >= 0) & (sizes > 1))
    total = np.zeros((len(sizes), *rows.shape[1:]))
    np.add.at(total, of_row, rows)
    total, own = total[shared], rows[own_row[shared]]
    begin = (np.cumsum(sizes) - sizes)[shared]
    sides = np.stack((own, total - own), axis=1)

    def apart(sums: FloatArray) -> FloatArray:
        return _rate(sums[..., 0, :, :], scale) - _rate(sums[..., 1, :, :], scale)

    everything = total.sum(axis=0)
    found = sides.sum(axis=0)
    observed = apart(found)
    random, reached = np.random.default_rng(seed), np.zeros(observed.shape)
    for part in parts(draws, max(len(shared), 1) * rows[0].size):
        places = begin + (random.random((part.stop - part.start, len(shared))) * sizes[shared]).astype(np.int64)
        drawn = rows[places].sum(axis=1)
        moved = apart(np.stack((drawn, everything - drawn), axis=1))
        less = np.abs(moved) < np.abs(observed) - _TIE  # a round without a figure counts against a difference
        reached += (~less).sum(axis=0)
    p = np.where(np.isnan(observed), np.nan, (reached + 1) / (draws + 1))
    difference = estimates(sides, apart, draws=draws, seed=seed)
    return Contrast(len(shared), _rate(found[0], scale), _rate(found[1], scale), difference, p)


def _rate(sums: FloatArray, scale: float) -> FloatArray:
    counts, outof = sums[..., 0], sums[..., 1]
    return np.asarray(np.divide(scale * counts, outof, out=np.full(counts.shape, np.nan), where=outof > 0))

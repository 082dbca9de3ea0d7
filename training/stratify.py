"""Share out groups of records so that every part gets its share of every label.

Iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011, "On the Stratification of Multi-Label Data"): the rarest
label's carriers are placed first. There the carriers are single examples, and one label decides; here they are whole
groups, so that all their labels and their size decide. No library does both: scikit-learn's StratifiedGroupKFold takes
one label a record, `iterative-stratification` no groups.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array

from training.duplicates import FloatArray, IntArray


def stratify(counts: csr_array, shares: Sequence[float], seed: int) -> IntArray:
    """Give each group a part.

    Each group goes where it raises Pearson's chi-square between reached and wanted counts the least. With groups of one
    record and no labels that is Webster's apportionment: sizes are right to a record.

    Args:
        counts: what each group holds of each label; the first column counts its records. [groups, labels]
        shares: the parts' shares, above 0, with a sum of 1. [parts]
        seed: breaks ties among groups.

    Returns:
        The part of each group. [groups]
    """
    wanted = np.outer(shares, counts.sum(axis=0)).astype(np.float64)
    reached: FloatArray = np.zeros_like(wanted)
    part = np.full(counts.shape[0], -1, dtype=np.int64)
    tie = np.random.default_rng(seed).permutation(counts.shape[0])
    columns = counts.tocsc()
    left = counts.sum(axis=0).astype(np.int64)
    while left.any():
        rarest = int(np.argmin(np.where(left > 0, left, left.max() + 1)))
        bounds = slice(columns.indptr[rarest], columns.indptr[rarest + 1])
        carriers, amounts = columns.indices[bounds], columns.data[bounds]
        for group in carriers[np.lexsort((tie[carriers], -amounts))]:
            if part[group] < 0:
                row = slice(counts.indptr[group], counts.indptr[group + 1])
                labels, held = counts.indices[row], counts.data[row]
                rise = (held * (2 * reached[:, labels] + held) / wanted[:, labels]).sum(axis=1)
                part[group] = np.argmin(rise)
                reached[part[group], labels] += held
                left[labels] -= held
    return part

"""The classical correction by a classifier's error rates, for contrast: Rogan and Gladen (1978).

https://doi.org/10.1093/oxfordjournals.aje.a112510. It takes the error rates of the labelled sample to hold in every
stratum, which prediction-powered inference doesn't.
"""

from __future__ import annotations

import numpy as np

from framing.estimate.powered import Articles, Fit, combine, naive, ratio_of_sums
from framing.evaluate.columns import FloatArray


def rogan_gladen(articles: Articles, sample: Articles, matched: FloatArray, *, share: bool) -> Fit | None:
    """Correct a rate by sensitivity and false alarms.

    For the share of articles with a cue it is the estimator of the paper, (apparent share + specificity - 1) /
    (sensitivity + specificity - 1). A rate is corrected in the same way: spurious cues a word are taken off, and what
    is left is divided by the share of gold cues that are found. Variances follow by the delta method.

    Args:
        articles: those of the stratum; `found` holds counts (or 0 and 1).
        sample: all labelled articles, from which the error rates come.
        matched: [labelled articles] found cues that match a gold one.
        share: whether rates are shares of articles.

    Returns:
        The fit; None where the sample has no gold cue, or the model is no better than chance on it.
    """
    if not sample.gold.sum():
        return None
    apparent = naive(articles)
    sensitivity = ratio_of_sums(matched, sample.gold, sample.cluster)
    free = sample.size - sample.gold if share else sample.size
    if not free.sum():
        return None
    alarms = ratio_of_sums(sample.found - matched, free, sample.cluster)
    bound = 1.0 if share else 0.0
    power = float(sensitivity.value[0] - bound * alarms.value[0])
    if power <= 0:
        return None
    value = float(apparent.value[0] - alarms.value[0]) / power
    weights = np.array([1.0, bound * value - 1.0, -value]) / power
    return combine([apparent, alarms, sensitivity], weights.tolist(), value, sensitivity.df)

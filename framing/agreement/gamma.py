"""Gamma (Mathet, Widlöcher, Métivier 2015, https://doi.org/10.1162/COLI_a_00227), by `pygamma-agreement`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

import numpy as np

from framing.agreement.annotators import Annotations
from framing.errors import needs_extra

SAMPLES: Final = 30
"""Random continua from which chance is taken, the package's default; a given precision takes minutes on few spans."""


def gamma(annotations: Annotations, labels: Sequence[str], *, seed: int = 0) -> float:
    """Give gamma of the spans of some types, with places and types weighing the same.

    Args:
        annotations: the spans; documents that all annotators read are laid end to end.
        labels: the types that count.
        seed: of the sampling of chance.

    Returns:
        Gamma; NaN where fewer than two annotators marked anything. It has no interval: a resample costs a whole run.

    Raises:
        MissingExtraError: the package isn't installed.
    """
    with needs_extra("--gamma needs", "agreement"):
        from pyannote.core import Segment
        from pygamma_agreement import CombinedCategoricalDissimilarity, Continuum
    continuum = Continuum()
    place = 0
    for document, row in zip(annotations.documents, zip(*annotations.marked.values(), strict=True), strict=True):
        if any(spans is None for spans in row):
            continue
        for name, spans in zip(annotations.names, row, strict=True):
            for span in spans or ():
                if span.label in labels:
                    continuum.add(name, Segment(place + span.start, place + span.end), span.label)
        place += len(document.text)
    if len(continuum.annotators) < 2:
        return float("nan")
    np.random.seed(seed)  # the package draws from NumPy's global generator
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)  # it warns once a sample that a faster solver isn't there
    try:
        return float(continuum.compute_gamma(CombinedCategoricalDissimilarity(), n_samples=SAMPLES).gamma)
    finally:
        logging.disable(before)

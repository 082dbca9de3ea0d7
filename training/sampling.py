"""Which documents and windows a training takes: nested shares of the data, and an epoch's order of windows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from datasets import Dataset
from torch.utils.data import Sampler
from transformers.trainer_pt_utils import get_length_grouped_indices

from framing.spans import Document
from training.figures import articles


def nested_share(documents: Sequence[Document], share: float, seed: int) -> list[Document]:
    """Draw whole articles until they hold a share of the documents; a smaller share lies inside a larger one.

    Args:
        documents: labelled documents; one without an `article` is its own.
        share: in (0, 1].
        seed: of the draw.

    Returns:
        At least one document, in the order in which they came.
    """
    sizes = Counter(articles(documents))
    drawn, taken = set(), 0
    for article in sorted(sizes, key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).digest()):
        if taken >= share * len(documents):
            break
        drawn.add(article)
        taken += sizes[article]
    return [document for document, owner in zip(documents, articles(documents), strict=True) if owner in drawn]


class EpochSampler(Sampler[int]):
    """Windows grouped by length, in an order that the seed and the epoch alone decide.

    So a resumed run sees what the interrupted one would have seen, and all processes of a training agree on who takes
    which window. Every epoch draws anew which windows without a span it takes.
    """

    def __init__(self, windows: Dataset, batch: int, *, negatives: float, seed: int) -> None:
        """Take training windows.

        Args:
            windows: with `input_ids`, and `cue_labels` above 0 under a span.
            batch: windows an update, over all processes.
            negatives: share of the windows without a span that an epoch takes, in [0, 1].
            seed: of the order.
        """
        self.lengths = [len(ids) for ids in windows["input_ids"]]
        taught = np.array([max(labels, default=0) > 0 for labels in windows["cue_labels"]], dtype=bool)
        self.positive, self.negative = np.flatnonzero(taught), np.flatnonzero(~taught)
        self.taken = round(negatives * len(self.negative))
        self.batch = batch
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Name the epoch, counted from 0; the Trainer does so."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Count the windows of an epoch."""
        return len(self.positive) + self.taken

    def __iter__(self) -> Iterator[int]:
        """Give an epoch's windows."""
        random = np.random.default_rng([self.seed, self.epoch])
        drawn = random.choice(self.negative, self.taken, replace=False)
        kept = np.sort(np.concatenate([self.positive, drawn])).tolist()
        generator = torch.Generator().manual_seed(int(random.integers(2**62)))
        order = get_length_grouped_indices([self.lengths[row] for row in kept], self.batch, generator=generator)  # type: ignore[no-untyped-call]
        return iter([kept[place] for place in order])

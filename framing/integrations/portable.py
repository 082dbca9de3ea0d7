"""Scorers that may be copied, pickled and forked, as spaCy and scikit-learn do with what is in their pipelines."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framing.scorer import Scorer


class PortableScorer:
    """The settings of a scorer, and the scorer itself, loaded once in each process.

    A pickle holds the settings alone. A forked process loads its own, since the runtime's threads don't come along.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        threshold: float | None = None,
        cues: Sequence[str] | None = None,
        threads: int | None = None,
    ) -> None:
        """Take the arguments of `framing.load`; nothing is loaded yet."""
        self._settings: dict[str, Any] = {"model": model, "threshold": threshold, "cues": cues, "threads": threads}
        self._loaded: tuple[int, Scorer] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_loaded": None}

    def get(self) -> Scorer:
        """Give this process's scorer.

        Raises:
            FramingError: as `framing.load`.
        """
        if self._loaded is None or self._loaded[0] != os.getpid():
            self._loaded = os.getpid(), Scorer.load(**self._settings)
        return self._loaded[1]

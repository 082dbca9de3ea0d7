"""A scikit-learn transformer: texts in, article profiles as features out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from framing.errors import InputError, MissingExtraError
from framing.integrations.portable import PortableScorer
from framing.spans import VOICES

try:
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.utils.validation import check_is_fitted
except ImportError as error:
    raise MissingExtraError("the transformer needs scikit-learn: run `pip install scikit-learn`") from error

MEASURES = ("per_1000", "count", "expected")


class FramingProfiler(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Turns texts into the rates of their framing cues, one column a cue type, or a type and voice.

    Nothing is learnt from the texts: `fit` only loads the model and settles the columns. It can be cloned, pickled and
    searched over like any other step.

    Examples:
        >>> from framing.integrations.sklearn import FramingProfiler
        >>> profiler = FramingProfiler(measure="count", cues=["pretext", "distancing"])
        >>> profiler.fit_transform(["The so-called truce, a pretext for war, held.", "Nothing happened."]).tolist()
        [[1.0, 1.0], [0.0, 0.0]]
        >>> profiler.get_feature_names_out().tolist()
        ['pretext', 'distancing']
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        measure: str = "per_1000",
        voices: bool = False,
        threshold: float | None = None,
        cues: Sequence[str] | None = None,
        threads: int | None = None,
    ) -> None:
        """Take the settings; as scikit-learn asks, they are checked by `fit`.

        Args:
            model: as for `framing.load`.
            measure: `per_1000` words, `count`, or `expected` (a sum of probabilities, which the rules don't have).
            voices: give a column a type and voice (`pretext_author`); not with `expected`.
            threshold: lowest score in (0, 1) for every type; None takes the model's own.
            cues: names of the types, in the order of the columns; None takes all that the model knows.
            threads: processor threads; None takes all cores.
        """
        self.model = model
        self.measure = measure
        self.voices = voices
        self.threshold = threshold
        self.cues = cues
        self.threads = threads

    def fit(self, X: Iterable[str], y: object = None) -> Self:  # noqa: N803 - scikit-learn's name
        """Load the model and settle the columns.

        Args:
            X: texts; only looked at for their kind.
            y: not used.

        Raises:
            FramingError: a setting is out of range, `X` is no sequence of texts, or the model can't be loaded.
        """
        if self.measure not in MEASURES:
            raise InputError(f"measure {self.measure!r} is not one of {', '.join(MEASURES)}")
        if self.measure == "expected" and (self.voices or self.model == "lexicon"):
            raise InputError("measure 'expected' is known neither for a voice nor from the rules; use 'per_1000'")
        _texts(X)
        self.scorer_ = PortableScorer(self.model, threshold=self.threshold, cues=self.cues, threads=self.threads)
        known = [cue.name for cue in self.scorer_.get().cues]
        self.cues_ = tuple(known if self.cues is None else self.cues)
        return self

    def transform(self, X: Iterable[str]) -> NDArray[np.float64]:  # noqa: N803
        """Score texts.

        Args:
            X: texts, of shape (n,).

        Returns:
            Figures of shape (n, columns), in the order of `get_feature_names_out`.

        Raises:
            InputError: `X` is no sequence of texts.
            NotFittedError: `fit` comes first.
        """
        check_is_fitted(self)
        rows = [self._row(scored.profile["cues"]) for scored in self.scorer_.get().score_many(_texts(X))]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.get_feature_names_out()))

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Give the names of the columns; `input_features` is not used."""
        check_is_fitted(self)
        if self.voices:
            return np.array([f"{cue}_{voice}" for cue in self.cues_ for voice in VOICES], dtype=object)
        return np.array(self.cues_, dtype=object)

    def _row(self, figures: dict[str, Any]) -> list[float]:
        if self.voices:
            return [figures[cue]["voices"][voice][self.measure] for cue in self.cues_ for voice in VOICES]
        return [figures[cue][self.measure] for cue in self.cues_]

    def __sklearn_tags__(self) -> Any:
        """Say that it takes texts, and gives the same for a text whatever it was fitted on."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array = True, True, False
        tags.no_validation = True
        return tags


def _texts(given: Iterable[str]) -> list[str]:
    if isinstance(given, str):
        raise InputError("X is one string; give a list of texts, [text] for a single one")
    if len(getattr(given, "shape", (0,))) != 1:
        raise InputError("X is a table; give the one column of texts: frame['text'], not frame[['text']]")
    texts = list(given)
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"X[{number}] is {type(text).__name__}, not a string; fill or drop what is missing first")
    return texts

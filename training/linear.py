"""Linear baselines of scikit-learn: on token features for spans, on TF-IDF for sentences.

Each gives logits on units as a network does, so that calibration, decoding and figures are the same code.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import log_loss

from framing.calibration.fit import calibrate
from framing.cues import Cue
from framing.decode import BEGIN, Calibration, FloatArray, WindowLogits, decode, encode_spans, unit_probabilities
from framing.spans import CueSpan, Document
from framing.text import IntArray
from framing.tokens import SENTENCES, SPANS, TokenizedText
from training.sentences import without_voices
from training.token_features import plain_text, token_features

_TAGS: Final = 3
_FEATURES: Final = 2**20
_STRENGTHS: Final = (0.3, 1.0, 3.0, 10.0, 30.0)
_RARE: Final = 1e-6


class Linear(ABC):
    """A system that scores units and is calibrated on dev like a network."""

    task: str

    def __init__(self, cues: Sequence[Cue], *, rules: bool = False, seed: int = 0) -> None:
        """Take the vocabulary, whether the rules' findings are features, and the seed of the optimisation."""
        self.cues = cues
        self.rules = rules
        self.seed = seed
        self.calibration = Calibration.neutral(len(cues))

    def fit(self, train: Sequence[Document], dev: Sequence[Document]) -> None:
        """Learn from `train`; temperatures and thresholds, and what `learn` has to choose, come from `dev`."""
        texts, held_out = self.cut(train), self.cut(dev)
        self.learn(texts, self._tags(train, texts), held_out, self._tags(dev, held_out))
        unvoiced = [without_voices(document) for document in dev]
        self.calibration = calibrate(unvoiced, held_out, self.logits(held_out), self.cues)

    def predict(self, documents: Sequence[Document]) -> list[list[CueSpan]]:
        """Decode as a network's logits are decoded."""
        texts, chosen = self.cut(documents), self.calibration
        return [
            decode(text, unit_probabilities(text, *values, chosen), self.cues, chosen.thresholds)
            for text, values in zip(texts, self.logits(texts), strict=True)
        ]

    def cut(self, documents: Sequence[Document]) -> list[TokenizedText]:
        """Cut documents into the task's units."""
        return [plain_text(document, self.task, rules=self.rules) for document in documents]

    def logits(self, texts: Sequence[TokenizedText]) -> list[WindowLogits]:
        """Give logits in the form in which a network gives them, without voices."""
        ends = np.cumsum([0, *(len(text.units) for text in texts)]).tolist()
        rows = self.score(texts)
        return [
            (
                [rows[start:end] for _ in text.windows],
                [np.zeros((end - start, _TAGS), dtype=np.float32) for _ in text.windows],
            )
            for text, start, end in zip(texts, ends[:-1], ends[1:], strict=True)
        ]

    def _tags(self, documents: Sequence[Document], texts: Sequence[TokenizedText]) -> IntArray:
        names = [cue.name for cue in self.cues]
        pairs = zip(documents, texts, strict=True)
        return np.concatenate(
            [np.stack([encode_spans(d.spans, text.units, name)[0] for name in names], axis=1) for d, text in pairs]
        )

    @abstractmethod
    def learn(
        self, train: Sequence[TokenizedText], tags: IntArray, dev: Sequence[TokenizedText], held: IntArray
    ) -> None:
        """Learn from texts and the [units, labels] tags of all their units."""

    @abstractmethod
    def score(self, texts: Sequence[TokenizedText]) -> FloatArray:
        """Give the logits of all units of some texts, one after another: [units, labels, 3], of sentences 1."""


class LinearTagger(Linear):
    """A logistic regression a type over the strings of `token_features`, hashed; Viterbi decodes as for a network.

    Learnt by stochastic gradient descent with averaged weights (Bottou 2010).
    """

    task = SPANS

    def learn(
        self, train: Sequence[TokenizedText], tags: IntArray, dev: Sequence[TokenizedText], held: IntArray
    ) -> None:
        """Learn from units and their [units, types] tags."""
        table = self._table(train)
        self.models = [
            SGDClassifier(loss="log_loss", alpha=1e-6, average=True, max_iter=10, tol=None, random_state=self.seed).fit(
                table, tags[:, column]
            )
            if len(np.unique(tags[:, column])) > 1
            else None
            for column in range(tags.shape[1])
        ]

    def score(self, texts: Sequence[TokenizedText]) -> FloatArray:
        """Give log-probabilities [units, types, 3]; of a type that training hasn't, that it isn't there."""
        table = self._table(texts)
        logits = np.full((table.shape[0], len(self.cues), _TAGS), np.log(_RARE), dtype=np.float32)
        logits[:, :, 0] = 0.0
        for column, model in enumerate(self.models):
            if model is not None:
                said = np.log(np.maximum(model.predict_proba(table), _RARE))
                logits[:, column, :] = np.log(_RARE)
                logits[:, column, model.classes_] = said
        return logits

    def _table(self, texts: Sequence[TokenizedText]) -> Any:
        hasher = FeatureHasher(_FEATURES, input_type="string", alternate_sign=False, dtype=np.float32)
        return hasher.transform(found for text in texts for found in token_features(text))


class TfidfSentences(Linear):
    """A logistic regression a label over the TF-IDF of a sentence's words and pairs of words.

    The strength of its regularisation is the one with the lowest loss on dev.
    """

    task = SENTENCES

    def learn(
        self, train: Sequence[TokenizedText], tags: IntArray, dev: Sequence[TokenizedText], held: IntArray
    ) -> None:
        """Learn from sentences and their [sentences, labels] tags."""
        self.vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
        table, other = self.vectors.fit_transform(_sentences(train)), self.vectors.transform(_sentences(dev))
        self.models = [
            self._best(table, tags[:, column] == BEGIN, other, held[:, column] == BEGIN)
            for column in range(tags.shape[1])
        ]

    def _best(self, table: Any, given: Any, other: Any, wanted: Any) -> LogisticRegression | None:
        if given.all() or not given.any():
            return None
        models = [LogisticRegression(C=c, max_iter=1000).fit(table, given) for c in _STRENGTHS]
        losses = [log_loss(wanted, model.predict_proba(other)[:, 1], labels=[False, True]) for model in models]
        return models[int(np.argmin(losses))]

    def score(self, texts: Sequence[TokenizedText]) -> FloatArray:
        """Give logits [sentences, labels, 1]; of a label that training hasn't, that it isn't there."""
        table = self.vectors.transform(_sentences(texts))
        logits = np.full((table.shape[0], len(self.cues), 1), np.log(_RARE), dtype=np.float32)
        for column, model in enumerate(self.models):
            if model is not None:
                logits[:, column, 0] = model.decision_function(table)
        return logits


def _sentences(texts: Sequence[TokenizedText]) -> list[str]:
    return [text.text[start:end] for text in texts for start, end in text.units.tolist()]

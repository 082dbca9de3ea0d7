"""Baselines that only count: the majority class of sentences, and the wordings that mostly are spans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from framing.cues import Cue
from framing.decode import encode_spans, spans_of_tags
from framing.spans import CueSpan, Document
from framing.tokens import SENTENCES, SPANS, TokenizedText
from training.token_features import plain_text, words_of


class WordingMajority:
    """Finds the wordings that mostly were spans of a type in training, the longest first.

    It is the baseline of the CoNLL-2003 shared task (Tjong Kim Sang and De Meulder 2003), with the majority of a
    wording's places in training in place of the demand that all of them are labelled.
    """

    def __init__(self, cues: Sequence[Cue]) -> None:
        """Take the vocabulary."""
        self.labels = [cue.name for cue in cues]
        self.shares: dict[str, dict[tuple[str, ...], float]] = {}

    def fit(self, train: Sequence[Document], dev: Sequence[Document]) -> None:
        """Count in how many of its places each wording is a span."""
        texts = [plain_text(document, SPANS) for document in train]
        for label in self.labels:
            labelled: Counter[tuple[str, ...]] = Counter()
            for document, text in zip(train, texts, strict=True):
                words = words_of(text)
                tags = encode_spans(document.spans, text.units, label)[0]
                labelled.update(tuple(words[first:last]) for first, last in spans_of_tags(tags.tolist()))
            lengths = {len(wording) for wording in labelled}
            places: Counter[tuple[str, ...]] = Counter()
            for text in texts:
                words = words_of(text)
                for length in lengths:
                    grams = (tuple(words[at : at + length]) for at in range(len(words) - length + 1))
                    places.update(gram for gram in grams if gram in labelled)
            shares = {wording: labelled[wording] / places[wording] for wording in labelled}
            self.shares[label] = {wording: share for wording, share in shares.items() if share > 0.5}

    def predict(self, documents: Sequence[Document]) -> list[list[CueSpan]]:
        """Give every place of those wordings; spans of one type never overlap."""
        return [sorted(self._spans(plain_text(document, SPANS))) for document in documents]

    def _spans(self, text: TokenizedText) -> list[CueSpan]:
        words, found = words_of(text), []
        for label, shares in self.shares.items():
            lengths = sorted({len(wording) for wording in shares}, reverse=True)
            at = 0
            while at < len(words):
                wording = next((w for n in lengths if (w := tuple(words[at : at + n])) in shares), ())
                if wording:
                    start, end = int(text.units[at, 0]), int(text.units[at + len(wording) - 1, 1])
                    found.append(CueSpan(start, end, label, shares[wording]))
                at += len(wording) or 1
        return found


class SentenceMajority:
    """Gives every sentence the labels that more than half of the training sentences have."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        """Take the vocabulary."""
        self.labels = [cue.name for cue in cues]
        self.shares: dict[str, float] = {}

    def fit(self, train: Sequence[Document], dev: Sequence[Document]) -> None:
        """Count labels."""
        total = sum(len(plain_text(document, SENTENCES).units) for document in train)
        seen = Counter(span.label for document in train for span in document.spans)
        self.shares = {label: seen[label] / max(total, 1) for label in self.labels}

    def predict(self, documents: Sequence[Document]) -> list[list[CueSpan]]:
        """Give the same labels to all sentences."""
        usual = [(label, share) for label, share in self.shares.items() if share > 0.5]
        cut = [plain_text(document, SENTENCES).units.tolist() for document in documents]
        return [[CueSpan(start, end, *row) for start, end in ranges for row in usual] for ranges in cut]

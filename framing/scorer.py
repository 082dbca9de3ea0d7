"""The public face: load a model and score texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from framing.cues import CODEBOOK, Cue
from framing.decode import UnitProbabilities, decode, unit_probabilities
from framing.designation import Designator
from framing.errors import InputError, hint
from framing.hub import folder_of
from framing.profile import count_words, profile
from framing.spans import CueSpan, Document, text_sha256
from framing.tokens import TokenizedText

CHUNK: Final = 64
"""Most documents whose windows are packed together."""

CHUNK_CHARACTERS: Final = 400_000
"""Characters at which a chunk is closed; bounds memory, whatever the number and size of documents."""


def chunks(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Pack a stream of documents into lists that are closed at `CHUNK` documents or `CHUNK_CHARACTERS`."""
    chunk: list[Document] = []
    size = 0
    for document in documents:
        chunk.append(document)
        size += len(document.text)
        if len(chunk) == CHUNK or size >= CHUNK_CHARACTERS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


@dataclass(frozen=True, slots=True)
class ScoredDocument:
    """A document with what a model found in it.

    Attributes:
        document: id, text, the found spans and the record's other fields.
        profile: the figures of `framing.profile.profile`.
        cues: the vocabulary, for drawing.
        model: name and version of the model.
    """

    document: Document
    profile: dict[str, Any]
    cues: tuple[Cue, ...]
    model: dict[str, str]

    @property
    def id(self) -> str:
        """The record's id."""
        return self.document.id

    @property
    def text(self) -> str:
        """The text as it came."""
        return self.document.text

    @property
    def spans(self) -> tuple[CueSpan, ...]:
        """The found cues, sorted."""
        return self.document.spans

    def to_record(self, text_field: str | None = None) -> dict[str, Any]:
        """Give the JSON form of a scored record.

        Args:
            text_field: the name under which the text is kept; None leaves it out.

        Returns:
            Our fields, then the record's own, of which those that have our names are left out. `text_sha256` is of the
            text in UTF-8, so that a record without it can still be told to be of a given text.
        """
        ours: dict[str, Any] = {
            "id": self.id,
            "status": "ok",
            "spans": [span.to_record(self.text) for span in self.spans],
            "profile": self.profile,
            "model": self.model,
            "text_sha256": text_sha256(self.text),
        }
        if text_field is not None:
            ours[text_field] = self.text
        return ours | {key: value for key, value in self.document.meta.items() if key not in ours}

    def _repr_html_(self) -> str:
        """Draw the text with its cues in a notebook."""
        from framing.report.article import article_fragment  # drawing is not needed for scoring

        return article_fragment(self)


class Finder(Protocol):
    """What a scorer needs of a model: its vocabulary, its name, and spans with expected counts."""

    cues: tuple[Cue, ...]
    name: str
    version: str

    def find_many(
        self, documents: Sequence[Document], threshold: float | None
    ) -> Iterator[tuple[list[CueSpan], Mapping[str, float] | None]]:
        """Give each document's spans and, where the model knows them, expected counts."""
        ...

    def find_levels(self, document: Document, thresholds: Sequence[float]) -> list[list[CueSpan]]:
        """Give a document's spans at each of several thresholds, from one run of the model."""
        ...


class ModelFinder:
    """A model folder as a finder."""

    def __init__(
        self,
        folder: Path,
        threads: int | None,
        *,
        gated: bool = False,
        threshold: float | None = None,
        provider: str = "cpu",
    ) -> None:
        """Open a folder; a gate is only used at thresholds that it was verified at: the model's own, or higher ones."""
        from framing.model import Model  # brings ONNX Runtime in, which the lexicon doesn't need

        self.model = Model(folder, threads=threads, gated=gated, provider=provider)
        if threshold is not None and threshold < max(self.model.info.calibration.thresholds):
            self.model.tokenizer.gate = None
        self.cues = self.model.info.cues
        self.name = self.model.info.name
        self.version = self.model.info.version
        self.designator = Designator.from_folder(folder)

    def find_many(
        self, documents: Sequence[Document], threshold: float | None
    ) -> Iterator[tuple[list[CueSpan], Mapping[str, float] | None]]:
        """Give each document's spans and expected counts."""
        for text, probabilities in self.read(documents):
            hoped = probabilities.expected()
            expected = {cue.name: float(value) for cue, value in zip(self.cues, hoped, strict=True)}
            yield self.designator.designate(text.text, self.decide(text, probabilities, threshold)), expected

    def find_levels(self, document: Document, thresholds: Sequence[float]) -> list[list[CueSpan]]:
        """Give a document's spans at each threshold."""
        ((text, probabilities),) = self.read([document])
        levels = [self.decide(text, probabilities, threshold) for threshold in thresholds]
        return _designated(self.designator, document.text, levels)

    def read(self, documents: Sequence[Document]) -> Iterator[tuple[TokenizedText, UnitProbabilities]]:
        """Give each document cut into units, and what the model says of them."""
        calibration, gate = self.model.info.calibration, self.model.tokenizer.gate
        background = None if gate is None else gate.background
        tokenized = list(self.model.tokenizer.tokenize_documents(documents))
        for text, logits in zip(tokenized, self.model.run(tokenized), strict=True):
            yield text, unit_probabilities(text, *logits, calibration, background)

    def decide(self, text: TokenizedText, probabilities: UnitProbabilities, threshold: float | None) -> list[CueSpan]:
        """Give the spans that follow, without the records of designations."""
        return decode(text, probabilities, self.cues, self.model.info.calibration.thresholds, threshold)


class _LexiconFinder:
    """The rules as a finder."""

    cues = CODEBOOK
    name = "lexicon"

    def __init__(self) -> None:
        from framing import __version__
        from framing.lexicon import Lexicon  # compiles its patterns on construction
        from framing.model import default_folder

        self.lexicon = Lexicon()
        self.version = __version__
        self.designator = Designator.from_folder(default_folder())

    def find_many(self, documents: Sequence[Document], threshold: float | None) -> Iterator[tuple[list[CueSpan], None]]:
        for document in documents:
            found = self.lexicon.find(document.text)
            kept = [span for span in found if threshold is None or (span.score or 0.0) >= threshold]
            yield self.designator.designate(document.text, kept), None

    def find_levels(self, document: Document, thresholds: Sequence[float]) -> list[list[CueSpan]]:
        found = self.lexicon.find(document.text)
        levels = [[span for span in found if (span.score or 0.0) >= threshold] for threshold in thresholds]
        return _designated(self.designator, document.text, levels)


def _designated(designator: Designator, text: str, levels: Sequence[Sequence[CueSpan]]) -> list[list[CueSpan]]:
    """Write the records of designations once for all levels, for they take longer than deciding does."""
    spans = sorted({span for level in levels for span in level})
    known = dict(zip(spans, designator.designate(text, spans), strict=True))
    return [[known[span] for span in level] for level in levels]


def check_choices(names: Sequence[str], threshold: float | None, chosen: Iterable[str]) -> None:
    """Check a threshold, and the types to report against those that a model knows; raises `InputError`."""
    if threshold is not None and not 0.0 < threshold < 1.0:
        raise InputError(f"threshold {threshold} is not between 0 and 1; leave it out to use the model's own")
    for name in chosen:
        if name not in names:
            raise InputError(f"unknown cue {name!r}; {hint(name, names, 'known are')}")


class Scorer:
    """Finds framing cues in texts with one model.

    Examples:
        >>> scorer = Scorer.load()
        >>> [span.label for span in scorer.score("The so-called truce, a pretext for war, held.").spans]
        ['distancing', 'pretext']
    """

    def __init__(self, finder: Finder, *, threshold: float | None = None, cues: Iterable[str] | None = None) -> None:
        """Take a finder; `load` is the usual way in.

        Args:
            finder: finds spans in texts.
            threshold: lowest score in (0, 1) for every cue type; None takes the model's own, one a type.
            cues: names of the types to report; None reports all.

        Raises:
            InputError: a threshold out of range, or an unknown cue.
        """
        names = [cue.name for cue in finder.cues]
        chosen = names if cues is None else list(cues)
        check_choices(names, threshold, chosen)
        self._finder = finder
        self.threshold = threshold
        self.cues = tuple(cue for cue in finder.cues if cue.name in chosen)
        self.model = {"name": finder.name, "version": finder.version}

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        *,
        threshold: float | None = None,
        cues: Iterable[str] | None = None,
        threads: int | None = None,
        exhaustive: bool = True,
        provider: str = "cpu",
    ) -> Scorer:
        """Load a model.

        Args:
            model: a model folder; `user/name` or `user/name@revision` for a model on the Hugging Face hub; None for the
                default model; `lexicon` for the rules.
            threshold: lowest score in (0, 1) for every type; None takes the model's own, one a type.
            cues: names of the types to report; None reports all.
            threads: processor threads; None takes all cores.
            exhaustive: run every sentence through the network; False lets those skip it that the model's gate takes
                for empty, if it has one and `threshold` isn't below the model's own, which it was verified at.
            provider: what the network runs on, `cpu` or `cuda`.

        Raises:
            ModelError: the folder is missing, changed, or of another format version, or the hub doesn't have it.
            MissingExtraError: a hub name, but `huggingface_hub` isn't installed; `cuda`, but ONNX Runtime hasn't it.
            InputError: a threshold out of range, or an unknown cue.
        """
        if model == "lexicon":
            return cls(_LexiconFinder(), threshold=threshold, cues=cues)
        if model is None:
            from framing.model import default_folder

            model = default_folder()
        return cls(
            ModelFinder(folder_of(model), threads, gated=not exhaustive, threshold=threshold, provider=provider),
            threshold=threshold,
            cues=cues,
        )

    def score(self, text: str, *, id: str = "text") -> ScoredDocument:
        """Score one text of any length."""
        return next(self.score_many([Document(id, text)]))

    def score_many(self, documents: Iterable[Document | str]) -> Iterator[ScoredDocument]:
        """Score documents (or plain texts) lazily and in order, in constant memory; their own spans are replaced."""
        stream = (
            item if isinstance(item, Document) else Document(f"text-{number}", item)
            for number, item in enumerate(documents, start=1)
        )
        labels = [cue.name for cue in self.cues]
        for chunk in chunks(stream):
            results = self._finder.find_many(chunk, self.threshold)
            for document, (spans, expected) in zip(chunk, results, strict=True):
                kept = [span for span in spans if span.label in labels]
                figures = profile(kept, count_words(document.text), labels, expected)
                yield ScoredDocument(document.with_spans(kept), figures, self.cues, self.model)

    def with_choices(self, *, threshold: float | None, cues: Iterable[str] | None) -> Scorer:
        """Give a scorer on the same loaded model with another threshold and other types; raises `InputError`."""
        return Scorer(self._finder, threshold=threshold, cues=cues)

    def score_levels(self, document: Document, thresholds: Sequence[float]) -> list[list[CueSpan]]:
        """Find what would be reported at each of several thresholds, with one run of the model.

        Args:
            document: the text.
            thresholds: each in (0, 1), for all types alike.

        Returns:
            For each threshold the spans that `score` would find with it; the designations among them are read
            beside the spans of all levels.
        """
        labels = [cue.name for cue in self.cues]
        levels = self._finder.find_levels(document, thresholds)
        return [[span for span in spans if span.label in labels] for spans in levels]

"""A spaCy pipeline component, `framing_cues`: cues as spans of a `Doc`.

spaCy finds it by name wherever both packages are installed:

    >>> import spacy
    >>> nlp = spacy.blank("en")
    >>> component = nlp.add_pipe("framing_cues")
    >>> doc = nlp("The so-called truce held.")
    >>> [(span.text, span.label_, span._.framing["voice"]) for span in doc.spans["sc"]]
    [('so-called', 'distancing', 'author')]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, cast

import numpy as np

from framing.errors import MissingExtraError
from framing.integrations.portable import PortableScorer
from framing.scorer import ScoredDocument

try:
    from spacy.language import Language
    from spacy.tokens import Doc, Span, SpanGroup
except ImportError as error:
    raise MissingExtraError("the pipeline component needs spaCy: run `pip install 'framing[spacy]'`") from error


def make_framing_cues(
    nlp: Language,
    name: str,
    model: str | None,
    threshold: float | None,
    cues: Sequence[str] | None,
    threads: int | None,
    spans_key: str,
) -> FramingCues:
    """Make the component; spaCy calls this for `nlp.add_pipe("framing_cues", config={...})`.

    Args:
        nlp: the pipeline.
        name: the component's name in it.
        model: a model folder, a hub name, `lexicon`, or None for the default model.
        threshold: lowest score in (0, 1) for every type; None takes the model's own.
        cues: names of the types to report; None reports all.
        threads: processor threads; None takes all cores.
        spans_key: the key of `doc.spans`; `sc` is the one of spaCy's own span categorizer and of displaCy.

    Raises:
        FramingError: as `framing.load`.
    """
    scorer = PortableScorer(model, threshold=threshold, cues=cues, threads=threads)
    scorer.get()  # what is wrong with the settings shows when the component is added
    return FramingCues(scorer, spans_key)


class FramingCues:
    """Finds cues in docs: `doc.spans[spans_key]`, with `doc._.framing` and `span._.framing`.

    spaCy's spans begin and end on its tokens, so that a cue is widened where a token sticks out. `span._.framing` is
    the cue's record, with offsets, score, voice and designation as they were found; `doc._.framing` the document's,
    with its profile. Both are plain JSON values, which `DocBin(store_user_data=True)` keeps.
    """

    def __init__(self, scorer: PortableScorer, spans_key: str) -> None:
        """Take a scorer and the key under which spans are put."""
        self.scorer = scorer
        self.spans_key = spans_key

    def __call__(self, doc: Doc) -> Doc:
        """Score one doc."""
        return next(self.pipe([doc], batch_size=1))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Score docs in batches, lazily and in order."""
        docs = iter(stream)
        while batch := list(islice(docs, batch_size)):
            for doc, scored in zip(batch, self.scorer.get().score_many(doc.text for doc in batch), strict=True):
                self._put(doc, scored)
                yield doc

    def _put(self, doc: Doc, scored: ScoredDocument) -> None:
        record = scored.to_record()
        doc._.framing = {key: record[key] for key in ("spans", "profile", "model")}
        group = SpanGroup(doc, name=self.spans_key, spans=[_span(doc, found) for found in record["spans"]])
        group.attrs["scores"] = np.array([found["score"] for found in record["spans"]], dtype="f")
        doc.spans[self.spans_key] = group


def _span(doc: Doc, record: dict[str, Any]) -> Span:
    found = doc.char_span(record["start"], record["end"], label=record["label"], alignment_mode="expand")
    return cast(Span, found)  # None only where offsets lie outside the text


def _record(span: Span) -> dict[str, Any] | None:
    """Find a span's record; None for a span that is no cue."""
    records = (span.doc._.framing or {}).get("spans", ())
    return next((record for record in records if _span(span.doc, record) == span), None)


Language.factory(
    "framing_cues",
    func=make_framing_cues,
    assigns=["doc.spans", "doc._.framing", "span._.framing"],
    default_config={"model": None, "threshold": None, "cues": None, "threads": None, "spans_key": "sc"},
)
Doc.set_extension("framing", default=None, force=True)
Span.set_extension("framing", getter=_record, force=True)

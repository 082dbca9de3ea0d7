"""Draw a scored article as HTML: a fragment for notebooks, a self-contained page for a browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from framing.cues import CODEBOOK, Cue
from framing.profile import count_words, profile
from framing.spans import CueSpan, Document

if TYPE_CHECKING:
    from jinja2 import Environment

    from framing.scorer import ScoredDocument

# Control characters but white space, and the bidirectional ones.
_CONTROLS: Final = dict.fromkeys(
    [
        *range(9),
        11,
        *range(14, 32),
        *range(127, 160),
        0x61C,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ],
    "\ufffd",
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text over which the same spans lie."""

    text: str
    spans: tuple[CueSpan, ...]


def segments(text: str, spans: Sequence[CueSpan]) -> Iterator[Segment]:
    """Cut a text at every start and end of a span, so that overlapping and nested spans can be drawn."""
    edges = sorted({0, len(text)} | {edge for span in spans for edge in (span.start, span.end)})
    for start, end in pairwise(edges):
        yield Segment(text[start:end], tuple(span for span in spans if span.start < end and start < span.end))


def article_fragment(scored: ScoredDocument) -> str:
    """Give a `<div>` with the highlighted text, a legend and the profile; scripts and requests are in none of it."""
    return environment().get_template("fragment.html").render(**_given(scored))


def articles_page(scored: Sequence[ScoredDocument], title: str, summary: Mapping[str, Any] | None = None) -> str:
    """Give a whole HTML page, complete in itself.

    Args:
        scored: the articles on it.
        title: of the page.
        summary: the profile of a larger number of articles, of which these are some; with it they can be folded out.
    """
    documents = [_given(one) for one in scored]
    return environment().get_template("page.html").render(documents=documents, title=title, summary=summary)


def article_picture(scored: ScoredDocument, *, width: int, height: int) -> str:
    """Give an SVG of the highlighted text that stands alone; what is longer than the picture fades out.

    Scores are left out, so that the picture depends on nothing but the spans.

    Args:
        scored: the article.
        width: in px.
        height: in px.
    """
    spans = tuple(CueSpan(span.start, span.end, span.label, voice=span.voice) for span in scored.spans)
    given = _given(replace(scored, document=replace(scored.document, spans=spans)))
    title = f"{scored.id}, with its cues highlighted"
    return environment().get_template("picture.svg").render(given, title=title, width=width, height=height)


def documents_fragment(documents: Sequence[Document], most: int = 20) -> str:
    """Give a `<div>` with the first documents of a corpus and their labels, each to fold out."""
    rows = [(document.id, _labelled(document)) for document in documents[:most]]
    return environment().get_template("corpus.html").render(rows=rows, total=len(documents))


def document_fragment(document: Document) -> str:
    """Give a `<div>` with a document and the labels that it has, drawn as `article_fragment` does."""
    return environment().get_template("fragment.html").render(**_labelled(document))


def _labelled(document: Document) -> dict[str, Any]:
    from framing.scorer import ScoredDocument

    named = {cue.name: cue for cue in CODEBOOK}
    labels = sorted({span.label for span in document.spans})
    cues = tuple(
        named.get(label) or Cue(label, colour=CODEBOOK[number % len(CODEBOOK)].colour)
        for number, label in enumerate(labels)
    )
    figures = profile(document.spans, count_words(document.text), labels)
    return _given(ScoredDocument(document, figures, cues, {}))


def _given(scored: ScoredDocument) -> dict[str, Any]:
    colours = {cue.name: cue.colour for cue in scored.cues}
    parts = [
        {
            "text": segment.text,
            "title": "; ".join(_describe(span, scored.text) for span in segment.spans),
            "colours": [colours[span.label] for span in segment.spans],
        }
        for segment in segments(scored.text, scored.spans)
    ]
    rows = [
        {
            "label": span.label,
            "colour": colours[span.label],
            "text": scored.text[span.start : span.end],
            "voice": span.voice,
            "score": "" if span.score is None else f"{span.score:.2f}",
            "designation": span.designation and span.designation.describe(scored.text),
        }
        for span in scored.spans
    ]
    return {
        "id": scored.id,
        "parts": parts,
        "rows": rows,
        "cues": scored.cues,
        "profile": scored.profile,
        "model": scored.model,
    }


def _describe(span: CueSpan, text: str) -> str:
    score = "" if span.score is None else f" {span.score:.2f}"
    voice = "" if span.voice is None else f", voice: {span.voice}"
    voice_score = "" if span.voice_score is None else f" {span.voice_score:.2f}"
    record = "" if span.designation is None else f", {span.designation.describe(text)}"
    return f"{span.label}{score}{voice}{voice_score}{record}"


def _without_controls(value: Any) -> Any:
    """Replace what could reorder or hide the text around it; templates' own markup is another type."""
    return value.translate(_CONTROLS) if type(value) is str else value


@cache
def environment() -> Environment:
    """Give the templates of this package, in which every value is escaped."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("framing.report"),
        autoescape=True,
        finalize=_without_controls,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["words"] = lambda name: str(name).replace("_", " ")
    return environment

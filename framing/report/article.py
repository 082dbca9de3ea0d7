"""Draw a scored article as HTML: a fragment for notebooks, a self-contained page for a browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from framing.spans import CueSpan

if TYPE_CHECKING:
    from jinja2 import Environment

    from framing.scorer import ScoredDocument


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


def articles_page(scored: Sequence[ScoredDocument], title: str) -> str:
    """Give a whole HTML page, complete in itself, with one article or several."""
    return environment().get_template("page.html").render(documents=[_given(one) for one in scored], title=title)


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


@cache
def environment() -> Environment:
    """Give the templates of this package, in which every value is escaped."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("framing.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["words"] = lambda name: str(name).replace("_", " ")
    return environment

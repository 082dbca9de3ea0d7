"""The page on which passages are settled: it needs nothing else, and saves decisions as JSON lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from framing.agreement.passages import KINDS, Passage
from framing.cues import CODEBOOK, colours_of
from framing.report.article import environment
from framing.spans import VOICES, CueSpan


def adjudication_page(disputed: Sequence[Passage], labels: Sequence[str]) -> str:
    """Give the page.

    Args:
        disputed: the passages to decide.
        labels: the types that a span of one's own may have, beside those of the codebook.
    """
    colours = colours_of(list(dict.fromkeys([*(cue.name for cue in CODEBOOK), *labels])))
    content = json.dumps([passage.to_record() for passage in disputed], ensure_ascii=False)
    return (
        environment()
        .get_template("adjudication.html")
        .render(
            passages=[_given(passage) for passage in disputed],
            kinds=KINDS,
            colours=colours,
            voices=VOICES,
            # Decisions are kept in the browser under this name, so that those of other annotations aren't mixed in.
            key=hashlib.sha256(content.encode()).hexdigest()[:16],
        )
    )


def _given(passage: Passage) -> dict[str, Any]:
    text = passage.document.text
    first, last = passage.sentence
    return {
        "id": passage.document.id,
        "start": passage.start,
        "end": passage.end,
        "kind": passage.kind,
        "first": first,
        "parts": (text[first : passage.start], text[passage.start : passage.end], text[passage.end : last]),
        "choices": [
            {
                "names": ", ".join(names),
                "spans": [span.to_record() for span in spans],
                "said": [_said(text, span) for span in spans],
            }
            for spans, names in passage.choices.items()
        ],
        "nothing": ", ".join(name for name, spans in passage.marked.items() if not spans),
    }


def _said(text: str, span: CueSpan) -> dict[str, str]:
    found = span.designation
    more = [] if span.voice is None else [span.voice]
    if found is not None:
        named = {
            name: ends and text[ends[0] : ends[1]]
            for name, ends in (("target", found.target), ("source", found.source))
        }
        more += [
            found.kind,
            *(f"{name}: {words}" for name, words in {"authority": found.authority, **named}.items() if words),
        ]
    return {"words": text[span.start : span.end], "label": span.label, "more": ", ".join(more)}

"""Made-up records for the tests of corpus formats, and a way through a format and back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

from framing.spans import VOICES, CueSpan, Designation, Document
from training.corpora.base import Losses, Reading
from training.corpora.registry import find

TEXT = "The so-called “truce”\r\nheld 🎉 for a day,\nsaid the junta."


def at(part: str, label: str, **fields: object) -> CueSpan:
    start = TEXT.index(part)
    return CueSpan(start, start + len(part), label, **fields)


PLAIN = Document("a1", TEXT, (at("so-called", "distancing"), at("junta", "group_label")))
RICH = Document(
    "b/2 %41",
    TEXT,
    (
        at("so-called", "distancing", score=0.5, voice="quoted", voice_score=0.25),
        at("so-called “truce”", "distancing", voice="author"),
        at("“truce”", "scare_quote"),
        at("🎉 for a day,\nsaid", "pretext"),
        at("junta", "label", designation=Designation("label", "Harbour", target=(0, 3))),
    ),
    {"outlet": "Harbour Post", "date": "2026-01-31"},
    ({"speaker": "x y"}, {}, {"target": "sea", "n": 2, "id": "p2"}, {"note": "odd"}, {"sure": True}),
)
EMPTY = Document("c3", "")

letters = st.sampled_from([*"ab, .#\"'-_=", "é", "🎉", "“", "\n", "\r\n", "\t", "\u2028", "\ufeff", "\u0301"])
texts = st.lists(letters, max_size=30).map("".join)
words = st.text('abc \n\té🎉"{}[]#;', min_size=1, max_size=6)
values = st.one_of(words, st.booleans(), st.integers(-5, 5), st.lists(words, max_size=2))
fields = st.dictionaries(st.sampled_from(["speaker", "note", "id", "fragments", "a b", "voice_of"]), values, max_size=3)


@st.composite
def documents(
    draw: st.DrawFn, text: st.SearchStrategy[str] = texts, labels: Sequence[str] = ("x", "y-z", "Two Words")
) -> list[Document]:
    """Documents with unique ids and with everything that spans and records can have."""
    found = []
    for identity in draw(st.lists(st.text("ab/.%é _", min_size=1, max_size=5), min_size=1, max_size=3, unique=True)):
        body = draw(text)
        spans = []
        for _ in range(draw(st.integers(0, 4)) if body else 0):
            start = draw(st.integers(0, len(body) - 1))
            end = draw(st.integers(start + 1, len(body)))
            span = {"start": start, "end": end, "label": draw(st.sampled_from(labels))}
            span["voice"] = draw(st.sampled_from([None, *VOICES]))
            if draw(st.booleans()):
                span["score"] = draw(st.sampled_from([0.0, 0.25, 1.0]))
            spans.append(span | draw(fields))
        record = {"id": identity, "text": body, "spans": spans}
        found.append(Document.from_record(record | draw(st.dictionaries(st.sampled_from(["outlet", "n"]), values))))
    return found


def through(name: str, given: list[Document], path: Path, **options: str) -> tuple[list[Document], Losses]:
    """Write and read again; `Format.write` compares as well."""
    form = find(name)
    losses = form.write(given, path, **options)
    again = {name: value for name, value in options.items() if name in form.options}
    return form.read(path, Reading(), **again), losses

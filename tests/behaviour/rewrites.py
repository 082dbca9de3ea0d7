"""Ways in which the same passage reaches us: other quotation marks, capitals, blanks, entities, scanned print.

A rewrite gives, for each character of a text, what stands in its place, so that gold spans can be moved along.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final

from framing.quotations import quotations
from framing.spans import CueSpan, Document
from framing.text import sentences

Rewrite = Callable[[str], list[str]]

_ENTITIES: Final = {
    '"': "&quot;", "'": "&#39;", "&": "&amp;", "“": "&ldquo;", "”": "&rdquo;", "‘": "&lsquo;", "’": "&rsquo;",
    "–": "&ndash;", "—": "&mdash;", "é": "&eacute;", "ü": "&#252;",
}  # fmt: skip
# Letters that optical character recognition takes for each other.
_CONFUSED: Final = {
    "a": "o", "b": "h", "c": "e", "d": "cl", "e": "c", "f": "t", "g": "q", "h": "b", "i": "l", "j": "i", "k": "lc",
    "l": "1", "m": "rn", "n": "u", "o": "0", "p": "o", "q": "g", "r": "n", "s": "5", "t": "f", "u": "n", "v": "y",
    "w": "vv", "x": "z", "y": "v", "z": "2", "A": "4", "B": "8", "C": "G", "D": "O", "E": "F", "F": "P", "G": "6",
    "H": "N", "I": "l", "J": "I", "K": "X", "L": "I", "M": "N", "N": "H", "O": "0", "P": "F", "Q": "O", "R": "B",
    "S": "5", "T": "I", "U": "V", "V": "U", "W": "VV", "X": "K", "Y": "V", "Z": "2",
}  # fmt: skip
OCR_NOISE: Final = 0.01


def marks(outer: tuple[str, str], inner: tuple[str, str], apostrophe: str | None = None) -> Rewrite:
    """Set every quotation in other marks: `outer`, and `inner` where it stands inside another."""

    def rewrite(text: str) -> list[str]:
        pieces = [apostrophe or char if char in "'’" else char for char in text]
        found = quotations(text)
        for quote in found:
            held = any(other.start < quote.start and quote.end <= other.end for other in found)
            opening, closing = inner if held else outer
            pieces[quote.start] = opening
            if quote.closed:
                pieces[quote.end - 1] = closing
        return pieces

    return rewrite


def capital_headline(text: str) -> list[str]:
    """Set the first sentence in capitals, as a headline."""
    _, end = sentences(text)[0]
    return [char.upper() if place < end else char for place, char in enumerate(text)]


def doubled_blanks(text: str) -> list[str]:
    return ["  " if char == " " else char for char in text]


def entities(text: str) -> list[str]:
    return [_ENTITIES.get(char, char) for char in text]


def scanned(text: str) -> list[str]:
    """Confuse one letter in a hundred, the same ones of a text every time."""
    dice = random.Random(text)  # noqa: S311
    return [_CONFUSED.get(char, char) if dice.random() < OCR_NOISE else char for char in text]


STRAIGHT: Final = marks(('"', '"'), ("'", "'"), "'")
REWRITES: Final[dict[str, Rewrite]] = {
    "straight marks": STRAIGHT,
    "curly marks": marks(("“", "”"), ("‘", "’"), "’"),
    "single marks": marks(("'", "'"), ('"', '"'), "'"),
    "German marks": marks(("„", "“"), ("‚", "‘")),
    "French marks": marks(("«\u00a0", "\u00a0»"), ("‹\u00a0", "\u00a0›")),
    "capital headlines": capital_headline,
    "double blanks": doubled_blanks,
    "HTML entities": entities,
    "OCR noise of 1%": scanned,
}


def rewritten(document: Document, rewrite: Rewrite) -> Document:
    """Rewrite a document and move its spans along."""
    pieces = rewrite(document.text)
    at = [0, *accumulate(map(len, pieces))]
    moved: Sequence[CueSpan] = [CueSpan(at[span.start], at[span.end], span.label) for span in document.spans]
    return Document(document.id, "".join(pieces), tuple(moved))

"""Records that the tests of splits, near-duplicates and `framing split` share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from framing.spans import CueSpan, Document

SHARES = {"train": 0.6, "dev": 0.2, "test": 0.2}
WIRE = (
    "The ferry left the harbour at dawn with forty passengers and a crate of oranges for the island school, "
    "which had asked for pears"
)  # 24 words, 22 shingles; another word for dawn leaves 19 of 25


def document(identity: str, text: str | None = None, labels: Sequence[str] = (), **meta: Any) -> Document:
    text = f"{identity} says something of its own" if text is None else text
    return Document(identity, text, tuple(CueSpan(0, 1, label) for label in labels), meta)


def ids(documents: Sequence[Document]) -> list[str]:
    return [item.id for item in documents]

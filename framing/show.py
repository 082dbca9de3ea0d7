"""Corpora and results in a notebook: the first documents with their cues, drawn as everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from framing.scorer import ScoredDocument
from framing.spans import Document


@dataclass(frozen=True, slots=True)
class Shown:
    """Draws itself in a notebook; elsewhere it says how much it holds."""

    documents: tuple[Document, ...]
    most: int

    def __repr__(self) -> str:
        return f"{len(self.documents):,} documents, {sum(len(document.spans) for document in self.documents):,} cues"

    def _repr_html_(self) -> str:
        from framing.report.article import documents_fragment

        return documents_fragment(self.documents, self.most)


def show(documents: Iterable[Document | ScoredDocument], most: int = 20) -> Shown:
    """Show a corpus, or results, in a notebook.

    Args:
        documents: what to show; all are counted.
        most: how many are drawn.
    """
    plain = tuple(item.document if isinstance(item, ScoredDocument) else item for item in documents)
    return Shown(plain, most)

"""Legal designations in many states' manners, kept out of training: found, taken for listings, with their authority."""

from __future__ import annotations

from pathlib import Path

from bars import Judge

from framing.io.jsonl import read_documents
from framing.scorer import Scorer


def authorities(names: str | None) -> set[str]:
    return set((names or "").split("; "))


def test_legal_designations(examples: Path, scorer: Scorer, judge: Judge) -> None:
    documents = read_documents(examples / "designations.jsonl")
    found = right = 0
    for document in documents:
        (gold,) = document.spans
        assert gold.designation is not None
        hits = [
            span.designation
            for span in scorer.score(document.text).spans
            if span.label == gold.label and span.overlaps(gold)
        ]
        found += bool(hits)
        right += any(
            hit is not None
            and hit.kind == "listing"
            and authorities(hit.authority) == authorities(gold.designation.authority)
            for hit in hits
        )
    assert len(documents) == 40
    judge("Designations found, of 40", found)
    judge("Designations right with authority, of 40", right)

"""Choose the passages of a pool whose labels would teach a model most, and mark in them what it finds."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from framing.cues import Cue
from framing.errors import InputError
from framing.scorer import chunks
from framing.spans import CueSpan, Document
from framing.text import IntArray, sentences, units
from framing.tokens import SENTENCES
from training.acquisition import (
    Doubts,
    Seen,
    at_random,
    divergence,
    doubtful_words,
    entropy,
    farthest_first,
    most_useful,
    take,
    usefulness,
    vectors,
)
from training.committee import Member
from training.progress import Progress, silent

STRATEGIES: Final = ("uncertainty", "diverse", "disagreement", "random")


def passages(document: Document, number: int) -> Iterator[Document]:
    """Cut a document into passages of at most `number` sentences, as even as can be.

    Sentences are the record's own (`sentence_ranges`), else those of `framing.text`. A document that is short enough
    stays as it is, without its spans. Passages of others are named `ID#OFFSET` and have the fields `article` (the
    document's own `article`, else its id) and `offset` (in code points of its text).
    """
    given = document.sentence_ranges
    ranges = sentences(document.text) if given is None else list(given)
    if 0 < len(ranges) <= number:
        yield document.with_spans(())
    elif ranges:
        for part in np.array_split(np.array(ranges), -(-len(ranges) // number)):
            start, end = int(part[0, 0]), int(part[-1, 1])
            where = {"article": document.meta.get("article") or document.id, "offset": start}
            if given is not None:
                where["sentence_ranges"] = (part - start).tolist()
            yield Document(f"{document.id}#{start}", document.text[start:end], (), {**document.meta, **where})


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen.

    Attributes:
        chosen: passages with the model's spans (without scores, for a person is to check them) and a field
            `selection` that says by which strategy, at which rank and for what value.
        pool: number of passages that could be chosen.
        excluded: number of passages left out because they are labelled already.
        model: name and version of the model.
        cues: its vocabulary.
        task: what it labels.
    """

    chosen: list[Document]
    pool: int
    excluded: int
    model: str
    cues: tuple[Cue, ...]
    task: str


def select(
    pool: Sequence[Document],
    model: Member,
    number: int,
    *,
    strategy: str = "uncertainty",
    against: Member | None = None,
    labels: Sequence[str] = (),
    labelled: Sequence[Document] = (),
    length: int = 4,
    seed: int = 0,
    progress: Progress = silent,
) -> Selection:
    """Choose passages; the same arguments give the same passages in the same order.

    Args:
        pool: documents of any length; their own spans don't count.
        model: whose doubt counts, and whose spans are written.
        number: how many passages to choose; fewer are given where the pool holds fewer that differ.
        strategy: one of `STRATEGIES`.
        against: the second opinion, for `disagreement`.
        labels: the cue types whose doubt counts, none for all; spans of all types are written.
        labelled: passages with these ids, or nearly these texts, are left out.
        length: most sentences in a passage.
        seed: of `random`.
        progress: shows how many passages have been read and marked.

    Raises:
        InputError: an unknown cue type, a second opinion missing, not wanted or of another task, or nothing to choose
            from.
    """
    if (against is None) == (strategy == "disagreement"):
        raise InputError("disagreement needs a second opinion, and it alone: give --against a model folder, or lexicon")
    if against is not None and against.task != model.task:
        raise InputError(
            f"{model.name} labels {model.task} and {against.name} {against.task}; compare models of one task"
        )
    types = _types(model, against, labels)
    done, seen = {document.id for document in labelled}, Seen()
    for document in labelled:
        seen.add(document.text)
    whole = [(document.id, passage) for document in pool for passage in passages(document, length)]
    candidates = [
        passage for source, passage in whole if not {source, passage.id} & done and not seen.copies(passage.text)
    ]
    if not candidates:
        raise InputError("the pool holds no passage that isn't labelled already; give another pool, or exclude less")
    texts = [passage.text for passage in candidates]
    order, values = _order(strategy, candidates, model, against, types, seed, progress)
    chosen = [candidates[index] for index in take(order, texts, number, seen)]
    worth = dict(zip((passage.id for passage in candidates), values, strict=False))
    marked = progress(_annotated(chosen, model), "marking", len(chosen))
    account = {"strategy": strategy, "model": model.name} | ({"against": against.name} if against else {})
    return Selection(
        [
            replace(passage, spans=spans, meta={**passage.meta, "selection": {**account, "rank": rank, **value}})
            for rank, (passage, spans) in enumerate(marked, start=1)
            for value in [{"value": round(worth[passage.id], 4)} if values else {}]
        ],
        len(candidates),
        len(whole) - len(candidates),
        model.name,
        model.cues,
        model.task,
    )


def _order(
    strategy: str,
    candidates: Sequence[Document],
    model: Member,
    against: Member | None,
    types: Sequence[str],
    seed: int,
    progress: Progress,
) -> tuple[Iterator[int], list[float]]:
    """Give the order in which to take the passages, and what each is worth; nothing for `random`."""
    if strategy == "random":
        return at_random(len(candidates), seed), []
    values, words = [], []
    for passage, ranges, doubts in progress(_doubts(candidates, model, against, types), "reading", len(candidates)):
        values.append(usefulness(doubts))
        if strategy == "diverse":
            cut = units(passage.text)
            if model.task == SENTENCES:
                doubts = _on_words(doubts, ranges, cut)
            words.append(doubtful_words([passage.text[start:end].lower() for start, end in cut.tolist()], doubts))
    if strategy == "diverse":
        return farthest_first(vectors(words, values), values), values
    return most_useful(values), values


def _doubts(
    candidates: Sequence[Document], model: Member, against: Member | None, types: Sequence[str]
) -> Iterator[tuple[Document, IntArray, Doubts]]:
    ours = [[cue.name for cue in model.cues].index(label) for label in types]
    for chunk in chunks(candidates):
        if against is None:
            for passage, (ranges, said, _) in zip(chunk, model.opinions(chunk), strict=True):
                yield passage, ranges, entropy(said[:, ours])
            continue
        theirs = [[cue.name for cue in against.cues].index(label) for label in types]
        both = zip(chunk, model.opinions(chunk), against.opinions(chunk), strict=True)
        for passage, (ranges, said, _), (_, other, _) in both:
            yield passage, ranges, divergence(said[:, ours], other[:, theirs])


def _on_words(doubts: Doubts, ranges: IntArray, words: IntArray) -> Doubts:
    """Give every word its sentence's doubt; a word outside all sentences has none."""
    spread = np.zeros((len(words), doubts.shape[1]))
    for (start, end), row in zip(ranges.tolist(), doubts, strict=True):
        spread[(words[:, 0] >= start) & (words[:, 0] < end)] = row
    return spread


def _types(model: Member, against: Member | None, labels: Sequence[str]) -> list[str]:
    """Give the cue types whose doubt counts; raises `InputError`."""
    known = [cue.name for cue in model.cues]
    if against is not None:
        known = [name for name in known if name in {cue.name for cue in against.cues}]
        if not known:
            raise InputError(f"{model.name} and {against.name} have no cue type in common; compare others")
    for label in labels:
        if label not in known:
            near = difflib.get_close_matches(label, known, 1, 0.4)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise InputError(f"unknown cue {label!r}; {hint}")
    return [name for name in known if name in labels or not labels]


def _annotated(chosen: Sequence[Document], model: Member) -> Iterator[tuple[Document, tuple[CueSpan, ...]]]:
    for chunk in chunks(chosen):
        for passage, (_, _, spans) in zip(chunk, model.opinions(chunk), strict=True):
            yield passage, tuple(replace(span, score=None, voice_score=None) for span in spans)

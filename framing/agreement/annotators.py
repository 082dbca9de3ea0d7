"""The files of annotators: read, joined by id, and checked to be of the same texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from framing.errors import InputError
from framing.evaluate.inputs import parse_systems, read_gold
from framing.spans import CueSpan, Document


@dataclass(frozen=True, slots=True)
class Annotations:
    """What annotators marked in the same texts.

    Attributes:
        documents: those that at least two annotators read, sorted by id; spans are in `marked`.
        marked: for each annotator the spans in each document; None where the annotator didn't read it.
        notes: what was left out.
    """

    documents: list[Document]
    marked: dict[str, list[tuple[CueSpan, ...] | None]]
    notes: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The annotators."""
        return list(self.marked)


def read_annotators(entries: Sequence[str], form: str | None = None) -> Annotations:
    """Read annotators' files and join them by id.

    Args:
        entries: `FILE` or `NAME=FILE,FILE`, an annotator each, in any format of `framing corpora`.
        form: the format of the files, where they name none; None is JSON lines.

    Raises:
        InputError: a file is wrong, there is only one annotator, two texts of one id differ, or nothing is shared.
        MissingExtraError: another format than JSON lines, but `training` can't be imported.
    """
    files = parse_systems(entries)
    if len(files) < 2:
        raise InputError(f"{entries[0]}: agreement needs two annotators or more; give a file for each")
    read: dict[str, dict[str, tuple[Document, str]]] = {}
    for name, paths in files.items():
        read[name] = {}
        for path in paths:
            for document in read_gold(path, form):
                if document.id in read[name]:
                    raise InputError(f"{path}: record {document.id!r} stands in {read[name][document.id][1]}, too")
                read[name][document.id] = document, path
    return _join(read)


def _join(read: dict[str, dict[str, tuple[Document, str]]]) -> Annotations:
    shared, alone = [], 0
    for identity in sorted(set().union(*read.values())):
        found = [documents[identity] for documents in read.values() if identity in documents]
        (first, source), *others = found
        for document, path in others:
            _same_text(first, source, document, path)
        there = [document for document, _ in found if document.meta.get("status") != "skipped"]
        if len(there) > 1:
            shared.append(there[0].with_spans(()))
        else:
            alone += 1
    if not shared:
        raise InputError(f"{', '.join(read)}: no record was read by two annotators; do their files share ids?")
    notes = [f"{len(shared):,} records that at least two annotators read"]
    if alone:
        notes.append(f"records that only one annotator read, or that were skipped, left out: {alone:,}")
    marked: dict[str, list[tuple[CueSpan, ...] | None]] = {}
    for name, documents in read.items():
        kept = {key: one for key, (one, _) in documents.items() if one.meta.get("status") != "skipped"}
        marked[name] = [kept[one.id].spans if one.id in kept else None for one in shared]
        here = [spans for spans in marked[name] if spans is not None]
        notes.append(f"{name}: {len(here):,} of these records, {sum(map(len, here)):,} spans")
    return Annotations(shared, marked, notes)


def _same_text(first: Document, source: str, other: Document, path: str) -> None:
    if first.text != other.text:
        pairs = enumerate(zip_longest(first.text, other.text))
        at = next(place for place, (one, two) in pairs if one != two)
        raise InputError(
            f"{path}: record {other.id!r} has another text than in {source} from character {at} on; annotators must "
            "read the same texts"
        )

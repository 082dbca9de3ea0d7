"""From one corpus format to another, with proof that no offset drifted and an account of what was lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from framing.errors import InputError
from training.corpora.base import Losses
from training.corpora.registry import find, read_corpus


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion did: how much was read, and what was left out in reading and in writing."""

    documents: int
    spans: int
    read: Losses
    written: Losses


def convert(entry: str, source: str, target: str, output: Path) -> Conversion:
    """Convert a corpus; what was written is read again and compared, span by span and field by field.

    Args:
        entry: the corpus, `path?option=value`.
        source: its format.
        target: the format to write.
        output: the file or folder to write; it must not exist yet.

    Raises:
        InputError: the corpus is wrong, the output can't be written, or what was read again differs.
        MissingExtraError: a format needs a package that isn't installed.
    """
    form = find(target)
    if form.writer is None:
        raise InputError(f"{target} is only read, not written; `framing corpora` lists what can be")
    losses = Losses()
    documents = read_corpus(f"{find(source).name}:{entry}", losses=losses)
    written = form.write(documents, output)
    return Conversion(len(documents), sum(len(document.spans) for document in documents), losses, written)

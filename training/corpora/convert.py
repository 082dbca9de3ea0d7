"""From one corpus format to another, with proof that no offset drifted and an account of what was lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.corpora.base import Losses
from training.corpora.registry import find, parse, read_corpus


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion did: how much was read, what was left out in reading and in writing, and where it is."""

    output: Path
    documents: int
    spans: int
    read: Losses
    written: Losses


def convert(entry: str, source: str, target: str, output: str) -> Conversion:
    """Convert a corpus; what was written is read again and compared, span by span and field by field.

    Args:
        entry: the corpus, `path?option=value`.
        source: its format.
        target: the format to write.
        output: the file or folder to write, `path?option=value`; it must not exist yet.

    Raises:
        InputError: the corpus is wrong, the output can't be written, or what was read again differs.
        MissingExtraError: a format needs a package that isn't installed.
    """
    form, path, options = parse(f"{find(target).name}:{output}")
    losses = Losses()
    documents = read_corpus(f"{find(source).name}:{entry}", losses=losses)
    written = form.write(documents, path, **options)
    return Conversion(path, len(documents), sum(len(document.spans) for document in documents), losses, written)

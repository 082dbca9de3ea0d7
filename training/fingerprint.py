"""Hashes of corpora, so that a run or a split can tell whether it still has the data that it saw."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from framing.errors import InputError
from training.corpora.registry import parse, read_corpus


def sha256(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fingerprint(entry: str) -> dict[str, str]:
    """Give a corpus's name and hash: of the file for JSON lines, else of what is read, from however many files.

    Raises:
        InputError: the corpus can't be read.
    """
    form, path, _ = parse(entry)
    if form.name == "jsonl":
        try:
            return {"name": path.name, "sha256": sha256(path)}
        except OSError as error:
            raise InputError(f"{path}: can't read the file ({error.strerror}); check the path") from error
    digest = hashlib.sha256()
    for document in read_corpus(entry):
        digest.update(json.dumps(document.to_record(), sort_keys=True).encode())
    return {"name": f"{form.name}:{path.name}", "sha256": digest.hexdigest()}

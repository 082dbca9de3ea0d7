"""All corpus formats by name, and reading a corpus that a recipe or a command names as `format:path?option=value`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from framing.errors import FramingError, InputError
from framing.spans import Document
from training.corpora import babe, basil, brat, cas, conll, docbin, doccano, hf, jsonl, labelstudio, ptc
from training.corpora.base import Format, Losses, Reading

_ALL: Final = (
    jsonl.FORMAT,
    ptc.FORMAT,
    basil.FORMAT,
    babe.FORMAT,
    doccano.FORMAT,
    labelstudio.FORMAT,
    brat.FORMAT,
    cas.XMI,
    cas.JSON,
    conll.FORMAT,
    docbin.FORMAT,
    hf.FORMAT,
)
FORMATS: Final = {form.name: form for form in _ALL}
_OPTIONS: Final = re.compile(r"\?(\w+=[^?&]*(?:&\w+=[^?&]*)*)$")


def find(name: str) -> Format:
    """Give a format; raises `InputError` with the nearest name."""
    if name in FORMATS:
        return FORMATS[name]
    near = difflib.get_close_matches(name, FORMATS, 1, 0.6)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(FORMATS)}"
    raise InputError(f"unknown corpus format {name!r}; {hint}")


def parse(entry: str) -> tuple[Format, Path, dict[str, str]]:
    """Take `format:path?option=value&option=value` apart; a path alone is our JSON lines.

    Raises:
        InputError: there is no such format.
    """
    name, colon, rest = entry.partition(":")
    if not colon or not re.fullmatch(r"[a-z][a-z-]+", name) or (name not in FORMATS and Path(entry).exists()):
        name, rest = "jsonl", entry
    options = _OPTIONS.search(rest)
    pairs = options[1].split("&") if options else []
    path = rest[: options.start()] if options else rest
    return find(name), Path(path), dict(pair.split("=", 1) for pair in pairs)


def read_corpus(
    entry: str,
    *,
    labels: Sequence[str] | None = None,
    losses: Losses | None = None,
    seen: dict[str, str] | None = None,
) -> list[Document]:
    """Read a labelled corpus, in which every record must be right.

    Args:
        entry: `format:path?option=value`, or the path of JSON lines.
        labels: the labels that spans may have; None allows any.
        losses: takes the account of what the reader leaves out or changes.
        seen: the places of the ids of corpora that are read together with this one; takes this one's.

    Raises:
        InputError: names the file, the line where there is one, and the mend.
        MissingExtraError: the format needs a package that isn't installed.
    """
    form, path, options = parse(entry)
    reading = Reading(labels, Losses() if losses is None else losses, {} if seen is None else seen)
    return form.read(path, reading, **options)


MOST_FAULTS: Final = 50
"""Faults of one corpus that are listed; the rest is counted."""


def corpus_faults(entries: Sequence[str], labels: Sequence[str] | None) -> list[str]:
    """Read the corpora of one part and list what is wrong with them; nothing when training can start.

    Args:
        entries: corpora as in `read_corpus`; no id may stand in two of them.
        labels: the labels that spans may have; None allows any.

    Returns:
        One line a fault, with file, line where there is one, and mend: every wrong record, span, label and id, and
        every file that can't be read at all; at most `MOST_FAULTS` a corpus and a line that counts the rest.
    """
    faults: list[str] = []
    seen: dict[str, str] = {}
    for entry in dict.fromkeys(entries):
        found: list[str] = []
        try:
            form, path, options = parse(entry)
            form.read(path, Reading(labels, seen=seen, faults=found), **options)
        except FramingError as error:
            found.append(str(error))
        faults += found[:MOST_FAULTS]
        if len(found) > MOST_FAULTS:
            faults.append(f"{entry}: and {len(found) - MOST_FAULTS} more")
    return faults

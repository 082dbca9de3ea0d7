"""The members of ZIP and TAR files as sources; nothing is ever unpacked to a disk, so no name can lead outside."""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO, Final, cast

from framing.io.jsonl import BadRecord
from framing.io.pieces import Source, damaged
from framing.io.readers import CONTAINERS, SourceReader, guess
from framing.io.streams import is_damage
from framing.io.whole import stem

_REPEATED: Final = re.compile(r"(?:#\d+)+$")
_HIDDEN: Final = re.compile(r"(?:^|/)(?:\.[^/.]|__MACOSX/)")


def members(file: Source, reader: SourceReader) -> Iterator[Source | BadRecord]:
    """Give the members of a container that hold records; hidden files and folders are passed over.

    Args:
        file: a source of form `zip` or `tar`.
        reader: keeps the container open.

    Yields:
        A source for each member; a bad record for one that can't be read (encrypted, an archive in an archive, a
        link), and for damage to the container, which ends it.
    """
    empty = True
    try:
        container = reader.container(file)
        found = _zipped(container, file) if file.form == "zip" else _tarred(container, file)
        for source in found:
            empty = False
            yield source if isinstance(source, BadRecord) else _formed(source, reader)
    except Exception as error:
        if not is_damage(error):
            raise
        yield damaged(file.label, error)
        return
    if empty:
        yield BadRecord(file.label, f"{file.label}: no files in it; leave it out", {}, "empty")


def _zipped(container: Any, file: Source) -> Iterator[Source | BadRecord]:
    names = _Names()
    for index, entry in enumerate(cast("zipfile.ZipFile", container).infolist()):
        if entry.is_dir() or _HIDDEN.search(entry.filename):
            continue
        source = _member(file, entry.filename, names, index, entry.file_size)
        if entry.flag_bits & 1:
            yield BadRecord(source.label, f"{source.label}: encrypted; unpack it first", {}, "encrypted")
        else:
            yield source


def _tarred(container: Any, file: Source) -> Iterator[Source | BadRecord]:
    names = _Names()
    container.seek(0)
    with tarfile.open(fileobj=container, mode="r:") as tar:
        for entry in _entries(tar):
            if entry.isdir() or _HIDDEN.search(entry.name):
                continue
            source = _member(file, entry.name, names, entry.offset_data, entry.size)
            if not entry.isreg() or entry.sparse is not None:
                reason = f"{source.label}: a link or a special file; put the file itself into the archive"
                yield BadRecord(source.label, reason, {}, "not_a_file")
            else:
                yield source


class _Names:
    """Tells members of one name apart: `a.txt`, `a.txt#2`; of each member a number is kept."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def unique(self, name: str) -> str:
        """Give a name that no member before has."""
        found, times = name, 1
        while hash(found) in self._seen:
            times += 1
            found = f"{name}#{times}"
        self._seen.add(hash(found))
        return found


def _member(file: Source, name: str, names: _Names, index: int, length: int) -> Source:
    member = names.unique(name)
    return replace(file, name=stem(name), member=member, index=index, length=length, container=file.form)


def _entries(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    while (entry := tar.next()) is not None:
        tar.members = []  # type: ignore[attr-defined]  # else a million members stay in memory
        yield entry


def _formed(source: Source, reader: SourceReader) -> Source | BadRecord:
    try:
        reader.open(replace(source, form="text"))
        form = guess(cast("BinaryIO", reader.stream), _REPEATED.sub("", source.member or ""), reader.options)
    except Exception as error:
        if not is_damage(error):
            raise
        return damaged(source.label, error)
    if form in CONTAINERS:
        reason = f"{source.label}: an archive in an archive; unpack the outer one first"
        return BadRecord(source.label, reason, {}, "nested")
    return replace(source, form=form)

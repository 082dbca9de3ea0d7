"""From what a user names (files, folders, globs, lists, URLs) to files, in an order that never changes."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from framing.errors import InputError
from framing.io.pieces import Source
from framing.io.streams import file_system
from framing.io.whole import stem

_DATASET_MARKS: Final = frozenset({"dataset_dict.json", "dataset_info.json", "state.json"})
_DATA: Final = (".arrow", ".parquet", ".jsonl", ".jsonl.gz", ".jsonl.zst", ".csv", ".tsv", ".csv.gz")


@dataclass(frozen=True, slots=True)
class Files:
    """The files that inputs stand for; iterating walks the folders anew.

    Attributes:
        inputs: files, folders (walked through, hidden files left out), globs, `@list` (a file with one input a line),
            and `fsspec` URLs of files, globs or folders.
        output: a folder that is never an input, even inside one.
    """

    inputs: tuple[str, ...]
    output: Path

    def __iter__(self) -> Iterator[Source]:
        """Give each file, folders sorted by name; their form isn't known yet.

        Raises:
            InputError: an input that doesn't exist, can't be read or holds no file.
        """
        return _expand(self.inputs, self.output.resolve())


def _expand(inputs: Sequence[str], output: Path, lists: tuple[str, ...] = ()) -> Iterator[Source]:
    seen: set[int] = set()
    for name in inputs:
        empty = True
        for source in _one(name, output, lists):
            empty = False
            if hash(source.path) in seen:
                raise InputError(f"{source.path}: named by two inputs; name it once")
            if len(inputs) > 1:
                seen.add(hash(source.path))
            yield source
        if empty:
            raise InputError(f"{name}: no file there; check the path")


def _one(name: str, output: Path, lists: tuple[str, ...]) -> Iterator[Source]:
    try:
        if name.startswith("@"):
            if name in lists:
                raise InputError(f"{name}: a list that names itself; take that line out of it")
            named = Path(name[1:]).read_text(encoding="utf-8").splitlines()
            yield from _expand([line.strip() for line in named if line.strip()], output, (*lists, name))
        elif "://" in name:
            yield from _remote(name)
        elif os.path.isdir(name):
            yield from _walk(name, name, output)
        elif os.path.exists(name) or not glob.has_magic(name):
            yield _local(name, os.path.basename(name))
        else:
            for found in sorted(glob.glob(name, recursive=True)):
                if os.path.isfile(found) and output not in Path(found).resolve().parents:
                    yield _local(found, found)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{name}: can't read it ({reason}); check the path") from error


def _local(path: str, name: str) -> Source:
    status = os.stat(path)
    return Source(path, status.st_size, str(status.st_mtime_ns), name=stem(name.replace(os.sep, "/")))


def _walk(folder: str, root: str, output: Path) -> Iterator[Source]:
    entries = sorted((entry for entry in os.scandir(folder) if entry.name[0] not in "._"), key=lambda entry: entry.name)
    names = {entry.name for entry in entries}
    chosen = _dataset(folder, names)
    for entry in entries:
        if entry.is_dir():
            if Path(entry.path).resolve() != output:
                yield from _walk(entry.path, root, output)
        elif chosen is None or entry.name in chosen:
            yield _local(entry.path, os.path.relpath(entry.path, root))


def _dataset(folder: str, names: set[str]) -> set[str] | None:
    """Choose the data files of a Hugging Face data set folder, saved or from the hub; None for any other folder."""
    if "state.json" in names:
        try:
            state = json.loads(Path(folder, "state.json").read_text(encoding="utf-8"))
            return {entry["filename"] for entry in state["_data_files"]}
        except (ValueError, KeyError, TypeError):
            return None
    if names & _DATASET_MARKS:
        return {name for name in names if name.endswith(_DATA)}
    if "README.md" in names:
        with open(os.path.join(folder, "README.md"), "rb") as stream:
            if stream.read(4) == b"---\n":
                return {name for name in names if name.endswith(_DATA)}
    return None


def _remote(url: str) -> Iterator[Source]:
    system, path = file_system(url)
    if system.isdir(path):
        names = system.find(path)
    elif glob.has_magic(path):
        names = system.glob(path)
    else:
        names = [path]
    for name in sorted(names):
        info = system.info(name)
        if info.get("type") == "directory":
            continue
        below = name.removeprefix(path).lstrip("/") or name.rpartition("/")[2]
        yield Source(system.unstrip_protocol(name), int(info["size"] or 0), _version(info), name=stem(below))


def _version(info: dict[str, Any]) -> str:
    """Give what a remote file system says of a file's version, as far as it says anything."""
    keys = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "updated", "created")
    return next((str(info[key]) for key in keys if info.get(key)), "")


def changed(source: Source) -> str:
    """Say how a file differs from what was planned; nothing when it is the same.

    Raises:
        OSError: the file is no longer there.
    """
    if "://" in source.path:
        (now,) = _remote(source.path)
    else:
        now = _local(source.path, source.name)
    if now.size != source.size:
        return f"it had {source.size:,} bytes and has {now.size:,}"
    return "" if now.modified == source.modified else "it was written to since"

"""From what a user names (files, folders, globs, lists, URLs) to files, in an order that never changes."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from framing.archive.datasets import no_data
from framing.archive.state import OURS, is_output
from framing.errors import InputError
from framing.io.pieces import Source
from framing.io.streams import file_system
from framing.io.whole import stem

OUTPUT: Final = "output"
"""The kind of an output of an earlier run, which is no input even inside one."""


@dataclass(frozen=True, slots=True)
class LeftOut(Source):
    """A file or folder that is found and not read: one skipped record.

    Attributes:
        reason: why, and what to do.
        kind: the reason in a word.
    """

    reason: str = ""
    kind: str = "unreadable"


@dataclass(frozen=True, slots=True)
class Files:
    """The files that inputs stand for; iterating walks the folders anew.

    Attributes:
        inputs: files, folders (walked through, hidden files left out), globs, `@list` (a file with one input a line;
            blank lines and those that begin with `# ` are comments), and `fsspec` URLs of files, globs or folders.
        output: a folder that is never an input, even inside one.
    """

    inputs: tuple[str, ...]
    output: Path

    def check(self) -> None:
        """Look for what is named, without walking folders, before anything is written.

        Raises:
            InputError: a list can't be read, a file or folder isn't there, or the output is an input itself.
        """
        output = os.path.realpath(self.output)
        for name in _names(self.inputs):
            if "://" in name or (glob.has_magic(name) and not os.path.exists(name)):
                continue
            _status(name)
            if os.path.realpath(name) == output:
                raise InputError(f"{self.output}: an input, too; choose another folder with -o, as {name}/scored")

    def __iter__(self) -> Iterator[Source]:
        """Give each file, folders sorted by name; their form isn't known yet.

        Raises:
            InputError: an input that doesn't exist, can't be read or holds no file.
        """
        return _expand(list(_names(self.inputs)), os.path.realpath(self.output))


def _names(inputs: Iterable[str], lists: tuple[str, ...] = ()) -> Iterator[str]:
    """Give the inputs, those of lists in their place."""
    for name in inputs:
        if not name.startswith("@"):
            yield name.removeprefix("file://")
            continue
        if name in lists:
            raise InputError(f"{name}: a list that names itself; take that line out of it")
        try:
            lines = Path(name[1:]).read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable(name, error) from error
        named = [line.strip() for line in lines if line.strip() not in ("", "#") and not line.lstrip().startswith("# ")]
        if not named:
            raise InputError(f"{name}: a list without inputs; write one a line")
        yield from _names(named, (*lists, name))


def _expand(names: list[str], output: str) -> Iterator[Source]:
    seen: set[int] = set()
    for name in names:
        found: set[int] = set()
        empty = True
        for source in _one(name, output):
            empty = False
            if len(names) > 1:  # else nothing is kept: a folder may hold any number of files
                found.add(identity := hash(_identity(source)))
                if identity in seen:
                    raise InputError(f"{source.path}: named by two inputs; name it once")
            yield source
        if empty:
            raise InputError(f"{name}: no file there; check the path")
        seen |= found


def _identity(source: Source) -> str:
    """Give the one name of a file that has several spellings."""
    if "://" in source.path:
        return source.path
    return os.path.abspath(source.path) if isinstance(source, LeftOut) else os.path.realpath(source.path)


def _one(name: str, output: str) -> Iterator[Source]:
    try:
        if "://" in name:
            yield from _remote(name)
        elif os.path.isdir(name):
            yield from _walk(name, name, output, ())
        elif os.path.exists(name) or not glob.has_magic(name):
            yield _local(name, os.path.basename(name))
        else:
            yield from _glob(name, output)
    except OSError as error:
        raise _unreadable(name, error) from error


def _status(name: str) -> os.stat_result:
    try:
        return os.stat(name)
    except OSError as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: OSError | UnicodeDecodeError) -> InputError:
    return InputError(f"{name}: can't read it ({getattr(error, 'strerror', None) or error}); check the path")


def _local(path: str, name: str) -> Source:
    return _source(path, name, os.stat(path))


def _source(path: str, name: str, status: os.stat_result) -> Source:
    return Source(path, status.st_size, str(status.st_mtime_ns), name=stem(name.replace(os.sep, "/")))


def _found(path: str, name: str) -> Source:
    """Give a file that a folder or glob holds; what can't be read is told in its place, and stops nothing else."""
    try:
        status = os.stat(path)
    except OSError as error:
        what, mend = ("a broken link", "mend it") if os.path.islink(path) else ("can't read it", "check its rights")
        return LeftOut(path, 0, "", reason=f"{path}: {what} ({error.strerror}); {mend}, or leave it out")
    if not stat.S_ISREG(status.st_mode):
        return LeftOut(path, 0, "", reason=f"{path}: a pipe or a device, no file; leave it out", kind="not_a_file")
    return _source(path, name, status)


def _glob(pattern: str, output: str) -> Iterator[Source]:
    """Give what a pattern stands for; of a link back and of an earlier output one is told, however many match."""
    told: set[str] = set()
    loops: dict[str, LeftOut | None] = {}
    root = pattern
    while glob.has_magic(root):
        root = os.path.dirname(root)
    for path in sorted(glob.glob(pattern, recursive=True)):
        if os.path.isdir(path) or _within(os.path.realpath(path), output):
            continue
        folder = os.path.dirname(path)
        if folder not in loops:
            loops[folder] = _loop(root, folder)
        left = loops[folder] or _earlier(path)
        if left is None:
            yield _found(path, path)
        elif left.path not in told:
            told.add(left.path)
            yield left


def _loop(root: str, folder: str) -> LeftOut | None:
    """Find a link below the root, on the way to a folder, that leads back to where it came from."""
    path, above = root, {os.path.realpath(root)}
    for part in os.path.relpath(folder or ".", root or ".").split(os.sep):
        path = os.path.join(path, part)
        real = os.path.realpath(path)
        if part != "." and real in above:
            return _link_back(path, real)
        above.add(real)
    return None


def _link_back(path: str, target: str) -> LeftOut:
    return LeftOut(path, 0, "", reason=f"{path}: a link back to {target}, which it lies in; leave it out")


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _earlier(path: str) -> LeftOut | None:
    """Tell whether a file is one that an earlier run wrote into its output."""
    inner = path
    while (folder := os.path.dirname(inner)) != inner:
        if os.path.basename(inner) in OURS and is_output(folder or "."):
            return _tables(folder or ".")
        inner = folder
    return None


def _tables(folder: str) -> LeftOut:
    reason = f"{folder}: an output of `framing archive`, whose own files are left out; keep it outside of the inputs"
    return LeftOut(folder, 0, "", reason=reason, kind=OUTPUT)


def _walk(folder: str, root: str, output: str, above: tuple[str, ...]) -> Iterator[Source]:
    """Walk through a folder; `above` are the real paths of those on the way to it."""
    try:
        with os.scandir(folder) as found:
            entries = sorted((entry for entry in found if entry.name[0] not in "._"), key=lambda entry: entry.name)
    except OSError as error:
        if folder == root:
            raise
        reason = f"{folder}: can't read the folder ({error.strerror}); check its rights"
        yield LeftOut(folder, 0, "", reason=reason)
        return
    names = {entry.name for entry in entries}
    if "run.json" in names and is_output(folder):
        yield _tables(folder)
        entries = [entry for entry in entries if entry.name not in OURS]
    left = no_data(folder, names)
    above = (*above, os.path.realpath(folder))
    for entry in entries:
        if _is_folder(entry):
            target = os.path.realpath(entry.path)
            if target in above:
                yield _link_back(entry.path, target)
            elif not _within(target, output):
                yield from _walk(entry.path, root, output, above)
        elif entry.name in left:
            reason = f"{entry.path}: {left[entry.name]}; if it is an article, name it as an input of its own"
            yield LeftOut(entry.path, 0, "", reason=reason, kind="no_data")
        else:
            yield _found(entry.path, os.path.relpath(entry.path, root))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # of a link to itself
        return False


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

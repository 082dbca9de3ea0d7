"""Folders that take a report with its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from framing.errors import writing


def make_folder(folder: Path) -> None:
    """Make the folder that takes a report; raises `InputError`."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)


@contextmanager
def new_folder(folder: Path | None) -> Iterator[None]:
    """Make the folder that takes a report, and remove it again where an error leaves it empty; raises `InputError`."""
    there = folder is None or folder.exists()
    if folder is not None:
        make_folder(folder)
    try:
        yield
    except BaseException:
        if folder is not None and not there and not any(folder.iterdir()):
            folder.rmdir()
        raise


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write texts by name into a folder that is there, over those of an earlier run; raises `InputError`."""
    with writing(folder):
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")

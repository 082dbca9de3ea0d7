"""Errors that a user can act on: each message is one line and names the place and the mend."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class FramingError(Exception):
    """Base of all errors that `framing` raises on purpose; the command line prints it and exits with 2."""


class RecordError(FramingError):
    """A record that can't be a `Document`: the message names the record, the fault and the mend."""


class InputError(FramingError):
    """A file that can't be read: the message names the file, the line where known, and the mend."""


class ModelError(FramingError):
    """A model folder that can't be used: missing, changed or of another format version."""


class ConfigError(FramingError):
    """A configuration with an unknown key or a value out of range."""


class MissingExtraError(FramingError):
    """An optional dependency that isn't installed: the message names the command that installs it."""


def hint(name: str, known: Sequence[str], otherwise: str = "there are") -> str:
    """Say which known name was meant; where none is like it, which there are."""
    near = difflib.get_close_matches(name, known, 1, 0.4)
    return f"did you mean {near[0]}?" if near else f"{otherwise} {', '.join(known) or 'none'}"


@contextmanager
def needs_extra(what: str, extra: str) -> Iterator[None]:
    """Turn a package that is missing into an error that names the pip command.

    Args:
        what: what needs it, with its verb: `estimates need`.
        extra: the extra of `framing` that brings it.

    Raises:
        MissingExtraError: a package isn't installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"{what} {error.name}: run `pip install 'framing[{extra}]'`") from error


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn what the operating system has against a file or folder into an `InputError` that names it."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{error.filename or place}: can't write it ({error.strerror}); choose another place with -o"
        ) from error

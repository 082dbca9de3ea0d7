"""One run an output folder: a lock of the operating system, which goes when its process does, however it ends."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from framing.errors import InputError


@contextmanager
def locked(output: Path) -> Iterator[None]:
    """Hold the lock of a folder.

    Raises:
        InputError: another run holds it; the message names its process.
    """
    owner = output / ".owner"
    lock = FileLock(output / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise InputError(
            f"{output}: another run ({holder(output) or 'unknown'}) is writing there; wait for it, "
            "or choose another folder with -o"
        ) from error
    try:
        owner.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def holder(output: Path) -> str:
    """Give who holds a folder, as `process N on HOST`; nothing if nobody does."""
    text = ""
    try:
        text = (output / ".owner").read_text(encoding="utf-8")
        _, number, _, host = text.split()
        if host == socket.gethostname():
            os.kill(int(number), 0)
    except PermissionError:  # it is there, and somebody else's
        return text
    except (OSError, ValueError):
        return ""
    return text

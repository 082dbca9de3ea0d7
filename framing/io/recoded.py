"""Lines in UTF-16, or with the line ends of old Macs, as a stream that is read like any other."""

from __future__ import annotations

import codecs
import io
import re
from typing import Any, BinaryIO, Final

from framing.io.encodings import wide
from framing.io.streams import Seekable, is_damage

_HEAD: Final = 1 << 16
_BLOCK: Final = 1 << 12


class _Recoded(Seekable):
    """A stream as UTF-8 with LF at line ends; going forward reads on, going back starts again, as in packed files."""

    def __init__(self, stream: BinaryIO, encoding: str | None, *, returns: bool) -> None:
        self.stream, self.encoding, self.returns = stream, encoding, returns
        self._read = getattr(stream, "read1", stream.read)  # what comes before damage is given
        self._begin()

    def _begin(self) -> None:
        self.stream.seek(0)
        self.at, self.ready, self.ended = 0, b"", False
        self.decoder: Any = codecs.getincrementaldecoder(self.encoding)("surrogatepass") if self.encoding else None

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        offset += self.at if whence == io.SEEK_CUR else 0
        if offset < self.at:
            self._begin()
        while self.at < offset and self._fill():
            self._take(offset - self.at)
        return self.at

    def readinto(self, buffer: Any) -> int:
        data = self._take(len(buffer)) if self._fill() else b""
        buffer[: len(data)] = data
        return len(data)

    def _take(self, most: int) -> bytes:
        data, self.ready = self.ready[:most], self.ready[most:]
        self.at += len(data)
        return data

    def _fill(self) -> bool:
        while not self.ready and not self.ended:
            block = self._read(_HEAD)
            self.ended = not block
            self.ready = block if self.decoder is None else self._recode(block)
            if self.returns:
                self.ready = self.ready.replace(b"\r", b"\n")
        return bool(self.ready)

    def _recode(self, block: bytes) -> bytes:
        """Recode; what is no character becomes bytes that are no UTF-8, so that its record is told and no other."""
        text = self.decoder.decode(block).encode("utf-8", "surrogatepass")
        return bytes(text) + (b"\xff" if not block and self.decoder.getstate()[0] else b"")


def as_lines(stream: BinaryIO, encoding: str | None) -> tuple[BinaryIO, bool]:
    """Give a seekable stream of lines as UTF-8 ending in LF, where it is in UTF-16 or all its lines end in CR.

    Args:
        stream: it stands at its beginning.
        encoding: what the user says that is which is no UTF-8.

    Returns:
        A stream at its beginning, the same where nothing is to be done; and whether it was recoded.
    """
    head = b""
    try:
        while len(head) < _HEAD and (block := stream.read(_BLOCK)):
            head += block
    except Exception as error:
        if not is_damage(error):
            raise
    stream.seek(0)
    found = wide(head, encoding)
    if found:
        head = head[: len(head) // 4 * 4].decode(found, "ignore").encode("utf-8", "ignore")
    end = re.search(rb"\r\n?|\n", head)
    returns = end is not None and end[0] == b"\r" and end.end() < len(head)
    if not found and not returns:
        return stream, False
    return io.BufferedReader(_Recoded(stream, found, returns=returns)), found is not None

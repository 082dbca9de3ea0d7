"""Opening what archives are kept in: local files and `fsspec` URLs, packed or not, and members of ZIP and TAR files."""

from __future__ import annotations

import bz2
import gzip
import importlib
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, Final, cast

from framing.errors import InputError, MissingExtraError
from framing.io.pieces import MIB, Source

FREE: Final = 64 * MIB
"""Unpacked bytes that no limit of expansion applies to."""

_BUFFER: Final = 1 << 18


class ExpansionError(Exception):
    """A packed file that unpacks to far more than news text does."""


def is_damage(error: BaseException) -> bool:
    """Tell what a file holds (damage, which ends only this file) from what keeps it from being read at all."""
    if isinstance(error, OSError):
        return error.errno is None  # decoders raise OSError without a number
    kinds = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError, ExpansionError)
    return isinstance(error, kinds) or type(error).__name__ == "ZstdError"


def _zstd(stream: BinaryIO) -> Any:
    for name in ("compression.zstd", "backports.zstd"):  # of the standard library from Python 3.14 on
        try:
            return importlib.import_module(name).ZstdFile(stream)
        except ImportError:
            continue
    raise MissingExtraError("zstd files need the extra: pip install 'framing[archive]'")


_CODECS: Final[dict[bytes, Callable[[BinaryIO], Any]]] = {
    b"\x1f\x8b": lambda stream: gzip.GzipFile(fileobj=stream),
    b"BZh": bz2.BZ2File,
    b"\x28\xb5\x2f\xfd": _zstd,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}


class Seekable(io.RawIOBase):
    """A stream of bytes to read, in which one can go back."""

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that one can go back."""
        return True


class _Limited(Seekable):
    """An unpacking stream that stops when it gives far more than it takes."""

    def __init__(self, inner: Any, taken: Callable[[], int], expansion: int, owned: BinaryIO | None = None) -> None:
        self.inner, self.taken, self.expansion, self.owned = inner, taken, expansion, owned

    def close(self) -> None:
        if not self.closed:
            self.inner.close()
            if self.owned is not None:
                self.owned.close()
        super().close()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return cast("int", self.inner.seek(offset, whence))

    def tell(self) -> int:
        return cast("int", self.inner.tell())

    def readinto(self, buffer: Any) -> int:
        data = self.inner.read1(len(buffer)) if hasattr(self.inner, "read1") else self.inner.read(len(buffer))
        buffer[: len(data)] = data
        given = self.inner.tell()
        if given > FREE and given > self.expansion * max(1, self.taken()):
            raise ExpansionError(f"unpacks to more than {self.expansion} times its size, as ZIP bombs do")
        return len(data)


class _Section(Seekable):
    """A part of a seekable stream as a stream."""

    def __init__(self, stream: BinaryIO, start: int, length: int) -> None:
        self.stream, self.start, self.length, self.at = stream, start, length, 0

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.length}[whence]
        return self.at

    def readinto(self, buffer: Any) -> int:
        if self.stream.tell() != self.start + self.at:
            self.stream.seek(self.start + self.at)
        data = self.stream.read(max(0, min(len(buffer), self.length - self.at)))
        if not data and self.at < self.length and len(buffer):
            raise EOFError("the file ended before the member did")
        buffer[: len(data)] = data
        self.at += len(data)
        return len(data)


def unpacked(stream: BinaryIO, expansion: int, *, owned: bool = True) -> BinaryIO:
    """Unpack gzip, bzip2, zstd or xz by their first bytes; give anything else as it is.

    Seeking forward unpacks on, seeking back starts again.

    Args:
        stream: a seekable stream.
        expansion: most bytes out of one packed byte.
        owned: whether closing the result closes `stream`.
    """
    head = stream.read(6)
    stream.seek(0)
    for magic, opened in _CODECS.items():
        if head.startswith(magic):
            limited = _Limited(opened(stream), stream.tell, expansion, stream if owned else None)
            return io.BufferedReader(limited, _BUFFER)
    return stream


def open_file(path: str) -> BinaryIO:
    """Open a local path or an `fsspec` URL for reading bytes.

    Raises:
        OSError: it can't be opened.
        MissingExtraError: a URL, but `fsspec` or the package for its protocol isn't installed.
    """
    if "://" not in path:
        return open(path, "rb")
    return cast("BinaryIO", file_system(path)[0].open(path, "rb"))


def file_system(url: str) -> tuple[Any, str]:
    """Give the `fsspec` file system of a URL and the path in it.

    Raises:
        MissingExtraError: `fsspec` or the package for the protocol isn't installed.
        InputError: there is no such protocol.
    """
    try:
        import fsspec

        found = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise MissingExtraError(f"{url}: {error}; pip install 'framing[archive]' and what it names") from error
    except ValueError as error:
        raise InputError(f"{url}: {error}; give a path or a URL that fsspec knows") from error
    return cast("tuple[Any, str]", found)


class Opener:
    """Opens sources, and keeps the last container open, so that its members are read in one pass."""

    def __init__(self, expansion: int) -> None:
        """Take the most bytes out of one packed byte."""
        self.expansion = expansion
        self._path = ""
        self._file: BinaryIO | None = None
        self._container: Any = None

    def open(self, source: Source) -> BinaryIO:
        """Open a source, unpacked and seekable; a WARC stays packed, for it is packed by records.

        Raises:
            OSError: the file can't be opened.
            zipfile.BadZipFile, RuntimeError, NotImplementedError: a ZIP member that can't be unpacked.
        """
        stream = self._packed(source)
        return stream if source.form == "warc" else unpacked(stream, self.expansion)

    def _packed(self, source: Source) -> BinaryIO:
        if source.member is None:
            return open_file(source.path)
        container = self.container(source.path, source.container)
        if isinstance(container, zipfile.ZipFile):
            entry = container.infolist()[source.index]
            limited = _Limited(container.open(entry), lambda: entry.compress_size, self.expansion)
            return io.BufferedReader(limited, _BUFFER)
        return io.BufferedReader(_Section(container, source.index, source.length or 0), _BUFFER)

    def container(self, path: str, form: str) -> Any:
        """Open a ZIP file, or the unpacked stream of a TAR file; the one opened before is closed."""
        if path != self._path:
            self.close()
            self._file = open_file(path)
            is_zip = form == "zip"
            self._container = zipfile.ZipFile(self._file) if is_zip else unpacked(self._file, self.expansion)
            self._path = path
        return self._container

    def close(self) -> None:
        """Close the container."""
        for opened in (self._container, self._file):
            if opened is not None:
                opened.close()
        self._path, self._file, self._container = "", None, None

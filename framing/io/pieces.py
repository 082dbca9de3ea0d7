"""What all readers of archives share: where a record stands, what is read of it, and how it becomes a `Document`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO, Final, Protocol

from framing.errors import RecordError
from framing.io.encodings import codec, of_mark, wide
from framing.io.jsonl import BadRecord
from framing.spans import Document

MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Fields:
    """The names that the fields of a record have in the input."""

    text: str = "text"
    id: str = "id"
    outlet: str = "outlet"
    date: str = "date"
    title: str = "title"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How inputs are read.

    Attributes:
        fields: names of the fields.
        encoding: what text that is no UTF-8 is taken for; None leaves such records out.
        max_record: most bytes of one record.
        max_expansion: most bytes out of one packed byte, counted after the first 64 MiB.
    """

    fields: Fields = field(default_factory=Fields)
    encoding: str | None = None
    max_record: int = 16 * MIB
    max_expansion: int = 200


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or a member of a ZIP or TAR file, that holds records of one format.

    Attributes:
        path: the file, as it was given or found: a local path or an `fsspec` URL.
        size: bytes of the file.
        modified: what changes when the file does: its time, or a remote file's etag.
        form: the format, a key of `framing.io.readers.READERS`.
        name: the id of a record that has none of its own and is the whole source.
        member: the member's name, `name#2` for the second of a name; None for the file itself.
        container: the form of the file that holds the member, `zip` or `tar`.
        index: the member's place in a ZIP file's directory, or its first byte in an unpacked TAR file.
        length: the member's bytes in a TAR file.
    """

    path: str
    size: int
    modified: str
    form: str = "text"
    name: str = ""
    member: str | None = None
    index: int = 0
    length: int | None = None
    container: str = ""

    @property
    def label(self) -> str:
        """The name that reasons and tables give: the path, and after `!` the member."""
        return self.path if self.member is None else f"{self.path}!{self.member}"


@dataclass(frozen=True, slots=True)
class Cut:
    """A place at which reading can start.

    Attributes:
        offset: bytes of the unpacked source before it; rows for tables that are read by rows.
        position: the number of the record there: its line, row or record number, from 1.
    """

    offset: int = 0
    position: int = 1


@dataclass(frozen=True, slots=True)
class Piece:
    """One record before it is parsed: its place, its size in bytes, and what the reader's `parse` needs."""

    cut: Cut
    size: int
    data: Any


class Reader(Protocol):
    """Reads one source: cuts it cheaply, so that work can be planned, and parses what it cut."""

    def __init__(self, stream: BinaryIO, source: Source, options: ReadOptions) -> None:
        """Take the source's stream: unpacked, seekable, and closed by the caller."""
        ...

    def outline(self) -> Iterator[Piece]:
        """Give all records in order, each once; `data` may be missing where places are known without reading."""
        ...

    def pieces(self, cut: Cut) -> Iterator[Piece]:
        """Give the records from this place on, as `outline` does."""
        ...

    def parse(self, piece: Piece) -> Document | BadRecord:
        """Make a document of a record, or say why it can't be one."""
        ...


def to_document(record: Any, where: str, fields: Fields) -> Document | BadRecord:
    """Make a document of a record's fields.

    Args:
        record: a mapping with the input's names.
        where: the record's place; it stands in for a missing id.
        fields: names of the fields.

    Returns:
        A document whose `meta` has `outlet`, `date` and `title` where the record does; a bad record where there is no
        text to score.
    """
    if not isinstance(record, Mapping):
        return BadRecord(where, f"{where}: not a JSON object; write one object with {fields.text!r} a line")
    names = {"outlet": fields.outlet, "date": fields.date, "title": fields.title}
    meta = {ours: record[theirs] for ours, theirs in names.items() if record.get(theirs) is not None}
    given = record.get(fields.id)
    identity = where if given is None else str(given).encode("utf-8", "backslashreplace").decode()
    if fields.text not in record:
        near = ", ".join(map(repr, record)) or "none"
        reason = f"{where}: no field {fields.text!r} (fields: {near}); name it with --text-field"
        return BadRecord(identity, reason, meta, "no_text_field")
    text = record[fields.text]
    if text is None or (isinstance(text, str) and not text.strip()):
        return BadRecord(identity, f"{where}: record {identity!r}: the text is empty; leave it out", meta, "empty")
    try:
        document = Document(identity, text, (), meta)
    except RecordError as error:
        return BadRecord(identity, f"{where}: {error}", meta)
    if (place := document.text.find("\0")) >= 0:
        reason = f"{where}: record {identity!r}: a NUL at character {place + 1}; save the text as UTF-8, without NULs"
        return BadRecord(identity, reason, meta, "nul")
    return document


def decode_text(data: bytes, where: str, encoding: str | None, charset: str | None = None) -> str | BadRecord:
    """Decode by the mark, else by what the server's header says, else as UTF-8, else as the user says.

    Args:
        data: the text.
        where: its place.
        encoding: what the user says that is which is no UTF-8.
        charset: what the server says, if one does.
    """
    told = of_mark(data)
    if told is None and (server := codec(charset)) is not None:
        return data.decode(server, "replace")
    told = told or wide(data, encoding) or "utf-8"
    try:
        return data.decode(told)
    except UnicodeDecodeError as error:
        if encoding is not None and not told.startswith("utf-16"):
            return data.decode(encoding, "replace")
        name = told.removesuffix("-sig").upper()
        mend = "save it as UTF-8" if encoding else "save it as UTF-8, or name its --encoding"
        return BadRecord(where, f"{where}: invalid {name} at byte {error.start + 1}; {mend}", {}, "encoding")


def named_twice(names: Sequence[str], where: str, fields: Fields) -> BadRecord | None:
    """Refuse a table in which a column that is read has its name twice, for nothing tells which is meant."""
    for name in asdict(fields).values():
        if names.count(name) > 1:
            reason = f"{where}: {names.count(name)} columns are named {name!r}; rename all but one"
            return BadRecord(where, reason, {}, "named_twice")
    return None


def too_long(where: str, size: int, limit: int) -> BadRecord:
    """Say that a record is longer than the limit."""
    reason = f"{where}: {size / MIB:,.1f} MiB in one record; cut it, or raise --max-record above {limit / MIB:g} MiB"
    return BadRecord(where, reason, {}, "too_long")


def damaged(where: str, error: BaseException) -> BadRecord:
    """Say that a source can't be read on from here."""
    text = str(error).strip().rstrip(".") or type(error).__name__
    reason = f"{where}: damaged ({text}); what comes after is lost: fetch or pack the file again"
    return BadRecord(where, reason, {}, "damaged")

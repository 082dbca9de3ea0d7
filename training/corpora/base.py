"""What every corpus format is made of: a reader, a writer, and an account of what they can't take over.

A reader builds each document with `Reading.document`, which checks it against the text, the label set and the ids
before. A writer never meets a record that its format can't hold: `Format.hold` cuts the record to size first and counts
each cut, so that what is read again must equal what was written, to the last field.
"""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from urllib.parse import quote, unquote

from framing.errors import InputError, MissingExtraError, RecordError
from framing.io.jsonl import unknown_cue
from framing.spans import Document

_SHOWN: Final = 10
OWN: Final = ("id", "text", "spans")
"""The fields of a record that can't stand for anything else."""
SHAPE: Final = (ValueError, TypeError, LookupError, AttributeError)
"""What readers raise of a record that isn't of the shape that they take."""


@dataclass(slots=True)
class Losses:
    """What was left out or changed, by reason, each with its places."""

    places: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, where: str) -> None:
        """Count one case of a reason at a place."""
        self.places.setdefault(reason, []).append(where)

    def counts(self) -> dict[str, int]:
        """Give the number of cases by reason, most first."""
        found = {reason: len(places) for reason, places in self.places.items()}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def lines(self, shown: int = _SHOWN) -> Iterator[str]:
        """Say each reason on one line, with the first places."""
        for reason, count in self.counts().items():
            places = self.places[reason]
            more = f" and {count - shown} more" if count > shown else ""
            yield f"{count} x {reason}: {'; '.join(places[:shown])}{more}"


@dataclass(slots=True)
class Reading:
    """What a reader reports to: it builds and checks documents and keeps the account.

    Attributes:
        labels: the labels that spans may have; None allows any.
        losses: what the reader leaves out or changes.
        seen: the place of every id so far.
        faults: takes every fault, where all are wanted; None stops at the first.
    """

    labels: Sequence[str] | None = None
    losses: Losses = field(default_factory=Losses)
    seen: dict[str, str] = field(default_factory=dict)
    faults: list[str] | None = None

    @contextmanager
    def going_on(self, where: str = "") -> Iterator[None]:
        """Leave a record or line that is wrong, and go on with the next where all faults are wanted.

        Args:
            where: its place, for one that isn't of the shape that the reader takes; without it, that stops all reading.
        """
        try:
            yield
        except InputError as error:
            if self.faults is None:
                raise
            self.faults += error.args
        except SHAPE as error:
            if not where:
                raise
            fault = f"{where}: not of this format's form ({reason(error)}); mend the record, or export it again"
            if self.faults is None:
                raise InputError(fault) from error
            self.faults.append(fault)

    def beside(self, fields: Mapping[str, Any], where: str) -> dict[str, Any]:
        """Give a record's other fields; one named as the record's own id, text or spans isn't read, and counted."""
        for key in OWN:
            if key in fields:
                self.losses.add(f"field {key!r} beside the record's own isn't read", where)
        return {key: value for key, value in fields.items() if key not in OWN}

    def document(self, record: Mapping[str, Any], where: str, places: Sequence[str] = ()) -> Document:
        """Build a document from its JSON form.

        Args:
            record: the JSON form.
            where: its place.
            places: the place of each span, where spans stand in lines of their own.

        Raises:
            InputError: opens with the place of the record or the span.
        """
        try:
            made = Document.from_record(record, where=where)
        except RecordError as error:
            self.seen.setdefault(str(record.get("id", where)), where)
            raise InputError(*(self.span_faults(record, where, places) or [str(error)])) from error
        return self.check(made, where, record, places)

    def check(
        self, document: Document, where: str, record: Mapping[str, Any] | None = None, places: Sequence[str] = ()
    ) -> Document:
        """Check a document's labels and id; raises `InputError` that names its place, or its spans'."""
        found = []
        unknown = unknown_cue(document, self.labels)
        if unknown:
            found += self.span_faults(record or document.to_record(), where, places) or [f"{where}: {unknown}"]
        if document.id in self.seen:
            found.append(
                f"{where}: record {document.id!r} stands at {self.seen[document.id]} already; "
                "give each record an id of its own"
            )
        self.seen.setdefault(document.id, where)
        if found:
            raise InputError(*(found[:1] if self.faults is None else found))
        return document

    def span_faults(self, record: Mapping[str, Any], where: str, places: Sequence[str] = ()) -> list[str]:
        """Give what is wrong with each span on its own, where all faults are wanted; else the first, if it has a place.

        Args:
            record: the record's JSON form.
            where: its place.
            places: the place of each span, where it isn't the record's.
        """
        spans = record.get("spans")
        if not isinstance(spans, list) or (self.faults is None and not places):
            return []
        found = []
        for span, place_of in zip(spans, places or [where] * len(spans), strict=True):
            try:
                Reading(self.labels).document({**record, "spans": [span]}, place_of)
            except InputError as error:
                found.append(str(error))
        return list(dict.fromkeys(found))[: 1 if self.faults is None else None]


@dataclass(frozen=True, slots=True)
class Format:
    """One corpus format.

    Attributes:
        name: what `--from`, `--to` and recipes call it.
        description: one line.
        path: what PATH is: a file, a folder.
        sample: a tiny made-up example.
        reader: `(path, reading, **options)` to documents; its keyword-only parameters are the format's options.
        writer: writes documents that `hold` gave to a path.
        hold: `(document, losses, **options)` to the document as the format can hold it; counts the rest. Its
            keyword-only parameters are the options of writing.
    """

    name: str
    description: str
    path: str
    sample: str
    reader: Callable[..., Iterator[Document]]
    writer: Callable[[Sequence[Document], Path], None]
    hold: Callable[..., Document]

    @property
    def options(self) -> dict[str, str]:
        """The reader's options with their defaults."""
        return _options(self.reader)

    @property
    def writing_options(self) -> dict[str, str]:
        """The options of writing with their defaults."""
        return _options(self.hold)

    def read(self, path: Path, reading: Reading, **options: str) -> list[Document]:
        """Read a whole corpus.

        Raises:
            InputError: names the file, the line where there is one, and the mend.
            MissingExtraError: the format needs a package that isn't installed.
        """
        _check_options(options, self.options, f"{path}: {self.name}")
        try:
            found = list(self.reader(path, reading, **options))
        except OSError as error:
            raise InputError(
                f"{error.filename or path}: can't read it ({error.strerror or error}); check the path"
            ) from error
        except SHAPE as error:
            last = next(reversed(reading.seen.values()), "the start")
            raise InputError(
                f"{path}: after {last}: not of the form of {self.name} ({reason(error)}); "
                f"see `framing corpora {self.name}`"
            ) from error
        if not found and not reading.faults:
            raise InputError(f"{path}: holds no records; a corpus needs at least one")
        return found

    def write(self, documents: Sequence[Document], path: Path, **options: str) -> Losses:
        """Write documents, read them again and compare; gives what the format can't hold.

        Raises:
            InputError: the place is taken or can't be written, or what was read again differs.
        """
        _check_options(options, self.writing_options, f"{path}: writing {self.name}")
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise InputError(f"{path}: exists already; name another place with -o")
        losses = Losses()
        try:
            held = [self.hold(document, losses, **options) for document in documents]
            self.writer(held, path)
        except UnicodeEncodeError as error:
            found = error.object[max(0, error.start - 20) : error.start + 1]
            raise InputError(
                f"{path}: can't write it ({found!r} ends with half of a surrogate pair); repair the records"
            ) from error
        except OSError as error:
            raise InputError(f"{error.filename or path}: can't write it ({error.strerror or error})") from error
        again = {name: value for name, value in options.items() if name in self.options}
        compare(held, self.read(path, Reading(), **again), path)
        return losses


def _options(function: Callable[..., Any]) -> dict[str, str]:
    parameters = inspect.signature(function).parameters.values()
    return {item.name: str(item.default) for item in parameters if item.kind is item.KEYWORD_ONLY}


def _check_options(given: Collection[str], known: Collection[str], where: str) -> None:
    for name in given:
        if name not in known:
            raise InputError(f"{where} has no option {name!r}; its options: {', '.join(known) or 'none'}")


def compare(written: Sequence[Document], read: Sequence[Document], path: Path) -> None:
    """Prove that no offset drifted and nothing else changed; raises `InputError` at the first difference."""
    if len(written) != len(read):
        raise InputError(f"{path}: {len(written)} records were written, but {len(read)} read again; don't use it")
    by_id = {document.id: document for document in read}  # folders come back in another order
    for before in written:
        after = by_id.get(before.id)
        if after is None:
            raise InputError(f"{path}: record {before.id!r} was written, but is not read again; don't use it")
        texts = [[document.text[span.start : span.end] for span in document.spans] for document in (before, after)]
        if texts[0] != texts[1]:
            raise InputError(f"{path}: record {before.id!r}: offsets drifted in writing; don't use it")
        if before != after:
            raise InputError(f"{path}: record {before.id!r}: changed in writing; don't use it")


def cut(
    document: Document,
    losses: Losses,
    *,
    form: str,
    fields: Collection[str] | None = (),
    meta: Collection[str] | None = (),
    spans: Callable[[dict[str, Any]], list[dict[str, Any]]] | None = None,
) -> Document:
    """Cut a document to what a format can hold, and count each cut.

    Args:
        document: the document.
        losses: the account.
        form: the format's name, for the reasons.
        fields: the fields of spans, beyond start, end and label, that it holds; None holds all.
        meta: the fields of records that it holds; None holds all.
        spans: changes the record's spans, which it gets with the record, and counts on its own account.
    """
    record = document.to_record()
    for key in [key for key in OWN if key in document.meta]:
        losses.add(f"record field {key!r} beside the record's own", document.id)
    for key in [key for key in record if meta is not None and key not in {"id", "text", "spans", *meta}]:
        losses.add(f"record field {key!r} can't be held by {form}", document.id)
        del record[key]
    for span in record["spans"]:
        if span.get("voice") is None:
            span.pop("voice", None)
        for key in [key for key in span if fields is not None and key not in {"start", "end", "label", *fields}]:
            losses.add(f"span field {key!r} can't be held by {form}", place(document.id, span))
            del span[key]
    if spans is not None:
        record["spans"] = spans(record)
    return Document.from_record(record)


def reason(error: Exception) -> str:
    """Say on one line what was raised."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def place(identity: str, span: Mapping[str, Any]) -> str:
    """Name a span of a record."""
    return f"{identity} [{span['start']}, {span['end']}) {span['label']}"


def extras(span: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a span's JSON form says beyond start, end and label."""
    taken = {"start", "end", "label"} | ({"voice"} if span.get("voice") is None else set())
    return {key: value for key, value in span.items() if key not in taken}


def read_text(path: Path, *, keep_mark: bool = False) -> str:
    """Read a UTF-8 file without touching its line ends; raises `InputError` with the line of a wrong byte.

    Args:
        path: the file.
        keep_mark: keep a byte order mark as a character, for texts whose offsets count it.
    """
    data = path.read_bytes()
    try:
        return data.decode("utf-8" if keep_mark else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}:{line}: invalid UTF-8 at byte {error.start + 1} of the file; save the file as UTF-8"
        ) from error


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read a UTF-8 file's lines that aren't blank, with their numbers and without their ends."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        line = line.removesuffix("\r")
        if line.strip():
            yield number, line


def read_json(path: Path) -> Any:
    """Read a JSON file; raises `InputError` with the line of the fault."""
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}: invalid JSON ({error.msg}); export it again") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: invalid JSON ({error}); export it again") from error


def whole(value: str, where: str) -> int:
    """Read an offset; raises `InputError`."""
    if not value.strip().isascii() or not value.strip().isdigit():
        raise InputError(f"{where}: {value!r} is no offset; offsets are whole numbers from 0")
    return int(value)


def file_name(identity: str) -> str:
    """Make a file name of an id, so that `identity_of` gives the id again; `%` stands for the empty id."""
    return quote(identity, safe=" !#$&'()+,;=@[]{}~^") or "%"


def identity_of(name: str) -> str:
    """Give the id that a file name stands for."""
    return "" if name == "%" else unquote(name, errors="strict") if "%" in name else name


def load_extra(module: str, what: str, install: str) -> ModuleType:
    """Import an optional package; raises `MissingExtraError` with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(f"{what} needs {module}: run `pip install {install}`") from error

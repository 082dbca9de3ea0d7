"""Gold and predictions for evaluation: read, joined by id, and checked to be of the same texts."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from framing.errors import InputError, MissingExtraError, RecordError
from framing.io.jsonl import BadRecord, parse_objects
from framing.profile import count_words
from framing.spans import CueSpan, Document, check_labelled, text_sha256

_NAMED: Final = re.compile(r"([\w .+()-]+)=(.+)", re.DOTALL)
_FORMAT: Final = re.compile(r"[a-z][a-z-]+:(?!//)")


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a system found in the gold documents.

    Attributes:
        source: the file.
        spans: found spans of each gold document, in gold's order; none where the run has no record.
        missing: gold documents that the run has no record of.
        skipped: records that the system passed over (`"status": "skipped"`).
        beyond: records of documents that aren't gold.
        untold: records by which it can't be told whether they are of gold's texts.
        models: the models that made the records, name and version, as far as these say.
    """

    source: str
    spans: list[tuple[CueSpan, ...]]
    missing: int = 0
    skipped: int = 0
    beyond: int = 0
    untold: int = 0
    models: frozenset[str] = frozenset()


def read_gold(entry: str, form: str | None = None) -> list[Document]:
    """Read labelled documents, sorted by id, so that nothing depends on the order of records.

    Args:
        entry: a JSON lines file, also with `.gz`; or `format:path?option=value` in any format of `framing corpora`.
        form: the format of `entry`, where it names none.

    Raises:
        InputError: names the file, the line and the mend; also for an id that occurs twice, or no text or `spans`.
        MissingExtraError: another format than JSON lines, but `training` can't be imported.
    """
    if _foreign(entry, form):
        return sorted(_corpus(entry, form))
    documents: dict[str, Document] = {}
    for where, record in json_records(entry):
        if isinstance(record, Mapping) and "text" not in record:
            raise InputError(
                f"{where}: record {record.get('id')!r} has no text; give records with theirs (`framing score "
                "--keep-text` writes it)"
            )
        try:
            document = Document.from_record(record, where=where, labelled=True)
        except RecordError as error:
            raise InputError(str(error)) from error
        if document.id in documents:
            raise InputError(f"{where}: record {document.id!r} stands in the file twice; give each an id of its own")
        documents[document.id] = document
    if not documents:
        raise InputError(f"{entry}: the file holds no records; write one JSON object a line")
    return sorted(documents.values())


def read_run(entry: str, gold: Sequence[Document], form: str | None = None, *, subset: bool = False) -> Run:
    """Read what a system found, and join it to gold by id.

    Records without a text, as `framing score` writes them, stand for the gold text; that they are of it is told by
    their `text_sha256`, or in records that have none by their number of words, and by the words that spans cover.

    Args:
        entry: as in `read_gold`.
        gold: the gold documents.
        form: the format of `entry`, where it names none.
        subset: pass over records that aren't in gold; else they are an error.

    Raises:
        InputError: a record that is wrong, unknown, there twice, or of another text than gold's.
        MissingExtraError: another format than JSON lines, but `training` can't be imported.
    """
    known = {document.id: document for document in gold}
    found: dict[str, tuple[CueSpan, ...]] = {}
    skipped = beyond = untold = 0
    models: set[str] = set()
    for where, record in _foreign_records(entry, form) if _foreign(entry, form) else json_records(entry):
        if not isinstance(record, Mapping) or record.get("id") is None:
            raise InputError(f"{where}: no JSON object with an id; predictions are joined to gold by id")
        identity = str(record["id"])
        if identity in found:
            raise InputError(f"{where}: record {identity!r} stands in the file twice; give each an id of its own")
        if identity not in known:
            if not subset:
                raise InputError(
                    f"{where}: record {identity!r} is not in gold; leave it out, or say --subset to score gold's alone"
                )
            beyond += 1
            continue
        if record.get("status") == "skipped":
            skipped += 1
            found[identity] = ()
            continue
        text = known[identity].text
        untold += not _same_text(record, text, identity, where)
        if isinstance(model := record.get("model"), Mapping):
            models.add(f"{model.get('name')} {model.get('version')}")
        try:
            check_labelled(record)
            found[identity] = Document.from_record({**record, "text": text}, where=where).spans
        except RecordError as error:
            message = str(error)
            raise InputError(
                message if message.startswith(where) else f"{where}: record {identity!r}: {message}"
            ) from error
    if not found:
        raise InputError(f"{entry}: holds no record of a gold document; are these predictions on the same files?")
    spans = [found.get(document.id, ()) for document in gold]
    missing = sum(document.id not in found for document in gold)
    return Run(entry, spans, missing, skipped, beyond, untold, frozenset(models))


def parse_systems(entries: Sequence[str]) -> dict[str, list[str]]:
    """Take `NAME=FILE,FILE` or `FILE` arguments apart: the files of each system; raises `InputError`."""
    systems: dict[str, list[str]] = {}
    for entry in entries:
        named = None if Path(entry).exists() else _NAMED.fullmatch(entry)
        rest = named[2] if named else entry
        files = [rest] if rest and Path(rest).exists() else [file for file in rest.split(",") if file]
        if not files:
            raise InputError(f"{entry!r}: names no file; write FILE, NAME=FILE or NAME=FILE,FILE")
        name = named[1].strip() if named else re.sub(r"\.(jsonl|ndjson|json)?(\.gz)?$", "", Path(files[0]).name)
        if name in systems:
            raise InputError(f"two systems are called {name!r}; name them: NAME={files[0]}")
        systems[name] = files
    return systems


def _same_text(record: Mapping[str, Any], text: str, identity: str, where: str) -> bool:
    """Compare what a record tells of its text with gold's: False where it tells nothing; raises `InputError`."""
    given = record.get("text")
    if given is None:
        return _same_trace(record, text, f"{where}: record {identity!r}")
    if given == text:
        return True
    if not isinstance(given, str):
        raise InputError(f"{where}: record {identity!r}: the text is {type(given).__name__}; it must be a string")
    apart = next((at for at, (one, other) in enumerate(zip(given, text, strict=False)) if one != other), None)
    at = min(len(given), len(text)) if apart is None else apart
    raise InputError(
        f"{where}: record {identity!r} has another text than gold from character {at} on ({len(given)} and {len(text)} "
        "characters); score the very texts that were labelled"
    )


def _same_trace(record: Mapping[str, Any], text: str, where: str) -> bool:
    """Compare what a record without its text tells of it."""
    mend = "score the very texts that were labelled"
    if (digest := text_digest(record)) is not None:
        if digest != text_sha256(text):
            raise InputError(f"{where} was scored on another text than gold's (text_sha256 differs); {mend}")
        return True
    profile, spans = record.get("profile"), record.get("spans")
    words = profile.get("words") if isinstance(profile, Mapping) else None
    if words is not None and words != (here := count_words(text)):
        raise InputError(f"{where} was scored on a text of {words} words, but gold's has {here}; {mend}")
    told = isinstance(spans, list) and any(isinstance(span, Mapping) and "text" in span for span in spans)
    return words is not None or told


def text_digest(record: Mapping[str, Any]) -> str | None:
    """Give the SHA-256 of the text that a record was scored on; None where it doesn't tell."""
    text, digest = record.get("text"), record.get("text_sha256")
    return text_sha256(text) if isinstance(text, str) else digest if isinstance(digest, str) else None


def json_records(entry: str) -> Iterator[tuple[str, Any]]:
    """Read JSON values, one a line, each with its place; raises `InputError` at the first that is wrong."""
    path = Path(entry)
    try:
        with cast("BinaryIO", gzip.open(path) if path.suffix == ".gz" else path.open("rb")) as stream:
            for item in parse_objects(stream, name=entry):
                if isinstance(item, BadRecord):
                    raise InputError(item.reason)
                yield item
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{entry}: can't read the file ({reason}); check the path") from error


def _foreign(entry: str, form: str | None) -> bool:
    return form not in {None, "jsonl"} or _names_format(entry)


def _names_format(entry: str) -> bool:
    return bool(_FORMAT.match(entry)) and not Path(entry).exists()


def _corpus(entry: str, form: str | None) -> list[Document]:
    try:
        from training.corpora.registry import find, read_corpus
    except ImportError as error:
        raise MissingExtraError(
            f"{entry}: without the training package only JSON lines are read; convert the file in a clone of the "
            "repository (`framing convert`), or evaluate it there"
        ) from error
    return read_corpus(entry if form is None or _names_format(entry) else f"{find(form).name}:{entry}")


def _foreign_records(entry: str, form: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
    for document in _corpus(entry, form):
        yield f"{entry}: {document.id}", document.to_record()

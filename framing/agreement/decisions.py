"""Gold of what annotators agree on and of what was decided on the adjudication page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from framing.agreement.passages import Passage
from framing.errors import InputError, RecordError
from framing.io.jsonl import BadRecord, parse_objects
from framing.spans import CueSpan, Document

Key = tuple[str, int, int]


def read_decisions(path: Path, disputed: Sequence[Passage]) -> dict[Key, tuple[CueSpan, ...]]:
    """Read the file that the adjudication page writes.

    Args:
        path: JSON lines of `{"id", "start", "end", "spans": [...]}`, a passage each.
        disputed: the passages that are to be decided.

    Raises:
        InputError: names file, line and mend; also for a passage that isn't disputed, or is decided twice, and for a
            span outside it.
    """
    known = {passage.key: passage for passage in disputed}
    decided: dict[Key, tuple[CueSpan, ...]] = {}
    try:
        with path.open("rb") as stream:
            for item in parse_objects(stream, name=str(path)):
                if isinstance(item, BadRecord):
                    raise InputError(item.reason)
                where, record = item
                key = _key(record, where)
                if key not in known:
                    raise InputError(
                        f"{where}: [{key[1]}, {key[2]}) of record {key[0]!r} is no passage to decide; give the "
                        "decisions that were made on these annotations"
                    )
                if key in decided:
                    raise InputError(f"{where}: [{key[1]}, {key[2]}) of record {key[0]!r} is decided twice; keep one")
                given = {"id": key[0], "text": known[key].document.text, "spans": record.get("spans")}
                spans = Document.from_record(given, where=where).spans
                first, last = known[key].sentence  # which the page shows: edges may move in it
                for span in spans:
                    if not (first <= span.start < key[2] and key[1] < span.end <= last):
                        raise InputError(
                            f"{where}: span [{span.start}, {span.end}) lies outside the passage [{key[1]}, {key[2]}) "
                            f"that is decided; touch it, and stay in its sentence [{first}, {last})"
                        )
                decided[key] = spans
    except RecordError as error:
        raise InputError(str(error)) from error
    except OSError as error:
        raise InputError(f"{path}: can't read the file ({error.strerror}); check the path") from error
    return decided


def gold_documents(
    documents: Sequence[Document], found: Sequence[Passage], decided: Mapping[Key, tuple[CueSpan, ...]]
) -> tuple[list[Document], int]:
    """Give the documents of which everything is agreed or decided, and the number of the others."""
    spans: dict[str, list[CueSpan]] = {document.id: [] for document in documents}
    undecided: Counter[str] = Counter()
    for passage in found:
        if passage.key in decided:
            spans[passage.document.id] += decided[passage.key]
        elif passage.kind:
            undecided[passage.document.id] += 1
        else:
            spans[passage.document.id] += next(iter(passage.choices))
    done = [document.with_spans(spans[document.id]) for document in documents if not undecided[document.id]]
    return done, len(documents) - len(done)


def _key(record: Any, where: str) -> Key:
    given = record if isinstance(record, dict) else {}
    types = {"id": str, "start": int, "end": int, "spans": list}
    if not all(type(given.get(name)) is kind for name, kind in types.items()):
        raise InputError(
            f'{where}: no decision of the form {{"id": text, "start": n, "end": n, "spans": [...]}}; give the file '
            "that the adjudication page writes"
        )
    return given["id"], given["start"], given["end"]

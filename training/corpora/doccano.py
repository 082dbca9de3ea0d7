"""doccano's JSONL for sequence labelling, as exported and imported: spans as `[start, end, label]` or `entities`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from framing.errors import InputError
from framing.spans import Document
from training.corpora.base import Format, Losses, Reading, cut, read_lines

SAMPLE = '{"id": 1, "text": "The so-called truce", "label": [[4, 13, "distancing"]], "outlet": "Harbour Post"}'
_LABELS: Final = ("label", "entities", "labels")
_TAKEN: Final = frozenset({"id", "text", "relations", *_LABELS})


def read(path: Path, reading: Reading, *, text_field: str = "text") -> Iterator[Document]:
    """Read an export; columns of doccano's metadata become record fields, sentence labels the field `labels`.

    Args:
        path: the JSON lines.
        reading: the account: relations, and columns that have a name of doccano's own.
        text_field: the key that holds the text; where there is no `text`, `data` is it, as older exports have it.
    """
    for number, line in read_lines(path):
        with reading.going_on(f"{path}:{number}"):
            yield _document(line, text_field, f"{path}:{number}", reading)


def _document(line: str, text_field: str, where: str, reading: Reading) -> Document:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: invalid JSON ({error}); export it again as JSONL") from error
    if not isinstance(record, dict):
        raise InputError(f"{where}: no record but {str(record)[:40]!r}; export from a text project as JSONL")
    if text_field == "text" and "text" not in record:
        text_field = "data"
    if not isinstance(record.get(text_field), str):
        raise InputError(f"{where}: no text; its keys are {', '.join(record)}: name the text's with ?text_field=KEY")
    if "annotations" in record and isinstance(record.get("meta"), dict):
        raise InputError(f"{where}: labels by number (doccano's old JSON); export as JSONL with text labels")
    identity = str(record.get("id", where))
    # Exports with relations have entities, others labels; a column of the metadata may have the other's name.
    keys = sorted(_LABELS, key=lambda key: key != "entities") if "relations" in record else _LABELS
    keys = [key for key in keys if key in record]
    for key in keys[1:]:
        reading.losses.add(f"field {key!r} beside the labels isn't read", identity)
    found = (record[keys[0]] if keys else None) or []
    meta = {key: value for key, value in record.items() if key not in {"id", "relations", text_field, *_LABELS}}
    meta = reading.beside(meta, identity)
    if all(isinstance(item, str) for item in found) and found:
        meta, found = meta | {"labels": found}, []
    for relation in record.get("relations") or []:
        reading.losses.add("relation between spans isn't read", f"{identity} {relation.get('type')}")
    spans = [_span(item, where) for item in found]
    return reading.document({"id": identity, "text": record[text_field], "spans": spans, **meta}, where)


def _span(item: Any, where: str) -> dict[str, Any]:
    if isinstance(item, dict) and {"start_offset", "end_offset", "label"} <= set(item):
        return {"start": item["start_offset"], "end": item["end_offset"], "label": item["label"]}
    if isinstance(item, list) and len(item) == 3:
        return dict(zip(("start", "end", "label"), item, strict=True))
    raise InputError(f"{where}: label {item!r} is not [start, end, label]; export from a sequence labelling project")


def write(documents: Sequence[Document], path: Path) -> None:
    """Write the form that doccano imports."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for document in documents:
            label = [[span.start, span.end, span.label] for span in document.spans]
            record = {"id": document.id, "text": document.text, "label": label, **document.meta}
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")


def hold(document: Document, losses: Losses) -> Document:
    """Hold offsets and labels of spans, and record fields that doccano has no other meaning for."""
    meta = [key for key in document.meta if key not in _TAKEN]
    if "annotations" in meta and "meta" in meta:
        meta.remove("meta")
    return cut(document, losses, form="doccano", meta=meta)


FORMAT = Format("doccano", "doccano JSONL, sequence labelling", "a file", SAMPLE, read, write, hold)

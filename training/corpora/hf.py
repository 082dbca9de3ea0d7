"""A Hugging Face data set, by its hub name, a local folder or a file, through `datasets`; no code of its own is run.

Two forms are known: `text` with a column of spans (objects, or an object of lists, with start, end and label), and
`tokens` with `ner_tags` (names, or numbers that the features name), whose tokens are joined by a space.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from framing.errors import InputError
from framing.spans import Document
from training.corpora.base import Format, Losses, Reading, cut, extras, load_extra
from training.corpora.conll import decode_tags

INSTALL: Final = "datasets"
SAMPLE = """\
{"text": "The so-called truce", "spans": [{"start": 4, "end": 13, "label": "distancing"}]}
{"tokens": ["The", "so-called", "truce"], "ner_tags": ["O", "B-distancing", "O"]}"""
_BUILDERS: Final = {".parquet": "parquet", ".json": "json", ".jsonl": "json", ".csv": "csv", ".arrow": "arrow"}
_START: Final = ("start", "start_offset", "start_char_offset", "begin")
_END: Final = ("end", "end_offset", "end_char_offset")
_LABEL: Final = ("label", "type", "entity_type", "technique")


def read(
    path: Path,
    reading: Reading,
    *,
    split: str = "train",
    config: str = "",
    text: str = "text",
    spans: str = "spans",
    tokens: str = "tokens",
    tags: str = "ner_tags",
) -> Iterator[Document]:
    """Read a split.

    Args:
        path: a hub name, a folder (saved with `save_to_disk`, or of data files), or a file (`_BUILDERS`).
        reading: the account.
        split: the part, as `datasets` names it.
        config: the data set's configuration, where it has several.
        text: the column of texts.
        spans: the column of spans.
        tokens: the column of tokens.
        tags: the column of tags.
    """
    found = _load(path, split, config)
    features = found.features
    name = str(path)
    if {tokens, tags} <= set(features):
        taken = {tokens, tags}
    elif {text, spans} <= set(features):
        taken = {text, spans}
    else:
        raise InputError(
            f"{name}: no columns {text!r} and {spans!r}, nor {tokens!r} and {tags!r} (columns: {', '.join(features)}); "
            "name them with ?text=...&spans=... or ?tokens=...&tags=..."
        )
    names = _names(features[tags if tokens in taken else spans])
    for number, row in enumerate(found, start=1):
        where = f"{name}, {split} row {number}"
        with reading.going_on():
            of, columns = (_of_tokens, (tokens, tags)) if tokens in taken else (_of_spans, (text, spans))
            rest = {key: value for key, value in row.items() if key not in taken and value is not None}
            ours = isinstance(rest.get("meta"), str) and rest["meta"].startswith("{")
            meta = json.loads(rest.pop("meta")) if ours else {}
            identity = row.get("id") if row.get("id") is not None else f"{split}-{number}"
            rest = json.loads(json.dumps(rest, default=str))
            record = {**rest, **meta, "id": str(identity), **of(row, *columns, names, where)}
            yield reading.document(record, where)


def _load(path: Path, split: str, config: str) -> Any:
    library = load_extra("datasets", "a Hugging Face data set", INSTALL)
    library.disable_progress_bars()
    if path.is_file() and path.suffix not in _BUILDERS:
        raise InputError(f"{path}: not one of {', '.join(_BUILDERS)}; give a file of such a form")
    try:
        if (path / "dataset_dict.json").exists():
            return library.load_from_disk(str(path))[split]
        if (path / "state.json").exists():
            return library.load_from_disk(str(path))
        if path.is_file():
            return library.load_dataset(_BUILDERS[path.suffix], data_files=str(path), split="train")
        return library.load_dataset(path.as_posix(), config or None, split=split)
    except Exception as error:  # `datasets` raises what its many backends raise
        reason = " ".join(str(error).split())[:300]
        raise InputError(f"{path}: can't load it ({reason}); check name, split and configuration") from error


def _names(feature: Any) -> Sequence[str] | None:
    """Find the label names of a nested feature."""
    if isinstance(feature, Mapping):
        inner = [feature[key] for key in _LABEL if key in feature]
        return _names(inner[0]) if inner else None
    names: Sequence[str] | None = getattr(feature, "names", None)
    return _names(feature.feature) if names is None and hasattr(feature, "feature") else names


def _name(value: Any, names: Sequence[str] | None, where: str) -> str:
    if isinstance(value, str):
        return value
    if names is None or not isinstance(value, int) or not 0 <= value < len(names):
        raise InputError(f"{where}: label {value!r} has no name; give the column ClassLabel features, or text labels")
    return names[value]


def _of_tokens(
    row: Mapping[str, Any], tokens: str, tags: str, names: Sequence[str] | None, where: str
) -> dict[str, Any]:
    words, marks = row[tokens], [_name(tag, names, where) for tag in row[tags]]
    if len(words) != len(marks):
        raise InputError(f"{where}: {len(words)} tokens but {len(marks)} tags; mend the row")
    starts = [sum(map(len, words[:index])) + index for index in range(len(words))]
    spans = [
        {"start": starts[first], "end": starts[last] + len(words[last]), "label": label}
        for first, last, label in decode_tags(marks)
    ]
    return {"text": " ".join(words), "spans": spans}


def _of_spans(row: Mapping[str, Any], text: str, spans: str, names: Sequence[str] | None, where: str) -> dict[str, Any]:
    found = json.loads(row[spans]) if isinstance(row[spans], str) else row[spans] or []
    if isinstance(found, Mapping):  # an object of lists
        found = [dict(zip(found, values, strict=True)) for values in zip(*found.values(), strict=True)]
    read = []
    for item in found:
        fields = {key: value for key, value in item.items() if value is not None}
        start, end, label = (_take(fields, keys, item, where) for keys in (_START, _END, _LABEL))
        more = json.loads(fields.pop("framing", "{}"))
        read.append({"start": start, "end": end, "label": _name(label, names, where), **fields, **more})
    return {"text": row[text], "spans": read}


def _take(fields: dict[str, Any], keys: Sequence[str], item: Any, where: str) -> Any:
    for key in keys:
        if key in fields:
            return fields.pop(key)
    raise InputError(f"{where}: span {item!r} has none of {', '.join(keys)}; name another column with ?spans=")


def write(documents: Sequence[Document], path: Path) -> None:
    """Write a Parquet file with columns id, text, spans (start, end, label, voice, framing) and meta (JSON)."""
    library = load_extra("datasets", "a Hugging Face data set", INSTALL)
    library.disable_progress_bars()
    rows = []
    for document in documents:
        record = document.to_record()
        spans = []
        for span in record.pop("spans"):
            fields = extras(span)
            voice = fields.pop("voice", None)
            ends = {key: span[key] for key in ("start", "end", "label")}
            spans.append({**ends, "voice": voice, "framing": json.dumps(fields) if fields else None})
        rows.append({"id": record.pop("id"), "text": record.pop("text"), "spans": spans, "meta": json.dumps(record)})
    integer, text = library.Value("int64"), library.Value("string")
    span = {"start": integer, "end": integer, "label": text, "voice": text, "framing": text}
    features = library.Features({"id": text, "text": text, "spans": library.List(span), "meta": text})
    library.Dataset.from_list(rows, features=features).to_parquet(os.fspath(path))


def hold(document: Document, losses: Losses) -> Document:
    """Hold everything."""
    return cut(document, losses, form="hf", fields=None, meta=None)


PATH = "a hub name, a folder or a file; written is a .parquet file"
FORMAT = Format("hf", "a Hugging Face data set, spans or tokens and tags (datasets)", PATH, SAMPLE, read, write, hold)

"""A Hugging Face data set, by its hub name, a local folder or a file, through `datasets`; no code of its own is run.

Two forms are known: `text` with a column of spans (objects, or an object of lists, with start, end and label, or
`[start, end, label]`), and `tokens` with `ner_tags` (names, or numbers that the features or the option `names` name),
whose tokens are joined by a space. Tags are of any BIO scheme; where none is, each is a label, and its runs are spans.
Lists in CSV are text, as `Dataset.to_csv` writes them.
"""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from framing.errors import InputError
from framing.spans import Document
from training.corpora.base import Format, Losses, Reading, cut, extras, load_extra
from training.corpora.conll import TAG, decode_tags, labelled, only_label

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
    names: str = "",
    label: str = "",
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
        names: the names of tags or labels that are numbers, from 0, with commas between them.
        label: the label of plain `B` and `I`; without it, the vocabulary's, where that has one.
    """
    found = _load(path, split, config)
    features = found.features
    name = str(path)
    label = label or only_label(reading)
    if {tokens, tags} <= set(features):
        taken = {tokens, tags}
    elif {text, spans} <= set(features):
        taken = {text, spans}
    else:
        raise InputError(
            f"{name}: no columns {text!r} and {spans!r}, nor {tokens!r} and {tags!r} (columns: {', '.join(features)}); "
            "name them with ?text=...&spans=... or ?tokens=...&tags=..."
        )
    known = names.split(",") if names else _names(features[tags if tokens in taken else spans])
    plain = tokens in taken and _are_plain(found, tags, known)
    for number, row in enumerate(found, start=1):
        where = f"{name}, {split} row {number}"
        with reading.going_on(where):
            if tokens in taken:
                ours = _of_tokens(row, (tokens, tags), known, None if plain else label, where)
            else:
                ours = _of_spans(row, (text, spans), known, where)
            rest = {key: value for key, value in row.items() if key not in taken and value is not None}
            written = isinstance(rest.get("meta"), str) and rest["meta"].startswith("{")
            meta = json.loads(rest.pop("meta")) if written else {}
            identity = str(rest.pop("id", f"{path.stem}-{split}-{number}"))
            rest = reading.beside(json.loads(json.dumps(rest, default=str)), identity)
            yield reading.document({**rest, **meta, "id": identity, **ours}, where)


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
        raise InputError(f"{where}: label {value!r} has no name; name the numbers from 0 on, as in ?names=O,B-x,I-x")
    return names[value]


def _are_plain(rows: Any, tags: str, names: Sequence[str] | None) -> bool:
    """Tell whether the tags of a data set are labels alone, and of no scheme of beginnings and insides."""
    if names is not None:
        seen = set(names)
    else:
        seen = set()
        for row in rows.select_columns([tags]):
            given = row[tags]
            try:
                seen |= {tag for tag in _items(given, "", tags) if isinstance(tag, str)}
            except InputError:
                continue  # its row is refused where it is read
    seen.discard("O")
    return bool(seen) and not any(TAG.fullmatch(tag) for tag in seen)


def _of_tokens(
    row: Mapping[str, Any], columns: tuple[str, str], names: Sequence[str] | None, label: str | None, where: str
) -> dict[str, Any]:
    """Give text and spans of tokens and tags; `label` is that of plain `B` and `I`, or None where tags are labels."""
    words, marks = (_items(row[column], where, column) for column in columns)
    words, marks = [str(word) for word in words], [_name(tag, names, where) for tag in marks]
    if len(words) != len(marks):
        raise InputError(f"{where}: {len(words)} tokens but {len(marks)} tags; mend the row")
    odd = [mark for mark in marks if label is not None and not TAG.fullmatch(mark)]
    if odd:
        raise InputError(f"{where}: tag {odd[0]!r} is not O, B-x or I-x as others are; write all tags in one scheme")
    starts = [sum(map(len, words[:index])) + index for index in range(len(words))]
    found = _runs(marks) if label is None else decode_tags([labelled(mark, label, where) for mark in marks])
    spans = [
        {"start": starts[first], "end": starts[last] + len(words[last]), "label": name} for first, last, name in found
    ]
    return {"text": " ".join(words), "spans": spans}


def _runs(labels: Sequence[str]) -> list[tuple[int, int, str]]:
    """Give first token, last token and label of each run of one label."""
    runs: list[tuple[int, int, str]] = []
    for index, label in enumerate(labels):
        if runs and runs[-1][1:] == (index - 1, label):
            runs[-1] = (runs[-1][0], index, label)
        elif label != "O":
            runs.append((index, index, label))
    return runs


def _items(given: Any, where: str, column: str) -> list[Any]:
    """Read a list, or the text of one: JSON, Python's, or NumPy's without commas, as `Dataset.to_csv` writes it."""
    if isinstance(given, list):
        return given
    inner = given.strip() if isinstance(given, str) else ""
    if not re.fullmatch(r"\[.*\]", inner, re.DOTALL):
        raise InputError(f"{where}: column {column!r} is {given!r}, not a list; name another column, or mend the row")
    try:
        return list(json.loads(inner))
    except ValueError:
        pass
    quoted = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|-?\d+"""
    if not re.fullmatch(rf"\[\s*(?:(?:{quoted})(?:[\s,]+|(?=\])))*\]", inner):
        raise InputError(f"{where}: column {column!r} is {inner[:60]!r}, not a whole list; write it as JSON")
    return [ast.literal_eval(item) for item in re.findall(quoted, inner)]


def _objects(given: Any, where: str, column: str) -> list[dict[str, Any]]:
    """Read spans: a list of objects or of `[start, end, label]`, an object of lists, or the text of one of these."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            try:  # NumPy writes no commas between objects
                given = ast.literal_eval(re.sub(r"\}\s+\{", "}, {", given.strip()))
            except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
                raise InputError(f"{where}: column {column!r} is {given[:60]!r}, no list of spans; use JSON") from error
    if isinstance(given, Mapping):  # an object of lists
        lists = list(given.values())
        if not all(isinstance(values, list) and len(values) == len(lists[0]) for values in lists):
            raise InputError(f"{where}: column {column!r} has lists of different lengths; mend the row")
        given = [dict(zip(given, values, strict=True)) for values in zip(*lists, strict=True)]
    if not isinstance(given or [], list):
        raise InputError(f"{where}: column {column!r} is {given!r}, no list of spans; name another with ?spans=")
    found = []
    for item in given or []:
        if isinstance(item, list | tuple) and len(item) == 3:
            item = dict(zip(("start", "end", "label"), item, strict=True))
        if not isinstance(item, Mapping):
            raise InputError(f"{where}: column {column!r}: {item!r} is no span; write start, end and label")
        found.append(dict(item))
    return found


def _of_spans(
    row: Mapping[str, Any], columns: tuple[str, str], names: Sequence[str] | None, where: str
) -> dict[str, Any]:
    text, spans = columns
    if not isinstance(row[text], str):
        raise InputError(f"{where}: column {text!r} is {row[text]!r}, not text; name another with ?text=")
    read = []
    for item in _objects(row[spans], where, spans):
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

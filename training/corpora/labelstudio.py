"""Label Studio's JSON export and import: tasks with annotations, each a list of labelled regions.

A region's voice is a choice for that region (`<Choices name="voice" perRegion="true">`); what else our spans have
stands in the region's `meta`. Offsets that the browser counted in UTF-16 units are found out by the region's own text,
in which Label Studio writes a backslash and an n for every line end. Regions of an HTML page are read by their
`globalOffsets` where these fit the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from framing.errors import InputError
from framing.spans import VOICES, Document
from training.corpora.base import Format, Losses, Reading, cut, extras, read_json

SAMPLE = """\
[{"id": 1, "data": {"text": "The so-called truce"}, "annotations": [{"completed_by": 2, "result": [
  {"id": "r1", "type": "labels", "from_name": "label", "to_name": "text",
   "value": {"start": 4, "end": 13, "text": "so-called", "labels": ["distancing"]}}]}]}]"""


def read(path: Path, reading: Reading, *, text_field: str = "text") -> Iterator[Document]:
    """Read an export (JSON, not JSON-MIN).

    A task with several annotations gives a record each, whose fields `article` and `annotator` tell which.

    Args:
        path: the JSON file.
        reading: the account: tasks without annotations, cancelled ones, regions without a label, relations.
        text_field: the key of the task's data that holds the text.
    """
    tasks = read_json(path)
    if not isinstance(tasks, list):
        raise InputError(f"{path}: not a list of tasks; export the project as JSON")
    for number, task in enumerate(tasks, start=1):
        where = f"{path}, task {number}"
        with reading.going_on(where):
            yield from _documents(task, number, where, text_field, reading)


def _documents(task: Any, number: int, where: str, text_field: str, reading: Reading) -> Iterator[Document]:
    """Give a record an annotation."""
    data, text, annotations = _parts(task, where, text_field)
    identity = str(data.get("id", task.get("id", number)))
    kept = [found for found in annotations if not found.get("was_cancelled")]
    if len(kept) < len(annotations):
        reading.losses.add("cancelled annotation is left out", identity)
    if not kept:
        reading.losses.add("task without an annotation is left out", identity)
    meta = reading.beside({key: data[key] for key in data if key not in {"id", text_field}}, identity)
    for index, found in enumerate(kept):
        names = {"article": identity, "annotator": found.get("completed_by")} if len(kept) > 1 else {}
        name = f"{identity}#{found.get('id', index)}" if names else identity
        spans, choices = _regions(found.get("result") or [], text, reading, name, where)
        choices = reading.beside(choices, name)
        record = {"id": name, "text": text, "spans": spans, **meta, **names, **choices}
        yield reading.document(record, f"{where}, record {name!r}")


def _parts(task: Any, where: str, text_field: str) -> tuple[dict[str, Any], str, list[dict[str, Any]]]:
    """Give a task's data, text and annotations; raises `InputError` that says which isn't there."""
    for part, kind in (("data", dict), ("annotations", list)):
        if not isinstance(task, dict) or not isinstance(task.get(part), kind):
            raise InputError(f"{where}: no {part!r}; export the project as JSON (not JSON-MIN)")
    data, annotations = task["data"], task["annotations"]
    if not isinstance(data.get(text_field), str):
        keys = ", ".join(data) or "none"
        raise InputError(
            f"{where}: no {text_field!r} that is text; the keys of its data are {keys}: name one with ?text_field=KEY"
        )
    for found in annotations:
        result = found.get("result") if isinstance(found, dict) else None
        if not isinstance(found, dict) or not all(isinstance(item, dict) for item in result or []):
            raise InputError(f"{where}: annotation {str(found)[:60]} has no list of regions; export the project again")
    return data, data[text_field], annotations


def _regions(
    result: Sequence[Mapping[str, Any]], text: str, reading: Reading, name: str, where: str
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Give spans, and choices for the whole task."""
    choices: dict[str, Any] = {}
    by_region: dict[str, dict[str, Any]] = {}
    for item in result:
        if item.get("type") == "choices":
            chosen = item["value"]["choices"]
            if "start" not in item["value"]:
                choices[item["from_name"]] = chosen
            elif item["from_name"] == "voice" and len(chosen) == 1 and chosen[0] in VOICES:
                by_region.setdefault(item["id"], {})["voice"] = chosen[0]
            else:
                by_region.setdefault(item["id"], {})[f"choice {item['from_name']}"] = chosen
    spans = []
    for item in result:
        if item.get("type") == "choices":
            continue
        kind, value = item.get("type"), item.get("value") or {}
        labels = value.get(kind) if kind in ("labels", "hypertextlabels") else None
        if not labels or (kind == "hypertextlabels" and not _is_on_page(value, text)):
            reading.losses.add(_unread(kind, bool(labels)), f"{name} {item.get('id')}")
            continue
        with reading.going_on():
            given = value if kind == "labels" else {**value["globalOffsets"], "text": value["text"]}
            start, end = _ends(given, text, reading, name, where)
            meta = dict(item.get("meta") or {})
            fields = meta.pop("framing", {}) | ({"meta": meta} if meta else {}) | by_region.get(item.get("id", ""), {})
            if item.get("score") is not None:
                fields["score"] = item["score"]
            spans += [{"start": start, "end": end, "label": label, **fields} for label in labels]
    return spans, choices


def _unread(kind: Any, labelled: bool) -> str:
    if labelled:
        return "region of an HTML page isn't read: its offsets don't fit the text"
    if kind in ("labels", "hypertextlabels"):
        return "region without a label isn't read"
    return f"{kind} isn't read: it is no labelled span of the text"


def _is_on_page(value: Mapping[str, Any], text: str) -> bool:
    """Tell whether a region of an HTML page has offsets and a text that fit the task's text."""
    ends, covered = value.get("globalOffsets"), value.get("text")
    if not isinstance(ends, Mapping) or not isinstance(covered, str):
        return False
    try:
        return _found(text, int(ends["start"]), int(ends["end"]), covered) is not None
    except (KeyError, TypeError, ValueError):
        return False


def _ends(value: Mapping[str, Any], text: str, reading: Reading, name: str, where: str) -> tuple[int, int]:
    try:
        start, end = int(value["start"]), int(value["end"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{where}: region {value!r} has no start and end; export the project as JSON") from error
    covered = value.get("text")
    if covered is None:
        return start, end
    found = _found(text, start, end, covered)
    if found is None:
        raise InputError(f"{where}: region [{start}, {end}) should cover {covered!r} but covers {text[start:end]!r}")
    if found != (start, end):
        reading.losses.add("offsets in UTF-16 units, turned into characters", f"{name} {covered!r}")
    return found


def _found(text: str, start: int, end: int, covered: str) -> tuple[int, int] | None:
    """Give the code points that a region covers, whose offsets may count UTF-16 units; None where neither fits."""
    units = text.encode("utf-16-le", "surrogatepass")
    first, last = (len(units[: 2 * max(0, at)].decode("utf-16-le", "replace")) for at in (start, end))
    for ends in ((start, end), (first, last)):
        piece = text[slice(*ends)]
        if covered in (piece, re.sub(r"[\r\n]", r"\\n", piece)):
            return ends
    return None


def write(documents: Sequence[Document], path: Path) -> None:
    """Write tasks with one annotation each, as Label Studio imports them."""
    tasks = []
    for number, document in enumerate(documents, start=1):
        record = document.to_record()
        result = []
        for index, span in enumerate(record.pop("spans"), start=1):
            value = {"start": span["start"], "end": span["end"], "text": document.text[span["start"] : span["end"]]}
            common = {"id": f"r{index}", "to_name": "text"}
            fields = extras(span)
            voice, score = fields.pop("voice", None), fields.pop("score", None)
            region = {**common, "from_name": "label", "type": "labels", "value": {**value, "labels": [span["label"]]}}
            region |= {"meta": {"framing": fields}} if fields else {}
            region |= {"score": score} if score is not None else {}
            result.append(region)
            if voice is not None:
                chosen = {**value, "choices": [voice]}
                result.append({**common, "from_name": "voice", "type": "choices", "value": chosen})
        tasks.append({"id": number, "data": record, "annotations": [{"result": result}]})
    path.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def hold(document: Document, losses: Losses) -> Document:
    """Hold everything."""
    return cut(document, losses, form="labelstudio", fields=None, meta=None)


FORMAT = Format("labelstudio", "Label Studio JSON export", "a file", SAMPLE, read, write, hold)

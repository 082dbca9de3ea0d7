"""brat standoff: a folder of `x.txt` with `x.ann`.

Offsets count code points of the text as it is on disk, line ends and a byte order mark included. A discontinuous span
is covered from first to last fragment, and the fragments stand in its field `fragments`; fragments that only white
space parts (brat splits at line ends) are one span. Voice and other fields are attributes (`A`) where they are single
words, else notes (`#`). Events, relations and equivalences stay as lines in the record's field `brat`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from framing.errors import InputError
from framing.spans import VOICES, Document
from training.corpora.base import (
    Format,
    Losses,
    Reading,
    cut,
    extras,
    file_name,
    identity_of,
    place,
    read_lines,
    read_text,
)

SAMPLE = """\
x.txt   The so-called truce
x.ann   T1<TAB>distancing 4 13<TAB>so-called
        A1<TAB>voice T1 author"""
_LINE: Final = re.compile(r"([TREAMN#]\d+|\*)\t")
_ATTRIBUTE: Final = re.compile(r"(\S+) (T\d+)(?: (\S+))?")
_OWN: Final = frozenset(
    {"start", "end", "label", "score", "voice_score", "designation", "text", "id", "fragments", "note"}
)
Fragments = list[list[int]]


@dataclass(slots=True)
class _Annotations:
    """An `.ann` file in parts: spans by their T with their places, and lines that are about something else."""

    spans: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def read(path: Path, reading: Reading) -> Iterator[Document]:
    """Read a folder and the folders in it.

    Several annotators' files of one text (`x_ann1.ann`, `x_ann2.ann` of `x.txt`) give a record each, whose fields
    `article` and `annotator` tell which.
    """
    texts = {file.with_suffix(""): file for file in sorted(path.rglob("*.txt"))}
    if not texts:
        raise InputError(f"{path}: holds no .txt files; name the folder of brat's .txt and .ann files")
    labelled = set()
    for file in sorted(path.rglob("*.ann")):
        with reading.going_on(str(file)):
            base = _text_of(file, texts)
            labelled.add(base)
            record, places = _record(file, texts[base], reading)
            yield reading.document(record, str(file), places)
    for base, file in texts.items():
        if base not in labelled:
            with reading.going_on():
                raise InputError(f"{file}: has no label file {base.name}.ann; add one, empty if nothing is labelled")


def _record(file: Path, of: Path, reading: Reading) -> tuple[dict[str, Any], list[str]]:
    """Give a record, and the place of each of its spans."""
    base, text = of.with_suffix(""), read_text(of, keep_mark=True)
    found = _parse(file, text, reading)
    record: dict[str, Any] = {"id": identity_of(file.stem), "text": text}
    if base.name != file.stem:
        record |= {"article": identity_of(base.name), "annotator": file.stem[len(base.name) + 1 :]}
    if found.lines:
        record["brat"] = found.lines
        for name, span in found.spans.items():
            span["id"] = name
    return record | {"spans": list(found.spans.values())}, found.places


def _text_of(file: Path, texts: Mapping[Path, Path]) -> Path:
    base = file.with_suffix("")
    while base not in texts:
        shorter = base.name.rpartition("_")[0]
        if not shorter:
            raise InputError(f"{file}: there is no {file.stem}.txt beside it; add the text")
        base = base.with_name(shorter)
    return base


def _parse(file: Path, text: str, reading: Reading) -> _Annotations:
    found = _Annotations()
    rows: list[list[tuple[int, str]]] = []
    for number, line in read_lines(file):
        if _LINE.match(line) or not rows:
            rows.append([])
        rows[-1].append((number, line))
    later = []
    for (number, line), *more in rows:
        if more and line.startswith("T") and _goes_on(line, [part for _, part in more], text):
            line, more = "\n".join([line, *(part for _, part in more)]), []
        for place_of, odd in more if _LINE.match(line) else [(number, line), *more]:
            with reading.going_on():
                raise InputError(
                    f"{file}:{place_of}: {odd[:60]!r} is no annotation; begin it with an id and a tab, as T1"
                )
        if line.startswith("T") and _LINE.match(line):
            with reading.going_on():
                _add(line, file, number, text, found, reading)
        elif _LINE.match(line):
            later.append(line)
    for line in later:
        if not _attach(line, found.spans):
            found.lines.append(line)
    return found


def _goes_on(line: str, more: Sequence[str], text: str) -> bool:
    """Tell whether lines behind a span's line are the rest of its text, broken over lines."""
    cells = line.split("\t", 2)
    pieces = [[int(end) for end in piece] for piece in re.findall(r"(\d+) (\d+)(?:;|$)", cells[1])]
    return " ".join(text[start:end] for start, end in pieces).split() == " ".join([*cells[2:], *more]).split()


def _add(line: str, file: Path, number: int, text: str, found: _Annotations, reading: Reading) -> None:
    """Read a span's line."""
    where = f"{file}:{number}"
    cells = line.split("\t", 2)
    ends = re.fullmatch(r"(\S+) (\d+ \d+(?:;\d+ \d+)*)", cells[1])
    if ends is None or cells[0] in found.spans:
        raise InputError(f"{where}: {line[:60]!r} is no span; write T1, label, start and end, and an id of its own")
    pieces = [[int(end) for end in piece.split()] for piece in ends[2].split(";")]
    _check(pieces, cells[2] if len(cells) > 2 else "", text, where, reading)
    fragments = _merge(pieces, text)
    span = {"start": fragments[0][0], "end": fragments[-1][1], "label": ends[1]}
    if len(fragments) > 1:
        span["fragments"] = fragments
        reading.losses.add("discontinuous span, covered whole; see its fragments", f"{file.stem} {cells[0]}")
    found.spans[cells[0]] = span
    found.places.append(where)


def _check(pieces: Fragments, covered: str, text: str, where: str, reading: Reading) -> None:
    last = max(end for _, end in pieces)
    if last > len(text):
        raise InputError(f"{where}: offset {last} lies past the text's {len(text)} characters")
    if any(start >= end for start, end in pieces):
        raise InputError(f"{where}: offsets {pieces} are empty or negative; each start must be below its end")
    actual = " ".join(text[start:end] for start, end in pieces)
    if "\n" in covered and actual.split() == covered.split():
        reading.losses.add("span's text broken over lines, joined", where)
    elif actual != covered:
        crlf = "; the text has CRLF line ends, perhaps the offsets count LF" if "\r\n" in text else ""
        raise InputError(f"{where}: should cover {covered!r} but covers {actual!r}: offsets drifted{crlf}")


def _merge(pieces: Fragments, text: str) -> Fragments:
    """Put fragments in order, and join those that only white space parts."""
    first, *rest = sorted(pieces)
    merged = [list(first)]
    for start, end in rest:
        if text[merged[-1][1] : start].strip():
            merged.append([start, end])
        else:
            merged[-1][1] = max(end, merged[-1][1])
    return merged


def _split(fragments: Fragments, text: str) -> Fragments:
    """Cut fragments at line ends, as brat does."""
    pieces = []
    for start, end in fragments:
        pieces += [[start + at for at in match.span()] for match in re.finditer(r"[^\r\n]+", text[start:end])]
    return pieces


def _attach(line: str, spans: Mapping[str, dict[str, Any]]) -> bool:
    """Put an attribute or note of a span into its fields; tell whether it was one."""
    kind, _, rest = line.partition("\t")
    if kind[0] in "AM" and (match := _ATTRIBUTE.fullmatch(rest)) and match[2] in spans:
        name, value = match[1], match[3] or True
        if name not in _OWN and (name != "voice" or value in VOICES) and name not in spans[match[2]]:
            spans[match[2]][name] = value
            return True
    head, tab, note = rest.partition("\t")
    name, _, target = head.partition(" ")
    if kind[0] == "#" and tab and target in spans:
        if name == "AnnotatorNotes" and "note" not in spans[target]:
            spans[target]["note"] = note
            return True
        if name == "Framing":
            try:
                spans[target].update(json.loads(note))
            except ValueError:
                return False
            return True
    return False


def write(documents: Sequence[Document], path: Path) -> None:
    """Write an annotation file for each document, and its text; several annotators' documents of an article share one.

    Raises:
        InputError: two documents that would share a text file have different texts.
    """
    path.mkdir(parents=True, exist_ok=True)
    texts: dict[str, str] = {}
    for document in documents:
        name, base = file_name(document.id), file_name(document.meta.get("article", document.id))
        if texts.setdefault(base, document.text) != document.text:
            raise InputError(
                f"record {document.id!r}: another record has another text for {base}.txt; brat has one text for all "
                "annotators, so take the fields article and annotator out"
            )
        (path / f"{base}.txt").write_bytes(document.text.encode())
        (path / f"{name}.ann").write_bytes("".join(f"{line}\n" for line in _lines(document)).encode())


def _lines(document: Document) -> Iterator[str]:
    record = document.to_record()
    attributes, notes = (_last(record.get("brat", []), kind) for kind in "A#")
    for number, span in enumerate(record["spans"], start=1):
        fields = extras(span)
        name = fields.pop("id") if "brat" in record else f"T{number}"
        fragments = [[span["start"], span["end"]]]
        if _are_fragments(fields.get("fragments"), span, document.text):
            fragments = fields.pop("fragments")
        pieces = _split(fragments, document.text)
        ends = ";".join(f"{start} {end}" for start, end in pieces)
        yield f"{name}\t{span['label']} {ends}\t{' '.join(document.text[start:end] for start, end in pieces)}"
        for key in [key for key, value in fields.items() if _is_attribute(key, value)]:
            attributes += 1
            value = fields.pop(key)
            yield f"A{attributes}\t{key} {name}" + ("" if value is True else f" {value}")
        note = fields.get("note")
        if isinstance(note, str) and note.strip() and not re.search(r"[\r\n]", note):
            notes += 1
            yield f"#{notes}\tAnnotatorNotes {name}\t{fields.pop('note')}"
        if fields:
            notes += 1
            yield f"#{notes}\tFraming {name}\t{json.dumps(fields)}"
    yield from record.get("brat", [])


def _last(lines: Sequence[str], kind: str) -> int:
    """Give the highest number of a kind's ids, so that new ones don't clash."""
    return max((int(match[1]) for line in lines if (match := re.match(rf"{kind}(\d+)\t", line))), default=0)


def _are_fragments(given: Any, span: Mapping[str, Any], text: str) -> bool:
    try:
        rising = given == sorted(given) and len(given) > 1 and all(start < end for start, end in given)
        inside = given[0][0] == span["start"] and given[-1][1] == span["end"]
        return rising and inside and _merge(_split(given, text), text) == given
    except (TypeError, ValueError, IndexError):
        return False


def _is_attribute(key: str, value: Any) -> bool:
    single = value is True or (isinstance(value, str) and re.fullmatch(r"\S+", value) is not None)
    return single and re.fullmatch(r"\S+", key) is not None and key not in _OWN


def _are_lines(given: Any) -> bool:
    return (
        isinstance(given, list)
        and len(given) > 0
        and all(isinstance(line, str) and re.fullmatch(r"([REAMN#]\d+|\*)\t[^\r\n]*", line) for line in given)
    )


def hold(document: Document, losses: Losses) -> Document:
    """Hold everything but record fields, white space in labels, and line ends at the edges of spans.

    The fields `article` and `annotator` are held where the id is made of them, as `read` makes it.
    """

    def spans(record: dict[str, Any]) -> list[dict[str, Any]]:
        kept = []
        for span in record["spans"]:
            pieces = _split([[span["start"], span["end"]]], document.text)
            label = re.sub(r"\s+", "_", span["label"].strip()) or "_"
            where = place(document.id, span)
            if not pieces:
                losses.add("span of line ends alone can't be held by brat", where)
                continue
            start, end = pieces[0][0], pieces[-1][1]
            if (start, end) != (span["start"], span["end"]):
                losses.add("line end at the edge of a span can't be held by brat: the span is cut", where)
            if label != span["label"]:
                losses.add("white space in a label can't be held by brat: _ stands for it", where)
            kept.append(span | {"start": start, "end": end, "label": label})
        names = [str(span.get("id")) for span in kept]
        named = len(set(names)) == len(names) and all(re.fullmatch(r"T\d+", name) for name in names)
        if "brat" in record and not (named and _are_lines(record["brat"])):
            losses.add("record field 'brat' isn't of brat's form, or its spans have no T ids of their own", document.id)
            del record["brat"]
        return kept

    meta = ("brat", "article", "annotator") if _is_annotators(document) else ("brat",)
    return cut(document, losses, form="brat", fields=None, meta=meta, spans=spans)


def _is_annotators(document: Document) -> bool:
    article, annotator = (document.meta.get(name) for name in ("article", "annotator"))
    if not (isinstance(article, str) and article and isinstance(annotator, str) and annotator):
        return False
    return document.id == f"{article}_{annotator}" and file_name(annotator) == annotator


FORMAT = Format("brat", "brat standoff, as PolNeAR's", "a folder of .txt and .ann files", SAMPLE, read, write, hold)

"""CoNLL columns: a token a line, its tag in the last column, in IOB1, IOB2, IOBES or BILOU.

Columns hold no text. What we write has it in a comment, as CoNLL-U does, so that offsets survive; other files are read
with tokens joined by a space. A file with `-DOCSTART-` or `# newdoc` lines has documents of sentences, another a
document a block. Other comments above a block's tokens are passed over.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from framing.errors import InputError
from framing.spans import Document
from training.corpora.base import Format, Losses, Reading, cut, place, read_text

SAMPLE = """\
The          O
so-called    B-distancing
truce        O"""
Row = tuple[int, str, str]  # line number, token, tag
TAG: Final = re.compile(r"O|[BIESLUM](-.+)?")
"""A tag of any scheme; without a label behind it, of a corpus with one type."""


def read(path: Path, reading: Reading, *, column: str = "0", tag: str = "-1", label: str = "") -> Iterator[Document]:
    """Read columns parted by tabs, or by blanks.

    Args:
        path: the file.
        reading: the account.
        column: the column of tokens, from 0.
        tag: the column of tags; -1 is the last.
        label: the label of plain `B` and `I`; without it, the vocabulary's, where that has one.
    """
    label = label or only_label(reading)
    try:
        columns = int(column), int(tag)
    except ValueError as error:
        raise InputError(
            f"{path}: column and tag are numbers of columns, from 0; not {column!r} and {tag!r}"
        ) from error
    blocks = list(_blocks(path, columns, reading))
    if any(starts for starts, _, _ in blocks):
        blocks = list(_documents(blocks))
    for number, (_, notes, sentences) in enumerate(blocks, start=1):
        rows = [row for sentence in sentences for row in sentence]
        where = f"{path}:{rows[0][0]}" if rows else f"{path}, record {number}"
        with reading.going_on(where):
            try:
                given = json.loads(notes["text"]) if notes.get("text", "").startswith('"') else None
                identity = json.loads(notes["id"]) if notes.get("id", "").startswith('"') else notes.get("id")
            except ValueError as error:
                raise InputError(f"{where}: the comment above is no JSON string ({error}); leave it out") from error
            text, ends = _align(given, sentences, path)
            found = decode_tags([labelled(row[2], label, f"{path}:{row[0]}") for row in rows])
            spans = [{"start": ends[first][0], "end": ends[last][1], "label": name} for first, last, name in found]
            places = [f"{path}:{rows[first][0]}" for first, _, _ in found]
            record = {"id": identity or f"{path.stem}-{number}", "text": text, "spans": spans}
            yield reading.document(record, where, places)


def only_label(reading: Reading) -> str:
    """Give the one label that spans may have; nothing where there are several, or any may be."""
    return reading.labels[0] if reading.labels is not None and len(reading.labels) == 1 else ""


def labelled(tag: str, label: str, where: str) -> str:
    """Put a label behind a tag that has none; raises `InputError` where there is none to put."""
    if tag == "O" or "-" in tag:
        return tag
    if not label:
        raise InputError(f"{where}: tag {tag!r} has no label; name it with ?label=")
    return f"{tag}-{label}"


Block = tuple[bool, dict[str, str], list[list[Row]]]  # whether a document starts, comments, sentences


def _blocks(path: Path, columns: tuple[int, int], reading: Reading) -> Iterator[Block]:
    """Cut a file at blank lines."""
    starts, notes, rows = False, dict[str, str](), list[Row]()
    lines = [line.removesuffix("\r") for line in [*read_text(path).split("\n"), ""]]
    width = Counter(len(_split(line)) for line in lines if line.strip() and line[0] != "#").most_common(1)
    for number, line in enumerate(lines, start=1):
        cells = _split(line)
        if not cells or not line.strip():
            if starts or rows or not notes.keys().isdisjoint({"id", "text"}):
                yield starts, notes, [rows] if rows else []
            starts, notes, rows = False, {}, []
        elif cells[0] == "-DOCSTART-":
            starts = True
        elif not rows and (match := re.fullmatch(r"# ?newdoc(?: id = (.*))?", line.strip())):
            starts = True
            notes |= {"id": match[1]} if match[1] else {}
        elif not rows and (match := re.fullmatch(r"# ?(\w+) = (.*)", line)):
            notes[match[1]] = match[2]
        elif not rows and line[0] == "#" and not (width and len(cells) == width[0][0] and _is_row(cells, columns)):
            continue  # another comment
        else:
            with reading.going_on():
                rows.append((number, *_cells(cells, columns, f"{path}:{number}")))


def _split(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else line.split()


def _is_row(cells: Sequence[str], columns: tuple[int, int]) -> bool:
    """Tell a token `#` from a comment."""
    try:
        _cells(cells, columns, "")
    except InputError:
        return False
    return True


def _cells(cells: Sequence[str], columns: tuple[int, int], where: str) -> tuple[str, str]:
    """Give a row's token and tag."""
    if len(cells) < 2 or not -len(cells) <= min(columns) <= max(columns) < len(cells):
        raise InputError(f"{where}: {len(cells)} columns; write a token and its tag, a tab between")
    word, label = cells[columns[0]], cells[columns[1]]
    if not TAG.fullmatch(label):
        raise InputError(f"{where}: tag {label!r} is not O, B-x or I-x; name its column with ?tag=")
    return word, label


def _documents(blocks: Iterable[Block]) -> Iterator[Block]:
    """Join sentences to documents at `-DOCSTART-`."""
    notes, sentences = dict[str, str](), list[list[Row]]()
    for starts, comments, found in blocks:
        if starts and sentences:
            yield True, notes, sentences
            notes, sentences = {}, []
        notes = comments | notes
        sentences = sentences + found
    if sentences:
        yield True, notes, sentences


def _align(text: str | None, sentences: Sequence[Sequence[Row]], path: Path) -> tuple[str, list[tuple[int, int]]]:
    """Give the text and each token's offsets in it; between tokens there is only white space."""
    if text is None:
        text = "\n".join(" ".join(word for _, word, _ in sentence) for sentence in sentences)
    ends: list[tuple[int, int]] = []
    for number, word, _ in (row for sentence in sentences for row in sentence):
        before = ends[-1][1] if ends else 0
        start = text.find(word, before)
        if start < 0 or text[before:start].strip():
            raise InputError(f"{path}:{number}: token {word!r} isn't next in the text of the comment; mend one")
        ends.append((start, start + len(word)))
    return text, ends


def decode_tags(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """Give first token, last token and label of each span, whichever scheme the tags follow."""
    spans: list[tuple[int, int, str]] = []
    inside = False
    for index, tag in enumerate(tags):
        kind, _, label = tag.partition("-")
        if kind == "O":
            inside = False
            continue
        if inside and kind in "IELM" and spans[-1][2] == label:
            spans[-1] = (spans[-1][0], index, label)
        else:
            spans.append((index, index, label))
        inside = kind not in "ELSU"
    return spans


def write(documents: Sequence[Document], path: Path) -> None:
    """Write IOB2, a block a document, with id and text in comments."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for document in documents:
            for name, value in (("id", document.id), ("text", document.text)):
                stream.write(f"# {name} = {json.dumps(value, ensure_ascii=False)}\n")
            cuts = {end for span in document.spans for end in (span.start, span.end)}
            tags = {at: (span, span.start) for span in document.spans for at in range(span.start, span.end)}
            for start, end in words(document.text, cuts):
                span, first = tags.get(start, (None, 0))
                tag = "O" if span is None else f"{'B' if start == first else 'I'}-{span.label}"
                stream.write(f"{document.text[start:end]}\t{tag}\n")
            stream.write("\n")


def words(text: str, cuts: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Cut a text into words and marks, and at the ends of spans."""
    ends = sorted(cuts)
    for match in re.finditer(r"\w+|[^\w\s]", text):
        start, last = match.span()
        for end in [at for at in ends if start < at < last] if match.end() - start > 1 else []:
            yield start, end
            start = end
        yield start, last


def hold(document: Document, losses: Losses) -> Document:
    """Hold offsets and labels of spans that don't overlap; of spans that do, the longest."""

    def spans(record: dict[str, Any]) -> list[dict[str, Any]]:
        kept: list[dict[str, Any]] = []
        for span in sorted(record["spans"], key=lambda span: (span["start"] - span["end"], span["start"])):
            where = place(document.id, span)
            covered = document.text[span["start"] : span["end"]]
            start = span["start"] + len(covered) - len(covered.lstrip())
            end = start + len(covered.strip())
            label = re.sub(r"\s+", "_", span["label"].strip()) or "_"
            if start == end:
                losses.add("span of white space alone can't be held by conll", where)
                continue
            if any(start < other["end"] and other["start"] < end for other in kept):
                losses.add("span overlaps a longer one; conll can't hold both", where)
                continue
            if (start, end) != (span["start"], span["end"]):
                losses.add("white space at the edge of a span can't be held by conll: the span is cut", where)
            if label != span["label"]:
                losses.add("white space in a label can't be held by conll: _ stands for it", where)
            kept.append({"start": start, "end": end, "label": label})
        return kept

    return cut(document, losses, form="conll", spans=spans)


FORMAT = Format("conll", "CoNLL / IOB columns, without overlaps", "a file", SAMPLE, read, write, hold)

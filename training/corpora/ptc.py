"""PTC, the corpus of SemEval-2020 task 11: articles in one folder, label files for SI (spans) and TC (techniques).

Da San Martino et al. (2020), https://doi.org/10.18653/v1/2020.semeval-1.186. Offsets count code points of the article
as it is on disk; in two training articles they count a byte order mark too, so that it stays in the text.

Published articles have numbers for ids. Any other id is written percent-encoded where it couldn't stand in a file name,
in the label file as in the article's name, and comes back when it is read.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from framing.errors import InputError
from framing.spans import Document
from training.corpora.base import (
    Format,
    Losses,
    Reading,
    cut,
    file_name,
    identity_of,
    place,
    read_lines,
    read_text,
    whole,
)

SAMPLE = """\
train-articles/article7.txt          The so-called truce
train-task-si.labels                 7<TAB>4<TAB>13
train-task-flc-tc.labels             7<TAB>Loaded_Language<TAB>4<TAB>13"""
SPAN = "propaganda"


def read(path: Path, reading: Reading, *, articles: str = "") -> Iterator[Document]:
    """Read the articles that a label file, or a folder with a label file for each article, is about.

    SI labels have three columns, and their spans get the label `propaganda`; TC labels have four. An article without a
    line in the label file has no spans.

    Args:
        path: a label file (`train-task-si.labels`) or folder (`train-labels-task-flc-tc`).
        reading: the account.
        articles: the folder of articles; by default the one beside the labels, by its part (`train-articles`).
    """
    folder = Path(articles) if articles else _articles(path)
    if not path.exists():
        raise InputError(f"{path}: no such label file; name one, such as train-task-si.labels, or a folder of them")
    texts = {file.stem.removeprefix("article"): file for file in sorted(folder.glob("article*.txt"))}
    if not texts:
        raise InputError(f"{folder}: holds no article*.txt; name the folder with ?articles=FOLDER")
    spans: dict[str, list[dict[str, Any]]] = {name: [] for name in texts}
    ends: dict[str, list[str]] = {name: [] for name in texts}
    for file in _label_files(path, texts):
        for number, line in read_lines(file):
            with reading.going_on():
                where = f"{file}:{number}"
                name, span = _span(line, where)
                if name not in spans:
                    raise InputError(f"{where}: there is no {folder / f'article{name}.txt'}; add the article")
                spans[name].append(span)
                ends[name].append(where)
    for name, file in texts.items():
        with reading.going_on():
            text = read_text(file, keep_mark=True)
            if spans[name] and "\r\n" in text:
                raise InputError(
                    f"{file}: has CRLF line ends, but published offsets count LF; convert it (`sed -i 's/\\r$//'`)"
                )
            kept, places = [], []
            for span, where in zip(spans[name], ends[name], strict=True):
                with reading.going_on():
                    if span["end"] > len(text):
                        raise InputError(
                            f"{where}: offset {span['end']} lies past the {len(text)} characters of {file.name}"
                        )
                    kept.append(span)
                    places.append(where)
            yield reading.document({"id": identity_of(name), "text": text, "spans": kept}, str(file), places)


def _articles(path: Path) -> Path:
    """Name the folder of articles that belongs to a label file."""
    return path.parent / f"{path.name.partition('-')[0]}-articles"


def _span(line: str, where: str) -> tuple[str, dict[str, Any]]:
    name, *middle, start, end = cells if len(cells := line.split("\t")) in (3, 4) else ["", "", "", "", ""]
    if not name:
        raise InputError(f"{where}: not a label line; write article, technique (for TC), start and end, tabs between")
    return name, {"start": whole(start, where), "end": whole(end, where), "label": middle[0] if middle else SPAN}


def _label_files(path: Path, articles: dict[str, Path]) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = {match[1]: file for file in sorted(path.iterdir()) if (match := re.match(r"article(.+?)\.task", file.name))}
    for name, article in articles.items():
        if name not in found:
            raise InputError(f"{path}: no label file for {article.name}; add one, empty if need be")
    return list(found.values())


def write(documents: Sequence[Document], path: Path) -> None:
    """Write a label file, and the articles where `read` looks for them: `train-task-si.labels`, `train-articles`.

    The file is SI's, with three columns, where every span is `propaganda`, else TC's, with four.
    """
    articles = _articles(path)
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name the label file to write, such as {path / 'train-task-si.labels'}")
    if articles.is_dir() and any(articles.iterdir()):
        raise InputError(f"{articles}: the articles would go there, but it isn't empty; name another place with -o")
    articles.mkdir(parents=True, exist_ok=True)
    techniques = any(span.label != SPAN for document in documents for span in document.spans)
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for document in documents:
            name = file_name(document.id)
            (articles / f"article{name}.txt").write_bytes(document.text.encode())
            for span in document.spans:
                label = f"{span.label}\t" if techniques else ""
                stream.write(f"{name}\t{label}{span.start}\t{span.end}\n")


def hold(document: Document, losses: Losses, *, task: str = "") -> Document:
    """Hold offsets and labels of spans; CRLF line ends of an article with spans become LF.

    Args:
        document: the document.
        losses: the account.
        task: `si` makes one `propaganda` span of techniques that overlap, as SI's own labels were made of TC's.
    """
    if task not in ("", "si"):
        raise InputError(f"ptc: option task={task}; give task=si, or leave it out")

    def spans(record: dict[str, Any]) -> list[dict[str, Any]]:
        kept = _with_line_feeds(record, losses)
        for span in kept:
            label = SPAN if task else re.sub(r"[\t\r\n]", "_", span["label"])
            if label != span["label"]:
                why = "a label can't be held by SI" if task else "tab or line end in a label can't be held by ptc"
                losses.add(f"{why}: {SPAN if task else '_'} stands for it", place(document.id, span))
                span["label"] = label
        return _join(kept, document.id, losses) if task else kept

    return cut(document, losses, form="ptc", spans=spans)


def _with_line_feeds(record: dict[str, Any], losses: Losses) -> list[dict[str, Any]]:
    """Take carriage returns before line feeds out of a record with spans, and give its spans at their new places."""
    text = record["text"]
    gone = [at for match in re.finditer(r"\r+(?=\n)", text) for at in range(*match.span())]
    if not gone or not record["spans"]:
        return list(record["spans"])
    losses.add("CRLF line ends can't be held by ptc: LF stands for them, offsets move along", record["id"])
    record["text"] = re.sub(r"\r+(?=\n)", "", text)
    kept = []
    for span in record["spans"]:
        start, end = (span[key] - bisect_left(gone, span[key]) for key in ("start", "end"))
        if start < end:
            kept.append(span | {"start": start, "end": end})
        else:
            losses.add("span of carriage returns alone can't be held by ptc", place(record["id"], span))
    return kept


def _join(spans: Sequence[dict[str, Any]], identity: str, losses: Losses) -> list[dict[str, Any]]:
    joined: list[dict[str, Any]] = []
    for span in sorted(spans, key=lambda span: (span["start"], span["end"])):
        if joined and span["start"] < joined[-1]["end"]:
            losses.add("span overlaps another; SI has one for both", place(identity, span))
            joined[-1]["end"] = max(joined[-1]["end"], span["end"])
        else:
            joined.append(span)
    return joined


FORMAT = Format(
    "ptc",
    "PTC / SemEval-2020 task 11, SI and TC",
    "a label file, or a folder of them (only read)",
    SAMPLE,
    read,
    write,
    hold,
)

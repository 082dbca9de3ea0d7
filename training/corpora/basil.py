"""BASIL: news articles with spans of lexical and informational bias.

Fan et al. (2019), https://arxiv.org/abs/1909.02670. Annotations count characters within a sentence (`p7`: the eighth
of the body) or the title; here they count in title, blank line and body, with sentences joined by a space and
paragraphs by a blank line. The record's `sentence_ranges` are BASIL's own sentences, the title the first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from framing.errors import InputError
from framing.spans import Document
from framing.text import sentences
from training.corpora.base import Format, Losses, Reading, cut, extras, file_name, identity_of, place, read_json

LABELS: Final = {"lex": "lexical", "inf": "informational"}
SAMPLE = """\
articles/2019/x_1.json          {"title": "Truce", "source": "nyt", "body-paragraphs": [["The so-called truce held."]]}
annotations/2019/x_1_ann.json   {"phrase-level-annotations": [{"id": "p0", "start": 4, "end": 13, "txt": "so-called",
                                 "bias": "lex", "polarity": "neg", "speaker": ""}]}"""
_BIAS: Final = {label: bias for bias, label in LABELS.items()}
_META: Final = {"source": "outlet", "date": "date", "main-event": "event", "url": "url"}
_WHOLE: Final = "article-level-annotations"
_SEPARATOR: Final = re.compile("\n\n| ")
Ranges = list[tuple[int, int]]


def read(path: Path, reading: Reading) -> Iterator[Document]:
    """Read the folder with `articles` and `annotations`.

    Spans are `lexical` or `informational`; polarity, target, speaker and the rest stand in `span_fields`.
    """
    articles = sorted((path / "articles").rglob("*.json"))
    if not articles:
        raise InputError(f"{path / 'articles'}: holds no articles (*.json); name the folder above articles/")
    for file in articles:
        labels = path / "annotations" / file.relative_to(path / "articles").with_name(f"{file.stem}_ann.json")
        with reading.going_on():
            if not labels.exists():
                raise InputError(f"{labels}: no such label file; add it, or take {file.name} out")
            yield reading.document(_record(file, read_json(file), labels, read_json(labels), reading), str(file))


def _record(file: Path, article: Any, labels: Path, annotations: Any, reading: Reading) -> dict[str, Any]:
    text, places = _join(article["title"], article["body-paragraphs"])
    spans = []
    for number, found in enumerate(annotations["phrase-level-annotations"], start=1):
        where = f"{labels}, annotation {number}"
        with reading.going_on():
            if found["bias"] not in LABELS:
                raise InputError(f"{where}: bias {found['bias']!r} is not one of {', '.join(LABELS)}")
            if found["id"] not in places:
                raise InputError(f"{where}: there is no sentence {found['id']!r} in {file.name}")
            start, end = (places[found["id"]][0] + found[key] for key in ("start", "end"))
            if text[start:end] != found["txt"]:
                raise InputError(
                    f"{where}: should cover {found['txt']!r} but covers {text[start:end]!r}; offsets drifted"
                )
            fields = {key: value for key, value in found.items() if key not in {"start", "end", "txt", "bias"}}
            spans.append({"start": start, "end": end, "label": LABELS[found["bias"]], **fields})
    meta = {_META.get(key, key): value for key, value in article.items() if key != "body-paragraphs"}
    if not article["title"]:
        del meta["title"]
    if _WHOLE in annotations:
        meta[_WHOLE] = annotations[_WHOLE]
    ranges = [[start, end] for start, end in places.values() if start < end]
    return {"id": identity_of(file.stem), "text": text, "spans": spans, **meta, "sentence_ranges": ranges}


def _join(title: str, body: Sequence[Sequence[str]]) -> tuple[str, dict[str, tuple[int, int]]]:
    """Give the text, and where each sentence stands in it; without a title the text begins with the body."""
    text, places = title, {"title": (0, len(title))}
    for paragraph in body:
        for number, sentence in enumerate(paragraph):
            if title or len(places) > 1:
                text += " " if number else "\n\n"
            places[f"p{len(places) - 1}"] = len(text), len(text) + len(sentence)
            text += sentence
    return text, places


def write(documents: Sequence[Document], path: Path) -> None:
    """Write articles and annotations, in a folder for each year where dates begin with one."""
    names = {name: key for key, name in _META.items()}
    for document in documents:
        record = document.to_record()
        name, spans, whole = file_name(record.pop("id")), record.pop("spans"), record.pop(_WHOLE, None)
        text, title = record.pop("text"), record.setdefault("title", "")
        body = _body(text, title, record.pop("sentence_ranges"))
        _, places = _join(title, body)
        found = []
        for span in spans:
            start, end, at = span["start"], span["end"], places[span["id"]][0]
            found.append(
                extras(span)
                | {"start": start - at, "end": end - at, "txt": text[start:end], "bias": _BIAS[span["label"]]}
            )
        article = {names.get(key, key): value for key, value in record.items()} | {"body-paragraphs": body}
        annotations: dict[str, Any] = {key: record[key] for key in ("uuid", "triplet-uuid") if key in record}
        annotations |= {_WHOLE: whole} if _WHOLE in document.meta else {}
        year = re.match(r"(\d{4})(?!\d)", str(record.get("date", "")), re.ASCII)
        for folder, end_, value in (
            ("articles", "", article),
            ("annotations", "_ann", annotations | {"phrase-level-annotations": found}),
        ):
            file = path / folder / (year[1] if year else "") / f"{name}{end_}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(value, indent=4, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def _body(text: str, title: str, ranges: Sequence[Sequence[int]]) -> list[list[str]]:
    """Cut what follows the title into paragraphs of sentences."""
    separators = _between([(start, end) for start, end in ranges], text)
    if not title:
        separators.insert(0, (0, 0))  # opens the first paragraph
    body: list[list[str]] = []
    for (before, start), (end, _) in pairwise([*separators, (len(text), len(text))]):
        if text[before:start] != " ":
            body.append([])
        body[-1].append(text[start:end])
    return body


def _between(ranges: Ranges, text: str) -> Ranges:
    """Give the separators that stand outside of ranges."""
    ends = [0, *(end for pair in ranges for end in pair), len(text)]
    gaps = zip(ends[::2], ends[1::2], strict=True)
    return [match.span() for start, end in gaps for match in _SEPARATOR.finditer(text, start, end)]


def hold(document: Document, losses: Losses) -> Document:
    """Hold all of a record but labels that BASIL doesn't have and fields that are its own.

    Sentences are the record's `sentence_ranges` where BASIL can hold them, else those of `framing.text` that a space or
    blank line parts; what a span runs over is one sentence. The title is the field `title` where the text begins with
    it. Each span's field `id` becomes its sentence.
    """
    meta = [key for key in document.meta if key not in {"source", "main-event", "body-paragraphs"}]

    def spans(record: dict[str, Any]) -> list[dict[str, Any]]:
        kept = []
        for span in record["spans"]:
            if span["label"] not in _BIAS:
                losses.add("label is neither lexical nor informational; basil can't hold the span", _at(span))
                continue
            for key in [key for key in ("txt", "bias") if key in span]:
                losses.add(f"span field {key!r} can't be held by basil", _at(span))
                del span[key]
            kept.append(span)
        _divide(record, kept, losses)
        _, places = _join(title := record.get("title", ""), _body(document.text, title, record["sentence_ranges"]))
        for span in kept:
            name = next(name for name, (start, end) in places.items() if start <= span["start"] < end)
            if span.get("id", name) != name:
                losses.add("span field 'id' can't be held by basil: the sentence stands there", _at(span))
            span["id"] = name
        return kept

    def _at(span: dict[str, Any]) -> str:
        return place(document.id, span)

    return cut(document, losses, form="basil", fields=None, meta=meta, spans=spans)


def _divide(record: dict[str, Any], spans: Sequence[dict[str, Any]], losses: Losses) -> None:
    """Give a record a title and sentences that BASIL can hold."""
    text, given = record["text"], record.get("sentence_ranges")
    own = None if given is None else [(start, end) for start, end in given]
    title = record.get("title")
    if not (isinstance(title, str) and title and text.startswith(title)):
        title = ""
    separators = _separators(text, own, len(title), spans)
    if title not in ("", text) and (len(title), len(title) + 2) not in separators:
        title, separators = "", _separators(text, own, 0, spans)
    if "title" in record and not title:
        losses.add("record field 'title' can't be held by basil: it isn't the text's first paragraph", record["id"])
        del record["title"]
    ranges = _outside(separators, text)
    if own not in (None, ranges):
        losses.add("record field 'sentence_ranges' can't be held by basil: sentences are others", record["id"])
    record["sentence_ranges"] = [list(ends) for ends in ranges]


def _separators(text: str, own: Ranges | None, begin: int, spans: Sequence[dict[str, Any]]) -> Ranges:
    """Give what parts sentences after the title, of a record's own sentences where they fit; none within a span."""
    found = [] if own is None else _between(own, text)
    if _outside(found, text) != own:
        blank = [match.span() for match in re.compile("\n\n").finditer(text, begin)]
        single = [(end, after) for (_, end), (after, _) in pairwise(sentences(text)) if text[end:after] == " "]
        found = sorted(blank + single)
    return [
        (start, end)
        for start, end in found
        if start >= begin and not any(span["start"] < end and start < span["end"] for span in spans)
    ]


def _outside(separators: Ranges, text: str) -> Ranges:
    """Give the sentences between separators, without empty ones."""
    ends = [0, *(end for pair in separators for end in pair), len(text)]
    return [(start, end) for start, end in zip(ends[::2], ends[1::2], strict=True) if start < end]


FORMAT = Format(
    "basil",
    "BASIL: lexical and informational bias",
    "the folder above articles/ and annotations/",
    SAMPLE,
    read,
    write,
    hold,
)

"""BABE: sentences with a label of bias and the words that experts found biased.

Spinde et al. (2021), https://arxiv.org/abs/2209.14557. The words come without offsets, so that they are looked for in
the sentence, as whole words, in any case and with straight or curly quotes; every place counts. Words that aren't
there (many are misspelt) are listed. With `labels=sentences` a biased sentence is a span of its own, for a task of
sentences; each record is one sentence, whatever marks are in it. One that the annotators didn't agree on is left out.

An empty cell is no field. What we write has a column `id` more than what is published.
"""

from __future__ import annotations

import ast
import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from framing.errors import InputError
from framing.spans import Document
from training.corpora.base import Format, Losses, Reading, cut, place, read_text

LABEL: Final = "biased_word"
SENTENCE_LABEL: Final = "biased"
_BIAS: Final = {"Biased": True, "Non-biased": False}
_CHOICES: Final = ("words", "sentences")
_COLUMNS: Final = (
    *("id", "text", "news_link", "outlet", "topic", "type"),
    *("label_bias", "label_opinion", "biased_words"),
)
Place = tuple[int, int]
SAMPLE = """\
text;news_link;outlet;topic;type;label_bias;label_opinion;biased_words
The so-called truce held.;https://example.org;Harbour Post;war;center;Biased;Expresses writer’s opinion;['so-called']"""
_PLAIN: Final = str.maketrans("“”„‘’‚´`", "\"\"\"'''''")


def read(path: Path, reading: Reading, *, labels: str = "words") -> Iterator[Document]:
    """Read a semicolon CSV; the sentence labels `label_bias` and `label_opinion` stand in the record's fields."""
    _check(labels, path)
    content = read_text(path)
    csv.field_size_limit(max(csv.field_size_limit(), len(content)))
    rows = csv.reader(io.StringIO(content, newline=""), delimiter=";", strict=True)
    try:
        header = next(rows, [])
        missing = {"text", "biased_words", "label_bias"} - set(header)
        if missing:
            raise InputError(f"{path}:1: no column {', '.join(sorted(missing))}; the file is a CSV with semicolons")
        for number, cells in enumerate(rows, start=1):
            where = f"{path}:{rows.line_num}"
            if len(cells) != len(header):
                with reading.going_on():
                    raise InputError(f"{where}: {len(cells)} fields where the header has {len(header)}; quote the text")
                continue
            row = dict(zip(header, cells, strict=True))
            text = row.pop("text")
            identity = row.pop("id", f"{path.stem}-{number}")
            if labels == "sentences":
                yield from _sentence(identity, text, row, reading, where)
                continue
            spans = set()
            for word in _words(row.pop("biased_words"), where):
                places = _places(word, text)
                if not places:
                    known = "stands only inside longer words" if word.lower() in text.lower() else "isn't in the text"
                    reading.losses.add(f"biased word {known}", f"{identity} {word!r}")
                elif len(places) > 1:
                    reading.losses.add("biased word stands several times, each taken", f"{identity} {word!r}")
                spans |= set(places)
            found = [{"start": start, "end": end, "label": LABEL} for start, end in spans]
            with reading.going_on():
                yield reading.document({"id": identity, "text": text, "spans": found, **_filled(row)}, where)
    except csv.Error as error:
        raise InputError(f"{path}:{rows.line_num}: not a CSV with semicolons ({error})") from error


def _sentence(identity: str, text: str, row: dict[str, str], reading: Reading, where: str) -> Iterator[Document]:
    bias = row["label_bias"]
    if bias not in _BIAS:
        reading.losses.add(f"label_bias is {bias!r}", identity)
        return
    cuts = _sentences(text)
    spans = [{"start": start, "end": end, "label": SENTENCE_LABEL} for start, end in cuts] if _BIAS[bias] else []
    fields = {"sentence_ranges": cuts, **_filled(row)}
    yield reading.document({"id": identity, "text": text, "spans": spans, **fields}, where)


def _check(labels: str, where: object) -> None:
    if labels not in _CHOICES:
        raise InputError(f"{where}: option labels={labels}; give labels=words or labels=sentences")


def _filled(row: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if value}


def _sentences(text: str) -> list[list[int]]:
    """Give the record's one sentence, without white space around it; a blank text has none."""
    return [[len(text) - len(text.lstrip()), len(text.rstrip())]] if text.strip() else []


def _words(cell: str, where: str) -> list[str]:
    try:
        words = ast.literal_eval(cell)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
        raise InputError(f"{where}: biased_words is {cell!r}; write a list such as ['so-called']")
    return words


def _places(word: str, text: str) -> list[Place]:
    """Give the places of a whole word; the translation of quotes keeps every length."""
    pattern = rf"(?<!\w){re.escape(word.strip().translate(_PLAIN))}(?!\w)"
    return [match.span() for match in re.finditer(pattern, text.translate(_PLAIN), re.IGNORECASE)]


def write(documents: Sequence[Document], path: Path) -> None:
    """Write the published columns, `id`, and the fields that records have besides."""
    fields = dict.fromkeys((*_COLUMNS, *(key for document in documents for key in document.meta)))
    columns = [name for name in fields if name != "sentence_ranges"]
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.DictWriter(stream, columns, extrasaction="ignore", delimiter=";")
        rows.writeheader()
        for document in documents:
            words = _found_again(document.text, {(span.start, span.end) for span in document.spans})
            row = {"biased_words": list(words), **document.meta, "id": document.id, "text": document.text}
            rows.writerow(row)


def hold(document: Document, losses: Losses, *, labels: str = "words") -> Document:
    """Hold one kind of label, and the record fields that are text.

    Args:
        document: the document.
        losses: the account.
        labels: `words` holds spans `biased_word` that the reader finds again, `sentences` one span `biased` over all
            of the text, as `label_bias`.

    Raises:
        InputError: with `sentences`, `label_bias` says something else than the spans.
    """
    _check(labels, "babe")
    taken = {"id", "text"} | ({"biased_words"} if labels == "words" else set())
    meta = [key for key, value in document.meta.items() if value and isinstance(value, str) and key not in taken]
    if labels == "words":
        return cut(document, losses, form="babe", meta=meta, spans=lambda record: _hold_words(record, losses))
    if [list(ends) for ends in document.sentence_ranges or ()] == _sentences(document.text):
        meta.append("sentence_ranges")
    return cut(document, losses, form="babe", meta=meta, spans=lambda record: _hold_sentence(record, losses))


def _hold_words(record: Mapping[str, Any], losses: Losses) -> list[dict[str, Any]]:
    text, kept = record["text"], dict[Place, dict[str, Any]]()
    for span in record["spans"]:
        where = place(record["id"], span)
        covered = text[span["start"] : span["end"]]
        start = span["start"] + len(covered) - len(covered.lstrip())
        end = start + len(covered.strip())
        if span["label"] != LABEL:
            losses.add(f"span is no {LABEL}; babe can't hold it", where)
        elif start == end:
            losses.add("span of white space alone can't be held by babe", where)
        elif (start, end) in kept:
            losses.add("span stands twice; babe can't hold both", where)
        else:
            if (start, end) != (span["start"], span["end"]):
                losses.add("white space at the edge of a span can't be held by babe: the span is cut", where)
            kept[start, end] = span | {"start": start, "end": end}
    found = {at for places in _found_again(text, kept.keys()).values() for at in places}
    for start, end in sorted(kept.keys() - found):
        whole = (start, end) in _places(text[start:end], text)
        why = "stands elsewhere, too, without a label" if whole else "isn't found again as whole words"
        losses.add(f"biased word {why}; babe can't hold its place", place(record["id"], kept[start, end]))
    return [kept[at] for at in sorted(found)]


def _hold_sentence(record: dict[str, Any], losses: Losses) -> list[dict[str, Any]]:
    cuts, kept = _sentences(record["text"]), list[dict[str, Any]]()
    for span in record["spans"]:
        if span["label"] == SENTENCE_LABEL and [[span["start"], span["end"]]] == cuts and not kept:
            kept.append(span)
        else:
            losses.add(
                f"span isn't one {SENTENCE_LABEL!r} over all of the text; babe can't hold it", place(record["id"], span)
            )
    bias = next(name for name, biased in _BIAS.items() if biased == bool(kept))
    if record.get("label_bias", bias) != bias:
        raise InputError(
            f"record {record['id']!r}: label_bias is {record['label_bias']!r}, but its spans say {bias!r}; "
            "mend one, or write labels=words"
        )
    record.update({"label_bias": bias, "biased_words": record.get("biased_words", "[]"), "sentence_ranges": cuts})
    return kept


def _found_again(text: str, wanted: Collection[Place]) -> dict[str, list[Place]]:
    """Give the words, with their places, that the reader finds at wanted places alone."""
    words: dict[str, list[Place]] = {}
    seen: set[Place] = set()
    for start, end in sorted(wanted):
        places = _places(text[start:end], text)
        if (start, end) in places and (start, end) not in seen and all(at in wanted for at in places):
            words[text[start:end]] = places
            seen |= set(places)
    return words


FORMAT = Format(
    "babe", "BABE: sentence labels and biased words", "a CSV file (final_labels_SG2.csv)", SAMPLE, read, write, hold
)

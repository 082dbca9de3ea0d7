"""BABE: sentences with a label of bias and the words that experts found biased.

Spinde et al. (2021), https://arxiv.org/abs/2209.14557. The words come without offsets, so that they are looked for in
the sentence, as whole words, in any case and with straight or curly quotes; every place counts. Words that aren't
there (many are misspelt) are listed. With `labels=sentences` a biased sentence is a span of its own, for a task of
sentences; each record is one sentence, whatever marks are in it. One that the annotators didn't agree on is left out.
"""

from __future__ import annotations

import ast
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from framing.errors import InputError
from framing.spans import Document
from training.corpora.base import Format, Reading, read_text

LABEL: Final = "biased_word"
SENTENCE_LABEL: Final = "biased"
_BIAS: Final = {"Biased": True, "Non-biased": False}
_CHOICES: Final = ("words", "sentences")
SAMPLE = """\
text;news_link;outlet;topic;type;label_bias;label_opinion;biased_words
The so-called truce held.;https://example.org;Harbour Post;war;center;Biased;Expresses writer’s opinion;['so-called']"""
_PLAIN: Final = str.maketrans("“”„‘’‚´`", "\"\"\"'''''")


def read(path: Path, reading: Reading, *, labels: str = "words") -> Iterator[Document]:
    """Read a semicolon CSV; the sentence labels `label_bias` and `label_opinion` stand in the record's fields."""
    if labels not in _CHOICES:
        raise InputError(f"{path}: option labels={labels}; give labels=words or labels=sentences")
    rows = csv.reader(io.StringIO(read_text(path), newline=""), delimiter=";", strict=True)
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
            identity = f"{path.stem}-{number}"
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
                yield reading.document({"id": identity, "text": text, "spans": found, **row}, where)
    except csv.Error as error:
        raise InputError(f"{path}:{rows.line_num}: not a CSV with semicolons ({error})") from error


def _sentence(identity: str, text: str, row: dict[str, str], reading: Reading, where: str) -> Iterator[Document]:
    bias = row["label_bias"]
    if bias not in _BIAS:
        reading.losses.add(f"label_bias is {bias!r}", identity)
        return
    whole = [len(text) - len(text.lstrip()), len(text.rstrip())]
    spans = [{"start": whole[0], "end": whole[1], "label": SENTENCE_LABEL}] if _BIAS[bias] else []
    yield reading.document({"id": identity, "text": text, "spans": spans, "sentence_ranges": [whole], **row}, where)


def _words(cell: str, where: str) -> list[str]:
    try:
        words = ast.literal_eval(cell)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
        raise InputError(f"{where}: biased_words is {cell!r}; write a list such as ['so-called']")
    return words


def _places(word: str, text: str) -> list[tuple[int, int]]:
    """Give the places of a whole word; the translation of quotes keeps every length."""
    pattern = rf"(?<!\w){re.escape(word.strip().translate(_PLAIN))}(?!\w)"
    return [match.span() for match in re.finditer(pattern, text.translate(_PLAIN), re.IGNORECASE)]


FORMAT = Format("babe", "BABE: sentence labels and biased words", "a CSV file (final_labels_SG2.csv)", SAMPLE, read)

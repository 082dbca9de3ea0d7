"""BASIL: news articles with spans of lexical and informational bias.

Fan et al. (2019), https://arxiv.org/abs/1909.02670. Annotations count characters within a sentence (`p7`: the eighth
of the body) or the title; here they count in title, blank line and body, with sentences joined by a space and
paragraphs by a blank line.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from framing.errors import InputError
from framing.spans import Document
from training.corpora.base import Format, Reading, read_json

LABELS: Final = {"lex": "lexical", "inf": "informational"}
SAMPLE = """\
articles/2019/x_1.json          {"title": "Truce", "source": "nyt", "body-paragraphs": [["The so-called truce held."]]}
annotations/2019/x_1_ann.json   {"phrase-level-annotations": [{"id": "p0", "start": 4, "end": 13, "txt": "so-called",
                                 "bias": "lex", "polarity": "neg", "speaker": ""}]}"""
_META: Final = {"source": "outlet", "date": "date", "main-event": "event", "url": "url"}


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
    text = article["title"]
    starts = {"title": 0}
    for paragraph in article["body-paragraphs"]:
        for number, sentence in enumerate(paragraph):
            text += " " if number else "\n\n"
            starts[f"p{len(starts) - 1}"] = len(text)
            text += sentence
    spans = []
    for number, found in enumerate(annotations["phrase-level-annotations"], start=1):
        where = f"{labels}, annotation {number}"
        with reading.going_on():
            if found["bias"] not in LABELS:
                raise InputError(f"{where}: bias {found['bias']!r} is not one of {', '.join(LABELS)}")
            if found["id"] not in starts:
                raise InputError(f"{where}: there is no sentence {found['id']!r} in {file.name}")
            start, end = (starts[found["id"]] + found[key] for key in ("start", "end"))
            if text[start:end] != found["txt"]:
                raise InputError(
                    f"{where}: should cover {found['txt']!r} but covers {text[start:end]!r}; offsets drifted"
                )
            fields = {key: value for key, value in found.items() if key not in {"start", "end", "txt", "bias"}}
            spans.append({"start": start, "end": end, "label": LABELS[found["bias"]], **fields})
    meta = {name: article[key] for key, name in _META.items()}
    rest = {key: value for key, value in article.items() if key not in {*_META, "body-paragraphs"}}
    whole = {"article-level-annotations": annotations.get("article-level-annotations")}
    return {"id": file.stem, "text": text, "spans": spans, **meta, **rest, **whole}


FORMAT = Format(
    "basil", "BASIL: lexical and informational bias", "the folder above articles/ and annotations/", SAMPLE, read
)

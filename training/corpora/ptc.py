"""PTC, the corpus of SemEval-2020 task 11: articles in one folder, label files for SI (spans) and TC (techniques).

Da San Martino et al. (2020), https://doi.org/10.18653/v1/2020.semeval-1.186. Offsets count code points of the article
as it is on disk; in two training articles they count a byte order mark too, so that it stays in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from framing.errors import InputError
from framing.spans import Document
from training.corpora.base import Format, Reading, read_lines, read_text, whole

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
    folder = Path(articles) if articles else path.parent / f"{path.name.partition('-')[0]}-articles"
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
            kept = []
            for span, where in zip(spans[name], ends[name], strict=True):
                with reading.going_on():
                    if span["end"] > len(text):
                        raise InputError(
                            f"{where}: offset {span['end']} lies past the {len(text)} characters of {file.name}"
                        )
                    kept.append(span)
            yield reading.document({"id": name, "text": text, "spans": kept}, str(file))


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


FORMAT = Format("ptc", "PTC / SemEval-2020 task 11, SI and TC", "a label file, or a folder of them", SAMPLE, read)

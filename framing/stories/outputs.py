"""The folder of `framing stories`: the stories, their articles, the comparisons and the concordance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from framing.report.article import environment
from framing.report.folder import write_files
from framing.report.sheets import csv_text, latex, markdown
from framing.stories.run import Stories
from framing.stories.sheets import FIELDS, records, sheets

_CALLED: Final = ("story", "actor", "outlet", "cue", "words", "voice", "authority", "source")


def write_stories(found: Stories, folder: Path, title: str) -> None:
    """Write everything but the concordance into a folder that is there; raises `InputError`."""
    tables = sheets(found)
    page = environment().get_template("sheets.html")
    files = {
        "report.html": page.render(title=f"Stories in {title}", notes=found.notes, sheets=tables, plots=[]),
        "tables.md": markdown(tables),
        "tables.tex": latex(tables),
        "stories.csv": csv_text(_stories(found)),
        "articles.csv": csv_text(_articles(found)),
        "outlets.csv": csv_text(records(found.outlets), FIELDS),
        "pairs.csv": csv_text(records(found.pairs), FIELDS),
        "names.csv": csv_text(records(found.names), FIELDS),
        "called.csv": csv_text(_called(found), (*_CALLED, "count")),
        "stories.json": json.dumps(_summary(found), ensure_ascii=False, indent=1) + "\n",
    }
    write_files(folder, files)


def _stories(found: Stories) -> Iterator[dict[str, Any]]:
    for number, (story, title) in enumerate(zip(found.stories, found.titles, strict=True), start=1):
        yield {
            "story": number,
            "begins": story[0].day,
            "ends": story[-1].day,
            "articles": len(story),
            "outlets": len({article.outlet for article in story}),
            "title": title,
        }


def _articles(found: Stories) -> Iterator[dict[str, Any]]:
    for number, story in enumerate(found.stories, start=1):
        for article in story:
            labels = [mention.span.label for mention in article.mentions]
            about = {"story": number, "id": article.id, "outlet": article.outlet, "date": article.day}
            counts = {label: labels.count(label) for label in found.labels}
            yield {**about, "title": article.title, "words": article.words, **counts}


def _called(found: Stories) -> Iterator[dict[str, Any]]:
    for key, number in sorted(found.naming.said.items()):
        row = dict(zip(_CALLED, key, strict=True))
        yield {**row, "story": row["story"] + 1, "count": number}


def _summary(found: Stories) -> dict[str, Any]:
    return {
        "stories": len(found.stories),
        "articles": sum(map(len, found.stories)),
        "labels": found.labels,
        "least": found.least,
        **found.options,
        "notes": found.notes,
        "outlets": list(records(found.outlets)),
        "pairs": list(records(found.pairs)),
        "names": list(records(found.names)),
    }

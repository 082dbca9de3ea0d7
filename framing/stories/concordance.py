"""Key words in context: every cue, and every mention of an actor, with the words around it."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from framing.errors import writing
from framing.report.terminal import utf8_stdout
from framing.stories.articles import Article

FIELDS: Final = (
    *("story", "outlet", "date", "id", "kind", "cue", "voice", "left", "key", "right"),
    *("actor", "authority", "source", "score", "start", "end"),
)
WIDTH: Final = 60


def concordance(
    article: Article,
    *,
    story: str = "",
    width: int = WIDTH,
    cues: Sequence[str] | None = None,
    find: Callable[[str], Iterator[tuple[int, int, str]]] | None = None,
) -> list[dict[str, Any]]:
    """List an article's cues and actors in context, in the order of the text.

    Args:
        article: the article.
        story: the name of its story.
        width: characters of context on each side; white space in it is one blank.
        cues: the types that are listed; None lists all.
        find: finds actors in a text (`finder`); None lists none.

    Returns:
        Records with the keys `FIELDS`. For an actor, `cue` has the types of the cues that are about it there, so that
        mentions without any can be told.
    """
    date = "" if article.day is None else article.day.isoformat()
    about = {"story": story, "outlet": article.outlet, "date": date, "id": article.id}
    rows = []
    for mention in article.mentions:
        span = mention.span
        if cues is None or span.label in cues:
            rows.append(
                about
                | {"kind": "cue", "cue": span.label, "voice": span.voice or ""}
                | _context(article.text, span.start, span.end, width)
                | {"actor": mention.actor, "authority": mention.authority, "source": mention.source}
                | {"score": "" if span.score is None else span.score}
            )
    for start, end, actor in find(article.text) if find is not None else ():
        near = [
            one.span.label
            for one in article.mentions
            if same_name(one.actor) == same_name(actor) and -width <= one.span.start - start <= width
        ]
        context = _context(article.text, start, end, width)
        rows.append(
            dict.fromkeys(FIELDS, "")
            | about
            | {"kind": "actor", "cue": " ".join(sorted(set(near))), "actor": actor}
            | context
        )
    return sorted(
        ({name: row.get(name, "") for name in FIELDS} for row in rows), key=lambda row: (row["start"], row["end"])
    )


def _context(text: str, start: int, end: int, width: int) -> dict[str, Any]:
    # Runs of blanks shrink, so that more than the width is cut first.
    left = " ".join(text[max(0, start - 3 * width) : start].split())
    right = " ".join(text[end : end + 3 * width].split())
    left += " " if start and text[start - 1].isspace() else ""
    right = (" " if text[end : end + 1].isspace() else "") + right
    key = " ".join(text[start:end].split())
    return {"left": left[-width:] if width else "", "key": key, "right": right[:width], "start": start, "end": end}


def finder(actors: Sequence[str]) -> Callable[[str], Iterator[tuple[int, int, str]]]:
    """Give a function that finds names in a text: (start, end, name) of each; letter case counts."""
    ordered = sorted(set(actors), key=lambda name: (-len(name), name))
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, ordered)) + r")(?!\w)") if ordered else None

    def find(text: str) -> Iterator[tuple[int, int, str]]:
        for match in pattern.finditer(text) if pattern is not None else ():
            yield match.start(), match.end(), match.group()

    return find


def same_name(name: str) -> str:
    """Give the form under which spellings of a name are one."""
    return " ".join(name.casefold().removeprefix("the ").split())


@contextmanager
def opened(path: Path | None) -> Iterator[Callable[[dict[str, Any]], object]]:
    """Give a function that writes records as CSV, to a file or to standard output; raises `InputError`."""
    if path is None:
        utf8_stdout()
        yield _writer(sys.stdout)
        return
    with writing(path), path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        yield _writer(stream)


def _writer(stream: IO[str]) -> Callable[[dict[str, Any]], object]:
    writer = csv.DictWriter(stream, FIELDS, lineterminator="\n")
    writer.writeheader()
    return writer.writerow

"""Print scored articles to a terminal: highlighted text and a profile table."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from framing.report.article import segments
from framing.spans import VOICES

if TYPE_CHECKING:
    from framing.scorer import ScoredDocument

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def print_article(console: Console, scored: ScoredDocument) -> None:
    """Print one article; where cues overlap, the first gives the background and the others underline."""
    colours = {cue.name: cue.colour for cue in scored.cues}
    body = Text()
    for segment in segments(scored.text, scored.spans):
        style = ""
        if segment.spans:
            style = f"black on {colours[segment.spans[0].label]}" + (" underline" if len(segment.spans) > 1 else "")
        body.append(printable(segment.text), style=style)
    parts = [body, "", cue_table(scored), ""] if scored.spans else [body, ""]
    console.print(Text(printable(scored.id), style="bold"), "", *parts, profile_table(scored.profile), sep="\n")
    console.print(
        f"{scored.profile['words']:,} words; model {scored.model['name']} {scored.model['version']}\n", highlight=False
    )


def utf8_stdout() -> None:
    """Write UTF-8 to standard output whatever the locale says, so that no word of an article stops a command."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def printable(text: str) -> str:
    """Replace control characters, by which a text could command the terminal; line ends and tabs stay."""
    return _CONTROL.sub("\ufffd", text)


def cue_table(scored: ScoredDocument) -> Table:
    """Build the list of cues, each with its type's colour, voice and score, and what designations say."""
    colours = {cue.name: cue.colour for cue in scored.cues}
    table = Table(box=None, pad_edge=False, header_style="bold")
    named = any(span.designation for span in scored.spans)
    for name in ("cue", "text", "voice", "score", *(["designation"] if named else [])):
        table.add_column(name, justify="right" if name == "score" else "left")
    for span in scored.spans:
        words = printable(" ".join(scored.text[span.start : span.end].split()))
        score = "" if span.score is None else f"{span.score:.2f}"
        cells = [Text(printable(span.designation.describe(scored.text)))] if span.designation else []
        label = Text(f" {span.label} ", style=f"black on {colours[span.label]}")
        table.add_row(label, Text(words), span.voice, score, *cells)
    return table


def profile_table(profile: Mapping[str, Any]) -> Table:
    """Build the table of counts, rates, expected counts and voices."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("cue", no_wrap=True)
    hoped = "expected" in profile["total"]
    for name in ("count", "per 1,000", *(["expected"] if hoped else []), *VOICES):
        table.add_column(name, justify="right")
    for name, row in [*profile["cues"].items(), ("all", profile["total"])]:
        cells = [str(row["count"]), f"{row['per_1000']:.2f}", *([f"{row['expected']:.2f}"] if hoped else [])]
        voices = [str(row["voices"][voice]["count"]) for voice in VOICES]
        table.add_row(name, *cells, *voices, style="bold" if name == "all" else "")
    return table

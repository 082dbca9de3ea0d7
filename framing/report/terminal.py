"""Print scored articles to a terminal: highlighted text and a profile table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from framing.report.article import segments
from framing.spans import VOICES

if TYPE_CHECKING:
    from framing.scorer import ScoredDocument


def print_article(console: Console, scored: ScoredDocument) -> None:
    """Print one article; where cues overlap, the first gives the background and the others underline."""
    colours = {cue.name: cue.colour for cue in scored.cues}
    body = Text()
    for segment in segments(scored.text, scored.spans):
        style = ""
        if segment.spans:
            style = f"black on {colours[segment.spans[0].label]}" + (" underline" if len(segment.spans) > 1 else "")
        body.append(segment.text, style=style)
    legend = Text("  ").join(Text(f" {cue.name} ", style=f"black on {cue.colour}") for cue in scored.cues)
    console.print(Text(scored.id, style="bold"), legend, "", body, "", profile_table(scored.profile), sep="\n")
    console.print(
        f"{scored.profile['words']:,} words; model {scored.model['name']} {scored.model['version']}\n", highlight=False
    )


def profile_table(profile: Mapping[str, Any]) -> Table:
    """Build the table of counts, rates, expected counts and voices."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("cue")
    hoped = "expected" in profile["total"]
    for name in ("count", "per 1,000 words", *(["expected"] if hoped else []), *VOICES):
        table.add_column(name, justify="right")
    for name, row in [*profile["cues"].items(), ("all", profile["total"])]:
        cells = [str(row["count"]), f"{row['per_1000']:.2f}", *([f"{row['expected']:.2f}"] if hoped else [])]
        voices = [str(row["voices"][voice]["count"]) for voice in VOICES]
        table.add_row(name, *cells, *voices, style="bold" if name == "all" else "")
    return table

"""Write sheets for a terminal, Markdown or LaTeX, and flat records as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from framing.evaluate.sheets import Sheet
from framing.report.terminal import printable

_LATEX: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "±": r"$\pm$",
        "<": r"$<$",
        ">": r"$>$",
    }
)
_MARKDOWN: Final = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_<>|"} | {"\n": " "})
_WIDEST: Final = 10_000


def print_sheets(console: Console, sheets: Sequence[Sheet]) -> None:
    """Print sheets to a terminal; a table that is wider than it keeps its lines whole, so that no figure is cut."""
    width = console.width
    for sheet in sheets:
        table = Table(title=Text(printable(sheet.title), style="bold"), title_justify="left", box=None, pad_edge=False)
        for number, head in enumerate(sheet.head):
            table.add_column(Text(printable(head)), justify="left" if number in sheet.words else "right", no_wrap=True)
        for row in sheet.rows:
            table.add_row(*(Text(printable(" ".join(cell.split()))) for cell in row))
        wide = console.options.update(width=_WIDEST)
        console.width = max(width, Measurement.get(console, wide, table).maximum)
        console.print(table)
        console.width = width
        if sheet.note:
            console.print(Text(printable(sheet.note), style="dim"))
        console.print()


def markdown(sheets: Iterable[Sheet]) -> str:
    """Give Markdown tables."""
    blocks = []
    for sheet in sheets:
        rows = [sheet.head, ["---"] * len(sheet.head), *([_escaped(cell) for cell in row] for row in sheet.rows)]
        rows[0] = [_escaped(cell) for cell in sheet.head]
        lines = "\n".join("| " + " | ".join(row) + " |" for row in rows)
        blocks.append(
            f"### {_escaped(sheet.title)}\n\n{lines}\n" + (f"\n{_escaped(sheet.note)}.\n" if sheet.note else "")
        )
    return "\n".join(blocks)


def _escaped(cell: str) -> str:
    return cell.translate(_MARKDOWN).replace("](", "]\\(")  # no links; the brackets of intervals stay as they are


def latex(sheets: Iterable[Sheet]) -> str:
    """Give LaTeX tables for the package booktabs."""
    blocks = [r"% \usepackage{booktabs}"]
    for sheet in sheets:
        caption = f"{sheet.title}. {sheet.note}." if sheet.note else f"{sheet.title}."
        columns = "".join("l" if number in sheet.words else "r" for number in range(len(sheet.head)))
        # A row that begins with a bracket would be read as an option of the line break before it.
        rows = ["{}" + " & ".join(cell.translate(_LATEX) for cell in row) + r" \\" for row in [sheet.head, *sheet.rows]]
        blocks.append(
            "\n".join(
                [
                    r"\begin{table}",
                    r"\centering",
                    rf"\caption{{{caption.translate(_LATEX)}}}",
                    rf"\begin{{tabular}}{{{columns}}}",
                    r"\toprule",
                    rows[0],
                    r"\midrule",
                    *rows[1:],
                    r"\bottomrule",
                    r"\end{tabular}",
                    r"\end{table}",
                ]
            )
        )
    return "\n\n".join(blocks) + "\n"


def csv_text(records: Iterable[Mapping[str, Any]], fields: Sequence[str] = ()) -> str:
    """Give records of the same keys as CSV; for none the header of the fields, so that programs can read it."""
    rows = list(records)
    stream = io.StringIO()
    if rows or fields:
        writer = csv.DictWriter(stream, list(rows[0] if rows else fields), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return stream.getvalue()

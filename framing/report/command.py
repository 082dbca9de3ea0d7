"""`framing report`: a scored archive as one page to send to a colleague."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from framing import options
from framing.errors import InputError, needs_extra, writing

_SCALE = 3  # about 300 dpi at the width of a page


@click.command()
@click.argument("results", metavar="OUT", type=click.Path(path_type=Path))
@options.file("The page.", default="report.html")
@click.option("--outlet", metavar="NAME", help="Only this outlet.")
@click.option("--cue", metavar="NAME", help="Only this type.")
@click.option("--voice", metavar="NAME", help="Only this voice: author, attributed or quoted.")
@click.option("--since", metavar="DAY", help="From this day on, 2024-01-31.")
@click.option("--until", metavar="DAY", help="Up to this day.")
@click.option(
    "--plots", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="Also write each plot there, as SVG and PNG, for papers.",
)  # fmt: skip
def report(results: Path, output: Path, plots: Path | None, **chosen: str | None) -> None:
    """Write a scored archive as one page that needs nothing else: no network, no other file.

    OUT is a folder that `framing archive` wrote. The page has rates by type, outlet and time with 95% intervals, the
    most frequent wordings, cues in their sentences, and the articles with most cues in detail; it stays small however
    large the archive is. It prints well, follows the reader's light or dark mode, and each plot can be saved from it
    as SVG or PNG.

    \b
    Examples:
      framing report scored
      framing report scored -o river-times.html --outlet 'River Times' --since 2020-01-01
      framing report scored --cue terrorist_designation --plots figures
    """
    with needs_extra("reports need", "archive"):
        from framing.report.archive import Archive, Filters
        from framing.report.overview import plots as draw
        from framing.report.overview import report_page
    archive = Archive(results)
    if archive.note:
        click.echo(f"framing: {results}: {archive.note}", err=True)
    filters = Filters.from_query({name: value for name, value in chosen.items() if value}, archive.cues)
    if filters.outlet and not archive.rates("outlet", Filters(outlet=filters.outlet)):
        near = difflib.get_close_matches(filters.outlet, archive.outlets(), 3, 0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else 'see `framing query "FROM articles SELECT outlet"`'
        raise InputError(f"{results}: no scored article of outlet {filters.outlet!r} there; {hint}")
    page = report_page(archive, filters)
    with writing(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page, encoding="utf-8", newline="\n")
        if plots is not None:
            plots.mkdir(parents=True, exist_ok=True)
            for name, svg in draw(archive, filters).items():
                (plots / f"{name}.svg").write_text(str(svg), encoding="utf-8", newline="\n")
                (plots / f"{name}.png").write_bytes(_png(str(svg)))
    click.echo(f"framing: the report is {output}", err=True)


def _png(svg: str) -> bytes:
    with needs_extra("PNG needs", "archive"):
        from resvg_py import svg_to_bytes
    return bytes(svg_to_bytes(svg_string=svg, zoom=_SCALE, background="#ffffff"))

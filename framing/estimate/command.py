"""`framing estimate`: rates that hold; `framing plan`: how many articles to label for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from framing import options
from framing.errors import needs_extra


def _fields(_: click.Context, __: click.Parameter, value: str | None) -> list[str]:
    return [name.strip() for name in (value or "").split(",") if name.strip()]


def _shared(command: Callable[..., Any]) -> Callable[..., Any]:
    shared: list[options.Option] = [
        click.argument("scored", metavar="SCORED"),
        click.option(
            "--by",
            metavar="FIELD,FIELD",
            callback=_fields,
            help="Strata: each combination of the values of these fields (outlet,year).",
        ),
        options.cues("Look at this type only; or `all`"),
        click.option(
            "--measure",
            type=click.Choice(["rate", "share"]),
            default="rate",
            show_default=True,
            help="Cues per 1,000 words, or the share of articles with a cue.",
        ),
        click.option(
            "--use",
            type=click.Choice(["expected", "counts"]),
            default="expected",
            show_default=True,
            help="What of the model the correction goes by; counts where a model gives no expected counts.",
        ),
        click.option(
            "--cluster",
            metavar="FIELD",
            help="Records with the same FIELD are one article.  [default: article, where records have it]",
        ),
        options.SHOWN,
    ]
    for option in reversed(shared):
        command = option(command)
    return command


@click.command()
@_shared
@click.option("--gold", required=True, metavar="FILE", help="The labelled sample, a random one of the articles.")
@click.option(
    "--sampled-by",
    metavar="FIELD,FIELD",
    callback=_fields,
    help="The sample was drawn within the values of these fields, not from all articles alike.",
)
@click.option("--against", metavar="STRATUM", help="Compare strata with this one.  [default: the most labelled]")
@click.option(
    "--formula",
    metavar="FORMULA",
    help="A regression: `rate ~ outlet + topic`; C(year) for names; with --by in each stratum.",
)
@options.folder("Write a report (HTML), plots (SVG), tables and all figures into this folder.")
def estimate(scored: str, gold: str, shown: str, output: Path | None, **chosen: Any) -> None:
    """Estimate rates of cues that allow for the model's errors, with a small labelled sample.

    SCORED is what `framing score` wrote (JSON lines), or the folder of `framing archive`. The labelled sample is a file
    of records with ids of it; a few hundred articles that were drawn at random. Without a random draw, none of these
    figures holds: chosen passages (`framing select`) won't do.

    Four figures stand side by side. naive: as the model found it. gold alone: the labelled articles without the
    model. Rogan-Gladen: the naive rate corrected by the error rates of the whole sample, which it takes to hold in
    every stratum. corrected: prediction-powered inference (PPI++), which takes nothing for granted but the random draw,
    and is never much wider than gold alone. A stratum with fewer than five labelled articles has no corrected figure.
    Strata are compared with one of them, by differences and ratios. Intervals (95%) are clustered by article.

    \b
    Examples:
      framing estimate scored.jsonl --gold sample.jsonl
      framing estimate scored.jsonl --gold sample.jsonl --by outlet --against "The Mail" -o report
      framing estimate archive-out --gold sample.jsonl --by outlet,year --cue pretext --format csv
      framing estimate scored.jsonl --gold sample.jsonl --sampled-by outlet
      framing estimate scored.jsonl --gold sample.jsonl --formula "rate ~ outlet + topic" --by year
    """
    run = _load()
    from framing.report.estimate import write_estimate
    from framing.report.folder import make_folder

    if output is not None:
        make_folder(output)
    found = run.estimate_files(scored, gold, **_settings(chosen))
    if output is not None:  # first, for whoever reads the tables may close the pipe
        write_estimate(found, output, Path(scored).name)
    _show(found, shown)
    if output is not None:
        click.echo(f"framing: the report is {output / 'report.html'}", err=True)


@click.command()
@_shared
@click.option("--width", type=click.FloatRange(min=0, min_open=True), help="The wanted width of the 95% intervals.")
@click.option(
    "--relative",
    type=click.FloatRange(min=0, min_open=True),
    help="The wanted width as a share of the rate (0.5).",
)
@click.option("--pilot", metavar="FILE", help="A labelled sample, a random one, that tells how far off the model is.")
def plan(
    scored: str, pilot: str | None, shown: str, width: float | None, relative: float | None, **chosen: Any
) -> None:
    """Say how many articles to label for rates with intervals of a wanted width.

    SCORED is as for `framing estimate`. With a --pilot of some labelled articles the numbers rest on what it shows of
    the model's errors; without one, on the model's scores alone, which promises too much where they aren't calibrated
    (`framing evaluate` tells; `framing calibrate` mends it). The column `corrected` is for `framing estimate`,
    `gold alone` for the same width without a model. No plan asks for fewer than the five articles that an estimate
    needs.

    \b
    Examples:
      framing plan scored.jsonl --width 0.5
      framing plan scored.jsonl --relative 0.4 --by outlet
      framing plan archive-out --width 0.5 --pilot sample.jsonl --cue pretext
    """
    if (width is None) == (relative is None):
        raise click.UsageError("give --width or --relative")
    run = _load()
    wanted = width if relative is None else relative
    _show(run.plan_files(scored, pilot, width=wanted, relative=relative is not None, **_settings(chosen)), shown)


def _load() -> Any:
    with needs_extra("estimates need", "evaluate"):
        from framing.estimate import run
    return run


def _settings(chosen: dict[str, Any]) -> dict[str, Any]:
    """Give the options as the functions of `framing.estimate.run` take them."""
    expected = chosen.pop("use") == "expected"
    return chosen | {"cues": chosen["cues"] or None, "expected": expected}


def _show(found: Any, shown: str) -> None:
    import json

    from rich.console import Console

    from framing.report.sheets import csv_text, latex, markdown, print_sheets

    for note in found.notes:
        click.echo(f"framing: {note}", err=True)
    if shown == "table":
        print_sheets(Console(), found.sheets)
    elif shown == "json":
        click.echo(json.dumps({"notes": found.notes, "figures": found.records}, ensure_ascii=False, indent=1))
    elif shown == "csv":
        click.echo(csv_text(found.records), nl=False)
    else:
        click.echo((markdown if shown == "markdown" else latex)(found.sheets), nl=False)

"""`framing calibrate`: fit a model's probabilities and thresholds to a labelled sample of the user's own."""

from __future__ import annotations

from pathlib import Path

import click

from framing import options
from framing.errors import InputError, needs_extra

_SHARE = click.FloatRange(min=0, max=1, min_open=True, max_open=True)


@click.command()
@click.argument("model", metavar="MODEL")
@click.argument("gold", metavar="GOLD")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="NEW_MODEL", help="The folder to write."
)
@click.option(
    "--method",
    type=click.Choice(["temperature", "isotonic", "keep"]),
    help="How probabilities are fitted; keep fits thresholds alone.  [default: temperature; with --risk: keep]",
)
@click.option("--precision", type=_SHARE, metavar="P", help="Choose thresholds for this precision, a cue each.")
@click.option("--recall", type=_SHARE, metavar="R", help="Choose thresholds for this recall, a cue each.")
@click.option(
    "--risk",
    type=_SHARE,
    metavar="ALPHA",
    help="Choose thresholds so that of an article's cues a share of ALPHA at most is missed, with a guarantee.",
)
@options.THREADS
def calibrate(
    model: str,
    gold: str,
    output: Path,
    method: str | None,
    precision: float | None,
    recall: float | None,
    risk: float | None,
    threads: int | None,
) -> None:
    """Fit a model's probabilities and thresholds to your own labelled records.

    MODEL is a model folder, a hub name, or `default`; GOLD is a labelled sample of your texts (JSON lines), a random
    one. NEW_MODEL is the same model with other temperatures (Guo et al. 2017) or isotonic maps (Zadrozny and Elkan
    2002), and other thresholds: by default those with the best strict micro F1. Nothing is trained and torch isn't
    needed. It has no gate, since a gate's recall was measured at other thresholds. A fit needs 5 articles at the least;
    below 20, and on cues with fewer than 10 spans, a warning is printed. A cue that GOLD doesn't have, or for which no
    threshold reaches the target, keeps its threshold, and the table says so.

    --risk is conformal risk control (Angelopoulos et al. 2022): if the articles are a random sample of those to come,
    then in a new article that has cues of a type at most ALPHA of them are to be expected missed. A found cue counts if
    it overlaps. The guarantee holds for thresholds alone: fit probabilities first, on other records. It needs at least
    1 / ALPHA - 1 articles with the cue.

    \b
    Examples:
      framing calibrate default sample.jsonl -o my-model
      framing calibrate my-model sample.jsonl -o careful --precision 0.9
      framing calibrate my-model sample.jsonl -o thorough --method isotonic --recall 0.9
      framing calibrate my-model sample.jsonl -o guaranteed --risk 0.1
    """
    if sum(value is not None for value in (precision, recall, risk)) > 1:
        raise InputError("--precision, --recall and --risk: thresholds can have one aim; give one of them")
    if risk is not None and method not in {None, "keep"}:
        raise InputError(
            f"--risk: with --method {method} the guarantee would not hold, since the same records fit both; "
            "calibrate first without --risk, on other records"
        )
    with needs_extra("calibration needs", "evaluate"):
        from framing.calibration.folder import calibrate_folder
        from framing.calibration.refit import Aim
    from rich.console import Console

    from framing.report.sheets import print_sheets

    aim = Aim(precision, recall, risk)
    chosen = method or ("keep" if risk is not None else "temperature")
    found = calibrate_folder(model, gold, output, method=chosen, aim=aim, threads=threads)
    for warning in found.warnings():
        click.echo(f"framing: {gold}: {warning}", err=True)
    print_sheets(Console(), found.sheets(aim))
    click.echo(f"framing: the model is {output}", err=True)

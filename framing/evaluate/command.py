"""`framing evaluate`: figures of one system or several against gold, with intervals, tests and errors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from framing import options
from framing.errors import InputError, needs_extra

if TYPE_CHECKING:
    from framing.evaluate.occlusion import Occlusion
    from framing.evaluate.results import Results
    from framing.scorer import Scorer


@click.command()
@click.argument("gold", metavar="GOLD")
@click.argument("predictions", nargs=-1, required=True, metavar="PRED...")
@click.option(
    "--task",
    type=click.Choice(["spans", "sentences"]),
    default="spans",
    show_default=True,
    help="What labels stand on; for sentences a span labels those that it mostly covers or lies in.",
)
@click.option(
    "--scheme",
    type=click.Choice(["strict", "exact", "partial", "type", "token", "ptc"]),
    help="The scheme of the figures by type and by part.  [default: strict]",
)
@options.cues("Look at this type only")
@click.option(
    "--by",
    multiple=True,
    metavar="FIELD",
    help="Show parts of gold, too: by a field (outlet), or by length, density, quoted. May be given several times.",
)
@options.CLUSTER
@options.draws()
@options.SEED
@options.FROM
@click.option("--subset", is_flag=True, help="Pass over predictions on records that gold doesn't have.")
@options.SHOWN
@options.folder("Write a report (HTML), tables, figures and all errors into this folder.")
@click.option(
    "--occlude",
    metavar="MODEL",
    help="Say which words would flip the errors of the first system, which MODEL made; needs -o.",
)
@click.option(
    "--occlude-most",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    metavar="N",
    help="The first N errors.",
)
def evaluate(
    gold: str,
    predictions: tuple[str, ...],
    task: str,
    scheme: str | None,
    cues: tuple[str, ...],
    by: tuple[str, ...],
    cluster: str | None,
    draws: int,
    seed: int,
    form: str | None,
    subset: bool,
    shown: str,
    output: Path | None,
    occlude: str | None,
    occlude_most: int,
) -> None:
    """Compare predictions with gold: F1 of one system, or of several side by side.

    GOLD is a labelled JSON lines file; each PRED is a system's predictions on the same records, as `framing score`
    writes them (joined by id; the text may be left out, for `text_sha256` tells that it was gold's). NAME=FILE names a
    system; NAME=FILE,FILE,... are its runs with several seeds, of which the mean is shown. In a clone any format of
    `framing corpora` is read, as format:path or with --from. A gold record without a prediction counts as one in which
    nothing was found.

    Spans are matched one to one, as well as can be. strict: equal ends and type. exact: equal ends. partial: equal
    ends, an overlap counts half. type: an overlap of the same type (overlap F1). token: words and marks with their
    types. ptc: partial credit of SemEval-2020 task 11. voice: accuracy on strictly matched spans, where both name a
    voice. All figures have 95% BCa bootstrap intervals; differences between systems have p-values by paired
    approximate randomization, corrected by Holm's method, and on sentences by McNemar's test as well. Where
    all that was found has scores, their calibration is shown: are of those with a score of 0.8 eight in ten right?

    \b
    Examples:
      framing evaluate gold.jsonl scored.jsonl
      framing evaluate gold.jsonl ours=scored.jsonl rules=lexicon.jsonl --by outlet -o report
      framing evaluate gold.jsonl ours=seed1.jsonl,seed2.jsonl,seed3.jsonl --cluster outlet --format latex
      framing evaluate brat:gold pred.jsonl --by length --by quoted
      framing evaluate gold.jsonl scored.jsonl -o report --occlude my-model
    """
    if scheme is not None and task == "sentences":
        raise InputError(f"--scheme {scheme} is one of spans; leave it out for sentences, which have one scheme")
    if occlude is not None and (output is None or task != "spans"):
        raise InputError(
            "--occlude looks into span errors and writes into the report: give -o DIR, and no --task sentences"
        )
    with needs_extra("evaluation needs", "evaluate"):
        from framing.evaluate.run import evaluate_files
        from framing.report.folder import new_folder
        from framing.report.outputs import print_results, write_results
    with new_folder(output):
        scorer = None if occlude is None else _opened(occlude)
        results = evaluate_files(
            gold,
            predictions,
            task=task,
            scheme=scheme,
            cues=cues or None,
            by=by,
            derived=output is not None,
            cluster=cluster,
            draws=draws,
            seed=seed,
            form=form,
            subset=subset,
        )
        occluded = {} if scorer is None else _occlude(results, scorer, occlude_most)
    for note in results.notes:
        click.echo(f"framing: {note}", err=True)
    if output is not None:  # first, for whoever reads the tables may close the pipe
        write_results(results, output, Path(gold).name, occluded)
    print_results(results, shown)
    if output is not None:
        click.echo(f"framing: the report is {output / 'report.html'}", err=True)


def _opened(model: str) -> Scorer:
    from framing.scorer import Scorer

    return Scorer.load(model)


def _occlude(results: Results, scorer: Scorer, most: int) -> dict[str, list[list[Occlusion]]]:
    """Look into the errors of the first system, which must be the scorer's: of another one nothing would follow."""
    from framing.evaluate.occlusion import occlusions

    name = results.names[0]
    run = results.evaluation.systems[name][0]
    ours = f"{scorer.model['name']} {scorer.model['version']}"
    if run.models - {ours}:
        raise InputError(
            f"--occlude: {run.source} was made by {', '.join(sorted(run.models))}, and not by {ours}; name the model "
            "that made it, or score again"
        )
    if not run.models:
        click.echo(f"framing: {run.source} doesn't say which model made it; --occlude takes it for {ours}", err=True)
    return {name: occlusions(results.errors[name][0][:most], results.evaluation.gold, scorer)}

"""`framing agreement`: how well annotators agree, and a page to settle what they differ on."""

from __future__ import annotations

from pathlib import Path

import click

FORMATS = ("table", "markdown", "latex", "csv", "json")


@click.command()
@click.argument("annotators", nargs=-1, required=True, metavar="FILE FILE...")
@click.option(
    "--cluster",
    metavar="FIELD",
    help="Resample records with the same FIELD together.  [default: article, where records have one]",
)
@click.option("--draws", type=click.IntRange(min=100), default=2000, show_default=True, help="Resamples.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of resamples.")
@click.option("--gamma", "with_gamma", is_flag=True, help="Give gamma, too (pip install 'framing[agreement]').")
@click.option(
    "--from", "form", metavar="FORMAT", help="The format of all files; see `framing corpora`.  [default: jsonl]"
)
@click.option(
    "--format", "shown", type=click.Choice(FORMATS), default="table", show_default=True, help="What to print."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write tables, figures, the passages to adjudicate and the adjudication page into this folder.",
)
@click.option(
    "--decisions",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What the adjudication page wrote; with it -o gets gold.jsonl, too.",
)
def agreement(
    annotators: tuple[str, ...],
    cluster: str | None,
    draws: int,
    seed: int,
    with_gamma: bool,
    form: str | None,
    shown: str,
    output: Path | None,
    decisions: Path | None,
) -> None:
    """Say how well two annotators or more agree, and on what they don't.

    Each FILE is what one annotator marked, JSON lines with texts, joined by id; NAME=FILE names the annotator, and
    NAME=FILE,FILE,... joins the annotator's files. A model is an annotator, too (`framing score --keep-text`). Not all
    need to have read all records; those that only one read are left out. In a clone any format of `framing corpora` is
    read, as format:path or with --from.

    Krippendorff's alpha is given on tokens (nominal) and on spans (alpha for unitizing), by type; then F1 and agreement
    on voice of each pair, with 95% BCa bootstrap intervals, and which types are taken for which.
    --gamma adds Mathet's gamma, which pairs spans and compares places and types at once.

    -o writes, beside tables and figures, passages.jsonl with every passage on which annotators differ, and
    adjudicate.html, a page that needs no network: choose an answer for each passage by mouse or keys, and save the
    decisions as JSON lines. --decisions then makes gold of what was agreed and decided.

    \b
    Examples:
      framing agreement anna.jsonl ben.jsonl
      framing agreement anna=a1.jsonl,a2.jsonl ben=b.jsonl model=scored.jsonl -o agreement
      framing agreement anna.jsonl ben.jsonl --decisions decisions.jsonl -o agreement
      framing agreement brat:anna brat:ben --format latex
    """
    from framing.errors import InputError, MissingExtraError

    if decisions is not None and output is None:
        raise InputError("--decisions makes gold.jsonl in the output folder: give -o DIR")
    try:
        from framing.agreement.annotators import read_annotators
        from framing.agreement.decisions import gold_documents, read_decisions
        from framing.agreement.outputs import text_of, write_agreement
        from framing.agreement.passages import passages
        from framing.agreement.sheets import sheets
        from framing.agreement.study import study
        from framing.report.outputs import make_folder
        from framing.report.sheets import print_sheets
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"agreement needs {error.name}: run `pip install 'framing[evaluate]'`") from error
    from rich.console import Console

    if output is not None:
        make_folder(output)
    read = read_annotators(annotators, form)
    found = list(passages(read))
    disputed = [passage for passage in found if passage.kind]
    decided = {} if decisions is None else read_decisions(decisions, disputed)
    results = study(read, cluster=cluster, draws=draws, seed=seed, with_gamma=with_gamma)
    for note in read.notes:
        click.echo(f"framing: {note}", err=True)
    if shown == "table":
        print_sheets(Console(), sheets(results, disputed))
    else:
        click.echo(text_of(results, disputed, shown), nl=False)
    if output is None:
        return
    gold = None
    if decisions is not None:
        gold, left = gold_documents(read.documents, found, decided)
        click.echo(
            f"framing: gold.jsonl has {len(gold):,} records; {left:,} with undecided passages are left out", err=True
        )
    try:
        write_agreement(results, disputed, output, gold)
    except OSError as error:
        raise InputError(
            f"{error.filename or output}: can't write it ({error.strerror}); choose another place"
        ) from error
    click.echo(f"framing: {len(disputed):,} passages to decide are in {output / 'adjudicate.html'}", err=True)

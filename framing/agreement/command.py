"""`framing agreement`: how well annotators agree, and a page to settle what they differ on."""

from __future__ import annotations

from pathlib import Path

import click

from framing import options
from framing.errors import InputError, needs_extra


@click.command()
@click.argument("annotators", nargs=-1, required=True, metavar="FILE FILE...")
@options.CLUSTER
@options.draws(what="Resamples.")
@options.SEED
@click.option("--gamma", "with_gamma", is_flag=True, help="Give gamma, too (pip install 'framing[agreement]').")
@options.FROM
@options.SHOWN
@options.folder("Write tables, figures, the passages to adjudicate and the adjudication page into this folder.")
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
    if decisions is not None and output is None:
        raise InputError("--decisions makes gold.jsonl in the output folder: give -o DIR")
    with needs_extra("agreement needs", "evaluate"):
        from framing.agreement.annotators import read_annotators
        from framing.agreement.decisions import gold_documents, read_decisions
        from framing.agreement.outputs import text_of, write_agreement
        from framing.agreement.passages import passages
        from framing.agreement.sheets import sheets
        from framing.agreement.study import study
        from framing.report.folder import make_folder
        from framing.report.sheets import print_sheets
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
    if output is not None:  # first, for whoever reads the tables may close the pipe
        gold = None
        if decisions is not None:
            gold, left = gold_documents(read.documents, found, decided)
            click.echo(
                f"framing: gold.jsonl has {len(gold):,} records; {left:,} with undecided passages are left out",
                err=True,
            )
        write_agreement(results, disputed, output, gold)
    if shown == "table":
        print_sheets(Console(), sheets(results, disputed))
    else:
        click.echo(text_of(results, disputed, shown), nl=False)
    if output is not None:
        click.echo(f"framing: {len(disputed):,} passages to decide are in {output / 'adjudicate.html'}", err=True)

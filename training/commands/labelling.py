"""`framing select` and `weak`: labels from people, and labels from rules."""

from __future__ import annotations

from pathlib import Path

import click

from training.commands.common import needs_extra


@click.command()
@click.argument("pool", nargs=-1, required=True, metavar="POOL...")
@click.option(
    "--model", metavar="MODEL", help="A model folder, a hub name, or `lexicon`.  [default: the packaged model]"
)
@click.option("-n", "--number", type=click.IntRange(min=1), required=True, help="How many passages to choose.")
@click.option(
    "--strategy",
    type=click.Choice(["uncertainty", "diverse", "disagreement", "random"]),
    default="uncertainty",
    show_default=True,
    help="What makes a passage useful; see below.",
)
@click.option("--against", metavar="MODEL", help="The second opinion of `disagreement`: another model, or `lexicon`.")
@click.option("--label", "labels", multiple=True, metavar="NAME", help="Only doubt about this type counts; repeatable.")
@click.option("--exclude", multiple=True, metavar="CORPUS", help="Leave out what is labelled there; repeatable.")
@click.option(
    "--sentences", type=click.IntRange(min=1), default=4, show_default=True, help="Most sentences in a passage."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of `random`.")
@click.option(
    "--to",
    "tool",
    type=click.Choice(["labelstudio", "doccano", "jsonl"]),
    default="labelstudio",
    show_default=True,
    help="The tool that the passages are for.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; a new one.",
)
def select(
    pool: tuple[str, ...],
    model: str | None,
    number: int,
    strategy: str,
    against: str | None,
    labels: tuple[str, ...],
    exclude: tuple[str, ...],
    sentences: int,
    seed: int,
    tool: str,
    output: Path,
) -> None:
    """Choose the passages of POOL whose labels would teach MODEL most, with its spans marked for correction.

    POOL is any corpus that `framing corpora` lists (labels in it don't count). Long articles are cut into passages,
    which keep `article` and `offset`. No passage nearly repeats another, or one of --exclude. The field `selection`
    says why each was chosen. Beside the output stands the tool's label setup; what the tool exports is read by recipes
    and `framing convert` as it is.

    \b
    Strategies:
      uncertainty   where the model is least sure: entropy of its calibrated probabilities, at the most
                    doubtful word (or sentence) of each type, so that long passages don't win by length
      diverse       the same, each time farthest from what was chosen before (core-set)
      disagreement  where model and --against differ most: Jensen-Shannon divergence
      random        a random sample; the only choice that shows how frequent cues are

    \b
    Examples:
      framing select articles.jsonl -n 200 -o tasks.json
      framing select articles.jsonl -n 200 --strategy diverse --exclude labelled.jsonl -o tasks.json
      framing select articles.jsonl -n 50 --strategy disagreement --against lexicon --label scare_quote -o tasks.json
      framing train configs/default.yaml 'data.train=[labelled.jsonl, "labelstudio:export.json"]' ...
    """
    with needs_extra():
        from training.committee import member
        from training.corpora.base import Losses
        from training.corpora.registry import read_corpus
        from training.handout import check_free, hand_out, setup_file
        from training.progress import counter
        from training.select import select as choose

    check_free(tool, output)
    losses = Losses()
    documents = [document for entry in pool for document in read_corpus(entry, losses=losses)]
    done = [document for entry in exclude for document in read_corpus(entry, losses=losses)]
    selection = choose(
        documents,
        member(model),
        number,
        strategy=strategy,
        against=None if against is None else member(against),
        labels=labels,
        labelled=done,
        length=sentences,
        seed=seed,
        progress=counter,
    )
    written = hand_out(selection, tool, output)
    for what, lost in (("reading", losses), (f"writing {tool}", written)):
        for line in lost.lines():
            click.echo(f"{what}: {line}", err=True)
    setup = setup_file(tool, output)
    click.echo(
        f"{output}: {len(selection.chosen)} of {selection.pool} passages ({selection.excluded} labelled already)"
        + (f"; labels for {tool}: {setup}" if setup else "")
    )


@click.command()
@click.argument("unlabelled", nargs=-1, required=True, metavar="UNLABELLED...")
@click.option(
    "--functions",
    "entries",
    multiple=True,
    required=True,
    metavar="FILE",
    help="Labelling functions: a pattern list (.yaml), a Python file (.py, executed), lexicon, or lexicon:CUE. "
    "May be given several times.",
)
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The JSON lines to write."
)
@click.option("--gold", metavar="CORPUS", help="Labelled records to judge functions and models on; never learnt from.")
@click.option(
    "--model",
    type=click.Choice(["hmm", "majority"]),
    default="hmm",
    show_default=True,
    help="How votes become labels: a hidden Markov model learnt from the votes, or the majority.",
)
@click.option("--hard", is_flag=True, help="Write only spans above 0.5, without scores.")
@click.option(
    "--floor",
    type=click.FloatRange(0.001, 1),
    default=0.05,
    show_default=True,
    help="Leave out spans with a lower probability.",
)
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write all figures to this JSON file.")
@click.option("--text-field", default="text", show_default=True, metavar="KEY", help="JSON field that holds the text.")
@click.option("--id-field", default="id", show_default=True, metavar="KEY", help="JSON field that holds the id.")
def weak(
    unlabelled: tuple[str, ...],
    entries: tuple[str, ...],
    output: Path,
    gold: str | None,
    model: str,
    hard: bool,
    floor: float,
    report: Path | None,
    text_field: str,
    id_field: str,
) -> None:
    """Label the texts in UNLABELLED by the votes of labelling functions, for training without labels.

    Every span comes out with its probability as `score`, which `framing train` takes as a soft target; spans of one
    type that overlap are alternatives. A table tells of each function how many spans it found, in which share of the
    texts (cover), which share of its spans meets another function's (overl), with the same ends (agree) or others
    (confl), and which share the label model takes for right (est.P); with --gold also strict precision, recall and F1.

    A Python file is your own code and is executed. A run that was interrupted goes on with the votes that it has.
    configs/README.md explains pattern lists and how to write functions in Python.

    \b
    Examples:
      framing weak archive.jsonl --functions lexicon -o weak.jsonl
      framing weak archive.jsonl --functions examples/labelling.yaml --functions mine.py -o weak.jsonl
      framing weak archive.jsonl --functions mine.yaml --gold dev.jsonl --report report.json -o weak.jsonl
      framing train configs/default.yaml 'data.train=[weak.jsonl]' 'data.dev=[dev.jsonl]' output=runs/weak
    """
    import json

    with needs_extra():
        from training.progress import counter
        from training.weak.label import label
        from training.weak.table import text_table

    done = label(
        unlabelled,
        entries,
        output,
        model=model,
        gold=gold,
        floor=floor,
        hard=hard,
        text_field=text_field,
        id_field=id_field,
        progress=counter,
    )
    click.echo(text_table(done.report["functions"]))
    for name, figures in done.report.get("gold", {}).items():
        shown = ", ".join(f"{label} {row['f1']:.3f}" for label, row in figures.items())
        click.echo(f"{name} against gold, strict F1: {shown}")
    if report is not None:
        report.write_text(json.dumps(done.report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if done.skipped:
        click.echo(f"framing: skipped {len(done.skipped)}, the first because {done.skipped[0]}", err=True)
    click.echo(f"{output}: {done.records} records with {done.spans} spans")

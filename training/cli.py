"""`framing train`, `export` and the other verbs of a clone: mounted when this package can be imported."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from framing.errors import MissingExtraError


def _log() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for noisy in ("onnxscript", "onnx_ir", "torch.onnx", "httpx", "datasets", "transformers"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


@contextmanager
def _needs_extra() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"training needs packages that are missing ({error.name}): pip install -e '.[train]' -c constraints.txt"
        ) from error


@click.command()
@click.argument("config", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--resume", is_flag=True, help="Go on from the run folder's last checkpoint.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print the resolved config, read the corpora, list what is wrong with them, and stop.",
)
def train(config: Path, overrides: tuple[str, ...], resume: bool, dry_run: bool) -> None:
    """Train a cue model from the recipe CONFIG (YAML).

    Any key can be set on the command line, dotted; configs/README.md explains them all. The run folder (`output`)
    keeps config, environment, data hashes, metrics of each epoch, checkpoints, the best weights and dev predictions.
    A run that was interrupted goes on from its last epoch with --resume.

    \b
    Examples:
      framing train configs/default.yaml
      framing train configs/default.yaml training.epochs=3 output=runs/short
      framing train configs/default.yaml 'data.train=[mine.jsonl]' 'data.dev=[held-out.jsonl]'
      framing train configs/default.yaml --resume
    """
    with _needs_extra():
        from training.config import dump_config, load_config, vocabulary
        from training.corpora.registry import corpus_faults

    resolved = load_config(config, overrides)
    if dry_run:
        click.echo(dump_config(resolved), nl=False)
        faults = corpus_faults([*resolved.data.train, *resolved.data.dev], [cue.name for cue in vocabulary(resolved)])
        for fault in faults:
            click.echo(f"framing: {fault}", err=True)
        if faults:
            raise SystemExit(2)
        return
    with _needs_extra():
        from training.fit import fit

    _log()
    run = fit(resolved, resume=resume)
    figures = run.read_json("dev.metrics.json")
    click.echo(f"{run.folder}: strict micro F1 on dev {figures['dev_strict_f1']:.4f} before calibration")
    click.echo(f"next: framing export {run.folder} -o MODEL_FOLDER")


@click.command()
@click.argument("run", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="The model folder to write."
)
def export(run: Path, output: Path) -> None:
    """Make a model folder of the finished run RUN: calibrated, in ONNX with int8 weights, with a model card.

    Temperatures and thresholds are chosen on the run's dev files. PyTorch, ONNX in floats and in int8 are compared on
    200 dev documents; int8 may cost at most half a point of strict F1.

    \b
    Example:
      framing export runs/default -o my-model
      framing score article.txt --model my-model
    """
    with _needs_extra():
        from training.export import export as write

    _log()
    facts = write(run, output)
    dev = facts["figures"]["dev"]
    value, low, high = dev["f1"]["micro"]["strict"]
    click.echo(
        f"{output}: strict micro F1 on dev {value:.3f} [{low:.3f}, {high:.3f}], int8; see {output / 'README.md'}"
    )


@click.command()
@click.argument("name", required=False)
def corpora(name: str | None) -> None:
    """List the corpus formats that can be read and written, each with a tiny sample; or only NAME.

    In a recipe a corpus is `format:path`, with options as `format:path?option=value`; a path alone is JSON lines.

    \b
    Examples:
      framing corpora
      framing corpora ptc
    """
    from training.corpora.registry import FORMATS, find

    for form in FORMATS.values() if name is None else [find(name)]:
        ways = "read, write" if form.writer else "read"
        click.echo(f"{click.style(form.name, bold=True)}  {form.description}  [{ways}]")
        click.echo(f"  path: {form.path}")
        if form.options:
            shown = (f"{option}={default}" if default else option for option, default in form.options.items())
            click.echo(f"  options: {', '.join(shown)}")
        click.echo("".join(f"    {line}\n" for line in form.sample.splitlines()))


@click.command()
@click.argument("corpus", metavar="IN")
@click.option("--from", "source", required=True, metavar="FORMAT", help="The format of IN; see `framing corpora`.")
@click.option("--to", "target", required=True, metavar="FORMAT", help="The format to write.")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="The file or folder to write; a new one."
)
@click.option(
    "--losses", "account", type=click.Path(dir_okay=False, path_type=Path), help="List every loss in this JSON file."
)
def convert(corpus: str, source: str, target: str, output: Path, account: Path | None) -> None:
    """Convert the corpus IN from one format to another, without a drift of offsets.

    What was written is read again and compared with what the format can hold. What it can't hold (overlaps in CoNLL,
    voices in doccano) is counted and listed on standard error, as is what the reader left out.

    \b
    Examples:
      framing convert corpus.jsonl --from jsonl --to labelstudio -o tasks.json
      framing convert ptc/train-task-flc-tc.labels --from ptc --to jsonl -o ptc.jsonl
      framing convert polnear/train --from brat --to conll -o polnear.conll --losses losses.json
      framing convert 'tagged.tsv?column=1' --from conll --to brat -o tagged
    """
    import json

    from training.corpora.convert import convert as run

    done = run(corpus, source, target, output)
    for what, losses in ((f"reading {source}", done.read), (f"writing {target}", done.written)):
        for line in losses.lines():
            click.echo(f"{what}: {line}", err=True)
    if account is not None:
        listed = {"reading": done.read.places, "writing": done.written.places}
        account.write_text(json.dumps(listed, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(f"{output}: {done.documents} records with {done.spans} spans; read again and compared, none drifted")


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

    with _needs_extra():
        from training.weak.label import counter, label
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

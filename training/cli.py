"""`framing train`, `export`, `corpora`, `convert`: mounted into the command line when this package is importable."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from framing.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from training.config import Config


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
@click.option("--seeds", metavar="N,N,...", help="Train once a seed, into OUTPUT/seed-N, and give mean and deviation.")
@click.option("--resume", is_flag=True, help="Go on from the run folder's last checkpoint, and with what isn't done.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print the resolved config, read the corpora, list what is wrong with them, and stop.",
)
def train(config: Path, overrides: tuple[str, ...], seeds: str | None, resume: bool, dry_run: bool) -> None:
    """Train a cue model from the recipe CONFIG (YAML).

    Any key can be set on the command line, dotted; configs/README.md explains them all. The run folder (`output`)
    keeps config, environment, data hashes, metrics of each epoch, checkpoints, the best weights and dev predictions.
    A run that was interrupted goes on from its last epoch with --resume.

    With --seeds each seed gets a run folder of its own, and summary.json holds mean and standard deviation of every
    figure. A recipe with the key `search` tries several values of its keys, and writes the best recipe as best.yaml.
    Both go on with --resume where they were interrupted.

    \b
    Examples:
      framing train configs/default.yaml
      framing train configs/default.yaml training.epochs=3 output=runs/short
      framing train configs/default.yaml 'data.train=[mine.jsonl]' 'data.dev=[held-out.jsonl]'
      framing train configs/default.yaml --resume
      framing train configs/default.yaml --seeds 13,14,15 output=runs/seeds
      framing train runs/search/best.yaml
      accelerate launch --multi_gpu --num_processes 2 -m framing train configs/default.yaml
    """
    with _needs_extra():
        from training.config import dump_config, load_config, vocabulary
        from training.corpora.registry import corpus_faults

    resolved = load_config(config, overrides)
    if seeds is not None and resolved.search is not None:
        raise ConfigError("--seeds: a search has one seed; train its best.yaml with several")
    if dry_run:
        click.echo(dump_config(resolved), nl=False)
        faults = corpus_faults([*resolved.data.train, *resolved.data.dev], [cue.name for cue in vocabulary(resolved)])
        for fault in faults:
            click.echo(f"framing: {fault}", err=True)
        if faults:
            raise SystemExit(2)
        return
    _log()
    if resolved.search is not None:
        _search(resolved, resume)
    elif seeds is not None:
        _seeds(resolved, seeds, resume)
    else:
        _once(resolved, resume)


def _once(config: Config, resume: bool) -> None:
    with _needs_extra():
        from training.fit import fit
        from training.processes import is_main

    run = fit(config, resume=resume)
    if is_main():
        figures = run.read_json("dev.metrics.json")
        click.echo(f"{run.folder}: strict micro F1 on dev {figures['dev_strict_f1']:.4f} before calibration")
        click.echo(f"next: framing export {run.folder} -o MODEL_FOLDER")


def _seeds(config: Config, seeds: str, resume: bool) -> None:
    with _needs_extra():
        from training.processes import is_main
        from training.several import fit_seeds, parse_seeds, table

    summary = fit_seeds(config, parse_seeds(seeds), resume=resume)
    if is_main():
        click.echo(table(summary))
        click.echo(f"{Path(config.output) / 'summary.json'}; each run: framing export {config.output}/seed-N -o MODEL")


def _search(config: Config, resume: bool) -> None:
    with _needs_extra():
        from training.search import search, table

    click.echo(table(search(config, resume=resume)))
    click.echo(f"next: framing train {Path(config.output) / 'best.yaml'}")


@click.command()
@click.argument("config", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--shares", default="0.1,0.25,0.5,1", show_default=True, metavar="X,X,...", help="Of the training data.")
@click.option("--seeds", metavar="N,N,...", help="Train every share with each.  [default: the recipe's]")
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write."
)
@click.option("--resume", is_flag=True, help="Keep the trainings that are done in the folder, and go on.")
def curve(config: Path, overrides: tuple[str, ...], shares: str, seeds: str | None, output: Path, resume: bool) -> None:
    """Draw a learning curve of the recipe CONFIG: F1 on dev over shares of the training data.

    Shares are of whole articles (the records' field `article`), and smaller ones lie inside larger ones. The folder
    takes curve.json, curve.csv, curve.svg, curve.png and a run folder a training. Where the curve still climbs at its
    end, more labelled data of the same kind will help.

    \b
    Examples:
      framing curve configs/default.yaml -o runs/curve
      framing curve configs/default.yaml --shares 0.25,0.5,1 --seeds 13,14,15 -o runs/curve training.epochs=3
      framing curve configs/default.yaml -o runs/curve --resume
    """
    with _needs_extra():
        from training.config import load_config
        from training.curve import curve as draw
        from training.processes import is_main
        from training.several import parse_numbers, parse_seeds

    resolved = load_config(config, overrides)
    chosen = [resolved.training.seed] if seeds is None else parse_seeds(seeds)
    _log()
    found = draw(resolved, parse_numbers("--shares", shares), chosen, output, resume=resume)
    if is_main():
        for point in found["points"]:
            row = point["figures"]["strict_f1"]
            deviation = "" if row["sd"] is None else f" ± {row['sd']:.4f}"
            click.echo(f"{point['documents']:8.0f} documents  strict micro F1 {row['mean']:.4f}{deviation}")
        click.echo(output / "curve.svg")


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

"""`framing train`, `curve` and `export`: from a recipe to a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from framing.errors import ConfigError
from training.commands.common import log_to_terminal, needs_extra

if TYPE_CHECKING:
    from training.config import Config


@click.command()
@click.argument("config", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--seeds", metavar="N,N,...", help="Train once a seed, into OUTPUT/seed-N, and give mean and deviation.")
@click.option("--resume", is_flag=True, help="Go on from the run folder's last checkpoint, and with what isn't done.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print the resolved config, read the corpora, list all that is wrong with both, and stop.",
)
def train(config: Path, overrides: tuple[str, ...], seeds: str | None, resume: bool, dry_run: bool) -> None:
    """Train a cue model from the recipe CONFIG (YAML), or a baseline to compare it with (`baseline`).

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
      framing train configs/baseline-linear.yaml
      framing train configs/default.yaml --seeds 13,14,15 output=runs/seeds
      framing train runs/search/best.yaml
      accelerate launch --multi_gpu --num_processes 2 -m framing train configs/default.yaml
    """
    with needs_extra():
        from training.config import dump_config, load_config
        from training.dry_run import check

    if dry_run:
        chosen = []
        if seeds is not None:
            from training.several import parse_seeds

            chosen = parse_seeds(seeds)
        checked, faults = check(config, overrides, resume=resume, seeds=chosen)
        click.echo(dump_config(checked) if checked else "", nl=False)
        for fault in faults:
            click.echo(f"framing: {fault}", err=True)
        if faults:
            raise SystemExit(2)
        return
    resolved = load_config(config, overrides)
    if seeds is not None and resolved.search is not None:
        raise ConfigError("--seeds: a search has one seed; train its best.yaml with several")
    log_to_terminal()
    if resolved.search is not None:
        _search(resolved, resume)
    elif seeds is not None:
        _seeds(resolved, seeds, resume)
    else:
        _once(resolved, resume)


def _once(config: Config, resume: bool) -> None:
    with needs_extra():
        from training.baselines import fit_baseline
        from training.config import METRICS
        from training.fit import fit
        from training.processes import is_main

    run = (fit_baseline if config.baseline else fit)(config, resume=resume)
    if is_main():
        figures = run.read_json("dev.metrics.json")
        what = f"baseline {config.baseline}" if config.baseline else "before calibration"
        click.echo(f"{run.folder}: {METRICS[config.metric]} on dev {figures[f'dev_{config.metric}']:.4f}, {what}")
        if not config.baseline:
            click.echo(f"next: framing export {run.folder} -o MODEL_FOLDER")


def _seeds(config: Config, seeds: str, resume: bool) -> None:
    with needs_extra():
        from training.processes import is_main
        from training.several import fit_seeds, parse_seeds, table

    summary = fit_seeds(config, parse_seeds(seeds), resume=resume)
    if is_main():
        click.echo(table(summary))
        then = "" if config.baseline else f"; each run: framing export {config.output}/seed-N -o MODEL"
        click.echo(f"{Path(config.output) / 'summary.json'}{then}")


def _search(config: Config, resume: bool) -> None:
    with needs_extra():
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
    with needs_extra():
        from training.config import METRICS, load_config
        from training.curve import curve as draw
        from training.processes import is_main
        from training.several import parse_numbers, parse_seeds

    resolved = load_config(config, overrides)
    chosen = [resolved.training.seed] if seeds is None else parse_seeds(seeds)
    log_to_terminal()
    found = draw(resolved, parse_numbers("--shares", shares), chosen, output, resume=resume)
    if is_main():
        for point in found["points"]:
            row = point["figures"][resolved.metric]
            deviation = "" if row["sd"] is None else f" ± {row['sd']:.4f}"
            click.echo(f"{point['documents']:8.0f} documents  {METRICS[resolved.metric]} {row['mean']:.4f}{deviation}")
        click.echo(output / "curve.svg")


@click.command()
@click.argument("run", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="The model folder to write."
)
def export(run: Path, output: Path) -> None:
    """Make a model folder of the finished run RUN: calibrated, in ONNX with int8 weights, with model and data card.

    Temperatures and thresholds are chosen on the run's dev files. PyTorch, ONNX in floats and in int8 are compared on
    200 dev documents; int8 may cost at most half a point of strict F1.

    \b
    Example:
      framing export runs/default -o my-model
      framing score article.txt --model my-model
    """
    with needs_extra():
        from training.export import export as write
        from training.figures import headline, interval

    log_to_terminal()
    facts = write(run, output)
    dev = facts["figures"]["dev"]
    name, figure = headline(dev)
    click.echo(f"{output}: {name} on dev {interval(figure)}, int8; see {output / 'README.md'}")

"""`framing train` and `framing export`, mounted into the command line when this package can be imported."""

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
@click.option("--dry-run", is_flag=True, help="Print the resolved config and stop.")
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
        from training.config import dump_config, load_config

    resolved = load_config(config, overrides)
    if dry_run:
        click.echo(dump_config(resolved), nl=False)
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

"""`framing train`, `export`, `corpora`, `convert`: mounted into the command line when this package is importable."""

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
    """Train a cue model from the recipe CONFIG (YAML), or a baseline to compare it with (`baseline`).

    Any key can be set on the command line, dotted; configs/README.md explains them all. The run folder (`output`)
    keeps config, environment, data hashes, metrics of each epoch, checkpoints, the best weights and dev predictions.
    A run that was interrupted goes on from its last epoch with --resume.

    \b
    Examples:
      framing train configs/default.yaml
      framing train configs/default.yaml training.epochs=3 output=runs/short
      framing train configs/default.yaml 'data.train=[mine.jsonl]' 'data.dev=[held-out.jsonl]'
      framing train configs/default.yaml --resume
      framing train configs/baseline-linear.yaml
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
        from training.baselines import fit_baseline
        from training.fit import fit

    _log()
    run = (fit_baseline if resolved.baseline else fit)(resolved, resume=resume)
    figures = run.read_json("dev.metrics.json")
    name = {"strict_f1": "strict micro F1", "macro_f1": "macro F1"}[resolved.metric]
    what = f"baseline {resolved.baseline}" if resolved.baseline else "before calibration"
    click.echo(f"{run.folder}: {name} on dev {figures[f'dev_{resolved.metric}']:.4f}, {what}")
    if not resolved.baseline:
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
        from training.figures import headline

    _log()
    facts = write(run, output)
    dev = facts["figures"]["dev"]
    name, (value, low, high) = headline(dev)
    click.echo(f"{output}: {name} on dev {value:.3f} [{low:.3f}, {high:.3f}], int8; see {output / 'README.md'}")


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

"""`framing gate`: let sentences that hold no cue skip a model's network."""

from __future__ import annotations

from pathlib import Path

import click

from training.commands.common import log_to_terminal, needs_extra

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("model", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("news", type=_FILE)
@click.option("--train", required=True, type=_FILE, help="Labelled corpus to learn from, too.")
@click.option("--dev", required=True, type=_FILE, help="Labelled corpus to measure on.")
@click.option("--learn", type=click.IntRange(min=1), default=100_000, show_default=True, metavar="N",
              help="Sentences of NEWS to learn from.")  # fmt: skip
@click.option("--check", type=click.IntRange(min=1), default=100_000, show_default=True, metavar="N",
              help="Other sentences of NEWS to measure on.")  # fmt: skip
@click.option("--epochs", type=click.IntRange(min=1), default=6, show_default=True, help="Passes of the training.")
@click.option("--seed", default=0, show_default=True, help="Draws articles, orders training.")
@click.option("--work", type=click.Path(file_okay=False, path_type=Path), default=Path("runs/gate"), show_default=True,
              help="Keeps what the network found and the trained gate; run again, it goes on.")  # fmt: skip
def gate(
    model: Path, news: Path, train: Path, dev: Path, learn: int, check: int, epochs: int, seed: int, work: Path
) -> None:
    """Give the model folder MODEL a gate: a small network that lets sentences without cues skip the large one.

    The model scores articles of NEWS (JSON lines, .gz or not), drawn by the seed. The gate is trained on what it finds
    or nearly finds in two thirds of those to learn from, and on the labelled corpus; the last third chooses its
    threshold. It is measured on other articles and on dev, and put into MODEL (gate.onnx, gate.json, the hashes and the
    model card) only if 99.5% of the spans pass on both. `framing archive` uses it unless it is told --exhaustive. Each
    export needs a new gate.

    \b
    Examples:
      framing gate my-model articles.jsonl.gz --train train.jsonl --dev dev.jsonl
      framing gate my-model articles.jsonl --train train.jsonl --dev dev.jsonl --learn 20000 --check 20000
    """
    with needs_extra():
        from training.gate_run import learn as learn_gate

    log_to_terminal()
    facts = learn_gate(
        model, train, dev, news, sentences_learnt=learn, sentences_checked=check, epochs=epochs, seed=seed, work=work
    )
    for name in ("dev", "news"):
        told = ", ".join(f"{key} {value}" for key, value in facts[name].items())
        click.echo(f"{name}: {told}")

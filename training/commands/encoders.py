"""`framing adapt` and `shrink`: encoders made for a sort of text, before any label is seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from framing.errors import InputError
from training.commands.common import log_to_terminal, needs_extra

if TYPE_CHECKING:
    from framing.io.jsonl import BadRecord
    from framing.spans import Document


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="The encoder's new folder."
)
@click.option("--encoder", default="minilm", show_default=True, help="minilm, a hub name, or a local folder.")
@click.option("--tokens", type=click.IntRange(min=1), metavar="N", help="Read no more than N tokens.  [default: all]")
@click.option("--epochs", type=click.FloatRange(min=0, min_open=True), default=1.0, show_default=True)
@click.option("--batch-size", type=click.IntRange(min=1), default=16, show_default=True, help="Windows a step.")
@click.option("--learning-rate", type=click.FloatRange(min=0, min_open=True), default=3e-4, show_default=True)
@click.option("--seed", type=int, default=13, show_default=True, help="Of the reading order, the masks and the head.")
@click.option("--text-field", default="text", show_default=True, metavar="KEY", help="JSON field that holds the text.")
@click.option(
    "--title-field", default="title", show_default=True, metavar="KEY", help="JSON field put before the text."
)
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in the folder.")
def adapt(
    inputs: tuple[str, ...], output: Path, text_field: str, title_field: str, resume: bool, **options: Any
) -> None:
    """Go on with an encoder's pretraining on unlabelled articles, by masked words.

    INPUT is what `framing score` reads: text files, JSON lines (also .gz), or - for standard input. The folder written
    is an encoder for recipes: `model.encoder=FOLDER`. Records that can't be read are counted and passed over.

    \b
    Examples:
      framing adapt news.jsonl.gz -o runs/adapted --tokens 4000000
      framing train configs/default.yaml model.encoder=runs/adapted output=runs/mine
    """
    with needs_extra():
        from training.adapt import adapt as run

    log_to_terminal()
    with _articles(inputs, text_field, title_field) as documents:
        loss = run(documents, output, resume=resume, **options)
    click.echo(f"{output}: {loss:.3f} nats a masked word piece at the end; use it as model.encoder={output}")


@click.command()
@click.argument("inputs", nargs=-1, metavar="[INPUT...]")
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="The encoder's new folder."
)
@click.option("--encoder", default="minilm", show_default=True, help="minilm, a hub name, or a local folder.")
@click.option("--vocabulary", type=click.IntRange(min=1), metavar="N", help="Keep the N most frequent word pieces.")
@click.option("--layers", type=click.IntRange(min=1), metavar="N", help="Keep the first N layers.")
@click.option("--text-field", default="text", show_default=True, metavar="KEY", help="JSON field that holds the text.")
@click.option(
    "--title-field", default="title", show_default=True, metavar="KEY", help="JSON field put before the text."
)
def shrink(
    inputs: tuple[str, ...],
    output: Path,
    encoder: str,
    vocabulary: int | None,
    layers: int | None,
    text_field: str,
    title_field: str,
) -> None:
    """Make an encoder smaller: fewer word pieces, fewer layers.

    INPUT is what `framing score` reads; its texts tell which word pieces are frequent, so that --vocabulary needs it.
    The folder written is an encoder for recipes and for `framing adapt`.

    \b
    Examples:
      framing shrink news.jsonl.gz -o runs/small --vocabulary 14000 --layers 5
      framing shrink -o runs/shallow --layers 4
      framing train configs/default.yaml model.encoder=runs/small output=runs/mine
    """
    if vocabulary is None and layers is None:
        raise click.UsageError("nothing to cut; give --vocabulary, --layers or both")
    if (vocabulary is None) == bool(inputs):
        raise click.UsageError("--vocabulary goes with texts to count in, and texts with --vocabulary")
    with needs_extra():
        from training.shrink import shrink as run

    log_to_terminal()
    with _articles(inputs, text_field, title_field) as documents:
        pieces, left = run(documents, output, encoder=encoder, vocabulary=vocabulary, layers=layers)
    click.echo(f"{output}: {pieces} word pieces, {left} layers; use it as model.encoder={output}")


@contextmanager
def _articles(inputs: tuple[str, ...], text_field: str, title_field: str) -> Iterator[Iterator[Document]]:
    """Give the articles of some inputs, titles before texts; say at the end how many records were passed over."""
    import sys

    from framing.io.inputs import read_inputs
    from framing.spans import Document

    bad: list[BadRecord] = []

    def documents() -> Iterator[Document]:
        for record in read_inputs(inputs, sys.stdin.buffer, text_field=text_field):
            if isinstance(record, Document):
                title = str(record.meta.get(title_field) or "")
                yield Document(record.id, f"{title}\n\n{record.text}".strip())
            else:
                bad.append(record)

    try:
        yield documents()
    except InputError as error:
        raise InputError(f"{error}; {_passed_over(bad)}" if bad else str(error)) from error
    if bad:
        click.echo(_passed_over(bad), err=True)


def _passed_over(bad: Sequence[BadRecord]) -> str:
    return f"passed over {len(bad)} records, the first because {bad[0].reason}"

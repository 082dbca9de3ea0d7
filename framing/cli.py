"""The `framing` command: one thin command a verb; what is slow to import is imported where it is used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from framing import options
from framing.agreement.command import agreement
from framing.archive.cli import archive, query
from framing.calibration.command import calibrate
from framing.errors import FramingError, MissingExtraError
from framing.estimate.command import estimate, plan
from framing.evaluate.command import evaluate
from framing.report.command import report
from framing.serve.command import serve
from framing.stories.command import concordance, stories

_MOUNTED: Final = {
    "corpora": "List the corpus formats that training reads and writes (in a clone).",
    "convert": "Convert a labelled corpus to another format (in a clone).",
    "split": "Split a corpus into train, dev and test or folds (in a clone).",
    "datacard": "Write the data card of a corpus (in a clone).",
    "weak": "Label texts by the votes of labelling functions (in a clone).",
    "select": "Choose the passages most worth labelling (in a clone).",
    "adapt": "Go on with an encoder's pretraining on unlabelled text (in a clone).",
    "shrink": "Cut an encoder's vocabulary and layers (in a clone).",
    "train": "Train a model or a baseline from a recipe (in a clone).",
    "curve": "Draw a learning curve of a recipe (in a clone).",
    "export": "Make a model folder of a trained run (in a clone).",
    "gate": "Let sentences without cues skip a model's network (in a clone).",
    "push": "Put a model on the Hugging Face hub (in a clone).",
}
_HOW_TO_TRAIN: Final = (
    "training is not in the wheel: clone the repository and run `pip install -e '.[train]' -c constraints.txt` in it"
)


class Commands(click.Group):
    """A group that mounts the training commands when they are asked for, and prints our errors as one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order in which a user meets them."""
        return [*self.commands, *_MOUNTED]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command; a training command that can't be imported becomes one that says how to get it."""
        if cmd_name not in _MOUNTED:
            return super().get_command(ctx, cmd_name)
        try:
            found = getattr(importlib.import_module("training.cli"), cmd_name)
        except ImportError as error:
            return _absent(cmd_name, error)
        return found if isinstance(found, click.Command) else _absent(cmd_name, None)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing torch for the sake of two lines of help."""
        rows = [(name, command.get_short_help_str(60)) for name, command in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl([*rows, *_MOUNTED.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; our own errors end it with one line and exit code 2."""
        try:
            return super().invoke(ctx)
        except FramingError as error:
            click.echo(f"framing: {error}", err=True)
            ctx.exit(2)


def _absent(name: str, error: ImportError | None) -> click.Command:
    def fail(**_: Any) -> None:
        reason = f" ({error})" if error is not None and error.name != "training" else ""
        raise MissingExtraError(f"{name}: {_HOW_TO_TRAIN}{reason}")

    return click.Command(
        name,
        callback=fail,
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        context_settings={"ignore_unknown_options": True, "help_option_names": []},
    )


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="framing", message="%(prog)s %(version)s")
def main() -> None:
    """Find framing cues in news text, say whose voice each is in, and train models that do so.

    \b
    First steps:
      framing cues                                what is looked for
      framing score article.txt                   highlight one article
      framing score archive.jsonl -o scored.jsonl score many
      framing archive folder/ -o scored           score very many, into Parquet
    """


@main.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@options.file("Write here, not to the terminal.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["pretty", "jsonl", "html"]),
    help="How to write. Default: by the ending of -o (.jsonl, .html); pretty on a terminal, jsonl elsewhere.",
)
@click.option(
    "--model",
    metavar="MODEL",
    help="A model folder that `framing export` wrote, a hub name (user/name), or `lexicon` for the rules alone.",
)
@click.option(
    "--threshold",
    type=float,
    metavar="T",
    help="Report cues with a score of at least T (above 0, below 1) for all types.",
)
@options.cues("Report only this type")
@click.option("--text-field", default="text", show_default=True, metavar="KEY", help="JSON field that holds the text.")
@click.option("--id-field", default="id", show_default=True, metavar="KEY", help="JSON field that holds the id.")
@click.option("--keep-text", is_flag=True, help="Keep the text in JSON output.")
@options.THREADS
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colours in pretty output; auto means on a terminal.",
)
def score(
    inputs: tuple[str, ...],
    output: Path | None,
    form: str | None,
    model: str | None,
    threshold: float | None,
    cues: tuple[str, ...],
    text_field: str,
    id_field: str,
    keep_text: bool,
    threads: int | None,
    color: str,
) -> None:
    """Score articles: find their cues and sum them up.

    INPUT is a text file (one article), a .jsonl file (one record a line), a .json file (a record or a list of them),
    each also with .gz, or - for standard input (JSON lines when it starts with a brace, else one article). The output
    has one record for every input record, in the same order. A record that can't be scored comes out with status
    "skipped" and the reason, and the rest is scored; when none can be, the exit code is 2.

    \b
    Examples:
      framing score article.txt
      framing score article.txt --format html -o article.html
      framing score archive.jsonl -o scored.jsonl --text-field body
      cat article.txt | framing score - --format jsonl
      framing score article.txt --model lexicon --cue scare_quote
    """
    from framing.scoring import score_to

    score_to(
        inputs,
        output,
        form,
        model=model,
        threshold=threshold,
        cues=cues or None,
        text_field=text_field,
        id_field=id_field,
        keep_text=keep_text,
        threads=threads,
        color=color,
    )


@main.command(name="cues")
@click.option("--model", metavar="DIR", help="A model folder, to list what that model finds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_cues(model: str | None, as_json: bool) -> None:
    """List the cue types with definition, example and decoy.

    In the example the cue stands between [brackets]; the decoy looks like one and is not.

    \b
    Examples:
      framing cues
      framing cues --model my-model --json
    """
    from rich.console import Console
    from rich.text import Text

    from framing.cues import CODEBOOK

    cues = CODEBOOK
    if model is not None and model != "lexicon":
        from framing.hub import folder_of
        from framing.model import ModelInfo

        cues = ModelInfo.from_file(folder_of(model) / "framing.json").cues
    if as_json:
        import json

        click.echo(json.dumps([cue.to_record() for cue in cues], indent=2, ensure_ascii=False))
        return
    console = Console()
    for cue in cues:
        console.print(Text(f" {cue.name} ", style=f"black on {cue.colour}"))
        for name, value in (("", cue.definition), ("example: ", cue.example), ("decoy:   ", cue.decoy)):
            if value:
                console.print(Text(f"  {name}{value}"), soft_wrap=True)
        console.print()


for verb in (archive, query, evaluate, agreement, calibrate, estimate, plan, stories, concordance, report, serve):
    main.add_command(verb)


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line with these arguments; for `python -m framing`."""
    main(list(sys.argv[1:] if arguments is None else arguments), prog_name="framing")

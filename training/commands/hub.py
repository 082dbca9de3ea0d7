"""`framing push`: a model folder to the Hugging Face hub."""

from __future__ import annotations

from pathlib import Path

import click

from training.commands.common import needs_extra


@click.command()
@click.argument("model", type=click.Path(file_okay=False, path_type=Path))
@click.argument("target", metavar="USER/NAME")
@click.option("--private", is_flag=True, help="If the repository is new, make it private.")
@click.option("--revision", metavar="BRANCH", help="Push to this branch, which must exist.")
@click.option("--dry-run", is_flag=True, help="Check the model and list what would be uploaded, and stop.")
def push(model: Path, target: str, private: bool, revision: str | None, dry_run: bool) -> None:
    """Upload the model folder MODEL to the Hugging Face hub as USER/NAME.

    First the folder is opened and every file compared with its hash; a changed model is refused. Only a model's own
    files go up. Log in with `hf auth login`, or set HF_TOKEN. With file:FOLDER in place of USER/NAME the files are
    written to a folder instead, to look at or to upload by other means.

    \b
    Examples:
      framing push my-model me/my-cues --dry-run
      framing push my-model me/my-cues --private
      framing score article.txt --model me/my-cues
    """
    with needs_extra():
        from training.push import check, check_name
        from training.push import push as upload

    if not target.startswith("file:"):
        check_name(target)
    ready = check(model)
    for name, size in ready.files.items():
        click.echo(f"{name}  {size:,} bytes")
    for name in ready.left:
        click.echo(f"{name}: no part of the model; left out", err=True)
    if not dry_run:
        click.echo(f"uploaded: {upload(model, target, private=private, revision=revision)}")

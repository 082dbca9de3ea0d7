"""Stories in an archive of news: how many, of how many articles, and what they cost (`make bench-stories`).

The articles are scored by the rules alone, into a folder that a second run takes up again; then `framing stories` runs
as a process of its own, whose processor time and peak memory are those that the system accounts to it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click


def scored(news: Path, folder: Path) -> Path:
    """Score the articles by the rules, unless that was done before."""
    path = folder / "scored.jsonl"
    if not path.exists():
        command = ["score", str(news), "--model", "lexicon", "--keep-text", "--threads", "1", "-o", str(path)]
        subprocess.run([sys.executable, "-m", "framing", *command], check=True)
    return path


@click.command()
@click.argument("news", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--days", default=3, show_default=True, help="As for `framing stories`.")
def main(news: Path, folder: Path, days: int) -> None:
    """Score NEWS (JSON lines) in FOLDER, group it into stories, and print the figures."""
    folder.mkdir(parents=True, exist_ok=True)
    found = folder / "stories"
    command = ["stories", str(scored(news, folder)), "--days", str(days), "-o", str(found)]
    process = subprocess.Popen([sys.executable, "-m", "framing", *command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"framing stories ended with {os.waitstatus_to_exitcode(status)}")
    summary = json.loads((found / "stories.json").read_text(encoding="utf-8"))
    click.echo(f"{summary['stories']:,} stories with {summary['articles']:,} articles")
    click.echo(f"{usage.ru_utime + usage.ru_stime:.1f} s of processor time, {usage.ru_maxrss / 1024:,.0f} MiB at most")


if __name__ == "__main__":
    main()

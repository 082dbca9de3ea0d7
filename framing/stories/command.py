"""`framing stories` and `framing concordance`: how outlets word the same events, and every cue in its context."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from framing import options
from framing.errors import InputError, needs_extra

_TEXTS = click.option(
    "--texts",
    multiple=True,
    metavar="FILE",
    help="The files that were scored, where INPUT is a folder; may be given several times.",
)


@click.command()
@click.argument("scored", metavar="INPUT")
@_TEXTS
@options.folder("Write stories, comparisons, a report (HTML) and the concordance into this folder.")
@click.option(
    "--days",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="The most days from a story's first to its last article.",
)
@click.option(
    "--similarity",
    type=click.FloatRange(min=0.05, max=1),
    default=0.25,
    show_default=True,
    help="How alike articles of a story are (mean cosine of TF-IDF).",
)
@click.option(
    "--least",
    type=click.IntRange(min=2),
    default=20,
    show_default=True,
    help="The fewest stories in which outlets are compared.",
)
@options.draws(10_000)
@options.SEED
@click.option(
    "--width",
    type=click.IntRange(min=0),
    default=60,
    show_default=True,
    help="Characters on each side in the concordance.",
)
def stories(
    scored: str,
    texts: tuple[str, ...],
    output: Path | None,
    days: int,
    similarity: float,
    least: int,
    draws: int,
    seed: int,
    width: int,
) -> None:
    """Group articles on one event across outlets, and compare how they word it.

    INPUT is what `framing score --keep-text` wrote, or the folder of `framing archive` with the scored files as
    --texts. Records need an outlet and a date. Articles are one story when their titles and first 300 words share rare
    words and names (TF-IDF) and few days lie between them; stories that one outlet tells alone are left out.

    Within stories each outlet is set beside the others: cues per 1,000 words by type, pairs of outlets, and the share
    of an actor's mentions that carry a cue (who is called what by whom). p-values come from permutations within stories
    and are corrected by Holm's method; intervals are BCa bootstrap over stories.

    -o writes stories.csv, articles.csv, outlets.csv, pairs.csv, names.csv, called.csv (every cue on an actor, with its
    voice, authority and source), concordance.csv, tables in Markdown and LaTeX, stories.json and report.html.

    \b
    Examples:
      framing stories scored.jsonl -o stories          # after: framing score archive.jsonl --keep-text -o scored.jsonl
      framing stories scored.jsonl --days 1 --similarity 0.3 --least 10
      framing stories out --texts archive.jsonl.gz -o stories
    """
    with needs_extra("stories need", "evaluate"):
        from framing.report.folder import make_folder
        from framing.report.sheets import print_sheets
        from framing.stories.concordance import opened
        from framing.stories.outputs import write_stories
        from framing.stories.run import find_stories
        from framing.stories.sheets import sheets
    from rich.console import Console

    if output is not None:
        make_folder(output)
    with nullcontext() if output is None else opened(output / "concordance.csv") as write:
        found = find_stories(
            scored,
            texts,
            days=days,
            similarity=similarity,
            least=least,
            draws=draws,
            seed=seed,
            width=width,
            write=write,
        )
    if output is not None:
        write_stories(found, output, Path(scored).name)
    for note in found.notes:
        click.echo(f"framing: {note}", err=True)
    print_sheets(Console(), sheets(found))
    if output is not None:
        click.echo(f"framing: the report is {output / 'report.html'}", err=True)


@click.command()
@click.argument("scored", metavar="INPUT")
@_TEXTS
@options.file("Write here, not to standard output.")
@options.cues("List this type only")
@click.option(
    "--actor",
    "actors",
    multiple=True,
    metavar="NAME",
    help="List every mention of NAME, too; may be given several times.",
)
@click.option("--width", type=click.IntRange(min=0), default=60, show_default=True, help="Characters on each side.")
def concordance(
    scored: str,
    texts: tuple[str, ...],
    output: Path | None,
    cues: tuple[str, ...],
    actors: tuple[str, ...],
    width: int,
) -> None:
    """List every cue in its context as CSV (KWIC), and every mention of an actor on request.

    INPUT is what `framing score --keep-text` wrote, a labelled corpus, or the folder of `framing archive` with the
    scored files as --texts. Columns: story, outlet, date, id, kind (cue or actor), cue, voice, left, key, right, actor
    (whom the cue is about, where a name stands beside it), authority, source, score, start, end. In rows of kind actor,
    `cue` has the types of cues that are about the actor there.

    \b
    Examples:
      framing concordance scored.jsonl -o kwic.csv
      framing concordance scored.jsonl --cue group_label --width 40
      framing concordance scored.jsonl --actor Hamas --actor Hezbollah -o actors.csv
    """
    from framing.stories.articles import read_articles
    from framing.stories.concordance import concordance as listed
    from framing.stories.concordance import finder, opened

    if not all(map(str.strip, actors)):
        raise InputError("--actor: the name is empty; write it as it stands in the texts")
    find = finder(actors) if actors else None
    seen: set[str] = set()
    never = set(actors)
    with opened(output) as write:
        for article in read_articles(scored, texts):
            if article.id in seen:
                raise InputError(f"{scored}: record {article.id!r} stands in it twice; give each an id of its own")
            seen.add(article.id)
            for row in listed(article, width=width, cues=cues or None, find=find):
                if row["kind"] == "actor":
                    never.discard(row["actor"])
                write(row)
    for name in sorted(never):
        click.echo(f"framing: --actor {name!r} never occurs in the texts; letter case counts", err=True)

"""`framing corpora`, `convert`, `split` and `datacard`: what is trained on."""

from __future__ import annotations

from pathlib import Path

import click

from training.commands.common import needs_extra


@click.command()
@click.argument("name", required=False)
def corpora(name: str | None) -> None:
    """List the corpus formats, which all can be read and written, each with a tiny sample; or only NAME.

    In a recipe a corpus is `format:path`, with options as `format:path?option=value`; a path alone is JSON lines.
    Options for writing stand behind the path of `framing convert -o`.

    \b
    Examples:
      framing corpora
      framing corpora ptc
    """
    from training.corpora.registry import FORMATS, find

    for form in FORMATS.values() if name is None else [find(name)]:
        click.echo(f"{click.style(form.name, bold=True)}  {form.description}")
        click.echo(f"  path: {form.path}")
        for what, options in (("options", form.options), ("options for writing", form.writing_options)):
            if options:
                shown = (f"{option}={default}" if default else option for option, default in options.items())
                click.echo(f"  {what}: {', '.join(shown)}")
        click.echo("".join(f"    {line}\n" for line in form.sample.splitlines()))


@click.command()
@click.argument("corpus", metavar="IN")
@click.option("--from", "source", required=True, metavar="FORMAT", help="The format of IN; see `framing corpora`.")
@click.option("--to", "target", required=True, metavar="FORMAT", help="The format to write.")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="PATH",
    help="The file or folder to write; a new one, perhaps with options.",
)
@click.option(
    "--losses", "account", type=click.Path(dir_okay=False, path_type=Path), help="List every loss in this JSON file."
)
def convert(corpus: str, source: str, target: str, output: str, account: Path | None) -> None:
    """Convert the corpus IN from one format to another, without a drift of offsets.

    What was written is read again and compared with what the format can hold. What it can't hold (overlaps in CoNLL,
    voices in doccano) is counted and listed on standard error, as is what the reader left out.

    \b
    Examples:
      framing convert corpus.jsonl --from jsonl --to labelstudio -o tasks.json
      framing convert ptc/train-task-flc-tc.labels --from ptc --to jsonl -o ptc.jsonl
      framing convert polnear/train --from brat --to conll -o polnear.conll --losses losses.json
      framing convert 'tagged.tsv?column=1' --from conll --to brat -o tagged
      framing convert techniques.jsonl --from jsonl --to ptc -o 'mine/train-task-si.labels?task=si'
    """
    import json

    from training.corpora.convert import convert as run

    done = run(corpus, source, target, output)
    for what, losses in ((f"reading {source}", done.read), (f"writing {target}", done.written)):
        for line in losses.lines():
            click.echo(f"{what}: {line}", err=True)
    if account is not None:
        account.parent.mkdir(parents=True, exist_ok=True)
        listed = {"reading": done.read.places, "writing": done.written.places}
        account.write_text(json.dumps(listed, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(
        f"{done.output}: {done.documents} records with {done.spans} spans; read again and compared, none drifted"
    )


@click.command()
@click.argument("corpora", nargs=-1, required=True, metavar="CORPUS...")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The folder to write, a new one; with --check a JSON file."
)
@click.option("--from", "source", metavar="FORMAT", help="The format of every CORPUS; see `framing corpora`.")
@click.option(
    "--by",
    multiple=True,
    metavar="FIELD",
    help="Keep records with the same FIELD together; may be given several times.",
)
@click.option("--by-date", is_flag=True, help="Cut by date: train on what is earlier, test on what is later.")
@click.option(
    "--date-field", default="date", show_default=True, metavar="FIELD", help="Where --by-date finds the date."
)
@click.option("--shares", metavar="A,B[,C]", help="Shares of train,dev or train,dev,test.  [default: 0.8,0.1,0.1]")
@click.option("--folds", type=int, metavar="K", help="Make K folds, each a train and a test file, in place of parts.")
@click.option(
    "--nested", type=int, metavar="K", help="Make K folds, each a train and a dev file, in each fold's train."
)
@click.option(
    "--stratify", multiple=True, metavar="FIELD", help="Stratify by this field, too; may be given several times."
)
@click.option("--seed", default=13, show_default=True, help="Another seed makes another split.")
@click.option(
    "--near", default=0.8, show_default=True, metavar="J", help="Least Jaccard similarity of near-duplicates, 0.4 to 1."
)
@click.option("--no-near-duplicates", is_flag=True, help="Don't look for near-duplicates.")
@click.option("--check", is_flag=True, help="Look for leaks between files that are split already; write no files.")
def split(
    corpora: tuple[str, ...],
    output: Path | None,
    source: str | None,
    by: tuple[str, ...],
    by_date: bool,
    date_field: str,
    shares: str | None,
    folds: int | None,
    nested: int | None,
    stratify: tuple[str, ...],
    seed: int,
    near: float,
    no_near_duplicates: bool,
    check: bool,
) -> None:
    """Split corpora into train, dev and test, or into folds, so that nothing leaks.

    Near-duplicates (wire copy, corrected versions), passages of one `article`, and records with the same FIELD of --by
    stay together, and so does what they connect. Near-duplicates are records whose sets of three-word runs overlap by
    --near; a passage that stands inside a long article is none. Every part gets its share of each label's spans, of
    each value of --stratify, and of the records, as near as whole groups allow. The same seed gives the same split,
    whatever the order of the records.

    The folder gets train.jsonl, dev.jsonl and test.jsonl (with --folds fold-1/train.jsonl, fold-1/test.jsonl, ...; with
    --nested also fold-1/inner-1/train.jsonl, fold-1/inner-1/dev.jsonl, ...) and splits.json: hashes, shares reached,
    which record went where, and what a random split of the same shares would have leaked.

    --by-date cuts between days. Records that are tied to an earlier part than their own date's are left out, since they
    would leak there and come from the future here; they are counted and written to left-out.jsonl.

    --check looks at files that are split already. The exit code is 1 when near-duplicates, ids, articles or values of
    --by are shared; shared outlets are only counted.

    \b
    Examples:
      framing split corpus.jsonl -o parts
      framing split corpus.jsonl -o parts --by outlet --shares 0.7,0.15,0.15
      framing split corpus.jsonl -o parts --by-date
      framing split basil --from basil -o folds --by triplet-uuid --folds 5 --nested 4
      framing split final_labels_SG2.csv --from babe -o folds --folds 5 --stratify label_bias
      framing split --check parts/train.jsonl parts/dev.jsonl parts/test.jsonl
      framing train configs/default.yaml 'data.train=[parts/train.jsonl]' 'data.dev=[parts/dev.jsonl]'
    """
    with needs_extra():
        from training import split_files

    found = split_files.entries(corpora, source)
    threshold = None if no_near_duplicates else near
    if check:
        rows = split_files.check_files(found, output, by=by, near=threshold)
        for line in split_files.audit_lines(rows):
            click.echo(line)
        raise SystemExit(int(any(row["leaks"] for row in rows)))
    if output is None:
        raise click.UsageError("name the folder to write with -o")
    if folds is None and nested is not None:
        raise click.UsageError("--nested folds the training part of each fold; give --folds too")
    if folds is not None and (by_date or shares):
        raise click.UsageError("--folds doesn't go with --by-date or --shares; leave one out")
    plan = split_files.Plan(
        split_files.parse_shares(shares or "0.8,0.1,0.1"),
        folds,
        nested,
        by=by,
        date=date_field if by_date else None,
        near=threshold,
        fields=stratify,
        seed=seed,
    )
    for line in split_files.split_lines(split_files.write_split(found, output, plan), output):
        click.echo(line)


@click.command()
@click.argument("corpora", nargs=-1, required=True, metavar="CORPUS...")
@click.option("--name", required=True, help="What to call the corpus.")
@click.option("--note", help="How the texts were drawn and the labels made.")
@click.option("--language", metavar="CODE", help="ISO 639-1, such as en.")
@click.option("--licence", metavar="NAME", help="Of texts and labels, as the Hugging Face hub names it.")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The card to write."
)
def datacard(
    corpora: tuple[str, ...], name: str, note: str | None, language: str | None, licence: str | None, output: Path
) -> None:
    """Write the data card of a corpus: sizes by label, voice, outlet and year, hashes, and what parts share.

    Each CORPUS is a part, called by its file's name; it is read as recipes read it (`framing corpora`). The card starts
    with the metadata block of the Hugging Face hub and holds figures only, no text. `framing export` writes such a card
    (DATA.md) into every model folder by itself.

    \b
    Example:
      framing datacard train.jsonl dev.jsonl --name 'Harbour news' --language en --note 'Two coders ...' -o DATA.md
    """
    with needs_extra():
        from training.corpora.base import Losses
        from training.corpora.registry import read_corpus
        from training.datacard import data_card, statistics
        from training.fingerprint import fingerprint

    parts, files, losses = {}, {}, {}
    for entry in corpora:
        left_out, known = Losses(), fingerprint(entry)
        part = known["name"] if known["name"] not in parts else entry
        parts[part], files[part], losses[part] = read_corpus(entry, losses=left_out), [known], left_out.counts()
    card = data_card(statistics(parts), files, losses, name=name, note=note, language=language, licence=licence)
    output.write_text(card, encoding="utf-8")
    click.echo(f"{output}: {sum(map(len, parts.values())):,} documents in {len(parts)} parts")

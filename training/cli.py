"""The commands of training, mounted into `framing` when this package is importable."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from framing.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from training.config import Config


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
    with _needs_extra():
        from training.config import dump_config, load_config
        from training.dry_run import check

    if dry_run:
        checked, faults = check(config, overrides)
        click.echo(dump_config(checked) if checked else "", nl=False)
        for fault in faults:
            click.echo(f"framing: {fault}", err=True)
        if faults:
            raise SystemExit(2)
        return
    resolved = load_config(config, overrides)
    if seeds is not None and resolved.search is not None:
        raise ConfigError("--seeds: a search has one seed; train its best.yaml with several")
    if resolved.baseline and (seeds is not None or resolved.search is not None):
        raise ConfigError(f"baseline {resolved.baseline}: leave --seeds and search out; it has neither")
    _log()
    if resolved.search is not None:
        _search(resolved, resume)
    elif seeds is not None:
        _seeds(resolved, seeds, resume)
    else:
        _once(resolved, resume)


def _once(config: Config, resume: bool) -> None:
    with _needs_extra():
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
    with _needs_extra():
        from training.processes import is_main
        from training.several import fit_seeds, parse_seeds, table

    summary = fit_seeds(config, parse_seeds(seeds), resume=resume)
    if is_main():
        click.echo(table(summary))
        click.echo(f"{Path(config.output) / 'summary.json'}; each run: framing export {config.output}/seed-N -o MODEL")


def _search(config: Config, resume: bool) -> None:
    with _needs_extra():
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
    with _needs_extra():
        from training.config import METRICS, load_config
        from training.curve import curve as draw
        from training.processes import is_main
        from training.several import parse_numbers, parse_seeds

    resolved = load_config(config, overrides)
    chosen = [resolved.training.seed] if seeds is None else parse_seeds(seeds)
    _log()
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
    with _needs_extra():
        from training.export import export as write
        from training.figures import headline

    _log()
    facts = write(run, output)
    dev = facts["figures"]["dev"]
    name, (value, low, high) = headline(dev)
    click.echo(f"{output}: {name} on dev {value:.3f} [{low:.3f}, {high:.3f}], int8; see {output / 'README.md'}")


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
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in the folder.")
def adapt(inputs: tuple[str, ...], output: Path, text_field: str, resume: bool, **options: Any) -> None:
    """Go on with an encoder's pretraining on unlabelled articles, by masked words.

    INPUT is what `framing score` reads: text files, JSON lines (also .gz), or - for standard input. The folder written
    is an encoder for recipes: `model.encoder=FOLDER`. Records that can't be read are counted and passed over.

    \b
    Examples:
      framing adapt news.jsonl.gz -o runs/adapted --tokens 4000000
      framing train configs/default.yaml model.encoder=runs/adapted output=runs/mine
    """
    import sys

    from framing.io.inputs import read_inputs
    from framing.io.jsonl import BadRecord
    from framing.spans import Document

    with _needs_extra():
        from training.adapt import adapt as run

    _log()
    bad: list[BadRecord] = []

    def documents() -> Iterator[Document]:
        for record in read_inputs(inputs, sys.stdin.buffer, text_field=text_field):
            if isinstance(record, Document):
                yield record
            else:
                bad.append(record)

    loss = run(documents(), output, resume=resume, **options)
    if bad:
        click.echo(f"passed over {len(bad)} records, the first because {bad[0].reason}", err=True)
    click.echo(f"{output}: {loss:.3f} nats a masked word piece at the end; use it as model.encoder={output}")


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


@click.command()
@click.argument("pool", nargs=-1, required=True, metavar="POOL...")
@click.option(
    "--model", metavar="MODEL", help="A model folder, a hub name, or `lexicon`.  [default: the packaged model]"
)
@click.option("-n", "--number", type=click.IntRange(min=1), required=True, help="How many passages to choose.")
@click.option(
    "--strategy",
    type=click.Choice(["uncertainty", "diverse", "disagreement", "random"]),
    default="uncertainty",
    show_default=True,
    help="What makes a passage useful; see below.",
)
@click.option("--against", metavar="MODEL", help="The second opinion of `disagreement`: another model, or `lexicon`.")
@click.option("--label", "labels", multiple=True, metavar="NAME", help="Only doubt about this type counts; repeatable.")
@click.option("--exclude", multiple=True, metavar="CORPUS", help="Leave out what is labelled there; repeatable.")
@click.option(
    "--sentences", type=click.IntRange(min=1), default=4, show_default=True, help="Most sentences in a passage."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of `random`.")
@click.option(
    "--to",
    "tool",
    type=click.Choice(["labelstudio", "doccano", "jsonl"]),
    default="labelstudio",
    show_default=True,
    help="The tool that the passages are for.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; a new one.",
)
def select(
    pool: tuple[str, ...],
    model: str | None,
    number: int,
    strategy: str,
    against: str | None,
    labels: tuple[str, ...],
    exclude: tuple[str, ...],
    sentences: int,
    seed: int,
    tool: str,
    output: Path,
) -> None:
    """Choose the passages of POOL whose labels would teach MODEL most, with its spans marked for correction.

    POOL is any corpus that `framing corpora` lists (labels in it don't count). Long articles are cut into passages,
    which keep `article` and `offset`. No passage nearly repeats another, or one of --exclude. The field `selection`
    says why each was chosen. Beside the output stands the tool's label setup; what the tool exports is read by recipes
    and `framing convert` as it is.

    \b
    Strategies:
      uncertainty   where the model is least sure: entropy of its calibrated probabilities, at the most
                    doubtful word of each type, so that long passages don't win by length
      diverse       the same, each time farthest from what was chosen before (core-set)
      disagreement  where model and --against differ most: Jensen-Shannon divergence
      random        a random sample; the only choice that shows how frequent cues are

    \b
    Examples:
      framing select articles.jsonl -n 200 -o tasks.json
      framing select articles.jsonl -n 200 --strategy diverse --exclude labelled.jsonl -o tasks.json
      framing select articles.jsonl -n 50 --strategy disagreement --against lexicon --label scare_quote -o tasks.json
      framing train configs/default.yaml 'data.train=[labelled.jsonl, "labelstudio:export.json"]' ...
    """
    with _needs_extra():
        from training.committee import member
        from training.corpora.base import Losses
        from training.corpora.registry import read_corpus
        from training.handout import check_free, hand_out, setup_file
        from training.select import select as choose

    check_free(tool, output)
    losses = Losses()
    documents = [document for entry in pool for document in read_corpus(entry, losses=losses)]
    done = [document for entry in exclude for document in read_corpus(entry, losses=losses)]
    selection = choose(
        documents,
        member(model),
        number,
        strategy=strategy,
        against=None if against is None else member(against),
        labels=labels,
        labelled=done,
        length=sentences,
        seed=seed,
    )
    written = hand_out(selection, tool, output)
    for what, lost in (("reading", losses), (f"writing {tool}", written)):
        for line in lost.lines():
            click.echo(f"{what}: {line}", err=True)
    setup = setup_file(tool, output)
    click.echo(
        f"{output}: {len(selection.chosen)} of {selection.pool} passages ({selection.excluded} labelled already)"
        + (f"; labels for {tool}: {setup}" if setup else "")
    )


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
    with _needs_extra():
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
    with _needs_extra():
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
      framing split basil --from basil -o folds --by event --folds 5 --nested 4
      framing split final_labels_SG2.csv --from babe -o folds --folds 5 --stratify label_bias
      framing split --check parts/train.jsonl parts/dev.jsonl parts/test.jsonl
      framing train configs/default.yaml 'data.train=[parts/train.jsonl]' 'data.dev=[parts/dev.jsonl]'
    """
    with _needs_extra():
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
@click.argument("unlabelled", nargs=-1, required=True, metavar="UNLABELLED...")
@click.option(
    "--functions",
    "entries",
    multiple=True,
    required=True,
    metavar="FILE",
    help="Labelling functions: a pattern list (.yaml), a Python file (.py, executed), lexicon, or lexicon:CUE. "
    "May be given several times.",
)
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The JSON lines to write."
)
@click.option("--gold", metavar="CORPUS", help="Labelled records to judge functions and models on; never learnt from.")
@click.option(
    "--model",
    type=click.Choice(["hmm", "majority"]),
    default="hmm",
    show_default=True,
    help="How votes become labels: a hidden Markov model learnt from the votes, or the majority.",
)
@click.option("--hard", is_flag=True, help="Write only spans above 0.5, without scores.")
@click.option(
    "--floor",
    type=click.FloatRange(0.001, 1),
    default=0.05,
    show_default=True,
    help="Leave out spans with a lower probability.",
)
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write all figures to this JSON file.")
@click.option("--text-field", default="text", show_default=True, metavar="KEY", help="JSON field that holds the text.")
@click.option("--id-field", default="id", show_default=True, metavar="KEY", help="JSON field that holds the id.")
def weak(
    unlabelled: tuple[str, ...],
    entries: tuple[str, ...],
    output: Path,
    gold: str | None,
    model: str,
    hard: bool,
    floor: float,
    report: Path | None,
    text_field: str,
    id_field: str,
) -> None:
    """Label the texts in UNLABELLED by the votes of labelling functions, for training without labels.

    Every span comes out with its probability as `score`, which `framing train` takes as a soft target; spans of one
    type that overlap are alternatives. A table tells of each function how many spans it found, in which share of the
    texts (cover), which share of its spans meets another function's (overl), with the same ends (agree) or others
    (confl), and which share the label model takes for right (est.P); with --gold also strict precision, recall and F1.

    A Python file is your own code and is executed. A run that was interrupted goes on with the votes that it has.
    configs/README.md explains pattern lists and how to write functions in Python.

    \b
    Examples:
      framing weak archive.jsonl --functions lexicon -o weak.jsonl
      framing weak archive.jsonl --functions examples/labelling.yaml --functions mine.py -o weak.jsonl
      framing weak archive.jsonl --functions mine.yaml --gold dev.jsonl --report report.json -o weak.jsonl
      framing train configs/default.yaml 'data.train=[weak.jsonl]' 'data.dev=[dev.jsonl]' output=runs/weak
    """
    import json

    with _needs_extra():
        from training.weak.label import counter, label
        from training.weak.table import text_table

    done = label(
        unlabelled,
        entries,
        output,
        model=model,
        gold=gold,
        floor=floor,
        hard=hard,
        text_field=text_field,
        id_field=id_field,
        progress=counter,
    )
    click.echo(text_table(done.report["functions"]))
    for name, figures in done.report.get("gold", {}).items():
        shown = ", ".join(f"{label} {row['f1']:.3f}" for label, row in figures.items())
        click.echo(f"{name} against gold, strict F1: {shown}")
    if report is not None:
        report.write_text(json.dumps(done.report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if done.skipped:
        click.echo(f"framing: skipped {len(done.skipped)}, the first because {done.skipped[0]}", err=True)
    click.echo(f"{output}: {done.records} records with {done.spans} spans")

"""Beside SpanMarker and spaCy's spancat, with the same encoder, data and epochs: `make bench-peers`.

Tasks: `cue`, the cue corpus (strict micro F1 on dev), and `ptc`, span identification on PTC (the task's own F1 on dev).
Each peer runs in an environment of its own under .venv-peers/, which this makes. Sentences and words are cut once, for
all; each system learns at the rate that its own documentation gives, and the peers at ours as well, since 5e-5 is meant
for larger encoders than MiniLM (SpanMarker, which encodes every candidate span and is slow, only when its row is named
with --system); `spancat CNN` has spaCy's own convolutions in MiniLM's place. What a system can't be taught is counted.
Results lie in --output; a system that is done is not run again, one that was interrupted starts anew, so that its time
is right.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from common import Job

from framing.cues import CODEBOOK
from framing.evaluate.bootstrap import bootstrap, cluster_counts, f1, paired_difference
from framing.evaluate.ptc import si_counts, si_f1
from framing.spans import CueSpan, Document
from framing.text import sentences, units
from training.corpora.registry import read_corpus
from training.figures import articles
from training.fit import bfloat16_pays
from training.tagger import encoder_folder

HERE = Path(__file__).resolve().parent
OURS, THEIRS = 3e-4, 5e-5
LONGEST = 8
"""Words of the longest span that the peers can find: SpanMarker's default, 99% of the cues, two thirds of PTC's."""


@dataclass(frozen=True)
class System:
    """One row of the table: a runner, its environment, its rate and options, and the tasks that it takes part in."""

    runner: str
    rate: float
    options: dict[str, Any] = field(default_factory=dict)
    tasks: tuple[str, ...] = ("cue", "ptc")
    asked: bool = False  # runs only when it is named


SYSTEMS = {
    "framing": System("framing", OURS, {"rules": False}),
    "framing with rules": System("framing", OURS, {"rules": True}, ("cue",)),
    "spancat": System("spacy", THEIRS, {"piece": 100}),
    "spancat at our rate": System("spacy", OURS, {"piece": 100}),
    "spancat CNN": System("spacy", 1e-3, {"piece": 100, "cnn": True}),
    "SpanMarker": System("span_marker", THEIRS, {"batch_size": 32}),
    "SpanMarker at our rate": System("span_marker", OURS, {"batch_size": 32}, asked=True),
}


@dataclass(frozen=True)
class Task:
    """Data, labels, and the default sizes."""

    train: str
    dev: str
    labels: tuple[str, ...]
    train_limit: int
    dev_limit: int


def tasks(corpus: str, ptc: str) -> dict[str, Task]:
    """Give both tasks."""
    return {
        "cue": Task(f"{corpus}/train.jsonl", f"{corpus}/dev.jsonl", tuple(cue.name for cue in CODEBOOK), 600, 600),
        "ptc": Task(f"ptc:{ptc}/train-task-si.labels", f"ptc:{ptc}/dev-task-si.labels", ("propaganda",), 16, 30),
    }


def write(documents: Sequence[Document], path: Path) -> None:
    """Write records with the places of their sentences and words."""
    with path.open("w", encoding="utf-8") as stream:
        for document in documents:
            places = {"sentences": sentences(document.text), "words": units(document.text).tolist()}
            stream.write(json.dumps(document.to_record() | places) + "\n")


def without_attention_dropout(encoder: Path, copy: Path) -> Path:
    """Copy an encoder for all systems as our recipes run it: dropout keeps attention off the processor's fast path."""
    shutil.copytree(encoder, copy, dirs_exist_ok=True)
    settings = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    (copy / "config.json").write_text(json.dumps(settings | {"attention_probs_dropout_prob": 0.0}), encoding="utf-8")
    return copy


def python(runner: str) -> str:
    """Give the interpreter of a runner; makes its environment first."""
    if runner == "framing":
        return sys.executable
    folder = Path(".venv-peers") / runner
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(HERE / f"{runner}.txt")], check=True)
        (folder / "ready").touch()
    return str(folder / "bin" / "python")


def run(job: Job, system: System, environment: dict[str, str]) -> dict[str, Any]:
    """Run a system on a task, or read what it gave before."""
    folder = Path(job.folder)
    written = folder / "job.json"
    done = folder / "result.json"
    wanted = json.dumps(asdict(job), indent=2)
    if not (done.exists() and written.read_text(encoding="utf-8") == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        written.write_text(wanted, encoding="utf-8")
        command = [python(system.runner), str(HERE / f"run_{system.runner}.py"), str(written)]
        print(f"{folder}: running, see {folder / 'log.txt'}", flush=True)
        with (folder / "log.txt").open("w", encoding="utf-8") as log:
            subprocess.run(command, check=True, stdout=log, stderr=subprocess.STDOUT, env=environment)
    result: dict[str, Any] = json.loads(done.read_text(encoding="utf-8"))
    return result


def predictions(folder: str) -> list[list[CueSpan]]:
    """Read what a system found."""
    with (Path(folder) / "predictions.jsonl").open(encoding="utf-8") as stream:
        return [[CueSpan(*span) for span in json.loads(line)["spans"]] for line in stream]


def main() -> None:
    """Run what is missing, and print a table a task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", choices=("cue", "ptc"), action="append", help="one task; both by default")
    parser.add_argument("--system", choices=SYSTEMS, action="append", help="one system; all by default")
    parser.add_argument("--corpus", default="../shared/corpus", help="folder of the cue corpus")
    parser.add_argument("--ptc", default="../shared/corpora/ptc", help="folder of PTC")
    parser.add_argument("--train-limit", type=int, help="training documents, drawn at random (cue 600, ptc 16)")
    parser.add_argument("--dev-limit", type=int, help="dev documents, the first (cue 600, ptc 30)")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="all cores by default")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--output", type=Path, default=Path("runs/peers"))
    given = parser.parse_args()
    environment = os.environ | {
        "PYTHONPATH": str(HERE.parents[1]),
        "OMP_NUM_THREADS": str(given.threads),
        "HF_HUB_OFFLINE": "1",
    }
    for name, task in tasks(given.corpus, given.ptc).items():
        if given.task and name not in given.task:
            continue
        rows = [row for row, system in SYSTEMS.items() if name in system.tasks]
        chosen = [row for row in rows if (row in given.system if given.system else not SYSTEMS[row].asked)]
        bench(name, task, chosen, given, environment)


def bench(name: str, task: Task, rows: Sequence[str], given: argparse.Namespace, environment: dict[str, str]) -> None:
    """Run a task and print its table."""
    folder = (given.output / name).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    train = read_corpus(task.train)
    random.Random(given.seed).shuffle(train)  # noqa: S311 - a sample, no secret
    train, dev = (
        train[: given.train_limit or task.train_limit],
        read_corpus(task.dev)[: given.dev_limit or task.dev_limit],
    )
    write(train, folder / "train.jsonl")
    write(dev, folder / "dev.jsonl")
    encoder = without_attention_dropout(Path(encoder_folder("minilm")), given.output.resolve() / "encoder")
    table, gold, owners = {}, [document.spans for document in dev], articles(dev)
    print(f"\n{name}: {len(train)} training documents, {given.epochs} epochs; {len(dev)} dev documents", flush=True)
    for row in rows:
        system = SYSTEMS[row]
        job = Job(
            folder=str(folder / row.replace(" ", "-")),
            train=str(folder / "train.jsonl"),
            dev=str(folder / "dev.jsonl"),
            encoder=str(encoder),
            labels=list(task.labels),
            epochs=given.epochs,
            learning_rate=system.rate,
            longest=LONGEST,
            threads=given.threads,
            seed=given.seed,
            options=system.options | {"train": len(train), "dev": len(dev), "bf16": bfloat16_pays("auto")},
        )
        result = run(job, system, environment)
        found = predictions(job.folder)
        if name == "ptc":
            counts = si_counts(owners, gold, found)
        else:
            counts = cluster_counts(owners, gold, found, task.labels, strict=True).sum(axis=1)
        table[row] = (counts, result)
    statistic = si_f1 if name == "ptc" else f1
    print(
        f"\n| {name}, {given.threads} threads | rate | F1 | training words/s | scoring words/s (batch) | not taught |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for row, (counts, result) in table.items():
        speed = result["inference"]
        lost = ", ".join(f"{count} {reason}" for reason, count in result["lost"].items()) or "-"
        trained = result["train_words"] / result["train_seconds"]
        print(
            f"| {row} | {SYSTEMS[row].rate:g} | {bootstrap(counts, statistic)} | {trained:,.0f} | "
            f"{speed['words_per_second']:,.0f} ({speed['batch'] or 'own'}) | {lost} |"
        )
    compare(table, statistic)


def compare(table: dict[str, Any], statistic: Any) -> None:
    """Print ours against each peer: the difference of F1, paired over articles, and ratios of speed."""
    for ours in (row for row in table if row.startswith("framing")):
        for theirs in (row for row in table if not row.startswith("framing")):
            (one, mine), (other, its) = table[ours], table[theirs]
            difference = paired_difference(one, other, statistic)
            train = (mine["train_words"] / mine["train_seconds"]) / (its["train_words"] / its["train_seconds"])
            score = mine["inference"]["words_per_second"] / its["inference"]["words_per_second"]
            print(f"{ours} beside {theirs}: F1 {difference}, training {train:.2f} x, scoring {score:.2f} x")


if __name__ == "__main__":
    main()

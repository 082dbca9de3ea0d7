"""How long an evaluation takes, and beside nervaluate on the same files: `make bench-evaluate`.

Gold is the first 10,000 passages of a labelled file; the predictions of three systems are made from gold by dropping,
moving, renaming and inventing spans, each more than the one before. All times are processor time of one core.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from nervaluate import Evaluator

from framing.evaluate.columns import lay_out, overlaps, tabulate
from framing.evaluate.inputs import read_gold, read_run
from framing.evaluate.run import evaluate_files
from framing.evaluate.schemes import OUTCOMES, semeval
from framing.io.jsonl import read_documents
from framing.report.outputs import print_results
from framing.spans import CueSpan, Document

DOCUMENTS = 10_000
ROUNDS = 1000
NOISE = (0.1, 0.25, 0.4)
REPEATS = 3
# nervaluate calls the scheme of types `ent_type`.
SCHEMES = {"strict": "strict", "exact": "exact", "partial": "partial", "type": "ent_type"}

Spans = Sequence[Sequence[CueSpan]]


def disturbed(document: Document, labels: Sequence[str], noise: float, source: random.Random) -> Document:
    """Make a system's prediction of gold: each span is dropped, moved or renamed, and others come, by chance."""
    found = []
    for span in document.spans:
        chance = source.random() / noise
        if chance < 0.4:
            continue
        end = min(len(document.text), span.end + source.randint(1, 6)) if chance < 0.8 else span.end
        found.append(CueSpan(span.start, end, source.choice(labels) if 0.8 < chance < 1 else span.label))
    if source.random() < noise / 2:
        start = source.randrange(max(1, len(document.text) - 12))
        found.append(CueSpan(start, min(len(document.text), start + 12), source.choice(labels)))
    return document.with_spans(found)


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Give the processor time of some work, and what it gives."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def ours(gold: Spans, found: Spans, labels: Sequence[str]) -> dict[str, np.ndarray]:
    """Count the outcomes of all four schemes, by type and together."""
    places = lay_out(gold, found)
    return semeval(tabulate(gold, places, labels), tabulate(found, places, labels), len(gold), len(labels))


def as_dicts(side: Spans) -> list[list[dict[str, Any]]]:
    """Give spans as nervaluate takes them; its ends are inclusive."""
    return [[{"label": span.label, "start": span.start, "end": span.end - 1} for span in spans] for spans in side]


def theirs(gold: Any, found: Any, labels: Sequence[str]) -> dict[str, Any]:
    """Let nervaluate count the same."""
    return Evaluator(gold, found, tags=list(labels), loader="dict").evaluate()


def differences(mine: dict[str, np.ndarray], other: dict[str, Any], labels: Sequence[str]) -> list[str]:
    """List the outcomes in which the two differ."""
    listed = []
    for scheme, table in mine.items():
        total = table.sum(axis=0)
        rows = [other["entities"].get(label, {}).get(SCHEMES[scheme]) for label in labels]
        for row, result in enumerate([*rows, other["overall"][SCHEMES[scheme]]]):
            counts = [0 if result is None else getattr(result, name) for name in OUTCOMES]
            if counts != total[row].astype(int).tolist():
                listed.append(f"{scheme}, {[*labels, 'overall'][row]}: {total[row].astype(int).tolist()} and {counts}")
    return listed


def alone(gold: Spans, found: Spans) -> list[int]:
    """Give the documents in which no span meets two of the other side, where all definitions agree."""
    places = lay_out(gold, found)
    one, other = tabulate(gold, places, None), tabulate(found, places, None)
    left, right = overlaps(one, other)
    crowded = set(one.document[np.bincount(left, minlength=len(one)) > 1].tolist())
    crowded |= set(other.document[np.bincount(right, minlength=len(other)) > 1].tolist())
    return [number for number in range(len(gold)) if number not in crowded]


def main(path: Path) -> None:
    """Print the figures, the time of everything, and the times beside nervaluate."""
    documents = read_documents(path)[:DOCUMENTS]
    labels = sorted({span.label for document in documents for span in document.spans})
    with tempfile.TemporaryDirectory() as folder:
        files = {"gold": Path(folder) / "gold.jsonl"}
        files |= {f"system-{number}": Path(folder) / f"system-{number}.jsonl" for number in range(1, len(NOISE) + 1)}
        sides = [documents]
        for number, noise in enumerate(NOISE):
            source = random.Random(number)  # noqa: S311 - noise, not secrets
            sides.append([disturbed(document, labels, noise, source) for document in documents])
        for file, side in zip(files.values(), sides, strict=True):
            file.write_text("".join(json.dumps(document.to_record()) + "\n" for document in side), encoding="utf-8")
        gold_file, *predictions = map(str, files.values())
        took, results = seconds(lambda: evaluate_files(gold_file, predictions, draws=ROUNDS))
        print_results(results, "table")
        print(f"{len(documents):,} documents x {len(NOISE)} systems x {ROUNDS:,} rounds: {took:.1f} s\n")
        gold = read_gold(gold_file)
        truth = [document.spans for document in gold]
        for file in predictions:
            found = read_run(file, gold).spans
            dicts = as_dicts(truth), as_dicts(found)
            pairs = [
                (seconds(lambda: theirs(*dicts, labels)), seconds(lambda: ours(truth, found, labels)))  # noqa: B023
                for _ in range(REPEATS)
            ]
            ratios = sorted(other[0] / mine[0] for other, mine in pairs)
            apart = differences(pairs[0][1][1], pairs[0][0][1], labels)
            clear = alone(truth, found)
            part = [[side[number] for number in clear] for side in (truth, found)]
            unequal = differences(ours(*part, labels), theirs(*map(as_dicts, part), labels), labels)
            print(
                f"{Path(file).stem}: nervaluate {statistics.median(other[0] for other, _ in pairs):.2f} s, framing "
                f"{statistics.median(mine[0] for _, mine in pairs):.3f} s; ratio {statistics.median(ratios):.0f} "
                f"({ratios[0]:.0f} to {ratios[-1]:.0f} over {REPEATS} pairs)"
            )
            print(
                f"  {len(clear):,} documents without crowded spans: "
                f"{len(unequal)} of {len(SCHEMES) * (len(labels) + 1)} rows differ"
            )
            print(
                f"  all documents: {len(apart)} rows differ" + "".join(f"\n    {line}" for line in [*unequal, *apart])
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))

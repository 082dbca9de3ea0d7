"""Figures of the shipped model and of the rules on a labelled file: `make bench-dev`.

Thresholds of the shipped model were chosen on dev; its model card gives the cross-fitted figures as well.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import framing
from framing.evaluate.bootstrap import cluster_counts, f1, f1_table
from framing.evaluate.spans import voice_accuracy
from framing.io.jsonl import read_documents


def main(path: Path) -> None:
    """Print a table a system, and the difference of the micro figures with a paired interval."""
    gold = read_documents(path)
    articles = [str(document.meta.get("article") or document.id) for document in gold]
    truth = [document.spans for document in gold]
    tables = {}
    for name in (None, "lexicon"):
        scorer = framing.load(name)
        labels = [cue.name for cue in scorer.cues]
        found = [scored.spans for scored in scorer.score_many(gold)]
        right, matched = voice_accuracy(truth, found)
        print(f"\n{scorer.model['name']} {scorer.model['version']} on {path.name}: {len(gold)} passages")
        print(f"{'cue':24}{'strict F1':>24}{'overlap F1':>24}")
        for label, row in f1_table(articles, truth, found, labels).items():
            print(f"{label:24}{row['strict']!s:>24}{row['overlap']!s:>24}")
        print(f"voice accuracy on {matched} strictly matched spans: {right / max(matched, 1):.3f}")
        tables[name] = cluster_counts(articles, truth, found, labels, strict=True).sum(axis=1)
    ours, rules = tables[None], tables["lexicon"]
    weights = np.random.default_rng(0).multinomial(len(ours), np.full(len(ours), 1 / len(ours)), size=2000)
    low, high = np.quantile(f1(weights @ ours) - f1(weights @ rules), (0.025, 0.975))
    difference = float(f1(ours.sum(axis=0)) - f1(rules.sum(axis=0)))
    print(f"\nmodel minus rules, strict micro F1: {difference:.3f} [{low:.3f}, {high:.3f}], paired over articles")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

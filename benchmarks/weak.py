"""Majority vote against the hidden Markov model on votes about the cue corpus: `make bench-weak`.

Both see the texts of train without their labels; dev's labels are only scored against.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from framing.evaluate.bootstrap import bootstrap, cluster_counts, f1, paired_difference
from framing.io.jsonl import read_documents
from training.weak.functions import load_functions
from training.weak.label import MODELS, decided
from training.weak.votes import cast, tally


def main(corpus: Path, sources: Sequence[Sequence[str]]) -> None:
    """Print strict micro F1 of both models for each set of functions, and their difference, paired over articles."""
    train, dev = (read_documents(corpus / f"{part}.jsonl") for part in ("train", "dev"))
    articles = [str(document.meta.get("article") or document.id) for document in dev]
    truth = [document.spans for document in dev]
    for entries in sources:
        functions = load_functions(entries)
        start = time.perf_counter()
        tallies = tally((cast(document, functions) for document in train), functions)
        voting = time.perf_counter() - start
        labels = list(tallies)
        print(f"\n{' + '.join(entries)}: {len(functions)} functions on {len(train)} texts, {voting:.0f} s")
        counts = {}
        for name, make in MODELS.items():
            start = time.perf_counter()
            models = {label: make(one) for label, one in tallies.items()}
            learning = time.perf_counter() - start
            found = [decided(cast(document, functions), models) for document in dev]
            table = cluster_counts(articles, truth, found, labels, strict=True)
            counts[name] = table.sum(axis=1)
            micro, total = bootstrap(counts[name]), counts[name].sum(axis=0)
            kinds = ", ".join(f"{label} {f1(table[:, place].sum(axis=0)):.3f}" for place, label in enumerate(labels))
            shares = f"precision {total[2] / total[1]:.3f}, recall {total[2] / total[0]:.3f}"
            print(f"{name:9} strict micro F1 {micro}, {shares}")
            print(f"{'':9} {kinds}; learnt in {learning:.1f} s")
        print(f"hmm minus majority: {paired_difference(counts['hmm'], counts['majority'])}, paired over articles")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [["examples/labelling.yaml"], ["lexicon"], ["examples/labelling.yaml", "lexicon"]])

"""PTC span identification (SemEval-2020 task 11, SI) by configs/ptc-si.yaml: `make bench-ptc`.

Trains the recipe (run again after a kill, it goes on), exports it, and gives the task's own score on dev beside scores
that teams published. `export` chooses thresholds for strict F1; the score forgives half-right spans, so that a lower
one may serve it better: the second row takes the one that is best on one half of the articles and scores the other,
both ways.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from framing.evaluate.bootstrap import bootstrap
from framing.evaluate.ptc import si_counts, si_f1, si_precision, si_recall
from framing.scorer import Scorer
from training.config import load_config
from training.corpora.registry import read_corpus
from training.export import export
from training.fit import fit

THRESHOLDS = (None, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
PUBLISHED = (
    # team, part, F1, where the team itself says so
    (
        "aschern, RoBERTa-large with CRF, ensemble (3rd of 36)",
        "test",
        "0.491",
        "doi.org/10.18653/v1/2020.semeval-1.191",
    ),
    ("UPB, BERT adapted to the domain (5th)", "test", "0.461", "arxiv.org/abs/2009.05289"),
    ("NoPropaganda, transformer decoder", "test", "0.446", "doi.org/10.18653/v1/2020.semeval-1.194"),
    (
        "CyberWallE, BERT features and BiLSTM (8th)",
        "test",
        "0.439",
        "github.com/cicl-iscl/CyberWallE-propaganda-detection",
    ),
    ("TTUI, BERT and RoBERTa, ensemble (20th)", "test", "0.398", "paper of Kim and Bethard, SemEval 2020"),
    ("syrapropa, SpanBERT (7th on dev)", "dev", "0.471", "paper of Li and Xiao, SemEval 2020"),
)


def cross_fitted(tables: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Give for each half of the articles the counts of the table that is best on the other half."""
    picked = np.zeros_like(tables[0])
    half = np.arange(len(picked)) % 2 == 0
    for part in (half, ~half):
        best = max(tables, key=lambda table: float(si_f1(table[~part].sum(axis=0))))
        picked[part] = best[part]
    return picked


def main(folder: Path, *overrides: str) -> None:
    """Train, export and score; `folder` takes the run and the model."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run, model = folder / "run", folder / "model"
    config = load_config(Path("configs/ptc-si.yaml"), [*overrides, f"output={run}"])
    if not (run / "best" / "model.safetensors").exists():
        fit(config, resume=(run / "config.yaml").exists())
    if not model.exists():
        export(run, model)
    gold = [document for entry in config.data.dev for document in read_corpus(entry)]
    names, truth = [document.id for document in gold], [document.spans for document in gold]
    tables = []
    for threshold in THRESHOLDS:
        scored = Scorer.load(model, threshold=threshold).score_many(gold)
        tables.append(si_counts(names, truth, [result.spans for result in scored]))
    print(f"\n{len(gold)} dev articles, {int(tables[0][:, 3].sum())} gold spans; 95% intervals over articles\n")
    print("| | part | F1 | precision | recall |\n| --- | --- | --- | --- | --- |")
    for name, table in (("as exported", tables[0]), ("threshold cross-fitted", cross_fitted(tables))):
        figures = (bootstrap(table, statistic) for statistic in (si_f1, si_precision, si_recall))
        print(f"| {config.name}, {name} | dev | {' | '.join(map(str, figures))} |")
    for team, part, score, source in PUBLISHED:
        print(f"| {team}: {source} | {part} | {score} | | |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, help="the folder of the run and the model; run again, it goes on")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="changes of configs/ptc-si.yaml")
    given = parser.parse_args()
    main(given.output, *given.overrides)

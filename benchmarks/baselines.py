"""Systems side by side on the dev part of the cue corpus: `make bench-baselines`.

Baselines learn on the training part; temperatures and thresholds of the linear model and of the shipped one were chosen
on dev, those of the rules on train. Intervals are 95% bootstrap intervals over articles; the last column is the paired
difference to the shipped model.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import framing
from framing.cues import CODEBOOK
from framing.evaluate.bootstrap import bootstrap, cluster_counts, paired_difference
from framing.spans import CueSpan, Document
from training.baselines import make_baseline
from training.config import Config, DataConfig, ModelConfig
from training.figures import articles
from training.fit import documents

SYSTEMS = {
    "majority of a wording": ("majority", False),
    "lexicon and rules": ("lexicon", False),
    "linear": ("linear", False),
    "linear, told of the rules": ("linear", True),
}


def learnt(name: str, rules: bool, train: list[Document], dev: list[Document], data: DataConfig) -> list[list[CueSpan]]:
    """Give what a baseline finds on dev after learning on train."""
    baseline = make_baseline(Config(baseline=name, data=data, model=ModelConfig(rules=rules)), CODEBOOK)
    start = time.perf_counter()
    baseline.fit(train, dev)
    found = baseline.predict(dev)
    print(f"{name}, rules {rules}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    return found


def main(folder: Path) -> None:
    """Print a Markdown table with a row a system."""
    data = DataConfig(train=(str(folder / "train.jsonl"),), dev=(str(folder / "dev.jsonl"),))
    train, dev = (documents(part, None, CODEBOOK) for part in (data.train, data.dev))
    gold, owners, labels = [document.spans for document in dev], articles(dev), [cue.name for cue in CODEBOOK]
    shipped = framing.load()
    found = {"shipped model, int8": [list(scored.spans) for scored in shipped.score_many(dev)]}
    for title, (name, rules) in SYSTEMS.items():
        found[title] = learnt(name, rules, train, dev, data)
    tables = {
        title: [cluster_counts(owners, gold, spans, labels, strict=strict).sum(axis=1) for strict in (True, False)]
        for title, spans in found.items()
    }
    print(f"{len(dev)} passages, {len(set(owners))} articles, {sum(map(len, gold))} spans\n")
    print("| system | strict micro F1 | overlap micro F1 | strict, minus the shipped model |")
    print("| --- | --- | --- | --- |")
    best = tables["shipped model, int8"][0]
    for title, (strict, overlap) in tables.items():
        cells = [bootstrap(strict), bootstrap(overlap), paired_difference(strict, best)]
        print(f"| {title} | {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

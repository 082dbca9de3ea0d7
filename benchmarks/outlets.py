"""What outlets that the network has never read cost it: `make bench-outlets` (run again, it goes on).

Cross-validation over the outlets of the cue corpus's training part, near-duplicates tied. Of each fold, `PASSAGES`
passages of the other outlets teach the default recipe for `EPOCHS` epochs; `TESTED` other articles of the same outlets
and as many of the fold's own are scored, so that one training gives both figures, and amount and kind of the training
are the same for both. Calibration with the rules is cross-fitted inside each part. The rules themselves were written
with all outlets at hand.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
from pathlib import Path

import numpy as np
from network import say
from numpy.typing import NDArray

from framing.cues import CODEBOOK
from framing.evaluate.bootstrap import bootstrap, cluster_counts, f1, resample
from framing.io.jsonl import read_documents
from framing.spans import CueSpan, Document
from training.config import load_config
from training.figures import articles, cross_fit
from training.several import finish
from training.splits import folds

FOLDS, PASSAGES, TESTED, EPOCHS, SEED = 5, 4000, 700, 2, 13
LABELS = [cue.name for cue in CODEBOOK]
Counts = NDArray[np.float64]


def parts(train: list[Document], test: list[Document]) -> dict[str, list[Document]]:
    """Draw what is learnt and tested in a fold; no article of `seen` is learnt from."""
    draw = random.Random(SEED)  # noqa: S311 - a sample, no secret
    draw.shuffle(train)
    draw.shuffle(test)
    held = set(articles(train[:TESTED]))
    learnt = [one for one, owner in zip(train, articles(train), strict=True) if owner not in held]
    return {"learnt": learnt[:PASSAGES], "seen": train[:TESTED], "unseen": test[:TESTED]}


def counts(documents: list[Document], found: list[list[CueSpan]], *, strict: bool) -> Counts:
    """Give [articles, 3] counts."""
    gold = [document.spans for document in documents]
    return cluster_counts(articles(documents), gold, found, LABELS, strict=strict).sum(axis=1)


def fold(number: int, chosen: dict[str, list[Document]], given: argparse.Namespace) -> dict[str, list[list[float]]]:
    """Train a fold, or take what is there, and count hits and misses on both parts."""
    folder = given.output / str(number)
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "counts.json"
    if not kept.exists():
        with (folder / "train.jsonl").open("w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(document.to_record()) + "\n" for document in chosen["learnt"])
        overrides = [f"output={folder / 'run'}", f"model.encoder={given.encoder}", f"training.epochs={EPOCHS}"]
        data = [f"data.train=[{folder / 'train.jsonl'}]", f"data.dev=[{given.corpus / 'dev.jsonl'}]"]
        config = load_config(Path("configs/default.yaml"), [*overrides, *data, "data.dev_limit=100"])
        run = finish(config, resume=True)
        found = {}
        for part in ("seen", "unseen"):
            dev, logits = say(run, config, chosen[part])
            crossed = cross_fit(dev.documents, dev.texts, logits, dev.cues, run.rules())
            for strict in (True, False):
                found[f"{part} {strict}"] = counts(dev.documents, crossed, strict=strict).tolist()
        kept.write_text(json.dumps(found), encoding="utf-8")
    result: dict[str, list[list[float]]] = json.loads(kept.read_text(encoding="utf-8"))
    return result


def main() -> None:
    """Train what isn't there yet and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the cue corpus")
    parser.add_argument("output", type=Path, help="the folder of the runs")
    parser.add_argument("--encoder", default="minilm")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    documents = [one for one in read_documents(given.corpus / "train.jsonl") if one.meta.get("outlet")]
    found = [
        fold(number, parts(one.train, one.test), given)
        for number, one in enumerate(folds(documents, FOLDS, by=["outlet"], seed=SEED))
    ]
    print(f"{FOLDS} folds over outlets, {PASSAGES} passages, {EPOCHS} epochs; {TESTED} passages of each part a fold")
    print("| micro F1 | outlets it read | outlets it never read | difference |\n| --- | --- | --- | --- |")
    for name, strict in (("strict", True), ("overlap", False)):
        seen, unseen = (
            np.concatenate([np.array(one[f"{part} {strict}"]) for one in found]) for part in ("seen", "unseen")
        )
        drawn = [f1(resample(table, draws=2000, seed=seed)) for seed, table in enumerate((unseen, seen))]
        low, high = np.quantile(drawn[0] - drawn[1], [0.025, 0.975])
        value = f1(unseen.sum(axis=0)) - f1(seen.sum(axis=0))
        print(f"| {name} | {bootstrap(seen)} | {bootstrap(unseen)} | {value:.3f} [{low:.3f}, {high:.3f}] |")


if __name__ == "__main__":
    main()

"""Ways to weigh few cues among many words, side by side: `make bench-imbalance` (run again, it goes on).

Every variant is the default recipe on the first `PASSAGES` passages of the cue corpus for `EPOCHS` epochs, with one
seed. Figures are of dev, calibrated on one half of the articles and scored on the other, both ways, with 95% bootstrap
intervals over articles; differences from the default are paired over articles. `expected/gold` is the sum of calibrated
probabilities over the number of gold spans, least and most over types: near 1 where they can be added up.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np
from network import say
from numpy.typing import NDArray

from framing.calibration.fit import calibrate
from framing.decode import Calibration
from framing.evaluate.bootstrap import cluster_counts, paired_difference
from training.config import Config, load_config, vocabulary
from training.figures import articles, cross_fit, dev_figures
from training.fit import documents
from training.run import Run
from training.several import finish

PASSAGES, EPOCHS = 2000, 2
VARIANTS: dict[str, list[str]] = {
    "weighted by rarity (default)": [],
    "no weights": ["training.cue_weight=1"],
    "weight 3 for all": ["training.cue_weight=3"],
    "focal, gamma 2": ["training.loss=focal", "training.cue_weight=1"],
    "focal, gamma 2, weighted": ["training.loss=focal"],
    "half of the negatives": ["training.negatives=0.5"],
    "a quarter of the negatives": ["training.negatives=0.25"],
}


def measure(run: Run, config: Config) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """Give a run's figures on dev, and [articles, 3] counts of its cross-fitted spans."""
    found = documents(config.data.dev, config.data.dev_limit, vocabulary(config))
    dev, logits = say(run, config, found)
    cues = dev.cues
    fitted: Calibration = calibrate(found, dev.texts, logits, cues, run.rules())
    figures = dev_figures(found, dev.texts, logits, cues, fitted, run.rules())
    crossed = cross_fit(found, dev.texts, logits, cues, run.rules())
    gold = [document.spans for document in found]
    labels = [cue.name for cue in cues]
    return figures, cluster_counts(articles(found), gold, crossed, labels, strict=True).sum(axis=1)


def main(corpus: Path, folder: Path) -> None:
    """Train what isn't there yet and print the table."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    tables, rows = {}, {}
    for number, (name, overrides) in enumerate(VARIANTS.items()):
        config = load_config(
            Path("configs/default.yaml"),
            [
                f"output={folder / str(number)}",
                f"data.train=[{corpus / 'train.jsonl'}]",
                f"data.dev=[{corpus / 'dev.jsonl'}]",
                f"data.train_limit={PASSAGES}",
                f"training.epochs={EPOCHS}",
                *overrides,
            ],
        )
        run = finish(config, resume=True)
        kept = run.folder / "imbalance.json"
        if not kept.exists():
            figures, table = measure(run, config)
            kept.write_text(json.dumps([figures, table.tolist()]), encoding="utf-8")
        rows[name], counts = json.loads(kept.read_text(encoding="utf-8"))
        tables[name] = np.array(counts)
    base = tables[next(iter(VARIANTS))]
    print(f"{PASSAGES} passages, {EPOCHS} epochs, strict micro F1 on dev, calibration cross-fitted")
    print("| variant | strict micro F1 | minus the default | expected/gold |\n| --- | --- | --- | --- |")
    for name, figures in rows.items():
        value, low, high = figures["cross_fitted"]["strict"]
        against = "-" if tables[name] is base else str(paired_difference(tables[name], base))
        ratios = sorted(figures["expected_over_gold"].values())
        print(f"| {name} | {value:.3f} [{low:.3f}, {high:.3f}] | {against} | {ratios[0]:.2f} to {ratios[-1]:.2f} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""BABE (SG2), 5-fold: `make bench-babe-baselines`, and with the network `make bench-babe`.

Sentences are dealt to five folds by label, near-duplicates to one fold; of the four training folds an eighth is held
out for early stopping, calibration and thresholds, so that a test fold is only ever scored. Every fold's predictions
are kept under the output folder: an interrupted benchmark goes on where it was, the network even within a fold.

Published: macro F1 0.80 (Spinde et al. 2021, BERT with distant supervision on other data, 5-fold).
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from pathlib import Path

import framing
from framing.cues import read_cues
from framing.evaluate.sentences import macro_f1, sentence_counts
from framing.io.jsonl import read_documents
from framing.spans import CueSpan, Document
from training.baselines import make_baseline
from training.config import Config, load_config
from training.corpora import jsonl
from training.corpora.registry import read_corpus
from training.export import export
from training.fit import fit
from training.splits import folds

RECIPE = Path("configs/babe.yaml")
SYSTEMS = ("majority", "tfidf", "network")
FOLDS, HELD_OUT, SEED = 5, 8, 13


def write_splits(corpus: Path, output: Path) -> None:
    """Write train, dev and test of every fold, once."""
    documents = read_corpus(f"babe:{corpus}?labels=sentences")
    for number, fold in enumerate(folds(documents, FOLDS, inner=HELD_OUT, seed=SEED)):
        folder = output / f"fold-{number}"
        if not (folder / "test.jsonl").exists():
            folder.mkdir(parents=True, exist_ok=True)
            for name, part in (("train", fold.inner[0].train), ("dev", fold.inner[0].test), ("test", fold.test)):
                jsonl.write(part, folder / f"{name}.jsonl")


def predictions(system: str, folder: Path, overrides: Sequence[str]) -> list[Document]:
    """Give a fold's test predictions, from its folder where they are there already."""
    done = folder / f"{system}.predictions.jsonl"
    if not done.exists():
        test = read_documents(folder / "test.jsonl")
        data = [f"data.{part}=[{folder / f'{part}.jsonl'}]" for part in ("train", "dev")]
        found = (_network if system == "network" else _baseline)(system, folder, test, [*data, *overrides])
        partial = done.with_suffix(".part")
        jsonl.write([one.with_spans(spans) for one, spans in zip(test, found, strict=True)], partial)
        partial.rename(done)
    return read_documents(done)


def _baseline(system: str, folder: Path, test: list[Document], overrides: list[str]) -> list[list[CueSpan]]:
    config = load_config(RECIPE, [*overrides, f"baseline={system}"])
    baseline = make_baseline(config, read_cues(Path(config.cues)))
    baseline.fit(*(read_documents(folder / f"{part}.jsonl") for part in ("train", "dev")))
    return baseline.predict(test)


def _network(system: str, folder: Path, test: list[Document], overrides: list[str]) -> list[list[CueSpan]]:
    config: Config = load_config(RECIPE, [*overrides, f"output={folder / 'run'}"])
    if not (folder / "model" / "framing.json").exists():
        if not (folder / "run" / "best" / "model.safetensors").exists():
            fit(config, resume=(folder / "run" / "config.yaml").exists())
        export(folder / "run", folder / "model")
    return [list(scored.spans) for scored in framing.load(folder / "model").score_many(test)]


def macro(folder: Path, predicted: list[Document]) -> float:
    """Give macro F1 of a fold: the mean over biased and not biased."""
    gold = read_documents(folder / "test.jsonl")
    spans = [[document.spans for document in part] for part in (gold, predicted)]
    counts = sentence_counts(["all"] * len(gold), *spans, ["biased"], [1] * len(gold))
    return float(macro_f1(counts[0]))


def main() -> None:
    """Print a Markdown table with a row a system and write `figures.json`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="final_labels_SG2.csv")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="of configs/babe.yaml, for the network")
    given = parser.parse_args()
    write_splits(given.corpus, given.output)
    folders = sorted(given.output.glob("fold-*"))
    figures = {}
    print("| system | macro F1, mean (standard deviation) | folds |\n| --- | --- | --- |")
    for system in given.systems:
        found = [macro(folder, predictions(system, folder, given.overrides)) for folder in folders]
        figures[system] = found
        mean, deviation = statistics.mean(found), statistics.stdev(found)
        print(f"| {system} | {mean:.3f} ({deviation:.3f}) | {', '.join(f'{one:.3f}' for one in found)} |", flush=True)
    print("| published (Spinde et al. 2021) | 0.80 | - |")
    (given.output / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

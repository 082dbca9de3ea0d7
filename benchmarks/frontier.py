"""Size, speed and F1 of smaller and larger networks: `make bench-frontier` (run again, it goes on).

Each size is a MiniLM-L6 with the first so many layers and the word pieces that news uses most (`framing shrink`),
taught by the default recipe with `PASSAGES` passages for `EPOCHS` epochs, one seed, and exported in int8. That is less
than the default model learns, so the sizes compare with each other and not with it. Words a second are those of
`score_many` on one thread, exhaustive, the fastest of `ROUNDS` rounds in turn.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from stages import ROUNDS

import framing
from framing.io.inputs import read_inputs
from framing.profile import count_words
from framing.spans import Document
from training.config import load_config
from training.export import export
from training.several import figures, finish
from training.shrink import shrink

PASSAGES, EPOCHS, ARTICLES = 3000, 2, 40


@dataclass(frozen=True, slots=True)
class Size:
    """A size of the network; no number of word pieces keeps all 30,522."""

    layers: int
    pieces: int | None

    def __str__(self) -> str:
        return f"{self.layers}, {self.pieces or 30522:,}"


SIZES = (Size(6, None), *(Size(layers, 14000) for layers in (6, 5, 4, 3, 2, 1)), Size(5, 7000))
SHIPPED = Size(5, 14000)
MARKS = {None: "s", 14000: "o", 7000: "^"}


def news(path: Path) -> Iterator[Document]:
    """Read the articles."""
    return (one for one in read_inputs([str(path)], sys.stdin.buffer) if isinstance(one, Document))


def cut(pieces: int | None, given: argparse.Namespace) -> str:
    """Give MiniLM with so many word pieces, the most frequent ones of the news."""
    if pieces is None:
        return "minilm"
    folder: Path = given.output / f"pieces-{pieces}"
    if not (folder / "config.json").exists():
        shrink(news(given.news), folder, vocabulary=pieces)
    return str(folder)


def make(size: Size, given: argparse.Namespace) -> Path:
    """Give the exported model of a size; trains it first where it isn't there."""
    folder = given.output / f"{size.layers}-{size.pieces or 'all'}"
    model: Path = folder / "model"
    if not (model / "framing.json").exists():
        encoder = folder / "encoder"
        if not (encoder / "config.json").exists():
            shrink([], encoder, encoder=cut(size.pieces, given), layers=size.layers)
        config = load_config(
            Path("configs/default.yaml"),
            [
                f"output={folder / 'run'}",
                f"model.encoder={encoder}",
                f"data.train=[{given.corpus / 'train.jsonl'}]",
                f"data.dev=[{given.corpus / 'dev.jsonl'}]",
                f"data.train_limit={PASSAGES}",
                f"training.epochs={EPOCHS}",
            ],
        )
        run = finish(config, resume=True)
        (folder / "alone.json").write_text(json.dumps(figures(run)), encoding="utf-8")
        export(folder / "run", model)
    return model


def speeds(models: dict[Size, Path], articles: list[Document]) -> dict[Size, float]:
    """Give each model's words a second."""
    words = sum(count_words(article.text) for article in articles)
    least = dict.fromkeys(models, float("inf"))
    for _ in range(ROUNDS):
        for size, folder in models.items():
            scorer = framing.load(folder, threads=1)
            begun = time.perf_counter()
            list(scorer.score_many(articles))
            least[size] = min(least[size], time.perf_counter() - begun)
    return {size: words / seconds for size, seconds in least.items()}


def row(folder: Path) -> dict[str, Any]:
    """Read what is known of a size."""
    dev = json.loads((folder / "framing.json").read_text(encoding="utf-8"))["figures"]["dev"]
    alone = json.loads((folder.parent / "alone.json").read_text(encoding="utf-8"))
    return {
        "megabytes": sum(path.stat().st_size for path in folder.iterdir()) / 1e6,
        "strict": dev["cross_fitted"]["strict"],
        "overlap": dev["cross_fitted"]["overlap"],
        "alone": alone["strict_f1"],
    }


def plot(rows: dict[Size, dict[str, Any]], path: Path) -> None:
    """Draw F1 over words a second and over megabytes; a mark for the word pieces, a number for the layers."""
    with mpl.rc_context({"svg.hashsalt": "framing", "svg.fonttype": "none"}):
        figure = Figure(figsize=(8.4, 4.2), layout="constrained")
        panels = figure.subplots(1, 2, sharey=True)
        for axes, key, label in zip(
            panels, ("words", "megabytes"), ("words a second, one thread", "megabytes of the folder"), strict=True
        ):
            for score, name, colour in (
                ("strict", "with the rules, as exported", "#0072b2"),
                ("alone", "network alone", "#d55e00"),
            ):
                for pieces, mark in MARKS.items():
                    part = {size: one for size, one in rows.items() if size.pieces == pieces}
                    height = [one[score][0] if score == "strict" else one[score] for one in part.values()]
                    across = [one[key] for one in part.values()]
                    axes.plot(
                        across, height, mark + "-", color=colour, label=f"{name}, {pieces or 30522:,} word pieces"
                    )
                    for size, x, y in zip(part, across, height, strict=True):
                        shown = {"xytext": (0, 7 if pieces else -13), "textcoords": "offset points", "ha": "center"}
                        weight = "bold" if size == SHIPPED else "normal"
                        axes.annotate(str(size.layers), (x, y), fontsize=9, fontweight=weight, **shown)
            axes.set_xlabel(label)
            axes.set_xlim(0, 1.08 * max(one[key] for one in rows.values()))
            axes.grid(alpha=0.3)
        panels[0].set_ylabel("strict micro F1 on dev")
        panels[0].margins(y=0.1)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8)
        figure.suptitle("Numbers are layers; the shipped size is bold", fontsize=10)
        figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Train what isn't there yet, time all, print the table and draw the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the cue corpus")
    parser.add_argument("news", type=Path, help="articles that tell which word pieces are frequent, and that are timed")
    parser.add_argument("output", type=Path, help="the folder of the runs")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    models = {size: make(size, given) for size in SIZES}
    rows = {size: row(folder) for size, folder in models.items()}
    for size, words in speeds(models, list(itertools.islice(news(given.news), ARTICLES))).items():
        rows[size]["words"] = words
    print(f"{PASSAGES} passages, {EPOCHS} epochs; strict and overlap micro F1 on dev, calibration cross-fitted")
    print("| layers, word pieces | folder | words/s | strict | overlap | network alone, strict |")
    print("| --- | --- | --- | --- | --- | --- |")
    for size, one in rows.items():
        strict, overlap = ("{:.3f} [{:.3f}, {:.3f}]".format(*one[key]) for key in ("strict", "overlap"))
        shown = f"{one['megabytes']:.1f} MB | {one['words']:,.0f} | {strict} | {overlap} | {one['alone']:.3f}"
        print(f"| {size} | {shown} |")
    plot(rows, given.output / "frontier.svg")
    print(f"the plot: {given.output / 'frontier.svg'}")


if __name__ == "__main__":
    main()

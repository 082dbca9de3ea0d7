"""Coverage of the 95% intervals of `framing estimate` by simulation on real predictions: `make bench-intervals`.

The shipped model scores a labelled file, whose articles are taken for the world. Each round draws an archive of
articles from it with replacement and labels some of them at random; an interval covers if the rate of the whole file
is in it. On dev the model's thresholds were chosen, and its temperatures fitted: the naive figures are at their best
there, and the corrected ones ask nothing of the model.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

import framing
from framing.estimate.classical import rogan_gladen
from framing.estimate.powered import Articles, Fit, gold_alone, naive, powered
from framing.evaluate.columns import FloatArray
from framing.evaluate.evaluation import cluster_of
from framing.evaluate.inputs import read_gold
from framing.evaluate.spans import span_counts

METHODS = ("naive", "gold alone", "Rogan-Gladen", "corrected")


def score(path: Path) -> tuple[list[str], FloatArray, FloatArray, FloatArray, list[np.ndarray]]:
    """Give the cues, [records, cues + 1, 3] gold, found and matched, [.., cues + 1] expected, words, and articles."""
    gold = read_gold(str(path))
    scorer = framing.load(threads=1)
    cues = [cue.name for cue in scorer.cues]
    scored = list(scorer.score_many(gold))
    counts = span_counts([one.spans for one in gold], [one.spans for one in scored], cues, strict=False)
    hoped = np.array([[one.profile["cues"][cue]["expected"] for cue in cues] for one in scored])
    counts = np.concatenate((counts, counts.sum(axis=1, keepdims=True)), axis=1)
    hoped = np.concatenate((hoped, hoped.sum(axis=1, keepdims=True)), axis=1)
    _, owner = np.unique([cluster_of(one) for one in gold], return_inverse=True)
    articles = [np.flatnonzero(owner == number) for number in range(owner.max() + 1)]
    return [*cues, "all"], counts, hoped, np.array([one.profile["words"] / 1000 for one in scored]), articles


def fits(articles: Articles, hoped: FloatArray, matched: FloatArray) -> dict[str, Fit | None]:
    """Give what each method says; None where it says nothing."""
    known = articles.labelled
    soft = Articles(articles.size, hoped, articles.gold, known, articles.cluster)
    there = bool(articles.gold[known].any())
    return {
        "naive": naive(articles),
        "gold alone": gold_alone(articles) if there else None,
        "Rogan-Gladen": rogan_gladen(articles, articles.take(known), matched[known], share=False),
        "corrected": powered(soft) if there else None,
    }


def main(path: Path, rounds: int, size: int, labels: list[int]) -> None:
    """Print a table for each number of labelled articles."""
    start = time.process_time()
    cues, counts, hoped, words, groups = score(path)
    truth = counts[..., 0].sum(axis=0) / words.sum()
    print(f"{path.name}: {len(words):,} records of {len(groups):,} articles; archives of {size:,}; {rounds:,} rounds")
    outside = []
    for number in labels:
        random = np.random.default_rng(number)
        covered, wide = defaultdict(list), defaultdict(list)
        for _ in range(rounds):
            drawn = random.integers(0, len(groups), size)
            rows = np.concatenate([groups[one] for one in drawn])
            owner = np.repeat(np.arange(size), [len(groups[one]) for one in drawn])
            for cue, name in enumerate(cues):
                gold, found, matched = counts[rows, cue].T
                given = Articles(words[rows], found, gold, owner < number, owner)
                for method, fit in fits(given, hoped[rows, cue], matched).items():
                    if fit is not None:
                        shown = fit.rate()
                        covered[method, name].append(shown.low <= truth[cue] <= shown.high)
                        wide[method, name].append((shown.high - shown.low) / truth[cue])
        print(f"\n{number} labelled: coverage of the 95% interval, and its median width as a share of the rate")
        print("| cue | gold cues in the sample | " + " | ".join(METHODS) + " |")
        print("| --- |" + " --- |" * (len(METHODS) + 1))
        for cue, name in enumerate(cues):
            cells = []
            for method in METHODS:
                hits = covered[method, name]
                lost = f", n/a in {rounds - len(hits)}" if len(hits) < rounds else ""
                cells.append(f"{np.mean(hits):.3f} ({np.median(wide[method, name]):.2f}{lost})")
                if method == "corrected" and not 0.93 <= np.mean(hits) <= 0.97:
                    outside.append(f"{name} with {number}: {np.mean(hits):.3f}")
            mean = counts[:, cue, 0].sum() / len(groups) * number
            print(f"| {name} | {mean:.0f} | " + " | ".join(cells) + " |", flush=True)
    print(f"\nMonte Carlo error of a coverage of 0.95: {(0.95 * 0.05 / rounds) ** 0.5:.4f}")
    print(f"corrected, outside 0.93 to 0.97: {'; '.join(outside) or 'none'}")
    print(f"{time.process_time() - start:.0f} s of processor time")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--size", type=int, default=2000)
    parser.add_argument("--labels", type=int, nargs="+", default=[100, 200, 400])
    given = parser.parse_args()
    main(given.path, given.rounds, given.size, given.labels)

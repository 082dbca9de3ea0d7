"""What choosing passages saves against taking them at random: `make bench-active CORPUS=../shared/corpus`.

The training part plays the pool: labels are hidden until a strategy asks for them. Each round trains a linear token
model on what is labelled, chooses the next batch by `training.acquisition` (the strategies of `framing select`) and is
scored on dev. The pool was drawn by surface patterns and by an earlier model's doubt, so that random choice is stronger
here than on news as it is printed.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy

from framing.cues import CODEBOOK
from framing.decode import FloatArray, UnitProbabilities, decode, encode_spans
from framing.evaluate.spans import count, micro
from framing.features import features
from framing.io.jsonl import read_documents
from framing.quotations import quotations
from framing.spans import Document
from framing.text import units
from framing.tokens import TokenizedText
from training import acquisition

START: Final = 500
BATCH: Final = 500
MOST: Final = 4000
SEEDS: Final = (0, 1, 2)
STRATEGIES: Final = ("random", "uncertainty", "diverse")
HASHES: Final = 2**17
EPOCHS, UNITS, RATE = 4, 256, 0.2
NEAR: Final = 3
THINNED: Final = 4
LABELS: Final = [cue.name for cue in CODEBOOK]
_NONE: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Part:
    """Passages with what the learner sees of them.

    Attributes:
        documents: the passages.
        texts: their units and quotations.
        words: for each its units in lower case.
        rows: [units of all, features] hashes of what the learner sees of each unit.
        tags: [units of all, types] the gold.
        near: [units of all] whether a cue is at most `NEAR` units away.
        edges: [passages + 1] where each one's units begin.
    """

    documents: list[Document]
    texts: list[TokenizedText]
    words: list[list[str]]
    rows: NDArray[np.int64]
    tags: NDArray[np.int64]
    near: NDArray[np.bool_]
    edges: NDArray[np.int64]

    @classmethod
    def read(cls, path: Path) -> Part:
        """Read labelled passages."""
        documents = read_documents(path)
        texts, words, described, tags = [], [], [], []
        for document in documents:
            ranges, quotes = units(document.text), quotations(document.text)
            texts.append(TokenizedText(document.text, quotes, ranges, _NONE, _NONE, _NONE, []))
            raw = [document.text[start:end] for start, end in ranges]
            words.append([word.lower() for word in raw])
            surface = features(document.text, ranges, quotes, rules=False)[:, 0]
            described += describe(words[-1], surface.tolist())
            tags.append(np.stack([encode_spans(document.spans, ranges, label)[0] for label in LABELS], axis=1))
        table = np.concatenate(tags)
        near = np.convolve(table.any(axis=1), np.ones(2 * NEAR + 1), "same") > 0
        edges = np.cumsum([0, *map(len, words)])
        return cls(documents, texts, words, np.array(described), table, near, edges)

    def units_of(self, passages: list[int]) -> NDArray[np.int64]:
        """Give the rows of some passages."""
        return np.concatenate([np.arange(self.edges[index], self.edges[index + 1]) for index in passages])


def describe(words: list[str], surface: list[int]) -> list[list[int]]:
    """Hash each unit's features: the words and surfaces around it, its affixes."""
    w = ["<<", "<", *words, ">", ">>"]
    s = [-1, -1, *surface, -1, -1]
    return [
        [
            zlib.crc32(f"{place}{name}".encode()) % HASHES
            for place, name in enumerate(
                (
                    w[i],
                    w[i][:3],
                    w[i][:4],
                    w[i][-3:],
                    w[i][-4:],
                    s[i],
                    (s[i - 1], s[i]),
                    (s[i], s[i + 1]),
                    w[i - 1],
                    w[i - 2],
                    w[i + 1],
                    w[i + 2],
                    (w[i - 1], w[i]),
                    (w[i], w[i + 1]),
                    (w[i - 2], w[i - 1]),
                    (w[i - 1], s[i]),
                )
            )
        ]
        for i in range(2, len(words) + 2)
    ]


class Learner:
    """A linear token model: a multinomial logistic regression a type over hashed features, all trained together."""

    def __init__(self, seed: int) -> None:
        """Take the seed of the order of updates."""
        self.seed = seed
        self.weights = nn.EmbeddingBag(HASHES, 3 * len(LABELS), mode="sum", sparse=True)
        nn.init.zeros_(self.weights.weight)

    def fit(self, part: Part, passages: list[int]) -> Learner:
        """Learn from these passages' labels; of units far from any cue a share is seen, weighted up for the rest."""
        chosen = part.units_of(passages)
        near = part.near[chosen]
        kept = near | (np.random.default_rng(self.seed).random(len(near)) < 1 / THINNED)
        rows, tags = torch.from_numpy(part.rows[chosen[kept]]), torch.from_numpy(part.tags[chosen[kept]])
        weight = torch.from_numpy(np.where(near[kept], 1.0, THINNED).astype(np.float32))
        order = torch.Generator().manual_seed(self.seed)
        adagrad = torch.optim.Adagrad(self.weights.parameters(), lr=RATE)
        for _ in range(EPOCHS):
            for batch in torch.randperm(len(rows), generator=order).split(UNITS):
                adagrad.zero_grad()
                logits = self.weights(rows[batch]).view(-1, len(LABELS), 3)
                losses = cross_entropy(logits.flatten(0, 1), tags[batch].flatten(), reduction="none")
                (losses.view(-1, len(LABELS)).sum(dim=1) * weight[batch]).mean().backward()
                adagrad.step()
        return self

    @torch.inference_mode()
    def probabilities(self, part: Part) -> FloatArray:
        """Give [units of all, types, 3]."""
        rows = torch.from_numpy(part.rows)
        return torch.cat([self.weights(some).view(-1, len(LABELS), 3).softmax(-1) for some in rows.split(8192)]).numpy()


def strict_f1(learner: Learner, part: Part) -> float:
    """Score a learner: strict micro F1."""
    table = learner.probabilities(part)
    found = []
    for text, (start, end) in zip(part.texts, itertools.pairwise(part.edges), strict=True):
        voices = np.full((end - start, 3), 1 / 3, dtype=np.float32)
        found.append(decode(text, UnitProbabilities(table[start:end], voices), CODEBOOK, [0.5] * len(LABELS)))
    return micro(count([document.spans for document in part.documents], found, LABELS, strict=True).values()).f1


def order(strategy: str, learner: Learner, pool: Part, hidden: list[int], seed: int) -> Iterator[int]:
    """Give places in `hidden` in the order in which a strategy would have them labelled."""
    if strategy == "random":
        return acquisition.at_random(len(hidden), seed)
    doubts = acquisition.entropy(learner.probabilities(pool))
    parts = [doubts[pool.edges[index] : pool.edges[index + 1]] for index in hidden]
    values = [acquisition.usefulness(part) for part in parts]
    if strategy == "uncertainty":
        return acquisition.most_useful(values)
    words = (acquisition.doubtful_words(pool.words[index], part) for index, part in zip(hidden, parts, strict=True))
    return acquisition.farthest_first(acquisition.vectors(words, values), values)


def curve(strategy: str, pool: Part, dev: Part, seed: int) -> list[Round]:
    """Label the pool batch by batch."""
    texts = [document.text for document in pool.documents]
    seen, labelled, rounds = acquisition.Seen(), [], []
    hidden = list(range(len(texts)))
    places: Iterable[int] = acquisition.at_random(len(hidden), seed)
    for number in range(START, MOST + 1, BATCH):
        new = list(acquisition.take(places, [texts[index] for index in hidden], number - len(labelled), seen))
        labelled += [hidden[place] for place in new]
        hidden = sorted(set(hidden) - set(labelled))
        learner = Learner(seed).fit(pool, labelled)
        words = int(sum(len(pool.words[index]) for index in labelled))
        spans = sum(len(pool.documents[index].spans) for index in labelled)
        rounds.append(Round(len(labelled), words, spans, strict_f1(learner, dev)))
        print(f"{strategy} seed {seed}: {rounds[-1]}", file=sys.stderr, flush=True)
        places = order(strategy, learner, pool, hidden, seed + number)
    return rounds


@dataclass(frozen=True, slots=True)
class Round:
    """What was labelled so far, and what a learner makes of it on dev."""

    passages: int
    words: int
    spans: int
    f1: float


def needed(rounds: list[Round], goal: float, cost: str) -> float:
    """Give the labels (or words) at which a curve first reaches a figure, between rounds on a line; inf if never."""
    for before, after in itertools.pairwise(rounds):
        if before.f1 >= goal:
            return float(getattr(before, cost))
        if after.f1 >= goal:
            share = (goal - before.f1) / (after.f1 - before.f1)
            return float(getattr(before, cost) + share * (getattr(after, cost) - getattr(before, cost)))
    return float("inf")


def main(folder: Path) -> None:
    """Run every strategy with every seed; print the curves and what each needs to reach the end of random choice."""
    torch.set_num_threads(1)
    torch.sparse.check_sparse_tensor_invariants.disable()
    start = time.process_time()
    pool, dev = Part.read(folder / "train.jsonl"), Part.read(folder / "dev.jsonl")
    curves: dict[str, list[list[Round]]] = {name: [] for name in STRATEGIES}
    for seed, name in itertools.product(SEEDS, STRATEGIES):
        curves[name].append(curve(name, pool, dev, seed))
    print(f"pool {len(pool.documents)} passages; strict micro F1 on dev, mean and sd of {len(SEEDS)} seeds")
    print(f"{'passages':>9}" + "".join(f"{name:>18}" for name in STRATEGIES))
    for place, number in enumerate(range(START, MOST + 1, BATCH)):
        scores = [[rounds[place].f1 for rounds in curves[name]] for name in STRATEGIES]
        print(
            f"{number:>9}"
            + "".join(f"{statistics.mean(some):>10.3f} ± {statistics.stdev(some):.3f}" for some in scores)
        )
    goal = statistics.mean(rounds[-1].f1 for rounds in curves["random"])
    print(f"to reach {goal:.3f}, where random choice ends:")
    for name in STRATEGIES[1:]:
        for cost in ("passages", "words"):
            whole = statistics.mean(getattr(rounds[-1], cost) for rounds in curves["random"])
            shares = [needed(rounds, goal, cost) / whole for rounds in curves[name]]
            spread = f" ± {statistics.stdev(shares):.2f}" if max(shares) < float("inf") else ""
            print(f"  {name}: {statistics.mean(shares):.2f}{spread} of its {cost}")
    for name in STRATEGIES:
        last = [rounds[-1] for rounds in curves[name]]
        words, spans = (statistics.mean(getattr(end, cost) / MOST for end in last) for cost in ("words", "spans"))
        print(f"  {name}: {words:.1f} words and {spans:.2f} spans a passage")
    print(f"{time.process_time() - start:.0f} s of processor time")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

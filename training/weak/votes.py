"""From spans to votes: what each function of a label says of each unit, cut into the runs in which any of them speaks.

Where no function votes, every label model takes a unit to be outside, so that runs can be weighed one by one, and equal
runs once: a corpus of any size becomes a table of distinct runs with their numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from framing.decode import encode_spans
from framing.spans import CueSpan, Document
from framing.text import IntArray, units
from training.weak.functions import LabellingFunction

Votes = NDArray[np.int8]
"""[units, functions of one label] tags: 0 says nothing, 1 a span begins, 2 it goes on."""


@dataclass(slots=True)
class Tally:
    """The votes on one label in a whole corpus.

    Attributes:
        functions: the label's functions, in the order of the columns.
        runs: distinct runs of votes, as bytes that `run` reads, with their numbers.
        units: all units of the corpus.
        lost: votes that tags can't hold: no word under them, or an overlap with a longer vote of the same function.
    """

    functions: Sequence[LabellingFunction]
    runs: Counter[bytes] = field(default_factory=Counter)
    units: int = 0
    lost: int = 0

    def run(self, key: bytes) -> Votes:
        """Read a run's votes."""
        return np.frombuffer(key, dtype=np.int8).reshape(-1, len(self.functions))

    def add(self, votes: Votes) -> None:
        """Count the runs of a document."""
        self.units += len(votes)
        self.runs.update(votes[first:last].tobytes() for first, last in runs_of(votes))


@dataclass(frozen=True, slots=True)
class Ballot:
    """A document with its votes by label, and the spans behind them by function name."""

    document: Document
    units: IntArray
    votes: dict[str, Votes]
    spans: dict[str, list[CueSpan]]
    lost: dict[str, int]


def by_label(functions: Sequence[LabellingFunction]) -> dict[str, list[LabellingFunction]]:
    """Sort functions by label, both in the order in which they came."""
    found: dict[str, list[LabellingFunction]] = {}
    for function in functions:
        found.setdefault(function.label, []).append(function)
    return found


def ask(document: Document, functions: Sequence[LabellingFunction]) -> dict[str, list[CueSpan]]:
    """Give every function's spans, by name; the document's own labels are not shown to them."""
    unlabelled = document.with_spans(())
    return {function.name: function(unlabelled) for function in functions}


def cast(
    document: Document, functions: Sequence[LabellingFunction], spans: dict[str, list[CueSpan]] | None = None
) -> Ballot:
    """Write the functions' spans, asked for unless they are given, as votes on the document's units."""
    spans = ask(document, functions) if spans is None else spans
    ranges = units(document.text)
    votes, lost = {}, {}
    for label, group in by_label(functions).items():
        table = np.zeros((len(ranges), len(group)), dtype=np.int8)
        lost[label] = 0
        for column, function in enumerate(group):
            if spans[function.name]:
                table[:, column], left_out = encode_spans(spans[function.name], ranges, label)
                lost[label] += len(left_out)
        votes[label] = table
    return Ballot(document, ranges, votes, spans, lost)


def runs_of(votes: Votes) -> Iterator[tuple[int, int]]:
    """Give the half-open unit ranges of the longest stretches in which every unit has a vote."""
    spoken = np.concatenate(([0], votes.any(axis=1).astype(np.int8), [0]))
    edges = np.flatnonzero(np.diff(spoken)).tolist()
    yield from zip(edges[::2], edges[1::2], strict=True)


def tally(ballots: Iterable[Ballot], functions: Sequence[LabellingFunction]) -> dict[str, Tally]:
    """Count the votes of a stream of ballots, label by label, in memory that grows with the distinct runs alone."""
    tallies = {label: Tally(group) for label, group in by_label(functions).items()}
    for ballot in ballots:
        for label, votes in ballot.votes.items():
            tallies[label].add(votes)
            tallies[label].lost += ballot.lost[label]
    return tallies

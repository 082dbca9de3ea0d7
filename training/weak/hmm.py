"""The label model: a hidden Markov model over the units of a text, learnt from votes alone.

The method is that of Lison, Barnes, Hubin and Touileb (2020, ACL, https://aclanthology.org/2020.acl-main.139) and of
their skweak (2021, https://aclanthology.org/2021.acl-demo.40): states are the true tags, functions emit tags by the
state, a unit can have only a tag that some function votes for, and Baum-Welch starts from counts by the functions'
weights. Our types overlap, so that each label has a model of its own.

skweak 0.3.3 itself runs under Python 3.11 (with spaCy 3.8, hmmlearn 0.3.3 and numpy 2.4) but is not used: it installs
54 packages, spaCy, pandas and hmmlearn among them, which training needs for nothing else; it makes a spaCy `Doc` and a
data frame of every text and keeps them all; it takes minutes where distinct runs take a second (benchmarks/RESULTS.md);
and it gives probabilities by word, not by span. Here functions are narrow (a rule a word) and their false alarms are
whole phrases, so that three things differ:

- a function that is silent in a run abstains there, unless it says that it is exhaustive; by word, thirty silent rules
  would outvote the one that speaks;
- what is counted are events: a true span's beginning is tagged as such, late, or passed over; a span is left early, or
  held too long; a false one begins. A long false alarm is one event, and so no surer than a short one;
- where no other function speaks, a function is worth what its author guessed, since nothing in the data can tell.

Functions that know the same words are no independent witnesses. Where they agree the model is too sure, as all models
of this kind are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.decode import BEGIN, INSIDE, OUTSIDE
from training.weak.votes import Tally, Votes

Array = NDArray[np.float64]
SpanProbability = tuple[int, int, float]
"""First unit, unit after the last, and probability of exactly that span."""

ITERATIONS: Final = 20
TOLERANCE: Final = 1e-3
GUESS_WEIGHT: Final = 1.0
"""A function's guessed precision counts so much beside what the data say of its spans, unless it is exhaustive."""

_LEAST: Final = 1e-9
# Short votes within longer ones are the common mistake, and the codebook takes the longer.
_BEGIN_START: Final = np.array([0.25, 1.0, 0.05])  # what a function says at a cue's first word, by its own true spans
_BEGIN_PRIOR: Final = np.array([0.1, 0.1, 0.05])
_END_PRIOR: Final = np.array([1.8, 0.2])
_GOES_ON_PRIOR: Final = np.array([0.2, 1.8])


class _Emissions(NamedTuple):
    """What functions say of each state; F functions.

    Attributes:
        false: [F] probability that a false span begins at a unit outside.
        begin: [F, 3] of each tag at the first unit of a true span; the rest to 1 is silence.
        early: [F] probability that a function that is in a span leaves it although the cue goes on.
        over: [F] probability that a function goes on at the unit behind a true span's end.
    """

    false: Array
    begin: Array
    early: Array
    over: Array


class HiddenMarkovModel:
    """Weighs the votes on one label.

    Attributes:
        density: probability that a cue begins at a unit.
        goes_on: probability that a cue goes on where some function says so.
    """

    def __init__(self, tally: Tally) -> None:
        """Learn from a corpus's votes.

        Args:
            tally: the votes on one label.
        """
        self.functions = tally.functions
        self.guess = np.array([function.precision for function in tally.functions])
        self.exhaustive = np.array([function.exhaustive for function in tally.functions])
        # What silence says is in the data; where it says nothing, the guess is worth as much as the function's spans.
        self.share = np.where(self.exhaustive, 1.0, 1 / (1 + GUESS_WEIGHT))
        self.units = max(tally.units, 1)
        by_length: dict[int, list[tuple[Votes, int]]] = defaultdict(list)
        for key, number in tally.runs.items():
            run = tally.run(key)
            by_length[len(run)].append((run, number))
        batches = [
            (np.stack([run for run, _ in group]), np.array([number for _, number in group], dtype=np.float64))
            for _, group in sorted(by_length.items())
        ]
        self._start(batches)
        for _ in range(ITERATIONS if batches else 0):
            before = self.emissions
            self._step(batches)
            if max(np.abs(old - new).max() for old, new in zip(before, self.emissions, strict=True)) < TOLERANCE:
                break
        self.spans = lru_cache(maxsize=10_000)(self._spans)

    def _start(self, batches: Sequence[tuple[Votes, Array]]) -> None:
        """Take every function at its author's word, and a run for a cue unless all that speak in it are wrong."""
        self.votes = np.zeros(len(self.guess))
        cues = 0.0
        for runs, numbers in batches:
            self.votes += (numbers[:, None, None] * (runs == BEGIN)).sum((0, 1))
            wrong = np.where((runs > 0).any(1), 1 - self.guess, 1.0).prod(-1)
            cues += float((numbers * (1 - wrong)).sum())
        right = self.votes * self.guess
        begin = right[:, None] * _BEGIN_START
        ends = np.zeros((len(self.guess), 2))
        self.goes_on = float(_GOES_ON_PRIOR[1] / _GOES_ON_PRIOR.sum())
        self._set(cues, self.votes - right, begin, ends, ends)

    def _set(self, cues: float, false: Array, begin: Array, early: Array, over: Array) -> None:
        """Turn expected counts into probabilities."""
        cues = max(cues, 1.0, float(begin.sum(axis=1).max()))  # with guesses, one may begin more cues than were counted
        self.density = min(0.5, cues / self.units)
        early, over = early + _END_PRIOR, over + _END_PRIOR
        self.emissions = _Emissions(
            false=np.clip(false / self.units, _LEAST, 0.5),
            begin=np.clip((begin + _BEGIN_PRIOR) / cues, _LEAST, 1 - _LEAST),
            early=early[:, 1] / early.sum(1),
            over=over[:, 1] / over.sum(1),
        )

    def _potentials(self, runs: Votes) -> Array:
        """Give log-potentials [runs, units + 1, state before, state]; the last step leads behind the run."""
        count, length, functions = runs.shape
        tags = np.concatenate((runs, np.zeros((count, 1, functions), dtype=np.int8)), axis=1)
        speaks = (runs > 0).any(axis=1, keepdims=True)
        place = np.arange(functions)
        said = self.emissions
        false = np.where(tags == BEGIN, np.log(said.false), 0.0)
        opened = _open(tags)
        over = np.where(opened, np.where(tags == INSIDE, np.log(said.over), np.log1p(-said.over)), 0.0)
        early = np.where(opened, np.where(tags == INSIDE, np.log1p(-said.early), np.log(said.early)), 0.0)
        silence = np.log(np.clip(1 - said.begin.sum(1), 1e-3, 1.0)) * self.exhaustive
        begin = np.where(speaks, np.log(said.begin)[place, tags], silence).sum(-1)
        inside = early.sum(-1)
        outside = false.sum(-1)
        behind = np.where(tags == BEGIN, false, over).sum(-1)
        may_begin, may_go_on = (tags == BEGIN).any(-1), (tags == INSIDE).any(-1)
        begins, stays = np.log(self.density), np.log1p(-self.density)
        stops = np.where(may_go_on, np.log1p(-self.goes_on), 0.0)
        steps = np.full((count, length + 1, 3, 3), -np.inf)
        steps[:, :, OUTSIDE, OUTSIDE] = stays + outside
        steps[:, :, OUTSIDE, BEGIN] = np.where(may_begin, begins + begin, -np.inf)
        for before in (BEGIN, INSIDE):
            steps[:, :, before, OUTSIDE] = stops + stays + behind
            steps[:, :, before, BEGIN] = np.where(may_begin, stops + begins + begin, -np.inf)
            steps[:, :, before, INSIDE] = np.where(may_go_on, np.log(self.goes_on) + inside, -np.inf)
        return steps

    def _step(self, batches: Sequence[tuple[Votes, Array]]) -> None:
        """Run one iteration of Baum-Welch."""
        functions = len(self.guess)
        begin, early, over = np.zeros((functions, 3)), np.zeros((functions, 2)), np.zeros((functions, 2))
        false, cues, went_on = np.zeros(functions), 0.0, np.zeros(2)
        for runs, numbers in batches:
            steps = self._potentials(runs)
            ahead, behind = _forward(steps), _backward(steps)
            total = ahead[:, -1, OUTSIDE, None, None, None]
            pairs = np.exp(ahead[:, :-1, :, None] + steps + behind[:, 1:, None, :] - total)
            pairs *= numbers[:, None, None, None]
            states = pairs.sum(2)
            tags = np.concatenate((runs, np.zeros_like(runs[:, :1])), axis=1)
            speaks = (runs > 0).any(axis=1, keepdims=True)
            for tag in (OUTSIDE, BEGIN, INSIDE):
                begin[:, tag] += np.einsum("nt,ntf->f", states[:, :, BEGIN], (tags == tag) & speaks)
            false += np.einsum("nt,ntf->f", states[:, :, OUTSIDE], tags == BEGIN)
            ended = pairs[:, :, BEGIN:, OUTSIDE].sum(2)
            for column, goes_on in enumerate((tags == INSIDE, tags != INSIDE)):
                early[:, column] += np.einsum("nt,ntf->f", states[:, :, INSIDE], _open(tags) & goes_on)
                over[:, 1 - column] += np.einsum("nt,ntf->f", ended, _open(tags) & goes_on)
            choice = (tags == INSIDE).any(-1)
            after = pairs[:, :, BEGIN:, :].sum(2)
            went_on += (after[:, :, :INSIDE].sum(-1) * choice).sum(), (after[:, :, INSIDE] * choice).sum()
            cues += float(states[:, :, BEGIN].sum())
        begin[:, BEGIN] = self.share * begin[:, BEGIN] + (1 - self.share) * self.votes * self.guess
        false = self.share * false + (1 - self.share) * self.votes * (1 - self.guess)
        went_on += _GOES_ON_PRIOR
        self.goes_on = float(went_on[1] / went_on.sum())
        self._set(cues, false, begin, early, over)

    def _spans(self, key: bytes, least: float) -> tuple[SpanProbability, ...]:
        """Give the spans of a run (its votes as bytes) whose probability is at least `least`, in order."""
        run = np.frombuffer(key, dtype=np.int8).reshape(1, -1, len(self.guess))
        steps = self._potentials(run)
        ahead, behind = _forward(steps)[0], _backward(steps)[0]
        steps, total = steps[0], ahead[-1, OUTSIDE]
        found = []
        for first in range(run.shape[1]):
            weight = np.logaddexp.reduce(ahead[first] + steps[first, :, BEGIN]) - total
            state = BEGIN
            for last in range(first + 1, run.shape[1] + 1):
                if weight + behind[last, state] < np.log(least):
                    break  # a longer one is part of the mass that began here
                ends = np.logaddexp.reduce((steps[last, state] + behind[last + 1])[:INSIDE])
                probability = min(1.0, float(np.exp(weight + ends)))
                if probability >= least:
                    found.append((first, last, probability))
                weight, state = weight + steps[last, state, INSIDE], INSIDE
        return tuple(found)


def _open(tags: Votes) -> NDArray[np.bool_]:
    """Tell at which units [runs, units, functions] a function was in a span one unit before."""
    return np.concatenate((np.zeros_like(tags[:, :1]), tags[:, :-1]), axis=1) > 0


def _forward(steps: Array) -> Array:
    """Give log-probabilities [runs, units + 2, state] of what has been said up to each unit; outside before the run."""
    ahead = np.full((len(steps), steps.shape[1] + 1, 3), -np.inf)
    ahead[:, 0, OUTSIDE] = 0.0
    for at in range(steps.shape[1]):
        ahead[:, at + 1] = np.logaddexp.reduce(ahead[:, at, :, None] + steps[:, at], axis=1)
    return ahead


def _backward(steps: Array) -> Array:
    """Give log-probabilities [runs, units + 2, state] of what is said after each unit, outside behind the last."""
    behind = np.full((len(steps), steps.shape[1] + 1, 3), -np.inf)
    behind[:, -1, OUTSIDE] = 0.0
    for at in range(steps.shape[1] - 1, -1, -1):
        behind[:, at] = np.logaddexp.reduce(steps[:, at] + behind[:, at + 1, None, :], axis=2)
    return behind

"""The plain label model: the majority of the functions that speak."""

from __future__ import annotations

import numpy as np

from framing.decode import viterbi
from training.weak.hmm import SpanProbability
from training.weak.votes import Tally


class MajorityVote:
    """Takes for each unit the tag that most functions vote for.

    As in skweak (Lison et al. 2021) the votes for outside are no votes, since a silent function may just not know the
    word: with n votes for begin or inside, outside has 3 ** -n of a vote.
    """

    def __init__(self, tally: Tally) -> None:
        """Take a corpus's votes, of which only the functions matter."""
        self.functions = tally.functions

    def spans(self, key: bytes, least: float) -> tuple[SpanProbability, ...]:
        """Give the spans of a run (its votes as bytes), each with its units' mean share of votes for a cue."""
        run = np.frombuffer(key, dtype=np.int8).reshape(-1, len(self.functions))
        begin, inside = (run == 1).sum(axis=1), (run == 2).sum(axis=1)
        outside = 3.0 ** -(begin + inside)
        shares = np.stack((outside, begin, inside), axis=1) / (outside + begin + inside)[:, None]
        ranges = viterbi(shares.astype(np.float32))
        scored = [(first, last, float(1 - shares[first:last, 0].mean())) for first, last in ranges]
        return tuple(span for span in scored if span[2] >= least)

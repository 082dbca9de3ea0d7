"""The label models on votes whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from framing.decode import spans_of_tags
from training.weak.functions import LabellingFunction
from training.weak.hmm import HiddenMarkovModel
from training.weak.majority import MajorityVote
from training.weak.votes import Tally, Votes, runs_of

# How often each function finds a cue, begins a false span at a unit, and sets the end a word too late.
SPEAKS, FALSE, LATE = (0.9, 0.8, 0.6, 0.7), (0.001, 0.004, 0.03, 0.02), (0.02, 0.1, 0.3, 0.2)


def functions(*precisions: float, exhaustive: bool = False) -> list[LabellingFunction]:
    return [
        LabellingFunction(f"f{place}", "x", lambda _: [], precision, exhaustive)
        for place, precision in enumerate(precisions)
    ]


def tally(votes: list[list[int]], *precisions: float, times: int = 20, silent: int = 2000) -> Tally:
    """Count a run of votes (one list a function) `times` times among `silent` units without votes."""
    counted = Tally(functions(*precisions))
    run: Votes = np.array([*zip(*votes, strict=True), (0,) * len(votes)], dtype=np.int8)
    for _ in range(times):
        counted.add(run)
    counted.add(np.zeros((silent, len(votes)), dtype=np.int8))
    return counted


def simulate(seed: int, units: int = 25_000) -> tuple[set[tuple[int, int]], Votes, list[float]]:
    """Draw a chain of cues and noisy votes on it: true spans, votes, and the functions' true precisions."""
    random = np.random.default_rng(seed)
    truth: list[tuple[int, int]] = []
    at = 0
    while at < units - 10:
        length = int(min(random.geometric(0.5), 6))
        if random.random() < 0.02:
            truth.append((at, at + length))
            at += length
        at += 1
    votes = np.zeros((units, len(SPEAKS)), dtype=np.int8)
    precisions = []
    for column, (speaks, false, late) in enumerate(zip(SPEAKS, FALSE, LATE, strict=True)):
        found = [(first, last + (random.random() < late)) for first, last in truth if random.random() < speaks]
        found += [(int(at), int(at + random.integers(1, 4))) for at in np.flatnonzero(random.random(units - 8) < false)]
        for first, last in found:
            if not votes[max(first - 1, 0) : last + 1, column].any():
                votes[first, column], votes[first + 1 : last, column] = 1, 2
        cast = spans_of_tags(votes[:, column].tolist())
        precisions.append(len(set(cast) & set(truth)) / len(cast))
    return set(truth), votes, precisions


def weigh(model: HiddenMarkovModel | MajorityVote, votes: Votes) -> dict[tuple[int, int], float]:
    return {
        (start + first, start + last): probability
        for start, end in runs_of(votes)
        for first, last, probability in model.spans(votes[start:end].tobytes(), 1e-3)
    }


def f1(found: dict[tuple[int, int], float], truth: set[tuple[int, int]]) -> float:
    decided = {ends for ends, probability in found.items() if probability > 0.5}
    return 2 * len(decided & truth) / (len(decided) + len(truth))


@pytest.mark.parametrize("seed", [0, 1])
def test_known_accuracies_are_recovered_and_the_majority_is_beaten(seed: int) -> None:
    truth, votes, precisions = simulate(seed)
    counted = Tally(functions(*(0.7,) * len(SPEAKS), exhaustive=True))
    counted.add(votes)
    model = HiddenMarkovModel(counted)
    found = weigh(model, votes)
    estimated = [
        np.mean([found.get(ends, 0.0) for ends in spans_of_tags(votes[:, column].tolist())])
        for column in range(len(SPEAKS))
    ]
    assert max(precisions) - min(precisions) > 0.5  # guessed alike, they are far apart
    np.testing.assert_allclose(estimated, precisions, atol=0.12)
    np.testing.assert_allclose(model.emissions.begin.sum(axis=1), SPEAKS, atol=0.12)
    assert model.density * len(votes) == pytest.approx(len(truth), rel=0.2)
    assert f1(found, truth) > 0.8 > f1(weigh(MajorityVote(counted), votes), truth) + 0.3


def test_a_function_that_stands_alone_is_worth_its_guess_however_long_its_spans() -> None:
    for run in ([1], [1, 2], [1, 2, 2, 2, 2]):
        counted = tally([run], 0.6, times=200, silent=20_000)
        ((first, last, probability),) = HiddenMarkovModel(counted).spans(bytes(run), 0.05)
        assert (first, last) == (0, len(run))
        assert probability == pytest.approx(0.6, abs=0.12)


def test_silent_rules_for_other_words_dont_speak_against_the_one_that_speaks() -> None:
    votes = [[1], *([0] for _ in range(30))]
    ((_, _, probability),) = HiddenMarkovModel(tally(votes, *(0.8,) * 31)).spans(bytes([1] + [0] * 30), 0.05)
    assert probability == pytest.approx(0.8, abs=0.1)


def test_agreement_lifts_and_alternatives_share_what_is_there() -> None:
    both = [[1, 2], [1, 2]]
    (agreed,) = HiddenMarkovModel(tally(both, 0.7, 0.7)).spans(bytes([1, 1, 2, 2]), 0.05)
    assert agreed[:2] == (0, 2)
    assert agreed[2] > 0.85
    torn = HiddenMarkovModel(tally([[1, 2], [0, 1]], 0.7, 0.7)).spans(bytes([1, 0, 2, 1]), 0.001)
    assert max(torn, key=lambda span: span[2])[:2] == (0, 2)  # the codebook takes the longer
    assert sum(probability for first, last, probability in torn if first <= 1 < last) <= 1.0 + 1e-9


def test_the_majority_counts_silence_for_little() -> None:
    model = MajorityVote(Tally(functions(0.7, 0.7, 0.7)))
    ((first, last, share),) = model.spans(bytes([1, 0, 0]), 0.05)
    assert (first, last, share) == (0, 1, pytest.approx(0.75))
    ((first, last, share),) = model.spans(bytes([1, 1, 0, 2, 2, 0]), 0.05)
    assert (first, last, share) == (0, 2, pytest.approx(2 / (2 + 1 / 9)))


def test_labels_without_votes_are_no_fault() -> None:
    empty = Tally(functions(0.7))
    assert HiddenMarkovModel(empty).density < 1

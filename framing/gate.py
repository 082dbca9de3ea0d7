"""The gate: a small network that tells which sentences can hold a cue, so that the others skip the large one.

Most sentences of news hold no cue, and a few convolutions over their word pieces and over what the rules find there
say so. A cascade (Viola and Jones 2001) with this one cheap stage in front lets them pass by. `framing gate` learns it
from what the large network finds, chooses the threshold, and writes both into the model folder with the recall that it
measured.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from framing.errors import ModelError
from framing.text import IntArray, Window, windows

NETWORK: Final = "gate.onnx"
RECORD: Final = "gate.json"

INPUTS: Final = ("ids", "features")
"""What a gate's network takes; gates of models before 0.6.0 saw no rules."""

PIECE: Final = 512
"""Tokens that go through the gate's network at once: what it works on stays in the processor's caches."""

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Gate:
    """A filter over sentences.

    Attributes:
        network: an ONNX Runtime session that takes what `pack` gives, and gives each token's odds.
        threshold: the probability from which on a sentence passes.
        background: for each cue type the beginnings to expect of a unit that skips the large network, so that expected
            counts stay right on average.
        facts: what else `gate.json` holds: how the gate was learnt, and its recall.
    """

    network: Any
    threshold: float
    background: NDArray[np.float32]
    facts: dict[str, Any]

    @classmethod
    def from_folder(cls, folder: Path, types: int) -> Self:
        """Open the gate of a model folder with so many cue types; raises `ModelError`."""
        path = folder / RECORD
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            threshold = float(facts.pop("threshold"))
            background = np.array(facts.pop("background"), dtype=np.float32).reshape(types)
        except OSError as error:
            raise ModelError(f"{path}: can't be read ({error.strerror}); copy the whole model folder") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{path}: missing or wrong entry {error}; run `framing gate` again") from error
        return cls(open_network(folder / NETWORK), threshold, background, facts)

    def passed(self, ids: IntArray, features: IntArray, edges: IntArray) -> BoolArray:
        """Tell which sentences go through the large network; what is given and comes back is as in `probabilities`."""
        return self.probabilities(ids, features, edges) >= self.threshold

    def probabilities(self, ids: IntArray, features: IntArray, edges: IntArray) -> FloatArray:
        """Give each sentence's probability to hold a cue, which depends on nothing but its own tokens and features.

        Args:
            ids: [tokens] token ids of a text.
            features: [tokens, columns] what `framing.features` says of their words.
            edges: [sentences] each sentence's first token, ascending, from 0 on.

        Returns:
            [sentences]; 0 for those without tokens.
        """
        sentence = np.searchsorted(edges, np.arange(len(ids)), side="right") - 1
        odds = np.zeros(len(ids))
        for part in windows(len(ids), edges.tolist(), PIECE, 0):
            inside = slice(part.start, part.end)
            packed, places = pack(ids[inside], features[inside], sentence[inside])
            (found,) = self.network.run(None, packed)
            odds[inside] = found[places]
        total = np.bincount(sentence, odds, len(edges))
        return np.asarray(total / (1 + total), dtype=np.float64)


def pack(ids: IntArray, features: IntArray, sentence: IntArray) -> tuple[dict[str, IntArray], IntArray]:
    """Lay sentences side by side with an empty place between them, which the convolutions don't see across.

    Args:
        ids: [tokens] token ids.
        features: [tokens, columns] their features, surfaces in the first column.
        sentence: [tokens] the number of each token's sentence, ascending.

    Returns:
        The network's inputs, [places] and [places, columns], with surfaces counted from 1 on and 0 for an empty place;
        and the tokens' places, [tokens].
    """
    places = np.arange(len(ids)) + np.concatenate(([1], np.diff(sentence) > 0)).cumsum()
    size = int(places[-1]) + 2
    packed = {"ids": np.zeros(size, np.int64), "features": np.zeros((size, features.shape[1]), np.int64)}
    packed["ids"][places], packed["features"][places] = ids, features
    packed["features"][places, 0] += 1
    return packed, places


def open_network(path: Path) -> Any:
    """Open a gate's network; raises `ModelError` where it can't be run, or takes other inputs than `INPUTS`."""
    import onnxruntime  # slow to import: not before it is needed

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises many kinds, none of them documented
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"{path}: can't be run ({reason}); run `framing gate` again") from error
    if {given.name for given in session.get_inputs()} != set(INPUTS):
        raise ModelError(f"{path}: a gate of another version of framing; run `framing gate` again")
    return session


def stretches(passed: BoolArray) -> list[tuple[int, int]]:
    """Give the ranges of sentences that are scored: neighbours that passed go together."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], passed.astype(np.int8), [0]))))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def gated_windows(
    length: int, edges: IntArray, kept: Sequence[tuple[int, int]], size: int, stride: int
) -> list[Window]:
    """Plan windows, as `framing.text.windows` does, over some ranges of sentences alone.

    Args:
        length: number of tokens.
        edges: [sentences] each sentence's first token, ascending.
        kept: half-open ranges of sentences.
        size: most tokens in a window.
        stride: most tokens that a window repeats of the one before.
    """
    ends = np.append(edges[1:], length)
    plan = []
    for first, last in kept:
        start, end = int(edges[first]), int(ends[last - 1])
        inner = (edges[first:last] - start).tolist()
        plan += [Window(start + part.start, start + part.end) for part in windows(end - start, inner, size, stride)]
    return plan

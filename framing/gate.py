"""The gate: sentences that can hold no cue skip the network, by the tokens that can open one.

Most sentences of news hold no cue, and their words alone say so. A cascade (Viola and Jones 2001) with one cheap stage
in front of the network lets them pass by: a sentence is scored when it has one of the gate's tokens, some of which
count in a short quotation alone, or one of its pairs of neighbouring tokens. `framing gate` learns them from what the
network finds, and writes them into the model folder's `gate.json` with the recall that it measured.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from framing.errors import ModelError
from framing.quotations import Quotation
from framing.text import SHORT_QUOTATION_WORDS, IntArray, Window, windows

NAME: Final = "gate.json"
_BITS: Final = 32

BoolArray = NDArray[np.bool_]
TokenId = Callable[[str], int | None]


@dataclass(frozen=True)
class Gate:
    """A filter over sentences.

    Attributes:
        tokens: [2, vocabulary] whether a token opens it outside and inside short quotations.
        pairs: [pairs] keys of neighbouring tokens that open it, ascending, as `pair_keys` makes them.
        background: for each cue type the beginnings to expect of a unit that skips the network, so that expected
            counts stay right on average.
        facts: what else the file holds: how it was learnt, and its recall.
    """

    tokens: BoolArray
    pairs: IntArray
    background: NDArray[np.float32]
    facts: dict[str, Any]

    @classmethod
    def from_file(cls, path: Path, token_id: TokenId, vocabulary: int, types: int) -> Self:
        """Read a `gate.json` for a model with such tokens and so many cue types; raises `ModelError`."""
        try:
            return cls.from_record(json.loads(path.read_text(encoding="utf-8")), token_id, vocabulary, types)
        except OSError as error:
            raise ModelError(f"{path}: can't be read ({error.strerror}); copy the whole model folder") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{path}: missing or wrong entry {error}; run `framing gate` again") from error

    @classmethod
    def from_record(cls, record: dict[str, Any], token_id: TokenId, vocabulary: int, types: int) -> Self:
        """Take what `gate.json` holds; raises `KeyError`, `ValueError` and their like where it doesn't fit."""
        facts = dict(record)

        def known(token: str) -> int:
            if (found := token_id(token)) is None:
                raise ValueError(repr(token))
            return found

        tokens = np.zeros((2, vocabulary), dtype=bool)
        for place, name in enumerate(("tokens", "quoted")):
            tokens[place, [known(token) for token in facts.pop(name)]] = True
        pairs = sorted((known(first) << _BITS) + known(second) for first, second in facts.pop("pairs"))
        background = np.array(facts.pop("background"), dtype=np.float32)
        if background.shape != (types,):
            raise ValueError("background")
        return cls(tokens, np.array(pairs, dtype=np.int64), background, facts)

    def passed(self, ids: IntArray, edges: IntArray, quoted: BoolArray) -> BoolArray:
        """Tell which sentences go through the network.

        Args:
            ids: [tokens] token ids of a text.
            edges: [sentences] each sentence's first token, ascending.
            quoted: [tokens] whether a token lies in a short quotation.

        Returns:
            [sentences]
        """
        opened = self.tokens[quoted.astype(np.int64), ids]
        if len(ids) > 1:
            opened[1:] |= np.isin(pair_keys(ids, edges), self.pairs)
        open_before = np.concatenate(([0], np.cumsum(opened)))
        return np.asarray(open_before[np.append(edges[1:], len(ids))] > open_before[edges])


def pair_keys(ids: IntArray, edges: IntArray) -> IntArray:
    """Give each pair of neighbouring tokens a number, -1 over the edge of two sentences: [tokens - 1]."""
    keys = (ids[:-1] << _BITS) + ids[1:]
    keys[edges[(edges > 0) & (edges < len(ids))] - 1] = -1
    return np.asarray(keys, dtype=np.int64)


def split_key(key: int) -> tuple[int, int]:
    """Give the two tokens of a pair."""
    return key >> _BITS, key & ((1 << _BITS) - 1)


def quoted_tokens(starts: IntArray, quotes: Sequence[Quotation]) -> BoolArray:
    """Tell which tokens lie in a closed quotation of one to six words, its marks among them.

    Args:
        starts: [tokens] first code points of the tokens.
        quotes: the text's quotations, at the same offsets.
    """
    inside = np.zeros(len(starts), dtype=bool)
    for quote in quotes:
        if quote.closed and 1 <= quote.words <= SHORT_QUOTATION_WORDS:
            first, last = np.searchsorted(starts, (quote.start, quote.end))
            inside[first:last] = True
    return inside


def stretches(passed: BoolArray) -> list[tuple[int, int]]:
    """Give the ranges of sentences that are scored: those that passed, each with the one before it as context."""
    kept = passed.copy()
    kept[:-1] |= passed[1:]
    edges = np.flatnonzero(np.diff(np.concatenate(([0], kept.astype(np.int8), [0]))))
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

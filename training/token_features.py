"""What a linear model sees of a unit: its word and shape, its neighbours, letter case, quotation marks, rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from framing.features import SIZES, features
from framing.quotations import quotations
from framing.spans import Document
from framing.text import Window, sentences, units
from framing.tokens import SPANS, TokenizedText

_REACH: Final = 2
_AFFIX: Final = 4
_RUNS: Final = re.compile(r"(.)\1+")


def plain_text(document: Document, task: str, *, rules: bool = False) -> TokenizedText:
    """Cut a document into units without a tokenizer: one token a unit, and one window."""
    text = document.text
    words, quotes = units(text), quotations(text)
    ranges = words
    if task != SPANS:
        given = document.sentence_ranges
        ranges = np.array(sentences(text) if given is None else given, dtype=np.int64).reshape(-1, 2)
    number = len(ranges)
    here = np.arange(number)
    described = (
        features(text, words, quotes, rules=rules) if task == SPANS else np.zeros((number, len(SIZES)), dtype=np.int64)
    )
    windows = [Window(0, number)] if number else []
    return TokenizedText(text, quotes, ranges, here, here + 1, here, described, windows, task)


def token_features(text: TokenizedText) -> Iterator[list[str]]:
    """Describe each word and mark of a text by strings, after Tkachenko and Simanovsky (2012).

    Of the unit and of two on each side the word in lower case and its shape; the unit's prefixes and suffixes of two to
    four letters, the pairs with its neighbours, letter case and place in a quotation, and what the rules find, where
    the text was cut with them.
    """
    words = [text.text[start:end] for start, end in text.units.tolist()]
    low = ["<s>"] * _REACH + [word.lower() for word in words] + ["</s>"] * _REACH
    shapes = ["<s>"] * _REACH + [shape(word) for word in words] + ["</s>"] * _REACH
    columns = text.features.tolist()
    for index in range(len(words)):
        at = index + _REACH
        word = low[at]
        found = ["bias", f"surface={columns[index][0]}", f"before|word={low[at - 1]}|{word}"]
        found.append(f"word|after={word}|{low[at + 1]}")
        for shift in range(-_REACH, _REACH + 1):
            found += [f"word{shift}={low[at + shift]}", f"shape{shift}={shapes[at + shift]}"]
        for length in range(2, min(_AFFIX, len(word) - 1) + 1):
            found += [f"prefix={word[:length]}", f"suffix={word[-length:]}"]
        found += [f"rule{column}={value}" for column, value in enumerate(columns[index][1:]) if value]
        yield found


def shape(word: str) -> str:
    """Give a word's shape with runs shortened: `Saudi` is `Xx`, `2026` is `d`, `US` is `X`."""
    kinds = "".join(
        "X" if char.isupper() else "x" if char.isalpha() else "d" if char.isdigit() else char for char in word
    )
    return _RUNS.sub(r"\1", kinds)


def words_of(text: TokenizedText) -> Sequence[str]:
    """Give a text's units in lower case."""
    return [text.text[start:end].lower() for start, end in text.units.tolist()]

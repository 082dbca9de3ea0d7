"""Parts of a corpus that are looked at apart: by a field of the records, or by what gold or the text says of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from framing.errors import InputError
from framing.evaluate.columns import BoolArray
from framing.evaluate.evaluation import cluster_of
from framing.profile import count_words
from framing.quotations import quotations
from framing.spans import Document
from framing.text import SHORT_QUOTATION_WORDS

_PARTS: Final = 3


def slices(documents: Sequence[Document], by: str) -> dict[str, BoolArray]:
    """Cut documents into parts.

    Args:
        documents: the gold documents.
        by: a field of the records, whose values are the parts; or, where no record has such a field, one of `DERIVED`.

    Returns:
        For each part a mask [documents]; values in their order, numbers as numbers.

    Raises:
        InputError: no record has the field.
    """
    if any(by in document.meta for document in documents):
        values = [cluster_of(document, by) for document in documents]
        names = sorted(
            set(values), key=lambda value: (not value.isdecimal(), int(value) if value.isdecimal() else 0, value)
        )
        return {name: np.array([value == name for value in values]) for name in names}
    if by not in DERIVED:
        fields = sorted({field for document in documents for field in document.meta})
        raise InputError(f"no record has a field {by!r}; there are {', '.join([*fields, *DERIVED])}")
    return DERIVED[by](documents)


def _by_length(documents: Sequence[Document]) -> dict[str, BoolArray]:
    """Cut into thirds by the number of words."""
    lengths = np.array([count_words(document.text) for document in documents])
    return _thirds(lengths, "words")


def _by_density(documents: Sequence[Document]) -> dict[str, BoolArray]:
    """Cut by gold cues per 1,000 words: documents without any, and thirds of the others."""
    numbers = np.array([len(document.spans) for document in documents])
    lengths = np.array([count_words(document.text) for document in documents])
    rate = np.rint(1000 * numbers / np.maximum(lengths, 1)).astype(np.int64)
    parts = {"no cue": numbers == 0} if (numbers == 0).any() else {}
    for name, mask in _thirds(rate[numbers > 0], "cues per 1,000 words").items():
        parts[name] = np.zeros(len(documents), dtype=bool)
        parts[name][numbers > 0] = mask
    return parts


def _by_quoted(documents: Sequence[Document]) -> dict[str, BoolArray]:
    """Cut by the share of the text inside quotations of more than six words, which report speech."""
    shares = np.array([_quoted(document.text) for document in documents])
    parts = {
        "no quoted speech": shares == 0,
        "under a third quoted": (shares > 0) & (shares < 1 / 3),
        "a third or more quoted": shares >= 1 / 3,
    }
    return {name: mask for name, mask in parts.items() if mask.any()}


DERIVED: Final[dict[str, Callable[[Sequence[Document]], dict[str, BoolArray]]]] = {
    "length": _by_length,
    "density": _by_density,
    "quoted": _by_quoted,
}
"""Slices that need no field: by number of words, by gold cues per 1,000 words, by share of quoted speech."""


def _quoted(text: str) -> float:
    inside = np.zeros(len(text), dtype=bool)
    for quotation in quotations(text):
        if quotation.words > SHORT_QUOTATION_WORDS:
            inside[quotation.start : quotation.end] = True
    return float(inside.mean()) if len(text) else 0.0


def _thirds(values: np.ndarray[tuple[int], np.dtype[np.int64]], unit: str) -> dict[str, BoolArray]:
    """Cut whole numbers into parts of about equal size, named by their least and largest."""
    if not len(values):
        return {}
    ends = np.unique(np.quantile(values, np.arange(1, _PARTS + 1) / _PARTS, method="inverted_cdf"))
    place = np.searchsorted(ends, values)
    parts = {}
    for number in range(len(ends)):
        mask = place == number
        low, high = int(values[mask].min()), int(values[mask].max())
        parts[f"{low:,} to {high:,} {unit}" if low < high else f"{low:,} {unit}"] = mask
    return parts

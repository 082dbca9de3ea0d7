"""Regression of rates on fields of the articles: `rate ~ outlet + topic`, naive, by gold alone and corrected.

The regression is weighted least squares of each article's rate per 1,000 words with its words as weights (of its share:
unweighted), so that the coefficient of a group is a difference of rates in points per 1,000 words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from framing.errors import InputError
from framing.estimate.inputs import NONE, Scored
from framing.estimate.powered import FEWEST, gold_alone, naive, powered
from framing.estimate.rates import MEASURES, Archive, Cell
from framing.evaluate.columns import BoolArray, FloatArray

METHODS: Final = ("naive", "gold alone", "corrected")
_FORMULA: Final = re.compile(r"\s*(\w+)\s*~\s*(.+?)\s*")
_TERM: Final = re.compile(r"C\(\s*([\w.-]+)\s*\)|([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula, taken apart.

    Attributes:
        measure: what is explained, `rate` or `share`.
        terms: the fields, each with whether its numbers are to be read as names, `C(year)`.
    """

    measure: str
    terms: tuple[tuple[str, bool], ...]

    @classmethod
    def parse(cls, text: str) -> Formula:
        """Read `rate ~ outlet + C(year) + length`; raises `InputError`."""
        found = _FORMULA.fullmatch(text)
        mend = "write `rate ~ outlet + topic`, or `share ~ ...`, with fields of the records and C(field) for names"
        if found is None or found[1] not in MEASURES:
            raise InputError(f"--formula {text!r}: {mend}")
        terms = []
        for part in found[2].split("+"):
            term = _TERM.fullmatch(part.strip())
            if term is None:
                raise InputError(f"--formula: can't read {part.strip()!r}; {mend}")
            terms.append((term[1] or term[2], term[1] is not None))
        if len({name for name, _ in terms}) < len(terms):
            raise InputError("--formula: a field stands in it twice; name each once")
        return cls(found[1], tuple(terms))

    @property
    def fields(self) -> list[str]:
        """The fields that it needs."""
        return [name for name, _ in self.terms]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient for one cue: for each of `METHODS` the figure, or the reason why there is none."""

    cue: str
    term: str
    figures: dict[str, Cell]


def regress(archive: Archive, formula: Formula, cues: Sequence[str]) -> tuple[list[Coefficient], list[str]]:
    """Regress each cue's rate on the fields.

    A field whose values are all numbers is a slope; of another the commonest value is what the others are compared
    with. Articles with a value that fewer than `FEWEST` labelled articles have can't be corrected: they are left out,
    and their coefficients say so.

    Returns:
        The coefficients, and notes on what was left out.

    Raises:
        InputError: the labelled articles don't tell the terms apart.
    """
    names, design, kept, absent = _design(archive.scored, formula, archive.labelled)
    notes = []
    if not kept.all():
        notes.append(f"regression: {int((~kept).sum()):,} articles left out, whose values too few labelled ones have")
    rows = []
    for cue in cues:
        plain, hoped, _ = archive.cue(cue)
        plain, hoped, x = plain.take(kept), hoped.take(kept), design[kept]
        try:
            fits = (naive(plain, x), gold_alone(plain, x), powered(hoped, x))
        except ValueError as error:
            raise InputError(f"--formula, labelled: {error}; label more, or take a term out") from error
        figures = [fit.intervals() for fit in fits]
        for column, name in enumerate(names):
            values: dict[str, Cell] = {method: found[column] for method, found in zip(METHODS, figures, strict=True)}
            rows.append(Coefficient(cue, name, values))
        rows += [Coefficient(cue, name, dict.fromkeys(METHODS, f"fewer than {FEWEST} labelled")) for name in absent]
    return rows, notes


def _design(
    scored: Scored, formula: Formula, labelled: BoolArray
) -> tuple[list[str], FloatArray, BoolArray, list[str]]:
    """Give the terms' names, the design [articles, terms], which articles count, and values without gold."""
    names, columns = ["(intercept)"], [np.ones(len(scored.ids))]
    kept = np.ones(len(scored.ids), dtype=bool)
    absent = []
    for field, as_names in formula.terms:
        values = scored.fields[field]
        numbers = None if as_names else _numbers(values)
        if numbers is not None:
            there = ~np.isnan(numbers)
            kept &= there
            names.append(field)
            columns.append(np.where(there, numbers, 0.0))
            continue
        given = np.array(values)
        seen = Counter(given[labelled].tolist())
        known = {value for value, number in seen.items() if number >= FEWEST}
        if not known:
            raise InputError(f"--formula: no value of {field!r} has {FEWEST} labelled articles; label more")
        levels = sorted(known, key=lambda value: (-seen[value], value))
        names += [f"{field}: {value} - {levels[0]}" for value in levels[1:]]
        columns += [(given == value).astype(np.float64) for value in levels[1:]]
        kept &= np.isin(given, levels)
        absent += [f"{field}: {value} - {levels[0]}" for value in sorted(set(values) - known)]
    return names, np.stack(columns, axis=1), kept, absent


def _numbers(values: Sequence[str]) -> FloatArray | None:
    """Read values as numbers, NaN where there is none; None where one is a word."""
    try:
        return np.array([np.nan if value == NONE else float(value) for value in values])
    except ValueError:
        return None

"""Regression of rates on fields of the articles: `rate ~ outlet + topic`, naive, by gold alone and corrected.

With strata (`--by year`) it is fitted in each of them, too.

The regression is weighted least squares of each article's rate per 1,000 words with its words as weights (of its share:
unweighted), so that the coefficient of a group is a difference of rates in points per 1,000 words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from framing.errors import InputError
from framing.estimate.inputs import NONE, strata
from framing.estimate.powered import FEWEST, Articles, gold_alone, naive, powered
from framing.estimate.rates import ALL, MEASURES, Archive, Cell
from framing.evaluate.columns import FloatArray, IntArray

METHODS: Final = ("naive", "gold alone", "corrected")
INTERCEPT: Final = "(intercept)"
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
    """A coefficient for one cue in a stratum: for each of `METHODS` the figure, or the reason why there is none."""

    cue: str
    stratum: str
    term: str
    figures: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class _Design:
    """What rates are explained by, in one stratum.

    Attributes:
        names: of the terms.
        matrix: [kept articles, terms].
        kept: [kept articles] their places among all.
        absent: coefficients that can't be had, since too few labelled articles have the value.
    """

    names: list[str]
    matrix: FloatArray
    kept: IntArray
    absent: list[str]


def regress(
    archive: Archive, formula: Formula, cues: Sequence[str], by: Sequence[str] = ()
) -> tuple[list[Coefficient], list[str]]:
    """Regress each cue's rate on the fields, in the archive and in each stratum.

    A field whose values are all numbers is a slope; of another the commonest value is what the others are compared
    with. Articles with a value that fewer than `FEWEST` labelled articles of the stratum have can't be corrected: they
    are left out, and their coefficients say so.

    Args:
        archive: the articles and the sample.
        formula: the terms.
        cues: the types; `all` for all together.
        by: the fields whose combined values are the strata; empty for none.

    Returns:
        The coefficients, and notes on what was left out.

    Raises:
        InputError: the labelled articles don't tell the terms apart in the whole archive; a stratum says so itself.
    """
    if shared := set(by).intersection(formula.fields):
        raise InputError(f"--by {min(shared)}: stands in the formula, too, and is one value in a stratum; take it out")
    everything = np.arange(len(archive.scored.ids))
    designs: dict[str, _Design | str] = {}
    notes = []
    for name, chosen in {ALL: everything, **(dict(strata(archive.scored, by)) if by else {})}.items():
        try:
            design = _design(archive, formula, chosen)
        except ValueError as error:
            if name == ALL:
                raise InputError(f"--formula: {error}; label more") from error
            designs[name] = str(error)
            continue
        designs[name] = design
        if left := len(chosen) - len(design.kept):
            where = "" if name == ALL else f", {name}"
            notes.append(f"regression{where}: {left:,} articles left out, whose values too few labelled ones have")
    rows = []
    for cue in cues:
        plain, hoped, _ = archive.cue(cue)
        for name, found in designs.items():
            if isinstance(found, str):
                rows.append(Coefficient(cue, name, INTERCEPT, dict.fromkeys(METHODS, found)))
            else:
                rows += _coefficients(cue, name, plain.take(found.kept), hoped.take(found.kept), found)
    return rows, notes


def _coefficients(cue: str, stratum: str, plain: Articles, hoped: Articles, design: _Design) -> Iterator[Coefficient]:
    """Fit the methods; raises `InputError` where one can't be in the archive as a whole."""
    figures: dict[str, Sequence[Cell]] = {}
    fitted = {"naive": (naive, plain), "gold alone": (gold_alone, plain), "corrected": (powered, hoped)}
    for method, (fit, articles) in fitted.items():
        whose = "" if method == "naive" else "labelled: "
        if whose and articles.labelled.any() and not articles.gold[articles.labelled].any():
            figures[method] = ["no gold cue in the sample"] * len(design.names)  # not 0 with an interval of no width
            continue
        try:
            figures[method] = fit(articles, design.matrix).intervals()
        except ValueError as error:
            if stratum == ALL:
                raise InputError(f"--formula, {whose}{error}; label more, or take a term out") from error
            figures[method] = [f"{whose}{error}"] * len(design.names)
    for column, term in enumerate(design.names):
        yield Coefficient(cue, stratum, term, {method: figures[method][column] for method in METHODS})
    for term in design.absent:
        yield Coefficient(cue, stratum, term, dict.fromkeys(METHODS, f"fewer than {FEWEST} labelled"))


def _design(archive: Archive, formula: Formula, chosen: IntArray) -> _Design:
    """Build the design of some articles; raises `ValueError` where no value of a field is labelled often enough."""
    scored, labelled = archive.scored, archive.labelled
    names, columns = [INTERCEPT], [np.ones(len(chosen))]
    kept = np.ones(len(chosen), dtype=bool)
    absent = []
    for field, as_names in formula.terms:
        numbers = None if as_names else _numbers(scored.fields[field])
        if numbers is not None:
            there = ~np.isnan(numbers[chosen])
            kept &= there
            names.append(field)
            columns.append(np.where(there, numbers[chosen], 0.0))
            continue
        values = np.array(scored.fields[field])
        common = Counter(values[labelled].tolist())  # in the whole archive, so that strata compare with the same value
        given = values[chosen]
        seen = Counter(given[labelled[chosen]].tolist())
        known = {value for value, number in seen.items() if number >= FEWEST}
        if not known:
            raise ValueError(f"no value of {field!r} has {FEWEST} labelled articles")
        levels = sorted(known, key=lambda value: (-common[value], value))
        names += [f"{field}: {value} - {levels[0]}" for value in levels[1:]]
        columns += [(given == value).astype(np.float64) for value in levels[1:]]
        kept &= np.isin(given, levels)
        absent += [f"{field}: {value} - {levels[0]}" for value in sorted(set(given.tolist()) - known)]
    return _Design(names, np.stack(columns, axis=1)[kept], chosen[kept], absent)


def _numbers(values: Sequence[str]) -> FloatArray | None:
    """Read values as numbers, NaN where there is none; None where one is a word."""
    try:
        return np.array([np.nan if value == NONE else float(value) for value in values])
    except ValueError:
        return None

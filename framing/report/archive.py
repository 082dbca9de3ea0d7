"""Questions to a scored archive, for the dashboard and the report: rates, phrases, concordance, articles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, Self

from framing.archive.query import connect, readable
from framing.archive.state import existing_run, unfinished
from framing.errors import InputError
from framing.report.rates import Tally
from framing.spans import VOICES

PERIODS: Final = {"year": "year", "month": "strftime(date, '%Y-%m')"}
MOST_GROUPS: Final = 40
PAGE: Final = 25
"""Cues on a page of the concordance, and rows of the other lists."""
NO_OUTLET: Final = "no outlet"
"""How articles without an outlet are called, also as a filter."""
_OUTLET: Final = f"coalesce(nullif(outlet, ''), '{NO_OUTLET}')"
_SUMS: Final = "count(*), sum(words), sum({0}), sum({0} * {0}), sum({0} * words), sum(words * words)"


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked at; each is None for all.

    Attributes:
        outlet: one outlet; `NO_OUTLET` for the articles without one.
        cue: one type.
        voice: one voice.
        since: first day.
        until: last day.
        phrase: words that a cue must hold, in any letter case.
        page: page of the concordance, from 1.
    """

    outlet: str | None = None
    cue: str | None = None
    voice: str | None = None
    since: date | None = None
    until: date | None = None
    phrase: str | None = None
    page: int = 1

    @classmethod
    def from_query(cls, query: Mapping[str, str], cues: Sequence[str]) -> Self:
        """Read filters from a URL's query; empty values count as absent; raises `InputError`."""
        given = {name: value for name, value in query.items() if value}
        if unknown := sorted(set(given) - set(cls.__dataclass_fields__)):
            known = ", ".join(cls.__dataclass_fields__)
            raise InputError(f"unknown filter {', '.join(unknown)}; known are {known}")
        for name, known_values in (("cue", cues), ("voice", VOICES)):
            if name in given and given[name] not in known_values:
                raise InputError(f"{name} {given[name]!r} is not one of {', '.join(known_values)}")
        page = given.get("page", "1")
        if not re.fullmatch(r"[1-9]\d{0,5}", page):
            raise InputError(f"page {page!r} is not a number from 1")
        since, until = _day("since", given), _day("until", given)
        if since and until and since > until:
            raise InputError(f"since {since} is after until {until}; exchange them")
        return cls(
            outlet=given.get("outlet"),
            cue=given.get("cue"),
            voice=given.get("voice"),
            since=since,
            until=until,
            phrase=given.get("phrase"),
            page=int(page),
        )

    def query(self, **changes: Any) -> dict[str, str]:
        """Give the URL's query for these filters with some changed; a changed filter starts at page 1 again."""
        fields = asdict(self) | {"page": 1} | changes
        return {
            name: str(value) for name, value in fields.items() if value is not None and (name, value) != ("page", 1)
        }

    def told(self) -> str:
        """Say what is looked at, as `outlet River Times, since 2019-02-01`; nothing where it is all."""
        return ", ".join(f"{name} {value}" for name, value in self.query().items())


def _day(name: str, given: Mapping[str, str]) -> date | None:
    try:
        return date.fromisoformat(given[name]) if name in given else None
    except ValueError as error:
        raise InputError(f"{name} {given[name]!r} is not a day like 2024-01-31") from error


class Archive:
    """An output folder of `framing archive`, open for reading."""

    def __init__(self, output: Path) -> None:
        """Open it; raises `InputError` and `MissingExtraError`."""
        self.name = output.resolve().name
        self.note = unfinished(output)
        self._output, self._connection = output, connect(output)
        run = existing_run(output)
        self.cues: list[str] = run["settings"]["cues"] or run["model"]["cues"]
        self.model = run["model"]
        self.threshold: float | None = run["settings"]["threshold"]
        self.asked: list[str] | None = run["settings"]["cues"]

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        with readable(self._output):
            found = self._connection.cursor().execute(sql, list(values))
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def summary(self) -> dict[str, Any]:
        """Give numbers of articles, words, cues and outlets, and the first and last day."""
        (row,) = self._rows(
            "SELECT count(*) FILTER (status = 'scored') AS articles, count(*) FILTER (status <> 'scored') AS skipped, "
            "coalesce(sum(words), 0)::BIGINT AS words, coalesce(sum(total.count), 0)::BIGINT AS cues, "
            "count(DISTINCT outlet) AS outlets, min(date) AS first, max(date) AS last FROM articles"
        )
        return row

    def outlets(self) -> list[str]:
        """List the outlets, those with most articles first; `NO_OUTLET` is one where articles have none."""
        sql = f"SELECT {_OUTLET} AS outlet FROM articles GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 500"
        return [row["outlet"] for row in self._rows(sql)]

    def rates(self, by: str, filters: Filters) -> dict[str, Tally]:
        """Sum up the cues by group.

        Args:
            by: `outlet`, `year`, `month`, or `cue` for a group a type.
            filters: what is counted.

        Returns:
            A tally a group: of outlets the `MOST_GROUPS` with most articles, of periods all.
        """
        where, values = _where(filters)
        if by == "cue":
            found: dict[str, Tally] = {}
            for cue in [filters.cue] if filters.cue else self.cues:
                found |= self._tallies("'all'", cue, filters, where, values, cue)
            return found
        key = _OUTLET if by == "outlet" else PERIODS[by]
        groups = self._tallies(key, filters.cue or "total", filters, where, values)
        if by == "outlet":
            most = sorted(groups.items(), key=lambda item: (-item[1].articles, item[0]))[:MOST_GROUPS]
            return dict(sorted(most, key=lambda item: -item[1].rate))
        return dict(sorted(groups.items()))

    def _tallies(
        self, key: str, cue: str, filters: Filters, where: str, values: Sequence[Any], name: str | None = None
    ) -> dict[str, Tally]:
        table, count, given = _counted(cue, filters)
        sql = f"SELECT {key}, {_SUMS.format(count)} FROM {table} WHERE words > 0 AND {where} GROUP BY 1"
        with readable(self._output):
            rows = self._connection.cursor().execute(sql, [*given, *values]).fetchall()
        return {name or str(group): Tally(*map(int, sums)) for group, *sums in rows if group is not None}

    def phrases(self, filters: Filters, most: int = PAGE) -> list[dict[str, Any]]:
        """List the most frequent wordings with their type, number, and number of outlets."""
        where, values = _where(filters, spans=True)
        return self._rows(
            "SELECT lower(trim(s.text)) AS phrase, s.label, count(*) AS times, count(DISTINCT a.outlet) AS outlets, "
            "count(*) FILTER (s.voice = 'author') / count(*) AS author "
            f"FROM spans s JOIN articles a USING (source, position) WHERE {where} "
            f"GROUP BY 1, 2 ORDER BY times DESC, phrase, s.label LIMIT {most:d}",
            values,
        )

    def concordance(self, filters: Filters, most: int = PAGE) -> tuple[int, list[dict[str, Any]]]:
        """Give the number of cues, and those of the page in their sentences, oldest first."""
        where, values = _where(filters, spans=True)
        joined = f"FROM spans s JOIN articles a USING (source, position) WHERE {where}"
        (total,) = self._rows(f"SELECT count(*) AS cues {joined}", values)
        rows = self._rows(
            "SELECT a.source, a.position, a.id, a.outlet, a.date, a.title, s.label, s.voice, s.score, s.text, "
            "s.sentence, "
            f"s.designation_kind, s.designation_target, s.designation_source {joined} "
            "ORDER BY a.date, a.source, a.position, s.start, s.label "
            f"LIMIT {most:d} OFFSET {most * (filters.page - 1):d}",
            values,
        )
        return total["cues"], [row | {"parts": parts(row["sentence"], row["text"])} for row in rows]

    def articles(self, filters: Filters, most: int = PAGE) -> list[dict[str, Any]]:
        """List the articles with most cues."""
        where, values = _where(filters)
        table, count, given = _counted(filters.cue or "total", filters)
        return self._rows(
            f"SELECT source, position, id, outlet, date, title, words, {count} AS cues, "
            f"1000 * {count} / words AS rate FROM {table} WHERE {where} AND {count} > 0 "
            f"ORDER BY cues DESC, rate DESC, source, position LIMIT {most:d}",
            [*given, *values],
        )

    def article(self, source: str, position: int) -> dict[str, Any] | None:
        """Give an article's row with its `spans`, in order; None where there is none."""
        rows = self._rows("SELECT * FROM articles WHERE source = ? AND position = ?", [source, position])
        if not rows:
            return None
        spans = self._rows(
            'SELECT * FROM spans WHERE source = ? AND position = ? ORDER BY start, "end", label', [source, position]
        )
        return rows[0] | {"spans": [span | {"parts": parts(span["sentence"], span["text"])} for span in spans]}


def parts(sentence: str, words: str) -> list[dict[str, Any]]:
    """Cut a sentence around a cue's words; tables hold no place in it, so each occurrence counts."""
    pieces = sentence.split(words) if words else [sentence]
    found = [{"text": pieces[0], "cue": False}]
    for piece in pieces[1:]:
        found += [{"text": words, "cue": True}, {"text": piece, "cue": False}]
    return [part for part in found if part["text"]]


def _counted(cue: str, filters: Filters) -> tuple[str, str, list[Any]]:
    """Give the articles with their cues of a type, of the filters' voice and words: SQL of table and number, values.

    Articles hold numbers by type and voice; which of the cues hold certain words, only the cues themselves tell.
    """
    if filters.phrase is None:
        quoted = cue.replace('"', '""')
        return "articles", f'"{quoted}"' + (f".{filters.voice}" if filters.voice else "") + ".count", []
    terms, values = _cues(replace(filters, cue=None if cue == "total" else cue))
    holding = f"SELECT source, position, count(*) AS cues FROM spans s WHERE {' AND '.join(terms)} GROUP BY ALL"
    return f"articles LEFT JOIN ({holding}) held USING (source, position)", "coalesce(held.cues, 0)", values


def _cues(filters: Filters) -> tuple[list[str], list[Any]]:
    """Give terms of SQL that choose cues of the table `s`, and their values."""
    given = {"s.label = ?": filters.cue, "s.voice = ?": filters.voice}
    given |= {"contains(lower(s.text), ?)": filters.phrase and filters.phrase.lower()}
    chosen = {term: value for term, value in given.items() if value is not None}
    return list(chosen), list(chosen.values())


def _where(filters: Filters, *, spans: bool = False) -> tuple[str, list[Any]]:
    table = "a." if spans else ""
    terms = [(f"{table}status = ?", "scored")]
    given: list[tuple[str, Any]] = [
        (f"{_OUTLET.replace('outlet', f'{table}outlet', 1)} = ?", filters.outlet),
        (f"{table}date >= ?", filters.since),
        (f"{table}date <= ?", filters.until),
    ]
    if spans:
        given += list(zip(*_cues(filters), strict=True))
    terms += [(term, value) for term, value in given if value is not None]
    return " AND ".join(term for term, _ in terms), [value for _, value in terms]

"""A scored archive as a page: for the dashboard with filters and links, for a report complete in itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote, urlencode

from markupsafe import Markup

from framing.cues import CODEBOOK
from framing.report.archive import PAGE, Archive, Filters
from framing.report.article import environment
from framing.report.plots import Point, rates
from framing.report.rates import Tally
from framing.spans import VOICES

_COLOURS: Final = {cue.name: cue.colour for cue in CODEBOOK}
_TITLES: Final = {
    "cue": "by type",
    "outlet": "by outlet",
    "year": "by year",
    "month": "by month",
}
_MONTHS_UP_TO: Final = 36
_DETAILS: Final = 40
"""Cues shown of an article in a report."""


def plots(archive: Archive, filters: Filters) -> dict[str, Markup]:
    """Draw the rates by type, by outlet and by time; what has no rows is left out."""
    months = archive.rates("month", filters)
    period = "month" if len(months) <= _MONTHS_UP_TO else "year"
    found = {}
    for by in ("cue", "outlet", period):
        tallies = months if by == "month" else archive.rates(by, filters)
        if tallies:
            found[by] = rates(f"{_what(filters)} per 1,000 words, {_TITLES[by]}", _points(by, tallies), ["rate"])
    return found


def _what(filters: Filters) -> str:
    kind = filters.cue.replace("_", " ") if filters.cue else "cues"
    kind += f" with “{filters.phrase}”" if filters.phrase else ""
    return f"{kind}, {filters.voice} voice," if filters.voice else kind


def _points(by: str, tallies: Mapping[str, Tally]) -> dict[str, list[Point]]:
    names = {
        key: key.replace("_", " ") if by == "cue" else f"{key} (n={tally.articles:,})" for key, tally in tallies.items()
    }
    return {names[key]: [Point(tally.rate, *tally.interval())] for key, tally in tallies.items()}


def dashboard_page(archive: Archive, filters: Filters) -> str:
    """Give the dashboard's page for one view."""
    return _page(archive, filters, standalone=False)


def report_page(archive: Archive, filters: Filters | None = None) -> str:
    """Give a page that needs nothing else: figures of the whole archive, and the articles with most cues in detail."""
    return _page(archive, filters or Filters(), standalone=True)


def _page(archive: Archive, filters: Filters, *, standalone: bool) -> str:
    total, lines = archive.concordance(filters)
    articles = archive.articles(filters)
    if standalone:
        for row in articles:
            found = archive.article(row["source"], row["position"])
            row["spans"] = found["spans"][:_DETAILS] if found else []
    return (
        environment()
        .get_template("archive.html")
        .render(
            **_frame(archive, standalone=standalone),
            filters=asdict(filters),
            chosen=filters.told(),
            query=lambda **changes: "?" + urlencode(filters.query(**changes)),
            summary=archive.summary(),
            outlets=archive.outlets(),
            voices=VOICES,
            plots=plots(archive, filters),
            by_outlet=archive.rates("outlet", filters),
            phrases=archive.phrases(filters),
            total=total,
            lines=lines,
            page_size=PAGE,
            pages=max(1, -(-total // PAGE)),
            articles=articles,
        )
    )


def article_page(archive: Archive, source: str, position: int) -> str | None:
    """Give the page of one article of an archive: its facts, and its cues in their sentences; None without it."""
    row = archive.article(source, position)
    if row is None:
        return None
    template = environment().get_template("archive_article.html")
    figures = {cue: row[cue] for cue in archive.cues}
    return template.render(**_frame(archive, standalone=False), row=row, figures=figures, link=_link(row["id"]))


def _frame(archive: Archive, *, standalone: bool) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": archive.name,
        "model": archive.model,
        "unfinished": archive.note,
        "cues": archive.cues,
        "colours": {cue: _COLOURS.get(cue, "#dddddd") for cue in archive.cues},
        "standalone": standalone,
        "data_uri": lambda svg: "data:image/svg+xml," + quote(str(svg)),
        "place": lambda row: "/archive/article?" + urlencode({"source": row["source"], "position": row["position"]}),
    }
    if standalone:
        # Our own files; a hash allows this one script and no other.
        style, script = _asset("base.css") + _asset("archive.css"), _asset("export.js")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        given |= {"style": Markup(style), "script": Markup(script), "digest": digest}  # noqa: S704
    return given


def _asset(name: str) -> str:
    return (files("framing.report") / "templates" / name).read_text(encoding="utf-8")


def _link(identity: str | None) -> str | None:
    """Give an id that is a web address; no other scheme becomes a link."""
    return identity if identity and identity.startswith(("http://", "https://")) else None

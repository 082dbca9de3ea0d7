"""The dashboard over a scored archive: pages made here, filters in the URL, no script needed to read them."""

from __future__ import annotations

from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from framing.errors import InputError
from framing.report.archive import Archive, Filters
from framing.report.overview import article_page, dashboard_page

ASSETS = ("archive.css", "export.js")


class Dashboard:
    """The routes of the dashboard."""

    def __init__(self, results: Path) -> None:
        """Open the results; raises `InputError` and `MissingExtraError`."""
        self.archive = Archive(results)

    def routes(self) -> list[Route]:
        """Give the routes."""
        folder = Path(str(files("framing.report") / "templates"))
        assets = [Route(f"/static/{name}", partial(_asset, folder / name)) for name in ASSETS]
        return [Route("/archive", self.overview), Route("/archive/article", self.article), *assets]

    def reference(self) -> dict[str, Any]:
        """Give the archive's rates by type, to compare articles with, and how they came about."""
        tallies = self.archive.rates("cue", Filters())
        cues = {
            cue: dict(zip(("per_1000", "low", "high"), (tally.rate, *tally.interval()), strict=True))
            for cue, tally in tallies.items()
        }
        return {
            "name": self.archive.name,
            "articles": self.archive.summary()["articles"],
            "model": {key: self.archive.model[key] for key in ("name", "version")},
            "threshold": self.archive.threshold,  # None: the model's own, one a type
            "asked": self.archive.asked,  # None: all types of the model
            "cues": cues,
        }

    async def overview(self, request: Request) -> Response:
        """Give the page of one view."""
        try:
            filters = Filters.from_query(request.query_params, self.archive.cues)
        except InputError as error:
            raise HTTPException(422, str(error)) from error
        return HTMLResponse(await anyio.to_thread.run_sync(dashboard_page, self.archive, filters))

    async def article(self, request: Request) -> Response:
        """Give the page of one article."""
        source, position = request.query_params.get("source", ""), request.query_params.get("position", "")
        if not (position.isascii() and position.isdecimal() and len(position) < 18):
            raise HTTPException(422, f"position {position!r} is not a number")
        page = await anyio.to_thread.run_sync(article_page, self.archive, source, int(position))
        if page is None:
            raise HTTPException(404, "the archive has no such article")
        return HTMLResponse(page)


async def _asset(path: Path, request: Request) -> Response:
    return FileResponse(path)

"""What the reading page needs beside the API: its files, the text of HTML pages, and rates to compare with."""

from __future__ import annotations

from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from framing.errors import FramingError
from framing.io.jsonl import BadRecord
from framing.io.pieces import decode_text
from framing.io.whole import page_document
from framing.serve.api import json_of
from framing.serve.fetching import Page, fetch
from framing.serve.limits import Limits, body_of
from framing.spans import Document

FETCH_SECONDS = 15.0


class Pages:
    """The routes of the reading page."""

    def __init__(self, limits: Limits, *, allow_urls: bool, reference: dict[str, Any] | None) -> None:
        """Take what the page is allowed to do, and the rates of a scored archive, if there is one."""
        self.limits, self.allow_urls, self.reference = limits, allow_urls, reference
        self.static = Path(str(files("framing.serve") / "static"))

    def routes(self) -> list[BaseRoute]:
        """Give the routes."""
        return [
            Route("/", self.page),
            Route("/settings", self.settings),
            Route("/extract", self.extract, methods=["POST"]),
            Route("/fetch", self.fetch, methods=["POST"]),
            Route("/static/base.css", self.style),  # reports have it, too
            Mount("/static", StaticFiles(directory=self.static), name="static"),
        ]

    async def page(self, request: Request) -> Response:
        """Give the page."""
        return FileResponse(self.static / "index.html")

    async def style(self, request: Request) -> Response:
        """Give the style that all our pages share."""
        return FileResponse(Path(str(files("framing.report") / "templates" / "base.css")))

    async def settings(self, request: Request) -> Response:
        """Say what the page may offer."""
        return JSONResponse({"urls": self.allow_urls, "body": self.limits.body, "reference": self.reference})

    async def extract(self, request: Request) -> Response:
        """Find the article in an HTML page."""
        body = await body_of(request, self.limits)
        return JSONResponse(await anyio.to_thread.run_sync(_article, Page("", "text/html", body)))

    async def fetch(self, request: Request) -> Response:
        """Fetch a page and find the article in it."""
        if not self.allow_urls:
            raise HTTPException(403, "fetching is off; start with `framing serve --allow-urls`, or paste the text")
        given = json_of(await body_of(request, self.limits))
        url = given.get("url") if isinstance(given, dict) else None
        if not isinstance(url, str):
            raise HTTPException(422, 'send {"url": "https://..."}')
        try:
            page = await anyio.to_thread.run_sync(partial(fetch, url, most=self.limits.body, seconds=FETCH_SECONDS))
        except FramingError as error:
            raise HTTPException(422, str(error)) from error
        return JSONResponse(await anyio.to_thread.run_sync(_article, page))


def _article(page: Page) -> dict[str, Any]:
    where = page.url or "page"
    if page.kind == "text/plain":
        text = decode_text(page.body, where, None, page.charset)
        if isinstance(text, BadRecord):
            raise HTTPException(422, f"{where}: no UTF-8, and the server doesn't say what else; paste the text")
        return {"id": page.url, "text": text}
    try:
        found = page_document(page.body, where, id=where, url=page.url or None, charset=page.charset)
    except FramingError as error:  # the extra isn't installed
        raise HTTPException(501, str(error)) from error
    if isinstance(found, BadRecord):
        raise HTTPException(422, found.reason)
    return _record(found)


def _record(document: Document) -> dict[str, Any]:
    known = {name: document.meta[name] for name in ("title", "outlet", "date") if document.meta.get(name)}
    return {"id": document.id, "text": document.text, **known}

"""The JSON API: `/score`, `/batch`, `/cues`, `/health`, `/metrics`, and what the page needs beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from framing import __version__
from framing.errors import FramingError, InputError
from framing.io.jsonl import BadRecord
from framing.scorer import Scorer
from framing.scoring import skipped_record
from framing.serve.batching import Batcher, Overloaded
from framing.serve.jobs import Choices, Job
from framing.serve.limits import Limits, body_of, body_parts
from framing.serve.metrics import CONTENT_TYPE, Metrics
from framing.serve.stream import answer_lines, json_bytes
from framing.spans import Document

_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}


class Api:
    """The routes of the API over one scorer."""

    def __init__(self, scorer: Scorer, batcher: Batcher[Job, dict[str, Any]], limits: Limits, metrics: Metrics) -> None:
        """Take what answers."""
        self.scorer, self.batcher, self.limits, self.metrics = scorer, batcher, limits, metrics

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/score", self.score, methods=["POST"]),
            Route("/batch", _Stream(self), methods=["POST"]),
            Route("/cues", self.cues),
            Route("/health", self.health),
            Route("/metrics", self.show_metrics),
            Route("/openapi.json", self.openapi),
        ]

    async def score(self, request: Request) -> Response:
        """Score one text."""
        choices = choices_of(request, self.scorer, {"threshold", "cue", "keep_text", "levels"})
        document = _document(request, await body_of(request, self.limits))
        record = await self.answer(document, choices)
        return Response(json_bytes(record), media_type="application/json")

    async def answer(
        self, document: Document | BadRecord, choices: Choices, *, patient: bool = False
    ) -> dict[str, Any]:
        """Give the record that answers a good record, or a bad one; raises `Overloaded`."""
        if isinstance(document, BadRecord):
            record = skipped_record(document, self.scorer.model)
            if not choices.keep_text:
                record.pop("text", None)
        else:
            record = await self.batcher.submit((document, choices), len(document.text), patient=patient)
        self.metrics.record(record)
        return record

    async def cues(self, request: Request) -> Response:
        """List the cue types of the model."""
        return JSONResponse([cue.to_record() for cue in self.scorer.cues])

    async def health(self, request: Request) -> Response:
        """Say that the server is there, and which model it has."""
        return JSONResponse({"status": "ok", "version": __version__, "model": self.scorer.model})

    async def show_metrics(self, request: Request) -> Response:
        """Give the counters to Prometheus."""
        return Response(self.metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    async def openapi(self, request: Request) -> Response:
        """Give the description of this API."""
        return JSONResponse(schema(tuple(cue.name for cue in self.scorer.cues)))


class _Stream:
    """`POST /batch` as a program of its own: it must read and write at the same time."""

    def __init__(self, api: Api) -> None:
        self.api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        choices = choices_of(request, self.api.scorer, {"threshold", "cue", "keep_text"})
        kind = _content_type(request)
        if kind not in {"application/x-ndjson", "application/jsonl", "application/json", "text/plain"}:
            raise HTTPException(415, f"content type {kind or 'none'}; send JSON lines as application/x-ndjson")

        async def answer(record: Document | BadRecord) -> dict[str, Any]:
            try:
                return await self.api.answer(record, choices, patient=True)
            except Overloaded as error:
                assert isinstance(record, Document)  # noqa: S101 - bad ones aren't scored
                bad = BadRecord(record.id, f"record {record.id!r}: {error}", dict(record.meta), "overloaded")
                return await self.api.answer(bad, choices)

        head = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/x-ndjson")]}
        await send(head)
        try:
            async for line in answer_lines(body_parts(request, self.api.limits), self.api.limits.body, answer):
                await send({"type": "http.response.body", "body": line, "more_body": True})
        except ClientDisconnect:
            return
        except HTTPException as error:  # the status is sent already: a last line tells
            await send({"type": "http.response.body", "body": json_bytes({"error": error.detail}), "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def choices_of(request: Request, scorer: Scorer, known: set[str]) -> Choices:
    """Read the choices of a request's query; raises `HTTPException` 422."""
    query = request.query_params
    for name in query:
        if name not in known:
            raise HTTPException(422, f"unknown parameter {name!r}; known are {', '.join(sorted(known))}")
    try:
        threshold = float(query["threshold"]) if "threshold" in query else None
    except ValueError as error:
        raise HTTPException(422, f"threshold {query['threshold']!r} is not a number between 0 and 1") from error
    flags = {}
    for name in ("keep_text", "levels"):
        if name in query and query[name] not in _FLAGS:
            raise HTTPException(422, f"{name} {query[name]!r} is neither true nor false")
        flags[name] = _FLAGS[query.get(name, "false")]
    choices = Choices(threshold, tuple(query.getlist("cue")) or None, **flags)
    try:
        choices.scorer(scorer)
    except InputError as error:
        raise HTTPException(422, str(error)) from error
    return choices


def _text_of(body: bytes) -> str:
    """Read UTF-8, with or without a mark; raises `HTTPException` 400."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"invalid UTF-8 at byte {error.start + 1}; send UTF-8") from error


def json_of(body: bytes) -> Any:
    """Read JSON; raises `HTTPException` 400."""
    try:
        return json.loads(_text_of(body), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f'invalid JSON ({error}); send one object, {{"text": "..."}}') from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _document(request: Request, body: bytes) -> Document:
    kind = _content_type(request)
    record: Any
    if kind == "application/json":
        record = json_of(body)
    elif kind == "text/plain":
        record = {"text": _text_of(body)}
    else:
        raise HTTPException(415, f"content type {kind or 'none'}; send application/json, or text/plain for a bare text")
    try:
        document = Document.from_record(record, where="text")
    except FramingError as error:
        raise HTTPException(422, str(error)) from error
    if not document.text.strip():
        raise HTTPException(422, f"record {document.id!r}: the text is empty; send a text with words")
    return document


async def on_error(request: Request, error: Exception) -> Response:
    """Answer an HTTP error as JSON."""
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these alone
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def on_overload(request: Request, error: Exception) -> Response:
    """Answer that there is too much to do, and when to come again."""
    assert isinstance(error, Overloaded)  # noqa: S101 - it is registered for these alone
    return JSONResponse({"error": str(error)}, 503, {"Retry-After": str(error.seconds)})


async def on_failure(request: Request, error: Exception) -> Response:
    """Answer a fault of ours without its innards, which are in the log."""
    return JSONResponse({"error": "the server failed on this request; its log says why"}, 500)


@cache
def schema(cues: tuple[str, ...]) -> Mapping[str, Any]:
    """Give the OpenAPI description, with this version and the types that the model knows."""
    found: dict[str, Any] = yaml.safe_load((files("framing.serve") / "openapi.yaml").read_text(encoding="utf-8"))
    found["info"]["version"] = __version__
    named = found["components"]["parameters"]["cue"]
    named["schema"]["items"]["enum"], named["example"] = list(cues), list(cues[:1])
    return found

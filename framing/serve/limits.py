"""Who may ask, and how much: hosts, token, foreign pages, sizes and times; and the headers of every answer."""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from framing.serve.metrics import Metrics

COOKIE: Final = "framing_token"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a client may ask.

    Attributes:
        body: most bytes of a request, and of a line of a stream.
        open: most requests at a time; more are answered 503.
        idle: most seconds without a byte from, or to, a client.
        job: most seconds for which a text may wait and be scored.
        room: most characters of texts that may wait.
    """

    body: int = 2 * 1024 * 1024
    open: int = 128
    idle: float = 30.0
    job: float = 60.0
    room: int = 4_000_000


async def body_of(request: Request, limits: Limits) -> bytes:
    """Read a request's body; raises `HTTPException` 408 or 413."""
    stated = request.headers.get("content-length", "0")
    if stated.isdecimal() and float(stated) > limits.body:  # int refuses thousands of digits
        raise _too_large(limits)
    parts, size = [], 0
    async for part in body_parts(request, limits):
        parts.append(part)
        size += len(part)
        if size > limits.body:
            raise _too_large(limits)
    return b"".join(parts)


async def body_parts(request: Request, limits: Limits) -> AsyncIterator[bytes]:
    """Give a body's parts as they come; raises `HTTPException` 408 when none comes for too long."""
    parts = request.stream()
    while True:
        try:
            with anyio.fail_after(limits.idle):
                part = await anext(parts)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise HTTPException(408, f"nothing came for {limits.idle:g} s; send the request faster") from error
        yield part


def _too_large(limits: Limits) -> HTTPException:
    return HTTPException(
        413, f"more than {limits.body:,} bytes; send less, or use `framing score` or `framing archive`"
    )


class Guard:
    """Middleware around the whole program: refuses what isn't asked by the user, counts, and sets headers."""

    def __init__(
        self, app: ASGIApp, *, limits: Limits, metrics: Metrics, hosts: Iterable[str] = (), token: str | None = None
    ) -> None:
        """Take the program and what is allowed.

        Args:
            app: the program.
            limits: how much may be asked.
            metrics: where requests are counted.
            hosts: names under which the server may be called, beside `localhost` and all IP addresses. A page of
                another site can point a name of its own at this machine (DNS rebinding), but no address.
            token: what a client must show; None for none.
        """
        self.app, self.limits, self.metrics, self.token = app, limits, metrics, token
        self.hosts = {"localhost", *(host.lower() for host in hosts)}
        self.open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            with anyio.fail_after(self.limits.idle):  # a client that doesn't read must not hold us
                await send(message)

        self.open += 1
        try:
            refusal = self._refusal(scope)
            await (refusal or self.app)(scope, receive, answer)
        finally:
            self.open -= 1
            route = getattr(scope.get("route"), "path", "other")
            self.metrics.answered(route, _method(scope), status, time.perf_counter() - start)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._known(host):
            return _error(421, "this host name is not served here; call it by its address, or allow it by --allow-host")
        if scope["method"] not in {"GET", "HEAD"} and _foreign(headers, host):
            return _error(403, "requests from pages of other sites are refused")
        if self.open > self.limits.open:
            return _error(503, "too many requests at a time; ask again in 1 s", {"Retry-After": "1"})
        return self._without_token(scope, headers)

    def _known(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in self.hosts:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _without_token(self, scope: Scope, headers: Headers) -> Response | None:
        if self.token is None or scope["path"] == "/health":
            return None
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = query.pop("token", [""])[0]
        if scope["method"] == "GET" and _same(given, self.token):
            # The token leaves the address bar, where it would be seen and copied along with shared views.
            rest = urlencode(query, doseq=True)
            response = RedirectResponse(scope["path"] + (f"?{rest}" if rest else ""), 303)
            response.set_cookie(COOKIE, self.token, httponly=True, samesite="strict")
            return response
        kind, _, shown = headers.get("authorization", "").partition(" ")
        if (kind.lower() == "bearer" and _same(shown, self.token)) or _same(_cookie(headers), self.token):
            return None
        return _error(
            401,
            "a token is needed: open the address that `framing serve` printed, or send `Authorization: Bearer TOKEN`",
            {"WWW-Authenticate": "Bearer"},
        )


def _foreign(headers: Headers, host: str) -> bool:
    origin = headers.get("origin")
    try:
        if origin is not None and (origin == "null" or urlsplit(origin).netloc.lower() != host.lower()):
            return True
    except ValueError:  # as of http://[
        return True
    return headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _method(scope: Scope) -> str:
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return scope["method"] if scope["method"] in known else "other"  # a name of the client's choice is no label


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": message}, status, headers)

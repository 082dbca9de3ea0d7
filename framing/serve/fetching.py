"""Fetching a page that a user names, without letting it reach into private networks."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from framing import __version__
from framing.errors import InputError

_REDIRECTS: Final = 5
_REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Page:
    """What came.

    Attributes:
        url: where it came from, after redirects.
        kind: its media type.
        body: its bytes.
        charset: the character set that the server names.
    """

    url: str
    kind: str
    body: bytes
    charset: str | None = None


def fetch(url: str, *, most: int, seconds: float) -> Page:
    """Fetch an http(s) page from a public address.

    The name is looked up once and that address is the one that is connected to, also after each redirect, so that a
    name can't point elsewhere between check and use.

    Args:
        url: the page's address.
        most: most bytes of the page.
        seconds: most seconds for all of it.

    Raises:
        InputError: the address is no public http(s) one, or it can't be fetched; says why.
    """
    until = time.monotonic() + seconds
    for _ in range(_REDIRECTS + 1):
        parts = _checked(url)
        try:
            with contextlib.closing(_connection(parts, until)) as connection:
                target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                headers = {"User-Agent": f"framing/{__version__}", "Accept": "text/html, text/plain;q=0.9"}
                connection.request("GET", target, headers=headers)
                response = connection.getresponse()
                if response.status in _REDIRECT_STATUSES and (place := response.getheader("Location")):
                    url = urljoin(url, place)
                    continue
                if response.status != 200:
                    raise InputError(f"{url}: the server answered {response.status}; check the address")
                kind = response.headers.get_content_type()
                if kind not in {"text/html", "text/plain", "application/xhtml+xml"}:
                    raise InputError(f"{url}: it is {kind}, neither a page nor a text")
                charset = response.headers.get_content_charset()
                return Page(url, kind, _read(response, url, most, until), charset)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise InputError(f"{url}: can't be fetched ({error or type(error).__name__}); check the address") from error
    raise InputError(f"{url}: more than {_REDIRECTS} redirects; give the address at which they end")


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InputError(f"{url!r}: not an address ({error})") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise InputError(f"{url!r}: give an address that begins with http:// or https://")
    if parts.username is not None or port not in {None, *_PORTS.values()}:
        raise InputError(f"{url!r}: names, passwords and ports other than 80 and 443 are refused")
    if not url.isascii() or any(char.isspace() or ord(char) < 32 for char in url):
        raise InputError(f"{url!r}: copy the address from the browser, where blanks and letters with marks are encoded")
    return parts


def public_address(host: str, port: int) -> str:
    """Look a name up; raises `InputError` where any of its addresses is private, local or reserved."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise InputError(f"{host}: no such host; check the address") from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not is_public(address):
            raise InputError(f"{host}: a private address; only public pages are fetched")
    return addresses[0]


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet; addresses that hold another are asked for that."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        nat64 = ip in ipaddress.ip_network("64:ff9b::/96") or ip in ipaddress.ip_network("64:ff9b:1::/48")
        if nat64 or (inner is not None and not is_public(str(inner))):
            return False
    return ip.is_global and not ip.is_multicast


def _connection(parts: SplitResult, until: float) -> http.client.HTTPConnection:
    host = str(parts.hostname)
    port = parts.port or _PORTS[parts.scheme]
    address = public_address(host, port)
    connection = http.client.HTTPConnection(host, port, timeout=_left(until))
    stream = socket.create_connection((address, port), timeout=_left(until))
    if parts.scheme == "https":
        stream = ssl.create_default_context().wrap_socket(stream, server_hostname=host)
    connection.sock = stream
    return connection


def _read(response: http.client.HTTPResponse, url: str, most: int, until: float) -> bytes:
    body = bytearray()
    while part := response.read1(65536):
        body += part
        if len(body) > most:
            raise InputError(f"{url}: more than {most:,} bytes; save the article as a text and drop that")
        _left(until)
    return bytes(body)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("it takes too long")
    return left

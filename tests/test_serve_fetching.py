"""Fetching a page for a reader: public addresses only, also after a redirect."""

from __future__ import annotations

import http.server
import threading
from typing import Any

import pytest
from archive_samples import page
from starlette.exceptions import HTTPException

from framing.errors import InputError
from framing.serve import fetching, pages


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - it is refused
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::", False),
        ("64:ff9b::a00:1", False),
    ],
)
def test_private_addresses_are_known(address: str, public: bool) -> None:
    assert fetching.is_public(address) is public


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "ftp://example.org/",
        "http://user:pw@example.org/",
        "http://example.org:22/",
        "http://exa mple.org/",
        "//example.org",
        "http://[/",
        "",
    ],
)
def test_addresses_that_are_not_public_pages_are_refused(url: str) -> None:
    with pytest.raises(InputError):
        fetching.fetch(url, most=1000, seconds=5)


def test_a_redirect_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def lookup(host: str, port: int) -> str:
        asked.append(host)
        if host == "public.example":
            return "127.0.0.1"
        raise InputError(f"{host}: a private address")

    class Redirects(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", "http://inside.example/secret")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Redirects) as redirecting:
        threading.Thread(target=redirecting.handle_request).start()
        monkeypatch.setattr(fetching, "public_address", lookup)
        monkeypatch.setattr(fetching, "_PORTS", {"http": redirecting.server_port})
        with pytest.raises(InputError, match=r"inside\.example: a private address"):
            fetching.fetch("http://public.example/", most=1000, seconds=5)
    assert asked == ["public.example", "inside.example"]


@pytest.mark.parametrize("kind", ["text/html", "text/plain"])
@pytest.mark.parametrize("charset", ["iso-8859-1", "cp1251", None])
def test_the_server_says_in_what_letters_a_page_is(
    monkeypatch: pytest.MonkeyPatch, kind: str, charset: str | None
) -> None:
    words = "Мэр сказал это." if charset == "cp1251" else "Der Bürgermeister hörte die Gäste."
    body = page(words) if kind == "text/html" else words.encode()

    class Letters(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset={charset}" if charset else kind)
            self.end_headers()
            self.wfile.write(body.decode().encode(charset or "utf-8"))

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Letters) as answering:
        threading.Thread(target=answering.handle_request).start()
        monkeypatch.setattr(fetching, "public_address", lambda host, port: "127.0.0.1")
        monkeypatch.setattr(fetching, "_PORTS", {"http": answering.server_port})
        found = fetching.fetch("http://public.example/", most=10_000, seconds=5)
    assert found.charset == charset
    assert words in pages._article(found)["text"]


def test_a_text_in_unknown_letters_is_refused() -> None:
    with pytest.raises(HTTPException) as refused:
        pages._article(fetching.Page("http://a.example/", "text/plain", "Gäste".encode("cp1252")))
    said = "http://a.example/: no UTF-8, and the server doesn't say what else; paste the text"
    assert (refused.value.status_code, refused.value.detail) == (422, said)

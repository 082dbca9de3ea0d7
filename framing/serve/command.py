"""`framing serve`: the page and the API, on this machine unless told otherwise."""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket
from pathlib import Path

import click

from framing import options
from framing.errors import InputError, needs_extra
from framing.sizes import Mebibytes


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--model", metavar="MODEL", help="As for `framing score`.")
@options.THREADS
@click.option(
    "--results",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="OUT",
    help="Also show the archive that `framing archive -o OUT` scored, and compare articles with it.",
)
@click.option("--allow-urls", is_flag=True, help="Let the page fetch articles from public web addresses.")
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A host name by which it is called, beside localhost and addresses; may be given several times.",
)
@click.option(
    "--token",
    envvar="FRAMING_TOKEN",
    metavar="TEXT",
    help="What clients must show.  [default: a new one, where others can reach it; $FRAMING_TOKEN]",
)
@click.option(
    "--max-body",
    type=Mebibytes(),
    default=2,
    show_default=True,
    metavar="MIB",
    help="Largest request, and line of /batch.",
)
def serve(
    host: str,
    port: int,
    model: str | None,
    threads: int | None,
    results: Path | None,
    allow_urls: bool,
    hosts: tuple[str, ...],
    token: str | None,
    max_body: int,
) -> None:
    """Open a local web page on which articles are read with their cues, and a JSON API.

    Paste a text, drop a file (.txt, .html, .jsonl), filter types, move the threshold, compare two articles, correct
    labels and download them for training. Nothing leaves this machine. The API is POST /score, POST /batch (JSON
    lines), GET /cues, /health, /metrics, described in /openapi.json; its records are those of `framing score`.

    It listens on 127.0.0.1. Where others can reach it (--host 0.0.0.0) it asks for a token, which it prints. It
    speaks plain HTTP: put a proxy with TLS before it on networks that you don't trust.

    \b
    Examples:
      framing serve
      framing serve --results scored
      framing serve --host 0.0.0.0 --allow-host newsroom.example
      curl -s http://127.0.0.1:8000/score -H 'Content-Type: text/plain' --data-binary @article.txt
    """
    with needs_extra("the page needs", "serve"):
        import uvicorn

        from framing.serve.app import ServeSettings, create_app
        from framing.serve.limits import Limits
    from framing.scorer import Scorer

    if token is None and not _is_local(host):
        token = secrets.token_urlsafe(24)
    if token is not None and not (token.isascii() and token.isprintable() and " " not in token and token):
        raise InputError("--token: use printable ASCII characters without blanks")
    limits = Limits(body=max_body)
    names = hosts if _is_address(host) else (*hosts, host)
    settings = ServeSettings(results=results, allow_urls=allow_urls, hosts=names, token=token, limits=limits)
    app = create_app(Scorer.load(model, threads=threads), settings)
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}/"
    click.echo(f"framing: open {address}{f'?token={token}' if token else ''} (Ctrl-C ends it)", err=True)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    listener = None
    try:
        family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
    except OSError as error:
        if listener is not None:
            listener.close()
        reason = error.strerror or str(error)
        raise InputError(f"{host}:{port}: can't listen there ({reason}); choose another --port or --host") from error
    return listener


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_local(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)

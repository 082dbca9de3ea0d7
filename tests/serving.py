"""Runs the web program for tests: in process, or as a server on a free port."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.testclient import TestClient

from framing.scorer import Scorer
from framing.serve.app import ServeSettings, create_app


@contextlib.contextmanager
def client(scorer: Scorer, **settings: Any) -> Iterator[TestClient]:
    app = create_app(scorer, ServeSettings(**settings))
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as made:
        yield made


@contextlib.contextmanager
def server(scorer: Scorer, **settings: Any) -> Iterator[str]:
    """Give the address of a server that listens."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    running = uvicorn.Server(uvicorn.Config(create_app(scorer, ServeSettings(**settings)), log_level="error"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    while not running.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join()

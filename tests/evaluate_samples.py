"""Records for the tests of `framing evaluate`: gold, what two systems found, and how a test writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Write = Callable[..., Path]
VOICE = {"voice": "author"}


def record(
    identity: str, *spans: tuple[int, int, str], text: str | None = "so-called truce & <b>pretext</b>", **meta: Any
) -> dict[str, Any]:
    """Make a record; `text` None leaves it out."""
    found = [{"start": start, "end": end, "label": label, **VOICE} for start, end, label in spans]
    return {"id": identity, **({} if text is None else {"text": text}), "spans": found, **meta}


GOLD = [
    record("a", (0, 9, "distancing"), (21, 28, "pretext"), outlet="Mail"),
    record("b", (0, 9, "distancing"), outlet="Mail"),
    record("c", outlet="Post"),
    record("d", (21, 28, "pretext"), outlet="Post"),
]
OURS = [
    record("d", (21, 28, "pretext")),
    record("a", (0, 9, "distancing"), (18, 28, "pretext")),
    record("b", (0, 9, "pretext"), (10, 15, "group_label")),
]
RULES = [record("a", (0, 9, "distancing"), text=None), record("b", (0, 9, "distancing"), text=None), record("c")]

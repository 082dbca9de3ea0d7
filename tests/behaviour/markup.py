"""Passages in mark-up: `[type|words]` is a cue, `[type:voice|words]` one in that voice, `[!type|words]` a decoy."""

from __future__ import annotations

import re
from dataclasses import dataclass

from framing.spans import CueSpan

_TOKEN = re.compile(r"\[(!?)(\w+)(?::(\w+))?\||\]")


@dataclass(frozen=True)
class Passage:
    """A text, the cues that must be found in it, and stretches that only look like one."""

    text: str
    cues: tuple[CueSpan, ...]
    decoys: tuple[CueSpan, ...]


def parse(marked: str) -> Passage:
    text, done = "", 0
    opened: list[tuple[int, bool, str, str | None]] = []
    cues, decoys = [], []
    for token in _TOKEN.finditer(marked):
        text += marked[done : token.start()]
        done = token.end()
        if token.group() != "]":
            opened.append((len(text), bool(token[1]), token[2], token[3]))
            continue
        start, decoy, label, voice = opened.pop()
        (decoys if decoy else cues).append(CueSpan(start, len(text), label, voice=voice))
    assert not opened, marked
    return Passage(text + marked[done:], tuple(sorted(cues)), tuple(sorted(decoys)))

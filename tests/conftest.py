"""Fixtures that several files share; everything runs offline and on the model that comes with the package."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from archive_samples import MANY, jsonl, zipped
from command_line import TEXT
from hypothesis import settings

from framing.archive import plan
from framing.model import default_folder
from framing.scorer import Scorer
from framing.spans import Document
from framing.tokens import WindowTokenizer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Reproducible runs that leave nothing behind; slow machines are no failure.
settings.register_profile("framing", deadline=None, max_examples=60, derandomize=True, database=None)
settings.load_profile("framing")
# Encoding a batch starts threads of the tokenizer; the command line tests start processes after that.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


@pytest.fixture(scope="session")
def examples() -> Path:
    return Path(__file__).parent.parent / "examples"


@pytest.fixture(scope="session")
def article(examples: Path) -> str:
    return (examples / "article.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def gold_article(examples: Path) -> Document:
    return Document.from_record(json.loads((examples / "article.gold.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    return Scorer.load(threads=1)


@pytest.fixture(scope="session")
def eager_scorer() -> Scorer:
    """The default model with so low a threshold that it reports spans whatever it was trained on."""
    return Scorer.load(threads=1, threshold=0.001)


@pytest.fixture(scope="session")
def lexicon_scorer() -> Scorer:
    return Scorer.load("lexicon")


@pytest.fixture(scope="session")
def tokenizer_file() -> Path:
    return default_folder() / "tokenizer.json"


@pytest.fixture(scope="session")
def small_windows(tokenizer_file: Path) -> WindowTokenizer:
    """The default tokenizer with windows so small that any sentence needs several."""
    return WindowTokenizer.from_file(tokenizer_file, window=8, stride=3)


@pytest.fixture
def article_file(tmp_path: Path) -> Path:
    path = tmp_path / "harbour.txt"
    path.write_text(TEXT + "\n", encoding="utf-8")
    return path


@pytest.fixture
def write_jsonl(tmp_path: Path) -> Callable[..., Path]:
    """Write lines (text, bytes, or values to dump as JSON) to a file in the test's folder."""

    def write(lines: Sequence[object], name: str = "input.jsonl") -> Path:
        path = tmp_path / name
        rows = [line if isinstance(line, bytes) else _row(line) for line in lines]
        path.write_bytes(b"".join(row + b"\n" for row in rows))
        return path

    return write


def _row(line: object) -> bytes:
    return (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)).encode()


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with 23 articles and 3 bad records, in three files, which are scored in blocks of 4."""
    monkeypatch.setattr(plan, "BLOCK_RECORDS", 4)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(jsonl(MANY[:9]) + b"{broken\n" + jsonl(MANY[9:15]))
    zipped(folder / "b.zip", {"x.jsonl": jsonl(MANY[15:20]), "y.txt": b"\0"})
    (folder / "c.jsonl").write_bytes(b'{"text": ""}\n' + jsonl(MANY[20:]))
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium; only the modules that use it import Playwright and have its event loop."""
    from browsing import BROWSER
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield made
        made.close()

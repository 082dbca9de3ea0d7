"""A run goes on only with what it was begun with, and alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from archive_samples import MANY, inline, jsonl, score
from command_line import refusal, run
from filelock import FileLock

from framing.archive.run import score_archive
from framing.archive.settings import Settings
from framing.errors import ConfigError, InputError


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "d.txt").write_text("New."), "d.txt: new since"),
        (lambda folder: (folder / "a0.txt").write_text("New."), "a0.txt: new since"),
        (lambda folder: (folder / "b.zip").unlink(), "b.zip: gone since"),
        (lambda folder: (folder / "c.jsonl").unlink(), "c.jsonl: gone since"),
        (lambda folder: (folder / "c.jsonl").write_bytes(jsonl(MANY)), "c.jsonl: changed since"),
        (lambda folder: os.utime(folder / "a.jsonl"), "a.jsonl: changed since"),
    ],
)
def test_a_changed_input_is_refused(archive: Path, tmp_path: Path, change: Callable[[Path], Any], message: str) -> None:
    score(tmp_path / "out", archive)
    change(archive)
    with pytest.raises(InputError, match=message) as caught:
        score(tmp_path / "out", archive)
    assert str(caught.value).endswith("was begun; put it right, or start in another folder with -o")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"threshold": 0.9}, "begun with threshold None, now 0.9"),
        ({"cues": ("pretext",)}, r"begun with cues None, now \['pretext'\]"),
        ({"language": "en"}, "begun with language None, now 'en'"),
        ({"partition": ("year",)}, r"begun with partition \[\], now \['year'\]"),
    ],
)
def test_a_changed_option_is_refused(archive: Path, tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    score(tmp_path / "out", archive)
    with pytest.raises(ConfigError, match=f"{message}; give what it was begun with, or another folder with -o"):
        score(tmp_path / "out", archive, **settings)


def test_another_model_is_refused(archive: Path, tmp_path: Path) -> None:
    score(tmp_path / "out", archive)
    with pytest.raises(ConfigError, match="begun with model 'lexicon', now None"):
        score_archive(Settings((str(archive),)), tmp_path / "out", workers=1, engine=inline, shown=False)
    path = tmp_path / "out" / "run.json"
    path.write_text(path.read_text().replace('"version": "', '"version": "9.'))
    with pytest.raises(ConfigError, match="begun with model's version '9"):
        score(tmp_path / "out", archive)


def test_a_folder_with_foreign_tables_is_refused(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "articles").mkdir(parents=True)
    with pytest.raises(InputError, match="has tables, but no plan that they belong to"):
        score(tmp_path / "out", archive)


def test_two_runs_at_once_are_locked_out(archive: Path, tmp_path: Path) -> None:
    score(tmp_path / "out", archive)
    with FileLock(tmp_path / "out" / ".lock"):
        result = run("archive", "--model", "lexicon", archive, "-o", tmp_path / "out")
        assert refusal(result) == (
            f"framing: {tmp_path}/out: another run (unknown) is writing there; wait for it, "
            "or choose another folder with -o"
        )
    (tmp_path / "out" / ".owner").write_text("process 999999999 on elsewhere")  # of a process that died
    assert score(tmp_path / "out", archive).finished

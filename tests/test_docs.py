"""The documentation's examples run as printed; `make docs` checks that its pages and links hold."""

from __future__ import annotations

import doctest
import importlib
import runpy
from pathlib import Path

import pytest
from click.testing import CliRunner

from framing.cli import main

ROOT = Path(__file__).parents[1]


def test_the_examples_of_integrations_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    archive = ["archive", str(ROOT / "examples" / "archive.jsonl"), "-o", "scored", "--model", "lexicon"]
    assert CliRunner().invoke(main, archive).exit_code == 0
    importlib.import_module("framing.integrations.spacy")  # by its entry point where the package is installed anew
    failed, tried = doctest.testfile(str(ROOT / "docs" / "how-to" / "integrations.md"), module_relative=False)
    assert (failed, tried > 20) == (0, True)


@pytest.mark.parametrize(
    "name", ["framing", "framing.scorer", "framing.integrations.spacy", "framing.integrations.sklearn"]
)
def test_the_examples_of_docstrings_run(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert (failed, tried > 1) == (0, True)


def test_the_picture_shows_what_the_default_model_finds() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "_picture.py"))
    assert made["draw"]() == made["PICTURE"].read_text(encoding="utf-8"), (
        "the model or its drawing changed: run `make picture`"
    )

"""The recipes in configs/: valid by their classes and by the schema that editors read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from framing.cli import main
from training.config import load_config, vocabulary
from training.corpora.registry import parse
from training.schema import schema

ROOT = Path(__file__).parents[1]
RECIPES = sorted((ROOT / "configs").glob("*.yaml"))


@pytest.fixture(scope="module")
def validator() -> Any:
    facts = json.loads((ROOT / "configs" / "schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(facts)
    return jsonschema.Draft202012Validator(facts)


def test_the_committed_schema_is_the_generated_one() -> None:
    committed = (ROOT / "configs" / "schema.json").read_text(encoding="utf-8")
    assert committed == schema(), "the config classes have changed: run `make schema`"


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipes_agree_with_schema_classes_and_vocabulary(
    path: Path, validator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)  # recipes name paths from there
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    assert [error.message for error in validator.iter_errors(yaml.safe_load(text))] == []
    config = load_config(path)
    assert vocabulary(config)
    for entry in (*config.data.train, *config.data.dev):
        parse(entry)
    assert f"`{path.name}`" in (ROOT / "configs" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipes_whose_corpora_are_here_pass_a_dry_run(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With corpora outside the repository that aren't here, the dry run must say of each that it is missing."""
    monkeypatch.chdir(ROOT)
    config = load_config(path)
    entries = dict.fromkeys((*config.data.train, *config.data.dev))
    missing = [entry for entry in entries if not parse(entry)[1].exists()]
    # What earlier trainings left in runs/ is no part of the repository.
    given = [f"output={tmp_path / 'run'}", "model.encoder=minilm"]
    result = CliRunner().invoke(main, ["train", str(path), "--dry-run", *given])
    assert result.exit_code == (2 if missing else 0), result.output
    assert len(result.stderr.splitlines()) == len(missing)
    for entry in missing:
        assert str(parse(entry)[1]) in result.stderr
    assert not any(entry.startswith("examples") for entry in missing)


@pytest.mark.parametrize(
    "wrong",
    [{"training": {"epochs": 0}}, {"training": {"epoch": 3}}, {"data": {"train": []}}, {"model": {"window": "long"}}],
)
def test_the_schema_refuses_what_the_classes_refuse(wrong: dict[str, Any], validator: Any) -> None:
    recipe = {"data": {"train": ["a.jsonl"], "dev": ["b.jsonl"]}}
    assert validator.is_valid(recipe)
    assert not validator.is_valid({**recipe, **{key: {**recipe.get(key, {}), **value} for key, value in wrong.items()}})

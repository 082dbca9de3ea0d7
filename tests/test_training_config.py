"""Recipes: typed, strict about keys, and readable again after they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from framing.errors import ConfigError
from training.config import dump_config, keys, load_config
from training.dry_run import check

ROOT = Path(__file__).parents[1]
MINIMAL = "data: {train: [a.jsonl], dev: [b.jsonl]}\n"


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(MINIMAL, encoding="utf-8")
    return path


def test_overrides_are_yaml_values_at_dotted_keys(recipe: Path) -> None:
    config = load_config(recipe, ["training.epochs=1.5", "data.train=[x.jsonl, y.jsonl]", "model.encoder=some/folder"])
    assert config.training.epochs == 1.5
    assert config.data.train == ("x.jsonl", "y.jsonl")
    assert config.model.encoder == "some/folder"


def test_a_written_recipe_reads_back_equal(recipe: Path, tmp_path: Path) -> None:
    config = load_config(recipe, ["training.cue_weight=2", "model.attention_dropout=0"])
    again = tmp_path / "again.yaml"
    again.write_text(dump_config(config), encoding="utf-8")
    assert load_config(again) == config


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.learning_rte=1", "unknown key training.learning_rte; did you mean training.learning_rate?"),
        ("trainig.epochs=3", "unknown key trainig; did you mean training?"),
        ("epochs=3", "unknown key epochs; did you mean training.epochs?"),
        ("training.epochs=-1", "training.epochs: input should be greater than 0 (got -1)"),
        ("model.window=20", ": model: stride 32 must be below window 20"),
        ("data.train=x.jsonl", "data.train: write a list: [x.jsonl]"),
        ("data.train=[x.jsonl, y.jsonl, x.jsonl]", "data.train: x.jsonl stands twice; name every corpus once"),
        ("data=x.jsonl", "data: write keys and values under it (got 'x.jsonl')"),
        ("baseline=tfidf", "recipe.yaml: baseline tfidf is for task sentences, not spans; change one of the two"),
        ("data.train=[]", "data.train"),
        ("training.epochs", "is not key=value"),
        ("name.inner=1", "override 'name.inner=1'"),
    ],
)
def test_wrong_recipes_name_file_key_and_mend(recipe: Path, override: str, message: str) -> None:
    start = ["name=x"] if override.startswith("name") else []
    with pytest.raises(ConfigError) as caught:
        load_config(recipe, [*start, override])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < len(str(recipe)) + 100


def test_faults_of_combinations_come_together_and_without_the_whole_recipe(recipe: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(recipe, ["task=sentences", "baseline=linear", "data.unlabelled=[c.jsonl]"])
    assert str(caught.value) == (
        f"{recipe}: baseline linear is for task spans, not sentences; change one of the two; data.unlabelled: nobody "
        "labels it; name training.teachers, or leave it out"
    )


def test_a_key_given_twice_is_named_with_both_lines(recipe: Path) -> None:
    recipe.write_text(
        "training:\n  epochs: 2\n  seed: 1\n  epochs: 3\n" + MINIMAL + "name: a\nname: b\n", encoding="utf-8"
    )
    first = f"{recipe}:4: key 'epochs' stands at line 2 already; keep one of the two"
    second = f"{recipe}:7: key 'name' stands at line 6 already; keep one of the two"
    with pytest.raises(ConfigError) as caught:
        load_config(recipe)
    assert str(caught.value) == f"{first}; {second}"
    found, faults = check(recipe, ["training.epochs=0"])
    assert faults[:3] == [first, second, f"{recipe}: training.epochs: input should be greater than 0 (got 0)"]
    assert found is None


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: can't read"):
        load_config(tmp_path / "nowhere.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("data: [", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"broken\.yaml: not YAML"):
        load_config(broken)


def test_every_key_is_documented() -> None:
    text = (ROOT / "configs" / "README.md").read_text(encoding="utf-8")
    assert [key for key in keys() if f"`{key}`" not in text] == []

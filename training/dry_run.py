"""Everything that is wrong with a recipe and its corpora, found before any training starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from framing.errors import FramingError
from training.config import Config, config_faults, read_recipe, vocabulary
from training.corpora.registry import corpus_faults


def check(path: Path, overrides: Iterable[str] = ()) -> tuple[Config | None, list[str]]:
    """Check a recipe with its vocabulary and corpora.

    Args:
        path: the recipe.
        overrides: as in `load_config`.

    Returns:
        The config, or None where the recipe is wrong, and one line a fault of recipe, vocabulary and corpora together.

    Raises:
        ConfigError: the recipe can't be read at all, or an override is no `key=value`.
    """
    raw = read_recipe(path, overrides)
    faults = [f"{path}: {fault}" for fault in config_faults(raw)]
    config = None if faults else Config.model_validate(raw)
    labels = None
    if isinstance(raw.get("cues", ""), str):
        try:
            # A recipe with a typo elsewhere still names its vocabulary.
            known = config or Config.model_construct(**{key: raw[key] for key in ("cues",) if key in raw})
            labels = [cue.name for cue in vocabulary(known)]
        except FramingError as error:
            faults.append(str(error))
    faults += corpus_faults(_entries(raw), labels)
    return config, faults if faults or config is None else _faults_together(config)


def _faults_together(config: Config) -> list[str]:
    """Give what is wrong between parts right alone: texts in both, targets, teachers, weights to start from."""
    from training.baselines import make_baseline
    from training.fit import read_parts, weights_of
    from training.teachers import open_teachers

    try:
        cues = vocabulary(config)
        make_baseline(config, cues)
        read_parts(config, cues)
        open_teachers(config.training.teachers, cues)
        if config.model.start:
            weights_of(config.model.start, cues)
    except FramingError as error:
        return [str(error)]
    return []


def _entries(raw: Mapping[str, Any]) -> list[str]:
    """Give the corpora that a recipe names, as far as it is of the right form."""
    data = raw.get("data")
    parts = [data.get(part) for part in ("train", "dev", "unlabelled")] if isinstance(data, Mapping) else []
    return [entry for part in parts if isinstance(part, list) for entry in part if isinstance(entry, str)]

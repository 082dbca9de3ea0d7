"""Everything that is wrong with a recipe and its corpora, found before any training starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from framing.cues import Cue
from framing.errors import FramingError
from training.config import Config, config_faults, read_recipe, vocabulary
from training.corpora.registry import corpus_faults


def check(
    path: Path, overrides: Iterable[str] = (), *, resume: bool = False, seeds: Sequence[int] = ()
) -> tuple[Config | None, list[str]]:
    """Check a recipe with its vocabulary, its corpora and all that it needs.

    Args:
        path: the recipe.
        overrides: as in `load_config`.
        resume: whether the run folder may hold a run.
        seeds: of trainings that would get run folders of their own.

    Returns:
        The config, or None where the recipe is wrong, and one line a fault of recipe, vocabulary, corpora, encoder,
        run folder, trackers, teachers and weights to start from together.

    Raises:
        ConfigError: the recipe can't be read at all, or an override is no `key=value`.
    """
    twice: list[str] = []
    raw = read_recipe(path, overrides, twice)
    faults = [f"{path}: {fault}" for fault in config_faults(raw)]
    config = None if faults else Config.model_validate(raw)
    faults = twice + faults
    cues = None
    if isinstance(raw.get("cues", ""), str):
        try:
            # A recipe with a typo elsewhere still names its vocabulary.
            known = config or Config.model_construct(**{key: raw[key] for key in ("cues",) if key in raw})
            cues = vocabulary(known)
        except FramingError as error:
            faults.append(str(error))
    labels = None if cues is None else [cue.name for cue in cues]
    read = [fault for entries in _parts(raw) for fault in corpus_faults(entries, labels)]
    faults += [*dict.fromkeys(read), *_faults_around(raw, cues, [] if resume else seeds or [None])]
    if config is not None and cues is not None:
        faults += _faults_together(config, cues, read=not read)
    return config, faults


def _faults_together(config: Config, cues: Sequence[Cue], *, read: bool) -> list[str]:
    """Give what is wrong between parts that are right alone.

    Args:
        config: the recipe.
        cues: its vocabulary.
        read: whether the corpora can be read.
    """
    from training.baselines import make_baseline
    from training.fit import read_parts

    checks: list[Callable[[], Any]] = [partial(make_baseline, config, cues)]
    if read:
        checks.append(partial(read_parts, config, cues))
    return list(_tried(checks))


def _faults_around(raw: Mapping[str, Any], cues: Sequence[Cue] | None, seeds: Sequence[int | None]) -> list[str]:
    """Give what is wrong with what a recipe needs beside its corpora, as far as it is of the right form.

    Args:
        raw: the recipe.
        cues: its vocabulary, or None where that is wrong.
        seeds: those that need a run folder each; None stands for the recipe's own.
    """
    from framing.hub import folder_of
    from training.fit import weights_of
    from training.run import Run
    from training.tagger import check_encoder
    from training.teachers import open_teachers
    from training.trackers import check_trackers

    model, training = (_section(raw, name) for name in ("model", "training"))
    output = raw.get("output", Config.model_fields["output"].default)
    folders = [Path(output) / (f"seed-{seed}" if seed is not None else "") for seed in seeds if isinstance(output, str)]
    checks: list[Callable[[], Any]] = [partial(Run.check_free, folder) for folder in folders]
    teachers = _texts(training.get("teachers"))
    checks += [partial(open_teachers, [name], cues) if cues else partial(folder_of, name) for name in teachers]
    if not raw.get("baseline"):
        encoder, start = model.get("encoder"), model.get("start")
        checks += [partial(check_trackers, [name]) for name in _texts(training.get("report_to"))]
        if isinstance(encoder, str):
            checks.append(partial(check_encoder, encoder))
        if isinstance(start, str) and start:
            checks.append(partial(weights_of, start, cues) if cues else partial(Run.finished, Path(start)))
    return list(_tried(checks))


def _tried(checks: Iterable[Callable[[], Any]]) -> Iterator[str]:
    """Give what the checks raise."""
    for one in checks:
        try:
            one()
        except FramingError as error:
            yield str(error)


def _section(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, Mapping) else {}


def _texts(given: Any) -> list[str]:
    return [entry for entry in given if isinstance(entry, str)] if isinstance(given, list) else []


def _parts(raw: Mapping[str, Any]) -> list[list[str]]:
    """Give the corpora of each part of a recipe, as far as it is of the right form."""
    data = _section(raw, "data")
    return [_texts(data.get(part)) for part in ("train", "dev", "unlabelled")]

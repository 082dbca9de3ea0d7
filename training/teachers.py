"""Distillation: a small network learns what larger ones think, beside the gold (Hinton et al. 2015).

A teacher is any model folder with the student's cue types, whatever its encoder: opinions live on units, which come
from the text alone. They are the networks' own, before calibration, which has seen the dev part, and without the
rules, which calibration pools with the student's.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from framing.cues import Cue
from framing.decode import Calibration, FloatArray, UnitProbabilities, decode, unit_probabilities
from framing.errors import ConfigError
from framing.hub import folder_of
from framing.model import Model
from framing.scorer import chunks
from framing.spans import Document
from framing.tokens import SPANS, WindowTokenizer
from training.soft import soft_tags

OPINIONS: Final = "opinions.npz"
"""The file of a run folder that keeps what the teachers said."""

log = logging.getLogger("framing")


def open_teachers(names: Sequence[str], cues: Sequence[Cue]) -> list[Model]:
    """Open model folders or hub models as teachers of these cue types.

    Raises:
        ConfigError: a teacher finds other cue types, or labels sentences.
        ModelError: there is no such model.
    """
    models = [Model(folder_of(name)) for name in names]
    labels = [cue.name for cue in cues]
    for name, model in zip(names, models, strict=True):
        known = [cue.name for cue in model.info.cues]
        if model.info.task != SPANS or set(known) != set(labels):
            raise ConfigError(
                f"training.teachers: {name}: finds {', '.join(known)} (task {model.info.task}), but the recipe wants "
                f"{', '.join(labels)} (task {SPANS}); give models of the recipe's cue types"
            )
    return models


def opinions(models: Sequence[Model], documents: Sequence[Document], cues: Sequence[Cue]) -> Iterator[FloatArray]:
    """Give what the teachers say of each document, in the mean: [units, types + 1, 3], the voices last."""
    done = 0
    for chunk in chunks(documents):
        said = zip(*(_opinions(model, chunk, cues) for model in models), strict=True)
        yield from (np.asarray(np.mean(of_each, axis=0), dtype=np.float32) for of_each in said)
        done += len(chunk)
        log.info("teachers: %d of %d passages read", done, len(documents))


def _opinions(model: Model, documents: Sequence[Document], cues: Sequence[Cue]) -> Iterator[FloatArray]:
    known = [cue.name for cue in model.info.cues]
    columns = [known.index(cue.name) for cue in cues]
    neutral = Calibration.neutral(len(known))
    texts = list(model.tokenizer.tokenize_documents(documents))
    for text, logits in zip(texts, model.run(texts), strict=True):
        said = unit_probabilities(text, *logits, neutral)
        voices = np.asarray(said.voices)  # neutral calibration always names them
        yield np.concatenate((said.cues[:, columns], voices[:, None]), axis=1)


def kept_opinions(
    names: Sequence[str], documents: Sequence[Document], cues: Sequence[Cue], path: Path
) -> list[FloatArray]:
    """Give `opinions`, from a file where they stand already, so that a run that goes on needs no teacher.

    Args:
        names: the teachers.
        documents: what they read.
        cues: the student's cue types.
        path: an .npz file (NumPy's, without pickles), half precision. One of other teachers, texts or types, as a kill
            before the run's own records leaves it, is made anew.
    """
    key = _key(names, documents, cues)
    if not path.exists() or _entry(path, "key") != [key]:
        models = open_teachers(names, cues)
        said = list(opinions(models, documents, cues))
        partial = path.with_name("partial.npz")
        together = np.concatenate(said).astype(np.float16)
        known = [f"{m.info.name} {m.info.version} ({m.info.facts['encoder']['name']})" for m in models]
        np.savez(partial, opinions=together, lengths=[len(of_one) for of_one in said], teachers=known, key=[key])
        partial.replace(path)
    with np.load(path, allow_pickle=False) as kept:
        found: FloatArray = kept["opinions"].astype(np.float32)
        return np.split(found, np.cumsum(kept["lengths"])[:-1])


def _key(names: Sequence[str], documents: Sequence[Document], cues: Sequence[Cue]) -> str:
    """Hash what opinions depend on."""
    parts = [*names, *(cue.name for cue in cues), *(document.text for document in documents)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _entry(path: Path, name: str) -> list[str]:
    with np.load(path, allow_pickle=False) as kept:
        return [str(value) for value in kept[name]] if name in kept else []


def teacher_names(path: Path) -> list[str]:
    """Give the models, with their encoders, whose opinions a file keeps; none where there is no such file."""
    return _entry(path, "teachers") if path.exists() else []


def taught(
    documents: Sequence[Document],
    said: Sequence[FloatArray],
    labelled: int,
    tokenizer: WindowTokenizer,
    cues: Sequence[Cue],
    weight: float,
) -> tuple[list[Document], list[FloatArray]]:
    """Make what a student reads.

    Args:
        documents: labelled ones, then those that only the teachers read.
        said: the opinions on them.
        labelled: how many have gold.
        tokenizer: any; it gives the units.
        cues: the cue types.
        weight: what the opinion counts beside the gold, in [0, 1].

    Returns:
        The documents, the later ones with the spans that the teachers find, and targets [units, types, 3] for each:
        the gold mixed with the opinion, or the opinion alone.
    """
    neutral = Calibration.neutral(len(cues))
    read, targets = [], []
    for number, (text, opinion) in enumerate(zip(tokenizer.tokenize_documents(documents), said, strict=True)):
        document = documents[number]
        if number < labelled:
            truth = np.stack([soft_tags(document.spans, text.units, cue.name)[1] for cue in cues], axis=1)
            target = weight * opinion[:, :-1] + (1.0 - weight) * truth
        else:
            target = opinion[:, :-1]
            found = decode(text, UnitProbabilities(target, opinion[:, -1]), cues, neutral.thresholds)
            document = document.with_spans(found)
        read.append(document)
        targets.append(np.asarray(target, dtype=np.float32))
    return read, targets

"""From a run to a model folder: calibrate, write ONNX, quantize, check parity, describe."""

from __future__ import annotations

import datetime
import json
import logging
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from framing.calibration.fit import calibrate
from framing.cues import Cue
from framing.decode import Calibration, RuleOpinion, WindowLogits
from framing.designation import FILE as DESIGNATIONS
from framing.designation import Designator
from framing.errors import ConfigError, InputError
from framing.features import RULES_VERSION
from framing.hub import FILES
from framing.model import FORMAT, Model
from framing.report.folder import make_folder
from framing.tokens import WindowTokenizer
from training.card import model_card, run_data_card
from training.config import Config, load_config
from training.datacard import statistics
from training.figures import dev_figures
from training.fingerprint import fingerprint, sha256
from training.fit import documents
from training.graph import EVERYTHING, exclusions, write_int8, write_onnx
from training.parity import Dev, parity
from training.provenance import encoder_licence, encoder_name
from training.run import Run
from training.tagger import restore
from training.tasks import TASKS, gold
from training.teachers import OPINIONS, teacher_names

log = logging.getLogger("framing")

LARGEST_LOSS: Final = 0.005
"""Strict micro F1 that quantization may cost (or one span, where dev is so small that a span is more)."""

LARGEST_SIZE: Final = 25_000_000
"""Bytes of a model folder beyond which the export warns: such a model is no longer small enough for a package."""


def export(folder: Path, target: Path) -> dict[str, Any]:
    """Make a model folder of a finished run.

    Args:
        folder: the run folder.
        target: the model folder to write; an older model there is replaced once the new one is complete.

    Returns:
        What `framing.json` holds.

    Raises:
        ConfigError: the run isn't finished, its dev files have changed, or no quantization keeps the figures.
    """
    if (folder / "config.yaml").exists() and load_config(folder / "config.yaml").baseline:
        raise ConfigError(f"{folder}: a baseline's run, which has no network to export; its figures are in the folder")
    run = Run.finished(folder)
    config = load_config(folder / "config.yaml")
    _check_data(run, config)
    kept = run.read_json("cues.json")
    cues = tuple(Cue.from_record(record, where=str(folder / "cues.json")) for record in kept["cues"])
    tokenizer = WindowTokenizer.from_file(
        folder / "tokenizer.json",
        window=config.model.window,
        stride=config.model.stride,
        rules=config.model.rules,
        task=config.task,
    )
    found = gold(documents(config.data.dev, config.data.dev_limit, cues), config)
    dev = Dev(found, list(tokenizer.tokenize_documents(found)), cues)
    tagger = restore(run.best, folder / "encoder", len(cues), TASKS[config.task].tagger)
    with tempfile.TemporaryDirectory(dir=_parent(target)) as name:
        work = Path(name)
        (work / "float").mkdir()
        (work / "int8").mkdir()
        write_onnx(tagger, work / "float" / "model.onnx")
        facts = _facts(run, config, kept["pad_id"], cues)
        exact = _measure(work / "float", facts, Calibration.neutral(len(cues)), tokenizer, dev)
        compact, calibration, kept_exact = _quantize(work, facts, tokenizer, dev, exact, run.rules())
        facts["figures"] = {
            "dev": dev_figures(
                dev.documents, dev.texts, compact, cues, calibration, run.rules(), Designator.from_folder(folder)
            ),
            "parity": parity(tagger, dev, tokenizer, kept["pad_id"], exact, compact, calibration),
        }
        if (folder / DESIGNATIONS).exists():
            shutil.copyfile(folder / DESIGNATIONS, work / "int8" / DESIGNATIONS)
        facts["quantization"] = {"weights": "int8, 7-bit range, per channel", "in floats": kept_exact}
        _write_json(work / "int8", _with_calibration(facts, calibration))
        Model(work / "int8")  # what is handed over opens
        (work / "int8" / "README.md").write_text(model_card(facts, calibration, cues, config), encoding="utf-8")
        (work / "int8" / "DATA.md").write_text(run_data_card(_counted(run, config, cues), config), encoding="utf-8")
        _warn_of_size(work / "int8")
        _put(work / "int8", target, work / "old")
    return facts


def _put(made: Path, target: Path, aside: Path) -> None:
    """Put a finished folder in its place; an older model steps aside first and goes last."""
    if target.exists():
        target.rename(aside)
    try:
        made.rename(target)
    except OSError:
        if aside.exists():
            aside.rename(target)
        raise


def _warn_of_size(folder: Path) -> None:
    size = sum(path.stat().st_size for path in folder.iterdir())
    if size > LARGEST_SIZE:
        log.warning("the model takes %.1f MB, more than the %.0f MB of a package", size / 1e6, LARGEST_SIZE / 1e6)


def _parent(target: Path) -> Path:
    strangers = [path.name for path in target.iterdir() if path.name not in FILES] if target.exists() else []
    if strangers:
        raise ConfigError(f"{target}: holds {strangers[0]!r}, which is no part of a model; name an empty or new folder")
    make_folder(target.parent)
    return target.parent


def _check_data(run: Run, config: Config) -> None:
    for entry, known in zip(config.data.dev, run.read_json("data.json")["files"]["dev"], strict=True):
        try:
            found = fingerprint(entry)
        except InputError as error:
            raise ConfigError(
                f"{entry}: the run's dev file can't be read; calibration needs it: run from the same folder ({error})"
            ) from error
        if found["sha256"] != known["sha256"]:
            raise ConfigError(f"{entry}: not the dev file that the run saw (its hash differs); bring that file back")


def _counted(run: Run, config: Config, cues: Sequence[Cue]) -> dict[str, Any]:
    """Give the run's `data.json`; a run of a version that didn't count its data yet is counted now."""
    data: dict[str, Any] = run.read_json("data.json")
    if "statistics" not in data:
        train = documents(config.data.train, config.data.train_limit, cues)
        dev = documents(config.data.dev, config.data.dev_limit, cues)
        data["statistics"] = statistics({"train": train, "dev": dev})
    return data


def _facts(run: Run, config: Config, pad_id: int, cues: Sequence[Cue]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": config.name,
        "version": config.version,
        "task": config.task,
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "encoder": {"name": encoder_name(config.model.encoder), "licence": encoder_licence(config.model.encoder)},
        "teachers": teacher_names(run.folder / OPINIONS),
        "window": config.model.window,
        "stride": config.model.stride,
        "pad_id": pad_id,
        "rules": RULES_VERSION if config.model.rules else None,
        "cues": [cue.to_record() for cue in cues],
        "data": run.read_json("data.json")["files"],
        "corpus": run.read_json("data.json")["corpus"],
        "environment": run.read_json("environment.json")["packages"],
    }


def _with_calibration(facts: dict[str, Any], calibration: Calibration) -> dict[str, Any]:
    opinions = calibration.rules or (None,) * len(facts["cues"])
    given = zip(facts["cues"], calibration.temperatures, calibration.thresholds, opinions, strict=True)
    cues = [
        {
            **cue,
            "temperature": temperature,
            "threshold": threshold,
            "rules": opinion and {"share": opinion.share, "log_probabilities": opinion.log_probabilities},
        }
        for cue, temperature, threshold, opinion in given
    ]
    return {**facts, "cues": cues, "voice_temperature": calibration.voice_temperature}


def _write_json(folder: Path, facts: dict[str, Any]) -> None:
    names = ("model.onnx", "tokenizer.json", DESIGNATIONS)
    hashed = {name: sha256(folder / name) for name in names if (folder / name).exists()}
    text = json.dumps({**facts, "files": hashed}, indent=2, ensure_ascii=False)
    (folder / "framing.json").write_text(text + "\n", encoding="utf-8")


def _measure(
    folder: Path, facts: dict[str, Any], calibration: Calibration, tokenizer: WindowTokenizer, dev: Dev
) -> list[WindowLogits]:
    """Complete a folder, open it as a user would, and give its logits on dev."""
    tokenizer.save(folder / "tokenizer.json")
    _write_json(folder, _with_calibration(facts, calibration))
    return Model(folder).run(dev.texts)


def _quantize(
    work: Path,
    facts: dict[str, Any],
    tokenizer: WindowTokenizer,
    dev: Dev,
    exact: list[WindowLogits],
    rules: Sequence[RuleOpinion | None],
) -> tuple[list[WindowLogits], Calibration, str]:
    """Quantize as much as the figures allow, calibrated anew each time.

    Returns:
        The logits on dev, their calibration, and what stayed in floats.
    """
    fitted = calibrate(dev.documents, dev.texts, exact, dev.cues, rules)
    wanted = dev.strict_f1(exact, fitted) - max(LARGEST_LOSS, 1 / max(1, sum(len(d.spans) for d in dev.documents)))
    source, target = work / "float" / "model.onnx", work / "int8" / "model.onnx"
    for name, nodes in exclusions(source):
        if name == EVERYTHING:
            log.warning("int8 weights cost more than half a point of strict F1 in every way tried; they stay in floats")
            shutil.copyfile(source, target)
        else:
            write_int8(source, target, nodes)
        compact = _measure(work / "int8", facts, Calibration.neutral(len(dev.cues)), tokenizer, dev)
        fitted = calibrate(dev.documents, dev.texts, compact, dev.cues, rules)
        reached = dev.strict_f1(compact, fitted)
        log.info("int8 with %s in floats: strict F1 %.4f (at least %.4f wanted)", name, reached, wanted)
        if reached >= wanted:
            break
    return compact, fitted, name

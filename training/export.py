"""From a run to a model folder: calibrate, write ONNX, quantize, check parity, describe."""

from __future__ import annotations

import datetime
import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from framing.calibration.fit import calibrate
from framing.cues import Cue
from framing.decode import Calibration, RuleOpinion, WindowLogits, decode, unit_probabilities
from framing.designation import FILE as DESIGNATIONS
from framing.designation import Designator
from framing.errors import ConfigError, InputError
from framing.evaluate.spans import count, micro
from framing.features import RULES_VERSION, SIZES
from framing.hub import FILES
from framing.model import FORMAT, Model
from framing.spans import CueSpan, Document
from framing.tokens import TokenizedText, WindowTokenizer
from training.card import model_card, run_data_card
from training.config import Config, load_config
from training.datacard import statistics
from training.figures import dev_figures
from training.fingerprint import fingerprint, sha256
from training.fit import documents
from training.provenance import encoder_licence, encoder_name
from training.run import Run
from training.tagger import CueTagger, restore
from training.tasks import TASKS, gold

log = logging.getLogger("framing")

PARITY_DOCUMENTS: Final = 200
LARGEST_LOSS: Final = 0.005
"""Strict micro F1 that quantization may cost (or one span, where dev is so small that a span is more)."""

LARGEST_SIZE: Final = 25_000_000
"""Bytes of a model folder beyond which the export warns: such a model is no longer small enough for a package."""

EVERYTHING: Final = "everything"

_INPUTS: Final = ("input_ids", "attention_mask", "features")
_OUTPUTS: Final = ("cue_logits", "voice_logits")


class _Outputs(nn.Module):
    """The tagger as a function from three tensors to two, as ONNX wants it."""

    def __init__(self, tagger: CueTagger) -> None:
        super().__init__()
        self.tagger = tagger

    def forward(self, input_ids: Tensor, attention_mask: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        output = self.tagger(input_ids, attention_mask, features)
        return output["cue_logits"], output["voice_logits"]


def write_onnx(tagger: CueTagger, path: Path) -> None:
    """Write the tagger in 32-bit floats, with free batch and token dimensions."""
    ids = torch.randint(1, 100, (2, 16))
    example = (ids, torch.ones_like(ids), torch.zeros((*ids.shape, len(SIZES)), dtype=torch.int64))
    batch, tokens = torch.export.Dim("batch"), torch.export.Dim("tokens")
    with warnings.catch_warnings():  # the exporter warns about its own internals
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            _Outputs(tagger).eval(),
            example,
            dynamo=True,
            input_names=list(_INPUTS),
            output_names=list(_OUTPUTS),
            dynamic_shapes={name: {0: batch, 1: tokens} for name in _INPUTS},
            external_data=False,
            verbose=False,
        )
    if program is None:
        raise ConfigError("the encoder can't be written as ONNX; take another one")
    program.save(str(path))
    _strip(path)


def _strip(path: Path) -> None:
    """Take out what the exporter notes beside the graph: stack traces with the paths of the machine that made it."""
    model = onnx.load(path)
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, path)


def write_int8(source: Path, target: Path, exclude: Sequence[str]) -> None:
    """Quantize weights to 8 bits, one scale a channel.

    Seven bits of range are used (`reduce_range`): processors without VNNI add pairs of products in 16 bits, which
    eight-bit weights overflow.
    """
    logging.disable(logging.WARNING)  # it advises a shape inference that dynamic quantization doesn't need
    try:
        quantize_dynamic(
            source,
            target,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_exclude=list(exclude),
        )
    finally:
        logging.disable(logging.NOTSET)


def exclusions(path: Path) -> list[tuple[str, list[str]]]:
    """Give what to leave in floats, from little to much: heads and features, the last layer, the embeddings."""
    nodes = onnx.load(path, load_external_data=False).graph
    weights = {tensor.name for tensor in nodes.initializer}
    products = [node.name for node in nodes.node if node.op_type in {"MatMul", "Gemm"} and set(node.input) & weights]
    lookups = [node.name for node in nodes.node if node.op_type == "Gather"]
    heads = products[-2:] + [node.name for node in nodes.node if any("features" in name for name in node.input)]
    return [
        ("heads and features", heads),
        ("heads, features and last layer", [*heads, *products[-8:-2]]),
        ("heads, features, last layer and embeddings", [*heads, *products[-8:-2], *lookups]),
        (EVERYTHING, [*products, *lookups]),
    ]


@dataclass(frozen=True, slots=True)
class Dev:
    """The dev documents of a run, tokenized."""

    documents: list[Document]
    texts: list[TokenizedText]
    cues: tuple[Cue, ...]

    def spans(self, logits: Sequence[WindowLogits], calibration: Calibration) -> list[list[CueSpan]]:
        """Decode logits of the first `len(logits)` documents."""
        return [
            decode(text, unit_probabilities(text, *values, calibration), self.cues, calibration.thresholds)
            for text, values in zip(self.texts, logits, strict=False)
        ]

    def strict_f1(self, logits: Sequence[WindowLogits], calibration: Calibration) -> float:
        """Give strict micro F1 on the first `len(logits)` documents."""
        found = self.spans(logits, calibration)
        gold = [document.spans for document in self.documents[: len(found)]]
        return micro(count(gold, found, [cue.name for cue in self.cues], strict=True).values()).f1


def torch_logits(
    tagger: CueTagger, dev: Dev, tokenizer: WindowTokenizer, pad_id: int, number: int
) -> list[WindowLogits]:
    """Run the first documents through PyTorch, one at a time."""
    labels, task = [cue.name for cue in dev.cues], TASKS[tokenizer.task]
    collate = task.collator(len(labels), pad_id)
    lead = len(tokenizer.prefix)
    results: list[WindowLogits] = []
    for document, text in list(zip(dev.documents, dev.texts, strict=True))[:number]:
        values: WindowLogits = ([], [])
        for row, window in zip(task.dataset([document], tokenizer, labels)[0], text.windows, strict=True):
            batch = collate([row])
            with torch.inference_mode():
                output = tagger(*(batch[name] for name in _INPUTS))
            for found, name in zip(values, _OUTPUTS, strict=True):
                found.append(output[name][0, lead : lead + window.end - window.start].numpy())
        results.append(values)
    return results


def largest_difference(
    one: Sequence[WindowLogits], other: Sequence[WindowLogits], dev: Dev, calibration: Calibration
) -> float:
    """Give the largest difference between two models' probabilities on any unit of any document."""
    found = 0.0
    for text, ours, theirs in zip(dev.texts, one, other, strict=False):
        mine, its = (unit_probabilities(text, *values, calibration) for values in (ours, theirs))
        if len(text.units):
            found = max(found, float(np.abs(mine.cues - its.cues).max()))
            if mine.voices is not None and its.voices is not None:
                found = max(found, float(np.abs(mine.voices - its.voices).max()))
    return found


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
            "parity": _parity(tagger, dev, tokenizer, kept["pad_id"], exact, compact, calibration),
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
    target.parent.mkdir(parents=True, exist_ok=True)
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


def _parity(
    tagger: CueTagger,
    dev: Dev,
    tokenizer: WindowTokenizer,
    pad_id: int,
    exact: list[WindowLogits],
    compact: list[WindowLogits],
    calibration: Calibration,
) -> dict[str, Any]:
    """Compare PyTorch, ONNX in floats and ONNX in int8 on the first dev documents."""
    number = min(PARITY_DOCUMENTS, len(dev.documents))
    small = replace(dev, documents=dev.documents[:number], texts=dev.texts[:number])
    reference = torch_logits(tagger, small, tokenizer, pad_id, number)
    report: dict[str, Any] = {"documents": number}
    report["torch"] = {"strict_f1": round(small.strict_f1(reference, calibration), 4)}
    for name, logits in (("float", exact[:number]), ("int8", compact[:number])):
        report[name] = {
            "strict_f1": round(small.strict_f1(logits, calibration), 4),
            "largest_probability_difference": round(largest_difference(reference, logits, small, calibration), 6),
        }
    report["whole_dev"] = {
        "float_strict_f1": round(dev.strict_f1(exact, calibration), 4),
        "int8_strict_f1": round(dev.strict_f1(compact, calibration), 4),
    }
    return report

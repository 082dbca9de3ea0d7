"""`framing gate`: a model scores an archive, and a gate is learnt from what it finds, measured, and kept with it."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from framing.decode import seen
from framing.errors import ConfigError
from framing.evaluate.spans import count, micro
from framing.gate import NETWORK, RECORD, Gate, open_network
from framing.io.inputs import read_inputs
from framing.io.jsonl import read_documents
from framing.scorer import ModelFinder, chunks
from framing.spans import CueSpan, Document
from framing.text import sentences
from framing.tokens import SPANS, TokenizedText
from training.fingerprint import sha256
from training.gate import LAYERS, Example, GateNetwork, closeness, examples, word_table, write
from training.gate import train as train_network

FloatArray = NDArray[np.float64]

log = logging.getLogger("framing")

RECALL: Final = 0.995
"""Share of the large network's spans that a gate must let through, on dev and on an archive."""

AIM: Final = 0.9965
"""Share of held-out spans that the threshold is chosen to let through."""

HELD: Final = 3
"""One article in so many is held out of training, for the threshold."""

SAMPLE: Final = 200
"""Articles that the network scores behind the gate, too, for the counts to expect there and for the agreement."""

LARGEST: Final = 400_000
"""Bytes of a gate's network."""

HEADING: Final = "\n## Gate\n"


@dataclass(frozen=True, slots=True)
class Found:
    """Documents with the spans that a finder found.

    Attributes:
        documents: each with its spans.
        expected: [documents, types] the expected counts.
        hopes: by text, how near its sentences are to hold a cue (`training.gate.closeness`).
    """

    documents: list[Document]
    expected: FloatArray
    hopes: dict[str, list[float]]


def learn(
    folder: Path,
    train: Path,
    dev: Path,
    news: Path,
    *,
    sentences_learnt: int,
    sentences_checked: int,
    epochs: int,
    seed: int,
    work: Path,
) -> dict[str, Any]:
    """Learn and measure a gate and put it into a model folder.

    Args:
        folder: a model of spans, in which the gate, its hashes in `framing.json` and the card's section are replaced.
        train: labelled corpus to learn from, JSON lines.
        dev: labelled corpus to measure on.
        news: archive to learn from and to measure on, JSON lines, .gz or not.
        sentences_learnt: sentences of the archive to learn from, in whole articles; a third chooses the threshold.
        sentences_checked: other ones to measure on.
        epochs: passes over what is learnt from.
        seed: draws articles, and decides the order of training.
        work: folder for what the network found and the trained gate, which are kept: run again, it goes on.

    Returns:
        The facts in `gate.json`: how it was learnt, and figures on `dev` and `news`.

    Raises:
        ConfigError: the model labels sentences, the archive is too small, or the recall isn't reached.
    """
    finder = ModelFinder(folder, None)
    if finder.model.info.task != SPANS:
        raise ConfigError(f"{folder}: labels whole sentences; gates are for models that find spans")
    work.mkdir(parents=True, exist_ok=True)
    records = read_inputs([str(news)], io.BytesIO(), text_field="text", id_field="id")
    articles = [record for record in records if isinstance(record, Document)]
    random.Random(seed).shuffle(articles)  # noqa: S311
    learnt, rest = _take(articles, sentences_learnt)
    checked, _ = _take(rest, sentences_checked)
    if not checked:
        raise ConfigError(f"{news}: too few articles; lower --learn, or name a larger archive")
    log.info("gate: %d articles to learn from, %d to measure on", len(learnt), len(checked))
    store = work / f"{_store_name(finder)}.jsonl"
    found = _observe(finder, [*learnt, *checked], store)
    own, other = _part(found, 0, len(learnt)), _part(found, len(learnt), None)
    gold = list(read_documents(dev))
    on_dev = _observe(finder, gold, store.with_suffix(".dev.jsonl"))
    tokenizer = finder.model.tokenizer
    cut = examples(tokenizer, own.documents, own.hopes)
    held = cut[::HELD]
    if not any(len(example.spans) for example in held):
        raise ConfigError(f"{news}: too few cues are found to choose a threshold by; raise --learn")
    taught = [*(one for place, one in enumerate(cut) if place % HELD), *examples(tokenizer, read_documents(train))]
    network = _trained(finder, folder, taught, work, epochs=epochs, seed=seed)
    gate = Gate(open_network(network), 0.0, np.zeros(len(finder.cues), dtype=np.float32), {})
    gate = replace(gate, threshold=_threshold(gate, held))
    tokenizer.gate = gate
    background = _background(finder, own)
    tokenizer.gate = replace(gate, background=background.astype(np.float32))
    facts = {
        "learnt": {
            "train": {"name": train.name, "sha256": sha256(train)},
            "news": _size(learnt),
            "epochs": epochs,
            "seed": seed,
        },
        "dev": _measure(finder, on_dev, gold),
        "news": _measure(finder, other, []),
    }
    for name in ("dev", "news"):
        lost, spans = sum(facts[name]["lost"].values()), facts[name]["spans"]
        if not spans or lost > (1 - RECALL) * spans:
            raise ConfigError(
                f"{folder}: the gate lets only {facts[name]['recall']:.2%} of the spans on {name} through, "
                f"not {RECALL:.1%}; raise --learn"
            )
    _put(folder, network, {"threshold": gate.threshold, "background": background.tolist()} | facts)
    return facts


def _trained(
    finder: ModelFinder, folder: Path, taught: Sequence[Example], work: Path, *, epochs: int, seed: int
) -> Path:
    """Train a network, or take the one that was trained on the same before; gives its file."""
    hashed = hashlib.sha256(f"{_store_name(finder)} {epochs} {seed}".encode())
    for example in taught:
        for values in (example.ids, example.features, example.edges, example.spans, example.hopes):
            hashed.update(values.tobytes())
    path = work / f"{hashed.hexdigest()[:12]}.onnx"
    if not path.exists():
        torch.manual_seed(seed)
        vocabulary = finder.model.tokenizer.tokenizer.get_vocab_size()
        network = GateNetwork(word_table(folder / "model.onnx", vocabulary))
        train_network(network, taught, epochs=epochs, seed=seed)
        part = path.with_suffix(".part")
        write(network, part)
        if part.stat().st_size > LARGEST:
            raise ConfigError(f"{folder}: its vocabulary is too large for a gate of {LARGEST:,} bytes")
        part.replace(path)
    return path


def _threshold(gate: Gate, held: Sequence[Example]) -> float:
    """Choose the highest threshold at which the share `AIM` of the spans passes."""
    lowest: list[float] = []
    for example in held:
        found = gate.probabilities(example.ids, example.features, example.edges)
        lowest += [float(found[first:last].min()) for first, last in example.spans]
    return float(np.quantile(lowest, 1 - AIM, method="lower"))


def _take(articles: Sequence[Document], number: int) -> tuple[list[Document], list[Document]]:
    """Divide articles: the first ones, with so many sentences, and the rest."""
    seen = 0
    for place, article in enumerate(articles):
        if seen >= number:
            return list(articles[:place]), list(articles[place:])
        seen += len(sentences(article.text))
    return list(articles), []


def _size(documents: Sequence[Document]) -> dict[str, int]:
    return {"articles": len(documents), "sentences": sum(len(sentences(document.text)) for document in documents)}


def _observe(finder: ModelFinder, documents: Sequence[Document], store: Path) -> Found:
    """Score documents, or read from the store what was scored before."""
    known: dict[str, Any] = {}
    if store.exists():
        lines = store.read_bytes().splitlines(keepends=True)
        whole = [line for line in lines if line.endswith(b"\n")]  # the last one may be cut off by a kill
        if len(whole) < len(lines):
            store.write_bytes(b"".join(whole))
        known = {record["text_sha256"]: record for record in map(json.loads, whole)}
    missing = [document for document in documents if _key(document) not in known]
    log.info("gate: %d texts to score, %d known from %s", len(missing), len(documents) - len(missing), store)
    thresholds = finder.model.info.calibration.thresholds
    begun, done = time.monotonic(), 0
    with store.open("a", encoding="utf-8") as stream:
        for number, chunk in enumerate(chunks(missing), start=1):
            for document, (text, probabilities) in zip(chunk, finder.read(chunk), strict=True):
                record = {
                    "text_sha256": _key(document),
                    "spans": [span.to_record() for span in finder.decide(text, probabilities, None)],
                    "expected": probabilities.expected().tolist(),
                    "hopes": [round(hope, 4) for hope in closeness(text, probabilities, thresholds).tolist()],
                }
                known[_key(document)] = record
                stream.write(json.dumps(record) + "\n")
            stream.flush()
            done += len(chunk)
            if number % 10 == 0:
                minutes = (time.monotonic() - begun) * (len(missing) - done) / done / 60
                log.info("gate: %d of %d texts are scored, about %.0f minutes left", done, len(missing), minutes)
    records = [known[_key(document)] for document in documents]
    return Found(
        [
            document.with_spans(CueSpan.from_record(span) for span in record["spans"])
            for document, record in zip(documents, records, strict=True)
        ],
        np.array([record["expected"] for record in records]),
        {document.text: record["hopes"] for document, record in zip(documents, records, strict=True)},
    )


def _key(document: Document) -> str:
    return hashlib.sha256(document.text.encode()).hexdigest()[:20]


def _store_name(finder: ModelFinder) -> str:
    """Name the store after all that decides what the network finds, and after what is kept of it."""
    info = finder.model.info
    return hashlib.sha256(f"{info.files['model.onnx']} {info.calibration} hopes".encode()).hexdigest()[:12]


def _part(found: Found, first: int, last: int | None) -> Found:
    return Found(found.documents[first:last], found.expected[first:last], found.hopes)


def _spans(finder: ModelFinder, documents: Sequence[Document]) -> tuple[list[list[CueSpan]], FloatArray]:
    """Score documents: their spans, and the expected counts of each type over all of them, [types]."""
    spans, expected = [], np.zeros(len(finder.cues))
    for chunk in chunks(documents):
        for found, hoped in finder.find_many(chunk, None):
            spans.append(found)
            expected += [(hoped or {})[cue.name] for cue in finder.cues]
    return spans, expected


def _background(finder: ModelFinder, found: Found) -> FloatArray:
    """Give the beginnings to expect of a unit behind a shut gate, from some articles' exhaustive counts: [types]."""
    part = _part(found, 0, SAMPLE)
    _, expected = _spans(finder, part.documents)
    skipped = sum(int((~seen(text)).sum()) for text in _texts(finder, part.documents))
    missing: FloatArray = part.expected.sum(axis=0) - expected
    return np.maximum(missing / max(1, skipped), 0.0, dtype=np.float64)


def _texts(finder: ModelFinder, documents: Sequence[Document]) -> Iterator[TokenizedText]:
    for chunk in chunks(documents):
        yield from finder.model.tokenizer.tokenize_documents(chunk)


def _measure(finder: ModelFinder, found: Found, gold: Sequence[Document]) -> dict[str, Any]:
    """Compare scoring behind the gate with exhaustive scoring."""
    labels = [cue.name for cue in finder.cues]
    part = found if gold else _part(found, 0, SAMPLE)
    behind, expected = _spans(finder, part.documents)
    exhaustive: list[Sequence[CueSpan]] = [document.spans for document in found.documents]
    tokens = through = 0
    passed: list[bool] = []
    lost: Counter[str] = Counter()
    for text, spans in zip(_texts(finder, found.documents), exhaustive, strict=True):
        inside = np.zeros(len(text.ids), dtype=bool)
        for window in text.windows:
            inside[window.start : window.end] = True
        ends = np.append(text.edges, len(text.ids))
        for span in spans:
            for first, last in Example.of(text, [span]).spans:
                passed.append(bool(inside[ends[first] : ends[last]].all()))
                lost[span.label] += not passed[-1]
        tokens, through = tokens + len(text.ids), through + int(inside.sum())
    figures = {
        **_size(found.documents),
        "spans": len(passed),
        "recall": round(sum(passed) / max(1, len(passed)), 4),
        "lost": {label: number for label, number in lost.items() if number},
        "agreement_f1": round(micro(count(exhaustive[: len(behind)], behind, labels, strict=True).values()).f1, 4),
        "voice_agreement": _voices_alike(exhaustive[: len(behind)], behind),
        "expected_ratio": round(float(expected.sum() / max(1e-9, part.expected.sum())), 4),
        "tokens_skipped": round(1 - through / max(1, tokens), 4),
    }
    if gold:
        right = [document.spans for document in gold]
        for name, predicted in (("strict_f1", behind), ("exhaustive_strict_f1", exhaustive)):
            figures[name] = round(micro(count(right, predicted, labels, strict=True).values()).f1, 4)
    return figures


def _voices_alike(some: Sequence[Sequence[CueSpan]], others: Sequence[Sequence[CueSpan]]) -> float:
    """Give the share of the spans found both times that have the same voice."""
    alike = []
    for before, after in zip(some, others, strict=True):
        voices = {(span.start, span.end, span.label): span.voice for span in before}
        keys = [((span.start, span.end, span.label), span.voice) for span in after]
        alike += [voices[key] == voice for key, voice in keys if key in voices]
    return round(sum(alike) / max(1, len(alike)), 4)


def _put(folder: Path, network: Path, record: dict[str, Any]) -> None:
    """Write the gate, its hashes and its section of the card; a folder cut short in between has no gate."""
    path = folder / "framing.json"
    info = json.loads(path.read_text(encoding="utf-8"))
    others = {name: digest for name, digest in info["files"].items() if name not in (NETWORK, RECORD)}
    path.write_text(_as_json(info | {"files": others}), encoding="utf-8")
    shutil.copyfile(network, folder / NETWORK)
    (folder / RECORD).write_text(_as_json(record), encoding="utf-8")
    files = others | {name: sha256(folder / name) for name in (NETWORK, RECORD)}
    path.write_text(_as_json(info | {"files": files}), encoding="utf-8")
    card = folder / "README.md"
    before = card.read_text(encoding="utf-8").split(HEADING)[0] if card.exists() else ""
    card.write_text(before.rstrip("\n") + "\n" + HEADING + gate_card(record), encoding="utf-8")


def _as_json(record: dict[str, Any]) -> str:
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def gate_card(facts: dict[str, Any]) -> str:
    """Write the card's section on the gate from the facts in `gate.json`."""
    rows = "\n".join(
        f"| {name} | {row['sentences']:,} | {row['spans']:,} | {row['recall']:.2%} | {row['agreement_f1']:.4f} | "
        f"{row['voice_agreement']:.2%} | {row['expected_ratio']:.3f} | {row['tokens_skipped']:.1%} |"
        for name, row in ((name, facts[name]) for name in ("dev", "news"))
    )
    dev = facts["dev"]
    learnt = facts["learnt"]
    return f"""
`framing archive` lets sentences skip the network in which a small one (`gate.onnx`, {LAYERS} convolutions over word
pieces and the rules' findings) sees no cue; `--exhaustive` turns it off, and `framing score` never uses it. It was
trained on {learnt["train"]["name"]} and on what this model finds, or nearly finds, in
{learnt["news"]["sentences"]:,} sentences of news, a third of which chose the threshold; the news below are other
articles. Recall is the share of the spans found without a gate that are let through; agreement, on news of the first
{SAMPLE} articles, the strict F1 of the spans found behind it against those.

| on | sentences | spans | recall | agreement | same voice | expected counts, ratio | tokens that skip |
| --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

Strict F1 on dev: {dev["strict_f1"]:.4f} behind the gate, {dev["exhaustive_strict_f1"]:.4f} without.
"""

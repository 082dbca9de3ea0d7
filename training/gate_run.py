"""`framing gate`: a model scores an archive, and a gate is learnt from what it finds, measured, and kept with it."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from framing.decode import seen
from framing.errors import ConfigError
from framing.evaluate.spans import count, micro
from framing.gate import NAME, Gate
from framing.io.inputs import read_inputs
from framing.io.jsonl import read_documents
from framing.scorer import ModelFinder, chunks
from framing.spans import CueSpan, Document
from framing.text import sentences
from framing.tokens import SPANS, TokenizedText
from training.fingerprint import sha256
from training.gate import Example, examples, learn_features, to_record

FloatArray = NDArray[np.float64]

log = logging.getLogger("framing")

RECALL: Final = 0.995
"""Share of the network's spans that a gate must let through, on dev and on an archive."""

MARGIN: Final = 0.4
"""The features are chosen for this share of the loss that `RECALL` allows."""

SAMPLE: Final = 200
"""Articles that the network scores behind the gate, too, for the counts to expect there and for the agreement."""

HEADING: Final = "\n## Gate\n"


@dataclass(frozen=True, slots=True)
class Found:
    """Documents with the spans that a finder found, and the expected counts by type: [documents, types]."""

    documents: list[Document]
    expected: FloatArray


def learn(
    folder: Path,
    train: Path,
    dev: Path,
    news: Path,
    *,
    sentences_learnt: int,
    sentences_checked: int,
    seed: int,
    work: Path,
) -> dict[str, Any]:
    """Learn and measure a gate and put it into a model folder.

    Args:
        folder: a model of spans, in which `gate.json`, its hash in `framing.json` and the card's section are replaced.
        train: labelled corpus to learn from, JSON lines.
        dev: labelled corpus to measure on.
        news: archive to learn from and to measure on, JSON lines, .gz or not.
        sentences_learnt: sentences of the archive to learn from, in whole articles.
        sentences_checked: other ones to measure on.
        seed: draws articles.
        work: folder for what the network found, which is kept: run again, it goes on.

    Returns:
        The facts in `gate.json`: how it was learnt, and figures on `dev` and `news`.

    Raises:
        ConfigError: the model labels sentences, the archive is too small, or the recall isn't reached.
    """
    finder = ModelFinder(folder, None, gated=False, threshold=None)
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
    log.info("%s articles to learn from, %s to measure on", len(learnt), len(checked))
    store = work / f"{_store_name(finder)}.jsonl"
    found = _observe(finder, [*learnt, *checked], store)
    own, other = _part(found, 0, len(learnt)), _part(found, len(learnt), None)
    gold = list(read_documents(dev))
    on_dev = _observe(finder, gold, store.with_suffix(".dev.jsonl"))
    tokenizer = finder.model.tokenizer
    groups = [examples(tokenizer, read_documents(train)), examples(tokenizer, own.documents)]
    vocabulary = tokenizer.tokenizer
    tokens = [vocabulary.id_to_token(number) or "" for number in range(vocabulary.get_vocab_size())]
    record = to_record(learn_features(groups, 1 - MARGIN * (1 - RECALL)), tokens)

    def with_background(values: list[float]) -> Gate:
        return Gate.from_record(record | {"background": values}, vocabulary.token_to_id, len(tokens), len(values))

    tokenizer.gate = with_background([0.0] * len(finder.cues))
    background = _background(finder, own)
    tokenizer.gate = with_background(background.tolist())
    facts = {
        "learnt": {"train": {"name": train.name, "sha256": sha256(train)}, "news": _size(learnt), "seed": seed},
        "dev": _measure(finder, on_dev, gold),
        "news": _measure(finder, other, []),
    }
    for name in ("dev", "news"):
        if facts[name]["recall"] < RECALL:
            raise ConfigError(
                f"{folder}: the gate lets only {facts[name]['recall']:.2%} of the spans on {name} through, "
                f"not {RECALL:.1%}; raise --learn"
            )
    _put(folder, record | {"background": background.tolist()} | facts, facts)
    return facts


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
    log.info("%d articles to score, %d known from %s", len(missing), len(documents) - len(missing), store)
    with store.open("a", encoding="utf-8") as stream:
        for number, chunk in enumerate(chunks(missing), start=1):
            for document, (spans, expected) in zip(chunk, finder.find_many(chunk, None), strict=True):
                found = {"spans": [span.to_record() for span in spans], "expected": expected}
                record = {"text_sha256": _key(document), **found}
                known[_key(document)] = record
                stream.write(json.dumps(record) + "\n")
            stream.flush()
            if number % 10 == 0:
                log.info("%d articles are scored", len(known))
    cues = [cue.name for cue in finder.cues]
    records = [known[_key(document)] for document in documents]
    return Found(
        [
            document.with_spans(CueSpan.from_record(span) for span in record["spans"])
            for document, record in zip(documents, records, strict=True)
        ],
        np.array([[record["expected"][cue] for cue in cues] for record in records]),
    )


def _key(document: Document) -> str:
    return hashlib.sha256(document.text.encode()).hexdigest()[:20]


def _store_name(finder: ModelFinder) -> str:
    """Name the store after all that decides what the network finds."""
    info = finder.model.info
    return hashlib.sha256(f"{info.files['model.onnx']} {info.calibration}".encode()).hexdigest()[:12]


def _part(found: Found, first: int, last: int | None) -> Found:
    return Found(found.documents[first:last], found.expected[first:last])


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
    for text, spans in zip(_texts(finder, found.documents), exhaustive, strict=True):
        inside = np.zeros(len(text.ids), dtype=bool)
        for window in text.windows:
            inside[window.start : window.end] = True
        passed += [bool(inside[first:last].all()) for first, last in Example.of(text, spans).spans]
        tokens, through = tokens + len(text.ids), through + int(inside.sum())
    figures = {
        **_size(found.documents),
        "spans": len(passed),
        "recall": round(sum(passed) / max(1, len(passed)), 4),
        "agreement_f1": round(micro(count(exhaustive[: len(behind)], behind, labels, strict=True).values()).f1, 4),
        "expected_ratio": round(float(expected.sum() / max(1e-9, part.expected.sum())), 4),
        "tokens_skipped": round(1 - through / max(1, tokens), 4),
    }
    if gold:
        right = [document.spans for document in gold]
        for name, predicted in (("strict_f1", behind), ("exhaustive_strict_f1", exhaustive)):
            figures[name] = round(micro(count(right, predicted, labels, strict=True).values()).f1, 4)
    return figures


def _put(folder: Path, record: dict[str, Any], facts: dict[str, Any]) -> None:
    """Write the gate, its hash and its section of the card; a folder cut short in between is refused when opened."""
    (folder / NAME).write_text(json.dumps(record, separators=(",", ":")) + "\n", encoding="utf-8")
    info = json.loads((folder / "framing.json").read_text(encoding="utf-8"))
    info["files"][NAME] = sha256(folder / NAME)
    (folder / "framing.json").write_text(json.dumps(info, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    card = folder / "README.md"
    before = card.read_text(encoding="utf-8").split(HEADING)[0] if card.exists() else ""
    card.write_text(before.rstrip("\n") + "\n" + HEADING + gate_card(facts), encoding="utf-8")


def gate_card(facts: dict[str, Any]) -> str:
    """Write the card's section on the gate from the facts in `gate.json`."""
    rows = "\n".join(
        f"| {name} | {row['sentences']:,} | {row['spans']:,} | {row['recall']:.2%} | {row['agreement_f1']:.4f} | "
        f"{row['expected_ratio']:.3f} | {row['tokens_skipped']:.1%} |"
        for name, row in ((name, facts[name]) for name in ("dev", "news"))
    )
    dev = facts["dev"]
    learnt = facts["learnt"]
    return f"""
`framing archive` lets sentences skip the network that hold none of the tokens and pairs of tokens that can stand in a
cue; `--exhaustive` turns it off, and `framing score` never uses it. They were learnt from {learnt["train"]["name"]} and
from what this model finds in {learnt["news"]["sentences"]:,} sentences of news; the news below are other articles.
Recall is the share of the spans found without a gate that are let through; agreement, on news of the first {SAMPLE}
articles, the strict F1 of the spans found behind it against those.

| on | sentences | spans | recall | agreement | expected counts, ratio | tokens that skip |
| --- | --- | --- | --- | --- | --- | --- |
{rows}

Strict F1 on dev: {dev["strict_f1"]:.4f} behind the gate, {dev["exhaustive_strict_f1"]:.4f} without.
"""

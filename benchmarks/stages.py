"""The limits of an archive's speed: each stage alone, on one thread, and what the processor can multiply."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx

from framing.gate import Gate
from framing.hub import folder_of
from framing.io.jsonl import read_documents
from framing.model import Model, default_folder
from framing.profile import count_words
from framing.tokens import TokenizedText

ROUNDS = 3
SIDE = 1024


def fastest(work: Callable[[], object]) -> float:
    """Give the least seconds of some rounds."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def stages(articles: Path, model: str | None) -> dict[str, float]:
    """Measure reader, tokenizer, windows and network alone, and matrix products; count operations by the graph."""
    folder = default_folder() if model is None else folder_of(model)
    whole, gated = Model(folder, threads=1), Model(folder, threads=1, gated=True)
    documents = list(read_documents(articles))
    texts = [document.text for document in documents]
    words = sum(map(count_words, texts))
    cut = list(whole.tokenizer.tokenize_documents(documents))
    behind = list(gated.tokenizer.tokenize_documents(documents))
    tokens, sent, kept = (
        sum(len(text.ids) for text in cut),
        *(sum(w.end - w.start for text in part for w in text.windows) for part in (cut, behind)),
    )
    square = np.random.default_rng(0).random((SIDE, SIDE), dtype=np.float32)
    products = 2 * _weights(folder / "model.onnx")
    encode = whole.tokenizer.tokenizer.encode_batch
    gate = gated.tokenizer.gate
    judged = (
        {} if gate is None else {"gate alone, words/s": words / fastest(lambda: [_ask(gate, text) for text in cut])}
    )
    return judged | {
        "reader alone, words/s": words / fastest(lambda: list(read_documents(articles))),
        "tokenizer alone, words/s": words / fastest(lambda: encode(texts, add_special_tokens=False)),
        "windows and features, words/s": words / fastest(lambda: list(whole.tokenizer.tokenize_documents(documents))),
        "the same behind the gate, words/s": words
        / fastest(lambda: list(gated.tokenizer.tokenize_documents(documents))),
        "network alone, words/s": words / fastest(lambda: whole.run(cut)),
        "the same behind the gate, words/s of the text": words / fastest(lambda: gated.run(behind)),
        "float32 products, one thread, million operations/s": 2 * SIDE**3 / fastest(lambda: square @ square) / 1e6,
        "operations a token, thousands": products / 1e3,
        "operations a word, thousands": products * sent / words / 1e3,
        "operations a word behind the gate, thousands": products * kept / words / 1e3,
        "tokens in 100 words": 100 * tokens / words,
    }


def _ask(gate: Gate, text: TokenizedText) -> object:
    return gate.passed(text.ids, text.features, text.edges)


def _weights(path: Path) -> int:
    """Count the weights that every token is multiplied with."""
    graph = onnx.load(path).graph
    sizes = {tensor.name: int(np.prod(tensor.dims)) for tensor in graph.initializer}
    kinds = {"MatMul", "Gemm", "MatMulInteger", "DynamicQuantizeMatMul"}
    return sum(sizes.get(name, 0) for node in graph.node if node.op_type in kinds for name in node.input)


def pipeline_speed(articles: Path, run: Path) -> float:
    """Give words per second of the Hugging Face pipeline with a run's weights, built as in throughput.py."""
    from throughput import hugging_face

    texts = [document.text for document in read_documents(articles)]
    tag = hugging_face(run)
    begun = time.perf_counter()
    tag(texts, 16)
    return sum(map(count_words, texts)) / (time.perf_counter() - begun)

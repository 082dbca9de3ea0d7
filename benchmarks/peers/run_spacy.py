"""spaCy's spancat over spacy-transformers, with the settings of `spacy init config --pipeline spancat --gpu`.

With the option `cnn` it reads spaCy's own convolutions instead, as without `--gpu`, at their size in `en` pipelines.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import spacy
import spacy_transformers  # noqa: F401 - registers the architectures
import torch
from common import Job, Spans, finish, infer, on_words, read, read_job, words
from spacy import util
from spacy.tokens import Doc, DocBin, Span
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as train_loop

BATCH_WORDS = 2000
CONFIG = """
[paths]
train = null
dev = null

[system]
seed = 13

[nlp]
lang = "en"
pipeline = ["reader", "spancat"]

[components]

[components.spancat]
factory = "spancat"
max_positive = null
spans_key = "sc"
threshold = 0.5

[components.spancat.model]
@architectures = "spacy.SpanCategorizer.v1"

[components.spancat.model.reducer]
@layers = "spacy.mean_max_reducer.v1"
hidden_size = 128

[components.spancat.model.scorer]
@layers = "spacy.LinearLogistic.v1"
nO = null
nI = null

[components.spancat.suggester]
@misc = "spacy.ngram_range_suggester.v1"
min_size = 1
max_size = null

[corpora]

[corpora.train]
@readers = "spacy.Corpus.v1"
path = ${paths.train}
max_length = 0

[corpora.dev]
@readers = "spacy.Corpus.v1"
path = ${paths.dev}
max_length = 0

[training]
train_corpus = "corpora.train"
dev_corpus = "corpora.dev"
seed = ${system.seed}
gpu_allocator = null
accumulate_gradient = 1
dropout = 0.1
patience = 0
max_epochs = 1
max_steps = 0
eval_frequency = 1000000

[training.optimizer]
@optimizers = "Adam.v1"

[training.optimizer.learn_rate]
@schedules = "warmup_linear.v1"
warmup_steps = 1
total_steps = 1
initial_rate = 0.00005

[training.batcher]
@batchers = "spacy.batch_by_padded.v1"
discard_oversize = false
size = null
buffer = 256
"""
TRANSFORMER = """
[components.reader]
factory = "transformer"

[components.reader.model]
@architectures = "spacy-transformers.TransformerModel.v3"
name = null
tokenizer_config = {"use_fast": true}

[components.reader.model.get_spans]
@span_getters = "spacy-transformers.strided_spans.v1"
window = 128
stride = 96

[components.spancat.model.tok2vec]
@architectures = "spacy-transformers.TransformerListener.v1"
grad_factor = 1.0

[components.spancat.model.tok2vec.pooling]
@layers = "reduce_mean.v1"
"""
CNN = """
[components.reader]
factory = "tok2vec"

[components.reader.model]
@architectures = "spacy.HashEmbedCNN.v2"
pretrained_vectors = null
width = 96
depth = 4
embed_size = 2000
window_size = 1
maxout_pieces = 3
subword_features = true

[components.spancat.model.tok2vec]
@architectures = "spacy.Tok2VecListener.v1"
width = 96
"""


def docs(nlp: spacy.language.Language, records: Sequence[dict[str, Any]], spans: bool) -> Iterator[Doc]:
    """Make documents of the given words; all white space is one blank, and offsets come from the records."""
    for record in records:
        places = record["words"]
        tokens = [record["text"][start:end] for start, end in places]
        spaces = [after[0] > before[1] for before, after in itertools.pairwise(places)]
        doc = Doc(nlp.vocab, words=tokens, spaces=[*spaces, False])
        if spans:
            doc.spans["sc"] = [Span(doc, start, end, label=label) for start, end, label in set(on_words(record))]
        yield doc


def pieces(records: Sequence[dict[str, Any]], most: int) -> Iterator[dict[str, Any]]:
    """Cut long records between sentences, so that a batch isn't one article; a span that is cut is lost."""
    for record in records:
        edges = [0]
        for start, _ in record["sentences"]:
            at = sum(first < start for first, _ in record["words"])
            if at - edges[-1] >= most:
                edges.append(at)
        for first, last in zip(edges, [*edges[1:], len(record["words"])], strict=True):
            if last > first:
                start, end = record["words"][first][0], record["words"][last - 1][1]
                inside = [span for span in record["spans"] if start <= span["start"] and span["end"] <= end]
                yield record | {"words": record["words"][first:last], "spans": inside}


def train(job: Job, records: Sequence[dict[str, Any]]) -> tuple[spacy.language.Language, float]:
    """Train; gives the pipeline and the seconds."""
    blank = spacy.blank("en")
    path = Path(job.folder) / "train.spacy"
    DocBin(docs=docs(blank, records, spans=True)).to_disk(path)
    # spaCy judges before the first step, which is no part of training: one document costs nothing.
    one = path.with_name("one.spacy")
    DocBin(docs=docs(blank, records[:1], spans=True)).to_disk(one)
    steps = math.ceil(words(records) * 1.3 / BATCH_WORDS) * job.epochs  # marks and padding make batches smaller
    settings = {
        "paths.train": str(path),
        "paths.dev": str(one),
        "system.seed": job.seed,
        "components.spancat.suggester.max_size": job.longest,
        "training.max_epochs": job.epochs,
        "training.batcher.size": BATCH_WORDS,
        "training.optimizer.learn_rate.initial_rate": job.learning_rate,
        "training.optimizer.learn_rate.total_steps": steps,
        "training.optimizer.learn_rate.warmup_steps": max(1, steps // 10),
    }
    cnn = job.options.get("cnn", False)
    if not cnn:
        settings["components.reader.model.name"] = job.encoder
    config = util.load_config_from_str(CONFIG + (CNN if cnn else TRANSFORMER), overrides=settings, interpolate=False)
    model = Path(job.folder) / "model"
    model.mkdir()
    start = time.perf_counter()
    nlp = init_nlp(config)
    train_loop(nlp, model)
    seconds = time.perf_counter() - start
    return spacy.load(model / "model-last"), seconds


def main() -> None:
    """Train and predict."""
    job = read_job()
    torch.set_num_threads(job.threads)
    records = list(pieces(read(job.train), job.options["piece"]))
    known = sum(len(record["spans"]) for record in read(job.train))
    lost = {
        "cut": known - sum(len(record["spans"]) for record in records),
        "longer than the suggester's ngrams": sum(e - s > job.longest for r in records for s, e, _ in on_words(r)),
    }
    nlp, seconds = train(job, records)

    def find(chosen: Sequence[dict[str, Any]], batch: int) -> list[Spans]:
        parts = list(pieces(chosen, job.options["piece"]))
        found: dict[str, Spans] = {record["id"]: [] for record in chosen}
        for record, doc in zip(parts, nlp.pipe(docs(nlp, parts, spans=False), batch_size=batch), strict=True):
            places = record["words"]
            found[record["id"]] += [(places[s.start][0], places[s.end - 1][1], s.label_) for s in doc.spans["sc"]]
        return [found[record["id"]] for record in chosen]

    speed = infer(job, find, (16, 64))
    finish(
        job,
        train_seconds=seconds,
        train_words=words(records) * job.epochs,
        lost={reason: count for reason, count in lost.items() if count},
        inference=speed,
    )


if __name__ == "__main__":
    main()

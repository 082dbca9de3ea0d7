"""SpanMarker: trained on sentences, as its documentation has it; of overlapping spans the longest is taught."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from unicodedata import category

import torch
from common import Job, Spans, finish, infer, on_words, read, read_job, without_overlaps, words
from datasets import Dataset
from span_marker import SpanMarkerModel, Trainer
from transformers import TrainingArguments, set_seed


def sentences(record: dict[str, Any]) -> Iterator[range]:
    """Give the words of each sentence; SpanMarker takes none that are all of invisible characters."""
    for start, end in record["sentences"]:
        inside = [at for at, (first, last) in enumerate(record["words"]) if start <= first and last <= end]
        if inside and any(category(char)[0] != "C" for char in record["text"][start:end].strip()):
            yield range(inside[0], inside[-1] + 1)


def rows(job: Job, records: Sequence[dict[str, Any]], lost: Counter[str]) -> Iterator[dict[str, Any]]:
    """Give tokens and BIO tags of each sentence."""
    ids = {f"{kind}-{label}": 2 * n + k for n, label in enumerate(job.labels) for k, kind in enumerate("BI", start=1)}
    for record in records:
        spans, overlapping = without_overlaps(on_words(record))
        lost["overlap a longer span"] += overlapping
        lost["longer than entity_max_length"] += sum(end - start > job.longest for start, end, _ in spans)
        lost["cross a sentence"] += len(spans)
        for part in sentences(record):
            tags = [0] * len(part)
            for start, end, label in spans:
                if part.start <= start and end <= part.stop:
                    lost["cross a sentence"] -= 1
                    for at in range(start, end):
                        tags[at - part.start] = ids[f"{'B' if at == start else 'I'}-{label}"]
            places = (record["words"][at] for at in part)
            yield {"tokens": [record["text"][start:end] for start, end in places], "ner_tags": tags}


def main() -> None:
    """Train and predict."""
    job = read_job()
    torch.set_num_threads(job.threads)
    set_seed(job.seed)
    train = read(job.train)
    lost: Counter[str] = Counter()
    data = Dataset.from_list(list(rows(job, train, lost)))
    start = time.perf_counter()
    model = SpanMarkerModel.from_pretrained(
        job.encoder,
        labels=["O", *(f"{kind}-{label}" for label in job.labels for kind in "BI")],
        model_max_length=128,  # longer sentences are cut; it pads every sample to this and twice the next
        marker_max_length=128,
        entity_max_length=job.longest,
    )
    arguments = TrainingArguments(
        output_dir=f"{job.folder}/checkpoints",
        learning_rate=job.learning_rate,
        num_train_epochs=job.epochs,
        per_device_train_batch_size=job.options["batch_size"],
        warmup_ratio=0.1,
        save_strategy="no",
        report_to="none",
        logging_steps=25,
        seed=job.seed,
        use_cpu=True,
        bf16=job.options["bf16"],  # as ours, where the processor computes in it
    )
    Trainer(model=model, args=arguments, train_dataset=data).train()
    seconds = time.perf_counter() - start

    def find(records: Sequence[dict[str, Any]], batch: int) -> list[Spans]:
        parts = [(record, part) for record in records for part in sentences(record)]
        tokens = [[record["text"][a:b] for a, b in record["words"][p.start : p.stop]] for record, p in parts]
        found: dict[str, Spans] = {record["id"]: [] for record in records}
        for (record, part), entities in zip(parts, model.predict(tokens, batch_size=batch), strict=True):
            for entity in entities:
                first = record["words"][part.start + entity["word_start_index"]][0]
                last = record["words"][part.start + entity["word_end_index"] - 1][1]
                found[record["id"]].append((first, last, entity["label"]))
        return [found[record["id"]] for record in records]

    with torch.inference_mode():
        speed = infer(job, find, (4, 32))
    finish(
        job,
        train_seconds=seconds,
        train_words=words(train) * job.epochs,
        lost={reason: count for reason, count in lost.items() if count},
        inference=speed,
    )


if __name__ == "__main__":
    main()

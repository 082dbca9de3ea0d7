"""This package: `fit` and `export` with configs/default.yaml, inference by the exported int8 model."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from common import Spans, finish, infer, read, read_job, words

from framing.cues import CODEBOOK
from framing.scorer import Scorer
from framing.spans import Document
from training.config import load_config
from training.export import export
from training.fit import fit


def main() -> None:
    """Train, export and predict."""
    job = read_job()
    torch.set_num_threads(job.threads)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    folder = Path(job.folder)
    cues = folder / "cues.yaml"
    records = {cue.name: cue.to_record() for cue in CODEBOOK}
    cues.write_text(json.dumps([records.get(label, {"name": label}) for label in job.labels]), encoding="utf-8")
    settings = {
        "output": folder / "run",
        "cues": cues,
        "data.train": json.dumps([job.train]),
        "data.dev": json.dumps([job.dev]),
        "model.encoder": job.encoder,
        "model.rules": json.dumps(job.options["rules"]),
        "training.epochs": job.epochs,
        "training.learning_rate": job.learning_rate,
        "training.patience": job.epochs,
        "training.seed": job.seed,
    }
    config = load_config(Path("configs/default.yaml"), [f"{key}={value}" for key, value in settings.items()])
    start = time.perf_counter()
    run = fit(config)
    seconds = time.perf_counter() - start
    metrics = [json.loads(line) for line in (run.folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    judging = sum(line.get("eval_runtime", 0.0) for line in metrics) + run.read_json("dev.metrics.json")["dev_runtime"]
    export(run.folder, folder / "model")
    scorer = Scorer.load(folder / "model", threads=job.threads)

    def find(chosen: Sequence[dict[str, Any]], batch: int) -> list[Spans]:
        documents = [Document(record["id"], record["text"]) for record in chosen]
        return [[(s.start, s.end, s.label) for s in scored.spans] for scored in scorer.score_many(documents)]

    speed = infer(job, find, (0,))  # it packs its own batches
    data = run.read_json("data.json")["losses"]["train"]
    finish(
        job,
        train_seconds=seconds - judging,
        train_words=words(read(job.train)) * job.epochs,
        lost={reason: data[reason] for reason in ("cut", "overlapping") if data[reason]},
        inference=speed,
    )


if __name__ == "__main__":
    main()

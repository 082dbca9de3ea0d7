"""Words per second, beside the Hugging Face pipeline with the same weights: `make bench-throughput`.

Labelled passages are joined to articles of about 600 words. The pipeline gets the run's encoder as a classifier of
tokens, with the cue heads' weights on the last layer, since it can read no other; 32-bit floats, windows of 512
tokens with a stride, and its best batch size of three.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForTokenClassification, PreTrainedTokenizerFast, pipeline
from transformers.utils import logging

import framing
from framing.io.jsonl import read_documents
from framing.profile import count_words
from training.config import load_config, vocabulary
from training.tagger import restore

WORDS = 600
ROUNDS = 5


def articles(path: Path) -> list[str]:
    """Join passages to articles of about `WORDS` words."""
    found, part = [], []
    for document in read_documents(path):
        part.append(document.text)
        if sum(map(count_words, part)) >= WORDS:
            found.append("\n\n".join(part))
            part = []
    return found


def hugging_face(run: Path) -> Callable[[list[str], int], object]:
    """Build the pipeline from a run's weights."""
    cues = vocabulary(load_config(run / "config.yaml"))
    tagger = restore(run / "best", run / "encoder", len(cues))
    config = AutoConfig.from_pretrained(run / "encoder", num_labels=3 * len(cues))
    model = AutoModelForTokenClassification.from_config(config).eval()
    body = getattr(model, model.base_model_prefix)
    body.load_state_dict(tagger.encoder.state_dict(), strict=False)
    hidden = config.hidden_size  # the heads read all layers side by side, the last one at the end
    model.classifier.load_state_dict({"weight": tagger.cue_head.weight[:, -hidden:], "bias": tagger.cue_head.bias})
    special = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "cls", "sep", "unk")}
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(run / "tokenizer.json"), model_max_length=512, **special)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        tag = pipeline("token-classification", model=folder, aggregation_strategy="simple", stride=64, device="cpu")
    return lambda texts, batch: tag(texts, batch_size=batch)


def main(path: Path, run: Path) -> None:
    """Time both in turn and print words per second and the median of the paired ratios."""
    logging.set_verbosity_error()
    texts = articles(path)
    words = sum(map(count_words, texts))
    scorer = framing.load()
    theirs = hugging_face(run)

    def timed(work: Callable[[], object]) -> float:
        start = time.perf_counter()
        work()
        return words / (time.perf_counter() - start)

    with torch.inference_mode():
        batch = max((1, 4, 16), key=lambda size: timed(lambda: theirs(texts, size)))
        pairs = [
            (timed(lambda: list(scorer.score_many(texts))), timed(lambda: theirs(texts, batch))) for _ in range(ROUNDS)
        ]
    ratios = sorted(ours / its for ours, its in pairs)
    print(f"{len(texts)} articles, {words:,} words, {torch.get_num_threads()} threads")
    print(f"framing: median {statistics.median(ours for ours, _ in pairs):,.0f} words/s")
    print(f"pipeline, batch {batch}: median {statistics.median(its for _, its in pairs):,.0f} words/s")
    print(f"ratio: median {statistics.median(ratios):.2f}, {ratios[0]:.2f} to {ratios[-1]:.2f} over {ROUNDS} pairs")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

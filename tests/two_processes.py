"""What each of two processes runs for `test_training_several.py`: a training, then a judgement of a known outcome."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from torch import Tensor, nn

from framing.cli import main
from framing.io.jsonl import read_documents
from framing.tokens import WindowTokenizer
from training.config import load_config, vocabulary
from training.encode import Collator, dataset
from training.fit import InOrder, Judge, _arguments
from training.processes import is_main
from training.run import Run
from training.sampling import EpochSampler


class Oracle(nn.Module):
    """Says what the labels say, so that no cue is missed when, and only when, windows come back in order."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Linear(1, 1)

    def forward(  # the Trainer hands on what is named here
        self, input_ids: Tensor, attention_mask: Tensor, features: Tensor, cue_labels: Tensor, voice_labels: Tensor
    ) -> dict[str, Tensor]:
        cue, voice = (nn.functional.one_hot(labels.clamp(min=0), 3) * 20.0 for labels in (cue_labels, voice_labels))
        return {"loss": cue.mean(), "cue_logits": cue, "voice_logits": voice}


def judge_oracle(recipe: Path, dev: Path, folder: Path) -> dict[str, float]:
    """Judge the oracle on more windows than one batch a process."""
    config = load_config(recipe)
    cues = vocabulary(config)
    gold = read_documents(dev)
    tokenizer = WindowTokenizer.from_file(Path(config.model.encoder) / "tokenizer.json", window=24, stride=8)
    windows, _ = dataset(gold, tokenizer, [cue.name for cue in cues])
    arguments = _arguments(config, Run(folder))
    assert len(windows) > 2.5 * arguments.eval_batch_size
    assert len(windows) % arguments.eval_batch_size  # the last batch is filled up, which must not count
    trainer = InOrder(
        sampler=EpochSampler(windows, 8, negatives=1.0, seed=0),
        model=Oracle(),
        args=arguments,
        eval_dataset=windows,
        data_collator=Collator(len(cues), 0),
        compute_metrics=Judge(gold, windows, tokenizer, cues),
    )
    found = trainer.predict(windows, metric_key_prefix="dev").metrics or {}
    return {name: value for name, value in found.items() if "f1" in name or name.endswith("accuracy")}


if __name__ == "__main__":
    torch.set_num_threads(1)
    recipe, output, dev, figures = map(Path, sys.argv[1:])
    main(["train", str(recipe), f"output={output}", "training.batch_size=4"], standalone_mode=False)
    judged = judge_oracle(recipe, dev, output)
    if is_main():
        figures.write_text(json.dumps(judged), encoding="utf-8")

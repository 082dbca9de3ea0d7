"""A recipe so small that it trains in seconds: a random encoder of two narrow layers on examples of our own."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

ROOT = Path(__file__).parents[1]


def write_encoder(folder: Path, *, dropout: float = 0.0) -> Path:
    """Write the encoder and its tokenizer into a folder."""
    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=160,
        hidden_dropout_prob=dropout,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer = ROOT / "framing" / "models" / "default" / "tokenizer.json"
    PreTrainedTokenizerFast(tokenizer_file=str(tokenizer)).save_pretrained(folder)
    return folder


def write_recipe(folder: Path, *, train: int, dev: int, epochs: int) -> Path:
    """Write an encoder, as many records of the examples, and `recipe.yaml`, whose run goes into `folder / "run"`."""
    lines = (ROOT / "examples" / "corpus.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "train.jsonl").write_text("".join(lines[:train]), encoding="utf-8")
    (folder / "dev.jsonl").write_text("".join(lines[train : train + dev]), encoding="utf-8")
    path = folder / "recipe.yaml"
    path.write_text(
        f"name: tiny\noutput: {folder / 'run'}\n"
        f"data: {{train: [{folder / 'train.jsonl'}], dev: [{folder / 'dev.jsonl'}]}}\n"
        f"model: {{encoder: {write_encoder(folder / 'encoder')}}}\n"
        f"training: {{epochs: {epochs}, batch_size: 8, learning_rate: 3.0e-3, head_learning_rate: 1.0e-2}}\n",
        encoding="utf-8",
    )
    return path

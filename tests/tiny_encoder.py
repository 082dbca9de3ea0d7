"""A random encoder so small that a training takes seconds, with the default model's tokenizer."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

ROOT = Path(__file__).parents[1]


def tiny_encoder(folder: Path) -> Path:
    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, max_position_embeddings=160
    )
    BertModel(config).save_pretrained(folder)
    tokenizer = ROOT / "framing" / "models" / "default" / "tokenizer.json"
    PreTrainedTokenizerFast(tokenizer_file=str(tokenizer)).save_pretrained(folder)
    return folder

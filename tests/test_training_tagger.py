"""The network over encoders of several kinds, in PyTorch and as ONNX."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from transformers import (
    AutoModel,
    DistilBertConfig,
    ElectraConfig,
    ModernBertConfig,
    PreTrainedConfig,
    RobertaConfig,
)

from framing.features import SIZES
from training.graph import write_onnx
from training.tagger import IGNORE, CueTagger, load_encoder

SMALL = {
    "vocab_size": 120,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
}
KINDS = {
    "roberta": RobertaConfig(**SMALL, max_position_embeddings=66, pad_token_id=1),
    "electra": ElectraConfig(**SMALL, embedding_size=8),
    "modernbert": ModernBertConfig(
        **SMALL, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2
    ),
    "distilbert": DistilBertConfig(vocab_size=120, dim=16, n_layers=2, n_heads=2, hidden_dim=32),
}


def tagger(kind: str, **options: object) -> CueTagger:
    torch.manual_seed(0)
    return CueTagger(AutoModel.from_config(KINDS[kind]), 2, **options).eval()  # type: ignore[arg-type, no-untyped-call]


def batch(rows: int, tokens: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    ids = torch.randint(3, 100, (rows, tokens))
    features = torch.stack([torch.randint(0, size, (rows, tokens)) for size in SIZES], dim=-1)
    return ids, torch.ones_like(ids), features


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_encoder_gives_the_same_in_onnx(kind: str, tmp_path: Path) -> None:
    made = tagger(kind)
    write_onnx(made, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    for rows, tokens in ((1, 3), (3, 17)):
        ids, mask, features = batch(rows, tokens)
        with torch.inference_mode():
            expected = made(ids, mask, features)
        cue, voice = session.run(
            ["cue_logits", "voice_logits"], {"input_ids": ids.numpy(), "features": features.numpy()}
        )
        np.testing.assert_allclose(cue, expected["cue_logits"].numpy(), atol=1e-4)
        np.testing.assert_allclose(voice, expected["voice_logits"].numpy(), atol=1e-4)
    with torch.inference_mode():  # the tagger itself is as it was
        torch.testing.assert_close(made(ids, mask, features), expected)
    fused = [node for node in onnx.load(tmp_path / "model.onnx").graph.node if node.op_type == "MultiHeadAttention"]
    assert len(fused) == (0 if kind == "modernbert" else 2)


def test_a_weight_in_the_loss_is_taken_back_outside_training() -> None:
    plain, weighted = tagger("electra"), tagger("electra", cue_weights=[4.0, 1.0])
    inputs = batch(2, 5)
    with torch.inference_mode():
        difference = plain(*inputs)["cue_logits"] - weighted(*inputs)["cue_logits"]
    np.testing.assert_allclose(
        difference[..., 0, :].numpy(), np.broadcast_to([0, np.log(4), np.log(4)], (2, 5, 3)), atol=1e-5
    )
    np.testing.assert_allclose(difference[..., 1, :].numpy(), 0, atol=1e-5)


def test_a_batch_in_which_nothing_counts_has_a_finite_loss() -> None:
    inputs = batch(1, 4)
    nothing = torch.full((1, 4, 2), IGNORE), torch.full((1, 4), IGNORE)
    assert tagger("electra")(*inputs, *nothing)["loss"].item() == 0.0


def test_attention_dropout_is_set_or_refused(tmp_path: Path) -> None:
    saved: dict[str, PreTrainedConfig] = {"roberta": KINDS["roberta"]}
    AutoModel.from_config(saved["roberta"]).save_pretrained(tmp_path)  # type: ignore[no-untyped-call]
    assert load_encoder(str(tmp_path), attention_dropout=0.25).config.attention_probs_dropout_prob == 0.25

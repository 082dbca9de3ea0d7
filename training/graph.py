"""The tagger as an ONNX graph, in floats and with weights of 8 bits."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from framing.errors import ConfigError
from framing.features import SIZES
from training.tagger import CueTagger

INPUTS: Final = ("input_ids", "features")
OUTPUTS: Final = ("cue_logits", "voice_logits")
EVERYTHING: Final = "everything"

_FUSED: Final = "onnxruntime"
_PLAIN: Final = frozenset({"bert", "camembert", "distilbert", "electra", "roberta", "xlm-roberta"})
"""Encoders in which every token attends to every other one by nothing but the product of query and key."""


class _Outputs(nn.Module):
    """The tagger as a function from two tensors to two: windows aren't padded, so that a graph needs no mask."""

    def __init__(self, tagger: CueTagger) -> None:
        super().__init__()
        self.tagger = tagger

    def forward(self, input_ids: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        plain = self.tagger.encoder.config.model_type in _PLAIN
        output = self.tagger(input_ids, None if plain else torch.ones_like(input_ids), features)
        return output["cue_logits"], output["voice_logits"]


def _attention(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: None, *, scaling: float, **_: Any
) -> tuple[Tensor, None]:
    """Attend by ONNX Runtime's own operator, which keeps what it works on in the processor's caches."""
    batch, heads, tokens, width = query.shape
    shape = (batch, tokens, heads * width)
    found = torch.onnx.ops.symbolic(
        "com.microsoft::MultiHeadAttention",
        [part.transpose(1, 2).reshape(shape) for part in (query, key, value)],
        {"num_heads": heads, "scale": scaling},
        dtype=query.dtype,
        shape=shape,
        version=1,
    )
    return found.reshape(batch, tokens, heads, width), None


ALL_ATTENTION_FUNCTIONS.register(_FUSED, _attention)
ALL_MASK_ATTENTION_FUNCTIONS.register(_FUSED, lambda **_: None)


@contextmanager
def _fused(encoder: PreTrainedModel) -> Iterator[None]:
    """Let an encoder of a plain kind attend by `_attention` for a while."""
    before = encoder.config._attn_implementation
    if encoder.config.model_type in _PLAIN:
        encoder.config._attn_implementation = _FUSED
    try:
        yield
    finally:
        encoder.config._attn_implementation = before


def write_onnx(tagger: CueTagger, path: Path) -> None:
    """Write the tagger in 32-bit floats, with free batch and token dimensions."""
    ids = torch.randint(1, 100, (2, 16))
    example = (ids, torch.zeros((*ids.shape, len(SIZES)), dtype=torch.int64))
    batch, tokens = torch.export.Dim("batch"), torch.export.Dim("tokens")
    with warnings.catch_warnings(), _fused(tagger.encoder):
        warnings.simplefilter("ignore")  # the exporter warns about its own internals
        program = torch.onnx.export(
            _Outputs(tagger).eval(),
            example,
            dynamo=True,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_shapes={name: {0: batch, 1: tokens} for name in INPUTS},
            external_data=False,
            verbose=False,
        )
    if program is None:
        raise ConfigError("the encoder can't be written as ONNX; take another one")
    program.save(str(path))
    strip(path)


def strip(path: Path) -> None:
    """Take out what the exporter notes beside the graph: stack traces with the paths of the machine that made it."""
    model = onnx.load(path)
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, path)


def write_int8(source: Path, target: Path, exclude: Sequence[str]) -> None:
    """Quantize weights to 8 bits, one scale a channel.

    Seven bits of range are used (`reduce_range`): processors without VNNI add pairs of products in 16 bits, which
    eight-bit weights overflow.
    """
    logging.disable(logging.WARNING)  # it advises a shape inference that dynamic quantization doesn't need
    try:
        quantize_dynamic(
            source,
            target,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_exclude=list(exclude),
        )
    finally:
        logging.disable(logging.NOTSET)


def exclusions(path: Path) -> list[tuple[str, list[str]]]:
    """Give what to leave in floats, from little to much: heads and features, the last layer, the embeddings."""
    nodes = onnx.load(path, load_external_data=False).graph
    weights = {tensor.name for tensor in nodes.initializer}
    products = [node.name for node in nodes.node if node.op_type in {"MatMul", "Gemm"} and set(node.input) & weights]
    lookups = [node.name for node in nodes.node if node.op_type == "Gather"]
    heads = products[-2:] + [node.name for node in nodes.node if any("features" in name for name in node.input)]
    return [
        ("heads and features", heads),
        ("heads, features and last layer", [*heads, *products[-8:-2]]),
        ("heads, features, last layer and embeddings", [*heads, *products[-8:-2], *lookups]),
        (EVERYTHING, [*products, *lookups]),
    ]

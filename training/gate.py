"""Train a gate (`framing.gate`) on what a model finds, and write its network.

A sentence's odds to hold a cue are the sum of its tokens' odds, so that one sure token is enough, and the network
learns from sentences which tokens those are.
"""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import binary_cross_entropy_with_logits

from framing.decode import OUTSIDE, UnitProbabilities
from framing.errors import ConfigError
from framing.features import SIZES
from framing.gate import INPUTS, pack
from framing.scorer import chunks
from framing.spans import CueSpan, Document
from framing.text import IntArray
from framing.tokens import TokenizedText, WindowTokenizer
from training.graph import strip

log = logging.getLogger("framing")

EMBEDDING: Final = 24
CHANNELS: Final = 64
LAYERS: Final = 3
DROPOUT: Final = 0.2
RULES_DROPOUT: Final = 0.5
"""Share of sentences, in training, in which the rules say nothing: so that it learns to do without them, too."""

SPREAD: Final = 0.3
"""Standard deviation of the embeddings before training."""

BATCH: Final = 4096
RATE: Final = 4e-3
START: Final = -6.0
"""Log-odds of a token before training: a sentence's are then about the share of sentences with cues."""

_LEAST: Final = 1e-6
LARGEST: Final = 30.0
"""Largest log-odds of a token: beyond, floats have no use for them."""

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """A text as the gate sees it, and the sentences in which its spans lie.

    Attributes:
        ids: [tokens] token ids.
        features: [tokens, columns] what `framing.features` says of them.
        edges: [sentences] first tokens.
        spans: [spans, 2] for each span the half-open range of its sentences.
        hopes: [sentences] how near each is to hold a cue (`closeness`), or nothing where that isn't known.
    """

    ids: IntArray
    features: IntArray
    edges: IntArray
    spans: IntArray
    hopes: FloatArray

    @classmethod
    def of(cls, text: TokenizedText, spans: Sequence[CueSpan], hopes: Sequence[float] = ()) -> Self:
        """Find the sentences of spans; spans without tokens are left out."""
        ranges = []
        for span in spans:
            units = np.flatnonzero((text.units[:, 1] > span.start) & (text.units[:, 0] < span.end))
            units = units[text.unit_token[units] >= 0]
            if len(units):
                ends = text.unit_token[units[0]], text.unit_end[units[-1]] - 1
                first, last = np.searchsorted(text.edges, ends, side="right") - 1
                ranges.append((first, last + 1))
        found = np.array(ranges, dtype=np.int64).reshape(-1, 2)
        return cls(text.ids, text.features, text.edges, found, np.array(hopes, dtype=np.float32))

    def targets(self) -> FloatArray:
        """Give what the gate learns of each sentence, [sentences]: its closeness, or 0 and 1 where that isn't known.

        Closeness teaches more: words that nearly make a cue are many, and most cues that a gate misses are of them. One
        that was found counts for a half at least, whatever decoding made of its probabilities.
        """
        found = np.zeros(len(self.edges), dtype=np.float32)
        for first, last in self.spans:
            found[first:last] = 0.5 if len(self.hopes) else 1.0
        return np.maximum(found, self.hopes) if len(self.hopes) else found


def closeness(text: TokenizedText, probabilities: UnitProbabilities, thresholds: Sequence[float]) -> FloatArray:
    """Tell how near each sentence is to hold a cue.

    Args:
        text: the tokenized text.
        probabilities: what the large network says of its units.
        thresholds: the model's, one a cue type.

    Returns:
        [sentences], each its nearest unit's for the nearest type: a half where the probability is the threshold, and
        further off as odds go.
    """
    present = np.clip(1.0 - probabilities.cues[:, :, OUTSIDE], _LEAST, 1 - _LEAST)
    limits = np.array(thresholds)
    over = (np.log(present / (1 - present)) - np.log(limits / (1 - limits))).max(axis=1)
    nearest = np.full(len(text.edges), np.log(_LEAST))
    read = text.unit_token >= 0
    np.maximum.at(nearest, np.searchsorted(text.edges, text.unit_token[read], side="right") - 1, over[read])
    return np.asarray(1 / (1 + np.exp(-nearest)), dtype=np.float32)


def examples(
    tokenizer: WindowTokenizer, documents: Iterable[Document], hopes: Mapping[str, Sequence[float]] | None = None
) -> list[Example]:
    """Cut documents and find the sentences of their spans; texts without tokens are left out.

    Args:
        tokenizer: of the model that the gate is for.
        documents: with the spans that were found, or with gold ones.
        hopes: by text, what `closeness` says of its sentences; None where it isn't known.
    """
    known = hopes or {}
    found = (
        Example.of(text, document.spans, known.get(document.text, ()))
        for chunk in chunks(documents)
        for text, document in zip(tokenizer.tokenize_documents(chunk), chunk, strict=True)
    )
    return [example for example in found if len(example.ids)]


def word_table(model: Path, vocabulary: int) -> Tensor:
    """Give the word embeddings of a model's network, [rows, width], around 0 and with a mean square length of 1.

    Args:
        model: a `model.onnx`, with weights in floats or in 8 bits.
        vocabulary: number of tokens, which the rows are at least.

    Raises:
        ConfigError: the network has no such table.
    """
    tables = [tensor for tensor in onnx.load(model).graph.initializer if len(tensor.dims) == 2]
    found = next((tensor for tensor in tables if tensor.dims[0] >= vocabulary), None)
    if found is None:
        raise ConfigError(f"{model}: has no embeddings of its {vocabulary:,} tokens that a gate could start from")
    words = numpy_helper.to_array(found).astype(np.float32)
    words -= words.mean(axis=0)
    return torch.from_numpy(words / np.sqrt((words**2).sum(axis=1).mean()))


class _Words(nn.Module):
    """Word embeddings that stay, in fewer dimensions, which are learnt and start as the main components."""

    table: Tensor

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        self.register_buffer("table", table, persistent=False)
        _, components = torch.linalg.eigh(torch.cov(table.T))
        # Multiplied by the root of the width, the numbers have the size of other weights, and one rate does for all.
        self.project = nn.Parameter(SPREAD * table.shape[1] ** 0.5 * components[:, -EMBEDDING:])

    def forward(self, ids: Tensor) -> Tensor:
        found: Tensor = self.table[ids] @ self.project
        return found

    def folded(self) -> nn.Embedding:
        """Give the same as a table of few dimensions."""
        few = (self.table @ self.project).detach()
        folded = nn.Embedding(*few.shape)
        folded.weight = nn.Parameter(few)
        return folded


class GateNetwork(nn.Module):
    """Convolutions with residuals over word pieces, surface features and the rules' findings.

    Nineteen in twenty spans of news lie in sentences where the rules find something, but they find something in many
    others, too. Word pieces are the large network's embeddings, which stay, in fewer dimensions, which are learnt: so
    that words which training didn't show are judged like those that the large network takes for similar.
    """

    first_rows: Tensor

    def __init__(self, table: Tensor) -> None:
        """Start with a table of word embeddings, [vocabulary, width], and their main components."""
        super().__init__()
        self.words = _Words(table)
        width = min(EMBEDDING, table.shape[1])
        # A row for an empty place, then a row for each value of each column.
        self.features = nn.Embedding(1 + sum(SIZES), width)
        first_rows = torch.tensor([0, *SIZES[:-1]]).cumsum(0)
        first_rows[1:] += 1
        self.register_buffer("first_rows", first_rows, persistent=False)
        self.first = nn.Conv1d(width, CHANNELS, 3, padding=1)
        self.others = nn.ModuleList(nn.Conv1d(CHANNELS, CHANNELS, 3, padding=1) for _ in range(LAYERS - 1))
        self.head = nn.Conv1d(CHANNELS, 1, 1, bias=False)
        self.start = nn.Parameter(torch.tensor(START))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, ids: Tensor, features: Tensor) -> Tensor:
        """Give each token's odds, and 0 for empty places; what `framing.gate.pack` gives to [places]."""
        there = (features[:, 0] > 0).to(torch.float32)[None]
        told: Tensor = self.features(features + self.first_rows).sum(1)
        hidden = self.dropout(told + self.words(ids)).T * there
        hidden = torch.relu(self.first(hidden)) * there
        for layer in self.others:
            hidden = hidden + torch.relu(layer(self.dropout(hidden))) * there
        odds: Tensor = (self.head(hidden)[0] + self.start).clamp(max=LARGEST).exp() * there[0]
        return odds


def train(network: GateNetwork, known: Sequence[Example], *, epochs: int, seed: int) -> None:
    """Train a network on examples; the seed decides the order of sentences and what is dropped."""
    torch.manual_seed(seed)
    ids = np.concatenate([example.ids for example in known])
    features = np.concatenate([example.features for example in known])
    lengths = np.concatenate([np.diff(example.edges, append=len(example.ids)) for example in known])
    target = torch.from_numpy(np.concatenate([example.targets() for example in known]))
    batches = int(np.ceil(lengths.sum() / BATCH))
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=epochs * batches)
    starts = np.cumsum(lengths) - lengths
    generator = np.random.default_rng(seed)
    network.train()
    for epoch in range(1, epochs + 1):
        total = 0.0
        for chosen in np.array_split(generator.permutation(len(lengths)), batches):
            sizes = lengths[chosen]
            sentence = np.repeat(np.arange(len(chosen)), sizes)
            tokens = np.arange(sizes.sum()) + np.repeat(starts[chosen] - (np.cumsum(sizes) - sizes), sizes)
            told = features[tokens]
            told[:, 1:] *= (generator.random(len(chosen)) >= RULES_DROPOUT)[sentence, None]
            packed, places = pack(ids[tokens], told, sentence)
            odds = network(**{name: torch.from_numpy(values) for name, values in packed.items()})
            summed = torch.zeros(len(chosen)).index_add(0, torch.from_numpy(sentence), odds[places])
            loss = binary_cross_entropy_with_logits(summed.clamp(min=1e-9).log(), target[chosen])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
            total += loss.item()
        log.info("gate: epoch %d of %d, loss %.4f", epoch, epochs, total / batches)
    network.eval()


class _Compact(nn.Module):
    """A gate's network with weights in 8 bits, a scale a dimension or channel; ONNX Runtime unpacks them on opening."""

    def __init__(self, network: GateNetwork) -> None:
        super().__init__()
        self.network = copy.deepcopy(network)
        self.network.add_module("words", network.words.folded())
        self.matrices = {}
        for name, values in self.network.named_parameters():
            if values.ndim > 1:
                others = 0 if values.ndim == 2 else (1, 2)
                scale = values.detach().abs().amax(others, keepdim=True).clamp(min=1e-9) / 127
                self.matrices[name] = plain = name.replace(".", "_")
                self.register_buffer(plain, (values.detach() / scale).round().to(torch.int8))
                self.register_buffer(f"{plain}_scale", scale)

    def forward(self, ids: Tensor, features: Tensor) -> Tensor:
        weights = {
            name: getattr(self, plain).to(torch.float32) * getattr(self, f"{plain}_scale")
            for name, plain in self.matrices.items()
        }
        odds: Tensor = functional_call(self.network, weights, (ids, features))
        return odds


def write(network: GateNetwork, path: Path) -> None:
    """Write a network for `framing.gate.open_network`."""
    places = torch.export.Dim("places", min=2)
    example = torch.ones(8, dtype=torch.int64), torch.ones((8, len(SIZES)), dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about its own internals
        program = torch.onnx.export(
            _Compact(network).eval(),
            example,
            dynamo=True,
            input_names=list(INPUTS),
            output_names=["odds"],
            dynamic_shapes={name: {0: places} for name in INPUTS},
            external_data=False,
            verbose=False,
        )
    if program is None:
        raise ConfigError("the gate can't be written as ONNX")
    program.save(str(path))
    strip(path)

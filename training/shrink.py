"""Make an encoder smaller: the word pieces that a sort of text uses, and its first layers."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoTokenizer, PreTrainedModel

from framing.errors import ConfigError, InputError
from framing.report.folder import make_folder
from framing.spans import Document
from training.provenance import write_shrunk_card
from training.tagger import encoder_folder, load_encoder

log = logging.getLogger("framing")


def shrink(
    documents: Iterable[Document],
    output: Path,
    *,
    encoder: str = "minilm",
    vocabulary: int | None = None,
    layers: int | None = None,
) -> tuple[int, int]:
    """Cut an encoder's vocabulary and layers, and write it as a folder that `model.encoder` and `adapt` take.

    Args:
        documents: texts whose most frequent word pieces are kept; not read where `vocabulary` is None.
        output: the new folder.
        encoder: `minilm`, a hub name, or a local folder.
        vocabulary: number of word pieces to keep. Special tokens and single characters always stay, so that every word
            that could be written in pieces still can be.
        layers: number of layers to keep, from the first; the last ones of an encoder that was made for other ends
            help least.

    Returns:
        The numbers of word pieces and layers in the new encoder.

    Raises:
        ConfigError: the folder holds an encoder, the encoder has no such layers or word pieces, or another kind of
            vocabulary.
        InputError: the texts hold no word, or the folder can't be made.
    """
    if (output / "config.json").exists():
        raise ConfigError(f"{output}: holds an encoder already; choose another folder")
    make_folder(output)
    model = load_encoder(encoder)
    fast = AutoTokenizer.from_pretrained(encoder_folder(encoder), trust_remote_code=False)
    if layers is not None:
        _cut_layers(model, layers, encoder)
    kept = None if vocabulary is None else _frequent(documents, fast.backend_tokenizer, vocabulary, encoder)
    fast.save_pretrained(output)
    if kept is not None:
        _cut_words(model, kept)
        path = output / "tokenizer.json"
        path.write_text(json.dumps(_renumbered(json.loads(path.read_text("utf-8")), kept), ensure_ascii=False), "utf-8")
        pad = fast.pad_token_id
        model.config.pad_token_id = None if pad is None else kept.index(pad)
    model.save_pretrained(output)
    made = int(model.config.vocab_size), int(model.config.num_hidden_layers)
    write_shrunk_card(output, encoder, *made)
    return made


def _cut_layers(model: PreTrainedModel, layers: int, encoder: str) -> None:
    stack = next(
        (m for m in model.modules() if isinstance(m, nn.ModuleList) and len(m) == model.config.num_hidden_layers), None
    )
    if stack is None or not 0 < layers <= len(stack):
        known = "can't be cut" if stack is None else f"there are {len(stack)}"
        raise ConfigError(f"encoder {encoder!r}: can't keep {layers} layers; {known}")
    del stack[layers:]
    model.config.num_hidden_layers = layers


def _frequent(documents: Iterable[Document], tokenizer: Tokenizer, size: int, encoder: str) -> list[int]:
    """Give the ids of the word pieces to keep, ascending."""
    spec = json.loads(tokenizer.to_str())
    if spec["model"]["type"] != "WordPiece":
        raise ConfigError(f"encoder {encoder!r}: only WordPiece vocabularies can be cut; leave --vocabulary out")
    known: dict[str, int] = spec["model"]["vocab"]
    special = {token["content"] for token in spec["added_tokens"]}
    prefix = spec["model"]["continuing_subword_prefix"]
    needed = {at for piece, at in known.items() if piece in special or len(piece.removeprefix(prefix)) == 1}
    if not len(needed) <= size <= len(known):
        raise ConfigError(f"encoder {encoder!r}: can't keep {size} word pieces; from {len(needed)} to {len(known)}")
    counter: Counter[int] = Counter()
    for ids in _ids(documents, tokenizer):
        counter.update(ids)
    if not counter:
        raise InputError("shrink: no words in the inputs; check --text-field")
    kept = set(needed)
    # The order of the old vocabulary decides between pieces that are as rare.
    for at, _ in sorted(counter.items(), key=lambda item: (-item[1], item[0])):
        if len(kept) == size:
            break
        kept.add(at)
    seen, lost = counter.total(), sum(number for at, number in counter.items() if at not in kept)
    log.info(
        "%d word pieces kept of %d; %.2f%% of %d in the texts are cut", len(kept), len(known), 100 * lost / seen, seen
    )
    return sorted(kept)


def _ids(documents: Iterable[Document], tokenizer: Tokenizer) -> Iterator[list[int]]:
    whole = Tokenizer.from_str(tokenizer.to_str())
    whole.no_truncation()
    whole.no_padding()
    stream = iter(documents)
    for chunk in iter(lambda: list(islice(stream, 256)), []):
        for encoding in whole.encode_batch([document.text for document in chunk], add_special_tokens=False):
            yield encoding.ids


def _cut_words(model: PreTrainedModel, kept: list[int]) -> None:
    old: Any = model.get_input_embeddings()
    padding = old.padding_idx
    words = nn.Embedding(len(kept), old.embedding_dim, kept.index(padding) if padding in kept else None)
    words.weight.data = old.weight.data[torch.tensor(kept)].clone()
    model.set_input_embeddings(words)
    model.config.vocab_size = len(kept)


def _renumbered(spec: dict[str, Any], kept: list[int]) -> dict[str, Any]:
    """Give a tokenizer's description with the kept pieces, numbered anew from 0."""
    numbers = {old: new for new, old in enumerate(kept)}
    spec["model"]["vocab"] = {p: numbers[at] for p, at in spec["model"]["vocab"].items() if at in numbers}
    for token in spec["added_tokens"]:
        token["id"] = numbers[token["id"]]
    if padding := spec.get("padding"):
        padding["pad_id"] = numbers[padding["pad_id"]]
    after = spec.get("post_processor") or {}
    for token in after.get("special_tokens", {}).values():
        token["ids"] = [numbers[at] for at in token["ids"]]
    for key in {"cls", "sep"} & after.keys():  # of BERT's own kind: [piece, id]
        after[key][1] = numbers[after[key][1]]
    return spec

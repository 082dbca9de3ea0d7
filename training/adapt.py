"""Go on with an encoder's pretraining on unlabelled text, by masked words (Gururangan et al. 2020)."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoTokenizer, PreTrainedModel, Trainer, TrainingArguments, set_seed

from framing.errors import ConfigError, InputError
from framing.report.folder import make_folder
from framing.spans import Document
from framing.text import IntArray
from framing.tokens import WindowTokenizer, keep_to_units
from training.encode import pad
from training.fit import bfloat16_pays
from training.provenance import write_adapted_card
from training.tagger import IGNORE, encoder_folder, load_encoder

log = logging.getLogger("framing")

MASKED: Final = 0.15
_CHUNK: Final = 256

Row = tuple[IntArray, IntArray]


class MaskedWords(nn.Module):
    """An encoder that guesses masked words; it reads the vocabulary off its own word embeddings."""

    def __init__(self, encoder: PreTrainedModel) -> None:
        """Put a fresh head on an encoder."""
        super().__init__()
        words: Any = encoder.get_input_embeddings()
        self.encoder = encoder
        self.head = nn.Sequential(
            nn.Linear(encoder.config.hidden_size, words.embedding_dim), nn.GELU(), nn.LayerNorm(words.embedding_dim)
        )
        self.bias = nn.Parameter(torch.zeros(words.num_embeddings))

    def forward(self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Give the mean cross-entropy over masked tokens.

        Args:
            input_ids: [batch, tokens].
            attention_mask: [batch, tokens].
            labels: [batch, tokens] ids under the masks, -100 elsewhere; only these are projected on the vocabulary.
        """
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        masked = labels != IGNORE
        words: Any = self.encoder.get_input_embeddings()
        logits = nn.functional.linear(self.head(hidden[masked]), words.weight, self.bias)
        return {"loss": nn.functional.cross_entropy(logits.float(), labels[masked])}


class MaskingCollator:
    """Masks whole words afresh in every batch: of those chosen, 8 in 10 by the mask, 1 by random tokens, 1 not."""

    def __init__(
        self, mask_id: int, vocabulary: int, pad_id: int, prefix: Sequence[int], suffix: Sequence[int]
    ) -> None:
        """Take the tokenizer's special ids and the vocabulary's size."""
        self.mask_id = mask_id
        self.vocabulary = vocabulary
        self.pad_id = pad_id
        self.prefix = np.array(prefix, dtype=np.int64)
        self.suffix = np.array(suffix, dtype=np.int64)

    def __call__(self, batch: Sequence[Row]) -> dict[str, Tensor]:
        """Stack windows of (ids, word of each token) into [batch, longest]; the dice are torch's, which resume."""
        inputs, labels = [], []
        for ids, words in batch:
            size = int(words[-1]) + 1
            chosen = torch.rand(size).numpy() < MASKED
            chosen[int(torch.randint(size, ()))] = True  # no window without a masked word
            fate = torch.rand(size).numpy()[words]
            masked = chosen[words]
            seen = np.where(masked & (fate < 0.8), self.mask_id, ids)
            random = torch.randint(self.vocabulary, (len(ids),)).numpy()
            seen = np.where(masked & (fate >= 0.9), random, seen)
            inputs.append(np.concatenate((self.prefix, seen, self.suffix)))
            target = np.where(masked, ids, IGNORE)
            labels.append(np.pad(target, (len(self.prefix), len(self.suffix)), constant_values=IGNORE))
        return {
            "input_ids": torch.from_numpy(pad(inputs, self.pad_id)),
            "attention_mask": torch.from_numpy(pad([np.ones_like(row) for row in inputs], 0)),
            "labels": torch.from_numpy(pad(labels, IGNORE)),
        }


def read_windows(documents: Iterable[Document], tokenizer: WindowTokenizer, tokens: int | None) -> Iterator[Row]:
    """Give windows of at least 8 tokens as (ids, word of each token), until so many tokens are read."""
    read = 0
    chunk: list[str] = []

    def flush() -> Iterator[Row]:
        for text in tokenizer.tokenize_many(chunk):
            firsts = np.zeros(len(text.ids), dtype=np.int64)
            firsts[text.unit_token[text.unit_token >= 0]] = 1
            words = firsts.cumsum()
            for window in text.windows:
                if window.end - window.start >= 8:
                    part = words[window.start : window.end]
                    yield text.ids[window.start : window.end].astype(np.int32), (part - part[0]).astype(np.int32)
        chunk.clear()

    for document in documents:
        chunk.append(document.text)
        if len(chunk) == _CHUNK:
            for row in flush():
                yield row
                read += len(row[0])
                if tokens is not None and read >= tokens:
                    return
    yield from flush()


def adapt(
    documents: Iterable[Document],
    output: Path,
    *,
    encoder: str = "minilm",
    tokens: int | None = None,
    epochs: float = 1.0,
    window: int = 126,
    batch_size: int = 16,
    learning_rate: float = 3e-4,
    seed: int = 13,
    resume: bool = False,
) -> float:
    """Train an encoder on masked words and write it as a folder that `model.encoder` takes.

    Args:
        documents: unlabelled texts, held in memory and read in an order that the seed draws.
        output: the folder; its `checkpoints` serve resuming and are kept.
        encoder: `minilm`, a hub name, or a local folder.
        tokens: stop reading after so many; None reads all.
        epochs: passes over them.
        window: most tokens in a window, special tokens not counted.
        batch_size: windows a step.
        learning_rate: at its peak; it warms up over a twentieth of the steps and falls to 0.
        seed: of order, masks and the head.
        resume: go on from the last checkpoint.

    Returns:
        The mean loss over the last tenth of the logged steps, in nats a masked token.

    Raises:
        ConfigError: the encoder has no fast tokenizer or no mask token, or the folder holds an encoder already.
        InputError: there is no text to read.
    """
    make_folder(output)
    if (output / "config.json").exists():
        raise ConfigError(f"{output}: holds an encoder already; choose another folder")
    fast = AutoTokenizer.from_pretrained(encoder_folder(encoder), trust_remote_code=False)
    if not fast.is_fast or fast.mask_token_id is None:
        raise ConfigError(
            f"encoder {encoder!r}: needs a fast tokenizer with a mask token; take a masked language model"
        )
    set_seed(seed)
    model = MaskedWords(load_encoder(encoder))
    tokenizer = WindowTokenizer(keep_to_units(fast.backend_tokenizer), window=window, stride=0, rules=False)
    drawn = list(documents)
    random.Random(seed).shuffle(drawn)  # noqa: S311 - files are often sorted by outlet; this is no secret
    rows = list(read_windows(drawn, tokenizer, tokens))
    if not rows:
        raise InputError("adapt: no text of 8 tokens or more in the inputs; check --text-field")
    log.info("%d windows, %d tokens", len(rows), sum(len(ids) for ids, _ in rows))
    vocabulary = model.bias.numel()
    collator = MaskingCollator(
        fast.mask_token_id, vocabulary, fast.pad_token_id or 0, tokenizer.prefix, tokenizer.suffix
    )
    arguments = TrainingArguments(
        output_dir=str(output / "checkpoints"),
        num_train_epochs=epochs,
        per_device_train_batch_size=batch_size,
        learning_rate=learning_rate,
        warmup_steps=0.05,
        weight_decay=0.01,
        max_grad_norm=1.0,
        use_cpu=not torch.cuda.is_available(),
        bf16=bfloat16_pays("auto"),
        save_steps=500,
        save_total_limit=1,
        logging_steps=50,
        logging_first_step=True,
        report_to="none",
        disable_tqdm=False,
        remove_unused_columns=False,
        dataloader_pin_memory=torch.cuda.is_available(),
        seed=seed,
        data_seed=seed,
    )
    trainer = Trainer(model=model, args=arguments, train_dataset=rows, data_collator=collator)
    trainer.train(resume_from_checkpoint=resume)
    model.encoder.save_pretrained(output)
    AutoTokenizer.from_pretrained(encoder_folder(encoder), trust_remote_code=False).save_pretrained(output)
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    loss = float(np.mean(losses[-max(1, len(losses) // 10) :]))
    write_adapted_card(output, encoder, sum(len(ids) for ids, _ in rows), epochs, seed, loss)
    return loss

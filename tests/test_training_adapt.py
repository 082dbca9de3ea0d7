"""Adapting an encoder: whole words are masked, and what comes out is an encoder for recipes."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from framing.cli import main
from framing.errors import ConfigError, InputError
from framing.io.jsonl import read_documents
from framing.spans import Document
from framing.tokens import WindowTokenizer
from training.adapt import MaskedWords, MaskingCollator, adapt, read_windows
from training.provenance import base_model, encoder_licence, encoder_name
from training.tagger import IGNORE, load_encoder

ROOT = Path(__file__).parents[1]
TOKENIZER = ROOT / "framing" / "models" / "default" / "tokenizer.json"


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(0)
    BertModel(
        BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64)
    ).save_pretrained(folder)
    fast = PreTrainedTokenizerFast(tokenizer_file=str(TOKENIZER), mask_token="[MASK]", pad_token="[PAD]")  # noqa: S106
    fast.save_pretrained(folder)
    return folder


def test_words_are_masked_whole_and_only_masked_ones_are_guessed() -> None:
    torch.manual_seed(0)
    ids = np.arange(100, 160, dtype=np.int32)
    words = (np.arange(60) // 3).astype(np.int32)
    batch = MaskingCollator(1, 1000, 0, [2], [3])([(ids, words)] * 40)
    assert batch["input_ids"].shape == (40, 62)
    labels = batch["labels"][:, 1:-1]
    masked = labels != IGNORE
    assert torch.equal(labels[masked], torch.from_numpy(ids).long().expand(40, 60)[masked])
    assert torch.equal(masked.view(40, 20, 3).all(-1), masked.view(40, 20, 3).any(-1))
    assert 0.12 < masked.float().mean() < 0.22
    seen = batch["input_ids"][:, 1:-1]
    assert torch.equal(seen[~masked], torch.from_numpy(ids).long().expand(40, 60)[~masked])
    assert 0.7 < (seen[masked] == 1).float().mean() < 0.9
    assert batch["labels"][:, 0].eq(IGNORE).all()
    assert batch["labels"][:, -1].eq(IGNORE).all()


def test_windows_stop_at_the_number_of_tokens_and_cover_all_without() -> None:
    tokenizer = WindowTokenizer.from_file(TOKENIZER, window=20, stride=0, rules=False)
    documents = [Document(str(n), "The envoy spoke of a so-called truce that nobody kept. " * 5) for n in range(600)]
    everything = sum(len(ids) for ids, _ in read_windows(documents, tokenizer, None))
    assert everything == sum(len(text.ids) for text in tokenizer.tokenize_many([d.text for d in documents]))
    some = sum(len(ids) for ids, _ in read_windows(documents, tokenizer, 500))
    assert 500 <= some < 520
    assert list(read_windows([Document("a", "Too short.")], tokenizer, None)) == []


def test_masked_words_are_learnt_and_the_folder_is_an_encoder(encoder: Path, tmp_path: Path) -> None:
    documents = read_documents(ROOT / "examples" / "corpus.jsonl")
    out = tmp_path / "adapted"
    loss = adapt(documents, out, encoder=str(encoder), epochs=6, learning_rate=1e-2, batch_size=32)
    assert loss < 0.9 * np.log(30_522)  # a head that knows nothing loses the logarithm of the vocabulary
    before, after = load_encoder(str(encoder)), load_encoder(str(out))
    name = "encoder.layer.0.output.dense.weight"
    assert not torch.equal(before.state_dict()[name], after.state_dict()[name])
    with pytest.raises(ConfigError, match="holds an encoder already"):
        adapt(documents, out, encoder=str(encoder))


def test_only_masked_tokens_reach_the_loss(encoder: Path) -> None:
    model = MaskedWords(load_encoder(str(encoder))).eval()
    ids = torch.tensor([[5, 6, 7, 8]])
    labels = torch.tensor([[IGNORE, 9, IGNORE, IGNORE]])
    hidden = model.encoder(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    logits = model.head(hidden)[0, 1] @ model.encoder.get_input_embeddings().weight.T + model.bias  # type: ignore[operator]
    expected = -logits.log_softmax(-1)[9]
    torch.testing.assert_close(model(ids, torch.ones_like(ids), labels)["loss"], expected)


def test_the_command_reads_packed_lines_and_counts_bad_ones(encoder: Path, tmp_path: Path) -> None:
    source = tmp_path / "news.jsonl.gz"
    record = json.dumps({"body": "Officials called the raid a defensive step, and the village was empty by noon."})
    source.write_bytes(gzip.compress(f"{record}\n{{\n{record}\n".encode()))
    arguments = ["adapt", str(source), "--text-field", "body", "--encoder", str(encoder), "-o", str(tmp_path / "out")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "passed over 1 records, the first because" in done.output
    assert f"use it as model.encoder={tmp_path / 'out'}" in done.output


def test_nothing_to_read_and_no_mask_token_are_named(encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no text of 8 tokens or more"):
        adapt([Document("a", "Short.")], tmp_path / "a", encoder=str(encoder))
    PreTrainedTokenizerFast(tokenizer_file=str(TOKENIZER)).save_pretrained(encoder.parent / "plain")
    with pytest.raises(ConfigError, match="needs a fast tokenizer with a mask token"):
        adapt([], tmp_path / "b", encoder=str(encoder.parent / "plain"))


def test_an_adapted_encoder_knows_its_base_and_licence(encoder: Path, tmp_path: Path) -> None:
    plain = "---\nlicense: mit\nbase_model: harbour/base\n---\n\nWords.\n"
    base = tmp_path / "base"
    shutil.copytree(encoder, base)
    (base / "README.md").write_text(plain, encoding="utf-8")
    adapt(read_documents(ROOT / "examples" / "held-out.jsonl"), tmp_path / "news", encoder=str(base), epochs=0.2)
    assert encoder_licence(str(tmp_path / "news")) == "mit"
    assert base_model(str(tmp_path / "news")) == "harbour/base"
    assert encoder_name(str(tmp_path / "news")) == "harbour/base, changed for news (news)"
    assert encoder_licence("minilm") == "apache-2.0"
    assert (encoder_name(str(encoder)), encoder_licence(str(encoder))) == (encoder.name, "unknown")

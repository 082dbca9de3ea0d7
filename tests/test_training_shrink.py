"""Shrinking an encoder: what is kept computes as before, and every word can still be written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from command_line import refusal, run
from transformers import AutoTokenizer, BertConfig, BertModel, PreTrainedTokenizerFast

from framing.cli import main
from framing.errors import ConfigError, InputError
from framing.io.jsonl import read_documents
from framing.spans import Document
from training.shrink import _renumbered, shrink
from training.tagger import load_encoder

ROOT = Path(__file__).parents[1]
TOKENIZER = ROOT / "framing" / "models" / "default" / "tokenizer.json"
PIECES = len(json.loads(TOKENIZER.read_text(encoding="utf-8"))["model"]["vocab"])
KEPT = 4000


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(0)
    BertModel(
        BertConfig(vocab_size=PIECES, hidden_size=32, num_hidden_layers=3, num_attention_heads=2, intermediate_size=64)
    ).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_file=str(TOKENIZER),
        mask_token="[MASK]",  # noqa: S106
        pad_token="[PAD]",  # noqa: S106
        cls_token="[CLS]",  # noqa: S106
        sep_token="[SEP]",  # noqa: S106
    ).save_pretrained(folder)
    return folder


def test_kept_words_and_layers_compute_what_they_did(encoder: Path, tmp_path: Path) -> None:
    documents = read_documents(ROOT / "examples" / "corpus.jsonl")
    assert shrink(documents, tmp_path / "small", encoder=str(encoder), vocabulary=KEPT, layers=2) == (KEPT, 2)
    old, new = load_encoder(str(encoder)).eval(), load_encoder(str(tmp_path / "small")).eval()
    assert (new.config.num_hidden_layers, new.config.vocab_size) == (2, KEPT)
    before, after = (AutoTokenizer.from_pretrained(place) for place in (encoder, tmp_path / "small"))
    text = "The minister called it a so-called truce."  # of frequent words
    inputs = [tokenizer(text, return_tensors="pt") for tokenizer in (before, after)]
    pieces = [t.convert_ids_to_tokens(i["input_ids"][0]) for t, i in zip((before, after), inputs, strict=True)]
    assert pieces[0] == pieces[1]
    with torch.inference_mode():
        layers = old(**inputs[0], output_hidden_states=True).hidden_states
        torch.testing.assert_close(new(**inputs[1]).last_hidden_state, layers[2])


def test_rare_words_are_written_in_pieces_and_none_is_unknown(encoder: Path, tmp_path: Path) -> None:
    documents = [Document("a", "The truce held. " * 50)]
    shrink(documents, tmp_path / "small", encoder=str(encoder), vocabulary=3000)
    after = AutoTokenizer.from_pretrained(tmp_path / "small")
    pieces = after.tokenize("The truce astonished everybody")
    assert pieces[:2] == ["the", "truce"]
    assert "".join(pieces[2:]).replace("##", "") == "astonishedeverybody"
    assert "[UNK]" not in pieces
    assert after.pad_token_id == load_encoder(str(tmp_path / "small")).config.pad_token_id


def test_every_place_of_a_tokenizer_gets_the_new_numbers() -> None:
    spec = {
        "model": {"vocab": {"a": 0, "[PAD]": 3, "[CLS]": 5, "[SEP]": 7}},
        "added_tokens": [{"id": 3}, {"id": 5}, {"id": 7}],
        "padding": {"pad_id": 3},
        "post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 5], "sep": ["[SEP]", 7]},
    }
    assert _renumbered(spec, [3, 5, 7]) == {
        "model": {"vocab": {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2}},
        "added_tokens": [{"id": 0}, {"id": 1}, {"id": 2}],
        "padding": {"pad_id": 0},
        "post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 1], "sep": ["[SEP]", 2]},
    }


def test_what_cannot_be_cut_is_named(encoder: Path, tmp_path: Path) -> None:
    words = [Document("a", "A few words.")]
    with pytest.raises(ConfigError, match="can't keep 4 layers; there are 3"):
        shrink([], tmp_path / "a", encoder=str(encoder), layers=4)
    with pytest.raises(ConfigError, match="can't keep 10 word pieces; from "):
        shrink(words, tmp_path / "b", encoder=str(encoder), vocabulary=10)
    with pytest.raises(InputError, match="no words in the inputs"):
        shrink([], tmp_path / "c", encoder=str(encoder), vocabulary=KEPT)
    with pytest.raises(ConfigError, match="holds an encoder already"):
        shrink([], encoder, encoder=str(encoder), layers=1)


def test_the_command_says_what_it_made_and_wants_texts_for_a_vocabulary(encoder: Path, tmp_path: Path) -> None:
    arguments = ["shrink", "--encoder", str(encoder), "-o", str(tmp_path / "small")]
    done = CliRunner().invoke(main, [*arguments, "--layers", "1"])
    assert done.exit_code == 0, done.output
    assert f"{PIECES} word pieces, 1 layers; use it as model.encoder={tmp_path / 'small'}" in done.output
    assert "nothing to cut" in CliRunner().invoke(main, arguments).output
    other = ["--encoder", encoder, "-o", tmp_path / "other"]
    missing = run("shrink", *other, "--vocabulary", KEPT, tmp_path / "none.txt")
    assert missing.exit_code == 2
    assert "none.txt: can't read the file (No such file or directory); check the path" in missing.stderr
    (tmp_path / "file").touch()
    assert "can't write it" in refusal(run("shrink", "-o", tmp_path / "file" / "small", "--layers", "1"))
    assert "--vocabulary goes with texts" in CliRunner().invoke(main, [*arguments, "--vocabulary", "9"]).output

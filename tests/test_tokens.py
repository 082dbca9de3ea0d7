"""From texts to token windows: every unit is read at its first token, whatever the tokenizer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import BPE, Unigram
from tokenizers.pre_tokenizers import ByteLevel, Metaspace, PreTokenizer

from framing.errors import ModelError
from framing.features import SIZES, features
from framing.text import Window
from framing.tokens import WindowTokenizer, keep_to_units

MERGED = 'The "safe zone." He said (no).'


def byte_level() -> Tokenizer:
    """A byte-level BPE that merges `."` and a space with the word after it."""
    alphabet = sorted(ByteLevel.alphabet())
    merges = [(".", '"'), ("h", "e"), ("Ġ", "s"), ("Ġ", '"'), (")", ".")]
    vocab = {token: number for number, token in enumerate([*alphabet, *("".join(pair) for pair in merges)])}
    tokenizer = Tokenizer(BPE(vocab=vocab, merges=merges))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    return tokenizer


def metaspace() -> Tokenizer:
    """A Unigram model over words with a leading `▁` that has `."` as one piece."""
    pieces = [
        "▁",
        "▁The",
        "▁safe",
        "▁zone",
        "▁He",
        "▁said",
        "▁no",
        "safe",
        "zone",
        "no",
        '."',
        ").",
        ".",
        '"',
        "(",
        ")",
    ]
    tokenizer = Tokenizer(
        Unigram([("<unk>", -20.0), *((piece, -1.0) for piece in pieces)], unk_id=0, byte_fallback=False)
    )
    tokenizer.pre_tokenizer = Metaspace()
    return tokenizer


def tokens(tokenizer: Tokenizer, text: str) -> list[str]:
    return [str(token) for token in tokenizer.encode(text, add_special_tokens=False).tokens]


def test_a_text_becomes_units_tokens_features_and_windows(small_windows: WindowTokenizer) -> None:
    text = small_windows.tokenize('NATO\'s "unsafe" zone 🎉 one\u0301.')
    encoding = small_windows.tokenizer.encode(text.text, add_special_tokens=False)
    assert encoding.tokens == ["nato", "'", "s", '"', "unsafe", '"', "zone", "[UNK]", "one", "."]
    assert text.ids.tolist() == encoding.ids
    assert [text.text[start:end] for start, end in text.units] == [
        *["NATO", "'", "s", '"', "unsafe", '"', "zone", "🎉", "one\u0301", "."]
    ]
    assert text.unit_token.tolist() == list(range(10))
    assert text.features[:, 0].tolist() == [16, 0, 0, 1, 2, 3, 0, 0, 0, 0]
    assert text.windows == [Window(0, 8), Window(5, 10)]
    assert [(quote.start, quote.end) for quote in text.quotes] == [(7, 15)]


def test_every_token_carries_the_features_of_its_unit(small_windows: WindowTokenizer, tokenizer_file: Path) -> None:
    text = small_windows.tokenize("Its so-called unconstitutionality, a pretext for war, he said.")
    of_units = features(text.text, text.units, text.quotes, rules=True)
    lengths = np.diff([*text.unit_token, len(text.ids)])
    assert lengths.max() > 1
    np.testing.assert_array_equal(text.features, np.repeat(of_units, lengths, axis=0))
    without = WindowTokenizer.from_file(tokenizer_file, rules=False).tokenize(text.text)
    assert text.features[:, 1:].any()
    assert not without.features[:, 1:].any()


def test_a_word_of_several_tokens_is_read_at_its_first(small_windows: WindowTokenizer) -> None:
    text = small_windows.tokenize("unconstitutionality ended")
    words = tokens(small_windows.tokenizer, text.text)
    assert words[-1] == "ended"
    assert len(words) > 2
    assert text.unit_token.tolist() == [0, len(words) - 1]
    assert text.features.tolist() == [[0] * len(SIZES)] * len(words)


def test_windows_start_with_sentences_where_they_fit(small_windows: WindowTokenizer) -> None:
    text = small_windows.tokenize("One came by sea. Two left by air. All is well.")
    assert text.windows == [Window(0, 5), Window(5, 10), Window(10, 14)]


@pytest.mark.parametrize("text", ["", " ", "\n\t\n"])
def test_a_text_without_words_has_no_windows(small_windows: WindowTokenizer, text: str) -> None:
    tokenized = small_windows.tokenize(text)
    assert (tokenized.units.shape, len(tokenized.ids), tokenized.windows) == ((0, 2), 0, [])


def test_many_texts_are_cut_like_one(small_windows: WindowTokenizer) -> None:
    texts = ["", 'The "safe zone" held.', "under the pretext of aid " * 5]
    for text, other in zip(small_windows.tokenize_many(texts), map(small_windows.tokenize, texts), strict=True):
        assert (text.text, text.quotes, text.windows) == (other.text, other.quotes, other.windows)
        for name in ("units", "unit_token", "ids", "features"):
            np.testing.assert_array_equal(getattr(text, name), getattr(other, name))


@given(text=st.text(alphabet="abzÉéßøńЖя漢字 \n.,;-'\"“”()%$\u0301", max_size=60))
def test_every_unit_with_letters_has_a_token_at_its_start(small_windows: WindowTokenizer, text: str) -> None:
    tokenized = small_windows.tokenize(text)
    starts = [start for start, _ in small_windows.tokenizer.encode(text, add_special_tokens=False).offsets]
    for (start, end), token in zip(tokenized.units, tokenized.unit_token, strict=True):
        if any(char.isalnum() for char in text[start:end]):
            assert token >= 0
            assert start <= starts[token] < end


@pytest.mark.parametrize("text", ["safe😀zone", "😀zone", "pre\u00adtext", "under\u200bthe"])
def test_words_glued_to_symbols_or_invisible_characters_have_tokens(tokenizer_file: Path, text: str) -> None:
    kept = WindowTokenizer(keep_to_units(Tokenizer.from_file(str(tokenizer_file))))
    tokenized = kept.tokenize(text)
    words = [text[start:end].isalpha() for start, end in tokenized.units]
    assert all(token >= 0 for token, word in zip(tokenized.unit_token, words, strict=True) if word)


def test_special_tokens_frame_every_window(small_windows: WindowTokenizer) -> None:
    first, last = (small_windows.tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]"))
    assert (small_windows.prefix, small_windows.suffix) == ([first], [last])
    bare = WindowTokenizer(byte_level())
    assert (bare.prefix, bare.suffix) == ([], [])


def test_truncation_and_padding_are_switched_off(tokenizer_file: Path) -> None:
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=40)
    words = "aid " * 30
    assert [len(text.ids) for text in WindowTokenizer(tokenizer).tokenize_many([words, "aid"])] == [30, 1]


def test_a_saved_tokenizer_opens_again(small_windows: WindowTokenizer, tmp_path: Path) -> None:
    small_windows.save(tmp_path / "tokenizer.json")
    again = WindowTokenizer.from_file(tmp_path / "tokenizer.json", window=8, stride=3)
    text = 'The "safe zone" held.'
    assert again.tokenize(text).ids.tolist() == small_windows.tokenize(text).ids.tolist()


@pytest.mark.parametrize("content", [None, "", "{}", "no JSON"])
def test_a_file_that_is_no_tokenizer_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ModelError) as caught:
        WindowTokenizer.from_file(path)
    assert str(caught.value).startswith(f"{path}: not a tokenizer (")
    assert str(caught.value).endswith("); export the model again")


@pytest.mark.parametrize(
    ("tokenizer", "merged"),
    [(byte_level(), ['."', ").", 'Ġ"']), (metaspace(), ['."', ")."])],
    ids=["byte-level", "metaspace"],
)
def test_marks_are_never_joined_to_what_stands_beside_them(tokenizer: Tokenizer, merged: list[str]) -> None:
    assert set(merged) <= set(tokens(tokenizer, MERGED))
    kept = keep_to_units(tokenizer)
    assert set(merged).isdisjoint(tokens(kept, MERGED))
    text = WindowTokenizer(kept).tokenize(MERGED)
    offsets = kept.encode(MERGED, add_special_tokens=False).offsets
    edges = [set(range(start, end)) for start, end in text.units.tolist()]
    assert all(sum(bool(unit & set(range(start, end))) for unit in edges) <= 1 for start, end in offsets)
    assert (text.unit_token >= 0).all()
    assert (np.diff(text.unit_token) > 0).all()


@given(text=st.text(alphabet='hes ."é🎉()\n\u0301', max_size=30))
def test_byte_level_tokens_keep_to_units_in_any_text(text: str) -> None:
    tokenized = WindowTokenizer(keep_to_units(byte_level()), window=8, stride=3).tokenize(text)
    assert (tokenized.unit_token >= 0).all()
    assert (np.diff(tokenized.unit_token) > 0).all()


def test_keeping_to_units_changes_nothing_for_words_and_punctuation_of_the_default_tokenizer(
    tokenizer_file: Path,
) -> None:
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    text = 'The "safe zone." He (no one else) didn\'t say unconstitutionality; cafe\u0301.'
    before = tokenizer.encode(text)
    after = keep_to_units(tokenizer).encode(text)
    assert (after.tokens, after.offsets) == (before.tokens, before.offsets)


def test_a_tokenizer_without_pre_tokenizer_is_split_at_marks_alone() -> None:
    tokenizer = metaspace()
    tokenizer.pre_tokenizer = None  # type: ignore[assignment]
    kept = keep_to_units(tokenizer)
    assert isinstance(kept.pre_tokenizer, PreTokenizer)
    assert tokens(kept, 'no."') == ["no", ".", '"']

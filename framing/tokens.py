"""From a text to windows of token ids and back: the shared step of training and scoring.

Probabilities live on units, so that spans start and end on whole units whatever the tokenizer. In a task of spans
units are words and single marks, each read at its first token; in a task of sentences they are the sentences, each
read at all its tokens (`framing.sentences`). What is cut is the text's reading (`framing.reading`); units and
quotations have the offsets of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from tokenizers import Regex, Tokenizer
from tokenizers.pre_tokenizers import PreTokenizer, Split
from tokenizers.pre_tokenizers import Sequence as PreTokenizers

from framing.errors import ModelError
from framing.features import features
from framing.gate import Gate, gated_windows, stretches
from framing.quotations import Quotation, quotations
from framing.reading import Reading, read
from framing.spans import Document
from framing.text import IntArray, Window, sentences, units, windows

SPANS: Final = "spans"
SENTENCES: Final = "sentences"
TASKS: Final = (SPANS, SENTENCES)
_PROBE: Final = "a"


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """A text cut into units, tokens and windows.

    Attributes:
        text: the text.
        quotes: its quotations.
        units: [units, 2] code-point ranges.
        unit_token: [units] index of each unit's first token, -1 for a unit that the tokenizer left out.
        unit_end: [units] index of the token behind each unit's last one.
        ids: [tokens] token ids, without special tokens.
        features: [tokens, columns] what `framing.features` says of each token's word or mark.
        windows: the plan over the tokens; behind a gate, over some of them.
        task: what the units are: `spans` for words and marks, `sentences` for sentences.
        edges: [sentences] index of each sentence's first token.
    """

    text: str
    quotes: list[Quotation]
    units: IntArray
    unit_token: IntArray
    unit_end: IntArray
    ids: IntArray
    features: IntArray
    windows: list[Window]
    task: str = SPANS
    edges: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))


class WindowTokenizer:
    """A `tokenizers.Tokenizer` that keeps to units and cuts long texts into overlapping windows."""

    def __init__(
        self, tokenizer: Tokenizer, *, window: int = 128, stride: int = 32, rules: bool = True, task: str = SPANS
    ) -> None:
        """Take a tokenizer.

        Args:
            tokenizer: any fast tokenizer; truncation and padding are switched off.
            window: most tokens in a window, special tokens not counted.
            stride: most tokens that a window repeats of the one before.
            rules: whether features tell what the rules find.
            task: what units are, one of `TASKS`.
        """
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.tokenizer = tokenizer
        self.window = window
        self.stride = stride
        self.rules = rules
        self.task = task
        self.gate: Gate | None = None
        framed = tokenizer.encode(_PROBE)
        bare = tokenizer.encode(_PROBE, add_special_tokens=False)
        lead = framed.special_tokens_mask.index(0) if 0 in framed.special_tokens_mask else 0
        self.prefix = framed.ids[:lead]
        self.suffix = framed.ids[lead + len(bare.ids) :]

    @classmethod
    def from_file(
        cls, path: Path, *, window: int = 128, stride: int = 32, rules: bool = True, task: str = SPANS
    ) -> WindowTokenizer:
        """Read a `tokenizer.json`; raises `ModelError` when it can't be read."""
        try:
            return cls(Tokenizer.from_file(str(path)), window=window, stride=stride, rules=rules, task=task)
        except Exception as error:  # the Rust side raises bare Exception
            raise ModelError(f"{path}: not a tokenizer ({error}); export the model again") from error

    def tokenize(self, text: str) -> TokenizedText:
        """Cut a text; a text without words has no windows."""
        return next(iter(self.tokenize_many([text])))

    def tokenize_many(self, texts: Sequence[str]) -> Iterable[TokenizedText]:
        """Cut many texts; the tokenizer works on them in parallel."""
        return self.tokenize_documents([Document("", text) for text in texts])

    def tokenize_documents(self, documents: Sequence[Document]) -> Iterable[TokenizedText]:
        """Cut the texts of documents, each by the sentences that its record gives, if it does."""
        readings = [read(document.text) for document in documents]
        encodings = self.tokenizer.encode_batch([reading.text for reading in readings], add_special_tokens=False)
        for document, reading, encoding in zip(documents, readings, encodings, strict=True):
            yield self._assemble(document, reading, encoding)

    def _assemble(self, document: Document, reading: Reading, encoding: object) -> TokenizedText:
        text, given = reading.text, document.sentence_ranges
        words, quotes = units(text), quotations(text)
        ids = np.array(encoding.ids if len(words) else (), dtype=np.int64)  # type: ignore[attr-defined]
        # Some tokenizers count the space before a word to its token; a unit never starts with one.
        starts = np.array(
            [_skip_space(text, start) for start, _ in encoding.offsets[: len(ids)]],  # type: ignore[attr-defined]
            dtype=np.int64,
        )
        cut = sentences(text) if given is None else reading.from_text(given)
        ranges = words if self.task == SPANS else np.array(cut, dtype=np.int64).reshape(-1, 2)
        first = np.searchsorted(starts, ranges[:, 0]) if len(ranges) else np.empty(0, dtype=np.int64)
        inside = first < len(starts)
        unit_token = np.full(len(ranges), -1, dtype=np.int64)
        if len(starts):
            inside &= starts[np.minimum(first, len(starts) - 1)] < ranges[:, 1]
            unit_token[inside] = first[inside]
        edges = np.searchsorted(starts, np.array([start for start, _ in cut], dtype=np.int64))
        edges[:1] = 0  # sentences that a record gives may begin late
        of_token = np.clip(np.searchsorted(words[:, 0], starts, side="right") - 1, 0, None)
        described = features(text, words, quotes, rules=self.rules)[of_token]
        if self.gate is None or not len(ids) or not len(edges):
            plan = windows(len(ids), edges.tolist(), self.window, self.stride)
        else:
            kept = stretches(self.gate.passed(ids, described, edges))
            plan = gated_windows(len(ids), edges, kept, self.window, self.stride)
        unit_end = np.searchsorted(starts, ranges[:, 1])
        ranges, quotes = reading.ranges_to_text(ranges), reading.to_text(quotes)
        return TokenizedText(
            document.text, quotes, ranges, unit_token, unit_end, ids, described, plan, self.task, edges
        )

    def save(self, path: Path) -> None:
        """Write a `tokenizer.json` that `from_file` reads."""
        self.tokenizer.save(str(path))


def _skip_space(text: str, start: int) -> int:
    while start < len(text) and text[start].isspace():
        start += 1
    return start


def keep_to_units(tokenizer: Tokenizer) -> Tokenizer:
    """Make a tokenizer never join a mark to a word or to another mark, so that no token crosses a unit's edge.

    Byte-level and SentencePiece tokenizers merge marks (`."`), BERT's joins words to symbols (`safe😀zone`).
    """
    before = tokenizer.pre_tokenizer
    split: list[PreTokenizer] = [Split(Regex(r"[^\w\s]"), "isolated")]
    tokenizer.pre_tokenizer = PreTokenizers(split + ([before] if before is not None else []))
    return tokenizer

"""The gate in front of the network: what passes, what is scored with it, and how it is learnt."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from framing.errors import MissingExtraError, ModelError
from framing.gate import Gate, gated_windows, quoted_tokens, stretches
from framing.io.jsonl import read_documents
from framing.lexicon import Lexicon
from framing.model import Model, default_folder
from framing.quotations import quotations
from framing.scorer import Scorer
from framing.text import Window
from training.gate import examples as examples_of
from training.gate import learn_features, to_record

RAIN = "Rain fell on the harbour. "
CUE = "The so-called truce held. "


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def flags(*values: int) -> np.ndarray:
    return np.array(values, dtype=bool)


TOKENS = [f"t{number}" for number in range(10)]
RECORD = {"tokens": ["t5"], "quoted": ["t6"], "pairs": [["t3", "t4"]], "background": [0.0]}


def gate(**changes: object) -> Gate:
    return Gate.from_record(RECORD | changes, TOKENS.index, len(TOKENS), 1)


def folder_with(gate: dict[str, object], target: Path) -> Path:
    shutil.copytree(default_folder(), target)
    (target / "gate.json").write_text(json.dumps(gate))
    info = json.loads((target / "framing.json").read_text())
    info["files"]["gate.json"] = hashlib.sha256((target / "gate.json").read_bytes()).hexdigest()
    (target / "framing.json").write_text(json.dumps(info))
    return target


@pytest.fixture(scope="module")
def so_called(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder whose gate opens at the word `so` alone."""
    record = {"tokens": ["so"], "quoted": [], "pairs": [], "background": [0.01] * 6}
    return folder_with(record, tmp_path_factory.mktemp("model") / "so")


@pytest.mark.parametrize(
    ("ids", "edges", "quoted", "passed"),
    [
        ([1, 5, 2], [0, 1, 2], [0, 0, 0], [0, 1, 0]),
        ([1, 6, 2], [0, 1, 2], [0, 0, 0], [0, 0, 0]),
        ([1, 6, 2], [0, 1, 2], [0, 1, 0], [0, 1, 0]),
        ([3, 4, 4], [0, 2], [0, 0, 0], [1, 0]),
        ([3, 4, 5], [0, 1], [0, 0, 0], [0, 1]),
        ([3, 4], [0, 1], [0, 0], [0, 0]),  # a pair over two sentences is none
        ([1, 5], [0, 1, 1, 2], [0, 0], [0, 0, 1, 0]),  # sentences without tokens
    ],
)
def test_a_sentence_passes_when_it_has_a_token_or_a_pair(
    ids: list[int], edges: list[int], quoted: list[int], passed: list[int]
) -> None:
    assert gate().passed(ints(*ids), ints(*edges), flags(*quoted)).tolist() == [bool(one) for one in passed]


def test_stretches_take_the_sentence_before_along() -> None:
    assert stretches(flags(0, 0, 1, 0, 0, 1, 1, 0)) == [(1, 3), (4, 7)]
    assert stretches(flags(1, 0, 1)) == [(0, 3)]
    assert stretches(flags(0, 0)) == []


def test_windows_hold_the_stretches_and_nothing_else() -> None:
    assert gated_windows(12, ints(0, 3, 6, 9), [(1, 2), (3, 4)], 6, 2) == [Window(3, 6), Window(9, 12)]
    assert gated_windows(12, ints(0, 3, 6, 9), [(1, 4)], 6, 3) == [Window(3, 9), Window(6, 12)]


def test_tokens_in_short_quotations() -> None:
    text = 'a "b c" d'
    assert quoted_tokens(ints(0, 2, 3, 5, 6, 8), quotations(text)).tolist() == [False, True, True, True, True, False]
    assert not quoted_tokens(ints(0, 1), quotations('"' + "a " * 7 + '"')).any()


def test_rules_within_ranges_find_what_they_find_in_the_whole() -> None:
    text = f'{CUE}\n{RAIN}\nOfficials praised the "voluntary" transfer of the regime.\n'
    whole, marks, cut = Lexicon().find(text), quotations(text), text.index("Officials")
    assert Lexicon().find(text, marks, [(cut, len(text))]) == [span for span in whole if span.start >= cut]
    assert Lexicon().find(text, marks, [(0, len(text))]) == whole
    assert not Lexicon().find(text, marks, [])


def test_behind_the_gate_cues_stay_and_the_rest_skips(so_called: Path) -> None:
    text = RAIN * 20 + CUE + RAIN * 20
    whole = Scorer.load(so_called, threads=1).score(text)
    behind = Scorer.load(so_called, threads=1, exhaustive=False)
    scored = behind.score(text)
    assert [span.label for span in whole.spans] == ["distancing"]
    assert [(s.start, s.end, s.label) for s in scored.spans] == [(s.start, s.end, s.label) for s in whole.spans]
    model = Model(so_called, threads=1, gated=True)
    assert [text[slice(*part)] for part in _scored(model, text)] == [RAIN + CUE.strip()]
    # 39 sentences of 6 units and a full stop less skip, each with the background.
    assert scored.profile["cues"]["pretext"]["expected"] >= 0.01 * 39 * 6


def _scored(model: Model, text: str) -> list[tuple[int, int]]:
    tokens = model.tokenizer.tokenize(text)
    starts, ends = tokens.units[:, 0], tokens.units[:, 1]
    first = [int(starts[tokens.unit_token >= window.start][0]) for window in tokens.windows]
    last = [int(ends[tokens.unit_end <= window.end][-1]) for window in tokens.windows]
    return list(zip(first, last, strict=True))


def test_a_text_that_skips_whole_is_scored_all_the_same(so_called: Path) -> None:
    scored = Scorer.load(so_called, threads=1, exhaustive=False).score(RAIN)
    assert scored.spans == ()
    assert scored.profile["cues"]["pretext"]["expected"] == pytest.approx(0.06)


def test_a_threshold_below_the_models_own_turns_the_gate_off(so_called: Path) -> None:
    text = "The regime moved its troops. " + RAIN
    whole = Scorer.load(so_called, threads=1, threshold=0.1).score(text)
    assert Scorer.load(so_called, threads=1, threshold=0.1, exhaustive=False).score(text).spans == whole.spans
    assert whole.spans


def test_a_gate_of_another_model_is_refused(so_called: Path, tmp_path: Path) -> None:
    wrong = {"tokens": ["no such token"], "quoted": [], "pairs": [], "background": [0.0] * 6}
    with pytest.raises(ModelError, match=r"gate\.json: missing or wrong entry .*; run `framing gate` again"):
        Model(folder_with(wrong, tmp_path / "wrong"), threads=1, gated=True)
    changed = shutil.copytree(so_called, tmp_path / "changed")
    (changed / "gate.json").write_text("{}")
    with pytest.raises(ModelError, match=r"gate\.json: not the file that was exported"):
        Model(changed, threads=1)


def test_learnt_from_examples_it_lets_their_cues_through(examples: Path) -> None:
    tokenizer = Model(default_folder(), threads=1).tokenizer
    vocabulary = tokenizer.tokenizer
    tokens = [vocabulary.id_to_token(number) for number in range(vocabulary.get_vocab_size())]
    known = examples_of(tokenizer, read_documents(examples / "corpus.jsonl"))
    record = to_record(learn_features([known], 0.98), tokens) | {"background": [0.0]}
    learnt = Gate.from_record(record, vocabulary.token_to_id, len(tokens), 1)
    passed = [learnt.passed(one.ids, one.edges, one.quoted) for one in known]
    through = [
        flags[max(0, int(np.searchsorted(one.edges, first, side="right")) - 1)]
        for one, flags in zip(known, passed, strict=True)
        for first, _ in one.spans
    ]
    assert np.mean(through) >= 0.98
    assert np.concatenate(passed).mean() < 0.95


def test_features_are_written_and_read_alike() -> None:
    features = ints(5, 6 + (1 << 59), (3 << 32) + 4 + (1 << 60))
    assert to_record(features, TOKENS) | {"background": [0.0]} == RECORD


def test_cuda_that_isnt_there_is_told() -> None:
    with pytest.raises(MissingExtraError, match="ONNX Runtime can't use cuda here"):
        Scorer.load(threads=1, provider="cuda")

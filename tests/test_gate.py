"""The gate in front of the network: what passes, and what is scored behind it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from archive_samples import inline, jsonl, rows
from onnx import TensorProto, helper

from framing.archive.run import score_archive
from framing.archive.settings import Settings
from framing.errors import ConfigError, MissingExtraError, ModelError
from framing.features import SIZES
from framing.gate import NETWORK, PIECE, RECORD, Gate, gated_windows, open_network, pack, stretches
from framing.lexicon import Lexicon
from framing.model import Model, default_folder
from framing.scorer import Scorer
from framing.spans import Document
from framing.text import Window
from framing.tokens import TokenizedText
from training.gate import GateNetwork, examples, train, word_table, write

RAIN = "Rain fell on the harbour. "
CUE = "The so-called truce held. "


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def flags(*values: int) -> np.ndarray:
    return np.array(values, dtype=bool)


def folder_with(network: Path, target: Path, **record: object) -> Path:
    """Copy the default model and give it a gate."""
    shutil.copytree(default_folder(), target)
    shutil.copyfile(network, target / NETWORK)
    (target / RECORD).write_text(json.dumps({"threshold": 0.5, "background": [0.01] * 6} | record))
    info = json.loads((target / "framing.json").read_text())
    info["files"] |= {name: hashlib.sha256((target / name).read_bytes()).hexdigest() for name in (NETWORK, RECORD)}
    (target / "framing.json").write_text(json.dumps(info))
    return target


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that has learnt to tell `CUE` from `RAIN`."""
    tokenizer = Model(default_folder(), threads=1).tokenizer
    spans = Lexicon().find(CUE)
    assert spans
    known = examples(tokenizer, [Document("cue", CUE, tuple(spans)), Document("rain", RAIN * 3)] * 10)
    torch.manual_seed(0)
    learning = GateNetwork(word_table(default_folder() / "model.onnx", tokenizer.tokenizer.get_vocab_size()))
    train(learning, known, epochs=100, seed=0)
    path = tmp_path_factory.mktemp("network") / NETWORK
    write(learning, path)
    return path


@pytest.fixture(scope="module")
def model(network: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with that gate."""
    return folder_with(network, tmp_path_factory.mktemp("model") / "gated")


@pytest.fixture(scope="module")
def gate(model: Path) -> Gate:
    return Gate.from_folder(model, 6)


def cut(text: str) -> TokenizedText:
    return Model(default_folder(), threads=1).tokenizer.tokenize(text)


def probabilities(gate: Gate, text: str) -> list[float]:
    tokens = cut(text)
    return gate.probabilities(tokens.ids, tokens.features, tokens.edges).tolist()


def test_sentences_are_packed_with_empty_places_between() -> None:
    packed, places = pack(ints(7, 8, 9), np.array([[0, 4], [1, 0], [2, 5]]), ints(3, 3, 5))
    assert packed["ids"].tolist() == [0, 7, 8, 0, 9, 0]
    assert packed["features"].tolist() == [[0, 0], [1, 4], [2, 0], [0, 0], [3, 5], [0, 0]]
    assert places.tolist() == [1, 2, 4]


def test_a_sentence_with_a_cue_passes_and_others_skip(gate: Gate) -> None:
    tokens = cut(RAIN + CUE + RAIN)
    assert gate.passed(tokens.ids, tokens.features, tokens.edges).tolist() == [False, True, False]


def test_a_sentences_probability_is_its_own(gate: Gate) -> None:
    (alone,) = probabilities(gate, CUE)
    many = probabilities(gate, RAIN * 200 + CUE + RAIN * 200)
    assert many[200] == pytest.approx(alone, rel=1e-4)
    assert len(cut(RAIN * 400).ids) > 2 * PIECE  # so that it went in pieces
    assert np.ptp(many[:200]) < 1e-4


def test_a_sentence_longer_than_a_piece_passes_by_any_part_of_it(gate: Gate) -> None:
    long = "rain " * (PIECE + 50)
    without, within = probabilities(gate, long), probabilities(gate, f"{long}the so-called truce held {long}")
    assert len(without) == len(within) == 1
    assert without[0] < 0.5 < within[0]


def test_sentences_without_tokens_have_no_probability(gate: Gate) -> None:
    tokens = cut(RAIN)
    found = gate.probabilities(tokens.ids, tokens.features, ints(0, 0, len(tokens.ids)))
    assert found[0] == found[2] == 0.0
    assert found[1] > 0


def test_a_network_in_8_bits_says_what_it_said_in_floats(tmp_path: Path) -> None:
    torch.manual_seed(0)
    floats = GateNetwork(torch.randn(50, 24)).eval()
    write(floats, tmp_path / NETWORK)
    packed, _ = pack(np.arange(50), np.arange(50)[:, None] % np.array(SIZES), np.arange(50) // 7)
    (found,) = open_network(tmp_path / NETWORK).run(None, packed)
    with torch.inference_mode():
        expected = floats(**{name: torch.from_numpy(values) for name, values in packed.items()}).numpy()
    np.testing.assert_array_equal(found > 0, packed["features"][:, 0] > 0)
    np.testing.assert_allclose(found, expected, rtol=0.1)


def test_neighbours_that_passed_are_one_stretch() -> None:
    assert stretches(flags(0, 0, 1, 0, 0, 1, 1, 0)) == [(2, 3), (5, 7)]
    assert stretches(flags(1, 0, 1)) == [(0, 1), (2, 3)]
    assert stretches(flags(0, 0)) == []


def test_windows_hold_the_stretches_and_nothing_else() -> None:
    assert gated_windows(12, ints(0, 3, 6, 9), [(1, 2), (3, 4)], 6, 2) == [Window(3, 6), Window(9, 12)]
    assert gated_windows(12, ints(0, 3, 6, 9), [(1, 4)], 6, 3) == [Window(3, 9), Window(6, 12)]


def test_behind_the_gate_cues_stay_and_the_rest_skips(model: Path) -> None:
    text = RAIN * 20 + CUE + RAIN * 20
    whole = Scorer.load(model, threads=1).score(text)
    scored = Scorer.load(model, threads=1, exhaustive=False).score(text)
    assert [span.label for span in whole.spans] == ["distancing"]
    assert [(s.start, s.end, s.label) for s in scored.spans] == [(s.start, s.end, s.label) for s in whole.spans]
    tokens = Model(model, threads=1, gated=True).tokenizer.tokenize(text)
    assert [text[slice(*part)] for part in scored_by_network(tokens)] == [CUE.strip()]
    # 40 sentences of 6 units and a full stop less skip, each with the background.
    assert scored.profile["cues"]["pretext"]["expected"] >= 0.01 * 40 * 6


def scored_by_network(tokens: TokenizedText) -> list[tuple[int, int]]:
    starts, ends = tokens.units[:, 0], tokens.units[:, 1]
    first = [int(starts[tokens.unit_token >= window.start][0]) for window in tokens.windows]
    last = [int(ends[tokens.unit_end <= window.end][-1]) for window in tokens.windows]
    return list(zip(first, last, strict=True))


def test_every_token_goes_through_the_network_or_was_judged_by_the_gate(model: Path) -> None:
    tokenizer = Model(model, threads=1, gated=True).tokenizer
    assert tokenizer.gate is not None
    given = Document("late", RAIN + CUE + RAIN, meta={"sentences": [[len(RAIN), len(RAIN) + len(CUE) - 1]]})
    for document in (given, Document("own", given.text), Document("odd", f"…\n\n{CUE}\n—\n{RAIN}😀\n{CUE}")):
        (text,) = tokenizer.tokenize_documents([document])
        passed = tokenizer.gate.passed(text.ids, text.features, text.edges)
        assert text.edges[0] == 0
        ends = np.append(text.edges[1:], len(text.ids))
        judged = {token for sentence, first in enumerate(text.edges) for token in range(first, ends[sentence])}
        assert judged == set(range(len(text.ids)))
        scored = {token for window in text.windows for token in range(window.start, window.end)}
        for sentence, let_through in enumerate(passed):
            if let_through:
                assert set(range(text.edges[sentence], ends[sentence])) <= scored


def test_a_text_that_skips_whole_is_scored_all_the_same(model: Path) -> None:
    scored = Scorer.load(model, threads=1, exhaustive=False).score(RAIN)
    assert scored.spans == ()
    assert scored.profile["cues"]["pretext"]["expected"] == pytest.approx(0.06)


def test_a_text_without_words(model: Path) -> None:
    assert Scorer.load(model, threads=1, exhaustive=False).score(" \n").spans == ()


def test_a_threshold_below_the_models_own_turns_the_gate_off(model: Path) -> None:
    text = "The regime moved its troops. " + RAIN
    whole = Scorer.load(model, threads=1, threshold=0.1).score(text)
    assert Scorer.load(model, threads=1, threshold=0.1, exhaustive=False).score(text).spans == whole.spans
    assert whole.spans


def test_a_gate_that_lets_all_through_changes_nothing(network: Path, tmp_path: Path) -> None:
    folder = folder_with(network, tmp_path / "open", threshold=0.0)
    text = (RAIN * 12 + CUE) * 3
    whole, behind = Scorer.load(folder, threads=1), Scorer.load(folder, threads=1, exhaustive=False)
    assert behind.score(text) == whole.score(text)


def archived(folder: Path, source: Path, output: Path, **settings: Any) -> list[dict[str, Any]]:
    chosen = Settings((str(source),), model=str(folder), **settings)
    score_archive(chosen, output, workers=1, shard_size=1, engine=inline, shown=False)
    return rows(output)["articles"]


def test_archives_use_the_gate_unless_told_otherwise(model: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(jsonl([{"id": "a", "text": RAIN}, {"id": "b", "text": CUE}]))
    behind = archived(model, source, tmp_path / "behind")
    whole = archived(model, source, tmp_path / "whole", exhaustive=True)
    assert [row["distancing"]["count"] for row in behind] == [row["distancing"]["count"] for row in whole] == [0, 1]
    assert behind[0]["pretext"]["expected"] == pytest.approx(0.06)
    assert whole[0]["pretext"]["expected"] < 0.05
    with pytest.raises(ConfigError, match="begun with exhaustive True, now False"):
        archived(model, source, tmp_path / "whole")


def test_a_run_begun_before_there_were_gates_goes_on_without(model: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(jsonl([{"id": "a", "text": RAIN}]))
    whole = archived(model, source, tmp_path / "out", exhaustive=True)
    path = tmp_path / "out" / "run.json"
    run = json.loads(path.read_text())
    del run["settings"]["exhaustive"], run["settings"]["provider"]
    path.write_text(json.dumps(run))
    (tmp_path / "out" / "manifest.jsonl").unlink()
    assert archived(model, source, tmp_path / "out") == whole
    with pytest.raises(ConfigError, match="begun with provider 'cpu', now 'cuda'"):
        archived(model, source, tmp_path / "out", provider="cuda")


@pytest.mark.parametrize("record", [{"background": [0.0] * 5}, {"threshold": None}])
def test_a_gate_that_doesnt_fit_is_refused(network: Path, tmp_path: Path, record: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match=r"gate\.json: missing or wrong entry .*; run `framing gate` again"):
        Model(folder_with(network, tmp_path / "wrong", **record), threads=1, gated=True)


def test_a_gate_that_isnt_a_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none").write_bytes(b"no network")
    with pytest.raises(ModelError, match=r"gate\.onnx: can't be run"):
        Model(folder_with(tmp_path / "none", tmp_path / "wrong"), threads=1, gated=True)


@pytest.mark.parametrize("name", [NETWORK, RECORD])
def test_a_changed_gate_is_refused(model: Path, tmp_path: Path, name: str) -> None:
    changed = shutil.copytree(model, tmp_path / "changed")
    (changed / name).write_text("{}")
    with pytest.raises(ModelError, match=rf"{name}: not the file that was exported"):
        Model(changed, threads=1)


def test_cuda_that_isnt_there_is_told() -> None:
    with pytest.raises(MissingExtraError, match="ONNX Runtime can't use cuda here"):
        Scorer.load(threads=1, provider="cuda")


def test_a_gate_of_another_version_is_refused(tmp_path: Path) -> None:
    given = [helper.make_tensor_value_info(name, TensorProto.INT64, ["places"]) for name in ("ids", "surfaces")]
    odds = helper.make_tensor_value_info("odds", TensorProto.INT64, ["places"])
    graph = helper.make_graph([helper.make_node("Add", ["ids", "surfaces"], ["odds"])], "before", given, [odds])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), tmp_path / NETWORK)
    with pytest.raises(ModelError, match="a gate of another version of framing; run `framing gate` again"):
        open_network(tmp_path / NETWORK)

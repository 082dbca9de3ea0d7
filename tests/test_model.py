"""Opening model folders: a good one opens, any other is refused with one line that names the file and the mend."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framing.cues import CODEBOOK
from framing.errors import ModelError
from framing.features import RULES_VERSION
from framing.model import FORMAT, Model, ModelInfo, default_folder
from framing.scorer import Scorer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the default folder that shares its large files."""
    return Path(shutil.copytree(default_folder(), tmp_path / "model", copy_function=os.symlink))


def rewrite(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)


def change(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Edit a folder's framing.json."""
    record = json.loads((folder / "framing.json").read_text(encoding="utf-8"))
    edit(record)
    rewrite(folder / "framing.json", json.dumps(record).encode())


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        Model(folder)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_the_default_folder_holds_the_codebooks_types() -> None:
    info = ModelInfo.from_file(default_folder() / "framing.json")
    assert info.cues == CODEBOOK
    assert 0 < info.stride < info.window
    assert {"model.onnx", "tokenizer.json"} <= set(info.files)
    assert all(0 < threshold < 1 for threshold in info.calibration.thresholds)
    assert all(temperature > 0 for temperature in (*info.calibration.temperatures, info.calibration.voice_temperature))


def test_a_copied_folder_opens_and_gives_logits_for_every_token(folder: Path) -> None:
    model = Model(folder, threads=1)
    texts = list(model.tokenizer.tokenize_many(["", "The so-called truce held. " * 40, "One truce."]))
    results = model.run(texts)
    for text, (cues, voices) in zip(texts, results, strict=True):
        lengths = [window.end - window.start for window in text.windows]
        assert [part.shape for part in cues] == [(length, len(CODEBOOK), 3) for length in lengths]
        assert [part.shape for part in voices] == [(length, 3) for length in lengths]
        assert all(np.isfinite(part).all() for part in (*cues, *voices))
    assert (results[0], len(results[1][0]) > 1, len(results[2][0])) == (([], []), True, 1)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_text_gets_the_same_logits_in_any_company(threads: int) -> None:
    model = Model(default_folder(), threads=threads)
    texts = list(
        model.tokenizer.tokenize_many([f"The so-called “truce” number {n} held. " * n * 5 for n in range(1, 6)])
    )
    together = model.run(texts)
    for text, logits in zip(texts, together, strict=True):
        (alone,) = model.run([text])
        for found, expected in zip((*logits[0], *logits[1]), (*alone[0], *alone[1]), strict=True):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    mend = "missing from the model folder; copy the whole folder, or export it again"
    assert refusal(folder) == f"{folder / name}: {mend}"


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_changed_file_is_named(folder: Path, name: str) -> None:
    rewrite(folder / name, (folder / name).read_bytes() + b" ")
    mend = "not the file that was exported (its hash differs); copy the whole folder, or export it again"
    assert refusal(folder) == f"{folder / name}: {mend}"


@pytest.mark.parametrize("version", [FORMAT - 1, FORMAT + 1, str(FORMAT), None])
def test_another_format_version_is_refused(folder: Path, version: object) -> None:
    change(folder, lambda record: record.update(format=version))
    assert refusal(folder) == (
        f"{folder / 'framing.json'}: model format {version!r}, but this version of framing reads format 1; "
        "export the model again with this version, or install the version that made it"
    )


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"format": 1'])
def test_broken_json_is_named(folder: Path, content: bytes) -> None:
    rewrite(folder / "framing.json", content)
    message = refusal(folder)
    assert message.startswith(f"{folder / 'framing.json'}: not JSON (")
    assert message.endswith("); export the model again")


@pytest.mark.parametrize("content", [b"[]", b"null", b'"framing"', b"{}"])
def test_json_of_another_kind_is_no_model(folder: Path, content: bytes) -> None:
    rewrite(folder / "framing.json", content)
    assert refusal(folder).startswith(f"{folder / 'framing.json'}: model format None, but this version")


def test_a_folder_without_framing_json_is_no_model(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path)
        == f"{tmp_path}: not a model folder (no framing.json); give the folder that `framing export` wrote"
    )


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        Scorer.load(tmp_path / "none")
    assert str(caught.value) == (
        f"{tmp_path / 'none'}: no such model folder; give a folder that `framing export` wrote, or `lexicon`"
    )


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no cues": lambda record: record.pop("cues"),
    "cues are a number": lambda record: record.update(cues=7),
    "a cue is a string": lambda record: record["cues"].append("pretext"),
    "a cue without name": lambda record: record["cues"][0].pop("name"),
    "a cue with an unknown key": lambda record: record["cues"][0].update(tone="dry"),
    "a cue with an unknown decoding": lambda record: record["cues"][0].update(decoding="sentence"),
    "a cue twice": lambda record: record["cues"].append(dict(record["cues"][0])),
    "a threshold that is text": lambda record: record["cues"][0].update(threshold="high"),
    "no temperature": lambda record: record["cues"][0].pop("temperature"),
    "no voice temperature": lambda record: record.pop("voice_temperature"),
    "no window": lambda record: record.pop("window"),
    "a window that is text": lambda record: record.update(window="wide"),
    "a stride as long as the window": lambda record: record.update(stride=record["window"]),
    "no rules": lambda record: record.pop("rules", None),
    "no files": lambda record: record.pop("files"),
    "files are null": lambda record: record.update(files=None),
    "an unknown task": lambda record: record.update(task="words"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_missing_or_wrong_entry_is_refused(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    change(folder, edit)
    message = refusal(folder)
    assert message.startswith(f"{folder / 'framing.json'}: ")
    assert message.endswith("; export the model again")


def test_a_model_trained_with_other_rules_is_refused(folder: Path) -> None:
    change(folder, lambda record: record.update(rules=RULES_VERSION + 1))
    assert refusal(folder) == (
        f"{folder / 'framing.json'}: made with version {RULES_VERSION + 1} of the rules, but this framing has "
        f"{RULES_VERSION}; train it again, or install the framing that made it"
    )


def test_a_network_that_cannot_be_run_is_named(folder: Path) -> None:
    rewrite(folder / "model.onnx", b"no network")
    change(folder, lambda record: record["files"].update({"model.onnx": hashlib.sha256(b"no network").hexdigest()}))
    message = refusal(folder)
    assert message.startswith(f"{folder / 'model.onnx'}: can't be run (")
    assert message.endswith("); export the model again")


def test_a_folder_that_names_no_task_finds_spans(folder: Path) -> None:
    change(folder, lambda record: record.pop("task", None))
    assert ModelInfo.from_file(folder / "framing.json").task == "spans"


def test_a_model_without_a_voice_temperature_names_no_voices(folder: Path) -> None:
    change(folder, lambda record: record.update(voice_temperature=None))
    spans = Scorer.load(folder, threads=1, threshold=0.001).score("The so-called truce, a pretext for war.").spans
    assert {(span.voice, span.voice_score) for span in spans} == {(None, None)}


def test_other_entries_are_kept_as_facts(folder: Path) -> None:
    change(folder, lambda record: record.update(note="trained at sea"))
    assert ModelInfo.from_file(folder / "framing.json").facts["note"] == "trained at sea"

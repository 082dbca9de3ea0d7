"""What goes wrong at the command line: one line that names the place and the mend, and exit code 2."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import TEXT, lines, refusal, run, score

from framing.model import default_folder
from framing.scorer import Scorer

SPAN = {"start": 0, "end": 6, "label": "pretext"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "{}: the file is empty; give a file with text in it"),
        ("a.txt", b"ok\n\xff", "{}:2: invalid UTF-8 at byte 4 of the file; save the file as UTF-8"),
        ("a.txt", None, "{}: can't read the file (No such file or directory); check the path"),
        ("a.jsonl", b"", "{}: the file is empty; write one JSON object a line"),
        ("a.jsonl", b'{"body": "x"}', "{}:1: no field 'text' (fields: 'body'); name it with --text-field"),
        ("a.jsonl", b'\n{"text": "\xff"}', "{}:2: invalid UTF-8 at byte 11 of the line; save the file as UTF-8"),
        ("a.jsonl", b'\n\n{"text', "{}:3: invalid JSON ("),
        (
            "a.jsonl",
            json.dumps({"id": "s", "text": "short", "spans": [SPAN]}).encode(),
            "{}:1: record 's': span [0, 6) of pretext runs past",
        ),
    ],
)
def test_when_nothing_can_be_scored_one_line_says_why(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert refusal(score(path)).startswith("framing: " + message.format(path))


def test_of_several_bad_records_the_first_is_told_and_the_others_counted(write_jsonl: Callable[..., Path]) -> None:
    path = write_jsonl(["[]", "7", "null"])
    assert refusal(score(path)) == (
        f"framing: {path}:1: not a JSON object; write one object with 'text' a line (and 2 more)"
    )


def test_half_a_surrogate_pair_skips_its_record_alone(write_jsonl: Callable[..., Path]) -> None:
    path = write_jsonl([{"id": "a", "text": TEXT}, r'{"id": "b", "text": "broken \ud83d emoji"}'])
    assert [record["status"] for record in lines(score(path))] == ["ok", "skipped"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--cue", "scare_quotes"], "unknown cue 'scare_quotes'; did you mean scare_quote?"),
        (["--threshold", "1"], "threshold 1.0 is not between 0 and 1; leave it out to use the model's own"),
        (["--model", "none"], "none: no such model folder; give a folder that `framing export` wrote, or `lexicon`"),
    ],
)
def test_wrong_options_are_one_line(article_file: Path, options: list[str], message: str) -> None:
    assert refusal(score(article_file, *options)) == f"framing: {message}"


def unlink(folder: Path) -> str:
    (folder / "model.onnx").unlink()
    return "model.onnx: missing from the model folder"


def change(folder: Path) -> str:
    content = (folder / "tokenizer.json").read_bytes()
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer.json").write_bytes(content + b"\n")
    return "tokenizer.json: not the file that was exported"


def other_format(folder: Path) -> str:
    record = json.loads((folder / "framing.json").read_text(encoding="utf-8"))
    (folder / "framing.json").unlink()
    (folder / "framing.json").write_text(json.dumps(record | {"format": 99}))
    return "framing.json: model format 99, but this version of framing reads format 1"


@pytest.mark.parametrize("damage", [unlink, change, other_format])
def test_a_damaged_model_folder_is_one_line(article_file: Path, tmp_path: Path, damage: Callable[[Path], str]) -> None:
    folder = Path(shutil.copytree(default_folder(), tmp_path / "model", copy_function=os.symlink))
    fault = damage(folder)
    assert refusal(score(article_file, "--model", folder)).startswith(f"framing: {folder}/{fault}")


def test_an_output_that_cannot_be_written_is_named(article_file: Path) -> None:
    line = refusal(score(article_file, "-o", article_file / "out.jsonl"))
    assert line.startswith(f"framing: {article_file / 'out.jsonl'}: can't write the file (")
    assert line.endswith("); choose another place with -o")


def test_a_run_that_scores_nothing_writes_the_reasons_but_no_empty_page(tmp_path: Path) -> None:
    page, records = tmp_path / "out.html", tmp_path / "out.jsonl"
    page.write_text("old")
    for output in (page, records):
        assert "can't read the file" in refusal(score(tmp_path / "none.txt", "-o", output))
    assert [json.loads(line)["status"] for line in records.read_text().splitlines()] == ["skipped"]
    assert page.read_text() == "old"
    assert list(tmp_path.glob("*.part")) == []


def test_an_interrupted_run_leaves_the_old_output_and_what_was_done(
    article_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[object]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(Scorer, "score_many", broken)
    (tmp_path / "out.jsonl").write_text("old")
    assert score(article_file, "-o", tmp_path / "out.jsonl").exit_code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["harbour.txt", "out.jsonl", "out.jsonl.part"]
    assert (tmp_path / "out.jsonl").read_text() == "old"


@pytest.mark.parametrize(
    "arguments",
    [["train", "configs/default.yaml", "--resume"], ["export", "--help"], ["convert", "a", "--from", "ptc"]],
)
def test_training_commands_that_are_not_installed_say_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, "training.cli", None)
    line = refusal(run(*arguments))
    assert line.startswith(
        f"framing: {arguments[0]}: training is not in the wheel: clone the repository and run `pip install"
    )

"""The command line: help, formats, order, fields passed through, and one line for every error."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from command_line import TEXT, lines, refusal, run, score

import framing
from framing.cli import main
from framing.cues import CODEBOOK
from framing.model import default_folder
from framing.scorer import Scorer

COMMANDS = main.list_commands(click.Context(main))


def test_help_lists_every_command_and_first_steps() -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert re.search(
        r"^ *First steps:\n +framing cues +\w.*\n +framing score article.txt +\w", result.stdout, re.MULTILINE
    )
    assert {"score", "cues", "train", "export", "corpora", "convert"} <= set(COMMANDS)
    for name in COMMANDS:
        assert re.search(rf"^  {name} +[A-Z]", result.stdout, re.MULTILINE), name


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert re.search(rf"^ *Examples?:\n *framing {command}\b", result.stdout, re.MULTILINE)


def test_the_version_is_printed() -> None:
    assert run("--version").stdout == f"framing {framing.__version__}\n"


def test_cues_are_listed_with_definition_example_and_decoy() -> None:
    shown = run("cues").stdout
    for cue in CODEBOOK:
        assert f" {cue.name} \n  {cue.definition}\n  example: {cue.example}\n  decoy:   {cue.decoy}\n" in shown
    assert json.loads(run("cues", "--json").stdout) == [cue.to_record() for cue in CODEBOOK]
    assert run("cues", "--model", "lexicon").stdout == shown


def test_cues_of_a_model_folder_are_read_from_it(tmp_path: Path) -> None:
    assert refusal(run("cues", "--model", tmp_path)).startswith(f"framing: {tmp_path}: not a model folder")
    assert json.loads(run("cues", "--json", "--model", default_folder()).stdout) == [
        cue.to_record() for cue in CODEBOOK
    ]
    assert run("cues", "--json", "--model", "default").stdout == run("cues", "--json").stdout


def test_a_text_file_becomes_one_record(article_file: Path, lexicon_scorer: Scorer) -> None:
    expected = lexicon_scorer.score(TEXT + "\n", id="harbour")
    assert {span.label for span in expected.spans} == {"distancing", "pretext"}
    assert lines(score(article_file)) == [expected.to_record()]
    assert lines(score(article_file, "--keep-text")) == [expected.to_record("text")]


def test_standard_input_may_be_a_text_or_json_lines(article_file: Path) -> None:
    (record,) = lines(score(article_file))
    assert lines(score("-", stdin=article_file.read_bytes())) == [record | {"id": "stdin"}]
    line = json.dumps({"id": "harbour", "text": TEXT + "\n"}).encode()
    assert lines(score("-", stdin=line)) == [record]


def test_pretty_and_html_show_the_text(article_file: Path) -> None:
    pretty = score(article_file, "--format", "pretty").stdout
    assert pretty.startswith("harbour\n")
    assert TEXT in pretty
    assert "\x1b[" not in pretty
    assert "\x1b[" in score(article_file, "--format", "pretty", "--color", "always").stdout
    html = score(article_file, "--format", "html").stdout
    assert html.startswith("<!doctype html>")
    assert "<title>Framing cues: harbour</title>" in html


@pytest.mark.parametrize(
    ("name", "start"),
    [("out.jsonl", '{"id": "harbour"'), ("new/out.json", "{"), ("out.html", "<!doctype"), ("out.txt", "harbour\n")],
)
def test_the_ending_of_the_output_tells_the_format(article_file: Path, tmp_path: Path, name: str, start: str) -> None:
    result = score(article_file, "-o", tmp_path / name)
    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    assert list(tmp_path.rglob("*.part")) == []


def test_several_articles_make_one_page(article_file: Path) -> None:
    html = score(article_file, article_file, "--format", "html").stdout
    assert "<title>Framing cues: 2 articles</title>" in html
    assert html.count("<h1>harbour</h1>") == 2


RECORDS = [
    {"id": "a", "text": TEXT, "outlet": "Harbour Post", "date": "2020-01-05", "status": "draft"},
    '{"text": "unfinished',
    {"id": "c", "text": "Día 🎉 the so-called truce.", "tags": ["é", None]},
    {"id": "d", "body": "no text here", "outlet": "River Times"},
    {"id": "e", "text": "Rain is expected."},
]


def test_order_and_fields_are_kept_and_bad_lines_are_named(write_jsonl: Callable[..., Path]) -> None:
    path = write_jsonl(RECORDS)
    result = score(path)
    found = lines(result)
    assert [(record["id"], record["status"]) for record in found] == [
        *[("a", "ok"), (f"{path}:2", "skipped"), ("c", "ok"), ("d", "skipped"), ("e", "ok")]
    ]
    assert (found[0]["outlet"], found[0]["date"], found[2]["tags"]) == ("Harbour Post", "2020-01-05", ["é", None])
    assert found[1]["reason"].startswith(f"{path}:2: invalid JSON (")
    reason = f"{path}:4: no field 'text' (fields: 'id', 'body', 'outlet'); name it with --text-field"
    model = {"name": "lexicon", "version": framing.__version__}
    skipped = {"id": "d", "status": "skipped", "reason": reason, "spans": [], "model": model}
    assert found[3] == skipped | {"body": "no text here", "outlet": "River Times", "profile": None}
    assert [[span["text"] for span in record["spans"]] for record in found[::2]] == [
        *[["so-called", "under the pretext of"], ["so-called"], []]
    ]
    assert all("text" not in record for record in found)
    assert result.stderr == f"framing: scored 3, skipped 2, the first because {found[1]['reason']}\n"


def test_half_a_surrogate_pair_in_another_field_is_passed_through(
    write_jsonl: Callable[..., Path], tmp_path: Path
) -> None:
    path = write_jsonl([r'{"id": "a", "text": "Rain is expected.", "title": "broken \ud83d emoji"}'])
    assert [record["title"] for record in lines(score(path))] == ["broken \ud83d emoji"]
    assert score(path, "-o", tmp_path / "out.jsonl").exit_code == 0
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))["title"] == "broken \ud83d emoji"


def test_fields_of_text_and_id_can_be_named(write_jsonl: Callable[..., Path]) -> None:
    path = write_jsonl([{"url": "u1", "body": TEXT}, {"url": "u2"}])
    found = lines(score(path, "--text-field", "body", "--id-field", "url"))
    assert [(record["id"], record["status"], len(record["spans"])) for record in found] == [
        ("u1", "ok", 2),
        ("u2", "skipped", 0),
    ]


def test_types_and_threshold_can_be_chosen(article_file: Path) -> None:
    (record,) = lines(score(article_file, "--cue", "pretext"))
    assert [span["label"] for span in record["spans"]] == list(record["profile"]["cues"]) == ["pretext"]
    (record,) = lines(score(article_file, "--threshold", "0.999"))
    assert record["spans"] == []


def shell(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "framing", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def test_the_default_model_scores_a_pipe(scorer: Scorer) -> None:
    done = shell("score", "-", "--threads", 1, stdin=f"{TEXT} Día 🎉.".encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == scorer.score(f"{TEXT} Día 🎉.", id="stdin").to_record()


def test_a_missing_file_is_one_line_in_a_shell(tmp_path: Path) -> None:
    path = tmp_path / "none.txt"
    done = shell("score", path, "--model", "lexicon")
    message = f"framing: {path}: can't read the file (No such file or directory); check the path\n"
    assert (done.returncode, done.stderr.decode()) == (2, message)

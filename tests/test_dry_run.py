"""`framing train --dry-run` lists everything that is wrong at once."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from framing.cli import main
from framing.cues import Cue
from framing.errors import InputError
from training.corpora.registry import corpus_faults, read_corpus
from training.dry_run import check
from training.fit import documents


def lines(*rows: Any) -> bytes:
    return b"".join(row if isinstance(row, bytes) else json.dumps(row).encode() + b"\n" for row in rows)


def span(start: int, end: int, label: str = "x") -> dict[str, Any]:
    return {"start": start, "end": end, "label": label}


def faults(entry: str, root: Path, labels: Sequence[str] = ("x",)) -> list[str]:
    """Give the faults without the folder and without the mends."""
    return [fault.replace(f"{root}/", "").partition(";")[0] for fault in corpus_faults([entry], labels)]


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    good = {"id": "a", "text": "so-called", "spans": [span(0, 9)]}
    path.write_bytes(
        b"\xef\xbb\xbf"
        + lines(good).replace(b"\n", b"\r\n")  # a byte order mark and CRLF hurt nobody
        + lines(
            {"id": "b", "text": "so", "spans": [span(0, 9), span(0, 1, "y"), span(1, 1), span(0, 2)]},
            b'{"id": "c", "text": "so"\n',
            b'{"id": "d", "text": "caf\xe9"}\n',
            good,
            {"id": "e"},
            {"id": "b", "text": "so"},
        )
    )
    assert faults(str(path), tmp_path) == [
        "a.jsonl:2: record 'b': span [0, 9) of x runs past the text's 2 characters",
        "a.jsonl:2: record 'b': unknown cue 'y'",
        "a.jsonl:2: record 'b': span [1, 1) is empty or negative",
        "a.jsonl:3: invalid JSON (Expecting ',' delimiter: line 1 column 25 (char 24))",
        "a.jsonl:4: invalid UTF-8 at byte 25 of the line",
        "a.jsonl:5: record 'a' stands at a.jsonl:1 already",
        "a.jsonl:6: no field 'text' (fields: 'id')",
        "a.jsonl:7: record 'b' stands at a.jsonl:2 already",
    ]


def test_reading_for_training_stops_at_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines({"id": "a", "text": "so", "spans": [span(0, 3), span(0, 4)]}, {"id": "b"}))
    with pytest.raises(Exception, match=r"a\.jsonl:1: record 'a': span \[0, 3\) of x runs past") as caught:
        read_corpus(str(path), labels=["x"])
    assert len(caught.value.args) == 1
    assert "\n" not in str(caught.value)


def test_an_empty_part_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n")
    assert faults(str(path), tmp_path) == ["a.jsonl: holds no records"]


def test_ptc(tmp_path: Path) -> None:
    (tmp_path / "train-articles").mkdir()
    for name, text in (("1", b"The so-called truce\n"), ("2", b"One\r\ntwo\r\n"), ("3", b"caf\xe9\n")):
        (tmp_path / "train-articles" / f"article{name}.txt").write_bytes(text)
    path = tmp_path / "train-task-flc-tc.labels"
    rows = ["1\tx\t4\t13", "1\tx\t4\t99", "1\ty\t0\t3", "9\tx\t0\t3", "1 x 4 13", "1\tx\t-4\t13", "2\tx\t0\t3"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert faults(f"ptc:{path}", tmp_path) == [
        "train-task-flc-tc.labels:4: there is no train-articles/article9.txt",
        "train-task-flc-tc.labels:5: not a label line",
        "train-task-flc-tc.labels:6: '-4' is no offset",
        "train-task-flc-tc.labels:2: offset 99 lies past the 20 characters of article1.txt",
        "train-task-flc-tc.labels:3: record '1': unknown cue 'y'",
        "train-articles/article2.txt: has CRLF line ends, but published offsets count LF",
        "train-articles/article3.txt:1: invalid UTF-8 at byte 4 of the file",
    ]


def test_brat(tmp_path: Path) -> None:
    for name, text, labels in (
        ("a", "The so-called truce", "T1\tx 4 13\tso-called\nT2\tx 4 99\tso\nT3\ty 0 3\tThe\nT4 x\n"),
        ("b", "No labels", None),
        ("c", "The truce", "T1\tx 0 3\ttruce\n"),
    ):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
        if labels is not None:
            (tmp_path / f"{name}.ann").write_text(labels, encoding="utf-8")
    (tmp_path / "a.ann").write_text(
        "T1\tx 4 13\tso-called\nT2\tx 4 99\tso\nT3\ty 0 3\tThe\nT1\tx 0 3\tThe\n", encoding="utf-8"
    )
    assert faults(f"brat:{tmp_path}", tmp_path) == [
        "a.ann:2: offset 99 lies past the text's 19 characters",
        "a.ann:4: 'T1\\tx 0 3\\tThe' is no span",
        "a.ann:3: record 'a': unknown cue 'y'",
        "c.ann:1: should cover 'truce' but covers 'The': offsets drifted",
        "b.txt: has no label file b.ann",
    ]


def test_labels_are_named_by_their_lines(tmp_path: Path) -> None:
    """Also where two lines have the same span, and where reading stops at the first fault."""
    (tmp_path / "train-articles").mkdir()
    (tmp_path / "train-articles" / "article1.txt").write_text("The so-called truce\n", encoding="utf-8")
    path = tmp_path / "train.labels"
    path.write_text("1\tx\t0\t3\n1\ty\t4\t13\n1\ty\t4\t13\n", encoding="utf-8")
    entry = f"ptc:{path}?articles={tmp_path / 'train-articles'}"
    assert faults(entry, tmp_path) == [f"train.labels:{line}: record '1': unknown cue 'y'" for line in (2, 3)]
    with pytest.raises(InputError, match=r"train\.labels:2: record '1': unknown cue 'y'"):
        read_corpus(entry, labels=["x"])
    columns = tmp_path / "a.conll"
    columns.write_text("The\tB-x\nso\tO\ncalled\tB-y\ntruce\tI-y\n", encoding="utf-8")
    assert faults(f"conll:{columns}", tmp_path) == ["a.conll:3: record 'a-1': unknown cue 'y'"]


def test_brat_lines_that_are_no_annotations(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The so-called\ntruce", encoding="utf-8")
    path = tmp_path / "a.ann"
    path.write_text("foo\nT1\tx 0 3\tThe\nbar\nT2\tx 4 19\tso-called\ntruce\nA1\tsure T1\nbaz\n", encoding="utf-8")
    assert faults(f"brat:{tmp_path}", tmp_path) == [
        f"a.ann:{line}: {word!r} is no annotation" for line, word in ((1, "foo"), (3, "bar"), (7, "baz"))
    ]
    with pytest.raises(InputError, match=r"a\.ann:1: 'foo' is no annotation; begin it with an id and a tab, as T1"):
        read_corpus(f"brat:{tmp_path}")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "doccano",
            lines(
                {"id": 1, "text": "so", "label": [[0, 9, "x"], [0, 2, "y"]]}, b"{\n", {"id": 3}, {"id": 1, "text": "a"}
            ),
            [
                "file:1: record '1': span [0, 9) of x runs past the text's 2 characters",
                "file:1: record '1': unknown cue 'y'",
                "file:2: invalid JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))",
                "file:3: no text",
                "file:4: record '1' stands at file:1 already",
            ],
        ),
        (
            "conll",
            b"The\tO\ntruce\nheld\tZ-x\n\nso\tB-y\n",
            ["file:2: 1 columns", "file:3: tag 'Z-x' is not O, B-x or I-x", "file:5: record 'file-2': unknown cue 'y'"],
        ),
        (
            "labelstudio",
            json.dumps(
                [
                    {"id": 1, "data": {"text": "so"}},
                    {"id": 2, "data": {"body": "so"}, "annotations": []},
                    {
                        "id": 3,
                        "data": {"text": "so"},
                        "annotations": [
                            {
                                "result": [
                                    {"type": "labels", "value": {"start": 0, "end": 1, "text": "o", "labels": ["x"]}},
                                    {"type": "labels", "value": {"labels": ["x"]}},
                                ]
                            }
                        ],
                    },
                ]
            ).encode(),
            [
                "file, task 1: no 'annotations'",
                "file, task 2: no 'text' that is text",
                "file, task 3: region [0, 1) should cover 'o' but covers 's'",
                "file, task 3: region {'labels': ['x']} has no start and end",
            ],
        ),
        (
            "babe",
            b"text;label_bias;biased_words\nso;Biased;['so']\nso;Biased\nno;Biased;[]\nat;Biased;at\n",
            [
                "file:2: record 'file-1': unknown cue 'biased_word'",
                "file:3: 2 fields where the header has 3",
                "file:5: biased_words is 'at'",
            ],
        ),
    ],
)
def test_other_formats(name: str, content: bytes, expected: list[str], tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert faults(f"{name}:{path}", tmp_path) == expected


def test_a_fault_of_shape_leaves_the_rest_to_be_read(tmp_path: Path) -> None:
    tasks = [
        {"id": 1, "data": {"text": "so"}, "annotations": [{"result": [{"type": "choices"}]}]},
        {"id": 2, "data": {"body": "so"}, "annotations": []},
    ]
    path = tmp_path / "file"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    assert faults(f"labelstudio:{path}", tmp_path) == [
        "file, task 1: not of this format's form (KeyError: 'value')",
        "file, task 2: no 'text' that is text",
    ]
    path.write_bytes(lines({"id": 1, "text": "so", "label": 7}, {"id": 2, "text": "so", "label": [[0, 2, "y"]]}))
    assert [fault.partition(" (")[0] for fault in faults(f"doccano:{path}", tmp_path)] == [
        "file:1: not of this format's form",
        "file:2: record '2': unknown cue 'y'",
    ]


def test_basil(tmp_path: Path) -> None:
    good = {"id": "p0", "start": 0, "end": 2, "txt": "so", "bias": "lex"}
    for name, found in (("1", [good | {"bias": "odd"}, good | {"id": "p7"}, good | {"txt": "no"}]), ("2", None)):
        article = {
            "title": "T",
            "source": "s",
            "date": "d",
            "main-event": "e",
            "url": "u",
            "body-paragraphs": [["so it is"]],
        }
        for folder, record in (("articles", article), ("annotations", {"phrase-level-annotations": found})):
            if record.get("phrase-level-annotations", True) is None:
                continue
            (tmp_path / folder).mkdir(exist_ok=True)
            ending = "_ann" if folder == "annotations" else ""
            (tmp_path / folder / f"{name}{ending}.json").write_text(json.dumps(record), encoding="utf-8")
    assert faults(f"basil:{tmp_path}", tmp_path) == [
        "annotations/1_ann.json, annotation 1: bias 'odd' is not one of lex, inf",
        "annotations/1_ann.json, annotation 2: there is no sentence 'p7' in 1.json",
        "annotations/1_ann.json, annotation 3: should cover 'no' but covers 'so'",
        "annotations/2_ann.json: no such label file",
    ]


@pytest.mark.parametrize(("number", "shown"), [(49, 49), (50, 50), (51, 51), (120, 51)])
def test_at_most_fifty_faults_of_a_corpus_are_listed(number: int, shown: int, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(*({"id": str(row)} for row in range(number))))
    found = faults(str(path), tmp_path)
    assert len(found) == shown
    if number > 50:
        assert found[-1] == f"a.jsonl: and {number - 50} more"


def test_typos_of_the_recipe_and_faults_of_its_corpora_come_together(tmp_path: Path) -> None:
    corpus, cues, recipe = (tmp_path / name for name in ("a.jsonl", "cues.yaml", "recipe.yaml"))
    corpus.write_bytes(lines({"id": "a", "text": "so", "spans": [span(0, 2, "y")]}))
    cues.write_text("- name: x\n", encoding="utf-8")
    recipe.write_text(
        f"cues: {cues}\ndata: {{train: [{corpus}], dev: [{tmp_path / 'none.jsonl'}]}}\n"
        "training: {epoch: 3, batch_size: 0}\n",
        encoding="utf-8",
    )
    result = CliRunner().invoke(main, ["train", str(recipe), "--dry-run", "model.windw=9"])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [line.replace(f"{tmp_path}/", "").partition(" (a voc")[0] for line in result.stderr.splitlines()] == [
        "framing: recipe.yaml: unknown key model.windw; did you mean model.window?",
        "framing: recipe.yaml: training.batch_size: input should be greater than 0 (got 0)",
        "framing: recipe.yaml: unknown key training.epoch; did you mean training.epochs?",
        "framing: a.jsonl:1: record 'a': unknown cue 'y'; known are x",
        "framing: none.jsonl: can't read it (No such file or directory); check the path",
    ]


def test_an_id_in_two_corpora_of_a_part_is_a_fault(tmp_path: Path) -> None:
    one, two, cues, recipe = (tmp_path / name for name in ("a.jsonl", "b.jsonl", "cues.yaml", "recipe.yaml"))
    one.write_bytes(lines({"id": "a", "text": "so"}))
    two.write_bytes(lines({"id": "b", "text": "so it"}, {"id": "a", "text": "so it is"}))
    cues.write_text("- name: x\n", encoding="utf-8")
    recipe.write_text(f"cues: {cues}\ndata: {{train: [{one}, {two}], dev: [{two}]}}\n", encoding="utf-8")
    fault = f"{two}:2: record 'a' stands at {one}:1 already; give each record an id of its own"
    assert check(recipe)[1] == [fault]
    with pytest.raises(InputError) as caught:
        documents([str(one), str(two)], None, [Cue("x")])
    assert str(caught.value) == fault
    assert corpus_faults([str(one), f"{tmp_path}/./a.jsonl"], ["x"]) == [
        f"{one}:1: record 'a' stands at {one}:1 already; give each record an id of its own"
    ]


def test_all_that_a_recipe_needs_is_looked_for_at_once(tmp_path: Path) -> None:
    """Beside faults of the recipe and of its corpora, and before anything is trained or written."""
    run, cues, recipe = (tmp_path / name for name in ("run", "cues.yaml", "recipe.yaml"))
    run.mkdir()
    (run / "config.yaml").write_text("name: x\n", encoding="utf-8")
    cues.write_text("- name: x\n", encoding="utf-8")
    recipe.write_text(
        f"cues: {cues}\noutput: {run}\n"
        f"data: {{train: [{tmp_path}/a], dev: [{tmp_path}/b], unlabelled: [{tmp_path}/c]}}\n"
        f"model: {{encoder: {tmp_path}/none, start: {tmp_path}/start}}\n"
        f"training: {{teachers: [{tmp_path}/one, {tmp_path}/two], report_to: [wandb]}}\n"
        "search: {space: {training.batch_size: [-8, foo], training.bach_size: [1, 2], training.epochs: {low: 1}}}\n",
        encoding="utf-8",
    )
    installed = importlib.util.find_spec("wandb") is not None
    found = [fault.replace(f"{tmp_path}/", "") for fault in check(recipe)[1]]
    starts = [
        "recipe.yaml: search.space.training.epochs: give low and high, or a list of choices",
        "recipe.yaml: search.space: training.batch_size=-8: training.batch_size: input should be greater than 0",
        "recipe.yaml: search.space: training.batch_size=foo: training.batch_size: input should be a valid integer",
        "recipe.yaml: search.space: training.bach_size=1: unknown key training.bach_size; did you mean training.batch",
        *(f"{name}: can't read it (No such file or directory)" for name in "abc"),
        "run: holds a run already; go on with --resume, or set output=",
        "one: no such model folder",
        "two: no such model folder",
        *([] if installed else ["training.report_to: wandb is not installed: pip install wandb"]),
        "model.encoder: none: no such folder; give minilm, a hub name, or a local folder",
        "start: not a finished run (no best/model.safetensors)",
    ]
    assert len(found) == len(starts), found
    for fault, start in zip(found, starts, strict=True):
        assert fault.startswith(start)
    assert not any("holds a run" in fault for fault in check(recipe, resume=True)[1])
    (run / "seed-2").mkdir()
    (run / "seed-2" / "config.yaml").touch()
    taken = [fault for fault in check(recipe, seeds=[1, 2])[1] if "holds a run" in fault]
    assert [fault.partition(": ")[0] for fault in taken] == [f"{run}/seed-2"]
    assert any("(" + str(cues) + " is a file)" in fault for fault in check(recipe, [f"output={cues}/run"])[1])


def test_all_faults_of_a_search_space(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines({"id": "a", "text": "so"}))
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        f"data: {{train: [{tmp_path}/a.jsonl], dev: [{tmp_path}/a.jsonl]}}\n"
        "search: {space: {training.batch_size: [-8, 8], model.window: {low: 16, high: 64}, training.loss: [focul]}}\n",
        encoding="utf-8",
    )
    assert [fault.partition("search.space: ")[2].partition(" (got")[0] for fault in check(recipe)[1][:3]] == [
        "training.batch_size=-8: training.batch_size: input should be greater than 0",
        "model.window=16: model: stride 32 must be below window 16",
        "training.loss=focul: training.loss: input should be 'cross_entropy' or 'focal'",
    ]


def test_what_parts_do_to_each_other_is_found_too(tmp_path: Path) -> None:
    train, dev, cues, recipe = (tmp_path / name for name in ("train.jsonl", "dev.jsonl", "cues.yaml", "recipe.yaml"))
    train.write_bytes(lines({"id": "a", "text": "so it is", "spans": [span(0, 2) | {"score": 0.5}]}))
    dev.write_bytes(lines({"id": "b", "text": "so it is"}))
    cues.write_text("- name: x\n", encoding="utf-8")
    recipe.write_text(f"cues: {cues}\ndata: {{train: [{train}], dev: [{dev}]}}\n", encoding="utf-8")
    given = ["train", str(recipe), "--dry-run"]
    assert "1 texts stand in data.train too" in CliRunner().invoke(main, given).stderr
    dev.write_bytes(lines({"id": "b", "text": "so it was"}))
    assert CliRunner().invoke(main, given).exit_code == 0
    for decided in ("task=sentences", "baseline=majority"):
        result = CliRunner().invoke(main, [*given, decided])
        assert result.exit_code == 2
        assert "only the network of task spans learns from" in result.stderr
    assert "the rules don't know 'x'" in CliRunner().invoke(main, [*given, "baseline=lexicon"]).stderr

"""`framing corpora`, `framing convert`, corpora in recipes, and bad corpora that every format refuses alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from command_line import refusal, run
from corpora_samples import PLAIN, RICH

from framing.errors import InputError
from framing.spans import Document
from training.config import load_config, vocabulary
from training.corpora.base import compare
from training.corpora.registry import FORMATS, parse, read_corpus
from training.fingerprint import fingerprint, sha256
from training.fit import documents


@pytest.fixture
def corpus(write_jsonl: Callable[..., Path]) -> Path:
    return write_jsonl([PLAIN.to_record(), RICH.to_record()])


def test_corpora_lists_every_format_with_a_sample() -> None:
    shown = run("corpora").stdout
    for form in FORMATS.values():
        assert f"{form.name}  {form.description}\n  path: {form.path}\n" in shown
        assert form.sample.splitlines()[0] in shown
    ptc = run("corpora", "ptc").stdout
    assert ptc.startswith("ptc  PTC")
    assert "  options: articles\n  options for writing: task\n" in ptc
    assert refusal(run("corpora", "bratt")) == "framing: unknown corpus format 'bratt'; did you mean brat?"


def test_convert_counts_and_lists_what_the_target_cannot_hold(corpus: Path, tmp_path: Path) -> None:
    output, account = tmp_path / "out.conll", tmp_path / "losses.json"
    result = run("convert", corpus, "--from", "jsonl", "--to", "conll", "-o", output, "--losses", account)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{output}: 2 records with 7 spans; read again and compared, none drifted\n"
    overlaps = "span overlaps a longer one; conll can't hold both"
    places = ["b/2 %41 [4, 13) distancing", "b/2 %41 [14, 21) scare_quote"]
    assert f"writing conll: 2 x {overlaps}: {'; '.join(places)}\n" in result.stderr
    assert "writing conll: 2 x span field 'voice' can't be held by conll: " in result.stderr
    assert json.loads(account.read_text())["writing"][overlaps] == places


def test_convert_there_and_back_is_the_same(corpus: Path, tmp_path: Path) -> None:
    result = run("convert", corpus, "--from", "jsonl", "--to", "labelstudio", "-o", tmp_path / "tasks.json")
    assert (result.exit_code, result.stderr) == (0, "")
    back = tmp_path / "back.jsonl"
    run("convert", tmp_path / "tasks.json", "--from", "labelstudio", "--to", "jsonl", "-o", back)
    assert back.read_bytes() == corpus.read_bytes()


@pytest.mark.parametrize(
    ("source", "target", "fault"),
    [
        ("json", "conll", "unknown corpus format 'json'; did you mean jsonl?"),
        ("jsonl", "xml", "unknown corpus format 'xml'; known are jsonl, ptc, "),
    ],
)
def test_convert_refuses_what_it_cannot_do(corpus: Path, tmp_path: Path, source: str, target: str, fault: str) -> None:
    result = run("convert", corpus, "--from", source, "--to", target, "-o", tmp_path / "out")
    assert refusal(result).startswith(f"framing: {fault}")


def test_convert_takes_options_behind_the_output(corpus: Path, tmp_path: Path) -> None:
    output = tmp_path / "train-task-si.labels"
    done = run("convert", corpus, "--from", "jsonl", "--to", "ptc", "-o", f"{output}?task=si")
    assert done.stdout == f"{output}: 2 records with 7 spans; read again and compared, none drifted\n"
    assert output.read_text().startswith("a1\t4\t13\n")
    wrong = {
        "x?task=tc": "framing: ptc: option task=tc; give task=si, or leave it out",
        "x?labels=si": "framing: x: writing ptc has no option 'labels'; its options: task",
    }
    for path, fault in wrong.items():
        assert refusal(run("convert", corpus, "--from", "jsonl", "--to", "ptc", "-o", path)) == fault


def test_convert_overwrites_nothing(corpus: Path, tmp_path: Path) -> None:
    result = run("convert", corpus, "--from", "jsonl", "--to", "doccano", "-o", corpus)
    assert refusal(result) == f"framing: {corpus}: exists already; name another place with -o"
    result = run("convert", corpus, "--from", "jsonl", "--to", "brat", "-o", tmp_path)
    assert refusal(result) == f"framing: {tmp_path}: exists already; name another place with -o"
    absent = tmp_path / "none" / "out.jsonl"
    assert "can't write it (No such file" in refusal(
        run("convert", corpus, "--from", "jsonl", "--to", "doccano", "-o", absent)
    )


def test_a_drift_in_writing_is_found() -> None:
    moved = PLAIN.with_spans([PLAIN.spans[0]])
    other = Document(PLAIN.id, PLAIN.text, PLAIN.spans, {"outlet": "Post"})
    for read, fault in [
        ([moved], "offsets drifted in writing"),
        ([other], "changed in writing"),
        ([], "1 records were written, but 0 read again"),
        ([Document("z", "")], "was written, but is not read again"),
    ]:
        with pytest.raises(InputError, match=fault):
            compare([PLAIN], read, Path("out"))


@pytest.mark.parametrize(
    ("entry", "name", "path", "options"),
    [
        ("a/b.jsonl", "jsonl", "a/b.jsonl", {}),
        ("ptc:a/b.labels", "ptc", "a/b.labels", {}),
        ("hf:user/name?split=test&config=en", "hf", "user/name", {"split": "test", "config": "en"}),
        ("what?.jsonl", "jsonl", "what?.jsonl", {}),
        ("C:\\a.jsonl", "jsonl", "C:\\a.jsonl", {}),
    ],
)
def test_entries_name_format_path_and_options(entry: str, name: str, path: str, options: dict[str, str]) -> None:
    form, found, given = parse(entry)
    assert (form.name, str(found), given) == (name, path, options)


def test_an_unknown_format_or_option_names_what_there_is(corpus: Path) -> None:
    with pytest.raises(InputError, match="unknown corpus format 'ptcc'; did you mean ptc"):
        parse("ptcc:x")
    with pytest.raises(InputError, match="jsonl has no option 'txt'; its options: text_field, id_field"):
        read_corpus(f"jsonl:{corpus}?txt=body")


@pytest.fixture
def recipe(tmp_path: Path) -> Callable[[Sequence[str], Sequence[str]], Path]:
    def write(train: Sequence[str], dev: Sequence[str]) -> Path:
        path = tmp_path / "recipe.yaml"
        path.write_text(json.dumps({"data": {"train": list(train), "dev": list(dev)}}), encoding="utf-8")
        return path

    return write


def test_a_recipe_reads_any_format(corpus: Path, tmp_path: Path, recipe: Callable[..., Path]) -> None:
    output = tmp_path / "tasks.conll"
    run("convert", corpus, "--from", "jsonl", "--to", "conll", "-o", output)
    (tmp_path / "one.jsonl").write_text(json.dumps(PLAIN.to_record() | {"id": "z"}) + "\n", encoding="utf-8")
    cues = vocabulary(load_config(recipe([f"conll:{output}"], ["x"])))
    with pytest.raises(InputError, match=f"^{output}:\\d+: record 'b/2 %41': unknown cue 'label'; did you mean"):
        documents([f"conll:{output}"], None, cues)
    assert documents([str(tmp_path / "one.jsonl")], 1, cues)[0].id == "z"
    assert fingerprint(f"conll:{output}")["name"] == "conll:tasks.conll"
    assert fingerprint(f"conll:{output}") == fingerprint(f"conll:{output}?tag=-1")
    with pytest.raises(InputError, match="can't read the file"):
        fingerprint("none.jsonl")


def test_a_corpus_is_hashed_by_its_records(tmp_path: Path) -> None:
    """Except JSON lines, which are hashed as the file that they are."""
    path = tmp_path / "corpus.jsonl"
    path.write_text(ROW, encoding="utf-8")
    before = {name: fingerprint(f"{name}:{path}") for name in ("doccano", "jsonl")}
    assert before["jsonl"] == fingerprint(str(path)) == {"name": "corpus.jsonl", "sha256": sha256(path)}
    assert before["doccano"]["name"] == "doccano:corpus.jsonl"
    path.write_text(ROW + "\n", encoding="utf-8")
    assert fingerprint(f"doccano:{path}") == before["doccano"]
    assert fingerprint(str(path)) != before["jsonl"]
    path.write_text(ROW.replace('"x"', '"y"'), encoding="utf-8")
    assert fingerprint(f"doccano:{path}") != before["doccano"]


def test_a_dry_run_lists_the_faults_of_all_corpora_at_once(
    corpus: Path, tmp_path: Path, recipe: Callable[..., Path]
) -> None:
    path = recipe([str(corpus), "ptc:none.labels"], [f"doccano:{tmp_path / 'none'}"])
    result = run("train", path, "--dry-run")
    assert result.exit_code == 2
    assert [line.partition(";")[0] for line in result.stderr.splitlines()] == [
        f"framing: {corpus}:2: record 'b/2 %41': unknown cue 'label'",
        "framing: none.labels: no such label file",
        f"framing: {tmp_path / 'none'}: can't read it (No such file or directory)",
    ]


ROW = '{"id": "a", "text": "so", "label": [[0, 2, "x"]]}\n'


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        (
            "jsonl",
            '{"id": "a", "text": "so"}\n\n{"id": "a", "text": "no"}\n',
            ":3: record 'a' stands at {path}:1 already; ",
        ),
        (
            "jsonl",
            '{"id": "a", "text": "so", "spans": [{"start": 0, "end": 3, "label": "x"}]}',
            ":1: record 'a': span ",
        ),
        (
            "jsonl",
            '{"id": "a", "text": "so", "spans": [{"start": 0, "end": 2, "label": "y"}]}',
            ":1: record 'a': unknown",
        ),
        ("doccano", ROW * 2, ":2: record 'a' stands at {path}:1 already; give each record an id of its own"),
        ("doccano", ROW.replace("2,", "3,"), ":1: record 'a': span [0, 3) of x runs past the text's 2 characters"),
        ("doccano", ROW.replace('"x"', '"z"'), ":1: record 'a': unknown cue 'z'; known are x (a vocabulary"),
        ("doccano", ROW + "{", ":2: invalid JSON ("),
        ("doccano", ROW + "[]", ":2: no record but '[]'; export from a text project as JSONL"),
        ("doccano", ROW.replace("[0, 2, ", "["), ":1: label ['x'] is not [start, end, label]; export from"),
        ("doccano", "\n", ": holds no records; a corpus needs at least one"),
        ("doccano", b"\n\xff\n", ":2: invalid UTF-8 at byte 2 of the file; save the file as UTF-8"),
        (
            "doccano",
            '{"id": 1, "text": "", "meta": {}, "annotations": []}',
            ":1: labels by number (doccano's old JSON)",
        ),
        ("conll", "So\tB-x\ncalled\n", ":2: 1 columns; write a token and its tag, a tab between"),
        ("conll", "So\tNN\n", ":1: tag 'NN' is not O, B-x or I-x; name its column with ?tag="),
        ("conll", '# text = "so no"\nno\tO\n', ":2: token 'no' isn't next in the text of the comment; mend one"),
        ("conll", '# text = "so\nso\tO\n', ":2: the comment above is no JSON string"),
        ("conll", '# id = "a"\nso\tO\n\n# id = "a"\nso\tO\n', ":5: record 'a' stands at {path}:2 already"),
        ("labelstudio", "{}", ": not a list of tasks; export the project as JSON"),
        ("labelstudio", "[\n1", ":2: invalid JSON ("),
        ("labelstudio", '[{"id": 1, "text": "so"}]', ", task 1: no 'data'; export the project as JSON (not JSON-MIN)"),
        (
            "labelstudio",
            '[{"data": {"text": "so"}, "annotations": 7}]',
            ", task 1: no 'annotations'; export the project as JSON",
        ),
        ("doccano", ROW + '{"text": "so", "label": 7}', ":2: not of this format's form (TypeError: "),
        (
            "doccano",
            '{"text": "so", "relations": [7]}',
            ":1: not of this format's form (AttributeError",
        ),
        ("cas-json", "[]", ": can't read the CAS ("),
        ("cas-xmi", "<x/>", "TypeSystem.xml: no such type system"),
        ("hf", "so", ": not one of .parquet, .json, "),
    ],
)
def test_bad_corpora_are_named_by_place_fault_and_mend(
    tmp_path: Path, name: str, content: str | bytes, fault: str
) -> None:
    path = tmp_path / "corpus.x"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        read_corpus(f"{name}:{path}", labels=["x"])
    start = str(path.parent) + "/" if fault.startswith("TypeSystem") else str(path)
    assert str(caught.value).startswith(start + fault.replace("{path}", str(path)))
    assert "\n" not in str(caught.value)


def test_offsets_past_the_end_and_drifted_regions_are_named(tmp_path: Path) -> None:
    value = {"start": 0, "end": 2, "text": "no", "labels": ["x"]}
    task = {"id": 4, "data": {"text": "so"}, "annotations": [{"result": [{"type": "labels", "value": value}]}]}
    path = tmp_path / "tasks.json"
    for change, fault in [
        ({}, "region [0, 2) should cover 'no' but covers 'so'"),
        ({"text": None, "end": 9}, "record '4': span [0, 9) of x runs past the text's 2 characters"),
        ({"start": None}, "has no start and end"),
    ]:
        value |= change
        path.write_text(json.dumps([task]), encoding="utf-8")
        with pytest.raises(InputError) as caught:
            read_corpus(f"labelstudio:{path}")
        assert str(caught.value).startswith(f"{path}, task 1")
        assert fault in str(caught.value)

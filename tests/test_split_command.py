"""`framing split`: the parts, folds and account that it writes, its check for leaks, and what it refuses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import refusal, run
from split_samples import WIRE, document, ids

from training.corpora.registry import read_corpus
from training.fingerprint import sha256
from training.splits import folds


def test_the_command_writes_parts_and_an_account(examples: Path, tmp_path: Path) -> None:
    corpus, output = examples / "corpus.jsonl", tmp_path / "new" / "parts"
    result = run("split", corpus, "-o", output, "--by", "outlet", "--shares", "0.7,0.15,0.15")
    assert result.exit_code == 0, result.output
    account = json.loads((output / "splits.json").read_text(encoding="utf-8"))
    assert sorted(path.name for path in output.parent.rglob("*")) == [
        "dev.jsonl", "parts", "splits.json", "test.jsonl", "train.jsonl",
    ]  # fmt: skip
    before = read_corpus(str(corpus))
    parts = {name: read_corpus(str(output / f"{name}.jsonl")) for name in ("train", "dev", "test")}
    assert sorted(item for part in parts.values() for item in part) == sorted(before)
    assert account["ids"] == {name: ids(part) for name, part in parts.items()}
    assert account["inputs"] == [{"name": "corpus.jsonl", "sha256": sha256(corpus)}]
    assert account["files"]["dev.jsonl"] == {"records": len(parts["dev"]), "sha256": sha256(output / "dev.jsonl")}
    assert account["parts"]["dev"]["share"] == round(len(parts["dev"]) / len(before), 4)
    every = Counter(span.label for item in before for span in item.spans)
    for label, count in every.items():
        held = Counter(span.label for item in parts["dev"] for span in item.spans)[label]
        assert account["parts"]["dev"]["labels"][label] == {"spans": held, "share": round(held / count, 4)}
    assert account["leaks"]["random"]["groups"]["outlet"]["apart"] > 0
    assert account["leaks"]["split"]["groups"]["outlet"] == {"apart": 0, "exposed": 0}
    assert result.stdout.startswith(f"{output}: {len(before)} records in {account['groups']} groups\n  train: ")
    assert "  outlets in several parts: " in result.stdout
    checked = run("split", "--check", "--by", "outlet", *(output / f"{name}.jsonl" for name in parts))
    assert checked.exit_code == 0, checked.output
    assert checked.stdout.count("nothing leaks") == 3
    assert (
        refusal(run("split", corpus, "-o", output)) == f"framing: {output}: exists already; name another folder with -o"
    )


def test_the_command_writes_nested_folds(examples: Path, tmp_path: Path) -> None:
    output = tmp_path / "folds"
    result = run(
        "split", examples / "held-out.jsonl", "--from", "jsonl", "-o", output, "--folds", 3, "--nested", 2, "--seed", 4
    )
    assert result.exit_code == 0, result.output
    expected = folds(read_corpus(str(examples / "held-out.jsonl")), 3, inner=2, seed=4)
    for number, fold in enumerate(expected, start=1):
        folder = output / f"fold-{number}"
        assert (read_corpus(str(folder / "train.jsonl")), read_corpus(str(folder / "test.jsonl"))) == (
            fold.train,
            fold.test,
        )
        for held, inner in enumerate(fold.inner, start=1):
            assert read_corpus(str(folder / f"inner-{held}" / "train.jsonl")) == inner.train
            assert read_corpus(str(folder / f"inner-{held}" / "dev.jsonl")) == inner.test
    account = json.loads((output / "splits.json").read_text(encoding="utf-8"))
    assert account["ids"]["fold-2/test"] == ids(expected[1].test)
    assert account["ids"]["fold-2/inner-1/dev"] == ids(expected[1].inner[0].test)
    assert [found["near_duplicates"]["apart"] for found in account["leaks"]["inner"]] == [0, 0, 0]


def test_the_command_writes_what_a_cut_by_date_leaves_out(write_jsonl: Callable[..., Path], tmp_path: Path) -> None:
    rows = [document(f"r{day}", published=f"2016-03-0{day}").to_record() for day in range(1, 10)]
    rows += [document(name, WIRE, published=f"2016-03-0{day}").to_record() for name, day in (("early", 1), ("late", 9))]
    result = run(
        "split",
        write_jsonl(rows),
        "-o",
        tmp_path / "out",
        "--by-date",
        "--date-field",
        "published",
        "--shares",
        "0.6,0.2,0.2",
    )
    assert result.exit_code == 0, result.output
    assert (
        f"  left out: 1 records tied to an earlier part; see {tmp_path / 'out' / 'left-out.jsonl'}\n" in result.stdout
    )
    assert ids(read_corpus(str(tmp_path / "out" / "left-out.jsonl"))) == ["late"]


def test_the_check_finds_what_leaks(write_jsonl: Callable[..., Path], tmp_path: Path) -> None:
    train = [document("a", WIRE, outlet="Post", article="1"), document("b", outlet="Post")]
    dev = [document("c", WIRE.upper(), outlet="Post"), document("d", outlet="Globe", article="1"), document("b", "sun")]
    names = [write_jsonl([item.to_record() for item in part], name) for part, name in ((train, "t"), (dev, "d"))]
    result = run("split", "--check", *names, "-o", tmp_path / "leaks.json")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == (
        f"{names[0]} and {names[1]}: leaks\n"
        "  near-duplicates: 1 records of the later in 1 pairs\n"
        "    c is like a (1.00)\n"
        "  ids: 1 shared\n"
        "  article: 1 shared, by 1 records of the later\n"
        "  outlet: 1 shared, by 1 records of the later\n"
    )
    (row,) = json.loads((tmp_path / "leaks.json").read_text(encoding="utf-8"))
    assert row["near_duplicates"] == {"pairs": 1, "records": [{"id": "c", "closest": "a", "similarity": 1.0}]}
    assert (row["ids"], row["leaks"]) == (["b"], True)
    alike = [write_jsonl([document(name, outlet="Post").to_record()], name) for name in ("x", "y")]
    assert run("split", "--check", *alike).exit_code == 0
    assert run("split", "--check", *alike, "--by", "outlet").exit_code == 1
    assert run("split", "--check", *names[:1], *alike, "--no-near-duplicates").stdout.count("near-duplicates") == 0


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["{a}", "{b}", "-o", "{new}"], "{b}: record 'a' stands in {a} already; give each record an id of its own"),
        (["{a}", "-o", "{new}", "--shares", "0.8"], "shares '0.8' must be two or three numbers: train,dev or"),
        (["{a}", "-o", "{new}", "--shares", "0.8,x"], "shares '0.8,x' must be two or three numbers"),
        (["{a}", "-o", "{new}", "--folds", "0"], "0 folds; a cross-validation needs at least 2"),
        (["{a}", "-o", "{new}", "--near", "2"], "near-duplicate threshold 2.0 must lie in [0.4, 1]; 0.8 is usual"),
        (["{a}", "-o", "{a}"], "{a}: exists already; name another folder with -o"),
        (["--check", "{a}", "{a}"], "{a}: is named twice; name each part once"),
        (["--check", "{a}", "{b}", "-o", "{a}"], "{a}: exists already; name another file with -o"),
        (["--check", "{a}", "{b}", "-o", "{new}/x"], "{new}/x: can't write it (No such file or directory)"),
        (["{a}", "--from", "brt", "-o", "{new}"], "unknown corpus format 'brt'; did you mean brat?"),
    ],
)
def test_the_command_refuses(
    write_jsonl: Callable[..., Path], tmp_path: Path, arguments: list[str], fault: str
) -> None:
    places = {name: write_jsonl([document("a").to_record()], f"{name}.jsonl") for name in "ab"}
    places["new"] = tmp_path / "new"
    said = refusal(run("split", *(argument.format(**places) for argument in arguments)))
    assert said.startswith(f"framing: {fault.format(**places)}")
    assert not places["new"].exists()


def test_a_failure_while_writing_leaves_nothing(
    write_jsonl: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    corpus = write_jsonl([document(f"r{number}").to_record() for number in range(10)])
    monkeypatch.setattr(Path, "rename", full)
    result = run("split", corpus, "-o", tmp_path / "parts")
    assert refusal(result).startswith(f"framing: {tmp_path / 'parts'}: can't write it (No space left on device)")
    assert list(tmp_path.iterdir()) == [corpus]


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ([], "name the folder to write with -o"),
        (["-o", "new", "--nested", "2"], "--nested folds the training part of each fold; give --folds too"),
        (["-o", "new", "--folds", "2", "--by-date"], "--folds doesn't go with --by-date or --shares; leave one out"),
    ],
)
def test_options_that_do_not_go_together(arguments: list[str], fault: str) -> None:
    result = run("split", "corpus.jsonl", *arguments)
    assert result.exit_code == 2
    assert result.stderr.endswith(f"Error: {fault}\n")

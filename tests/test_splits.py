"""Splits: complete, disjoint, components whole, the same in any order, shares kept; `framing split` and its check."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import refusal, run
from hypothesis import given
from hypothesis import strategies as st

from framing.errors import ConfigError, InputError
from framing.minhash import bands
from framing.spans import CueSpan, Document
from training.corpora.registry import read_corpus
from training.duplicates import LEAST, RECALL, near_duplicates
from training.fingerprint import sha256
from training.leaks import audit, leaks, random_parts
from training.splits import folds, split, split_by_date, tie

SHARES = {"train": 0.6, "dev": 0.2, "test": 0.2}
WIRE = (
    "The ferry left the harbour at dawn with forty passengers and a crate of oranges for the island school, "
    "which had asked for pears"
)  # 24 words, 22 shingles; another word for dawn leaves 19 of 25


def document(identity: str, text: str | None = None, labels: Sequence[str] = (), **meta: Any) -> Document:
    text = f"{identity} says something of its own" if text is None else text
    return Document(identity, text, tuple(CueSpan(0, 1, label) for label in labels), meta)


def ids(documents: Sequence[Document]) -> list[str]:
    return [item.id for item in documents]


@st.composite
def corpora(draw: st.DrawFn) -> list[Document]:
    texts = [None, WIRE, WIRE.upper(), WIRE.replace("pears", "figs"), "rain", "!"]
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from([*texts, *[None] * 20]),
                st.lists(st.sampled_from("xyz"), max_size=2),
                st.sampled_from([*[None] * 12, *"abcd"]),
                st.integers(1, 28),
            ),
            min_size=8,
            max_size=30,
        )
    )
    return [
        document(f"r{number}", text, labels, article=article, date=f"2016-03-{day:02}")
        for number, (text, labels, article, day) in enumerate(rows)
    ]


def attempt(make: Callable[[], Any]) -> Any:
    """Split, or give None where the corpus is too small for its parts: that is refused, and tested below."""
    try:
        return make()
    except ConfigError:
        return None


@given(corpora(), st.integers(0, 3), st.randoms(use_true_random=False))
def test_a_split_is_complete_whole_and_the_same_in_any_order(corpus: list[Document], seed: int, shuffle: Any) -> None:
    parts = attempt(lambda: split(corpus, SHARES, seed=seed))
    other = list(corpus)
    shuffle.shuffle(other)
    again = attempt(lambda: split(other, SHARES, seed=seed))
    if parts is None:
        assert again is None
        return
    assert sorted(ids([item for part in parts.values() for item in part])) == sorted(ids(corpus))
    assert all(parts.values())
    assert {name: set(ids(part)) for name, part in parts.items()} == {
        name: set(ids(part)) for name, part in again.items()
    }
    assert not any(row["leaks"] for row in audit(parts))


@given(corpora(), st.integers(2, 4), st.integers(2, 3))
def test_folds_test_each_record_once_and_never_leak(corpus: list[Document], k: int, inner: int) -> None:
    made = attempt(lambda: folds(corpus, k, inner=inner))
    if made is None:
        return
    assert len(made) == k
    assert sorted(item.id for fold in made for item in fold.test) == sorted(ids(corpus))
    for fold in made:
        assert sorted(ids(fold.train) + ids(fold.test)) == sorted(ids(corpus))
        assert sorted(item.id for held in fold.inner for item in held.test) == sorted(ids(fold.train))
        for held in (fold, *fold.inner):
            assert not audit({"train": held.train, "test": held.test})[0]["leaks"]
        assert all(sorted(ids(held.train) + ids(held.test)) == sorted(ids(fold.train)) for held in fold.inner)


@given(corpora())
def test_a_cut_by_date_keeps_time_and_never_leaks(corpus: list[Document]) -> None:
    made = attempt(lambda: split_by_date(corpus, {"train": 0.6, "test": 0.4}))
    if made is None:
        return
    parts, left_out = made
    assert sorted(ids([item for part in [*parts.values(), left_out] for item in part])) == sorted(ids(corpus))
    days = [[item.meta["date"] for item in part] for part in parts.values()]
    assert all(max(before) < min(after) for before, after in pairwise(days))
    assert not any(row["leaks"] for row in audit(parts))
    kept = {item.id for part in parts.values() for item in part}
    ties = tie(corpus)
    for item in left_out:  # it has a tie to an earlier day that was kept
        component = ties.component[corpus.index(item)]
        mates = [mate for mate, number in zip(corpus, ties.component, strict=True) if number == component]
        assert any(mate.id in kept and mate.meta["date"] < item.meta["date"] for mate in mates)


@given(st.lists(st.sampled_from(["", "x", "y", "z", "xy"]), min_size=30, max_size=120), st.integers(0, 5))
def test_shares_are_reached_by_label_and_size(labels: list[str], seed: int) -> None:
    corpus = [document(f"r{number}", labels=found) for number, found in enumerate(labels)]
    parts = split(corpus, SHARES, seed=seed)
    every = Counter(label for found in labels for label in found)
    for name, share in SHARES.items():
        assert abs(len(parts[name]) - share * len(corpus)) <= 3
        held = Counter(span.label for item in parts[name] for span in item.spans)
        assert all(abs(held[label] - share * count) <= 2 for label, count in every.items())


@given(st.integers(10, 200), st.integers(2, 6))
def test_without_labels_and_groups_sizes_are_right_to_a_record(count: int, k: int) -> None:
    sizes = [len(fold.test) for fold in folds([document(f"r{number}") for number in range(count)], k, near=None)]
    assert max(sizes) - min(sizes) <= 1


def test_seeds_make_different_splits_and_order_of_records_stays() -> None:
    corpus = [document(f"r{number:02}") for number in range(40)]
    made = [ids(split(corpus, SHARES, seed=seed)["test"]) for seed in range(3)]
    assert len(set(map(tuple, made))) == 3
    assert all(found == sorted(found) for found in made)


def test_ties_reach_over_duplicates_groups_and_lists() -> None:
    corpus = [
        document("a", WIRE, topic=["war", "sea"]),
        document("b", WIRE.replace("pears", "figs"), topic="trade"),
        document("c", topic="trade"),
        document("d", topic=["sea"]),
        document("e", topic="sport"),
        document("f", topic="sport", article="1"),
        document("g", topic="law", article="1"),
    ]
    assert tie(corpus, by=["topic"]).component.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert tie(corpus).component.tolist() == [0, 0, 1, 2, 3, 4, 4]
    assert tie(corpus, near=None).component.tolist() == [0, 1, 2, 3, 4, 5, 5]


def test_fields_are_stratified_as_labels_are() -> None:
    corpus = [document(f"r{number}", label_bias="Biased" if number % 5 == 0 else "Non-biased") for number in range(50)]
    for fold in folds(corpus, 5, fields=["label_bias"], near=None):
        assert Counter(item.meta["label_bias"] for item in fold.test) == {"Biased": 2, "Non-biased": 8}


def test_late_copies_are_left_out_of_a_cut_by_date() -> None:
    corpus = [document(f"r{day}", date=f"2016-03-0{day}") for day in range(1, 10)]
    corpus += [document("early", WIRE, date="2016-03-01T09:30:00Z"), document("late", WIRE, date="2016-03-09")]
    parts, left_out = split_by_date(corpus, {"train": 0.7, "dev": 0.3})
    assert (ids(left_out), parts["train"][-1].id) == (["late"], "early")
    assert (parts["train"][-2].meta["date"], parts["dev"][0].meta["date"]) == ("2016-03-07", "2016-03-08")


@pytest.mark.parametrize("threshold", [0.4, 0.5, 0.6, 0.8, 0.9, 1.0])
def test_near_duplicates_are_those_that_counting_finds(threshold: float) -> None:
    rng = np.random.default_rng(7)
    words = np.array([f"w{number}" for number in range(400)])
    texts = [" ".join(rng.choice(words, 30)) for _ in range(30)]
    for text in texts[:]:
        for changes in (1, 2, 4):
            changed = text.split()
            for place in rng.integers(0, 30, changes):
                changed[place] = str(rng.choice(words))
            texts.append(" ".join(changed))
    sets = [{tuple(text.split()[start : start + 3]) for start in range(28)} for text in texts]
    like = {
        (one, other): len(sets[one] & sets[other]) / len(sets[one] | sets[other])
        for one, other in combinations(range(len(texts)), 2)
    }
    wanted = {pair: value for pair, value in like.items() if value >= threshold}
    found = near_duplicates(texts, threshold)
    assert found.apart(np.arange(len(texts))) == len(wanted)
    assert found.similarity == pytest.approx([wanted_of(found, pair, wanted) for pair in found.pairs.tolist()])
    assert found.apart(np.zeros(len(texts), dtype=np.int64)) == 0


def wanted_of(found: Any, nodes: Sequence[int], wanted: dict[tuple[int, int], float]) -> float:
    one, other = (int(np.flatnonzero(found.node == node)[0]) for node in nodes)
    return wanted[min(one, other), max(one, other)]


def test_bands_reach_the_recall_at_every_threshold() -> None:
    for threshold in np.linspace(LEAST, 1.0, 50):
        number, width = bands(float(threshold))
        assert number * width <= 128
        assert 1 - (1 - threshold**width) ** number >= RECALL
    with pytest.raises(ConfigError, match=r"near-duplicate threshold 0.3 must lie in \[0.4, 1\]"):
        near_duplicates([], 0.3)


def test_the_closest_near_duplicate_is_named_and_pairs_are_counted() -> None:
    texts = [WIRE, WIRE.lower() + ".", WIRE.replace("dawn", "noon"), "rain", "Rain!", "snow"]
    found = near_duplicates(texts, 0.6)
    part = np.array([0, 0, 1, 0, 1, 1])
    assert [(one, other) for one, other, _ in found.closest(part == 1, part == 0)] == [(2, 0), (4, 3)]
    assert [value for *_, value in found.closest(part == 1, part == 0)] == pytest.approx([19 / 25, 1.0])
    assert found.apart(part) == 3
    assert found.apart(np.array([0, -1, 1, 0, -1, 1])) == 1
    assert near_duplicates([], 0.8).apart(np.empty(0, dtype=np.int64)) == 0


def test_the_leak_report_counts_what_a_random_split_lets_through() -> None:
    corpus = [document("a", WIRE, article="1"), document("b", WIRE, outlet="Post"), document("c", article="1")]
    ties = tie(corpus)
    near, article, outlet = {"apart": 1, "exposed": 1}, {"apart": 1, "exposed": 1}, {"apart": 0, "exposed": 0}
    found = {"near_duplicates": near, "groups": {"article": article, "outlet": outlet}}
    assert leaks(ties, np.array([0, 1, 2])) == found
    crossed = {
        "near_duplicates": near | {"exposed": 2},
        "groups": {"article": article | {"exposed": 2}, "outlet": outlet},
    }
    assert leaks(ties, np.array([0, 1, 2]), cross=True) == crossed
    nothing = {"apart": 0, "exposed": 0}
    assert leaks(ties, np.array([0, -1, 0])) == {
        "near_duplicates": nothing,
        "groups": {"article": nothing, "outlet": nothing},
    }
    parts = random_parts(corpus + [document(str(number)) for number in range(97)], [0.8, 0.1, 0.1], 1)
    assert Counter(parts.tolist()) == {0: 80, 1: 10, 2: 10}


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: split(CORPUS, {"train": 0.8, "dev": 0.1}), r"shares 0.8 \+ 0.1 are 0.9 together; they must sum to 1"),
        (lambda: split(CORPUS, {"train": 1.0, "dev": 0.0}), "share 0 of dev; a share must be above 0"),
        (lambda: split(CORPUS, {"train": 1.0}), "shares for 1 part; a split has at least two"),
        (
            lambda: split(CORPUS, {"train": 0.98, "dev": 0.01, "test": 0.01}),
            "dev would get no record: its share is too",
        ),
        (lambda: folds(CORPUS, 7), "6 groups of tied records can't fill 7 parts"),
        (lambda: folds(CORPUS, 1), "1 folds; a cross-validation needs at least 2"),
        (lambda: folds(CORPUS, 2, inner=0), "0 inner folds; a cross-validation needs at least 2"),
        (lambda: folds(CORPUS, 2, by=["outlet"]), "1 groups of tied records can't fill 2 parts"),
        (
            lambda: split(CORPUS, SHARES, by=["topic"]),
            r"5 of 6 records have no 'topic' \(r1, r2, r3, ...\); fill it in",
        ),
        (lambda: split(CORPUS, SHARES, fields=["topic"]), "5 of 6 records have no 'topic'"),
        (lambda: split_by_date(CORPUS, SHARES, field="topic"), "5 of 6 records have no 'topic'"),
        (
            lambda: split_by_date(CORPUS, SHARES, field="outlet"),
            "record 'r0': outlet 'Post' is no date; write it as 2016",
        ),
        (
            lambda: split_by_date(CORPUS, SHARES, field="same"),
            "dev would get no record: the days in 'same' are too few",
        ),
        (lambda: split(CORPUS * 2, SHARES), "record 'r0' comes 2 times; give each record an id of its own"),
        (lambda: audit({"train": CORPUS}), "there is one part; name at least two files to check"),
    ],
)
def test_a_split_that_cannot_be_is_refused(make: Callable[[], Any], fault: str) -> None:
    with pytest.raises((ConfigError, InputError), match=f"^{fault}"):
        make()


CORPUS = [document("r0", outlet="Post", same="2016-03-01", topic="sea")] + [
    document(f"r{number}", outlet="Post", same="2016-03-01") for number in range(1, 6)
]


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

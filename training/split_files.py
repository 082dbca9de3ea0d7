"""`framing split`: corpora to the files of a split, with an account of what went where and what would have leaked."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from framing.errors import ConfigError, InputError
from framing.spans import Document
from training.corpora import jsonl
from training.corpora.registry import find, read_corpus
from training.duplicates import RECALL, SHINGLE, IntArray
from training.fingerprint import fingerprint, sha256
from training.leaks import audit, leaks, random_parts
from training.splits import ARTICLE, NEAR, Ties, equal, place_folds, tie

NAMES: Final = ("train", "dev", "test")


@dataclass(frozen=True, slots=True)
class Plan:
    """What `framing split` is asked for; `training.splits` explains each.

    Attributes:
        shares: the parts and their shares.
        folds: the number of folds, in place of parts; None makes parts.
        inner: the number of folds inside each training part; None makes none.
        by: fields whose values tie records.
        date: the field to cut by date; None places at random.
        near: the least similarity of near-duplicates; None doesn't look for them.
        fields: fields whose values are stratified as labels are.
        seed: of the placing.
    """

    shares: Mapping[str, float]
    folds: int | None = None
    inner: int | None = None
    by: Sequence[str] = ()
    date: str | None = None
    near: float | None = NEAR
    fields: Sequence[str] = ()
    seed: int = 13


def parse_shares(text: str) -> dict[str, float]:
    """Read `0.8,0.2` (train, dev) or `0.8,0.1,0.1` (train, dev, test); raises `ConfigError`."""
    try:
        numbers = [float(item) for item in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in {2, 3}:
        raise ConfigError(f"shares {text!r} must be two or three numbers: train,dev or train,dev,test")
    return dict(zip(NAMES, numbers, strict=False))


def entries(corpora: Sequence[str], form: str | None) -> list[str]:
    """Name corpora as `format:path`, with the format that `--from` gives; raises `InputError`."""
    return list(corpora) if form is None else [f"{find(form).name}:{corpus}" for corpus in corpora]


def write_split(corpora: Sequence[str], output: Path, plan: Plan) -> dict[str, Any]:
    """Split corpora into a new folder, all of it or nothing.

    Args:
        corpora: `format:path?option=value`, or paths of JSON lines.
        output: the folder to make; it must not exist, or be empty.
        plan: how to split.

    Returns:
        What `splits.json` says.

    Raises:
        ConfigError: the plan is wrong, or a part would get no record.
        InputError: a corpus is wrong, or the folder exists already or can't be written.
    """
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise InputError(f"{output}: exists already; name another folder with -o")
    documents = _read(corpora)
    ties = tie(documents, by=plan.by, near=plan.near)
    shares, nested = plan.shares, list[IntArray]()
    if plan.folds is not None:
        part, nested = place_folds(ties, plan.folds, inner=plan.inner, fields=plan.fields, seed=plan.seed)
        shares = equal(plan.folds)
    elif plan.date is not None:
        part = ties.cut(plan.shares, field=plan.date)
    else:
        part = ties.place(plan.shares, fields=plan.fields, seed=plan.seed)
    compared: dict[str, Any] = {
        "random": leaks(ties, random_parts(documents, list(shares.values()), plan.seed), cross=bool(plan.folds)),
        "split": leaks(ties, part, cross=bool(plan.folds)),
    }
    if plan.inner:
        compared["inner"] = [leaks(ties, found, cross=True) for found in nested]
    files = dict(_files(ties, part, nested, list(shares)))
    account = {
        "inputs": [fingerprint(entry) for entry in corpora],
        "records": len(documents),
        "seed": plan.seed,
        "by": list(plan.by),
        "date": plan.date,
        "stratify": list(plan.fields),
        "near": None if plan.near is None else {"threshold": plan.near, "shingle": SHINGLE, "recall": RECALL},
        "groups": int(ties.component.max()) + 1,
        "parts": {
            name: {"wanted": share, **_describe(ties.part(part, number), documents)}
            for number, (name, share) in enumerate(shares.items())
        },
        "left_out": int((part < 0).sum()),
        "leaks": compared,
        # A fold's training ids are all the others.
        "ids": {
            name: [document.id for document in found] for name, found in files.items() if not name.endswith("/train")
        },
    }
    _write(output, files, account)
    return account


def check_files(
    corpora: Sequence[str], output: Path | None, *, by: Sequence[str] = (), near: float | None = NEAR
) -> list[dict[str, Any]]:
    """Look for leaks between corpora that are split already; `training.leaks.audit` explains what it gives.

    Raises:
        ConfigError: the threshold is out of range, or there is but one corpus.
        InputError: a corpus is wrong or named twice, or the output exists already or can't be written.
    """
    if output is not None and output.exists():
        raise InputError(f"{output}: exists already; name another file with -o")
    if len(set(corpora)) < len(corpora):
        raise InputError(f"{max(corpora, key=list(corpora).count)}: is named twice; name each part once")
    rows = audit({entry: read_corpus(entry) for entry in corpora}, by=by, near=near)
    if output is not None:
        try:
            with output.open("x", encoding="utf-8") as stream:
                stream.write(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
        except OSError as error:
            raise InputError(f"{output}: can't write it ({error.strerror}); name another file with -o") from error
    return rows


def split_lines(account: Mapping[str, Any], output: Path) -> Iterator[str]:
    """Say what a split holds and what it saved from leaking."""
    yield f"{output}: {account['records']} records in {account['groups']} groups"
    for name, part in account["parts"].items():
        labels = ", ".join(f"{label} {found['spans']}" for label, found in part["labels"].items())
        wanted = f"{part['share']:.1%}, wanted {part['wanted']:.1%}"
        yield f"  {name}: {part['records']} records ({wanted})" + (f"; {labels}" if labels else "")
    if account["left_out"]:
        yield f"  left out: {account['left_out']} records tied to an earlier part; see {output / 'left-out.jsonl'}"
    yield "leaks, in a random split of the same shares and in this one:"
    random, made = (
        {"near-duplicate pairs": found.get("near_duplicates"), **found["groups"]} for found in _both(account)
    )
    for name, before in random.items():
        if before is not None:
            tied = name == "near-duplicate pairs" or name in {ARTICLE, *account["by"]}
            what = name if name == "near-duplicate pairs" else f"{name}s in several parts"
            after = made[name]
            yield (
                f"  {what}: {before['apart']} (exposing {before['exposed']} records), then {after['apart']} "
                f"(exposing {after['exposed']})" + ("" if tied else f"; tie them with --by {name}")
            )


def audit_lines(rows: Sequence[Mapping[str, Any]], shown: int = 10) -> Iterator[str]:
    """Say what leaks between each two files, with the first near-duplicates by id."""
    for row in rows:
        yield f"{row['earlier']} and {row['later']}: {'leaks' if row['leaks'] else 'nothing leaks'}"
        if found := row.get("near_duplicates"):
            records = found["records"]
            yield f"  near-duplicates: {len(records)} records of the later in {found['pairs']} pairs"
            for item in records[:shown]:
                yield f"    {item['id']} is like {item['closest']} ({item['similarity']:.2f})"
            if len(records) > shown:
                yield f"    and {len(records) - shown} more; list them with -o"
        yield f"  ids: {len(row['ids'])} shared"
        for field, shared in row["groups"].items():
            yield f"  {field}: {shared['shared']} shared, by {shared['records']} records of the later"


def _both(account: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return account["leaks"]["random"], account["leaks"]["split"]


def _read(corpora: Sequence[str]) -> list[Document]:
    documents: list[Document] = []
    seen: dict[str, str] = {}
    for entry in corpora:
        for document in read_corpus(entry):
            if document.id in seen:
                raise InputError(
                    f"{entry}: record {document.id!r} stands in {seen[document.id]} already; give each record an id "
                    "of its own"
                )
            seen[document.id] = entry
            documents.append(document)
    return documents


def _files(
    ties: Ties, part: IntArray, nested: Sequence[IntArray], names: Sequence[str]
) -> Iterator[tuple[str, list[Document]]]:
    """Give each file's path without its ending, and its records."""
    for number, name in enumerate(names):
        if nested:
            yield from _fold(ties, part, number, f"{name}/train", f"{name}/test")
            for held in range(int(nested[number].max()) + 1):
                place = f"{name}/inner-{held + 1}"
                yield from _fold(ties, nested[number], held, f"{place}/train", f"{place}/dev")
        else:
            yield name, ties.part(part, number)
    if (part < 0).any():
        yield "left-out", ties.part(part, -1)


def _fold(ties: Ties, part: IntArray, held: int, rest: str, name: str) -> Iterator[tuple[str, list[Document]]]:
    yield rest, ties.part(part, *(number for number in range(int(part.max()) + 1) if number != held))
    yield name, ties.part(part, held)


def _describe(documents: Sequence[Document], corpus: Sequence[Document]) -> dict[str, Any]:
    labels, every = (Counter(span.label for item in found for span in item.spans) for found in (documents, corpus))
    return {
        "records": len(documents),
        "share": round(len(documents) / len(corpus), 4),
        "labels": {
            label: {"spans": labels[label], "share": round(labels[label] / count, 4)}
            for label, count in sorted(every.items())
        },
    }


def _write(output: Path, files: Mapping[str, Sequence[Document]], account: dict[str, Any]) -> None:
    """Write into a folder beside the output and move it there when it is whole."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as scratch:
            folder = Path(scratch) / output.name
            account["files"] = {}
            for name, documents in files.items():
                path = folder / f"{name}.jsonl"
                path.parent.mkdir(parents=True, exist_ok=True)
                jsonl.write(documents, path)
                account["files"][f"{name}.jsonl"] = {"records": len(documents), "sha256": sha256(path)}
            text = json.dumps(account, indent=1, ensure_ascii=False) + "\n"
            (folder / "splits.json").write_text(text, encoding="utf-8")
            folder.rename(output)
    except OSError as error:
        raise InputError(
            f"{output}: can't write it ({error.strerror or error}); name another folder with -o"
        ) from error

"""Reading JSON lines, texts and standard input: a bad record is a value with place, reason and mend."""

from __future__ import annotations

import gzip
import io
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from framing.errors import InputError
from framing.io.inputs import read_inputs
from framing.io.jsonl import BadRecord, parse_lines, read_documents
from framing.spans import CueSpan, Document

LABELS = ["scare_quote", "pretext", "distancing"]


def parse(data: bytes, **fields: str) -> list[Document | BadRecord]:
    return list(parse_lines(io.BytesIO(data), name="in.jsonl", **fields))


def test_lines_become_documents_in_order() -> None:
    data = '{"id": "a", "text": "Día 🎉"}\n{"text": "two", "outlet": "Harbour Post"}\n'.encode()
    assert parse(data) == [Document("a", "Día 🎉"), Document("in.jsonl:2", "two", (), {"outlet": "Harbour Post"})]


def test_blank_lines_and_a_byte_order_mark_are_passed_over_but_counted() -> None:
    data = b'\xef\xbb\xbf{"text": "one"}\n\n   \r\n{"text": "four"}\r\n{"text": "no newline"}'
    assert parse(data) == [
        Document("in.jsonl:1", "one"),
        Document("in.jsonl:4", "four"),
        Document("in.jsonl:5", "no newline"),
    ]
    assert parse(b"") == parse(b"\n\n") == []


GOOD = b'{"id": "a", "text": "good"}'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "caf\xe9"}', "invalid UTF-8 at byte 14 of the line; save the file as UTF-8"),
        (b'["text"]', "not a JSON object; write one object with 'text' a line"),
        (b"7", "not a JSON object; write one object with 'text' a line"),
        (b"null", "not a JSON object; write one object with 'text' a line"),
    ],
)
def test_a_bad_line_is_named_and_stops_nothing(line: bytes, reason: str) -> None:
    found = parse(b"\n".join([GOOD, line, GOOD]))
    assert found == [Document("a", "good"), BadRecord("in.jsonl:2", f"in.jsonl:2: {reason}"), Document("a", "good")]


@pytest.mark.parametrize(
    "line", [b'{"text": "x"', b"text", b"{'text': 'x'}", b'{"text": "x"} {"text": "y"}', b'{"text": "a\tb"}']
)
def test_invalid_json_is_named_with_its_fault(line: bytes) -> None:
    _, found, _ = parse(b"\n".join([GOOD, line, GOOD]))
    assert isinstance(found, BadRecord)
    assert re.fullmatch(r"in\.jsonl:2: invalid JSON \(.+\); write one JSON object a line", found.reason)


@pytest.mark.parametrize("line", [b"[" * 100_000, b'{"text": ' * 50_000])
def test_absurdly_nested_json_is_a_bad_line_too(line: bytes) -> None:
    (found,) = parse(line)
    assert isinstance(found, BadRecord)
    assert found.reason.startswith("in.jsonl:1: invalid JSON (")


def test_half_a_surrogate_pair_is_a_bad_line_too() -> None:
    (found,) = parse(rb'{"id": "a", "text": "broken \ud83d emoji"}')
    assert isinstance(found, BadRecord)
    assert found.id == "a"
    assert found.reason.startswith("in.jsonl:1: record 'a': ")


def test_a_bad_record_keeps_its_id_and_fields() -> None:
    (found,) = parse(b'{"id": 7, "body": "x", "outlet": "Harbour Post"}')
    assert found == BadRecord(
        "7",
        "in.jsonl:1: no field 'text' (fields: 'id', 'body', 'outlet'); name it with --text-field",
        {"id": 7, "body": "x", "outlet": "Harbour Post"},
    )


def test_a_bad_record_without_an_id_is_named_by_its_place() -> None:
    assert [record.id for record in parse(b'{"body": "x"}\n{"body": "x", "id": null}')] == ["in.jsonl:1", "in.jsonl:2"]


def test_spans_out_of_range_name_line_record_and_span() -> None:
    (found,) = parse(b'{"id": "a", "text": "short", "spans": [{"start": 0, "end": 6, "label": "pretext"}]}')
    assert isinstance(found, BadRecord)
    assert found.reason == (
        "in.jsonl:1: record 'a': span [0, 6) of pretext runs past the text's 5 characters; "
        "offsets count Unicode code points, not bytes"
    )


def test_fields_of_text_and_id_can_be_named() -> None:
    data = b'{"url": "u", "body": "x", "text": "teaser"}'
    assert parse(data, text_field="body", id_field="url") == [Document("u", "x", (), {"text": "teaser", "url": "u"})]


def test_a_corpus_is_read_whole(write_jsonl: Callable[..., Path]) -> None:
    path = write_jsonl([{"id": "a", "text": "so-called", "spans": [{"start": 0, "end": 9, "label": "distancing"}]}])
    assert read_documents(path, labels=LABELS) == [Document("a", "so-called", (CueSpan(0, 9, "distancing"),))]
    assert read_documents(path) == read_documents(path, labels=None)


@pytest.mark.parametrize(
    ("label", "hint"),
    [("scare_quotes", "did you mean scare_quote?"), ("irony", "known are scare_quote, pretext, distancing")],
)
def test_an_unknown_cue_in_a_corpus_names_the_nearest(write_jsonl: Callable[..., Path], label: str, hint: str) -> None:
    path = write_jsonl([{"id": "a", "text": "so-called", "spans": [{"start": 0, "end": 9, "label": label}]}])
    with pytest.raises(InputError) as caught:
        read_documents(path, labels=LABELS)
    mend = f"{hint} (a vocabulary of your own is a YAML file named by `cues:`)"
    assert str(caught.value) == f"{path}:1: record 'a': unknown cue {label!r}; {mend}"


def test_a_corpus_with_a_bad_line_is_refused_at_that_line(write_jsonl: Callable[..., Path]) -> None:
    path = write_jsonl([{"text": "one"}, "{", {"text": "three"}])
    with pytest.raises(InputError, match=r":2: invalid JSON \(.*\); write one JSON object a line$"):
        read_documents(path)


def test_an_empty_or_missing_corpus_is_named(write_jsonl: Callable[..., Path], tmp_path: Path) -> None:
    empty, missing = write_jsonl([""]), tmp_path / "none.jsonl"
    for path, message in [
        (empty, "the file holds no records; write one JSON object a line"),
        (missing, "can't read the file (No such file or directory); check the path"),
    ]:
        with pytest.raises(InputError) as caught:
            read_documents(path)
        assert str(caught.value) == f"{path}: {message}"


def read(*names: str | Path, stdin: bytes = b"") -> list[Document | BadRecord]:
    return list(read_inputs([str(name) for name in names], io.BytesIO(stdin)))


def test_inputs_come_in_order_and_by_their_ending(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfOne\r\ntext.\n")
    (tmp_path / "b.JSONL").write_text('{"id": "b1", "text": "one"}\n')
    (tmp_path / "c.ndjson").write_text('{"id": "c1", "text": "one"}\n')
    found = read(tmp_path / "b.JSONL", "-", tmp_path / "a.txt", tmp_path / "c.ndjson", stdin=b"From afar.")
    assert found == [
        Document("b1", "one"),
        Document("stdin", "From afar."),
        Document("a", "One\r\ntext.\n"),
        Document("c1", "one"),
    ]


@pytest.mark.parametrize("start", [b"", b"\n  ", b"\xef\xbb\xbf"])
def test_standard_input_is_json_lines_when_it_starts_with_a_brace(start: bytes) -> None:
    assert [getattr(record, "text", record) for record in read("-", stdin=start + b'{"text": "one"}\n')] == ["one"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", ": the file is empty; give a file with text in it"),
        ("a.txt", b" \n\t", ": the file is empty; give a file with text in it"),
        ("a.txt", b"one\ncaf\xe9\n", ":2: invalid UTF-8 at byte 8 of the file; save the file as UTF-8"),
        ("a.jsonl", b"", ": the file is empty; write one JSON object a line"),
        ("a.jsonl", b"\n\n", ": the file is empty; write one JSON object a line"),
        ("none.txt", None, ": can't read the file (No such file or directory); check the path"),
    ],
)
def test_an_input_that_gives_nothing_says_why(tmp_path: Path, name: str, content: bytes | None, reason: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    (found,) = read(path)
    assert isinstance(found, BadRecord)
    assert found.reason == f"{path}{reason}"


def test_a_folder_is_no_input(tmp_path: Path) -> None:
    assert read(tmp_path) == [
        BadRecord(str(tmp_path), f"{tmp_path}: can't read the file (Is a directory); check the path")
    ]


@pytest.mark.parametrize("text", ["", " ", "\\n"])
def test_an_empty_text_in_json_lines_is_skipped_with_file_and_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"text": "good"}}\n{{"id": "b", "text": "{text}", "outlet": "Harbour Post"}}\n')
    _, found = read(path)
    reason = f"{path}:2: record 'b': the text is empty; leave the record out"
    assert found == BadRecord("b", reason, {"id": "b", "outlet": "Harbour Post"})


def test_packed_files_are_read_by_what_they_hold(tmp_path: Path) -> None:
    lines, text = tmp_path / "in.jsonl.gz", tmp_path / "story.txt.gz"
    lines.write_bytes(gzip.compress(b'{"id": "a", "text": "one"}\n'))
    text.write_bytes(gzip.compress(b"two"))
    found = list(read_inputs([str(lines), str(text)], io.BytesIO()))
    assert found == [Document("a", "one"), Document("story", "two")]


def test_a_damaged_packed_file_keeps_what_was_read(tmp_path: Path) -> None:
    whole = b"".join(b'{"id": "%d", "text": "%s"}\n' % (n, os.urandom(400).hex().encode()) for n in range(400))
    cut, wrong = tmp_path / "cut.jsonl.gz", tmp_path / "wrong.jsonl.gz"
    cut.write_bytes(gzip.compress(whole)[:-100_000])
    wrong.write_bytes(whole)
    *read, bad = read_inputs([str(cut)], io.BytesIO())
    assert [record.id for record in read] == [str(n) for n in range(len(read))]
    assert len(read) > 1
    assert isinstance(bad, BadRecord)
    assert bad.reason.startswith(f"{cut}: damaged gzip file (Compressed file ended before")
    (bad,) = read_inputs([str(wrong)], io.BytesIO())
    assert isinstance(bad, BadRecord)
    assert bad.reason.endswith("fetch or pack it again")

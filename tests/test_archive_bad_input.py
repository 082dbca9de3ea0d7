"""Whatever is wrong with an input: it is counted with a reason and its place, and the rest is read."""

from __future__ import annotations

import gzip
import io
import os
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from archive_samples import (
    RECORDS,
    TEXTS,
    jsonl,
    kinds,
    packed,
    page,
    read,
    rows,
    score,
    tarred,
    texts,
    warc_record,
)

from framing.io.jsonl import BadRecord
from framing.io.lines import read_line
from framing.io.pieces import Fields, ReadOptions
from framing.spans import Document


@pytest.mark.parametrize("pattern", ["", "/*", "/**/*"])
def test_links_that_lead_nowhere_are_told_and_the_rest_is_read(tmp_path: Path, pattern: str) -> None:
    folder = tmp_path / "in"
    (folder / "b").mkdir(parents=True)
    (folder / "a.txt").write_text("One.", encoding="utf-8")
    (folder / "z.txt").write_text("Two.", encoding="utf-8")
    (folder / "gone.txt").symlink_to(folder / "none.txt")
    (folder / "loop").symlink_to(folder / "loop")
    if pattern != "/*":
        (folder / "b" / "up").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    found = read(f"{folder}{pattern}")
    assert [text for text in texts(found) if not text.startswith("/")] == ["One.", "Two."]
    told = {
        label.removeprefix(f"{folder}/"): record.reason for label, _, record in found if isinstance(record, BadRecord)
    }
    gone = f"{folder}/gone.txt: a broken link (No such file or directory); mend it, or leave it out"
    assert told.pop("gone.txt") == gone
    assert told.pop("loop").startswith(f"{folder}/loop: a broken link (Too many levels")
    assert told.pop("pipe") == f"{folder}/pipe: a pipe or a device, no file; leave it out"
    if pattern != "/*":
        assert told.pop("b/up") == f"{folder}/b/up: a link back to {folder}, which it lies in; leave it out"
    assert told == {}


def test_a_run_over_broken_links_goes_on_and_can_be_taken_up(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("One.", encoding="utf-8")
    (folder / "gone.txt").symlink_to(folder / "none.txt")
    for _ in range(2):
        assert score(tmp_path / "out", folder).totals.skipped == {"unreadable": 1}
    assert [row["source"] for row in rows(tmp_path / "out")["skipped"]] == [f"{folder}/gone.txt"]


def test_a_folder_without_rights_is_one_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in" / "b").mkdir(parents=True)
    (tmp_path / "in" / "a.txt").write_text("One.", encoding="utf-8")
    real = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/b"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)  # tests may run as root
    assert texts(read(tmp_path / "in")) == [
        "One.",
        f"{tmp_path}/in/b: can't read the folder (Permission denied); check its rights",
    ]


@pytest.mark.parametrize("block", [1, 128])
def test_a_truncated_gzip_keeps_what_came_before(tmp_path: Path, block: int) -> None:
    path = tmp_path / "in.jsonl.gz"
    noise = [{"id": str(n), "text": os.urandom(200).hex()} for n in range(50)]
    path.write_bytes(packed(jsonl(noise))[:-4000])
    *good, (label, line, bad) = read(path, block=block)
    assert len(good) > 10
    assert [record.id for _, _, record in good] == [str(n) for n in range(len(good))]
    assert isinstance(bad, BadRecord)
    assert (label, line, bad.kind) == (str(path), len(good) + 1, "damaged")
    assert bad.reason.startswith(f"{path}:{line}: damaged (Compressed file ended before")
    assert bad.reason.endswith("; what comes after is lost: fetch or pack the file again")


def test_a_truncated_gzip_in_utf16_keeps_what_came_before(tmp_path: Path) -> None:
    noise = [{"id": str(n), "text": os.urandom(200).hex()} for n in range(50)]
    (tmp_path / "in.jsonl.gz").write_bytes(packed(jsonl(noise).decode().encode("utf-16"))[:-4000])
    *good, (_, line, bad) = read(tmp_path / "in.jsonl.gz")
    assert texts(good) == [one["text"] for one in noise[: len(good)]]
    assert (len(good) > 10, line, kinds([("", 1, bad)])) == (True, len(good) + 1, ["damaged"])


def test_a_truncated_packed_csv_and_tar_keep_what_came_before(tmp_path: Path) -> None:
    rows = b"id,text\n" + b"".join(b"%d,%s\n" % (n, os.urandom(200).hex().encode()) for n in range(50))
    (tmp_path / "in.csv.gz").write_bytes(packed(rows)[:-4000])
    found = kinds(read(tmp_path / "in.csv.gz", block=7))
    assert found == ["ok"] * (len(found) - 1) + ["damaged"]
    assert len(found) > 10
    data = tarred(tmp_path / "x.tar", {f"{n}.txt": os.urandom(600).hex().encode() for n in range(9)}).read_bytes()
    (tmp_path / "in.tar.gz").write_bytes(packed(data)[:-1200])
    found = kinds(read(tmp_path / "in.tar.gz"))
    assert found[:5] == ["ok"] * 5
    assert found[-1] == "damaged"


def test_a_long_line_is_passed_over_without_being_held(tmp_path: Path) -> None:
    options = ReadOptions(max_record=1 << 20)
    path = tmp_path / "in.jsonl"
    long = b'{"text": "' + b"x" * (5 << 20) + b'"}\n'
    path.write_bytes(jsonl(RECORDS[:1]) + long + jsonl(RECORDS[1:]))
    found = read(path, options=options, block=1)
    assert kinds(found) == ["ok", "too_long", *["ok"] * 4]
    assert texts(found)[1] == f"{path}:2: 5.0 MiB in one record; cut it, or raise --max-record above 1 MiB"

    class Counting(io.BytesIO):
        most = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            line = super().readline(size)
            self.most = max(self.most, len(line))
            return line

    stream = Counting(long + b"next\n")
    assert [read_line(stream, 1000), read_line(stream, 1000)] == [(b"", len(long)), (b"next\n", 5)]
    assert stream.most == 1 << 20


@pytest.mark.parametrize(("size", "kind"), [(99, "ok"), (100, "ok"), (101, "too_long")])
def test_a_text_at_the_limit_is_kept(tmp_path: Path, size: int, kind: str) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * size)
    assert kinds(read(tmp_path / "a.txt", options=ReadOptions(max_record=100))) == [kind]


def test_a_table_without_the_text_column_says_so_for_every_row(tmp_path: Path) -> None:
    table = pa.table({"id": ["a", "b"], "body": ["One.", "Two."]})
    pq.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "b.csv").write_text("id,body\na,One.\nb,Two.\n", encoding="utf-8")
    (tmp_path / "c.jsonl").write_bytes(jsonl())
    found = read(tmp_path)
    assert kinds(found) == [*["no_text_field"] * 4, *["ok"] * 5]
    assert (
        texts(found)[1]
        == f"{tmp_path}/a.parquet:2: no column 'text' (columns: 'id', 'body'); name it with --text-field"
    )
    assert texts(found)[3] == f"{tmp_path}/b.csv:3: no field 'text' (fields: 'id', 'body'); name it with --text-field"


@pytest.mark.parametrize("form", ["csv", "parquet", "arrow"])
def test_two_columns_of_a_name_are_refused_row_by_row(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"a.{form}"
    table = pa.table([["One.", "Two."], ["1.", "2."], ["x", "y"]], names=["text", "text", "id"])
    if form == "csv":
        path.write_text("text,text,id\nOne.,1.,x\nTwo.,2.,y\n", encoding="utf-8")
    elif form == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table)
    found = read(path)
    first = 2 if form == "csv" else 1
    assert kinds(found) == ["named_twice"] * 2
    assert texts(found)[0] == f"{path}:{first}: 2 columns are named 'text'; rename all but one"
    other = read(path, options=ReadOptions(Fields(text="id", id="none")))  # nobody asks for what is there twice
    assert texts(other) == ["x", "y"]


def test_a_row_of_a_table_that_is_no_utf8_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"id": ["a", "b", "c"], "text": ["One.", "T\x7f\x7f.", "Three."]})
    pq.write_table(table, path, compression="none", use_dictionary=False, write_statistics=False)
    path.write_bytes(path.read_bytes().replace(b"\x7f\x7f", b"\xff\xff"))
    found = read(path, block=2)
    assert kinds(found) == ["ok", "encoding", "ok"]
    assert texts(found)[1].startswith(f"{path}:2: invalid UTF-8 (")


def test_a_damaged_part_of_a_table_is_told_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"id": list("abcdef"), "text": ["One.", "Two.", "Three.", "Four.", "Five.", "Six."]})
    pq.write_table(table, path, compression="zstd", use_dictionary=False, row_group_size=2)
    data = bytearray(path.read_bytes())
    start = pq.read_metadata(path).row_group(1).column(0).data_page_offset
    data[start : start + 40] = b"\xff" * 40
    path.write_bytes(data)
    for block in (1, 2, 100):
        found = read(path, block=block)
        assert kinds(found) == ["ok", "ok", "damaged", "damaged", "ok", "ok"]
        assert [text for text in texts(found) if not text.startswith(str(path))] == ["One.", "Two.", "Five.", "Six."]


@pytest.mark.parametrize("length", [b"", b"Content-Length: many\r\n"])
def test_a_web_record_without_a_length_costs_only_itself(tmp_path: Path, length: bytes) -> None:
    records = [warc_record(f"https://river.example/{n}", page(TEXTS[0])) for n in range(3)]
    records[1] = re.sub(rb"Content-Length: \d+\r\n", length, records[1], count=1)
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    found = kinds(read(tmp_path / "a.warc"))
    assert (found[0], found[-1], "damaged" in found) == ("ok", "ok", True)


def test_what_is_no_utf8_is_skipped_or_read_as_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Müller said.".encode("cp1252"))
    (tmp_path / "b.txt").write_bytes("Müller said.".encode())
    (tmp_path / "c.jsonl").write_bytes(b'{"text": "M\xfcller said."}\n' + '{"text": "Müller said."}\n'.encode())
    (tmp_path / "d.csv").write_bytes(b"id,text\n1,M\xfcller said.\n2," + "Müller said.\n".encode())
    assert kinds(read(tmp_path)) == ["encoding", "ok"] * 3
    assert texts(read(tmp_path, options=ReadOptions(encoding="cp1252"))) == ["Müller said."] * 6


def test_nul_bytes_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"One.\0Two.")
    (tmp_path / "b.jsonl").write_bytes(rb'{"text": "One.\u0000Two."}' + b"\n" + b'{"text": "One.\0Two."}\n' + jsonl())
    (tmp_path / "c.csv").write_bytes(b"id,text\n1,One.\0Two.\n2,Three.\n")
    found = read(tmp_path)
    assert kinds(found) == ["nul", "nul", "invalid", *["ok"] * 5, "nul", "ok"]
    assert texts(found)[0] == (
        f"{tmp_path}/a.txt: record 'a': a NUL at character 5; save the text as UTF-8, without NULs"
    )


def test_a_login_wall_is_no_article(tmp_path: Path) -> None:
    form = b"<html><body><h1>Welcome</h1><p>Please sign in to continue reading this story.</p>"
    (tmp_path / "wall.html").write_bytes(form + b'<form><input type="password"></form></body></html>')
    (tmp_path / "empty.html").write_bytes(b"<html><body></body></html>")
    long = " ".join(["The harbour was quiet that evening and the boats stayed in."] * 20)
    (tmp_path / "story.html").write_bytes(page(long, extra='<form>Log in to read more<input type="password"></form>'))
    assert kinds(read(tmp_path)) == ["no_text", "ok", "wall"]


@pytest.mark.parametrize("block", [1, 2, 128])
@pytest.mark.parametrize("fault", ["length", "gzip", "cut"])
def test_a_broken_web_record_costs_only_itself(tmp_path: Path, fault: str, block: int) -> None:
    urls = [f"https://river.example/{n}" for n in range(5)]
    records = [warc_record(url, page(TEXTS[0])) for url in urls]
    if fault == "length":
        records[1] = warc_record(urls[1], page(TEXTS[0]), claimed=5000)
        data = b"".join(records)
    elif fault == "gzip":
        members = [packed(record) for record in records]
        members[1] = members[1][:60] + b"\xff\x00\xff\x13" * 10 + members[1][100:]
        data = b"".join(members)
    else:
        data = b"".join(map(packed, records))[:-150]
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(data)
    found = read(path, block=block)
    broken = 4 if fault == "cut" else 1
    assert kinds(found) == ["damaged" if n == broken else "ok" for n in range(5)]
    assert [record.id for _, _, record in found if isinstance(record, Document)] == [
        url for n, url in enumerate(urls) if n != broken
    ]
    assert texts(found)[broken].startswith(f"{path}:{broken + 1}: broken WARC record (")


@pytest.mark.parametrize("block", [1, 2, 128])
@pytest.mark.parametrize("between", [False, True])
@pytest.mark.parametrize("broken", [(1, 2), (0, 1), (2, 3, 4), (5, 6), (1, 3)])
def test_broken_web_records_side_by_side_are_counted_each(
    tmp_path: Path, broken: tuple[int, ...], between: bool, block: int
) -> None:
    """Also with records of other kinds between them, and with pages whose bytes look like the start of a member."""
    other = b"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Type: text/x\r\nContent-Length: 4\r\n\r\nnone\r\n\r\n"
    data = b""
    for n in range(7):
        noise = bytes(range(256)).hex() + "".join(str(hash((n, k))) for k in range(99))
        member = packed(warc_record(f"https://river.example/{n}", page(f"{TEXTS[0]} {noise}")))
        if n in broken:
            member = member[:120] + b"\xff\x00\x1f\x8b\x08\x13" * 9 + member[174:]
        data += (packed(other) if between else b"") + member
    (tmp_path / "a.warc.gz").write_bytes(data)
    found = read(tmp_path / "a.warc.gz", block=block)
    assert kinds(found) == ["damaged" if n in broken else "ok" for n in range(7)]
    assert [position for _, position, _ in found] == list(range(1, 8))


def test_a_missing_quotation_mark_costs_one_line(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text('id,text\n1,"One.\n2,Two.\n3,"Three, ""too""."\n4,x,y\n', encoding="utf-8")
    found = read(path, block=1)
    assert [(position, kind) for (_, position, _), kind in zip(found, kinds(found), strict=True)] == [
        (2, "invalid"),
        (3, "ok"),
        (4, "ok"),
        (5, "invalid"),
    ]
    assert texts(found)[1:3] == ["Two.", 'Three, "too".']
    assert texts(found)[3] == f"{path}:5: 3 fields under a header of 2; repair the row"


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.jsonl", b"", "empty"),
        ("a.csv", b"id,text\n", "empty"),
        ("a.txt", b" \n", "empty"),
        ("a.json", b"[]", "empty"),
        ("a.json", b"[{]", "invalid"),
        ("a.docx", b"PK\x03\x04\0\0", "nul"),
        ("a.parquet", b"PAR1 no more", "damaged"),
        ("a.zip", b"PK\x03\x04 no more", "damaged"),
        ("a.warc", b"WARC/1.0\r\nno more", "damaged"),
        ("a.bin", bytes(range(128, 256)), "encoding"),
        ("a.gz", gzip.compress(b"x")[:12], "damaged"),
    ],
)
def test_a_file_without_anything_is_one_skipped_record(tmp_path: Path, name: str, data: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert kinds(read(tmp_path / name)) == [kind]


def test_a_long_web_record_is_passed_over(tmp_path: Path) -> None:
    long = warc_record("https://river.example/long", b"x" * 20_000)
    (tmp_path / "a.warc").write_bytes(long + warc_record("https://river.example/1", page(TEXTS[0])))
    found = read(tmp_path / "a.warc", options=ReadOptions(max_record=10_000))
    assert kinds(found) == ["too_long", "ok"]

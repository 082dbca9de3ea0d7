"""Bad ZIP and TAR files: bombs, names that lead outside, members that are no files, damage."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
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
    read,
    tarred,
    texts,
    zipped,
)

from framing.archive.files import Files
from framing.archive.plan import cut_blocks
from framing.io import streams
from framing.io.columnar import ParquetReader
from framing.io.pieces import Cut, Piece, ReadOptions


def test_a_bomb_is_stopped_by_the_limit_of_expansion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "FREE", 1 << 16)
    zeros = jsonl(RECORDS[:1]) + b"\n" * (4 << 20) + jsonl(RECORDS[1:])
    (tmp_path / "bomb.jsonl.gz").write_bytes(packed(zeros))
    zipped(tmp_path / "bomb.zip", {"a.txt": TEXTS[0].encode(), "bomb.jsonl": zeros, "b.txt": TEXTS[1].encode()})
    found = read(tmp_path / "bomb.jsonl.gz")
    assert kinds(found) == ["ok", "damaged"]
    assert "unpacks to more than 200 times its size, as ZIP bombs do" in texts(found)[-1]
    assert kinds(read(tmp_path / "bomb.zip")) == ["ok", "ok", "damaged", "ok"]
    wide = ReadOptions(max_expansion=2000)
    assert kinds(read(tmp_path / "bomb.jsonl.gz", options=wide)) == ["ok"] * 5


def test_names_that_lead_outside_are_only_names(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    names = ["../../outside.txt", "/outside.txt", "a/../../outside.txt"]
    zipped(inside / "a.zip", dict.fromkeys(names, b"One."))
    tarred(inside / "a.tar", dict.fromkeys(names, b"One."))
    before = sorted(tmp_path.rglob("*"))
    assert texts(read(inside)) == ["One."] * 6
    assert sorted(tmp_path.rglob("*")) == before


def test_members_that_are_no_files_are_told(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"a.txt": b"One."}).read_bytes()
    zipped(tmp_path / "a.zip", {"inner.zip": inner, "b.txt": b"Two."})
    found = read(tmp_path / "a.zip")
    assert kinds(found) == ["nested", "ok"]
    assert texts(found)[0] == f"{tmp_path}/a.zip!inner.zip: an archive in an archive; unpack the outer one first"
    data = bytearray(zipped(tmp_path / "b.zip", {"a.txt": b"One."}).read_bytes())
    directory = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[directory + 8] |= 1
    (tmp_path / "b.zip").write_bytes(data)
    assert texts(read(tmp_path / "b.zip")) == [f"{tmp_path}/b.zip!a.txt: encrypted; unpack it first"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_members_of_one_name_have_places_of_their_own(tmp_path: Path, kind: str) -> None:
    names = ["a.txt", "a.txt", "a.txt#2", "b.jsonl", "b.jsonl", "a.txt"]
    data = [b"One.", b"Two.", b"Three.", jsonl(RECORDS[:2]), jsonl(RECORDS[2:3]), b"Four."]
    path = tmp_path / f"all.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in zip(names, data, strict=True):
                archive.writestr(name, content)
    else:
        with tarfile.open(path, "w:gz" if kind == "tar.gz" else "w") as tar:
            for name, content in zip(names, data, strict=True):
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    found = read(path, block=1)
    assert [(label.removeprefix(f"{path}!"), position) for label, position, _ in found] == [
        ("a.txt", 1),
        ("a.txt#2", 1),
        ("a.txt#2#2", 1),
        ("b.jsonl", 1),
        ("b.jsonl", 2),
        ("b.jsonl#2", 1),
        ("a.txt#3", 1),
    ]
    assert texts(found) == ["One.", "Two.", "Three.", *TEXTS[:3], "Four."]
    assert [record.id for _, _, record in found][:2] == ["a", "a"]


@pytest.mark.parametrize(
    ("name", "data", "form", "kind"),
    [
        ("a.zip", b"PK\5\6" + b"\0" * 18, None, "empty"),
        ("a.zip", b"PK\5\6" + b"\0" * 18, "tar", "damaged"),
        ("a.txt", b"One.", "zip", "damaged"),
        ("a.txt", b"One.", "tar", "damaged"),
        ("a.txt", b"", "zip", "damaged"),
    ],
)
def test_what_is_no_container_is_one_skipped_record(
    tmp_path: Path, name: str, data: bytes, form: str | None, kind: str
) -> None:
    (tmp_path / name).write_bytes(data)
    zipped(tmp_path / "z.zip", {"a.txt": b"Two."})
    assert kinds(read(tmp_path / name, tmp_path / "z.zip", form=form)) == [kind, "damaged" if form == "tar" else "ok"]


def test_a_zip_behind_a_program_is_read_when_it_is_named(tmp_path: Path) -> None:
    data = zipped(tmp_path / "a.zip", {"a.txt": b"One.", "b.txt": b"Two."}).read_bytes()
    (tmp_path / "a.exe").write_bytes(b"MZ" + b"\0" * 90 + data)
    assert texts(read(tmp_path / "a.exe", form="zip", block=1)) == ["One.", "Two."]


@pytest.mark.parametrize("error", [EOFError("cut"), OSError(5, "Input/output error")])
def test_damage_after_some_records_has_a_place_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def breaking(self: ParquetReader) -> Iterator[Piece]:
        yield Piece(Cut(0, 1), 1, None)
        raise error

    pq.write_table(pa.table({"text": ["One."]}), tmp_path / "a.parquet")
    monkeypatch.setattr(ParquetReader, "outline", breaking)
    blocks = cut_blocks(Files((str(tmp_path),), tmp_path / "out"), None, ReadOptions())
    assert [part.cut.position for block in blocks for part in block.parts] == [1, 2]


def test_a_zip_member_with_a_wrong_checksum_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:  # stored, so that its bytes can be found
        archive.writestr("a.txt", b"One sentence.")
        archive.writestr("b.txt", b"Two.")
    path.write_bytes(path.read_bytes().replace(b"One sentence.", b"One sentenco."))
    assert zlib.crc32(b"One sentence.") != zlib.crc32(b"One sentenco.")
    assert kinds(read(path)) == ["damaged", "ok"]

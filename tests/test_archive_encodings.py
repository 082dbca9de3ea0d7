"""Letters and line ends of inputs: UTF-16, CR, the delimiter that Excel names, and what pages say of themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from archive_samples import (
    DOCUMENTS,
    PACKINGS,
    as_csv,
    jsonl,
    page,
    read,
    texts,
    warc_record,
)

from framing.io.pieces import ReadOptions
from framing.spans import Document


@pytest.mark.parametrize("block", [1, 2, 128])
@pytest.mark.parametrize("packing", ["", ".gz"])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("form", ["jsonl", "csv", "tsv"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-be"])
def test_lines_in_utf16_are_read_with_a_mark_or_when_told(
    tmp_path: Path, encoding: str, form: str, named: bool, packing: str, block: int
) -> None:
    data = jsonl() if form == "jsonl" else as_csv("," if form == "csv" else "\t")
    path = tmp_path / (f"in.{form}{packing}" if named else "data")
    path.write_bytes(PACKINGS[packing](data.decode().encode(encoding)))
    found = read(path, block=block, options=ReadOptions(encoding=None if encoding == "utf-16" else encoding))
    lines = [1, 2, 3, 4, 5] if form == "jsonl" else [2, 3, 4, 5, 7]
    assert found == [(str(path), line, document) for line, document in zip(lines, DOCUMENTS, strict=True)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_lines_may_end_in_cr_alone(tmp_path: Path, form: str, named: bool, encoding: str) -> None:
    many = [{"id": str(n), "text": f"Text 🎉 {n}."} for n in range(9000)]  # more than is looked at to begin with
    rows = "id,text\r" + "".join(f"{one['id']},{one['text']}\r" for one in many)
    data = jsonl(many).decode().replace("\n", "\r") if form == "jsonl" else rows
    path = tmp_path / (f"in.{form}" if named else "data")
    path.write_bytes(data.encode(encoding))
    found = read(path, block=4000)
    assert texts(found) == [one["text"] for one in many]
    assert found[-1][1] == (9000 if form == "jsonl" else 9001)


def test_a_cr_inside_a_line_that_ends_otherwise_is_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b'id,text\n1,"One\rtwo."\n')
    assert texts(read(path)) == ["One\rtwo."]


def test_what_is_no_utf16_costs_only_its_record(tmp_path: Path) -> None:
    lines = [json.dumps({"text": text}) + "\n" for text in ("One.", "Two.", "Three.")]
    lines[1] = lines[1].replace("w", "\ud800")
    (tmp_path / "in.jsonl").write_bytes(("\ufeff" + "".join(lines)).encode("utf-16-le", "surrogatepass") + b"\n")
    for encoding in (None, "utf-16"):
        found = texts(read(tmp_path / "in.jsonl", options=ReadOptions(encoding=encoding)))
        assert (found[0], found[2]) == ("One.", "Three.")
        assert "in.jsonl:2: invalid UTF-8 at byte" in found[1]
        assert "in.jsonl:4: invalid UTF-8 at byte" in found[3]  # half a character at the end


@pytest.mark.parametrize("first", ["sep=;\r\n", '"sep=;"\n', "\ufeffSEP=;\r\n"])
@pytest.mark.parametrize("name", ["in.csv", "data"])
def test_the_line_of_excel_says_the_delimiter(tmp_path: Path, name: str, first: str) -> None:
    path = tmp_path / name
    path.write_text(f"{first}id;text\r\na;One, two, three.\r\n", encoding="utf-8", newline="")
    assert read(path) == [(str(path), 3, Document("a", "One, two, three."))]


WORDS = "El alcalde Núñez dijo que mañana habrá sesión."  # in cp1252 it is guessed wrongly


@pytest.mark.parametrize(
    ("encoding", "header", "meta", "told"),
    [
        ("cp1252", "", "", "cp1252"),
        ("cp1252", "; charset=iso-8859-1", "", None),
        ("cp1252", "; charset=ISO-8859-1", "utf-8", None),
        ("cp1252", '; charset="windows-1252"', "", "cp1251"),
        ("cp1252", "", "windows-1252", None),
        ("cp1252", "; charset=nonsense", "iso-8859-1", None),
        ("cp1252", "; charset=base64", "iso-8859-1", None),
        ("utf-16", "; charset=iso-8859-1", "iso-8859-1", "cp1252"),
        ("utf-8-sig", "; charset=iso-8859-1", "iso-8859-1", "cp1252"),
        ("utf-8", "", "iso-8859-1", "cp1252"),  # saved anew by who left the page's own word as it was
        ("utf-16-le", "", "", "utf-16-le"),
    ],
)
def test_pages_are_decoded_by_mark_server_user_and_their_own_word(
    tmp_path: Path, encoding: str, header: str, meta: str, told: str | None
) -> None:
    named = f'<meta name="x"><!-- <meta charset="koi8-r"> --><META http-equiv=a content="text/html; charset={meta}">'
    html = page(f"{WORDS} {WORDS}").decode().replace("<title>", f"{named if meta else ''}<title>")
    data = html.encode(encoding)
    options = ReadOptions(encoding=told)
    (tmp_path / "a.warc").write_bytes(warc_record("https://river.example/1", data, kind=f"text/html{header}"))
    assert WORDS in texts(read(tmp_path / "a.warc", options=options))[0]
    if "charset" not in header or encoding.startswith("utf"):
        (tmp_path / "a.html").write_bytes(data)
        form = "html" if encoding == "utf-16-le" else None
        assert WORDS in texts(read(tmp_path / "a.html", options=options, form=form))[0]


def test_plain_text_of_the_web_is_decoded_by_its_header(tmp_path: Path) -> None:
    kinds = {"a": "text/plain; charset=iso-8859-1", "b": "text/plain"}
    data = [warc_record(f"https://river.example/{n}", WORDS.encode("cp1252"), kind=kind) for n, kind in kinds.items()]
    (tmp_path / "a.warc").write_bytes(b"".join(data))
    found = texts(read(tmp_path / "a.warc"))
    assert found[0] == WORDS
    assert found[1].endswith("invalid UTF-8 at byte 13; save it as UTF-8, or name its --encoding")

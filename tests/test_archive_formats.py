"""Every format gives the same records, wherever reading starts; positions name lines, rows and records."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from archive_samples import (
    DOCUMENTS,
    PACKINGS,
    RECORDS,
    TEXTS,
    as_csv,
    jsonl,
    packed,
    page,
    read,
    rows,
    score,
    tarred,
    texts,
    warc_record,
    zipped,
)
from backports import zstd

from framing.archive.files import Files
from framing.archive.plan import cut_blocks
from framing.errors import InputError
from framing.io.columnar import ParquetReader
from framing.io.pieces import Cut, Fields, ReadOptions
from framing.spans import Document


def as_parquet(path: Path) -> Path:
    pq.write_table(pa.Table.from_pylist(RECORDS), path, row_group_size=2)
    return path


def as_arrow(path: Path, *, stream: bool) -> Path:
    table = pa.Table.from_pylist(RECORDS)
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return path


@pytest.mark.parametrize("block", [1, 2, 128])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("form", ["jsonl", "csv", "tsv"])
def test_lines_are_read_packed_or_not_and_whatever_the_name(
    tmp_path: Path, form: str, packing: str, named: bool, block: int
) -> None:
    data = jsonl() if form == "jsonl" else as_csv("," if form == "csv" else "\t")
    path = tmp_path / (f"in.{form}{packing}" if named else "data")
    path.write_bytes(PACKINGS[packing](data))
    found = read(path, block=block)
    lines = [1, 2, 3, 4, 5] if form == "jsonl" else [2, 3, 4, 5, 7]
    assert found == [(str(path), line, document) for line, document in zip(lines, DOCUMENTS, strict=True)]


@pytest.mark.parametrize("block", [1, 3, 128])
@pytest.mark.parametrize("form", ["parquet", "stream", "file"])
def test_columnar_files_are_read_by_rows(tmp_path: Path, form: str, block: int) -> None:
    path = tmp_path / "data.bin"
    path = as_parquet(path) if form == "parquet" else as_arrow(path, stream=form == "stream")
    assert read(path, block=block) == [(str(path), row, document) for row, document in enumerate(DOCUMENTS, start=1)]


@pytest.mark.parametrize("block", [1, 128])
@pytest.mark.parametrize("name", ["in.json", "in.json.gz", "data"])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_in_a_json_file_is_its_records(tmp_path: Path, name: str, indent: int | None, block: int) -> None:
    data = json.dumps(RECORDS, indent=indent).encode()
    path = tmp_path / name
    path.write_bytes(packed(data) if name.endswith(".gz") else data)
    assert read(path, block=block) == [(str(path), row, document) for row, document in enumerate(DOCUMENTS, start=1)]
    path.write_bytes(json.dumps(RECORDS[0], indent=2).encode())
    assert texts(read(path)) == TEXTS[:1]


def test_rows_are_read_on_without_starting_again(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": f"Text {n}."} for n in range(2000)]
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    (source,) = Files((str(path),), tmp_path / "out")
    with path.open("rb") as stream:
        reader = ParquetReader(stream, source, ReadOptions())
        assert [next(reader.pieces(Cut(0, 1))).data["id"], next(reader.pieces(Cut(700, 701))).data["id"]] == [
            "0",
            "700",
        ]
        opened = reader._batches
        ids = [
            piece.data["id"] for start in range(701, 1901, 100) for piece in islice(reader.pieces(Cut(start, 0)), 100)
        ]
        assert ids == [str(n) for n in range(701, 1901)]
        assert reader._batches is opened
        assert next(reader.pieces(Cut(3, 4))).data["id"] == "3"


def test_two_gzip_members_are_one_file(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl.gz"
    path.write_bytes(packed(jsonl(RECORDS[:2])) + packed(jsonl(RECORDS[2:])))
    assert texts(read(path)) == TEXTS


def test_fields_can_have_other_names(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("url;body;paper\nu1;one;Harbour Post\nu2;two;\n", encoding="utf-8")
    options = ReadOptions(Fields(text="body", id="url", outlet="paper"))
    found = read(path, options=options)
    assert [record for _, _, record in found] == [
        Document("u1", "one", (), {"outlet": "Harbour Post"}),
        Document("u2", "two"),
    ]


def test_ids_of_whole_files_are_their_paths_below_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "news"
    (folder / "2020").mkdir(parents=True)
    (folder / "2020" / "b.txt").write_text(TEXTS[0], encoding="utf-8")
    (folder / "a.txt.gz").write_bytes(packed(b"\xef\xbb\xbf" + TEXTS[1].encode()))
    (folder / "c.txt").write_bytes(TEXTS[2].encode("utf-16"))
    (folder / ".hidden").write_text("not read", encoding="utf-8")
    found = read(folder)
    assert [(Path(label).name, position) for label, position, _ in found] == [
        ("b.txt", 1),
        ("a.txt.gz", 1),
        ("c.txt", 1),
    ]
    assert [record for _, _, record in found] == [
        Document("2020/b", TEXTS[0]),
        Document("a", TEXTS[1]),
        Document("c", TEXTS[2]),
    ]
    assert texts(read(tmp_path / "news" / "*.txt*")) == [TEXTS[1], TEXTS[2]]


def test_pages_give_main_text_title_date_and_outlet(tmp_path: Path) -> None:
    path = tmp_path / "story.html"
    path.write_bytes(page(TEXTS[0], "Truce broken", "<footer>Terms of use</footer>"))
    ((_, _, record),) = read(path)
    assert isinstance(record, Document)
    assert TEXTS[0] in record.text
    assert "Terms of use" not in record.text
    assert (record.id, dict(record.meta)) == (
        "story",
        {"title": "Truce broken", "date": "2020-05-04", "outlet": "River Times"},
    )


@pytest.mark.parametrize("block", [1, 128])
@pytest.mark.parametrize("packing", ["none", "each", "whole"])
def test_web_archives_give_their_pages(tmp_path: Path, packing: str, block: int) -> None:
    urls = [f"https://www.river.example/{n}" for n in range(4)]
    records = [warc_record(url, page(text)) for url, text in zip(urls, TEXTS, strict=False)]
    records[2] = warc_record(urls[2], b"gone", status="404 Not Found")
    parts = [packed(record) if packing == "each" else record for record in records]
    data = b"".join(parts)
    path = tmp_path / "crawl.warc"
    path.write_bytes(packed(data) if packing == "whole" else data)
    found = read(path, block=block)
    assert [(position, record.id) for _, position, record in found] == list(enumerate(urls, start=1))
    assert [TEXTS[n].split("\n")[0] in text for n, text in enumerate(texts(found))] == [True, True, False, True]
    assert texts(found)[2] == f"{path}:3: {urls[2]}: HTTP status 404"


@pytest.mark.parametrize("block", [1, 128])
@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.zst"])
def test_archives_of_anything(tmp_path: Path, kind: str, block: int) -> None:
    members = {
        "news/a.txt": TEXTS[0].encode(),
        "news/b.jsonl": jsonl(RECORDS[1:3]),
        "news/c.jsonl.gz": packed(jsonl(RECORDS[3:])),
        "news/.DS_Store": b"\0\0",
        "table.parquet": as_parquet(tmp_path / "t").read_bytes(),
        "crawl.warc.gz": packed(warc_record("https://river.example/x", page(TEXTS[0]))),
    }
    path = tmp_path / f"all.{kind}"
    if kind == "zip":
        zipped(path, members)
    else:
        tarred(path, members, "w:gz" if kind == "tar.gz" else "w")
        if kind == "tar.zst":
            path.write_bytes(zstd.compress(path.read_bytes()))
    found = read(path, block=block)
    assert texts(found)[:-1] == [*TEXTS, *TEXTS]
    assert TEXTS[0] in texts(found)[-1]
    assert [(label.removeprefix(f"{path}!"), position) for label, position, _ in found] == [
        ("news/a.txt", 1),
        *[("news/b.jsonl", 1), ("news/b.jsonl", 2)],
        *[("news/c.jsonl.gz", 1), ("news/c.jsonl.gz", 2)],
        *[("table.parquet", row) for row in range(1, 6)],
        ("crawl.warc.gz", 1),
    ]
    assert found[0][2].id == "news/a"


def test_a_packed_tar_is_unpacked_once_to_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"id": str(n), "text": "x" * 50 + str(n)} for n in range(2000)]
    members = {f"{n}.jsonl": jsonl(rows) for n in range(5)} | {"a.txt": b"One."}
    path = tarred(tmp_path / "all.tar.gz", members, "w:gz")
    back = []
    real = gzip.GzipFile.seek

    def seek(self: gzip.GzipFile, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET and offset < self.tell():
            back.append(self.tell() - offset)
        return real(self, offset, whence)

    monkeypatch.setattr(gzip.GzipFile, "seek", seek)
    assert (
        sum(block.records for block in cut_blocks(Files((str(path),), tmp_path / "out"), None, ReadOptions())) == 10_001
    )
    assert back == []


def test_a_saved_hugging_face_data_set_is_read_by_its_state(tmp_path: Path) -> None:
    from datasets import Dataset, DatasetDict

    parts = DatasetDict({"train": Dataset.from_list(RECORDS[:3]), "test": Dataset.from_list(RECORDS[3:])})
    parts.save_to_disk(str(tmp_path / "set"))
    (tmp_path / "set" / "train" / "cache-1.arrow").write_bytes(b"not a part")
    (tmp_path / "set" / "train" / "beside.txt").write_text("Beside it.", encoding="utf-8")
    found = read(tmp_path / "set")
    assert [record.text for _, _, record in found if isinstance(record, Document)] == [
        *TEXTS[3:],
        "Beside it.",
        *TEXTS[:3],
    ]
    assert sorted(label.removeprefix(f"{tmp_path}/set/") for label, _, record in found if record_kind(record)) == [
        "dataset_dict.json",
        *[f"test/{name}" for name in ("dataset_info.json", "state.json")],
        *[f"train/{name}" for name in ("cache-1.arrow", "dataset_info.json", "state.json")],
    ]


def record_kind(record: object) -> str:
    return getattr(record, "kind", "")


@pytest.mark.parametrize(
    "key", ["configs:\n- config_name: default", "dataset_info:\n  features: []", "task_categories: []"]
)
def test_a_hub_data_set_folder_is_read_without_its_card(tmp_path: Path, key: str) -> None:
    (tmp_path / "README.md").write_text(f"---\nlicense: cc0-1.0\n{key}\n---\n# A set", encoding="utf-8")
    (tmp_path / "script.py").write_text("pass", encoding="utf-8")
    as_parquet(tmp_path / "part.parquet")
    for name, packing in PACKINGS.items():
        (tmp_path / f"z.jsonl{name}").write_bytes(packing(jsonl(RECORDS[:1])))
        (tmp_path / f"z.csv{name}").write_bytes(packing(b"id,text\n1,A row.\n"))
    (tmp_path / "z.json").write_text('[{"text": "Of a list."}]', encoding="utf-8")
    (tmp_path / "z.txt").write_text("A text.", encoding="utf-8")
    found = read(tmp_path)
    packed_rows = ["A row."] * 5 + ["Of a list."] + TEXTS[:1] * 5
    assert [record.text for _, _, record in found if isinstance(record, Document)] == [*TEXTS, *packed_rows, "A text."]
    assert [record.reason for _, _, record in found if not isinstance(record, Document)] == [
        f"{tmp_path}/README.md: the card of a data set; if it is an article, name it as an input of its own",
        f"{tmp_path}/script.py: no data by its ending; if it is an article, name it as an input of its own",
    ]


@pytest.mark.parametrize(
    "start", ["---\n", "---\ntitle: News\n---\n", "---\nlicense: mit\n---\n", "# Notes\nconfigs:\n", "--- \nconfigs:\n"]
)
def test_a_readme_that_is_no_card_leaves_nothing_out(tmp_path: Path, start: str) -> None:
    (tmp_path / "README.md").write_text(f"{start}About the folder.", encoding="utf-8")
    (tmp_path / "state.json").write_text('{"text": "The state."}', encoding="utf-8")
    (tmp_path / "dataset_info.json").write_text('{"text": "The set."}', encoding="utf-8")
    (tmp_path / "story.md").write_text("A story.", encoding="utf-8")
    found = texts(read(tmp_path))
    assert found == [f"{start}About the folder.", "The set.", "The state.", "A story."]


def test_lists_and_urls_name_inputs(tmp_path: Path) -> None:
    import fsspec

    with fsspec.open("memory://news/in.jsonl.gz", "wb") as stream:
        stream.write(packed(jsonl()))
    (tmp_path / "in.txt").write_text("One.", encoding="utf-8")
    lines = f"# Of May:\nmemory://news\n\n  # a remark\n#\n{tmp_path / 'in.txt'}\n{tmp_path}/#1.txt\n"
    (tmp_path / "list").write_text(lines, encoding="utf-8")
    (tmp_path / "#1.txt").write_text("Two.", encoding="utf-8")
    found = read(f"@{tmp_path / 'list'}", block=2)
    assert texts(found) == [*TEXTS, "One.", "Two."]
    assert found[0][0] == "memory:///news/in.jsonl.gz"


@pytest.mark.parametrize("name", ["none.jsonl", "none/*.jsonl", "empty"])
def test_an_input_that_is_not_there_is_an_error_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=rf"^{tmp_path}/.*; check the path$"):
        list(Files((str(tmp_path / name),), tmp_path / "out"))


def test_the_output_is_no_input_even_inside_one(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One.", encoding="utf-8")
    (tmp_path / "out" / "articles").mkdir(parents=True)
    (tmp_path / "out" / "articles" / "x.parquet").write_bytes(b"PAR1")
    assert texts(read(tmp_path, output=tmp_path / "out")) == ["One."]


def test_an_output_that_is_an_input_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One.", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in (str(tmp_path), f"{tmp_path}/.", f"{tmp_path}/link", f"file://{tmp_path}"):
        with pytest.raises(InputError, match=rf"^{tmp_path}: an input, too; choose another folder with -o, as "):
            score(tmp_path, name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "link"]


@pytest.mark.parametrize("form", ["{}", "file://{}", "{}/**/*", "{}/link"])
def test_a_run_reads_neither_its_own_output_nor_an_earlier_one(tmp_path: Path, form: str) -> None:
    news = tmp_path / "news"
    news.mkdir()
    (news / "a.txt").write_text("The so-called truce.", encoding="utf-8")
    (news / "link").symlink_to(news)
    score(news / "old", news / "a.txt")
    (news / "old" / "b.txt").write_text("A so-called story.", encoding="utf-8")
    base = news / "link" if form == "{}/link" else news
    for _ in range(2):  # the second time with an output that has come since
        assert score(news / "out", form.format(news)).finished
        found = {row["source"].removeprefix(f"{base}/"): row["status"] for row in rows(news / "out")["articles"]}
        assert found == {"a.txt": "scored", "old/b.txt": "scored", "old": "skipped", "link": "skipped"}
        score(news / "newer", news / "a.txt")
    told = f"{base}/old: an output of `framing archive`, whose own files are left out; keep it outside of the inputs"
    assert [row["reason"] for row in rows(news / "out")["skipped"] if row["kind"] == "output"] == [told]


@pytest.mark.parametrize("spelling", ["{0}/a.txt", "{0}/./a.txt", "{0}/in/../a.txt", "file://{0}/a.txt", "{0}/in/link"])
def test_a_file_that_two_inputs_name_is_refused(tmp_path: Path, spelling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path / "a.txt")
    (tmp_path / "a.txt").write_text("One.", encoding="utf-8")
    (tmp_path / "list").write_text(f"{tmp_path}/a.txt\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for first in ("a.txt", str(tmp_path), "@list", "./*.txt"):
        with pytest.raises(InputError, match=r"(?:a\.txt|link): named by two inputs; name it once$"):
            list(Files((first, spelling.format(tmp_path)), tmp_path / "out"))


def test_a_copy_is_another_file(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("One.", encoding="utf-8")
    assert texts(read(tmp_path / "a.txt", tmp_path / "b.txt")) == ["One.", "One."]


def test_old_pax_tars_with_long_names_are_read(tmp_path: Path) -> None:
    name = "/".join(["folder"] * 40) + "/story.txt"
    path = tarred(tmp_path / "long.tar", {name: TEXTS[0].encode()})
    assert tarfile.is_tarfile(path)
    assert [record.id for _, _, record in read(path)] == [name.removesuffix(".txt")]


def test_blank_lines_count_but_are_no_records(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(
        b"\xef\xbb\xbf" + json.dumps(RECORDS[0]).encode() + b"\n\n  \r\n" + json.dumps(RECORDS[1]).encode()
    )
    assert [(position, record.id) for _, position, record in read(path, block=1)] == [(1, "a0"), (4, "a1")]

"""Asking a scored archive: the README's five questions, partitions, formats, errors."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import sys
from pathlib import Path

import pytest
from archive_samples import RECORDS, jsonl, score, stopping
from command_line import refusal, run
from serving import client

from framing.archive.manifest import Manifest
from framing.archive.query import connect
from framing.archive.run import score_archive
from framing.archive.settings import Settings
from framing.archive.tables import MOST, NULL
from framing.errors import InputError
from framing.scorer import Scorer
from framing.serve.app import ServeSettings, create_app

README = Path(__file__).parent.parent / "README.md"


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("scored")
    score(output, README.parent / "examples" / "archive.jsonl", dedup=0.8)
    return output


def answers() -> list[tuple[str, str]]:
    """Give the README's questions, each with the answer that it shows."""
    (block,) = re.findall(r"```console\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return re.findall(r"^\$ (framing query .*)\n((?:.+\n)*)", block, re.MULTILINE)


@pytest.mark.parametrize(("command", "answer"), answers())
def test_the_readme_shows_real_answers(scored: Path, command: str, answer: str) -> None:
    _, _, sql, _ = shlex.split(command)
    result = run("query", sql, scored)
    assert result.exit_code == 0, result.stderr
    assert [line.rstrip() for line in result.stdout.splitlines()] == answer.splitlines()


def test_the_readme_has_five_questions() -> None:
    assert len(answers()) == 5


def test_rows_come_as_csv_and_json(scored: Path) -> None:
    sql = "SELECT id, date, pretext FROM articles WHERE position < 3 ORDER BY position"
    first, second = map(json.loads, run("query", sql, scored, "--format", "json").stdout.splitlines())
    assert (first["id"], first["date"], second["pretext"]["count"]) == ("harbour-01", "2019-02-11", 1)
    rows = list(csv.reader(io.StringIO(run("query", sql, scored, "--format", "csv").stdout)))
    assert [row[:2] for row in rows] == [["id", "date"], ["harbour-01", "2019-02-11"], ["harbour-02", "2019-03-04"]]


def test_structs_and_lists_are_json_in_every_form(scored: Path) -> None:
    sql = "SELECT {'a': 1, 'b': {'c': 'nan'::DOUBLE, 'd': 'it''s \"so\"'}} AS s, [1, 2] AS l, NULL AS n"
    wanted = {"a": 1, "b": {"c": None, "d": 'it\'s "so"'}}
    (row,) = csv.DictReader(io.StringIO(run("query", sql, scored, "--format", "csv").stdout))
    assert (json.loads(row["s"]), json.loads(row["l"]), row["n"]) == (wanted, [1, 2], "")
    assert json.loads(run("query", sql, scored, "--format", "json").stdout) == {"s": wanted, "l": [1, 2], "n": None}
    assert json.dumps(wanted) in run("query", sql, scored).stdout


def test_a_row_too_wide_for_a_table_stands_in_lines(scored: Path) -> None:
    names = connect(scored).execute("SELECT * FROM articles LIMIT 0").description
    told = run("query", "SELECT * FROM articles WHERE position <= 2 ORDER BY position", scored).stdout
    first, second = told.split("\n\n")
    assert [line.split(" ")[0] for line in first.splitlines()] == [name for name, *_ in names]
    assert "\nid                     harbour-01\n" in first
    assert json.loads(re.findall(r"^pretext +(.*)$", second, re.MULTILINE)[0])["count"] == 1
    none = run("query", "SELECT * FROM articles WHERE position > 999", scored).stdout
    assert none.split() == [name for name, *_ in names]


@pytest.mark.parametrize(("columns", "lines"), [(14, False), (15, True)])
def test_headers_are_never_broken(scored: Path, columns: int, lines: bool) -> None:
    names = [f"a_heading_{n:02}" for n in range(columns)]  # 12 characters, and 2 between them: 14 fit into 200
    told = run("query", "SELECT " + ", ".join(f"'x' AS {name}" for name in names), scored).stdout.splitlines()
    assert (told == [f"{name}  x" for name in names]) is lines
    assert (told[0].split() == names) is not lines


def test_control_characters_do_not_reach_the_terminal(scored: Path) -> None:
    assert run("query", "SELECT chr(27) || '[31m' AS a, ':smile:' AS b", scored).stdout.split("\n")[1].split() == [
        "\ufffd[31m",
        ":smile:",
    ]


def test_a_missing_table_is_told_with_the_mend(archive: Path, tmp_path: Path, lexicon_scorer: Scorer) -> None:
    output = tmp_path / "out"
    score(output, archive)
    path = sorted((output / "spans").iterdir())[1]
    kept = path.read_bytes()
    path.unlink()
    told = f"{path}: gone; run the same `framing archive` command again"
    assert refusal(run("query", "SELECT 1", output)) == f"framing: {told}"
    assert refusal(run("report", output)) == f"framing: {told}"
    with pytest.raises(InputError, match=f"^{re.escape(told)}$"):
        create_app(lexicon_scorer, ServeSettings(results=output))
    for damage in (b"PAR1", kept[:-200]):
        path.write_bytes(damage)
        told = f"framing: {output}: the tables can't be read ("
        assert refusal(run("report", output, "-o", tmp_path / "page.html")).startswith(told)
        assert refusal(run("query", "SELECT * FROM spans", output)).startswith("framing: ")
    path.unlink()
    assert score(output, archive).finished
    assert run("report", output, "-o", tmp_path / "page.html").exit_code == 0


def test_an_unfinished_archive_says_so(archive: Path, tmp_path: Path, lexicon_scorer: Scorer) -> None:
    output, page = tmp_path / "out", tmp_path / "page.html"
    settings = Settings((str(archive),), model="lexicon")
    with pytest.raises(KeyboardInterrupt):
        score_archive(settings, output, workers=1, shard_size=1, engine=stopping(2), shown=False)
    told = "unfinished, 8 of 26 records are done; the same `framing archive` command goes on"
    asked = run("query", "SELECT count(*) AS n FROM articles", output)
    assert (asked.stdout.split(), asked.stderr) == (["n", "8"], f"framing: {output}: {told}\n")
    assert run("report", output, "-o", page).stderr.startswith(f"framing: {output}: {told}\n")
    shown = f"This archive is {told.replace('`', '')}."
    assert shown in page.read_text(encoding="utf-8")
    with client(lexicon_scorer, results=output) as made:
        assert shown in made.get("/archive").text
    score(output, archive)
    assert run("query", "SELECT 1", output).stderr == ""
    assert run("report", output, "-o", page).stderr == f"framing: the report is {page}\n"
    assert "This archive is" not in page.read_text(encoding="utf-8")


def test_a_wrong_query_is_one_line(scored: Path) -> None:
    assert re.fullmatch(
        r"framing: query: Binder Error: .*outlett.*outlet.*",
        refusal(run("query", "SELECT outlett FROM articles", scored)),
    )
    assert "no output of `framing archive`" in refusal(run("query", "SELECT 1", scored / "articles"))
    assert "query: there is no SQL in it" in refusal(run("query", " ", scored))


def test_what_is_no_number_is_null_in_json(scored: Path) -> None:
    result = run("query", "SELECT 'nan'::DOUBLE AS a, 'inf'::DOUBLE AS b, 1.5::DOUBLE AS c", scored, "--format", "json")
    assert result.stdout == '{"a": null, "b": null, "c": 1.5}\n'


@pytest.mark.parametrize("partition", [("outlet",), ("year", "outlet")])
def test_partitions_lie_in_folders_and_come_back_as_columns(tmp_path: Path, partition: tuple[str, ...]) -> None:
    odd = ["Harbour Post", "../outside", "2020", "a=b/c", None, "Día"]
    records = [{**RECORDS[0], "id": str(n), "outlet": outlet} for n, outlet in enumerate(odd)]
    records.append({**RECORDS[0], "id": "6", "date": "soon"})
    (tmp_path / "in.jsonl").write_bytes(jsonl(records))
    score(tmp_path / "flat", tmp_path / "in.jsonl")
    score(tmp_path / "out", tmp_path / "in.jsonl", partition=partition)
    sql = "SELECT source, position, id, outlet, year, date, title, pretext.count FROM articles ORDER BY position"
    assert connect(tmp_path / "out").execute(sql).fetchall() == connect(tmp_path / "flat").execute(sql).fetchall()
    sql = "SELECT outlet, count(*) FROM spans GROUP BY outlet ORDER BY outlet"
    assert connect(tmp_path / "out").execute(sql).fetchall() == [
        ("../outside", 2),
        ("2020", 2),
        ("Día", 2),
        ("Harbour Post", 4),
        ("a=b/c", 2),
        (None, 2),
    ]
    paths = {file.path for entry in Manifest(tmp_path / "out").entries() for file in entry.files}
    assert paths == {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*-*.parquet")}
    assert all(path.count("/") in (1, len(partition) + 1) for path in paths)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["flat", "in.jsonl", "out"]


@pytest.mark.parametrize("partition", [("outlet",), ("outlet", "year"), ("year", "outlet")])
def test_no_value_of_a_partition_loses_a_row(tmp_path: Path, partition: tuple[str, ...]) -> None:
    odd = ["", None, NULL, "x" * 300, "x" * 299 + "y", "Вісник " * 12, "\U0001f600" * 200, " ", "%", "a~b", "."]
    records = [{**RECORDS[0], "id": str(n), "outlet": outlet} for n, outlet in enumerate(odd)]
    (tmp_path / "in.jsonl").write_bytes(jsonl(records))
    assert score(tmp_path / "out", tmp_path / "in.jsonl", partition=partition).finished
    wanted = [(str(n), outlet or None, 2019) for n, outlet in enumerate(odd)]
    connection = connect(tmp_path / "out")
    sql = "SELECT id, outlet, year FROM articles ORDER BY id::INT"
    assert connection.execute(sql).fetchall() == wanted
    sql = "SELECT DISTINCT id, outlet, 2019 FROM spans ORDER BY id::INT"
    assert connection.execute(sql).fetchall() == wanted
    folders = {part for path in (tmp_path / "out").rglob("*.parquet") for part in path.relative_to(tmp_path).parts}
    assert max(map(len, folders)) < 220
    assert len({folder for folder in folders if folder.startswith("outlet=")}) == len(odd) - 1


@pytest.mark.parametrize(
    ("length", "cut"), [(MOST - len("outlet=") - 1, False), (MOST - len("outlet="), False), (MOST - 6, True)]
)
def test_a_value_at_the_longest_name_is_kept_whole(tmp_path: Path, length: int, cut: bool) -> None:
    (tmp_path / "in.jsonl").write_bytes(jsonl([{**RECORDS[0], "outlet": "x" * length}]))
    score(tmp_path / "out", tmp_path / "in.jsonl", partition=("outlet",))
    (folder,) = (tmp_path / "out" / "articles").iterdir()
    assert (folder.name == "outlet=" + "x" * length) is not cut
    assert connect(tmp_path / "out").execute("SELECT outlet FROM articles").fetchall() == [("x" * length,)]


def test_an_archive_without_cues_or_skips_has_empty_views(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(jsonl([RECORDS[1]]))
    score(tmp_path / "out", tmp_path / "in.jsonl")
    connection = connect(tmp_path / "out")
    assert connection.execute("SELECT label, designation_kind FROM spans").fetchall() == []
    assert connection.execute("SELECT kind FROM skipped").fetchall() == []


@pytest.mark.parametrize("package", ["pyarrow", "filelock"])
def test_without_the_extra_the_command_to_get_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    for command in (["archive", tmp_path, "-o", tmp_path / "out"], ["query", "SELECT 1", tmp_path]):
        assert refusal(run(*command)) == f"framing: archives need {package}: run `pip install 'framing[archive]'`"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--partition", "outlet,month"], "--partition outlet,month: name each of outlet, year, language at most once"),
        (["--encoding", "latin-99"], "unknown encoding 'latin-99'; name one that Python knows, as cp1252"),
        (["--encoding", "base64"], "unknown encoding 'base64'; name one that Python knows, as cp1252"),
        (["--encoding", "idna"], "unknown encoding 'idna'; name one that Python knows, as cp1252"),
        (["--dedup", "0.2"], "near-duplicate threshold 0.2 must lie in [0.4, 1]; 0.8 is usual"),
        (["--columns", "none.yaml"], "none.yaml: can't read the file (No such file or directory); check the path"),
        (["--model", "none"], "none: no such model folder; give a folder that `framing export` wrote, or `lexicon`"),
        (
            ["--threshold", "2", "--model", "lexicon"],
            "threshold 2.0 is not between 0 and 1; leave it out to use the model's own",
        ),
        (["--cue", "pretexts", "--model", "lexicon"], "unknown cue 'pretexts'; did you mean pretext?"),
    ],
)
def test_a_wrong_option_is_one_line(tmp_path: Path, options: list[str], message: str) -> None:
    (tmp_path / "in.jsonl").write_bytes(jsonl())
    assert refusal(run("archive", tmp_path / "in.jsonl", "-o", tmp_path / "out", *options)) == f"framing: {message}"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("option", ["--max-record=inf", "--max-record=2048", "--shard-size=nan", "--shard-size=0"])
def test_a_size_that_is_none_is_refused(tmp_path: Path, option: str) -> None:
    (tmp_path / "in.jsonl").write_bytes(jsonl())
    result = run("archive", tmp_path / "in.jsonl", "-o", tmp_path / "out", option)
    assert (result.exit_code, f"Invalid value for '{option.partition('=')[0]}'" in result.stderr) == (2, True)


def test_a_list_that_names_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.list").write_text(f"@{tmp_path}/in.list\n")
    result = run("archive", f"@{tmp_path}/in.list", "-o", tmp_path / "out", "--model", "lexicon")
    assert result.stderr.endswith(f"framing: @{tmp_path}/in.list: a list that names itself; take that line out of it\n")
    assert result.exit_code == 2


@pytest.mark.parametrize("name", ["none.jsonl", "none", "none/*.txt", "empty", "@list", "@none"])
def test_a_mistyped_input_leaves_no_folder_behind(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "list").write_text("# nothing yet\n", encoding="utf-8")
    given = f"@{tmp_path}/{name[1:]}" if name.startswith("@") else tmp_path / name
    result = run("archive", given, "-o", tmp_path / "new" / "out", "--model", "lexicon")
    assert (result.exit_code, str(tmp_path / name.strip("@")) in result.stderr.splitlines()[-1]) == (2, True)
    assert not (tmp_path / "new").exists()
    (tmp_path / "there").mkdir()
    run("archive", given, "-o", tmp_path / "there", "--model", "lexicon")
    assert (tmp_path / "there").exists()


def test_an_interrupt_while_planning_is_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "in.jsonl").write_bytes(jsonl())
    monkeypatch.setattr("framing.archive.run.write_blocks", interrupt)
    result = run("archive", tmp_path / "in.jsonl", "-o", tmp_path / "out", "--model", "lexicon")
    assert result.exit_code == 130
    assert result.stderr.endswith("framing: interrupted; the same command starts again: the plan wasn't ready\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("body: text", "unknown key 'body'; known are text, id, outlet, date, title"),
        ("[text]", "write one `ours: theirs` a line; ours are text, id, outlet, date, title"),
        ("text: [", "not YAML ("),
    ],
)
def test_a_wrong_columns_file_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "in.jsonl").write_bytes(jsonl())
    (tmp_path / "columns.yaml").write_text(text)
    told = refusal(
        run("archive", tmp_path / "in.jsonl", "-o", tmp_path / "out", "--columns", tmp_path / "columns.yaml")
    )
    assert told.startswith(f"framing: {tmp_path}/columns.yaml: {message}")

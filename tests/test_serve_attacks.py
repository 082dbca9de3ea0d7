"""Hostile articles, titles, outlets, ids and file names in every page that is made on the server."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import pytest
from archive_samples import jsonl, score
from attacks import ATTACKS, CONTROLS
from command_line import run
from serving import client
from starlette.testclient import TestClient

from framing.report.article import article_fragment, articles_page
from framing.scorer import Scorer
from framing.spans import Document

OURS = {f"href={place}" for place in ("/static/base.css", "/static/archive.css", "/", "/archive", "data:,", "#content")}
OURS |= {"src=/static/export.js", "action=/archive"}


class Tags(HTMLParser):
    """Collects what a page could run, load or follow."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"iframe", "object", "embed", "base", "img"}:
            self.found.add(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.found.add(f"{tag} {name}")
            if name in {"href", "src", "action", "xlink:href"} and not (value or "").startswith(
                ("/archive/article?", "?")
            ):
                self.found.add(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    records = [
        {
            "id": attack,
            "title": attack,
            "outlet": attack,
            "date": "2020-01-01",
            "text": f"The so-called truce. {attack} The regime.",
        }
        for attack in ATTACKS
    ]
    path = folder / "<img src=x onerror=alert(1)>.jsonl"
    path.write_bytes(jsonl(records))
    output = folder / "<script>alert(1)<script>"
    score(output, path)
    return output


@pytest.fixture(scope="module")
def api(lexicon_scorer: Scorer, hostile: Path) -> Iterator[TestClient]:
    with client(lexicon_scorer, results=hostile) as made:
        yield made


def check(html: str) -> Tags:
    """Check that a page loads and follows only what is ours, and holds no control character."""
    page = Tags(html)
    assert {one for one in page.found if not one.startswith("href=data:image/svg+xml,")} <= OURS
    assert not set(CONTROLS) & set(html)
    return page


def test_the_dashboard_shows_attacks_as_text(api: TestClient) -> None:
    page = check(api.get("/archive").text)
    assert "<script>window.hacked = true</script>" in page.text
    assert "{{ 7 * 7 }}" in page.text


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_view_of_a_hostile_outlet_is_inert(api: TestClient, attack: str) -> None:
    answer = api.get("/archive?" + urlencode({"outlet": attack, "phrase": attack}))
    assert answer.status_code == 200
    check(answer.text)


def test_each_hostile_article_is_inert(api: TestClient, hostile: Path) -> None:
    source = str(next(hostile.parent.glob("*.jsonl")))
    for position in range(1, len(ATTACKS) + 1):
        answer = api.get("/archive/article?" + urlencode({"source": source, "position": position}))
        assert answer.status_code == 200
        check(answer.text)


def test_filters_are_values_and_never_sql(api: TestClient) -> None:
    everything = api.get("/archive").text.count("<li>")
    assert everything > 20
    assert api.get("/archive?" + urlencode({"outlet": "x' OR '1'='1"})).text.count("<li>") == 0
    for bad in (
        "cue=pretext.count",
        "voice=author'",
        "since=yesterday",
        "page=0",
        "page=9999999",
        "order=1",
        "until=2020-13-01",
    ):
        answer = api.get(f"/archive?{bad}")
        assert (answer.status_code, list(answer.json())) == (422, ["error"]), bad
    assert api.get("/archive/article?source=x&position=1").status_code == 404
    assert api.get("/archive/article?source=x&position=-1").status_code == 422


def test_the_report_of_a_hostile_archive_runs_only_its_own_script(hostile: Path, tmp_path: Path) -> None:
    assert run("report", hostile, "-o", tmp_path / "report.html").exit_code == 0
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    check(html)
    assert html.count("<script") == 1
    assert "default-src 'none'" in html


@pytest.mark.parametrize("attack", ATTACKS)
def test_article_pages_and_notebooks_show_attacks_as_text(attack: str, lexicon_scorer: Scorer) -> None:
    (scored,) = lexicon_scorer.score_many([Document(attack, f"The so-called truce. {attack}", (), {"title": attack})])
    for html in (articles_page([scored], attack), article_fragment(scored)):
        page = Tags(html)
        assert page.found <= {"mark style", "span style"}
        assert not set(CONTROLS) & set(html)


def test_static_files_stay_in_their_folder(api: TestClient) -> None:
    for path in (
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2f..%2fcues.py",
        "/static//etc/passwd",
        "/static/",
    ):
        assert api.get(path).status_code == 404

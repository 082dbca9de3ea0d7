"""Corrections on the page in a real Chromium: made, kept for the visit, undone and downloaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from archive_samples import score
from browsing import TEXT, read, watched
from playwright.sync_api import Browser, Page, expect
from serving import server

from framing.scorer import Scorer
from framing.spans import Document


@pytest.fixture(scope="module")
def address(lexicon_scorer: Scorer, tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("corrections") / "scored"
    score(folder, examples / "archive.jsonl")
    with server(lexicon_scorer, results=folder) as made:
        yield made


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with watched(browser, address) as made:
        yield made


def test_labels_are_corrected_by_keyboard_and_downloaded(page: Page) -> None:
    page.goto("/")
    article = read(page, TEXT)
    page.get_by_role("button", name="Correct labels").press("Enter")
    article.locator("mark", has_text="so-called").first.press("Enter")
    article.get_by_label("type").select_option("group_label")
    article.get_by_label("voice").select_option("quoted")
    article.get_by_role("button", name="Start a word earlier").press("Enter")
    article.get_by_role("button", name="Add a cue").press("Enter")  # `safe`'s opening mark comes next
    article.get_by_role("button", name="End a word later").press("Enter")
    article.get_by_role("button", name="Delete").press("Enter")
    article.locator("mark", has_text="regime").first.press("Enter")
    article.get_by_role("button", name="Delete").press("Enter")
    article.get_by_role("button", name="Undo").press("Enter")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").press("Enter")
    (line,) = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    document = Document.from_record(json.loads(line))
    found = {(TEXT[span.start : span.end], span.label, span.voice) for span in document.spans}
    assert document.text == TEXT
    assert ("😀 so-called", "group_label", "quoted") in found
    assert ("regime", "group_label", "author") in found
    assert len(document.spans) == 4


def corrected(page: Page) -> dict[str, int]:
    """Download what was corrected: the number of spans by text."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    records = [json.loads(line) for line in Path(download.value.path()).read_text(encoding="utf-8").splitlines()]
    assert len({record["id"] for record in records}) == len(records)
    return {Document.from_record(record).text: len(record["spans"]) for record in records}


def delete(article: Any, words: str) -> None:
    article.locator("mark", has_text=words).first.press("Enter")
    article.get_by_role("button", name="Delete").click()


def test_corrections_are_kept_for_the_whole_visit(page: Page, tmp_path: Path) -> None:
    page.goto("/")
    article = read(page, TEXT)
    page.get_by_role("button", name="Correct labels").click()
    delete(article, "regime")
    delete(article, "so-called")
    article.get_by_role("button", name="Another text").click()
    read(page, "The alleged leak.")
    undo = article.get_by_role("button", name="Undo")
    expect(undo).to_be_disabled()  # what it would undo isn't shown
    delete(article, "alleged")
    for name in ("one", "two"):  # two files of one name
        (tmp_path / name).mkdir()
        (tmp_path / name / "in.txt").write_text(f"The so-called truce of {name}.", encoding="utf-8")
        article.get_by_role("button", name="Another text").click()
        article.get_by_label("Open a file").set_input_files(tmp_path / name / "in.txt")
        expect(article.locator(".article")).to_contain_text(name)
        delete(article, "so-called")
    page.get_by_role("button", name="Compare").click()
    delete(read(page, "The regime fell.", "B"), "regime")
    page.get_by_role("button", name="Compare").click()
    texts = {"The alleged leak.", "The so-called truce of one.", "The so-called truce of two.", "The regime fell."}
    assert corrected(page) == dict.fromkeys(texts, 0) | {TEXT: 2}
    expect(page.get_by_role("button", name="Download")).to_have_text("Download JSONL (5 articles)")
    article.get_by_role("button", name="Another text").click()
    read(page, TEXT)  # the same text is the same article
    assert article.locator("mark.first").count() == 2
    undo.click()
    undo.click()
    expect(undo).to_be_disabled()
    assert corrected(page) == dict.fromkeys(texts, 0)


def test_leaving_with_corrections_that_were_not_downloaded_asks(page: Page) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/")
    article = read(page, TEXT)
    page.get_by_role("button", name="Correct labels").click()
    delete(article, "regime")
    page.goto("/archive")
    assert asked == ["beforeunload"]
    page.goto("/")
    delete_again = read(page, TEXT)
    page.get_by_role("button", name="Correct labels").click()
    delete(delete_again, "regime")
    assert corrected(page) == {TEXT: 3}
    page.goto("/archive")
    assert asked == ["beforeunload"]


def test_selected_words_become_a_cue(page: Page) -> None:
    page.goto("/")
    article = read(page, TEXT)
    page.get_by_role("button", name="Correct labels").click()
    article.locator(".article").evaluate(
        """box => {
            const text = box.lastChild, at = text.data.indexOf("search"), range = document.createRange();
            range.setStart(text, at + 1);
            range.setEnd(text, at + 4);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }"""
    )
    article.get_by_role("button", name="Mark selected words").click()
    expect(article.locator("mark.chosen")).to_have_text("search")

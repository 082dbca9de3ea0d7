"""Pages that stand alone, in a real Chromium: light, dark, on paper, and beside a notebook's own styles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import check_accessible
from command_line import run
from playwright.sync_api import Browser, Page, expect

from framing.report.article import article_fragment, articles_page
from framing.scorer import Scorer

LIGHT, DARK = "rgb(255, 255, 255)", "rgb(22, 24, 27)"
STRIPES = ".jp tbody tr:nth-child(odd) { background: #fff; } .jp tbody tr:nth-child(even) { background: #f5f5f5; }"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 900, "height": 800}, offline=True)
    yield context.new_page()
    context.close()


def background(page: Page, selector: str) -> str:
    return str(page.locator(selector).first.evaluate("element => getComputedStyle(element).backgroundColor"))


def test_an_articles_page_is_accessible_in_light_and_dark(page: Page, lexicon_scorer: Scorer, article: str) -> None:
    page.set_content(articles_page([lexicon_scorer.score(article)], "Harbour"))
    page.locator("details").evaluate("list => { list.open = true; }")
    check_accessible(page)
    assert background(page, "body") == background(page, ".framing") == DARK
    page.emulate_media(color_scheme="light")
    assert background(page, "body") == background(page, ".framing") == LIGHT


def test_an_articles_page_fits_a_telephone(page: Page, lexicon_scorer: Scorer, article: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.set_content(articles_page([lexicon_scorer.score(article)], "Harbour"))
    page.locator("details").evaluate("list => { list.open = true; }")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_an_articles_page_on_paper_is_light_and_lists_its_cues(
    page: Page, lexicon_scorer: Scorer, article: str
) -> None:
    page.set_content(articles_page([lexicon_scorer.score(article)], "Harbour"))
    listed = page.locator("details table")
    page.emulate_media(color_scheme="dark")
    expect(listed).to_be_hidden()
    page.emulate_media(color_scheme="dark", media="print")
    assert background(page, "body") == background(page, ".framing") == LIGHT
    expect(listed).to_be_visible()


@pytest.mark.parametrize(("theme", "expected"), [("true", LIGHT), ("false", DARK)])
def test_a_notebooks_theme_goes_before_the_systems(
    page: Page, lexicon_scorer: Scorer, article: str, theme: str, expected: str
) -> None:
    fragment = article_fragment(lexicon_scorer.score(article))
    page.set_content(
        f'<style>{STRIPES}</style><body data-jp-theme-light="{theme}"><div class="jp">{fragment}</div></body>'
    )
    page.emulate_media(color_scheme="dark" if theme == "true" else "light")
    assert background(page, ".framing") == expected
    assert background(page, ".profile tbody tr") == "rgba(0, 0, 0, 0)"


def test_reports_are_accessible_in_light_and_dark(page: Page, examples: Path, tmp_path: Path) -> None:
    gold, found = examples / "held-out.jsonl", tmp_path / "found.jsonl"
    for command in (
        ("score", gold, "--model", "lexicon", "-o", found),
        ("evaluate", gold, found, "--draws", 100, "-o", tmp_path / "evaluation"),
        ("estimate", found, "--gold", gold, "--by", "year", "-o", tmp_path / "estimate"),
    ):
        assert run(*command).exit_code == 0
    for folder in ("evaluation", "estimate"):
        page.goto((tmp_path / folder / "report.html").as_uri())
        for errors in page.locator("details").all():
            errors.evaluate("list => { list.open = true; }")
        check_accessible(page)
        assert background(page, "body") == DARK
        page.emulate_media(color_scheme="dark", media="print")
        assert background(page, "body") == LIGHT
        page.emulate_media(media="screen")


def test_the_page_of_disputes_is_accessible_in_light_and_dark(page: Page, examples: Path, tmp_path: Path) -> None:
    gold, found = examples / "held-out.jsonl", tmp_path / "rules.jsonl"
    assert run("score", gold, "--model", "lexicon", "--keep-text", "-o", found).exit_code == 0
    assert run("agreement", gold, found, "--draws", 100, "-o", tmp_path / "out").exit_code == 0
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto((tmp_path / "out" / "adjudicate.html").as_uri())
    page.locator("input[type=radio]").first.check()
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.emulate_media(color_scheme="light")
    light = background(page, "fieldset")
    page.emulate_media(color_scheme="dark")
    assert background(page, "fieldset") != light

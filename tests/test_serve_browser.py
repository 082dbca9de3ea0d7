"""The pages in a real Chromium, as a reader uses them: mouse and keyboard, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from archive_samples import jsonl, score
from attacks import ATTACKS, CONTROLS
from browsing import TEXT, check_accessible, read, watched
from playwright.sync_api import Browser, Page, expect
from serving import server

from framing import __version__
from framing.scorer import Scorer


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    hostile = [
        {"id": attack, "title": attack, "outlet": attack, "text": f"The so-called truce. {attack}"}
        for attack in ATTACKS
    ]
    (folder / "hostile.jsonl").write_bytes(jsonl(hostile))
    score(folder / "scored", examples / "archive.jsonl", folder / "hostile.jsonl")
    return folder / "scored"


@pytest.fixture(scope="module")
def address(lexicon_scorer: Scorer, archive: Path) -> Iterator[str]:
    with server(lexicon_scorer, results=archive) as made:
        yield made


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with watched(browser, address) as made:
        yield made


def shown(article: Any) -> list[str]:
    """Give the marked words, without the short names of types that the style adds."""
    return article.locator(".article mark.first").all_inner_texts()


def test_a_pasted_text_is_highlighted_as_it_is(page: Page, lexicon_scorer: Scorer) -> None:
    page.goto("/")
    article = read(page, TEXT)
    assert article.locator(".article").evaluate("box => box.textContent") == TEXT
    spans = lexicon_scorer.score(TEXT).spans
    assert sorted(
        article.locator("mark.first").evaluate_all("marks => marks.map((mark) => mark.textContent)")
    ) == sorted(TEXT[span.start : span.end] for span in spans)
    assert article.locator("mark.voice-attributed").count() == sum(span.voice == "attributed" for span in spans) > 0


def test_hover_and_focus_tell_what_a_cue_is(page: Page) -> None:
    page.goto("/")
    article = read(page, TEXT)
    tip = page.get_by_role("tooltip")
    article.locator("mark", has_text="so-called").first.hover()
    expect(tip).to_contain_text("distancing")
    expect(tip).to_contain_text("withholds commitment")
    expect(tip).to_contain_text("probability0.95")
    expect(tip).to_contain_text('The 😀 so-called "safe zone" fell.')
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()
    article.locator("mark.first[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    expect(tip).to_contain_text("scare quote")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_the_legend_filters_types_and_voices(page: Page) -> None:
    page.goto("/")
    article = read(page, TEXT)
    before = article.locator("mark.first").count()
    page.get_by_label("distancing").uncheck()
    assert article.locator("mark.first").count() == before - 1
    page.get_by_label("distancing").check()
    page.get_by_label("attributed").uncheck()
    assert article.locator("mark.voice-attributed").count() == 0
    page.get_by_label("attributed").check()
    assert article.locator("mark.first").count() == before


def test_the_slider_decides_again_without_a_request(page: Page, lexicon_scorer: Scorer, article: str) -> None:
    page.goto("/")
    box = read(page, article)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    counts = {}
    for level in (1, 15, 19):
        page.locator("#threshold").fill(str(level))
        counts[level] = box.locator("mark.first").count()
        expected = lexicon_scorer.with_choices(threshold=level / 20, cues=None).score(article).spans
        assert counts[level] == len(expected)
    assert counts[1] > counts[15] > counts[19]
    expect(page.locator("#threshold-now")).to_have_text("0.95")
    assert not asked


def test_two_articles_are_compared(page: Page) -> None:
    page.goto("/")
    read(page, TEXT)
    page.get_by_role("button", name="Compare").click()
    read(page, "The alleged leak.", "B")
    rows = page.locator("#profile tbody tr")
    row = rows.filter(has=page.get_by_text("distancing"))
    assert [cell.inner_text() for cell in row.locator("td:not(.bars)").all()][:2] == [
        "58.8",
        "333.3",
    ]  # 1 in 17 words, 1 in 3
    expect(page.locator("#reference-note")).to_contain_text("95% interval")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#text-B")).to_have_count(0)


def test_rates_of_the_archive_name_their_model(page: Page) -> None:
    page.goto("/")
    read(page, TEXT)
    note = page.locator("#reference-note")
    expect(note).to_contain_text(f"scored by lexicon {__version__} at the model’s own thresholds)")
    expect(note.locator("strong")).to_have_count(0)
    page.locator("#threshold").fill("10")
    expect(note.locator("strong")).to_contain_text("shown at threshold 0.5: don’t compare")
    settings = page.request.get("/settings").json()
    settings["reference"] |= {"model": {"name": "other", "version": "3"}, "threshold": 0.5, "asked": ["loaded_verb"]}
    page.route("**/settings", lambda route: route.fulfill(json=settings))
    page.goto("/")
    read(page, TEXT)
    expect(note).to_contain_text("scored by other 3 at threshold 0.5)")
    expect(note).to_contain_text("The archive was only asked for loaded verb.")
    expect(note.locator("strong")).to_contain_text(
        f"scored by lexicon {__version__} and shown at the model’s own thresholds: don’t compare"
    )
    page.locator("#threshold").fill("10")
    expect(note.locator("strong")).to_contain_text(f"articles are scored by lexicon {__version__}: don’t compare")


def test_a_bad_record_of_a_file_costs_only_itself(page: Page, tmp_path: Path) -> None:
    good = [{"id": "a", "text": "The alleged leak."}, {"id": "b", "text": "The regime."}]
    lines = [b'{"id": "blank", "text": " "}\n', b"{bad\n", b'["text"]\n', jsonl(good)]
    (tmp_path / "in.jsonl").write_bytes(b"".join(lines))
    page.goto("/")
    article = page.get_by_label("Article A", exact=True)
    article.get_by_label("Open a file").set_input_files(tmp_path / "in.jsonl")
    expect(article.locator("mark")).to_have_text("alleged")  # the first that can be read
    expect(article.get_by_text("3 can’t be read")).to_be_visible()
    choose = article.get_by_label("Article of the file")
    assert choose.locator("option").all_inner_texts() == [
        "1. can’t be read: blank",
        "2. can’t be read: in.jsonl:2",
        "3. can’t be read: in.jsonl:3",
        "4. a",
        "5. b",
    ]
    said = {
        "0": "in.jsonl:1: the text is empty; leave the record out",
        "1": "in.jsonl:2: invalid JSON",
        "2": "in.jsonl:3: no field 'text'",
    }
    for value, message in said.items():
        choose.select_option(value)
        expect(article.get_by_role("alert")).to_contain_text(message)
        expect(choose).to_be_focused()
    choose.select_option("4")
    expect(article.locator("mark")).to_have_text("regime")
    article.get_by_role("button", name="Edit text").click()
    expect(article.locator("textarea")).to_have_value("The regime.")


def test_a_record_that_the_server_refuses_leaves_the_chooser(page: Page, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(jsonl([{"id": name, "text": f"The regime {name}."} for name in "abc"]))
    page.goto("/")
    article = page.get_by_label("Article A", exact=True)
    article.get_by_label("Open a file").set_input_files(tmp_path / "in.jsonl")
    expect(article.locator(".article")).to_have_text("The regime a.")
    page.route("**/score?*", lambda route: route.fulfill(body="no JSON"))
    choose = article.get_by_label("Article of the file")
    choose.select_option("1")
    expect(article.get_by_role("alert")).to_contain_text("not valid JSON")
    expect(choose.locator("option").nth(1)).to_have_text("2. can’t be read: b")
    page.unroute("**/score?*")
    choose.select_option("2")
    expect(article.locator(".article")).to_have_text("The regime c.")
    choose.select_option("1")
    expect(article.locator(".article")).to_have_text("The regime b.")
    expect(choose.locator("option").nth(1)).to_have_text("2. b")


def test_files_are_opened(page: Page, tmp_path: Path) -> None:
    lines = [{"id": "a1", "title": "First", "text": "The alleged leak."}, {"text": "The regime."}]
    (tmp_path / "two.jsonl").write_bytes(jsonl(lines))
    words = "The harbour was quiet that evening, and the so-called truce held. " * 6
    (tmp_path / "page.html").write_text(
        f"<html><title>Quiet</title><nav>Menu</nav><article><p>{words}</p></article></html>"
    )
    (tmp_path / "bad.jsonl").write_text("{bad")
    page.goto("/")
    article = page.get_by_label("Article A", exact=True)
    article.get_by_label("Open a file").set_input_files(tmp_path / "bad.jsonl")
    expect(article.get_by_role("alert")).to_contain_text("bad.jsonl:1: invalid JSON")
    article.get_by_label("Open a file").set_input_files(tmp_path / "two.jsonl")
    expect(article.get_by_role("heading")).to_have_text("First")
    article.get_by_label("Article of the file").select_option("1")
    expect(article.locator("mark")).to_have_text("regime")
    article.get_by_role("button", name="Another text").click()
    article.get_by_label("Open a file").set_input_files(tmp_path / "page.html")
    expect(article.locator(".article")).to_contain_text("The harbour was quiet")
    expect(article.locator(".article")).not_to_contain_text("Menu")


def test_the_dashboard_leads_from_a_wording_to_an_article(page: Page) -> None:
    page.goto("/archive")
    page.locator("select[name=outlet]").select_option("River Times")
    page.locator("select[name=cue]").select_option("scare_quote")
    page.get_by_role("button", name="Show").click()
    assert "outlet=River+Times" in page.url
    page.get_by_role("link", name='"safe zone"').click()
    assert "phrase=%22safe+zone%22" in page.url
    expect(page.locator("#lines li")).to_have_count(1)
    page.locator("#lines li a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Guards arrive at delta station")
    expect(page.locator("mark", has_text='"safe zone"').first).to_be_visible()


def test_plots_are_saved_as_svg_and_png(page: Page) -> None:
    page.goto("/archive")
    with page.expect_download() as svg:
        page.get_by_role("link", name="SVG").first.click()
    with page.expect_download() as png:
        page.get_by_role("button", name="PNG").first.click()
    assert Path(svg.value.path()).read_text(encoding="utf-8").startswith("<svg")
    assert Path(png.value.path()).read_bytes()[:4] == b"\x89PNG"


def test_hostile_articles_are_inert(page: Page, archive: Path, tmp_path: Path) -> None:
    page.goto("/")
    name = "<img src=x onerror=window.hacked=true>.jsonl"
    (tmp_path / name).write_bytes(
        jsonl([{"id": one, "title": one, "outlet": one, "text": f"The so-called truce. {one}"} for one in ATTACKS])
    )
    article = page.get_by_label("Article A", exact=True)
    article.get_by_label("Open a file").set_input_files(tmp_path / name)
    text = ""
    for number, attack in enumerate(ATTACKS):
        before = text
        article.get_by_label("Article of the file").select_option(str(number))
        for _ in range(200):  # until the page shows the next article, scored
            text = article.evaluate("box => box.textContent")
            if text != before and "truce." in text and (set(CONTROLS) & set(attack) or text.count(attack) >= 2):
                break
            page.wait_for_timeout(25)
        assert not set(CONTROLS) & set(text)
        if not set(CONTROLS) & set(attack):
            assert text.count(attack) >= 2  # title and text
    assert page.evaluate("window.hacked === undefined")
    page.goto("/archive")
    assert page.evaluate("window.hacked === undefined")
    page.get_by_role("link", name="window.hacked").first.click()
    assert page.evaluate("window.hacked === undefined")


def test_axe_finds_nothing_serious(browser: Browser, address: str) -> None:
    # axe is a script of its own, which our policy rightly refuses
    context = browser.new_context(base_url=address, bypass_csp=True, viewport={"width": 1000, "height": 800})
    page = context.new_page()
    page.goto("/")
    check_accessible(page)
    read(page, TEXT)
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("button", name="Correct labels").click()
    page.locator("mark").first.press("Enter")
    page.locator("details.list").first.evaluate("list => { list.open = true; }")
    check_accessible(page)
    page.goto("/archive?outlet=River+Times")
    check_accessible(page)
    page.locator("#lines li a").first.click()
    check_accessible(page)
    context.close()


def test_pages_fit_a_telephone(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto("/")
    read(page, TEXT)
    for place in (None, "/archive"):
        if place:
            page.goto(place)
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    context.close()


def test_the_first_page_is_small(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto("/", wait_until="networkidle")
    context.close()
    assert len(sizes) >= 10
    assert sum(sizes) < 300_000

"""What tests in a browser share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

BROWSER = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
TEXT = 'The 😀 so-called "safe zone" fell.\nThe regime said that it acted under the pretext of a search.'


@contextmanager
def watched(browser: Browser, address: str) -> Iterator[Page]:
    """Give a page on which any script error, refused policy or request elsewhere fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=address, accept_downloads=True)
    context.set_default_timeout(10_000)
    made = context.new_page()
    faults: list[str] = []
    made.on("pageerror", lambda error: faults.append(str(error)))
    made.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    made.on(
        "request",
        lambda request: None if request.url.startswith((address, "data:", "blob:")) else faults.append(request.url),
    )
    yield made
    context.close()
    assert not faults


def read(page: Page, text: str, pane: str = "A") -> Any:
    """Have a text read on the page, and give its article."""
    page.locator(f"#text-{pane}").fill(text)
    article = page.get_by_label(f"Article {pane}", exact=True)
    article.get_by_role("button", name="Find cues").click()
    expect(article.locator(".article")).to_be_visible()
    return article


def check_accessible(page: Page) -> None:
    """Fail on what axe-core finds serious, contrast below AA among it, in light and in dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response
        serious = [one for one in found["violations"] if one["impact"] in {"serious", "critical"}]
        assert not [(one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"]) for one in serious]
        assert len(found["passes"]) > 10

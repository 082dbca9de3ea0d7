"""What tests in a browser share."""

from __future__ import annotations

import os
import shutil

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

BROWSER = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"


def check_accessible(page: Page) -> None:
    """Fail on what axe-core finds serious, contrast below AA among it, in light and in dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response
        serious = [one for one in found["violations"] if one["impact"] in {"serious", "critical"}]
        assert not [(one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"]) for one in serious]
        assert len(found["passes"]) > 10

"""Links of included files: to the page that shows a file of the repository, or, for a file that has none, its path.

README.md and its like link to each other as they lie in the repository, where most have no page at their place.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any, Final

from mkdocs.plugins import event_priority

PAGES: Final = {
    "README.md": "index.md",
    "configs/README.md": "reference/configuration.md",
    "benchmarks/RESULTS.md": "explanation/results.md",
    "framing/models/default/README.md": "explanation/model-card.md",
    "framing/models/default/DATA.md": "explanation/data-card.md",
    "CHANGELOG.md": "changelog.md",
}
_LINK: Final = re.compile(r"\[([^\]\n]+)\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)")


@event_priority(-100)  # when all files are included
def on_page_markdown(markdown: str, page: Any, files: Any, **_: Any) -> str:
    """Point links that leave the folder of pages to pages; without one, leave the words and the path."""
    here = posixpath.dirname(page.file.src_uri)

    def pointed(match: re.Match[str]) -> str:
        words, target, anchor = match[1], match[2], match[3] or ""
        path = posixpath.normpath(posixpath.join("docs", here, target))  # in the repository
        page_path = PAGES.get(path) or (path.removeprefix("docs/") if path.startswith("docs/") else None)
        if page_path is not None and (PAGES.get(path) or files.get_file_from_path(page_path)):
            return f"[{words}]({posixpath.relpath(page_path, here or '.')}{anchor})"
        return (
            match[0] if path.startswith("docs/") else f"`{path}`" if words.strip("`") == path else f"{words} (`{path}`)"
        )

    return _LINK.sub(pointed, markdown)

"""Draws the picture in README.md, examples/article.txt as the program marks it: `make picture`, or run this file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import framing
from framing.report.article import article_picture

ROOT: Final = Path(__file__).parents[1]
PICTURE: Final = ROOT / "docs" / "article.svg"


def draw() -> str:
    """Give the article with what the default model finds in it, as SVG."""
    text = (ROOT / "examples" / "article.txt").read_text(encoding="utf-8")
    scored = framing.load(threads=1).score(text, id="A news article")
    return article_picture(scored, width=860, height=560)


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8", newline="\n")

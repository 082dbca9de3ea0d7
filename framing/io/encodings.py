"""Which encoding a text has: by the mark at its beginning, by what servers, users and pages say."""

from __future__ import annotations

import codecs
import re
from typing import Final

_META_WITHIN: Final = 1 << 13
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)
_COMMENT: Final = re.compile(rb"<!--.*?-->", re.DOTALL)
_META: Final = re.compile(
    rb"^\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([\w.:-]+)|<meta\s[^>]*?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
_OF_PAGES: Final = re.compile(r"utf|iso|cp\d|gb|big5|euc|koi8|shift_jis|mac|ascii|tis")
_WIDER: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""What browsers read a label as: the larger set that pages with it really use (WHATWG Encoding Standard)."""


def of_mark(data: bytes) -> str | None:
    """Give the encoding that a byte-order mark tells."""
    return next((name for mark, name in _MARKS if data.startswith(mark)), None)


def wide(head: bytes, named: str | None) -> str | None:
    """Give the encoding of a file whose characters take two bytes or four: by its mark, or by name; None for others.

    Args:
        head: how the file begins.
        named: what the user says; it counts where it is such an encoding and the file has the NULs to show for it.
    """
    if of_mark(head) == "utf-16":
        return "utf-16"
    told = named is not None and codecs.lookup(named).name.startswith(("utf-16", "utf-32"))
    return named if told and b"\0" in head else None


def charset_of(content_type: str | None) -> str | None:
    """Give the character set that a `Content-Type` header names."""
    found = _CHARSET.search(content_type or "")
    return found[1] if found else None


def codec(label: str | None) -> str | None:
    """Give Python's name of a page's or server's character set; None for what is none."""
    try:
        name = codecs.lookup(label or "").name
    except (LookupError, ValueError):  # ValueError: a NUL in it
        return None
    return _WIDER.get(name, name) if _OF_PAGES.match(name) else None


def decode_page(page: bytes, charset: str | None, encoding: str | None) -> str | None:
    """Decode an HTML page, trusting its mark, then the server, then the user, then the page itself, as browsers do.

    Unlike in browsers, UTF-8 beyond ASCII is not overruled by the user or the page: scrapers save pages as UTF-8 and
    leave what these say of another set, and no other text is UTF-8 by chance.

    Args:
        page: the page.
        charset: what the server's header says.
        encoding: what the user says that is which is no UTF-8.

    Returns:
        The text; None where nobody says what it is and it is no UTF-8, so that it must be guessed.
    """
    told = of_mark(page) or codec(charset) or wide(page, encoding)
    if told is None:
        utf8 = _is_utf8(page)
        told = "utf-8" if utf8 and not page.isascii() else encoding if encoding and not utf8 else _named(page)
        told = told or ("utf-8" if utf8 else None)
    return None if told is None else page.decode(told, "replace")


def _named(page: bytes) -> str | None:
    """Give the encoding that a page names; UTF-16 is UTF-8 there, for else the name couldn't have been read."""
    found = _META.search(_COMMENT.sub(b"", page[:_META_WITHIN]))
    told = codec((found[1] or found[2]).decode()) if found else None
    return "utf-8" if told and told.startswith("utf-16") else told


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True

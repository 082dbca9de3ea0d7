"""Sources that are one record: text files and HTML pages."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO, Final
from urllib.parse import urlsplit

from framing.errors import MissingExtraError
from framing.io.encodings import decode_page
from framing.io.jsonl import BadRecord
from framing.io.pieces import Cut, Fields, Piece, ReadOptions, Source, damaged, decode_text, to_document, too_long
from framing.io.streams import is_damage
from framing.spans import Document

OURS: Final = Fields()
"""The names of fields that we make ourselves, whatever the input calls its own."""
_WALL_WORDS: Final = 120
_WALL: Final = re.compile(
    rb"type=[\"']?password|(?:log|sign) ?in to (?:continue|read|view)|subscribe to (?:continue|read|unlock)|"
    rb"subscribers? only|already a subscriber",
    re.IGNORECASE,
)


class TextReader:
    """A file that is one text."""

    def __init__(self, stream: BinaryIO, source: Source, options: ReadOptions) -> None:
        """Take the source's stream."""
        self.stream, self.source, self.options = stream, source, options

    def outline(self) -> Iterator[Piece]:
        """Give the one record, unread: what is wrong with it is found when it is parsed."""
        yield Piece(Cut(), self.source.length or self.source.size, None)

    def pieces(self, cut: Cut) -> Iterator[Piece]:
        """Give the one record, as bytes."""
        limit = self.options.max_record
        try:
            self.stream.seek(0)
            data = self.stream.read(limit + 1)
        except Exception as error:
            if not is_damage(error):
                raise
            yield Piece(cut, 0, damaged(self.source.label, error))
            return
        yield Piece(cut, len(data), data if len(data) <= limit else too_long(self.source.label, len(data), limit))

    def parse(self, piece: Piece) -> Document | BadRecord:
        """Decode the text; its id is the path below the input, without its ending."""
        if isinstance(piece.data, BadRecord):
            return piece.data
        text = decode_text(piece.data, self.source.label, self.options.encoding)
        if isinstance(text, BadRecord):
            return text
        return to_document({"id": self.source.name, "text": text}, self.source.label, OURS)


class HtmlReader(TextReader):
    """A file that is one HTML page."""

    def parse(self, piece: Piece) -> Document | BadRecord:
        """Find the page's main text and metadata."""
        if isinstance(piece.data, BadRecord):
            return piece.data
        return page_document(piece.data, self.source.label, id=self.source.name, encoding=self.options.encoding)


def page_document(
    page: bytes,
    where: str,
    *,
    id: str,
    url: str | None = None,
    charset: str | None = None,
    encoding: str | None = None,
) -> Document | BadRecord:
    """Find the main text of an HTML page, with title, date and outlet from its metadata, by trafilatura.

    Barbaresi 2021, "Trafilatura: a web scraping library and command-line tool for text discovery and extraction".

    Args:
        page: the page.
        where: the page's place.
        id: the record's id.
        url: where the page came from; its host stands in for a site's name.
        charset: the character set that the server names.
        encoding: what the user says that is which is no UTF-8; see `decode_page` for who is trusted.

    Returns:
        A bad record of kind `wall` for a page that asks to log in or subscribe and shows little else, and of kind
        `no_text` for one without a main text.

    Raises:
        MissingExtraError: trafilatura isn't installed.
    """
    try:
        from trafilatura import bare_extraction
    except ImportError as error:
        raise MissingExtraError("HTML needs the extra: pip install 'framing[archive]'") from error
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it finds wrong with a page is counted here
    bad = partial(BadRecord, id)
    text = decode_page(page, charset, encoding)  # the package doesn't look for what a page says of itself
    page = page if text is None else text.encode("utf-8", "replace")
    try:
        found = bare_extraction(page, url=url, with_metadata=True, include_comments=False, include_tables=False)
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError) as error:  # of pages that are no pages
        return bad(f"{where}: the page can't be read ({error}); leave it out", {}, "no_text")
    record = {} if found is None else found if isinstance(found, dict) else found.as_dict()
    text = record.get("text") or ""
    walled = _WALL.search(page) is not None
    if walled and len(text.split()) < _WALL_WORDS:
        return bad(f"{where}: a page to log in or subscribe, not an article; fetch it as a reader", {}, "wall")
    if not text.strip():
        return bad(f"{where}: no main text in the page; leave it out", {}, "no_text")
    try:
        host = urlsplit(url or record.get("url") or "").hostname
    except ValueError:  # as of http://[
        host = None
    fields = {"id": id, "text": text, "title": record.get("title"), "date": record.get("date")}
    outlet = record.get("sitename") or (host or "").removeprefix("www.") or None
    return to_document({**fields, "outlet": outlet}, where, OURS)


def stem(path: str) -> str:
    """Give a path without the endings of its format and packing, as the id of a record that is a whole file."""
    pure = PurePosixPath(path)
    if pure.suffix.lower() in {".gz", ".bz2", ".zst", ".xz"}:
        pure = pure.with_suffix("")
    return str(pure.with_suffix("")) if pure.suffix else str(pure)

"""Which language a text is in, by py3langid (Lui and Baldwin 2012, "langid.py"), whose model comes in its wheel."""

from __future__ import annotations

from typing import Any

from framing.errors import ConfigError, MissingExtraError
from framing.io.jsonl import BadRecord
from framing.spans import Document

_SAMPLE = 4000
"""Characters of a text that are looked at."""


class LanguageFilter:
    """Turns documents in other languages into skipped records."""

    def __init__(self, wanted: str | None) -> None:
        """Take the language to keep (ISO 639-1); None keeps all and identifies nothing.

        Raises:
            ConfigError: a language that the identifier doesn't know.
            MissingExtraError: py3langid isn't installed.
        """
        self.wanted = wanted
        self._identifier: Any = None
        if wanted is None:
            return
        try:
            from py3langid.langid import MODEL_FILE, LanguageIdentifier
        except ImportError as error:
            raise MissingExtraError("--language needs the extra: pip install 'framing[archive]'") from error
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
        known = sorted(self._identifier.labels)
        if wanted not in known:
            raise ConfigError(f"unknown language {wanted!r}; known are {', '.join(known)}")

    def judge(self, record: Document | BadRecord, place: tuple[str, int]) -> tuple[Document | BadRecord, str | None]:
        """Give the record, or a bad one in its place if it is in another language; and its language."""
        if self._identifier is None or isinstance(record, BadRecord):
            return record, None
        language = str(self._identifier.classify(record.text[:_SAMPLE])[0])
        if language == self.wanted:
            return record, language
        reason = f"{place[0]}:{place[1]}: record {record.id!r}: in language {language!r}, not {self.wanted!r}"
        return BadRecord(record.id, reason, dict(record.meta), "language"), language

"""Pattern lists: labelling functions as YAML entries, for people who write no Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from framing.errors import ConfigError
from framing.quotations import Quotation, quotations
from framing.spans import Document
from framing.text import SHORT_QUOTATION_WORDS
from training.weak.functions import PRECISION, LabellingFunction, lexicon_functions
from training.yaml_text import read_yaml

_REACH: Final = 120  # code points to the left and right that context patterns see


class Pattern(BaseModel):
    """One entry of a pattern list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, description="what tables call it")
    label: str = Field(min_length=1, description="the cue type that it votes for")
    phrases: tuple[str, ...] = Field(default=(), description="whole words to find; a blank stands for any white space")
    regex: str | None = Field(default=None, description="a Python regular expression; its group `span`, if any, votes")
    quotations: Literal["short"] | None = Field(default=None, description="vote closed quotations of one to six words")
    case: bool = Field(default=False, description="tell capitals from small letters")
    precision: float = Field(default=PRECISION, gt=0, lt=1, description="a guess of the share of right spans")
    exhaustive: bool = Field(default=False, description="its silence speaks against a cue")
    inside: Literal["quotation"] | None = Field(default=None, description="only inside a quotation")
    not_inside: Literal["quotation"] | None = Field(default=None, description="never inside a quotation")
    left: str | None = Field(default=None, description="a regular expression that the text before the span ends with")
    not_left: str | None = Field(default=None, description="one that it must not end with")
    right: str | None = Field(default=None, description="a regular expression that the text after it starts with")
    not_right: str | None = Field(default=None, description="one that it must not start with")

    @field_validator("regex", "left", "not_left", "right", "not_right")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"no regular expression ({error})") from error
        return value

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum((bool(self.phrases), self.regex is not None, self.quotations is not None)) != 1:
            raise ValueError("give one of phrases, regex and quotations")
        if any(not phrase.strip() for phrase in self.phrases):
            raise ValueError("a phrase is empty; take it out")
        return self

    def function(self) -> LabellingFunction:
        """Compile the entry."""
        return LabellingFunction(self.name, self.label, _Finder(self), self.precision, self.exhaustive)


class _Finder:
    """A compiled entry: call it with a document."""

    def __init__(self, pattern: Pattern) -> None:
        flags = re.NOFLAG if pattern.case else re.IGNORECASE
        words = sorted(pattern.phrases, key=len, reverse=True)
        source = rf"(?<!\w)(?:{'|'.join(map(_phrase, words))})(?!\w)" if words else pattern.regex
        self.body = re.compile(source, flags) if source is not None else None
        self.group: str | int = "span" if self.body is not None and "span" in self.body.groupindex else 0
        self.contexts = [
            (re.compile(rf"(?:{source})\Z" if side == "left" else source, flags), side, wanted)
            for source, side, wanted in (
                (pattern.left, "left", True),
                (pattern.not_left, "left", False),
                (pattern.right, "right", True),
                (pattern.not_right, "right", False),
            )
            if source is not None
        ]
        self.inside = True if pattern.inside else False if pattern.not_inside else None

    def __call__(self, document: Document) -> Iterator[tuple[int, int]]:
        text = document.text
        marks = quotations(text) if self.body is None or self.inside is not None else []
        for start, end in self._candidates(text, marks):
            if self.inside is not None and self.inside is not _is_inside(start, end, marks):
                continue
            if all(self._fits(text, start, end, *context) for context in self.contexts):
                yield start, end

    def _candidates(self, text: str, marks: list[Quotation]) -> Iterator[tuple[int, int]]:
        if self.body is None:
            yield from ((m.start, m.end) for m in marks if m.closed and 1 <= m.words <= SHORT_QUOTATION_WORDS)
            return
        for match in self.body.finditer(text):
            start, end = match.span(self.group)
            if 0 <= start < end:  # an empty match, or a group that took no part, votes for nothing
                yield start, end

    @staticmethod
    def _fits(text: str, start: int, end: int, pattern: re.Pattern[str], side: str, wanted: bool) -> bool:
        if side == "left":
            return (pattern.search(text[max(0, start - _REACH) : start]) is not None) is wanted
        return (pattern.match(text[end : end + _REACH]) is not None) is wanted


def _phrase(phrase: str) -> str:
    """Make a regular expression of a phrase: any white space for a blank, either kind of apostrophe and hyphen."""
    escaped = r"\s+".join(re.escape(word) for word in phrase.split())
    return re.sub("['’]", "['’]", escaped).replace(r"\-", "[-‐‑]")


def _is_inside(start: int, end: int, marks: list[Quotation]) -> bool:
    return any(mark.start < start and end < mark.end + (not mark.closed) for mark in marks)


def read_patterns(path: Path) -> list[LabellingFunction]:
    """Read a YAML list of patterns; an entry `lexicon: all` or `lexicon: [LABEL, ...]` brings in the rule groups.

    Raises:
        ConfigError: names the file and, for everything that is wrong, the entry, the key and the mend.
    """
    try:
        entries, twice = read_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: can't read the file ({error}); check the path") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not YAML ({' '.join(str(error).split())})") from error
    if not isinstance(entries, list) or not entries:
        raise ConfigError(f"{path}: a pattern list is a YAML list of entries, each with a name, a label and phrases")
    found: list[LabellingFunction] = []
    faults = [f"line {fault}" for fault in twice]
    for number, entry in enumerate(entries, start=1):
        try:
            found += _functions(entry)
        except ConfigError as error:
            faults.append(f"entry {number}: {error}")
        except ValidationError as error:
            name = f" ({entry['name']})" if isinstance(entry, dict) and "name" in entry else ""
            faults.append(f"entry {number}{name}: {'; '.join(map(_explain, error.errors()))}")
    if faults:
        raise ConfigError(f"{path}: {'; '.join(faults)}")
    return found


def _functions(entry: Any) -> list[LabellingFunction]:
    if isinstance(entry, dict) and set(entry) == {"lexicon"}:
        wanted = entry["lexicon"]
        if wanted != "all" and not (isinstance(wanted, list) and all(isinstance(label, str) for label in wanted)):
            raise ConfigError(f"lexicon: {wanted!r} is neither all nor a list of cue types")
        return lexicon_functions(None if wanted == "all" else wanted)
    return [Pattern.model_validate(entry).function()]


def _explain(item: Any) -> str:
    key = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        return f"unknown key {key}; known are {', '.join(Pattern.model_fields)}"
    message = item["msg"].removeprefix("Value error, ")
    return f"{key}: {message[0].lower()}{message[1:]}" if key else message

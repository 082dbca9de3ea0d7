"""Labelling functions, which vote spans of one label on a text: from Python, YAML pattern lists or the lexicon."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from framing.cues import CODEBOOK
from framing.errors import ConfigError, InputError
from framing.lexicon import SCARE_THRESHOLD, Lexicon
from framing.lexicon_rules import RULES
from framing.spans import CueSpan, Document

PRECISION: Final = 0.7
"""What a function's spans are taken to be worth where its author doesn't say."""

Find = Callable[[Document], Iterable[tuple[int, int]]]

_OFF: Final = 2.0  # a threshold that no scare quote reaches
_SCARE_QUOTES: Final = Lexicon([])
_SCARE_STEPS: Final = ((SCARE_THRESHOLD, 0.5), (0.5, 0.7), (0.7, 1.01))


@dataclass(frozen=True, slots=True)
class LabellingFunction:
    """A heuristic that finds spans of one label.

    Attributes:
        name: what tables call it; unique among the functions of a run.
        label: the cue type that it votes for.
        find: gives half-open ranges of code points of a document's text; where it is silent it abstains.
        precision: its author's guess, above 0 and below 1, of the share of its spans that are right. The label model
            starts from it, and keeps to it as far as no other function overlaps.
        exhaustive: whether it means to find every cue of its label, so that its silence speaks against one; else it
            abstains where it is silent, as a rule for a few words must.
    """

    name: str
    label: str
    find: Find
    precision: float = PRECISION
    exhaustive: bool = False

    def __post_init__(self) -> None:
        """Check name, label and precision; raises `ConfigError`."""
        for key in ("name", "label"):
            value = getattr(self, key)
            if not isinstance(value, str) or not value:
                raise ConfigError(f"labelling function {self.name!r}: {key} {value!r} must be text that isn't empty")
        if type(self.precision) not in (int, float) or not 0.0 < self.precision < 1.0:
            raise ConfigError(
                f"labelling function {self.name!r}: precision {self.precision!r} must be a number above 0 and below 1"
            )

    def __call__(self, document: Document) -> list[CueSpan]:
        """Vote on a document; raises `InputError` that names function and record when it fails or leaves the text."""
        try:
            ranges = [(int(start), int(end)) for start, end in self.find(document)]
        except Exception as error:  # the user's own code may raise anything
            reason = " ".join(str(error).split())
            raise InputError(
                f"labelling function {self.name!r} on record {document.id!r}: {type(error).__name__}: {reason}; "
                "it must yield (start, end) pairs of code points"
            ) from error
        for start, end in ranges:
            if not 0 <= start < end <= len(document.text):
                raise InputError(
                    f"labelling function {self.name!r} on record {document.id!r}: [{start}, {end}) is no range of the "
                    f"text's {len(document.text)} code points; yield 0 <= start < end <= len(document.text)"
                )
        return [CueSpan(start, end, self.label) for start, end in ranges]


def labelling_function(
    *, label: str, name: str | None = None, precision: float = PRECISION, exhaustive: bool = False
) -> Callable[[Find], LabellingFunction]:
    """Make a labelling function of a Python function that yields half-open ranges of code points of a document.

    Args:
        label: the cue type that it votes for.
        name: what tables call it; by default the Python function's name.
        precision: a guess of the share of its spans that are right.
        exhaustive: whether it means to find every cue of its label, so that its silence speaks against one.

    >>> import re
    >>> @labelling_function(label="distancing", precision=0.9)
    ... def so_called(document):
    ...     yield from (match.span() for match in re.finditer("so-called", document.text))
    >>> [(span.start, span.end) for span in so_called(Document("one", "a so-called truce"))]
    [(2, 11)]
    """

    def make(find: Find) -> LabellingFunction:
        return LabellingFunction(name or find.__name__, label, find, precision, exhaustive)

    return make


def load_functions(entries: Sequence[str]) -> list[LabellingFunction]:
    """Collect labelling functions.

    Args:
        entries: YAML pattern lists (`.yaml`, `.yml`), Python files (`.py`), which are executed, or `lexicon` (all rule
            groups), `lexicon:LABEL` (those of one cue type).

    Raises:
        ConfigError: names the file, the function and the mend.
    """
    from training.weak.patterns import read_patterns

    def load(entry: str) -> list[LabellingFunction]:
        kind, _, labels = entry.partition(":")
        if kind == "lexicon":
            return lexicon_functions([labels] if labels else None)
        if entry.endswith(".py"):
            return _from_python(Path(entry))
        if entry.endswith((".yaml", ".yml")):
            return read_patterns(Path(entry))
        raise ConfigError(f"{entry}: labelling functions come from a .yaml or .py file, or from lexicon")

    found: list[LabellingFunction] = []
    faults = []
    for entry in entries:
        try:
            found += load(entry)
        except ConfigError as error:
            faults.append(str(error))
    if faults:
        raise ConfigError("; ".join(faults))
    names = [function.name for function in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"labelling function {twice[0]!r} stands twice; give every function a name of its own")
    return found


def _from_python(path: Path) -> list[LabellingFunction]:
    """Execute a Python file and take its labelling functions, in the order in which they are defined."""
    spec = importlib.util.spec_from_file_location(f"labelling_functions_{path.stem}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ConfigError(f"{path}: can't read the file; check the path")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    except Exception as error:  # the user's own code may raise anything
        raise ConfigError(f"{path}: {type(error).__name__}: {' '.join(str(error).split())}; mend the file") from error
    found = [value for value in vars(module).values() if isinstance(value, LabellingFunction)]
    if not found:
        raise ConfigError(f"{path}: holds no labelling function; decorate one with @labelling_function(label=...)")
    return found


def lexicon_functions(labels: Sequence[str] | None = None) -> list[LabellingFunction]:
    """Give the rule groups of `framing.lexicon` as labelling functions, with their scores as precisions.

    Scare quotes come as three functions, by the step in which the clues' probability lies.

    Raises:
        ConfigError: the lexicon has no rules for a label.
    """
    known = [cue.name for cue in CODEBOOK]
    for label in labels or ():
        if label not in known:
            raise ConfigError(f"lexicon:{label}: the lexicon has no such cue type; it knows {', '.join(known)}")
    found = [_rule_function(place) for place in range(len(RULES))] + [
        _scare_function(low, high) for low, high in _SCARE_STEPS
    ]
    return [function for function in found if labels is None or function.label in labels]


def _rule_function(place: int) -> LabellingFunction:
    rule = RULES[place]
    # What a rule before it finds is that rule's vote; and a distancing word that opens a purpose is a pretext alone.
    ahead = [other for other in RULES[:place] if other.label == rule.label]
    beside = [other for other in RULES if other.label == "pretext"] if rule.label == "distancing" else []
    lexicon = Lexicon([*(other._replace(score=0.0) for other in ahead), rule, *beside], _OFF)

    def find(document: Document) -> Iterator[tuple[int, int]]:
        if any(gate in document.text.lower() for gate in rule.gates):
            spans = lexicon.find(document.text, [])
            yield from ((span.start, span.end) for span in spans if span.label == rule.label and span.score)

    # Rules may share a gate, so that the number among those of the same gate tells them apart.
    number = sum(other.gates[0] == rule.gates[0] for other in ahead)
    name = f"lexicon.{rule.label}.{rule.gates[0].strip()}" + (f" {number + 1}" if number else "")
    return LabellingFunction(name, rule.label, find, rule.score)


@lru_cache(maxsize=1)  # three functions ask about one text after another
def _scare_quotes(text: str) -> tuple[CueSpan, ...]:
    return tuple(_SCARE_QUOTES.find(text))


def _scare_function(low: float, high: float) -> LabellingFunction:
    def find(document: Document) -> Iterator[tuple[int, int]]:
        for span in _scare_quotes(document.text):
            if low <= (span.score or 0.0) < high:
                yield span.start, span.end

    middle = round((low + min(high, 1.0)) / 2, 2)
    return LabellingFunction(f"lexicon.scare_quote.{low}", "scare_quote", find, middle)

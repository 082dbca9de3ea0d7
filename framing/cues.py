"""The cue vocabulary: one table of cue types, from a model folder, a YAML file, or the codebook's six."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from framing.errors import InputError

_COLOUR: Final = re.compile("#[0-9a-fA-F]{6}")
DECODINGS: Final = ("words", "quotation")


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue type.

    Attributes:
        name: the label in records.
        definition: one sentence for people.
        example: a phrase that is one, with the cue between brackets.
        decoy: a phrase that looks like one and is not.
        colour: background for highlighting, `#rrggbb`.
        decoding: `words` for any run of words, `quotation` for spans that are a whole quotation with its marks.
    """

    name: str
    definition: str = ""
    example: str = ""
    decoy: str = ""
    colour: str = "#dddddd"
    decoding: str = "words"

    def __post_init__(self) -> None:
        """Check the colour and the decoding; raises `InputError`."""
        if not (isinstance(self.colour, str) and _COLOUR.fullmatch(self.colour)):
            raise InputError(
                f"cue {self.name!r}: colour {self.colour!r} is not of the form #rrggbb (in YAML, quote it)"
            )
        if self.decoding not in DECODINGS:
            raise InputError(f"cue {self.name!r}: decoding {self.decoding!r} is not one of {', '.join(DECODINGS)}")

    @classmethod
    def from_record(cls, record: Mapping[str, Any], *, where: str) -> Self:
        """Read one entry; raises `InputError` that names the file and the unknown or missing key."""
        if not isinstance(record, Mapping) or not isinstance(record.get("name"), str) or not record["name"]:
            raise InputError(f"{where}: cue {record!r} has no name; write `- name: ...` and optionally the other keys")
        unknown = set(record) - set(cls.__dataclass_fields__)
        if unknown:
            raise InputError(
                f"{where}: cue {record['name']!r} has unknown keys {', '.join(sorted(unknown))}; "
                f"known are {', '.join(cls.__dataclass_fields__)}"
            )
        try:
            return cls(**record)
        except InputError as error:
            raise InputError(f"{where}: {error}") from error

    def to_record(self) -> dict[str, Any]:
        """Give the JSON form."""
        return asdict(self)


CODEBOOK: Final[tuple[Cue, ...]] = (
    Cue(
        name="scare_quote",
        definition="Quotation marks around one to six words that hold them at arm's length, with no reporting verb "
        "that governs them.",
        example='Residents of the ["safe zone"] slept in their cars.',
        decoy='The minister called the plan "a mistake".',
        colour="#ffd54f",
        decoding="quotation",
    ),
    Cue(
        name="pretext",
        definition="Words that present a stated reason or purpose as a cover for another one.",
        example="The bridge was closed [under the pretext of] repairs.",
        decoy="The bridge was closed in order to repair it.",
        colour="#ff8a65",
    ),
    Cue(
        name="terrorist_designation",
        definition="Words that class an actor, group, act or place as terrorist or extremist, or state such a listing.",
        example="The movement, a [terrorist organization banned in Russia], denied it.",
        decoy="The National Counterterrorism Center opened a new office.",
        colour="#e57373",
    ),
    Cue(
        name="distancing",
        definition="Words by which the writer withholds commitment to a description or claim.",
        example="The [alleged] leak came from the [so-called] war room.",
        decoy="The group claimed responsibility for the attack.",
        colour="#64b5f6",
    ),
    Cue(
        name="group_label",
        definition="A noun or adjective that confers or denies legitimacy on a political actor, where a plainer name "
        "exists.",
        example="The [regime] moved troops towards the [insurgents].",
        decoy="The new tax regime takes effect in May.",
        colour="#ba68c8",
    ),
    Cue(
        name="sponsor_label",
        definition="A modifier that presents an actor as belonging to, run or paid by another power.",
        example="[US-backed] fighters met a convoy of the [Saudi-led] coalition.",
        decoy="Russian troops crossed the river.",
        colour="#81c784",
    ),
)
"""The six types of the codebook; `framing cues` prints them."""


def codebook_order(names: Iterable[str]) -> list[str]:
    """Give each name once: those of the codebook in its order, then the others by name."""
    found = set(names)
    ordered = [cue.name for cue in CODEBOOK if cue.name in found]
    return ordered + sorted(found.difference(ordered))


def colours_of(names: Sequence[str]) -> dict[str, str]:
    """Give each type a colour: that of the codebook, or one of these in turn where it isn't in there."""
    named = {cue.name: cue.colour for cue in CODEBOOK}
    colours = list(named.values())
    return {name: named.get(name, colours[number % len(colours)]) for number, name in enumerate(names)}


def read_cues(path: Path) -> tuple[Cue, ...]:
    """Read a vocabulary from a YAML list of cues; raises `InputError` that names the file and the fault."""
    import yaml  # only training and users with their own label sets pay for it

    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path}: can't read the cue vocabulary ({' '.join(str(error).split())})") from error
    if not isinstance(entries, list) or not entries:
        raise InputError(f"{path}: the cue vocabulary must be a YAML list of cues, each with a name")
    return unique([Cue.from_record(entry, where=str(path)) for entry in entries], where=str(path))


def unique(cues: Sequence[Cue], *, where: str) -> tuple[Cue, ...]:
    """Give the cues as a tuple; raises `InputError` when a name stands twice."""
    names = [cue.name for cue in cues]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{where}: cue {', '.join(twice)} stands twice; give every cue a name of its own")
    return tuple(cues)

"""Names change places in training passages, so that no cue hangs on which side a passage is about.

Counterfactual augmentation (Lu et al. 2020; Zmigrod et al. 2019): a state becomes another one with its capital, people
and leaders, a party another party, an outlet another outlet, each everywhere in a passage alike. Labels stay.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from framing.spans import CueSpan, Document

# Name, short form, adjective, capital, leaders: a side a line; a form that a side lacks is its name.
_STATES: Final = """
the United States, America | U.S., US | American | Washington | Obama, Trump, Biden, Clinton, Bush
Russia | Russia | Russian | Moscow | Putin, Medvedev, Lavrov
Ukraine | Ukraine | Ukrainian | Kyiv | Zelensky, Poroshenko
Turkey | Turkey | Turkish | Ankara | Erdogan
Iran | Iran | Iranian | Tehran | Rouhani, Khamenei, Ahmadinejad, Raisi
Israel | Israel | Israeli | Jerusalem | Netanyahu
Syria | Syria | Syrian | Damascus | Assad
Iraq | Iraq | Iraqi | Baghdad | Maliki
Saudi Arabia | Saudi | Saudi | Riyadh | Salman
Egypt | Egypt | Egyptian | Cairo | Sisi, Morsi, Mubarak
Libya | Libya | Libyan | Tripoli | Gaddafi
Yemen | Yemen | Yemeni | Sanaa | Hadi
Lebanon | Lebanon | Lebanese | Beirut | Hariri
Qatar | Qatar | Qatari | Doha | Tamim
China | China | Chinese | Beijing | Xi
North Korea | North Korea | North Korean | Pyongyang | Kim
South Korea | South Korea | South Korean | Seoul | Moon
Japan | Japan | Japanese | Tokyo | Abe
India | India | Indian | New Delhi | Modi
Pakistan | Pakistan | Pakistani | Islamabad | Sharif, Khan
Afghanistan | Afghanistan | Afghan | Kabul | Karzai, Ghani
France | France | French | Paris | Macron, Hollande, Sarkozy
Germany | Germany | German | Berlin | Merkel, Scholz
Britain | U.K., UK | British | London | Cameron, May, Johnson, Blair
Poland | Poland | Polish | Warsaw | Tusk
Hungary | Hungary | Hungarian | Budapest | Orban
Venezuela | Venezuela | Venezuelan | Caracas | Maduro, Chavez
Cuba | Cuba | Cuban | Havana | Castro
Brazil | Brazil | Brazilian | Brasilia | Bolsonaro, Lula
Mexico | Mexico | Mexican | Mexico City | Calderon
"""
_PARTIES: Final = """
Republicans | Republican | GOP
Democrats | Democratic | DNC
Conservatives | Conservative | Tory
Socialists | Socialist | Socialist
Liberals | Liberal | Liberal
"""
_OUTLETS: Final = """
CNN | Fox News | MSNBC | NPR | BBC | RT | Sputnik | TASS | Press TV | Al Jazeera | TRT World | France 24 | Xinhua
| Breitbart | Politico | Reuters | New York Times | Washington Post | Guardian | Spiegel
"""
# Also words of the language, so that they are put in, but never taken out.
_WORDS: Final = frozenset(
    {"May", "Xi", "Moon", "Abe", "Kim", "Hadi", "Salman", "Bush", "Khan", "Liberal", "Conservative"}
)


class _Form(NamedTuple):
    kind: int
    side: int
    form: int


def _tables() -> list[list[list[list[str]]]]:
    """Give [kind][side][form] lists of names."""
    kinds = []
    for table in (_STATES, _PARTIES):
        rows = [line.split("|") for line in table.strip().splitlines()]
        kinds.append([[[name.strip() for name in cell.split(",")] for cell in row] for row in rows])
    kinds.append([[[name.strip()]] for name in " ".join(_OUTLETS.split()).split("|")])
    return kinds


_KINDS: Final = _tables()
_FORMS: Final = {
    name: _Form(kind, side, form)
    for kind, sides in enumerate(_KINDS)
    for side, forms in enumerate(sides)
    for form, names in reversed(list(enumerate(forms)))
    for name in names
    if name not in _WORDS
}
_NAME: Final = re.compile(
    r"\b(?:(?P<article>[Aa]n?) )?(?P<name>"
    + "|".join(re.escape(name) for name in sorted(_FORMS, key=len, reverse=True))
    + r")(?!\w)"
)


def swap(documents: Sequence[Document], share: float, seed: int) -> list[Document]:
    """Swap names in a share of the documents, drawn by the seed; the others stay as they are.

    Spans move with their words. A name that a span cuts in two, or that holds an edge of one in its article, stays.
    Attributes of spans that name somebody (`designation`) are not swapped: what learns them reads the originals.
    """
    dice = random.Random(seed)  # noqa: S311 - a sample, no secret
    return [_swapped(document, dice) if dice.random() < share else document for document in documents]


def _swapped(document: Document, dice: random.Random) -> Document:
    if "sentence_ranges" in document.meta:  # they would have to move, too
        return document
    edges = {edge for span in document.spans for edge in (span.start, span.end)}
    sides: dict[tuple[int, int], int] = {}
    pieces: list[str] = []
    shifts: list[tuple[int, int]] = []  # from this place of the old text on, so much further in the new one
    done = moved = 0
    for match in _NAME.finditer(document.text):
        if any(match.start() < edge < match.end() for edge in edges):
            continue
        kind, side, form = _FORMS[match["name"]]
        if (kind, side) not in sides:
            taken = {side, *(new for (of, _), new in sides.items() if of == kind)}
            everyone = range(len(_KINDS[kind]))
            sides[kind, side] = dice.choice([new for new in everyone if new not in taken] or list(everyone))
        name = dice.choice(_KINDS[kind][sides[kind, side]][form])
        if match["article"]:
            article = match["article"][0] + ("n" if name[0] in "AEIO" else "")
            name = f"{article} {name.removeprefix('the ')}"
        pieces += document.text[done : match.start()], name
        moved += len(name) - len(match.group())
        shifts.append((match.end(), moved))
        done = match.end()
    if not shifts:
        return document
    text = "".join([*pieces, document.text[done:]])

    def place(old: int) -> int:
        return old + next((by for start, by in reversed(shifts) if start <= old), 0)

    spans: list[CueSpan] = [
        replace(span, start=place(span.start), end=place(span.end), designation=None) for span in document.spans
    ]
    return replace(document, text=text, spans=tuple(spans))

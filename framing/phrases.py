"""Noun phrases by function words and capitals: the candidates for who is designated and whose words these are.

There is no parser in the package. A phrase is a run of words between function words and marks, with its determiner;
names run over `of` and `the`. Some verbs get into phrases, which costs little, since roles are found by overlap.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_WORD: Final = re.compile(r"(?:[A-Z]\.)+(?: ?[A-Z]\.)*|\w+(?:[-’'&/]\w+)*|[^\w\s]")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PRONOUNS: Final = _set(
    "he him she her it they them this that these those who which whom we us i you himself themselves"
)
_DEFINITE: Final = _set("the this that these those his her its their our my your")
_INDEFINITE: Final = _set(
    "a an some any many several all both no each every such other another two three four five six seven eight nine ten"
)
_FUNCTION: Final = (
    _set(
        "and or but nor so yet for of in on at by with from to into onto over under about against between among "
        "through during before after since until while as than like if because although though whether when where "
        "why how what whose there here not never also only even just still already ever is are was were be been "
        "being am has have had having do does did doing will would can could should may might must shall one ones "
        "few most others more less much very too then now again however said says say saying told tell tells "
        "called call calls calling considered consider considers considering designated designate designates "
        "labeled labelled label labels branded brand brands described describe describes deemed deem deems "
        "regarded regard regards declared declare declares accused accuse accuses listed list named claimed "
        "claims claim denied deny denies up out off down back upon within without across along around near per "
        "via toward towards inside outside according including added adding noted warned argued tweeted wrote "
        "blamed vowed announced insisted"
    )
    | _PRONOUNS
)
_CLOSED: Final = _FUNCTION | _DEFINITE | _INDEFINITE
_NO_NAME: Final = _set(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August "
    "September October November December Yes However Meanwhile"
)
_ADJECTIVE: Final = re.compile(r"(?:ish|[ai]n|ese|i|ic|ist|ch|U\.S\.|US|UK|UN|EU|['’]s?|-\w+)\Z")


class Phrase(NamedTuple):
    """A candidate: half-open code-point offsets, its form, and its last word in lower case.

    The form is `name`, `definite`, `indefinite`, `bare` or `pronoun`.
    """

    start: int
    end: int
    form: str
    head: str


def phrases(text: str, start: int = 0, end: int | None = None) -> list[Phrase]:
    """Cut `text[start:end]` into its noun phrases and pronouns, in order; they don't overlap."""
    words = list(_WORD.finditer(text, start, len(text) if end is None else end))
    found: list[Phrase] = []
    at = 0
    while at < len(words):
        opens, low = at, words[at].group().lower()
        determiner = low in _DEFINITE or low in _INDEFINITE
        first = at + determiner
        if determiner and first < len(words) and words[first].group().lower() in _INDEFINITE:
            first += 1
        stop, names = _run(words, first)
        if stop > first and (determiner or low not in _FUNCTION):
            form = "name" if names else "definite" if low in _DEFINITE else "indefinite" if determiner else "bare"
            found.append(Phrase(words[opens].start(), words[stop - 1].end(), form, words[stop - 1].group().lower()))
            at = stop
            continue
        if low in _PRONOUNS:
            found.append(Phrase(*words[at].span(), "pronoun", low))
        at += 1
    return found


def _run(words: list[re.Match[str]], first: int) -> tuple[int, int]:
    """Give the index behind the run of content words that begins at `first`, and how many of them are names."""
    at, names = first, 0
    while at < len(words):
        word = words[at].group()
        if word[0].isalnum() and word.lower() not in _CLOSED:
            before = words[at - 1].group() if at > first else ""
            if word.islower() and _named(before) and not _ADJECTIVE.search(before):
                break  # a noun stands before its name; a small word behind one is mostly a verb
            names += _named(word)
        elif not (word in {"of", "the", "al", "bin"} and names and at + 1 < len(words) and _joined(words, at)):
            break
        at += 1
    return at, names


def _joined(words: list[re.Match[str]], at: int) -> bool:
    return _named(words[at - 1].group()) and _named(words[at + 1].group())


def _named(word: str) -> bool:
    return word[:1].isupper() and word not in _NO_NAME and word.lower() not in _CLOSED

"""Who is called what by whom: how often outlets put a cue on an actor whom they mention."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from framing.stories.articles import Article, Mention
from framing.stories.concordance import finder, same_name

MOST: Final = 50
"""Actors that are looked at: those with most cues."""
FEWEST: Final = 3
"""Articles with a cue on an actor, below which it isn't looked at."""
_OTHER: Final = frozenset({"scare_quote", "pretext", "distancing"})
"""Types of the codebook that are about words or reasons; the others, and those of any other vocabulary, name actors."""


def namings(article: Article) -> Iterator[Mention]:
    """Give the cues of an article that call an actor something."""
    return (mention for mention in article.mentions if mention.actor and mention.span.label not in _OTHER)


def actors_of(stories: Iterable[Sequence[Article]]) -> list[str]:
    """Choose the actors on whom `FEWEST` or more articles put a cue.

    Returns:
        The spelling that is most frequent of each, by the number of articles.
    """
    spelled: dict[str, Counter[str]] = defaultdict(Counter)
    articles: Counter[str] = Counter()
    for article in (article for story in stories for article in story):
        here = {same_name(mention.actor) for mention in namings(article)}
        articles.update(here)
        for mention in namings(article):
            spelled[same_name(mention.actor)][mention.actor] += 1
    chosen = [name for name, number in articles.most_common() if number >= FEWEST][:MOST]
    return [spelled[name].most_common(1)[0][0] for name in chosen]


@dataclass(slots=True)
class Naming:
    """How outlets name actors in stories.

    Attributes:
        actors: the actors.
        counts: for each (story, outlet, actor) the mentions with a cue, and all.
        words: for each (actor, outlet) the cues that were put on it, as (type, words).
        said: how often each (story, actor, outlet, type, words, voice, authority, source) stands there, of any actor.
        find: finds the actors in a text.
    """

    actors: list[str]
    counts: dict[tuple[int, str, str], tuple[int, int]] = field(default_factory=dict)
    words: dict[tuple[str, str], Counter[tuple[str, str]]] = field(default_factory=lambda: defaultdict(Counter))
    said: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    find: Callable[[str], Iterator[tuple[int, int, str]]] = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the search."""
        self.find = finder(self.actors)

    def add(self, story: int, article: Article) -> None:
        """Count the mentions in one article, whose text is there."""
        spelled = {same_name(actor): actor for actor in self.actors}
        called: Counter[str] = Counter()
        for mention in namings(article):
            shown = " ".join(mention.words.split())
            known = spelled.get(same_name(mention.actor))
            span = mention.span
            key = (known or mention.actor, article.outlet, span.label, shown.lower(), span.voice or "")
            self.said[story, *key, mention.authority, mention.source] += 1
            if known is not None:
                called[known] += 1
                self.words[known, article.outlet][span.label, shown.lower()] += 1
        mentioned = Counter(actor for _, _, actor in self.find(article.text))
        for actor in {*called, *mentioned}:
            key_ = story, article.outlet, actor
            before = self.counts.get(key_, (0, 0))
            # A mention may carry several cues, and a designation may name its target by another word.
            number = max(mentioned[actor], min(called[actor], 1))
            self.counts[key_] = before[0] + min(called[actor], number), before[1] + number

    def called(self, most: int) -> list[tuple[str, int, list[str], str]]:
        """Give the actors who are called something most often: (actor, number, outlets, most frequent words)."""
        rows = []
        for actor in self.actors:
            by_outlet = {outlet: words for (name, outlet), words in self.words.items() if name == actor}
            total = sum(by_outlet.values(), Counter())
            words = ", ".join(f"{words} ({number})" for (_, words), number in total.most_common(3))
            rows.append((actor, total.total(), sorted(by_outlet), words))
        return sorted(rows, key=lambda row: (-row[1], row[0]))[:most]

    def often(self, actor: str, outlet: str, most: int = 3) -> str:
        """Say which cues an outlet puts on an actor most often."""
        found = self.words.get((actor, outlet), Counter()).most_common(most)
        return ", ".join(f"{words} ({number})" for (_, words), number in found)

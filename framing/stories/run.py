"""From scored articles to stories and comparisons: what `framing stories` does before it prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np

from framing.cues import codebook_order
from framing.errors import InputError
from framing.evaluate.columns import FloatArray
from framing.evaluate.significance import holm
from framing.stories.articles import Article, read_articles
from framing.stories.concordance import WIDTH, concordance
from framing.stories.contrast import Contrast, contrast
from framing.stories.group import group
from framing.stories.names import FEWEST, Naming, actors_of
from framing.stories.similar import Index, similar_pairs

ALL = "all"


@dataclass(frozen=True, slots=True)
class Compared:
    """An outlet beside others in shared stories: all of them, or one.

    Attributes:
        outlet: the outlet.
        other: the other outlet, or nothing for all others.
        actor: whom both mention; nothing where all words count.
        columns: what was compared.
        contrast: the figures by column; None where there are too few stories.
        stories: how many stories there are.
        p_holm: [columns] p-values, corrected for all tests of types, or for all of the last column.
    """

    outlet: str
    other: str
    actor: str
    columns: list[str]
    contrast: Contrast | None
    stories: int
    p_holm: FloatArray


@dataclass(frozen=True, slots=True)
class Stories:
    """All that was found.

    Attributes:
        stories: of each its articles, by day, without texts.
        titles: a title for each, of the article that is most like the others.
        labels: the types.
        outlets: each outlet beside the others.
        pairs: pairs of outlets.
        names: outlets beside others, by actor.
        naming: who is called what.
        least: the fewest stories that are compared.
        options: days, similarity, draws and seed.
        notes: what was read and left out.
    """

    stories: list[list[Article]]
    titles: list[str]
    labels: list[str]
    outlets: list[Compared]
    pairs: list[Compared]
    names: list[Compared]
    naming: Naming
    least: int
    options: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def find_stories(
    entry: str,
    texts: Sequence[str] = (),
    *,
    days: int = 3,
    similarity: float = 0.25,
    least: int = 20,
    draws: int = 10_000,
    seed: int = 0,
    width: int = WIDTH,
    write: Callable[[dict[str, Any]], object] | None = None,
) -> Stories:
    """Group articles into stories of at least two outlets, and compare outlets within them.

    Args:
        entry: what `framing score --keep-text` or `framing archive` wrote; it is read twice.
        texts: for the latter, the files that were scored.
        days: the most days from a story's first to its last article.
        similarity: the least mean cosine between parts of a story.
        least: the fewest stories in which outlets are compared.
        draws: resamples, and rounds of tests.
        seed: of both.
        width: of the concordance.
        write: takes its records, one at a time.

    Raises:
        InputError: names the file, the record and the mend; also where no story has two outlets.
    """
    kept, vectors, notes = _read(entry, texts)
    day = np.array([article.day.toordinal() for article in kept if article.day is not None])
    # Pairs below the wanted mean are kept, too, so that means over groups are true.
    pairs = similar_pairs(vectors, day, days=days, least=similarity / 2)
    groups = group(*pairs, day, days=days, least=similarity)
    groups = [found for found in groups if len({kept[number].outlet for number in found}) > 1]
    if not groups:
        raise InputError(f"{entry}: no story has two outlets; try more --days or a lower --similarity")
    stories = [[kept[number] for number in found] for found in groups]
    titles = [_title([kept[number] for number in found], vectors[found]) for found in groups]
    outlets = {article.outlet for story in stories for article in story}
    articles = sum(map(len, stories))
    notes.append(
        f"{len(stories):,} stories of at least two outlets, with {articles:,} articles of {len(outlets):,} outlets"
    )
    naming = Naming(actors_of(stories))
    _read_again(entry, texts, stories, naming, width, write)
    labels = _labels(stories)
    options = {"days": days, "similarity": similarity, "draws": draws, "seed": seed}
    compare = _Comparison(stories, labels, least, draws, seed)
    return Stories(
        stories,
        titles,
        labels,
        compare.outlets(),
        compare.pairs(),
        compare.names(naming),
        naming,
        least,
        options,
        notes,
    )


def _read(entry: str, texts: Sequence[str]) -> tuple[list[Article], Any, list[str]]:
    articles, index, seen = [], Index(), set()
    number = undated = nameless = cues = 0
    for article in read_articles(entry, texts):
        if article.id in seen:
            raise InputError(f"{entry}: record {article.id!r} stands in it twice; give each an id of its own")
        seen.add(article.id)
        number += 1
        undated += article.day is None
        nameless += article.day is not None and not article.outlet
        cues += len(article.mentions)
        if article.day is not None and article.outlet:
            index.add(article.title, article.text)
            articles.append(replace(article, text=""))
    if not articles:
        raise InputError(f"{entry}: no record has an outlet and a date (2024-05-31); stories are found by both")
    if not cues:
        raise InputError(f"{entry}: no record has a cue; score the file first: framing score --keep-text")
    order = sorted(range(len(articles)), key=lambda at: (articles[at].day, articles[at].id))
    notes = [f"{entry}: {number:,} scored articles with {cues:,} cues"]
    left = [f"{count:,} without {what}" for count, what in ((undated, "a date"), (nameless, "an outlet")) if count]
    notes += [f"left out: {', '.join(left)}"] if left else []
    return [articles[at] for at in order], index.vectors()[order], notes


def _read_again(
    entry: str,
    texts: Sequence[str],
    stories: Sequence[Sequence[Article]],
    naming: Naming,
    width: int,
    write: Callable[[dict[str, Any]], object] | None,
) -> None:
    """Count names and write the concordance, with texts that aren't kept."""
    story_of = {article.id: number for number, story in enumerate(stories) for article in story}
    for article in read_articles(entry, texts):
        number = story_of.get(article.id)
        if number is None:
            continue
        naming.add(number, article)
        if write is not None:
            for row in concordance(article, story=str(number + 1), width=width, find=naming.find):
                write(row)


def _title(story: Sequence[Article], vectors: Any) -> str:
    alike = np.asarray((vectors @ vectors.T).sum(axis=1)).ravel()
    best = sorted(range(len(story)), key=lambda at: (not story[at].title, -alike[at]))
    return story[best[0]].title or story[best[0]].id


def _labels(stories: Sequence[Sequence[Article]]) -> list[str]:
    return codebook_order(mention.span.label for story in stories for article in story for mention in article.mentions)


class _Comparison:
    """The comparisons of outlets, each kind a family of tests."""

    def __init__(
        self, stories: Sequence[Sequence[Article]], labels: list[str], least: int, draws: int, seed: int
    ) -> None:
        self.columns = [*labels, ALL]
        self.least, self.draws, self.seed = least, draws, seed
        sums: dict[tuple[int, str], FloatArray] = {}
        for number, story in enumerate(stories):
            for article in story:
                counts = Counter(mention.span.label for mention in article.mentions)
                row = [*(counts[label] for label in labels), len(article.mentions)]
                here = np.array([[count, article.words] for count in row], dtype=np.float64)
                sums[number, article.outlet] = sums.get((number, article.outlet), 0.0) + here
        self.keys, self.rows = list(sums), np.stack(list(sums.values()))
        self.by_outlet: dict[str, set[int]] = {}
        for number, outlet in self.keys:
            self.by_outlet.setdefault(outlet, set()).add(number)

    def outlets(self) -> list[Compared]:
        """Compare each outlet with all others in its stories."""
        found = [
            self._compare(outlet, "", "", self.columns, self.keys, self.rows, 1000.0, len(numbers))
            for outlet, numbers in self.by_outlet.items()
        ]
        return _corrected(found)

    def pairs(self) -> list[Compared]:
        """Compare every two outlets that share enough stories."""
        large = sorted(outlet for outlet, numbers in self.by_outlet.items() if len(numbers) >= self.least)
        found = []
        for first, second in combinations(large, 2):
            shared = len(self.by_outlet[first] & self.by_outlet[second])
            if shared >= self.least:
                chosen = [at for at, (_, outlet) in enumerate(self.keys) if outlet in {first, second}]
                keys = [self.keys[at] for at in chosen]
                found.append(self._compare(first, second, "", self.columns, keys, self.rows[chosen], 1000.0, shared))
        return _corrected(found)

    def names(self, naming: Naming) -> list[Compared]:
        """Compare the share of an actor's mentions that have a cue, in stories in which two outlets mention it."""
        found = []
        for actor in naming.actors:
            counts = {key[:2]: pair for key, pair in naming.counts.items() if key[2] == actor}
            keys = list(counts)
            tellers = Counter(number for number, _ in keys)
            rows = np.array(list(counts.values()), dtype=np.float64)[:, None, :]
            for outlet in sorted({outlet for _, outlet in keys}):
                told = {number for number, name in keys if name == outlet and tellers[number] > 1}
                called = sum(pair[0] for (number, _), pair in counts.items() if number in told)
                shared = len(told)
                if shared >= self.least and called >= FEWEST:
                    found.append(self._compare(outlet, "", actor, ["share"], keys, rows, 1.0, shared))
        return _corrected(found)

    def _compare(
        self,
        outlet: str,
        other: str,
        actor: str,
        columns: list[str],
        keys: Sequence[tuple[int, str]],
        rows: FloatArray,
        scale: float,
        stories: int,
    ) -> Compared:
        made = None
        if stories >= self.least:
            story = np.array([number for number, _ in keys])
            mine = np.array([name == outlet for _, name in keys])
            made = contrast(rows, story, mine, scale=scale, draws=self.draws, seed=self.seed)
        return Compared(outlet, other, actor, columns, made, stories, np.full(len(columns), np.nan))


def _corrected(found: list[Compared]) -> list[Compared]:
    """Correct p-values, those of types and those of the last column as families; most stories first."""
    tested = [one for one in found if one.contrast is not None]
    fixed: Iterator[FloatArray] = iter(())
    if tested:
        p = np.stack([one.contrast.p for one in tested if one.contrast is not None])
        types, total = holm(p[:, :-1].ravel()).reshape(len(p), -1), holm(p[:, -1:])
        fixed = iter(np.concatenate((types, total), axis=1))
    made = [replace(one, p_holm=next(fixed)) if one.contrast is not None else one for one in found]
    return sorted(made, key=lambda one: (-one.stories, one.outlet, one.other))

"""Stories and comparisons as tables for people, and as flat records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from framing.evaluate.sheets import Sheet, show, show_p
from framing.stories.names import FEWEST
from framing.stories.run import ALL, Compared, Stories

_LARGEST: Final = 10
_CUES: Final = 20


def sheets(found: Stories) -> list[Sheet]:
    """Give the tables in the order in which they are read."""
    made = [_largest(found), _outlets(found), _cues(found)]
    if found.pairs:
        made.append(_pairs(found))
    if found.naming.actors:
        made.append(_called(found))
    if found.names:
        made.append(_names(found))
    return made


def _largest(found: Stories) -> Sheet:
    order = sorted(range(len(found.stories)), key=lambda at: (-_outlets_of(found, at), at))[:_LARGEST]
    rows = []
    for at in order:
        story = found.stories[at]
        cues = sum(len(article.mentions) for article in story)
        words = sum(article.words for article in story)
        rate = f"{1000 * cues / words:.2f}" if words else "n/a"
        title = found.titles[at]
        title = title if len(title) <= 60 else title[:59] + "…"
        rows.append([str(at + 1), str(story[0].day), title, str(_outlets_of(found, at)), str(len(story)), rate])
    head = ["story", "begins", "title", "outlets", "articles", "cues per 1,000"]
    return Sheet("Stories with most outlets", head, rows, words=(0, 1, 2))


def _outlets_of(found: Stories, at: int) -> int:
    return len({article.outlet for article in found.stories[at]})


def _outlets(found: Stories) -> Sheet:
    tested = [one for one in found.outlets if one.contrast is not None]
    rows = [[one.outlet, f"{one.stories:,}", *_cells(one, one.columns.index(ALL))] for one in tested]
    few = len(found.outlets) - len(tested)
    if not tested:
        why = f"n/a: fewer than {found.least} stories"
        rows = [[one.outlet, f"{one.stories:,}", why, *["n/a"] * 4] for one in found.outlets[:_LARGEST]]
    note = (
        "Own and others: all cues per 1,000 words, in the stories that both tell; 95% BCa intervals over stories; "
        f"p: permutation of outlets within stories, {found.options['draws']:,} rounds; "
        f"Holm: corrected for all outlets. {few:,} outlets with fewer than {found.least} stories: n/a, not compared"
    )
    head = ["", "stories", "own", "others", "difference", "p", "p (Holm)"]
    return Sheet("Outlets beside the others in their stories", head, rows, note)


def _cues(found: Stories) -> Sheet:
    cells = [
        (one.p_holm[column], -abs(one.contrast.difference[column].value), one, column)
        for one in found.outlets
        if one.contrast is not None
        for column in range(len(one.columns) - 1)
        if not np.isnan(one.p_holm[column])
    ]
    cells.sort(key=lambda cell: (cell[0], cell[1], cell[2].outlet, cell[3]))
    rows = [
        [one.outlet, one.columns[column], f"{one.stories:,}", *_cells(one, column)]
        for _, _, one, column in cells[:_CUES]
    ]
    note = f"The {len(rows)} of {len(cells)} with the lowest p, corrected for all {len(cells)}; all are in outlets.csv"
    if not cells:
        rows = [["n/a: no outlet has enough stories", *["n/a"] * 7]]
        note = f"An outlet needs {found.least} stories that another tells, too; --least asks for fewer"
    head = ["", "cue", "stories", "own", "others", "difference", "p", "p (Holm)"]
    return Sheet("By cue", head, rows, note, (0, 1))


def _pairs(found: Stories) -> Sheet:
    rows = [
        [f"{one.outlet} - {one.other}", f"{one.stories:,}", *_cells(one, one.columns.index(ALL))] for one in found.pairs
    ]
    note = f"Pairs that share at least {found.least} stories; types are in pairs.csv"
    head = ["", "stories", "first", "second", "difference", "p", "p (Holm)"]
    return Sheet("Pairs of outlets, all cues per 1,000 words", head, rows, note)


def _called(found: Stories) -> Sheet:
    rows = [
        [actor, f"{number:,}", f"{len(outlets):,}", words]
        for actor, number, outlets, words in found.naming.called(_CUES)
    ]
    note = "Cues on an actor, the target of a designation or the name right beside a cue; all are in called.csv"
    return Sheet("Who is called what", ["actor", "cues", "outlets", "called"], rows, note, (0, 3))


def _names(found: Stories) -> Sheet:
    rows = [
        [one.actor, one.outlet, f"{one.stories:,}", *_cells(one, 0), found.naming.often(one.actor, one.outlet)]
        for one in found.names
    ]
    note = (
        "Share of an actor's mentions that a cue is put on, in stories in which others mention it, too; outlets with "
        f"at least {found.least} of them and actors with at least {FEWEST} cues in these"
    )
    head = ["actor", "outlet", "stories", "own", "others", "difference", "p", "p (Holm)", "called"]
    return Sheet("Who is called what by whom", head, rows, note, (0, 1, 8))


def _cells(one: Compared, column: int) -> list[str]:
    made = one.contrast
    if made is None:
        return ["n/a"] * 5
    rates = ["n/a" if np.isnan(side[column]) else f"{side[column]:.2f}" for side in (made.own, made.others)]
    return [*rates, show(made.difference[column]), show_p(made.p[column]), show_p(one.p_holm[column])]


FIELDS: Final = (
    *("outlet", "other", "actor", "stories", "cue"),
    *("own", "others", "difference", "low", "high", "p", "p_holm", "reason"),
)
"""The keys of `records`."""


def records(compared: Sequence[Compared]) -> Iterator[dict[str, Any]]:
    """Give every comparison, a row for each column; those that weren't made say why."""
    for one in compared:
        for column, name in enumerate(one.columns):
            made = one.contrast
            figures: dict[str, Any] = dict.fromkeys(("own", "others", "difference", "low", "high", "p", "p_holm"))
            if made is not None:
                apart = made.difference[column]
                values = [made.own[column], made.others[column], apart.value, apart.low, apart.high]
                values += [made.p[column], one.p_holm[column]]
                figures = {
                    key: None if np.isnan(value) else round(float(value), 6)
                    for key, value in zip(figures, values, strict=True)
                }
            yield {
                "outlet": one.outlet,
                "other": one.other,
                "actor": one.actor,
                "stories": one.stories,
                "cue": name,
                **figures,
                "reason": "too few stories" if made is None else "",
            }

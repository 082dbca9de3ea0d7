"""Stories out of pairs: average linkage on the sparse graph of similar articles."""

from __future__ import annotations

import heapq
from collections import defaultdict

from framing.evaluate.columns import FloatArray, IntArray


def group(
    left: IntArray, right: IntArray, cosine: FloatArray, day: IntArray, *, days: int, least: float
) -> list[list[int]]:
    """Join articles into stories while the mean cosine between two groups is high enough.

    Single links would chain one event to the next; the mean over all pairs doesn't. Pairs that aren't given count as 0.

    Args:
        left: [pairs] indices of articles.
        right: [pairs] indices of articles.
        cosine: [pairs] how alike they are; the lower these begin, the truer the means.
        day: [articles] days, as numbers.
        days: the most days from a story's first to its last article.
        least: the least mean cosine between groups that are joined.

    Returns:
        Stories of two articles or more, each sorted, in the order of their first articles.
    """
    links: dict[int, dict[int, float]] = defaultdict(dict)
    for one, other, weight in zip(left.tolist(), right.tolist(), cosine.tolist(), strict=True):
        links[one][other] = links[other][one] = weight
    members = {number: [number] for number in links}
    when = {number: (int(day[number]), int(day[number])) for number in links}
    heap = [(-weight, one, other) for one, near in links.items() for other, weight in near.items() if one < other]
    heapq.heapify(heap)
    while heap and -heap[0][0] >= least:
        mean, one, other = heapq.heappop(heap)
        if other not in links.get(one, {}):  # one of the two has been joined to another since
            continue
        if -mean != links[one][other] / (len(members[one]) * len(members[other])):  # the entry is older than the group
            continue
        first, last = min(when[one][0], when[other][0]), max(when[one][1], when[other][1])
        if last - first > days:
            del links[one][other], links[other][one]
            continue
        if len(links[one]) < len(links[other]):
            one, other = other, one
        members[one] += members.pop(other)
        when[one] = first, last
        for near, weight in links.pop(other).items():
            del links[near][other]
            if near != one:
                links[one][near] = links[near][one] = links[one].get(near, 0.0) + weight
        for near, weight in links[one].items():
            joined = weight / (len(members[one]) * len(members[near]))
            if joined >= least:
                heapq.heappush(heap, (-joined, min(one, near), max(one, near)))
    return sorted(sorted(found) for found in members.values() if len(found) > 1)

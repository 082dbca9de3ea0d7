"""Folders of Hugging Face data sets: which files in them are no data, so that no card or cache is read as news."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Set
from typing import Any, Final

_MARKS: Final = {
    "dataset_dict.json": {"splits"},
    "dataset_info.json": {"features", "splits", "builder_name"},
    "state.json": {"_data_files"},
}
"""Files that `datasets` writes into a folder that it saves, and keys of which they hold at least one."""

_CARD: Final = re.compile(
    rb"^(?:configs|config_names|dataset_info|task_categories|task_ids|size_categories|source_datasets|"
    rb"annotations_creators|language_creators|multilinguality|train-eval-index|viewer):",
    re.MULTILINE,
)
"""Keys that only the card of a data set has: `license` or `tags` stand in front of other texts, too."""

_FRONT: Final = re.compile(rb"---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_MOST: Final = 1 << 20
_DATA: Final = re.compile(
    r"\.(?:arrow|parquet|jsonl|ndjson|json|csv|tsv|txt|html?|warc|zip|tar|tgz)(?:\.(?:gz|bz2|zst|xz))?$", re.IGNORECASE
)


def no_data(folder: str, names: Set[str]) -> dict[str, str]:
    """Say which files of a data set's folder aren't read, and what they are; nothing of any other folder.

    Args:
        folder: the folder.
        names: what is in it.

    Returns:
        What each such file is, by its name.
    """
    marks = {name: found for name in _MARKS if name in names and (found := _read(folder, name, _MARKS[name]))}
    card = "README.md" in names and _is_card(folder)
    if not marks and not card:
        return {}
    left = dict.fromkeys(marks, "a description that `datasets` keeps")
    if card:
        left["README.md"] = "the card of a data set"
    listed = _data_files(marks.get("state.json"))
    for name in names - left.keys():
        if name.endswith(".arrow") and (name.startswith("cache-") or (listed is not None and name not in listed)):
            left[name] = "a cache or an old part, which `state.json` doesn't list"
        elif listed is None and not _DATA.search(name):
            left[name] = "no data by its ending"
    return left


def _read(folder: str, name: str, keys: Set[str]) -> dict[str, Any] | None:
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as stream:
            found = json.load(stream)
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and keys & found.keys() else None


def _data_files(state: dict[str, Any] | None) -> Set[str] | None:
    try:
        return None if state is None else {entry["filename"] for entry in state["_data_files"]}
    except (KeyError, TypeError):
        return None


def _is_card(folder: str) -> bool:
    try:
        with open(os.path.join(folder, "README.md"), "rb") as stream:
            front = _FRONT.match(stream.read(_MOST))
    except OSError:
        return False
    return front is not None and _CARD.search(front[1]) is not None

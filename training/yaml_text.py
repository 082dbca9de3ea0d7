"""YAML in which a key that a mapping has twice is a fault: the parser alone would take the last without a word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml


def read_yaml(text: str) -> tuple[Any, list[str]]:
    """Read YAML.

    Args:
        text: the document.

    Returns:
        What it says, and a fault for every key that is given twice, which opens with its line.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    root = yaml.compose(text, yaml.SafeLoader)
    return yaml.safe_load(text), [] if root is None else list(_twice(root))


def _twice(node: yaml.Node) -> Iterator[str]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _twice(item)
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode) and lines.setdefault(key.value, line) != line:
                yield f"{line}: key {key.value!r} stands at line {lines[key.value]} already; keep one of the two"
            yield from _twice(value)

"""The reference of commands: what `--help` prints, for every command, in place of a mark on its page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import click

from framing.cli import main

_MARK: Final = "<!-- commands -->"
_WIDTH: Final = 82


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the commands where the mark is."""
    return markdown.replace(_MARK, "\n".join(_sections(main, "framing", None))) if _MARK in markdown else markdown


def _sections(command: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    with click.Context(
        command, info_name=name, parent=parent, terminal_width=_WIDTH, max_content_width=_WIDTH
    ) as context:
        yield f"## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
        if isinstance(command, click.Group):
            for verb in command.list_commands(context):
                found = command.get_command(context, verb)
                if found is not None:
                    yield from _sections(found, verb, context)

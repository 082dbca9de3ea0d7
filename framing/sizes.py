"""Sizes on the command line."""

from __future__ import annotations

import math
from typing import Any

import click

from framing.io.pieces import MIB


class Mebibytes(click.FloatRange):
    """A size that is given in MiB and used in bytes, at least one."""

    def __init__(self, most: float | None = None) -> None:
        """Take the largest size in MiB; None for any."""
        super().__init__(min=0, max=most, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a number of MiB and give bytes."""
        size = float(super().convert(value, param, ctx))
        if not math.isfinite(size):
            self.fail(f"{value} is no size; give a number of MiB.", param, ctx)
        return max(1, int(size * MIB))

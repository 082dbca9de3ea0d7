"""`python -m framing`."""

from framing.cli import run

run()

"""What the commands share."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from framing.errors import MissingExtraError


def log_to_terminal() -> None:
    """Show our own progress notes, and only the errors of the libraries."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for noisy in ("onnxscript", "onnx_ir", "torch.onnx", "httpx", "datasets", "transformers"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


@contextmanager
def needs_extra() -> Iterator[None]:
    """Turn a missing package into an error that names the pip command."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"training needs packages that are missing ({error.name}): pip install -e '.[train]' -c constraints.txt"
        ) from error

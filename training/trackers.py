"""Experiment trackers: TensorBoard into the run folder; MLflow and Weights & Biases as their own settings say."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from transformers import TrainerCallback

from framing.errors import MissingExtraError
from training.processes import is_main

_INSTALL: Final = {
    "tensorboard": "pip install -e '.[runs]' -c constraints.txt",
    "mlflow": "pip install mlflow",
    "wandb": "pip install wandb",
}


def check_trackers(names: Sequence[str]) -> None:
    """Raise `MissingExtraError`, with the pip commands, for trackers that aren't installed."""
    missing = [name for name in names if name in _INSTALL and importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            "; ".join(f"training.report_to: {name} is not installed: {_INSTALL[name]}" for name in missing)
        )


def close_trackers(names: Sequence[str]) -> None:
    """End the trackers' own runs, also after a training that broke off, so that the next one gets a run of its own."""
    if "mlflow" in names:
        importlib.import_module("mlflow").end_run()
    if "wandb" in names:
        importlib.import_module("wandb").finish()


def tensorboard(names: Sequence[str], folder: Path) -> list[TrainerCallback]:
    """Give the callback that writes event files into a folder, where TensorBoard is asked for."""
    if "tensorboard" not in names or not is_main():
        return []
    from torch.utils.tensorboard import SummaryWriter
    from transformers.integrations.integration_utils import TensorBoardCallback

    return [TensorBoardCallback(SummaryWriter(str(folder)))]  # type: ignore[no-untyped-call]

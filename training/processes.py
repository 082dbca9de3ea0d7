"""The processes of one training: who writes, when all wait, and what memory they took."""

from __future__ import annotations

import sys

import torch
from accelerate import PartialState


def _state() -> PartialState:
    return PartialState(cpu=not torch.cuda.is_available())


def is_main() -> bool:
    """Tell whether this process is the one that writes; true where there is only one."""
    return bool(_state().is_main_process)


def world_size() -> int:
    """Count the processes that train together, as `accelerate launch` started them."""
    return int(_state().num_processes)


def wait() -> None:
    """Wait until all processes are here."""
    _state().wait_for_everyone()


def peak_memory() -> dict[str, float]:
    """Give the most memory that this process has held since it started, in GiB, and the most on its GPU."""
    if sys.platform == "win32":
        import psutil

        peak = psutil.Process().memory_info().peak_wset
    else:
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    found = {"peak_memory_gib": round(peak / 2**30, 3)}
    if torch.cuda.is_available():
        found["peak_gpu_memory_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 3)
    return found

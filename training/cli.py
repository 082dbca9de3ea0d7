"""The commands of training, mounted into `framing` when this package is importable."""

from training.commands.corpora import convert, corpora, datacard, split
from training.commands.encoders import adapt, shrink
from training.commands.gate import gate
from training.commands.hub import push
from training.commands.labelling import select, weak
from training.commands.models import curve, export, train

__all__ = [
    "adapt",
    "convert",
    "corpora",
    "curve",
    "datacard",
    "export",
    "gate",
    "push",
    "select",
    "shrink",
    "split",
    "train",
    "weak",
]

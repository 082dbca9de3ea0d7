"""Models by name: a folder on this machine, or `user/name` on the Hugging Face hub."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from framing.errors import MissingExtraError, ModelError

FILES: Final = (
    "framing.json",
    "model.onnx",
    "tokenizer.json",
    "designation.json",
    "gate.onnx",
    "gate.json",
    "README.md",
    "DATA.md",
)
"""What a model folder holds, and all that is ever fetched or uploaded."""

DEFAULT: Final = "default"
"""The name of the model that comes with the package."""

_NAME: Final = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:@(?P<revision>[\w./-]+))?")


def folder_of(model: str | Path) -> Path:
    """Find a model.

    Args:
        model: a model folder, `default`, or a hub name as `user/name` or `user/name@revision`. A folder comes first,
            and where a folder `user` exists a name is taken for a mistyped path, so that nothing is asked of the hub.

    Returns:
        The folder; that of a hub model lies in the hub's cache. Nothing in it is run or unpickled, and opening it
        compares every file with its hash.

    Raises:
        ModelError: there is no such folder, or no such model on the hub, or the hub can't be reached.
        MissingExtraError: a hub name, but `huggingface_hub` isn't installed.
    """
    folder = Path(model)
    if folder.is_dir():
        return folder
    if model == DEFAULT:
        from framing.model import default_folder

        return default_folder()
    named = _NAME.fullmatch(str(model))
    if named is None or folder.parent.exists():
        raise ModelError(f"{folder}: no such model folder; give a folder that `framing export` wrote, or `lexicon`")
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise MissingExtraError(
            f"{model}: no such model folder; to load models from the hub run `pip install 'framing[hub]'`"
        ) from error
    try:
        found = snapshot_download(named["name"], revision=named["revision"], allow_patterns=list(FILES))
    except Exception as error:  # the client's errors, and those of what it calls, have no base in common
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(
            f"{model}: no such model folder, and none to be had from the hub ({reason}); check the name, the network, "
            "and for a private model `hf auth login`"
        ) from error
    return Path(found)

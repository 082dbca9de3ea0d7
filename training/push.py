"""Put a model folder on the Hugging Face hub, once it is known to be whole."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from huggingface_hub import HfApi, ModelCard
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalTokenNotFoundError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

from framing.errors import InputError, ModelError
from framing.hub import FILES
from framing.model import Model

_FOLDER: Final = "file:"
_NEEDED: Final = frozenset(FILES) - {"DATA.md", "gate.onnx", "gate.json"}
_MENDS: Final = {
    401: "log in with `hf auth login`, or set HF_TOKEN, with a token that may write",
    403: "take a token that may write, and a name that is yours",
    404: "check the name and the revision; a revision must exist already",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """What goes up: `files` with their sizes in bytes, and `left`, what else lies in the folder and stays there."""

    files: dict[str, int]
    left: list[str]


def check(folder: Path) -> Upload:
    """Open a model folder as a user would and list what goes up.

    Raises:
        ModelError: no model folder, a file that isn't the one exported, or a model card that the hub can't read.
    """
    Model(folder)
    missing = sorted(_NEEDED - {path.name for path in folder.iterdir()})
    if missing:
        raise ModelError(f"{folder}: no {missing[0]}; export the model again")
    try:
        ModelCard.load(folder / "README.md")
    except ValueError as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"{folder / 'README.md'}: the hub can't read its metadata ({reason}); mend it") from error
    here = {path.name: path for path in sorted(folder.iterdir())}
    return Upload({name: here[name].stat().st_size for name in FILES if name in here}, sorted(set(here) - set(FILES)))


def push(
    folder: Path, target: str, *, private: bool = False, revision: str | None = None, api: HfApi | None = None
) -> str:
    """Upload a checked model folder; the repository is made where there is none, a private one if so wished.

    Args:
        folder: the model folder.
        target: `user/name`, or `file:FOLDER` to write what would be uploaded into a folder.
        private: for a new repository; an old one stays as it is.
        revision: the branch to push to, an existing one.
        api: the hub's client; None takes the usual one.

    Returns:
        Where the model is now.

    Raises:
        InputError: no hub name, not logged in, not allowed, or the hub can't be reached.
        ModelError: see `check`.
    """
    files = check(folder).files
    if target.startswith(_FOLDER):
        return _copy(folder, list(files), Path(target.removeprefix(_FOLDER)))
    check_name(target)
    client = api or HfApi()
    try:
        client.create_repo(target, private=private, exist_ok=True)
        done = client.upload_folder(
            repo_id=target,
            folder_path=folder,
            allow_patterns=list(files),
            revision=revision,
            commit_message="Upload a framing model",
        )
    except LocalTokenNotFoundError as error:
        raise InputError(f"{target}: not logged in; {_MENDS[401]}") from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        mend = _MENDS.get(status, "try again later")
        raise InputError(f"{target}: the hub refused ({status}: {_reason(error)}); {mend}") from error
    except Exception as error:  # what the client's HTTP library raises has no base in common with its own errors
        raise InputError(f"{target}: the hub can't be reached ({_reason(error)}); check the network") from error
    return str(done.commit_url)


def check_name(target: str) -> None:
    """Check a hub name; raises `InputError`."""
    try:
        validate_repo_id(target)
    except HFValidationError as error:
        raise InputError(
            f"{target!r} is no hub name; write user/name with letters, digits, '-', '_' and '.'"
        ) from error
    if target.count("/") != 1:
        raise InputError(f"{target!r} is no hub name; write user/name")


def _copy(folder: Path, names: list[str], target: Path) -> str:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target}: exists already; name a new folder")
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copyfile(folder / name, target / name)
    except OSError as error:
        raise InputError(f"{error.filename or target}: can't write it ({error.strerror or error})") from error
    return str(target)


def _reason(error: Exception) -> str:
    lines = str(getattr(error, "server_message", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__

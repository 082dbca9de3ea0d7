"""Models by name: what goes up to the hub, what is refused, and what is fetched from it; the network is never asked."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import httpx2
import huggingface_hub
import pytest
from command_line import refusal, run
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

import framing
from framing.errors import InputError, MissingExtraError, ModelError
from framing.hub import FILES, folder_of
from framing.model import default_folder
from training.push import check, push


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_folder(), tmp_path / "model"))


@pytest.fixture
def api() -> Any:
    """The hub's client with its real signatures, which answers that the commit is made."""
    api = create_autospec(HfApi, instance=True)
    api.upload_folder.return_value.commit_url = "https://huggingface.co/me/cues/commit/1"
    return api


def test_push_uploads_a_models_own_files_and_nothing_else(model: Path, api: Any) -> None:
    (model / "notes.txt").write_text("mine", encoding="utf-8")
    assert check(model).left == ["notes.txt"]
    assert push(model, "me/cues", private=True, revision="next", api=api) == "https://huggingface.co/me/cues/commit/1"
    api.create_repo.assert_called_once_with("me/cues", private=True, exist_ok=True)
    given = api.upload_folder.call_args.kwargs
    assert (given["repo_id"], given["folder_path"], given["revision"]) == ("me/cues", model, "next")
    assert set(given["allow_patterns"]) == {path.name for path in model.iterdir()} - {"notes.txt"}
    assert set(given["allow_patterns"]) <= set(FILES)


def test_push_to_a_folder_gives_a_model_that_scores_the_same(model: Path, tmp_path: Path) -> None:
    target = tmp_path / "up" / "cues"
    result = run("push", model, f"file:{target}")
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith(f"uploaded: {target}\n")
    text = "The so-called truce held."
    assert framing.load(target).score(text).spans == framing.load(model).score(text).spans != ()
    assert refusal(run("push", model, f"file:{target}")) == f"framing: {target}: exists already; name a new folder"


def test_a_dry_run_lists_what_would_go_up(model: Path, tmp_path: Path) -> None:
    (model / "notes.txt").write_text("mine", encoding="utf-8")
    result = run("push", model, f"file:{tmp_path / 'up'}", "--dry-run")
    assert f"model.onnx  {(model / 'model.onnx').stat().st_size:,} bytes\n" in result.stdout
    assert result.stderr == "notes.txt: no part of the model; left out\n"
    assert not (tmp_path / "up").exists()


def test_a_changed_model_is_refused(model: Path, api: Any) -> None:
    with (model / "tokenizer.json").open("a", encoding="utf-8") as stream:
        stream.write(" ")
    with pytest.raises(ModelError, match="not the file that was exported"):
        push(model, "me/cues", api=api)
    api.create_repo.assert_not_called()


def test_a_card_that_the_hub_cannot_read_is_refused(model: Path, api: Any) -> None:
    (model / "README.md").write_text("---\n- a\n- list\n---\n", encoding="utf-8")
    with pytest.raises(ModelError, match="the hub can't read its metadata"):
        push(model, "me/cues", api=api)
    (model / "README.md").unlink()
    with pytest.raises(ModelError, match=r"no README\.md; export the model again"):
        push(model, "me/cues", api=api)


@pytest.mark.parametrize("name", ["cues", "a/b/c", "me/cu es", "me/..", "-me/cues"])
def test_a_name_that_is_none_is_refused_before_anything_is_asked(model: Path, name: str) -> None:
    assert "is no hub name; write user/name" in refusal(run("push", model, "--", name))


def refused(status: int) -> HfHubHTTPError:
    request = httpx2.Request("POST", "https://huggingface.co/api/repos/create")
    return HfHubHTTPError("no\nmore", response=httpx2.Response(status, request=request))


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (LocalTokenNotFoundError("no token"), "not logged in; log in with `hf auth login`, or set HF_TOKEN"),
        (refused(401), r"the hub refused \(401: no\); log in with `hf auth login`"),
        (refused(403), r"the hub refused \(403: no\); take a token that may write"),
        (refused(500), r"the hub refused \(500: no\); try again later"),
        (httpx2.ConnectError("no route"), r"the hub can't be reached \(no route\); check the network"),
    ],
)
def test_a_refusal_of_the_hub_is_one_line_with_the_mend(model: Path, api: Any, error: Exception, mend: str) -> None:
    api.create_repo.side_effect = error
    with pytest.raises(InputError, match=f"^me/cues: {mend}") as caught:
        push(model, "me/cues", api=api)
    assert "\n" not in str(caught.value)


@pytest.fixture
def offline_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The hub's cache in a folder of ours, with the network switched off."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "hub" / "models--someone--cues"


def test_a_hub_model_loads_by_name_and_revision(offline_hub: Path) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    snapshot = offline_hub / "snapshots" / commit
    shutil.copytree(default_folder(), snapshot)
    (offline_hub / "refs").mkdir()
    for branch in ("main", "next"):
        (offline_hub / "refs" / branch).write_text(commit, encoding="utf-8")
    text = "The so-called truce held."
    for name in ("someone/cues", "someone/cues@next", f"someone/cues@{commit}"):
        assert folder_of(name) == snapshot
    assert framing.load("someone/cues").score(text).spans == framing.load().score(text).spans
    assert run("cues", "--model", "someone/cues").stdout == run("cues").stdout
    with (snapshot / "model.onnx").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ModelError, match="not the file that was exported"):
        framing.load("someone/cues")


def test_only_a_models_own_files_are_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = create_autospec(huggingface_hub.snapshot_download, return_value=str(tmp_path))
    monkeypatch.setattr(huggingface_hub, "snapshot_download", asked)
    assert folder_of("someone/cues@v1") == tmp_path
    asked.assert_called_once_with("someone/cues", revision="v1", allow_patterns=list(FILES))


@pytest.mark.usefixtures("offline_hub")
def test_a_model_that_is_nowhere_is_one_line_with_the_mend(tmp_path: Path) -> None:
    message = refusal(run("score", "-", "--model", "someone/else", stdin=b"A text."))
    assert message.startswith("framing: someone/else: no such model folder, and none to be had from the hub (")
    assert message.endswith("; check the name, the network, and for a private model `hf auth login`")


def test_a_mistyped_path_is_not_asked_of_the_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: pytest.fail("asked the hub"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    for name in ("runs/mien", "./some/model", "a/b/c", "model", str(tmp_path / "none")):
        with pytest.raises(ModelError, match="no such model folder; give a folder"):
            folder_of(name)


def test_hub_names_need_the_hubs_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"run `pip install 'framing\[hub\]'`"):
        folder_of("someone/cues")

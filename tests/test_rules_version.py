"""A model is told what the rules find, so rules that find something else need a new version and a new model."""

from __future__ import annotations

import hashlib
from pathlib import Path

from framing.features import RULES_VERSION, features
from framing.io.jsonl import read_documents
from framing.model import ModelInfo, default_folder
from framing.quotations import quotations
from framing.text import units

# When this fails after a change of the rules: raise RULES_VERSION, run `make model`, and write the new digest here.
# After a change of the examples only the digest changes.
PINNED = (2, "fafa54db4012f58a22d23a63c545fa722d42e6d4fc2fd32cb0074242a074d472")


def test_what_the_network_is_told_changes_only_with_the_version(examples: Path) -> None:
    digest = hashlib.sha256()
    for document in read_documents(examples / "corpus.jsonl"):
        text = document.text
        digest.update(features(text, units(text), quotations(text), rules=True).astype("<i8").tobytes())
    assert (RULES_VERSION, digest.hexdigest()) == PINNED


def test_the_default_model_was_trained_with_these_rules() -> None:
    assert ModelInfo.from_file(default_folder() / "framing.json").rules == RULES_VERSION

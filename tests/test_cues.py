"""The cue vocabulary: the codebook's six types, and vocabularies from YAML."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from framing.cues import CODEBOOK, Cue, read_cues, unique
from framing.errors import InputError


def test_the_codebook_has_six_types_in_a_fixed_order() -> None:
    assert [cue.name for cue in CODEBOOK] == [
        *["scare_quote", "pretext", "terrorist_designation", "distancing", "group_label", "sponsor_label"]
    ]
    assert [cue.name for cue in CODEBOOK if cue.decoding == "quotation"] == ["scare_quote"]


@pytest.mark.parametrize("cue", CODEBOOK, ids=lambda cue: cue.name)
def test_every_type_is_explained_and_coloured(cue: Cue) -> None:
    assert cue.definition.endswith(".")
    assert re.search(r"\[[^\[\]]+\]", cue.example)
    assert cue.decoy
    assert "[" not in cue.decoy
    assert re.fullmatch("#[0-9a-f]{6}", cue.colour)


def test_no_two_types_share_a_colour() -> None:
    assert len({cue.colour for cue in CODEBOOK}) == len(CODEBOOK)


@pytest.mark.parametrize("cue", CODEBOOK, ids=lambda cue: cue.name)
def test_cues_survive_the_way_through_json(cue: Cue) -> None:
    assert Cue.from_record(cue.to_record(), where="x") == cue


@pytest.fixture
def vocabulary(tmp_path: Path) -> Path:
    return tmp_path / "cues.yaml"


def test_a_vocabulary_is_read_from_yaml(vocabulary: Path) -> None:
    vocabulary.write_text(
        "- name: irony\n  definition: Words that mean their opposite.\n  colour: '#112233'\n"
        "- name: nickname\n  decoding: quotation\n"
    )
    assert read_cues(vocabulary) == (
        Cue("irony", "Words that mean their opposite.", colour="#112233"),
        Cue("nickname", decoding="quotation"),
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the cue vocabulary must be a YAML list of cues, each with a name"),
        ("[]", "the cue vocabulary must be a YAML list of cues, each with a name"),
        ("name: irony", "the cue vocabulary must be a YAML list of cues, each with a name"),
        ("- irony", "cue 'irony' has no name; write `- name: ...` and optionally the other keys"),
        ("- name: ''", "cue {'name': ''} has no name; write `- name: ...` and optionally the other keys"),
        ("- name: 7", "cue {'name': 7} has no name; write `- name: ...` and optionally the other keys"),
        (
            "- name: irony\n  color: red\n  tone: dry",
            "cue 'irony' has unknown keys color, tone; known are name, definition, example, decoy, colour, decoding",
        ),
        ("- name: irony\n- name: mock\n- name: irony", "cue irony stands twice; give every cue a name of its own"),
    ],
)
def test_a_wrong_vocabulary_names_file_fault_and_mend(vocabulary: Path, content: str, message: str) -> None:
    vocabulary.write_text(content)
    with pytest.raises(InputError) as caught:
        read_cues(vocabulary)
    assert str(caught.value) == f"{vocabulary}: {message}"


def test_a_wrong_decoding_names_the_choices(vocabulary: Path) -> None:
    vocabulary.write_text("- name: irony\n  decoding: sentence")
    with pytest.raises(InputError, match="cue 'irony': decoding 'sentence' is not one of words, quotation"):
        read_cues(vocabulary)


@pytest.mark.parametrize("content", [None, b"- name: [", b"- name: \xff", b"!!python/object:os.system {}"])
def test_an_unreadable_vocabulary_is_one_line(vocabulary: Path, content: bytes | None) -> None:
    if content is not None:
        vocabulary.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_cues(vocabulary)
    assert str(caught.value).startswith(f"{vocabulary}: can't read the cue vocabulary (")
    assert "\n" not in str(caught.value)


def test_names_must_be_unique() -> None:
    cues = [Cue("irony"), Cue("mock")]
    assert unique(cues, where="here") == tuple(cues)
    with pytest.raises(InputError, match="here: cue irony, mock stands twice"):
        unique(cues * 2, where="here")

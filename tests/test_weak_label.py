"""Labelling functions from every source, and the command that lets them vote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import refusal, run

from framing.errors import ConfigError, InputError
from framing.io.jsonl import read_documents
from framing.lexicon import Lexicon
from framing.spans import Document
from training.weak.functions import labelling_function, lexicon_functions, load_functions
from training.weak.label import label
from training.weak.patterns import read_patterns

ROOT = Path(__file__).parents[1]
LIST = ROOT / "examples" / "labelling.yaml"
TEXTS = [
    "The so-called truce was broken under the pretext of a search.",
    "The old regime fell, and the regime change was peaceful.",
    "Nothing of note.",
]
PYTHON = """
import re
from training.weak.functions import labelling_function

@labelling_function(label="group_label", precision=0.6)
def old_regime(document):
    yield from (match.span() for match in re.finditer("old regime", document.text))
"""


def patterns(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "list.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def found(tmp_path: Path, keys: str, text: str) -> list[str]:
    (function,) = read_patterns(patterns(tmp_path, f"- {{name: n, label: x, {keys}}}\n"))
    return [text[span.start : span.end] for span in function(Document("one", text))]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.jsonl"
    rows = [{"id": f"t{n}", "text": text, "outlet": "Harbour Post"} for n, text in enumerate(TEXTS * 10)]
    for row in rows[:3]:
        row["spans"] = [{"start": 0, "end": 3, "label": "scare_quote"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("keys", "text", "expected"),
    [
        ("phrases: [fig leaf]", "A fig\nleaf, Fig leaf, fig leaves", ["fig\nleaf", "Fig leaf"]),
        ("phrases: [fig leaf], case: true", "A fig leaf, a Fig leaf", ["fig leaf"]),
        ('phrases: ["moscow\'s"]', "moscow’s plan", ["moscow’s"]),
        ("regex: 'a (?P<span>cult)'", "a cult, the cult", ["cult"]),
        ("regex: 'x*'", "axxb", ["xx"]),
        ("regex: regime, not_right: '\\s+change'", "regime change, regime", ["regime"]),
        ("regex: regime, left: 'old\\s+'", "new regime, old regime", ["regime"]),
        ("regex: sham, not_inside: quotation", '"a sham vote", a sham', ["sham"]),
        ("regex: fake, inside: quotation", '"a fake vote", a sham fake', ["fake"]),
        ("quotations: short, not_left: 'said '", 'he said "aid", the "aid" came', ['"aid"']),
    ],
)
def test_patterns_find(tmp_path: Path, keys: str, text: str, expected: list[str]) -> None:
    assert found(tmp_path, keys, text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- {name: n, label: x}", "entry 1 (n): give one of phrases, regex and quotations"),
        ("- {name: n, label: x, regex: '('}", "entry 1 (n): regex: no regular expression"),
        ("- {name: n, label: x, regexp: a}", "unknown key regexp; known are name, label"),
        ("- {name: n, label: x, regex: a, precision: 1}", "precision: input should be less than 1"),
        ("- lexicon: [pretexts]", "entry 1: lexicon:pretexts: the lexicon has no such cue type"),
        ("name: n", "a pattern list is a YAML list"),
        ("- [", "not YAML"),
    ],
)
def test_a_wrong_pattern_list_is_refused_in_one_line(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_patterns(patterns(tmp_path, text))
    assert reason in str(caught.value)
    assert str(tmp_path / "list.yaml") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_faults_of_pattern_lists_come_together(tmp_path: Path) -> None:
    text = "- {name: a, label: x, phrases: [y], precison: 1}\n- {name: b, label: x, regex: '('}\n- {name: c, name: d}\n"
    path = patterns(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_functions([str(path), "lexicon:pretexts", "mine.txt"])
    found = str(caught.value)
    assert found.startswith(f"{path}: entry 1 (a): unknown key precison; known are name")
    for part in (
        "; entry 2 (b): regex: no regular",
        "; entry 3 (d): label: ",
        "; lexicon:pretexts: ",
        "; mine.txt: lab",
    ):
        assert part in found
    assert "\n" not in found
    with pytest.raises(ConfigError, match="line 2: key 'label' stands at line 1 already; keep one of the two"):
        read_patterns(patterns(tmp_path, "- {name: a, label: x, phrases: [y],\n label: z}\n"))


def test_the_example_list_has_functions_for_every_cue_type_and_no_name_twice() -> None:
    names = {function.label for function in load_functions([str(LIST), "lexicon"])}
    assert names == {function.label for function in lexicon_functions()}
    with pytest.raises(ConfigError, match="stands twice"):
        load_functions([str(LIST), str(LIST)])


def test_the_lexicon_as_functions_finds_what_the_lexicon_finds(examples: Path) -> None:
    lexicon, functions = Lexicon(), lexicon_functions()
    for document in read_documents(examples / "corpus.jsonl")[:100]:
        ours = {(s.start, s.end, s.label) for function in functions for s in function(document)}
        assert {(s.start, s.end, s.label) for s in lexicon.find(document.text)} <= ours


def test_python_functions_are_named_by_record_when_they_fail(tmp_path: Path) -> None:
    @labelling_function(label="x")
    def outside(document: Document) -> list[tuple[int, int]]:
        return [(0, len(document.text) + 1)]

    @labelling_function(label="x", name="broken")
    def fails(document: Document) -> list[tuple[int, int]]:
        raise KeyError(document.id)

    for function, reason in ((outside, "'outside' on record 'one': .0, 4. is no range"), (fails, "'broken'.*KeyError")):
        with pytest.raises(InputError, match=reason):
            function(Document("one", "abc"))
    (tmp_path / "bad.py").write_text("import nothing_of_the_kind\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"bad\.py: ModuleNotFoundError"):
        load_functions([str(tmp_path / "bad.py")])


def test_texts_become_records_with_scores_and_a_table(tmp_path: Path, texts: Path, examples: Path) -> None:
    (tmp_path / "mine.py").write_text(PYTHON, encoding="utf-8")
    output, report = tmp_path / "weak.jsonl", tmp_path / "report.json"
    result = run(
        "weak", texts, "--functions", LIST, "--functions", tmp_path / "mine.py", "--report", report, "-o", output,
        "--gold", examples / "held-out.jsonl",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    documents = read_documents(output)
    assert [document.meta["outlet"] for document in documents] == ["Harbour Post"] * 30
    first = [(span.label, first_text(documents[0], span), span.voice) for span in documents[0].spans]
    assert ("distancing", "so-called", "author") in first
    assert ("pretext", "under the pretext of", "author") in first
    assert all(span.score is not None and 0.05 <= span.score < 1 for d in documents for span in d.spans)
    assert documents[2].spans == ()  # silence everywhere: taught as empty
    told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    rows = {row["name"]: row for row in told["functions"]}
    assert {key: rows["old_regime"][key] for key in ("votes", "coverage", "overlaps", "agreement", "conflicts")} == {
        "votes": 10, "coverage": 1 / 3, "overlaps": 1.0, "agreement": 0.0, "conflicts": 1.0,
    }  # fmt: skip
    assert {"functions": ["illegitimate_rule", "old_regime"], "overlaps": 10, "equal": 0.0} in told["agreements"]
    assert rows["hedges"]["gold"]["gold"] > 0
    assert set(told["gold"]) == {"hmm", "majority"}
    assert "hmm against gold, strict F1: " in result.stdout
    assert sorted(path.name for path in tmp_path.glob("weak.jsonl*")) == ["weak.jsonl"]


def first_text(document: Document, span: Any) -> str:
    return document.text[span.start : span.end]


def test_hard_records_have_no_scores_and_no_overlaps(tmp_path: Path, texts: Path) -> None:
    label([str(texts)], [str(LIST), "lexicon"], tmp_path / "hard.jsonl", hard=True, model="majority")
    for document in read_documents(tmp_path / "hard.jsonl"):
        assert all(span.score is None for span in document.spans)
        for one, other in zip(document.spans, document.spans[1:], strict=False):
            assert one.label != other.label or not one.overlaps(other)


def test_an_interrupted_run_casts_no_vote_twice_and_ends_the_same(tmp_path: Path, texts: Path) -> None:
    (tmp_path / "mine.py").write_text(
        PYTHON.replace(
            "    yield",
            f"    with open({str(tmp_path / 'calls')!r}, 'a') as calls:\n"
            "        calls.write(document.id + '\\n')\n    yield",
        ),
        encoding="utf-8",
    )
    entries = [str(LIST), str(tmp_path / "mine.py")]
    calls = tmp_path / "calls"

    def killed(ballots: Any, what: str) -> Any:
        for number, ballot in enumerate(ballots):
            if number == 17:
                raise KeyboardInterrupt
            yield ballot

    with pytest.raises(KeyboardInterrupt):
        label([str(texts)], entries, tmp_path / "weak.jsonl", progress=killed)
    assert not (tmp_path / "weak.jsonl").exists()
    with (tmp_path / "weak.jsonl.votes").open("a", encoding="utf-8") as stream:
        stream.write("[[0,1")  # as a kill in the middle of a line leaves it
    label([str(texts)], entries, tmp_path / "weak.jsonl")
    assert sorted(calls.read_text(encoding="utf-8").split()) == sorted(f"t{n}" for n in range(30))
    label([str(texts)], entries, tmp_path / "straight.jsonl")
    assert (tmp_path / "weak.jsonl").read_bytes() == (tmp_path / "straight.jsonl").read_bytes()


def test_bad_input_is_one_line_with_the_mend(tmp_path: Path, texts: Path) -> None:
    out = ("-o", tmp_path / "weak.jsonl")
    assert "come from a .yaml or .py file" in refusal(run("weak", texts, "--functions", "mine.txt", *out))
    assert "check the path" in refusal(run("weak", tmp_path / "none.jsonl", "--functions", LIST, *out))
    assert "standard input" in refusal(run("weak", "-", "--functions", LIST, *out))
    assert "check the path" in refusal(run("weak", texts, "--functions", tmp_path / "none.py", *out))

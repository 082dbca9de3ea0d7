"""Model card and data card: metadata that the hub reads, the right figures, and no text of a corpus."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from command_line import refusal, run
from huggingface_hub import DatasetCard, ModelCard

from framing.model import ModelInfo, default_folder
from framing.spans import CueSpan, Document
from training.card import model_card, run_data_card
from training.config import Config, load_config
from training.corpora.registry import read_corpus
from training.datacard import data_card, statistics
from training.fingerprint import sha256

ROOT = Path(__file__).parents[1]
FACTS = json.loads((default_folder() / "framing.json").read_text(encoding="utf-8"))
RECIPE = load_config(ROOT / "configs" / "default.yaml")


def card(config: Config = RECIPE, facts: dict[str, Any] = FACTS) -> ModelCard:
    info = ModelInfo.from_file(default_folder() / "framing.json")
    return ModelCard(model_card(facts, info.calibration, info.cues, config))


def test_the_hub_reads_the_model_cards_metadata() -> None:
    data = card().data
    given = {name: data[name] for name in ("license", "language", "library_name", "pipeline_tag", "base_model")}
    assert given == {
        "license": "apache-2.0",
        "language": "en",
        "library_name": "framing",
        "pipeline_tag": "token-classification",
        "base_model": "sentence-transformers/all-MiniLM-L6-v2",
    }
    assert data.model_name == "framing-cues-minilm"
    dev = FACTS["figures"]["dev"]
    results = {result.metric_name: result.metric_value for result in data.eval_results}
    value, low, high = dev["f1"]["micro"]["strict"]
    assert results[f"strict F1, micro, 95% interval [{low:.3f}, {high:.3f}]"] == value
    assert len(results) == 4 + len(FACTS["cues"])
    assert {(r.task_type, r.dataset_split, r.metric_type) for r in data.eval_results} == {
        ("token-classification", "dev", "f1")
    }


def test_what_only_this_machine_has_is_no_name_on_the_hub(tmp_path: Path) -> None:
    local = RECIPE.model_copy(update={"model": RECIPE.model.model_copy(update={"encoder": str(tmp_path)})})
    content = card(local)
    assert content.data.get("base_model") is None
    assert content.data.get("datasets") is None
    assert str(tmp_path) not in content.content
    train = ("hf:someone/cues?split=all", f"hf:{tmp_path}", "mine.jsonl")
    named = RECIPE.model_copy(update={"data": RECIPE.data.model_copy(update={"train": train})})
    assert card(named).data["datasets"] == ["someone/cues"]


def test_a_figure_that_dev_cannot_give_is_said_to_be_none() -> None:
    name = FACTS["cues"][0]["name"]
    f1 = {**FACTS["figures"]["dev"]["f1"], name: {"strict": None, "overlap": None}}
    found = card(facts={**FACTS, "figures": {**FACTS["figures"], "dev": {**FACTS["figures"]["dev"], "f1": f1}}})
    assert f"| {name} | no figure | no figure |" in found.content
    assert len(found.data.eval_results) == 3 + len(FACTS["cues"])


def test_a_run_without_cross_fitted_figures_has_a_card_too() -> None:
    dev = {**FACTS["figures"]["dev"], "cross_fitted": None}
    found = card(facts={**FACTS, "figures": {**FACTS["figures"], "dev": dev}})
    assert len(found.data.eval_results) == 2 + len(FACTS["cues"])


def test_cards_say_who_made_the_labels() -> None:
    by_people = RECIPE.model_copy(update={"data": RECIPE.data.model_copy(update={"note": "Two trained coders."})})
    said = "The labels were made by language models"
    assert said in card().text
    assert said not in card(by_people).text
    data = {"statistics": statistics({"train": DOCUMENTS}), "files": {}, "losses": {}}
    machine, people = (DatasetCard(run_data_card(data, config)) for config in (RECIPE, by_people))
    assert machine.data.annotations_creators == "machine-generated"
    assert "They were made by language models, not by people." in machine.text
    assert people.data.annotations_creators is None
    assert "language model" not in people.text


DOCUMENTS = [
    Document(
        "a",
        "The so-called truce, a pretext for war, held.",
        (CueSpan(4, 13, "distancing", voice="author"), CueSpan(23, 34, "pretext", voice="quoted")),
        {"article": "x", "outlet": "Harbour | Post", "date": "2020-01-02"},
    ),
    Document("b", "It rained.", (), {"article": "x", "date": "2021-03-04"}),
    Document("c", "The regime fell.", (CueSpan(4, 10, "pretext"),), {"outlet": "The Quay"}),
]


def test_statistics_count_parts_and_what_they_share() -> None:
    found = statistics({"train": DOCUMENTS, "dev": [DOCUMENTS[1]]})
    assert found["parts"]["train"] == {
        "documents": 3,
        "articles": 2,
        "words": 13,
        "empty": 1,
        "labels": {
            "distancing": {"documents": 1, "voices": {"author": 1}},
            "pretext": {"documents": 2, "voices": {"quoted": 1, "none": 1}},
        },
        "outlets": {"Harbour | Post": 1, "The Quay": 1},
        "years": {"2020": 1, "2021": 1},
    }
    assert found["shared"] == [{"parts": ["train", "dev"], "articles": 1, "texts": 1}]


def test_a_data_card_is_read_by_the_hub_and_holds_the_counts() -> None:
    losses = {"train": {"span that no window of the training holds whole": 2}, "dev": {}}
    files = {"train": [{"name": "train.jsonl", "sha256": "ab"}], "dev": []}
    facts = statistics({"train": DOCUMENTS, "dev": [DOCUMENTS[1]]})
    text = data_card(facts, files, losses, name="Harbour", note=None, language="en", licence=None)
    data = DatasetCard(text).data
    assert (data.pretty_name, data.license, data.size_categories) == ("Harbour", "unknown", "n<1K")
    for line in (
        "| train | 3 | 2 | 13 | 1 | 3 |",
        "| part | label | spans | documents | voice: author | voice: none | voice: quoted |",
        "| train | pretext | 2 | 2 | 0 | 1 | 1 |",
        r"| Harbour \| Post | 1 | 0 |",
        "| 2021 | 1 | 1 |",
        "- train: `train.jsonl`, SHA-256 `ab`",
        "- train and dev share 1 articles and 1 identical texts",
        "- train: 2 x span that no window of the training holds whole",
        "The recipe does not say (`data.note`).",
    ):
        assert f"{line}\n" in text


def test_rare_outlets_are_summed_up() -> None:
    many = [Document(str(n), "A b.", meta={"outlet": f"Outlet {n // 2}"}) for n in range(46)]
    text = data_card(statistics({"all": many}), {}, {}, name="x", note=None, language=None, licence=None)
    assert text.count("| Outlet ") == 20
    assert "| 3 others | 6 |\n" in text


def test_a_data_card_holds_no_sentence_of_the_corpus(examples: Path, tmp_path: Path) -> None:
    output = tmp_path / "DATA.md"
    arguments = ("--name", "Examples", "--language", "en", "--licence", "apache-2.0", "-o", output)
    parts = [examples / "corpus.jsonl", examples / "held-out.jsonl"]
    result = run("datacard", *parts, *arguments)
    assert result.exit_code == 0, result.output
    written = output.read_text(encoding="utf-8")
    card = runs_of_words(written)
    documents = [document for part in parts for document in read_corpus(str(part))]
    assert not card & {words for document in documents for words in runs_of_words(document.text)}
    assert f"- corpus.jsonl: `corpus.jsonl`, SHA-256 `{sha256(parts[0])}`\n" in written
    assert "can't read the file" in refusal(run("datacard", tmp_path / "none.jsonl", *arguments))


def runs_of_words(text: str) -> set[tuple[str, ...]]:
    """Give all runs of four words."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + 4]) for start in range(len(words) - 3)}


def test_a_data_card_sums_up_probabilities_and_knows_whole_sentences() -> None:
    soft = Document("a", "so it is", (CueSpan(0, 2, "odd", 0.25), CueSpan(0, 5, "odd", 0.5), CueSpan(6, 8, "odd")))
    facts = statistics({"train": [soft], "dev": [Document("b", "it is", (CueSpan(0, 2, "odd"),))]})
    text = data_card(facts, {}, {}, name="x", note=None, language=None, licence=None, sentences=True)
    assert "| part | label | spans | documents | expected | voice: none |" in text
    assert "| train | odd | 3 | 1 | 1.8 | 3 |" in text
    assert "| dev | odd | 1 | 1 | 1 | 1 |" in text
    assert DatasetCard(text).data.task_categories == ["text-classification"]

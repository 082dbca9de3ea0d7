"""The spaCy component: found by its name, spans on tokens, exact records, saved, and spread over processes."""

from __future__ import annotations

import pickle
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from framing.errors import InputError, ModelError
from framing.integrations.spacy import FramingCues, make_framing_cues
from framing.scorer import Scorer

TEXT = "The so-called truce, a pretext for war, held."
FOUND = [("so-called", "distancing"), ("pretext for", "pretext")]


@pytest.fixture(scope="module")
def nlp() -> Language:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("framing_cues", config={"threads": 1})
    return pipeline


def cues(doc: Doc) -> list[tuple[str, str]]:
    return [(span.text, span.label_) for span in doc.spans["sc"]]


def test_the_package_offers_the_factory_by_its_name() -> None:
    facts = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    entries = facts["project"]["entry-points"]["spacy_factories"]
    assert list(entries) == ["framing_cues"]
    assert EntryPoint("framing_cues", entries["framing_cues"], "spacy_factories").load() is make_framing_cues


def test_a_doc_holds_what_the_scorer_finds(nlp: Language, scorer: Scorer) -> None:
    doc = nlp(TEXT)
    assert cues(doc) == FOUND
    record = scorer.score(TEXT).to_record()
    assert doc._.framing == {key: record[key] for key in ("spans", "profile", "model")}
    assert [span._.framing for span in doc.spans["sc"]] == record["spans"]
    assert doc.spans["sc"].attrs["scores"].tolist() == pytest.approx([span["score"] for span in record["spans"]])
    assert doc[:1]._.framing is None


def test_a_cue_that_ends_inside_a_token_is_widened_and_keeps_its_offsets() -> None:
    pipeline = spacy.blank("en")
    pipeline.tokenizer = lambda text: Doc(pipeline.vocab, words=text.split(" "))
    pipeline.add_pipe("framing_cues", config={"model": "lexicon"})
    doc = pipeline("The regime, it held.")
    (span,) = doc.spans["sc"]
    assert (span.text, span._.framing["start"], span._.framing["end"]) == ("regime,", 4, 10)


def test_texts_come_in_order_and_over_several_processes(nlp: Language) -> None:
    texts = [TEXT, "Nothing happened.", "", TEXT]
    expected = [FOUND, [], [], FOUND]
    assert [cues(doc) for doc in nlp.pipe(texts, batch_size=2)] == expected
    assert [cues(doc) for doc in nlp.pipe(texts, n_process=2, batch_size=2)] == expected


def test_pipelines_and_docs_are_saved_and_read_again(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "pipeline")
    assert cues(spacy.load(tmp_path / "pipeline")(TEXT)) == FOUND
    DocBin(docs=[nlp(TEXT)], store_user_data=True).to_disk(tmp_path / "docs.spacy")
    (doc,) = DocBin().from_disk(tmp_path / "docs.spacy").get_docs(nlp.vocab)
    assert cues(doc) == FOUND
    assert [span._.framing["voice"] for span in doc.spans["sc"]] == ["author", "author"]
    component = nlp.get_pipe("framing_cues")
    assert isinstance(component, FramingCues)
    assert cues(pickle.loads(pickle.dumps(component))(nlp.make_doc(TEXT))) == FOUND  # noqa: S301


def test_settings_reach_the_scorer_and_wrong_ones_show_at_once() -> None:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("framing_cues", config={"model": "lexicon", "cues": ["pretext"], "spans_key": "framing"})
    doc = pipeline(TEXT)
    assert [span.label_ for span in doc.spans["framing"]] == ["pretext"]
    with pytest.raises(ModelError, match="nowhere: no such model folder"):
        spacy.blank("en").add_pipe("framing_cues", config={"model": "nowhere"})
    with pytest.raises(InputError, match="did you mean pretext"):
        spacy.blank("en").add_pipe("framing_cues", config={"model": "lexicon", "cues": ["pretxt"]})

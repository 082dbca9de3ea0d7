"""Designations: kind and authority in the manners of several states, target, source, and the record in all outputs."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

import framing
from framing.authorities import mentions
from framing.designation import FILE, Designator
from framing.designation_rules import designated
from framing.errors import ModelError, RecordError
from framing.evaluate.designations import designation_table
from framing.io.jsonl import read_documents
from framing.model import default_folder
from framing.phrases import phrases
from framing.report.article import articles_page
from framing.report.terminal import print_article
from framing.spans import CueSpan, Designation, Document
from training.designations import choose, examples, fit_roles, fit_weights
from training.run import Run

EXAMPLES = Path("examples/corpus.jsonl")
TEXT = "The Harbour Front, which Ankara lists as a terrorist organization, denied the report."


def cue(text: str, words: str, designation: Designation | None = None) -> CueSpan:
    start = text.index(words)
    return CueSpan(start, start + len(words), "terrorist_designation", voice="author", designation=designation)


@pytest.mark.parametrize(
    ("text", "words", "authority"),
    [
        (
            "He gave money to the Harbour Front, a terrorist organization banned in Russia.",
            "terrorist organization banned in Russia",
            "Russia",
        ),
        ("The Harbour Front (outlawed in Russia) has no office here.", "outlawed in Russia", "Russia"),
        (TEXT, "terrorist organization", "Turkey"),
        ("Washington has long designated the Harbour Front as a terrorist group.", "terrorist group", "United States"),
        (
            "The group is on the European Union's list of terrorist organisations.",
            "list of terrorist organisations",
            "European Union",
        ),
        (
            "The Harbour Front is proscribed as a terrorist organisation in Britain.",
            "proscribed as a terrorist organisation",
            "United Kingdom",
        ),
        ("The Harbour Front, declared a terrorist group by a Kenyan court, sells tea.", "terrorist group", "Kenya"),
        ("The choir was recognised as extremist by a district court in Minsk.", "recognised as extremist", "Belarus"),
        (
            "The Harbour Front is sanctioned by the Security Council as a terrorist group.",
            "sanctioned by the Security Council as a terrorist group",
            "United Nations",
        ),
        ("They are U.N.-designated terrorists, the envoy said.", "designated terrorists", "United Nations"),
        (
            "The Front is considered a terrorist group by Israel, the UK, the US and others.",
            "terrorist group",
            "Israel; United Kingdom; United States",
        ),
        (
            "It remains a state sponsor of terrorism, with all that follows.",
            "state sponsor of terrorism",
            "United States",
        ),
        ("The judge called it an outlawed group.", "outlawed group", None),
    ],
)
def test_a_listing_is_told_with_its_authority(text: str, words: str, authority: str | None) -> None:
    span = cue(text, words)
    assert designated(text, span.start, span.end) == ("listing", authority)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Turkish police shot two terrorists in the harbour.", "terrorists"),
        ("The mayor called the bakers extremists.", "extremists"),
        ("After the terrorist attack in Berlin the market was closed.", "terrorist attack"),
        ("He called the island the world's leading state sponsor of terrorism.", "state sponsor of terrorism"),
    ],
)
def test_a_label_is_no_listing(text: str, words: str) -> None:
    span = cue(text, words)
    assert designated(text, span.start, span.end) == ("label", None)


def test_names_of_authorities_need_their_capitals() -> None:
    text = "They told us that the US, TURKEY and the Obama administration polish turkey."
    assert [(text[m.start : m.end], m.authority) for m in mentions(text)] == [
        ("US", "United States"),
        ("TURKEY", "Turkey"),
        ("Obama administration", "United States"),
    ]


def test_phrases_are_names_and_nouns_with_their_determiners() -> None:
    text = "The Harbour Front of Rafen told these two ministries that it left."
    assert [(text[p.start : p.end], p.form) for p in phrases(text)] == [
        ("The Harbour Front of Rafen", "name"),
        ("these two ministries", "definite"),
        ("that", "pronoun"),
        ("it", "pronoun"),
        ("left", "bare"),
    ]


def test_the_default_model_names_who_is_listed_by_whom() -> None:
    span = cue(TEXT, "terrorist organization")
    (found,) = Designator.from_folder(default_folder()).designate(TEXT, [span])
    assert found.designation is not None
    assert (found.designation.kind, found.designation.authority) == ("listing", "Turkey")
    assert found.designation.target is not None
    assert "Harbour Front" in TEXT[slice(*found.designation.target)]


def test_without_weights_rules_alone_speak_and_other_cues_stay_as_they_are() -> None:
    span, other = cue(TEXT, "terrorist organization"), CueSpan(0, 3, "group_label", voice="author")
    assert Designator().designate(TEXT, [other, span]) == [
        other,
        cue(TEXT, "terrorist organization", Designation("listing", "Turkey")),
    ]


def test_a_party_by_another_name_is_read_in_the_same_way() -> None:
    designator = Designator.from_folder(default_folder())
    texts = [
        f"On Monday {name} called the {group} a gang of terrorists."
        for name, group in (("Ruiz", "Reds"), ("Bell", "Tans"))
    ]
    records = [designator.designate(text, [cue(text, "terrorists")])[0].designation for text in texts]
    assert records[0] == records[1]


@pytest.mark.parametrize("content", ["[]", '{"weights": 3}', "{"])
def test_wrong_weights_are_named(content: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    with pytest.raises(
        ModelError, match=r"designation\.json: not the weights of a designation ranker; export the model"
    ):
        Designator.from_folder(tmp_path)


def test_scored_records_carry_the_words_and_are_read_again() -> None:
    scored = framing.load("lexicon").score(TEXT, id="a")
    (span,) = (span for span in scored.spans if span.label == "terrorist_designation")
    assert span.designation is not None
    record = json.loads(json.dumps(scored.to_record("text")))
    (written,) = (item for item in record["spans"] if item["label"] == "terrorist_designation")
    assert set(written["designation"]) == {"kind", "authority", "target", "source"}
    target = written["designation"]["target"]
    assert TEXT[target["start"] : target["end"]] == target["text"]
    assert Document.from_record(record).spans == scored.spans
    target["text"] = "somebody"
    with pytest.raises(RecordError, match=r"record 'a': designation target \[.*\) should cover 'somebody' but covers"):
        Document.from_record(record)


def test_page_and_terminal_say_it_in_a_line() -> None:
    record = Designation("listing", "Turkey", (0, 17), (25, 31))
    scored = framing.load("lexicon").score(TEXT)
    scored = framing.ScoredDocument(
        scored.document.with_spans([cue(TEXT, "terrorist organization", record)]),
        scored.profile,
        scored.cues,
        scored.model,
    )
    line = "listed by Turkey: target The Harbour Front; source Ankara"
    assert f"<td>{line}</td>" in articles_page([scored], "a")
    stream = io.StringIO()
    print_article(Console(file=stream, width=200, no_color=True), scored)
    assert line in stream.getvalue()
    assert Designation("label").describe(TEXT) == "called so"


def test_figures_are_of_matched_spans() -> None:
    gold = [[cue(TEXT, "terrorist organization", Designation("listing", "Turkey; Iran", (4, 17)))]]
    found = [[cue(TEXT, "terrorist organization", Designation("listing", "Iran; Turkey", (12, 17), (25, 31)))]]
    table = designation_table(["a"], gold, found)
    values = {name: None if estimate is None else estimate.value for name, estimate in table.items()}
    assert values == {"kind": 1.0, "authority": 1.0, "target": 1.0, "source": None}
    wrong = [[cue(TEXT, "terrorist organization", Designation("label", None, (25, 31)))]]
    table = designation_table(["a"], gold, wrong)
    assert [estimate and estimate.value for estimate in table.values()] == [0.0, 0.0, 0.0, None]
    assert set(designation_table(["a"], gold, [[]]).values()) == {None}


def test_the_ranker_learns_from_examples_and_is_kept_with_the_run(tmp_path: Path) -> None:
    documents = read_documents(EXAMPLES)
    given = examples(documents)["target"]
    assert len(given) == sum(span.designation is not None for document in documents for span in document.spans)
    weights = fit_weights(given)
    chosen = [(example, example.rows[choose(example, weights)].range) for example in given if example.gold]
    right = sum(found is not None and found[0] < e.gold[1] and e.gold[0] < found[1] for e, found in chosen if e.gold)
    assert right / len(chosen) > 0.8  # what it has learnt by heart, not what it can do
    fitted = fit_roles(documents[:80])
    assert fitted is not None
    Run(tmp_path).write_designations(fitted)
    assert Designator.from_folder(tmp_path).weights == fitted["weights"]
    assert fit_roles([Document("a", "No cue.")]) is None

"""Baselines: what each learns from a small corpus, and that a recipe with one leaves the files of a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import refusal
from command_line import run as framing

from framing.cues import Cue
from framing.io.jsonl import read_documents
from framing.spans import CueSpan, Document
from training.baselines import LexiconBaseline, fit_baseline
from training.config import load_config
from training.linear import LinearTagger, TfidfSentences
from training.majority import SentenceMajority, WordingMajority
from training.token_features import plain_text, shape, token_features

CUE = (Cue("odd"),)
PLACES = ("harbour", "bridge", "school", "market", "museum", "station")


def spans(*pairs: tuple[int, int]) -> list[CueSpan]:
    return [CueSpan(start, end, "odd") for start, end in pairs]


def corpus(number: int) -> list[Document]:
    """Write sentences in which `so-called` before a place is a cue and any other `so` or `called` is none."""
    documents = []
    for index in range(number):
        place = PLACES[index % len(PLACES)]
        if index % 2:
            text, found = f"They met at the so-called {place} on day {index}.", spans((16, 25))
        else:
            text, found = f"They called at the {place} and so on, day {index}.", []
        documents.append(Document(f"d{index}", text, tuple(found)))
    return documents


def plain(found: list[list[CueSpan]]) -> list[list[tuple[int, int, str]]]:
    return [[(span.start, span.end, span.label) for span in one] for one in found]


def test_a_wording_is_found_where_it_mostly_was_a_span_and_the_longest_wins() -> None:
    train = [
        Document("a", "so called truce", tuple(spans((0, 9)))),
        Document("b", "So called friends", tuple(spans((0, 9)))),
        Document("c", "it was called off", tuple(spans((7, 13)))),
        Document("d", "he called, they called", ()),
        Document("e", "an alleged leak", tuple(spans((3, 10)))),
    ]
    majority = WordingMajority(CUE)
    majority.fit(train, [])
    found = majority.predict([Document("x", "The so called, so alleged SO CALLED call. He called.")])
    assert plain(found) == [[(4, 13, "odd"), (18, 25, "odd"), (26, 35, "odd")]]
    assert {span.score for span in found[0]} == {1.0}


def test_the_majority_class_goes_to_every_sentence_or_to_none() -> None:
    text = "One came. Two left. All is well."
    first, second, third = spans((0, 9), (10, 19), (20, 32))
    majority = SentenceMajority((Cue("odd"), Cue("rare")))
    majority.fit([Document("a", text, (first, second)), Document("b", text, (third,))], [])
    assert majority.predict([Document("x", text)]) == [[]]
    majority.fit([Document("a", text, (first, second, CueSpan(0, 9, "rare")))], [])
    assert plain(majority.predict([Document("x", text)])) == [[(0, 9, "odd"), (10, 19, "odd"), (20, 32, "odd")]]


def test_a_linear_tagger_learns_what_a_word_means_beside_its_neighbours() -> None:
    tagger = LinearTagger((*CUE, Cue("never")))
    tagger.fit(corpus(60), corpus(20))
    held = [
        Document("x", "They met at the so-called museum on day 99.", tuple(spans((16, 25)))),
        Document("y", "They called at the museum and so on, day 98."),
    ]
    found = tagger.predict(held)
    assert plain(found) == [[(16, 25, "odd")], []]
    assert found[0][0].voice is None
    again = LinearTagger((*CUE, Cue("never")))
    again.fit(corpus(60), corpus(20))
    assert again.predict(held) == found


def test_tfidf_learns_which_words_make_a_sentence_odd() -> None:
    loud, calm = "What a shameful disgrace, number {}!", "The council met on Monday, number {}."

    def texts(numbers: range) -> list[Document]:
        documents = []
        for number in numbers:
            text = f"{loud.format(number)} {calm.format(number)}"
            documents.append(Document(str(number), text, tuple(spans((0, len(loud.format(number)))))))
        return documents

    model = TfidfSentences((*CUE, Cue("never")))
    model.fit(texts(range(100, 140)), texts(range(200, 220)))
    assert plain(model.predict(texts(range(300, 303)))) == [[(0, 37, "odd")]] * 3


def test_the_rules_know_only_the_codebook() -> None:
    baseline = LexiconBaseline([Cue("distancing")])
    assert plain(baseline.predict([Document("x", "The so-called truce, a pretext for war, held.")])) == [
        [(4, 13, "distancing")]
    ]


def test_features_tell_of_a_word_its_shape_neighbours_and_quotation() -> None:
    text = plain_text(Document("x", 'The "safe" US-led'), "spans", rules=True)
    described = [set(found) for found in token_features(text)]
    assert {"word0=safe", "shape0=x", 'word-1="', "word-2=the", 'word1="', "word2=us", "shape2=X"} <= described[2]
    assert {"prefix=sa", "suffix=afe", 'before|word="|safe', 'word|after=safe|"'} <= described[2]
    assert [shape(word) for word in ("Saudi", "US", "2026", "McGrath", "5th")] == ["Xx", "X", "d", "XxXx", "dx"]
    surfaces = [next(name for name in found if name.startswith("surface=")) for found in described]
    assert surfaces[1:4] == ["surface=1", "surface=2", "surface=3"]
    assert any(name.startswith("rule") for name in described[1])
    bare = plain_text(Document("x", 'The "safe" US-led'), "spans")
    assert not any(name.startswith("rule") for found in token_features(bare) for name in found)


@pytest.fixture
def recipe(tmp_path: Path, examples: Path) -> Path:
    lines = (examples / "corpus.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "train.jsonl").write_text("".join(lines[:150]), encoding="utf-8")
    (tmp_path / "dev.jsonl").write_text("".join(lines[150:250]), encoding="utf-8")
    path = tmp_path / "recipe.yaml"
    path.write_text(
        f"output: {tmp_path / 'run'}\ndata: {{train: [{tmp_path / 'train.jsonl'}], dev: [{tmp_path / 'dev.jsonl'}]}}\n"
        "model: {rules: false}\n"
    )
    return path


@pytest.mark.parametrize("name", ["lexicon", "linear", "majority"])
def test_a_baselines_run_has_the_files_of_a_networks(recipe: Path, name: str) -> None:
    run = fit_baseline(load_config(recipe, [f"baseline={name}"]))
    assert {path.name for path in run.folder.iterdir()} == {
        "config.yaml",
        "environment.json",
        "data.json",
        "dev.predictions.jsonl",
        "dev.metrics.json",
    }
    gold = read_documents(recipe.parent / "dev.jsonl")
    found = read_documents(run.folder / "dev.predictions.jsonl")
    matched = sum(
        len({(s.start, s.end, s.label) for s in one.spans} & {(s.start, s.end, s.label) for s in other.spans})
        for one, other in zip(gold, found, strict=True)
    )
    total = sum(len(document.spans) for document in (*gold, *found))
    assert run.read_json("dev.metrics.json")["dev_strict_f1"] == pytest.approx(2 * matched / total)
    assert matched > 0
    assert run.read_json("data.json")["corpus"]["train"]["documents"] == 150


def test_the_command_trains_a_baseline_and_export_says_that_it_has_no_network(recipe: Path, tmp_path: Path) -> None:
    result = framing("train", recipe, "baseline=lexicon")
    assert result.exit_code == 0, result.output
    figure = json.loads((tmp_path / "run" / "dev.metrics.json").read_text())["dev_strict_f1"]
    assert result.stdout == f"{tmp_path / 'run'}: strict micro F1 on dev {figure:.4f}, baseline lexicon\n"
    assert "a baseline's run, which has no network to export" in refusal(
        framing("export", tmp_path / "run", "-o", tmp_path / "model")
    )
    assert "holds a run already" in refusal(framing("train", recipe, "baseline=lexicon"))


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        (["baseline=tfidf"], "baseline tfidf is for task sentences, not spans"),
        (["baseline=linear", "task=sentences"], "baseline linear is for task spans, not sentences"),
        (["baseline=bayes"], "baseline: input should be 'lexicon', 'linear', 'majority' or 'tfidf' (got 'bayes')"),
    ],
)
def test_a_baseline_of_another_task_is_refused(recipe: Path, override: list[str], fault: str) -> None:
    assert fault in refusal(framing("train", recipe, *override))


def test_the_rules_refuse_another_vocabulary(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "cues.yaml").write_text("- name: loaded\n")
    line = refusal(framing("train", recipe, "baseline=lexicon", f"cues={tmp_path / 'cues.yaml'}"))
    assert "baseline lexicon: the rules don't know 'loaded'" in line

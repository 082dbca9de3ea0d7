"""`framing select`: passages, strategies, what is left out, and the way to the annotation tools and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from command_line import refusal, run

from framing.cues import CODEBOOK, Cue
from framing.decode import FloatArray
from framing.errors import InputError
from framing.spans import CueSpan, Document
from framing.text import IntArray, units
from framing.tokens import SPANS
from training.committee import member
from training.corpora.registry import read_corpus
from training.select import passages, select

LONG = "The so-called truce held. It rained. The ferry left at noon. The harbour was quiet. Nobody was hurt."
POOL = [
    Document("long", LONG, (CueSpan(4, 13, "distancing"),), {"outlet": "Harbour Post"}),
    Document("b", "The mayor opened the bridge on Monday."),
    Document("c", "The mayor opened the bridge on Monday!"),
    Document("d", "Troops came under the pretext of a search."),
    Document("blank", " \n"),
]


class Fake:
    """Doubts each listed word as it is told, and marks the words it doubts by half or more."""

    cues = (Cue("a"), Cue("b"))
    task = SPANS

    def __init__(self, name: str, **doubts: float) -> None:
        self.name = name
        self.doubts = doubts

    def opinions(self, passages: Sequence[Document]) -> Iterator[tuple[IntArray, FloatArray, list[CueSpan]]]:
        for text in (passage.text for passage in passages):
            ranges = units(text).tolist()
            begin = np.array([self.doubts.get(text[start:end].lower(), 0.0) for start, end in ranges])
            table = np.zeros((len(ranges), 2, 3), dtype=np.float32)
            table[:, :, 0] = 1.0
            table[:, 0, 0], table[:, 0, 1] = 1 - begin, begin
            spans = [
                CueSpan(s, e, "a", 0.5, "author", 0.9) for (s, e), p in zip(ranges, begin, strict=True) if p >= 0.5
            ]
            yield np.array(ranges), table, spans


MODEL = Fake("fake 1", rained=0.5, bridge=0.3, troops=0.1)


def chosen(number: int = 9, **options: object) -> list[str]:
    return [passage.id for passage in select(POOL, MODEL, number, **options).chosen]  # type: ignore[arg-type]


def test_articles_are_cut_at_sentences_evenly_and_can_be_traced() -> None:
    (document,) = POOL[:1]
    found = list(passages(document, 4))
    assert [(passage.id, passage.meta) for passage in found] == [
        ("long#0", {"outlet": "Harbour Post", "article": "long", "offset": 0}),
        ("long#61", {"outlet": "Harbour Post", "article": "long", "offset": 61}),
    ]
    assert [passage.text for passage in found] == [LONG[:60], LONG[61:]]
    assert list(passages(document, 5)) == [document.with_spans(())]
    assert list(passages(Document("x", LONG, meta={"article": "z"}), 4))[1].meta == {"article": "z", "offset": 61}
    assert not list(passages(POOL[-1], 4))


def test_an_article_with_sentences_of_its_own_is_cut_at_them() -> None:
    own = Document("own", LONG, meta={"sentence_ranges": [[0, 34], [35, 78], [79, len(LONG)]]})
    found = list(passages(own, 2))
    assert [passage.text for passage in found] == [LONG[:78], LONG[79:]]
    assert [passage.sentence_ranges for passage in found] == [((0, 34), (35, 78)), ((0, len(LONG) - 79),)]


def test_the_most_doubtful_come_first_and_copies_once() -> None:
    assert chosen() == ["long#0", "b", "d", "long#61"]
    assert chosen(2) == ["long#0", "b"]
    assert chosen(strategy="random") == chosen(strategy="random")
    assert set(chosen(strategy="random", seed=3)) in ({*chosen()}, {*chosen()} - {"b"} | {"c"})


def test_what_is_labelled_is_left_out_by_id_and_by_text() -> None:
    by_id = select(POOL, MODEL, 9, labelled=[Document("long", "Other words."), Document("d", "Others still.")])
    assert [passage.id for passage in by_id.chosen] == ["b"]
    assert (by_id.pool, by_id.excluded) == (2, 3)
    by_text = select(POOL, MODEL, 9, labelled=[Document("x", LONG), Document("y", POOL[1].text)])
    assert [passage.id for passage in by_text.chosen] == ["d"]
    with pytest.raises(InputError, match="holds no passage that isn't labelled already"):
        select(POOL, MODEL, 9, labelled=POOL)


def test_only_the_doubt_about_given_types_counts() -> None:
    assert chosen(labels=["a"]) == ["long#0", "b", "d", "long#61"]
    assert chosen(labels=["b"]) == ["long#0", "long#61", "b", "d"]  # no doubt: as they stand
    with pytest.raises(InputError, match=r"unknown cue 'aa'; did you mean a\?"):
        chosen(labels=["aa"])


def test_disagreement_needs_two_opinions_that_differ() -> None:
    other = Fake("fake 2", rained=0.5, troops=1.0)
    assert chosen(strategy="disagreement", against=other)[:2] == ["d", "b"]
    found = select(POOL, MODEL, 1, strategy="disagreement", against=other).chosen[0].meta["selection"]
    assert (found["against"], found["rank"]) == ("fake 2", 1)
    for options in ({"strategy": "disagreement"}, {"against": other}):
        with pytest.raises(InputError, match="disagreement needs a second opinion, and it alone"):
            chosen(**options)
    stranger = Fake("fake 3")
    stranger.cues = (Cue("c"), Cue("d"))
    with pytest.raises(InputError, match="fake 1 and fake 3 have no cue type in common"):
        chosen(strategy="disagreement", against=stranger)


def test_a_choice_says_why_and_marks_spans_without_scores() -> None:
    first = select(POOL, MODEL, 1).chosen[0]
    assert first.spans == (CueSpan(29, 35, "a", None, "author"),)
    assert first.text[29:35] == "rained"
    reason = {"strategy": "uncertainty", "model": "fake 1", "rank": 1, "value": round(np.log(2) / np.log(3) / 2, 4)}
    assert first.meta["selection"] == reason
    assert "value" not in select(POOL, MODEL, 1, strategy="random").chosen[0].meta["selection"]


def test_the_rules_are_a_member_whose_tags_are_their_spans() -> None:
    rules = member("lexicon")
    text = "The so-called truce."
    ((_, table, spans),) = rules.opinions([Document("a", text)])
    column = [cue.name for cue in CODEBOOK].index("distancing")
    (span,) = spans
    assert (text[span.start : span.end], span.label) == ("so-called", "distancing")
    score = span.score or 0.0
    assert table[:, column, 1] == pytest.approx([0, score, 0, 0, 0, 0])  # The so - called truce .
    assert table[:, column, 2] == pytest.approx([0, 0, score, score, 0, 0])
    assert table.sum(axis=-1) == pytest.approx(np.ones(table.shape[:2]))


@pytest.fixture
def pool(write_jsonl: Callable[..., Path]) -> Path:
    return write_jsonl([document.to_record() for document in POOL], "pool.jsonl")


def test_label_studio_gets_predictions_and_gives_back_what_recipes_read(pool: Path, tmp_path: Path) -> None:
    output = tmp_path / "tasks.json"
    arguments = ("select", pool, "-n", 3, "--strategy", "disagreement", "--against", "lexicon", "-o", output)
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        f"{output}: 3 of 5 passages (0 labelled already); labels for labelstudio: {tmp_path / 'tasks.xml'}\n"
    )
    view = ElementTree.parse(tmp_path / "tasks.xml").getroot()  # noqa: S314 - our own file
    assert [label.get("value") for label in view.iter("Label")] == [cue.name for cue in CODEBOOK]
    assert [choice.get("value") for choice in view.iter("Choice")] == ["author", "attributed", "quoted"]
    tasks = json.loads(output.read_text(encoding="utf-8"))
    assert all("annotations" not in task and len(task["predictions"]) == 1 for task in tasks)
    assert [task["data"]["selection"]["rank"] for task in tasks] == [1, 2, 3]
    scores = [task["predictions"][0]["score"] for task in tasks]
    assert scores == sorted(scores)
    # The tool copies a prediction into the annotation that a person submits.
    for task in tasks:
        task["annotations"] = [{"id": 7, "completed_by": 1, "result": task.pop("predictions")[0]["result"]}]
    exported = tmp_path / "export.json"
    exported.write_text(json.dumps(tasks), encoding="utf-8")
    back = read_corpus(f"labelstudio:{exported}", labels=[cue.name for cue in CODEBOOK])
    run(*arguments[:-2], "--to", "jsonl", "-o", tmp_path / "same.jsonl")
    assert back == read_corpus(str(tmp_path / "same.jsonl"))
    assert sum(len(document.spans) for document in back) > 0
    left = tmp_path / "left.jsonl"
    result = run("select", pool, "-n", 9, "--exclude", f"labelstudio:{exported}", "--to", "jsonl", "-o", left)
    assert "(0 labelled already)" not in result.stdout
    assert not {document.id for document in back} & {document.id for document in read_corpus(str(left))}


def test_doccano_gets_labels_and_loses_only_voices(pool: Path, tmp_path: Path) -> None:
    output = tmp_path / "doccano.jsonl"
    result = run("select", pool, "-n", 2, "--model", "lexicon", "--to", "doccano", "-o", output)
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines()[0].startswith("writing doccano: ")
    assert "span field 'voice' can't be held by doccano" in result.stderr
    types = json.loads((tmp_path / "doccano.labels.json").read_text(encoding="utf-8"))
    assert types[0] == {"text": "scare_quote", "background_color": CODEBOOK[0].colour, "text_color": "#000000"}
    found = read_corpus(f"doccano:{output}")
    assert {span.label for document in found for span in document.spans} == {"distancing", "pretext"}


def test_select_chooses_the_same_again(pool: Path, tmp_path: Path) -> None:
    for strategy in ("uncertainty", "diverse", "random"):
        written = []
        for turn in "ab":
            output = tmp_path / f"{strategy}-{turn}.jsonl"
            result = run("select", pool, "-n", 3, "--strategy", strategy, "--to", "jsonl", "-o", output)
            assert result.exit_code == 0, result.output
            written.append(output.read_bytes())
        assert written[0] == written[1]


def test_select_refuses_what_it_cannot_do(pool: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.json"
    assert "disagreement needs a second opinion" in refusal(
        run("select", pool, "-n", 1, "--strategy", "disagreement", "-o", output)
    )
    assert "unknown cue 'scarequote'; did you mean scare_quote?" in refusal(
        run("select", pool, "-n", 1, "--label", "scarequote", "-o", output)
    )
    assert "no such model folder" in refusal(run("select", pool, "-n", 1, "--model", tmp_path / "no", "-o", output))
    (tmp_path / "o.xml").write_text("mine", encoding="utf-8")
    assert refusal(run("select", pool, "-n", 1, "-o", output)) == (
        f"framing: {tmp_path / 'o.xml'}: exists already; name another place with -o"
    )
    assert not output.exists()

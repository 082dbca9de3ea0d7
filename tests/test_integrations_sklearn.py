"""The scikit-learn transformer: the estimator contract, columns, and a place in pipelines and searches."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import check_estimator

from framing.errors import InputError
from framing.integrations.sklearn import FramingProfiler

TEXTS = ["The so-called truce, a pretext for war, held.", "Nothing happened.", "The regime held, he said."]


def test_the_estimator_contract_holds_where_it_is_for_texts() -> None:
    """Most checks of scikit-learn feed tables of numbers, and it leaves them out by the tags; the others must pass."""
    with pytest.warns(match="requires input  of type"):
        done = check_estimator(FramingProfiler("lexicon"), on_skip=None)
    assert {one["status"] for one in done} == {"passed"}
    for name in (
        "check_do_not_raise_errors_in_init_or_set_params",
        "check_estimator_repr",
        "check_estimator_tags_renamed",
        "check_get_params_invariance",
        "check_no_attributes_set_in_init",
        "check_parameters_default_constructible",
        "check_set_params",
        "check_valid_tag_types",
    ):
        getattr(estimator_checks, name)("FramingProfiler", FramingProfiler("lexicon"))


@pytest.mark.parametrize(
    ("settings", "names", "rows"),
    [
        ({"measure": "count"}, ["distancing", "pretext", "group_label"], [[1, 1, 0], [0, 0, 0], [0, 0, 1]]),
        ({}, ["distancing", "pretext", "group_label"], [[125, 125, 0], [0, 0, 0], [0, 0, 200]]),
    ],
)
def test_columns_are_the_cues_as_they_were_named(settings: Any, names: list[str], rows: list[list[float]]) -> None:
    profiler = FramingProfiler("lexicon", cues=names, **settings).fit(TEXTS)
    assert profiler.get_feature_names_out().tolist() == names
    assert profiler.transform(np.array(TEXTS)).tolist() == rows
    assert profiler.transform([]).shape == (0, 3)


def test_voices_have_columns_of_their_own_and_frames_their_names() -> None:
    profiler = FramingProfiler("lexicon", measure="count", voices=True, cues=["group_label"])
    frame = profiler.set_output(transform="pandas").fit_transform(TEXTS)
    assert frame.to_dict("list") == {
        "group_label_author": [0, 0, 0],
        "group_label_attributed": [0, 0, 1],
        "group_label_quoted": [0, 0, 0],
    }


def test_expected_counts_are_those_of_the_model(scorer: Any) -> None:
    found = FramingProfiler(measure="expected", threads=1).fit_transform(TEXTS)
    profiles = [scored.profile["cues"].values() for scored in scorer.score_many(TEXTS)]
    assert found.tolist() == [[figures["expected"] for figures in profile] for profile in profiles]


def test_it_is_a_step_that_can_be_searched_over_cloned_and_pickled() -> None:
    labels = [1, 0, 1] * 4
    search = GridSearchCV(
        make_pipeline(FramingProfiler("lexicon"), LogisticRegression()),
        {"framingprofiler__measure": ["count", "per_1000"]},
        cv=2,
        error_score="raise",
    ).fit(TEXTS * 4, labels)
    assert pickle.loads(pickle.dumps(search)).predict(TEXTS).tolist() == [1, 0, 1]  # noqa: S301
    with pytest.raises(NotFittedError):
        clone(search.best_estimator_[0]).transform(TEXTS)


def test_it_takes_the_text_column_of_a_frame() -> None:
    import pandas

    table = pandas.DataFrame({"body": TEXTS, "size": [1, 2, 3]})
    profiler = FramingProfiler("lexicon", measure="count", cues=["pretext"])
    columns = make_column_transformer((profiler, "body"), ("passthrough", ["size"]))
    assert columns.fit_transform(table).tolist() == [[1, 1], [0, 2], [0, 3]]


@pytest.mark.parametrize(
    ("settings", "given", "message"),
    [
        ({}, "one text", r"X is one string; give a list of texts"),
        ({}, ["one", None], r"X\[1\] is NoneType, not a string"),
        ({}, np.array([["one"]]), "X is a table"),
        ({"measure": "rate"}, TEXTS, "measure 'rate' is not one of per_1000, count, expected"),
        ({"measure": "expected"}, TEXTS, "known neither for a voice nor from the rules"),
        ({"cues": ["pretxt"]}, TEXTS, "did you mean pretext"),
        ({"threshold": 2.0}, TEXTS, "threshold 2.0 is not between 0 and 1"),
    ],
)
def test_bad_settings_and_inputs_are_named(settings: dict[str, Any], given: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        FramingProfiler("lexicon", **settings).fit(given)

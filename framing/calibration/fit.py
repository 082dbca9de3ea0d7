"""Choose each cue's temperature and threshold on labelled records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from framing.cues import Cue
from framing.decode import (
    Calibration,
    FloatArray,
    RuleOpinion,
    WindowLogits,
    decode,
    encode_spans,
    softmax,
    unit_probabilities,
)
from framing.evaluate.sentences import macro_f1
from framing.evaluate.spans import count
from framing.sentences import sentence_logits
from framing.spans import VOICES, Document
from framing.text import IntArray
from framing.tokens import SENTENCES, TokenizedText

_TEMPERATURES: Final = np.round(np.exp(np.linspace(np.log(0.5), np.log(4.0), 43)), 4)
_SHARES: Final = (0.0, 0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
_THRESHOLDS: Final = np.round(np.arange(0.10, 0.91, 0.02), 2)


def fit_temperature(logits: FloatArray, tags: IntArray) -> float:
    """Give the temperature with the lowest negative log-likelihood (Guo et al. 2017), from 0.5 to 4.

    Args:
        logits: [units, classes].
        tags: [units] right classes.
    """
    if not len(tags):
        return 1.0
    return float(min(_TEMPERATURES, key=lambda temperature: _loss(logits / np.float32(temperature), tags)))


def fit_pool(
    logits: FloatArray, tags: IntArray, opinion: RuleOpinion | None, features: IntArray
) -> tuple[float, float]:
    """Give the temperature and the rules' share with the lowest negative log-likelihood.

    Args:
        logits: [units, 3] of one cue.
        tags: [units] right tags.
        opinion: what the rules' findings say of the cue, or None.
        features: [units, columns].
    """
    if opinion is None:
        return fit_temperature(logits, tags), 0.0
    said = np.array(opinion.log_probabilities, dtype=np.float32)[features[:, opinion.column]]
    fits = []
    for share in _SHARES:
        pooled = logits + np.float32(share) * said
        temperature = fit_temperature(pooled, tags)
        cooled = np.asarray(pooled / temperature, dtype=np.float32)
        # A larger share must pay: where the likelihood is the same to six digits, the smaller one is taken.
        fits.append((round(_loss(cooled, tags), 6), float(share), temperature))
    _, share, temperature = min(fits)
    return temperature, share


def _loss(logits: FloatArray, tags: IntArray) -> float:
    return float(-np.log(np.maximum(softmax(logits)[np.arange(len(tags)), tags], 1e-12)).mean())


def calibrate(
    documents: Sequence[Document],
    texts: Sequence[TokenizedText],
    logits: Sequence[WindowLogits],
    cues: Sequence[Cue],
    rules: Sequence[RuleOpinion | None] = (),
) -> Calibration:
    """Fit temperatures and the rules' shares by likelihood on units, then thresholds by strict F1 of each type.

    Args:
        documents: labelled documents.
        texts: the same, tokenized.
        logits: what the network says of each document's windows.
        cues: the vocabulary, in the order of the heads.
        rules: what the rules' findings say of each cue, from the training data; empty for none.

    Returns:
        The calibration; a type without gold spans keeps temperature 1 and threshold 0.5, and where no span has a voice
        the model names none.
    """
    cue_rows, voice_rows, tag_rows, voice_tags, feature_rows = [], [], [], [], []
    for document, text, (cue_windows, voice_windows) in zip(documents, texts, logits, strict=True):
        if not text.windows:
            continue
        voice = _first_say(text, voice_windows)
        read = text.unit_token >= 0
        cue_rows.append(_unit_logits(text, cue_windows)[read])
        feature_rows.append(text.features[text.unit_token[read]])
        tag_rows.append(np.stack([encode_spans(document.spans, text.units, c.name)[0] for c in cues], axis=1)[read])
        for span in document.spans:
            if span.voice is not None:
                under = read & (text.units[:, 0] < span.end) & (text.units[:, 1] > span.start)
                voice_rows.append(voice[text.unit_token[under]])
                voice_tags += [VOICES.index(span.voice)] * int(under.sum())
    if not cue_rows:
        return Calibration.neutral(len(cues))
    units, tags = np.concatenate(cue_rows), np.concatenate(tag_rows)
    found = np.concatenate(feature_rows)
    seen = [bool(tags[:, column].any()) for column in range(len(cues))]
    temperatures, opinions = [], []
    for column, opinion in enumerate(rules or [None] * len(cues)):
        temperature, share = fit_pool(units[:, column], tags[:, column], opinion, found) if seen[column] else (1.0, 0.0)
        temperatures.append(temperature)
        opinions.append(opinion and replace(opinion, share=share))
    voice_temperature = fit_temperature(np.concatenate(voice_rows), np.array(voice_tags)) if voice_rows else None
    warm = Calibration(tuple(temperatures), (0.5,) * len(cues), voice_temperature, tuple(opinions) if rules else ())
    thresholds = choose_thresholds(documents, texts, logits, cues, warm)
    return replace(warm, thresholds=tuple(t if s else 0.5 for t, s in zip(thresholds, seen, strict=True)))


def choose_thresholds(
    documents: Sequence[Document],
    texts: Sequence[TokenizedText],
    logits: Sequence[WindowLogits],
    cues: Sequence[Cue],
    calibration: Calibration,
) -> tuple[float, ...]:
    """Give each type's threshold, from counts smoothed over neighbours so that no lucky point wins.

    Spans are judged by strict micro F1, so the thresholds together have the best one: not each type's own best, since
    a doubtful span of a hard type costs the whole more than it brings. Where others are no surely worse, the one
    nearest to half of that F1 is taken, which is the best threshold of probabilities that hold (Lipton et al. 2014,
    https://arxiv.org/abs/1402.1892): on few spans the best point is a lucky one. Sentences are judged by macro F1, so
    each label has its best; with a single label that is macro F1 over the label and its absence.
    """
    probabilities = [unit_probabilities(text, *values, calibration) for text, values in zip(texts, logits, strict=True)]
    gold = [document.spans for document in documents]
    labels = [cue.name for cue in cues]
    curve = np.zeros((len(_THRESHOLDS), len(cues), 3))
    for row, threshold in enumerate(_THRESHOLDS):
        flat = (float(threshold),) * len(cues)
        found = [decode(text, said, cues, flat) for text, said in zip(texts, probabilities, strict=True)]
        strict = count(gold, found, labels, strict=True)
        curve[row] = [(strict[label].gold, strict[label].predicted, strict[label].matched) for label in labels]
    padded = np.pad(curve, ((2, 2), (0, 0), (0, 0)), mode="edge")
    smooth = np.mean([padded[shift : shift + len(curve)] for shift in range(5)], axis=0)
    sentences = sum(len(text.units) for text in texts if text.task == SENTENCES)
    if not sentences:
        chosen = _least_lucky(smooth, _best_micro(smooth), _THRESHOLDS)
    elif len(cues) == 1:
        chosen = np.array([[macro_f1(np.array([[*row[0], sentences]]))] for row in smooth]).argmax(axis=0)
    else:
        chosen = (2 * smooth[..., 2] / np.maximum(smooth[..., 0] + smooth[..., 1], 1e-9)).argmax(axis=0)
    return tuple(float(_THRESHOLDS[row]) for row in chosen)


def _best_micro(counts: FloatArray) -> IntArray:
    """Give the row of each type with which micro F1 is highest, by Dinkelbach's (1967) method for ratios of sums.

    At the best F1, each type's row maximizes matched - F1 / 2 x predicted; F1 is raised until that holds.

    Args:
        counts: [thresholds, types, 3] gold, predicted and matched spans.
    """
    gold, predicted, matched = counts[0, :, 0], counts[..., 1], counts[..., 2]
    types = np.arange(counts.shape[1])
    f1 = 0.0
    while True:
        chosen = (matched - f1 / 2 * predicted).argmax(axis=0)
        reached = 2 * matched[chosen, types].sum() / max(gold.sum() + predicted[chosen, types].sum(), 1e-9)
        if reached <= f1 + 1e-9:
            return np.asarray(chosen)
        f1 = reached


def _least_lucky(counts: FloatArray, best: IntArray, thresholds: FloatArray) -> IntArray:
    """Give each type's row nearest to half of the best micro F1, of those that are no surely worse than the best one.

    That is the rule of one standard error (Breiman et al. 1984): a row may fall short of the best by the standard
    error of what the spans between the two bring.

    Args:
        counts: [thresholds, types, 3] gold, predicted and matched spans.
        best: [types] what `_best_micro` gives.
        thresholds: [thresholds]
    """
    types = np.arange(counts.shape[1])
    gold, predicted, matched = counts[0, :, 0], counts[..., 1], counts[..., 2]
    f1 = 2 * matched[best, types].sum() / max(gold.sum() + predicted[best, types].sum(), 1e-9)
    gained = matched - f1 / 2 * predicted
    between = np.abs(predicted - predicted[best, types])
    right = (np.minimum(np.abs(matched - matched[best, types]), between) + 1) / (between + 2)
    near = gained[best, types] - gained <= np.sqrt(between * right * (1 - right))
    far = np.abs(thresholds - f1 / 2)[:, None]
    return np.asarray(np.where(near, far, np.inf).argmin(axis=0))


def expected_ratio(
    documents: Sequence[Document],
    texts: Sequence[TokenizedText],
    logits: Sequence[WindowLogits],
    cues: Sequence[Cue],
    calibration: Calibration,
) -> dict[str, float]:
    """Give expected counts over gold counts by type; near 1 where the probabilities can be summed up."""
    expected = np.sum(
        [unit_probabilities(text, *values, calibration).expected() for text, values in zip(texts, logits, strict=True)],
        axis=0,
    )
    gold = [sum(span.label == cue.name for document in documents for span in document.spans) for cue in cues]
    return {cue.name: float(e / g) for cue, e, g in zip(cues, expected, gold, strict=True) if g}


def _unit_logits(text: TokenizedText, values: Sequence[FloatArray]) -> FloatArray:
    """Give [units, types, 3]; where several windows cover a word, the first counts."""
    return sentence_logits(text, values) if text.task == SENTENCES else _first_say(text, values)[text.unit_token]


def _first_say(text: TokenizedText, values: Sequence[FloatArray]) -> FloatArray:
    merged = np.zeros((len(text.ids), *values[0].shape[1:]), dtype=np.float32)
    for window, value in reversed(list(zip(text.windows, values, strict=True))):
        merged[window.start : window.end] = value
    return merged

"""The focal loss and what an epoch takes of the data."""

from __future__ import annotations

import pytest
import torch
from datasets import Dataset
from hypothesis import given
from hypothesis import strategies as st

from framing.spans import Document
from training.losses import token_loss
from training.sampling import EpochSampler, nested_share


def test_the_focal_loss_is_cross_entropy_times_a_power_of_the_doubt() -> None:
    odds = torch.tensor([[0.8, 0.1, 0.1], [0.2, 0.5, 0.3]])
    found = token_loss(odds.log(), torch.tensor([0, 2]), focal_gamma=2.0)
    expected = torch.tensor([0.2**2 * -torch.tensor(0.8).log(), 0.7**2 * -torch.tensor(0.3).log()])
    torch.testing.assert_close(found, expected)


def test_without_gamma_it_is_cross_entropy() -> None:
    logits, tags = torch.randn(20, 3), torch.randint(0, 3, (20,))
    expected = torch.nn.functional.cross_entropy(logits, tags, reduction="none", label_smoothing=0.1)
    assert torch.equal(token_loss(logits, tags, label_smoothing=0.1), expected)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_a_sure_token_has_a_finite_slope(gamma: float) -> None:
    logits = torch.tensor([[60.0, 0.0, 0.0], [-60.0, 0.0, 60.0]], requires_grad=True)
    token_loss(logits, torch.tensor([0, 0]), focal_gamma=gamma).sum().backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def documents(number: int) -> list[Document]:
    return [Document(f"d{place}", "Words.", (), {"article": f"a{place // 3}"}) for place in range(number)]


@given(st.integers(1, 40), st.floats(0.01, 1), st.floats(0.01, 1), st.integers(0, 3))
def test_shares_are_nested_and_never_cut_an_article(number: int, one: float, other: float, seed: int) -> None:
    corpus = documents(number)
    small, large = (nested_share(corpus, share, seed) for share in sorted((one, other)))
    assert set(small) <= set(large)
    for share, drawn in zip(sorted((one, other)), (small, large), strict=True):
        assert share * number <= len(drawn) < share * number + 3
        outside = {document.meta["article"] for document in corpus if document not in drawn}
        assert not outside & {document.meta["article"] for document in drawn}
        assert drawn == [document for document in corpus if document in drawn]


def test_another_seed_draws_other_articles() -> None:
    corpus = documents(90)
    assert nested_share(corpus, 0.2, 1) != nested_share(corpus, 0.2, 2)
    assert nested_share(corpus, 1.0, 1) == corpus


WINDOWS = Dataset.from_list(
    [{"input_ids": [1] * (4 + row % 7), "cue_labels": [-100, 0, int(row < 10), -100]} for row in range(50)]
)


def epoch(sampler: EpochSampler, number: int) -> list[int]:
    sampler.set_epoch(number)
    return list(sampler)


def test_an_epoch_keeps_windows_with_spans_and_draws_the_rest_anew() -> None:
    sampler = EpochSampler(WINDOWS, 4, negatives=0.25, seed=3)
    first, second = epoch(sampler, 0), epoch(sampler, 1)
    for taken in (first, second):
        assert len(taken) == len(set(taken)) == len(sampler) == 20
        assert set(range(10)) <= set(taken)
    assert set(first) != set(second)


def test_an_epochs_order_depends_on_seed_and_epoch_alone() -> None:
    one = EpochSampler(WINDOWS, 4, negatives=1.0, seed=3)
    earlier = [epoch(one, number) for number in range(3)]
    assert all(sorted(order) == list(range(50)) for order in earlier)
    torch.manual_seed(99)  # as dropout would have moved it
    assert epoch(EpochSampler(WINDOWS, 4, negatives=1.0, seed=3), 2) == earlier[2]
    assert earlier[0] != earlier[1]
    assert epoch(EpochSampler(WINDOWS, 4, negatives=1.0, seed=4), 0) != earlier[0]

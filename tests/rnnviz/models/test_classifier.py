"""The sequence classifier: its decision comes from each sequence's own last step."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from rnnviz import record
from rnnviz.models import SequenceClassifier
from rnnviz.training import train

KINDS = [("rnn", "tanh"), ("rnn", "relu"), ("gru", "tanh"), ("lstm", "tanh")]


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
@pytest.mark.parametrize("layers", [1, 2])
def test_the_last_opinion_is_the_decision(cell: str, nonlinearity: str, layers: int) -> None:
    model = SequenceClassifier(3, 5, 4, layers, cell, nonlinearity=nonlinearity)
    inputs = torch.randn(6, 2, 3, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(model(inputs), model.read(inputs)[-1])
    torch.testing.assert_close(model(inputs[:4]), model.read(inputs)[3])


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
def test_padding_changes_nothing(cell: str, nonlinearity: str) -> None:
    model = SequenceClassifier(3, 5, 4, 2, cell, nonlinearity=nonlinearity)
    inputs = torch.randn(6, 3, 3, generator=torch.Generator().manual_seed(2))
    lengths = torch.tensor([4, 6, 1])
    logits, opinions = model(inputs, lengths), model.read(inputs, lengths)
    for sequence, length in enumerate(lengths.tolist()):
        alone = inputs[:length, sequence : sequence + 1]
        torch.testing.assert_close(logits[sequence], model(alone)[0])
        torch.testing.assert_close(opinions[:length, sequence], model.read(alone)[:, 0])
        torch.testing.assert_close(opinions[-1, sequence], logits[sequence])


def test_padding_short_of_the_longest_possible() -> None:
    model = SequenceClassifier(1, 2, 2)
    opinions = model.read(torch.zeros(5, 1, 1), torch.tensor([3]))
    assert opinions.shape == (5, 1, 2)
    torch.testing.assert_close(opinions[4], opinions[2])


def test_it_is_recorded() -> None:
    model = SequenceClassifier(3, 5, 4, cell="lstm")
    with record(model) as trace:
        model(torch.zeros(6, 2, 3))
    assert trace.layers == ("recurrent.l0",)


def test_the_seed_makes_it_and_torchs_own_is_left_alone() -> None:
    before = torch.get_rng_state()
    first, again, other = (SequenceClassifier(2, 3, 2, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(first.decide.weight, again.decide.weight)
    assert not torch.equal(first.decide.weight, other.decide.weight)


def test_it_learns_which_end_a_one_stands_at() -> None:
    inputs = torch.zeros(8, 2, 1)
    inputs[0, 0] = inputs[7, 1] = 1
    labels = torch.tensor([0, 1])
    model = SequenceClassifier(1, 8, 2, cell="gru")
    steps = list(train(model, (inputs, labels), loss=F.cross_entropy, learning_rate=0.02, steps=80, batch=2))
    assert steps[-1].loss < 0.1 < steps[0].loss
    assert model(inputs).argmax(1).tolist() == [0, 1]


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="'lstn'; it must be one of"):
        SequenceClassifier(1, 1, 2, cell="lstn")
    with pytest.raises(ValueError, match="'relu' with cell 'gru'"):
        SequenceClassifier(1, 1, 2, cell="gru", nonlinearity="relu")
    with pytest.raises(ValueError, match="units is 0"):
        SequenceClassifier(1, 0, 2)


@pytest.mark.parametrize("shape", [(4, 3), (4, 2, 1), (0, 2, 3), (4, 0, 3)])
def test_wrong_inputs_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"this model reads \(time, batch, 3\)"):
        SequenceClassifier(3, 2, 2)(torch.zeros(shape))


@pytest.mark.parametrize("lengths", [[4], [0, 4], [5, 1], [[1], [2]]])
def test_wrong_lengths_are_refused(lengths: list[int]) -> None:
    with pytest.raises(ValueError, match="from 1 to 4 steps"):
        SequenceClassifier(3, 2, 2).read(torch.zeros(4, 2, 3), torch.tensor(lengths))

"""Trials: contenders stay level, stop when they have solved it, diverge in peace, and begin again as they began."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from rnnviz.data import AddingProblem
from rnnviz.models import Contender, SequenceRegressor, Trials


class Constant(nn.Module):
    """Says always the same: what it has learned, or more and more."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.tensor(value))

    def forward(self, inputs: Tensor) -> Tensor:
        return self.value.expand(inputs.shape[1], 1)


def small(cell: str = "gru") -> Contender:
    return Contender(lambda seed: SequenceRegressor(2, 6, cell, seed=seed), 0.01)


def race(contenders: dict[str, Contender], **settings: int) -> Trials:
    return Trials(
        contenders, AddingProblem(6), AddingProblem(6, 100), **({"updates": 60, "every": 10} | settings)
    )


def test_all_stay_level_until_one_is_done() -> None:
    trials = race({"a": small(), "b": small("lstm")})
    for _ in range(7):
        trials.step()
    assert sorted(one.updates for one in trials.frame().values()) == [3, 4]
    trials.run()
    for one in trials.frame().values():
        assert one.updates == 60
        assert len(one.errors) == 7
        assert one.errors[-1] < one.errors[0]
    with pytest.raises(StopIteration):
        trials.step()


def test_who_has_solved_it_rests() -> None:
    trials = race({"learner": small(), "saying 1": Contender(lambda seed: Constant(1.0), 1e-6)}, updates=1500)
    trials.run()
    found = trials.frame()
    assert found["learner"].solved_after is not None
    assert found["learner"].updates == found["learner"].solved_after < 1500
    assert found["learner"].errors[-1] < 0.01
    assert found["saying 1"].solved_after is None
    assert found["saying 1"].updates == 1500
    assert found["saying 1"].errors[-1] == pytest.approx(AddingProblem.baseline, rel=0.3)


def test_one_that_diverges_does_not_end_the_others() -> None:
    wild = Contender(lambda seed: Constant(1.0), 1e30, optimiser="SGD", clip_norm=None)
    trials = race({"wild": wild, "tame": small()})
    trials.run()
    found = trials.frame()
    assert found["wild"].diverged
    assert found["wild"].solved_after is None
    assert math.isinf(found["wild"].errors[-1]) or found["wild"].errors[-1] > 1e10
    assert found["tame"].updates == 60


def test_it_begins_again_as_it_began() -> None:
    trials = race({"a": small()})
    trials.run()
    first = trials.frame()["a"].errors
    trials.reset()
    assert trials.frame()["a"].updates == 0
    trials.run()
    assert trials.frame()["a"].errors == first


def test_optimisers() -> None:
    parameters = list(nn.Linear(1, 1).parameters())
    made = {
        name: Contender(small().build, 0.1, name).make_optimiser(iter(parameters))
        for name in ("SGD", "momentum", "Adam")
    }
    assert isinstance(made["Adam"], torch.optim.Adam)
    assert made["SGD"].param_groups[0]["momentum"] == 0
    assert made["momentum"].param_groups[0]["momentum"] == 0.9


def test_nothing_to_race_is_refused() -> None:
    with pytest.raises(ValueError, match="no contenders"):
        race({})
    with pytest.raises(ValueError, match="updates is 0"):
        race({"a": small()}, updates=0)

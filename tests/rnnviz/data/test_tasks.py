"""The tasks of memory are what they say: statistically, and sequence by sequence."""

from __future__ import annotations

import pytest
import torch

from rnnviz.data import AddingProblem, TemporalOrder


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_adding_marks_one_step_in_each_half() -> None:
    inputs, targets = AddingProblem(31, 2000)(generator())
    values, markers = inputs.unbind(-1)
    assert set(markers.unique().tolist()) == {0.0, 1.0}
    assert (markers[:15].sum(0) == 1).all()
    assert (markers[15:].sum(0) == 1).all()
    assert torch.equal((values * markers).sum(0), targets[:, 0])
    # Every step is marked about as often as the others of its half: 2000 / 15 and 2000 / 16 times.
    often = markers.sum(1)
    assert (often[:15] - 2000 / 15).abs().max() < 5 * (2000 / 15) ** 0.5
    assert (often[15:] - 2000 / 16).abs().max() < 5 * (2000 / 16) ** 0.5


def test_always_saying_one_has_the_error_that_is_stated() -> None:
    _, targets = AddingProblem(10, 200_000)(generator())
    assert float((targets - 1).square().mean()) == pytest.approx(AddingProblem.baseline, abs=0.002)
    assert float(targets.mean()) == pytest.approx(1, abs=0.005)


@pytest.mark.parametrize("steps", [10, 20, 37, 40])
def test_order_puts_its_two_symbols_where_it_should(steps: int) -> None:
    inputs, answers = TemporalOrder(steps, 4000)(generator())
    assert (inputs.sum(-1) == 1).all()
    symbols = inputs.argmax(-1)
    where = symbols < 2
    assert (where.sum(0) == 2).all()
    first = where.int().argmax(0)
    second = steps - 1 - where.flip(0).int().argmax(0)
    assert first.min() >= steps // 10
    assert first.max() < max(2 * steps / 10, steps // 10 + 1)
    assert second.min() >= 4 * steps // 10
    assert second.max() < 5 * steps / 10
    told = 2 * symbols.gather(0, first[None]) + symbols.gather(0, second[None])
    assert torch.equal(told[0], answers)
    # All four answers, and all chatter, come equally often.
    assert (answers.bincount(minlength=4) - 1000).abs().max() < 5 * 750**0.5
    chatter = symbols[~where].bincount(minlength=6)[2:]
    assert float(chatter.max() / chatter.min()) < 1.1


@pytest.mark.parametrize("task", [AddingProblem(12, 5), TemporalOrder(12, 5)])
def test_a_seed_gives_the_same_draw_and_the_next_draw_is_another(
    task: AddingProblem | TemporalOrder,
) -> None:
    one, other = generator(3), generator(3)
    first = task(one)
    assert all(torch.equal(a, b) for a, b in zip(first, task(other), strict=True))
    assert not torch.equal(first[0], task(one)[0])


def test_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="steps=3 and batch=32; it needs at least 4 steps"):
        AddingProblem(3)
    with pytest.raises(ValueError, match="at least 10 steps and one sequence"):
        TemporalOrder(20, 0)

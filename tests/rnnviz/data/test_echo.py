import pytest
import torch

from rnnviz.data import DelayedEcho


def test_every_target_is_the_input_so_many_steps_before() -> None:
    inputs, targets, mask = DelayedEcho(lag=3, steps=10, batch=50)(torch.Generator().manual_seed(0))
    assert inputs.shape == targets.shape == (10, 50, 1)
    assert set(inputs.unique().tolist()) == {-1.0, 1.0}
    assert torch.equal(targets[3:], inputs[:-3])
    assert not mask[:3].any()
    assert mask[3:].all()
    assert (targets**2)[mask.bool()].mean() == DelayedEcho.baseline


def test_no_lag_is_a_copy_and_the_generator_is_all_the_chance() -> None:
    task = DelayedEcho(lag=0, steps=4, batch=2)
    inputs, targets, mask = task(torch.Generator().manual_seed(5))
    assert torch.equal(inputs, targets)
    assert mask.all()
    assert torch.equal(task(torch.Generator().manual_seed(5))[0], inputs)


def test_impossible_tasks_are_refused() -> None:
    for options in ({"lag": -1}, {"lag": 5, "steps": 5}):
        with pytest.raises(ValueError, match="The lag is"):
            DelayedEcho(**options)
    with pytest.raises(ValueError, match="batch is 0"):
        DelayedEcho(batch=0)

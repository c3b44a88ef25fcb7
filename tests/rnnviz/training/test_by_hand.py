"""Backpropagation through time by hand equals autograd, to twelve digits."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import rnnviz as rv
from rnnviz.training import backward_through_time


@settings(max_examples=30, deadline=None)
@given(
    steps=st.integers(1, 12),
    sequences=st.integers(1, 4),
    features=st.integers(1, 3),
    units=st.integers(1, 5),
    counted=st.integers(0, 11),
    seed=st.integers(0, 10**6),
)
def test_it_equals_autograd(
    steps: int, sequences: int, features: int, units: int, counted: int, seed: int
) -> None:
    torch.manual_seed(seed)
    rnn = nn.RNN(features, units).double()
    x = torch.randn(steps, sequences, features, dtype=torch.float64)
    initial = torch.randn(1, sequences, units, dtype=torch.float64)
    states, _ = rnn(x, initial)
    states.retain_grad()
    # A cost over the last steps only: what comes before is left out of it.
    left_out = min(counted, steps - 1)
    states[left_out:].sin().sum().backward()
    from_above = states.detach().cos()
    from_above[:left_out] = 0
    parts = backward_through_time(x, states.detach(), rnn.weight_hh_l0, from_above, initial[0])
    for found, parameter in (
        (parts.weight_ih, rnn.weight_ih_l0),
        (parts.weight_hh, rnn.weight_hh_l0),
        (parts.bias, rnn.bias_hh_l0),
        (parts.bias, rnn.bias_ih_l0),
    ):
        torch.testing.assert_close(found.sum(0), parameter.grad, rtol=1e-12, atol=1e-12)


def test_each_step_equals_what_the_recorder_derives() -> None:
    torch.manual_seed(0)
    rnn = nn.RNN(2, 4).double()
    x = torch.randn(6, 3, 2, dtype=torch.float64)
    with rv.record(rnn) as trace:
        states, _ = rnn(x)
        states[[2, 5]].square().sum().backward()
    from_above = torch.zeros_like(states)
    from_above[[2, 5]] = 2 * states[[2, 5]]
    parts = backward_through_time(x, states.detach(), rnn.weight_hh_l0, from_above)
    expected = rv.flow.weight_contributions(trace["l0"])
    close = {"rtol": 0, "atol": 1e-12}
    torch.testing.assert_close(parts.weight_ih, expected.weight_ih, **close)
    torch.testing.assert_close(parts.weight_hh, expected.weight_hh, **close)
    torch.testing.assert_close(parts.bias, expected.bias_hh, **close)
    torch.testing.assert_close(parts.hidden, trace["l0"].grad_hidden, **close)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(3, 1, 2\) and the gradients that reach them \(1, 2\)"):
        backward_through_time(
            torch.zeros(3, 1, 1), torch.zeros(3, 1, 2), torch.zeros(2, 2), torch.zeros(1, 2)
        )

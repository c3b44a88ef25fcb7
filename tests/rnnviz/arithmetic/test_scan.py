"""A linear recurrence all at once, against the loop."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.arithmetic.scan import prefers_scan, scan, scan_back


@settings(max_examples=60, deadline=None)
@given(steps=st.integers(1, 40), seed=st.integers(0, 2**16))
def test_every_step_is_that_of_the_loop(steps, seed):
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(steps, 2, 3, generator=generator, dtype=torch.float64)
    factors = torch.rand(steps, 2, 3, generator=generator, dtype=torch.float64)
    initial = torch.randn(2, 3, generator=generator, dtype=torch.float64)
    given_values, given_factors = values.clone(), factors.clone()

    state, expected = initial, []
    for v, a in zip(values, factors, strict=True):
        state = v + a * state
        expected.append(state)
    torch.testing.assert_close(scan(values, factors, initial), torch.stack(expected), rtol=1e-12, atol=1e-12)

    state, expected = values[-1], [values[-1]]
    for t in range(steps - 2, -1, -1):
        state = values[t] + factors[t + 1] * state
        expected.append(state)
    backwards = torch.stack(expected[::-1])
    torch.testing.assert_close(scan_back(values, factors), backwards, rtol=1e-12, atol=1e-12)
    assert torch.equal(values, given_values)
    assert torch.equal(factors, given_factors)


@pytest.mark.parametrize("factor", [0.0, 1e-30, 0.999, 1.0])
def test_factors_may_vanish_or_never_fade(factor):
    values = torch.zeros(1000, 1, dtype=torch.float64)
    values[0] = 1
    found = scan(values, torch.full_like(values, factor), torch.ones(1, dtype=torch.float64))
    start = 1 + factor
    expected = start * factor ** torch.arange(1000, dtype=torch.float64)[:, None]
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)


def test_on_a_processor_the_loop_is_faster():
    assert not prefers_scan(torch.zeros(1))

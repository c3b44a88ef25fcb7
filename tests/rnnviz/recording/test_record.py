"""The recorder against step-by-step autograd, in every combination of what torch's recurrent layers can
do."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.experiments.every_combination import (
    COSTS,
    FEATURES,
    KINDS,
    STEPS,
    cost_of,
    lengths_of,
)
from rnnviz.experiments.every_combination import call_module as call
from rnnviz.experiments.every_combination import draw_initial_state as initial_state
from rnnviz.experiments.every_combination import make_module as make
from rnnviz.experiments.step_by_step import unroll

LAYOUTS = ("time first", "batch first", "unbatched", "packed", "packed unsorted")
LOSSES = (*COSTS, "mixed")


def loss_of(kind, output, h_n, c_n, lengths):
    """Something nonlinear in one part or in all of them."""
    return cost_of(output, h_n, c_n, lengths, COSTS if kind == "mixed" else (kind,))


def check(module, layout, loss, *, given_state, seed=0):
    """Record one training step and compare every array with the reference; outputs and gradients, too."""
    lengths = lengths_of(layout)
    x = torch.randn(STEPS, len(lengths), FEATURES, dtype=torch.float64)
    initial = initial_state(module, len(lengths)) if given_state else None

    torch.manual_seed(seed)
    output, h_n, c_n, expected = unroll(module, x, initial, lengths)
    loss_of(loss, output, h_n, c_n, lengths).backward()
    expected_gradients = [p.grad for p in module.parameters()]
    module.zero_grad()

    torch.manual_seed(seed)
    with rv.record(module) as trace:
        seen = call(module, x, initial, layout, lengths)
    loss_of(loss, *seen, lengths).backward()  # after the block: gradients are caught all the same

    close = {"rtol": 0, "atol": 1e-10}
    # Large weights make gradients of a thousand and more, whose last digits are rounding.
    close_gradient = {"rtol": 1e-12, "atol": 1e-10}
    torch.testing.assert_close(seen[0], output, **close)
    torch.testing.assert_close(seen[1], h_n, **close)
    for parameter, gradient in zip(module.parameters(), expected_gradients, strict=True):
        assert (parameter.grad is None) == (gradient is None)
        if gradient is not None:
            torch.testing.assert_close(parameter.grad, gradient, **close_gradient)
    assert trace.layers == tuple(expected)
    for name, reference in expected.items():
        layer = trace[name]
        arrays = layer.arrays()
        for array in reference.steps:
            torch.testing.assert_close(arrays[array], reference.array(array), **close)
        states = [name for name in ("hidden", "cell") if name in reference.steps]
        for state in states:
            gradient = reference.array(state, gradient=True)
            torch.testing.assert_close(arrays[f"grad_{state}"], gradient, **close_gradient)
        assert set(arrays) == {*reference.steps, *(f"grad_{state}" for state in states)}
        norm = reference.array("hidden", gradient=True).norm(dim=-1)
        torch.testing.assert_close(layer.grad_norm, norm, **close_gradient)
        mask = torch.tensor([[t < length for length in lengths] for t in range(STEPS)])
        assert torch.equal(layer.mask, mask)
        assert layer.lengths.tolist() == lengths
        torch.testing.assert_close(layer.input * mask[..., None], reference.input * mask[..., None], **close)
        index = list(expected).index(name)
        if initial is not None:
            assert torch.equal(layer.initial_hidden, initial[0][index])
        else:
            assert not layer.initial_hidden.any()
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            parameter = getattr(module, f"{part}_{name}", None)
            copied = getattr(layer.weights, part)
            assert copied is None if parameter is None else torch.equal(copied, parameter)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_structure_is_exact(kind, layout):
    torch.manual_seed(3)
    combinations = itertools.product((1, 2, 3), (False, True), (True, False), (False, True))
    for layers, bidirectional, bias, given_state in combinations:
        module = make(kind, layers, bidirectional=bidirectional, bias=bias, layout=layout)
        check(module, layout, "mixed", given_state=given_state)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_loss_is_exact(kind, loss):
    if loss == "c_n" and not kind.startswith("LSTM"):
        pytest.skip("only an LSTM has a cell state")
    torch.manual_seed(4)
    for layers, bidirectional, layout in itertools.product((1, 2), (False, True), LAYOUTS):
        check(make(kind, layers, bidirectional=bidirectional, layout=layout), layout, loss, given_state=True)


@pytest.mark.parametrize("layout", LAYOUTS[:3])
@pytest.mark.parametrize("kind", KINDS)
def test_dropout_between_layers_is_recorded_with_its_very_mask(kind, layout):
    torch.manual_seed(5)
    for layers, bidirectional, p in itertools.product((2, 3), (False, True), (0.3, 0.7)):
        module = make(kind, layers, bidirectional=bidirectional, layout=layout, dropout=p, units=6)
        check(module, layout, "mixed", given_state=True, seed=layers)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    bias=st.booleans(),
    layout=st.sampled_from(LAYOUTS),
    loss=st.sampled_from(LOSSES),
    given_state=st.booleans(),
    seed=st.integers(0, 2**16),
    scale=st.sampled_from([0.1, 1.0, 6.0]),
)
def test_any_combination_is_exact(kind, layers, bidirectional, bias, layout, loss, given_state, seed, scale):
    if loss == "c_n" and not kind.startswith("LSTM"):
        loss = "h_n"
    if kind == "relu":
        scale = min(scale, 1.0)  # larger weights overflow any tolerance: relu states grow without bound
    torch.manual_seed(seed)
    module = make(kind, layers, bidirectional=bidirectional, bias=bias, layout=layout)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter *= scale  # up to saturated gates
    check(module, layout, loss, given_state=given_state, seed=seed)

"""The recorder against step-by-step autograd, in every combination of what torch's recurrent layers can
do."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import unroll
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import rnnviz as rv

STEPS, BATCH, FEATURES, UNITS = 4, 3, 2, 3
KINDS = ("tanh", "relu", "GRU", "LSTM", "LSTM-proj")
LAYOUTS = ("time first", "batch first", "unbatched", "packed", "packed unsorted")
LOSSES = ("output", "last step", "h_n", "c_n", "mixed")


def make(kind, layers=1, *, bidirectional=False, bias=True, layout="time first", dropout=0.0, units=UNITS):
    options = {
        "num_layers": layers,
        "bidirectional": bidirectional,
        "bias": bias,
        "batch_first": layout == "batch first",
        "dropout": dropout if layers > 1 else 0.0,
        "dtype": torch.float64,
    }
    if kind == "GRU":
        return nn.GRU(FEATURES, units, **options)
    if kind.startswith("LSTM"):
        return nn.LSTM(FEATURES, units, proj_size=2 if "proj" in kind else 0, **options)
    return nn.RNN(FEATURES, units, nonlinearity=kind, **options)


def initial_state(module, batch):
    directions = module.num_layers * (2 if module.bidirectional else 1)
    hidden = torch.randn(directions, batch, module.proj_size or module.hidden_size, dtype=torch.float64)
    if not isinstance(module, nn.LSTM):
        return (hidden,)
    return hidden, torch.randn(directions, batch, module.hidden_size, dtype=torch.float64)


def call(module, x, initial, layout, lengths):
    """Run a module on x (time, batch, feature) in a layout; give output (time, batch, ·), h_n and c_n
    alike."""
    hx = None if initial is None else tuple(s.squeeze(1) if layout == "unbatched" else s for s in initial)
    if hx is not None and len(hx) == 1:
        (hx,) = hx
    if layout == "batch first":
        output, final = module(x.transpose(0, 1), hx)
        output = output.transpose(0, 1)
    elif layout == "unbatched":
        output, final = module(x.squeeze(1), hx)
        output = output.unsqueeze(1)
        final = tuple(s.unsqueeze(1) for s in final) if isinstance(final, tuple) else final.unsqueeze(1)
    elif layout.startswith("packed"):
        output, final = module(
            pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=layout == "packed"), hx
        )
        output, _ = pad_packed_sequence(output)
    else:
        output, final = module(x, hx)
    return (output, *final) if isinstance(final, tuple) else (output, final, None)


def loss_of(kind, output, h_n, c_n, lengths):
    """Something nonlinear in every part, with weights that differ everywhere."""
    ramp = torch.linspace(0.5, 1.5, output.numel(), dtype=output.dtype).reshape(output.shape)
    total = output.new_zeros(())
    if kind in ("output", "mixed"):
        total = total + (ramp * output**2).sum()
    if kind in ("last step", "mixed"):
        total = total + sum(output[length - 1, b].sin().sum() for b, length in enumerate(lengths))
    if kind in ("h_n", "mixed"):
        total = total + (h_n**3).sum()
    if kind in ("c_n", "mixed") and c_n is not None:
        total = total + c_n.cos().sum()
    return total


def lengths_of(layout):
    return {"unbatched": [STEPS], "packed": [4, 3, 1], "packed unsorted": [2, 4, 3]}.get(
        layout, [STEPS] * BATCH
    )


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

"""Gradients that enter a layer by another door than its outputs: right, or refused with the cause."""

import pytest
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook
from torch.nn.utils.rnn import pack_padded_sequence

import rnnviz as rv
from rnnviz import flow
from rnnviz.experiments.step_by_step import unroll

LAYERS = (nn.RNN, nn.GRU, nn.LSTM)
CELLS = (nn.RNNCell, nn.GRUCell, nn.LSTMCell)
CLOSE = {"rtol": 0, "atol": 1e-10}


class Reverse(torch.autograd.Function):
    """The identity, whose gradient has the other sign: what domain-adversarial training puts on a layer."""

    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return -gradient


def double_final(module, arguments, result):
    output, final = result
    return output, (2 * final if isinstance(final, torch.Tensor) else tuple(2 * state for state in final))


def double_output(module, arguments, result):
    return 2 * result[0], result[1]


def reverse_output(module, arguments, result):
    return Reverse.apply(result[0]), result[1]


def loss_of(result):
    output, final = result
    states = (final,) if isinstance(final, torch.Tensor) else final
    return output[1:].square().sum() + sum(state.sin().sum() for state in states)


@pytest.mark.parametrize("everywhere", [False, True], ids=["of the layer", "of all modules"])
@pytest.mark.parametrize("hook", [double_final, double_output, reverse_output])
@pytest.mark.parametrize("kind", LAYERS)
def test_hooks_registered_earlier_are_seen_through(kind, hook, everywhere):
    torch.manual_seed(0)
    layer = kind(2, 3, num_layers=2).double()
    x = torch.randn(5, 4, 2, dtype=torch.float64)
    output, h_n, c_n, expected = unroll(layer, x, None, [5] * 4)
    loss_of(hook(layer, (), (output, h_n if c_n is None else (h_n, c_n)))).backward()
    if everywhere:
        handle = register_module_forward_hook(lambda m, i, o: hook(m, i, o) if m is layer else None)
    else:
        handle = layer.register_forward_hook(hook)
    try:
        with rv.record(layer) as trace:
            loss_of(layer(x)).backward()
    finally:
        handle.remove()
    for name, reference in expected.items():
        arrays = trace[name].arrays()
        for state in reference.steps:
            torch.testing.assert_close(arrays[state], reference.array(state), **CLOSE)
            if state in ("hidden", "cell"):
                gradient = reference.array(state, gradient=True)
                torch.testing.assert_close(arrays[f"grad_{state}"], gradient, **CLOSE)
    assert not layer._forward_hooks


@pytest.mark.parametrize("kind", LAYERS)
def test_full_backward_hooks_are_counted_in(kind):
    torch.manual_seed(0)
    layer = kind(2, 3).double()
    x = torch.randn(5, 4, 2, dtype=torch.float64, requires_grad=True)
    with rv.record(layer) as trace:
        loss_of(layer(x)).backward()
    plain = trace["l0"].grad_hidden
    layer.zero_grad()
    layer.register_full_backward_pre_hook(
        lambda module, gradients: tuple(None if g is None else -3 * g for g in gradients)
    )
    with rv.record(layer) as trace:
        loss_of(layer(x)).backward()
    if kind is not nn.LSTM:  # there the final states are a tuple, which the hook does not see into
        torch.testing.assert_close(trace["l0"].grad_hidden, -3 * plain, **CLOSE)
    parts = flow.weight_contributions(trace["l0"]).weight_hh.sum(0)
    torch.testing.assert_close(parts, layer.weight_hh_l0.grad, **CLOSE)


@pytest.mark.filterwarnings("ignore:Using (a )?non-full backward hook")
@pytest.mark.parametrize("outside", [False, True], ids=["on the layer", "on what it is in"])
@pytest.mark.parametrize("kind", LAYERS)
def test_hooks_of_the_old_kind_are_refused_where_they_change_something(kind, outside):
    torch.manual_seed(0)
    layer = kind(2, 3).double()
    model = nn.Sequential(layer)
    x = torch.randn(5, 4, 2, dtype=torch.float64)
    looked = []
    (model if outside else layer).register_backward_hook(lambda module, leaving, arriving: looked.append(1))
    with rv.record(model) as trace:
        loss_of(model(x)).backward()
    assert looked
    parts = flow.weight_contributions(trace["0.l0"]).weight_hh.sum(0)
    torch.testing.assert_close(parts, layer.weight_hh_l0.grad, **CLOSE)

    (model if outside else layer).register_backward_hook(
        lambda module, leaving, arriving: tuple(None if g is None else -g for g in leaving)
    )
    with rv.record(model) as trace:
        loss_of(model(x)).backward()
    with pytest.raises(RuntimeError, match="register_backward_hook has changed gradients inside 0"):
        _ = trace["0.l0"].grad_hidden


@pytest.mark.parametrize("form", ["plain", "two layers", "both ways", "batch first", "unbatched", "packed"])
@pytest.mark.parametrize("kind", LAYERS)
def test_a_gradient_penalty_is_refused_and_what_was_read_before_is_right(kind, form):
    torch.manual_seed(0)
    options = {"two layers": {"num_layers": 2}, "both ways": {"bidirectional": True}}.get(form, {})
    layer = kind(2, 3, batch_first=form == "batch first", **options).double()
    shape = (5, 2) if form == "unbatched" else (5, 5, 2)
    x = torch.randn(shape, dtype=torch.float64, requires_grad=True)

    def run():
        output, _ = layer(pack_padded_sequence(x, [5, 4, 3, 2, 1]) if form == "packed" else x)
        return output.data if form == "packed" else output

    with rv.record(layer) as trace:
        run().square().sum().backward()
        plain = trace.at(0)["l0"].grad_hidden
        output = run()
        (gradient,) = torch.autograd.grad(output.square().sum(), x, create_graph=True)
        second = trace.at(1)["l0"]
        torch.testing.assert_close(second.grad_hidden, plain, **CLOSE)
        (gradient.norm() - 1).square().backward()
    for name in trace.layers:
        layer_trace = trace.at(1)[name]
        assert layer_trace.has_gradients
        for read in (lambda: layer_trace.grad_hidden, lambda: flow.weight_contributions(layer_trace)):  # noqa: B023
            with pytest.raises(RuntimeError, match=r"create_graph=True.*before that second pass"):
                read()
    torch.testing.assert_close(trace.at(0)["l0"].grad_hidden, plain, **CLOSE)


@pytest.mark.parametrize("kind", LAYERS)
def test_passes_that_are_added_up_go_on_being_added_up(kind):
    torch.manual_seed(0)
    layer = kind(2, 3).double()
    x = torch.randn(5, 4, 2, dtype=torch.float64)
    with rv.record(layer) as trace:
        output, _ = layer(x)
        output.square().sum().backward(retain_graph=True)
        once = trace["l0"].grad_hidden.clone()
        output.square().sum().backward()
    torch.testing.assert_close(trace["l0"].grad_hidden, 2 * once, **CLOSE)


def penalised(cell, x, nudges):
    """Run a cell, with something added to each state; the loss and a penalty on its gradient at the input."""
    hidden = torch.zeros(4, 3, dtype=torch.float64)
    state = (hidden, hidden) if isinstance(cell, nn.LSTMCell) else hidden
    outputs = []
    for x_t, nudge in zip(x, nudges, strict=True):
        state = cell(x_t, state)
        if nudge is not None:
            state = (state[0] + nudge, state[1]) if isinstance(state, tuple) else state + nudge
        outputs.append(state[0] if isinstance(state, tuple) else state)
    loss = torch.stack(outputs).square().sum()
    (gradient,) = torch.autograd.grad(loss, x, create_graph=True)
    return loss, gradient.square().sum()


@pytest.mark.parametrize("kind", CELLS)
def test_in_a_loop_of_cells_totals_are_right_and_what_goes_inside_a_step_is_refused(kind):
    torch.manual_seed(0)
    cell = kind(2, 3).double()
    x = torch.randn(5, 4, 2, dtype=torch.float64, requires_grad=True)
    with rv.record(cell) as trace:
        _, penalty = penalised(cell, x, [None] * 5)
        penalty.backward()
    layer = trace["cell"]
    # By finite differences of the sum of both: each pass adds its own.
    expected = torch.zeros(5, 4, 3, dtype=torch.float64)
    for place in torch.cartesian_prod(torch.arange(5), torch.arange(2), torch.arange(3)).tolist():
        values = []
        for step in (1e-5, -1e-5):
            nudges = torch.zeros_like(expected)
            nudges[tuple(place)] = step
            values.append(sum(part.item() for part in penalised(cell, x, nudges)))
        expected[tuple(place)] = (values[0] - values[1]) / 2e-5
    if kind is nn.RNNCell:
        # tanh' is computed from h_t itself, so that autograd's gradient at h_t is not that of a change of h_t.
        with pytest.raises(RuntimeError, match="create_graph=True"):
            _ = layer.grad_hidden
    else:
        torch.testing.assert_close(layer.grad_hidden[:, :2], expected[:, :2], rtol=1e-6, atol=1e-7)
    with pytest.raises(RuntimeError, match="create_graph=True"):
        flow.weight_contributions(layer)
    with pytest.raises(RuntimeError, match="create_graph=True"):
        flow.weight_contributions(flow.sample_sequences(layer, 2))

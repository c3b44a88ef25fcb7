"""Our own RNN, GRU and LSTM against torch's and against step-by-step autograd."""

import copy
import gc
import itertools
import weakref

import pytest
import torch
from test_record import (
    FEATURES,
    KINDS,
    LAYOUTS,
    LOSSES,
    STEPS,
    call,
    check,
    initial_state,
    lengths_of,
    loss_of,
    make,
)
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import rnnviz as rv
from rnnviz import flow
from rnnviz.experiments.every_combination import BATCH
from rnnviz.experiments.step_by_step import unroll

OWN = {nn.RNN: rv.RNN, nn.GRU: rv.GRU, nn.LSTM: rv.LSTM}


def own(module):
    """Our layer with the options and parameters of torch's."""
    twin = copy.deepcopy(module)
    twin.__class__ = OWN[type(module)]
    return twin


def make_recording_layers(*args, **kwargs):
    return own(make(*args, **kwargs))


def train(module, layout, loss, x, initial, lengths):
    """One training step: outputs, final states, and every gradient there is."""
    x = x.clone().requires_grad_()
    initial = None if initial is None else tuple(state.clone().requires_grad_() for state in initial)
    module.zero_grad()
    torch.manual_seed(3)
    output, h_n, c_n = call(module, x, initial, layout, lengths)
    loss_of(loss, output, h_n, c_n, lengths).backward()
    gradients = [x.grad, *(state.grad for state in initial or ()), *(p.grad for p in module.parameters())]
    return [output, h_n] + ([] if c_n is None else [c_n]), gradients


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", KINDS)
def test_results_and_gradients_equal_torch(kind, layout):
    torch.manual_seed(0)
    options = itertools.product((1, 3), (False, True), (True, False), (False, True), (0.0, 0.4))
    for layers, bidirectional, bias, given_state, dropout in options:
        theirs = make(kind, layers, bidirectional=bidirectional, bias=bias, layout=layout, dropout=dropout)
        lengths = lengths_of(layout)
        x = torch.randn(STEPS, len(lengths), FEATURES, dtype=torch.float64)
        initial = initial_state(theirs, len(lengths)) if given_state else None
        expected = train(theirs, layout, "mixed", x, initial, lengths)
        found = train(own(theirs), layout, "mixed", x, initial, lengths)
        for a, b in zip(itertools.chain(*found), itertools.chain(*expected), strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=1e-11)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_record_is_exact(kind, loss):
    if loss == "c_n" and not kind.startswith("LSTM"):
        pytest.skip("only an LSTM has a cell state")
    torch.manual_seed(1)
    for layers, bidirectional, layout in itertools.product((1, 3), (False, True), LAYOUTS):
        dropout = 0.0 if layout.startswith("packed") else 0.3
        module = make_recording_layers(
            kind, layers, bidirectional=bidirectional, layout=layout, dropout=dropout
        )
        check(module, layout, loss, given_state=layers == 1)


@pytest.mark.parametrize("layout", ["time first", "packed unsorted"])
@pytest.mark.parametrize("kind", KINDS)
def test_flow_and_contributions_work_on_it(kind, layout):
    torch.manual_seed(2)
    theirs = make(kind, 2, bidirectional=True, layout=layout, dropout=0.3)
    lengths = lengths_of(layout)
    x = torch.randn(STEPS, len(lengths), FEATURES, dtype=torch.float64)
    traces = []
    for module in (theirs, own(theirs)):
        torch.manual_seed(5)
        with rv.record(module) as trace:
            output, h_n, c_n = call(module, x, None, layout, lengths)
        loss_of("mixed", output, h_n, c_n, lengths).backward()
        traces.append(trace)
    for name in traces[0].layers:
        a, b = (trace[name] for trace in traces)
        for function in (flow.gradient_flow, flow.jacobians, flow.influence):
            torch.testing.assert_close(function(b), function(a), rtol=0, atol=1e-11)
        if not name.endswith("reverse"):
            found, expected = (vars(flow.weight_contributions(layer)) for layer in (b, a))
            for part in found:
                torch.testing.assert_close(found[part], expected[part], rtol=0, atol=1e-11)


@pytest.mark.parametrize("kind", [rv.RNN, rv.GRU, rv.LSTM])
def test_gradcheck(kind):
    torch.manual_seed(0)
    layer = kind(2, 3).double()
    x = torch.randn(4, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, *_: layer(x)[0], (x, *layer.parameters()))


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_state_dicts_are_exchangeable(kind):
    ours, theirs = (
        OWN[kind](2, 3, num_layers=2, bidirectional=True),
        kind(2, 3, num_layers=2, bidirectional=True),
    )
    ours.load_state_dict(theirs.state_dict())
    theirs.load_state_dict(ours.state_dict())
    assert isinstance(ours, kind)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_without_gradients_and_in_half_precision_torchs_kernels_run(kind):
    torch.manual_seed(0)
    theirs = kind(2, 3, num_layers=2)
    ours = own(theirs)
    x = torch.randn(5, 2, 2)
    with torch.no_grad():
        assert torch.equal(ours(x)[0], theirs(x)[0])
        with rv.record(ours) as trace:
            ours(x)
        assert torch.equal(trace["l1"].hidden, theirs(x)[0])
        assert not trace["l0"].has_gradients
    half, x = ours.bfloat16(), x.bfloat16()
    with rv.record(half) as trace:
        output, _ = half(x)
        output.sum().backward()
    assert trace["l0"].grad_hidden.any()
    assert torch.equal(output, copy.deepcopy(theirs).bfloat16()(x)[0])


def test_recording_changes_nothing():
    torch.manual_seed(0)
    gradients = []
    for watch in (False, True):
        torch.manual_seed(0)
        layer = rv.GRU(2, 5, num_layers=2, dropout=0.5)
        x = torch.randn(7, 3, 2)
        if watch:
            with rv.record(layer):
                layer(x)[0].square().sum().backward()
        else:
            layer(x)[0].square().sum().backward()
        gradients.append([parameter.grad for parameter in layer.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


def test_chosen_sequences_of_packed_batches():
    torch.manual_seed(0)
    layer = rv.LSTM(2, 4, num_layers=2, bidirectional=True).double()
    packed = pack_padded_sequence(
        torch.randn(6, 4, 2).double(), torch.tensor([2, 6, 3, 5]), enforce_sorted=False
    )
    traces = []
    for sequences in (None, [3, 0]):
        with rv.record(layer, sequences) as trace:
            output, (h_n, c_n) = layer(packed)
            (output.data.square().sum() + h_n.sum() + c_n.sum()).backward()
        traces.append(trace)
    whole, part = traces
    for name in whole.layers:
        arrays = whole[name].arrays()
        for array, values in part[name].arrays().items():
            torch.testing.assert_close(values, arrays[array][:, [3, 0]])
        assert part[name].lengths.tolist() == [5, 2]


def test_several_backward_passes_add_up_and_calls_are_kept_apart():
    torch.manual_seed(0)
    layer = rv.LSTM(2, 3).double()
    x = torch.randn(4, 2, 2).double()
    with rv.record(layer) as trace:
        output, (_, c_n) = layer(x)
        layer(x)
    output.sum().backward(retain_graph=True)
    c_n.square().sum().backward()
    first, second = trace.calls("l0")
    with rv.record(layer) as once:
        output, (_, c_n) = layer(x)
    (output.sum() + c_n.square().sum()).backward()
    torch.testing.assert_close(first.grad_hidden, once["l0"].grad_hidden)
    torch.testing.assert_close(first.grad_cell, once["l0"].grad_cell)
    torch.testing.assert_close(flow.gradient_flow(first), flow.gradient_flow(once["l0"]))
    with pytest.raises(RuntimeError, match="no backward pass has reached"):
        second.grad_hidden  # noqa: B018


def test_weights_are_copies_and_changes_in_place_are_refused():
    layer = rv.GRU(1, 2)
    x = torch.randn(3, 1, 1)
    with rv.record(layer) as trace:
        output, _ = layer(x)
        output.sum().backward()
    before = layer.weight_hh_l0.detach().clone()
    torch.optim.SGD(layer.parameters(), lr=1.0).step()
    assert torch.equal(trace["l0"].weights.weight_hh, before)
    x.add_(1)
    with pytest.raises(RuntimeError, match="The input of l0 was changed in place"):
        trace["l0"].gates  # noqa: B018


def test_autograd_refuses_outputs_changed_before_the_backward_pass():
    output, _ = rv.RNN(1, 2)(torch.randn(3, 1, 1))
    with torch.no_grad():
        output.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        output.sum().backward()


@pytest.mark.parametrize("kind", [rv.RNN, rv.GRU, rv.LSTM])
def test_a_training_step_leaves_nothing_behind(kind):
    """A Function that keeps its own output in its context would keep itself alive."""
    layer = kind(1, 2)
    gc.collect()
    gc.disable()
    try:
        output, final = layer(torch.randn(3, 1, 1))
        reference = weakref.ref(output)
        del output, final
        assert reference() is None
    finally:
        gc.enable()


def test_nothing_of_a_recording_stays_on_the_layer():
    layer = rv.GRU(1, 2)
    with pytest.raises(ZeroDivisionError), rv.record(layer):
        raise ZeroDivisionError
    assert layer._watchers == ()
    assert not layer._forward_hooks
    with rv.record(layer, every=2) as trace:
        for _ in range(3):
            layer(torch.randn(3, 1, 1))
    assert trace.steps == (0, 2)


def test_frozen_parameters_and_inputs_without_gradients():
    torch.manual_seed(0)
    layer = rv.LSTM(2, 3).double()
    layer.weight_hh_l0.requires_grad_(False)
    theirs = nn.LSTM(2, 3).double()
    theirs.load_state_dict(layer.state_dict())
    x = torch.randn(4, 2, 2).double()
    layer(x)[0].square().sum().backward()
    theirs(x)[0].square().sum().backward()
    assert layer.weight_hh_l0.grad is None
    torch.testing.assert_close(layer.weight_ih_l0.grad, theirs.weight_ih_l0.grad)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_wrong_shapes_get_torchs_own_messages(kind):
    theirs, ours = kind(2, 3), OWN[kind](2, 3)

    def state(*shape):
        return (torch.zeros(shape), torch.zeros(shape)) if kind is nn.LSTM else torch.zeros(shape)

    calls = [
        (torch.zeros(4, 1, 5),),
        (torch.zeros(4, 1, 2), state(1, 9, 3)),
        (torch.zeros(4, 1, 2), state(1, 3)),
        (torch.zeros(4, 2), state(1, 1, 3)),
        (torch.zeros(2),),
        (torch.zeros(1, 1, 1, 1),),
        (torch.zeros(0, 1, 2),),
        ([[1.0, 2.0]],),
    ]
    for arguments in calls:
        with pytest.raises((RuntimeError, ValueError, AttributeError)) as expected:
            theirs(*arguments)
        with pytest.raises(expected.type) as found:
            ours(*arguments)
        assert str(found.value) == str(expected.value) or isinstance(arguments[0], list)


def test_an_equal_reference_for_a_long_sequence():
    """Many steps, where small errors would grow: against autograd, step by step."""
    torch.manual_seed(0)
    layer = rv.GRU(FEATURES, 4).double()
    x = torch.randn(150, BATCH, FEATURES, dtype=torch.float64)
    output, _, _, expected = unroll(layer, x, None, [150] * BATCH)
    output[-1].sum().backward()
    with rv.record(layer) as trace:
        layer(x)[0][-1].sum().backward()
    gradient = expected["l0"].array("hidden", gradient=True)
    torch.testing.assert_close(trace["l0"].grad_hidden, gradient, rtol=1e-9, atol=0)


@pytest.mark.parametrize("kind", [rv.RNN, rv.GRU, rv.LSTM])
def test_the_callers_initial_state_may_be_overwritten(kind):
    layer = kind(2, 3)
    hidden, cell = torch.ones(1, 2, 3), torch.ones(1, 2, 3)
    state = (hidden, cell) if kind is rv.LSTM else hidden.requires_grad_()
    with rv.record(layer) as trace:
        layer(torch.randn(4, 2, 2), state)[0].sum().backward()
    with torch.no_grad():
        hidden.zero_()
        cell.zero_()
    assert (trace["l0"].initial_hidden == 1).all()
    assert not trace["l0"].initial_hidden.requires_grad
    assert kind is not rv.LSTM or (trace["l0"].initial_cell == 1).all()


@pytest.mark.parametrize(
    ("kind", "array"),
    [
        (rv.LSTM, lambda layer: layer.gates["forget"]),
        (rv.LSTM, lambda layer: layer.cell),
        (rv.GRU, lambda layer: layer.gates["update"]),
        (rv.GRU, lambda layer: layer.hidden),
        (rv.RNN, lambda layer: layer.input),
    ],
)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_writing_into_a_read_array_never_changes_training_unseen(kind, array, bidirectional):
    torch.manual_seed(0)
    layer = kind(2, 3, bidirectional=bidirectional)
    with rv.record(layer) as trace:
        output, _ = layer(torch.randn(4, 1, 2))
    array(trace["l0"]).clamp_(max=0.1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        output.sum().backward()
    with pytest.raises(RuntimeError, match="was changed in place"):
        trace["l0"].hidden  # noqa: B018


def test_a_changed_gradient_is_refused():
    layer = rv.GRU(2, 3)
    with rv.record(layer) as trace:
        layer(torch.randn(4, 1, 2))[0].sum().backward()
    trace["l0"].grad_hidden.zero_()
    with pytest.raises(RuntimeError, match="A gradient of l0 was changed in place"):
        trace["l0"].grad_norm  # noqa: B018


@pytest.mark.parametrize("kind", [rv.RNN, rv.GRU, rv.LSTM])
def test_a_backward_pass_lets_go_of_what_it_needed(kind):
    output, _ = kind(2, 3)(torch.randn(4, 1, 2))
    node = output.grad_fn
    assert len(node.saved_tensors) > 4
    output.sum().backward()
    with pytest.raises(RuntimeError, match="freed"):
        node.saved_tensors  # noqa: B018
    assert set(vars(node)) == {"layer"}


@pytest.mark.parametrize("kind", [rv.RNN, rv.GRU, rv.LSTM])
def test_second_derivatives_name_the_layer_that_has_them(kind):
    layer = kind(2, 3)
    x = torch.randn(4, 1, 2, requires_grad=True)
    (gradient,) = torch.autograd.grad(layer(x)[0].square().sum(), x, create_graph=True)
    plain = torch.autograd.grad(layer(x)[0].square().sum(), x)[0]
    assert torch.equal(gradient, plain)
    for differentiate in (lambda loss: torch.autograd.grad(loss, x), torch.Tensor.backward):
        (gradient,) = torch.autograd.grad(layer(x)[0].square().sum(), x, create_graph=True)
        with pytest.raises(RuntimeError, match=rf"use torch\.nn\.{kind.__name__}"):
            differentiate(gradient.square().sum())

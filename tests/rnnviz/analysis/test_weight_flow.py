"""Each part of a weight's gradient against one backward pass for each step's loss."""

import pytest
import torch
from test_flow import CLOSE, losses, recorded
from test_record import FEATURES, KINDS, STEPS, call, initial_state, make
from torch import nn

import rnnviz as rv
from rnnviz.analysis.weight_flow import weight_flow


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_the_gradients_of_each_steps_loss(kind: str, bidirectional: bool) -> None:
    torch.manual_seed(2)
    module = make(kind, 2, bidirectional=bidirectional)
    x = torch.randn(STEPS, 3, FEATURES, dtype=torch.float64)
    initial = initial_state(module, 3)
    with rv.record(module) as trace:
        output, _, _ = call(module, x, initial, "time first", [STEPS] * 3)
        each = losses(output, [STEPS] * 3)
        sum(each).backward(retain_graph=True)
    # Before autograd is asked again: backward passes that reach a recording add up.
    flows = {name: vars(weight_flow(trace[name])) for name in trace.layers}
    for name, parts in flows.items():
        for part, found in parts.items():
            if found is None:
                continue
            parameter = getattr(module, f"{part}_{name}")
            for t, loss in enumerate(each):
                (expected,) = torch.autograd.grad(loss, parameter, retain_graph=True)
                torch.testing.assert_close(found[t].sum(0), expected, **CLOSE)


@pytest.mark.parametrize("layout", ["time first", "packed unsorted"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_columns_are_the_contributions_of_each_step(kind: str, bidirectional: bool, layout: str) -> None:
    torch.manual_seed(3)
    module = make(kind, 2, bidirectional=bidirectional, bias=False, layout=layout)
    trace, _, _, _ = recorded(module, layout)
    for name in trace.layers:
        contributions = rv.flow.weight_contributions(trace[name])
        for part, found in vars(weight_flow(trace[name])).items():
            expected = getattr(contributions, part)
            assert (found is None) == (expected is None)
            if found is not None:
                torch.testing.assert_close(found.sum(0), expected, **CLOSE)


def test_nothing_is_asked_of_later_steps() -> None:
    gru = nn.GRU(2, 3).double()
    with rv.record(gru) as trace:
        gru(torch.randn(STEPS, 2, 2).double())[0].square().sum().backward()
    size = weight_flow(trace["l0"]).weight_hh.abs().sum((2, 3))
    assert not size.triu(1).any()
    assert (size.tril()[1:, 1:].diagonal() > 0).all()


def test_a_loss_on_the_final_cell_state_counts_at_the_last_step() -> None:
    lstm = nn.LSTM(2, 3).double()
    with rv.record(lstm) as trace:
        lstm(torch.randn(4, 2, 2).double())[1][1].sum().backward()
    parts = weight_flow(trace["l0"]).weight_ih
    assert not parts[:3].any()
    torch.testing.assert_close(parts[3].sum(0), lstm.weight_ih_l0.grad, **CLOSE)


def test_what_cannot_be_split_is_refused() -> None:
    class Mine(rv.Cell):
        def step(self, x, hidden):
            return torch.tanh(x + hidden), {}

    gru, own = nn.GRU(1, 2), Mine(2, 2)
    with rv.record(gru) as untouched, rv.record(own) as unknown:
        gru(torch.zeros(2, 1, 1))
        own(torch.zeros(2, 1, 2))
    with pytest.raises(RuntimeError, match="no backward pass has reached"):
        weight_flow(untouched["l0"])
    with pytest.raises(TypeError, match="cell of your own"):
        weight_flow(unknown[unknown.layers[0]])


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_what_no_memory_holds_is_refused_before_it_is_computed(kind: type[nn.Module]) -> None:
    module = kind(4, 64)
    with rv.record(module) as trace:
        module(torch.randn(400, 8, 4))[0].sum().backward()
    layer = trace["l0"]
    with pytest.raises(
        MemoryError, match=r"weight_flow of l0, with 400 steps.*Record a shorter piece.*limit="
    ):
        weight_flow(layer)
    short = nn.RNN(1, 2)
    with rv.record(short) as trace:
        short(torch.zeros(5, 1, 1))[0].sum().backward()
    with pytest.raises(MemoryError, match=r"the limit is 0\.0 GiB"):
        weight_flow(trace["l0"], limit=100)
    assert weight_flow(trace["l0"], limit=10_000).weight_hh.shape == (5, 5, 2, 2)

"""Loops over torch's cells that hand the state on as a copy or a view: one sequence, exact; anything else is not."""

import pytest
import torch
from torch import nn

import rnnviz as rv
from rnnviz import flow

CELLS = (nn.RNNCell, nn.GRUCell, nn.LSTMCell)
CLOSE = {"rtol": 0, "atol": 1e-10}


class Reverse(torch.autograd.Function):
    """The identity, whose gradient has the other sign."""

    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return -gradient


def hooked(state):
    copy = state.clone()
    if copy.requires_grad:
        copy.register_hook(lambda gradient: 2 * gradient)
    return copy


def written(state):
    copy = state.clone()
    copy[0] += 1
    return copy


SAME = {
    "clone": lambda state: state.clone(),
    "view": lambda state: state.view(2, -1).view(state.shape),
    "a row of a stack": lambda state: torch.stack([state, state])[0],
    "a part of a buffer": lambda state: torch.cat([state, state.detach()], 1)[:, :3],
    "to": lambda state: state.to(torch.float64, copy=True),
}
OTHER = {
    "a mask": lambda state: state * torch.ones_like(state),
    "where": lambda state: torch.where(state > -9, state, 0),
    "detached": lambda state: state.detach(),
    "turned round": lambda state: state.flip(0),
    "another gradient": Reverse.apply,
    "a hook on the copy": hooked,
    "a copy written to": written,
    "other numbers": lambda state: torch.zeros_like(state),
}


def run(cell, x, hand_on):
    state, outputs = None, []
    for x_t in x:
        state = cell(x_t, state)
        hidden = state[0] if isinstance(state, tuple) else state
        outputs.append(hidden)
        state = (hand_on(hidden), hand_on(state[1])) if isinstance(state, tuple) else hand_on(hidden)
        del hidden
    return outputs


def unrolled(cell, x):
    """The same loop with nothing in between, on its own graph: states, their gradients, those of the weights."""
    cell.zero_grad()
    states = run(cell, x, lambda state: state)
    for state in states:
        state.retain_grad()
    loss_of(states).backward()
    return torch.stack(states), torch.stack([state.grad for state in states]), cell.weight_hh.grad.clone()


def loss_of(outputs):
    return sum((t + 1) * output.square().sum() for t, output in enumerate(outputs))


class Loop(nn.Module):
    """A cell, and a loop over it that hands its states on in some way."""

    def __init__(self, cell, hand_on):
        super().__init__()
        self.cell = cell
        self.hand_on = hand_on

    def forward(self, x):
        return torch.stack(run(self.cell, x, self.hand_on))


@pytest.mark.parametrize("whole", [True, False], ids=["in a model", "the cell itself"])
@pytest.mark.parametrize("way", SAME)
@pytest.mark.parametrize("kind", CELLS)
def test_copies_and_views_go_on_with_the_sequence(kind, way, whole):
    torch.manual_seed(0)
    cell = kind(2, 3).double()
    x = torch.randn(5, 4, 2, dtype=torch.float64)
    states, gradients, weight = unrolled(cell, x)
    model = Loop(cell, SAME[way])
    with rv.record(model if whole else cell) as trace:
        loss_of(model(x)).backward()
    (name,) = trace.layers
    layer = trace[name]
    assert layer.source.shape == (5, 4, 3)
    torch.testing.assert_close(layer.hidden, states.detach(), **CLOSE)
    torch.testing.assert_close(layer.grad_hidden, gradients, **CLOSE)
    torch.testing.assert_close(flow.weight_contributions(layer).weight_hh.sum(0), weight, **CLOSE)


@pytest.mark.parametrize("kind", CELLS)
def test_loops_side_by_side_stay_apart(kind):
    torch.manual_seed(0)
    cell = kind(2, 3).double()
    x = torch.randn(5, 4, 2, dtype=torch.float64)

    class Both(Loop):
        def forward(self, x):
            states = [None, None]
            for t in range(len(x)):
                for side, x_t in enumerate((x[t], x[-1 - t])):
                    state = self.cell(x_t, states[side])
                    copied = tuple(map(torch.clone, state)) if isinstance(state, tuple) else state.clone()
                    states[side] = copied
            return states

    model = Both(cell, None)
    with rv.record(model) as trace:
        model(x)
    forward, backward = trace.calls("cell")
    assert torch.equal(forward.hidden, torch.stack(run(cell, x, lambda state: state)))
    assert torch.equal(backward.hidden, torch.stack(run(cell, x.flip(0), lambda state: state)))


@pytest.mark.parametrize("kind", CELLS)
def test_without_gradients_views_go_on_as_well(kind):
    cell = kind(2, 3)
    with torch.no_grad(), rv.record(cell) as trace:
        run(cell, torch.zeros(5, 4, 2), lambda state: state.view(4, 3))
    assert trace["cell"].source.shape == (5, 4, 3)


@pytest.mark.parametrize("way", OTHER)
@pytest.mark.parametrize("kind", CELLS)
def test_what_changes_a_state_or_its_gradient_begins_anew(kind, way):
    torch.manual_seed(0)
    model = Loop(kind(2, 3).double(), OTHER[way])
    with rv.record(model) as trace:
        loss_of(model(torch.randn(5, 4, 2, dtype=torch.float64))).backward()
    assert len(trace.calls("cell")) == 5
    for call in trace.calls("cell"):
        call.arrays()
        assert call.source.shape[0] == 1


@pytest.mark.parametrize("kind", CELLS)
def test_a_hook_on_the_cell_that_changes_the_gradient_begins_anew(kind):
    cell = kind(2, 3).double()
    cell.register_full_backward_hook(lambda module, leaving, arriving: None)
    model = Loop(cell, lambda state: state)
    with rv.record(model) as trace:
        model(torch.randn(5, 4, 2, dtype=torch.float64, requires_grad=True))
    assert len(trace.calls("cell")) == 5

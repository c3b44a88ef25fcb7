"""A cell's kind is that of its class, whatever it is called and however its weights are made."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

import rnnviz as rv


class MyGRU(nn.GRUCell):
    """A name that ends in no "Cell"."""


class GRUCell(nn.RNNCell):
    """A plain RNN under the name of another cell."""


class Memory(nn.LSTMCell):
    """A name that says nothing."""


def make(kind: type[nn.RNNCellBase], change: str) -> nn.RNNCellBase:
    """Make a float64 cell with one weight parametrized."""
    torch.manual_seed(0)
    cell = kind(2, 3, dtype=torch.float64)  # type: ignore[call-arg]
    if change != "plain":
        getattr(parametrizations, change)(cell, "weight_hh")
    return cell


def run(cell: nn.RNNCellBase, data: Tensor) -> list[Tensor]:
    """Run the cell over all steps, and return its hidden states."""
    state, hidden = None, []
    for x in data:
        state = cell(x, state)
        hidden.append(state[0] if isinstance(state, tuple) else state)
    sum((t + 1) * h.square().sum() for t, h in enumerate(hidden)).backward()
    return hidden


def loop(kind: str, weights: list[Tensor], data: Tensor) -> tuple[list[Tensor], list[dict[str, Tensor]]]:
    """Compute the states and gates from the equations alone."""
    w_x, w_h, b_x, b_h = weights
    h = c = data.new_zeros(data.shape[1], w_h.shape[1])
    hidden, gates = [], []
    for x in data:
        at_x, at_h = x @ w_x.T + b_x, h @ w_h.T + b_h
        named: dict[str, Tensor] = {}
        if kind == "RNN":
            h = torch.tanh(at_x + at_h)
        elif kind == "GRU":
            (r_x, z_x, n_x), (r_h, z_h, n_h) = at_x.chunk(3, 1), at_h.chunk(3, 1)
            r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
            n = torch.tanh(n_x + r * n_h)
            h = (1 - z) * n + z * h
            named = {"reset": r, "update": z, "candidate": n}
        else:
            i, f, g, o = (at_x + at_h).chunk(4, 1)
            named = {
                "input": i.sigmoid(),
                "forget": f.sigmoid(),
                "candidate": g.tanh(),
                "output": o.sigmoid(),
            }
            c = named["forget"] * c + named["input"] * named["candidate"]
            h = named["output"] * c.tanh()
        if h.requires_grad:
            h.retain_grad()
        hidden.append(h)
        gates.append(named)
    return hidden, gates


@pytest.mark.parametrize("change", ["plain", "weight_norm", "orthogonal", "spectral_norm"])
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *((nn.RNNCell, "RNN"), (nn.GRUCell, "GRU"), (nn.LSTMCell, "LSTM")),
        *((MyGRU, "GRU"), (GRUCell, "RNN"), (Memory, "LSTM")),
    ],
)
def test_kind_is_that_of_the_class(kind: type[nn.RNNCellBase], name: str, change: str) -> None:
    cell = make(kind, change).eval()
    data = torch.randn(6, 2, 2, dtype=torch.float64)
    with rv.record(cell) as trace:
        run(cell, data)
    layer = trace["cell"]
    weights = [w.detach() for w in (cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)]
    hidden, gates = loop(name, [w.clone().requires_grad_() for w in weights], data)
    sum((t + 1) * h.square().sum() for t, h in enumerate(hidden)).backward()  # type: ignore[union-attr]
    assert layer.kind == name
    torch.testing.assert_close(layer.hidden, torch.stack(hidden).detach(), rtol=0, atol=1e-12)
    torch.testing.assert_close(layer.weights.weight_hh, weights[1], rtol=0, atol=0)
    assert set(layer.gates) == set(gates[0])
    for gate, values in layer.gates.items():
        expected = torch.stack([step[gate] for step in gates]).detach()
        torch.testing.assert_close(values, expected, rtol=0, atol=1e-12)
    expected = torch.stack([h.grad for h in hidden])  # type: ignore[misc]
    torch.testing.assert_close(layer.grad_hidden, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("change", ["weight_norm", "orthogonal", "spectral_norm"])
def test_recording_leaves_training_of_parametrized_cells_as_it_is(change: str) -> None:
    watched = make(nn.GRUCell, change)
    alone = copy.deepcopy(watched)
    data = torch.randn(5, 2, 2, dtype=torch.float64)
    with rv.record(watched) as trace:
        expected, found = run(alone, data), run(watched, data)
    assert all(map(torch.equal, expected, found))
    for (name, mine), theirs in zip(watched.state_dict().items(), alone.state_dict().values(), strict=True):
        assert torch.equal(mine, theirs), name
    for mine, theirs in zip(watched.parameters(), alone.parameters(), strict=True):
        assert mine.grad is not None
        assert theirs.grad is not None
        assert torch.equal(mine.grad, theirs.grad)
    assert all(call.kind == "GRU" for call in trace.calls("cell"))
    torch.testing.assert_close(
        torch.cat([call.hidden for call in trace.calls("cell")]), torch.stack(found).detach()
    )
    assert all(part.training for part in watched.modules())


class MyCell(rv.GRUCell):
    """Our cell under another name."""


class Halved(rv.RNNCell):
    """A step of its own, which names nothing."""

    def step(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        return super().step(x, hidden)[0] / 2, {}


def test_our_cells_are_told_by_their_step() -> None:
    torch.manual_seed(0)
    data = torch.randn(4, 2, 2)
    mine, halved = MyCell(2, 3), Halved(2, 3)
    with rv.record(nn.ModuleList([mine, halved])) as trace:
        (output, _), (other, _) = mine(data), halved(data)
        (output.sum() + other[-1].sum()).backward()
    assert (trace["0"].kind, trace["1"].kind) == ("GRU", "Halved")
    weights = [w.detach() for w in (mine.weight_ih, mine.weight_hh, mine.bias_ih, mine.bias_hh)]
    hidden, gates = loop("GRU", weights, data)
    torch.testing.assert_close(trace["0"].hidden, torch.stack(hidden))
    torch.testing.assert_close(trace["0"].gates["update"], torch.stack([step["update"] for step in gates]))
    torch.testing.assert_close(trace["1"].hidden, other.detach())
    assert trace["1"].gates == {}
    assert torch.equal(trace["1"].grad_hidden[-1], torch.ones(2, 3))
    with pytest.raises(AttributeError, match="of your own"):
        _ = trace["1"].weights

"""The training steps that are compared: plain, recorded in every way, and the naive loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from rnnviz import GRU, LSTM, RNN, Trace, flow, record

__all__ = ["KINDS", "SIZES", "Size", "flow_steps", "jacobian_steps", "packed_steps", "training_steps"]

Step = Callable[[], object]
KINDS = {"LSTM": (nn.LSTM, LSTM), "GRU": (nn.GRU, GRU), "RNN": (nn.RNN, RNN)}


@dataclass(frozen=True)
class Size:
    """How large a training step is."""

    batch: int
    steps: int
    features: int
    units: int

    def __str__(self) -> str:
        return f"({self.batch}, {self.steps}, {self.features}, {self.units})"


#: MNIST by rows, the synthetic series, a long small one, characters, and a very long one.
SIZES = (
    Size(32, 28, 28, 150),
    Size(50, 20, 1, 100),
    Size(8, 200, 1, 64),
    Size(64, 100, 65, 256),
    Size(16, 1000, 2, 128),
)


def read_everything(trace: Trace) -> None:
    """Read every array of every layer."""
    for name in trace.layers:
        layer = trace[name]
        layer.arrays()
        _ = layer.grad_norm


def training_steps(kind: str, size: Size, device: str = "cpu") -> dict[str, Step]:
    """Build the steps to compare on padded batches, each forward and backward."""
    torch.manual_seed(0)
    theirs, ours = (layer(size.features, size.units).to(device) for layer in KINDS[kind])
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(size.steps, size.batch, size.features, device=device)

    def train(layer: nn.RNNBase) -> None:
        layer.zero_grad()
        layer(x)[0].square().mean().backward()

    def unread() -> None:
        with record(theirs):
            train(theirs)

    def one() -> None:
        with record(theirs, sequences=[0]) as trace:
            train(theirs)
        read_everything(trace)

    def whole() -> None:
        with record(theirs) as trace:
            train(theirs)
        read_everything(trace)

    def own() -> None:
        with record(ours) as trace:
            train(ours)
        read_everything(trace)

    return {
        "plain": lambda: train(theirs),
        "unread": unread,
        "one": one,
        "whole": whole,
        "own": own,
        "naive": _naive_step(kind, theirs, x),
    }


def _naive_step(kind: str, layer: nn.RNNBase, x: Tensor) -> Step:
    """Build what people write today: a loop over torch's cell, every state keeping its gradient.

    It still lacks the gates, which torch's cells do not show either.
    """
    cell = getattr(nn, f"{kind}Cell")(layer.input_size, layer.hidden_size).to(x.device)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in layer.state_dict().items()})

    def step() -> tuple[Tensor, Tensor]:
        cell.zero_grad()
        state, states = None, []
        for x_t in x:
            state = cell(x_t, state)
            for part in state if isinstance(state, tuple) else (state,):
                part.retain_grad()
            states.append(state[0] if isinstance(state, tuple) else state)
        hidden = torch.stack(states)
        torch.autograd.backward(hidden.square().mean())
        return hidden.detach(), torch.stack([state.grad for state in states])

    return step


def packed_steps(kind: str, size: Size, device: str = "cpu") -> dict[str, Step]:
    """Build the steps to compare on packed sequences; lengths go evenly from half to all of the steps."""
    torch.manual_seed(0)
    theirs, ours = (layer(size.features, size.units).to(device) for layer in KINDS[kind])
    ours.load_state_dict(theirs.state_dict())
    lengths = torch.linspace(size.steps, size.steps // 2, size.batch).long()
    x = torch.randn(size.steps, size.batch, size.features, device=device)
    packed: PackedSequence = pack_padded_sequence(x, lengths)

    def train(layer: nn.RNNBase) -> None:
        layer.zero_grad()
        layer(packed)[0].data.square().mean().backward()

    def own() -> None:
        with record(ours) as trace:
            train(ours)
        read_everything(trace)

    return {"plain": lambda: train(theirs), "own": own}


def flow_steps(
    kind: str, batch: int, steps: int = 200, units: int = 64, device: str = "cpu"
) -> dict[str, Step]:
    """Build the two ways to the T×T matrix of gradient flow."""
    torch.manual_seed(0)
    layer = KINDS[kind][0](1, units).to(device)
    x = torch.randn(steps, batch, 1, device=device)
    with record(layer) as trace:
        output, _ = layer(x)
        output.square().sum().backward()
    # For the passes one by one, the states must be tensors of the graph: torch's cell, step by step.
    cell = getattr(nn, f"{kind}Cell")(1, units).to(device)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in layer.state_dict().items()})
    state, states = None, []
    for x_t in x:
        state = cell(x_t, state)
        states.append(state[0] if isinstance(state, tuple) else state)

    def passes() -> Tensor:
        matrix = torch.zeros(steps, steps, batch, device=device)
        for t in range(steps):
            found = torch.autograd.grad(states[t].square().sum(), states[: t + 1], retain_graph=True)
            matrix[t, : t + 1] = torch.stack(found).norm(dim=-1)
        return matrix

    return {"passes": passes, "flow": lambda: flow.gradient_flow(trace["l0"])}


def jacobian_steps(kind: str, steps: int = 200, units: int = 64, device: str = "cpu") -> dict[str, Step]:
    """Build the two ways to all Jacobians of one sequence."""
    torch.manual_seed(0)
    layer = KINDS[kind][0](1, units).to(device)
    x = torch.randn(steps, 1, 1, device=device)
    with record(layer) as trace:
        layer(x)
    cell = getattr(nn, f"{kind}Cell")(1, units).to(device)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in layer.state_dict().items()})

    def rows() -> Tensor:
        recorded = trace["l0"]
        found = x.new_empty(steps, units, units)
        previous, previous_cell = x.new_zeros(2, 1, units)
        for t in range(steps):
            previous = previous.detach().requires_grad_()
            after = cell(x[t], (previous, previous_cell) if kind == "LSTM" else previous)
            after = after[0] if isinstance(after, tuple) else after
            for unit in range(units):
                found[t, unit] = torch.autograd.grad(after[0, unit], previous, retain_graph=True)[0][0]
            previous = recorded.hidden[t]
            if kind == "LSTM":
                previous_cell = recorded.cell[t]
        return found

    return {"rows": rows, "jacobians": lambda: flow.jacobians(trace["l0"])}

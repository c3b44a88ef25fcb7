"""What one layer computed in one direction, and how its arrays are cut, shifted, masked and turned.

Everything is in the layer's *running order*: a reverse layer arrives already reversed, each sequence starts at step 0
and padding comes last. Shapes are (time, batch, unit).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from rnnviz.steps import Weights

__all__ = [
    "GATES",
    "Gradients",
    "States",
    "add_biases",
    "add_recurrence",
    "at_last_step",
    "choose_sequences",
    "clear_padding",
    "cut_steps",
    "mask_steps",
    "reverse_time",
    "shift",
    "stack_gates",
    "sum_over_gates",
]

#: The gates of each layer, in the order of their rows in torch's weights.
GATES = {
    "RNN": (),
    "LSTM": ("input", "forget", "candidate", "output"),
    "GRU": ("reset", "update", "candidate"),
}


@dataclass(eq=False)
class States:
    """Everything one layer computed in one direction, in running order.

    Attributes
    ----------
    kind : str
        "RNN", "LSTM", "GRU", or the class of a student's cell.
    input : Tensor, shape (time, batch, feature)
    hidden : Tensor, shape (time, batch, unit)
    initial_hidden : Tensor, shape (batch, unit)
    lengths : Tensor, shape (batch,)
        Steps of each sequence; what lies beyond is padding, zero everywhere.
    weights : Weights or None
        None for a student's cell.
    gates : dict of str to Tensor, shape (time, batch, unit)
        In the order of `GATES`.
    cell, initial_cell : Tensor or None
        LSTM only, (time, batch, unit) and (batch, unit).
    nonlinearity : str or None
        Plain RNN only, "tanh" or "relu".
    stacked_gates : Tensor or None, shape (time, batch, gate, unit)
        The tensor that the values of ``gates`` are slices of, where there is one.
    recurrent_candidate : Tensor or None, shape (time, batch, unit)
        GRU only: W_hn h_{t-1} + b_hn, where it was kept.
    """

    kind: str
    input: Tensor
    hidden: Tensor
    initial_hidden: Tensor
    lengths: Tensor
    weights: Weights | None
    gates: dict[str, Tensor] = field(default_factory=dict)
    cell: Tensor | None = None
    initial_cell: Tensor | None = None
    nonlinearity: str | None = None
    stacked_gates: Tensor | None = None
    recurrent_candidate: Tensor | None = None

    def tensors(self) -> Iterator[Tensor]:
        """Go through all arrays, the weights left out."""
        arrays = (self.input, self.hidden, self.initial_hidden, self.lengths, *self.gates.values())
        for array in (*arrays, self.cell, self.initial_cell, self.stacked_gates, self.recurrent_candidate):
            if array is not None:
                yield array


@dataclass(eq=False)
class Gradients:
    """Total gradients of the loss in one layer and direction, in running order.

    Attributes
    ----------
    hidden : Tensor, shape (time, batch, unit)
        ∂L/∂h_t through every path: the output at t, and all later steps.
    cell : Tensor or None
        ∂L/∂c_t, LSTM only.
    gates : tuple of Tensor, or None
        What `gate_gradients` gives, where the adjoint was asked to keep it.
    inside : str or None
        Why the gradients inside the steps do not follow from these, where other gradients entered there.
    """

    hidden: Tensor
    cell: Tensor | None = None
    gates: tuple[Tensor, Tensor] | None = None
    inside: str | None = None

    def tensors(self) -> Iterator[Tensor]:
        """Go through the gradients of the states."""
        yield self.hidden
        if self.cell is not None:
            yield self.cell


def choose_sequences(states: States, rows: Tensor) -> States:
    """Return the states of some sequences of the batch, named by a tensor of indices, in that order."""
    rows = rows.to(states.hidden.device)
    gates = {name: gate[:, rows] for name, gate in states.gates.items()}
    stacked = None if states.stacked_gates is None else states.stacked_gates[:, rows]
    if stacked is not None:
        gates = dict(zip(gates, stacked.unbind(2), strict=True))
    recurrent = states.recurrent_candidate
    return replace(
        states,
        input=states.input[:, rows],
        hidden=states.hidden[:, rows],
        initial_hidden=states.initial_hidden[rows],
        lengths=states.lengths[rows],
        gates=gates,
        cell=None if states.cell is None else states.cell[:, rows],
        initial_cell=None if states.initial_cell is None else states.initial_cell[rows],
        stacked_gates=stacked,
        recurrent_candidate=None if recurrent is None else recurrent[:, rows],
    )


def cut_steps(states: States, start: int, stop: int) -> States:
    """Return the states from one step up to another, with those before as initial ones; padding is kept."""
    part = slice(start, stop)
    stacked, recurrent = states.stacked_gates, states.recurrent_candidate
    return replace(
        states,
        input=states.input[part],
        hidden=states.hidden[part],
        initial_hidden=states.hidden[start - 1] if start else states.initial_hidden,
        lengths=(states.lengths - start).clamp(0, stop - start),
        gates={name: gate[part] for name, gate in states.gates.items()},
        cell=None if states.cell is None else states.cell[part],
        initial_cell=states.cell[start - 1] if start and states.cell is not None else states.initial_cell,
        stacked_gates=None if stacked is None else stacked[part],
        recurrent_candidate=None if recurrent is None else recurrent[part],
    )


def shift(states: Tensor, initial: Tensor) -> Tensor:
    """Return the previous state at every step: initial, s_0, …, s_{T-2}, from s_0, …, s_{T-1}."""
    return torch.cat([initial[None], states[:-1]])


def mask_steps(steps: int, lengths: Tensor) -> Tensor:
    """Tell which steps belong to their sequence and which are padding, (time, batch)."""
    return torch.arange(steps, device=lengths.device)[:, None] < lengths


def reverse_time(sequence: Tensor, lengths: Tensor) -> Tensor:
    """Reverse each sequence within its own length, so that padding stays at the end.

    Parameters
    ----------
    sequence : Tensor, shape (time, batch, …)
    lengths : Tensor, shape (batch,)
    """
    steps = len(sequence)
    if bool((lengths == steps).all()):
        return sequence.flip(0)
    t = torch.arange(steps, device=sequence.device)[:, None]
    source = torch.where(t < lengths, lengths - 1 - t, t)
    return sequence[source, torch.arange(sequence.shape[1], device=sequence.device)]


def clear_padding(lengths: Tensor, *arrays: Tensor) -> None:
    """Set to zero, in place, what lies beyond the end of each sequence in arrays (time, batch, …)."""
    steps, batch = arrays[0].shape[:2]
    rows = (
        (~mask_steps(steps, lengths)).flatten().nonzero().flatten()
    )  # filling whole rows is several times faster than masking
    for array in arrays:
        array.view(steps * batch, -1).index_fill_(0, rows, 0)


def stack_gates(states: States) -> Tensor:
    """Return the gates as one tensor (time, batch, gate, unit)."""
    if states.stacked_gates is not None:
        return states.stacked_gates
    return torch.stack(list(states.gates.values()), 2)


def at_last_step(states: States, final: Tensor) -> Tensor:
    """Put a final state's gradient, (batch, unit), at the step where it enters; zero elsewhere."""
    steps, batch, _ = states.hidden.shape
    spread = states.hidden.new_zeros(steps, batch, final.shape[-1])
    spread[states.lengths - 1, torch.arange(batch, device=final.device)] = final.to(spread.dtype)
    return spread


def add_biases(weights: Weights) -> Tensor | None:
    """Return the sum of torch's two biases, which matters only as a sum except in the GRU's candidate."""
    if weights.bias_ih is None or weights.bias_hh is None:
        return None
    return weights.bias_ih + weights.bias_hh


def add_recurrence(preactivation: Tensor, hidden: Tensor, initial_hidden: Tensor, weight_hh: Tensor) -> None:
    """Add W_hh h_{t-1} to the pre-activations of every step, in place."""
    preactivation[0].addmm_(initial_hidden, weight_hh.t())
    later = preactivation[1:].view(-1, preactivation.shape[-1])
    later.addmm_(hidden[:-1].reshape(-1, hidden.shape[-1]), weight_hh.t())


def sum_over_gates(slopes: Tensor, weight: Tensor) -> Tensor:
    """Sum of slope · rows of W over the gates: (time, batch, gate, unit) and (gate · unit, column)."""
    blocks = weight.view(slopes.shape[2], slopes.shape[3], -1)
    total = slopes[:, :, 0, :, None] * blocks[0]
    for gate in range(1, len(blocks)):
        total.addcmul_(slopes[:, :, gate, :, None], blocks[gate])
    return total

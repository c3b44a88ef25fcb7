"""From what a fused layer shows (inputs, outputs) to what it hides: gates and cell states.

torch computes a whole recurrent layer in one fused kernel and returns only h_t. Nothing is lost, though: once
every h_t is known, the gates of *all* steps follow from x_t and h_{t-1} in one matrix product, and c_t from
the gates by an elementwise scan. That is exact, and no autograd graph is built. The gradients are
`rnnviz.arithmetic.adjoint`'s part.

The equations themselves stand in `rnnviz.steps`, and what follows from them for each kind in a module of its name.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnviz.arithmetic import gru, lstm
from rnnviz.arithmetic.states import GATES, States, clear_padding
from rnnviz.steps import Weights, gru_step, lstm_step, rnn_step

__all__ = ["derive_gates", "derive_states"]

#: How many steps of a record are checked against the step equations.
CHECKED_STEPS = 64


def derive_states(
    kind: str,
    input: Tensor,
    hidden: Tensor,
    initial_hidden: Tensor,
    initial_cell: Tensor | None,
    weights: Weights,
    lengths: Tensor,
    nonlinearity: str | None = None,
    tolerance: float | None = None,
) -> States:
    """All gates and cell states of a layer from its inputs and its outputs.

    Parameters
    ----------
    kind : {"RNN", "LSTM", "GRU"}
    input : Tensor, shape (time, batch, feature)
    hidden : Tensor, shape (time, batch, unit)
        What the layer returned, zero in the padding.
    initial_hidden, initial_cell : Tensor, shape (batch, unit)
        ``initial_cell`` is None except for an LSTM.
    weights : Weights
        As they were in the forward pass.
    lengths : Tensor, shape (batch,)
    nonlinearity : {"tanh", "relu"} or None
    tolerance : float or None
        How far the equations may be off the outputs; None chooses by the precision of the tensors.

    Returns
    -------
    States

    Raises
    ------
    RuntimeError
        When the equations of `rnnviz.steps` do not reproduce the given outputs, so that nothing derived from
        them could be trusted.
    """
    states = States(
        kind, input, hidden, initial_hidden, lengths, weights, {}, None, initial_cell, nonlinearity
    )
    gates = derive_gates(states)
    check_equation(states, tolerance)
    if gates is not None:
        if bool((lengths < len(hidden)).any()):
            clear_padding(lengths, gates, *(() if states.cell is None else (states.cell,)))
        states.stacked_gates = gates
        states.gates = dict(zip(GATES[kind], gates.unbind(2), strict=True))
    return states


def derive_gates(states: States) -> Tensor | None:
    """Compute the gates of all steps, (time, batch, gate, unit), and put in their place what comes with them.

    That is c_t of an LSTM, and W_hn h_{t-1} + b_hn of a GRU. A plain RNN has no gates.
    """
    assert states.weights is not None
    if states.kind == "LSTM":
        assert states.initial_cell is not None
        gates, states.cell = lstm.gates(
            states.input, states.hidden, states.initial_hidden, states.initial_cell, states.weights
        )
        return gates
    if states.kind == "GRU":
        gates, states.recurrent_candidate = gru.gates(
            states.input, states.hidden, states.initial_hidden, states.weights
        )
        return gates
    return None


def _before(states: Tensor, initial: Tensor) -> Tensor:
    """Return the states before each step of the first sequence, (time, unit)."""
    return torch.cat([initial[:1], states[:-1]])


def check_equation(states: States, tolerance: float | None) -> None:
    """Refuse a record whose first sequence the step equations do not reproduce.

    This is cheap (one sequence, at most 64 of its steps, in one call) and catches what no hook can see: data
    changed behind autograd's back, a mask of dropout that is not the one that was drawn, a subclass that
    computes something else.
    """
    weights = states.weights
    assert weights is not None
    if states.hidden.numel() == 0:
        return  # a batch of no sequences
    steps = int(states.lengths[0])
    rows = slice(0, steps, -(-steps // CHECKED_STEPS))
    hidden = states.hidden[:, 0]
    x, h = states.input[rows, 0], _before(hidden, states.initial_hidden)[rows]
    if states.kind == "LSTM":
        assert states.cell is not None
        assert states.initial_cell is not None
        c = _before(states.cell[:, 0], states.initial_cell)[rows]
        expected = lstm_step(x, h, c, weights).hidden
    elif states.kind == "GRU":
        expected = gru_step(x, h, weights).hidden
    else:
        expected = rnn_step(x, h, weights, states.nonlinearity or "tanh").hidden
    actual = hidden[rows]
    if tolerance is None:  # CUDA multiplies float32 matrices in TF32 by default
        tolerance = 1e-8 if actual.dtype == torch.float64 else 1e-2 if actual.is_cuda else 1e-3
    expected = expected.to(actual.dtype)
    off = float(torch.dist(actual, expected, float("inf")))
    if off <= tolerance or off <= tolerance * (1 + float(expected.abs().max())):
        return
    # Slower, and seldom: states that have grown to infinity may still be what the equations give.
    if not torch.allclose(actual, expected, rtol=tolerance, atol=tolerance, equal_nan=True):
        worst = float((actual - expected).abs().max())
        raise RuntimeError(
            f"The recorded {states.kind} outputs differ by up to {worst:.1e} from what its equations give "
            "for the recorded inputs, so its gates cannot be derived. Something changed the data unseen: a "
            "forward hook that replaces inputs or outputs, an assignment through `.data`, or random numbers "
            "drawn while the layer ran. Remove it, or pass the layer a clone."
        )

"""How far back a weight's gradient comes from: each part of it by the step that asks and the step that changes.

`rnnviz.flow.weight_contributions` splits a gradient by the step at which the weight was used. Here it is also
split by the step whose loss asked for the change; so one can read off what is left when gradients may only
reach back a few steps.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnviz.analysis.limits import LIMIT, refuse_size, require_formula
from rnnviz.analysis.propagate import flow_from_above, reverse_steps
from rnnviz.arithmetic import lstm
from rnnviz.arithmetic.adjoint import derive_gradients, gate_gradients
from rnnviz.arithmetic.states import States, choose_sequences, shift
from rnnviz.recording.trace import LayerTrace
from rnnviz.steps import Weights

__all__ = ["weight_flow"]


@torch.no_grad()
def weight_flow(layer: LayerTrace, *, limit: int = LIMIT) -> Weights:
    """Split the gradient of each parameter by the step t whose loss asks and the step k that it changes.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM, after a backward pass.
    limit : int
        How many bytes this may take; 4 GiB by default.

    Returns
    -------
    Weights
        Under torch's names, each with two leading time axes. Entry (t, k) is what the loss of step t, see
        `rnnviz.flow.gradient_flow`, adds through the use of the parameter at step k. Summed over t they are
        `rnnviz.flow.weight_contributions`, summed over both the parameter's ``.grad``; summed over the
        entries with t − k < r, the gradient that reaches back over r steps.

    Raises
    ------
    RuntimeError
        When no backward pass has reached the layer.
    TypeError
        For a cell of your own, whose formula is unknown.
    MemoryError
        Before anything is computed, when it would take more than ``limit``.

    Notes
    -----
    One backward pass, over a batch that holds each sequence once for each t; of steps², so for recordings of
    some dozens of steps.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> from rnnviz.analysis.weight_flow import weight_flow
    >>> rnn = torch.nn.RNN(2, 3).double()
    >>> with rv.record(rnn) as trace:
    ...     output, _ = rnn(torch.randn(5, 4, 2).double())
    ...     output.square().sum().backward()
    >>> parts = weight_flow(trace["l0"]).weight_hh
    >>> parts.shape, torch.allclose(parts.sum((0, 1)), rnn.weight_hh_l0.grad)
    (torch.Size([5, 5, 3, 3]), True)
    """
    source = layer.source
    states = require_formula(
        layer, "Keep the gradient of each step yourself: give every step its own clone of the parameter."
    )
    assert states.weights is not None
    steps, batch, units = states.hidden.shape
    refuse_size(layer, "weight_flow", _values(states), limit, "Record a shorter piece of the sequences")
    # Each sequence once for each t; in running order, as everything here until the end.
    many = choose_sequences(states, torch.arange(batch).repeat(steps))
    at_t = torch.eye(steps, dtype=states.hidden.dtype, device=states.hidden.device)[:, :, None, None]

    def turn(array: Tensor) -> Tensor:
        """Turn the first axis of (time, other time, batch, …) from running into forward order, and back."""
        return reverse_steps(array, states.lengths) if layer.reverse else array

    def apart(outside: Tensor) -> Tensor:
        return (at_t * outside[:, None]).flatten(1, 2)  # (step, t · batch, unit)

    outside, outside_cell = source.from_outside()
    asked = apart(outside)
    from_above = flow_from_above(source, range(steps))
    if from_above is not None:  # (k, t, batch, unit), rows in forward time
        asked += turn(from_above.transpose(0, 1)).transpose(0, 1).reshape(steps, -1, units)
    if states.kind == "LSTM":
        at_cell = None if outside_cell is None else apart(outside_cell)
        gradients = lstm.adjoint(many, asked, at_cell, keep_gates=False)
    else:
        gradients = derive_gradients(many, asked)

    def forward(side: Tensor) -> Tensor:
        """Order (k, t · batch, …) by the step k of the weight and the step t of the loss, both in forward time."""
        by_step = turn(side.view(steps, steps, batch, -1))
        return turn(by_step.transpose(0, 1)).transpose(0, 1)

    at_input, at_recurrent = map(forward, gate_gradients(many, gradients))
    previous = layer.forward_time(shift(states.hidden, states.initial_hidden))
    has_bias = states.weights.bias_ih is not None
    parts = {
        "weight_ih": torch.einsum("ktbr,kbf->tkrf", at_input, layer.forward_time(states.input)),
        "weight_hh": torch.einsum("ktbr,kbu->tkru", at_recurrent, previous),
        "bias_ih": at_input.sum(2).transpose(0, 1) if has_bias else None,
        "bias_hh": at_recurrent.sum(2).transpose(0, 1) if has_bias else None,
    }
    if states.weights.weight_hr is not None:
        unprojected = layer.forward_time(lstm.unprojected_hidden(states))
        parts["weight_hr"] = torch.einsum("ktbp,kbu->tkpu", forward(gradients.hidden), unprojected)
    return Weights(**parts)  # type: ignore[arg-type]


def _values(states: States) -> int:
    """How many numbers are held at once: the parts themselves, and a batch with each sequence once for each step."""
    assert states.weights is not None
    steps, batch, units = states.hidden.shape
    weights = [value for value in vars(states.weights).values() if value is not None]
    parts: int = sum(value.numel() for value in weights)
    rows, cells = states.weights.weight_hh.shape[0], 0 if states.cell is None else states.cell.shape[-1]
    # States and gates of the larger batch, its gradients, and the gates' gradients in either order.
    copies = states.input.shape[-1] + 3 * units + 2 * cells + 4 * rows
    return steps**2 * (parts + batch * copies)

"""From the gradients that reach a layer's outputs to the total ones at every state.

The total gradients ∂L/∂h_t and ∂L/∂c_t follow from the gradients that reach the outputs directly, by running the
adjoint of the step backwards through time: exact, for every kind of layer, and without an autograd graph. On a GPU,
where the steps of such a loop are too small to be worth launching, torch's own kernel runs it instead
(`rnnviz.arithmetic.replay`).

The adjoints themselves stand with their kind, in `rnnviz.arithmetic.rnn`, `gru` and `lstm`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnviz.arithmetic import lstm
from rnnviz.arithmetic.kinds import KINDS
from rnnviz.arithmetic.replay import recurrent_gradient
from rnnviz.arithmetic.scan import prefers_scan, scan_back
from rnnviz.arithmetic.states import Gradients, States, at_last_step

__all__ = ["derive_gradients", "gate_gradients", "gradient_from_above"]


def derive_gradients(
    states: States,
    grad_output: Tensor | None,
    grad_final_hidden: Tensor | None = None,
    grad_final_cell: Tensor | None = None,
    *,
    keep_gates: bool = False,
) -> Gradients:
    """Total gradients ∂L/∂h_t, ∂L/∂c_t from the gradients that reach the layer's outputs from outside.

    Parameters
    ----------
    states : States
        The layer's forward pass; kind "RNN", "LSTM" or "GRU".
    grad_output : Tensor of shape (time, batch, unit), or None
        ∂L/∂(output_t) from above, not through later steps; zero in the padding.
    grad_final_hidden, grad_final_cell : Tensor of shape (batch, unit), or None
        ∂L/∂h_n and ∂L/∂c_n; they enter at the last step of each sequence.
    keep_gates : bool
        Keep the gradients at the gates too, which the recursion computes anyhow but which take much memory.

    Returns
    -------
    Gradients
    """
    # A fresh tensor in any case: the recursion below turns the gradients from above into totals, in place.
    if grad_output is None:
        grad_hidden = torch.zeros_like(states.hidden, memory_format=torch.contiguous_format)
    else:
        grad_hidden = grad_output.clone(memory_format=torch.contiguous_format)
    if grad_final_hidden is not None:
        grad_hidden += at_last_step(states, grad_final_hidden)
    if prefers_scan(grad_hidden):
        return replayed_adjoint(states, grad_hidden, grad_final_cell)
    cell_from_above = None if grad_final_cell is None else at_last_step(states, grad_final_cell)
    return KINDS[states.kind].adjoint(states, grad_hidden, cell_from_above, keep_gates=keep_gates)


def replayed_adjoint(states: States, dh: Tensor, grad_final_cell: Tensor | None) -> Gradients:
    """Find what the adjoint of each kind finds without a loop over steps; dh becomes the total in place.

    What goes back through the gates comes from `rnnviz.arithmetic.replay.recurrent_gradient`. What goes back
    without a weight, through the forget gate of an LSTM and the update gate of a GRU, is a linear recurrence
    (`rnnviz.arithmetic.scan`).
    """
    carried = recurrent_gradient(states, dh, grad_final_cell)
    dh[:-1] += carried[1:]
    if states.kind == "GRU":
        return Gradients(scan_back(dh, states.gates["update"]))
    if states.kind != "LSTM":
        return Gradients(dh)
    dc = lstm.cell_slope(states).mul_(lstm.before_projection(states, dh))
    if grad_final_cell is not None:
        dc += at_last_step(states, grad_final_cell)
    return Gradients(dh, scan_back(dc, states.gates["forget"]))


def gate_gradients(states: States, gradients: Gradients) -> tuple[Tensor, Tensor]:
    """Gradients at the gates' pre-activations, from the total gradients of the states, all steps at once.

    Parameters
    ----------
    states : States
        Kind "RNN", "LSTM" or "GRU".
    gradients : Gradients
        Of the same layer.

    Returns
    -------
    Tensor, shape (time, batch, gates · unit)
        ∂L/∂(W_ih x_t + b_ih).
    Tensor, same shape
        ∂L/∂(W_hh h_{t-1} + b_hh). It differs from the former only in the GRU, whose reset gate stands
        between.

    Raises
    ------
    RuntimeError
        When other gradients have entered inside the steps.
    """
    if gradients.inside is not None:
        raise RuntimeError(gradients.inside)
    if gradients.gates is not None:
        return gradients.gates
    return KINDS[states.kind].gate_gradients(states, gradients)


def gradient_from_above(states: States, gradients: Gradients) -> tuple[Tensor, Tensor | None]:
    """Undo the adjoint: the gradients that reached h_t and c_t from above, from the total ones.

    From above means: not through the next step.

    Parameters
    ----------
    states : States
        Kind "RNN", "LSTM" or "GRU".
    gradients : Gradients
        Of the same layer.

    Returns
    -------
    hidden : Tensor, shape (time, batch, unit)
    cell : Tensor or None, shape (time, batch, unit)
        LSTM only.

    Notes
    -----
    What is left of a difference is exact only to rounding, so anything below the rounding of its terms
    becomes zero.
    """
    assert states.weights is not None
    _, at_recurrent = gate_gradients(states, gradients)
    weights = states.weights

    def remove(total: Tensor, carried: Tensor) -> Tensor:
        from_above = total.clone()
        from_above[:-1] -= carried
        rounding = 64 * torch.finfo(total.dtype).eps * total.abs().amax(-1, keepdim=True)
        return from_above.masked_fill_(from_above.abs() <= rounding, 0)

    carried = at_recurrent[1:] @ weights.weight_hh
    if states.kind == "GRU":
        carried += gradients.hidden[1:] * states.gates["update"][1:]
    hidden = remove(gradients.hidden, carried)
    if states.kind != "LSTM":
        return hidden, None
    assert gradients.cell is not None
    through_hidden = lstm.before_projection(states, gradients.hidden) * lstm.cell_slope(states)
    cell = remove(gradients.cell - through_hidden, gradients.cell[1:] * states.gates["forget"][1:])
    rounding = 64 * torch.finfo(cell.dtype).eps * gradients.cell.abs().amax(-1, keepdim=True)
    return hidden, cell.masked_fill_(cell.abs() <= rounding, 0)

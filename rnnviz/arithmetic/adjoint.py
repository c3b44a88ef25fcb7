"""From the gradients that reach a layer's outputs to the total ones at every state.

The total gradients ∂L/∂h_t and ∂L/∂c_t follow from the gradients that reach the outputs directly, by running the
adjoint of the step backwards through time: exact, for every kind of layer, and without an autograd graph. On a GPU,
where the steps of such a loop are too small to be worth launching, torch's own kernel runs it instead
(`rnnviz.arithmetic.replay`).

Each function says which equation of `rnnviz.steps` it differentiates. As in `rnnviz.arithmetic.derive`, everything is
in the layer's running order, and shapes are (time, batch, unit).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.arithmetic.derive import States, gru_recurrent_candidate, shift, stack_gates
from rnnviz.arithmetic.replay import recurrent_gradient
from rnnviz.arithmetic.scan import prefers_scan, scan_back

__all__ = [
    "Gradients",
    "at_last_step",
    "cell_slope",
    "derive_gradients",
    "direct_from_total",
    "gate_gradients",
    "gru_slopes",
    "lstm_adjoint",
    "lstm_slopes",
    "rnn_slopes",
]


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
    """

    hidden: Tensor
    cell: Tensor | None = None
    gates: tuple[Tensor, Tensor] | None = None

    def tensors(self) -> Iterator[Tensor]:
        """Go through the gradients of the states."""
        yield self.hidden
        if self.cell is not None:
            yield self.cell


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
        ∂L/∂(output_t), the direct part only, zero in the padding.
    grad_final_hidden, grad_final_cell : Tensor of shape (batch, unit), or None
        ∂L/∂h_n and ∂L/∂c_n; they enter at the last step of each sequence.
    keep_gates : bool
        Keep the gradients at the gates too, which the recursion computes anyhow but which take much memory.

    Returns
    -------
    Gradients
    """
    # A fresh tensor in any case: the recursion below turns direct into total gradients in place.
    if grad_output is None:
        grad_hidden = torch.zeros_like(states.hidden, memory_format=torch.contiguous_format)
    else:
        grad_hidden = grad_output.clone(memory_format=torch.contiguous_format)
    if grad_final_hidden is not None:
        grad_hidden += at_last_step(states, grad_final_hidden)
    if prefers_scan(grad_hidden):
        return replayed_adjoint(states, grad_hidden, grad_final_cell)
    direct_cell = None
    if states.kind == "LSTM":
        if grad_final_cell is not None:
            direct_cell = at_last_step(states, grad_final_cell)
        found = lstm_adjoint(states, grad_hidden, direct_cell)
    elif states.kind == "GRU":
        found = gru_adjoint(states, grad_hidden, keep_gates)
    else:
        found = rnn_adjoint(states, grad_hidden)
    return found if keep_gates else Gradients(found.hidden, found.cell)


def at_last_step(states: States, final: Tensor) -> Tensor:
    """Put a final state's gradient, (batch, unit), at the step where it enters; zero elsewhere."""
    steps, batch, _ = states.hidden.shape
    spread = states.hidden.new_zeros(steps, batch, final.shape[-1])
    spread[states.lengths - 1, torch.arange(batch, device=final.device)] = final.to(spread.dtype)
    return spread


def lstm_slopes(states: States) -> tuple[Tensor, Tensor]:
    """Differentiate `lstm_step` elementwise, at every step.

    Returns
    -------
    Tensor, shape (time, batch, 4, unit)
        ∂c_t/∂z for the pre-activations z of input, forget and candidate; for the output gate ∂(o tanh
        c_t)/∂z.
    Tensor, shape (time, batch, unit)
        ∂(o tanh c_t)/∂c_t.
    """
    assert states.cell is not None
    assert states.initial_cell is not None
    gates, c = stack_gates(states), states.cell
    i, f, g, o = gates.unbind(2)
    tanh_c = c.tanh()
    slopes = torch.empty_like(gates)
    torch.mul(g, i, out=slopes[:, :, 0]).addcmul_(slopes[:, :, 0], i, value=-1)  # g i (1 - i)
    torch.mul(shift(c, states.initial_cell), f, out=slopes[:, :, 1])
    slopes[:, :, 1].addcmul_(slopes[:, :, 1], f, value=-1)  # c_{t-1} f (1 - f)
    torch.mul(g, g, out=slopes[:, :, 2]).neg_().add_(1).mul_(i)  # i (1 - g²)
    torch.mul(tanh_c, o, out=slopes[:, :, 3]).addcmul_(slopes[:, :, 3], o, value=-1)  # tanh(c) o (1 - o)
    return slopes, _slope_at_cell(o, tanh_c)


def cell_slope(states: States) -> Tensor:
    """Return ∂(o tanh c_t)/∂c_t of an LSTM, (time, batch, unit), where nothing else of `lstm_slopes` is wanted."""
    assert states.cell is not None
    return _slope_at_cell(stack_gates(states)[:, :, 3], states.cell.tanh())


def _slope_at_cell(o: Tensor, tanh_c: Tensor) -> Tensor:
    """Compute o (1 - tanh² c), and use up tanh c for it."""
    return torch.addcmul(o, o, tanh_c.mul_(tanh_c), value=-1)


def _before_projection(states: States, dh: Tensor) -> Tensor:
    """Lead gradients at h_t back through the projection of an LSTM with ``proj_size``."""
    assert states.weights is not None
    return dh if states.weights.weight_hr is None else dh @ states.weights.weight_hr


def gru_slopes(states: States) -> tuple[Tensor, Tensor]:
    """Differentiate `gru_step` elementwise, at every step.

    Returns
    -------
    Tensor, shape (time, batch, 3, unit)
        ∂h_t/∂s for the three parts of s = W_hh h_{t-1} + b_hh.
    Tensor, shape (time, batch, unit)
        ∂h_t/∂(W_in x_t + b_in), which the reset gate does not touch.
    """
    assert states.weights is not None
    h, h_0 = states.hidden, states.initial_hidden
    r, z, n = stack_gates(states).unbind(2)
    recurrent = states.recurrent_candidate
    if recurrent is None:
        recurrent = gru_recurrent_candidate(h, h_0, states.weights)
    slopes = torch.empty(*h.shape[:2], 3, h.shape[2], dtype=h.dtype, device=h.device)
    of_reset, of_update, of_candidate = slopes.unbind(2)
    at_candidate = torch.mul(n, n).neg_().add_(1)
    at_candidate.addcmul_(at_candidate, z, value=-1)  # (1 - z) (1 - n²)
    torch.mul(at_candidate, r, out=of_candidate)
    torch.addcmul(of_candidate, of_candidate, r, value=-1, out=of_reset).mul_(recurrent)  # … r (1 - r) s_n
    torch.sub(shift(h, h_0), n, out=of_update).mul_(z)
    of_update.addcmul_(of_update, z, value=-1)  # (h_{t-1} - n) z (1 - z)
    return slopes, at_candidate


def rnn_slopes(states: States) -> Tensor:
    """Differentiate the activation of `rnn_step` at every step, (time, batch, unit)."""
    h = states.hidden
    return (h > 0).to(h.dtype) if states.nonlinearity == "relu" else torch.mul(h, h).neg_().add_(1)


# In these three adjoints one view per step is made before the loop: inside it, making views would cost as much
# as the arithmetic.


def lstm_adjoint(states: States, dh: Tensor, direct_cell: Tensor | None) -> Gradients:
    """Run the adjoint of `lstm_step`, from the last step to the first; dh goes from direct to total in place.

    ::

        ∂L/∂h_t = direct + ∂L/∂z_{t+1} W_hh                          z: pre-activations of the four gates
        ∂L/∂c_t = direct + ∂L/∂h_t o (1 - tanh² c_t) + ∂L/∂c_{t+1} f_{t+1}
        ∂L/∂z_t = slope of each gate at t times ∂L/∂c_t  (for o: times ∂L/∂h_t)

    All slopes are computed for all steps at once; only the three lines above remain in the loop.
    """
    assert states.weights is not None
    weights = states.weights
    dz, dc = lstm_slopes(states)  # slopes that the loop turns into gradients, in place
    dh_, dc_, f_, z_ = dh.unbind(0), dc.unbind(0), states.gates["forget"].unbind(0), dz.flatten(2).unbind(0)
    ifg_, o_, dc_wide_ = dz[:, :, :3].unbind(0), dz[:, :, 3].unbind(0), dc.unsqueeze(2).unbind(0)
    direct_ = None if direct_cell is None else direct_cell.unbind(0)
    final = len(dh_) - 1
    with torch.inference_mode():
        for t in range(final, -1, -1):
            if t < final:
                dh_[t].addmm_(z_[t + 1], weights.weight_hh)
            dm = dh_[t] if weights.weight_hr is None else dh_[t] @ weights.weight_hr  # before the projection
            dc_[t].mul_(dm)
            if t < final:
                dc_[t].addcmul_(dc_[t + 1], f_[t + 1])
            if direct_ is not None:
                dc_[t].add_(direct_[t])
            ifg_[t].mul_(dc_wide_[t])
            o_[t].mul_(dm)
    flat = dz.flatten(2)
    return Gradients(dh, dc, (flat, flat))


def gru_adjoint(states: States, dh: Tensor, keep_gates: bool) -> Gradients:
    """Run the adjoint of `gru_step`, from the last step to the first; dh goes from direct to total in place.

    ::

        ∂L/∂h_t = direct + ∂L/∂s_{t+1} W_hh + ∂L/∂h_{t+1} z_{t+1}    s = W_hh h_{t-1} + b_hh
        ∂L/∂s_t = slope of each gate at t times ∂L/∂h_t
    """
    assert states.weights is not None
    weight_hh = states.weights.weight_hh
    ds, at_candidate = gru_slopes(states)
    dh_, z_, s_ = dh.unbind(0), states.gates["update"].unbind(0), ds.unbind(0)
    flat_, dh_wide_ = ds.flatten(2).unbind(0), dh.unsqueeze(2).unbind(0)
    final = len(dh_) - 1
    with torch.inference_mode():
        for t in range(final, -1, -1):
            if t < final:
                dh_[t].addmm_(flat_[t + 1], weight_hh).addcmul_(dh_[t + 1], z_[t + 1])
            s_[t].mul_(dh_wide_[t])
    return Gradients(dh, None, _gru_sides(ds, at_candidate.mul_(dh)) if keep_gates else None)


def _gru_sides(at_recurrent: Tensor, at_candidate: Tensor) -> tuple[Tensor, Tensor]:
    """Put together the gradients at the input's and at the recurrent side of a GRU's gates."""
    at_input = torch.stack([at_recurrent[:, :, 0], at_recurrent[:, :, 1], at_candidate], 2)
    return at_input.flatten(2), at_recurrent.flatten(2)


def rnn_adjoint(states: States, dh: Tensor) -> Gradients:
    """Run the adjoint of `rnn_step` from the last step to the first; dh becomes the total in place.

    ::

        ∂L/∂h_t = direct + ∂L/∂z_{t+1} W_hh
        ∂L/∂z_t = slope of the activation at t times ∂L/∂h_t
    """
    assert states.weights is not None
    dz = rnn_slopes(states)
    dh_, dz_ = dh.unbind(0), dz.unbind(0)
    final = len(dh_) - 1
    with torch.inference_mode():
        for t in range(final, -1, -1):
            if t < final:
                dh_[t].addmm_(dz_[t + 1], states.weights.weight_hh)
            dz_[t].mul_(dh_[t])
    return Gradients(dh, None, (dz, dz))


def replayed_adjoint(states: States, dh: Tensor, grad_final_cell: Tensor | None) -> Gradients:
    """Find what the three adjoints above find without a loop over steps; dh becomes the total in place.

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
    dc = cell_slope(states).mul_(_before_projection(states, dh))
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
    """
    if gradients.gates is not None:
        return gradients.gates
    assert states.weights is not None
    dh = gradients.hidden
    if states.kind == "LSTM":
        assert gradients.cell is not None
        dz, _ = lstm_slopes(states)
        dz[:, :, :3] *= gradients.cell[:, :, None]
        dz[:, :, 3] *= _before_projection(states, dh)
        flat = dz.flatten(2)
        return flat, flat
    if states.kind == "GRU":
        ds, at_candidate = gru_slopes(states)
        ds *= dh[:, :, None]
        return _gru_sides(ds, at_candidate.mul_(dh))
    dz = rnn_slopes(states).mul_(dh)
    return dz, dz


def direct_from_total(states: States, gradients: Gradients) -> tuple[Tensor, Tensor | None]:
    """Undo the adjoint: the gradients that reached h_t and c_t from outside, from the total ones.

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
        direct = total.clone()
        direct[:-1] -= carried
        rounding = 64 * torch.finfo(total.dtype).eps * total.abs().amax(-1, keepdim=True)
        return direct.masked_fill_(direct.abs() <= rounding, 0)

    carried = at_recurrent[1:] @ weights.weight_hh
    if states.kind == "GRU":
        carried += gradients.hidden[1:] * states.gates["update"][1:]
    hidden = remove(gradients.hidden, carried)
    if states.kind != "LSTM":
        return hidden, None
    assert gradients.cell is not None
    through_hidden = _before_projection(states, gradients.hidden) * cell_slope(states)
    cell = remove(gradients.cell - through_hidden, gradients.cell[1:] * states.gates["forget"][1:])
    rounding = 64 * torch.finfo(cell.dtype).eps * gradients.cell.abs().amax(-1, keepdim=True)
    return hidden, cell.masked_fill_(cell.abs() <= rounding, 0)

"""A GRU over a whole sequence: what follows from `rnnviz.steps.gru_step`.

Shapes are (time, batch, unit), in the layer's running order; gates stand in the order reset, update, candidate.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import linear

from rnnviz.arithmetic.states import Gradients, States, add_recurrence, shift, stack_gates, sum_over_gates
from rnnviz.steps import Weights

__all__ = ["adjoint", "forward", "gate_gradients", "gates", "jacobian", "recurrent_candidate", "slopes"]


def forward(x: Tensor, hidden: Tensor, weights: Weights) -> tuple[Tensor, Tensor, Tensor]:
    """Run `gru_step` over time: all h_t, the gates (time, batch, 3, unit), and W_hn h_{t-1} + b_hn."""
    steps, batch, _ = x.shape
    units = hidden.shape[1]
    gates = linear(x, weights.weight_ih, weights.bias_ih).view(steps, batch, 3, units)
    # Room for the recurrent part; starting from its bias saves an operation a step.
    recurrent = gates.new_zeros(steps, batch, 3 * units)
    if weights.bias_hh is not None:
        recurrent += weights.bias_hh
    states = torch.empty_like(gates[:, :, 0], memory_format=torch.contiguous_format)
    transposed = weights.weight_hh.t()
    s = recurrent.view(steps, batch, 3, units)
    views = (
        gates[:, :, :2],
        gates[:, :, 0],
        gates[:, :, 1],
        gates[:, :, 2],
        recurrent,
        s[:, :, :2],
        s[:, :, 2],
    )
    with torch.inference_mode():
        for rz, r, z, n, s_t, s_rz, s_n, h_t in zip(*(v.unbind(0) for v in (*views, states)), strict=True):
            s_t.addmm_(hidden, transposed)
            rz.add_(s_rz).sigmoid_()
            n.addcmul_(r, s_n).tanh_()
            hidden = torch.lerp(n, hidden, z, out=h_t)  # (1 - z) n + z h_{t-1}
    return states, gates, s[:, :, 2]


def gates(x: Tensor, hidden: Tensor, initial_hidden: Tensor, weights: Weights) -> tuple[Tensor, Tensor]:
    """`gru_step` at every t: the gates (time, batch, 3, unit), and W_hn h_{t-1} + b_hn."""
    steps, batch, _ = x.shape
    units = hidden.shape[-1]
    z = linear(x, weights.weight_ih, weights.bias_ih)
    reset_update = z[..., : 2 * units]
    if weights.bias_hh is not None:
        reset_update += weights.bias_hh[: 2 * units]
    add_recurrence(reset_update, hidden, initial_hidden, weights.weight_hh[: 2 * units])
    stacked = z.view(steps, batch, 3, units)
    stacked[:, :, :2].sigmoid_()
    recurrent = recurrent_candidate(hidden, initial_hidden, weights)
    stacked[:, :, 2].addcmul_(
        stacked[:, :, 0], recurrent
    ).tanh_()  # n = tanh(W_in x + b_in + r (W_hn h + b_hn))
    return stacked, recurrent


def recurrent_candidate(hidden: Tensor, initial_hidden: Tensor, weights: Weights) -> Tensor:
    """W_hn h_{t-1} + b_hn at every t: what the reset gate of `gru_step` multiplies."""
    units = hidden.shape[-1]
    bias = None if weights.bias_hh is None else weights.bias_hh[2 * units :]
    return linear(shift(hidden, initial_hidden), weights.weight_hh[2 * units :], bias)


def slopes(states: States) -> tuple[Tensor, Tensor]:
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
        recurrent = recurrent_candidate(h, h_0, states.weights)
    found = torch.empty(*h.shape[:2], 3, h.shape[2], dtype=h.dtype, device=h.device)
    of_reset, of_update, of_candidate = found.unbind(2)
    at_candidate = torch.mul(n, n).neg_().add_(1)
    at_candidate.addcmul_(at_candidate, z, value=-1)  # (1 - z) (1 - n²)
    torch.mul(at_candidate, r, out=of_candidate)
    torch.addcmul(of_candidate, of_candidate, r, value=-1, out=of_reset).mul_(recurrent)  # … r (1 - r) s_n
    torch.sub(shift(h, h_0), n, out=of_update).mul_(z)
    of_update.addcmul_(of_update, z, value=-1)  # (h_{t-1} - n) z (1 - z)
    return found, at_candidate


def adjoint(
    states: States, dh: Tensor, cell_from_above: Tensor | None = None, *, keep_gates: bool = True
) -> Gradients:
    """Run the adjoint of `gru_step` from the last step to the first.

    ``dh`` comes in as the gradient from above, and goes out as the total.

    ::

        ∂L/∂h_t = from above + ∂L/∂s_{t+1} W_hh + ∂L/∂h_{t+1} z_{t+1}    s = W_hh h_{t-1} + b_hh
        ∂L/∂s_t = slope of each gate at t times ∂L/∂h_t
    """
    assert states.weights is not None
    assert cell_from_above is None
    weight_hh = states.weights.weight_hh
    ds, at_candidate = slopes(states)
    # One view per step is made before the loop: inside it, making views would cost as much as the arithmetic.
    dh_, z_, s_ = dh.unbind(0), states.gates["update"].unbind(0), ds.unbind(0)
    flat_, dh_wide_ = ds.flatten(2).unbind(0), dh.unsqueeze(2).unbind(0)
    final = len(dh_) - 1
    with torch.inference_mode():
        for t in range(final, -1, -1):
            if t < final:
                dh_[t].addmm_(flat_[t + 1], weight_hh).addcmul_(dh_[t + 1], z_[t + 1])
            s_[t].mul_(dh_wide_[t])
    return Gradients(dh, None, _sides(ds, at_candidate.mul_(dh)) if keep_gates else None)


def _sides(at_recurrent: Tensor, at_candidate: Tensor) -> tuple[Tensor, Tensor]:
    """Put together the gradients at the input's and at the recurrent side of a GRU's gates."""
    at_input = torch.stack([at_recurrent[:, :, 0], at_recurrent[:, :, 1], at_candidate], 2)
    return at_input.flatten(2), at_recurrent.flatten(2)


def gate_gradients(states: States, gradients: Gradients) -> tuple[Tensor, Tensor]:
    """Gradients at W_ih x_t + b_ih and at W_hh h_{t-1} + b_hh, between which the reset gate stands."""
    ds, at_candidate = slopes(states)
    ds *= gradients.hidden[:, :, None]
    return _sides(ds, at_candidate.mul_(gradients.hidden))


def jacobian(states: States, *, whole_state: bool = False) -> Tensor:
    """∂h_t/∂h_{t-1} at every step, z + s_r U_r + s_z U_z + s_n U_n; (time, batch, unit, unit). The state is h alone."""
    assert states.weights is not None
    of_gates, _ = slopes(states)
    found = sum_over_gates(of_gates, states.weights.weight_hh)
    found.diagonal(dim1=-2, dim2=-1).add_(states.gates["update"])
    return found

"""An LSTM over a whole sequence: what follows from `rnnviz.steps.lstm_step`.

Shapes are (time, batch, unit), in the layer's running order; gates stand in the order input, forget, candidate,
output. With ``proj_size`` h_t is W_hr (o tanh c_t), and has fewer units than c_t.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import linear

from rnnviz.arithmetic.scan import prefers_scan, scan
from rnnviz.arithmetic.states import (
    Gradients,
    States,
    add_biases,
    add_recurrence,
    shift,
    stack_gates,
    sum_over_gates,
)
from rnnviz.steps import Weights

__all__ = [
    "adjoint",
    "before_projection",
    "cell_slope",
    "gate_gradients",
    "gates",
    "jacobian",
    "slopes",
    "unprojected_hidden",
]


def gates(
    x: Tensor, hidden: Tensor, initial_hidden: Tensor, initial_cell: Tensor, weights: Weights
) -> tuple[Tensor, Tensor]:
    """`lstm_step` at every t: the gates (time, batch, 4, unit) and the cell states (time, batch, unit)."""
    steps, batch, _ = x.shape
    bias = add_biases(weights)
    z = linear(x, weights.weight_ih, bias)
    add_recurrence(z, hidden, initial_hidden, weights.weight_hh)
    stacked = z.view(steps, batch, 4, initial_cell.shape[-1])
    i, f, g, o = stacked.unbind(2)
    stacked[:, :, :2].sigmoid_()
    g.tanh_()
    o.sigmoid_()
    cell = i * g
    if prefers_scan(cell):
        return stacked, scan(cell, f, initial_cell)
    previous = initial_cell
    with torch.inference_mode():
        for c_t, f_t in zip(cell.unbind(0), f.unbind(0), strict=True):
            previous = c_t.addcmul_(f_t, previous)  # c_t = f c_{t-1} + i g
    return stacked, cell


def unprojected_hidden(states: States) -> Tensor:
    """Return what an LSTM with ``proj_size`` projects, o tanh(c_t); (time, batch, cell)."""
    assert states.cell is not None
    return stack_gates(states)[:, :, 3] * states.cell.tanh()


def before_projection(states: States, dh: Tensor) -> Tensor:
    """Lead gradients at h_t back through the projection of an LSTM with ``proj_size``."""
    assert states.weights is not None
    return dh if states.weights.weight_hr is None else dh @ states.weights.weight_hr


def slopes(states: States) -> tuple[Tensor, Tensor]:
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
    stacked, c = stack_gates(states), states.cell
    i, f, g, o = stacked.unbind(2)
    tanh_c = c.tanh()
    found = torch.empty_like(stacked)
    torch.mul(g, i, out=found[:, :, 0]).addcmul_(found[:, :, 0], i, value=-1)  # g i (1 - i)
    torch.mul(shift(c, states.initial_cell), f, out=found[:, :, 1])
    found[:, :, 1].addcmul_(found[:, :, 1], f, value=-1)  # c_{t-1} f (1 - f)
    torch.mul(g, g, out=found[:, :, 2]).neg_().add_(1).mul_(i)  # i (1 - g²)
    torch.mul(tanh_c, o, out=found[:, :, 3]).addcmul_(found[:, :, 3], o, value=-1)  # tanh(c) o (1 - o)
    return found, _slope_at_cell(o, tanh_c)


def cell_slope(states: States) -> Tensor:
    """Return ∂(o tanh c_t)/∂c_t of an LSTM, (time, batch, unit), where nothing else of `slopes` is wanted."""
    assert states.cell is not None
    return _slope_at_cell(stack_gates(states)[:, :, 3], states.cell.tanh())


def _slope_at_cell(o: Tensor, tanh_c: Tensor) -> Tensor:
    """Compute o (1 - tanh² c), and use up tanh c for it."""
    return torch.addcmul(o, o, tanh_c.mul_(tanh_c), value=-1)


def adjoint(
    states: States, dh: Tensor, cell_from_above: Tensor | None = None, *, keep_gates: bool = True
) -> Gradients:
    """Run the adjoint of `lstm_step` from the last step to the first.

    ``dh`` comes in as the gradient from above, and goes out as the total.

    ::

        ∂L/∂h_t = from above + ∂L/∂z_{t+1} W_hh                      z: pre-activations of the four gates
        ∂L/∂c_t = from above + ∂L/∂h_t o (1 - tanh² c_t) + ∂L/∂c_{t+1} f_{t+1}
        ∂L/∂z_t = slope of each gate at t times ∂L/∂c_t  (for o: times ∂L/∂h_t)

    All slopes are computed for all steps at once; only the three lines above remain in the loop.
    """
    assert states.weights is not None
    weights = states.weights
    dz, dc = slopes(states)  # slopes that the loop turns into gradients, in place
    # One view per step is made before the loop: inside it, making views would cost as much as the arithmetic.
    # z_ holds all four gates in one row, ifg_ those that change c, o_ the one that shows it; dc_wide_ is dc with an
    # axis for the gates.
    dh_, dc_, f_, z_ = dh.unbind(0), dc.unbind(0), states.gates["forget"].unbind(0), dz.flatten(2).unbind(0)
    ifg_, o_, dc_wide_ = dz[:, :, :3].unbind(0), dz[:, :, 3].unbind(0), dc.unsqueeze(2).unbind(0)
    from_above_ = None if cell_from_above is None else cell_from_above.unbind(0)
    final = len(dh_) - 1
    with torch.inference_mode():
        for t in range(final, -1, -1):
            if t < final:
                dh_[t].addmm_(z_[t + 1], weights.weight_hh)
            dm = dh_[t] if weights.weight_hr is None else dh_[t] @ weights.weight_hr  # before the projection
            dc_[t].mul_(dm)
            if t < final:
                dc_[t].addcmul_(dc_[t + 1], f_[t + 1])
            if from_above_ is not None:
                dc_[t].add_(from_above_[t])
            ifg_[t].mul_(dc_wide_[t])
            o_[t].mul_(dm)
    flat = dz.flatten(2)
    return Gradients(dh, dc, (flat, flat) if keep_gates else None)


def gate_gradients(states: States, gradients: Gradients) -> tuple[Tensor, Tensor]:
    """Gradients at the four pre-activations, twice: the input's side of them and the recurrent side are one."""
    assert gradients.cell is not None
    dz, _ = slopes(states)
    dz[:, :, :3] *= gradients.cell[:, :, None]
    dz[:, :, 3] *= before_projection(states, gradients.hidden)
    flat = dz.flatten(2)
    return flat, flat


def jacobian(states: States, *, whole_state: bool = False) -> Tensor:
    """∂h_t/∂h_{t-1} at every step with c_{t-1} held fixed, or that of the whole state (h, c).

    ∂c_t/∂h_{t-1} = s_i U_i + s_f U_f + s_g U_g and ∂h_t/∂h_{t-1} = s_o U_o + o (1 - tanh² c_t) ∂c_t/∂h_{t-1}, with
    U the rows of W_hh and s the slopes of the gates.

    Returns
    -------
    Tensor, shape (time, batch, row, column)
        Of the whole state, hidden units come first, then cells.
    """
    assert states.weights is not None
    weight_hh, weight_hr = states.weights.weight_hh, states.weights.weight_hr
    of_gates, of_cell = slopes(states)
    units = of_cell.shape[-1]
    cell_by_hidden = sum_over_gates(of_gates[:, :, :3], weight_hh[: 3 * units])
    hidden_by_hidden = of_gates[:, :, 3, :, None] * weight_hh[3 * units :]
    hidden_by_hidden.addcmul_(of_cell[..., None], cell_by_hidden)
    if weight_hr is not None:
        hidden_by_hidden = weight_hr @ hidden_by_hidden
    if not whole_state:
        return hidden_by_hidden
    cell_by_cell = torch.diag_embed(states.gates["forget"])
    hidden_by_cell = torch.diag_embed(of_cell * states.gates["forget"])
    if weight_hr is not None:
        hidden_by_cell = weight_hr @ hidden_by_cell
    upper = torch.cat([hidden_by_hidden, hidden_by_cell], -1)
    return torch.cat([upper, torch.cat([cell_by_hidden, cell_by_cell], -1)], -2)

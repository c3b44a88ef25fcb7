"""A plain RNN over a whole sequence: what follows from `rnnviz.steps.rnn_step`.

Shapes are (time, batch, unit), in the layer's running order.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnviz.arithmetic.states import Gradients, States, add_biases
from rnnviz.steps import Weights

__all__ = ["adjoint", "forward", "gate_gradients", "jacobian", "slopes"]


def forward(x: Tensor, hidden: Tensor, weights: Weights, nonlinearity: str) -> Tensor:
    """Run `rnn_step` over time: all h_t, (time, batch, unit)."""
    states = x.new_empty(*x.shape[:2], hidden.shape[1])
    bias = add_biases(weights)
    rows, inputs = states.flatten(0, 1), x.reshape(-1, x.shape[-1])
    # The input's part, of all steps at once.
    if bias is None:
        torch.mm(inputs, weights.weight_ih.t(), out=rows)
    else:
        torch.addmm(bias, inputs, weights.weight_ih.t(), out=rows)
    transposed = weights.weight_hh.t()
    activate = torch.tanh_ if nonlinearity == "tanh" else torch.relu_
    with torch.inference_mode():
        for h_t in states.unbind(0):
            hidden = activate(h_t.addmm_(hidden, transposed))
    return states


def slopes(states: States) -> Tensor:
    """Differentiate the activation of `rnn_step` at every step, (time, batch, unit)."""
    h = states.hidden
    return (h > 0).to(h.dtype) if states.nonlinearity == "relu" else torch.mul(h, h).neg_().add_(1)


def adjoint(
    states: States, dh: Tensor, cell_from_above: Tensor | None = None, *, keep_gates: bool = True
) -> Gradients:
    """Run the adjoint of `rnn_step` from the last step to the first.

    ``dh`` comes in as the gradient from above, and goes out as the total.

    ::

        ∂L/∂h_t = from above + ∂L/∂z_{t+1} W_hh
        ∂L/∂z_t = slope of the activation at t times ∂L/∂h_t
    """
    assert states.weights is not None
    assert cell_from_above is None
    dz = slopes(states)
    # One view per step is made before the loop: inside it, making views would cost as much as the arithmetic.
    dh_, dz_ = dh.unbind(0), dz.unbind(0)
    final = len(dh_) - 1
    with torch.inference_mode():
        for t in range(final, -1, -1):
            if t < final:
                dh_[t].addmm_(dz_[t + 1], states.weights.weight_hh)
            dz_[t].mul_(dh_[t])
    return Gradients(dh, None, (dz, dz) if keep_gates else None)


def gate_gradients(states: States, gradients: Gradients) -> tuple[Tensor, Tensor]:
    """Gradients at the pre-activation, twice: the input's side of it and the recurrent side are one."""
    dz = slopes(states).mul_(gradients.hidden)
    return dz, dz


def jacobian(states: States, *, whole_state: bool = False) -> Tensor:
    """∂h_t/∂h_{t-1} at every step, slope · W_hh; (time, batch, unit, unit). The state is h alone."""
    assert states.weights is not None
    return slopes(states)[..., None] * states.weights.weight_hh

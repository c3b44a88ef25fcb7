"""Backpropagation through time, written out: what autograd does with a plain recurrent layer."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["StepGradients", "backward_through_time"]


@dataclass(frozen=True, eq=False)
class StepGradients:
    """What each use of the weights adds to their gradient; summed over time (axis 0) they are ``.grad``.

    Attributes
    ----------
    weight_ih : Tensor, shape (time, unit, feature)
    weight_hh : Tensor, shape (time, unit, unit)
    bias : Tensor, shape (time, unit)
        The same for both of torch's biases.
    hidden : Tensor, shape (time, batch, unit)
        ∂L/∂h_t, through the output of step t and through all later ones.
    """

    weight_ih: Tensor
    weight_hh: Tensor
    bias: Tensor
    hidden: Tensor


@torch.no_grad()
def backward_through_time(
    inputs: Tensor, states: Tensor, weight_hh: Tensor, from_above: Tensor, initial: Tensor | None = None
) -> StepGradients:
    """Go back through a tanh layer from the last step to the first, and note what each step adds.

    Parameters
    ----------
    inputs : Tensor, shape (time, batch, feature)
    states : Tensor, shape (time, batch, unit)
        h_t = tanh(W_x x_t + W_h h_{t-1} + b), as the forward pass left them.
    weight_hh : Tensor, shape (unit, unit)
        W_h, as torch keeps it: row i is what unit i hears.
    from_above : Tensor, shape (time, batch, unit)
        The gradient of the cost that reaches each state through that step's own output; zero at steps left out of it.
    initial : Tensor, shape (batch, unit), optional
        The state before the first step; zeros by default.

    Returns
    -------
    StepGradients

    Raises
    ------
    ValueError
        If the states and the gradients from above differ in shape.

    Notes
    -----
    ∂L/∂h_t = direct_t + W_hᵀ δ_{t+1} with δ_t = (1 − h_t²) ⊙ ∂L/∂h_t, and step t adds δ_t x_tᵀ to ∂L/∂W_x and
    δ_t h_{t-1}ᵀ to ∂L/∂W_h.

    References
    ----------
    P. J. Werbos, "Backpropagation through time: what it does and how to do it", Proceedings of the IEEE 78,
    1990.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.training import backward_through_time
    >>> rnn, x = torch.nn.RNN(2, 3).double(), torch.randn(5, 4, 2).double()
    >>> h, _ = rnn(x)
    >>> h.square().sum().backward()  # the cost asks 2 h_t of each state
    >>> parts = backward_through_time(x, h, rnn.weight_hh_l0, from_above=2 * h)
    >>> torch.allclose(parts.weight_hh.sum(0), rnn.weight_hh_l0.grad)
    True
    """
    if states.shape != from_above.shape:
        raise ValueError(
            f"The states have shape {tuple(states.shape)} and the gradients that reach them {tuple(from_above.shape)}; "
            "pass ∂L/∂h_t for every step, zeros where a step is left out."
        )
    before = torch.zeros_like(states[0]) if initial is None else initial
    previous = torch.cat([before[None], states[:-1]])
    hidden, at_sum = torch.empty_like(states), torch.empty_like(states)
    from_later = torch.zeros_like(states[0])
    for t in reversed(range(len(states))):
        hidden[t] = from_above[t] + from_later
        at_sum[t] = hidden[t] * (1 - states[t] ** 2)  # back through the tanh
        from_later = at_sum[t] @ weight_hh
    return StepGradients(
        weight_ih=at_sum.mT @ inputs, weight_hh=at_sum.mT @ previous, bias=at_sum.sum(1), hidden=hidden
    )

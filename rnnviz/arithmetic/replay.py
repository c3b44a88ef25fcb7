"""What flows back through a layer's recurrence, by torch's own kernel.

The kernel knows the gradient at every step, and keeps it to itself: autograd returns only what reaches the inputs. So
the layer is run once more with *ghost inputs*, further inputs that are always zero. Zeros change nothing of what the
layer computes, whatever their weights are; but the gradient at such an input is the gradient at the gates of that
step, times those weights. With W_hh for weights it is what the step hands back to the one before.

No loop over steps is left to Python. The loops of `rnnviz.arithmetic.adjoint` compute the same, and on a processor
they are the faster way.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence

from rnnviz.arithmetic.states import States
from rnnviz.arithmetic.torch_kernel import name_kernel, run_kernel
from rnnviz.steps import Weights

__all__ = ["recurrent_gradient"]


def recurrent_gradient(states: States, grad_hidden: Tensor, grad_final_cell: Tensor | None = None) -> Tensor:
    """Give what each step hands back through its gates, W_hhᵀ ∂L/∂z_t, for all t at once.

    Parameters
    ----------
    states : States
        The layer's forward pass; kind "RNN", "LSTM" or "GRU".
    grad_hidden : Tensor, shape (time, batch, unit)
        The gradients that reach h_t from above, not through h_{t+1}; zero in the padding.
    grad_final_cell : Tensor, shape (batch, unit), or None
        ∂L/∂c_n, which enters at the last step of each sequence; LSTM only.

    Returns
    -------
    Tensor, shape (time, batch, unit)
        Entry t is the part of ∂L/∂h_{t-1} that comes through the gates of step t. In a GRU, whose update gate also
        hands on h_{t-1} itself, z_t ∂L/∂h_t is still to be added.
    """
    assert states.weights is not None
    if states.hidden.numel() == 0:
        return torch.zeros_like(states.hidden)
    # Nothing can be differentiated in inference mode, which the reader may be in.
    with torch.inference_mode(False), torch.enable_grad():
        used = {name: _outside(part) for name, part in vars(states.weights).items() if part is not None}
        ghosts = used["weight_hh"] if states.kind != "GRU" else _without_reset(used["weight_hh"])
        ghost = ghosts.new_zeros(*states.hidden.shape[:2], ghosts.shape[1]).requires_grad_()
        x = torch.cat([_outside(states.input), ghost], -1)
        used["weight_ih"] = torch.cat([used["weight_ih"], ghosts], 1)
        weights = replace(states.weights, **used)
        gradients = _outside(grad_hidden), None if grad_final_cell is None else _outside(grad_final_cell)
        found = _differentiate(states, x, weights, gradients, ghost)
    if states.kind != "GRU":
        return found
    # The candidate hears h_{t-1} only through the reset gate, which stands between it and W_hn.
    through_gates, at_candidate = found.chunk(2, -1)
    of_candidate = states.weights.weight_hh[2 * states.hidden.shape[-1] :]
    return through_gates + (at_candidate * states.gates["reset"]) @ of_candidate


def _differentiate(
    states: States, x: Tensor, weights: Weights, gradients: tuple[Tensor, Tensor | None], ghost: Tensor
) -> Tensor:
    """Run the kernel forwards, and from the given gradients of its outputs and of c_n back to the ghost inputs."""
    hidden = _outside(states.initial_hidden)
    cell = None if states.initial_cell is None else _outside(states.initial_cell)
    grad_hidden, grad_cell = gradients
    mode = name_kernel(states.kind, states.nonlinearity)
    if bool((states.lengths == len(x)).all()):
        output, final = run_kernel(mode, x, hidden, cell, weights, train=True)
    else:  # packed, so that every c_n is that of the sequence's own last step
        lengths, order = states.lengths.cpu().sort(descending=True)
        order = order.to(x.device)
        packed = pack_padded_sequence(x[:, order], lengths)
        cell = None if cell is None else cell[order]
        output, final = run_kernel(mode, packed, hidden[order], cell, weights, train=True)
        grad_hidden = pack_padded_sequence(grad_hidden[:, order], lengths).data
        grad_cell = None if grad_cell is None else grad_cell[order]
    outputs, asked = [output], [grad_hidden]
    if final is not None and grad_cell is not None:
        outputs.append(final)
        asked.append(grad_cell)
    (found,) = torch.autograd.grad(outputs, ghost, asked)
    return found


def _without_reset(weight_hh: Tensor) -> Tensor:
    """Weights of a GRU's ghosts: what reset and update gate hand back, and beside it the candidate's own gradient.

    Returns
    -------
    Tensor, shape (3 · unit, 2 · unit)
    """
    units = weight_hh.shape[1]
    ghosts = weight_hh.new_zeros(3 * units, 2 * units)
    ghosts[: 2 * units, :units] = weight_hh[: 2 * units]
    ghosts[2 * units :, units:].fill_diagonal_(1)
    return ghosts


def _outside(tensor: Tensor) -> Tensor:
    """Return a tensor that autograd may keep, also of one that was made in inference mode."""
    return tensor.clone() if tensor.is_inference() else tensor.detach()

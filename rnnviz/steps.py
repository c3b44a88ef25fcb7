"""One time step of each recurrent layer: the equations of the course, written once.

Every other module names the equation it computes and points here: `rnnviz.arithmetic.derive` evaluates them for all
steps at once, `rnnviz.arithmetic.adjoint` differentiates them, `rnnviz.cells` runs them one step at a time, and the
tests compare all of it with torch's own layers.

Shapes are given as (batch, feature) for inputs and (batch, unit) for states; any leading dimensions work
alike. The weights have the names and the row order that torch gives them, so that they can be exchanged
freely.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import linear

__all__ = ["GRUStep", "LSTMStep", "RNNStep", "Weights", "gru_step", "lstm_step", "rnn_step"]


#: Given the name and the value of a gate or a state as soon as it is computed; the step goes on with what it returns.
Hold = Callable[[str, Tensor], Tensor]


def _leave(name: str, value: Tensor) -> Tensor:
    return value


@dataclass(frozen=True, eq=False)
class Weights:
    """The parameters of one recurrent layer in one direction, under torch's names.

    Attributes
    ----------
    weight_ih : Tensor, shape (gates · unit, feature)
        Weights of the input. The rows of the gates follow each other: LSTM input, forget, candidate, output;
        GRU reset, update, candidate; a plain RNN has one block.
    weight_hh : Tensor, shape (gates · unit, unit)
        Weights of the previous hidden state.
    bias_ih, bias_hh : Tensor of shape (gates · unit,), or None
        The two biases torch adds; both None for a layer made with ``bias=False``.
    weight_hr : Tensor of shape (projection, unit), or None
        The projection of an LSTM made with ``proj_size``.

    Notes
    -----
    Other libraries keep them otherwise. In Keras, ``layer.set_weights([kernel, recurrent_kernel, bias])`` takes

    * for ``LSTM`` and ``SimpleRNN``: ``weight_ih.T``, ``weight_hh.T``, ``bias_ih + bias_hh``, gates in torch's order;
    * for ``GRU(reset_after=True)``, its default: ``weight_ih.T``, ``weight_hh.T``, ``stack([bias_ih, bias_hh])``, each
      with the blocks of the gates put from torch's reset, update, candidate into update, reset, candidate;
    * for ``GRU(reset_after=False)``: nothing that fits, since it is another function; see `gru_step`.

    States then agree to the rounding of float32, and so do the gradients of the weights: the tests compare both with
    Keras. Where a step is masked, Keras repeats the state before it in its outputs; here padding is zero. A mask of
    Keras may also have holes, which a packed sequence cannot.
    """

    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor | None = None
    bias_hh: Tensor | None = None
    weight_hr: Tensor | None = None

    def __repr__(self) -> str:
        shapes = (f"{name} {tuple(value.shape)}" for name, value in vars(self).items() if value is not None)
        return f"Weights({', '.join(shapes)})"

    def widen(self) -> Weights:
        """Half precision to float32, in which everything is derived; others as they are."""
        if self.weight_ih.dtype not in (torch.bfloat16, torch.float16):
            return self
        parts = {name: None if value is None else value.float() for name, value in vars(self).items()}
        return Weights(**parts)  # type: ignore[arg-type]


class RNNStep(NamedTuple):
    """What `rnn_step` computes: the pre-activation and the new hidden state, both (batch, unit)."""

    preactivation: Tensor
    hidden: Tensor


class LSTMStep(NamedTuple):
    """What `lstm_step` computes: four gates, the new cell state, the new hidden state, all (batch, unit)."""

    input: Tensor
    forget: Tensor
    candidate: Tensor
    output: Tensor
    cell: Tensor
    hidden: Tensor


class GRUStep(NamedTuple):
    """What `gru_step` computes: three gates and the new hidden state, all (batch, unit)."""

    reset: Tensor
    update: Tensor
    candidate: Tensor
    hidden: Tensor


def rnn_step(
    x: Tensor, hidden: Tensor, weights: Weights, nonlinearity: str = "tanh", hold: Hold = _leave
) -> RNNStep:
    """One step of Elman's recurrent network: h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh).

    Parameters
    ----------
    x : Tensor, shape (batch, feature)
        The input x_t.
    hidden : Tensor, shape (batch, unit)
        The previous hidden state h_{t-1}.
    weights : Weights
        ``weight_ih`` (unit, feature), ``weight_hh`` (unit, unit) and the two biases.
    nonlinearity : {"tanh", "relu"}
        The activation.
    hold : callable, optional
        May replace ``"hidden"``.

    Returns
    -------
    RNNStep
        ``preactivation`` and ``hidden``, each (batch, unit).

    Raises
    ------
    ValueError
        For any other nonlinearity.

    References
    ----------
    J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990) 179-211.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.steps import Weights, rnn_step
    >>> one = torch.ones(1, 1)
    >>> rnn_step(one, torch.zeros(1, 1), Weights(weight_ih=0.5 * one, weight_hh=one)).preactivation
    tensor([[0.5000]])
    """
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f'nonlinearity is {nonlinearity!r}; rnn_step knows "tanh" and "relu".')
    z = linear(x, weights.weight_ih, weights.bias_ih) + linear(hidden, weights.weight_hh, weights.bias_hh)
    return RNNStep(z, hold("hidden", torch.tanh(z) if nonlinearity == "tanh" else torch.relu(z)))


def lstm_step(x: Tensor, hidden: Tensor, cell: Tensor, weights: Weights, hold: Hold = _leave) -> LSTMStep:
    """One step of the LSTM: three gates decide what the cell forgets, takes in and shows.

    ::

        i = σ(W_ii x_t + b_ii + W_hi h_{t-1} + b_hi)        input gate
        f = σ(W_if x_t + b_if + W_hf h_{t-1} + b_hf)        forget gate
        g = tanh(W_ig x_t + b_ig + W_hg h_{t-1} + b_hg)     candidate
        o = σ(W_io x_t + b_io + W_ho h_{t-1} + b_ho)        output gate
        c_t = f c_{t-1} + i g
        h_t = o tanh(c_t)                                   with proj_size: h_t = W_hr (o tanh(c_t))

    Parameters
    ----------
    x : Tensor, shape (batch, feature)
        The input x_t.
    hidden : Tensor, shape (batch, unit)
        The previous hidden state h_{t-1}; with a projection, (batch, projection).
    cell : Tensor, shape (batch, unit)
        The previous cell state c_{t-1}.
    weights : Weights
        Rows of the four gates in the order above.
    hold : callable, optional
        May replace ``"input"``, ``"forget"``, ``"candidate"``, ``"output"``, ``"cell"`` and ``"hidden"``.

    Returns
    -------
    LSTMStep
        ``input``, ``forget``, ``candidate``, ``output``, ``cell`` and ``hidden``.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997) 1735-1780; with
    the forget gate of F. A. Gers, J. Schmidhuber and F. Cummins, "Learning to forget", Neural Computation 12
    (2000) 2451-2471.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.steps import Weights, lstm_step
    >>> zero = torch.zeros(1, 1)
    >>> step = lstm_step(zero, zero, zero, Weights(torch.zeros(4, 1), torch.zeros(4, 1)))
    >>> step.forget, step.hidden
    (tensor([[0.5000]]), tensor([[0.]]))
    """
    z = linear(x, weights.weight_ih, weights.bias_ih) + linear(hidden, weights.weight_hh, weights.bias_hh)
    i, f, g, o = z.chunk(4, dim=-1)
    i, f = hold("input", i.sigmoid()), hold("forget", f.sigmoid())
    g, o = hold("candidate", g.tanh()), hold("output", o.sigmoid())
    c = hold("cell", f * cell + i * g)
    h = o * c.tanh()
    if weights.weight_hr is not None:
        h = linear(h, weights.weight_hr)
    return LSTMStep(i, f, g, o, c, hold("hidden", h))


def gru_step(x: Tensor, hidden: Tensor, weights: Weights, hold: Hold = _leave) -> GRUStep:
    """One step of the gated recurrent unit, as torch defines it.

    ::

        r = σ(W_ir x_t + b_ir + W_hr h_{t-1} + b_hr)            reset gate
        z = σ(W_iz x_t + b_iz + W_hz h_{t-1} + b_hz)            update gate
        n = tanh(W_in x_t + b_in + r (W_hn h_{t-1} + b_hn))     candidate
        h_t = (1 - z) n + z h_{t-1}

    torch and cuDNN multiply by the reset gate *after* the matrix product, as Keras does by default; the original
    paper, and Keras with ``reset_after=False``, multiply h_{t-1} before it: n = tanh(W_in x_t + b + W_hn (r h_{t-1})).
    No choice of weights makes one of the other, but an `rnnviz.Cell` can be either. The paper also swaps the roles of
    z and 1 - z.

    Parameters
    ----------
    x : Tensor, shape (batch, feature)
        The input x_t.
    hidden : Tensor, shape (batch, unit)
        The previous hidden state h_{t-1}.
    weights : Weights
        Rows of the three gates in the order above.
    hold : callable, optional
        May replace ``"reset"``, ``"update"``, ``"candidate"`` and ``"hidden"``.

    Returns
    -------
    GRUStep
        ``reset``, ``update``, ``candidate`` and ``hidden``, each (batch, unit).

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine
    translation", EMNLP 2014.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.steps import Weights, gru_step
    >>> step = gru_step(torch.zeros(1, 1), torch.ones(1, 1), Weights(torch.zeros(3, 1), torch.zeros(3, 1)))
    >>> step.update, step.hidden
    (tensor([[0.5000]]), tensor([[0.5000]]))
    """
    from_input = linear(x, weights.weight_ih, weights.bias_ih)
    from_hidden = linear(hidden, weights.weight_hh, weights.bias_hh)
    r_x, z_x, n_x = from_input.chunk(3, dim=-1)
    r_h, z_h, n_h = from_hidden.chunk(3, dim=-1)
    r, z = hold("reset", (r_x + r_h).sigmoid()), hold("update", (z_x + z_h).sigmoid())
    n = hold("candidate", (n_x + r * n_h).tanh())
    return GRUStep(r, z, n, hold("hidden", (1 - z) * n + z * hidden))

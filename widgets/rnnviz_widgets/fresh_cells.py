"""Freshly initialised cells, and how large the gradient is at each of their steps.

Fast enough to follow a slider: every recurrent matrix is drawn once and only scaled afterwards, the forward
pass is torch's fused kernel without an autograd graph, and the backward pass is the recorder's own adjoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from rnnviz.arithmetic.adjoint import derive_gradients
from rnnviz.arithmetic.derive import derive_states
from rnnviz.arithmetic.states import GATES
from rnnviz.steps import Weights

CELLS = ("RNN", "IRNN", "GRU", "LSTM")
INITIALISATIONS = ("Glorot", "orthogonal", "identity")
ACTIVATIONS = ("tanh", "relu")


@dataclass(frozen=True)
class Settings:
    """What is drawn, and how it runs.

    Attributes
    ----------
    steps, units : int
        Length of the sequence and size of the state.
    spectral_radius : float
        Largest absolute eigenvalue of each recurrent matrix, of each gate's for GRU and LSTM.
    activation : {"tanh", "relu"}
        Of the RNN. The IRNN always has relu; the gates of GRU and LSTM are what they are.
    initialisation : {"Glorot", "orthogonal", "identity"}
        Of the recurrent matrices, before they are scaled. The IRNN always has the identity.
    forget_bias : float
        Bias of the LSTM's forget gate.
    seed : int
        Of the weights and the input.
    """

    steps: int = 100
    units: int = 32
    spectral_radius: float = 1.0
    activation: str = "tanh"
    initialisation: str = "Glorot"
    forget_bias: float = 1.0
    seed: int = 0


@dataclass(frozen=True, eq=False)
class GradientNorms:
    """Sizes of the gradients of one layer.

    Attributes
    ----------
    hidden : Tensor, shape (time, batch)
        ‖∂L/∂h_t‖, the Euclidean norm over units.
    cell : Tensor or None
        ‖∂L/∂c_t‖ of an LSTM.
    lengths : list of int
        Steps of each sequence.
    growth : float or None
        Largest singular value of W_hh, for a plain RNN with its loss at the last step: the factor that no
        step back can exceed, so that ‖∂L/∂h_t‖ ≤ growth^(T−t) ‖∂L/∂h_T‖.
    """

    hidden: Tensor
    cell: Tensor | None
    lengths: list[int]
    growth: float | None = None


def draw_weights(cell: str, settings: Settings) -> Weights:
    """Draw the parameters of one layer in double precision: 1 feature in, biases zero.

    Parameters
    ----------
    cell : {"RNN", "IRNN", "GRU", "LSTM"}
        The IRNN is a plain RNN with relu that starts from the identity.
    settings : Settings
        See there.

    Returns
    -------
    Weights
        The same numbers at each call with the same arguments.

    References
    ----------
    Q. V. Le, N. Jaitly and G. E. Hinton, "A simple way to initialize recurrent networks of rectified linear
    units", 2015, for the IRNN.

    Examples
    --------
    >>> from rnnviz.flow import spectral_radius
    >>> weights = draw_weights("RNN", Settings(spectral_radius=0.9))
    >>> round(float(spectral_radius(weights.weight_hh)), 6)
    0.9
    """
    units, blocks = settings.units, len(GATES[_kind(cell)]) or 1
    initialisation = "identity" if cell == "IRNN" else settings.initialisation
    recurrent = _draw_recurrent_weights(units, blocks, initialisation, settings.seed)
    bias = torch.zeros(blocks * units, dtype=torch.float64)
    zero = torch.zeros_like(bias)
    if cell == "LSTM":
        bias[units : 2 * units] = settings.forget_bias
    inputs = _draw_input_weights(units, blocks, settings.seed)
    return Weights(inputs, settings.spectral_radius * recurrent, bias, zero)


def measure_gradients(cell: str, settings: Settings) -> GradientNorms:
    """Run a fresh layer over a random sequence and take ‖∂L/∂h_t‖ for a loss at the last step.

    The input is uniform between 0 and 1, like the numbers of the adding problem. The loss is the last state
    along a random direction of length 1, so that the gradient at the last step is exactly 1 for every cell.

    Parameters
    ----------
    cell : {"RNN", "IRNN", "GRU", "LSTM"}
    settings : Settings

    Returns
    -------
    GradientNorms
        In double precision, which holds 1e-300.

    Examples
    --------
    >>> norms = measure_gradients("RNN", Settings(steps=50, spectral_radius=0.5))
    >>> round(float(norms.hidden[-1]), 6), float(norms.hidden[0]) < 1e-12
    (1.0, True)
    """
    kind, weights = _kind(cell), draw_weights(cell, settings)
    nonlinearity = {"RNN": settings.activation, "IRNN": "relu"}.get(cell)
    x, direction = draw_task(settings.steps, settings.units, settings.seed)
    start = torch.zeros_like(direction)
    with torch.no_grad():
        states = derive_states(
            kind,
            x,
            _run_kernel(kind, nonlinearity, x, start, weights),
            start,
            start if kind == "LSTM" else None,
            weights,
            torch.tensor([settings.steps]),
            nonlinearity,
        )
        gradients = derive_gradients(states, None, grad_final_hidden=direction)
        growth = float(torch.linalg.matrix_norm(weights.weight_hh, 2)) if kind == "RNN" else None
    return GradientNorms(
        hidden=gradients.hidden.norm(dim=-1),
        cell=None if gradients.cell is None else gradients.cell.norm(dim=-1),
        lengths=[settings.steps],
        growth=growth,
    )


def _kind(cell: str) -> str:
    return "RNN" if cell == "IRNN" else cell


def _run_kernel(kind: str, nonlinearity: str | None, x: Tensor, start: Tensor, weights: Weights) -> Tensor:
    """Run torch's fused kernel over (time, 1, 1); building a module for it would cost as much as the run."""
    name = f"rnn_{nonlinearity}" if kind == "RNN" else kind.lower()
    initial = (start[None], start[None]) if kind == "LSTM" else start[None]
    parameters = [weights.weight_ih, weights.weight_hh, weights.bias_ih, weights.bias_hh]
    # has_biases, num_layers, dropout, train, bidirectional, batch_first
    result = getattr(torch, name)(x, initial, parameters, True, 1, 0.0, False, False, False)
    output: Tensor = result[0]
    return output


def draw_task(steps: int, units: int, seed: int) -> tuple[Tensor, Tensor]:
    """Draw the input, (time, 1, 1), and the direction that the loss looks along, (1, unit), of length 1."""
    generator = torch.Generator().manual_seed(seed)
    direction = torch.randn(1, units, generator=generator, dtype=torch.float64)
    # The input last: a longer sequence then begins like a shorter one, and a slider for its length is smooth.
    x = torch.rand(steps, 1, 1, generator=generator, dtype=torch.float64)
    return x, direction / direction.norm()


@lru_cache(maxsize=64)
def _draw_input_weights(units: int, blocks: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed + 1)
    limit = (6 / (1 + units)) ** 0.5
    weights = torch.empty(blocks * units, 1, dtype=torch.float64)
    return weights.uniform_(-limit, limit, generator=generator)


@lru_cache(maxsize=64)
def _draw_recurrent_weights(units: int, blocks: int, initialisation: str, seed: int) -> Tensor:
    """Return ``blocks`` matrices below one another, each of spectral radius 1."""
    generator = torch.Generator().manual_seed(seed + 2)
    matrices = []
    for _ in range(blocks):
        matrix = torch.randn(units, units, generator=generator, dtype=torch.float64)
        if initialisation == "identity":
            matrix = torch.eye(units, dtype=torch.float64)
        elif initialisation == "orthogonal":
            matrix = torch.linalg.qr(matrix).Q
        matrices.append(matrix / torch.linalg.eigvals(matrix).abs().max())
    return torch.cat(matrices)

"""A plain recurrent network with every remedy against vanishing and exploding gradients as a switch."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnviz.models.initialise import draw_recurrent_matrix

__all__ = ["NORMALISATIONS", "RemedyNet", "RemedySettings", "measure_remedies"]

NORMALISATIONS = ("none", "layer", "batch")
#: What the recurrent matrices of the switch are called, and how they are drawn.
BEGINNINGS = {
    "small random": "normal",
    "Glorot": "Glorot",
    "orthogonal": "orthogonal",
    "identity": "identity",
}
EPSILON = 1e-5


@dataclass(frozen=True)
class RemedySettings:
    """Which remedies are on.

    Attributes
    ----------
    initialisation : {"small random", "Glorot", "orthogonal", "identity"}
        Of the recurrent matrix. Small random numbers are normal with a deviation of 0.5/√units, so that the spectral
        radius is about one half.
    activation : {"tanh", "relu"}
    normalisation : {"none", "layer", "batch"}
        Of what goes into the activation: over the units of each sequence, or of each unit over the batch.
    truncate : int
        Steps that the backward pass goes back from the end; 0 for all.
    clip : float
        Largest norm of the gradient over all weights; 0 for no clipping.
    optimiser : {"SGD", "momentum", "Adam"}
    """

    initialisation: str = "small random"
    activation: str = "tanh"
    normalisation: str = "none"
    truncate: int = 0
    clip: float = 0.0
    optimiser: str = "SGD"

    def __post_init__(self) -> None:
        allowed = {
            "initialisation": tuple(BEGINNINGS),
            "activation": ("tanh", "relu"),
            "normalisation": NORMALISATIONS,
            "optimiser": ("SGD", "momentum", "Adam"),
        }
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}; choose one of {', '.join(map(repr, values))}."
                )
        if self.truncate < 0 or not self.clip >= 0:
            raise ValueError(
                f"truncate is {self.truncate} and clip is {self.clip}; both must be 0, for off, or more."
            )


class RemedyNet(nn.Module):
    """Reads a sequence, answers once at its end; written out step by step, so that every remedy has its line.

    Parameters
    ----------
    settings : RemedySettings
        Which remedies are on; clipping and the optimiser are the trainer's.
    features, units : int
        Numbers a step, and size of the state.
    seed : int
        Of the weights; the input weights are the same whatever the switches.

    References
    ----------
    J. Ba, J. Kiros and G. Hinton, "Layer normalization", 2016; T. Cooijmans et al., "Recurrent batch
    normalization", ICLR 2017. Both with one gain and bias for all steps; the batch's own mean and deviation are used in
    measuring, too.

    Examples
    --------
    >>> import torch
    >>> net = RemedyNet(RemedySettings(normalisation="layer"), units=8)
    >>> answer, states = net.run(torch.rand(20, 3, 2))
    >>> answer.shape, len(states)
    (torch.Size([3, 1]), 20)
    """

    def __init__(self, settings: RemedySettings, features: int = 2, units: int = 32, seed: int = 0) -> None:
        super().__init__()
        self.settings = settings
        generator = torch.Generator().manual_seed(seed)
        limit = (6 / (features + units)) ** 0.5
        self.weight_ih = nn.Parameter(
            torch.empty(units, features).uniform_(-limit, limit, generator=generator)
        )
        self.weight_ho = nn.Parameter(torch.empty(1, units).uniform_(-0.3, 0.3, generator=generator))
        self.weight_hh = nn.Parameter(
            draw_recurrent_matrix(
                units,
                BEGINNINGS[settings.initialisation],
                deviation=0.5 / units**0.5,
                generator=generator,
            )
        )
        self.bias_h, self.bias_o = nn.Parameter(torch.zeros(units)), nn.Parameter(torch.zeros(1))
        if settings.normalisation != "none":
            self.gain = nn.Parameter(torch.ones(units))

    def forward(self, inputs: Tensor) -> Tensor:
        """Answer after the last step: (time, batch, feature) → (batch, 1)."""
        return self.run(inputs)[0]

    def run(self, inputs: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the answer and the state after each step, (batch, unit) each."""
        settings, states = self.settings, []
        state = inputs.new_zeros(inputs.shape[1], len(self.bias_h))
        cut = len(inputs) - settings.truncate if settings.truncate else 0
        for t, arriving in enumerate((inputs @ self.weight_ih.T).unbind()):
            if 0 < cut == t:
                state = state.detach()  # the state goes on, its gradient does not go back
            summed = torch.addmm(arriving, state, self.weight_hh.T)
            if settings.normalisation != "none":
                axis = 1 if settings.normalisation == "layer" else 0
                centred = summed - summed.mean(axis, keepdim=True)
                variance = centred.square().mean(axis, keepdim=True)
                summed = self.gain * centred / (variance + EPSILON).sqrt()
            summed = summed + self.bias_h
            state = torch.tanh(summed) if settings.activation == "tanh" else torch.relu(summed)
            states.append(state)
        return state @ self.weight_ho.T + self.bias_o, states


def measure_remedies(net: RemedyNet, inputs: Tensor, targets: Tensor) -> tuple[Tensor, float]:
    """Measure the gradient at every step, and how much of it clipping leaves.

    Parameters
    ----------
    net : RemedyNet
        Measured in double precision, on a copy.
    inputs : Tensor, shape (time, batch, feature)
    targets : Tensor, shape (batch, 1)

    Returns
    -------
    norms : Tensor of float64, shape (time,)
        ‖∂L/∂h_t‖ over units and sequences, after clipping; 0 before the place where the backward pass is cut.
    left : float
        The factor that clipping multiplies every gradient with; 1 where it does nothing.

    Examples
    --------
    >>> import torch
    >>> net = RemedyNet(RemedySettings(truncate=5), units=8)
    >>> norms, left = measure_remedies(net, torch.rand(20, 3, 2), torch.rand(3, 1))
    >>> int((norms > 0).sum()), left
    (5, 1.0)
    """
    net = copy.deepcopy(net).double()
    answer, states = net.run(inputs.double())
    loss = (answer - targets.double()).square().mean()
    parameters = list(net.parameters())
    found = torch.autograd.grad(loss, [*states, *parameters], allow_unused=True)
    gradients, weights = found[: len(states)], found[len(states) :]
    norms = torch.stack(
        [torch.zeros((), dtype=torch.float64) if one is None else one.norm() for one in gradients]
    )
    clip = net.settings.clip
    if not clip:
        return norms, 1.0
    whole = float(nn.utils.get_total_norm([one for one in weights if one is not None]))
    left = min(1.0, clip / whole) if whole else 1.0
    return norms * left, left

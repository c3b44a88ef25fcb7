"""Numbers to carry along: two to add, or the first to give back."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.data.tasks.size import check_size

__all__ = ["AddingProblem", "FirstNumber"]


@dataclass(frozen=True)
class AddingProblem:
    """Add the two marked numbers of a long list, and pass over all others.

    Every step shows a number between 0 and 1, and a marker. Two markers are 1: one somewhere in the first half,
    one somewhere in the second. After the last step the sum of the two marked numbers is asked for.

    Parameters
    ----------
    steps : int, default 150
        Length T of the list, at least 4.
    batch : int, default 32
        Lists a draw.

    Attributes
    ----------
    baseline : float
        Mean squared error of always saying 1, the mean of all sums: the variance of the sum of two uniform
        numbers, 1/6 ≈ 0.1667. Who does no better has learned nothing but the mean.
    features, outputs : int
        Numbers a step, 2, and numbers asked for, 1.

    Raises
    ------
    ValueError
        For fewer than 4 steps or an empty batch.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9, 1997, experiment 4; with
    one marker in each half as in M. Arjovsky, A. Shah and Y. Bengio, "Unitary evolution recurrent neural
    networks", ICML 2016.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import AddingProblem
    >>> task = AddingProblem(steps=6, batch=3)
    >>> inputs, targets = task(torch.Generator().manual_seed(0))
    >>> inputs.shape, targets.shape  # (time, batch, feature) and (batch, 1)
    (torch.Size([6, 3, 2]), torch.Size([3, 1]))
    >>> torch.equal((inputs[..., 0] * inputs[..., 1]).sum(0), targets[:, 0])
    True
    """

    steps: int = 150
    batch: int = 32

    features, outputs = 2, 1
    baseline = 1 / 6

    def __post_init__(self) -> None:
        check_size(self, least=4)

    def __call__(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw a batch.

        Parameters
        ----------
        generator : torch.Generator
            Where all chance comes from.

        Returns
        -------
        inputs : Tensor, shape (time, batch, 2)
            The number and the marker of each step.
        targets : Tensor, shape (batch, 1)
            The sums, between 0 and 2.
        """
        values = torch.rand(self.steps, self.batch, generator=generator)
        middle = self.steps // 2
        first = torch.randint(0, middle, (1, self.batch), generator=generator)
        second = torch.randint(middle, self.steps, (1, self.batch), generator=generator)
        markers = torch.zeros_like(values).scatter_(0, torch.cat([first, second]), 1.0)
        return torch.stack([values, markers], dim=-1), (values * markers).sum(0)[:, None]


@dataclass(frozen=True)
class FirstNumber:
    """Say after the last step which number came first, and pass over all others.

    Every step shows a number between −1 and 1. A number, not a choice between two: it must be carried along as it is,
    so that a unit which snaps to one of its ends is of no use.

    Parameters
    ----------
    steps : int, default 60
        Length of the sequence, at least 2.
    batch : int, default 32
        Sequences a draw.

    Attributes
    ----------
    baseline : float
        Mean squared error of always saying 0: the variance of a number drawn evenly between −1 and 1, 1/3.
    features, outputs : int
        Numbers a step, 1, and numbers asked for, 1.

    Raises
    ------
    ValueError
        For fewer than 2 steps or an empty batch.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import FirstNumber
    >>> inputs, first = FirstNumber(steps=5, batch=3)(torch.Generator().manual_seed(0))
    >>> inputs.shape, first.shape  # (time, batch, feature) and (batch, 1)
    (torch.Size([5, 3, 1]), torch.Size([3, 1]))
    >>> torch.equal(inputs[0], first)
    True
    """

    steps: int = 60
    batch: int = 32

    features, outputs = 1, 1
    baseline = 1 / 3

    def __post_init__(self) -> None:
        check_size(self, least=2)

    def __call__(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw a batch.

        Parameters
        ----------
        generator : torch.Generator
            Where all chance comes from.

        Returns
        -------
        inputs : Tensor, shape (time, batch, 1)
        targets : Tensor, shape (batch, 1)
            The first inputs.
        """
        inputs = 2 * torch.rand(self.steps, self.batch, 1, generator=generator) - 1
        return inputs, inputs[0]

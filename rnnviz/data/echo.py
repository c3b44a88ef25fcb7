"""The delayed echo: say again what was heard some steps ago, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["DelayedEcho"]


@dataclass(frozen=True)
class DelayedEcho:
    """Repeat each input some steps later, while new ones keep coming in.

    Inputs are −1 or 1, at random. At every step the input of ``lag`` steps before is asked for; the first steps, for
    which there is none, are left out of the cost. Like `AddingProblem`, it is a function that draws a new batch at each
    call, as `rnnviz.training.train` takes it.

    Parameters
    ----------
    lag : int, default 6
        Steps from hearing to saying.
    steps : int, default 24
        Length of each sequence, above the lag.
    batch : int, default 32
        Sequences a draw.

    Attributes
    ----------
    baseline : float
        Mean squared error of always saying 0: who does no better has learned nothing.

    Raises
    ------
    ValueError
        If the lag is negative or leaves no step to answer at, or the batch is empty.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import DelayedEcho
    >>> inputs, targets, mask = DelayedEcho(lag=2, steps=5, batch=1)(torch.Generator().manual_seed(0))
    >>> inputs.flatten().tolist()
    [-1.0, 1.0, 1.0, -1.0, 1.0]
    >>> targets.flatten().tolist()
    [0.0, 0.0, -1.0, 1.0, 1.0]
    >>> mask.flatten().tolist()
    [0.0, 0.0, 1.0, 1.0, 1.0]
    """

    lag: int = 6
    steps: int = 24
    batch: int = 32

    baseline = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.lag < self.steps:
            raise ValueError(
                f"The lag is {self.lag} and the sequences have {self.steps} steps; the lag must be from 0 to "
                f"{self.steps - 1}, so that some step has an answer."
            )
        if self.batch < 1:
            raise ValueError(f"batch is {self.batch}; draw at least 1 sequence.")

    def __call__(self, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Draw a batch.

        Parameters
        ----------
        generator : torch.Generator
            Where all chance comes from.

        Returns
        -------
        inputs : Tensor, shape (time, batch, 1)
        targets : Tensor, shape (time, batch, 1)
            Zero at the steps that are left out.
        mask : Tensor, shape (time, batch)
            1 where a step counts.
        """
        inputs = 2.0 * torch.randint(2, (self.steps, self.batch, 1), generator=generator) - 1
        targets, mask = torch.zeros_like(inputs), torch.zeros(self.steps, self.batch)
        targets[self.lag :] = inputs[: self.steps - self.lag]
        mask[self.lag :] = 1
        return inputs, targets, mask

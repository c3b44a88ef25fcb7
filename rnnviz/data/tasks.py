"""Tasks made to measure memory: what counts stands far from where it is asked for.

Each task is a function of a `torch.Generator` that draws a new batch at each call, so that `rnnviz.training.train`
takes it in place of data, and nothing can be learned by heart.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["AddingProblem", "FirstNumber", "TemporalOrder"]


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
        _check(self, least=4)

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
class TemporalOrder:
    """Say which of two symbols came first, with chatter before, between and after them.

    Of six symbols A, B, c, d, e, f two steps show an A or a B each: one between T/10 and 2T/10, one between 4T/10
    and 5T/10. All others show one of the last four, which mean nothing. After the last step the question is which of
    AA, AB, BA, BB it was.

    Parameters
    ----------
    steps : int, default 20
        Length T, at least 10; every sequence is as long.
    batch : int, default 20
        Sequences a draw.

    Attributes
    ----------
    baseline : float
        Share of errors of guessing, 3/4.
    features, outputs : int
        Symbols, 6, and answers, 4.

    Raises
    ------
    ValueError
        For fewer than 10 steps or an empty batch.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9, 1997, experiment 6a; as in
    R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import TemporalOrder
    >>> inputs, answers = TemporalOrder(steps=20, batch=3)(torch.Generator().manual_seed(0))
    >>> inputs.shape, answers.shape  # (time, batch, symbol), one 1 a step, and (batch,)
    (torch.Size([20, 3, 6]), torch.Size([3]))
    >>> inputs[..., :2].sum((0, 2))  # two steps of each sequence show an A or a B
    tensor([2., 2., 2.])
    """

    steps: int = 20
    batch: int = 20

    features, outputs = 6, 4
    baseline = 3 / 4
    #: What stands at each place of a step's one-hot vector, and what the answers mean.
    symbols, answers = "ABcdef", ("AA", "AB", "BA", "BB")

    def __post_init__(self) -> None:
        _check(self, least=10)

    def __call__(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw a batch.

        Parameters
        ----------
        generator : torch.Generator
            Where all chance comes from.

        Returns
        -------
        inputs : Tensor, shape (time, batch, 6)
            One-hot symbols.
        answers : Tensor of int64, shape (batch,)
            0 for AA, 1 for AB, 2 for BA, 3 for BB.
        """
        tenth, batch = self.steps / 10, (1, self.batch)

        def draw_place(low: int, high: int) -> Tensor:
            return torch.randint(int(low * tenth), int(high * tenth), batch, generator=generator)

        first, second = draw_place(1, 2), draw_place(4, 5)
        symbols = torch.randint(2, 6, (self.steps, self.batch), generator=generator)
        bits = torch.randint(0, 2, (2, self.batch), generator=generator)
        symbols.scatter_(0, torch.cat([first, second]), bits)
        return torch.nn.functional.one_hot(symbols, 6).float(), 2 * bits[0] + bits[1]


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
        _check(self, least=2)

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


def _check(task: AddingProblem | FirstNumber | TemporalOrder, least: int) -> None:
    if task.steps < least or task.batch < 1:
        raise ValueError(
            f"{type(task).__name__} was given steps={task.steps} and batch={task.batch}; it needs at least "
            f"{least} steps and one sequence."
        )

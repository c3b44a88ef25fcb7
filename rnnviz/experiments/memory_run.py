"""One training on a task of memory: until it is solved, or the updates are used up.

Shared by the experiments on the adding problem and on forget biases.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnviz.data.tasks import AddingProblem
from rnnviz.training import DivergenceError, train

#: Sequences in the batch that is measured and never learned from, and the seed it is drawn with.
CHECKED, CHECK_SEED = 500, 10**6
#: Mean squared error on them below which the adding problem counts as solved.
SOLVED = 0.01


@dataclass(frozen=True)
class MemoryRun:
    """What came of one training.

    Attributes
    ----------
    solved_after : int or None
        Updates until the error was first below the threshold; None where it never was.
    error : float
        The last error measured: a mean squared error.
    best : float
        The least error measured.
    """

    solved_after: int | None
    error: float
    best: float


def solve_adding(
    model: nn.Module,
    steps: int,
    *,
    learning_rate: float,
    updates: int,
    every: int = 50,
    clip_norm: float | None = 1.0,
    seed: int = 0,
) -> MemoryRun:
    """Train a model on the adding problem until its error on fresh sequences is below 0.01.

    Parameters
    ----------
    model : torch.nn.Module
        From (time, batch, 2) to (batch, 1).
    steps : int
        Length of the sequences.
    learning_rate : float
        Of Adam.
    updates : int
        How many updates at most.
    every : int, default 50
        Updates from one measurement to the next.
    clip_norm : float, optional
        Largest norm of the gradient.
    seed : int
        Of the sequences.

    Returns
    -------
    MemoryRun
        A training that diverges counts as not solved.

    Examples
    --------
    >>> from rnnviz.models import SequenceRegressor
    >>> run = solve_adding(SequenceRegressor(2, 8), 8, learning_rate=0.01, updates=1500)
    >>> run.solved_after is not None, run.error < 0.01
    (True, True)
    """
    task = AddingProblem(steps)
    inputs, targets = AddingProblem(steps, CHECKED)(torch.Generator().manual_seed(CHECK_SEED))
    errors = [measure_error(model, inputs, targets)]
    training = train(model, task, learning_rate=learning_rate, steps=updates, clip_norm=clip_norm, seed=seed)
    try:
        for step in training:
            if (step.number + 1) % every:
                continue
            errors.append(measure_error(model, inputs, targets))
            if errors[-1] < SOLVED:
                return MemoryRun(step.number + 1, errors[-1], min(errors))
    except DivergenceError:
        return MemoryRun(None, float("inf"), min(errors))
    return MemoryRun(None, errors[-1], min(errors))


def measure_error(model: nn.Module, inputs: Tensor, targets: Tensor) -> float:
    """Mean squared error, without gradients."""
    with torch.no_grad():
        return float((model(inputs) - targets).square().mean())


def input_ratio(model: nn.Module, steps: int, *, margin: int = 5, batch: int = 64, seed: int = 0) -> float:
    """How much less, or more, the loss feels an early input than a late one: ‖∂L/∂x_5‖ / ‖∂L/∂x_{T−5}‖.

    Parameters
    ----------
    model : torch.nn.Module
        From (time, batch, 2) to (batch, 1); usually before any training.
    steps : int
        Length T of the sequences.
    margin : int, default 5
        How far the two steps are from the ends.
    batch : int
        Sequences over which both gradients are averaged.
    seed : int
        Of the sequences.

    Returns
    -------
    float
        1 where both ends are felt alike; near 0 where the early ones are lost; 0 where nothing arrives at all.

    Examples
    --------
    >>> from rnnviz.models import SequenceRegressor
    >>> input_ratio(SequenceRegressor(2, 8, "rnn", spectral_radius=0.5), steps=40) < 1e-6
    True
    """
    inputs, targets = AddingProblem(steps, batch)(torch.Generator().manual_seed(CHECK_SEED + seed))
    inputs.requires_grad_()
    loss = (model(inputs) - targets).square().mean()
    (gradient,) = torch.autograd.grad(loss, inputs)
    norms = gradient.double().norm(dim=-1).mean(1)
    late = float(norms[steps - margin])
    return float(norms[margin]) / late if late else 0.0

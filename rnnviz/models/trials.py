"""Several networks that try the same task side by side, an update each in turn, so that they can be watched."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnviz.training import DivergenceError, Training, train

__all__ = ["Contender", "Trial", "Trials"]

Draw = Callable[[torch.Generator], tuple[Tensor, ...]]
#: Seed of the sequences that are measured and never learned from.
CHECK_SEED = 10**6


@dataclass(frozen=True)
class Contender:
    """A network that takes part, and how it learns.

    Attributes
    ----------
    build : callable
        From a seed to the untrained network.
    learning_rate : float
        Of its optimiser.
    optimiser : {"Adam", "SGD", "momentum"}
        Momentum is SGD that keeps nine tenths of its last move.
    clip_norm : float or None
        Largest norm of the gradient.
    """

    build: Callable[[int], nn.Module]
    learning_rate: float = 3e-3
    optimiser: str = "Adam"
    clip_norm: float | None = 1.0

    def make_optimiser(self, parameters: Iterator[nn.Parameter]) -> torch.optim.Optimizer:
        """Return the optimiser for these parameters."""
        if self.optimiser == "Adam":
            return torch.optim.Adam(parameters, lr=self.learning_rate)
        momentum = {"SGD": 0.0, "momentum": 0.9}[self.optimiser]
        return torch.optim.SGD(parameters, lr=self.learning_rate, momentum=momentum)


@dataclass(frozen=True)
class Trial:
    """How far one contender is.

    Attributes
    ----------
    updates : int
        Made so far.
    errors : tuple of float
        Mean squared error on the fresh sequences, before the first update and then at regular intervals; not
        finite where it diverged.
    solved_after : int or None
        Updates until the error was below the threshold.
    diverged : bool
        Whether its loss is no longer a number.
    seconds : float
        Time its updates took the processor, in the thread that made them.
    """

    updates: int
    errors: tuple[float, ...]
    solved_after: int | None
    diverged: bool
    seconds: float

    @property
    def over(self) -> bool:
        """Whether it has stopped before its updates were used up."""
        return self.diverged or self.solved_after is not None


class Trials:
    """Contenders that learn the same task, an update each in turn; who has solved it rests.

    It is what a `rnnviz.training.Runner` can run: `step`, `frame`, `reset`.

    Parameters
    ----------
    contenders : mapping of str to Contender
        By name.
    task : callable
        Draws ``(inputs, targets)`` from a generator, such as `rnnviz.data.AddingProblem`.
    check : callable
        Draws, once, the sequences on which the error is measured.
    updates : int
        Most updates of each.
    every : int, default 25
        Updates from one measurement to the next.
    solved : float, default 0.01
        Mean squared error below which it is solved.
    seed : int, default 0
        Of weights and sequences.

    Examples
    --------
    >>> from rnnviz.data import AddingProblem
    >>> from rnnviz.models import Contender, SequenceRegressor, Trials
    >>> contender = Contender(lambda seed: SequenceRegressor(2, 8, seed=seed))
    >>> trials = Trials({"LSTM": contender}, AddingProblem(8), AddingProblem(8, 100), updates=10)
    >>> trials.run()
    >>> trials.frame()["LSTM"].updates
    10
    """

    def __init__(
        self,
        contenders: Mapping[str, Contender],
        task: Draw,
        check: Draw,
        *,
        updates: int,
        every: int = 25,
        solved: float = 0.01,
        seed: int = 0,
    ) -> None:
        if not contenders:
            raise ValueError("There are no contenders; pass at least one, by its name.")
        if updates < 1 or every < 1:
            raise ValueError(f"updates is {updates} and every is {every}; both must be at least 1.")
        self.contenders, self.updates, self.every, self.solved = dict(contenders), updates, every, solved
        self.seed, self._task = seed, task
        self._inputs, self._targets = check(torch.Generator().manual_seed(CHECK_SEED))
        self.reset()

    def reset(self) -> None:
        """Go back to the untrained networks."""
        self._racing: dict[str, Training] = {}
        self._trials: dict[str, Trial] = {}
        for name, contender in self.contenders.items():
            self._racing[name] = train(
                contender.build(self.seed),
                self._task,
                optimiser=contender.make_optimiser,
                clip_norm=contender.clip_norm,
                seed=self.seed,
            )
            self._trials[name] = Trial(0, (self._measure(name),), None, False, 0.0)

    def step(self) -> None:
        """Let the next contender that has not finished make one update; `StopIteration` when all have."""
        waiting = [name for name in self.contenders if not self._finished(name)]
        if not waiting:
            raise StopIteration
        # The one furthest behind goes next, so that all stay level when one drops out.
        name = min(waiting, key=lambda one: self._trials[one].updates)
        before = self._trials[name]
        updates, errors, diverged = before.updates + 1, before.errors, False
        began = time.thread_time()
        try:
            self._racing[name].step()
        except DivergenceError:
            diverged, errors = True, (*errors, math.inf)
        seconds = before.seconds + time.thread_time() - began
        solved_after = None
        if not diverged and updates % self.every == 0:
            error = self._measure(name)
            errors, diverged = (*errors, error), not math.isfinite(error)
            solved_after = updates if error < self.solved else None
        self._trials[name] = Trial(updates, errors, solved_after, diverged, seconds)

    def run(self) -> None:
        """Make all updates at once."""
        try:
            while True:
                self.step()
        except StopIteration:
            pass

    def frame(self) -> dict[str, Trial]:
        """Return how far each is, by name."""
        return dict(self._trials)

    def _finished(self, name: str) -> bool:
        trial = self._trials[name]
        return trial.over or trial.updates >= self.updates

    def _measure(self, name: str) -> float:
        with torch.no_grad():
            return float((self._racing[name].model(self._inputs) - self._targets).square().mean())

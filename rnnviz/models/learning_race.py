"""Networks that learn one task side by side; among them a readout that is solved beside weights that are trained."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnviz.data import mackey_glass
from rnnviz.models.reservoir import EchoStateNetwork, normalised_error
from rnnviz.training import Training, train

__all__ = ["LearningRace", "LearningRun", "Racer", "build_seeded", "readout_race"]

Draw = Callable[[torch.Generator], tuple[Tensor, ...]]


@dataclass(frozen=True)
class Racer:
    """A network that takes part, and how it learns.

    Attributes
    ----------
    build : callable
        From a seed to the untrained network.
    solve : callable, optional
        Fits all that is to be fitted of the network, in one go. Without it, all parameters are trained by Adam.
    learning_rate : float
        Of Adam.
    """

    build: Callable[[int], nn.Module]
    solve: Callable[[nn.Module], None] | None = None
    learning_rate: float = 0.01


@dataclass(frozen=True)
class LearningRun:
    """How far one network is.

    Attributes
    ----------
    updates : int
        Made so far; who is solved in one go has made them all.
    history : tuple of float
        What was measured before the first update, and then at regular intervals.
    times : tuple of float
        Seconds that the processor had computed for it at each of these measurements, these not counted.
    seconds : float
        The same now.
    """

    updates: int
    history: tuple[float, ...]
    times: tuple[float, ...]
    seconds: float


class LearningRace:
    """Networks that learn one task, an update each in turn, and what is measured of them.

    It is what a `rnnviz.training.Runner` can run: `step`, `frame`, `reset`.

    Parameters
    ----------
    racers : mapping of str to Racer
        By the names to show.
    draw : callable
        A batch, ``(inputs, targets)``, from a ``torch.Generator``.
    measure : callable
        From a network to a number.
    loss : callable
        From outputs and targets to the loss.
    updates : int
        Of each network.
    every : int, default 10
        Updates from one measurement to the next.
    seed : int, default 0
        Of weights and batches.

    Raises
    ------
    ValueError
        Without a racer, or for fewer than one update.

    Examples
    --------
    >>> from rnnviz.models import readout_race
    >>> race = readout_race(units=20, updates=4, every=2)
    >>> race.run()
    >>> [len(run.history) for run in race.frame().values()]
    [2, 3]
    """

    def __init__(
        self,
        racers: Mapping[str, Racer],
        draw: Draw,
        measure: Callable[[nn.Module], float],
        *,
        loss: Callable[[Tensor, Tensor], Tensor],
        updates: int,
        every: int = 10,
        seed: int = 0,
    ) -> None:
        if not racers or updates < 1 or every < 1:
            raise ValueError(
                f"There are {len(racers)} networks, updates is {updates} and every {every}; each must be at least 1."
            )
        self._racers, self._draw, self._measure, self._loss = dict(racers), draw, measure, loss
        self.updates, self.every, self.seed = updates, every, seed
        self.reset()

    def reset(self) -> None:
        """Go back to the untrained networks."""
        self._models: dict[str, nn.Module] = {}
        self._trainings: dict[str, Training] = {}
        self._runs: dict[str, LearningRun] = {}
        for name, racer in self._racers.items():
            model = self._models[name] = racer.build(self.seed)
            if racer.solve is None:
                self._trainings[name] = train(
                    model,
                    self._draw,
                    loss=self._loss,
                    learning_rate=racer.learning_rate,
                    clip_norm=1.0,
                    seed=self.seed,
                )
            self._runs[name] = LearningRun(0, (self._look(model),), (0.0,), 0.0)

    def step(self) -> None:
        """Let the network that is furthest behind make one update; `StopIteration` when all have made theirs."""
        name = min(self._racers, key=lambda one: self._runs[one].updates)
        before = self._runs[name]
        if before.updates >= self.updates:
            raise StopIteration
        solve = self._racers[name].solve
        began = time.thread_time()
        if solve is None:
            self._trainings[name].step()
            updates = before.updates + 1
        else:
            solve(self._models[name])
            updates = self.updates
        seconds = before.seconds + time.thread_time() - began
        history, times = before.history, before.times
        if updates % self.every == 0 or updates == self.updates:
            history, times = (*history, self._look(self._models[name])), (*times, seconds)
        self._runs[name] = LearningRun(updates, history, times, seconds)

    def run(self) -> None:
        """Let all of them make all their updates."""
        try:
            while True:
                self.step()
        except StopIteration:
            pass

    def frame(self) -> dict[str, LearningRun]:
        """Return how far each is, by name."""
        return dict(self._runs)

    def _look(self, model: nn.Module) -> float:
        with torch.no_grad():
            return self._measure(model.eval())


def build_seeded(build: Callable[[], nn.Module]) -> Callable[[int], nn.Module]:
    """Return a builder whose weights follow from a seed, and which leaves the course of chance elsewhere alone."""

    def make(seed: int) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return build()

    return make


class _OneStep(nn.Module):
    """A tanh layer and a linear readout that says the next value."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.recurrent, self.readout = nn.RNN(1, units), nn.Linear(units, 1)

    def forward(self, inputs: Tensor) -> Tensor:
        said: Tensor = self.readout(self.recurrent(inputs.float())[0])
        return said


def readout_race(*, units: int = 100, known: int = 1000, updates: int = 300, every: int = 10) -> LearningRace:
    """Let two networks of tanh units learn to say the next value of the Mackey–Glass series.

    Of the reservoir only the readout is fitted, in one go; all weights of the other are trained by backpropagation
    through pieces of 100 steps. What is measured is the error one step ahead on the next thousand values, over their
    standard deviation.

    Parameters
    ----------
    units : int
        Of each.
    known : int
        Values that both learn from.
    updates, every : int
        As in `LearningRace`.

    Examples
    --------
    >>> from rnnviz.models import readout_race
    >>> race = readout_race(updates=1)
    >>> race.step()
    >>> race.frame()["only the readout, solved"].history[-1] < 0.01
    True
    """
    series = torch.tanh(torch.tensor(mackey_glass(known + 1201).values, dtype=torch.float64) - 1).reshape(
        -1, 1, 1
    )
    washout, piece = 100, 100

    def measure(model: nn.Module) -> float:
        given = series[known : known + 1200]
        said = model.read(model(given)[0]) if isinstance(model, EchoStateNetwork) else model(given)
        # The first steps let each settle.
        return float(normalised_error(said[200:].double(), series[known + 201 : known + 1201]))

    def draw(generator: torch.Generator) -> tuple[Tensor, Tensor]:
        begins = torch.randint(0, known - piece, (32,), generator=generator)
        pieces = torch.cat([series[at : at + piece + 1] for at in begins.tolist()], dim=1).float()
        return pieces[:-1], pieces[1:]

    def loss(said: Tensor, wanted: Tensor) -> Tensor:
        # Nothing can be known at the very beginning of a piece.
        return (said - wanted)[20:].square().mean()

    def solve(model: nn.Module) -> None:
        assert isinstance(model, EchoStateNetwork)
        model.fit(series[:known], series[1 : known + 1], ridge=1e-8, washout=washout)

    racers = {
        "only the readout, solved": Racer(
            lambda seed: EchoStateNetwork(units, spectral_radius=0.8, leak=0.3, seed=seed), solve=solve
        ),
        "all weights, trained through time": Racer(
            build_seeded(lambda: _OneStep(units)), learning_rate=0.003
        ),
    }
    return LearningRace(racers, draw, measure, loss=loss, updates=updates, every=every)

"""Networks that learn to go on with a signal, side by side, and what each of them says comes next."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.data.bearing import BearingWindows
from rnnviz.data.windows import Windows
from rnnviz.models.stack import StackForecaster
from rnnviz.training import Training, train

__all__ = ["SignalRace", "SignalRun"]


@dataclass(frozen=True, eq=False)
class SignalRun:
    """How far one network is.

    Attributes
    ----------
    updates : int
        Made so far.
    history : tuple of float
        Mean squared error one piece ahead, before the first update and then at regular intervals.
    ahead : tuple of float
        The same for each piece ahead, each read from the one before.
    line : Tensor, shape (horizon, piece)
        What it goes on with after the first of the unseen windows.
    seconds : float
        Time its updates took the processor, in the thread that made them.
    """

    updates: int
    history: tuple[float, ...]
    ahead: tuple[float, ...]
    line: Tensor
    seconds: float


class SignalRace:
    """Networks that learn the same signal, an update each in turn, measured on windows that none has learned from.

    It is what a `rnnviz.training.Runner` can run: `step`, `frame`, `reset`.

    Parameters
    ----------
    known : Tensor, shape (time,)
        What is learned from, scaled.
    unseen : Windows
        Of pieces: what is measured on, and how many pieces ahead.
    rates : mapping of str to float
        A network for each: the name to show, and its learning rate of Adam.
    updates : int
        Of each network.
    every : int, default 20
        Updates from one measurement to the next.
    units, hidden : int, default 100
        Of each of the two LSTM layers, and of the layer above them.
    seed : int, default 0
        Of weights and windows.

    Raises
    ------
    ValueError
        Without a network, or for fewer than one update.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import Bearing, cut_pieces, windows
    >>> from rnnviz.models import SignalRace
    >>> signal = torch.from_numpy(Bearing().run(1.0).signal)
    >>> race = SignalRace(signal, windows(cut_pieces(signal), 25, 3), {"fast": 0.003}, updates=2, units=8, hidden=8)
    >>> race.step()
    >>> race.frame()["fast"].updates
    1
    """

    def __init__(
        self,
        known: Tensor,
        unseen: Windows,
        rates: Mapping[str, float],
        *,
        updates: int,
        every: int = 20,
        units: int = 100,
        hidden: int = 100,
        seed: int = 0,
    ) -> None:
        if not rates or updates < 1 or every < 1:
            raise ValueError(
                f"There are {len(rates)} networks, updates is {updates} and every {every}; each must be at least 1."
            )
        self._known, self._unseen, self._rates = known, unseen, dict(rates)
        self.updates, self.every, self.seed = updates, every, seed
        self._sizes = units, hidden
        self.reset()

    def reset(self) -> None:
        """Go back to the untrained networks."""
        units, hidden = self._sizes
        piece = self._unseen.inputs.shape[2]
        data = BearingWindows(self._known, piece=piece)
        self._racing: dict[str, Training] = {}
        self._runs: dict[str, SignalRun] = {}
        for name, rate in self._rates.items():
            model = StackForecaster(piece, [units, units], hidden=hidden, seed=self.seed)
            self._racing[name] = train(model, data, learning_rate=rate, clip_norm=1.0, seed=self.seed)
            self._runs[name] = self._measure(model, SignalRun(0, (), (), torch.empty(0), 0.0))

    def step(self) -> None:
        """Let the network that is furthest behind make one update; `StopIteration` when all have made theirs."""
        name = min(self._rates, key=lambda one: self._runs[one].updates)
        before = self._runs[name]
        if before.updates >= self.updates:
            raise StopIteration
        began = time.thread_time()
        self._racing[name].step()
        seconds = before.seconds + time.thread_time() - began
        run = SignalRun(before.updates + 1, before.history, before.ahead, before.line, seconds)
        if run.updates % self.every == 0 or run.updates == self.updates:
            run = self._measure(self._racing[name].model, run)  # type: ignore[arg-type]
        self._runs[name] = run

    def frame(self) -> dict[str, SignalRun]:
        """Return how far each is, by name."""
        return dict(self._runs)

    def _measure(self, model: StackForecaster, run: SignalRun) -> SignalRun:
        model.eval()
        said = model.forecast(self._unseen.inputs, len(self._unseen.future))
        ahead = tuple(float(one) for one in (said - self._unseen.future).square().mean((1, 2)))
        return SignalRun(run.updates, (*run.history, ahead[0]), ahead, said[:, 0], run.seconds)

"""Two who turn the valve of a tank: one looks at the level, one remembers what passed the gauge.

``rnnviz prove tank_control --train`` trains the shipped one again and puts it in its place.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnviz.data.tank import Controller, Tank, make_storms

__all__ = ["RecurrentController", "threshold_controller", "train_controller"]


def threshold_controller(threshold: float) -> Controller:
    """Return a controller without a memory: it opens the valve while the level is above a threshold.

    Parameters
    ----------
    threshold : float
        In centimetres.

    Returns
    -------
    callable
        For `rnnviz.data.Tank.run`.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import threshold_controller
    >>> threshold_controller(50)(torch.tensor([40.0, 60.0]), torch.zeros(2))
    tensor([0., 1.])
    """
    return lambda level, gauge: (level > threshold).to(level)


class RecurrentController(nn.Module):
    """A plain recurrent layer that sees level and gauge, and says how far the valve should open.

    h_t = tanh(W_x x_t + W_h h_{t−1} + b), and the opening is σ(w·h_t + b_o). Of level and gauge, in centimetres, it
    reads tenths of the tank above the mark, and fifths of the outlet.

    Parameters
    ----------
    units : int
        Size of the state.
    tank : Tank, optional
        Whose mark and sizes the inputs are counted from.
    seed : int
        Of the weights it starts with.

    Examples
    --------
    >>> from rnnviz.data import Tank, make_storms
    >>> from rnnviz.models import RecurrentController
    >>> run = Tank().run(make_storms(steps=10, batch=2), RecurrentController(4).start())
    >>> run.valve.shape
    torch.Size([10, 2])
    """

    def __init__(self, units: int = 12, tank: Tank | None = None, seed: int = 0) -> None:
        super().__init__()
        self.tank = tank or Tank()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.remember = nn.RNNCell(2, units)
            self.open = nn.Linear(units, 1)

    def start(self) -> Controller:
        """Return a controller with an empty memory, for one run.

        Returns
        -------
        callable
            For `rnnviz.data.Tank.run`.
        """
        state: Tensor | None = None

        def control(level: Tensor, gauge: Tensor) -> Tensor:
            nonlocal state
            seen = torch.stack(
                [10 * (level - self.tank.mark) / self.tank.height, 5 * gauge / self.tank.outlet], dim=-1
            )
            state = self.remember(seen / 5, state)
            opening: Tensor = self.open(state).squeeze(-1).sigmoid()
            return opening

        return control


def train_controller(
    controller: RecurrentController,
    *,
    updates: int = 400,
    steps: int = 80,
    batch: int = 32,
    learning_rate: float = 0.01,
    seed: int = 1,
) -> list[float]:
    """Train a controller through the simulation: the gradient goes from the level back through valve and memory.

    Parameters
    ----------
    controller : RecurrentController
        Is changed.
    updates, steps, batch : int
        How often, on how long and how many runs, each of new weather.
    learning_rate : float
        Of Adam.
    seed : int
        Of the weather.

    Returns
    -------
    list of float
        Root of the mean squared distance from the mark before each update, in centimetres.

    Examples
    --------
    >>> from rnnviz.models import RecurrentController, train_controller
    >>> len(train_controller(RecurrentController(4), updates=2, steps=10, batch=2))
    2
    """
    optimiser = torch.optim.Adam(controller.parameters(), lr=learning_rate)
    misses = []
    for update in range(updates):
        storms = make_storms(steps, batch, seed=1000 * seed + update)
        miss = controller.tank.run(storms, controller.start()).miss(controller.tank.mark)
        optimiser.zero_grad()
        miss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(controller.parameters(), 1.0)
        optimiser.step()
        misses.append(miss.item())
    return misses

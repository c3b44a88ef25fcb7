"""A tank behind a gauge, simulated: something that must be acted on in time, and cannot be by looking at now alone.

Rain water passes a gauge, and reaches the tank some steps later. A valve lets it out again, but its motor is slow. The
level should stay at a mark. If one waits until the level has risen, it is too late.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

__all__ = ["Tank", "TankRun", "make_storms"]

Controller = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class TankRun:
    """What happened in the tank, all (time, batch).

    Attributes
    ----------
    level : Tensor
        Level at the start of each step, in centimetres.
    valve : Tensor
        How far the valve is open, from 0 to 1.
    gauge : Tensor
        Water that passes the gauge, in centimetres of the tank a step.
    """

    level: Tensor
    valve: Tensor
    gauge: Tensor

    def miss(self, mark: float) -> Tensor:
        """Root of the mean squared distance of the level from a mark, in centimetres, over all steps and tanks."""
        return (self.level - mark).square().mean().sqrt()


@dataclass(frozen=True)
class Tank:
    """A tank whose water can be seen coming.

    Parameters
    ----------
    mark : float
        Where the level should be, in centimetres.
    height : float
        Where it spills, in centimetres; below 0 it is empty.
    delay : int
        Steps from the gauge to the tank.
    outlet : float
        Centimetres a step that leave through the open valve.
    motor : float
        By how much the valve can open or close in a step, as a part of its way.

    Raises
    ------
    ValueError
        If a size is not positive, or the mark does not lie in the tank.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import Tank, make_storms
    >>> tank = Tank()
    >>> run = tank.run(make_storms(steps=40, batch=2), lambda level, gauge: (level > 50).to(level))
    >>> run.level.shape
    torch.Size([40, 2])
    """

    mark: float = 50.0
    height: float = 100.0
    delay: int = 6
    outlet: float = 8.0
    motor: float = 0.2

    def __post_init__(self) -> None:
        if not (self.delay > 0 and self.outlet > 0 and 0 < self.motor <= 1 and 0 < self.mark < self.height):
            raise ValueError(
                f"{self} cannot be built: delay and outlet are above 0, motor above 0 and at most 1, and the mark "
                "lies between 0 and the height."
            )

    def run(self, gauge: Tensor, controller: Controller) -> TankRun:
        """Let water come, and a controller turn the valve.

        Parameters
        ----------
        gauge : Tensor, shape (time, batch)
            Water that passes the gauge, in centimetres of the tank a step.
        controller : callable
            ``controller(level, gauge)`` is called once a step with what can be seen now, each (batch,), and returns
            how far the valve should be open, (batch,), from 0 to 1. What it remembers is its own affair; make a new
            one for each run.

        Returns
        -------
        TankRun
            Differentiable, if the controller is.

        Raises
        ------
        ValueError
            If the gauge is not (time, batch), or an answer is not (batch,).
        """
        if gauge.dim() != 2:
            raise ValueError(f"gauge has the shape {tuple(gauge.shape)}; it should be (time, batch).")
        level = torch.full_like(gauge[0], self.mark)
        valve = torch.zeros_like(level)
        levels, valves = [], []
        for t, seen in enumerate(gauge):
            wanted = controller(level, seen)
            if wanted.shape != level.shape:
                raise ValueError(
                    f"The controller returned {tuple(wanted.shape)} at step {t}; it should be {tuple(level.shape)}, "
                    "one opening a tank."
                )
            levels.append(level)
            valve = valve + (wanted.clamp(0, 1) - valve).clamp(-self.motor, self.motor)
            valves.append(valve)
            arrives = gauge[t - self.delay] if t >= self.delay else torch.zeros_like(level)
            level = (level + arrives - self.outlet * valve).clamp(0, self.height)
        return TankRun(torch.stack(levels), torch.stack(valves), gauge)


def make_storms(steps: int = 120, batch: int = 16, seed: int = 0) -> Tensor:
    """Draw rain: quiet water, and now and then a storm of a few steps.

    Parameters
    ----------
    steps, batch : int
        Length, and how many tanks.
    seed : int
        Which weather.

    Returns
    -------
    Tensor, shape (steps, batch), float32
        Centimetres of the tank that pass the gauge in each step: about 2 in quiet weather, up to 14 in a storm.

    Raises
    ------
    ValueError
        If there are no steps or no tanks.

    Examples
    --------
    >>> from rnnviz.data import make_storms
    >>> storms = make_storms(steps=200, batch=3, seed=1)
    >>> storms.shape, bool(storms.max() > 8)
    (torch.Size([200, 3]), True)
    """
    if steps < 1 or batch < 1:
        raise ValueError(f"make_storms was given steps={steps} and batch={batch}; both count from 1.")
    begins, lasts, strength, ripple = torch.from_numpy(np.random.default_rng(seed).random((4, steps, batch)))
    rain = torch.zeros(steps, batch, dtype=torch.float64)
    for start, tank in (begins < 0.04).nonzero().tolist():
        end = start + 3 + int(6 * lasts[start, tank])
        peak = 6 + 6 * strength[start, tank]
        rain[start:end, tank] = torch.maximum(rain[start:end, tank], peak)
    water: Tensor = (1.5 + ripple + rain).float()
    return water

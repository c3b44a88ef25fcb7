"""A car in a town, simulated: it drives, brakes for turns, turns, waits at lights, and goes on."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

__all__ = ["FIX", "draw_drives", "drive_car"]

FIX = 1.5
"""Standard deviation, in metres, of each measured coordinate: that of a good satellite receiver."""


def drive_car(steps: int = 240, seed: int = 0, *, step: float = 0.5) -> npt.NDArray[np.float32]:
    """Drive a car for a while.

    A kinematic model: the state is position, heading and speed; a driver chooses how fast it goes and how fast it
    turns. Between junctions, 40 to 120 m apart, the car keeps a speed of 8 to 14 m/s. 30 m before a junction it slows
    to 4 m/s, or stops in one of three cases, for 3 to 8 s; then it goes on straight, or turns left or right by 90°
    on an arc of 9 m. It accelerates at up to 1.8 m/s² and brakes at up to 3 m/s².

    Parameters
    ----------
    steps : int, default 240
        How many.
    seed : int, default 0
        Of every choice.
    step : float, default 0.5
        Seconds from one step to the next.

    Returns
    -------
    ndarray of float32, shape (steps, 4)
        Position in metres, x and y, and velocity in metres a second, x and y: what is true, without any error of
        measurement.

    Raises
    ------
    ValueError
        For fewer than one step, or a step that is not positive.

    Examples
    --------
    >>> from rnnviz.data import drive_car
    >>> path = drive_car(steps=100)
    >>> path.shape, bool((path[1:, :2] - path[:-1, :2]).max() < 0.5 * 15)
    ((100, 4), True)
    """
    if steps < 1 or step <= 0:
        raise ValueError(
            f"steps is {steps} and step {step} seconds; there must be at least one, and take time."
        )
    dice = np.random.default_rng(seed)
    fine = 10
    dt = step / fine
    x, y, heading, speed = 0.0, 0.0, dice.uniform(0, 2 * math.pi), dice.uniform(5, 10)
    to_junction, cruise = dice.uniform(40, 120), dice.uniform(8, 14)
    stops, waits, turning = bool(dice.random() < 1 / 3), 0.0, 0.0
    path = np.empty((steps, 4), dtype=np.float32)
    for at in range(steps):
        for _ in range(fine):
            if waits > 0:
                waits -= dt
                wanted = 0.0
            elif turning != 0:
                wanted = 4.0
            elif to_junction < 30:
                # As fast as the brakes allow: v² = v₁² + 2 a s.
                end = 0.0 if stops else 4.0
                wanted = min(cruise, math.sqrt(end**2 + 2 * 2.2 * max(0.0, to_junction - 1)))
            else:
                wanted = cruise
            speed += min(1.8 * dt, max(-3.0 * dt, wanted - speed))
            if turning != 0:
                turn = math.copysign(min(abs(turning), speed / 9 * dt), turning)
                heading, turning = heading + turn, turning - turn
            else:
                to_junction -= speed * dt
            x, y = x + speed * dt * math.cos(heading), y + speed * dt * math.sin(heading)
            if stops and to_junction < 1.5 and speed < 0.3 and waits <= 0:
                stops, waits = False, dice.uniform(3, 8)
            if to_junction <= 1.2 and not stops and waits <= 0 and turning == 0:
                turning = float(dice.choice([-1, 0, 1])) * math.pi / 2
                to_junction, cruise = dice.uniform(40, 120), dice.uniform(8, 14)
                stops = bool(dice.random() < 1 / 3)
        path[at] = x, y, speed * math.cos(heading), speed * math.sin(heading)
    return path


def draw_drives(count: int, steps: int = 240, seed: int = 0, *, noise: float = FIX) -> tuple[Tensor, Tensor]:
    """Let several cars drive, and measure where they are.

    Parameters
    ----------
    count : int
        Cars; each has a seed of its own.
    steps : int, default 240
        Of half a second each.
    seed : int, default 0
        Of drives and of errors of measurement.
    noise : float
        Standard deviation of each measured coordinate, in metres.

    Returns
    -------
    measured : Tensor of float32, shape (time, car, 4)
        Position as measured, and velocity, measured with a tenth of that deviation in metres a second.
    truth : Tensor of float32, shape (time, car, 4)
        The same without errors.

    Raises
    ------
    ValueError
        For no cars.

    Examples
    --------
    >>> from rnnviz.data import draw_drives
    >>> measured, truth = draw_drives(3, steps=50)
    >>> measured.shape
    torch.Size([50, 3, 4])
    """
    if count < 1:
        raise ValueError(f"count is {count}; at least one car is needed.")
    truth = np.stack([drive_car(steps, seed * 10_000 + car) for car in range(count)], axis=1)
    dice = np.random.default_rng(seed + 1_000_003)
    errors = dice.standard_normal(truth.shape) * noise * np.array([1, 1, 0.1, 0.1])
    return torch.from_numpy((truth + errors).astype(np.float32)), torch.from_numpy(truth)

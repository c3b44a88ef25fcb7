"""Where will the car be in five seconds? A network, a constant velocity, and a Kalman filter."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from rnnviz.data.car import FIX, draw_drives
from rnnviz.models.stack import Floor, Stack

__all__ = ["CarForecaster", "ConstantVelocity", "KalmanCar", "draw_car_batches", "measure_miss"]

STEP = 0.5
"""Seconds from one step to the next."""


def _go_straight(position: Tensor, velocity: Tensor, horizon: int) -> Tensor:
    """Go on as now: (time, batch, 2) each → (time, batch, horizon, 2)."""
    ahead = STEP * torch.arange(1, horizon + 1, dtype=position.dtype)
    return position[:, :, None] + velocity[:, :, None] * ahead[:, None]


class ConstantVelocity:
    """It goes on as it was last measured.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import ConstantVelocity
    >>> ConstantVelocity()(torch.tensor([[[0.0, 0.0, 10.0, 2.0]]]), horizon=2)[0, 0]
    tensor([[ 5.,  1.],
            [10.,  2.]])
    """

    def __call__(self, measured: Tensor, horizon: int) -> Tensor:
        """Forecast from every step: (time, car, 4) → positions, (time, car, horizon, 2)."""
        return _go_straight(measured[..., :2], measured[..., 2:], horizon)


class CarForecaster(nn.Module):
    """Reads how a car has moved, and says from every step where it will be, several steps ahead at once.

    It reads velocities and changes of position, never a place: a town looks the same everywhere. What it says is added
    to where the car would be at constant velocity, so that it begins there and learns what is different.

    Parameters
    ----------
    floors : sequence of Floor or int
        Of the stack, see `rnnviz.models.Stack`.
    horizon : int, default 10
        Steps of half a second that it forecasts.
    seed : int, default 0
        Of all weights.

    Raises
    ------
    ValueError
        For a horizon below 1.

    Examples
    --------
    >>> from rnnviz.data import draw_drives
    >>> from rnnviz.models import CarForecaster
    >>> measured, _ = draw_drives(2, steps=30)
    >>> CarForecaster([16])(measured).shape  # (time, car, step ahead, x and y)
    torch.Size([30, 2, 10, 2])
    """

    scale = 5.0

    def __init__(self, floors: Sequence[Floor | int] = (64,), horizon: int = 10, *, seed: int = 0) -> None:
        super().__init__()
        if horizon < 1:
            raise ValueError(f"horizon is {horizon}; it must be at least 1.")
        self.horizon = horizon
        self.stack = Stack(4, floors, seed=seed)
        self.correct = nn.Linear(self.stack.outputs, 2 * horizon, device="meta").to_empty(device="cpu")
        nn.init.zeros_(self.correct.weight)
        nn.init.zeros_(self.correct.bias)

    def forward(self, measured: Tensor) -> Tensor:
        """Forecast from every step: (time, car, 4) → positions, (time, car, horizon, 2)."""
        moved = torch.diff(measured[..., :2], dim=0, prepend=measured[:1, :, :2]) / STEP
        hidden, _ = self.stack(torch.cat([moved, measured[..., 2:]], dim=-1) / self.scale)
        correction = self.correct(hidden).unflatten(-1, (self.horizon, 2)) * self.scale
        straight = _go_straight(measured[..., :2], measured[..., 2:], self.horizon)
        forecast: Tensor = straight + correction
        return forecast


class KalmanCar:
    """A Kalman filter with a constant velocity and random accelerations, by statsmodels.

    It weighs each measurement against what it expected, and goes on straight from the place and the velocity that it
    holds for the likeliest. How strong the accelerations are is found by maximum likelihood.

    Parameters
    ----------
    noise : float
        Standard deviation of a measured coordinate, in metres; velocities have a tenth of it. Known, as it is of a
        real receiver.

    Raises
    ------
    ModuleNotFoundError
        Without statsmodels, saying what to install.

    References
    ----------
    R. E. Kalman, "A new approach to linear filtering and prediction problems", Journal of Basic Engineering 82 (1960).

    Examples
    --------
    >>> from rnnviz.data import draw_drives
    >>> from rnnviz.models import KalmanCar
    >>> measured, _ = draw_drives(2, steps=30)
    >>> KalmanCar()(measured, horizon=3).shape
    torch.Size([30, 2, 3, 2])
    """

    def __init__(self, noise: float = FIX) -> None:
        try:
            self._filter = importlib.import_module("statsmodels.tsa.statespace.mlemodel").MLEModel
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                'The Kalman filter needs statsmodels, which is not installed: pip install "rnnviz[course]".'
            ) from error
        self.noise = noise
        self.acceleration = 1.5
        """Standard deviation, in m/s²."""

    def fit(self, measured: Tensor) -> KalmanCar:
        """Find the accelerations under which some drives, (time, car, 4), are likeliest; returns the filter itself."""
        optimise = importlib.import_module("scipy.optimize").minimize_scalar

        def unlikely(logarithm: float) -> float:
            self.acceleration = float(np.exp(logarithm))
            return -sum(
                float(self._model(measured[:, car]).ssm.loglike()) for car in range(measured.shape[1])
            )

        found = optimise(
            unlikely, bounds=(np.log(0.1), np.log(10)), method="bounded", options={"xatol": 0.02}
        )
        self.acceleration = float(np.exp(found.x))
        return self

    def __call__(self, measured: Tensor, horizon: int) -> Tensor:
        """Forecast from every step, of what was measured up to there: (time, car, 4) → (time, car, horizon, 2)."""
        states = np.stack(
            [self._model(measured[:, car]).ssm.filter().filtered_state.T for car in range(measured.shape[1])],
            axis=1,
        )
        likeliest = torch.from_numpy(states.astype(np.float32))
        return _go_straight(likeliest[..., :2], likeliest[..., 2:], horizon)

    def _model(self, drive: Tensor) -> Any:
        model = self._filter(drive.double().numpy(), k_states=4, k_posdef=2)
        one, two = np.eye(2), np.zeros((2, 2))
        model["transition"] = np.block([[one, STEP * one], [two, one]])
        model["selection"] = np.vstack([STEP**2 / 2 * one, STEP * one])
        model["state_cov"] = self.acceleration**2 * one
        model["design"] = np.eye(4)
        model["obs_cov"] = np.diag([self.noise**2] * 2 + [(self.noise / 10) ** 2] * 2)
        # It may begin anywhere in town, at any speed that a car has.
        begin = np.r_[drive[0, :2].double().numpy(), 0, 0]
        model.ssm.initialize_known(begin, np.diag([25.0, 25.0, 100.0, 100.0]))
        return model


def draw_car_batches(
    cars: int = 400, batch: int = 32, steps: int = 80, horizon: int = 10, seed: int = 0
) -> Any:
    """Return a function that draws pieces of drives, turned by a random angle, and where the cars will truly be.

    Parameters
    ----------
    cars : int
        Drives made in advance, of 240 steps.
    batch, steps : int
        Of a piece: how many, and how long.
    horizon : int
        Steps ahead.
    seed : int
        Of the drives.

    Returns
    -------
    callable
        From a generator to ``measured``, (time, batch, 4), and ``ahead``, (time, batch, horizon, 2), in metres.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import draw_car_batches
    >>> measured, ahead = draw_car_batches(cars=4, batch=2)(torch.Generator().manual_seed(0))
    >>> measured.shape, ahead.shape
    (torch.Size([80, 2, 4]), torch.Size([80, 2, 10, 2]))
    """
    measured, truth = draw_drives(cars, seed=seed)

    def draw(generator: torch.Generator) -> tuple[Tensor, Tensor]:
        which = torch.randint(cars, (batch,), generator=generator)
        begins = torch.randint(len(truth) - steps - horizon + 1, (batch,), generator=generator)
        rows = begins + torch.arange(steps + horizon)[:, None]
        angle = 2 * torch.pi * torch.rand(batch, generator=generator)
        pieces = _turn(measured[rows, which], angle), _turn(truth[rows, which], angle)
        return pieces[0][:steps], look_ahead(pieces[1], horizon)

    return draw


def look_ahead(truth: Tensor, horizon: int) -> Tensor:
    """For every step that has them, the next positions: (time, car, 4) → (time − horizon, car, horizon, 2)."""
    return truth[1:, :, :2].unfold(0, horizon, 1).transpose(2, 3)


def measure_miss(forecast: Tensor, truth: Tensor) -> npt.NDArray[np.float64]:
    """Return how far forecasts are from the car, in metres, for every step ahead.

    Parameters
    ----------
    forecast : Tensor, shape (time, car, horizon, 2)
        From every step.
    truth : Tensor, shape (time, car, 4)
        Where the cars were. The first twenty steps, in which nobody knows much, are not counted.

    Returns
    -------
    ndarray, shape (horizon,)
        Root of the mean squared distance.

    Examples
    --------
    >>> from rnnviz.data import draw_drives
    >>> from rnnviz.models import ConstantVelocity, measure_miss
    >>> measured, truth = draw_drives(2)
    >>> measure_miss(ConstantVelocity()(measured, 10), truth).shape
    (10,)
    """
    horizon = forecast.shape[2]
    wanted = look_ahead(truth, horizon)
    squared = (forecast.detach()[20 : len(wanted)] - wanted[20:]).double().square().sum(-1)
    return squared.mean((0, 1)).sqrt().numpy()


def _turn(pieces: Tensor, angle: Tensor) -> Tensor:
    """Turn positions and velocities, (time, batch, 4), about the origin."""
    x, y = pieces[..., 0::2], pieces[..., 1::2]
    cosine, sine = angle.cos()[:, None], angle.sin()[:, None]
    turned = torch.stack([cosine * x - sine * y, sine * x + cosine * y], -1)
    return turned.flatten(-2)

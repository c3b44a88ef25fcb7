"""A car on its way through a town, measured, and forecast by several models at every step."""

from __future__ import annotations

from typing import Any

import torch
import traitlets

from rnnviz.data import draw_drives
from rnnviz.models import CarForecaster, ConstantVelocity, KalmanCar, read_car_lstm
from rnnviz_widgets.base import STATIC, Widget

STEP = 0.5
"""Seconds from one step to the next."""


class CarDrive(Widget):
    """A map that follows a car: where it was measured, where three models think it goes, and where it will go.

    The models are a recurrent network, a Kalman filter whose accelerations were found by maximum likelihood, and the
    last measurement at its constant velocity. None has seen these drives. Everything is computed beforehand; the page
    needs no Python.

    Parameters
    ----------
    model : CarForecaster, optional
        The network; by default the one that ships with the course.
    drives : int, default 3
        From 1 to 6.
    steps : int, default 160
        Of half a second each, 40 to 400.
    seed : int, default 78
        Of drives and errors of measurement.
    step : int, default 40
        The step shown first.

    Raises
    ------
    ValueError
        For numbers out of range.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> rw.CarDrive(drives=2)
    CarDrive(models=['LSTM', 'Kalman filter', 'constant velocity'], drives=2, steps=160)
    """

    _esm = STATIC / "car_drive.js"

    scene: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """Names and sizes."""
    data = traitlets.Bytes().tag(sync=True)
    """For each drive: true places, measured ones, and each model's forecasts from every step; x and y, float32."""
    seed = traitlets.Int(78).tag(sync=True)
    step = traitlets.Int(40).tag(sync=True)

    def __init__(
        self,
        model: CarForecaster | None = None,
        *,
        drives: int = 3,
        steps: int = 160,
        seed: int = 78,
        step: int = 40,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        network = read_car_lstm() if model is None else model
        last = steps - network.horizon - 1
        if not 1 <= drives <= 6 or not 40 <= steps <= 400 or not 0 <= step <= last:
            raise ValueError(
                f"CarDrive was given drives={drives}, steps={steps} and step={step}; it takes 1 to 6 drives of 40 to "
                f"400 steps, and begins at one from 0 to {last}."
            )
        measured, truth = draw_drives(drives, steps=steps, seed=seed)
        with torch.no_grad():
            forecasts = {
                "LSTM": network(measured),
                "Kalman filter": KalmanCar().fit(draw_drives(20, seed=5)[0])(measured, network.horizon),
                "constant velocity": ConstantVelocity()(measured, network.horizon),
            }
        parts = [
            part[:, car].flatten()
            for car in range(drives)
            for part in (truth[..., :2], measured[..., :2], *forecasts.values())
        ]
        super().__init__(
            scene={
                "models": list(forecasts),
                "steps": steps,
                "horizon": network.horizon,
                "drives": drives,
                "step": STEP,
            },
            data=torch.cat(parts).float().numpy().tobytes(),
            seed=seed,
            step=step,
        )

    def facts(self) -> dict[str, object]:
        """Who takes part, and the sizes."""
        return {name: self.scene[name] for name in ("models", "drives", "steps")}

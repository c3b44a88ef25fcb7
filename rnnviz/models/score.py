"""How good a forecast is: one measure for every model, on the same windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from rnnviz.data.windows import Scaler, Windows
from rnnviz.training import mean_squared_error

__all__ = ["Forecasts", "Score", "forecast_loss", "score"]


class Forecasts(Protocol):
    """Anything that forecasts: the recurrent forecaster, and each of the baselines."""

    def forecast(self, history: Tensor, horizon: int) -> Tensor:
        """Continue ``history`` (time, batch, feature) by ``horizon`` steps: (horizon, batch, feature)."""


@dataclass(frozen=True, eq=False)
class Score:
    """Errors of a model's forecasts.

    Attributes
    ----------
    squared : Tensor, shape (horizon, feature)
        Mean squared error at each lead: the first row is one step ahead.
    """

    squared: Tensor

    @property
    def mse(self) -> float:
        """Mean squared error over all leads and features."""
        return float(self.squared.mean())

    @property
    def rmse(self) -> float:
        """Root of `mse`: a typical error, in the unit of the series."""
        return float(self.squared.mean().sqrt())

    def __repr__(self) -> str:
        return f"Score(rmse={self.rmse:.3g}, horizon={len(self.squared)})"


def score(model: Forecasts, windows: Windows, scaler: Scaler | None = None) -> Score:
    """Have a model forecast each window's future, and compare.

    Parameters
    ----------
    model : Forecasts
        Any object with a ``forecast`` method.
    windows : Windows
        In the unit of the series.
    scaler : Scaler, optional
        Applied to what the model is given, and undone on what it returns, so that errors keep the series'
        unit.

    Returns
    -------
    Score
        Over all the windows.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import windows
    >>> from rnnviz.models import Naive, score
    >>> score(Naive(), windows(torch.arange(9.0), length=3, horizon=2)).squared.flatten()
    tensor([1., 4.])
    """
    history = windows.inputs if scaler is None else scaler.scale(windows.inputs)
    if isinstance(model, nn.Module):
        model.eval()
    with torch.no_grad():
        forecast = model.forecast(history, len(windows.future))
    forecast = forecast if scaler is None else scaler.unscale(forecast)
    return Score((forecast - windows.future).square().mean(1))


def forecast_loss(outputs: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean squared error over the steps that a model answers for: the last ones, as many as it gives outputs.

    A recurrent network answers at every step of a window; a linear model, which needs the whole window, at
    the last one only; a convolution at each step that has enough past.

    Parameters
    ----------
    outputs : Tensor, shape (answers, batch, feature)
        At least one step.
    targets : Tensor, shape (time, batch, feature)
        With time ≥ answers.
    mask : Tensor of shape (time, batch), optional
        Steps that count.

    Returns
    -------
    Tensor, a scalar
        To be minimised.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import forecast_loss
    >>> forecast_loss(torch.ones(1, 1, 1), torch.tensor([[[9.0]], [[3.0]]]))
    tensor(4.)
    """
    answers = len(outputs)
    return mean_squared_error(outputs, targets[-answers:], None if mask is None else mask[-answers:])

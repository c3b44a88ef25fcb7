"""Several forecasters learning the same series side by side, and what to show of it at any moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from rnnviz.data.series import Series
from rnnviz.data.windows import split, windows
from rnnviz.models.baselines import LinearForecaster, Naive, SeasonalNaive, SlidingConvolution
from rnnviz.models.forecaster import CELLS, Forecaster
from rnnviz.models.score import Forecasts, Score, forecast_loss, score
from rnnviz.training import DivergenceError, Training, train

__all__ = ["ForecastFrame", "Forecasting", "ModelFrame"]

Floats = npt.NDArray[np.float32]
Build = Callable[[], nn.Module]

# What a frame costs must not grow without bound: so the number of steps used and of origins forecast from is limited.
MOST_STEPS = 5000
MOST_ORIGINS = 100


@dataclass(frozen=True, eq=False)
class ModelFrame:
    """One model at one moment of its training. Lines and errors are in the unit of the series.

    Attributes
    ----------
    loss : float
        What the optimiser saw last: the mean squared error, scaled, on a batch of training windows, over all
        steps that the model answers for. NaN before the first step and for baselines.
    train_loss, validation_loss : float
        Mean squared error one step ahead, scaled, over the training and the validation part. Comparable.
    one_step_error, many_step_error : float
        Root mean squared error on the validation part, one step ahead and over the whole horizon.
    one_step : ndarray of float32, shape (time,)
        For each step what was forecast from the window before it; NaN where there is none.
    forecast : ndarray of float32, shape (horizon,)
        The steps after the origin, made from what was known there.
    """

    loss: float
    train_loss: float
    validation_loss: float
    one_step_error: float
    many_step_error: float
    one_step: Floats
    forecast: Floats


@dataclass(frozen=True, eq=False)
class ForecastFrame:
    """All models at one moment.

    Attributes
    ----------
    step : int
        Updates made so far.
    origin : int
        The step of the series that the many-step forecasts start from: the last value they know.
    learning_rate : float
        At this moment.
    models, baselines : dict of str to ModelFrame
        In the order they were given; baselines are best first.
    """

    step: int
    origin: int
    learning_rate: float
    models: dict[str, ModelFrame]
    baselines: dict[str, ModelFrame]


class Forecasting:
    """A race of forecasters on one series, to be run by a `rnnviz.training.Runner` or by hand.

    All models are trained on the same windows, in the same order, with Adam, and are measured on the same
    split as the baselines. It knows nothing of how it is drawn.

    Parameters
    ----------
    series : Series
        All features are read and forecast; lines and errors are those of ``target``. Of a very long series
        the last 5,000 steps are used, and its notes say so.
    models : mapping of str to str or callable
        A name to be shown, and a kind: "rnn", "relu-rnn", "gru", "lstm", "linear" or "convolution". They feed
        their forecasts back; with "-direct" after the kind they forecast the whole horizon at once. Or a
        function that builds a module with a ``forward`` like `rnnviz.models.Forecaster` and a ``forecast``
        method.
    window, horizon : int
        Steps that a model sees, and steps that it is to forecast.
    learning_rate, batch, units, seed
        Of the training and of the models.
    target : str, optional
        The feature shown; by default the first.
    train, validation : float
        Shares of the series, see `rnnviz.data.split`.

    Attributes
    ----------
    truth : ndarray of float32, shape (time,)
        The target feature.
    edges : tuple of int
        The steps where validation and test begin.
    baselines : dict of str to Forecasts
        Naive, seasonal naive (where the series has a season and the window holds one) and least squares.

    Raises
    ------
    ValueError
        If the series is too short, or a setting or a model is unknown.

    Examples
    --------
    >>> from rnnviz.data import sunspots
    >>> from rnnviz.models import Forecasting
    >>> race = Forecasting(sunspots(), {"GRU": "gru", "linear": "linear"}, horizon=12)
    >>> for _ in range(50):
    ...     race.step()
    >>> frame = race.frame()
    >>> frame.step, list(frame.models), frame.models["GRU"].forecast.shape
    (50, ['GRU', 'linear'], (12,))
    """

    def __init__(
        self,
        series: Series,
        models: Mapping[str, str | Build],
        *,
        window: int = 20,
        horizon: int = 24,
        learning_rate: float = 1e-3,
        batch: int = 50,
        units: int = 32,
        seed: int = 0,
        target: str | None = None,
        train: float = 0.7,
        validation: float = 0.15,
    ) -> None:
        if not models:
            raise ValueError('There is no model to train; pass at least one, such as models={"GRU": "gru"}.')
        self._settings: dict[str, Any] = {
            "series": series,
            "models": dict(models),
            "window": window,
            "horizon": horizon,
            "learning_rate": learning_rate,
            "batch": batch,
            "units": units,
            "seed": seed,
            "target": target,
            "train": train,
            "validation": validation,
        }
        series = _recent(series)
        self.series, self.window, self.horizon = series, window, horizon
        self.target = series.features[0] if target is None else target
        if self.target not in series.features:
            raise ValueError(f"target is {target!r}; {series.name!r} has {', '.join(series.features)}.")
        self._column = series.features.index(self.target)
        self.truth: Floats = series.values[:, self._column]

        parts = split(series, window, horizon, train, validation)
        self.edges, self._parts, self._scaler = parts.edges, parts, parts.scaler
        self._values = parts.scaler.scale(torch.from_numpy(series.values))
        # For every step of the series, the window before it.
        self._all = windows(self._values, window)
        every = -(-len(parts.validation) // MOST_ORIGINS)
        self._validation = windows(self._values, window, horizon, *self.edges)
        self._origins = torch.arange(0, len(parts.validation), every)
        self.origin = self.edges[1] - 1
        self.baselines = self._fit_baselines()
        self._baseline_frames: dict[str, ModelFrame] = {}
        self._races = {name: self._prepare(name, kind) for name, kind in models.items()}

    @property
    def number(self) -> int:
        """Updates made so far."""
        return next(iter(self._races.values())).number

    @property
    def learning_rate(self) -> float:
        """Of all models; set it at any time."""
        return next(iter(self._races.values())).learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        for training in self._races.values():
            training.learning_rate = value
        self._settings["learning_rate"] = value

    def model(self, name: str) -> nn.Module:
        """Return the model of that name; it works on scaled values."""
        if name not in self._races:
            raise KeyError(f"There is no model {name!r}; there are {', '.join(map(repr, self._races))}.")
        return self._races[name].model

    def step(self) -> None:
        """Make one update of every model."""
        for name, training in self._races.items():
            try:
                next(training)
            except DivergenceError as error:
                raise DivergenceError(f"{name}: {error}") from None

    def reset(self) -> None:
        """Go back to the untrained models, at the learning rate now set."""
        rate = self.learning_rate
        for training in self._races.values():
            training.reset()
        self.learning_rate = rate

    def move(self, origin: int) -> None:
        """Forecast from another step of the series from now on; one too early or too late is moved inside."""
        self.origin = min(max(int(origin), self.window - 1), len(self.series) - 1)
        self._baseline_frames = {}

    def changed(self, **settings: Any) -> Forecasting:
        """Return a new, untrained race like this one, but for the settings given.

        What has been learned is kept only where nothing that was learned depends on the setting: a new
        ``horizon`` for models that feed their forecasts back.
        """
        new = Forecasting(**{**self._settings, **settings})
        fed_back = all(getattr(race.model, "horizon", 1) == 1 for race in self._races.values())
        if set(settings) == {"horizon"} and fed_back:
            for name, training in new._races.items():
                training.load_state_dict(self._races[name].state_dict())
                training.latest = self._races[name].latest
        new.move(self.origin if "series" not in settings else new.origin)
        return new

    def frame(self) -> ForecastFrame:
        """Return what there is to show now."""
        if not self._baseline_frames:
            frames = {name: self._look(model) for name, model in self.baselines.items()}
            self._baseline_frames = dict(sorted(frames.items(), key=lambda item: item[1].many_step_error))
        models = {}
        for name, training in self._races.items():
            loss = float("nan") if training.latest is None else training.latest.loss
            models[name] = self._look(training.model, loss)
        return ForecastFrame(self.number, self.origin, self.learning_rate, models, self._baseline_frames)

    def scores(self, part: str = "validation") -> dict[str, Score]:
        """Score every model and baseline on one part of the series, all features, in its unit.

        Parameters
        ----------
        part : {"train", "validation", "test"}
            The test part is for the end, once.

        Returns
        -------
        dict of str to Score
            Models first.
        """
        if part not in ("train", "validation", "test"):
            raise ValueError(f'part is {part!r}; it must be "train", "validation" or "test".')
        everyone: dict[str, Any] = {name: training.model for name, training in self._races.items()}
        everyone |= self.baselines
        return {
            name: score(model, getattr(self._parts, part), self._scaler) for name, model in everyone.items()
        }

    def _prepare(self, name: str, kind: str | Build) -> Training:
        settings = self._settings
        model = kind() if callable(kind) else self._build(name, kind)
        direct = getattr(model, "horizon", 1) > 1
        pieces = windows(self._values, self.window, self.horizon if direct else 1, 0, self.edges[0])
        return train(
            model,
            (pieces.inputs, pieces.ahead),
            loss=forecast_loss,
            learning_rate=settings["learning_rate"],
            batch=settings["batch"],
            seed=settings["seed"],
            clip_norm=1.0,
        )

    def _build(self, name: str, kind: str) -> nn.Module:
        base = kind.removesuffix("-direct")
        features, seed, units = len(self.series.features), self._settings["seed"], self._settings["units"]
        horizon = self.horizon if base != kind else 1
        if base in CELLS:
            return Forecaster(features, units, base, horizon=horizon, seed=seed)
        if base == "relu-rnn":
            return Forecaster(features, units, "rnn", nonlinearity="relu", horizon=horizon, seed=seed)
        if base == "linear":
            return LinearForecaster(self.window, features, horizon=horizon, seed=seed)
        if base == "convolution":
            return SlidingConvolution(features, units, min(12, self.window), horizon=horizon, seed=seed)
        raise ValueError(
            f"The model {name!r} is of the kind {kind!r}; known kinds are {', '.join(CELLS)}, relu-rnn, "
            'linear and convolution, each also with "-direct" after it.'
        )

    def _fit_baselines(self) -> dict[str, Forecasts]:
        found: dict[str, Forecasts] = {"naive": Naive()}
        season = self.series.season
        if season is not None and season <= self.window:
            found["seasonal naive"] = SeasonalNaive(season)
        pieces = windows(self._values, self.window, 1, 0, self.edges[0])
        found["least squares"] = LinearForecaster(self.window, len(self.series.features)).fit(pieces)
        return found

    def _look(self, model: Any, loss: float = float("nan")) -> ModelFrame:
        if isinstance(model, nn.Module):
            model.eval()
        ahead = model.forecast(self._all.inputs, 1)
        recent = self._values[self.origin + 1 - self.window : self.origin + 1, None]
        # Side by side, since each of the many steps costs the same for one window as for a hundred.
        beginnings = torch.cat([recent, self._validation.inputs[:, self._origins]], dim=1)
        forecast, many = model.forecast(beginnings, self.horizon).split([1, len(self._origins)], dim=1)
        column, deviation = self._column, float(self._scaler.deviation[self._column])
        squared = (ahead - self._all.future)[0, :, column].square()
        steps = self._all.origins + 1
        validation_loss = float(squared[(steps >= self.edges[0]) & (steps < self.edges[1])].mean())
        distance = (many - self._validation.future[:, self._origins])[..., column]
        one_step = np.full(len(self.series), np.nan, dtype=np.float32)
        one_step[steps.numpy()] = self._in_unit(ahead[0])
        return ModelFrame(
            loss=loss,
            train_loss=float(squared[steps < self.edges[0]].mean()),
            validation_loss=validation_loss,
            one_step_error=deviation * validation_loss**0.5,
            many_step_error=deviation * float(distance.square().mean().sqrt()),
            one_step=one_step,
            forecast=self._in_unit(forecast[:, 0]),
        )

    def _in_unit(self, scaled: Tensor) -> Floats:
        return self._scaler.unscale(scaled)[:, self._column].numpy()


def _recent(series: Series) -> Series:
    if len(series) <= MOST_STEPS:
        return series
    return replace(
        series,
        values=series.values[-MOST_STEPS:],
        dates=None if series.dates is None else series.dates[-MOST_STEPS:],
        notes=(*series.notes, f"Only the last {MOST_STEPS:,} of {len(series):,} steps are used."),
    )

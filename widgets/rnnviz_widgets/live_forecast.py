"""Live forecast: models race on a series, in the background, and their forecasts are redrawn while they learn."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import traitlets
from torch import nn

import rnnviz.data
from rnnviz.data import CsvError, Series, list_columns, read_csv
from rnnviz.models import ForecastFrame, Forecasting, ModelFrame
from rnnviz_widgets.base import STATIC
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.streamed import PATIENCE, Streamed

#: Series that a reader can always choose, loaded when chosen.
SHIPPED: dict[str, Callable[..., Series]] = {
    "sunspots": rnnviz.data.sunspots,
    "CO₂": rnnviz.data.co2,
    "stocks": rnnviz.data.stocks,
    "t·sin(t)/3 + 2·sin(5t)": rnnviz.data.rising_sine,
}


class LiveForecast(Streamed):
    """Truth, one-step predictions and many-step forecasts of several models, redrawn while they train.

    The training runs in a thread of its own, which ends when the widget is closed or Python ends, and pauses
    when no page has shown its frames for a minute. Everything that goes wrong in it is shown in the widget.

    Parameters
    ----------
    series : Series, or iterable of Series
        The first is shown; the reader can choose the others, and the series that the course ships.
    models : mapping of str to str or callable, optional
        A name to be shown, and a kind: "rnn", "relu-rnn", "gru", "lstm", "linear" or "convolution", each also
        with "-direct" after it; or a function that builds a module, see `rnnviz.models.Forecasting`.
    window, horizon : int
        Steps that a model sees, and steps that it forecasts.
    learning_rate, batch, units, seed
        Of the training and of the models.
    target : str, optional
        The feature shown; by default the first.
    cursor : Cursor, optional
        Shared with other widgets; its step is where the many-step forecast starts.

    Raises
    ------
    ValueError
        If the series is too short, or a setting or a model is unknown.
    TypeError
        If something else than a series is given.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> from rnnviz.data import sunspots
    >>> live = rw.LiveForecast(sunspots(), {"GRU": "gru", "linear": "linear"})
    >>> live
    LiveForecast(series='sunspots', models=['GRU', 'linear'], window=20, horizon=24, updates=0)
    >>> live.train(5)
    >>> live.updates
    5
    >>> live.close()
    """

    _esm = STATIC / "live_forecast.js"

    # As often as a screen can show one; where frames take long to compute, the runner makes fewer.
    rate = 60.0
    in_flight = 3
    unwatched = 60.0

    cursor = CursorTrait()
    scene: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """What stands still while the models learn: the series, the settings, the names."""
    truth = traitlets.Bytes(b"").tag(sync=True)
    """The series as float32."""
    lines = traitlets.Bytes(b"").tag(sync=True)
    """The curves of `frame` as float32."""

    def __init__(
        self,
        series: Series | Iterable[Series],
        models: Mapping[str, str | Callable[[], nn.Module]] | None = None,
        *,
        window: int = 20,
        horizon: int = 24,
        learning_rate: float = 1e-3,
        batch: int = 50,
        units: int = 32,
        seed: int = 0,
        target: str | None = None,
        cursor: Cursor | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_options(unknown)
        given = [series] if isinstance(series, Series) else list(series)
        if not given or not all(isinstance(one, Series) for one in given):
            raise TypeError(
                f"LiveForecast was given {series!r}; it takes an rnnviz.data.Series, or several. Make one with "
                'Series("name", values), rnnviz.data.read_csv("file.csv") or rnnviz.data.sunspots().'
            )
        self._choices: dict[str, Series | Callable[[], Series]] = {one.name: one for one in given}
        self._choices |= {name: load for name, load in SHIPPED.items() if name not in self._choices}
        models = dict(models or {"GRU": "gru", "RNN": "rnn", "linear": "linear"})
        self._names = list(models)
        self._recipe = {
            "kinds": {name: kind if isinstance(kind, str) else None for name, kind in models.items()},
            "units": units,
            "batch": batch,
            "seed": seed,
        }
        # Name of a reader's own file → how it was read.
        self._files: dict[str, str] = {}
        race = Forecasting(
            given[0],
            models,
            window=window,
            horizon=horizon,
            learning_rate=learning_rate,
            batch=batch,
            units=units,
            seed=seed,
            target=target,
        )
        # A cursor that nobody has placed yet leaves the start where the values known end.
        if isinstance(cursor, Cursor) and cursor.step:
            race.move(cursor.step)
        self._work = _Race(race)
        sight = self._work.frame()
        super().__init__(
            cursor=cursor,
            scene=self._describe(),
            truth=_floats(race.truth),
            frame=self._pack_frame(sight),
            lines=_join_curves(sight.frame),
        )
        self._work_on(self._work)

    @property
    def race(self) -> Forecasting:
        """The models and their series; pause before changing anything in it."""
        return self._work.race

    @property
    def updates(self) -> int:
        """Updates of the weights made so far."""
        return self._work.race.number

    def facts(self) -> dict[str, object]:
        """Series, models, sizes, and how far the training is."""
        race = self._work.race
        return {
            "series": race.series.name,
            "models": self._names,
            "window": race.window,
            "horizon": race.horizon,
            "updates": race.number,
        }

    def _pack_frame(self, sight: _Sight) -> dict[str, Any]:
        frame = sight.frame
        return {
            "version": sight.version,
            "step": frame.step,
            "origin": frame.origin,
            "learning_rate": frame.learning_rate,
            "models": [{"name": name, **_numbers(one)} for name, one in frame.models.items()],
            "baselines": [{"name": name, **_numbers(one)} for name, one in frame.baselines.items()],
        }

    def _pack_buffers(self, sight: _Sight) -> list[bytes]:
        return [_join_curves(sight.frame)]

    def _keep(self, sight: _Sight) -> None:
        with self.hold_sync():
            self.frame = self._pack_frame(sight)
            (self.lines,) = self._pack_buffers(sight)

    def _answer(self, kind: str, message: dict[str, Any], buffers: Sequence[memoryview] = ()) -> None:
        if kind == "compute":
            self._apply(message["settings"])
            self.answered = int(message["number"])
        elif kind == "series":
            choice = self._choices[message["name"]]
            self._change_series(choice if isinstance(choice, Series) else choice())
        elif kind == "file":
            self._read_file(message["name"], bytes(buffers[0]), message.get("fill"), message.get("column"))
        else:
            super()._answer(kind, message, buffers)
            if kind == "do" and message["name"] == "pause":
                # Kept at once: a page that is saved or closed now acknowledges nothing any more.
                self.wait(PATIENCE)

    def _apply(self, wanted: dict[str, Any]) -> None:
        race = self._work.race
        now = {"window": race.window, "horizon": race.horizon, "target": race.target}
        changes = {name: wanted[name] for name in now if name in wanted and wanted[name] != now[name]}
        if changes:
            self._rebuild(lambda: self._work.race.changed(**changes))
        rate = float(wanted.get("learning_rate", race.learning_rate))
        if rate != self._work.race.learning_rate:
            self._call(self._runner.call(setattr, self._work, "learning_rate", rate))
        origin = wanted.get("origin")
        if origin is not None and int(origin) != self._work.race.origin:
            self._call(self._runner.call(self._work.move, int(origin)))

    def _read_file(self, name: str, content: bytes, fill: str | None, column: str | None) -> None:
        # Told even where the file is refused: another column may be fit to be read.
        with contextlib.suppress(CsvError):
            columns = [vars(one) for one in list_columns(content)]
            self.send({"kind": "columns", "columns": columns})
        series = read_csv(content, name=name, fill=fill or None, columns=column or None)
        self._choices[series.name] = series
        chosen = f", columns={column!r}" if column else ""
        filled = f", fill={fill!r}" if fill else ""
        self._files[series.name] = f"read_csv({name + '.csv'!r}{chosen}{filled})"
        self._change_series(series)

    def _change_series(self, series: Series) -> None:
        race = self._work.race
        settings: dict[str, Any] = {"series": series, "target": series.features[0]}
        # A reader who only wanted to look at another series is not sent away to set sliders first.
        training, validation = round(0.7 * len(series)), round(0.85 * len(series)) - round(0.7 * len(series))
        notes = []
        for name, most in (("window", training // 2), ("horizon", validation // 2)):
            if most >= 2 and getattr(race, name) > most:
                settings[name] = most
                notes.append(f"The {name} was shortened to {most} steps, since this series is short.")
        if notes:
            settings["series"] = replace(series, notes=(*notes, *series.notes))
        self._rebuild(lambda: race.changed(**settings))

    def _rebuild(self, build: Callable[[], Forecasting]) -> None:
        """Have the thread replace the race; what it has learned is gone where it no longer fits."""
        self._call(self._runner.call(self._work.replace, build))
        if self._runner.state in ("failed", "finished"):
            self._call(self._runner.reset())
        # In one message, where that is possible: a scene and a frame that do not belong together cannot be drawn.
        with self.hold_sync():
            self.truth = _floats(self._work.race.truth)
            self.scene = self._describe()
            if self._runner.state != "running":
                self.wait(PATIENCE)

    def _describe(self) -> dict[str, Any]:
        race = self._work.race
        series = race.series
        longest = min(race.edges[1] - race.edges[0], len(series) - race.edges[1])
        return {
            "version": self._work.version,
            "name": series.name,
            "unit": series.unit,
            "source": series.source,
            "notes": list(series.notes),
            "dates": [] if series.dates is None else [str(date) for date in series.dates],
            "steps": len(series),
            "features": list(series.features),
            "target": race.target,
            "constant": bool((race.truth == race.truth[0]).all()),
            "edges": list(race.edges),
            "window": race.window,
            "horizon": race.horizon,
            "learning_rate": race.learning_rate,
            "origin": race.origin,
            # Beyond these, not one window would fit into each part of the series.
            "longest_window": max(race.window, min(200, race.edges[0] // 2)),
            "longest_horizon": max(race.horizon, min(200, longest)),
            "models": self._names,
            "choices": list(self._choices),
            "recipe": {**self._recipe, **self._write_series(series)},
        }

    def _write_series(self, series: Series) -> dict[str, Any]:
        """Return the expression that makes a series again, and the imports that it needs."""
        if series.name in self._files:
            return {"series": self._files[series.name], "imports": ["from rnnviz.data import read_csv"]}
        if series.name in SHIPPED:
            load = SHIPPED[series.name]
            same = load() if load is not rnnviz.data.rising_sine else load(len(series))
            if np.array_equal(same.values, series.values):
                size = len(series) if load is rnnviz.data.rising_sine else ""
                imports = [f"from rnnviz.data import {load.__name__}"]
                return {"series": f"{load.__name__}({size})", "imports": imports}
        shape = series.values.shape
        return {
            "series": f"Series({series.name!r}, values, {series.features!r})",
            "imports": [
                "import numpy as np",
                "from rnnviz.data import Series",
                "",
                f"values = np.random.default_rng(0).normal(size={shape})  # put the numbers of the series here",
            ],
        }


@dataclass(frozen=True, eq=False)
class _Sight:
    """A frame, and the version of the race it belongs to."""

    frame: ForecastFrame
    version: int


class _Race:
    """What the runner runs: a race that can be replaced by another one."""

    def __init__(self, race: Forecasting) -> None:
        self.race = race
        self.version = 0

    def step(self) -> None:
        self.race.step()

    def frame(self) -> _Sight:
        return _Sight(self.race.frame(), self.version)

    def reset(self) -> None:
        self.race.reset()

    def move(self, origin: int) -> None:
        self.race.move(origin)

    def replace(self, build: Callable[[], Forecasting]) -> None:
        self.race = build()
        self.version += 1

    @property
    def learning_rate(self) -> float:
        return self.race.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self.race.learning_rate = value


def _join_curves(frame: ForecastFrame) -> bytes:
    """Lay the curves one after another.

    For each model, the one-step predictions over the whole series and the forecast; then the forecast of each
    baseline.
    """
    curves = [curve for one in frame.models.values() for curve in (one.one_step, one.forecast)]
    return _floats(np.concatenate([*curves, *(one.forecast for one in frame.baselines.values())]))


def _numbers(frame: ModelFrame) -> dict[str, float | None]:
    names = ("loss", "train_loss", "validation_loss", "one_step_error", "many_step_error")
    found = {name: float(getattr(frame, name)) for name in names}
    # JSON has no NaN.
    return {name: value if math.isfinite(value) else None for name, value in found.items()}


def _floats(values: np.ndarray[Any, Any]) -> bytes:
    return np.ascontiguousarray(values, dtype=np.float32).tobytes()

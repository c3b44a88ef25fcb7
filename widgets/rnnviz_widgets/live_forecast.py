"""Live forecast: models race on a series, in the background, and their forecasts are redrawn while they learn."""

from __future__ import annotations

import difflib
import inspect
import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import traitlets
from torch import nn

import rnnviz.data
from rnnviz.data import Series, read_csv
from rnnviz.models import ForecastFrame, Forecasting, ModelFrame
from rnnviz.training import Runner
from rnnviz_widgets.base import STATIC, CursorTrait, Widget
from rnnviz_widgets.cursor import Cursor

#: Series that a reader can always choose, loaded when chosen.
SHIPPED: dict[str, Callable[[], Series]] = {
    "sunspots": rnnviz.data.sunspots,
    "CO₂": rnnviz.data.co2,
    "stocks": rnnviz.data.stocks,
    "t·sin(t)/3 + 2·sin(5t)": rnnviz.data.rising_sine,
}
#: Frames on their way to the page; the next one waits, and only the latest does.
IN_FLIGHT = 3
#: Seconds after which a training that nobody watches pauses.
UNWATCHED = 60.0
#: Seconds that a change may take; one training step and the building of new models.
PATIENCE = 60.0


class LiveForecast(Widget):
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

    cursor = CursorTrait()
    scene: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """What stands still while the models learn: the series, the settings, the names."""
    truth = traitlets.Bytes(b"").tag(sync=True)
    """The series as float32."""
    frame: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """The last frame at rest, for a page that opens later, or without Python."""
    lines = traitlets.Bytes(b"").tag(sync=True)
    """Its curves as float32."""
    answered = traitlets.Int(0).tag(sync=True)
    """Number of the page's last request that was carried out."""

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
        for name in unknown:
            options = list(inspect.signature(LiveForecast).parameters)[:-1]
            close = difflib.get_close_matches(name, options, n=1)
            hint = f"Did you mean {close[0]!r}?" if close else f"It takes {', '.join(options)}."
            raise TypeError(f"LiveForecast has no option {name!r}. {hint}")
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
        self._work = _Race(race)
        self._link = threading.Lock()
        self._sent = self._seen = 0
        self._last_seen = time.monotonic()
        self._waiting: _Sight | None = None
        self._runner = Runner(self._work, self._show, self._tell_state)
        meta, lines = _pack(self._work.frame())
        super().__init__(
            cursor=cursor, scene=self._describe(), truth=_floats(race.truth), frame=meta, lines=lines
        )
        self.on_msg(self._receive)

    # For Python.

    @property
    def race(self) -> Forecasting:
        """The models and their series; pause before changing anything in it."""
        return self._work.race

    @property
    def updates(self) -> int:
        """Updates of the weights made so far."""
        return self._work.race.number

    @property
    def state(self) -> str:
        """Ready, running, paused, finished, failed or stopped."""
        return self._runner.state

    @property
    def error(self) -> BaseException | None:
        """What ended the training, None while all is well."""
        return self._runner.error

    def start(self) -> None:
        """Train in the background until paused."""
        self._last_seen = time.monotonic()
        self._runner.start()

    def pause(self) -> None:
        """Stop after the update being made."""
        self._runner.pause()

    def reset(self) -> None:
        """Go back to the untrained models."""
        self._runner.reset().result(PATIENCE)
        self._keep()

    def train(self, updates: int) -> None:
        """Make so many updates, and come back when they are made.

        Parameters
        ----------
        updates : int
            At least 1.

        Raises
        ------
        RuntimeError
            If the training fails, with what failed as its cause.
        """
        self._runner.step(updates)
        self._runner.wait()
        if self._runner.error is not None:
            raise RuntimeError(f"The training failed: {self._runner.error}") from self._runner.error
        self._keep()

    def close(self) -> None:
        """End the training and take the widget off the page."""
        # A widget that could not be built is closed as well.
        if hasattr(self, "_runner"):
            self._runner.stop()
        super().close()

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

    # What the runner's thread calls.

    def _show(self, sight: _Sight) -> None:
        with self._link:
            if self._sent - self._seen >= IN_FLIGHT:
                self._waiting = sight
                if time.monotonic() - self._last_seen > UNWATCHED and self._runner.state == "running":
                    self._runner.pause()
                return
            self._dispatch(sight)

    def _dispatch(self, sight: _Sight) -> None:
        self._waiting = None
        self._sent += 1
        meta, lines = _pack(sight)
        self.send({"kind": "frame", "number": self._sent, **meta}, [lines])

    def _tell_state(self, state: str) -> None:
        error = self._runner.error
        self.send({"kind": "state", "state": state, "error": None if error is None else str(error)})

    # What the page asks for.

    def _receive(self, _: object, message: object, buffers: list[memoryview]) -> None:
        if not isinstance(message, dict):
            return
        act = {
            "hello": self._greet,
            "seen": self._acknowledge,
            "do": self._do,
            "compute": self._apply,
            "series": self._choose,
            "file": self._read_file,
        }.get(str(message.get("kind")))
        if act is None:
            return
        try:
            act(message, buffers)
        except Exception as error:
            # Also a defect of ours must reach the reader, and not only a log that nobody sees.
            text = str(error) or f"{type(error).__name__} in the training."
            if message["kind"] == "compute":
                self.send({"kind": "error", "number": message.get("number"), "message": text})
            else:
                self.send({"kind": "problem", "message": text})

    def _greet(self, message: dict[str, Any], buffers: object) -> None:
        """Show a page that has just opened what there is; what went to an earlier page is not waited for."""
        with self._link:
            self._seen, self._last_seen = self._sent, time.monotonic()
            if self._runner.latest is not None:
                self._dispatch(self._runner.latest)
        self._tell_state(self._runner.state)

    def _acknowledge(self, message: dict[str, Any], buffers: object) -> None:
        with self._link:
            self._seen, self._last_seen = max(self._seen, int(message["number"])), time.monotonic()
            if self._waiting is not None and self._sent - self._seen < IN_FLIGHT:
                self._dispatch(self._waiting)

    def _do(self, message: dict[str, Any], buffers: object) -> None:
        name = message["name"]
        if name == "start":
            self.start()
        elif name == "pause":
            self.pause()
            self._runner.wait(PATIENCE)
            self._keep()
        elif name == "step":
            self._runner.step(int(message.get("count", 1)))
        elif name == "reset":
            self.reset()

    def _apply(self, message: dict[str, Any], buffers: object) -> None:
        wanted, race = message["settings"], self._work.race
        now = {"window": race.window, "horizon": race.horizon, "target": race.target}
        changes = {name: wanted[name] for name in now if name in wanted and wanted[name] != now[name]}
        if changes:
            self._rebuild(lambda: self._work.race.changed(**changes))
        rate = float(wanted.get("learning_rate", race.learning_rate))
        if rate != self._work.race.learning_rate:
            self._wait(self._runner.call(setattr, self._work, "learning_rate", rate))
        origin = wanted.get("origin")
        if origin is not None and int(origin) != self._work.race.origin:
            self._wait(self._runner.call(self._work.move, int(origin)))
        self.answered = int(message["number"])

    def _choose(self, message: dict[str, Any], buffers: object) -> None:
        choice = self._choices[message["name"]]
        self._change_series(choice if isinstance(choice, Series) else choice())

    def _read_file(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        series = read_csv(bytes(buffers[0]), name=message["name"], fill=message.get("fill") or None)
        self._choices[series.name] = series
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
        self._wait(self._runner.call(self._work.replace, build))
        if self._runner.state in ("failed", "finished"):
            self._wait(self._runner.reset())
        self._keep()

    def _wait(self, future: Future[Any]) -> None:
        try:
            future.result(PATIENCE)
        except TimeoutError:
            raise TimeoutError(
                f"The training has not answered for {PATIENCE:.0f} seconds; a single update seems to take longer. "
                "Choose fewer units, a shorter window or a smaller batch."
            ) from None

    def _keep(self) -> None:
        """Put what there is to see into the widget's state, for pages that open later or without Python."""
        if self._runner.state != "running":
            self._runner.wait(PATIENCE)
        with self.hold_sync():
            if self.scene["version"] != self._work.version:
                self.truth = _floats(self._work.race.truth)
                self.scene = self._describe()
            if self._runner.latest is not None:
                self.frame, self.lines = _pack(self._runner.latest)

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


def _pack(sight: _Sight) -> tuple[dict[str, Any], bytes]:
    """Make a message of a frame: its numbers by name, and its curves one after another.

    The curves are, for each model, the one-step predictions over the whole series and the forecast; then the
    forecast of each baseline.
    """
    frame = sight.frame
    meta = {
        "version": sight.version,
        "step": frame.step,
        "origin": frame.origin,
        "learning_rate": frame.learning_rate,
        "models": [{"name": name, **_numbers(one)} for name, one in frame.models.items()],
        "baselines": [{"name": name, **_numbers(one)} for name, one in frame.baselines.items()],
    }
    curves = [curve for one in frame.models.values() for curve in (one.one_step, one.forecast)]
    curves += [one.forecast for one in frame.baselines.values()]
    return meta, _floats(np.concatenate(curves))


def _numbers(frame: ModelFrame) -> dict[str, float | None]:
    names = ("loss", "train_loss", "validation_loss", "one_step_error", "many_step_error")
    found = {name: float(getattr(frame, name)) for name in names}
    # JSON has no NaN.
    return {name: value if math.isfinite(value) else None for name, value in found.items()}


def _floats(values: np.ndarray[Any, Any]) -> bytes:
    return np.ascontiguousarray(values, dtype=np.float32).tobytes()

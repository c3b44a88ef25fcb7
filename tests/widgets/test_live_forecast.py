"""LiveForecast from Python's side: what is sent and when, what is refused, and that its thread ends."""

from __future__ import annotations

import gc
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import traitlets
from torch import nn

import rnnviz.data
import rnnviz_widgets as rw
from rnnviz.data import Series, rising_sine
from rnnviz_widgets import streamed

MODELS = {"line": "linear", "GRU": "gru"}
Sent = list[tuple[dict[str, Any], Any]]


def test_a_forecast_starts_where_a_placed_cursor_stands() -> None:
    models = {"line": "linear"}
    placed = rw.LiveForecast(wave(), models, window=10, horizon=5, cursor=rw.Cursor(step=70))
    assert placed.race.origin == placed.scene["origin"] == placed.frame["origin"] == 70
    # One that nobody has placed leaves the start at the end of the validation part.
    for cursor in (None, rw.Cursor()):
        widget = rw.LiveForecast(wave(), models, window=10, horizon=5, cursor=cursor)
        assert widget.race.origin == widget.race.edges[1] - 1


def wave(steps: int = 120, name: str = "wave") -> Series:
    t = np.arange(steps)
    return Series(name, np.sin(t / 3) + 0.1 * np.cos(t), unit="m", season=19)


class Page:
    """What a page does with a widget: it gets messages, acknowledges frames, and sends its own."""

    def __init__(self, widget: rw.LiveForecast, monkeypatch: pytest.MonkeyPatch) -> None:
        self.widget = widget
        self.sent: Sent = []
        monkeypatch.setattr(
            widget, "send", lambda content, buffers=None: self.sent.append((content, buffers))
        )

    def say(self, kind: str, buffers: tuple[bytes, ...] = (), **content: object) -> None:
        views = [memoryview(part) for part in buffers]
        self.widget._handle_custom_msg({"kind": kind, **content}, views)

    def got(self, kind: str) -> list[dict[str, Any]]:
        return [content for content, _ in self.sent if content["kind"] == kind]


@pytest.fixture
def build() -> Iterator[Callable[..., rw.LiveForecast]]:
    built: list[rw.LiveForecast] = []

    def build(series: Any = None, models: Any = MODELS, **options: Any) -> rw.LiveForecast:
        options = {"window": 10, "horizon": 6, "units": 4} | options
        built.append(rw.LiveForecast(wave() if series is None else series, models, **options))
        return built[-1]

    yield build
    for widget in built:
        widget.close()


@pytest.fixture
def widget(build: Callable[..., rw.LiveForecast]) -> rw.LiveForecast:
    return build()


@pytest.fixture
def page(widget: rw.LiveForecast, monkeypatch: pytest.MonkeyPatch) -> Page:
    return Page(widget, monkeypatch)


def until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def test_the_state_holds_a_picture_before_anything_runs(widget: rw.LiveForecast) -> None:
    scene, frame = widget.scene, widget.frame
    assert (scene["name"], scene["unit"], scene["steps"]) == ("wave", "m", 120)
    np.testing.assert_array_equal(np.frombuffer(widget.truth, np.float32), widget.race.truth)
    assert [one["name"] for one in frame["models"]] == ["line", "GRU"]
    assert frame["step"] == 0
    assert frame["models"][0]["loss"] is None
    lines = np.frombuffer(widget.lines, np.float32)
    assert lines.size == 2 * (120 + 6) + len(frame["baselines"]) * 6
    shown = widget.race.frame()
    np.testing.assert_array_equal(lines[:120], shown.models["line"].one_step)
    np.testing.assert_array_equal(lines[120:126], shown.models["line"].forecast)
    json.dumps([scene, frame], allow_nan=False)
    assert len(json.dumps(widget.get_state()["_esm"])) < 80_000


def test_it_trains_in_the_background_and_pauses(widget: rw.LiveForecast, page: Page) -> None:
    page.say("do", name="start")
    assert widget.state == "running"
    assert until(lambda: len(page.got("frame")) >= 2)
    page.say("do", name="pause")
    assert widget.state == "paused"
    made = widget.updates
    assert made > 0
    time.sleep(0.1)
    assert widget.updates == made
    assert widget.frame["step"] == made
    assert [one["state"] for one in page.got("state")] == ["running", "paused"]


def test_step_and_reset(widget: rw.LiveForecast, page: Page) -> None:
    untrained = widget.lines
    page.say("do", name="step", count=3)
    assert until(lambda: widget.updates == 3 and widget.state == "paused")
    widget.train(4)
    assert widget.frame["step"] == 7
    assert widget.lines != untrained
    page.say("do", name="reset")
    assert (widget.updates, widget.frame["step"], widget.state) == (0, 0, "ready")
    assert widget.lines == untrained


def test_only_the_latest_frame_waits_for_a_slow_page(widget: rw.LiveForecast, page: Page) -> None:
    page.say("do", name="start")
    assert until(lambda: len(page.got("frame")) == rw.LiveForecast.in_flight)
    seen = widget.updates
    assert until(lambda: widget.updates > seen + 50)
    page.say("do", name="pause")
    assert len(page.got("frame")) == rw.LiveForecast.in_flight
    page.say("seen", number=rw.LiveForecast.in_flight)
    last = page.got("frame")[-1]
    assert last["number"] == rw.LiveForecast.in_flight + 1
    assert last["frame"]["step"] == widget.updates


def test_a_training_that_nobody_watches_pauses(
    widget: rw.LiveForecast, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rw.LiveForecast, "unwatched", 0.2)
    page.say("do", name="start")
    assert until(lambda: widget.state == "paused")


def test_a_page_that_opens_later_is_shown_what_there_is(widget: rw.LiveForecast, page: Page) -> None:
    widget.train(2)
    page.sent.clear()
    page.say("hello")
    assert page.got("frame")[-1]["frame"]["step"] == 2
    assert page.got("state") == [{"kind": "state", "state": "paused", "error": None}]


def test_the_forecast_starts_where_the_page_says(widget: rw.LiveForecast, page: Page) -> None:
    page.say("compute", number=1, settings={"origin": 40})
    assert (widget.answered, widget.race.origin) == (1, 40)
    assert until(lambda: bool(page.got("frame")) and page.got("frame")[-1]["frame"]["origin"] == 40)
    page.say("compute", number=2, settings={"origin": 10_000})
    assert widget.race.origin == 119


def test_settings_take_hold_while_it_runs(widget: rw.LiveForecast, page: Page) -> None:
    widget.train(3)
    page.say("do", name="start")
    page.say("compute", number=1, settings={"horizon": 9, "learning_rate": 0.05})
    assert widget.state == "running"
    assert widget.scene["horizon"] == 9
    assert widget.race.learning_rate == 0.05
    assert widget.updates >= 3, "a new horizon keeps what was learned"
    page.say("compute", number=2, settings={"window": 14, "horizon": 9})
    assert widget.scene["window"] == 14
    page.say("do", name="pause")
    assert widget.frame["version"] == widget.scene["version"] == 2
    assert np.frombuffer(widget.lines, np.float32).size == (
        2 * (120 + 9) + len(widget.frame["baselines"]) * 9
    )


def test_another_series_replaces_everything(build: Callable[..., rw.LiveForecast]) -> None:
    widget = build([wave(), wave(200, "longer")])
    assert widget.scene["choices"][:2] == ["wave", "longer"]
    assert rising_sine().name in widget.scene["choices"]
    widget.train(2)
    for name, steps in (("longer", 200), (rising_sine().name, 300)):
        widget._handle_custom_msg({"kind": "series", "name": name}, [])
        assert (widget.scene["name"], widget.scene["steps"]) == (name, steps)
        assert len(widget.truth) == 4 * steps
        assert widget.updates == 0


def test_a_short_series_shortens_the_horizon_and_says_so(build: Callable[..., rw.LiveForecast]) -> None:
    widget = build([wave(200), wave(60, "short")], window=30, horizon=20)
    widget._handle_custom_msg({"kind": "series", "name": "short"}, [])
    assert (widget.scene["window"], widget.scene["horizon"]) == (21, 4)
    assert "The horizon was shortened to 4 steps" in widget.scene["notes"][1]
    widget.train(1)


def test_a_students_file_is_read_and_its_second_column_can_be_chosen(
    widget: rw.LiveForecast, page: Page
) -> None:
    rows = "\n".join(f"2001-01-{k % 28 + 1:02},{k % 5},{k % 7}" for k in range(28))
    more = "\n".join(f"2001-02-{k % 28 + 1:02},{k % 5},{k % 7}" for k in range(28))
    page.say("file", (f"day,rain,wind\n{rows}\n{more}".encode(),), name="weather", fill="linear")
    assert page.got("problem") == []
    assert widget.scene["features"] == ["rain", "wind"]
    assert widget.scene["dates"][0] == "2001-01-01"
    page.say("compute", number=1, settings={"target": "wind"})
    assert np.frombuffer(widget.truth, np.float32)[6] == 6
    page.say("series", name="wave")
    page.say("series", name="weather")
    assert widget.scene["target"] == "rain"


def test_the_columns_of_a_file_are_told_and_one_of_them_can_be_chosen(
    widget: rw.LiveForecast, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"{k},2001-{k // 28 + 1:02}-{k % 28 + 1:02},{k % 5},{k % 7},sun" for k in range(112)]
    content = "\n".join([",day,rain,wind,sky", *rows]).encode()
    page.say("file", (content,), name="weather", fill="", column="")
    (told,) = page.got("columns")
    assert [(one["title"], one["role"]) for one in told["columns"]] == [
        ("column 1", "counter"),
        ("day", "dates"),
        ("rain", "number"),
        ("wind", "number"),
        ("sky", "text"),
    ]
    assert (widget.scene["features"], widget.scene["target"]) == (["rain", "wind"], "rain")
    page.say("file", (content,), name="weather", fill="", column="wind")
    assert (widget.scene["features"], widget.scene["target"]) == (["wind"], "wind")
    assert np.frombuffer(widget.truth, np.float32)[6] == 6
    assert widget.scene["recipe"]["series"] == "read_csv('weather.csv', columns='wind')"
    # A column that cannot be read is refused, and the columns are told all the same.
    page.say("file", (content,), name="weather", fill="", column="sky")
    assert "'sun' in the column 'sky' is not a number" in page.got("problem")[-1]["message"]
    assert len(page.got("columns")) == 3
    assert widget.scene["features"] == ["wind"]


def test_a_series_that_never_changes_is_said_to_be_constant(widget: rw.LiveForecast, page: Page) -> None:
    assert widget.scene["constant"] is False
    content = "\n".join(["level", *["5"] * 120]).encode()
    page.say("file", (content,), name="flat", fill="", column="")
    assert widget.scene["constant"] is True
    assert "The column 'level' is 5 at every step: there is nothing to forecast." in widget.scene["notes"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "file is empty"),
        (b"PK\x03\x04xyz", "Excel workbook"),
        (b"day,rain\n2001-01-01,wet\n2001-01-02,dry\n", "no column of numbers"),
        ("\n".join(["value", *(str(k % 4) for k in range(9))]).encode(), "at least 30 are needed"),
    ],
)
def test_a_wrong_file_gets_a_sentence_and_changes_nothing(
    widget: rw.LiveForecast, page: Page, content: bytes, words: str
) -> None:
    page.say("file", (content,), name="mine", fill="")
    (problem,) = page.got("problem")
    assert words in problem["message"]
    assert widget.scene["name"] == "wave"
    widget.train(1)
    assert widget.updates == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"window": 110}, "Not one window fits"),
        ({"horizon": 60}, "Not one window fits"),
        ({"learning_rate": -1}, "must be a positive number"),
        ({"target": "tides"}, "target is 'tides'"),
    ],
)
def test_a_setting_that_cannot_be_is_answered_with_a_sentence(
    widget: rw.LiveForecast, page: Page, settings: dict[str, Any], words: str
) -> None:
    page.say("compute", number=5, settings=settings)
    (error,) = page.got("error")
    assert error["number"] == 5
    assert words in error["message"]
    assert (widget.scene["window"], widget.answered) == (10, 0)


def test_a_training_that_does_not_answer_is_told_of_with_advice(
    widget: rw.LiveForecast, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streamed, "PATIENCE", 0.05)
    busy = threading.Event()
    widget._runner.call(busy.wait, 10)
    page.say("compute", number=3, settings={"window": 14})
    busy.set()
    (error,) = page.got("error")
    assert "has not answered" in error["message"]
    assert "fewer units" in error["message"]


def test_where_the_page_let_the_forecast_start_is_kept(widget: rw.LiveForecast, page: Page) -> None:
    page.say("compute", number=1, settings={"origin": 40})
    assert until(lambda: len(page.got("frame")) == 1)
    page.say("seen", number=1)
    assert widget.frame["origin"] == 40


class Broken(nn.Module):
    """Forecasts, until its third step of training."""

    horizon = 1

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.calls = 0

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        if self.calls == 3:
            raise ArithmeticError("the third step is too many")
        return inputs * self.weight

    def forecast(self, history: torch.Tensor, horizon: int) -> torch.Tensor:
        return history[-1:].expand(horizon, -1, -1)


def test_an_error_in_the_thread_is_told_and_reset_is_the_way_out(
    build: Callable[..., rw.LiveForecast], monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = build(models={"broken": Broken})
    page = Page(widget, monkeypatch)
    page.say("do", name="start")
    assert until(lambda: widget.state == "failed")
    assert until(lambda: bool(page.got("state")) and page.got("state")[-1]["state"] == "failed")
    assert "the third step is too many" in page.got("state")[-1]["error"]
    page.say("do", name="start")
    assert "Call reset()" in page.got("problem")[-1]["message"]
    page.say("do", name="reset")
    assert widget.state == "ready"
    widget.train(2)


def test_training_from_python_reports_its_failure(build: Callable[..., rw.LiveForecast]) -> None:
    with pytest.raises(RuntimeError, match="the third step is too many"):
        build(models={"broken": Broken}).train(5)


def threads() -> int:
    return sum(thread.name == "rnnviz-runner" for thread in threading.enumerate())


def test_its_thread_ends_with_the_widget(build: Callable[..., rw.LiveForecast]) -> None:
    before = threads()
    widget = build()
    widget.start()
    assert threads() == before + 1
    widget.close()
    assert threads() == before
    assert widget.state == "stopped"
    widget.close()


def test_messages_that_mean_nothing_are_passed_over(page: Page) -> None:
    page.say("nonsense")
    page.widget._handle_custom_msg("not a dict", [])
    assert page.sent == []


def test_the_repr_is_the_same_on_every_run(widget: rw.LiveForecast) -> None:
    assert repr(widget) == (
        "LiveForecast(series='wave', models=['line', 'GRU'], window=10, horizon=6, updates=0)"
    )


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: rw.LiveForecast([1.0, 2.0]), TypeError, r"it takes an rnnviz.data.Series"),
        (lambda: rw.LiveForecast([]), TypeError, r"rnnviz.data.Series, or several"),
        (lambda: rw.LiveForecast(rising_sine(), {"mine": "grru"}), ValueError, "known kinds are"),
        (lambda: rw.LiveForecast(wave(40), horizon=30), ValueError, "too short"),
        (lambda: rw.LiveForecast(wave(), horizn=3), TypeError, "'horizn'. Did you mean 'horizon'"),
        (lambda: rw.LiveForecast(wave(), frame=3), TypeError, "no option 'frame'. It takes series, models"),
        (lambda: rw.LiveForecast(rising_sine(), cursor=1), traitlets.TraitError, "rnnviz_widgets.Cursor"),
    ],
)
def test_refusals_say_what_to_do(make: Callable[[], object], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()
    gc.collect()


@pytest.mark.parametrize(
    "series", [wave(), rising_sine(120), rnnviz.data.sunspots()], ids=lambda one: one.name
)
def test_the_recipe_makes_the_series_again(build: Callable[..., rw.LiveForecast], series: Series) -> None:
    live = build(series)
    recipe = live.scene["recipe"]
    assert (recipe["kinds"], recipe["units"], recipe["batch"], recipe["seed"]) == (MODELS, 4, 50, 0)
    names: dict[str, Any] = {}
    exec("\n".join(recipe["imports"]), names)
    made = eval(recipe["series"], names)
    assert (made.name, made.features, made.values.shape) == (
        series.name,
        series.features,
        series.values.shape,
    )
    # Numbers of one's own have to be put in by hand; those that are shipped are there.
    assert np.array_equal(made.values, series.values) == (series.name != "wave")


def test_the_recipe_reads_a_file_as_the_reader_had_it_read(
    build: Callable[..., rw.LiveForecast],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    live = build()
    content = "level\n" + "\n".join("" if k == 7 else str(k % 5) for k in range(120)) + "\n"
    Page(live, monkeypatch).say("file", (content.encode(),), name="tide", fill="linear")
    assert live.scene["name"] == "tide"
    (tmp_path / "tide.csv").write_text(content)
    monkeypatch.chdir(tmp_path)
    recipe = live.scene["recipe"]
    names: dict[str, Any] = {}
    exec("\n".join(recipe["imports"]), names)
    made = eval(recipe["series"], names)
    assert made.name == "tide"
    assert np.array_equal(made.values, live.race.series.values)

"""The exercises of lesson 08, its widgets from Python's side, and the numbers that its text and questions reveal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import numpy as np
import pytest
import torch
from answers.lesson_08 import RIGHT

import rnnviz_widgets as rw
from rnnviz.experiments.results import read_results, read_rows
from rnnviz.models import CarForecaster, Floor, Stack, StackForecaster, choose_threshold
from rnnviz_widgets.exercises import read_exercises
from rnnviz_widgets.lesson_questions import read_questions

(FAULTY,) = (check.broken for check in read_exercises("08") if isinstance(check, rw.Check) and check.broken)


def test_there_are_four_with_hints() -> None:
    checks = read_exercises("08")
    assert [check.name for check in checks] == ["stack", "both-ways", "alarms", "car-far"]
    assert all(len(check.hints) >= 2 and check.then for check in checks)


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("both-ways", FAULTY, "which reads backward"),
        (
            "both-ways",
            lambda x, *weights: RIGHT["both-ways"]["flip"](x, *weights).flip(0),
            "which reads forward",
        ),
        ("stack", lambda *case: RIGHT["stack"]["step by step"](*case)[:2], "3"),
        ("alarms", lambda *case: RIGHT["alarms"]["masks"](*case)[::-1], "Precision came out as"),
    ],
)
def test_typical_mistakes_are_found(name: str, wrong: Callable[..., Any], says: str) -> None:
    sentences = " ".join(finding["sentence"] for finding in rw.exercise("08", name, wrong).findings)
    assert says in sentences


def test_code_to_mend_is_known_as_untouched() -> None:
    assert rw.exercise("08", "both-ways", FAULTY).untouched


def test_two_layers_reach_ten_metres_and_one_small_layer_does_not() -> None:
    reached = rw.exercise("08", "car-far", lambda: Stack(4, [Floor(48, "gru"), Floor(48, "gru")]))
    assert reached.state == "reached", reached.sentence
    short = rw.exercise("08", "car-far", lambda: torch.nn.RNN(4, 16))
    assert short.state == "short"
    assert short.score == pytest.approx(dict(map(tuple, short.marks))["one tanh layer of 16"], abs=0.6)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: 3, "returns a int"),
        (lambda: torch.nn.Flatten(), "states, \\(3, 2, units\\)"),
    ],
)
def test_what_is_no_network_is_said(build: Callable[[], Any], says: str) -> None:
    import re

    failed = rw.exercise("08", "car-far", build)
    assert failed.state == "failed"
    assert re.search(says, failed.sentence)


def middles(name: str) -> dict[str, float]:
    return {row.what: median(row.measured) for row in read_rows(name)}


def test_what_the_questions_reveal_was_measured() -> None:
    asked = read_questions("08")
    depth, ways, drop = middles("depth"), middles("both_ways"), middles("dropout")
    bearing, memory = middles("bearing"), middles("layer_memory")
    for what, digits in (("car, 5 s ahead: metres off", 2), ("bearing, next piece: error", 4)):
        for layers in ("1 layer", "2 layers"):
            assert f"{depth[f'{what}, {layers}']:.{digits}f}" in asked["deeper"]["reveal"]
    told = asked["both-ways-forecast"]["reveal"]
    assert f"{ways['next piece, at its end: error, both ways']:.2f}" in told
    assert f"{ways['next piece, at its end: error, forward']:.3f}" in told
    assert f"{ways['next piece, inside the window: error, both ways']:.3f}" in told
    told = asked["dropout-curves"]["reveal"]
    for rate in ("0.0", "0.5"):
        assert f"{drop[f'100 digits, dropout {rate}: loss']:.1f}" in told
        assert f"{drop[f'100 digits, dropout {rate}: right']:.2f}" in told
    told = asked["left-alone"]["reveal"]
    for model in ("linear", "LSTM, 0.003"):
        for piece in (1, 20):
            assert f"{bearing[f'{model}, piece {piece} ahead']:.3f}" in told
    for layer in (1, 2, 3):
        assert f"{memory[f'word just read, layer {layer}']:.2f}" in asked["who-remembers"]["reveal"]


def test_the_loss_on_unseen_digits_rises_after_its_lowest() -> None:
    runs = read_results("dropout")["details"]["digits"]["0.0"]
    middle = [median(values) for values in zip(*(run["unseen"] for run in runs), strict=True)]
    lowest = middle.index(min(middle))
    assert 50 * (lowest + 1) <= 300
    assert middle[2] < middle[-1]
    assert median(run["learned"][-1] for run in runs) < 0.01


def test_the_watch_holds_each_run_and_the_threshold_of_a_sound_part() -> None:
    watch = rw.BearingWatch(severities=[0.05, 1.0], shown=1)
    scene = watch.scene
    assert len(watch.signals) == 2 * 2 * 200 * 100
    surprise = np.frombuffer(watch.surprises, np.float32).reshape(2, 200)
    # What the page is sent is what was heard, to within one part in 254 of the largest.
    signal = np.frombuffer(watch.signals, np.int8).reshape(2, 2, 20_000) * scene["unit"]
    error = ((signal[1, 0] - signal[1, 1]) / 0.45).reshape(200, 100)
    assert np.abs((error[1:] ** 2).mean(1) - surprise[1, 1:]).max() < 0.02
    nine = scene["chosen"][scene["medians"].index(9)]
    stored = read_results("bearing")["details"]["alarms"]["9"][0]["threshold"]
    assert nine == pytest.approx(stored, rel=0.01)
    assert choose_threshold(torch.from_numpy(surprise[0].copy())) > nine
    with pytest.raises(ValueError, match="6 severities"):
        rw.BearingWatch(severities=[1.0] * 6)
    with pytest.raises(ValueError, match="reads 50 samples"):
        rw.BearingWatch(StackForecaster(50, [4]))
    with pytest.raises(TypeError, match="Did you mean 'shown'"):
        rw.BearingWatch(show=1)


@pytest.fixture
def race() -> Iterator[rw.BearingRace]:
    race = rw.BearingRace(updates=4, every=2)
    yield race
    race.close()


def test_the_race_trains_and_tells_how_far_each_is(race: rw.BearingRace) -> None:
    assert race.state == "ready"
    race.train(8)
    assert {name: run.updates for name, run in race.runs.items()} == dict.fromkeys(race.scene["nets"], 4)
    fast, slow = race.frame.values()
    assert fast["history"][-1] < fast["history"][0]
    assert len(fast["history"]) == 3
    assert len(fast["line"]) == len(race.scene["truth"]) - race.scene["piece"] == 600
    assert slow["ahead"] != fast["ahead"]
    assert race.scene["linear"]["ahead"][0] < 0.03
    race.reset()
    assert all(net["updates"] == 0 for net in race.frame.values())


def test_the_race_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="horizon is 3"):
        rw.BearingRace(horizon=3)
    with pytest.raises(TypeError, match="Did you mean 'updates'"):
        rw.BearingRace(update=3)


def test_the_drive_holds_places_and_forecasts() -> None:
    drive = rw.CarDrive(CarForecaster([4]), drives=2, steps=50, step=10)
    size = 2 * 50 * (2 + 3 * 10)
    floats = np.frombuffer(drive.data, np.float32).reshape(2, size)
    measured = floats[0, 100:200].reshape(50, 2)
    network = floats[0, 200:1200].reshape(50, 10, 2)
    straight = floats[0, 2200:3200].reshape(50, 10, 2)
    # An untrained network goes straight on, as the last of the three does.
    np.testing.assert_allclose(network, straight, atol=1e-4)
    assert np.abs(straight[:, 0] - measured).max() < 8
    for options in ({"drives": 0}, {"steps": 20}, {"step": 150}):
        with pytest.raises(ValueError, match="CarDrive was given"):
            rw.CarDrive(**options)
    with pytest.raises(TypeError, match="no option 'stops'"):
        rw.CarDrive(stops=3)

"""The exercises of lesson 09, its race from Python's side, and the numbers that its text and questions reveal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from answers.lesson_09 import RIGHT

import rnnviz_widgets as rw
from rnnviz.data import mackey_glass
from rnnviz.models import EchoStateNetwork, forget_start, measure_memory_capacity
from rnnviz_widgets.exercises import read_exercises
from rnnviz_widgets.lesson_questions import read_questions

(FAULTY,) = (check.broken for check in read_exercises("09") if isinstance(check, rw.Check) and check.broken)


def test_there_are_four_with_hints() -> None:
    checks = read_exercises("09")
    assert [check.name for check in checks] == ["reservoir", "readout", "fifty-units", "count-ones"]
    assert all(len(check.hints) >= 2 and check.then for check in checks)


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("readout", FAULTY, "instead of"),
        ("reservoir", lambda *case: 0 * RIGHT["reservoir"]["loop"](*case), "The first state"),
        ("reservoir", lambda *case: RIGHT["reservoir"]["loop"](*case)[-1], "shape"),
        ("count-ones", lambda bits: (1 - bits, 0 * bits), "After the bits"),
        ("count-ones", lambda bits: (0 * bits, 1 - 2 * (bits.cumsum(0) % 2)), "it has looked at other steps"),
    ],
)
def test_typical_mistakes_are_found(name: str, wrong: Callable[..., Any], says: str) -> None:
    sentences = " ".join(finding["sentence"] for finding in rw.exercise("09", name, wrong).findings)
    assert says in sentences


def test_code_to_mend_is_known_as_untouched() -> None:
    assert rw.exercise("09", "readout", FAULTY).untouched


def test_fifty_units_with_good_knobs_reach_the_goal_and_those_of_the_toy_do_not() -> None:
    reached = rw.exercise("09", "fifty-units", lambda: EchoStateNetwork(50, spectral_radius=0.7, leak=0.2))
    assert reached.state == "reached", reached.sentence
    toy = rw.exercise("09", "fifty-units", lambda: EchoStateNetwork(50, spectral_radius=0.8, leak=0.3))
    assert toy.state == "short"
    assert toy.score == pytest.approx(dict(map(tuple, toy.marks))["ρ = 0.8, leak 0.3"], abs=0.01)
    assert rw.exercise("09", "fifty-units", lambda: EchoStateNetwork(50)).score > 1


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: torch.nn.RNN(1, 50), "returns a RNN"),
        (lambda: EchoStateNetwork(51), "has 51 units"),
        (lambda: EchoStateNetwork(20, inputs=2), "2 inputs"),
    ],
)
def test_what_is_no_reservoir_of_fifty_units_is_said(build: Callable[[], Any], says: str) -> None:
    failed = rw.exercise("09", "fifty-units", build)
    assert failed.state == "failed"
    assert says in failed.sentence


def test_whether_two_starts_meet_depends_on_the_input() -> None:
    noise = 1.6 * torch.rand(200, 1, 1, generator=torch.Generator().manual_seed(0)) - 0.8

    def left(radius: float, scale: float) -> float:
        distance = forget_start(EchoStateNetwork(50, spectral_radius=radius, input_scale=scale), noise)
        return float(distance[-1] / distance[0])

    assert f"{100 * left(1.2, 0.03):.0f} %" in read_questions("09")["meet-again"]["reveal"]
    assert left(1.2, 3.0) < 1e-9
    assert left(2.0, 3.0) > 0.1


def test_the_linear_network_remembers_most() -> None:
    told = read_questions("09")["remembers-most"]["reveal"]
    options: dict[str, Any] = {"spectral_radius": 0.9, "bias_scale": 0}
    linear = EchoStateNetwork(20, nonlinearity="linear", orthogonal=True, **options)
    ponds = [linear] + [EchoStateNetwork(20, input_scale=scale, **options) for scale in (0.1, 1.0, 3.0)]
    sums = [float(measure_memory_capacity(pond, 40, steps=2000).sum()) for pond in ponds]
    assert sums == sorted(sums, reverse=True)
    assert all(one < 20 for one in sums)
    assert told.startswith(f"{sums[0]:.0f} of at most 20. tanh at s = 0.1 comes to {sums[1]:.0f}")
    assert f"at 1 to {sums[2]:.0f}, and at 3 to {sums[3]:.0f}:" in told


def test_alone_its_errors_grow_twentyfold() -> None:
    series = torch.tanh(torch.tensor(mackey_glass(4600).values) - 1).reshape(-1, 1, 1).double()
    pond = EchoStateNetwork(100, spectral_radius=0.8, leak=0.3)
    pond.fit(series[:1000], series[1:1001], ridge=1e-8)
    places = torch.arange(1100, 4201, 160)
    states, _ = pond(series[:4201])
    alone = pond.generate(series[places, 0], 200, states[places - 1, 0])
    truth = torch.stack([series[at + 1 : at + 201, 0] for at in places], dim=1)
    errors = (alone - truth).square().mean(dim=(1, 2)).sqrt() / series.std()
    assert errors[0] == pytest.approx(0.002, abs=5e-4)
    assert 10 < errors[199] / errors[0] < 40


def test_nine_bits_are_remembered_and_six_or_seven_multiplied() -> None:
    bits = torch.randint(0, 2, (3200, 1, 1), generator=torch.Generator().manual_seed(0)).double()
    signs = 2 * bits - 1
    pond = EchoStateNetwork(200, input_scale=2.0)
    states, _ = pond(signs)

    def share(wanted: torch.Tensor) -> float:
        pond.fit(signs[100:1700], wanted[100:1700, None, None])
        return float((pond.read(states[1700:]).sign().flatten() == wanted[1700:]).double().mean())

    assert all(share(signs.flatten().roll(back)) > 0.99 for back in range(9))
    products = [signs.flatten().roll(0)]
    for back in range(1, 12):
        products.append(products[-1] * signs.flatten().roll(back))
    right = [share(product) for product in products]
    assert all(one > 0.9 for one in right[:7])
    assert right[8] < 0.7
    assert right[11] < 0.6


@pytest.fixture
def race() -> Iterator[rw.LearningRace]:
    race = rw.LearningRace("parity", updates=4, every=2)
    yield race
    race.close()


def test_the_race_trains_and_tells_how_far_each_is(race: rw.LearningRace) -> None:
    assert race.state == "ready"
    race.train(12)
    assert {name: run.updates for name, run in race.runs.items()} == dict.fromkeys(race.scene["nets"], 4)
    for told in race.frame.values():
        assert len(told["history"]) == len(told["times"]) == 3
        assert told["times"] == sorted(told["times"])
    race.reset()
    assert all(told["updates"] == 0 for told in race.frame.values())


def test_the_race_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="no race 'copy'"):
        rw.LearningRace("copy")
    with pytest.raises(TypeError, match="Did you mean 'updates'"):
        rw.LearningRace("parity", update=3)

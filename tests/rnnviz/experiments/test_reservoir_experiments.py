"""What is proved of reservoirs and linear recurrences: stored, judged as claimed, and so on a small scale."""

from __future__ import annotations

from statistics import median

import pytest

from rnnviz.experiments import mackey_glass, memory_capacity
from rnnviz.experiments.results import read_results, read_rows


def middles(name: str) -> dict[str, float]:
    return {row.what: median(row.measured) for row in read_rows(name)}


def test_no_stored_reservoir_holds_more_than_it_has_units() -> None:
    rows, stored = read_rows("memory_capacity"), read_results("memory_capacity")
    assert stored["settings"]["seeds"] == 5
    assert {len(row.measured) for row in rows} == {5}
    for row in rows:
        assert max(row.measured) <= row.published
        assert row.holds or row.note
        curve = stored["details"]["curves"][row.what]
        assert len(curve) == 2 * row.published
        assert sum(curve) == pytest.approx(row.median, rel=0.05)


def test_what_the_stored_reservoirs_hold_is_what_jaeger_says() -> None:
    found = middles("memory_capacity")
    assert found["linear, orthogonal, ρ = 0.9, N = 20"] == pytest.approx(19.0, abs=0.2)
    assert found["linear, orthogonal, ρ = 0.9, N = 100"] == pytest.approx(98.8, abs=0.3)
    loud = [found[f"tanh, orthogonal, input × {scale:g}"] for scale in memory_capacity.LOUDNESS]
    assert loud == sorted(loud, reverse=True)
    assert loud[-1] < 20


def test_a_small_reservoir_is_measured_as_the_stored_ones_are() -> None:
    capacities, curve = memory_capacity.measure(
        [0, 1], 20, samples=4000, nonlinearity="linear", orthogonal=True
    )
    assert all(18 < capacity <= 20 for capacity in capacities)
    assert curve[0] > 0.9 > 0.1 > curve[-1]


def test_each_claim_about_memory_can_fail() -> None:
    bound = {"linear": 20}
    good = ({"linear": (19.0,)}, {"a": (60.0,), "b": (30.0,)}, {"c": (30.0,), "d": (20.0,)})
    wide = {"tanh": {"tanh, ρ = 0.5": (10.0,), "tanh, ρ = 0.9": (30.0,)}}
    assert all(row.holds for row in memory_capacity._judge(bound, *good, wide, 100))

    def failures(linear, loud, leaky, wide):  # type: ignore[no-untyped-def]
        rows = memory_capacity._judge(bound, linear, loud, leaky, wide, 100)
        return [row.what for row in rows if not row.holds]

    assert failures({"linear": (20.5,)}, *good[1:], wide) == ["linear"]
    assert failures({"linear": (17.0,)}, *good[1:], wide) == ["linear"]
    assert failures(good[0], {"a": (60.0,), "b": (70.0,)}, good[2], wide) == ["b"]
    assert failures(good[0], good[1], {"c": (30.0,), "d": (31.0,)}, wide) == ["d"]
    assert failures(*good, {"tanh": {"ρ = 0.5": (30.0,), "ρ = 0.9": (20.0,)}}) == ["ρ = 0.5"]
    assert failures(*good, {"tanh": {"ρ = 0.9": (101.0,)}}) == ["ρ = 0.9"]


def test_the_stored_forecast_is_as_good_as_the_published_one_or_says_not() -> None:
    rows, details = read_rows("mackey_glass"), read_results("mackey_glass")["details"]
    assert [row.published for row in rows] == [mackey_glass.PUBLISHED, None, None]
    assert rows[0].holds == (rows[0].median <= mackey_glass.PUBLISHED)
    assert rows[0].holds or "up to 1" in rows[0].note
    assert rows[1].median < mackey_glass.PUBLISHED
    for row in rows:
        curves = details["log10_error"][row.what]
        assert tuple(curve[-1] for curve in curves) == row.measured
        assert {len(curve) for curve in curves} == {mackey_glass.AHEAD}
    # Fewer units are worse, by more than the seeds differ; and an error grows on the way.
    assert min(rows[2].measured) > max(rows[0].measured)
    assert all(curve[0] < curve[-1] - 0.5 for curve in details["log10_error"][rows[0].what])
    assert details["shown"]["said"] == pytest.approx(details["shown"]["truth"], abs=0.001)


def test_a_small_network_forecasts_far_better_than_the_mean() -> None:
    said, truth, deviation = mackey_glass.forecast(100, trials=20, washout=200, fit=1000)
    error = (said - truth).square().mean(1).sqrt() / deviation
    assert error[0] < 1e-3
    assert error[-1] < 0.3


def test_a_forecast_worse_than_the_published_one_is_not_reproduced() -> None:
    missed = mackey_glass.judge({"first": [[-4.0]], "louder": [[-4.5]], "smaller": [[-3.0]]})[0]
    assert not missed.holds
    assert "up to 1" in missed.note
    found = {"first": [[-6.0, -4.1], [-6.0, -4.15], [-6.0, -5.0]], "other": [[-6.0, -3.0]] * 3}
    rows = mackey_glass.judge(found)
    assert [row.holds for row in rows] == [False, None]
    assert rows[0].measured == (-4.1, -4.15, -5.0)
    assert rows[0].note == ""  # nothing is said of the others that is not so
    assert mackey_glass.judge({"first": [[-6.0, -4.3]]})[0].holds

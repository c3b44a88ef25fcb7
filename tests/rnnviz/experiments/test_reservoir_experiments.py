"""What is proved of reservoirs and linear recurrences: stored, judged as claimed, and so on a small scale."""

from __future__ import annotations

from statistics import median

import pytest

from rnnviz.experiments import memory_capacity
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

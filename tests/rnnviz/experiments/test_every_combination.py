"""The table of combinations: it covers what it says, and it fails where the recorder does."""

import math

import pytest
import torch

from rnnviz.experiments import every_combination
from rnnviz.experiments.every_combination import (
    KINDS,
    LAYOUTS,
    TOLERANCE,
    WHAT,
    Comparison,
    compare_one,
    measure_difference,
    run,
)
from rnnviz.recording.trace import LayerTrace


def test_all_combinations_are_compared_and_hold():
    found = list(run(layers=(1, 2)))
    assert len(found) == len({one.what for one in found}) == len(KINDS) * len(LAYOUTS)
    assert [one.count for one in found] == [16] * len(found)
    for one in found:
        assert one.holds
        # Exact to the last digit would mean that something was compared with itself.
        assert 0 < max(one.differences.values()) < TOLERANCE
        assert set(one.differences) == set(WHAT) - ({"gates"} if one.what.startswith("RNN") else set())


def test_random_numbers_of_others_are_left_alone_and_do_not_matter():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    (first,) = run(["GRU"], ["time first"], [1])
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    (second,) = run(["GRU"], ["time first"], [1])
    assert first.differences == second.differences


@pytest.mark.parametrize(
    ("array", "what"),
    [("forget", "gates"), ("cell", "states"), ("grad_hidden", "gradients"), ("grad_cell", "gradients")],
)
def test_an_array_that_is_wrong_or_missing_is_seen(array, what, monkeypatch):
    arrays = LayerTrace.arrays
    monkeypatch.setattr(
        LayerTrace, "arrays", lambda layer: {**arrays(layer), array: arrays(layer)[array] + 1e-9}
    )
    found = compare_one("LSTM", "unbatched", 2, bidirectional=True)
    assert found.pop(what) == pytest.approx(1e-9, rel=1e-4)
    assert max(found.values()) < TOLERANCE
    assert not Comparison("", 1, {what: 1e-9, **found}).holds
    monkeypatch.setattr(
        LayerTrace, "arrays", lambda layer: {k: v for k, v in arrays(layer).items() if k != array}
    )
    assert compare_one("LSTM", "unbatched", 2, bidirectional=True)[what] == math.inf


def test_a_wrong_output_is_seen(monkeypatch):
    call = every_combination.call_module

    def call_wrongly(*given):
        output, *final = call(*given)
        return output + 1e-9, *final

    monkeypatch.setattr(every_combination, "call_module", call_wrongly)
    found = compare_one("GRU", "packed", given_state=True)
    assert found["outputs"] == pytest.approx(1e-9, rel=1e-4)


def test_numbers_that_are_none_or_missing_are_apart():
    one, none = torch.ones(2), torch.tensor([1.0, torch.nan])
    assert measure_difference(one, one) == 0
    assert measure_difference(None, None) == 0
    for ours, theirs in ((one, none), (none, none), (one, None), (None, one), (one, torch.ones(1, 2))):
        assert measure_difference(ours, theirs) == math.inf
    assert not Comparison("", 1, {"outputs": math.nan}).holds


def test_the_command_prints_it(capsys, monkeypatch):
    monkeypatch.setattr(every_combination, "run", lambda: run(["relu", "GRU"], ["unbatched"], [1]))
    assert every_combination.main() == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in said[1:3]] == ["RNN, ReLU, unbatched", "GRU, unbatched"]
    assert all(line.endswith("holds") for line in said[1:3])
    assert said[3].startswith("16 combinations, largest difference")
    assert said[3].endswith("the same to 1e-10")
    monkeypatch.setattr(every_combination, "TOLERANCE", 0.0)
    assert every_combination.main() == 1
    assert "NOT the same to" in capsys.readouterr().out

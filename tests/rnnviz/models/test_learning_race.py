"""The two races of lesson 09: who is solved at once, who learns, and what a factor that keeps its sign cannot count."""

from __future__ import annotations

import pytest
import torch

from rnnviz.data import Parity
from rnnviz.experiments.parity_race import ParityReader, parity_race
from rnnviz.models import EchoStateNetwork, LearningRace, Racer, readout_race
from rnnviz.variants import MinGRU


def test_a_solved_readout_has_made_all_its_updates_at_once() -> None:
    race = readout_race(units=30, updates=4, every=2)
    race.step()
    solved, trained = race.frame().values()
    assert (solved.updates, trained.updates) == (4, 0)
    assert len(solved.history) == len(solved.times) == 2
    assert solved.history[1] < 0.05 < solved.history[0]
    race.run()
    trained = list(race.frame().values())[1]
    assert (trained.updates, len(trained.history)) == (4, 3)
    assert trained.seconds >= trained.times[-1] > trained.times[1] > 0
    with pytest.raises(StopIteration):
        race.step()


def test_a_reset_brings_back_the_untrained_networks() -> None:
    race = parity_race(updates=4, every=2, units=4)
    begun = race.frame()
    race.run()
    assert race.frame() != begun
    race.reset()
    assert race.frame() == begun


def test_only_factors_that_turn_the_sign_count_ones() -> None:
    race = parity_race(every=100)
    race.run()
    gru, positive, signed = (run.history[-1] for run in race.frame().values())
    assert gru > 0.95
    assert signed > 0.9
    assert positive < 0.6


def test_the_readout_beats_three_hundred_updates() -> None:
    race = readout_race(every=100)
    race.run()
    solved, trained = race.frame().values()
    assert solved.history[-1] == pytest.approx(0.0018, abs=2e-4)
    assert 0.02 < trained.history[-1] < 0.06
    assert trained.seconds > 20 * solved.seconds


def test_a_reader_scans_where_its_cell_can() -> None:
    torch.manual_seed(0)
    reader = ParityReader(MinGRU(1, 6, signed=True), 6)
    bits, _ = Parity(steps=9, batch=2)(torch.Generator().manual_seed(0))
    looped = reader.readout(reader.cell(bits)[0])
    torch.testing.assert_close(reader(bits), looped)


@pytest.mark.parametrize("options", [{"updates": 0}, {"every": 0}, {"racers": {}}])
def test_a_race_needs_a_racer_and_updates(options: dict[str, object]) -> None:
    given: dict[str, object] = {
        "racers": {"one": Racer(lambda seed: EchoStateNetwork(2))},
        "updates": 1,
        "every": 1,
    }
    racers = given | options
    with pytest.raises(ValueError, match="must be at least 1"):
        LearningRace(
            racers.pop("racers"),  # type: ignore[arg-type]
            Parity(),
            lambda model: 0.0,
            loss=lambda said, wanted: said.sum(),
            **racers,  # type: ignore[arg-type]
        )

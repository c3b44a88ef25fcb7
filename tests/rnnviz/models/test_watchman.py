"""Surprise, thresholds, alarms, the linear autoregression, probes, and networks that learn a signal side by side."""

from __future__ import annotations

import math

import pytest
import torch
from sklearn.metrics import precision_score, recall_score

from rnnviz.data import Bearing, cut_pieces, windows
from rnnviz.models import (
    LinearPieces,
    SignalRace,
    StackForecaster,
    choose_threshold,
    count_alarms,
    measure_surprise,
    probe_lags,
    read_bearing_lstm,
    smooth_surprise,
)


def test_surprise_is_the_error_one_piece_ahead() -> None:
    model, signal = StackForecaster(10, [8]), torch.randn(55)
    found = measure_surprise(model, signal, scale=2.0)
    pieces = cut_pieces(signal / 2, 10)[:, None]
    assert found.shape == (5,)
    assert found[0].isnan()
    for at in range(1, 5):
        expected = (model(pieces[:at])[-1] - pieces[at]).square().mean()
        torch.testing.assert_close(found[at], expected.detach())


def test_a_median_forgets_what_is_rare() -> None:
    surprise = torch.tensor([float("nan"), 1.0, 9, 1, 1, 7, 7, 7])
    assert smooth_surprise(surprise, 1).nan_to_num(-1).tolist() == surprise.nan_to_num(-1).tolist()
    assert smooth_surprise(surprise, 3).nan_to_num(-1).tolist() == [-1, -1, -1, 1, 1, 1, 7, 7]
    assert smooth_surprise(surprise, 9).isnan().all()
    with pytest.raises(ValueError, match="odd"):
        smooth_surprise(surprise, 4)


def test_precision_and_recall_are_scikit_learns() -> None:
    generator = torch.Generator().manual_seed(0)
    surprise, faulty = torch.rand(200, generator=generator), torch.rand(200, generator=generator) > 0.7
    found = count_alarms(surprise, faulty, 0.6)
    assert found.precision == pytest.approx(precision_score(faulty, surprise > 0.6))
    assert found.recall == pytest.approx(recall_score(faulty, surprise > 0.6))
    assert found.hits + found.misses + found.false_alarms + found.quiet == 200
    none = count_alarms(surprise, torch.zeros(200, dtype=torch.bool), 2.0)
    assert math.isnan(none.precision)
    assert math.isnan(none.recall)
    with pytest.raises(ValueError, match="200 pieces, and 3"):
        count_alarms(surprise, faulty[:3], 0.5)


def test_a_threshold_is_exceeded_as_often_as_was_asked() -> None:
    surprise = torch.rand(2000, generator=torch.Generator().manual_seed(0))
    surprise[0] = float("nan")
    threshold = choose_threshold(surprise, 0.01)
    assert int((surprise > threshold).sum()) == 20
    with pytest.raises(ValueError, match="0 measured pieces"):
        choose_threshold(torch.full((3,), float("nan")))


def test_the_shipped_network_hears_a_large_defect_and_no_tiny_one() -> None:
    model, scale = read_bearing_lstm(), 0.45
    sound = smooth_surprise(measure_surprise(model, Bearing().run(2.0, seed=7).signal, scale))
    threshold = choose_threshold(sound)
    recalls = []
    for severity in (0.01, 1.0):
        run = Bearing().run(2.0, begins=1.0, severity=severity, seed=8)
        surprise = smooth_surprise(measure_surprise(model, run.signal, scale))
        recalls.append(count_alarms(surprise, cut_pieces(run.severity)[:, 0] > 0, threshold).recall)
    assert recalls[0] < 0.5
    assert recalls[1] > 0.9


def test_the_linear_model_goes_on_with_waves() -> None:
    time = torch.arange(6000.0)
    known = windows(cut_pieces(torch.sin(time / 7) + torch.sin(time / 3), 20), 6, 10)
    model = LinearPieces(4, ridge=1e-6).fit(known)
    assert float((model.forecast(known.inputs, 10) - known.future).abs().max()) < 1e-2
    with pytest.raises(RuntimeError, match="call `fit`"):
        LinearPieces(2).forecast(known.inputs, 1)
    with pytest.raises(ValueError, match="looks back 7 pieces and was given 6"):
        LinearPieces(7).fit(known)


def test_a_probe_tells_at_which_lag_a_state_knows() -> None:
    generator = torch.Generator().manual_seed(0)
    words = torch.randint(5, (30, 40), generator=generator)
    one_hot = torch.nn.functional.one_hot(words, 5).float()
    late = torch.cat([torch.zeros(3, 40, 5), one_hot[:-3]])
    found = probe_lags({"now": one_hot, "late": late}, words, [0, 3])
    assert found["now"][0] == 1.0
    assert found["late"][1] == 1.0
    assert max(found["now"][1], found["late"][0]) < 0.35  # guessing is right in a fifth
    with pytest.raises(ValueError, match="lags"):
        probe_lags({"now": one_hot}, words, [30])
    with pytest.raises(ValueError, match="'now'"):
        probe_lags({"now": one_hot[:5]}, words, [0])


def test_a_race_makes_its_updates_in_turn_and_begins_again() -> None:
    signal = torch.from_numpy(Bearing().run(1.0).signal)
    unseen = windows(cut_pieces(signal), 25, 3)[:4]
    race = SignalRace(signal, unseen, {"fast": 0.01, "slow": 1e-5}, updates=3, every=2, units=6, hidden=5)
    begin = race.frame()["fast"].ahead
    for _ in range(6):
        race.step()
    with pytest.raises(StopIteration):
        race.step()
    runs = race.frame()
    assert {name: (run.updates, len(run.history)) for name, run in runs.items()} == {
        "fast": (3, 3),
        "slow": (3, 3),
    }
    assert runs["fast"].history[-1] == runs["fast"].ahead[0] < begin[0]
    assert runs["fast"].line.shape == (3, 100)
    race.reset()
    assert race.frame()["fast"].ahead == begin
    with pytest.raises(ValueError, match="0 networks"):
        SignalRace(signal, unseen, {}, updates=1)

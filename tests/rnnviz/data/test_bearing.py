"""The simulated bearing: its frequencies, its defect, its windows."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnviz.data import Bearing, BearingWindows, cut_pieces


def spectrum(signal: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    power = np.abs(np.fft.rfft(signal * np.hanning(len(signal)))) ** 2
    return np.fft.rfftfreq(len(signal), 1 / rate), power


def test_the_defect_frequency_is_that_of_the_data_sheet() -> None:
    # The bearing data center prints 3.5848 times the shaft frequency for the outer ring of a 6205.
    assert Bearing().defect_frequency / Bearing().shaft == pytest.approx(3.5848, abs=2e-3)


def test_a_sound_machine_turns_at_its_frequency() -> None:
    bearing = Bearing()
    at, power = spectrum(bearing.run(4.0, seed=2).signal, bearing.rate)
    low = (at > 5) & (at < 45)
    assert at[low][power[low].argmax()] == pytest.approx(bearing.shaft, abs=0.5)


def test_a_defect_rings_at_its_resonance_as_often_as_balls_pass() -> None:
    bearing = Bearing(noise=0.0, slip=0.0, drift=0.0)
    sound = bearing.run(2.0, seed=4).signal
    broken = bearing.run(2.0, seed=4, begins=0.0).signal
    added = broken - sound
    at, power = spectrum(added, bearing.rate)
    assert abs(at[power.argmax()] - bearing.defect_resonance) < 150
    # The envelope repeats with every ball.
    at, power = spectrum(np.abs(added), bearing.rate)
    band = (at > 40) & (at < 160)
    assert at[band][power[band].argmax()] == pytest.approx(bearing.defect_frequency, abs=1)


def test_nothing_is_different_before_the_defect() -> None:
    sound, broken = Bearing().run(1.0, seed=5), Bearing().run(1.0, seed=5, begins=0.5, severity=0.3)
    assert np.array_equal(sound.signal[:6000], broken.signal[:6000])
    assert not np.array_equal(sound.signal[6000:], broken.signal[6000:])
    assert broken.severity[5999] == 0
    assert broken.severity[6000] == np.float32(0.3)
    assert sound.severity.max() == 0


def test_runs_are_seeded_and_differ() -> None:
    assert np.array_equal(Bearing().run(0.2, seed=1).signal, Bearing().run(0.2, seed=1).signal)
    assert not np.array_equal(Bearing().run(0.2, seed=1).signal, Bearing().run(0.2, seed=2).signal)


def test_windows_begin_anywhere_and_are_followed_by_the_next_piece() -> None:
    signal = torch.arange(3000.0)
    inputs, following = BearingWindows(signal, batch=50)(torch.Generator().manual_seed(0))
    assert torch.equal(following, inputs + 100)
    assert torch.equal(inputs[1:], following[:-1])
    assert len(set(inputs[0, :, 0].tolist())) > 30
    assert int(following.max()) < 3000


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Bearing(shaft=0.0), "shaft is 0.0"),
        (lambda: Bearing(rate=4000.0), "needs more than 5800 samples"),
        (lambda: Bearing(phases=(0.0,)), "4 harmonics and 1 phases"),
        (lambda: Bearing().run(0.0), "at least one sample"),
        (lambda: Bearing().run(1.0, severity=-1.0), "severity -1.0"),
        (lambda: cut_pieces(torch.zeros(5), 6), "a piece 6 samples"),
        (lambda: BearingWindows(torch.zeros(2599)), "need 2600 samples"),
    ],
)
def test_what_does_not_fit_is_refused(make: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()  # type: ignore[operator]

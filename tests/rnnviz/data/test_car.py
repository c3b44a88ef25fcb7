"""The simulated car: it moves as a car can, turns, stops, and is measured."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.data import draw_drives, drive_car
from rnnviz.data.car import FIX


def test_it_moves_as_a_car_can() -> None:
    for seed in range(12):
        path = drive_car(400, seed).astype(float)
        speed = np.hypot(path[:, 2], path[:, 3])
        assert speed.max() <= 14.01
        change = np.diff(speed) / 0.5
        assert change.max() <= 1.81
        assert change.min() >= -3.01
        moved = np.hypot(*np.diff(path[:, :2], axis=0).T) / 0.5
        # Along an arc the straight way is a little shorter.
        assert np.abs(moved - (speed[1:] + speed[:-1]) / 2).max() < 0.7


def test_it_turns_by_right_angles_and_stops() -> None:
    turns, still = [], 0
    for seed in range(12):
        path = drive_car(400, seed).astype(float)
        speed = np.hypot(path[:, 2], path[:, 3])
        still += int((speed < 0.05).sum())
        heading = np.unwrap(np.arctan2(path[:, 3], path[:, 2])[speed > 0.5])
        quarters = (heading - heading[0]) / (np.pi / 2)
        steady = np.abs(np.diff(heading)) < 1e-6
        turns += list(np.abs(quarters[1:][steady] - quarters[1:][steady].round()))
    assert still > 20
    assert max(turns) < 1e-2


def test_measurements_err_as_stated() -> None:
    measured, truth = draw_drives(30, steps=200, seed=3)
    errors = (measured - truth).flatten(0, 1).std(0)
    assert errors[:2].tolist() == pytest.approx([FIX, FIX], rel=0.05)
    assert errors[2:].tolist() == pytest.approx([FIX / 10, FIX / 10], rel=0.05)
    again, _ = draw_drives(30, steps=200, seed=3)
    assert bool((again == measured).all())
    assert not np.array_equal(drive_car(50, 1), drive_car(50, 2))


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="steps is 0"):
        drive_car(0)
    with pytest.raises(ValueError, match="count is 0"):
        draw_drives(0)

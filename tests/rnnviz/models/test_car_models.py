"""Three models of a car: what they forecast, and that none of them looks ahead."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnviz.data import draw_drives
from rnnviz.models import (
    CarForecaster,
    ConstantVelocity,
    KalmanCar,
    draw_car_batches,
    measure_miss,
    read_car_lstm,
)
from rnnviz.models.car import look_ahead


def test_the_filter_is_kalmans_equations() -> None:
    measured, _ = draw_drives(1, steps=12)
    kalman = KalmanCar()
    kalman.acceleration = 2.0
    found = kalman(measured, 2)[:, 0].numpy()
    one, dt = np.eye(2), 0.5
    go = np.block([[one, dt * one], [0 * one, one]])
    push = np.vstack([dt**2 / 2 * one, dt * one])
    noise = np.diag([1.5**2] * 2 + [0.15**2] * 2)
    state, spread = np.r_[measured[0, 0, :2], 0, 0], np.diag([25.0, 25.0, 100.0, 100.0])
    for at, seen in enumerate(measured[:, 0].double().numpy()):
        gain = spread @ np.linalg.inv(spread + noise)
        state, spread = state + gain @ (seen - state), (np.eye(4) - gain) @ spread
        for ahead in (1, 2):
            np.testing.assert_allclose(found[at, ahead - 1], state[:2] + ahead * dt * state[2:], atol=1e-3)
        state, spread = go @ state, go @ spread @ go.T + 4.0 * push @ push.T


def test_its_accelerations_are_those_of_the_drives() -> None:
    drives, _ = draw_drives(4, steps=120)
    fitted = KalmanCar().fit(drives).acceleration
    assert 0.8 < fitted < 2.0


@pytest.mark.parametrize("name", ["network", "kalman", "straight"])
def test_nobody_looks_ahead(name: str) -> None:
    model = {
        "network": lambda drives, _: read_car_lstm()(drives).detach(),
        "kalman": KalmanCar(),
        "straight": ConstantVelocity(),
    }[name]
    drives, _ = draw_drives(2, steps=30)
    changed = drives.clone()
    changed[20:] += 50
    torch.testing.assert_close(model(drives, 10)[:20], model(changed, 10)[:20])


def test_a_town_looks_the_same_everywhere() -> None:
    drives, _ = draw_drives(2, steps=30)
    elsewhere = drives + torch.tensor([1000.0, -500, 0, 0])
    model = read_car_lstm()
    torch.testing.assert_close(
        model(elsewhere), model(drives) + torch.tensor([1000.0, -500]), rtol=0, atol=5e-3
    )


def test_an_untrained_network_goes_straight_on() -> None:
    drives, _ = draw_drives(2, steps=20)
    torch.testing.assert_close(CarForecaster([8])(drives), ConstantVelocity()(drives, 10))
    with pytest.raises(ValueError, match="horizon is 0"):
        CarForecaster([8], horizon=0)


def test_batches_say_where_the_car_will_truly_be() -> None:
    measured, ahead = draw_car_batches(cars=3, batch=4, steps=30, horizon=5)(torch.Generator().manual_seed(0))
    straight = ConstantVelocity()(measured, 5)
    assert measured.shape == (30, 4, 4)
    assert ahead.shape == (30, 4, 5, 2)
    # Errors of measurement, and what a car does in half a second.
    assert float((straight - ahead)[:, :, 0].norm(dim=-1).mean()) < 3
    _, truth = draw_drives(2, steps=20)
    places = look_ahead(truth, 4)
    assert torch.equal(places[3, 1, 2], truth[6, 1, :2])


def test_the_shipped_network_is_better_than_the_filter_in_the_long_run_and_worse_at_once() -> None:
    measured, truth = draw_drives(10, seed=901)
    network = measure_miss(read_car_lstm()(measured), truth)
    kalman = measure_miss(KalmanCar()(measured, 10), truth)
    assert network[0] > kalman[0]
    assert network[-1] < 0.8 * kalman[-1]

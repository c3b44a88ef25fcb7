"""Where will the car be? A recurrent network, a Kalman filter and a constant velocity, on the same new drives.

Cars drive through a town, brake, turn and wait, and are measured every half second with an error of 1.5 m, see
`rnnviz.data.drive_car`. Each model says at every step where the car will truly be 0.5 to 5 s later. The Kalman filter
is told how large the errors of measurement are, and finds the strength of the accelerations by maximum likelihood; the
network, two LSTM layers of 48, has learned from 400 other drives for 1,500 updates. Nobody published numbers for it.

What is claimed, and was written down before these runs but after a trial with one seed: at the first step the filter is
best, because it knows how large the errors of measurement are; from the fourth on, 2 s ahead, the network is, because
it knows what cars do before and after a turn; and the constant velocity is never best.

Run it with ``rnnviz prove car_race`` (20 seconds a seed); ``--keep`` writes the result beside it, and the weights of
the network of the first seed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import median
from typing import Any

import torch

from rnnviz.data.car import draw_drives
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models.car import CarForecaster, ConstantVelocity, KalmanCar, draw_car_batches, measure_miss
from rnnviz.models.shipped import write_car_lstm
from rnnviz.training import mean_squared_error, train

__all__ = ["learn", "run"]

HORIZON = 10


def learn(seed: int = 0, updates: int = 1500) -> CarForecaster:
    """Train the network of the race.

    Parameters
    ----------
    seed : int
        Of weights and batches.
    updates : int

    Returns
    -------
    CarForecaster
    """
    model = CarForecaster([48, 48], HORIZON, seed=seed)
    data = draw_car_batches(seed=1)
    training = train(model, data, loss=mean_squared_error, learning_rate=0.005, clip_norm=1.0, seed=seed)
    for update in range(updates):
        # Slower towards the end, so that it settles.
        if update == updates * 2 // 3:
            training.learning_rate = 0.001
        training.step()
    return model.eval()


def run(seeds: Sequence[int] = (0, 1, 2)) -> tuple[list[Row], dict[str, Any]]:
    """Train the network with each seed, and let all three forecast 100 new drives.

    Parameters
    ----------
    seeds : sequence of int
        One training each.

    Returns
    -------
    rows : list of Row
        Metres off, 0.5, 2 and 5 s ahead.
    details : dict
        ``miss``: metres for each step ahead, by model and seed; ``acceleration``: what the filter found, in m/s².
    """
    measured, truth = draw_drives(100, seed=77)
    kalman = KalmanCar().fit(draw_drives(20, seed=5)[0])
    miss: dict[str, list[list[float]]] = {"LSTM": []}
    for model, name in ((kalman, "Kalman filter"), (ConstantVelocity(), "constant velocity")):
        miss[name] = [_round(measure_miss(model(measured, HORIZON), truth))]
    for seed in seeds:
        network = learn(seed)
        with torch.no_grad():
            miss["LSTM"].append(_round(measure_miss(network(measured), truth)))
    rows = []
    for step in (1, 4, HORIZON):
        middle = {name: median(one[step - 1] for one in runs) for name, runs in miss.items()}
        best = min(middle, key=lambda name: middle[name])
        claimed = "Kalman filter" if step == 1 else "LSTM"
        for name, runs in miss.items():
            values = tuple(one[step - 1] for one in runs)
            rows.append(
                Row(
                    f"{name}, {step / 2:g} s ahead",
                    None,
                    values,
                    best == claimed if name == claimed else None,
                )
            )
    return rows, {"miss": miss, "acceleration": round(kalman.acceleration, 3)}


def _round(values: Any) -> list[float]:
    return [round(float(one), 4) for one in values]


def main(arguments: Sequence[str] = ()) -> int:
    """Print how far off each is; return 0 where that bears the claims out, else 1."""
    settings = {"units": [48, 48], "updates": 1500, "learning_rate": 0.005, "batch": 32, "drives": 100}
    code = report("car_race", __doc__, run, arguments, seeds=3, settings=settings, digits=2)
    if "--keep" in arguments:
        write_car_lstm(learn())
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

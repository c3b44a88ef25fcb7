"""A rotating machine: the next 100 samples from the 2,500 before, and a defect found by a network's surprise.

The network is the one of the lecture material: windows of 25 steps of 100 samples, two LSTM layers of 100, a hidden
layer of 100, 100 outputs, Adam with a learning rate of 0.0001. It prints no error, and its signal is not public; ours
is simulated, see `rnnviz.data.Bearing`: 16 s to learn from, 4 s to choose by, 4 s to be tested on. Beside it stand the
same network at 0.003, and a linear autoregression of whole pieces, whose length and penalty are chosen on the
validation part. All errors are mean squares of the scaled signal; the sensor's noise alone makes 0.012.

What is claimed, and was written down before these runs but after a trial with one seed:

* the faster rate is better after 600 updates than the published one after 2,000;
* one piece ahead the network at the faster rate errs less than the linear autoregression;
* read by itself for 20 pieces it does *not* err less: what a linear model cannot do is small beside what the drift of
  the shaft's speed makes uncertain for everybody.

Anomaly: a smaller network, two LSTM layers of 48, which ships with the course, reads a sound machine; the threshold is
what 0.5 % of the validation part's pieces exceed. Then defects of different severity appear half way through new runs.
Claimed before the first run, of single pieces: at severity 0.5 and above, precision and recall are both above 0.95; at
0.05 recall is below 0.5. The first half of that failed: once a turn the coupling knocks, and nobody can say to the
sample when, so that a sound piece with a knock in it surprises as much as a defect. But a knock is in one piece of
four, a defect in each. So the median of the last nine pieces is judged as well, and the same was claimed of it, after
a look at the pieces' surprise and before the run.

Run it with ``rnnviz prove bearing`` (a minute and a half a seed); ``--keep`` writes the result beside it, and the
weights of the smaller network of the first seed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

import torch
from torch import Tensor

from rnnviz.data.bearing import Bearing, BearingWindows, cut_pieces
from rnnviz.data.windows import Windows, windows
from rnnviz.experiments.results import write_results
from rnnviz.experiments.table import Row, write_table
from rnnviz.models.shipped import write_bearing_lstm
from rnnviz.models.stack import StackForecaster
from rnnviz.models.watchman import (
    LinearPieces,
    choose_threshold,
    count_alarms,
    measure_surprise,
    smooth_surprise,
)
from rnnviz.training import train

__all__ = ["HORIZON", "PIECES", "SCALE", "SEVERITIES", "learn", "make_parts", "run"]

HORIZON = 20
"""Pieces that are generated."""
SCALE = 0.45
"""What the signal is divided by, in g: about its standard deviation while it is sound."""
SEVERITIES = (0.05, 0.1, 0.2, 0.5, 1.0)
PIECES = 9
"""Whose median is judged."""
KNOCKS = "A sound piece in which the coupling knocks surprises as much."
LAGS, PENALTIES = (2, 4, 8, 12), (1.0, 10.0, 100.0, 1000.0)
RATE = 12_000


def make_parts(seed: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    """Return what is learned from, chosen by and tested on, scaled: 16, 4 and 4 seconds of a sound machine.

    Parameters
    ----------
    seed : int
        Of the machine's run.

    Returns
    -------
    tuple of Tensor, shape (time,) each

    Examples
    --------
    >>> [len(part) for part in make_parts()]
    [192000, 48000, 48000]
    """
    signal = torch.from_numpy(Bearing().run(24.0, seed=seed).signal) / SCALE
    return signal[: 16 * RATE], signal[16 * RATE : 20 * RATE], signal[20 * RATE :]


def learn(
    model: StackForecaster, signal: Tensor, rate: float, updates: int, seed: int = 0
) -> StackForecaster:
    """Train a network on windows that begin anywhere in the signal, 32 at a time; returns it."""
    data = BearingWindows(signal)
    for _ in train(model, data, learning_rate=rate, clip_norm=1.0, steps=updates, seed=seed):
        pass
    return model.eval()


def fit_linear(known: Tensor, validation: Tensor) -> LinearPieces:
    """Fit a linear autoregression for each length and penalty, and return the best on the validation part."""
    inputs, following = BearingWindows(known, batch=1800)(torch.Generator().manual_seed(0))
    many = Windows(inputs, following[-1:], torch.arange(inputs.shape[1]))
    unseen = windows(cut_pieces(validation), 25)
    fitted = [LinearPieces(lag, penalty).fit(many) for lag in LAGS for penalty in PENALTIES]

    def error(model: LinearPieces) -> float:
        return float((model.forecast(unseen.inputs, 1) - unseen.future).square().mean())

    return min(fitted, key=error)


def _errors(model: StackForecaster | LinearPieces, unseen: Windows) -> list[float]:
    """Mean squared error for each piece ahead."""
    squared = (model.forecast(unseen.inputs, HORIZON) - unseen.future).square()
    return [round(float(one), 5) for one in squared.mean((1, 2))]


def find_defects(model: StackForecaster, validation: Tensor, pieces: int) -> dict[str, Any]:
    """Choose a threshold on the validation part, and count alarms where defects appear in new runs.

    Judged is the median of the latest ``pieces`` values.
    """
    threshold = choose_threshold(smooth_surprise(measure_surprise(model, validation), pieces))
    found: dict[str, Any] = {"threshold": round(threshold, 5)}
    for severity in SEVERITIES:
        run = Bearing().run(8.0, begins=4.0, severity=severity, seed=50)
        surprise = smooth_surprise(measure_surprise(model, run.signal, SCALE), pieces)
        faulty = cut_pieces(run.severity)[:, 0] > 0
        alarms = count_alarms(surprise, faulty, threshold)
        found[str(severity)] = [round(alarms.precision, 4), round(alarms.recall, 4)]
    return found


def run(
    seeds: Sequence[int] = (0, 1, 2),
) -> tuple[list[Row], dict[str, Any], StackForecaster]:
    """Train all networks with each seed, and measure.

    Parameters
    ----------
    seeds : sequence of int
        One training each, of three networks.

    Returns
    -------
    rows : list of Row
    details : dict
        ``ahead``: errors for each piece ahead, by model; ``alarms``: precision and recall by severity, for single
        pieces and for the median.
    small : StackForecaster
        The smaller network of the first seed.
    """
    known, validation, test = make_parts()
    unseen = windows(cut_pieces(test), 25, HORIZON)
    linear = fit_linear(known, validation)
    ahead: dict[str, list[list[float]]] = {
        "linear": [_errors(linear, unseen)],
        "repeat the last piece": [
            [round(float(one), 4) for one in (unseen.inputs[-1] - unseen.future).square().mean((1, 2))]
        ],
        "LSTM, 0.0001": [],
        "LSTM, 0.003": [],
    }
    alarms: dict[int, list[dict[str, Any]]] = {1: [], PIECES: []}
    small = None
    for seed in seeds:
        for name, rate, updates in (("LSTM, 0.0001", 1e-4, 2000), ("LSTM, 0.003", 3e-3, 600)):
            model = StackForecaster(100, [100, 100], hidden=100, seed=seed)
            ahead[name].append(_errors(learn(model, known, rate, updates, seed), unseen))
        smaller = learn(StackForecaster(100, [48, 48], seed=seed), known, 3e-3, 1500, seed)
        for pieces, found in alarms.items():
            found.append(find_defects(smaller, validation, pieces))
        small = small or smaller
    assert small is not None
    return _judge(ahead, alarms), {"lag": linear.length, "ahead": ahead, "alarms": alarms}, small


def _judge(ahead: dict[str, list[list[float]]], alarms: dict[int, list[dict[str, Any]]]) -> list[Row]:
    def at(name: str, piece: int) -> tuple[float, ...]:
        return tuple(run[piece - 1] for run in ahead[name])

    rows = []
    for piece in (1, HORIZON):
        middle = {name: median(at(name, piece)) for name in ahead}
        judged = {
            "LSTM, 0.003": middle["LSTM, 0.003"] < middle["linear"]
            if piece == 1
            else middle["LSTM, 0.003"] >= middle["linear"],
            "LSTM, 0.0001": middle["LSTM, 0.0001"] > middle["LSTM, 0.003"] if piece == 1 else None,
        }
        rows += [
            Row(f"{name}, piece {piece} ahead", None, at(name, piece), judged.get(name)) for name in ahead
        ]
    for pieces, runs in alarms.items():
        for severity in SEVERITIES:
            for place, what in enumerate(("precision", "recall")):
                values = tuple(found[str(severity)][place] for found in runs)
                if severity >= 0.5:
                    holds = median(values) > 0.95
                else:
                    holds = median(values) < 0.5 if severity == 0.05 and what == "recall" else None
                how = "single pieces" if pieces == 1 else f"median of {pieces}"
                note = KNOCKS if pieces == 1 and holds is False else ""
                rows.append(Row(f"defect {severity:g}, {how}: {what}", None, values, holds, note=note))
    return rows


def main(arguments: Sequence[str] = ()) -> int:
    """Print what is measured; return 0 where it bears the claims out, else 1."""
    parser = argparse.ArgumentParser(
        prog="rnnviz prove bearing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds, from 0 (default %(default)s)")
    parser.add_argument("--keep", action="store_true", help="write the result, and the weights that ship")
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error(f"--seeds is {options.seeds}; at least 1 is needed")
    began = time.perf_counter()
    rows, details, small = run(range(options.seeds))
    print(write_table(rows, 4))
    if options.keep:
        settings = {"seeds": options.seeds, "batch": 32, "clip_norm": 1.0}
        settings |= {"updates": {"0.0001": 2000, "0.003": 600, "smaller": 1500}, "horizon": HORIZON}
        write_results(
            "bearing", rows, settings=settings, seconds=time.perf_counter() - began, details=details
        )
        write_bearing_lstm(small)
    return 1 if any(row.holds is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

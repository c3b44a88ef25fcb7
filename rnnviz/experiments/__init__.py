"""Published results, computed again, and the recorder beside autograd: one module each, run by ``rnnviz prove``.

Each module has a ``main`` that prints what should come out beside what is measured here, and returns 0 where that is
borne out within the tolerance that the module states, else 1.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass

__all__ = ["EXPERIMENTS", "Experiment", "run_experiment"]


@dataclass(frozen=True)
class Experiment:
    """What is known of an experiment before it is run.

    Attributes
    ----------
    about : str
        What is claimed, in a line.
    lasts : str
        How long it takes, roughly.
    seeded : bool
        Whether there is chance in it, so that it is run with several seeds.
    """

    about: str
    lasts: str
    seeded: bool = False


#: By the name of the module, the quick ones first.
EXPERIMENTS = {
    "two_step_rnn": Experiment(
        "five neurons, two steps: the outputs of a network whose weights were not printed", "a moment"
    ),
    "naive_forecast": Experiment("the error of the naive forecast, to nine digits", "a moment"),
    "ragged_batch": Experiment(
        "the same network where one instance is a step shorter: zeros past the end, and final states",
        "a moment",
    ),
    "tank_control": Experiment(
        "a valve that must open in time: the best threshold on the level, against a controller that remembers",
        "a moment",
    ),
    "every_combination": Experiment(
        "torch's layers, recorded with every option they have, against step-by-step autograd, to 1e-10",
        "some seconds",
    ),
    "digit_rows": Experiment(
        "the LSTM that ships with the course: digits of 8 × 8, read row by row",
        "a minute a seed",
        seeded=True,
    ),
    "memory_capacity": Experiment(
        "how much of its input a reservoir holds: at most as many steps as it has units",
        "ten seconds a seed",
        seeded=True,
    ),
    "mackey_glass": Experiment(
        "a chaotic series, 84 steps ahead, by a reservoir that runs on its own output",
        "20 seconds a seed",
        seeded=True,
    ),
    "parity": Experiment(
        "were the ones odd in number? Linear recurrences with factors that may turn a sign, or not",
        "15 seconds a seed",
        seeded=True,
    ),
    "synthetic_series": Experiment(
        "forecasting one step, from one neuron to a deep network", "40 seconds a seed", seeded=True
    ),
    "ten_steps_ahead": Experiment(
        "forecasting ten steps: fed back one at a time, or all at once", "a minute a seed", seeded=True
    ),
    "forget_bias": Experiment(
        "which LSTM will learn, told from its gradients before any training", "40 seconds a seed", seeded=True
    ),
    "adding_problem": Experiment(
        "two marked numbers among 150: solved by IRNN and LSTM, not by tanh", "2 minutes a seed", seeded=True
    ),
    "car_race": Experiment(
        "where a car will be: a network, a Kalman filter and a constant velocity",
        "half a minute a seed",
        seeded=True,
    ),
    "layer_memory": Experiment(
        "what each layer of a stack remembers, by a linear readout", "20 seconds a seed", seeded=True
    ),
    "dropout": Experiment(
        "dropout between layers, on and off, with little data and with endless data",
        "half a minute a seed",
        seeded=True,
    ),
    "both_ways": Experiment(
        "reading both ways: where it helps, and where it only looks so", "half a minute a seed", seeded=True
    ),
    "bearing": Experiment(
        "a rotating machine's signal, generated, and a defect found in it",
        "a minute and a half a seed",
        seeded=True,
    ),
    "depth": Experiment(
        "where a second and a third layer help, with as many weights", "2 minutes a seed", seeded=True
    ),
    "recall": Experiment(
        "a country named early decides a word much later: which gate carries it how far",
        "a minute and a quarter a seed",
        seeded=True,
    ),
    "analogies": Experiment(
        "man is to woman as king is to …? How often word vectors know", "two seconds a seed", seeded=True
    ),
    "sentiment": Experiment(
        "does this sentence praise? LSTM and GRU against bags of words, on made-up and on real reviews",
        "half a minute a seed; the real reviews need their files",
        seeded=True,
    ),
    "reversal": Experiment(
        "does it help to read the source backwards? Two translators, while they learn",
        "15 seconds a seed",
        seeded=True,
    ),
    "teacher_forcing": Experiment(
        "right words or own ones in training: how a translator copes with its errors",
        "half a minute a seed",
        seeded=True,
    ),
    "bottleneck": Experiment(
        "how long a sentence fits through one state, with and without attention",
        "half a minute a seed",
        seeded=True,
    ),
    "tatoeba": Experiment(
        "real sentences, English to French: BLEU with and without attention",
        "two minutes a seed; needs its file and sacrebleu",
        seeded=True,
    ),
    "temporal_order": Experiment(
        "which symbol came first: clipping, and a regulariser, against lost gradients",
        "5 minutes a seed",
        seeded=True,
    ),
    "mnist_rows": Experiment(
        "handwritten digits read row by row: RNN, deeper RNN and LSTM, and a convolutional net",
        "an hour and twenty minutes a seed; needs MNIST",
        seeded=True,
    ),
}


def run_experiment(name: str, seeds: int | None = None) -> bool:
    """Run one experiment and print what was published beside what is measured.

    Parameters
    ----------
    name : str
        A key of `EXPERIMENTS`.
    seeds : int, optional
        How many seeds, where there is chance in it; by default as many as the experiment's own.

    Returns
    -------
    bool
        Whether the measurement bears out what is claimed.

    Raises
    ------
    KeyError
        If there is no such experiment.

    Examples
    --------
    >>> from rnnviz.experiments import run_experiment
    >>> run_experiment("naive_forecast")
                                published        measured
    naive forecast, MSE       0.020211367     0.020211367    holds
    True
    """
    arguments = ["--seeds", str(seeds)] if seeds is not None and EXPERIMENTS[name].seeded else []
    return bool(importlib.import_module(f"rnnviz.experiments.{name}").main(arguments) == 0)

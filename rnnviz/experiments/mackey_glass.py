"""The Mackey–Glass series, 84 steps ahead, by a reservoir that runs on its own output.

H. Jaeger and H. Haas ("Harnessing nonlinearity: predicting chaotic systems and saving energy in wireless
communication", Science 304, 2004) taught a reservoir of 1,000 units to make the series with τ = 17 itself, and reported
an error after 84 steps, over the series' standard deviation, of 10^−4.2, or 0.00006.

Here, as there, the output is all that drives the network: fed back as tanh(y − 1), the true one for 3,000 steps, of
which the last 2,000 are fitted; then the network's own. 50 trials start 100 steps apart in what follows the fitted
part, each after the true series has brought the network to that place, and the error is the root of the mean of the
squared errors at step 84 over all trials, divided by the standard deviation. ρ is 0.8; feedback weights lie between
−0.56 and 0.56, biases between −0.2 and 0.2, each unit has ten inputs from others on average, and the ridge is 1e-14.
The weights are ours, and so is the series: integrated by a fourth-order method, without noise. Every seed draws weights
of its own and starts the series elsewhere.

What is claimed: the median over the seeds is no more than the published error. Not judged are 400 units, for
comparison, and 1,000 with feedback weights up to 1: in a trial with two seeds these were better, and the claim is not
made for what was chosen by its result.

Run it with ``rnnviz prove mackey_glass`` (20 seconds a seed); ``--keep`` writes the result beside it, with the error
at each of the 84 steps in ``details``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import median
from typing import Any

import torch
from torch import Tensor

from rnnviz.data.mackey_glass import integrate_mackey_glass
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models import EchoStateNetwork

__all__ = ["AHEAD", "PUBLISHED", "forecast", "run"]

PUBLISHED = -4.2
WASHOUT, FIT, TRIALS, GAP, AHEAD = 1000, 2000, 50, 100, 84
RADIUS, FEEDBACK, BIAS, INPUTS_EACH, RIDGE = 0.8, 0.56, 0.2, 10, 1e-14
LOUDER = (
    "With these weights a single draw may be as good as published, the median is not. Feedback weights up to 1 bring "
    "the median below the published error, but were chosen by a trial with two of these seeds."
)
#: Units, and the largest feedback weight; the first is judged.
NETWORKS = ((1000, FEEDBACK), (1000, 1.0), (400, FEEDBACK))


def forecast(
    units: int,
    seed: int = 0,
    *,
    feedback: float = FEEDBACK,
    trials: int = TRIALS,
    washout: int = WASHOUT,
    fit: int = FIT,
) -> tuple[Tensor, Tensor, float]:
    """Fit a network to the series, and let it run on from several places.

    Parameters
    ----------
    units : int
    seed : int
        Of the weights, and of where the series starts.
    feedback : float
        The largest feedback weight.
    trials : int
        Places to go on from.
    washout, fit : int
        Steps that only drive the network, and steps that are fitted.

    Returns
    -------
    said, truth : Tensor, shape (84, trials)
        In the series' own scale.
    deviation : float
        Standard deviation of the whole series.

    Examples
    --------
    >>> said, truth, deviation = forecast(50, trials=3, washout=100, fit=500)
    >>> said.shape, bool((said - truth)[0].abs().max() < 0.1 * deviation)
    (torch.Size([84, 3]), True)
    """
    begin = washout + fit
    series = torch.from_numpy(integrate_mackey_glass(begin + GAP * trials + AHEAD, seed=seed))[:, None, None]
    network = EchoStateNetwork(
        units,
        inputs=0,
        spectral_radius=RADIUS,
        feedback_scale=feedback,
        bias_scale=BIAS,
        density=min(1.0, INPUTS_EACH / units),
        squash=1.0,
        seed=seed,
    )
    silence = series.new_empty(len(series), 1, 0)
    network.fit(silence[:begin], series[:begin], ridge=RIDGE, washout=washout)
    # The true series brings the network to each place; a state at t has seen all before t.
    states, _ = network(silence[1:], None, series[:-1])
    starts = begin + GAP * torch.arange(trials)
    said = network.generate(series[starts - 1, 0], AHEAD, states[starts - 2, 0])
    truth = torch.stack([series[starts + step, 0] for step in range(AHEAD)])
    return said[..., 0], truth[..., 0], float(series.std())


def run(seeds: Sequence[int] = (0, 1, 2, 3, 4)) -> tuple[list[Row], dict[str, Any]]:
    """Forecast with every network and each seed.

    Parameters
    ----------
    seeds : sequence of int

    Returns
    -------
    rows : list of Row
        The decimal logarithm of the error at step 84; the first network's is judged.
    details : dict
        In ``log10_error``, by the row's name and for each seed, that of each step; in ``shown``, the first network's
        first forecast and the truth.
    """
    errors: dict[str, list[list[float]]] = {}
    shown: dict[str, list[float]] = {}
    for units, feedback in NETWORKS:
        what = f"log10 of the error at step {AHEAD}, {units:,} units, feedback ±{feedback:g}"
        errors[what] = []
        for seed in seeds:
            said, truth, deviation = forecast(units, seed, feedback=feedback)
            error = (said - truth).square().mean(1).sqrt() / deviation
            errors[what].append([round(one, 3) for one in error.log10().tolist()])
            if not shown:
                shown = {
                    name: [round(one, 5) for one in values[:, 0].tolist()]
                    for name, values in (("said", said), ("truth", truth))
                }
    return judge(errors), {"log10_error": errors, "shown": shown}


def judge(errors: dict[str, list[list[float]]]) -> list[Row]:
    """Make the rows of what `run` measured: the first beside the published error, the others for comparison."""
    last = {what: tuple(curve[-1] for curve in curves) for what, curves in errors.items()}
    first, *others = last
    holds = median(last[first]) <= PUBLISHED
    louder = bool(others) and median(last[others[0]]) <= PUBLISHED
    rows = [Row(first, PUBLISHED, last[first], holds, note=LOUDER if louder and not holds else "")]
    return rows + [Row(what, None, last[what]) for what in others]


def main(arguments: Sequence[str] = ()) -> int:
    """Print the error beside the published one; return 0 where ours is no larger, else 1."""
    settings = {
        "spectral_radius": RADIUS,
        "bias_scale": BIAS,
        "inputs of a unit": INPUTS_EACH,
        "ridge": RIDGE,
        "washout": WASHOUT,
        "fitted": FIT,
        "trials": TRIALS,
    }
    return report("mackey_glass", __doc__, run, arguments, seeds=5, settings=settings, digits=2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Forecasting ten steps of the published synthetic series: fed back one at a time, or all at once.

A. Géron, *Hands-On Machine Learning with Scikit-Learn, Keras, and TensorFlow*, 2nd edition (O'Reilly, 2019),
chapter 15. The series have 60 steps: 50 to look at, 10 to forecast. The network that is fed back has learned to say
one step; the others have learned to say ten. Trained and measured as in `rnnviz.experiments.synthetic_series`.

As published, the network that is fed back comes from the series of 51 steps. Those span the same time as the ones of
60, so that a step of theirs is longer: it is measured on slower waves than it has learned from. Beside it stands one
that has learned from what it is measured on.

The bar is that of `rnnviz.experiments.synthetic_series`: within a fifth of the published error, on either side. What
the chapter says in words is judged by itself: ten steps all at once are forecast better by the deep network than by
the linear one, and better by the linear one than fed back.

Run it with ``rnnviz prove ten_steps_ahead`` (about three minutes for three seeds); ``--seeds 1`` is
faster.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from rnnviz.data.series import synthetic_series
from rnnviz.data.windows import Windows
from rnnviz.experiments.report import report
from rnnviz.experiments.synthetic_series import BATCH, EPOCHS, TRAINING, judge, train_as_published
from rnnviz.experiments.table import Row
from rnnviz.models.baselines import LinearForecaster, Naive
from rnnviz.models.forecaster import Forecaster

HORIZON = 10


def run(seeds: Sequence[int] = (0, 1, 2), epochs: int = EPOCHS) -> list[Row]:
    """Train each model with each seed and measure its ten steps on the validation series.

    Parameters
    ----------
    seeds : sequence of int
        One training each.
    epochs : int, default 20
        As published; fewer for a quick look, which then bears nothing out.

    Returns
    -------
    list of Row
        The published mean squared error over all ten steps and ours, and the order of the three.
    """
    series = torch.from_numpy(synthetic_series(steps=50 + HORIZON))
    past, future = series[:-HORIZON], series[-HORIZON:]
    learn, check = past[:, :TRAINING], past[:, TRAINING:9000]
    truth = future[:, TRAINING:9000]
    # The last of a network's outputs is what is asked for: (1, batch, 10), all ten side by side.
    ahead = future[:, :TRAINING].permute(2, 1, 0)

    def measure(build: Callable[[int], nn.Module], inputs: Tensor, targets: Tensor) -> tuple[float, ...]:
        errors = []
        for seed in seeds:
            model = build(seed)
            train_as_published(model, inputs, targets, 0.001, epochs, seed)
            errors.append(_error(model, check, truth))
        return tuple(errors)

    earlier = torch.from_numpy(synthetic_series())[:, :TRAINING]
    exact = LinearForecaster(50, horizon=HORIZON)
    exact.fit(Windows(learn, future[:, :TRAINING], torch.arange(TRAINING)))
    rows = {
        "fed back, one step at a time": (
            0.0275,
            measure(lambda seed: Forecaster(units=20, layers=2, seed=seed), earlier[:-1], earlier[-1:]),
        ),
        "fed back, from the same series": (
            None,
            measure(lambda seed: Forecaster(units=20, layers=2, seed=seed), learn, future[:1, :TRAINING]),
        ),
        "linear, all at once": (
            0.0187,
            measure(lambda seed: LinearForecaster(50, horizon=HORIZON, seed=seed), learn, ahead),
        ),
        "deep, all at once": (
            0.0085,
            measure(lambda seed: Forecaster(units=20, layers=2, horizon=HORIZON, seed=seed), learn, ahead),
        ),
        "linear, least squares": (None, (_error(exact, check, truth),)),
        "naive": (None, (_error(Naive(), check, truth),)),
    }
    return judge_all(rows)


def judge_all(rows: Mapping[str, tuple[float | None, tuple[float, ...]]]) -> list[Row]:
    """Judge each error, and whether the three published ones come in the same order with every seed.

    Parameters
    ----------
    rows : mapping of str to tuple
        By what was measured, the published error, or None, and ours, one a seed.

    Returns
    -------
    list of Row
        One for each error, and the share of seeds that have the published order.
    """
    published = {what: error for what, (error, _) in rows.items() if error is not None}
    order = sorted(published, key=published.__getitem__)
    ours = zip(*(rows[what][1] for what in order), strict=True)
    kept = tuple(float(list(errors) == sorted(errors)) for errors in ours)
    judged = [judge(what, error, got) for what, (error, got) in rows.items()]
    note = "of the published errors, from the least. It holds where all seeds have it."
    return [*judged, Row("the order", 1.0, kept, min(kept) == 1.0, note, yes=True)]


def _error(model: nn.Module | Naive, check: Tensor, truth: Tensor) -> float:
    with torch.no_grad():
        forecast = model.forecast(check, HORIZON)  # type: ignore[operator]
        return float((forecast - truth).square().mean())


def main(arguments: Sequence[str] = ()) -> int:
    """Print the published numbers and ours; return 0 where ours bear them out, else 1."""
    settings = {"epochs": EPOCHS, "batch": BATCH, "training_series": TRAINING, "horizon": HORIZON}
    return report("ten_steps_ahead", __doc__, run, arguments, seeds=3, settings=settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

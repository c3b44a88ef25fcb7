"""Dropout between two layers, on and off: error curves over several seeds, with little data and with endless data.

Srivastava and others (2014) introduced dropout against overfitting, Zaremba, Sutskever and Vinyals (2014) put it
between recurrent layers. They print other tasks; what is tested here is their claim, on two that run in seconds. Two
LSTM layers of 64 units, with a probability of 0, 0.25 or 0.5 that a value between them is dropped:

* **little data**: 100 digits of 8 × 8, read by rows, seen again and again for 1,500 updates. Claimed, before the run:
  with dropout 0.5 the cross-entropy on unseen digits ends lower than without (median over the seeds).
* **endless data**: where every batch is new, nothing can be learned by heart. A car's place five seconds ahead, 600
  updates. Claimed: dropout 0.5 ends worse than none.

Run it with ``rnnviz prove dropout`` (half a minute a seed); ``--keep`` writes the result, curves included, beside it.

References
----------
N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, "Dropout: a simple way to prevent neural
networks from overfitting", JMLR 15 (2014); W. Zaremba, I. Sutskever and O. Vinyals, "Recurrent neural network
regularization", arXiv 1409.2329 (2014).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnnviz.data.car import draw_drives
from rnnviz.data.digits import digits
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models.car import CarForecaster, draw_car_batches, measure_miss
from rnnviz.models.stack import StackLabeller
from rnnviz.training import mean_squared_error, train

__all__ = ["FEW", "draw_few_digits", "run"]

RATES = (0.0, 0.25, 0.5)
FEW = 100
"""Digits that are learned from."""


def draw_few_digits(count: int = FEW, batch: int = 50) -> Callable[[torch.Generator], tuple[Tensor, Tensor]]:
    """Return a function that draws batches of the first few digits, as sequences of rows, and what they show.

    Parameters
    ----------
    count : int
        Digits to draw from.
    batch : int, default 50

    Returns
    -------
    callable
        From a generator to ``rows``, (time, batch, 8), and labels, (batch,).

    Examples
    --------
    >>> rows, labels = draw_few_digits()(torch.Generator().manual_seed(0))
    >>> rows.shape, labels.shape
    (torch.Size([8, 50, 8]), torch.Size([50]))
    """
    known = digits().train.select(slice(count))

    def draw(generator: torch.Generator) -> tuple[Tensor, Tensor]:
        chosen = torch.randint(count, (batch,), generator=generator)
        return known.sequences[:, chosen], known.targets[chosen]

    return draw


def _follow(
    model: nn.Module, data: Any, loss: Any, measure: Callable[[nn.Module], dict[str, float]], **options: Any
) -> dict[str, list[float]]:
    """Train, and measure at regular intervals."""
    curve: dict[str, list[float]] = {}
    every, steps, seed = options["every"], options["steps"], options["seed"]
    # Dropout draws from torch's own generator.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        training = train(model, data, loss=loss, learning_rate=options["rate"], clip_norm=1.0, seed=seed)
        for update in range(1, steps + 1):
            training.step()
            if update % every == 0:
                model.eval()
                with torch.no_grad():
                    for name, value in measure(model).items():
                        curve.setdefault(name, []).append(round(value, 5))
    return curve


def _learn_digits(rate: float, seed: int) -> dict[str, list[float]]:
    known, unseen = digits().train.select(slice(FEW)), digits().test

    def measure(model: nn.Module) -> dict[str, float]:
        said = model(unseen.sequences)
        return {
            "learned": float(cross_entropy(model(known.sequences), known.targets)),
            "unseen": float(cross_entropy(said, unseen.targets)),
            "right": float((said.argmax(-1) == unseen.targets).float().mean()),
        }

    model = StackLabeller(8, [64, 64], 10, whole=True, dropout=rate, seed=seed)
    return _follow(
        model, draw_few_digits(), cross_entropy, measure, every=50, steps=1500, seed=seed, rate=0.003
    )


def _learn_car(rate: float, seed: int) -> dict[str, list[float]]:
    measured, truth = draw_drives(20, seed=77)

    def measure(model: nn.Module) -> dict[str, float]:
        return {"miss": float(measure_miss(model(measured), truth)[-1])}

    model = CarForecaster([64, 64], seed=seed)
    model.stack.dropout = rate
    return _follow(
        model,
        draw_car_batches(seed=1),
        mean_squared_error,
        measure,
        every=50,
        steps=600,
        seed=seed,
        rate=0.005,
    )


def run(seeds: Sequence[int] = (0, 1, 2, 3, 4)) -> tuple[list[Row], dict[str, Any]]:
    """Train with each rate and each seed, on both tasks.

    Parameters
    ----------
    seeds : sequence of int
        One training each.

    Returns
    -------
    rows : list of Row
        What each rate ends with.
    details : dict
        In ``digits`` and ``car``, by rate and seed, the curves, a value every 50 updates.
    """
    few = {str(rate): [_learn_digits(rate, seed) for seed in seeds] for rate in RATES}
    endless = {str(rate): [_learn_car(rate, seed) for seed in seeds] for rate in RATES}

    def ends(curves: dict[str, list[dict[str, list[float]]]], name: str) -> dict[str, tuple[float, ...]]:
        return {rate: tuple(curve[name][-1] for curve in runs) for rate, runs in curves.items()}

    loss, right, miss = ends(few, "unseen"), ends(few, "right"), ends(endless, "miss")
    helps = median(loss["0.5"]) < median(loss["0.0"])
    hurts = median(miss["0.5"]) > median(miss["0.0"])
    rows = []
    for rate in loss:
        last = rate == "0.5"
        rows.append(Row(f"100 digits, dropout {rate}: loss", None, loss[rate], helps if last else None))
        rows.append(Row(f"100 digits, dropout {rate}: right", None, right[rate]))
        rows.append(Row(f"endless drives, dropout {rate}: metres", None, miss[rate], hurts if last else None))
    return sorted(rows, key=lambda row: row.what.startswith("endless")), {"digits": few, "car": endless}


def main(arguments: Sequence[str] = ()) -> int:
    """Print what each rate ends with; return 0 where that bears the claims out, else 1."""
    settings = {"units": [64, 64], "digits": FEW, "updates": {"digits": 1500, "car": 600}, "every": 50}
    return report("dropout", __doc__, run, arguments, seeds=5, settings=settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

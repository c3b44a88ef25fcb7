"""Reading both ways: where it helps, where it does nothing, and where it only looks as if it did.

Schuster and Paliwal (1997) let a second layer read from the end. What is measured, with about as many weights for one
layer that reads forward as for one that reads both ways:

* **a label that the future decides**: say at every step what comes three steps later, of random signs. Claimed, before
  the run: forward stays at guessing, 0.5; both ways is right in more than 0.99.
* **one label for a whole digit** of 8 × 8: claimed that both ways gains less than 0.02, since the last state has seen
  everything in either case.
* **a forecast**: the next piece of a bearing's signal, learned at every step of a window. Claimed: inside the window
  both ways errs less than half as much as forward, because the other direction has already read the answer; at the
  window's end, where a forecast is needed, it errs more.

Run it with ``rnnviz prove both_ways`` (half a minute a seed); ``--keep`` writes the result beside it.

References
----------
M. Schuster and K. K. Paliwal, "Bidirectional recurrent neural networks", IEEE Transactions on Signal Processing 45
(1997).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnnviz.data.bearing import Bearing, BearingWindows, cut_pieces
from rnnviz.data.digits import digits
from rnnviz.data.windows import windows
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models.stack import Floor, StackForecaster, StackLabeller
from rnnviz.training import mean_squared_error, train

__all__ = ["draw_signs", "run"]

AHEAD = 3
MISSED = "It errs less, since it has read the answer, but not by half: 44 units cannot hand on 100 samples exactly."
WAYS = {"forward": False, "both ways": True}


def draw_signs(generator: torch.Generator, steps: int = 20, batch: int = 32) -> tuple[Tensor, Tensor]:
    """Draw random signs, and for each step what comes three steps later, 0 or 1; past the end, 0.

    Parameters
    ----------
    generator : torch.Generator
    steps, batch : int

    Returns
    -------
    inputs : Tensor, shape (time, batch, 1)
        −1 or 1.
    labels : Tensor of int64, shape (time, batch)

    Examples
    --------
    >>> signs, labels = draw_signs(torch.Generator().manual_seed(0))
    >>> bool((signs[3:, :, 0] > 0).eq(labels[:-3] == 1).all())
    True
    """
    bits = torch.randint(2, (steps, batch), generator=generator)
    later = torch.cat([bits[AHEAD:], torch.zeros(AHEAD, batch, dtype=torch.int64)])
    return 2.0 * bits[..., None] - 1, later


def _floors(units: int, both: bool) -> list[Floor]:
    # Two directions of 2/3 of the units have about as many weights as one.
    return [Floor(round(0.68 * units) if both else units, "lstm", both_ways=both)]


def _finish(model: nn.Module, data: Any, loss: Any, rate: float, updates: int, seed: int) -> None:
    for _ in train(model, data, loss=loss, learning_rate=rate, clip_norm=1.0, steps=updates, seed=seed):
        pass
    model.eval()


def _label_signs(both: bool, seed: int) -> float:
    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        return cross_entropy(logits[:-AHEAD].flatten(0, 1), labels[:-AHEAD].flatten())

    model = StackLabeller(1, _floors(24, both), 2, seed=seed)
    _finish(model, draw_signs, loss, 0.01, 300, seed)
    signs, labels = draw_signs(torch.Generator().manual_seed(10**6), batch=200)
    with torch.no_grad():
        return float((model(signs).argmax(-1) == labels)[:-AHEAD].float().mean())


def _label_digits(both: bool, seed: int) -> float:
    known, unseen = digits()

    def draw(generator: torch.Generator) -> tuple[Tensor, Tensor]:
        chosen = torch.randint(len(known), (50,), generator=generator)
        return known.sequences[:, chosen], known.targets[chosen]

    model = StackLabeller(8, _floors(48, both), 10, whole=True, seed=seed)
    _finish(model, draw, cross_entropy, 0.003, 1000, seed)
    with torch.no_grad():
        return float((model(unseen.sequences).argmax(-1) == unseen.targets).float().mean())


def _forecast(both: bool, seed: int, signal: Tensor) -> tuple[float, float]:
    known, unseen = signal[:192_000], windows(cut_pieces(signal[192_000:]), 25)
    model = StackForecaster(100, _floors(64, both), seed=seed)
    _finish(model, BearingWindows(known), mean_squared_error, 0.003, 400, seed)
    with torch.no_grad():
        squared = (model(unseen.inputs) - unseen.shifted).square().mean((1, 2))
    # The first steps know little in either case.
    return float(squared[10:-1].mean()), float(squared[-1])


def run(seeds: Sequence[int] = (0, 1, 2, 3, 4)) -> list[Row]:
    """Train one layer forward and one both ways on each task, with each seed.

    Parameters
    ----------
    seeds : sequence of int
        One training each.

    Returns
    -------
    list of Row
    """
    signal = torch.from_numpy(Bearing().run(24.0, seed=1).signal)
    signal = signal / signal[:192_000].std()
    found: dict[str, dict[str, tuple[float, ...]]] = {}
    for way, both in WAYS.items():
        forecasts = [_forecast(both, seed, signal) for seed in seeds]
        found[way] = {
            "what comes 3 steps later: right": tuple(round(_label_signs(both, seed), 4) for seed in seeds),
            "a digit as a whole: right": tuple(round(_label_digits(both, seed), 4) for seed in seeds),
            "next piece, inside the window: error": tuple(round(one[0], 5) for one in forecasts),
            "next piece, at its end: error": tuple(round(one[1], 5) for one in forecasts),
        }
    rows = []
    for what in found["forward"]:
        one, two = median(found["forward"][what]), median(found["both ways"][what])
        holds = {
            "what": one < 0.6 and two > 0.99,
            "a": two < one + 0.02,
            "next": two < one / 2 if "inside" in what else two > one,
        }[what.split()[0]]
        rows.append(Row(f"{what}, forward", None, found["forward"][what]))
        note = MISSED if "inside" in what and not holds and two < one else ""
        rows.append(Row(f"{what}, both ways", None, found["both ways"][what], holds, note=note))
    return rows


def main(arguments: Sequence[str] = ()) -> int:
    """Print what both ways of reading reach; return 0 where that bears the claims out, else 1."""
    settings = {"clip_norm": 1.0, "updates": {"signs": 300, "digits": 1000, "bearing": 400}}
    return report("both_ways", __doc__, run, arguments, seeds=5, settings=settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

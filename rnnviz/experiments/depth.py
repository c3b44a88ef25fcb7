"""Where a second and a third layer help, and where they do not: four tasks, the same number of weights.

Nobody published these numbers; what is tested is the common advice that deeper is better. A layer of 48 units (car), 64
(bearing), 32 (recall) or 64 (digits) is compared with two and three narrower ones that have together as many weights,
on the same batches. What is claimed, and was written down before these runs; a trial of the car had been seen:

* where the answer has to be worked out, two layers are better than one: a car's place five seconds ahead (metres);
* where something only has to be kept, they are not: recall over 20 words (share of right answers) gains less than
  0.02 by a second layer;
* nor where one layer already comes near the noise: the next piece of a sound bearing's signal (mean squared error,
  scaled; the sensor's noise alone is 0.012) gets at most 5 % better.

Digits of 8 × 8, read row by row by a plain tanh layer, are shown for comparison; the published step from one layer to
three on MNIST is in `rnnviz.experiments.mnist_rows`.

Run it with ``rnnviz prove depth`` (about two minutes a seed); ``--keep`` writes the result beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnnviz.data.bearing import Bearing, BearingWindows, cut_pieces
from rnnviz.data.car import draw_drives
from rnnviz.data.digits import digits
from rnnviz.data.recall import RECALL_WORDS, Recall
from rnnviz.data.windows import windows
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models.car import CarForecaster, draw_car_batches, measure_miss
from rnnviz.models.recall import draw_checks, measure_recall, recall_loss
from rnnviz.models.stack import Floor, Stack, StackForecaster, StackLabeller
from rnnviz.training import mean_squared_error, train

__all__ = ["StackReader", "narrow", "run"]

DEPTHS = (1, 2, 3)


def narrow(inputs: int, units: int, depth: int, cell: str = "lstm") -> list[Floor]:
    """Return so many equal layers that have together about as many weights as one layer of these units.

    Parameters
    ----------
    inputs, units : int
        Of the one layer.
    depth : int
        Layers wanted.
    cell : {"rnn", "gru", "lstm"}

    Returns
    -------
    list of Floor

    Examples
    --------
    >>> [floor.units for floor in narrow(4, 48, 2)]
    [28, 28]
    """
    wanted = Stack(inputs, [Floor(units, cell)]).count_weights()

    def miss(size: int) -> int:
        return abs(Stack(inputs, [Floor(size, cell)] * depth).count_weights() - wanted)

    return [Floor(min(range(1, units + 1), key=miss), cell)] * depth


class StackReader(nn.Module):
    """Reads stories word by word, like `rnnviz.models.StoryReader`, with a stack.

    Parameters
    ----------
    floors : sequence of Floor or int
        Of the stack.
    width : int, default 16
        Numbers that stand for a word.
    seed : int, default 0
        Of all weights.

    Examples
    --------
    >>> StackReader([8, 8])(Recall.number("I grew up in France")[:, None]).shape
    torch.Size([5, 1, 59])
    """

    def __init__(self, floors: Sequence[Floor | int], width: int = 16, *, seed: int = 0) -> None:
        super().__init__()
        words = len(RECALL_WORDS)
        self.embed = nn.Embedding(words, width, device="meta").to_empty(device="cpu")
        nn.init.normal_(self.embed.weight, generator=torch.Generator().manual_seed(seed))
        self.label = StackLabeller(width, floors, words, seed=seed)

    def forward(self, stories: Tensor) -> Tensor:
        """Say after every word which is expected next: (time, batch) → (time, batch, word)."""
        logits: Tensor = self.label(self.embed(stories))
        return logits


def _car() -> Callable[[int, int], float]:
    batches, (measured, truth) = draw_car_batches(seed=1), draw_drives(40, seed=77)

    def miss(depth: int, seed: int) -> float:
        model = CarForecaster(narrow(4, 48, depth), seed=seed)
        _finish(model, batches, mean_squared_error, 0.005, 600, seed)
        with torch.no_grad():
            return float(measure_miss(model(measured), truth)[-1])

    return miss


def _bearing() -> Callable[[int, int], float]:
    signal = torch.from_numpy(Bearing().run(24.0, seed=1).signal)
    signal = signal / signal[:192_000].std()
    unseen = windows(cut_pieces(signal[192_000:]), 25)

    def error(depth: int, seed: int) -> float:
        model = StackForecaster(100, narrow(100, 64, depth), seed=seed)
        _finish(model, BearingWindows(signal[:192_000]), mean_squared_error, 0.003, 600, seed)
        with torch.no_grad():
            return float((model(unseen.inputs)[-1] - unseen.future[0]).square().mean())

    return error


def _recall() -> Callable[[int, int], float]:
    checks = draw_checks([20], 400)

    def share(depth: int, seed: int) -> float:
        model = StackReader(narrow(16, 32, depth), seed=seed)
        _finish(model, Recall(range(4, 21)), recall_loss, 0.01, 600, seed)
        return measure_recall(model, checks)[0]  # type: ignore[arg-type]

    return share


def _digits() -> Callable[[int, int], float]:
    known, unseen = digits()

    def draw(generator: torch.Generator) -> tuple[Tensor, Tensor]:
        chosen = torch.randint(len(known), (50,), generator=generator)
        return known.sequences[:, chosen], known.targets[chosen]

    def share(depth: int, seed: int) -> float:
        model = StackLabeller(8, narrow(8, 64, depth, "rnn"), 10, whole=True, seed=seed)
        _finish(model, draw, cross_entropy, 0.002, 1000, seed)
        with torch.no_grad():
            return float((model(unseen.sequences).argmax(-1) == unseen.targets).float().mean())

    return share


TASKS = {
    "car, 5 s ahead: metres off": _car,
    "bearing, next piece: error": _bearing,
    "recall over 20 words: right": _recall,
    "digits by rows, tanh: right": _digits,
}


def _finish(model: nn.Module, data: Any, loss: Any, rate: float, updates: int, seed: int) -> None:
    for _ in train(model, data, loss=loss, learning_rate=rate, clip_norm=1.0, steps=updates, seed=seed):
        pass
    model.eval()


def run(seeds: Sequence[int] = (0, 1, 2, 3, 4)) -> list[Row]:
    """Train every depth on every task with each seed.

    Parameters
    ----------
    seeds : sequence of int
        One training each.

    Returns
    -------
    list of Row
        A row for each task and depth; the second layer's is judged.
    """
    rows = []
    for what, make in TASKS.items():
        measure = make()
        found: dict[int, tuple[float, ...]] = {}
        for depth in DEPTHS:
            found[depth] = tuple(round(measure(depth, seed), 5) for seed in seeds)
        one, two = median(found[1]), median(found[2])
        holds = {
            "car": two < one,
            "bearing": two > 0.95 * one,
            "recall": two < one + 0.02,
        }.get(what.split(",")[0].split(" ")[0])
        for depth, values in found.items():
            rows.append(
                Row(f"{what}, {depth} layer{'s' * (depth > 1)}", None, values, holds if depth == 2 else None)
            )
    return rows


def main(arguments: Sequence[str] = ()) -> int:
    """Print what each depth reaches on each task; return 0 where that bears the claims out, else 1."""
    settings = {"batch": "32, digits 50", "clip_norm": 1.0, "weights": "as many as one layer has"}
    return report("depth", __doc__, run, arguments, seeds=5, settings=settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

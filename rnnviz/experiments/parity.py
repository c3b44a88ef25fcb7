"""What giving up the nonlinearity costs, and what it buys: parity with factors in (0, 1) and in (−1, 1), and one scan.

A linear recurrence h_t = a_t ⊙ h_{t−1} + b_t, with a_t from the input alone, can be computed for all steps at once. R.
Grazzi, J. Siems, A. Zela, J. K. H. Franke, F. Hutter and M. Pontil ("Unlocking state-tracking in linear RNNs through
negative eigenvalues", ICLR 2025) prove that with factors in (0, 1) none in finite precision tells at every length
whether the ones so far are odd in number; with factors in (−1, 1), a unit that turns its sign at each 1 does.

Here minGRU (Feng et al. 2024) of 8 units, with a linear readout, learns parity on sequences of 24 steps, 32 a batch, in
600 updates by Adam with learning rate 0.03, gradients clipped to norm 1. Then 100 new sequences each of 24, 96 and 384
steps are judged, at every step. Beside it stand `rnnviz.variants.LinearRecurrence` with factors in (−1, 1) that do not
depend on the input, so that its readout sees no more than a weighted sum of what was read, and a tanh layer of 8
units, which keeps the nonlinearity. Guessing is wrong in half of all steps.

What is claimed, after trials with two seeds had been seen: at the trained length, with the median seed, minGRU with
factors in (0, 1) is wrong in at least 0.3 of all steps (0.46 in a trial), and with factors in (−1, 1) in less than 0.01
(0 in a trial). That the latter can tell parity at every length is shown by weights set by hand: one unit, h ← 1 − h at
each 1. What is learned is not that: its factor stays a little above −1, and in longer sequences the state fades (in a
trial, 0.09 wrong at 96 steps and 0.40 at 384). Other lengths and other networks are shown and not judged.

Also shown: how many times as long minGRU takes step by step as by one `scan`, forward and backward, one thread, for one
sequence of 24, 256 and 2,048 steps; the median of five.

Run it with ``rnnviz prove parity`` (15 seconds a seed); ``--keep`` writes the result beside it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnnviz.data import Parity
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.training import train
from rnnviz.variants import LinearRecurrence, MinGRU

__all__ = ["LENGTHS", "ParityReader", "measure_errors", "measure_speed_up", "run", "set_by_hand"]

STEPS, BATCH, UNITS, UPDATES, LEARNING_RATE = 24, 32, 8, 600, 0.03
LENGTHS, SCANNED = (24, 96, 384), (24, 256, 2048)
POSITIVE, SIGNED = "minGRU, factors in (0, 1)", "minGRU, factors in (-1, 1)"
LAYERS: dict[str, Callable[[int], nn.Module]] = {
    POSITIVE: lambda units: MinGRU(1, units),
    SIGNED: lambda units: MinGRU(1, units, signed=True),
    "LinearRecurrence, factors in (-1, 1)": lambda units: LinearRecurrence(1, units, factors="signed"),
    "tanh": lambda units: nn.RNN(1, units),
}


class ParityReader(nn.Module):
    """A recurrent layer and a linear readout that says at each step: even or odd.

    Parameters
    ----------
    layer : nn.Module
        From (time, batch, 1) to (time, batch, unit) and a final state; one with a ``scan`` is run by it.
    units : int

    Examples
    --------
    >>> ParityReader(MinGRU(1, 4), 4)(torch.zeros(5, 2, 1)).shape
    torch.Size([5, 2, 2])
    """

    def __init__(self, layer: nn.Module, units: int) -> None:
        super().__init__()
        self.layer, self.readout = layer, nn.Linear(units, 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, (time, batch, 2)."""
        states, _ = getattr(self.layer, "scan", self.layer)(x)
        logits: Tensor = self.readout(states)
        return logits


def set_by_hand() -> ParityReader:
    """Make a minGRU of one unit, with factors in (−1, 1), that tells parity at every length: h ← 1 − h at each 1.

    Examples
    --------
    >>> measure_errors(set_by_hand())
    [0.0, 0.0, 0.0]
    """
    reader = ParityReader(MinGRU(1, 1, signed=True), 1)
    # At a 1 the gate is 1, so that the factor is −1 and the candidate, 1, is written; at a 0 the gate is 0.
    values = {"layer.update": (80.0, -40.0), "layer.candidate": (0.0, 1.0)}
    with torch.no_grad():
        for name, (weight, bias) in values.items():
            part = reader.get_submodule(name)
            assert isinstance(part, nn.Linear)
            part.weight.fill_(weight)
            part.bias.fill_(bias)
        reader.readout.weight.copy_(torch.tensor([[-1.0], [1.0]]))
        reader.readout.bias.copy_(torch.tensor([0.5, -0.5]))
    return reader


def measure_errors(reader: nn.Module, lengths: Sequence[int] = LENGTHS) -> list[float]:
    """Tell in which share of all steps a reader is wrong, for each length, on 100 sequences that are always the same.

    Parameters
    ----------
    reader : nn.Module
        From (time, batch, 1) to logits, (time, batch, 2).
    lengths : sequence of int
    """
    wrong = []
    for length in lengths:
        x, odd = Parity(length, 100)(torch.Generator().manual_seed(10**6))
        with torch.no_grad():
            wrong.append(round(float((reader(x).argmax(-1) != odd).float().mean()), 4))
    return wrong


def learn(layer: Callable[[int], nn.Module], seed: int, updates: int = UPDATES) -> ParityReader:
    """Train a reader with the settings above."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        reader = ParityReader(layer(UNITS), UNITS)

    def loss(logits: Tensor, odd: Tensor) -> Tensor:
        return cross_entropy(logits.flatten(0, 1), odd.flatten())

    for _ in train(
        reader,
        Parity(STEPS, BATCH),
        loss=loss,
        learning_rate=LEARNING_RATE,
        clip_norm=1.0,
        steps=updates,
        seed=seed,
    ):
        pass
    return reader


def measure_speed_up(steps: int, rounds: int = 5) -> float:
    """Tell how many times as long minGRU takes step by step as all at once, forward and backward.

    Parameters
    ----------
    steps : int
    rounds : int
        Of which the median counts.

    Returns
    -------
    float
        Of the time of the calling thread.
    """
    cell, x = MinGRU(1, UNITS), torch.rand(steps, 1, 1)

    def seconds(run: Callable[[Tensor], tuple[Tensor, Tensor]]) -> float:
        began = time.thread_time()
        torch.autograd.backward(run(x)[0].square().mean())
        return time.thread_time() - began

    seconds(cell.scan)
    found = [(seconds(cell), seconds(cell.scan)) for _ in range(rounds)]
    return median(loop for loop, _ in found) / median(once for _, once in found)


def run(seeds: Sequence[int] = (0, 1, 2), updates: int = UPDATES) -> list[Row]:
    """Train every layer with each seed, and time the scan.

    Parameters
    ----------
    seeds : sequence of int
        One training each.
    updates : int

    Returns
    -------
    list of Row
        Shares of wrong steps by layer and length, then times.
    """
    rows = []
    for name, layer in LAYERS.items():
        found = [measure_errors(learn(layer, seed, updates)) for seed in seeds]
        for length, wrong in zip(LENGTHS, zip(*found, strict=True), strict=True):
            holds = None
            if length == STEPS and name == POSITIVE:
                holds = median(wrong) >= 0.3
            if length == STEPS and name == SIGNED:
                holds = median(wrong) < 0.01
            rows.append(Row(f"{name}, {length} steps: wrong", None, wrong, holds))
    longest = measure_errors(set_by_hand(), [10_000])
    rows.append(Row(f"{SIGNED}, set by hand, 10,000 steps: wrong", None, tuple(longest), longest == [0.0]))
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rows += [
            Row(
                f"step by step over all at once, {steps:,} steps: times",
                None,
                (round(measure_speed_up(steps), 1),),
            )
            for steps in SCANNED
        ]
    finally:
        torch.set_num_threads(before)
    return rows


def main(arguments: Sequence[str] = ()) -> int:
    """Print what we measure; return 0 where it bears the claims out, else 1."""
    settings = {
        "steps": STEPS,
        "batch": BATCH,
        "units": UNITS,
        "updates": UPDATES,
        "learning_rate": LEARNING_RATE,
        "clip_norm": 1.0,
    }
    return report("parity", __doc__, run, arguments, seeds=3, settings=settings, digits=3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

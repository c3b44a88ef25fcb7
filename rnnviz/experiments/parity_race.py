"""Three cells that learn parity side by side: a GRU, and linear recurrences whose factors may or may not turn a sign.

R. Grazzi, J. Siems, A. Zela, J. K. H. Franke, F. Hutter and M. Pontil, "Unlocking state-tracking in linear RNNs through
negative eigenvalues", ICLR 2025.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rnnviz.data import Parity
from rnnviz.models.learning_race import LearningRace, Racer, build_seeded
from rnnviz.variants import MinGRU

__all__ = ["ParityReader", "parity_race"]


class ParityReader(nn.Module):
    """A recurrent cell and a linear readout that says at every step whether the ones so far are odd in number.

    Parameters
    ----------
    cell : torch.nn.Module
        From (time, batch, 1) to states, (time, batch, unit), first of a pair. One with a `scan` runs by it.
    units : int
        Of the cell.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.experiments.parity_race import ParityReader
    >>> from rnnviz.variants import MinGRU
    >>> ParityReader(MinGRU(1, 8), 8)(torch.zeros(5, 2, 1)).shape
    torch.Size([5, 2, 2])
    """

    def __init__(self, cell: nn.Module, units: int) -> None:
        super().__init__()
        self.cell, self.readout = cell, nn.Linear(units, 2)

    def forward(self, bits: Tensor) -> Tensor:
        """Return logits for even and odd, (time, batch, 2)."""
        states = self.cell.scan(bits)[0] if isinstance(self.cell, MinGRU) else self.cell(bits)[0]
        logits: Tensor = self.readout(states)
        return logits


def parity_race(
    *, steps: int = 24, far: int = 100, units: int = 16, updates: int = 300, every: int = 10
) -> LearningRace:
    """Let three cells learn parity: a GRU, and the minGRU with factors in (0, 1) and in (−1, 1).

    What is measured is the share of right answers on sequences that are longer than those learned from.

    Parameters
    ----------
    steps, far : int
        Steps of the sequences learned from, and of those measured on.
    units : int
        Of each cell.
    updates, every : int
        As in `LearningRace`.

    Examples
    --------
    >>> from rnnviz.experiments.parity_race import parity_race
    >>> list(parity_race(updates=1).frame())
    ['GRU, step by step', 'minGRU, factors in (0, 1)', 'minGRU, factors in (−1, 1)']
    """
    bits, odd = Parity(steps=far, batch=100)(torch.Generator().manual_seed(10**6))

    def measure(model: nn.Module) -> float:
        return float((model(bits).argmax(-1) == odd).double().mean())

    def loss(logits: Tensor, odd: Tensor) -> Tensor:
        return F.cross_entropy(logits.flatten(0, 1), odd.flatten())

    def reader(cell: Callable[[], nn.Module]) -> Callable[[int], nn.Module]:
        return build_seeded(lambda: ParityReader(cell(), units))

    racers = {
        "GRU, step by step": Racer(reader(lambda: nn.GRU(1, units)), learning_rate=0.03),
        "minGRU, factors in (0, 1)": Racer(reader(lambda: MinGRU(1, units)), learning_rate=0.1),
        "minGRU, factors in (−1, 1)": Racer(reader(lambda: MinGRU(1, units, signed=True)), learning_rate=0.1),
    }
    return LearningRace(racers, Parity(steps=steps), measure, loss=loss, updates=updates, every=every)

"""What may be asked of a recorded layer: nothing without a formula, and nothing that no memory holds."""

from __future__ import annotations

import math

import torch

from rnnviz.arithmetic.states import States
from rnnviz.recording.trace import LayerTrace

__all__ = ["EFFORT", "LIMIT", "MEMORY", "refuse_size", "require_formula", "spread_steps"]

#: How many bytes a result and what it takes to compute it may need, unless the caller allows more: 4 GiB.
LIMIT = 2**32
#: What following gradients and inputs through time may take unasked: multiplications, about a second of one
#: processor, and bytes. Of what would take more, evenly spread sequences and steps are followed.
EFFORT, MEMORY = 2**34, 2**26


def require_formula(layer: LayerTrace, instead: str = "Use torch.func.jacrev on its step instead.") -> States:
    """Return the layer's states, or say that its formula is unknown and what to do instead."""
    states = layer.source.states()
    if states.weights is None:
        raise TypeError(
            f"{layer.name} is a cell of your own ({layer.kind}); what this needs follows from no known formula. "
            f"{instead}"
        )
    return states


def refuse_size(layer: LayerTrace, what: str, values: int, limit: int, advice: str) -> None:
    """Raise where more memory would be taken than allowed."""
    needed = values * layer.source.states().hidden.itemsize
    if needed > limit:
        steps, batch, units = layer.source.shape
        raise MemoryError(
            f"{what} of {layer.name}, with {steps} steps, {batch} sequences and {units} units, would take about "
            f"{needed / 2**30:,.1f} GiB; the limit is {limit / 2**30:,.1f} GiB. {advice}, or allow more if the "
            f"machine has it: limit={2 ** math.ceil(math.log2(needed))}."
        )


def spread_steps(steps: list[int], most: int | None) -> list[int]:
    """Choose at most this many, evenly spread, the first and the last among them; of one, the last."""
    if most is None or most >= len(steps):
        return steps
    if most == 1:
        return steps[-1:]
    return [steps[round(place)] for place in torch.linspace(0, len(steps) - 1, most).tolist()]

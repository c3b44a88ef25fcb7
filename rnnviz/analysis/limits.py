"""What may be asked of a recorded layer: nothing without a formula, and nothing that no memory holds."""

from __future__ import annotations

import math

from rnnviz.arithmetic.states import States
from rnnviz.recording.trace import LayerTrace

__all__ = ["LIMIT", "refuse_size", "require_formula"]

#: How many bytes a result and what it takes to compute it may need, unless the caller allows more: 4 GiB.
LIMIT = 2**32


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

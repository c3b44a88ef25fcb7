"""Batches from tensors that are held in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

__all__ = ["Epochs"]


class Epochs:
    """Batches from tensors held in memory: every sequence once an epoch, in a new order each time."""

    def __init__(self, data: tuple[Tensor, ...], batch: int) -> None:
        if len(data) < 2:
            raise ValueError("The data hold no targets; pass (inputs, targets), or (inputs, targets, mask).")
        counts = [tensor.shape[_batch_axis(tensor)] for tensor in data]
        if len(set(counts)) > 1:
            raise ValueError(
                f"The inputs and what follows them hold {', '.join(map(str, counts))} sequences; the numbers "
                "must agree. The batch is axis 1, as in (time, batch, feature)."
            )
        if batch < 1 or not counts[0]:
            raise ValueError(
                f"Cannot draw batches of {batch} from {counts[0]} sequences; both must be at least 1."
            )
        self._data, self._count, self._batch = data, counts[0], min(batch, counts[0])
        self._order, self._position = torch.empty(0, dtype=torch.long), 0

    def __call__(self, generator: torch.Generator) -> tuple[Tensor, ...]:
        """Return the next batch, of each tensor."""
        # A remainder too small for a batch is left out; the next epoch's order gives its sequences another
        # chance.
        if self._position + self._batch > len(self._order):
            self._order, self._position = torch.randperm(self._count, generator=generator), 0
        chosen = self._order[self._position : self._position + self._batch]
        self._position += self._batch
        # Not index_select, which first copies the whole of a tensor whose axes were swapped: MNIST, at every step.
        return tuple(
            tensor[chosen] if tensor.dim() == 1 else tensor[:, chosen].contiguous() for tensor in self._data
        )

    def state_dict(self) -> dict[str, Any]:
        """Return this epoch's order, and how far it has been gone through."""
        return {"order": self._order, "position": self._position}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state that `state_dict` gave; refuses that of another number of sequences."""
        saved = len(state["order"])
        if saved not in (0, self._count):
            raise ValueError(
                f"The state was saved from a training on {saved} sequences, and these data hold {self._count}. "
                "Resume it with the data it was saved with."
            )
        self._order, self._position = state["order"], state["position"]


def _batch_axis(tensor: Tensor) -> int:
    return min(1, tensor.dim() - 1)

"""How much an unrolled network keeps in memory so that it can be trained.

A backward pass needs what each step of the forward pass computed. PyTorch keeps it in the graph it records,
and lets itself be watched while it does: `torch.autograd.graph.saved_tensors_hooks` hands over every tensor
that is kept. The count is of bytes asked for, not of what an allocator makes of them, and so is the same on
every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.autograd.graph import Node, saved_tensors_hooks


@dataclass(frozen=True)
class GraphSize:
    """What a recorded graph holds.

    Attributes
    ----------
    bytes : int
        Memory of all tensors kept for the backward pass, each counted once.
    operations : int
        Nodes of the graph: the operations a backward pass will go through.
    """

    bytes: int
    operations: int


def measure_graph(forward: Callable[..., Tensor], *arguments: Any) -> GraphSize:
    """Run a forward pass and measure the graph it leaves behind.

    Parameters
    ----------
    forward : callable
        Returns the tensor that a backward pass would start from.
    *arguments
        What `forward` is called with.

    Returns
    -------
    GraphSize
        Zero bytes and operations where no gradient is recorded.

    Raises
    ------
    TypeError
        If `forward` returns something else than a tensor.

    Examples
    --------
    >>> import torch
    >>> weight = torch.ones(10, requires_grad=True)
    >>> measure_graph(torch.tanh, weight)
    GraphSize(bytes=40, operations=2)
    """
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        # Holding on to the tensor keeps its address from being given to another one.
        kept.setdefault(tensor.untyped_storage().data_ptr(), tensor)
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        result = forward(*arguments)
    if not isinstance(result, Tensor):
        raise TypeError(f"measure_graph got {result!r} from the forward pass; it expects a tensor.")
    size = sum(tensor.untyped_storage().nbytes() for tensor in kept.values())
    return GraphSize(bytes=size, operations=_count_operations(result.grad_fn))


def _count_operations(start: Node | None) -> int:
    seen: set[Node] = set()
    waiting = [start] if start is not None else []
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += [before for before, _ in node.next_functions if before is not None]
    return len(seen)

"""Gradients that enter a call elsewhere than at its results, where the recorder catches them.

Two doors are known. A backward pass with ``create_graph=True`` makes a graph that leads back into the middle of the
layer, and the pass that follows goes in there. And a hook of the old kind (``register_backward_hook``) may put another
gradient in the place of the one that leaves the node it hangs on. Neither is looked for before there is a sign of it,
so that watching costs a training step nothing.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules import module as module_hooks

__all__ = ["InnerGradients", "has_old_hooks"]

#: Nodes that add up the gradient of a parameter have the largest number of all.
_OF_A_PARAMETER = 2**64 - 1


class InnerGradients:
    """Tells whether gradients have entered one call elsewhere than at its results.

    Parameters
    ----------
    name : str
        For messages.
    first : int
        The number of the first node of the autograd graph that the call made, or would have made.
    """

    def __init__(self, name: str, first: int) -> None:
        self._name = name
        self._first = first
        self._graph_made_in: int | None = None
        #: Whether a later pass went in by way of the gradients that an earlier one had computed.
        self.entered_again = False
        self._altered = False
        self._leaving: tuple[Tensor | None, ...] = ()

    @property
    def reason(self) -> str | None:
        """Why gradients inside the call do not follow from those at its results; None where they do."""
        if self.entered_again:
            return (
                f"{self._name} was gone through again after a backward pass with create_graph=True (a gradient "
                "penalty, a Hessian). What enters a layer by way of its gradients does not pass its outputs, so its "
                "gradients cannot be derived from them. Read the trace before that second pass, or record a forward "
                "pass that has only the plain loss. In a loop over GRUCell or LSTMCell grad_hidden is right in any "
                "case."
            )
        if self._altered:
            return (
                f"A hook registered with register_backward_hook has changed gradients inside {self._name}, so they "
                "cannot be derived from those at its outputs. Register it with register_full_backward_pre_hook, which "
                "changes them at the outputs, where they are seen."
            )
        return None

    def watch(self, result: Any) -> None:
        """Watch the nodes of the call, from that of a result on, in a backward pass that makes a graph.

        Nothing in the graph is kept alive by this: the nodes refer to this object, and it to none of them.
        """
        if self._graph_made_in is not None:
            return
        self._graph_made_in = torch._C._current_graph_task_id()
        seen = {result}
        waiting = [result]
        while waiting:
            for node, _ in waiting.pop().next_functions:
                if node is None or node in seen or not self._first <= node._sequence_nr() < _OF_A_PARAMETER:
                    continue
                seen.add(node)
                waiting.append(node)
                node.register_prehook(self._enter)

    def _enter(self, gradients: tuple[Tensor | None, ...]) -> None:
        if torch._C._current_graph_task_id() != self._graph_made_in:
            self.entered_again = True

    def guard(self, result: Tensor) -> None:
        """Look whether hooks that are put on a result's node from now on change what leaves it."""
        if result.grad_fn is None:
            return
        waiting = True

        def add_last(gradients: tuple[Tensor | None, ...]) -> None:
            nonlocal waiting
            if waiting:  # now that all of them are there
                node: Any = torch._C._current_autograd_node()
                node.register_hook(self._compare)
                waiting = False

        result.grad_fn.register_hook(self._remember)
        result.grad_fn.register_prehook(add_last)

    def _remember(self, leaving: tuple[Tensor | None, ...], arriving: tuple[Tensor | None, ...]) -> None:
        self._leaving = leaving

    def _compare(self, leaving: tuple[Tensor | None, ...], arriving: tuple[Tensor | None, ...]) -> None:
        self._altered |= any(a is not b for a, b in zip(self._leaving, leaving, strict=True))
        self._leaving = ()


def has_old_hooks(model: nn.Module) -> bool:
    """Whether hooks of the old kind, which change gradients behind a module's results, hang on any of its parts."""
    if module_hooks._global_backward_hooks and module_hooks._global_is_full_backward_hook is False:
        return True
    return any(part._backward_hooks and part._is_full_backward_hook is False for part in model.modules())

"""Keeping a tensor without copying it, and catching the gradient that arrives at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from rnnviz.recording.inner_gradients import InnerGradients

__all__ = [
    "Kept",
    "Stamp",
    "catch_gradient",
    "explain_batched_gradients",
    "explain_inseparable",
    "explain_missing_gradient",
    "widen",
]


class Kept:
    """A reference to a tensor that refuses to be read once the tensor was changed in place.

    Nothing is copied: the data stays where the model put it. torch counts in-place changes of every tensor,
    and views share that count, so a changed count tells that the data is no longer what the layer saw.

    Parameters
    ----------
    tensor : Tensor
        Kept without its autograd graph.
    what : str
        How an error message calls it, for example "the input of lstm".
    """

    def __init__(self, tensor: Tensor, what: str) -> None:
        # Tensors made under torch.inference_mode() count nothing, so those are copied.
        self._tensor = tensor.clone() if tensor.is_inference() else tensor.detach()
        self._version = -1 if self._tensor.is_inference() else self._tensor._version
        self._what = what

    def read(self) -> Tensor:
        """Return the tensor.

        Raises
        ------
        RuntimeError
            If the tensor was changed in place since it was kept.
        """
        if self._version >= 0 and self._tensor._version != self._version:
            raise RuntimeError(
                f"{self._what} was changed in place after the forward pass, so the record of it is lost. "
                "Change a copy instead (x = x * 2, not x *= 2; x.clone()), or read the trace before the "
                "change."
            )
        return self._tensor

    def equals(self, other: Tensor) -> bool:
        """Whether another tensor holds what this one held when it was kept; no where that was changed since."""
        changed = self._version >= 0 and self._tensor._version != self._version
        same_kind = self._tensor.dtype == other.dtype and self._tensor.device == other.device
        return not changed and same_kind and torch.equal(self._tensor, other)

    def add(self, other: Kept) -> Kept:
        """Keep the sum of two tensors; what was changed in place stays unreadable, without an error yet."""
        total = Kept(self._tensor + other._tensor, self._what)
        for part in (self, other):
            if part._version >= 0 and part._tensor._version != part._version:
                return part
        return total


class Stamp:
    """Tells whether any of several tensors was changed in place since.

    Parameters
    ----------
    tensors : iterable of Tensor
        Those made under `torch.inference_mode` count no changes and pass as unchanged.
    """

    def __init__(self, tensors: Iterable[Tensor]) -> None:
        self._tensors = [tensor for tensor in tensors if not tensor.is_inference()]
        self._versions = [tensor._version for tensor in self._tensors]

    def holds(self) -> bool:
        """Whether nothing was changed."""
        return all(t._version == version for t, version in zip(self._tensors, self._versions, strict=True))


def catch_gradient(
    tensor: Tensor, receive: Callable[[Tensor | None], None], inside: InnerGradients | None = None
) -> None:
    """Call ``receive`` with ∂L/∂tensor in every backward pass.

    The gradient is taken where it enters the node that made the tensor, that is, after all hooks that others
    have put on the tensor (gradient clipping, say): it is the gradient that goes on into the layer.

    Parameters
    ----------
    tensor : Tensor
        A result of an autograd operation; nothing happens when it needs no gradient.
    receive : callable
        Gets the gradient, detached; None for one of several losses at once (``is_grads_batched=True``), which
        is no plain data.
    inside : InnerGradients, optional
        Is told of backward passes that make a graph of their own (``create_graph=True``).
    """
    if tensor.grad_fn is None:
        return
    index = tensor.output_nr

    def before_node(gradients: tuple[Tensor | None, ...]) -> None:
        if inside is not None and torch.is_grad_enabled():
            inside.watch(torch._C._current_autograd_node())
        gradient = gradients[index]
        if gradient is not None:
            receive(_detach_plain(gradient))

    tensor.grad_fn.register_prehook(before_node)


def _detach_plain(gradient: Tensor) -> Tensor | None:
    """Detach a gradient; None for a batch of them in the disguise of a single one."""
    if torch._C._functorch.is_functorch_wrapped_tensor(gradient):
        return None
    try:
        return gradient.detach()
    except RuntimeError:  # torch.autograd's own kind of batch has no rule for it, and no other mark to see
        return None


def explain_batched_gradients(name: str) -> str:
    """Say why gradients of several losses at once are not shown, and what to do."""
    return (
        f"{name} was reached by a backward pass for several losses at once (is_grads_batched=True, or a "
        "vectorized Jacobian), whose gradients are not recorded. Record one backward pass for one loss."
    )


def explain_inseparable(kind: str) -> str:
    """Say why the gradient that came from outside cannot be told from what came through the next step."""
    return (
        f"{kind} is a cell whose formula is unknown, so its total gradients cannot be taken apart into what came from "
        "outside and what came through the next step. Read grad_hidden, the total."
    )


def widen(tensor: Tensor) -> Tensor:
    """Half precision to float32, in which everything is derived; float32 and float64 as they are."""
    return tensor.float() if tensor.dtype in (torch.bfloat16, torch.float16) else tensor


def explain_missing_gradient(name: str, requires_grad: bool) -> str:
    """Say why there is no gradient to show, and what to do."""
    if not requires_grad:
        return (
            f"{name} has no gradients: its forward pass ran without autograd (torch.no_grad, inference mode, "
            "or frozen parameters and an input that needs no gradient). Run it with gradients enabled to "
            "see them."
        )
    return (
        f"{name} has no gradients yet: no backward pass has reached it. Call loss.backward() first, with a "
        "loss that depends on this layer's output or final state."
    )

"""Costs over time steps, from which steps can be left out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["cross_entropy", "mean_squared_error"]


def mean_squared_error(outputs: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean of the squared differences, over the steps that count.

    Parameters
    ----------
    outputs, targets : Tensor, the same shape
        For instance (time, batch, feature). Different shapes are refused: silent broadcasting averages the
        wrong pairs.
    mask : Tensor of shape (time, batch), optional
        1 (or True) where a step counts, 0 for padding and for steps left out of the cost. What stands there may be
        anything, NaN too.

    Returns
    -------
    Tensor, a scalar
        In the squared unit of the outputs.

    Raises
    ------
    ValueError
        If the shapes differ, or if the mask leaves nothing.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.training import mean_squared_error
    >>> outputs, mask = torch.tensor([[[1.0]], [[5.0]]]), torch.tensor([[1], [0]])
    >>> mean_squared_error(outputs, torch.zeros(2, 1, 1), mask)
    tensor(1.)
    """
    if outputs.shape != targets.shape:
        raise ValueError(
            f"The outputs have shape {tuple(outputs.shape)} and the targets {tuple(targets.shape)}; "
            "they must agree, or each output would be compared with several targets. Reshape one of them."
        )
    if mask is None:
        return (outputs - targets).square().mean()
    counted = _widen(mask, outputs) != 0
    # Taken out before anything is computed: what stands in padding may be infinite or NaN, and its slope times the
    # zero that comes back from the average would be NaN.
    return _average((outputs.where(counted, 0) - targets.where(counted, 0)).square(), mask)


def cross_entropy(logits: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean surprise at the right class, −log of its probability, over the steps that count.

    Parameters
    ----------
    logits : Tensor, shape (…, class)
        One number a class, before the softmax: (time, batch, class) for a class at every step, (batch, class)
        for one a sequence.
    targets : Tensor of int, shape (…)
        The number of the right class. Where the mask is 0, any number.
    mask : Tensor, shape (time, batch), optional
        1 (or True) where a step counts, 0 for padding and for steps left out of the cost.

    Returns
    -------
    Tensor, a scalar
        In nats: guessing among n classes costs log n.

    Raises
    ------
    ValueError
        If the shapes do not fit, a target is no class, or the mask leaves nothing.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.training import cross_entropy
    >>> logits, targets = torch.zeros(2, 1, 4), torch.tensor([[3], [-1]])
    >>> cross_entropy(logits, targets, mask=torch.tensor([[1], [0]]))  # log 4
    tensor(1.3863)
    """
    if targets.is_floating_point() or logits.shape[:-1] != targets.shape:
        raise ValueError(
            f"The logits have shape {tuple(logits.shape)} and the targets are {targets.dtype} of shape "
            f"{tuple(targets.shape)}; they must be whole numbers of shape {tuple(logits.shape[:-1])}, the number of "
            "the right class where the logits hold one number a class."
        )
    targets = targets.long()
    counted = torch.ones_like(targets, dtype=torch.bool) if mask is None else _widen(mask, targets) != 0
    chosen = targets[counted]
    classes = logits.shape[-1]
    if chosen.numel() and not (0 <= int(chosen.min()) <= int(chosen.max()) < classes):
        wrong = int(chosen.min()) if chosen.min() < 0 else int(chosen.max())
        raise ValueError(
            f"A target is {wrong}, and the logits hold {classes} classes, numbered 0 to {classes - 1}. Leave "
            "padding out with a mask."
        )
    if mask is not None:  # before the softmax, for the same reason as above
        logits, targets = logits.where(counted[..., None], 0), targets.where(counted, 0)
    surprise = nn.functional.cross_entropy(logits.flatten(0, -2), targets.flatten(), reduction="none")
    surprise = surprise.view(targets.shape)
    return surprise.mean() if mask is None else _average(surprise, mask)


def _average(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of the values whose step counts."""
    weight = _widen(mask, values).to(values.dtype)
    if not weight.any():
        raise ValueError("The mask is zero everywhere, so no step counts. Pass 1 for each step in the cost.")
    return (values * weight).sum() / weight.sum()


def _widen(mask: Tensor, values: Tensor) -> Tensor:
    if mask.shape != values.shape[: mask.dim()]:
        raise ValueError(
            f"The mask has shape {tuple(mask.shape)} and there are {tuple(values.shape)} values; the mask needs one "
            f"number for each step of each sequence: {tuple(values.shape[:2])}."
        )
    return mask.reshape(mask.shape + (1,) * (values.dim() - mask.dim())).expand_as(values)

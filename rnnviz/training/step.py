"""What one update of the weights was like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Step"]


@dataclass(frozen=True)
class Step:
    """One update of the weights, as it was made.

    Attributes
    ----------
    number : int
        Updates made before this one, so that the first is 0 and its loss is that of the untrained model.
    loss : float
        Loss on this step's batch, before the update.
    grad_norm : float
        Euclidean norm of the gradient over all parameters, before any clipping.
    learning_rate : float
        The optimiser's learning rate during this update.
    evaluation : mapping of str to float
        What ``evaluate`` returned before this update; empty on steps without an evaluation.
    """

    number: int
    loss: float
    grad_norm: float
    learning_rate: float
    evaluation: Mapping[str, float] = field(default_factory=dict)

"""What a layer still knows of the past: a linear readout of each layer's states, for every lag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

__all__ = ["probe_lags"]


def probe_lags(
    states: Mapping[str, Tensor],
    targets: Tensor,
    lags: Sequence[int],
    *,
    held_out: float = 0.3,
    ridge: float = 1e-3,
) -> dict[str, list[float]]:
    """Fit, for each layer and each lag, the best linear readout of what was read that many steps ago.

    The first sequences of the batch are fitted, the last ones measured, so that nothing is counted that was learned
    by heart.

    Parameters
    ----------
    states : mapping of str to Tensor, shape (time, batch, unit)
        The states of each layer, by name.
    targets : Tensor
        What is asked for: numbers, (time, batch, feature), or classes, (time, batch) of int64.
    lags : sequence of int
        Steps ago; 0 is what is read at the same step.
    held_out : float
        Part of the sequences that is measured and not fitted.
    ridge : float
        Penalty of the readout, as a part of the mean square of a state.

    Returns
    -------
    dict of str to list of float
        One number a lag: for numbers the part of their variance that is explained (R², 1 at best), for classes the
        share that is right.

    Raises
    ------
    ValueError
        If the sequences are too few or too short, or the shapes do not fit.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import probe_lags
    >>> x = torch.randn(50, 20, 1, generator=torch.Generator().manual_seed(0))
    >>> delayed = torch.cat([torch.zeros(2, 20, 1), x[:-2]])  # a state that knows what was read two steps ago
    >>> [round(abs(part), 1) for part in probe_lags({"delay": delayed}, x, [1, 2])["delay"]]
    [0.0, 1.0]
    """
    time, batch = targets.shape[:2]
    fitted = batch - max(1, round(held_out * batch))
    if fitted < 1 or not lags or min(lags) < 0 or max(lags) >= time:
        raise ValueError(
            f"There are {batch} sequences of {time} steps, and lags {list(lags)}; give two sequences or more, and lags "
            "from 0 to below their length."
        )
    classes = targets.dim() == 2
    wanted = torch.nn.functional.one_hot(targets).double() if classes else targets.double()
    found: dict[str, list[float]] = {}
    for name, values in states.items():
        if values.shape[:2] != (time, batch):
            raise ValueError(
                f"The states of {name!r} have the shape {tuple(values.shape)}; they should begin with {(time, batch)}, "
                "as the targets do."
            )
        known = torch.cat([values.detach().double(), torch.ones(time, batch, 1, dtype=torch.float64)], -1)
        found[name] = [_read_back(known, wanted, targets, lag, fitted, ridge, classes) for lag in lags]
    return found


def _read_back(
    known: Tensor, wanted: Tensor, targets: Tensor, lag: int, fitted: int, ridge: float, classes: bool
) -> float:
    """Fit on the first sequences, measure on the others."""
    now, then = known[lag:], wanted[: len(wanted) - lag]
    past = now[:, :fitted].flatten(0, 1)
    square = past.T @ past
    square.diagonal().add_(ridge * square.diagonal().mean())
    readout = torch.linalg.solve(square, past.T @ then[:, :fitted].flatten(0, 1))
    said = now[:, fitted:] @ readout
    if classes:
        return float((said.argmax(-1) == targets[: len(targets) - lag, fitted:]).double().mean())
    truth = then[:, fitted:]
    spread = (truth - truth.mean((0, 1))).square().sum()
    return float(1 - (said - truth).square().sum() / spread)

"""All states of a reservoir: the loop of an echo-state network, as fast as a processor takes it.

Nothing in a reservoir learns, so hardly ever is a gradient wanted, and then torch's price for each operation, a few
microseconds, is most of the time: a step of 100 units takes less. The loop therefore runs over NumPy's view of the
same numbers, writes each state where it stays, and keeps nothing for a backward pass. Where a gradient is wanted, or
the numbers are on another device, torch's own operations do the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.autograd import forward_ad

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Recurrence", "harvest"]


class Recurrence:
    """The recurrent weights, in the form in which a step takes them fastest.

    Parameters
    ----------
    weights : Tensor, shape (unit, unit)
        As in W h: a row for each unit that receives.

    Attributes
    ----------
    weights : Tensor, shape (unit, unit)
    sparse : scipy.sparse.csr_array or None
        The weights that are not zero, where stepping over these alone is faster.

    Notes
    -----
    A matrix that fits into the processor's cache is read whole faster than its entries are looked up: a step over all
    weights of 200 units takes 7 µs, one over the tenth that is not zero 10 µs; with 500 units it is 67 against 29, with
    1,000 it is 395 against 91 (one thread, one sequence; ``rnnviz bench reservoir`` measures what follows from it). So
    sparse weights pay from about 350 units on, if at most 15 % of the weights are not zero; for many sequences at once
    that holds as well. It takes SciPy, which the course brings; without it every weight is multiplied.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models.harvest import Recurrence
    >>> Recurrence(torch.eye(400)).sparse.nnz
    400
    >>> Recurrence(torch.eye(100)).sparse is None  # too small to be worth it
    True
    """

    least_units, most_density = 350, 0.15

    def __init__(self, weights: Tensor) -> None:
        self.weights = weights
        self.sparse: csr_array | None = None
        if self._pays(weights):
            try:
                from scipy.sparse import csr_array
            except ImportError:  # SciPy is no part of the core
                return
            self.sparse = csr_array(weights.numpy())

    def _pays(self, weights: Tensor) -> bool:
        if len(weights) < self.least_units or not _is_plain(weights):
            return False
        return int(weights.count_nonzero()) <= self.most_density * weights.numel()


def harvest(
    driven: Tensor, state: Tensor, recurrence: Recurrence, *, leak: float = 1.0, tanh: bool = True
) -> Tensor:
    """Compute h_t = (1−a) h_{t−1} + a·f(d_t + W h_{t−1}) for all t.

    Parameters
    ----------
    driven : Tensor, shape (time, batch, unit)
        d, what comes from outside: input, bias, and an output that is known. Where no gradient is followed, the states
        are written over it.
    state : Tensor, shape (batch, unit)
        The state before the first step.
    recurrence : Recurrence
        W.
    leak : float
        a.
    tanh : bool
        Whether f is tanh; otherwise it is nothing.

    Returns
    -------
    Tensor, shape (time, batch, unit)
        Part of autograd's graph where something given is.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models.harvest import Recurrence, harvest
    >>> halves = Recurrence(torch.tensor([[0.5]]))
    >>> harvest(torch.ones(3, 1, 1), torch.zeros(1, 1), halves, tanh=False).flatten()
    tensor([1.0000, 1.5000, 1.7500])
    """
    if all(map(_is_plain, (driven, state, recurrence.weights))):
        return _harvest_in_place(driven, state, recurrence, leak, tanh)
    recurrent, states = recurrence.weights.T, []
    for drive in driven:
        fresh = drive + state @ recurrent
        if tanh:
            fresh = fresh.tanh()
        state = (1 - leak) * state + leak * fresh
        states.append(state)
    return torch.stack(states) if states else torch.empty_like(driven)


def _harvest_in_place(
    driven: Tensor, state: Tensor, recurrence: Recurrence, leak: float, tanh: bool
) -> Tensor:
    """Turn what drives each step into the state after it; for one sequence, a step is a matrix times a vector.

    A large array that is new costs as much time as it takes to fill it, so that there is only the one given.
    """
    rows, before = driven.detach().numpy(), state.detach().numpy()
    sparse, weights = recurrence.sparse, recurrence.weights.detach().numpy()
    one = driven.shape[1] == 1
    if one:
        rows, before = rows[:, 0], before[0]
    product, turned = np.empty_like(before), weights.T
    for row in rows:
        if sparse is not None:
            row += sparse @ before if one else (sparse @ before.T).T
        elif one:
            row += np.dot(weights, before, out=product)
        else:
            row += np.matmul(before, turned, out=product)
        if tanh:
            np.tanh(row, out=row)
        if leak != 1:
            row -= before
            row *= leak
            row += before
        before = row
    return driven.detach()


def _is_plain(tensor: Tensor) -> bool:
    """Whether nothing but the numbers counts: no gradient is followed, no transform of torch.func, no other device."""
    return not (
        tensor.device.type != "cpu"
        or (tensor.requires_grad and torch.is_grad_enabled())
        or torch.compiler.is_compiling()
        or torch._C._functorch.is_functorch_wrapped_tensor(tensor)
        or forward_ad.unpack_dual(tensor).tangent is not None  # type: ignore[no-untyped-call]
    )

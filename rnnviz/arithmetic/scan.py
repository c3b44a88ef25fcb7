"""A linear recurrence over time, all steps at once.

s_t = v_t + a_t s_{t-1} looks as if it had to wait for every step before it. But two steps in a row are a step of the
same form, and so are four, and eight: after log2(T) rounds every s_t is there. Each round goes through all of the
array, so that a processor is better off with the plain loop. A GPU, which takes longer to begin an operation than to
carry out a small one, is not.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["prefers_scan", "scan", "scan_back"]


def prefers_scan(tensor: Tensor) -> bool:
    """Tell whether many small operations cost more than a few large ones with more work: on a GPU."""
    return tensor.is_cuda


def scan(values: Tensor, factors: Tensor, initial: Tensor) -> Tensor:
    """Compute s_t = v_t + a_t s_{t-1} for all t.

    Parameters
    ----------
    values, factors : Tensor, shape (time, …)
        v and a.
    initial : Tensor, shape (…)
        The state before the first step.

    Returns
    -------
    Tensor, shape (time, …)

    References
    ----------
    W. D. Hillis and G. L. Steele, "Data parallel algorithms", Communications of the ACM 29 (1986) 1170-1183.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.arithmetic.scan import scan
    >>> scan(torch.ones(5), torch.full((5,), 0.5), torch.tensor(0.0))
    tensor([1.0000, 1.5000, 1.7500, 1.8750, 1.9375])
    """
    total, reach = values.clone(memory_format=torch.contiguous_format), factors
    total[0].addcmul_(factors[0], initial)
    span = 1
    while span < len(total):
        # Entry t holds what the latest `span` steps add up to, and `reach` by how much they scale what came before.
        total = torch.cat([total[:span], torch.addcmul(total[span:], reach[span:], total[:-span])])
        reach = torch.cat([reach[:span], reach[span:] * reach[:-span]])
        span *= 2
    return total


def scan_back(values: Tensor, factors: Tensor) -> Tensor:
    """Compute s_t = v_t + a_{t+1} s_{t+1} for all t, the last s being the last v.

    Parameters
    ----------
    values, factors : Tensor, shape (time, …)
        v and a; the first factor is not used.

    Returns
    -------
    Tensor, shape (time, …)

    Examples
    --------
    >>> import torch
    >>> from rnnviz.arithmetic.scan import scan_back
    >>> scan_back(torch.tensor([0.0, 0.0, 1.0]), torch.tensor([9.0, 0.5, 0.5]))
    tensor([0.2500, 0.5000, 1.0000])
    """
    backwards = torch.cat([torch.zeros_like(factors[:1]), factors[1:].flip(0)])
    return scan(values.flip(0), backwards, torch.zeros_like(values[0])).flip(0)

"""The inputs that an answer is tried on: the smallest first, simple numbers before others."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch

DRAWS = 24
"""Inputs drawn of the smallest size; of one k times as large a k-th of them, but at least two."""

Inputs = Callable[..., tuple[Any, ...]] | Sequence[tuple[Any, ...]]


class Draw:
    """Makes tensors whose numbers are short enough to be followed by hand; the same for the same seed.

    Parameters
    ----------
    seed : int
        Two draws of one seed are the same.
    simple : bool
        Whether its numbers are 0 and 1; otherwise they are whole and half ones from −2 to 2.

    Examples
    --------
    >>> draw = Draw(seed=1, simple=False)
    >>> draw(4)
    tensor([ 0.0000,  0.5000, -2.0000,  0.5000])
    >>> draw.whole(2, 5, 4)
    tensor([5, 3, 5, 3])
    """

    def __init__(self, *, seed: int, simple: bool) -> None:
        self._dice = torch.Generator().manual_seed(seed)
        self._simple = simple

    def __call__(self, *shape: int) -> torch.Tensor:
        """Draw a tensor of this shape."""
        if self._simple:
            return torch.randint(0, 2, shape, generator=self._dice).float()
        return torch.randint(-4, 5, shape, generator=self._dice) / 2

    def whole(self, low: int, high: int, *shape: int) -> torch.Tensor:
        """Draw whole numbers from low to high, both included, whether simple or not."""
        return torch.randint(low, high + 1, shape, generator=self._dice)


def make_cases(inputs: Inputs, sizes: Mapping[str, Sequence[int]]) -> Iterator[tuple[Any, ...]]:
    """Yield the arguments of one call after the other, the smallest first; the same on every run.

    Parameters
    ----------
    inputs : callable or sequence of tuples
        ``inputs(draw, **sizes)`` returns the arguments of one call, where ``draw(2, 3)`` is a 2×3 tensor of
        short numbers; or the arguments of each call, the smallest first.
    sizes : mapping of str to sequence of int
        The values each size may take; all combinations are made.

    Yields
    ------
    tuple

    Examples
    --------
    >>> cases = make_cases(lambda draw, length: (draw(length),), {"length": (1, 2)})
    >>> [len(case[0]) for case in cases][::8]
    [1, 1, 1, 2, 2]
    """
    if not callable(inputs):
        yield from inputs
        return
    combinations = itertools.product(*sizes.values())
    for number, combination in enumerate(sorted(combinations, key=lambda row: (_volume(row), row))):
        # Many of the small ones: few inputs of one step or unit show a fault that many of them can show.
        for turn in range(max(1, DRAWS // (2 * _volume(combination)))):
            for simple in (True, False):
                draw = Draw(seed=DRAWS * number + turn, simple=simple)
                yield inputs(draw, **dict(zip(sizes, combination, strict=True)))


def _volume(combination: Sequence[int]) -> int:
    return math.prod(max(1, size) for size in combination)

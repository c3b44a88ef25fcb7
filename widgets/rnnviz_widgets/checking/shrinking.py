"""Smaller and simpler variants of an input, so that a counterexample can be followed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

WHOLE = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


def simplify_case(case: tuple[Any, ...], *, free: bool) -> Iterator[tuple[Any, ...]]:
    """Yield variants of a call's arguments that are simpler in one place.

    Parameters
    ----------
    case : tuple
        The arguments.
    free : bool
        Whether steps, rows and columns may be left out, and whole numbers in tensors changed: only where somebody
        looks whether what is left still belongs together.

    Yields
    ------
    tuple

    Examples
    --------
    >>> list(simplify_case((2, -1.0), free=False))
    [(0, -1.0), (1, -1.0), (2, 0.0), (2, 1.0)]
    """
    for place, value in enumerate(case):
        for simpler in _simpler(value, free=free):
            yield (*case[:place], simpler, *case[place + 1 :])


def _simpler(value: Any, *, free: bool) -> Iterator[Any]:
    if isinstance(value, torch.Tensor):
        if free:
            yield from _shorter(value)
        if value.is_floating_point() and value.count_nonzero() > 1:
            yield torch.zeros_like(value)
        # Whole numbers in a tensor are places or lengths more often than not.
        if value.is_floating_point() or (free and value.dtype in WHOLE):
            for index in value.nonzero().tolist():
                for number in _simpler(value[tuple(index)].item(), free=free):
                    simpler = value.clone()
                    simpler[tuple(index)] = number
                    yield simpler
    elif isinstance(value, bool):
        return
    elif isinstance(value, int):
        yield from sorted({0, value // 2, value - 1}) if value > 0 else ()
    elif isinstance(value, float):
        # Only ever to 0, to 1, or to what is positive, so that shrinking comes to an end.
        if value != 0.0:
            yield 0.0
        if abs(value) not in (0.0, 1.0):
            yield 1.0
        if value < 0.0:
            yield -value
    elif isinstance(value, list | tuple):
        for place in range(len(value)):
            yield type(value)([*value[:place], *value[place + 1 :]])
        for place, part in enumerate(value):
            for simpler in _simpler(part, free=free):
                yield type(value)([*value[:place], simpler, *value[place + 1 :]])


def _shorter(value: torch.Tensor) -> Iterator[torch.Tensor]:
    """Leave out one step, row or column."""
    for axis, size in enumerate(value.shape):
        for place in range(size if size > 1 else 0):
            yield value.index_select(axis, torch.tensor([other for other in range(size) if other != place]))

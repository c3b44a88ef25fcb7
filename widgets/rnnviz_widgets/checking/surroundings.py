"""What an answer finds around it, the same each time, and what is put back behind it."""

from __future__ import annotations

import builtins
import contextlib
import math
import random
import sys
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch.nn import functional

# Where the functions are that answers and references compute with.
_OWNERS: dict[str, Any] = {
    "torch": torch,
    "torch.Tensor": torch.Tensor,
    "torch.nn.functional": functional,
    "torch.linalg": torch.linalg,
    "np": np,
    "np.linalg": np.linalg,
    "math": math,
    "builtins": builtins,
}
# As they were when this was imported, which is before anybody had an exercise to solve.
_UNTOUCHED: dict[str, dict[str, Any]] = {name: dict(vars(owner)) for name, owner in _OWNERS.items()}


# What a notebook's kernel replaces for its own purposes, and what no answer computes with.
_SHELL = {"input", "print", "open", "help", "exit", "quit", "breakpoint", "copyright", "credits", "license"}


def _is_watched(owner: Any, name: str, value: Any) -> bool:
    # What torch keeps for itself, and modules that it imports when they are first used, change by themselves.
    if name.startswith("_") and not (isinstance(owner, type) and name.endswith("__")):
        return False
    if owner is builtins and name in _SHELL:
        return False
    if isinstance(value, type) and owner is not builtins:
        # Some of torch's follow the default dtype.
        return False
    return callable(value) or isinstance(value, float)


def _find_changes(before: Mapping[str, dict[str, Any]]) -> dict[tuple[str, str], tuple[Any, Any]]:
    """Return what was replaced since: (owner, name) → what is there now, and what was. None: it was not there."""
    changes: dict[tuple[str, str], tuple[Any, Any]] = {}
    for place, owner in _OWNERS.items():
        now, then = vars(owner), before[place]
        # One comparison in C for thousands of names, nearly always the end of it.
        with contextlib.suppress(Exception):
            if now == then:
                continue
        for name, value in then.items():
            if now.get(name) is not value and _is_watched(owner, name, value):
                changes[place, name] = now.get(name), value
        if isinstance(owner, type):
            # A name new in the class may hide one that it inherits.
            for name in set(now) - set(then):
                hides = any(name in vars(base) for base in owner.__mro__[1:])
                if hides and _is_watched(owner, name, now[name]):
                    changes[place, name] = now[name], None
        if not any(key[0] == place for key in changes):
            then.update(now)
    return changes


def _put(place: str, name: str, value: Any) -> None:
    with contextlib.suppress(AttributeError, TypeError):
        if value is None:
            delattr(_OWNERS[place], name)
        else:
            setattr(_OWNERS[place], name, value)


def restore_functions() -> tuple[str, ...]:
    """Put back what somebody replaced in torch, numpy, math and Python itself; return the names of it."""
    changes = _find_changes(_UNTOUCHED)
    for (place, name), (_, was) in changes.items():
        _put(place, name, was)
    return tuple(name if place == "builtins" else f"{place}.{name}" for place, name in changes)


class _Settings:
    """Settings of torch, numpy and Python that code can change and that change what other code computes."""

    def __init__(self) -> None:
        self.dtype = torch.get_default_dtype()
        self.device = torch.get_default_device()
        self.gradients = torch.is_grad_enabled()
        self.threads = torch.get_num_threads()
        self.deterministic = torch.are_deterministic_algorithms_enabled()
        self.anomalies = torch.is_anomaly_enabled()
        self.errors = np.geterr()
        self.depth = sys.getrecursionlimit()

    def restore(self) -> None:
        """Set what differs."""
        if torch.get_default_dtype() != self.dtype:
            torch.set_default_dtype(self.dtype)
        if torch.get_default_device() != self.device:
            torch.set_default_device(self.device)
        if torch.is_grad_enabled() != self.gradients:
            torch.set_grad_enabled(self.gradients)
        if torch.get_num_threads() != self.threads:
            torch.set_num_threads(self.threads)
        if torch.are_deterministic_algorithms_enabled() != self.deterministic:
            torch.use_deterministic_algorithms(self.deterministic)
        if torch.is_anomaly_enabled() != self.anomalies:
            torch.autograd.set_detect_anomaly(self.anomalies)
        if np.geterr() != self.errors:
            np.seterr(**self.errors)
        if sys.getrecursionlimit() != self.depth:
            sys.setrecursionlimit(self.depth)


@contextlib.contextmanager
def standard_surroundings() -> Iterator[None]:
    """Give the code inside what a fresh Python has: untouched functions, float32, the CPU, gradients, seeded dice.

    Behind it everything is as it was before, also what was other than usual.

    Examples
    --------
    >>> torch.set_default_dtype(torch.float64)
    >>> with standard_surroundings():
    ...     torch.get_default_dtype()
    torch.float32
    >>> torch.get_default_dtype()
    torch.float64
    >>> torch.set_default_dtype(torch.float32)
    """
    own = _find_changes(_UNTOUCHED)
    restore_functions()
    settings = _Settings()
    dice = torch.get_rng_state(), np.random.get_state(), random.getstate()
    more_dice = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []  # type: ignore[no-untyped-call]
    streams = sys.stdout, sys.stderr
    try:
        with (
            torch.inference_mode(False),
            torch.autocast("cpu", enabled=False),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            torch.set_default_dtype(torch.float32)
            if settings.device != torch.device("cpu"):
                torch.set_default_device("cpu")
            torch.set_grad_enabled(True)
            torch.manual_seed(0)
            np.random.seed(0)
            random.seed(0)
            yield
    finally:
        restore_functions()
        settings.restore()
        torch.set_rng_state(dice[0])
        np.random.set_state(dice[1])
        random.setstate(dice[2])
        if more_dice:
            torch.cuda.set_rng_state_all(more_dice)
        sys.stdout, sys.stderr = streams
        for (place, name), (value, _) in own.items():
            _put(place, name, value)


@contextlib.contextmanager
def tidied() -> Iterator[list[str]]:
    """Put everything back behind one call of a student's code; the list then names the functions it had replaced."""
    settings = _Settings()
    replaced: list[str] = []
    try:
        with warnings.catch_warnings():
            yield replaced
    finally:
        replaced += restore_functions()
        settings.restore()

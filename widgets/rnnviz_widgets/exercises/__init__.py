"""The exercises of the lessons, kept apart from the notebooks: what a check expects is the solution."""

from __future__ import annotations

import difflib
import importlib
from typing import Any

from rnnviz_widgets.challenge import Challenge
from rnnviz_widgets.check import Check


def exercise(lesson: str, name: str, answer: Any, *, keep: bool = True) -> Check | Challenge:
    """Check a student's answer to one of a lesson's exercises, or measure an attempt at its challenge.

    Parameters
    ----------
    lesson : str
        Number of the lesson, two digits.
    name : str
        Name of the exercise.
    answer : callable or object
        The student's function, or value.
    keep : bool
        Whether the page keeps the result as the student's own; not for the lesson's solutions.

    Returns
    -------
    Check or Challenge
        Shows what holds and what does not, or how far the attempt comes.

    Raises
    ------
    KeyError
        If there is no such lesson or exercise.

    Examples
    --------
    >>> import torch
    >>> exercise("02", "step", lambda X, H, W_x, W_h, b: torch.tanh(X @ W_x + H @ W_h + b))
    Check('step', passed=2, failed=0)
    """
    checks = {check.name: check for check in read_exercises(lesson)}
    if name not in checks:
        close = difflib.get_close_matches(name, checks, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"It has {', '.join(checks)}."
        raise KeyError(f"Lesson {lesson} has no exercise {name!r}. {hint}")
    checks[name].keep = keep
    return checks[name](answer)


def read_exercises(lesson: str) -> list[Check | Challenge]:
    """Return all exercises and challenges of a lesson, in its order.

    Parameters
    ----------
    lesson : str
        Number of the lesson, two digits.

    Returns
    -------
    list of Check and Challenge

    Raises
    ------
    KeyError
        If the lesson has no exercises here.

    Examples
    --------
    >>> [check.name for check in read_exercises("02")]
    ['step', 'side-by-side', 'detective', 'unroll', 'mend-the-loop', 'slow-ring']
    """
    place = f"{__name__}.lesson_{lesson}"
    try:
        module = importlib.import_module(place)
    except ModuleNotFoundError as error:
        if error.name != place:
            raise
        raise KeyError(f"There are no exercises for lesson {lesson!r}.") from error
    checks: list[Check | Challenge] = module.make_exercises()
    for number, check in enumerate(checks, start=1):
        check.number = number
    return checks

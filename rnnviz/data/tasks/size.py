"""How long and how many the sequences of a task may be."""

from __future__ import annotations

from typing import Protocol

__all__ = ["check_size"]


class Task(Protocol):
    """What has a length and a number of sequences."""

    @property
    def steps(self) -> int:
        """Length of a sequence."""

    @property
    def batch(self) -> int:
        """Sequences a draw."""


def check_size(task: Task, least: int) -> None:
    """Raise a ValueError for a task of fewer steps than make sense, or of no sequence."""
    if task.steps < least or task.batch < 1:
        raise ValueError(
            f"{type(task).__name__} was given steps={task.steps} and batch={task.batch}; it needs at least "
            f"{least} steps and one sequence."
        )

"""The adding problem as a task for widgets: trials on it, what the page is told of it, and of how far they are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rnnviz.data import AddingProblem
from rnnviz.models import Contender, Trial, Trials

#: Sequences on which ratios and errors are measured.
CHECKED = 200
#: Mean squared error below which the task is solved.
SOLVED = 0.01


def make_trials(
    contenders: Mapping[str, Contender], steps: int, *, updates: int, every: int, seed: int
) -> Trials:
    """Make trials on the adding problem over some steps."""
    task, check = AddingProblem(steps), AddingProblem(steps, CHECKED)
    return Trials(contenders, task, check, updates=updates, every=every, solved=SOLVED, seed=seed)


def describe_task(steps: int, *, updates: int, every: int) -> dict[str, Any]:
    """Say what a page needs to draw errors: sizes, the error at which it is solved, and that of always saying 1."""
    return {
        "steps": steps,
        "updates": updates,
        "every": every,
        "solved": SOLVED,
        "baseline": AddingProblem.baseline,
    }


def pack_trials(frame: Mapping[str, Trial]) -> dict[str, Any]:
    """Make a message of how far each contender is; JSON has no infinity, so what diverged ends in null."""
    return {
        name: {
            "updates": trial.updates,
            "errors": [float(f"{error:.4g}") if math.isfinite(error) else None for error in trial.errors],
            "solved": trial.solved_after,
            "diverged": trial.diverged,
            "seconds": round(trial.seconds, 3),
        }
        for name, trial in frame.items()
    }

"""The exercises of lesson 20, kept apart from the notebook: what a check expects is the solution."""

from __future__ import annotations

from collections.abc import Callable

import rnnviz_widgets as rw


def exercise(name: str, answer: Callable[..., object], *, keep: bool = True) -> rw.Check:
    """Check a student's function; with ``keep=False``, for solutions, the page does not keep the result."""
    check = CHECKS[name]
    check.keep = keep
    return check(answer)


def _count_steps(share: float, a: float) -> int:
    steps = 0
    while 1 - a**steps < share:
        steps += 1
    return steps


CHECKS = {
    "steps-until": rw.Check(
        "steps-until",
        lesson="20",
        # The smallest inputs first: the first on which something does not hold is the one that is shown.
        inputs=[(0.5, 0.0), (0.5, 0.5), (0.9, 0.5), (0.5, 0.9), (0.99, 0.9)],
        properties=[
            rw.Property(
                "It is a whole number, and at least one step is needed.",
                holds=lambda steps, share, a: (
                    (isinstance(steps, int) and steps >= 1) or f"{steps!r} is no number of steps from 1 on."
                ),
            ),
            rw.Property(
                "It is the first step at which the estimate reaches the share.",
                expected=_count_steps,
                advice="Write the first three estimates down for a = 0.5: 0.5, 0.75, 0.875.",
            ),
        ],
        hints=[
            "Go round a loop for as long as the estimate is smaller than `share`.",
            "Each time round: `h = a * h + (1 - a) * 1`, and one step more.",
        ],
        then="what happens to the number of steps when a goes from 0.9 to 0.99?",
    )
}

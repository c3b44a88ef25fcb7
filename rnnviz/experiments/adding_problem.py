"""The adding problem over 150 steps: what a tanh network cannot remember, an IRNN and an LSTM can.

Q. V. Le, N. Jaitly and G. E. Hinton, "A simple way to initialize recurrent networks of rectified linear units",
2015, section 4.1: two inputs a step, a number and a marker; the target is the sum of the two marked numbers.
Always saying 1 has a mean squared error of 1/6 = 0.1667. The paper shows curves and no table: at 150 steps LSTM and
IRNN fall well below the baseline, the tanh network stays on it. Here "solved" means a mean squared error below 0.01
on 500 fresh sequences, "stays on it" an error that never falls a tenth below it, and both are counted in seeds: the
claim holds where more than half of them do as published. Within 4,000 updates, that is: nobody can wait for ever.

Trained with batches of 32, Adam, and the gradient clipped to norm 1: IRNN of 100 units (learning rate 2e-4, input
weights N(0, 0.05)), LSTM of 64 units (3e-3, forget bias 1), tanh network of 100 units (1e-3, Glorot).

Run it with ``rnnviz prove adding_problem`` (about two minutes a seed); ``--keep`` writes the result beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from rnnviz.data.tasks import AddingProblem
from rnnviz.experiments.memory_run import MemoryRun, solve_adding
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models.sequence_regressor import SequenceRegressor

STEPS, UPDATES = 150, 4000
#: Share of the baseline's error above which a network has not left it.
STAYS = 0.9

#: Model, learning rate, and whether it was published to solve it.
RIVALS: dict[str, tuple[Callable[[int], SequenceRegressor], float, bool]] = {
    "IRNN": (lambda seed: SequenceRegressor(2, 100, "irnn", seed=seed), 2e-4, True),
    "LSTM": (lambda seed: SequenceRegressor(2, 64, "lstm", seed=seed), 3e-3, True),
    "tanh": (
        lambda seed: SequenceRegressor(2, 100, "rnn", initialisation="Glorot", seed=seed),
        1e-3,
        False,
    ),
}


def run(seeds: Sequence[int] = (0, 1, 2), steps: int = STEPS, updates: int = UPDATES) -> list[Row]:
    """Train each model with each seed until it solves the problem or runs out of updates.

    Parameters
    ----------
    seeds : sequence of int
        One training each.
    steps, updates : int
        Length of the sequences and most updates; fewer of either bear nothing out.

    Returns
    -------
    list of Row
        For each model the share of seeds that solved it (1 or 0 a seed), its least error, and the updates until it
        was solved; for the tanh network, whether its error stayed on the baseline.
    """
    rows = []
    for name, (build, rate, solves) in RIVALS.items():
        runs: list[MemoryRun] = [
            solve_adding(build(seed), steps, learning_rate=rate, updates=updates, seed=seed) for seed in seeds
        ]
        solved = tuple(float(one.solved_after is not None) for one in runs)
        share = sum(solved) / len(solved)
        rows.append(
            Row(f"{name}, solved", float(solves), solved, share > 0.5 if solves else share < 0.5, yes=True)
        )
        rows.append(
            Row(
                f"{name}, least error",
                None,
                tuple(one.best for one in runs),
                note=f"always saying 1 gives {AddingProblem.baseline:.4f}." if name == "tanh" else "",
            )
        )
        if any(solved):
            after = tuple(float(one.solved_after) for one in runs if one.solved_after is not None)
            rows.append(Row(f"{name}, updates", None, after))
        if not solves:
            stayed = tuple(float(one.best > STAYS * AddingProblem.baseline) for one in runs)
            note = "on the error of always saying 1."
            rows.append(Row(f"{name}, stays", 1.0, stayed, sum(stayed) > len(stayed) / 2, note, yes=True))
    return rows


def main(arguments: Sequence[str] = ()) -> int:
    """Print the published claims and ours; return 0 where ours bear them out, else 1."""
    settings = {"steps": STEPS, "updates": UPDATES, "batch": 32, "clip_norm": 1.0}
    return report("adding_problem", __doc__, run, arguments, seeds=3, settings=settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

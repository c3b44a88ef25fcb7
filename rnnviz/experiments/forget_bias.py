"""The forget bias, and a number seen before any training that says which LSTM will learn.

R. Jozefowicz, W. Zaremba and I. Sutskever, "An empirical exploration of recurrent network architectures", ICML 2015,
recommend that the forget gate of every LSTM begin with a bias of 1. What is made of it, and how it is mostly quoted,
is two claims, and each is judged by itself on the adding problem over 100 steps, a task of ours and not of the paper,
with an LSTM of 32 units, Adam with learning rate 3e-3, batches of 32, clipped at norm 1:

* a bias of 1 or more is *needed*: with less, more than half of the trainings fail, and with 1, more than half succeed;
* a bias of 1 *helps*: the median training needs fewer updates than with a bias of 0.

Beside them stands a number that needs one backward pass and no training: how much the loss feels input 5, divided by
how much it feels input T − 5. Far below 1 the early numbers are lost; far above 1 they drown the late ones. The
experiment counts how often the ratio nearer to 1 belongs to the bias that learns faster. Nobody has published that
share, so it is shown and not judged.

Run it with ``rnnviz prove forget_bias`` (about two minutes for three seeds); ``--keep`` writes the result beside it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import median

from rnnviz.experiments.memory_run import input_ratio, solve_adding
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models.sequence_regressor import SequenceRegressor

STEPS, UNITS, RATE, UPDATES = 100, 32, 3e-3, 4000
BIASES = (-2.0, 0.0, 1.0, 3.0, 5.0)


def run(
    seeds: Sequence[int] = (0, 1, 2),
    biases: Sequence[float] = BIASES,
    steps: int = STEPS,
    updates: int = UPDATES,
) -> list[Row]:
    """Measure the ratio of input gradients of untrained LSTMs, then train them.

    Parameters
    ----------
    seeds : sequence of int
        One training each, for every bias.
    biases : sequence of float
        Of the forget gates.
    steps, updates : int
        Length of the sequences and most updates; a run that is not solved counts as that many.

    Returns
    -------
    list of Row
        See `judge`.
    """
    ratios: dict[float, list[float]] = {bias: [] for bias in biases}
    after: dict[float, list[int | None]] = {bias: [] for bias in biases}
    for bias in biases:
        for seed in seeds:
            model = SequenceRegressor(2, UNITS, "lstm", forget_bias=bias, seed=seed)
            ratios[bias].append(log_ratio(input_ratio(model, steps)))
            run = solve_adding(model, steps, learning_rate=RATE, updates=updates, seed=seed)
            after[bias].append(run.solved_after)
    return judge(ratios, after, updates)


def judge(
    ratios: Mapping[float, Sequence[float]],
    after: Mapping[float, Sequence[int | None]],
    updates: int = UPDATES,
) -> list[Row]:
    """Put what was measured beside the two claims.

    Parameters
    ----------
    ratios : mapping of float to sequence of float
        By bias, the logarithm of the ratio to base 10, one a seed.
    after : mapping of float to sequence of int or None
        By bias, the updates until it was solved; None where it never was.
    updates : int
        What a training counts as that was not solved.

    Returns
    -------
    list of Row
        For each bias its ratios and its updates; then the two claims, as far as their biases were tried; last the share
        of pairs that the ratio orders rightly, which is compared with nothing.

    Examples
    --------
    >>> from rnnviz.experiments.forget_bias import judge
    >>> rows = judge({0.0: [-12.0], 1.0: [-2.0]}, {0.0: [2300], 1.0: [1400]})
    >>> [(row.what, row.holds) for row in rows[-3:-1]]
    [('a bias of 1 or more is needed', False), ('a bias of 1 helps', True)]
    """
    solved = {
        bias: [float(updates if one is None else one) for one in found] for bias, found in after.items()
    }
    rows = []
    for bias, found in after.items():
        lost = f"{found.count(None)} of {len(found)} were not solved." if None in found else ""
        rows.append(Row(f"bias {bias:+g}, log10 of the ratio", None, tuple(ratios[bias])))
        rows.append(Row(f"bias {bias:+g}, updates", None, tuple(solved[bias]), note=lost))
    low = [one for bias, found in after.items() if bias < 1 for one in found]
    if low and 1.0 in after:
        failed = tuple(float(one is None) for one in low)
        with_1 = [one is not None for one in after[1.0]]
        holds = sum(failed) > len(failed) / 2 and sum(with_1) > len(with_1) / 2
        found_instead = "" if holds else "found instead: "
        note = (
            f"{found_instead}of those with less, {failed.count(0.0)} of {len(failed)} were solved; with a bias of 1, "
            f"{sum(with_1)} of {len(with_1)}. What is counted is those that failed with less."
        )
        rows.append(Row("a bias of 1 or more is needed", 1.0, failed, holds, note, yes=True))
    if 0.0 in after and 1.0 in after:
        one, none = median(solved[1.0]), median(solved[0.0])
        note = f"in the median {one:.0f} updates with a bias of 1, and {none:.0f} with 0."
        rows.append(Row("a bias of 1 helps", 1.0, (float(one < none),), one < none, note, yes=True))
    note = "of all that differ in speed. 1 is all of them, 0.5 is a coin."
    rows.append(Row("pairs the ratio orders", None, (order_share(ratios, solved),), note=note))
    return rows


def log_ratio(ratio: float) -> float:
    """Return the logarithm to base 10, with an end: what does not arrive in single precision counts as 1e-45."""
    return math.log10(max(ratio, 1e-45))


def order_share(ratios: Mapping[float, Sequence[float]], solved: Mapping[float, Sequence[float]]) -> float:
    """Of all pairs of trainings with one seed that differ in speed: how often the ratio nearer to 1 was faster.

    Parameters
    ----------
    ratios, solved : mapping of float to sequence of float
        For each bias the logarithm of the ratio and the updates, a value for each seed.

    Returns
    -------
    float
        Between 0 and 1; 0.5 where there is nothing to compare.

    Examples
    --------
    >>> order_share({0.0: [-9.0], 1.0: [-1.0]}, {0.0: [2000.0], 1.0: [1000.0]})
    1.0
    """
    votes = []
    for one, other in combinations(ratios, 2):
        for seed, quick in enumerate(solved[one]):
            if quick == solved[other][seed]:
                continue
            nearer = abs(ratios[one][seed]) < abs(ratios[other][seed])
            votes.append(nearer == (quick < solved[other][seed]))
    return sum(votes) / len(votes) if votes else 0.5


def main(arguments: Sequence[str] = ()) -> int:
    """Print the published claim and what we measure; return 0 where ours bears it out, else 1."""
    settings = {"steps": STEPS, "units": UNITS, "learning_rate": RATE, "updates": UPDATES}
    settings |= {"batch": 32, "clip_norm": 1.0}
    return report("forget_bias", __doc__, run, arguments, seeds=3, settings=settings, digits=2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

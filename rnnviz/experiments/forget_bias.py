"""The forget bias, and a number seen before any training that says which LSTM will learn.

R. Jozefowicz, W. Zaremba and I. Sutskever, "An empirical exploration of recurrent network architectures", ICML 2015:
an LSTM whose forget gate begins with a bias of 1 learns what one with the usual bias of 0 or below often does not. The
paper prints no table for this task; its claim, "a bias of 1 or more is needed", is tested here on the adding problem
over 100 steps, with an LSTM of 32 units, Adam with learning rate 3e-3, batches of 32, clipped at norm 1.

Beside it stands a number that needs one backward pass and no training: how much the loss feels input 5, divided by
how much it feels input T − 5. Far below 1 the early numbers are lost; far above 1 they drown the late ones. The
experiment counts how often the ratio nearer to 1 belongs to the bias that learns faster.

Run it with ``rnnviz prove forget_bias`` (about two minutes for three seeds); ``--keep`` writes the result beside it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from itertools import combinations
from statistics import median

from rnnviz.experiments.memory_run import input_ratio, solve_adding
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models.sequence_regressor import SequenceRegressor

STEPS, UNITS, RATE, UPDATES = 100, 32, 3e-3, 4000
BIASES = (-2.0, 0.0, 1.0, 3.0, 5.0)
#: Pairs of biases, of all that differ in how fast they learn, that the ratio must put in the right order.
SHARE = 0.7


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
        For each bias the ratio (its logarithm to base 10) and the updates until it was solved; then the claim, and
        the share of pairs that the ratio orders rightly.
    """
    ratios: dict[float, list[float]] = {bias: [] for bias in biases}
    solved: dict[float, list[float]] = {bias: [] for bias in biases}
    failed: dict[float, int] = dict.fromkeys(biases, 0)
    for bias in biases:
        for seed in seeds:
            model = SequenceRegressor(2, UNITS, "lstm", forget_bias=bias, seed=seed)
            ratios[bias].append(log_ratio(input_ratio(model, steps)))
            after = solve_adding(model, steps, learning_rate=RATE, updates=updates, seed=seed).solved_after
            solved[bias].append(float(updates if after is None else after))
            failed[bias] += after is None
    rows = []
    for bias in biases:
        lost = f"{failed[bias]} of {len(seeds)} were not solved." if failed[bias] else ""
        rows.append(Row(f"bias {bias:+g}, log10 of the ratio", None, tuple(ratios[bias]), True))
        rows.append(Row(f"bias {bias:+g}, updates", None, tuple(solved[bias]), True, lost))
    low = [value for bias in biases if bias < 1 for value in solved[bias]]
    good = min(median(solved[bias]) for bias in biases if bias >= 1)
    if low:
        faster = good / median(low)
        note = (
            "updates of the best bias of 1 or more, divided by those of the median below; under 1 is faster."
        )
        rows.append(Row("bias 1 or more, against less", 1.0, (faster,), faster < 1, note))
    right = order_share(ratios, solved)
    rows.append(
        Row("pairs the ratio orders", None, (right,), right >= SHARE, "1 is all of them, 0.5 is a coin.")
    )
    return rows


def log_ratio(ratio: float) -> float:
    """Return the logarithm to base 10, with an end: what does not arrive in single precision counts as 1e-45."""
    return math.log10(max(ratio, 1e-45))


def order_share(ratios: dict[float, list[float]], solved: dict[float, list[float]]) -> float:
    """Of all pairs of trainings with one seed that differ in speed: how often the ratio nearer to 1 was faster.

    Parameters
    ----------
    ratios, solved : dict of float to list of float
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

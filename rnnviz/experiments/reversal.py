"""Does it help to read the source backwards? Two translators that differ in nothing else, while they learn.

I. Sutskever, O. Vinyals and Q. V. Le (2014) read the source from its last word to its first and print a BLEU of 30.6
in place of 25.9, on English and French newspaper text, with LSTMs of four layers. What is tested here is their claim
that it makes learning easier, on another scale: the made-up pairs of the course, nine in ten to learn from, a GRU of 48
units on either side, no attention, Adam with a learning rate of 0.01, 64 sentences an update.

Claimed, before the run: after 60 updates, and after 120, the one that reads backwards translates more of the unseen
sentences without a fault (median over the seeds). After 240 nothing is claimed.

Run it with ``rnnviz prove reversal`` (15 seconds a seed); ``--keep`` writes the result, curves included, beside it.

References
----------
I. Sutskever, O. Vinyals and Q. V. Le, "Sequence to sequence learning with neural networks", NeurIPS 2014.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import median
from typing import Any

from rnnviz.data.pairs import made_up_pairs
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models.translator_race import TRANSLATORS, TranslatorRace

__all__ = ["run"]

UPDATES, EVERY = 240, 20
LOOKED_AT = (60, 120, 240)


def run(seeds: Sequence[int] = (0, 1, 2, 3, 4), updates: int = UPDATES) -> tuple[list[Row], dict[str, Any]]:
    """Train both ways with each seed.

    Parameters
    ----------
    seeds : sequence of int
        One training of each translator, and one division of the pairs.
    updates : int
        Of each; fewer make a trial, in which what is later than that is not looked at.

    Returns
    -------
    rows : list of Row
        Share of unseen sentences without a fault.
    details : dict
        In ``exact`` the curves, by translator and seed, and in ``every`` the updates between two of their points.
    """
    pairs = made_up_pairs()
    both = {name: chosen for name, chosen in TRANSLATORS.items() if not chosen["attention"]}
    curves: dict[str, list[list[float]]] = {name: [] for name in both}
    for seed in seeds:
        learn, test = pairs.split(0.9, seed=seed)
        race = TranslatorRace(
            learn, test, pairs.vocabularies(), translators=both, updates=updates, every=EVERY, seed=seed
        )
        for _ in range(updates):
            race.step()
        for name, one in race.frame().items():
            curves[name].append([round(share, 4) for share in one.exact])
    rows = []
    for at in LOOKED_AT:
        if at > updates:
            continue
        reached = {name: tuple(curve[at // EVERY] for curve in curves[name]) for name in both}
        middle = [median(values) for values in reached.values()]
        for name, values in reached.items():
            claimed = name == "read backwards" and at < UPDATES
            holds = middle[1] > middle[0] if claimed else None
            note = (
                ""
                if holds is not False
                else f"found instead: {middle[1]:.3f} against {middle[0]:.3f} forwards"
            )
            rows.append(Row(f"{name}, {at} updates", None, values, holds, note))
    return rows, {"exact": curves, "every": EVERY}


def main(arguments: Sequence[str] = ()) -> int:
    """Print what each reaches; return 0 where that bears the claim out, else 1."""
    settings = {"pairs": 1134, "learned": 0.9, "units": 48, "updates": UPDATES, "every": EVERY}
    return report("reversal", __doc__, run, arguments, seeds=5, settings=settings, digits=3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

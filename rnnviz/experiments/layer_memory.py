"""What each layer of a stack remembers: a linear readout of each layer for the word so many words ago.

Three LSTM layers of 32 units learn the stories of `rnnviz.data.Recall`, with 4 to 20 words between country and answer.
Then a linear readout is fitted, for each layer and each lag, on the states over 160 new stories, and measured on 80
others: how often does it name the word that was read so many words ago, of 59? Always naming the commonest is right in
about one of ten. Nobody published these numbers; the idea of a linear probe is Alain and Bengio's.

What is claimed, and was written down before the runs: the word just read is known best by the lowest layer, and worst
by the highest; which word comes *next* is known best by the highest.

Run it with ``rnnviz prove layer_memory`` (20 seconds a seed); ``--keep`` writes the result beside it.

References
----------
G. Alain and Y. Bengio, "Understanding intermediate layers using linear classifier probes", arXiv 1610.01644 (2016).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import median
from typing import Any

import torch

from rnnviz.data.recall import Recall
from rnnviz.experiments.depth import StackReader
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models.probe import probe_lags
from rnnviz.models.recall import recall_loss
from rnnviz.training import train

__all__ = ["LAYERS", "learn", "probe", "run"]

LAYERS = 3
MISSED = "The lowest layer knows it best, as claimed; but it is the middle one that knows it least."
LAGS = (0, 1, 2, 3, 4, 6, 8, 10, 12, 15)


def learn(seed: int = 0, updates: int = 600) -> StackReader:
    """Train three layers on the stories.

    Parameters
    ----------
    seed : int
        Of weights and stories.
    updates : int

    Returns
    -------
    StackReader
    """
    model = StackReader([32] * LAYERS, seed=seed)
    for _ in train(
        model,
        Recall(range(4, 21)),
        loss=recall_loss,
        learning_rate=0.01,
        clip_norm=1.0,
        steps=updates,
        seed=seed,
    ):
        pass
    model.eval()
    return model


def probe(model: StackReader, lags: Sequence[int] = LAGS) -> dict[str, list[float]]:
    """Read back, from each layer's states, the word of so many words ago; first of all the one that comes next.

    Parameters
    ----------
    model : StackReader
    lags : sequence of int

    Returns
    -------
    dict of str to list of float
        By layer, from "layer 1", the lowest: the share that is right for the next word, and then for each lag.

    Examples
    --------
    >>> {name: len(shares) for name, shares in probe(StackReader([4, 4]), lags=[0, 2]).items()}
    {'layer 1': 3, 'layer 2': 3}
    """
    stories, following = Recall(15, batch=240)(torch.Generator().manual_seed(10**6))
    with torch.no_grad():
        shown = model.label.stack.read_layers(model.embed(stories))
    states = {f"layer {at}": hidden for at, hidden in enumerate(shown, start=1)}
    ahead = probe_lags(states, following, [0])
    back = probe_lags(states, stories, lags)
    return {name: [round(share, 4) for share in (*ahead[name], *back[name])] for name in states}


def run(seeds: Sequence[int] = (0, 1, 2)) -> tuple[list[Row], dict[str, Any]]:
    """Train with each seed, and probe.

    Parameters
    ----------
    seeds : sequence of int
        One training each.

    Returns
    -------
    rows : list of Row
        For each layer: the next word, the one just read, and those 4 and 10 words ago.
    details : dict
        ``lags``, and in ``right`` for each layer a list of shares for each seed.
    """
    right: dict[str, list[list[float]]] = {}
    for seed in seeds:
        for name, shares in probe(learn(seed)).items():
            right.setdefault(name, []).append(shares)
    names = list(right)
    rows = []
    for what, place in (("next word", 0), ("word just read", 1), ("4 words ago", 5), ("10 words ago", 8)):
        found = {name: tuple(shares[place] for shares in runs) for name, runs in right.items()}
        middle = [median(found[name]) for name in names]
        for name, values in found.items():
            holds = None
            if what == "next word" and name == names[-1]:
                holds = middle[-1] == max(middle)
            if what == "word just read" and name == names[0]:
                holds = middle[0] == max(middle) and middle[-1] == min(middle)
            note = MISSED if holds is False and middle[0] == max(middle) else ""
            rows.append(Row(f"{what}, {name}", None, values, holds, note=note))
    return rows, {"lags": list(LAGS), "right": right}


def main(arguments: Sequence[str] = ()) -> int:
    """Print what each layer knows; return 0 where that bears the claims out, else 1."""
    settings = {"units": [32] * LAYERS, "updates": 600, "learning_rate": 0.01, "stories": 240}
    return report("layer_memory", __doc__, run, arguments, seeds=3, settings=settings, digits=2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

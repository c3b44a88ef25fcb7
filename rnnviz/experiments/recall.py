"""Recall against distance: "I grew up in France … I speak fluent ___", read by seven recurrent cells.

The example is C. Olah's ("Understanding LSTM networks", 2015), who prints no number for it. Here it is a task:
stories of a small seeded grammar, `rnnviz.data.Recall`, in which other countries and languages are named besides.
Every network has 32 units and reads words of 16 numbers; it learns from stories with 4 to 20 words between the
country and the answer, 32 at a time, by Adam with learning rate 0.01, clipped at norm 1, and forget gates begin with
a bias of 1. Then it is asked about new stories, as far as eight times longer than any it learned from. An answer
counts when the word that the network finds likeliest, of all 59, is the right one. Guessing a language gives 1/8.

What is claimed: a tanh network does not learn it; every stage of the LSTM does, near by; a forget gate is what makes
recall reach far beyond the distances learned from; and a sum that is squashed before it is kept spoils it.

Run it with ``rnnviz prove recall`` (a minute and a quarter a seed); ``--keep`` writes the result beside it, and with it
the weights that ship with the course: those of the LSTM which recalls most over 80 words.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

from rnnviz.experiments.results import write_results
from rnnviz.experiments.table import Row, write_table
from rnnviz.models.recall import RECALL_CELLS, RecallRace, StoryReader
from rnnviz.models.shipped import write_recall_lstm
from rnnviz.models.stages import OutputGateCell

CELLS = tuple(name for name in RECALL_CELLS if name != "LSTM")
LEARNED = tuple(range(4, 21))
DISTANCES = (4, 6, 10, 15, 20, 30, 40, 60, 80, 120, 160)
UPDATES, STORIES = 800, 200


def run(
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
    updates: int = UPDATES,
    distances: Sequence[int] = DISTANCES,
    stories: int = STORIES,
) -> tuple[list[Row], dict[str, Any], StoryReader]:
    """Train each cell with each seed, and measure its recall at every distance.

    Parameters
    ----------
    seeds : sequence of int
        One training each, for every cell.
    updates : int
        Of each.
    distances : sequence of int
        Measured; 20 and 80 among them.
    stories : int
        Measured at each distance.

    Returns
    -------
    rows : list of Row
        For each cell the recall over 20 words, and over 80.
    details : dict
        ``distances``, and in ``recall`` for each cell a list of shares for each seed.
    best : StoryReader
        The LSTM that recalls most over 80 words.
    """
    recall: dict[str, list[list[float]]] = {name: [] for name in CELLS}
    best: tuple[float, StoryReader] | None = None
    for seed in seeds:
        race = RecallRace(
            CELLS,
            learned=LEARNED,
            distances=distances,
            updates=updates,
            every=updates,
            stories=stories,
            seed=seed,
        )
        race.run()
        for name, one in race.frame().items():
            recall[name].append([round(share, 4) for share in one.recall[-1]])
        far = recall["+ output gate"][-1][list(distances).index(80)]
        if best is None or far > best[0]:
            best = far, race.models["+ output gate"]
    assert best is not None
    rows = _judge(recall, list(distances))
    return rows, {"distances": list(distances), "recall": recall}, _with_torch_layer(best[1])


def _judge(recall: dict[str, list[list[float]]], distances: list[int]) -> list[Row]:
    near, far = distances.index(20), distances.index(80)
    shares = {
        name: {at: tuple(seed[at] for seed in runs) for at in (near, far)} for name, runs in recall.items()
    }
    middle = {name: {at: median(values) for at, values in both.items()} for name, both in shares.items()}
    gated = [name for name in recall if name in ("+ forget gate", "+ input gate", "+ output gate", "GRU")]
    rows = []
    for name, both in shares.items():
        learns = middle[name][near] > 0.9 if name in gated else middle[name][near] < 0.9
        rows.append(Row(f"{name}, over 20 words", None, both[near], learns))
        beyond = middle[name][far] > middle["c + g"][far] if name in gated else True
        rows.append(Row(f"{name}, over 80 words", None, both[far], beyond))
    return rows


def _with_torch_layer(reader: StoryReader) -> StoryReader:
    """Return the same network with torch's own LSTM."""
    stage = reader.recurrent
    assert isinstance(stage, OutputGateCell)
    same = StoryReader("LSTM", stage.hidden_size, stage.input_size)
    same.embed.load_state_dict(reader.embed.state_dict())
    same.decide.load_state_dict(reader.decide.state_dict())
    same.recurrent = stage.to_lstm()
    return same


def main(arguments: Sequence[str] = ()) -> int:
    """Print what we measure; return 0 where it bears the claims out, else 1."""
    parser = argparse.ArgumentParser(
        prog="rnnviz prove recall",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds, from 0 (default %(default)s)")
    parser.add_argument("--keep", action="store_true", help="write the result, and the weights that ship")
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error(f"--seeds is {options.seeds}; at least 1 is needed")
    began = time.perf_counter()
    rows, details, best = run(range(options.seeds))
    print(write_table(rows, 2))
    if options.keep:
        settings = {
            "seeds": options.seeds,
            "updates": UPDATES,
            "batch": 32,
            "units": 32,
            "learning_rate": 0.01,
        }
        settings |= {"clip_norm": 1.0, "learned": [LEARNED[0], LEARNED[-1]], "stories": STORIES}
        write_results("recall", rows, settings=settings, seconds=time.perf_counter() - began, details=details)
        write_recall_lstm(best)
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

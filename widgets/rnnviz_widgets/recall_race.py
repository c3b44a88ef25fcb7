"""Recall against distance: the stages of the LSTM, and other cells, learning the same stories side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from rnnviz.data import Recall
from rnnviz.experiments.results import read_results
from rnnviz.models import RECALL_CELLS, RecallRun
from rnnviz.models import RecallRace as Race
from rnnviz_widgets.base import STATIC
from rnnviz_widgets.streamed import Streamed

#: Distances of the stories that are learned from, and those that are measured.
LEARNED = tuple(range(4, 21))
DISTANCES = (4, 6, 10, 15, 20, 30, 40, 60, 80)


class RecallRace(Streamed):
    """Networks that read "I grew up in France … I speak fluent" and learn which word comes next.

    They learn in the background, an update each in turn, from stories with 4 to 20 words between the country and the
    answer. The plot on the left shows how often each finds the right word, at distances up to 80; the one on the right
    how that grew. What several seeds and longer trainings gave is stored, and can be shown instead.

    Parameters
    ----------
    cells : sequence of str, optional
        Keys of `rnnviz.models.RECALL_CELLS`; by default a tanh RNN, the four stages of the LSTM, a GRU, and the variant
        that squashes what it keeps.
    updates : int, default 400
        Of each network.
    every : int, default 25
        Updates from one measurement to the next.
    seed : int, default 0
        Of weights and stories; the page can ask for the next one.

    Raises
    ------
    ValueError
        For an unknown cell, none, or fewer than one update.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> race = rw.RecallRace(["c + g", "GRU"], updates=50)
    >>> race
    RecallRace(cells=2, updates=50, farthest=80)
    >>> race.close()
    """

    _esm = STATIC / "recall_race.js"

    scene: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """Names, distances, sizes, and what is stored."""

    def __init__(
        self,
        cells: Sequence[str] | None = None,
        *,
        updates: int = 400,
        every: int = 25,
        seed: int = 0,
        **unknown: object,
    ) -> None:
        self._refuse_options(unknown)
        names = [name for name in RECALL_CELLS if name != "LSTM"] if cells is None else list(cells)
        if strange := [name for name in names if name not in RECALL_CELLS]:
            raise ValueError(
                f"There is no cell {strange[0]!r}; there are {', '.join(map(repr, RECALL_CELLS))}."
            )
        self._options: dict[str, Any] = {
            "learned": LEARNED,
            "distances": DISTANCES,
            "updates": updates,
            "every": every,
        }
        self._turns = _Turns(names, self._options, seed)
        stored = read_results("recall")
        super().__init__(
            scene={
                "cells": names,
                "learned": [LEARNED[0], LEARNED[-1]],
                "distances": list(DISTANCES),
                "updates": updates,
                "every": every,
                "baseline": Recall.baseline,
                "stored": {
                    "updates": stored["settings"]["updates"],
                    "seeds": stored["settings"]["seeds"],
                    "distances": stored["details"]["distances"],
                    "recall": {name: stored["details"]["recall"].get(name, []) for name in names},
                },
            },
            frame=self._pack_frame(self._turns.frame()),
        )
        self._work_on(self._turns)

    @property
    def runs(self) -> dict[str, RecallRun]:
        """How far each network is."""
        return self._turns.frame()

    def facts(self) -> dict[str, object]:
        """How many take part, and the sizes."""
        return {
            "cells": len(self.scene["cells"]),
            "updates": self.scene["updates"],
            "farthest": self.scene["distances"][-1],
        }

    def _pack_frame(self, frame: Mapping[str, RecallRun]) -> dict[str, Any]:
        near = sum(distance <= LEARNED[-1] for distance in DISTANCES)
        return {
            name: {
                "updates": run.updates,
                "recall": [round(share, 3) for share in run.recall[-1]],
                "history": [round(sum(shares[:near]) / near, 3) for shares in run.recall],
                "seconds": round(run.seconds, 2),
            }
            for name, run in frame.items()
        }

    def _answer(self, kind: str, message: dict[str, Any], buffers: Sequence[memoryview] = ()) -> None:
        if kind != "again":
            super()._answer(kind, message, buffers)
            return
        self.pause()
        self._call(self._runner.call(self._turns.begin, self._turns.seed + 1))
        self.reset()


class _Turns:
    """A race that can begin again with another seed."""

    def __init__(self, cells: Sequence[str], options: dict[str, Any], seed: int) -> None:
        self._cells, self._options = cells, options
        self.begin(seed)

    def begin(self, seed: int) -> None:
        self.seed = seed
        self._race = Race(self._cells, seed=seed, **self._options)

    def step(self) -> None:
        self._race.step()

    def frame(self) -> dict[str, RecallRun]:
        return self._race.frame()

    def reset(self) -> None:
        self._race.reset()

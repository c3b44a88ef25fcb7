"""Networks that learn one task side by side, against updates and against time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import traitlets

from rnnviz.experiments.parity_race import parity_race
from rnnviz.models import LearningRace as Race
from rnnviz.models import LearningRun, readout_race
from rnnviz_widgets.base import STATIC
from rnnviz_widgets.streamed import Streamed

#: What each race is made by, and what the page says of it.
RACES: dict[str, tuple[Callable[..., Race], dict[str, Any]]] = {
    "readout": (
        readout_race,
        {
            "module": "rnnviz.models",
            "title": "One step of Mackey–Glass: a readout that is solved, and weights that are trained",
            "takes": "some ten seconds",
            "score": "error over deviation",
            "log": True,
            "level": {"value": 1.0, "name": "always saying the mean"},
        },
    ),
    "parity": (
        parity_race,
        {
            "module": "rnnviz.experiments.parity_race",
            "title": "Is the number of ones odd so far?",
            "takes": "some ten seconds",
            "score": "share of right answers",
            "log": False,
            "level": {"value": 0.5, "name": "guessing"},
        },
    ),
}


class LearningRace(Streamed):
    """Networks that learn one task in the background, an update each in turn.

    Two plots show what was measured so far, one against updates, one against the seconds that these took.

    Parameters
    ----------
    race : {"readout", "parity"}
        `rnnviz.models.readout_race`: a reservoir's readout beside a network that is trained through time.
        `rnnviz.experiments.parity_race`: a GRU beside two linear recurrences.
    updates : int, default 300
        Of each network.
    every : int, default 10
        Updates from one measurement to the next.

    Raises
    ------
    ValueError
        For another race, or fewer than one update.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> race = rw.LearningRace("parity", updates=50)
    >>> race
    LearningRace(race='parity', networks=3, updates=50)
    >>> race.close()
    """

    _esm = STATIC / "learning_race.js"

    scene: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """Names, sizes, and what is measured."""

    def __init__(self, race: str, *, updates: int = 300, every: int = 10, **unknown: object) -> None:
        self._refuse_options(unknown)
        if race not in RACES:
            raise ValueError(f"There is no race {race!r}; there are {', '.join(map(repr, RACES))}.")
        make, words = RACES[race]
        self._race, self._name = make(updates=updates, every=every), race
        frame = self._race.frame()
        super().__init__(
            scene={"nets": list(frame), "updates": updates, "every": every, "made": make.__name__, **words},
            frame=self._pack_frame(frame),
        )
        self._work_on(self._race)

    @property
    def runs(self) -> dict[str, LearningRun]:
        """How far each network is."""
        return self._race.frame()

    def facts(self) -> dict[str, object]:
        """Which race, how many take part, and the updates."""
        return {"race": self._name, "networks": len(self.scene["nets"]), "updates": self.scene["updates"]}

    def _pack_frame(self, frame: Mapping[str, LearningRun]) -> dict[str, Any]:
        return {
            name: {
                "updates": run.updates,
                "history": [round(value, 5) for value in run.history],
                "times": [round(at, 3) for at in run.times],
                "seconds": round(run.seconds, 3),
            }
            for name, run in frame.items()
        }

"""Translators that learn side by side: forwards, backwards, with attention, and with right words or their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import traitlets

from rnnviz.models import TranslatorRace as Race
from rnnviz.models import TranslatorRun
from rnnviz_widgets.base import STATIC
from rnnviz_widgets.streamed import Streamed

if TYPE_CHECKING:
    from rnnviz.data import Pairs

#: Unseen sentences whose translations are shown.
SHOWN = 2


class TranslatorRace(Streamed):
    """Three translators that learn the same pairs in the background, an update each in turn.

    One reads the source forwards, one backwards, and one has attention. The plot shows how many unseen sentences each
    translates without a fault, the table what they say of two of them. A slider sets how often the decoder is given the
    right word in training, and how often its own; moving it begins anew.

    Parameters
    ----------
    pairs : rnnviz.data.Pairs, optional
        Nine in ten are learned from, the others measured on; by default the made-up pairs of the course.
    updates : int, default 200
        Of each translator.
    every : int, default 20
        Updates from one measurement to the next.
    seed : int, default 0
        Of the weights and of the division.

    Raises
    ------
    ValueError
        For fewer than one update.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> race = rw.TranslatorRace(updates=40)
    >>> race
    TranslatorRace(translators=3, updates=40, tested=113)
    >>> race.close()
    """

    _esm = STATIC / "translator_race.js"

    scene: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """Names, sizes, and the sentences shown with their translations."""
    teacher_forcing = traitlets.Float(1.0).tag(sync=True)
    """Share of words after which the right one is given in training."""

    def __init__(
        self,
        pairs: Pairs | None = None,
        *,
        updates: int = 200,
        every: int = 20,
        seed: int = 0,
        **unknown: object,
    ) -> None:
        from rnnviz.data import made_up_pairs

        self._refuse_options(unknown)
        pairs = made_up_pairs() if pairs is None else pairs
        learn, test = pairs.split(0.9, seed=seed)
        # The longest are the hardest, and show most.
        longest = sorted(range(len(test)), key=lambda k: (-len(test.source[k]), test.source[k]))[:SHOWN]
        sentences = [test.source[k] for k in longest]
        self._race = Race(
            learn, test, pairs.vocabularies(), updates=updates, every=every, shown=sentences, seed=seed
        )
        super().__init__(
            scene={
                "translators": list(self._race.trainings),
                "updates": updates,
                "every": every,
                "learned": len(learn),
                "tested": len(test),
                "shown": [
                    [" ".join(test.source[k]), " ".join(test.target[k]).replace("' ", "'")] for k in longest
                ],
            },
            frame=self._pack_frame(self._race.frame()),
        )
        self._work_on(self._race)

    @property
    def runs(self) -> dict[str, TranslatorRun]:
        """How far each translator is."""
        return self._race.frame()

    def facts(self) -> dict[str, object]:
        """How many take part, and the sizes."""
        return {
            "translators": len(self.scene["translators"]),
            "updates": self.scene["updates"],
            "tested": self.scene["tested"],
        }

    def _pack_frame(self, frame: Mapping[str, TranslatorRun]) -> dict[str, Any]:
        return {
            name: {
                "updates": run.updates,
                "exact": [round(share, 4) for share in run.exact],
                "shown": run.shown,
                "seconds": round(run.seconds, 2),
            }
            for name, run in frame.items()
        }

    def _answer(self, kind: str, message: dict[str, Any], buffers: Sequence[memoryview] = ()) -> None:
        if kind != "teach":
            super()._answer(kind, message, buffers)
            return
        share = float(message["share"])
        if not 0 <= share <= 1:
            raise ValueError(f"The share of right words is {share}; it goes from 0 to 1.")
        self.pause()
        self._call(self._runner.call(setattr, self._race, "teacher_forcing", share))
        self.teacher_forcing = share
        self.reset()

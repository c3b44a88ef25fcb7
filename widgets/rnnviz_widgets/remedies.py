"""Remedies against vanishing and exploding gradients, each a switch, with the gradient and the learning it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import torch
import traitlets

from rnnviz.data import AddingProblem
from rnnviz.models import Contender, RemedyNet, RemedySettings, Trial, Trials, measure_remedies
from rnnviz_widgets.base import STATIC
from rnnviz_widgets.learning_to_add import describe_task, make_trials, pack_trials
from rnnviz_widgets.streamed import Streamed

#: Learning rates that suit each optimiser on this task.
RATES = {"SGD": 0.05, "momentum": 0.01, "Adam": 3e-3}
#: Sequences in the batch whose gradient is drawn, and their seed.
BATCH, SEED = 32, 5
#: Updates from one measurement of the error to the next.
EVERY = 10
MOST_STEPS = 60


class Remedies(Streamed):
    """A plain recurrent network with all its remedies as switches.

    One plot shows ‖∂L/∂h_t‖ of the untrained network, beside that of a network without any remedy; it is computed anew
    with every switch. The other shows how the network then learns the adding problem, when the reader asks for it, with
    the earlier runs kept for comparison and the time of an update, which is what a remedy costs.

    Parameters
    ----------
    steps : int, default 30
        Length of the sequences, from 10 to 60.
    updates : int, default 800
        Most updates of a training.
    seed : int, default 0
        Of the weights and sequences.
    remedies : str or int or float
        Which are on at first, by the names in `rnnviz.models.RemedySettings`: ``initialisation="identity"``.

    Raises
    ------
    ValueError
        For an unknown remedy or value, or a length out of range.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> rw.Remedies(initialisation="orthogonal", optimiser="Adam")
    Remedies(steps=30, on=['orthogonal', 'Adam'], first=0.052, last=0.45)
    """

    _esm = STATIC / "remedies.js"

    scene: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """Sizes, and the gradient curve without any remedy."""
    switches: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """Which remedies are on, and the length of the sequences."""
    curve: traitlets.List[float] = traitlets.List().tag(sync=True)
    """‖∂L/∂h_t‖ with these switches, after clipping."""
    left = traitlets.Float(1.0).tag(sync=True)
    """What clipping leaves of the gradient."""

    def __init__(self, *, steps: int = 30, updates: int = 800, seed: int = 0, **remedies: Any) -> None:
        known = RemedySettings.__dataclass_fields__
        self._refuse_options([name for name in remedies if name not in known], known)
        settings = RemedySettings(**remedies)
        self._updates, self._seed = updates, seed
        self._training = _Training(self._build)
        super().__init__()
        self._apply(settings, steps)
        self._work_on(self._training)

    def facts(self) -> dict[str, object]:
        """Length, what is on, and the gradient at both ends."""
        plain = asdict(RemedySettings())
        on = [value for name, value in self.switches.items() if name in plain and value != plain[name]]
        first, last = (float(f"{self.curve[place]:.2g}") for place in (0, -1))
        return {"steps": self.switches["steps"], "on": on, "first": first, "last": last}

    @property
    def trial(self) -> Trial | None:
        """How far the latest training is; None before the first."""
        return None if self._training.trials is None else self._training.trials.frame()["network"]

    def begin_training(self) -> None:
        """Train with the switches as they are, in the background, from the beginning."""
        self.pause()
        settings, steps = self._read(self.switches)
        self._call(self._runner.call(self._training.begin, settings, steps))
        # A runner that has finished, or failed, goes on only after a reset.
        self._call(self._runner.reset())
        self.start()

    def _build(self, settings: RemedySettings, steps: int) -> Trials:
        contender = Contender(
            lambda seed: RemedyNet(settings, seed=seed),
            RATES[settings.optimiser],
            settings.optimiser,
            settings.clip or None,
        )
        return make_trials({"network": contender}, steps, updates=self._updates, every=EVERY, seed=self._seed)

    def _read(self, wanted: dict[str, Any]) -> tuple[RemedySettings, int]:
        known = RemedySettings.__dataclass_fields__
        return RemedySettings(**{name: wanted[name] for name in known}), int(wanted["steps"])

    def _apply(self, settings: RemedySettings, steps: int) -> None:
        if not 10 <= steps <= MOST_STEPS:
            raise ValueError(f"steps is {steps}; Remedies shows 10 to {MOST_STEPS}.")
        curve, left = self._measure(settings, steps)
        with self.hold_sync():
            self.switches = asdict(settings) | {"steps": steps}
            self.curve, self.left = curve, left
            if self.scene.get("steps") != steps:
                self.scene = {
                    **describe_task(steps, updates=self._updates, every=EVERY),
                    "plain": self._measure(RemedySettings(), steps)[0],
                    "rates": RATES,
                    "most_steps": MOST_STEPS,
                }

    def _measure(self, settings: RemedySettings, steps: int) -> tuple[list[float], float]:
        inputs, targets = AddingProblem(steps, BATCH)(torch.Generator().manual_seed(SEED))
        norms, left = measure_remedies(RemedyNet(settings, seed=self._seed), inputs, targets)
        return norms.tolist(), left

    def _pack_frame(self, frame: dict[str, Any]) -> dict[str, Any]:
        return {**frame, "trial": pack_trials({"network": frame["trial"]})["network"]}

    def _answer(self, kind: str, message: dict[str, Any], buffers: Sequence[memoryview] = ()) -> None:
        if kind == "compute":
            with self.hold_sync():
                self._apply(*self._read(message["settings"]))
                self.answered = int(message["number"])
        elif kind == "train":
            self._apply(*self._read(message["settings"]))
            self.begin_training()
        else:
            super()._answer(kind, message, buffers)


class _Training:
    """What the runner runs: nothing at first, then the latest training that was asked for."""

    def __init__(self, build: Any) -> None:
        self._build, self.run = build, 0
        self.trials: Trials | None = None
        self._about: dict[str, Any] = {}

    def begin(self, settings: RemedySettings, steps: int) -> None:
        self.trials = self._build(settings, steps)
        self.run += 1
        self._about = {"run": self.run, "switches": asdict(settings) | {"steps": steps}}

    def step(self) -> None:
        if self.trials is None:
            raise StopIteration
        self.trials.step()

    def frame(self) -> dict[str, Any] | None:
        return None if self.trials is None else {**self._about, "trial": self.trials.frame()["network"]}

    def reset(self) -> None:
        if self.trials is not None:
            self.trials.reset()

"""The bet: look at the gradients of untrained networks, say which will learn, then watch."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import traitlets
from torch import Tensor, nn

from rnnviz.data import AddingProblem
from rnnviz.models import Contender, SequenceRegressor, Trial, Trials
from rnnviz_widgets.base import STATIC
from rnnviz_widgets.learning_to_add import CHECKED, describe_task, make_trials, pack_trials
from rnnviz_widgets.streamed import Streamed

#: How far from the ends the two inputs are whose gradients are compared.
MARGIN = 5
#: Updates from one measurement of the error to the next.
EVERY = 25
#: Longest sequences: of 400 steps, six networks' ratios take seconds, and their training minutes.
MOST_STEPS = 400


def default_contenders() -> dict[str, Contender]:
    """Return the six networks of the lesson: four forget biases, and two plain networks."""

    def lstm(bias: float) -> Contender:
        return Contender(lambda seed: SequenceRegressor(2, 32, "lstm", forget_bias=bias, seed=seed), 3e-3)

    def tanh(seed: int) -> nn.Module:
        return SequenceRegressor(2, 32, "rnn", spectral_radius=0.9, seed=seed)

    return {
        "LSTM, forget bias −3": lstm(-3.0),
        "LSTM, forget bias 1": lstm(1.0),
        "LSTM, forget bias 3": lstm(3.0),
        "LSTM, forget bias 6": lstm(6.0),
        "tanh, orthogonal · 0.9": Contender(tanh, 3e-3),
        "ReLU, identity": Contender(lambda seed: SequenceRegressor(2, 32, "irnn", seed=seed), 1e-3),
    }


class Bet(Streamed):
    """Untrained networks, and how much of the gradient reaches their early inputs; the reader bets, then they train.

    The bars show ‖∂L/∂x_5‖ / ‖∂L/∂x_{T−5}‖ before any training. The reader says of each network whether it will learn
    the adding problem, and which is the fastest, and commits. Then all train side by side in the background, and at
    the end the ratio stands against the updates that each one needed. The bet is kept in the reader's browser.

    Parameters
    ----------
    contenders : mapping of str to rnnviz.models.Contender, optional
        Two to eight networks by name, from (time, batch, 2) to (batch, 1); by default LSTMs of 32 units with four
        forget biases, a tanh network and an IRNN.
    steps : int, default 60
        Length of the sequences, from 12 to 400.
    updates : int, default 1250
        Most updates of each.
    seed : int, default 0
        Of weights and sequences; the page can ask for the next one.
    lesson, name : str
        Where the bet is kept in the browser.

    Raises
    ------
    ValueError
        For fewer than two contenders or more than eight, or sequences too short or too long.
    TypeError
        If a contender is none.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> bet = rw.Bet(steps=40)
    >>> bet
    Bet(contenders=6, steps=40, updates=1250)
    >>> bet.ratios["LSTM, forget bias −3"] < 1e-9
    True
    >>> bet.close()
    """

    _esm = STATIC / "bet.js"

    scene: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """Names, ratios and sizes: what stands before the training begins."""

    def __init__(
        self,
        contenders: Mapping[str, Contender] | None = None,
        *,
        steps: int = 60,
        updates: int = 1250,
        seed: int = 0,
        lesson: str = "06",
        name: str = "bet",
        **unknown: object,
    ) -> None:
        self._refuse_options(unknown)
        chosen = dict(default_contenders() if contenders is None else contenders)
        if not 2 <= len(chosen) <= 8:
            raise ValueError(f"Bet was given {len(chosen)} contenders; a bet is between two and eight.")
        _check_contenders(chosen)
        if not 2 * MARGIN + 2 <= steps <= MOST_STEPS:
            raise ValueError(
                f"steps is {steps}; the bet compares inputs {MARGIN} from both ends and trains every network while the "
                f"reader waits: give {2 * MARGIN + 2} to {MOST_STEPS}."
            )
        self._contenders, self._steps, self._updates = chosen, steps, updates
        self._about = {"lesson": lesson, "name": name}
        self._race = _Race(self._build, seed)
        super().__init__(scene=self._describe(), frame=self._pack_frame(self._race.frame()))
        self._work_on(self._race)

    @property
    def ratios(self) -> dict[str, float]:
        """‖∂L/∂x_5‖ / ‖∂L/∂x_{T−5}‖ of each network before training."""
        return dict(self.scene["ratios"])

    @property
    def trials(self) -> dict[str, Trial]:
        """How far each network is."""
        return self._race.trials.frame()

    def facts(self) -> dict[str, object]:
        """How many take part, and the sizes."""
        return {"contenders": len(self._contenders), "steps": self._steps, "updates": self._updates}

    def _build(self, seed: int) -> Trials:
        return make_trials(self._contenders, self._steps, updates=self._updates, every=EVERY, seed=seed)

    def _describe(self) -> dict[str, Any]:
        seed = self._race.seed
        inputs, targets = AddingProblem(self._steps, CHECKED)(torch.Generator().manual_seed(seed))
        ratios = {
            name: measure_ratio(contender.build(seed), inputs, targets)
            for name, contender in self._contenders.items()
        }
        return {
            **self._about,
            "names": list(self._contenders),
            "ratios": {name: ratio if math.isfinite(ratio) else None for name, ratio in ratios.items()},
            **describe_task(self._steps, updates=self._updates, every=EVERY),
            "margin": MARGIN,
            "seed": seed,
        }

    def _pack_frame(self, frame: Mapping[str, Trial]) -> dict[str, Any]:
        return pack_trials(frame)

    def _answer(self, kind: str, message: dict[str, Any], buffers: Sequence[memoryview] = ()) -> None:
        if kind != "again":
            super()._answer(kind, message, buffers)
            return
        self.pause()
        self._call(self._runner.call(self._race.begin, self._race.seed + 1))
        if self.state != "ready":
            self.reset()
        with self.hold_sync():
            self.scene = self._describe()
            self.frame = self._pack_frame(self._race.frame())


class _Race:
    """What the runner runs: trials that can be begun with other weights."""

    def __init__(self, build: Callable[[int], Trials], seed: int) -> None:
        self._build = build
        self.begin(seed)

    def begin(self, seed: int) -> None:
        self.seed, self.trials = seed, self._build(seed)

    def step(self) -> None:
        self.trials.step()

    def frame(self) -> dict[str, Trial]:
        return self.trials.frame()

    def reset(self) -> None:
        self.trials.reset()


def _check_contenders(contenders: Mapping[str, object]) -> None:
    for name, contender in contenders.items():
        if not isinstance(contender, Contender):
            raise TypeError(
                f"The contender {name!r} is of type {type(contender).__name__}; Bet takes an "
                "rnnviz.models.Contender, which says how to build the network from a seed, and its learning rate: "
                "`Contender(lambda seed: SequenceRegressor(2, 32, seed=seed), 3e-3)`."
            )


def measure_ratio(model: nn.Module, inputs: Tensor, targets: Tensor, margin: int = MARGIN) -> float:
    """Measure ‖∂L/∂x_5‖ / ‖∂L/∂x_{T−5}‖, in double precision and averaged over the sequences.

    Parameters
    ----------
    model : torch.nn.Module
        From (time, batch, feature) to the shape of the targets. Measured on a copy.
    inputs : Tensor, shape (time, batch, feature)
    targets : Tensor
    margin : int
        How far the two steps are from the ends.

    Returns
    -------
    float
        0 where nothing arrives; not a number where nothing arrives at the late input either.
    """
    model = copy.deepcopy(model).double()
    given = inputs.double().requires_grad_()
    (gradient,) = torch.autograd.grad((model(given) - targets.double()).square().mean(), given)
    sizes = gradient.norm(dim=-1).mean(1)
    return float(sizes[margin] / sizes[len(sizes) - margin])

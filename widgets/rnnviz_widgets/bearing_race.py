"""Networks that learn to go on with a machine's signal, beside a linear autoregression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import traitlets

from rnnviz.data import Bearing, BearingWindows, Windows, cut_pieces, windows
from rnnviz.experiments.bearing import SCALE, make_parts
from rnnviz.experiments.results import read_results
from rnnviz.models import LinearPieces, SignalRace, SignalRun
from rnnviz_widgets.base import STATIC
from rnnviz_widgets.streamed import Streamed

#: The published learning rate, and one that learns while one watches.
RATES = {"LSTM, learning rate 0.003": 0.003, "LSTM, learning rate 0.0001": 0.0001}
#: Pieces whose signal is drawn, and windows that are measured on.
DRAWN, MEASURED = 6, 48


class BearingRace(Streamed):
    """Two equal networks learn a machine's signal at two learning rates, and then go on with it by themselves.

    Two LSTM layers of 100, a hidden layer of 100, 100 outputs; windows of 25 steps of 100 samples. They learn in the
    background, an update each in turn. One plot shows what each says comes next when it reads its own output, the
    others its error for each piece ahead and the error one piece ahead as it fell. A linear autoregression, fitted on
    the same data, is beside them.

    Parameters
    ----------
    updates : int, default 300
        Of each network.
    every : int, default 20
        Updates from one measurement to the next.
    horizon : int, default 20
        Pieces that are generated, 6 at least.

    Raises
    ------
    ValueError
        For fewer than one update, or too short a horizon.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> race = rw.BearingRace(updates=40)
    >>> race
    BearingRace(networks=2, updates=40, horizon=20)
    >>> race.close()
    """

    _esm = STATIC / "bearing_race.js"

    scene: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """Names, sizes, the machine's own signal, and the linear model."""

    def __init__(self, *, updates: int = 300, every: int = 20, horizon: int = 20, **unknown: object) -> None:
        self._refuse_options(unknown)
        if horizon < DRAWN:
            raise ValueError(f"horizon is {horizon}; it must be at least {DRAWN} pieces.")
        known, _, test = make_parts()
        unseen = windows(cut_pieces(test), 25, horizon)
        unseen = unseen[torch.arange(0, len(unseen), max(1, len(unseen) // MEASURED))]
        self._race = SignalRace(known, unseen, RATES, updates=updates, every=every)
        linear = _fit_linear(known)
        said = linear.forecast(unseen.inputs, horizon)
        truth = torch.cat([unseen.inputs[-1:, 0], unseen.future[:DRAWN, 0]]).flatten()
        super().__init__(
            scene={
                "nets": list(RATES),
                "updates": updates,
                "every": every,
                "piece": unseen.inputs.shape[2],
                "truth": _shorten(truth),
                "linear": {
                    "ahead": _shorten((said - unseen.future).square().mean((1, 2)), 5),
                    "line": _shorten(said[:DRAWN, 0].flatten()),
                },
                "noise": round((Bearing().noise / SCALE) ** 2, 5),
            },
            frame=self._pack_frame(self._race.frame()),
        )
        self._work_on(self._race)

    @property
    def runs(self) -> dict[str, SignalRun]:
        """How far each network is."""
        return self._race.frame()

    def facts(self) -> dict[str, object]:
        """How many take part, and the sizes."""
        return {
            "networks": len(self.scene["nets"]),
            "updates": self.scene["updates"],
            "horizon": len(self.scene["linear"]["ahead"]),
        }

    def _pack_frame(self, frame: Mapping[str, SignalRun]) -> dict[str, Any]:
        return {
            name: {
                "updates": run.updates,
                "history": [round(error, 5) for error in run.history],
                "ahead": [round(error, 5) for error in run.ahead],
                "line": _shorten(run.line[:DRAWN].flatten()),
                "seconds": round(run.seconds, 2),
            }
            for name, run in frame.items()
        }


def _fit_linear(known: torch.Tensor) -> LinearPieces:
    """Fit as many pieces as the stored experiment found best, on windows that begin anywhere."""
    lag = read_results("bearing")["details"]["lag"]
    inputs, following = BearingWindows(known, batch=900)(torch.Generator().manual_seed(0))
    return LinearPieces(lag).fit(Windows(inputs, following[-1:], torch.arange(inputs.shape[1])))


def _shorten(values: torch.Tensor, digits: int = 3) -> list[float]:
    return [round(float(value), digits) for value in values]

"""A machine that is listened to: a network expects each next piece of its signal, and surprise is an alarm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import traitlets

from rnnviz.data import Bearing, cut_pieces
from rnnviz.experiments.bearing import SCALE, make_parts
from rnnviz.models import (
    StackForecaster,
    choose_threshold,
    measure_surprise,
    read_bearing_lstm,
    smooth_surprise,
)
from rnnviz_widgets.base import STATIC, Widget

#: Pieces of each run, and the first of them with the defect: a different one each time.
PIECES = 200
BEGINS = (118, 97, 131, 84, 109)
#: Of how many pieces the median may be judged.
MEDIANS = (1, 3, 5, 7, 9, 11, 13, 15)
#: Seed of the first run; the network has heard none of them.
SEED = 100


class BearingWatch(Widget):
    """A simulated bearing that breaks, and a network that expects what comes next.

    Each piece of 100 samples has a mark: how far it was from what the network had expected, or the median of that over
    the last pieces. What lies above the threshold, which is dragged, is an alarm. Where the defect begins is shown when
    the reader asks for it, with precision and recall. Everything is computed beforehand; the page needs no Python.

    Parameters
    ----------
    model : StackForecaster, optional
        Reads 100 samples a step, of a signal divided by `rnnviz.experiments.bearing.SCALE`; by default the one that
        ships with the course.
    severities : sequence of float
        Sizes of the defect, one run for each; at most five.
    shown : int, default 0
        The run shown first.

    Raises
    ------
    ValueError
        If there are no severities or more than five, or the model reads other pieces.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> rw.BearingWatch(severities=[0.1, 1.0])
    BearingWatch(severities=[0.1, 1.0], pieces=200)
    """

    _esm = STATIC / "bearing_watch.js"

    scene: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """Sizes, and for each number of pieces judged together the threshold chosen on a sound part."""
    signals = traitlets.Bytes().tag(sync=True)
    """For each run what was heard and what was expected, in bytes of ``scene["unit"]`` g."""
    surprises = traitlets.Bytes().tag(sync=True)
    """For each run a number a piece, float32."""
    shown = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        model: StackForecaster | None = None,
        *,
        severities: Sequence[float] = (0.05, 0.1, 0.2, 0.5, 1.0),
        shown: int = 0,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        network = read_bearing_lstm() if model is None else model
        if not 1 <= len(severities) <= len(BEGINS) or network.features != 100:
            raise ValueError(
                f"BearingWatch was given {len(severities)} severities and a network that reads {network.features} "
                f"samples a step; it takes one to {len(BEGINS)} severities, and a network that reads 100."
            )
        bearing = Bearing()
        seconds = PIECES * 100 / bearing.rate
        heard, expected, surprises = [], [], []
        for run, severity in enumerate(severities):
            begins = BEGINS[run] * 100 / bearing.rate
            signal = bearing.run(seconds, begins=begins, severity=severity, seed=SEED + run).signal
            heard.append(signal)
            expected.append(_expect(network, signal))
            surprises.append(measure_surprise(network, signal, SCALE))
        unit = float(max(abs(signal).max() for signal in heard)) / 127
        whole = np.stack([np.stack(pair) for pair in zip(heard, expected, strict=True)])
        sound = measure_surprise(network, make_parts()[1])
        super().__init__(
            scene={
                "rate": bearing.rate,
                "piece": 100,
                "pieces": PIECES,
                "unit": unit,
                "severities": list(severities),
                "begins": list(BEGINS[: len(severities)]),
                "medians": list(MEDIANS),
                "chosen": [round(choose_threshold(smooth_surprise(sound, many)), 4) for many in MEDIANS],
            },
            signals=np.clip(np.rint(whole / unit), -127, 127).astype(np.int8).tobytes(),
            surprises=torch.stack(surprises).float().numpy().tobytes(),
            shown=shown,
        )

    def facts(self) -> dict[str, object]:
        """Sizes of the defects, and how many pieces each run has."""
        return {"severities": self.scene["severities"], "pieces": self.scene["pieces"]}


def _expect(network: StackForecaster, signal: np.ndarray[Any, np.dtype[np.float32]]) -> Any:
    """Return what the network expected of each sample, in g; zeros for the first piece."""
    pieces = cut_pieces(torch.as_tensor(signal) / SCALE)[:, None]
    with torch.no_grad():
        said = network(pieces)[:-1, 0]
    return SCALE * torch.cat([torch.zeros(1, 100), said]).flatten().numpy()

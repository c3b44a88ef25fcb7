"""An echo-state network to play with: its weights stay random, and sliders change all the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import traitlets

from rnnviz.data import mackey_glass
from rnnviz.models import EchoStateNetwork
from rnnviz_widgets.base import STATIC, Widget
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.packing import Packer

MOST_UNITS = 200
WASHOUT, FIT, AHEAD = 100, 1000, 300
"""Steps left out while the reservoir settles, steps it is fitted on, and steps it forecasts."""
NOISE = 1300
"""Steps of white noise that memory is measured with, half of them to fit and half to judge."""


class ReservoirPlayground(Widget):
    """Spectrum, states, fading of the start, memory capacity and a forecast of one reservoir, as the sliders move.

    The random weights are sent once, the page computes the rest: the states, the ridge regression, the capacities
    and the forecast of the Mackey–Glass series from the network's own output.

    Parameters
    ----------
    units : int or sequence of int
        Sizes to choose from, each 2 to 200; the first is shown first.
    spectral_radius, leak, input_scale, ridge : float
        Where the sliders stand at first.
    nonlinearity : {"tanh", "linear"}
        The activation shown first.
    draws : int
        How many different draws of the weights there are to look at.
    cursor : Cursor, optional
        Shared with other widgets, so that all move together.

    Raises
    ------
    ValueError
        If a size is not 2 to 200, or a setting is out of the range of `rnnviz.models.EchoStateNetwork`.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> rw.ReservoirPlayground(units=[20, 50])
    ReservoirPlayground(units=[20, 50], spectral_radius=0.8, leak=0.3, draws=3)
    """

    _esm = STATIC / "reservoir_playground.js"

    cursor = CursorTrait()
    reservoirs: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    settings: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    series: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    noise: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    washout = traitlets.Int(WASHOUT).tag(sync=True)
    fit = traitlets.Int(FIT).tag(sync=True)
    data = traitlets.Bytes(b"").tag(sync=True)

    def __init__(
        self,
        units: int | Sequence[int] = (50, 20, 100),
        *,
        spectral_radius: float = 0.8,
        leak: float = 0.3,
        input_scale: float = 1.0,
        ridge: float = 1e-8,
        nonlinearity: str = "tanh",
        draws: int = 3,
        cursor: Cursor | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        sizes = [units] if isinstance(units, int) else list(units)
        if not sizes or any(not 2 <= size <= MOST_UNITS for size in sizes):
            raise ValueError(
                f"ReservoirPlayground was given units={units!r}; it takes sizes from 2 to {MOST_UNITS}, "
                "as many as a page can fit while a slider moves."
            )
        if draws < 1 or not ridge > 0 or not input_scale > 0:
            raise ValueError(
                f"ReservoirPlayground was given draws={draws}, ridge={ridge} and input_scale={input_scale}; "
                "there is at least one draw, and the other two are above 0."
            )
        packer = Packer()
        reservoirs = []
        for size in sizes:
            for seed in range(draws):
                network = EchoStateNetwork(
                    size,
                    spectral_radius=spectral_radius,
                    leak=leak,
                    input_scale=input_scale,
                    nonlinearity=nonlinearity,
                    seed=seed,
                )
                spectrum = torch.view_as_real(torch.linalg.eigvals(network.weight_hh))
                reservoirs.append(
                    {
                        "units": size,
                        "seed": seed,
                        "recurrent": packer.add(network.weight_hh),
                        "input": packer.add(network.weight_ih),
                        "bias": packer.add(network.bias[None]),
                        "eigenvalues": packer.add(spectrum),
                    }
                )
        series = torch.tanh(torch.tensor(mackey_glass(FIT + AHEAD + 1).values) - 1)
        generator = torch.Generator().manual_seed(0)
        # As long as the longest delay asks for, whatever the size chosen.
        noise = 1.6 * torch.rand(1, WASHOUT + 100 + NOISE, generator=generator) - 0.8
        super().__init__(
            reservoirs=reservoirs,
            settings={
                "units": sizes[0],
                "radius": spectral_radius,
                "leak": leak,
                "scale": input_scale,
                "ridge": ridge,
                "tanh": nonlinearity == "tanh",
            },
            series=packer.add(series),
            noise=packer.add(noise),
            data=packer.bytes(),
            cursor=cursor,
        )

    def facts(self) -> dict[str, object]:
        """Sizes to choose from, first settings, and the number of draws."""
        sizes = list(dict.fromkeys(one["units"] for one in self.reservoirs))
        return {
            "units": sizes,
            "spectral_radius": round(self.settings["radius"], 4),
            "leak": round(self.settings["leak"], 4),
            "draws": len(self.reservoirs) // len(sizes),
        }

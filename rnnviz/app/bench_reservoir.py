"""Harvesting a reservoir's states: ours beside reservoirpy, in turns, in one process, with the same matrices.

``rnnviz bench reservoir`` prints the time of each for dense and for sparse weights, beside the bound: no longer than
reservoirpy takes. That both compute the same, to 1e-12, is checked first. reservoirpy is no part of the course: without
it ours is measured alone.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.bench.measure import measure
from rnnviz.models import EchoStateNetwork

__all__ = ["CASES", "MOST_TIME", "Case", "build", "main", "measure_case"]

#: How many times reservoirpy's time ours may take, and how far a state of ours may lie from its.
MOST_TIME, MOST_APART = 1.0, 1e-12


class Case(NamedTuple):
    """What is harvested: so many units and steps, and the share of recurrent weights that are not zero."""

    units: int
    steps: int
    density: float


#: A reservoir of a lesson and a large one; dense, with reservoirpy's usual tenth, and with one weight of fifty.
CASES = tuple(
    Case(units, steps, d) for units, steps in ((100, 5_000), (500, 10_000)) for d in (1.0, 0.1, 0.02)
)


def build(case: Case) -> tuple[EchoStateNetwork, Tensor]:
    """Make a leaky reservoir of this size and noise to drive it with, (time, 1, 1).

    Examples
    --------
    >>> from rnnviz.app.bench_reservoir import Case, build
    >>> network, noise = build(Case(units=20, steps=50, density=0.5))
    >>> network(noise)[0].shape
    torch.Size([50, 1, 20])
    """
    network = EchoStateNetwork(case.units, spectral_radius=0.9, leak=0.3, density=case.density)
    generator = torch.Generator().manual_seed(1)
    return network, torch.rand(case.steps, 1, 1, generator=generator, dtype=torch.float64) - 0.5


def copy_to_reservoirpy(network: EchoStateNetwork, sparse: bool) -> Any:
    """Make reservoirpy's node from the same matrices, sparse ones in the format that it runs fastest with, CSR."""
    from reservoirpy.nodes import Reservoir
    from scipy.sparse import csr_array

    recurrent = (network.spectral_radius * network.weight_hh).numpy()
    return Reservoir(
        W=csr_array(recurrent) if sparse else recurrent,
        Win=network.input_scale * network.weight_ih.numpy(),
        bias=network.bias.numpy(),
        lr=network.leak,
    )


def measure_case(case: Case, seconds: float = 4.0) -> dict[str, float]:
    """Harvest with both, in turns.

    Parameters
    ----------
    case : Case
    seconds : float
        About how long to measure.

    Returns
    -------
    dict
        Median seconds of ``rnnviz`` and, where it is installed, of ``reservoirpy``; then also ``apart``, how far the
        two lie apart at most.
    """
    network, noise = build(case)

    def ours() -> NDArray[np.float64]:
        states: NDArray[np.float64] = network(noise)[0][:, 0].numpy()
        return states

    ways = {"rnnviz": ours}
    apart = {}
    if importlib.util.find_spec("reservoirpy"):
        series = noise[:, 0].numpy()

        def theirs() -> NDArray[np.float64]:
            # A fresh node, for it goes on from where it last was.
            states: NDArray[np.float64] = copy_to_reservoirpy(network, case.density < 1).run(series)
            return states

        apart["apart"] = float(np.abs(ours() - theirs()).max())
        ways["reservoirpy"] = theirs
    return {**measure(ways, seconds=seconds), **apart}


def main(arguments: Sequence[str] = ()) -> int:
    """Measure every case, and print; return 0 where the bounds are kept, else 1."""
    parser = argparse.ArgumentParser(prog="rnnviz bench reservoir", description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=4.0, help="about how long to measure each case (default %(default)s)"
    )
    parser.add_argument(
        "--shrink", type=int, default=1, metavar="N", help="an N-th of the steps (default %(default)s)"
    )
    options = parser.parse_args(arguments)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    bad = False
    print(f"{'units':>5}{'steps':>8}{'density':>9}{'rnnviz':>11}{'reservoirpy':>13}{'time':>13}{'apart':>17}")
    try:
        for case in CASES:
            found = measure_case(case._replace(steps=case.steps // options.shrink), options.seconds)
            line = f"{case.units:>5}{case.steps // options.shrink:>8,}{case.density:>9g}"
            line += f"{found['rnnviz'] * 1e3:>8.1f} ms"
            if "reservoirpy" in found:
                ratio, apart = found["rnnviz"] / found["reservoirpy"], found["apart"]
                slow, wrong = ratio > MOST_TIME, not apart <= MOST_APART
                bad |= slow or wrong
                line += f"{found['reservoirpy'] * 1e3:>10.1f} ms"
                line += f"{f'{ratio:.2f} ≤ {MOST_TIME:g}×' if not slow else f'{ratio:.2f} > {MOST_TIME:g}× !':>13}"
                line += f"{f'{apart:.0e} ≤ 1e-12' if not wrong else f'{apart:.0e} > 1e-12 !':>17}"
            print(line, flush=True)
    finally:
        torch.set_num_threads(before)
    if not importlib.util.find_spec("reservoirpy"):
        print("For a comparison: pip install reservoirpy.")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

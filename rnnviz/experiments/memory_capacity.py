"""How much of the past a reservoir holds: the sum, over all delays, of how well a linear readout names an old input.

H. Jaeger ("Short term memory in echo state networks", GMD Report 152, 2002) proved that the sum is at most N for N
units, whatever the weights, if the inputs are independent of each other; that a linear reservoir can reach it; and
showed that tanh units come the further from it the more strongly the input drives them.

Here the input is white noise between −0.8 and 0.8, the delays are 1 … 2N, and of 20,000 samples each readout is fitted
to the first half, with a ridge of 1e-9, and judged on the second: on what it was fitted to, every delay would seem
remembered a little. Biases are 0. By chance alone, a delay that is not remembered at all scores about one
10,000th. What is claimed:

* no reservoir goes beyond N, of those tried here;
* a linear reservoir with orthogonal weights, ρ = 0.9, reaches nine tenths of it (measured in a trial before: 19.0 of 20
  and 98.8 of 100). Nearly one of the N is taken up by the input of this very step, delay 0, which is not counted;
* tanh units hold less, and the less the louder the input is (in a trial whose settings were not kept: 60, 38 and 18 of
  100);
* with noise as the input, a leak costs memory: each smaller a holds less than the one before;
* of the spectral radii, one between 0.9 and 1 holds most.

Run it with ``rnnviz prove memory_capacity`` (ten seconds a seed); ``--keep`` writes the result beside it, with the
capacity at each delay in ``details``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Any

from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models import EchoStateNetwork, measure_memory_capacity

__all__ = ["LEAKS", "LOUDNESS", "RADII", "measure", "run"]

SAMPLES, UNITS = 20_000, 100
LOUDNESS, LEAKS = (0.001, 0.1, 1.0), (1.0, 0.7, 0.5, 0.3)
RADII = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.1, 1.3)
LINEAR = {"nonlinearity": "linear", "orthogonal": True}


def measure(
    seeds: Sequence[int], units: int = UNITS, *, samples: int = SAMPLES, **options: Any
) -> tuple[tuple[float, ...], list[float]]:
    """Measure reservoirs that differ in their random weights, each with a noise of its own.

    Parameters
    ----------
    seeds : sequence of int
    units : int
    samples : int
        Half of them are fitted.
    **options
        Of `rnnviz.models.EchoStateNetwork`, where they are not as above: no bias, ρ = 0.9.

    Returns
    -------
    capacities : tuple of float
        One a seed.
    curve : list of float
        At each delay from 1 to twice the units, the median.

    Examples
    --------
    >>> capacities, curve = measure([0], 5, samples=2000, nonlinearity="linear", orthogonal=True)
    >>> 3 < capacities[0] <= 5, len(curve)
    (True, 10)
    """
    curves = []
    for seed in seeds:
        network = EchoStateNetwork(units, bias_scale=0, seed=seed, **options)
        # What ρ = 0.99 lets fade in a thousand steps is below a ten-thousandth.
        found = measure_memory_capacity(network, 2 * units, steps=samples // 2, washout=1000, seed=seed)
        curves.append(found.tolist())
    capacities = tuple(round(sum(curve), 3) for curve in curves)
    return capacities, [round(median(values), 4) for values in zip(*curves, strict=True)]


def run(
    seeds: Sequence[int] = (0, 1, 2, 3, 4), *, units: int = UNITS, samples: int = SAMPLES
) -> tuple[list[Row], dict[str, Any]]:
    """Measure every reservoir with each seed.

    Parameters
    ----------
    seeds : sequence of int
    units : int
        Of all but the first reservoir, which has 20.
    samples : int

    Returns
    -------
    rows : list of Row
        Capacities; as published stands the bound.
    details : dict
        In ``curves``, for each row, the median at each delay.
    """
    curves: dict[str, list[float]] = {}

    def capacities(what: str, size: int = units, **options: Any) -> tuple[float, ...]:
        found, curves[what] = measure(seeds, size, samples=samples, **options)
        return found

    bound = {f"linear, orthogonal, ρ = 0.9, N = {size}": size for size in (20, units)}
    linear = {what: capacities(what, size, **LINEAR) for what, size in bound.items()}
    loud = {
        f"tanh, orthogonal, input × {scale:g}": capacities(
            f"tanh, orthogonal, input × {scale:g}", orthogonal=True, input_scale=scale
        )
        for scale in LOUDNESS
    }
    leaky = {
        f"tanh, input × 0.1, leak {leak:g}": capacities(
            f"tanh, input × 0.1, leak {leak:g}", input_scale=0.1, leak=leak
        )
        for leak in LEAKS
    }
    wide: dict[str, dict[str, tuple[float, ...]]] = {"linear": {}, "tanh": {}}
    for kind, rows in wide.items():
        for radius in RADII:
            # Above 1 a linear state grows without end.
            if kind == "tanh" or radius < 1:
                what = f"{kind}, input × 0.1, ρ = {radius:g}"
                rows[what] = capacities(what, input_scale=0.1, spectral_radius=radius, nonlinearity=kind)
    return _judge(bound, linear, loud, leaky, wide, units), {"curves": curves}


def _judge(
    bound: Mapping[str, int],
    linear: Mapping[str, tuple[float, ...]],
    loud: Mapping[str, tuple[float, ...]],
    leaky: Mapping[str, tuple[float, ...]],
    wide: Mapping[str, Mapping[str, tuple[float, ...]]],
    units: int,
) -> list[Row]:
    """Judge each claim on the row that it is about; every row against the bound."""
    rows = [
        Row(what, bound[what], found, max(found) <= bound[what] and min(found) > 0.9 * bound[what])
        for what, found in linear.items()
    ]
    rows += [
        Row(what, units, found, holds)
        for (what, found), holds in zip(loud.items(), _falls(loud, units), strict=True)
    ]
    rows += [
        Row(what, units, found, holds)
        for (what, found), holds in zip(leaky.items(), _falls(leaky, units), strict=True)
    ]
    for group in wide.values():
        best = max(group, key=lambda what: median(group[what]))
        for what, found in group.items():
            holds, note = max(found) <= units, ""
            if what == best:
                radius = float(what.rpartition(" ")[2])
                holds = holds and 0.9 <= radius <= 1
                note = "" if holds else "The radius that holds most, which was expected between 0.9 and 1."
            rows.append(Row(what, units, found, holds, note=note))
    return rows


def _falls(found: Mapping[str, tuple[float, ...]], units: int) -> list[bool]:
    """Tell of each whether it keeps to the bound and holds less than the one before."""
    middles = [median(values) for values in found.values()]
    falls = [True, *(after < before for before, after in pairwise(middles))]
    return [max(values) <= units and fall for values, fall in zip(found.values(), falls, strict=True)]


def main(arguments: Sequence[str] = ()) -> int:
    """Print what each reservoir holds beside the bound; return 0 where the claims are borne out, else 1."""
    settings = {
        "samples": SAMPLES,
        "delays": "1 to 2N",
        "ridge": 1e-9,
        "noise": "between -0.8 and 0.8",
        "bias": 0,
    }
    return report("memory_capacity", __doc__, run, arguments, seeds=5, settings=settings, digits=1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

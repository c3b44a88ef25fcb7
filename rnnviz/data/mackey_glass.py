"""A chaotic series that one formula makes, and that forecasters of many kinds have been measured on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.files import find_file
from rnnviz.data.series import Series

__all__ = ["integrate_mackey_glass", "mackey_glass", "read_mackey_glass"]

_FILE = "timeseries/MackeyGlass_t17.txt"
_SHA256 = "d5a280210f207542bf315fcc65867127fde9b8fd578f0922693c75c756a0d0b6"
_PIECES = 10
"""Steps of integration to one step of the series."""
_SETTLING = 1000
"""Steps let pass before the series begins, so that it is on its attractor."""


def mackey_glass(steps: int = 2000, tau: int = 17, seed: int = 0) -> Series:
    """Integrate the Mackey–Glass equation, dx/dt = 0.2 x(t−τ) / (1 + x(t−τ)¹⁰) − 0.1 x(t).

    Parameters
    ----------
    steps : int
        Length of the series, one value a unit of time.
    tau : int
        The delay τ, in steps; chaotic from about 17 on.
    seed : int
        Where it starts: near 1.2, a little elsewhere for each seed.

    Returns
    -------
    Series
        ``steps`` values between about 0.2 and 1.4, no unit.

    Raises
    ------
    ValueError
        If there are no steps, or no delay.

    Notes
    -----
    Fourth-order Runge–Kutta with ten pieces a step; between pieces the delayed value lies on a straight line.
    M. C. Mackey and L. Glass, "Oscillation and chaos in physiological control systems", Science 197, 1977.

    Examples
    --------
    >>> from rnnviz.data import mackey_glass
    >>> mackey_glass(500)
    Series('Mackey–Glass, τ = 17', 500 steps, 1 feature)
    """
    return Series(
        f"Mackey–Glass, τ = {tau}",
        integrate_mackey_glass(steps, tau, seed).astype(np.float32),
        source="integrated from the equation of Mackey and Glass (1977)",
        licence="a formula",
    )


def integrate_mackey_glass(steps: int = 2000, tau: int = 17, seed: int = 0) -> NDArray[np.float64]:
    """Return the values of `mackey_glass` as they were computed, in double precision, shape (time,).

    Where errors of a hundred-thousandth are measured, the rounding of a `Series` would be among them.

    Parameters
    ----------
    steps, tau, seed : int
        As there.

    Raises
    ------
    ValueError
        If there are no steps, or no delay.

    Examples
    --------
    >>> from rnnviz.data.mackey_glass import integrate_mackey_glass
    >>> integrate_mackey_glass(3).dtype
    dtype('float64')
    """
    if steps < 1 or tau < 1:
        raise ValueError(
            f"mackey_glass was given steps={steps} and tau={tau}; both count steps and start at 1."
        )
    size, lag = 1 / _PIECES, tau * _PIECES
    total = (steps + _SETTLING) * _PIECES
    values = np.empty(lag + total)
    values[: lag + 1] = 1.2 + 0.2 * (np.random.default_rng(seed).random() - 0.5)

    def slope(now: float, before: float) -> float:
        return float(0.2 * before / (1 + before**10) - 0.1 * now)

    for place in range(lag, lag + total - 1):
        now, before, after = values[place], values[place - lag], values[place - lag + 1]
        middle = (before + after) / 2
        first = slope(now, before)
        second = slope(now + size / 2 * first, middle)
        third = slope(now + size / 2 * second, middle)
        fourth = slope(now + size * third, after)
        values[place + 1] = now + size / 6 * (first + 2 * second + 2 * third + fourth)
    return values[lag:][::_PIECES][_SETTLING:][:steps]


def read_mackey_glass() -> Series:
    """Read the 10,000 values that M. Lukoševičius published with his minimal echo-state network.

    Returns
    -------
    Series
        τ = 17, shifted and scaled as in the file, no unit.

    Raises
    ------
    DataFileError
        If the file is in no folder that the setting ``RNNVIZ_DATA`` names, or is not the original.
    """
    values = np.loadtxt(find_file(_FILE, sha256=_SHA256), dtype=np.float32)
    return Series(
        "Mackey–Glass, τ = 17, published",
        values,
        source="M. Lukoševičius, minimal ESN example",
        licence="MIT",
    )

"""A pulse, simulated: the same beat over and over, and two that come wrong without a single value being unusual."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Heartbeat", "make_heartbeat"]

PERIOD = 16
"""Steps from beat to beat."""


@dataclass(frozen=True)
class Heartbeat:
    """A pulse and what is wrong with it.

    Attributes
    ----------
    signal : numpy.ndarray, shape (time,)
        Pressure in the finger, without a unit; about 0 to 1.
    odd : tuple of int
        Steps at which something happens, or does not, that should not.
    """

    signal: np.ndarray
    odd: tuple[int, ...]


def make_heartbeat(
    beats: int = 40, skipped: int | None = None, early: int | None = None, seed: int = 0
) -> Heartbeat:
    """Simulate a pulse.

    Each beat is a steep rise and a slow fall with a second, smaller wave in it; no two are quite as high, and there is
    a little noise.

    Parameters
    ----------
    beats : int
        How many, each of 16 steps.
    skipped : int, optional
        A beat, counted from 0, that does not come.
    early : int, optional
        A beat that comes 5 steps too early; all later ones follow it.
    seed : int
        Of heights and noise.

    Returns
    -------
    Heartbeat

    Raises
    ------
    ValueError
        If there are no beats, or a beat is named that is not among them.

    Examples
    --------
    >>> from rnnviz.data import make_heartbeat
    >>> pulse = make_heartbeat(beats=20, skipped=12)
    >>> len(pulse.signal), pulse.odd
    (320, (192,))
    """
    if beats < 1:
        raise ValueError(f"make_heartbeat was given beats={beats}; it takes 1 or more.")
    for name, beat in (("skipped", skipped), ("early", early)):
        if beat is not None and not 1 <= beat < beats:
            raise ValueError(
                f"make_heartbeat was given {name}={beat}; the beats after the first are 1 to {beats - 1}."
            )
    dice = np.random.default_rng(seed)
    heights = 1 + 0.08 * (dice.random(beats) - 0.5)
    noise = 0.03 * (dice.random(beats * PERIOD) - 0.5)
    steps = np.arange(beats * PERIOD)
    signal, odd = noise.copy(), []
    for beat, height in enumerate(heights):
        begins = beat * PERIOD - (5 if early is not None and beat >= early else 0)
        if beat == skipped:
            odd.append(begins)
            continue
        if beat == early:
            odd.append(begins)
        after = np.clip(steps - begins, 0, None) * (steps >= begins)
        # It rises for three steps and falls for some ten; the second wave comes from where the artery divides.
        signal += height * (after / 3) ** 2 * np.exp(2 * (1 - after / 3))
        signal += 0.3 * height * np.exp(-(((after - 9) / 1.8) ** 2)) * (after > 3)
    return Heartbeat(signal, tuple(sorted(odd)))

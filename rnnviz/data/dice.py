"""Chance that is the same in Python and in a page: what one of them draws, the other can repeat."""

from __future__ import annotations

__all__ = ["roll_dice"]


def roll_dice(seed: int, count: int) -> list[float]:
    """Return evenly distributed numbers from 0 to 1, the same in Python and in a page.

    Parameters
    ----------
    seed : int
        Any; of it, 32 bits count.
    count : int

    Returns
    -------
    list of float

    References
    ----------
    The generator is mulberry32 (Tommy Ettinger, 2017, public domain). It is not for statistics: its merit is that
    it is five lines in any language.

    Examples
    --------
    >>> from rnnviz.data import roll_dice
    >>> [round(die, 4) for die in roll_dice(0, 3)]
    [0.2664, 0.0003, 0.2233]
    """
    word = 0xFFFFFFFF
    state, dice = seed & word, []
    for _ in range(count):
        state = (state + 0x6D2B79F5) & word
        mixed = ((state ^ (state >> 15)) * (state | 1)) & word
        mixed ^= (mixed + (((mixed ^ (mixed >> 7)) * (mixed | 61)) & word)) & word
        dice.append((mixed ^ (mixed >> 14)) / 2**32)
    return dice

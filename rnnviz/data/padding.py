"""Sequences of different lengths side by side: which to put into one batch, and what the padding costs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from rnnviz.data.dice import roll_dice

__all__ = ["Padding", "make_batches", "measure_padding"]

ORDERS = ("random", "bucketed", "sorted")


@dataclass(frozen=True)
class Padding:
    """What is computed on one pass over the data.

    Attributes
    ----------
    real : int
        Steps that hold data.
    computed : int
        Steps that are computed, padding included.
    """

    real: int
    computed: int

    @property
    def share(self) -> float:
        """Part of the computation that is spent on padding, 0 to 1."""
        return 1 - self.real / self.computed


def make_batches(
    lengths: Sequence[int], size: int, *, order: str = "random", buckets: int = 4, seed: int = 0
) -> list[list[int]]:
    """Share out sequences of different lengths into batches.

    Parameters
    ----------
    lengths : sequence of int
        Steps of each sequence.
    size : int
        Sequences in a batch; the last batch, or the last of each bucket, may have fewer.
    order : {"random", "bucketed", "sorted"}
        ``"random"`` shuffles. ``"sorted"`` puts like lengths side by side. ``"bucketed"`` cuts the sorted
        sequences into ``buckets`` groups of about the same number, and shuffles within each.
    buckets : int, default 4
        Number of groups.
    seed : int, default 0
        Of the shuffling.

    Returns
    -------
    list of list of int
        The places of each batch's sequences in ``lengths``; each occurs once.

    Raises
    ------
    ValueError
        If there is no sequence, a length or size is below 1, or the order is unknown.

    Examples
    --------
    >>> from rnnviz.data import make_batches
    >>> make_batches([9, 2, 8, 1], size=2, order="sorted")
    [[3, 1], [2, 0]]
    """
    check_lengths(lengths)
    for name, number in {"size": size, "buckets": buckets}.items():
        if number < 1:
            raise ValueError(f"{name} is {number}; it must be at least 1.")
    if order not in ORDERS:
        raise ValueError(f"order is {order!r}; it must be one of {', '.join(map(repr, ORDERS))}.")
    shuffled = _shuffle(len(lengths), seed)
    by_length = sorted(range(len(lengths)), key=lambda place: lengths[place])
    if order == "random":
        groups = [shuffled]
    elif order == "sorted":
        groups = [by_length]
    else:
        count = min(buckets, len(lengths))
        cuts = [len(lengths) * cut // count for cut in range(count + 1)]
        rank = {place: number for number, place in enumerate(shuffled)}
        groups = [sorted(by_length[low:high], key=rank.__getitem__) for low, high in itertools.pairwise(cuts)]
    return [group[start : start + size] for group in groups for start in range(0, len(group), size)]


def measure_padding(
    lengths: Sequence[int], batches: Sequence[Sequence[int]], *, to: str = "batch"
) -> Padding:
    """Count the steps computed on one pass over the data, with and without the padding.

    Parameters
    ----------
    lengths : sequence of int
        Steps of each sequence.
    batches : sequence of sequence of int
        Places of each batch's sequences, as `make_batches` gives them.
    to : {"batch", "all", "own"}
        How far each sequence is computed: to the longest of its batch, to the longest of all, or, packed, only
        to its own end.

    Returns
    -------
    Padding

    Raises
    ------
    ValueError
        If there is no sequence, a length is below 1, or ``to`` is unknown.

    Examples
    --------
    >>> from rnnviz.data import measure_padding
    >>> measure_padding([1, 3], [[0, 1]])
    Padding(real=4, computed=6)
    >>> round(measure_padding([1, 3], [[0, 1]]).share, 2)
    0.33
    """
    check_lengths(lengths)
    if to not in {"batch", "all", "own"}:
        raise ValueError(f"to is {to!r}; it must be 'batch', 'all' or 'own'.")
    longest = max(lengths)
    computed = real = 0
    for batch in batches:
        held = [lengths[place] for place in batch]
        real += sum(held)
        computed += {"batch": len(held) * max(held), "all": len(held) * longest, "own": sum(held)}[to]
    return Padding(real, computed)


def check_lengths(lengths: Sequence[int]) -> None:
    """Refuse lengths that are none.

    Raises
    ------
    ValueError
        If there is no length, or one below 1.

    Examples
    --------
    >>> check_lengths([3, 1])
    """
    if not len(lengths):
        raise ValueError("There are no sequences; give at least one length.")
    if min(lengths) < 1:
        raise ValueError(f"A length is {min(lengths)}; every sequence needs at least one step.")


def _shuffle(count: int, seed: int) -> list[int]:
    """Shuffle 0 … count−1 in the way that a page does as well, after Fisher and Yates."""
    order = list(range(count))
    for place, die in zip(range(count - 1, 0, -1), roll_dice(seed, count - 1), strict=True):
        other = int(die * (place + 1))
        order[place], order[other] = order[other], order[place]
    return order

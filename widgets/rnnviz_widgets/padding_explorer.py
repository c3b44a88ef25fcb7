"""Sequences of different lengths in one batch, and what the padding costs."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from typing import Any

import traitlets

from rnnviz.data import Padding, make_batches, measure_padding
from rnnviz.data.padding import check_lengths
from rnnviz_widgets.base import STATIC, Widget
from rnnviz_widgets.cursor import Cursor, CursorTrait

MOST_SEQUENCES = 2000
LONGEST = 10_000
# What is done with a batch: how far it is computed, and how its sequences were chosen.
METHODS = {
    "all": ("all", "random"),
    "batch": ("batch", "random"),
    "bucketed": ("batch", "bucketed"),
    "sorted": ("batch", "sorted"),
    "packed": ("own", "random"),
}
# Many short ones, few long ones: how many have 1 to 5 steps, 6 to 10, and so on up to 60.
LONG_TAIL = (22, 14, 9, 6, 4, 3, 2, 1, 1, 1, 0, 1)
BIN = 5


class PaddingExplorer(Widget):
    """Shows how much of a computation is spent on padding, for lengths that the reader shapes.

    All is computed in the page while the controls move, and is the same as what `rnnviz.data.make_batches` and
    `rnnviz.data.measure_padding` give.

    Parameters
    ----------
    lengths : sequence of int, or of anything that has a length, optional
        Steps of each sequence, or the sequences themselves: sentences, say, or series. Many short ones and a few
        long ones unless given.
    method : {"batch", "all", "bucketed", "sorted", "packed"}
        What is shown first: padded to the longest of the batch; to the longest of all; batches from buckets of
        like lengths; batches in the order of length; not padded, but packed.
    batch : int
        Sequences in a batch.
    buckets : int
        Number of buckets.
    seed : int
        Of the shuffling.
    cursor : Cursor, optional
        Shared with other widgets; its sequence is the one pointed at.

    Raises
    ------
    ValueError
        If there is no sequence, one has no step, or there are more than a page can show.
    TypeError
        If something has neither a length nor is one.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> explorer = rw.PaddingExplorer(["a", "few", "words", "of", "text"], batch=2)
    >>> explorer.lengths
    [1, 3, 5, 2, 4]
    >>> explorer
    PaddingExplorer(sequences=5, longest=5, method='batch', padding=0.12)
    """

    _esm = STATIC / "padding_explorer.js"

    cursor = CursorTrait()
    lengths: traitlets.List[int] = traitlets.List(traitlets.Int()).tag(sync=True)
    """Steps of each sequence."""
    method = traitlets.Enum(tuple(METHODS), "batch").tag(sync=True)
    """What is shown."""
    batch = traitlets.Int(8, min=1, max=256).tag(sync=True)
    """Sequences in a batch."""
    buckets = traitlets.Int(4, min=1, max=64).tag(sync=True)
    """Number of buckets."""
    seed = traitlets.Int(0, min=0, max=2**32 - 1).tag(sync=True)
    """Of the shuffling."""

    def __init__(
        self,
        lengths: Sequence[int | Sized] | None = None,
        *,
        cursor: Cursor | None = None,
        **options: Any,
    ) -> None:
        self._refuse_unknown(options)
        counted = spread_lengths(LONG_TAIL, BIN) if lengths is None else [_count(one) for one in lengths]
        super().__init__(lengths=counted, cursor=cursor, **options)

    @traitlets.validate("lengths")
    def _be_lengths(self, proposal: Any) -> list[int]:
        lengths: list[int] = proposal["value"]
        check_lengths(lengths)
        if len(lengths) > MOST_SEQUENCES or max(lengths) > LONGEST:
            raise ValueError(
                f"These are {len(lengths)} sequences of up to {max(lengths)} steps; at most {MOST_SEQUENCES} of "
                f"{LONGEST} are shown. Give some of them: lengths[:{MOST_SEQUENCES}]."
            )
        return lengths

    def measure(self) -> dict[str, Padding]:
        """Count what is computed on one pass over the data, for every method.

        Returns
        -------
        dict of str to rnnviz.data.Padding
            For "all", "batch", "bucketed", "sorted" and "packed".
        """
        found = {}
        for method, (to, order) in METHODS.items():
            batches = make_batches(
                self.lengths, self.batch, order=order, buckets=self.buckets, seed=self.seed
            )
            found[method] = measure_padding(self.lengths, batches, to=to)
        return found

    def facts(self) -> dict[str, object]:
        """Size of the data, and the share of padding for the method shown, two digits."""
        share = round(self.measure()[self.method].share, 2)
        return {
            "sequences": len(self.lengths),
            "longest": max(self.lengths),
            "method": self.method,
            "padding": share,
        }


def spread_lengths(counts: Sequence[int], width: int) -> list[int]:
    """Make lengths from a histogram: ``counts[k]`` of them spread evenly over bin k, which is ``width`` steps wide.

    Examples
    --------
    >>> spread_lengths([2, 1], width=4)
    [2, 4, 7]
    """
    return [
        width * place + 1 + (2 * number + 1) * width // (2 * count)
        for place, count in enumerate(counts)
        for number in range(count)
    ]


def _count(one: int | Sized) -> int:
    if isinstance(one, Sized):
        return len(one)
    if isinstance(one, int) and not isinstance(one, bool):
        return one
    if hasattr(one, "__index__"):  # whole numbers of numpy and torch
        return int(one)
    raise TypeError(
        f"lengths holds {one!r}; give whole numbers of steps, or the sequences themselves, such as sentences."
    )

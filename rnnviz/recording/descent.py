"""Which recorded call a tensor comes from: told by what it *is* while the model runs, not by its numbers.

A tensor that shares its memory with a recorded result is that result, or a view of it. Any other tensor that was
computed from one leads back to it through the autograd graph. Both are looked up in the forward pass, where they
are still to be seen; nothing is computed and no graph is kept alive.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef

__all__ = ["Descent", "Follower", "Place"]

#: Operations that move numbers and change none: what they give is what they got, in another arrangement.
_MOVES = (
    *(
        "AccumulateGrad",
        "Alias",
        "AsStrided",
        "Cat",
        "Chunk",
        "Clone",
        "Contiguous",
        "Copy",
        "CopySlices",
        "Expand",
    ),
    *(
        "Flip",
        "Gather",
        "Index",
        "IndexSelect",
        "Narrow",
        "PackPaddedSequence",
        "Permute",
        "Repeat",
        "ReshapeAlias",
    ),
    *(
        "Roll",
        "Select",
        "Slice",
        "Split",
        "SplitWithSizes",
        "Squeeze",
        "Stack",
        "T",
        "ToCopy",
        "Transpose",
        "Unbind",
    ),
    *("UnsafeSplit", "UnsafeView", "Unsqueeze", "View"),
)
#: Operations that may take some of the numbers away and leave or stretch the others: masks, and dropout.
_CUTS = ("MaskedFill", "Mul", "NativeDropout", "Where")

#: Beyond this many nodes a graph is not searched any further, and what was not searched counts as unknown.
_MOST_NODES = 20_000


@dataclass(frozen=True)
class Place:
    """One result of a recorded call.

    Attributes
    ----------
    call : weakref.ref
        To what `Follower.note` was given.
    part : str
        "output", or the name of the state whose last value it is: "hidden", "cell".
    step : int
        Which step of it, where a call is one step of a loop; −1 for all of them.
    """

    call: weakref.ref[Any]
    part: str
    step: int = -1


@dataclass(frozen=True, eq=False)
class Descent:
    """From which recorded results a tensor comes.

    Attributes
    ----------
    places : tuple of Place
        The nearest ones on every way back.
    moved : bool
        Whether nothing but views, copies and masks lies between.
    cut : bool
        Whether a mask does.
    masks : tuple of Tensor
        Those masks of dropout that the graph shows, by reference.
    carries : bool
        Whether a gradient goes back that way.
    """

    places: tuple[Place, ...]
    moved: bool
    cut: bool
    masks: tuple[Tensor, ...]
    carries: bool


@dataclass(frozen=True)
class _Known:
    memory: StorageWeakRef
    version: int
    place: Place


class Follower:
    """The results of the calls of one recording, as long as they live."""

    def __init__(self) -> None:
        self._results: dict[int, list[_Known]] = {}
        self._nodes: dict[tuple[int, int], Place] = {}
        # Nodes are numbered as they are made, so what is older than every result cannot come from one.
        self._oldest: int | None = None
        self._oldest_of_pass: int | None = None
        self._inputs: dict[tuple[Any, ...], tuple[StorageWeakRef, int]] = {}
        self._count = 0

    def begin(self) -> None:
        """Begin a forward pass of the model: forget what is gone."""
        self._oldest_of_pass = None
        self._results = {
            key: alive
            for key, known in self._results.items()
            if (alive := [one for one in known if _is_alive(one.memory) and one.place.call() is not None])
        }
        self._nodes = {key: place for key, place in self._nodes.items() if place.call() is not None}
        self._oldest = min((number for number, _ in self._nodes), default=None)
        self._inputs = {key: known for key, known in self._inputs.items() if _is_alive(known[0])}

    def note(self, result: Tensor, place: Place) -> None:
        """Remember a result of a recorded call."""
        storage = result.untyped_storage()
        known = [one for one in self._results.get(storage._cdata, ()) if _is_alive(one.memory)]
        known.append(_Known(_remember(storage), _version(result), place))
        self._results[storage._cdata] = known
        node = result.grad_fn
        if node is None:
            return
        number = node._sequence_nr()
        self._nodes[number, result.output_nr] = place
        if self._oldest is None or number < self._oldest:
            self._oldest = number
        if self._oldest_of_pass is None or number < self._oldest_of_pass:
            self._oldest_of_pass = number

    def follow(
        self, tensor: Tensor, *, earlier_passes: bool = False, by_graph: bool = False
    ) -> Descent | None:
        """Find the results that a tensor comes from; None where there are none.

        Parameters
        ----------
        tensor : Tensor
        earlier_passes : bool
            Whether it may come from an earlier forward pass of the model, as a carried state does.
        by_graph : bool
            Whether to go the way of the gradient also where the memory tells, since functions of others may change
            the gradient and no number.
        """
        if not self._results:
            return None
        storage = tensor.untyped_storage()._cdata
        same = [
            one.place
            for one in self._results.get(storage, ())
            if _is_alive(one.memory) and one.version == _version(tensor) and one.place.call() is not None
        ]
        if same and not (by_graph and tensor.grad_fn is not None):
            return Descent(tuple(same), True, False, (), tensor.grad_fn is not None)
        oldest = self._oldest if earlier_passes else self._oldest_of_pass
        if tensor.grad_fn is None or oldest is None:
            return None
        return self._search(tensor.grad_fn, tensor.output_nr, oldest)

    def _search(self, start: Any, output: int, oldest: int) -> Descent | None:
        """Go back through the graph from one node, no further than to the nearest results."""
        places: dict[Place, None] = {}
        masks: list[Tensor] = []
        moved, cut = True, False
        seen = {(start, output)}
        waiting = [(start, output)]
        while waiting:
            node, index = waiting.pop()
            number = node._sequence_nr()
            place = self._nodes.get((number, index))
            if place is not None:
                if place.call() is not None:
                    places[place] = None
                continue
            name = (
                node.name()
                .rpartition("::")[2]
                .removesuffix("Backward0")
                .removesuffix("Backward1")
                .rstrip("0123456789")
            )
            if name in _CUTS:
                cut = True
                mask = _read_mask(node, name)
                if mask is not None:
                    masks.append(mask)
                elif name in ("Mul", "NativeDropout"):
                    moved = False
            elif name.removesuffix("Backwards") not in _MOVES:
                moved = False
            if len(seen) > _MOST_NODES:
                moved = False
                break
            for following in node.next_functions:
                # Nodes that gather gradients have the largest number of all.
                if following[0] is None or following in seen or following[0]._sequence_nr() < oldest:
                    continue
                seen.add(following)
                waiting.append(following)
        return Descent(tuple(places), moved, cut, tuple(masks), True) if places else None

    def number_input(self, data: Tensor) -> int:
        """Give what a call reads from outside a number: the same for the same data in the same layout."""
        storage = data.untyped_storage()
        key = (storage._cdata, data.storage_offset(), data.shape, data.stride(), _version(data))
        known = self._inputs.get(key)
        if known is None or not _is_alive(known[0]):
            known = self._inputs[key] = _remember(storage), self._count
            self._count += 1
        return known[1]

    @property
    def has_results(self) -> bool:
        """Whether any recorded call has come before."""
        return bool(self._results)


def _remember(storage: torch.UntypedStorage) -> StorageWeakRef:
    """Refer to memory without keeping it; as long as the reference lives, its number is not given away."""
    return StorageWeakRef(storage)  # type: ignore[no-untyped-call]


def _is_alive(memory: StorageWeakRef) -> bool:
    return not memory.expired()  # type: ignore[no-untyped-call]


def _version(tensor: Tensor) -> int:
    return -1 if tensor.is_inference() else tensor._version


def _read_mask(node: Any, name: str) -> Tensor | None:
    """Read the mask that a node has multiplied with, where the graph shows it as plain data."""
    kind = {"Mul": "other", "NativeDropout": "result1", "Where": "condition", "MaskedFill": "mask"}[name]
    if name == "Mul":
        left, right = (following is not None for following, _ in node.next_functions)
        if left and right:
            return None  # a product of two computed things
        kind = "other" if left else "self"
    try:
        saved = getattr(node, f"_raw_saved_{kind}")
        # Under checkpointing and the like, what is saved is not the tensor; to unpack it would run code.
        if getattr(saved, "unpack_hook", None) is not None or not isinstance(saved.data, Tensor):
            return None
        mask: Tensor = saved.data.detach()
    except (AttributeError, RuntimeError):
        return None
    if name == "Mul" and mask.dim() == 0:
        return None  # a number that scales, no mask
    return mask * (1 / (1 - node._saved_p)) if name == "NativeDropout" else mask


def reached(descent: Descent, part: str | Sequence[str]) -> list[Any]:
    """Return the calls, still held, that a tensor comes from by one of their results."""
    parts = (part,) if isinstance(part, str) else part
    calls = (place.call() for place in descent.places if place.part in parts)
    return list(dict.fromkeys(call for call in calls if call is not None))

"""Exercises of lesson 03, sequence shapes."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property


def make_exercises() -> list[Check]:
    """Return the exercises in the order of the lesson."""
    return [_mask(), _last_state(), _batch_sizes()]


def _mask() -> Check:
    def inputs(draw: Draw, longest: int, batch: int) -> tuple[Tensor, int]:
        return _draw_lengths(draw, longest, batch), longest

    def has_shape(mask: Tensor, lengths: Tensor, steps: int) -> bool | str:
        wanted = (steps, len(lengths))
        return tuple(mask.shape) == wanted or f"The shape is {tuple(mask.shape)}; it should be {wanted}."

    def is_right(mask: Tensor, lengths: Tensor, steps: int) -> bool | str:
        wanted = torch.arange(steps)[:, None] < lengths
        wrong = (mask.bool() != wanted).nonzero()
        if not len(wrong):
            return True
        t, k = (int(place) for place in wrong[0])
        is_there = "there is" if wanted[t, k] else "there is no"
        said = f"whose length is {int(lengths[k])}; the mask says {mask[t, k].item()}."
        return f"At t = {t} {is_there} step of instance {k}, {said}"

    return Check(
        "mask",
        lesson="03",
        properties=[
            Property(
                "There is a row for each step and a column for each instance.", holds=has_shape, shrink=False
            ),
            Property(
                "It is 1 (or True) where a step belongs to its instance, and 0 in the padding.",
                holds=is_right,
                shrink=False,
                advice="An instance of length 2 has the steps 0 and 1. Is step 2 in your mask?",
            ),
        ],
        inputs=inputs,
        sizes={"longest": (1, 2, 4), "batch": (1, 2, 3)},
        hints=[
            "`torch.arange(steps)` are the numbers of the steps: 0, 1, 2, …",
            "A step belongs to an instance while its number is smaller than the length: `t < length`.",
            "`torch.arange(steps)[:, None]` stands upright. Compared with `lengths`, it gives a whole table.",
        ],
        then="how do you get the lengths back from the mask?",
    )


def _last_state() -> Check:
    def inputs(draw: Draw, longest: int, batch: int, units: int) -> tuple[Tensor, Tensor]:
        lengths = _draw_lengths(draw, longest, batch)
        mask = torch.arange(longest)[:, None] < lengths
        return draw(longest, batch, units) * mask[..., None], lengths

    def right(outputs: Tensor, lengths: Tensor) -> Tensor:
        return outputs[lengths - 1, torch.arange(len(lengths))]

    def has_shape(states: Tensor, outputs: Tensor, lengths: Tensor) -> bool | str:
        wanted = tuple(outputs.shape[1:])
        return tuple(states.shape) == wanted or f"The shape is {tuple(states.shape)}; it should be {wanted}."

    return Check(
        "last-state",
        lesson="03",
        properties=[
            Property(
                "There is a row for each instance and a column for each neuron.",
                holds=has_shape,
                shrink=False,
            ),
            Property(
                "Each row is the state at the instance's own last step.",
                right,
                shrink=False,
                advice="A length of 2 means that the last step is number 1. And does each instance get its own?",
            ),
        ],
        inputs=inputs,
        sizes={"longest": (1, 2, 4), "batch": (1, 2, 3), "units": (1, 2)},
        hints=[
            "For one instance `k` it would be `outputs[lengths[k] - 1, k]`.",
            "Where a tensor is given two lists of numbers, it takes them in pairs: `outputs[[1, 0], [0, 1]]`.",
            "The first list is `lengths - 1`, the second `torch.arange(len(lengths))`.",
        ],
        then="the reverse direction reads from the end. At which step is its final state?",
    )


def _batch_sizes() -> Check:
    def inputs(draw: Draw, longest: int, batch: int) -> tuple[Tensor]:
        return (_draw_lengths(draw, longest, batch),)

    def right(lengths: Tensor) -> Tensor:
        return (torch.arange(int(lengths.max()))[:, None] < lengths).sum(1)

    def whole(sizes: Tensor, lengths: Tensor) -> bool | str:
        longest, total = int(lengths.max()), int(lengths.sum())
        if tuple(sizes.shape) != (longest,):
            return f"The shape is {tuple(sizes.shape)}; the longest has {longest} steps, so it should be ({longest},)."
        return (
            int(sizes.sum()) == total
            or f"They add up to {int(sizes.sum())}; the batch has {total} real steps."
        )

    return Check(
        "batch-sizes",
        lesson="03",
        properties=[
            Property(
                "There is one number a step, and they add up to all real steps.", holds=whole, shrink=False
            ),
            Property("Each says how many instances are still running at that step.", right, shrink=False),
        ],
        inputs=inputs,
        sizes={"longest": (1, 2, 5), "batch": (1, 2, 4)},
        hints=[
            "Begin with the mask of the first exercise, for as many steps as the longest has: `lengths.max()`.",
            "Each row of the mask holds a 1 for every instance that is still running.",
            "So add up each row: `mask.sum(dim=1)`.",
        ],
        then="why do these numbers never grow from one step to the next?",
    )


def _draw_lengths(draw: Draw, longest: int, batch: int) -> Tensor:
    """Draw a length from 1 to the longest for each instance; one of them is the longest."""
    lengths = 1 + (draw(batch).abs() * 1000).long() % longest
    lengths[int(lengths.argmax())] = longest
    return lengths

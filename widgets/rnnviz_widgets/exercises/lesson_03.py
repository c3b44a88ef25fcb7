"""Exercises of lesson 03, sequence shapes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from rnnviz_widgets.challenge import Challenge, Score
from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property, UnfitError, describe_shape, format_value


def make_exercises() -> list[Check | Challenge]:
    """Return the exercises in the order of the lesson."""
    return [_mask(), _last_state(), _batch_sizes(), _mend_the_average(), _no_row_in_vain()]


def _mask() -> Check:
    def inputs(draw: Draw, longest: int, batch: int) -> tuple[Tensor, int]:
        return _draw_lengths(draw, longest, batch), longest

    def fair(lengths: Tensor, steps: int) -> bool:
        return int(lengths.min()) > 0 and int(lengths.max()) <= steps

    def has_shape(mask: Tensor, lengths: Tensor, steps: int) -> bool | str:
        return describe_shape((steps, len(lengths)), mask) or True

    def is_right(mask: Tensor, lengths: Tensor, steps: int) -> bool | str:
        if (said := has_shape(mask, lengths, steps)) is not True:
            return said
        wanted = torch.arange(steps)[:, None] < lengths
        wrong = (mask != wanted).nonzero()
        if not len(wrong):
            return True
        t, k = (int(place) for place in wrong[0])
        is_there = "there is a" if wanted[t, k] else "there is no"
        says = f"whose length is {int(lengths[k])}; the mask says {format_value(mask[t, k])}."
        return f"At t = {t} {is_there} step of instance {k}, {says}"

    return Check(
        "mask",
        lesson="03",
        properties=[
            Property("There is a row for each step and a column for each instance.", holds=has_shape),
            Property(
                "It is 1 (or True) where a step belongs to its instance, and 0 in the padding.",
                holds=is_right,
                advice="An instance of length 2 has the steps 0 and 1. Is step 2 in your mask?",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"longest": (1, 2, 4, 6), "batch": (1, 2, 3)},
        fair=fair,
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

    def fair(outputs: Tensor, lengths: Tensor) -> bool:
        steps, batch, _ = outputs.shape
        if len(lengths) != batch or int(lengths.min()) < 1 or int(lengths.max()) > steps:
            return False
        padding = torch.arange(steps)[:, None] >= lengths
        return not outputs[padding].any()

    def right(outputs: Tensor, lengths: Tensor) -> Tensor:
        return outputs[lengths - 1, torch.arange(len(lengths))]

    def has_shape(states: Tensor, outputs: Tensor, lengths: Tensor) -> bool | str:
        return describe_shape(outputs.shape[1:], states) or True

    return Check(
        "last-state",
        lesson="03",
        properties=[
            Property(
                "There is a row for each instance and a column for each neuron.",
                holds=has_shape,
            ),
            Property(
                "Each row is the state at the instance's own last step.",
                right,
                advice="A length of 2 means that the last step is number 1. And does each instance get its own?",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"longest": (1, 2, 4, 6), "batch": (1, 2, 3), "units": (1, 2)},
        fair=fair,
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
        if (said := describe_shape((longest,), sizes)) is not None:
            return said
        return (
            int(sizes.sum()) == total
            or f"They add up to {int(sizes.sum())}; the batch has {total} real steps."
        )

    return Check(
        "batch-sizes",
        lesson="03",
        properties=[
            Property("There is one number a step, and they add up to all real steps.", holds=whole),
            Property(
                "Each says how many instances are still running at that step.",
                right,
                advice="An instance of length 2 runs at the steps 0 and 1, and no longer at step 2.",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"longest": (1, 2, 5, 7), "batch": (1, 2, 4)},
        fair=lambda lengths: int(lengths.min()) > 0,
        needs=["build_mask"],
        hints=[
            "Begin with the mask of the first exercise, for as many steps as the longest has: `lengths.max()`.",
            "Each row of the mask holds a 1 for every instance that is still running.",
            "So add up each row: `mask.sum(dim=1)`.",
        ],
        then="why do these numbers never grow from one step to the next?",
    )


def _draw_lengths(draw: Draw, longest: int, batch: int) -> Tensor:
    """Draw a length from 1 to the longest for each instance."""
    return draw.whole(1, longest, batch)


# As the lesson's faulty cell has it: the sum of the real steps, divided by all steps.
def _average_all(outputs: Tensor, lengths: Tensor) -> Tensor:
    mask = torch.arange(len(outputs))[:, None] < lengths
    return (outputs * mask[..., None]).mean(dim=0)


def _mend_the_average() -> Check:
    def inputs(draw: Draw, longest: int, batch: int) -> tuple[Tensor, Tensor]:
        return draw(longest, batch, 2), _draw_lengths(draw, longest, batch)

    def right(outputs: Tensor, lengths: Tensor) -> Tensor:
        return torch.stack(
            [outputs[:length, place].mean(dim=0) for place, length in enumerate(lengths.tolist())]
        )

    def one_each(averages: Tensor, outputs: Tensor, lengths: Tensor) -> bool | str:
        return describe_shape(outputs.shape[1:], averages) or True

    return Check(
        "mend-the-average",
        lesson="03",
        broken=_average_all,
        properties=[
            Property("There is one average for each instance and unit.", holds=one_each),
            Property(
                "A short instance has the average of its own steps.",
                right,
                advice="What would the average be if every real step said 1?",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"longest": (1, 2, 4, 6), "batch": (1, 2, 3)},
        hints=[
            "Let every real step say 1. What should come out, and what does?",
            "An average is a sum divided by a count. Which count does `mean(dim=0)` take?",
            "Each instance has a count of its own. In which shape must it stand to divide (instances, units)?",
        ],
        then="what goes wrong in the same way in a cost that is averaged over a padded batch?",
    )


class _Counter:
    """A step of a tanh layer that counts how often it is called, and for how many rows."""

    def __init__(self, features: int, units: int, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.from_input = torch.randn(features, units, generator=generator) / 2
        self.from_state = torch.randn(units, units, generator=generator) / 2
        self.calls = 0
        self.rows = 0

    def __call__(self, x: Tensor, h: Tensor) -> Tensor:
        """Compute new states: (rows, features), (rows, units) → (rows, units)."""
        self.calls += 1
        self.rows += len(x)
        return torch.tanh(x @ self.from_input + h @ self.from_state)


def _no_row_in_vain() -> Challenge:
    features, units, batch = 3, 4, 24
    generator = torch.Generator().manual_seed(11)
    lengths = 1 + (30 * torch.rand(batch, generator=generator) ** 2).long()
    longest, needed = int(lengths.max()), int(lengths.sum())
    inputs = torch.randn(
        longest, batch, features, generator=generator
    )  # past the ends as well: it must not matter

    def measure(run: Callable[..., object]) -> Score:
        step, right = _Counter(features, units, seed=5), _Counter(features, units, seed=5)
        found = run(step, inputs.clone(), lengths.clone(), torch.zeros(batch, units))
        if not isinstance(found, Tensor) or found.shape != (batch, units):
            shape = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
            raise UnfitError(
                f"The final states should be a tensor {(batch, units)}; what came back is {shape}."
            )
        for place, length in enumerate(lengths.tolist()):
            h = torch.zeros(1, units)
            for t in range(length):
                h = right(inputs[t, place : place + 1], h)
            if not torch.allclose(found[place], h[0], atol=1e-5):
                raise UnfitError(f"The final state of instance {place}, of {length} steps, is not right.")
        if step.calls > longest:
            raise UnfitError(
                f"`step` was called {step.calls} times; the longest has {longest} steps, and that is how often it may "
                "be called. Compute several instances at once."
            )
        return Score(step.rows / needed, says=f"{step.rows} rows were computed, {needed} were needed.")

    return Challenge(
        "no-row-in-vain",
        measure,
        goal=1,
        measures="rows computed for each that was needed",
        marks={"a padded batch": round(longest * batch / needed, 2)},
        lower=True,
        lesson="03",
        hints=[
            "First make the final states right: past its end a state waits. Then count what is computed for nothing.",
            "Which instances are still running at step t?",
            "A mask also picks rows: `x[mask]` are the rows where it is true, and `x[mask] = …` puts them back.",
        ],
        then="picking rows costs time as well. What does it save to sort the batch first, as packing does?",
    )

"""Exercises of lesson 04, training through time."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property, describe_shape


def make_exercises() -> list[Check]:
    """Return the exercises in the order of the lesson."""
    return [_cost(), _backward(), _reaches()]


def _cost() -> Check:
    def inputs(draw: Draw, steps: int, batch: int) -> tuple[Tensor, Tensor, Tensor]:
        mask = (draw(steps, batch) > 0).float()
        mask[-1, 0] = 1
        return draw(steps, batch), draw(steps, batch), mask

    def right(outputs: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
        return ((outputs - targets) ** 2 * mask).sum() / mask.sum()

    def fair(outputs: Tensor, targets: Tensor, mask: Tensor) -> bool:
        return outputs.shape == targets.shape == mask.shape and bool(mask.any())

    def is_one(cost: Tensor, outputs: Tensor, targets: Tensor, mask: Tensor) -> bool | str:
        return describe_shape((), cost) or True

    return Check(
        "cost",
        lesson="04",
        properties=[
            Property("The cost is one number.", holds=is_one, tensors=1),
            Property(
                "It is the mean of the squared differences at the steps that count.",
                right,
                advice="Square the differences, and divide by the number of steps that count, not by that of all.",
            ),
        ],
        inputs=inputs,
        sizes={"steps": (1, 2, 4), "batch": (1, 2)},
        fair=fair,
        hints=[
            "The squared differences: `(outputs - targets) ** 2`, one for each step of each sequence.",
            "Multiplied by the mask, those left out become 0. Then `.sum()`.",
            "`mask.sum()` is the number of steps that count.",
        ],
        then="what happens to the cost when the network says something wild at a step that is left out?",
    )


def _backward() -> Check:
    def inputs(draw: Draw, steps: int, batch: int, units: int) -> tuple[Tensor, ...]:
        # Between −1 and 1, where tanh's values lie, and short enough to be followed by hand.
        states = draw(steps, batch, units).clamp(-0.5, 0.5)
        return states, draw(steps, batch, units), draw(units, units)

    def right(states: Tensor, asked: Tensor, W_h: Tensor) -> Tensor:
        total = torch.zeros_like(W_h)
        from_later = torch.zeros_like(states[0])
        for t in reversed(range(len(states))):
            at_sum = (asked[t] + from_later) * (1 - states[t] ** 2)
            if t > 0:
                total = total + at_sum.T @ states[t - 1]
            from_later = at_sum @ W_h
        return total

    def fair(states: Tensor, asked: Tensor, W_h: Tensor) -> bool:
        units = states.shape[2]
        return states.shape == asked.shape and W_h.shape == (units, units) and bool((states.abs() < 1).all())

    def shaped(total: Tensor, states: Tensor, asked: Tensor, W_h: Tensor) -> bool | str:
        return describe_shape(W_h.shape, total) or True

    return Check(
        "backward",
        lesson="04",
        properties=[
            Property("The gradient has the shape of the weights.", holds=shaped, tensors=1),
            Property(
                "It is the sum of what all steps add.",
                right,
                tolerance=1e-4,
                advice="With one step it is zero: nothing comes before it. With two, follow it by hand.",
            ),
        ],
        inputs=inputs,
        sizes={"steps": (1, 2, 3), "batch": (1, 2), "units": (1, 2)},
        fair=fair,
        hints=[
            "Back through the tanh: multiply by its slope, `1 - states[t] ** 2`.",
            "What step t adds is `at_sum.T @ states[t - 1]`: one product for the whole batch.",
            "What goes on to the step before is `at_sum @ W_h`.",
        ],
        then="which line would change for a ReLU? And which for the gradient of W<sub>x</sub>?",
    )


def _reaches() -> Check:
    def right(t: int, k: int, every: int) -> bool:
        return k <= t and t // every == k // every

    def answered(reached: object, *_: int) -> bool | str:
        if isinstance(reached, bool) or (isinstance(reached, Tensor) and reached.dtype == torch.bool):
            return True
        return f"Came back: {reached!r}. It should be True or False."

    return Check(
        "reaches",
        lesson="04",
        properties=[
            Property("The answer is True or False.", holds=answered),
            Property(
                "It is True where the gradient arrives, and nowhere else.",
                right,
                advice="Write the steps down in pieces: 0 1 2 | 3 4 5 | 6 7 8. Nothing crosses a bar, nothing goes on.",
            ),
        ],
        fair=lambda t, k, every: every > 0,
        inputs=[(t, k, every) for every in (1, 3, 4) for t in range(9) for k in range(9)],
        hints=[
            "Two steps lie in the same piece when both have the same number of whole pieces before them.",
            "`t // every` is the number of whole pieces before step t.",
            "A gradient goes back in time, so k may not be later than t.",
        ],
        then="of all pairs with k ≤ t in 24 steps, which part arrives with pieces of 8?",
    )

"""Exercises of lesson 06, vanishing and exploding gradients."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property, describe_difference, describe_shape, format_value


def make_exercises() -> list[Check]:
    """Return the exercises in the order of the lesson."""
    return [_carry_back(), _adding(), _order(), _horizon()]


def _carry_back() -> Check:
    def inputs(draw: Draw, steps: int, units: int) -> tuple[Tensor, Tensor, Tensor]:
        # Between −1 and 1, where tanh's values lie, and short enough to be followed by hand.
        return draw(units, units), draw(steps, units).clamp(-0.5, 0.5), draw(units)

    def fair(W: Tensor, states: Tensor, last: Tensor) -> bool:
        units = len(last)
        return W.shape == (units, units) and states.shape[1] == units and bool((states.abs() < 1).all())

    def right(W: Tensor, states: Tensor, last: Tensor) -> Tensor:
        gradients = [last]
        for h in reversed(states[1:]):
            gradients.insert(0, W.T @ ((1 - h**2) * gradients[0]))
        return torch.stack(gradients)

    def shape(gradients: Tensor, W: Tensor, states: Tensor, last: Tensor) -> bool | str:
        return describe_shape(states.shape, gradients) or True

    def ends(gradients: Tensor, W: Tensor, states: Tensor, last: Tensor) -> bool | str:
        if (said := shape(gradients, W, states, last)) is not True:
            return said
        difference = describe_difference(last, gradients[-1], 1e-5)
        return difference is None or f"The last one is not `last`. {difference}"

    return Check(
        "carry-back",
        lesson="06",
        properties=[
            Property("There is one gradient for each state.", holds=shape, tensors=1),
            Property(
                "The last of them is the one given.",
                holds=ends,
                tensors=1,
                advice="Time runs forward in the result: what you compute last stands first.",
            ),
            Property(
                "Each step back multiplies by the transposed Jacobian.",
                right,
                advice="First the slope 1 − h² of the later state, unit by unit, then the transposed weights.",
            ),
        ],
        inputs=inputs,
        sizes={"steps": (1, 2, 4), "units": (1, 2, 3)},
        fair=fair,
        hints=[
            "One step back: `W.T @ ((1 - h**2) * gradient)`, with the `h` that the gradient belongs to.",
            "The loop already runs backwards, from the last state to the second.",
            "`gradients.insert(0, new)` puts each new one in front; `torch.stack` makes a tensor of the list.",
        ],
        then="what happens to the first gradient when all states are near 1?",
    )


def _adding() -> Check:
    def inputs(draw: Draw, half: int, batch: int) -> tuple[Tensor, Tensor, Tensor]:
        values = draw(2 * half, batch).abs()
        first = torch.arange(batch) % half
        return values, first, half + (first + 1) % half

    def fair(values: Tensor, first: Tensor, second: Tensor) -> bool:
        steps, batch = values.shape
        if not len(first) == len(second) == batch:
            return False
        return bool((first < second).all()) and int(second.max()) < steps

    def right(values: Tensor, first: Tensor, second: Tensor) -> Tensor:
        lists = torch.arange(values.shape[1])
        return values[first, lists] + values[second, lists]

    def shapes(pair: tuple[Tensor, Tensor], values: Tensor, first: Tensor, second: Tensor) -> bool | str:
        wanted = {"inputs": (*values.shape, 2), "sums": (values.shape[1],)}
        for (name, shape), tensor in zip(wanted.items(), pair, strict=True):
            if tuple(tensor.shape) != shape:
                return f"The {name} have the shape {tuple(tensor.shape)}; it should be {shape}."
        return True

    def marked(pair: tuple[Tensor, Tensor], values: Tensor, first: Tensor, second: Tensor) -> bool | str:
        if (said := shapes(pair, values, first, second)) is not True:
            return said
        numbers, markers = pair[0].unbind(dim=-1)
        if describe_difference(values, numbers, 1e-5) is not None:
            return "The first feature should be the values, unchanged."
        for place in range(values.shape[1]):
            steps = markers[:, place].nonzero()[:, 0].tolist()
            wanted = [int(first[place]), int(second[place])]
            if steps != wanted:
                return f"In list {place} the steps {steps} are marked; it should be {wanted}."
        others = markers[(markers != 0) & (markers != 1)]
        return len(others) == 0 or f"A step is marked with {format_value(others[0])}; it should be 1."

    def sums(pair: tuple[Tensor, Tensor], values: Tensor, first: Tensor, second: Tensor) -> bool | str:
        if (said := shapes(pair, values, first, second)) is not True:
            return said
        wanted = right(values, first, second)
        if describe_difference(wanted, pair[1], 1e-5) is None:
            return True
        return f"The sums are {format_value(pair[1])}; they should be {format_value(wanted)}."

    return Check(
        "adding",
        lesson="06",
        properties=[
            Property("Inputs are (time, batch, 2), sums (batch,).", holds=shapes, tensors=2),
            Property("Two steps of each list are marked with 1, the right ones.", holds=marked, tensors=2),
            Property("Each sum is that of the two marked values.", holds=sums, tensors=2),
        ],
        inputs=inputs,
        sizes={"half": (1, 2, 4), "batch": (1, 2, 3)},
        fair=fair,
        hints=[
            "`markers[first, lists] = 1.0` marks one step in each list, with `lists = torch.arange(batch)`.",
            "`torch.stack([values, markers], dim=-1)` puts the two features side by side.",
            "Multiply by the markers, and only the marked values are left: `(values * markers).sum(0)`.",
        ],
        then="why is a mean squared error of 1/6 no sign of learning?",
    )


def _order() -> Check:
    def inputs(draw: Draw, batch: int, chatter: int) -> tuple[Tensor]:
        # Every place and every answer comes up: the draw only decides which.
        numbers = draw(2, batch)
        symbols = 2 + (torch.arange(batch * (chatter + 3)) % 4).reshape(chatter + 3, batch)
        early = torch.arange(batch) % (chatter + 1)
        lists = torch.arange(batch)
        symbols[early, lists] = (numbers[0] > 0).long()
        symbols[early + 2, lists] = (numbers[1] > 0).long()
        return (symbols,)

    def fair(symbols: Tensor) -> bool:
        return bool(((symbols < 2).sum(0) == 2).all())

    def right(symbols: Tensor) -> Tensor:
        pairs = torch.stack([string[string < 2] for string in symbols.T])
        return 2 * pairs[:, 0] + pairs[:, 1]

    def length(answers: Tensor, symbols: Tensor) -> bool | str:
        return describe_shape(symbols.shape[1:], answers) or True

    return Check(
        "order",
        lesson="06",
        properties=[
            Property("There is one answer for each string.", holds=length, tensors=1),
            Property("It says which came first.", right),
        ],
        inputs=inputs,
        sizes={"batch": (1, 4, 8), "chatter": (0, 2, 5)},
        fair=fair,
        hints=[
            "`string[string < 2]` leaves only the two that count, in their order.",
            "AA, AB, BA, BB are 0, 1, 2, 3: twice the first, plus the second.",
            "Collect the answers in a list, then `torch.stack(answers)`.",
        ],
        then="how would a network tell AB from BA, if it only counted?",
    )


def _horizon() -> Check:
    # Whole parts of 2, so that a curve can stand exactly on the line.
    inputs = [
        (torch.tensor(curve), fraction)
        for curve, fraction in [
            ([1.0], 0.5),
            ([1.0, 0.25], 0.5),
            ([1.0, 0.5], 0.5),
            ([4.0, 1.0], 0.5),
            ([1.0, 1.0, 0.25], 0.5),
            ([0.5, 0.25, 0.125], 0.5),
            ([1.0, 0.25, 1.0], 0.5),
            ([1.0, 2.0, 0.25, 0.125], 0.5),
            ([4.0, 2.0, 1.0, 0.5], 0.25),
        ]
    ]
    inputs += [(3.0 * rate ** torch.arange(12.0), 0.02) for rate in (0.1, 0.3, 0.9)]

    def fair(curve: Tensor, fraction: float) -> bool:
        return bool(curve[0] > 0) and 0 < fraction < 1

    def right(curve: Tensor, fraction: float) -> int:
        below = (curve < fraction * curve[0]).nonzero()
        return int(below[0]) if len(below) else len(curve)

    def whole(found: Tensor, curve: Tensor, fraction: float) -> bool | str:
        if (said := describe_shape((), found)) is not None:
            return said
        if found.dtype is not torch.bool and float(found).is_integer() and 0 <= found <= len(curve):
            return True
        return f"It is {format_value(found)}; a horizon is a whole number of steps, from 0 to {len(curve)}."

    def held(found: Tensor, curve: Tensor, fraction: float) -> bool | str:
        if (said := whole(found, curve, fraction)) is not True:
            return said
        line = fraction * curve[0]
        below = (curve[: int(found)] < line).nonzero()
        if not len(below):
            return True
        d = int(below[0])
        left, line_is = format_value(float(curve[d])), format_value(float(line))
        return f"Already at d = {d} only {left} is left, and the line is at {line_is}."

    return Check(
        "horizon",
        lesson="06",
        properties=[
            Property("It is a whole number of steps.", holds=whole, tensors=1),
            Property(
                "Before it everything is at least that fraction of the first.",
                holds=held,
                tensors=1,
                advice="Compare with `fraction * curve[0]`, not with `fraction`, and end at the first below it.",
            ),
            Property(
                "It is the first such distance, or the length of the curve.",
                right,
                advice="What stands exactly on the line is not below it. Later distances do not count.",
            ),
        ],
        inputs=inputs,
        fair=fair,
        hints=[
            "`if left < fraction * curve[0]:` then `d` is the answer.",
            "`return` inside the loop ends it at the first one.",
            "After the loop: `return len(curve)`.",
        ],
        then="what is the horizon of a unit with h = 0.9 · h before, at a fraction of 1 %?",
    )

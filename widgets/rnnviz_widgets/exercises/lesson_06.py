"""Exercises of lesson 06, vanishing and exploding gradients."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property


def make_exercises() -> list[Check]:
    """Return the exercises in the order of the lesson."""
    return [_carry_back(), _adding(), _order(), _horizon()]


def _carry_back() -> Check:
    def inputs(draw: Draw, steps: int, units: int) -> tuple[Tensor, Tensor, Tensor]:
        return draw(units, units), torch.tanh(draw(steps, units)), draw(units)

    def right(W: Tensor, states: Tensor, last: Tensor) -> Tensor:
        gradients = [last]
        for h in reversed(states[1:]):
            gradients.insert(0, W.T @ ((1 - h**2) * gradients[0]))
        return torch.stack(gradients)

    def shape(gradients: Tensor, W: Tensor, states: Tensor, last: Tensor) -> bool | str:
        if tuple(gradients.shape) == tuple(states.shape):
            return True
        return f"The shape is {tuple(gradients.shape)}; there is one gradient for each state: {tuple(states.shape)}."

    return Check(
        "carry-back",
        lesson="06",
        properties=[
            Property("There is one gradient for each state.", holds=shape, shrink=False),
            Property(
                "The last of them is the one given.",
                holds=lambda gradients, W, states, last: bool(torch.allclose(gradients[-1], last)),
                shrink=False,
                advice="Time runs forward in the result: what you compute last stands first.",
            ),
            Property(
                "Each step back multiplies by the transposed Jacobian.",
                right,
                shrink=False,
                advice="First the slope 1 − h² of the later state, unit by unit, then the transposed weights.",
            ),
        ],
        inputs=inputs,
        sizes={"steps": (1, 2, 4), "units": (1, 2, 3)},
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
        inputs, _ = pair
        if not torch.allclose(inputs[..., 0], values):
            return "The first feature should be the values, unchanged."
        for place in range(values.shape[1]):
            steps = inputs[:, place, 1].nonzero()[:, 0].tolist()
            wanted = [int(first[place]), int(second[place])]
            if steps != wanted:
                return f"In list {place} the steps {steps} are marked; it should be {wanted}."
        return bool(inputs[..., 1].max() == 1)

    def sums(pair: tuple[Tensor, Tensor], values: Tensor, first: Tensor, second: Tensor) -> bool | str:
        wanted = right(values, first, second)
        if torch.allclose(pair[1], wanted, atol=1e-5):
            return True
        found, sought = ([round(value, 3) for value in sums.tolist()] for sums in (pair[1], wanted))
        return f"The sums are {found}; they should be {sought}."

    return Check(
        "adding",
        lesson="06",
        properties=[
            Property("Inputs are (time, batch, 2), sums (batch,).", holds=shapes, shrink=False),
            Property("Two steps of each list are marked with 1, the right ones.", holds=marked, shrink=False),
            Property("Each sum is that of the two marked values.", holds=sums, shrink=False),
        ],
        inputs=inputs,
        sizes={"half": (1, 2, 4), "batch": (1, 3)},
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

    def right(symbols: Tensor) -> Tensor:
        pairs = torch.stack([string[string < 2] for string in symbols.T])
        return 2 * pairs[:, 0] + pairs[:, 1]

    def length(answers: Tensor, symbols: Tensor) -> bool | str:
        if tuple(answers.shape) == (symbols.shape[1],):
            return True
        return (
            f"The shape is {tuple(answers.shape)}; it should be ({symbols.shape[1]},), one answer a string."
        )

    return Check(
        "order",
        lesson="06",
        properties=[
            Property("There is one answer for each string.", holds=length, shrink=False),
            Property("It says which came first.", right, shrink=False),
        ],
        inputs=inputs,
        sizes={"batch": (1, 4, 8), "chatter": (0, 2, 5)},
        hints=[
            "`string[string < 2]` leaves only the two that count, in their order.",
            "AA, AB, BA, BB are 0, 1, 2, 3: twice the first, plus the second.",
            "Collect the answers in a list, then `torch.stack(answers)`.",
        ],
        then="how would a network tell AB from BA, if it only counted?",
    )


def _horizon() -> Check:
    def inputs(draw: Draw, steps: int, fast: int) -> tuple[Tensor, float]:
        return 3.0 * (0.3 / fast) ** torch.arange(float(steps)), 0.02

    def right(curve: Tensor, fraction: float) -> int:
        below = (curve < fraction * curve[0]).nonzero()
        return int(below[0]) if len(below) else len(curve)

    def whole(found: object, curve: Tensor, fraction: float) -> bool | str:
        if isinstance(found, int | Tensor) and int(found) == found:
            return True
        return f"It is {found!r}; a horizon is a whole number of steps."

    return Check(
        "horizon",
        lesson="06",
        properties=[
            Property("It is a whole number of steps.", holds=whole, shrink=False),
            Property(
                "Before it everything is at least that fraction of the first.",
                holds=lambda found, curve, fraction: bool((curve[: int(found)] >= fraction * curve[0]).all()),
                shrink=False,
                advice="Compare with `fraction * curve[0]`, not with `fraction`.",
            ),
            Property("It is the first such distance, or the length of the curve.", right, shrink=False),
        ],
        inputs=inputs,
        sizes={"steps": (1, 3, 12), "fast": (1, 3)},
        hints=[
            "`if left < fraction * curve[0]:` then `d` is the answer.",
            "`return` inside the loop ends it at the first one.",
            "After the loop: `return len(curve)`.",
        ],
        then="what is the horizon of a unit with h = 0.9 · h before, at a fraction of 1 %?",
    )

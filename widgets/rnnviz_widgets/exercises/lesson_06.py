"""Exercises of lesson 06, vanishing and exploding gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from rnnviz.data import FirstNumber
from rnnviz_widgets.challenge import Challenge, Score
from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import (
    Draw,
    Property,
    UnfitError,
    describe_difference,
    describe_shape,
    format_value,
)


def make_exercises() -> list[Check | Challenge]:
    """Return the exercises in the order of the lesson."""
    return [_carry_back(), _clip(), _adding(), _order(), _horizon(), _remember()]


def _carry_back() -> Check:
    def inputs(draw: Draw, steps: int, units: int) -> tuple[Tensor, Tensor, Tensor]:
        # Between −1 and 1, where tanh's values lie, and short enough to be followed by hand.
        return draw(units, units) / 2, 0.4 * draw(steps, units), draw(units)

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
            Property("There is one gradient for each state.", holds=shape),
            Property(
                "The last of them is the one given.",
                holds=ends,
                advice="Time runs forward in the result: what you compute last stands first.",
            ),
            Property(
                "Each step back multiplies by the transposed Jacobian.",
                right,
                advice="First the slope 1 − h² of the later state, unit by unit, then the transposed weights.",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"steps": (1, 2, 4, 6), "units": (1, 2, 3)},
        fair=fair,
        hints=[
            "Two things lie between two states, and on the way back their order is reversed. Which comes first?",
            "Back through the tanh: each unit of the gradient is multiplied by its slope, at the *later* state.",
            "Back through the weights: unit j gets a share from all that hear it. Is that row j of W, or column j?",
            "The loop runs backwards, and the result forwards: where in the list does a new gradient belong?",
        ],
        then="what happens to the first gradient when all states are near 1?",
    )


def clip_gradients(gradients: Any, longest: Any) -> Any:  # noqa: D103 — word for word what the student is given
    clipped = []
    for gradient in gradients:
        clipped.append(gradient * longest / gradient.norm())  # noqa: PERF401
    return clipped


def _clip() -> Check:
    def inputs(draw: Draw, layers: int, scale: int) -> tuple[list[Tensor], float]:
        # Of different sizes, and now longer, now shorter than the longest that is allowed; one may be all zeros.
        gradients = [scale * draw(2, 1 + layer) for layer in range(layers)]
        return gradients, 2.0

    def measure(gradients: Any) -> Tensor:
        return torch.stack([part.square().sum() for part in gradients]).sum().sqrt()

    def right(gradients: list[Tensor], longest: float) -> list[Tensor]:
        length = measure(gradients)
        return [part * (longest / length) if length > longest else part for part in gradients]

    def fair(gradients: list[Tensor], longest: float) -> bool:
        return len(gradients) > 0 and all(part.numel() for part in gradients) and longest > 0

    def short(clipped: Any, gradients: list[Tensor], longest: float) -> bool | str:
        length = measure(clipped)
        allowed = length <= longest * (1 + 1e-4)
        return (
            bool(allowed) or f"Together they are {format_value(float(length))} long; {longest:g} is allowed."
        )

    def spared(clipped: Any, gradients: list[Tensor], longest: float) -> bool | str:
        if measure(gradients) > longest:
            return True
        difference = describe_difference(gradients, clipped, 1e-5)
        return difference is None or f"They were short enough, and should have been left alone. {difference}"

    return Check(
        "clip",
        lesson="06",
        properties=[
            Property("What is short enough is left alone, zeros too.", holds=spared),
            Property("All of them together are never longer than is allowed.", holds=short),
            Property(
                "The direction of all of them together stays as it was.",
                right,
                advice="The direction stays where every number of every gradient is multiplied by the same factor.",
            ),
        ],
        returns="tensors",
        inputs=inputs,
        sizes={"layers": (1, 2, 3), "scale": (1, 2, 4)},
        fair=fair,
        broken=clip_gradients,
        hints=[
            "Try it on a single gradient that is much shorter than the longest allowed. What comes back?",
            "The rule holds min(1, …). Where in the code is the 1?",
            "One long and one short: does the pair still point the same way? How many factors are there?",
            "‖g‖ in the rule is the length of *all* numbers together: of the whole network, not of one matrix.",
        ],
        then="PyTorch has this as `clip_grad_norm_`. What would `clip_grad_value_` do to the direction?",
    )


def _adding() -> Check:
    def inputs(draw: Draw, half: int, batch: int) -> tuple[Tensor, Tensor, Tensor]:
        steps = 2 * half
        first = draw.whole(0, steps - 2, batch)
        second = first + 1 + draw.whole(0, steps, batch) % (steps - 1 - first)
        return draw(steps, batch), first, second

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
            Property("Inputs are (time, batch, 2), sums (batch,).", holds=shapes),
            Property("Two steps of each list are marked with 1, the right ones.", holds=marked),
            Property("Each sum is that of the two marked values.", holds=sums),
        ],
        returns=("tensor", "tensor"),
        inputs=inputs,
        sizes={"half": (1, 2, 4), "batch": (1, 2, 3)},
        fair=fair,
        hints=[
            "A tensor takes two lists as an index: the steps, and which sequence each of them belongs to.",
            "The sequences are numbered by `torch.arange(batch)`.",
            "Values and markers are two features of one step: which dimension is new when they are stacked?",
            "What is left of the values when they are multiplied by the markers?",
        ],
        then="why is a mean squared error of 1/6 no sign of learning?",
    )


def _order() -> Check:
    def inputs(draw: Draw, batch: int, chatter: int) -> tuple[Tensor]:
        steps, lists = chatter + 2, torch.arange(batch)
        symbols = draw.whole(2, 5, steps, batch)
        first = draw.whole(0, steps - 2, batch)
        second = first + 1 + draw.whole(0, steps, batch) % (steps - 1 - first)
        symbols[first, lists], symbols[second, lists] = draw.whole(0, 1, 2, batch)
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
            Property("There is one answer for each string.", holds=length),
            Property("It says which came first.", right),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"batch": (1, 3, 8), "chatter": (0, 2, 5)},
        fair=fair,
        hints=[
            "A tensor can be indexed by a condition. Which condition leaves only the two that count?",
            "Write 0, 1, 2, 3 in binary: what are the two digits of AA, AB, BA, BB?",
            "One answer a string: collect them in a list, and make a tensor of it at the end.",
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
            ([1.0, 0.75, 3.0, 0.25], 0.5),
            ([2.0, 3.0, 5.0, 1.5, 0.5, 4.0], 0.5),
            ([2.0, 0.25, 3.0, 0.5], 0.25),
        ]
    ]
    inputs += [(3.0 * rate ** torch.arange(12.0), 0.02) for rate in (0.1, 0.3, 0.9)]
    # Curves that fall and rise again.
    dice = torch.Generator().manual_seed(6)
    inputs += [
        (torch.randint(1, 9, (6,), generator=dice) / 4, fraction)
        for fraction in (0.25, 0.5, 0.75)
        for _ in range(4)
    ]

    def fair(curve: Tensor, fraction: float) -> bool:
        return bool(curve[0] > 0) and 0 < fraction < 1

    def right(curve: Tensor, fraction: float) -> int:
        below = (curve < fraction * curve[0]).nonzero()
        return int(below[0]) if len(below) else len(curve)

    def whole(found: int, curve: Tensor, fraction: float) -> bool | str:
        if 0 <= found <= len(curve):
            return True
        return f"It is {found}; a horizon is a whole number of steps, from 0 to {len(curve)}."

    def held(found: int, curve: Tensor, fraction: float) -> bool | str:
        if (said := whole(found, curve, fraction)) is not True:
            return said
        line = fraction * curve[0]
        below = (curve[:found] < line).nonzero()
        if not len(below):
            return True
        d = int(below[0])
        left, line_is = format_value(float(curve[d])), format_value(float(line))
        return f"Already at d = {d} only {left} is left, and the line is at {line_is}."

    return Check(
        "horizon",
        lesson="06",
        properties=[
            Property("It is a whole number of steps.", holds=whole),
            Property(
                "Before it everything is at least that fraction of the first.",
                holds=held,
                advice="Compare with `fraction * curve[0]`, not with `fraction`, and end at the first below it.",
            ),
            Property(
                "It is the first such distance, or the length of the curve.",
                right,
                advice="What stands exactly on the line is not below it. Later distances do not count.",
            ),
        ],
        returns="whole number",
        inputs=inputs,
        fair=fair,
        hints=[
            "“A fraction of what it was at first”: of which number of the curve?",
            "The first distance that is below: how does one leave a loop early?",
            "And where does Python arrive when the loop has run to its end?",
        ],
        then="what is the horizon of a unit with h = 0.9 · h before, at a fraction of 1 %?",
    )


def _remember() -> Challenge:
    steps = 60
    gates = (nn.LSTM, nn.GRU, nn.LSTMCell, nn.GRUCell)

    def measure(answer: Any) -> Iterator[Score]:
        model = answer(FirstNumber(steps))
        if not isinstance(model, nn.Module):
            raise UnfitError(f"A trained model is expected; this is a {type(model).__name__}.")
        if any(isinstance(part, gates) for part in model.modules()):
            raise UnfitError("There is a cell with gates in it. Try a plain layer: that is the challenge.")
        # Drawn with a seed of its own: sequences that no training has seen.
        inputs, first = FirstNumber(steps, batch=1000)(torch.Generator().manual_seed(10**6))
        with torch.no_grad():
            said = model(inputs)
        if not isinstance(said, Tensor) or said.shape != first.shape:
            shape = tuple(said.shape) if isinstance(said, Tensor) else type(said).__name__
            raise UnfitError(
                f"The model returned {shape} for 1,000 sequences; it should be {tuple(first.shape)}."
            )
        yield Score(float((said - first).square().mean()), done=1.0)

    return Challenge(
        "remember",
        measure,
        goal=0.02,
        measures="mean squared error",
        lower=True,
        marks={"always saying 0": FirstNumber.baseline},
        seconds=60,
        lesson="06",
        hints=[
            "Look at the gradient curve of an untrained net first: which start lets anything arrive at step 0?",
            "59 other numbers come in after the first. How could they be kept from washing it away?",
            "ReLU has no bound, and an exploded training is lost. Which remedy helps, and what has a bound?",
            "More updates help only once the error has left 1/3.",
        ],
        then="does it still remember over 120 steps, without further training? Why, or why not?",
    )

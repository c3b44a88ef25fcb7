"""Exercises of lesson 04, training through time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from rnnviz.data import digits
from rnnviz.models import SequenceClassifier
from rnnviz.training import cross_entropy, train
from rnnviz_widgets.challenge import Challenge, Score
from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property, UnfitError, describe_shape


def make_exercises() -> list[Check | Challenge]:
    """Return the exercises in the order of the lesson."""
    return [_cost(), _backward(), _truncated(), _reaches(), _early()]


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
            Property("The cost is one number.", holds=is_one),
            Property(
                "It is the mean of the squared differences at the steps that count.",
                right,
                advice="Square the differences, and divide by the number of steps that count, not by that of all.",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"steps": (1, 2, 4), "batch": (1, 2, 3)},
        fair=fair,
        hints=[
            "First one squared difference for each step of each sequence. How do those that are left out become 0?",
            "A mean is a sum divided by a count. Which count: of all steps, or of those that count?",
            "The mask holds nothing but zeros and ones. What is its sum?",
        ],
        then="what happens to the cost when the network says something wild at a step that is left out?",
    )


def _backward() -> Check:
    def inputs(draw: Draw, steps: int, batch: int, units: int) -> tuple[Tensor, ...]:
        # Between −1 and 1, where tanh's values lie, and short enough to be followed by hand.
        states = 0.4 * draw(steps, batch, units)
        return states, draw(steps, batch, units), draw(units, units) / 2

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
            Property("The gradient has the shape of the weights.", holds=shaped),
            Property(
                "It is the sum of what all steps add.",
                right,
                tolerance=1e-4,
                advice="With one step it is zero: nothing comes before it. With two, follow it by hand.",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"steps": (1, 2, 3, 4, 6), "batch": (1, 2), "units": (1, 2, 3)},
        fair=fair,
        hints=[
            "The gradients from the own output and from later are added *before* the way back through the tanh.",
            "What a step adds is (unit, unit), like `W_h`. Which two (batch, unit) tensors make it, in which order?",
            "Unit j of the step before is heard by all: it collects column j of `W_h`. Which of `delta @ W_h` and "
            "`delta @ W_h.T` does that?",
        ],
        then="which line would change for a ReLU? And which for the gradient of W<sub>x</sub>?",
    )


def truncated_gradient(  # noqa: D103 — word for word what the student is given
    states: Any, from_output: Any, W_h: Any, every: Any
) -> Any:
    total = torch.zeros_like(W_h)
    from_later = torch.zeros_like(states[0])
    for t in reversed(range(len(states))):
        delta = (from_output[t] + from_later) * (1 - states[t] ** 2)
        if t % every > 0:
            total += delta.T @ states[t - 1]
        from_later = delta @ W_h
    return total


def _truncated() -> Check:
    def inputs(draw: Draw, steps: int, units: int, every: int) -> tuple[Tensor, Tensor, Tensor, int]:
        # Between −1 and 1, where tanh's values lie.
        return 0.4 * draw(steps, 2, units), draw(steps, 2, units), draw(units, units) / 2, every

    def right(states: Tensor, from_output: Tensor, W_h: Tensor, every: int) -> Tensor:
        total = torch.zeros_like(W_h)
        for start in range(0, len(states), every):
            from_later = torch.zeros_like(states[0])
            for t in reversed(range(start, min(start + every, len(states)))):
                at_sum = (from_output[t] + from_later) * (1 - states[t] ** 2)
                if t > 0:
                    total = total + at_sum.T @ states[t - 1]
                from_later = at_sum @ W_h
        return total

    def fair(states: Tensor, from_output: Tensor, W_h: Tensor, every: int) -> bool:
        units = states.shape[2]
        shaped = states.shape == from_output.shape and W_h.shape == (units, units)
        return shaped and every > 0 and bool((states.abs() < 1).all())

    def alone(states: Tensor, from_output: Tensor, W_h: Tensor, every: int) -> Tensor:
        return right(states, from_output, W_h, 1)

    def of_one_step(
        total: Tensor, states: Tensor, from_output: Tensor, W_h: Tensor, every: int
    ) -> bool | str:
        if every > 1:
            return True
        wanted = alone(states, from_output, W_h, every)
        return torch.allclose(total.double(), wanted.double(), atol=1e-4) or (
            "With pieces of one step, each step still sees the state that was handed over to it."
        )

    return Check(
        "truncated",
        lesson="04",
        properties=[
            Property("With pieces of one step, each step adds its own part.", holds=of_one_step),
            Property(
                "No gradient comes from a later piece, and nothing of the own piece is lost.",
                right,
                tolerance=1e-4,
                advice="Draw the steps in pieces, 0 1 2 | 3 4 5, and mark where `from_later` must not pass.",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"steps": (1, 2, 4, 7), "units": (1, 3), "every": (1, 2, 3)},
        fair=fair,
        broken=truncated_gradient,
        hints=[
            "Two things cross the border between two pieces: the state, forwards, and the gradient, backwards.",
            "Which of the two does the code cut, and which line does it?",
            "The state at the border is handed over. So does the first step of a piece add something, or not?",
            "Where `t` is the first step of its piece: what should the step before it hear from later?",
        ],
        then="in PyTorch one word does this: `state.detach()`. On which of the two does it act?",
    )


def _reaches() -> Check:
    def right(t: int, k: int, every: int) -> bool:
        return k <= t and t // every == k // every

    return Check(
        "reaches",
        lesson="04",
        properties=[
            Property("The answer is True or False.", holds=lambda reached, *_: isinstance(reached, bool)),
            Property(
                "It is True where the gradient arrives, and nowhere else.",
                right,
                advice="Write the steps down in pieces: 0 1 2 | 3 4 5 | 6 7 8. Nothing crosses a bar, nothing goes on.",
            ),
        ],
        returns="truth",
        fair=lambda t, k, every: every > 0,
        inputs=[(t, k, every) for every in (1, 3, 4, 2) for t in range(9) for k in range(9)],
        hints=[
            "Number the pieces: 0, 1, 2, … In which piece does step t lie?",
            "Whole steps, whole pieces: which operation of Python divides and drops the rest?",
            "And which way does a gradient go: may k be later than t?",
        ],
        then="of all pairs with k ≤ t in 24 steps, which part arrives with pieces of 8?",
    )


class _AtEveryRow(nn.Module):
    """The reader of the lesson, asked after every row."""

    def __init__(self) -> None:
        super().__init__()
        self.reader = SequenceClassifier(inputs=8, units=64, classes=10)

    def forward(self, rows: Tensor) -> Tensor:
        return self.reader.read(rows)


def _early() -> Challenge:
    updates = 500

    def measure(answer: Any) -> Iterator[Score]:
        learn, test = digits()
        rows = len(learn.sequences)
        given = answer(rows)
        try:
            weights = torch.as_tensor(given, dtype=torch.float32)
        except (TypeError, ValueError, RuntimeError):
            raise UnfitError(f"This is no list of numbers: {given!r}.") from None
        if tuple(weights.shape) != (rows,):
            raise UnfitError(f"There are {rows} rows, and {weights.numel()} weights came back.")
        if not bool((weights >= 0).all()) or not math.isfinite(float(weights.sum())) or not weights.any():
            raise UnfitError("A weight is 0 or above, and at least one of them above.")
        model, count = _AtEveryRow(), len(learn.targets)
        data = (learn.sequences, learn.targets.expand(rows, -1), weights[:, None].expand(rows, count))
        training = train(model, data, loss=cross_entropy, learning_rate=0.003, batch=50, steps=updates)
        for step in training:
            if (step.number + 1) % 50 == 0:
                yield score(model, test, (step.number + 1) / updates)

    def score(model: _AtEveryRow, test: Any, done: float) -> Score:
        with torch.no_grad():
            right = (model(test.sequences).argmax(-1) == test.targets).float().mean(1)
        half, whole = 100 * float(right[3]), 100 * float(right[-1])
        said = f"After row 4 it is right about {half:.0f} % of the time, after row 8 {whole:.0f} %."
        return Score((half + whole) / 2, done=done, says=said)

    return Challenge(
        "early",
        measure,
        goal=80,
        measures="% right, after row 4 and row 8 together",
        marks={"asked at the last row": 48, "asked at every row": 71.5},
        seconds=60,
        lesson="04",
        hints=[
            "A network learns what it is asked, where it is asked. Where is this one tried?",
            "Every row that counts takes some of the same 64 units. Which rows need not count?",
            "And if it is strong at one of the two rows and weak at the other: a weight need not be 1.",
        ],
        then="the other rows have not been asked for. How good is it after row 6, and why?",
    )

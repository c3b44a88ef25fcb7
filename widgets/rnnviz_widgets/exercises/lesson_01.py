"""Exercises of lesson 01, sequences and memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from rnnviz.data import Tank, make_storms, measure_padding
from rnnviz.models import compare_costs
from rnnviz_widgets.challenge import Challenge, Score
from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property, UnfitError, describe_shape


def make_exercises() -> list[Check | Challenge]:
    """Return the exercises in the order of the lesson."""
    return [
        _padding_share(),
        _influence(),
        _count_weights(),
        _run_on(),
        _mend_the_window(),
        _keep_the_level(),
    ]


def _padding_share() -> Check:
    def right(lengths: list[int], size: int) -> float:
        places = list(range(len(lengths)))
        batches = [places[start : start + size] for start in range(0, len(lengths), size)]
        return measure_padding(lengths, batches).share

    return Check(
        "padding-share",
        lesson="01",
        properties=[
            Property("Where all lengths are alike, nothing is padding.", holds=_alike_is_free),
            Property(
                "The share is that of all batches together.",
                right,
                advice="A batch computes its longest length, once for each of its sequences. The last may be smaller.",
            ),
        ],
        returns="number",
        fair=lambda lengths, size: size > 0 and len(lengths) > 0 and min(lengths) > 0,
        inputs=[
            ([2], 1),
            ([3, 3], 2),
            ([1, 3], 2),
            ([1, 1, 1], 2),
            ([1, 3, 2], 2),
            ([2, 2, 5, 1], 2),
            ([1, 9, 2, 8, 3], 3),
            ([7, 1, 1, 1], 1),
            ([5, 2], 4),
            ([4, 1, 6, 2, 9, 3, 5], 3),
            ([2, 9, 4, 4, 1, 7], 4),
        ],
        hints=[
            "A batch is a block: as many columns as it has sequences, as many steps as its longest.",
            "`len(batch) * max(batch)` steps are computed for it. `sum(lengths)` of all are real.",
            "The share of the padding is `1 - real / computed`.",
        ],
        then="in which order should the lengths come, so that the share is as small as it can be?",
    )


def _alike_is_free(share: float, lengths: list[int], size: int) -> bool | str:
    if len(set(lengths)) > 1 or abs(share) < 1e-6:
        return True
    return f"All have the length {lengths[0]}, so nothing is padded. The share came out as {share:.3g}."


@dataclass(frozen=True)
class Window:
    """A model of the exercise that adds up its last inputs, with the weights given, the present one's first."""

    weights: tuple[float, ...]

    def __call__(self, x: Tensor) -> Tensor:
        """Answer a sequence: (time,) → (time,)."""
        y = torch.zeros_like(x)
        for age, weight in enumerate(self.weights[: len(x)]):
            y[age:] = y[age:] + weight * x[: len(x) - age]
        return y


@dataclass(frozen=True)
class Echo:
    """A model of the exercise that hears its own last output with this weight, and applies tanh."""

    weight: float

    def __call__(self, x: Tensor) -> Tensor:
        """Answer a sequence: (time,) → (time,)."""
        y = torch.zeros(())
        outputs = []
        for x_t in x:
            y = torch.tanh(x_t + self.weight * y)
            outputs.append(y)
        return torch.stack(outputs)


@dataclass(frozen=True)
class Mixer:
    """A model of the exercise that multiplies each input by all before it, so that influences have any sign."""

    shift: float

    def __call__(self, x: Tensor) -> Tensor:
        """Answer a sequence: (time,) → (time,)."""
        return x * (self.shift + x.cumsum(0) - x)


Model = Callable[[Tensor], Tensor]
MODELS: tuple[Model, ...] = (Window((1.0, -0.5, 2.0)), Echo(-0.75), Mixer(-1.0), Window((-2.0, 0.5)))


def _influence() -> Check:
    def inputs(draw: Draw, steps: int, at: int) -> tuple[Model, Tensor, int, float]:
        model, size = MODELS[int(draw.whole(0, 3))], (0.5, 0.25, 2.0)[int(draw.whole(0, 2))]
        return model, draw(steps), min(at, steps - 1), size

    def right(model: Model, x: Tensor, at: int, size: float) -> Tensor:
        changed = x.clone()
        changed[at] += size
        return (model(changed) - model(x)) / size

    def fair(model: Model, x: Tensor, at: int, size: float) -> bool:
        return at < len(x) and size > 0

    def future_only(moved: Tensor, model: Model, x: Tensor, at: int, size: float) -> bool | str:
        if (said := describe_shape(x.shape, moved)) is not None:
            return said
        if moved[:at].any():
            return f"An output before step {at} moved. Nothing may be changed but the input of step {at}."
        return True

    return Check(
        "influence",
        lesson="01",
        properties=[
            Property("No output before the change moves.", holds=future_only),
            Property(
                "Each output's move is measured per unit of change.",
                right,
                tolerance=1e-4,
                advice="The model runs twice: with the change and without it. What is divided by `size`?",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"steps": (1, 2, 3, 5), "at": (0, 1, 3)},
        fair=fair,
        hints=[
            "`changed[at] += size` changes one input of the copy, and leaves `x` as it was.",
            "The outputs with the change minus those without it: `model(changed) - model(x)`.",
            "Per unit of change: divided by `size`.",
        ],
        then="what comes out for a linear model if you make the change a thousand times larger? And for tanh?",
    )


def _count_weights() -> Check:
    def right(N: int, features: int, units: int) -> tuple[int, int, int]:
        costs = compare_costs(N, features=features, units=units)
        return costs["window"].parameters, costs["feedback"].parameters, costs["state"].parameters

    def one_of(place: int, name: str) -> Callable[..., bool | str]:
        def holds(count: int, N: int, features: int, units: int) -> bool | str:
            wanted = right(N, features, units)[place]
            return count == wanted or f"For the {name}, {count} came out instead of {wanted}."

        return holds

    return Check(
        "count-weights",
        lesson="01",
        properties=[
            Property(
                "The window is counted right.",
                holds=one_of(0, "window"),
                part=0,
                advice="It reads N steps *and* the present one.",
            ),
            Property(
                "The feedback model is counted right.",
                holds=one_of(1, "feedback"),
                part=1,
                advice="It reads the features of one step, and its one last output.",
            ),
            Property(
                "The state-space model is counted right.",
                holds=one_of(2, "state"),
                part=2,
                advice="f gives `units` numbers, each from all features and all units. g gives one.",
            ),
        ],
        returns=("whole number", "whole number", "whole number"),
        fair=lambda N, features, units: features > 0 and units > 0,
        inputs=[
            (0, 1, 1),
            (1, 1, 1),
            (3, 1, 2),
            (10, 2, 1),
            (4, 5, 3),
            (30, 3, 8),
            (1000, 2, 100),
        ],
        hints=[
            "A layer from `a` numbers to `b` numbers has `a * b` weights and `b` biases.",
            "The window is a layer from `features * (N + 1)` numbers to 1.",
            "The state-space model has two layers: from `features + units` to `units`, and from `units` to 1.",
        ],
        then="from which N on does a state of 8 units have fewer weights than the window, with one feature?",
    )


@dataclass(frozen=True)
class Line:
    """A function of the exercise: ``slope * s + shift``."""

    slope: float
    shift: float

    def __call__(self, s: float) -> float:
        """Move one state on."""
        return self.slope * s + self.shift


@dataclass(frozen=True)
class Bend:
    """A function of the exercise that is no line: ``s² + shift``."""

    shift: float

    def __call__(self, s: float) -> float:
        """Move one state on."""
        return s * s + self.shift


def _run_on() -> Check:
    def right(f: Callable[[float], float], start: float, steps: int) -> list[float]:
        states, state = [], start
        for _ in range(steps):
            state = f(state)
            states.append(state)
        return states

    def one_a_step(states: Tensor, f: Callable[[float], float], start: float, steps: int) -> bool | str:
        if states.dim() == 0:
            return "A single number came back; it should be a list of them."
        if len(states) != steps:
            return f"{len(states)} came back instead of {steps}, one for each step."
        return describe_shape((steps,), states) or True

    return Check(
        "run-on",
        lesson="01",
        properties=[
            Property("There is a state for each step.", holds=one_a_step),
            Property(
                "Each state is f of the one before.",
                right,
                advice="The first is f(start), the second f(f(start)).",
            ),
        ],
        returns="tensor",
        fair=lambda f, start, steps: steps > 0,
        inputs=[
            (Line(2.0, 0.0), 1.0, 1),
            (Line(2.0, 0.0), 1.0, 3),
            (Line(-0.5, 0.0), 4.0, 3),
            (Line(0.5, 1.0), 0.0, 4),
            (Line(1.0, 1.0), 0.0, 2),
            (Line(-2.0, 0.5), -1.0, 5),
            (Bend(-1.0), 0.5, 6),
        ],
        hints=[
            "Keep the state in a variable that survives from turn to turn, and start it with `start`.",
            "In each turn: `state = f(state)`, then append it.",
        ],
        then="for f(s) = s / 2 + 1, where does it end up, and does the start matter?",
    )


# As the lesson's faulty cell has it: half of the padding stands behind, so that the window reaches into the future.
def _slide_centred(x: Tensor, weights: Tensor) -> Tensor:
    back = len(weights) - 1
    padded = torch.cat([torch.zeros(back // 2), x, torch.zeros(back - back // 2)])
    return torch.stack([padded[t : t + back + 1] @ weights for t in range(len(x))])


def _slide_back(x: Tensor, weights: Tensor) -> Tensor:
    padded = torch.cat([torch.zeros(len(weights) - 1), x])
    return torch.stack([padded[t : t + len(weights)] @ weights for t in range(len(x))])


def _mend_the_window() -> Check:
    def one_a_step(y: Tensor, x: Tensor, weights: Tensor) -> bool | str:
        return describe_shape(x.shape, y) or True

    def first_alone(y: Tensor, x: Tensor, weights: Tensor) -> bool | str:
        if (said := describe_shape(x.shape, y)) is not None:
            return said
        if abs(float(y[0] - weights[-1] * x[0])) < 1e-5:
            return True
        return f"At step 0 only x[0] is known, and its weight is the last, {weights[-1]:.3g}. Yet {y[0]:.3g} came out."

    return Check(
        "mend-the-window",
        lesson="01",
        broken=_slide_centred,
        properties=[
            Property("There is an answer for every step.", holds=one_a_step),
            Property("The answer of step 0 is made of step 0 alone.", holds=first_alone),
            Property("Each answer is made of its step and those before.", _slide_back),
        ],
        returns="tensor",
        inputs=lambda draw, steps, reach: (draw(steps), draw(reach)),
        sizes={"steps": (1, 2, 4, 6), "reach": (1, 2, 3, 4)},
        hints=[
            "Give it an impulse at step 3, and look at the answers of steps 0, 1 and 2.",
            "An input cannot change earlier answers. Which steps does `padded[t : t + back + 1]` hold at t = 0?",
        ],
        then="`torch.nn.Conv1d(…, padding='same')` does what the broken one did. When is that right?",
    )


def _keep_the_level() -> Challenge:
    tank, storms = Tank(), make_storms(steps=200, batch=32, seed=2024)

    def measure(make: Callable[[], Any]) -> Score:
        control = make()
        if not callable(control):
            raise UnfitError(
                f"make_controller returned a {type(control).__name__}; it should return a function."
            )

        def bounded(level: Tensor, gauge: Tensor) -> Tensor:
            opening = control(level, gauge)
            if isinstance(opening, int | float):
                opening = torch.full_like(level, float(opening))
            if not isinstance(opening, Tensor) or opening.shape != level.shape:
                shape = tuple(opening.shape) if isinstance(opening, Tensor) else type(opening).__name__
                raise UnfitError(
                    f"It returned {shape} for a level of {tuple(level.shape)}; one opening a tank is due."
                )
            if not bool(opening.isfinite().all()):
                raise UnfitError("It returned an opening that is no number.")
            return opening

        with torch.no_grad():
            run = tank.run(storms, bounded)
        spilled = (run.level >= tank.height).float().mean().item()
        says = f"The tank was full {spilled:.0%} of the time." if spilled > 0 else "Nothing spilled."
        return Score(run.miss(tank.mark).item(), says=says)

    return Challenge(
        "keep-the-level",
        measure,
        goal=8,
        measures="cm off, on average",
        marks={"a valve that stays shut": 49, "the best threshold": 13.7},
        lower=True,
        lesson="01",
        hints=[
            "How much water is on its way at a moment? It passed the gauge in the last six steps.",
            "Add what will arrive to the level. How far does the valve have to open to bring that back to 50?",
            "A valve that aims too far ahead swings. Which of the last six readings arrive while it is still opening?",
        ],
        then="the trained controller comes to about 6 cm. What might it know that your rule does not?",
    )

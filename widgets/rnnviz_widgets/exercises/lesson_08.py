"""Exercises of lesson 08, deep RNNs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from rnnviz.data import draw_drives
from rnnviz.models import CarForecaster, draw_car_batches, measure_miss
from rnnviz.training import DivergenceError, mean_squared_error, train
from rnnviz_widgets.challenge import Challenge, Score
from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property, UnfitError, describe_difference, describe_shape

#: The challenge: updates, and what one layer of 16 tanh units, a Kalman filter and no filter reach.
UPDATES = 400


def make_exercises() -> list[Check | Challenge]:
    """Return the exercises in the order of the lesson."""
    return [_stack(), _both_ways(), _alarms(), _car()]


def _run_layer(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    """Run one tanh layer: (time, batch, features) → (time, batch, units)."""
    h, states = x.new_zeros(x.shape[1], len(b)), []
    for step in x:
        h = torch.tanh(step @ W_x.T + h @ W_h.T + b)
        states.append(h)
    return torch.stack(states)


def _stack() -> Check:
    def inputs(
        draw: Draw, steps: int, batch: int, features: int, units: int, more: int
    ) -> tuple[Tensor, ...]:
        lower = draw(units, features), draw(units, units), draw(units)
        upper = draw(more, units), draw(more, more), draw(more)
        return draw(steps, batch, features), *lower, *upper

    def fair(x: Tensor, V_x: Tensor, V_h: Tensor, a: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> bool:
        lower = V_x.shape == (len(a), x.shape[2]) and V_h.shape == (len(a), len(a))
        return lower and W_x.shape == (len(b), len(a)) and W_h.shape == (len(b), len(b))

    def right(x: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        lower = _run_layer(x, *weights[:3])
        upper = _run_layer(lower, *weights[3:])
        return upper, lower[-1], upper[-1]

    def compare(place: int, what: str) -> Any:
        def holds(found: tuple[Tensor, ...], x: Tensor, *weights: Tensor) -> bool | str:
            wanted = right(x, *weights)[place]
            if said := describe_shape(wanted.shape, found[place]):
                return f"{what}: {said}"
            difference = describe_difference(wanted, found[place], 1e-5)
            return difference is None or f"{what}: {difference}"

        return holds

    return Check(
        "stack",
        lesson="08",
        properties=[
            Property(
                "The lower layer's last state is that of a layer of its own.",
                holds=compare(1, "The lower layer's last state"),
                tensors=3,
                advice="The lower layer reads x, and goes on from its own state alone.",
            ),
            Property(
                "The upper layer reads what the lower one shows at the same step.",
                holds=compare(0, "The outputs"),
                tensors=3,
                advice="At step t the upper layer reads what the lower one has just made, not its state before.",
            ),
            Property(
                "There is one last state for each layer.",
                holds=compare(2, "The upper layer's last state"),
                tensors=3,
            ),
        ],
        inputs=inputs,
        sizes={
            "steps": (1, 2, 3, 5),
            "batch": (1, 2, 3),
            "features": (1, 2, 4),
            "units": (1, 2, 3),
            "more": (1, 2, 4),
        },
        fair=fair,
        hints=[
            "How many states are there to carry from step to step?",
            "Both layers can move in one loop over the steps. What does the upper one read at step t?",
            "Collect the upper layer's states; at the end hand out the last state of each layer as well.",
        ],
        then="what changes if the upper layer reads the lower one's states from the last step to the first?",
    )


def _faulty_both_ways(
    x: Tensor, V_x: Tensor, V_h: Tensor, a: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor
) -> Any:
    def run(steps, W_x, W_h, b):  # type: ignore[no-untyped-def]
        states = [torch.zeros(x.shape[1], len(b))]
        for step in steps:
            states.append(torch.tanh(step @ W_x.T + states[-1] @ W_h.T + b))
        return torch.stack(states[1:])

    there, back = run(x, V_x, V_h, a), run(x.flip(0), W_x, W_h, b)  # type: ignore[no-untyped-call]
    return torch.cat([there, back], dim=-1)


def _both_ways() -> Check:
    def inputs(
        draw: Draw, steps: int, batch: int, features: int, units: int, more: int
    ) -> tuple[Tensor, ...]:
        there = draw(units, features), draw(units, units), draw(units)
        back = draw(more, features), draw(more, more), draw(more)
        return draw(steps, batch, features), *there, *back

    def fair(x: Tensor, V_x: Tensor, V_h: Tensor, a: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> bool:
        there = V_x.shape == (len(a), x.shape[2]) and V_h.shape == (len(a), len(a))
        return there and W_x.shape == (len(b), x.shape[2]) and W_h.shape == (len(b), len(b))

    def shape(both: Tensor, x: Tensor, V_x: Tensor, V_h: Tensor, a: Tensor, *others: Tensor) -> bool | str:
        units = len(a) + len(others[-1])
        return describe_shape((x.shape[0], x.shape[1], units), both) or True

    def forward(both: Tensor, x: Tensor, *weights: Tensor) -> bool | str:
        if (said := shape(both, x, *weights)) is not True:
            return said
        wanted = _run_layer(x, *weights[:3])
        difference = describe_difference(wanted, both[..., : wanted.shape[2]], 1e-5)
        return difference is None or f"The first part, which reads forward: {difference}"

    def backward(both: Tensor, x: Tensor, *weights: Tensor) -> bool | str:
        if (said := shape(both, x, *weights)) is not True:
            return said
        wanted = _run_layer(x.flip(0), *weights[3:]).flip(0)
        difference = describe_difference(wanted, both[..., -wanted.shape[2] :], 1e-5)
        return difference is None or f"The second part, which reads backward: {difference}"

    return Check(
        "both-ways",
        lesson="08",
        broken=_faulty_both_ways,
        properties=[
            Property("Both parts stand side by side, at every step.", holds=shape, tensors=1),
            Property("The first part has read everything up to its step.", holds=forward, tensors=1),
            Property(
                "The second part has read everything from the end down to its step.",
                holds=backward,
                tensors=1,
                advice="Which step of x had the backward reader read when it made its first state?",
            ),
        ],
        inputs=inputs,
        sizes={
            "steps": (1, 2, 3, 5),
            "batch": (1, 2, 3),
            "features": (1, 2, 4),
            "units": (1, 2, 3),
            "more": (1, 2, 4),
        },
        fair=fair,
        hints=[
            "Try it with a single step: it is right. With two steps it is not. What is different?",
            "The backward reader makes its states in the order in which it reads. In which order are they needed?",
        ],
        then="which of the backward states has read the whole sequence?",
    )


def _alarms() -> Check:
    def inputs(draw: Draw, pieces: int) -> tuple[Tensor, Tensor, Tensor]:
        # One piece at least raises an alarm and one is faulty: else there is nothing to divide by.
        surprise = draw(pieces).abs() + 0.03 * torch.arange(pieces)
        faulty = draw(pieces) > 0
        faulty[pieces // 2] = True
        return surprise, faulty, (surprise.min() + surprise.max()) / 2

    def fair(surprise: Tensor, faulty: Tensor, threshold: Tensor) -> bool:
        # With no alarm, or no defect, one of the two is a division by nothing.
        alarms = surprise > threshold
        apart = bool(((surprise - threshold).abs() > 1e-4).all())
        return surprise.shape == faulty.shape and apart and bool(alarms.any()) and bool(faulty.any())

    def right(surprise: Tensor, faulty: Tensor, threshold: Tensor) -> tuple[float, float]:
        alarms, truth = surprise > threshold, faulty.bool()
        hits = float((alarms & truth).sum())
        return hits / float(alarms.sum()), hits / float(truth.sum())

    def compare(place: int, what: str) -> Any:
        def holds(found: tuple[Tensor, ...], *case: Tensor) -> bool | str:
            wanted = torch.tensor(right(*case)[place])
            if said := describe_shape((), found[place]):
                return f"{what}: {said}"
            if abs(float(found[place]) - float(wanted)) < 1e-5:
                return True
            return f"{what} came out as {float(found[place]):.3g} and should be {float(wanted):.3g}."

        return holds

    return Check(
        "alarms",
        lesson="08",
        properties=[
            Property(
                "Precision: of the alarms, how many were right?",
                holds=compare(0, "Precision"),
                tensors=2,
                advice="An alarm is a piece whose surprise is above the threshold. How many of them are faulty?",
            ),
            Property(
                "Recall: of the faulty pieces, how many raised an alarm?",
                holds=compare(1, "Recall"),
                tensors=2,
                advice="The numerator is the same. By what do you divide?",
            ),
        ],
        inputs=inputs,
        sizes={"pieces": (4, 5, 6, 9, 12)},
        fair=fair,
        hints=[
            "Both are shares of the same thing: pieces that raised an alarm and are faulty. Count these first.",
            "`surprise > threshold` is a mask of alarms; masks are combined by `&` and counted by `.sum()`.",
        ],
        then="which threshold makes recall 1, whatever the network? What is precision then?",
    )


def _car() -> Challenge:
    return Challenge(
        "car-far",
        _measure_car,
        10.0,
        measures="metres off, 5 s ahead",
        lower=True,
        marks={"a Kalman filter": 16.1, "one tanh layer of 16": 11.9},
        seconds=60,
        hints=[
            "How much must be kept to know that a car is braking for a turn, and how much is 16 numbers?",
            "Try one wider layer, then two. `Stack` takes a list of `Floor(units, cell)`.",
            "400 updates are few. A layer that learns fast may beat one that could learn more.",
        ],
        then="does a third layer help, or does it only need more updates?",
    )


def _measure_car(build: Any) -> Iterator[Score]:
    """Train what the student built on drives, and measure how far off it is on others."""
    stack = build()
    if not isinstance(stack, nn.Module):
        raise UnfitError(f"`build` returns a {type(stack).__name__}; it should return a torch.nn.Module.")
    model = _wrap(stack)
    measured, truth = draw_drives(40, seed=77)
    training = train(
        model,
        draw_car_batches(seed=1),
        loss=mean_squared_error,
        learning_rate=0.005,
        clip_norm=1.0,
        steps=UPDATES,
        seed=7,
    )
    try:
        for step in training:
            if step.number % 50 == 49:
                yield _score(model, measured, truth, (step.number + 1) / UPDATES)
    except DivergenceError:
        yield Score(math.nan)


def _wrap(stack: nn.Module) -> CarForecaster:
    """Put the student's network in the place of the stack of a `CarForecaster`."""
    said = stack(torch.zeros(3, 2, 4))
    hidden = said[0] if isinstance(said, tuple) else said
    if not isinstance(hidden, Tensor) or hidden.dim() != 3 or hidden.shape[:2] != (3, 2):
        found = tuple(hidden.shape) if isinstance(hidden, Tensor) else type(hidden).__name__
        raise UnfitError(
            f"From inputs (time, batch, 4) = (3, 2, 4) the network makes {found}; it should be states, (3, 2, units), "
            "alone or first of a pair."
        )
    model = CarForecaster([1])
    model.stack = _Paired(stack)  # type: ignore[assignment]
    model.correct = nn.Linear(hidden.shape[2], 2 * model.horizon)
    nn.init.zeros_(model.correct.weight)
    nn.init.zeros_(model.correct.bias)
    return model


class _Paired(nn.Module):
    """A network whose answer is its states, alone or with more, made to answer with a pair."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, inputs: Tensor) -> tuple[Tensor, Sequence[Tensor]]:
        said = self.network(inputs)
        return (said[0], ()) if isinstance(said, tuple) else (said, ())


def _score(model: CarForecaster, measured: Tensor, truth: Tensor, done: float) -> Score:
    model.eval()
    with torch.no_grad():
        miss = measure_miss(model(measured), truth)
    model.train()
    return Score(float(miss[-1]), done=done, says=f"Half a second ahead it is {miss[0]:.1f} m off.")

"""Exercises of lesson 09, reservoirs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from rnnviz.data import mackey_glass
from rnnviz.models import EchoStateNetwork
from rnnviz_widgets.challenge import Challenge, Score
from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property, UnfitError, describe_difference, describe_shape

#: The challenge: units allowed, values fitted on, places left alone at, and for how many steps.
UNITS, KNOWN, PLACES, ALONE = 50, 1000, 12, 84


def make_exercises() -> list[Check | Challenge]:
    """Return the exercises in the order of the lesson."""
    return [_reservoir(), _readout(), _fifty_units(), _count_ones()]


def _run(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor, a: Tensor | float) -> Tensor:
    h, states = x.new_zeros(x.shape[1], len(b)), []
    for step in x:
        h = (1 - a) * h + a * torch.tanh(step @ W_x.T + h @ W_h.T + b)
        states.append(h)
    return torch.stack(states)


def _reservoir() -> Check:
    def inputs(draw: Draw, steps: int, batch: int, features: int, units: int) -> tuple[Any, ...]:
        weights = draw(units, features), draw(units, units), draw(units)
        leak = 0.1 + 0.8 * float(draw(1).sigmoid())
        return draw(steps, batch, features), *weights, leak

    def fair(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor, a: float) -> bool:
        return W_x.shape == (len(b), x.shape[2]) and W_h.shape == (len(b), len(b)) and 0 < float(a) < 1

    def shape(states: Tensor, x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor, a: float) -> bool | str:
        return describe_shape((x.shape[0], x.shape[1], len(b)), states) or True

    def first(states: Tensor, *case: Any) -> bool | str:
        if (said := shape(states, *case)) is not True:
            return said
        difference = describe_difference(_run(*case)[0], states[0], 1e-5)
        return difference is None or f"The first state: {difference}"

    def later(states: Tensor, *case: Any) -> bool | str:
        if (said := shape(states, *case)) is not True:
            return said
        return describe_difference(_run(*case), states, 1e-5) or True

    return Check(
        "reservoir",
        lesson="09",
        properties=[
            Property("There is a state for every step, sequence and unit.", holds=shape, tensors=1),
            Property(
                "The first step begins at zeros, of which the leak keeps nothing.",
                holds=first,
                tensors=1,
                advice="From zeros the first state is a times what tanh gives.",
            ),
            Property(
                "Each later step keeps a share 1 − a of the state before.",
                holds=later,
                tensors=1,
                advice="The old state comes in twice: inside tanh by W_h, and outside by 1 − a.",
            ),
        ],
        inputs=inputs,
        sizes={"steps": (1, 2, 3, 5), "batch": (1, 2, 3), "features": (1, 2, 4), "units": (1, 2, 3)},
        fair=fair,
        hints=[
            "It is the loop of a plain recurrent layer. Only the line that makes the new state has something more.",
            "The new state is a mixture: so much of the old one, and so much of what tanh gives.",
        ],
        then="what does the reservoir do at a = 0, and at a = 1?",
    )


def _faulty_readout(states: Tensor, targets: Tensor, ridge: float, washout: int) -> Any:
    S = torch.cat([torch.ones(len(states), 1), states], dim=1)[washout:]
    y = targets[washout:]
    gram = S.T @ S + ridge
    return torch.linalg.solve(gram, S.T @ y)


def _solve(states: Tensor, targets: Tensor, ridge: float, washout: int) -> Tensor:
    rows = torch.cat([torch.ones(len(states), 1, dtype=torch.float64), states.double()], dim=1)[washout:]
    gram = rows.T @ rows + ridge * torch.eye(rows.shape[1], dtype=torch.float64)
    weights: Tensor = torch.linalg.solve(gram, rows.T @ targets.double()[washout:])
    return weights


def _readout() -> Check:
    def inputs(draw: Draw, steps: int, units: int, washout: int) -> tuple[Any, ...]:
        ridge = 0.5 + float(draw(1).abs())
        return draw(steps, units), draw(steps), ridge, washout

    def fair(states: Tensor, targets: Tensor, ridge: float, washout: int) -> bool:
        return len(states) == len(targets) > int(washout) + 1 and float(ridge) > 0.1 and int(washout) >= 0

    def shape(weights: Tensor, states: Tensor, *others: Any) -> bool | str:
        return describe_shape((states.shape[1] + 1,), weights) or True

    def optimal(weights: Tensor, states: Tensor, targets: Tensor, ridge: float, washout: int) -> bool | str:
        if (said := shape(weights, states)) is not True:
            return said
        wanted = _solve(states, targets, float(ridge), int(washout))
        return describe_difference(wanted, weights, 1e-4) or True

    return Check(
        "readout",
        lesson="09",
        broken=_faulty_readout,
        properties=[
            Property("There is a weight for the constant and one for each unit.", holds=shape, tensors=1),
            Property(
                "No other weights have a smaller squared error plus ridge times squared size.",
                holds=optimal,
                tensors=1,
                advice="Compare each line with the formula. What is λ multiplied by, before it is added?",
            ),
        ],
        inputs=inputs,
        sizes={"steps": (8, 9, 12, 20), "units": (1, 2, 3, 4), "washout": (0, 1, 3)},
        fair=fair,
        hints=[
            "With a ridge of 0 the function would be right. So it is the ridge that goes wrong.",
            "A number that is added to a matrix is added to each of its entries. Where does the formula add it?",
        ],
        then="what happens to the weights as the ridge grows, and what does the forecast become?",
    )


def _fifty_units() -> Challenge:
    return Challenge(
        "fifty-units",
        _measure_alone,
        0.03,
        measures="of the deviation, alone for 84 steps",
        lower=True,
        marks={"ρ = 0.8, leak 0.3": 0.087},
        seconds=20,
        hints=[
            "The series goes slowly: look at its humps in the toy. Which knob makes units slow?",
            "In the toy, choose 50 units and watch the number beside the forecast while you turn the leak.",
            "Draws differ. When the knobs are about right, try other seeds, and ask yourself whether that is fair.",
        ],
        then="is your network still the best one on another stretch of the series?",
    )


def _measure_alone(build: Any) -> Iterator[Score]:
    """Fit the readout of what the student built, and leave it alone at several places of the series."""
    network = build()
    if not isinstance(network, EchoStateNetwork):
        raise UnfitError(
            f"`build` returns a {type(network).__name__}; it should return an EchoStateNetwork of at most "
            f"{UNITS} units."
        )
    if network.units > UNITS or network.weight_ih.shape[1] != 1:
        raise UnfitError(
            f"The network has {network.units} units and {network.weight_ih.shape[1]} inputs; at most {UNITS} units and "
            "one input are allowed."
        )
    values = mackey_glass(KNOWN + 200 * (PLACES + 1), seed=5).values
    series = torch.tanh(torch.tensor(values, dtype=torch.float64) - 1).reshape(-1, 1, 1)
    with torch.no_grad():
        network.fit(series[:KNOWN], series[1 : KNOWN + 1], ridge=1e-8)
        places = [KNOWN + 200 * k for k in range(1, PLACES + 1)]
        states, _ = network(series[: places[-1] + 1])
        first = torch.cat([series[at] for at in places])
        alone = network.generate(first, ALONE, torch.cat([states[at - 1] for at in places]))
    truth = torch.stack([series[at + 1 : at + 1 + ALONE, 0] for at in places], dim=1)
    errors = (alone - truth).square().mean(dim=(0, 2)).sqrt() / series.std()
    score = float(errors.median())
    yield Score(
        score if math.isfinite(score) else math.nan,
        says=f"At the best of the {PLACES} places it errs by {float(errors.min()):.2g}, at the worst by "
        f"{float(errors.max()):.2g}.",
    )


def _count_ones() -> Check:
    def inputs(draw: Draw, steps: int, batch: int) -> tuple[Tensor]:
        return ((draw(steps, batch) > 0).float(),)

    def fair(bits: Tensor) -> bool:
        return bits.dim() == 2 and bool(((bits == 0) | (bits == 1)).all())

    def shape(found: tuple[Tensor, ...], bits: Tensor) -> bool | str:
        for what, one in zip(("The factors", "The values"), found, strict=True):
            if said := describe_shape(bits.shape, one):
                return f"{what}: {said}"
        return True

    def counts(found: tuple[Tensor, ...], bits: Tensor) -> bool | str:
        if (said := shape(found, bits)) is not True:
            return said
        h = torch.ones(bits.shape[1], dtype=torch.float64)
        for t, (factor, value) in enumerate(zip(*found, strict=True)):
            h = factor.double() * h + value.double()
            wanted = 1 - 2 * (bits[: t + 1].sum(0).double() % 2)
            if not torch.allclose(h, wanted, atol=1e-4):
                at = int((h - wanted).abs().argmax())
                read = ", ".join(str(int(bit)) for bit in bits[: t + 1, at])
                return f"After the bits {read} the state is {float(h[at]):.3g} and should be {float(wanted[at]):.0f}."
        return True

    def alone(found: tuple[Tensor, ...], bits: Tensor) -> bool | str:
        if (said := shape(found, bits)) is not True:
            return said
        for what, one in zip(("factor", "value"), found, strict=True):
            for bit in (0, 1):
                there = one[bits == bit]
                if len(there) and float(there.max() - there.min()) > 1e-4:
                    return (
                        f"At some steps with a {bit} the {what} is {float(there.min()):.3g}, at others "
                        f"{float(there.max()):.3g}; it has looked at other steps."
                    )
        return True

    return Check(
        "count-ones",
        lesson="09",
        properties=[
            Property("There is a factor and a value for each bit.", holds=shape, tensors=2),
            Property(
                "Factor and value depend on the bit of their own step only.",
                holds=alone,
                tensors=2,
                advice="A scan needs them before any state is known, so nothing may be counted here.",
            ),
            Property(
                "The state is 1 after an even number of ones, and −1 after an odd one.",
                holds=counts,
                tensors=2,
                advice="What has to happen to the state at a 1, and what at a 0?",
            ),
        ],
        inputs=inputs,
        sizes={"steps": (1, 2, 4, 6), "batch": (1, 2, 3)},
        fair=fair,
        hints=[
            "At a 0 nothing changes: which factor, and which value, leave the state as it is?",
            "At a 1 the state changes from 1 to −1, and from −1 to 1. Which factor does both?",
        ],
        then="could you do it with factors between 0 and 1, if the state had two units?",
    )

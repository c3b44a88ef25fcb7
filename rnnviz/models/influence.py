"""How far one input reaches: its influence on every output, measured and judged."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Influence", "Verdict", "judge_response", "measure_influence"]

FEWEST_STEPS = 8
"""A response shorter than this is not judged."""
SHORT_FATES = {"short": "Too few steps are left to say.", "nothing": "Nothing is ever felt of it."}


@dataclass(frozen=True, eq=False)
class Influence:
    """How much an input of step ``at`` moves each output, per unit of change.

    Attributes
    ----------
    at : int
        The step whose input was changed.
    measured : Tensor, shape (time, batch, output)
        The outputs with the change minus those without, divided by the size of the change.
    exact : Tensor, shape (time, batch, output)
        The derivative of each output by that input, which `measured` nears for ever smaller changes.
    """

    at: int
    measured: Tensor
    exact: Tensor

    def __repr__(self) -> str:
        steps, batch, outputs = self.measured.shape
        return f"Influence(at={self.at}, time={steps}, batch={batch}, output={outputs})"


def measure_influence(
    model: nn.Module, x: Tensor, at: int, *, size: float = 1e-3, feature: int = 0
) -> Influence:
    """Change one input a little, run the model again, and see which outputs move.

    Parameters
    ----------
    model : torch.nn.Module
        Gives (time, batch, output) for (time, batch, feature); of several results, as torch's recurrent layers
        have, the first counts.
    x : Tensor, shape (time, batch, feature)
        The inputs to start from. All sequences of the batch are changed.
    at : int
        The step whose input is changed.
    size : float, default 0.001
        By how much. With zeros for inputs and a size of 1 the result is the response to an impulse.
    feature : int, default 0
        Which of the inputs of that step.

    Returns
    -------
    Influence
        Measured by the change, and the exact derivative beside it.

    Raises
    ------
    ValueError
        If the inputs are not (time, batch, feature), there is no such step or feature, or the size is 0.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import FiniteResponse, measure_influence
    >>> model = FiniteResponse(history=2, activation="linear")
    >>> influence = measure_influence(model, torch.randn(6, 1, 1), at=1)
    >>> influence.measured.flatten().abs() > 1e-3  # steps 1 to 3 hear of step 1, and no others
    tensor([False,  True,  True,  True, False, False])
    """
    if x.dim() != 3:
        raise ValueError(f"x has shape {tuple(x.shape)}; it must be (time, batch, feature).")
    if not 0 <= at < len(x):
        raise ValueError(f"at is {at}; the inputs have the steps 0 to {len(x) - 1}.")
    if not 0 <= feature < x.shape[2]:
        raise ValueError(f"feature is {feature}; the inputs have the features 0 to {x.shape[2] - 1}.")
    if size == 0 or not math.isfinite(size):
        raise ValueError(f"size is {size}; the change must be a number other than 0.")
    direction = torch.zeros_like(x)
    direction[at, :, feature] = 1.0

    def run(inputs: Tensor) -> Tensor:
        result: Any = model(inputs)
        outputs: Tensor = result[0] if isinstance(result, tuple) else result
        return outputs

    with torch.no_grad():
        measured = (run(x + size * direction) - run(x)) / size
    # Backward twice: fused recurrent layers have no forward-mode derivative.
    exact: Tensor = torch.autograd.functional.jvp(  # type: ignore[no-untyped-call]
        run, x.detach(), direction
    )[1]
    return Influence(at, measured, exact.detach())


@dataclass(frozen=True)
class Verdict:
    """How a response goes on, as numbers and, with ``str``, in words.

    Attributes
    ----------
    fate : str
        "nothing", "stops", "decays", "stays", "grows", "explodes", or "short", where there is too little to see.
    period : float
        Steps from one high to the next where the response swings between plus and minus; 0 where it does not.
    steps : int
        Steps in which it can be felt, where it stops; after which half is gone, where it decays so far; else 0.
    rate : float
        Factor a step in the second half.
    left : float
        Last value over the first, without signs.
    """

    fate: str
    period: float = 0.0
    steps: int = 0
    rate: float = 0.0
    left: float = 0.0

    def __str__(self) -> str:
        if self.fate in SHORT_FATES:
            return SHORT_FATES[self.fate]
        if self.fate == "stops":
            return f"Stops dead: felt for {_count_steps(self.steps)}, then nothing at all."
        rings = f"up and down every {_tenths(self.period)} steps, " if self.period > 0 else ""
        name = f"Rings and {self.fate}" if rings else self.fate.capitalize()
        if self.fate in {"grows", "explodes"}:
            endless = math.isinf(self.rate)
            return f"{name}: {rings}{'beyond all numbers' if endless else _percent(self.rate - 1) + ' more each step'}."
        if self.fate == "decays" and self.steps:
            return f"{name}: {rings}half is gone after {_count_steps(self.steps)}."
        still = f"{_percent(self.left)} is still there at the end"
        if self.fate == "decays":
            return f"{name}: {rings}slowly, {still}."
        return f"{'Rings on' if rings else 'Stays'}: {rings}{still}."


def judge_response(response: Sequence[float], envelope: Sequence[float] | None = None) -> Verdict:
    """Say how a response goes on: whether it stops, decays, stays or explodes, and whether it rings.

    Parameters
    ----------
    response : sequence of float
        From the step of the impulse on.
    envelope : sequence of float, optional
        How much of the impulse is there, whatever its sign at the moment: the length of the state. Without it,
        the size of the response.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> from rnnviz.models import judge_response
    >>> print(judge_response([1.0, 1, 1, 0, 0, 0, 0, 0]))
    Stops dead: felt for 3 steps, then nothing at all.
    >>> print(judge_response([(-0.9) ** t for t in range(40)]))
    Rings and decays: up and down every 2 steps, half is gone after 7 steps.
    >>> print(judge_response([1.1**t for t in range(40)]))
    Explodes: 10 % more each step.
    """
    values = [float(value) for value in response]
    size = [abs(float(value)) for value in (values if envelope is None else envelope)]
    if not all(map(math.isfinite, [*values, *size])):
        return Verdict("explodes", rate=math.inf, left=math.inf)
    peak = max(size, default=0.0)
    if peak == 0:
        return Verdict("nothing")
    last = max(step for step, value in enumerate(size) if value > 0)
    # What has faded to the last digit of a number may round to 0; it did not stop there.
    if last < len(size) - 1 and size[last] > 1e-12 * peak:
        return Verdict("stops", steps=last + 1)
    if len(size) < FEWEST_STEPS:
        return Verdict("short")
    half, end, width = len(size) // 2, len(size) - 1, len(size) // 8
    # The highest of some steps, since the length of a turning state may wobble.
    early, late = max(size[half : half + width]), max(size[-width:])
    rate = (late / early) ** (1 / (len(size) - width - half)) if early > 0 else 0.0
    left = size[end] / size[0] if size[0] > 0 else math.inf
    fate = "decays" if rate < 0.999 else "stays" if rate <= 1.001 else "explodes" if left > 10 else "grows"
    gone = max(step for step, value in enumerate(size) if value > peak / 2) + 1
    halved = gone if fate == "decays" and gone <= end else 0
    return Verdict(fate, period=_find_period(values, peak), steps=halved, rate=rate, left=left)


def _find_period(values: list[float], peak: float) -> float:
    """Return the steps of a full swing, from where the sign changes; 0 if that is less than three times."""
    felt = [(step, value) for step, value in enumerate(values) if abs(value) > 1e-9 * peak]
    changes = [
        start + (step - start) * abs(before) / (abs(before) + abs(value))  # where a line crosses zero
        for (start, before), (step, value) in itertools.pairwise(felt)
        if before * value < 0
    ]
    return 2 * (changes[-1] - changes[0]) / (len(changes) - 1) if len(changes) >= 3 else 0.0


def _count_steps(steps: int) -> str:
    return f"{steps} step" if steps == 1 else f"{steps} steps"


def _percent(share: float) -> str:
    tenths = math.floor(1000 * share + 0.5)
    return f"{tenths // 10} %" if tenths >= 100 or tenths % 10 == 0 else f"{tenths / 10:.1f} %"


def _tenths(number: float) -> str:
    tenths = math.floor(10 * number + 0.5)
    return f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths / 10:.1f}"

"""Exercises of lesson 02, the recurrent neuron."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnviz.experiments import two_step_rnn as book
from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property


def make_exercises() -> list[Check]:
    """Return the exercises in the order of the lesson."""
    return [_step(), _side_by_side(), _detective(), _unroll()]


def _step() -> Check:
    def inputs(draw: Draw, batch: int, units: int) -> tuple[Tensor, ...]:
        return draw(batch, 3), draw(batch, units), draw(3, units), draw(units, units), draw(units)

    def right(X: Tensor, Y: Tensor, W_x: Tensor, W_y: Tensor, b: Tensor) -> Tensor:
        return torch.tanh(X @ W_x + Y @ W_y + b)

    return Check(
        "step",
        lesson="02",
        properties=[
            Property(
                "The result has a row for each instance and a column for each neuron.",
                holds=lambda new, X, Y, *_: _has_shape(new, Y.shape),
            ),
            Property("Its numbers are those of the layer's equation.", right),
        ],
        inputs=inputs,
        sizes={"batch": (1, 2, 4), "units": (1, 2, 5)},
        hints=[
            "`A @ B` multiplies two tables. `A * B` multiplies number by number, which is something else.",
            "There are three terms: the inputs' part, the last outputs' part, and the bias.",
            "Add the three, and put one `torch.tanh` around the sum.",
        ],
        then="what would you leave out for a layer without bias? And for the very first step?",
    )


def _side_by_side() -> Check:
    def inputs(draw: Draw, batch: int, units: int) -> tuple[Tensor, ...]:
        return draw(batch, 3), draw(batch, units), draw(3 + units, units), draw(units)

    def right(X: Tensor, Y: Tensor, W: Tensor, b: Tensor) -> Tensor:
        return torch.tanh(X @ W[:3] + Y @ W[3:] + b)

    return Check(
        "side-by-side",
        lesson="02",
        properties=[Property("One product gives what two products give.", right)],
        inputs=inputs,
        sizes={"batch": (1, 2, 4), "units": (1, 2, 5)},
        hints=[
            "`torch.cat([A, B], dim=…)` joins two tables, below each other or beside each other.",
            "Beside each other is `dim=1`. The inputs come first, as they do in `W`.",
        ],
        then="a layer of 100 neurons reads 3 inputs. How many rows and columns has <b>W</b>?",
    )


def _detective() -> Check:
    def explains(W_x: Tensor, X0: Tensor, Y0: Tensor) -> bool | str:
        off = float((torch.tanh(X0 @ W_x) - Y0).abs().max())
        return (
            off < book.TOLERANCE or f"The largest difference from the table is {off:.0e}; 1e-06 is asked for."
        )

    return Check(
        "detective",
        lesson="02",
        properties=[
            Property(
                "There is a row for each input and a column for each neuron.",
                holds=lambda W_x, *_: _has_shape(W_x, (3, 5)),
                shrink=False,
            ),
            Property(
                "The weights explain the published table to a millionth.",
                holds=explains,
                shrink=False,
                advice="Near, but not near enough? Then the rows close to ±1 have too much to say.",
            ),
        ],
        inputs=[(book.INPUTS[0], book.OUTPUTS[0])],
        hints=[
            "Start without the weighting: `torch.linalg.lstsq(X0, z).solution` fits one neuron.",
            "To give a row less to say, multiply it by a small number, on both sides of the equation.",
            "The small number is `1 - y**2`. For the rows of a table, write `(1 - y**2)[:, None]`.",
        ],
        then="could you have found W<sub>x</sub> with only three of the four instances? With two?",
    )


def _unroll() -> Check:
    def inputs(draw: Draw, batch: int, time: int, units: int) -> tuple[Tensor, ...]:
        return draw(batch, time, 3), draw(3, units), draw(units, units)

    def right(X: Tensor, W_x: Tensor, W_y: Tensor) -> Tensor:
        Y = torch.zeros(len(X), len(W_y))
        outputs = []
        for X_t in X.unbind(dim=1):
            Y = torch.tanh(X_t @ W_x + Y @ W_y)
            outputs.append(Y)
        return torch.stack(outputs, dim=1)

    return Check(
        "unroll",
        lesson="02",
        properties=[
            Property(
                "The result is (batch, time, neurons).",
                holds=lambda Y, X, W_x, W_y: _has_shape(Y, (*X.shape[:2], len(W_y))),
            ),
            Property(
                "Every step hands its outputs on to the next.",
                right,
                advice="Follow it by hand: at which step does it part from what is expected?",
            ),
        ],
        inputs=inputs,
        sizes={"batch": (1, 2), "time": (1, 2, 3), "units": (1, 2)},
        hints=[
            "`X[:, t]` is step t of all instances at once.",
            "Inside the loop: a new `Y` from `X[:, t]` and the old `Y`, then `outputs.append(Y)`.",
        ],
        then="which line would you change to start from a state of your own instead of zeros?",
    )


def _has_shape(tensor: Tensor, wanted: tuple[int, ...]) -> bool | str:
    if tuple(tensor.shape) == tuple(wanted):
        return True
    return f"The shape is {tuple(tensor.shape)}; it should be {tuple(wanted)}."

"""Exercises of lesson 02, the recurrent neuron."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from rnnviz.experiments import two_step_rnn as book
from rnnviz_widgets.challenge import Challenge, Score
from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property, UnfitError, describe_shape


def make_exercises() -> list[Check | Challenge]:
    """Return the exercises in the order of the lesson."""
    return [_step(), _side_by_side(), _detective(), _unroll(), _mend_the_loop(), _slow_ring()]


def _step() -> Check:
    def inputs(draw: Draw, batch: int, units: int) -> tuple[Tensor, ...]:
        return draw(batch, 3), draw(batch, units), draw(3, units), draw(units, units), draw(units)

    def right(X: Tensor, H: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
        return torch.tanh(X @ W_x + H @ W_h + b)

    return Check(
        "step",
        lesson="02",
        properties=[
            Property(
                "The result has a row for each instance and a column for each neuron.",
                holds=lambda new, X, H, *_: describe_shape(H.shape, new) or True,
            ),
            Property("Its numbers are those of the layer's equation.", right),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"batch": (1, 2, 4), "units": (1, 2, 5)},
        hints=[
            "`A @ B` multiplies two tables. `A * B` multiplies number by number, which is something else.",
            "There are three terms: the inputs' part, the last state's part, and the bias.",
            "Add the three, and put one `torch.tanh` around the sum.",
        ],
        then="what would you leave out for a layer without bias? And for the very first step?",
    )


def _side_by_side() -> Check:
    def inputs(draw: Draw, batch: int, units: int) -> tuple[Tensor, ...]:
        return draw(batch, 3), draw(batch, units), draw(3 + units, units), draw(units)

    def right(X: Tensor, H: Tensor, W: Tensor, b: Tensor) -> Tensor:
        return torch.tanh(X @ W[:3] + H @ W[3:] + b)

    return Check(
        "side-by-side",
        lesson="02",
        properties=[Property("One product gives what two products give.", right)],
        returns="tensor",
        inputs=inputs,
        sizes={"batch": (1, 2, 4), "units": (1, 2, 5)},
        hints=[
            "`torch.cat([A, B], dim=…)` joins two tables, below each other or beside each other.",
            "Beside each other is `dim=1`. The inputs come first, as they do in `W`.",
        ],
        then="a layer of 100 neurons reads 3 inputs. How many rows and columns has <b>W</b>?",
    )


def _detective() -> Check:
    def explains(W_x: Tensor, X0: Tensor, H0: Tensor) -> bool | str:
        if (said := describe_shape((3, 5), W_x)) is not None:
            return said
        off = float((torch.tanh(X0 @ W_x) - H0).abs().max())
        return (
            off < book.TOLERANCE or f"The largest difference from the table is {off:.0e}; 1e-06 is asked for."
        )

    return Check(
        "detective",
        lesson="02",
        properties=[
            Property(
                "There is a row for each input and a column for each neuron.",
                holds=lambda W_x, *_: describe_shape((3, 5), W_x) or True,
                shrink=False,
            ),
            Property(
                "The weights explain the published table to a millionth.",
                holds=explains,
                shrink=False,
                advice="Near, but not near enough? Then the rows close to ±1 count for too much.",
            ),
        ],
        returns="tensor",
        needs=["book"],
        inputs=[(book.INPUTS[0], book.OUTPUTS[0])],
        hints=[
            "Start without the weighting: `torch.linalg.lstsq(X0, z).solution` fits one neuron.",
            "To make a row count for less, multiply it by a small number, on both sides of the equation.",
            "The small number is `1 - h**2`. For the rows of a table, write `(1 - h**2)[:, None]`.",
        ],
        then="could you have found W<sub>x</sub> with only three of the four instances? With two?",
    )


def _unroll_right(X: Tensor, W_x: Tensor, W_h: Tensor) -> Tensor:
    H = torch.zeros(len(X), len(W_h))
    states = []
    for X_t in X.unbind(dim=1):
        H = torch.tanh(X_t @ W_x + H @ W_h)
        states.append(H)
    return torch.stack(states, dim=1)


def _unroll() -> Check:
    def inputs(draw: Draw, batch: int, time: int, units: int) -> tuple[Tensor, ...]:
        return draw(batch, time, 3), draw(3, units), draw(units, units)

    return Check(
        "unroll",
        lesson="02",
        properties=[
            Property(
                "The result is (batch, time, neurons).",
                holds=lambda H, X, W_x, W_h: describe_shape((*X.shape[:2], len(W_h)), H) or True,
            ),
            Property(
                "Every step hands its state on to the next.",
                _unroll_right,
                advice="Follow it by hand: at which step does it part from what is expected?",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"batch": (1, 2), "time": (1, 2, 3, 5), "units": (1, 2, 4)},
        hints=[
            "`X[:, t]` is step t of all instances at once.",
            "Inside the loop: a new `H` from `X[:, t]` and the old `H`, then `states.append(H)`.",
        ],
        then="which line would you change to start from a state of your own instead of zeros?",
    )


# As the lesson's faulty cell has it: every step is written over by the next.
def _unroll_in_place(X: Tensor, W_x: Tensor, W_h: Tensor) -> Tensor:
    H = torch.zeros(len(X), len(W_h))
    states = []
    for t in range(X.shape[1]):
        H[:] = torch.tanh(X[:, t] @ W_x + H @ W_h)
        states.append(H)
    return torch.stack(states, dim=1)


def _mend_the_loop() -> Check:
    def inputs(draw: Draw, batch: int, time: int, units: int) -> tuple[Tensor, ...]:
        return draw(batch, time, 3), draw(3, units), draw(units, units)

    def first_is_first(H: Tensor, X: Tensor, W_x: Tensor, W_h: Tensor) -> bool | str:
        if (said := describe_shape((*X.shape[:2], len(W_h)), H)) is not None:
            return said
        if torch.allclose(H[:, 0].float(), torch.tanh(X[:, 0] @ W_x), atol=1e-5):
            return True
        if X.shape[1] > 1 and torch.equal(H[:, 0], H[:, -1]):
            return "What is returned for the first step is the same as for the last."
        return "The first step heard nothing before it, so its state is tanh(X[:, 0] @ W_x)."

    return Check(
        "mend-the-loop",
        lesson="02",
        broken=_unroll_in_place,
        properties=[
            Property("The first step's state is kept as it was.", holds=first_is_first),
            Property("Every step's state is kept as it was.", _unroll_right),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"batch": (1, 2), "time": (1, 2, 3, 5), "units": (1, 3)},
        hints=[
            "Print the result for three steps. What do its steps have in common?",
            "How many tables does `torch.zeros` make, and how many does the list hold?",
            "A list holds the table itself, not its numbers of that moment: what is written later shows.",
        ],
        then="the backward pass would refuse the faulty version too. Which numbers would it miss?",
    )


def swing(W_h: Tensor, steps: int = 1000) -> Tensor:
    """Run two tanh neurons after an impulse into the first; returns what that one says, (time,)."""
    h = torch.tanh(torch.tensor([1.0, 0.0], dtype=torch.float64))
    said = [h[0]]
    for _ in range(steps - 1):
        h = torch.tanh(W_h @ h)
        said.append(h[0])
    return torch.stack(said)


def _slow_ring() -> Challenge:
    def measure(make: Callable[[], object]) -> Score:
        W_h = make()
        if not isinstance(W_h, Tensor) or W_h.shape != (2, 2) or not bool(W_h.isfinite().all()):
            got = f"a table {tuple(W_h.shape)}" if isinstance(W_h, Tensor) else f"a {type(W_h).__name__}"
            raise UnfitError(f"The answer returned {got}; it should return a tensor of 2 × 2 finite numbers.")
        late = swing(W_h.detach().double())[500:]
        highest, lowest = float(late.max()), float(late.min())
        if highest < 0.1 or lowest > -0.1:
            if highest - lowest < 1e-6 and highest > -lowest + 0.2:
                said = f"it stays at {highest:.2f}"
            else:
                said = f"it lies between {lowest:.3f} and {highest:.3f}"
            raise UnfitError(
                f"After 500 steps the first neuron no longer swings: {said}. It should reach 0.1 and −0.1."
            )
        ups = ((late[:-1] < 0) & (late[1:] >= 0)).nonzero().flatten()
        if len(ups) < 3:
            raise UnfitError(
                "Less than two whole swings fit into the last 500 steps, so they cannot be timed."
            )
        return Score(float(ups[-1] - ups[0]) / (len(ups) - 1), says=f"The swings reach {highest:.2f}.")

    return Challenge(
        "slow-ring",
        measure,
        goal=60,
        measures="steps a swing",
        marks={"one neuron alone": 2, "the slow ring above, kept alive": 8},
        lesson="02",
        hints=[
            "What does the slow ring do to the point (unit 0, unit 1), if tanh is left out? Draw three steps.",
            "It turns the point by an angle and changes its distance from 0. What does each do to the swings?",
            "A turn by φ is [[cos φ, −sin φ], [sin φ, cos φ]]. tanh takes a little away at each step.",
        ],
        then="how slow can it get, if the swings only have to reach 0.01? What does that cost?",
    )

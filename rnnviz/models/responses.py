"""Four ways to answer to a sequence: look back, hear its own last answer, keep a state, or run on alone.

Each is as small as it can be: one layer, a weighted sum and an activation. What sets them apart is what the sum
is taken over, and so how long a single input can be felt, and at what cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnviz.cells import Cell
from rnnviz.models.forecaster import initialise

__all__ = [
    "ACTIVATIONS",
    "Cost",
    "DynamicalSystem",
    "FiniteResponse",
    "OutputFeedback",
    "StateSpace",
    "compare_costs",
    "count_cost",
]

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda sums: sums,
    "tanh": torch.tanh,
    "relu": torch.relu,
}


class FiniteResponse(nn.Module):
    """A sliding window: ``y_t = f(x_t, x_{t−1}, …, x_{t−N})``.

    The same weights at every place, so it is a 1-D convolution over time. Before the first step it sees zeros.
    What lies further back than ``history`` steps it cannot know: its response to anything ends.

    Parameters
    ----------
    features, outputs : int, default 1
        Numbers a step that it reads, and gives.
    history : int
        N, the steps it looks back besides the present one.
    activation : {"tanh", "linear", "relu"}
        What is done to the weighted sum.
    bias : bool, default True
        Whether a constant is added.
    seed : int, default 0
        Of the initial weights; torch's own random numbers are left alone.

    Raises
    ------
    ValueError
        For an unknown activation or a size that is too small.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import FiniteResponse
    >>> model = FiniteResponse(history=2, activation="linear", bias=False)
    >>> _ = torch.nn.init.ones_(model.window.weight)
    >>> impulse = torch.tensor([1.0, 0, 0, 0, 0])[:, None, None]  # (time, batch, feature)
    >>> model(impulse).flatten().tolist()
    [1.0, 1.0, 1.0, 0.0, 0.0]
    """

    def __init__(
        self,
        features: int = 1,
        outputs: int = 1,
        *,
        history: int,
        activation: str = "tanh",
        bias: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__()
        _check_sizes(features=features, outputs=outputs)
        if history < 0:
            raise ValueError(f"history is {history}; it must be 0 (only the present step) or more.")
        self.history = history
        self.activation = _find_activation(activation)
        self.window = nn.Conv1d(features, outputs, history + 1, bias=bias, device="meta")
        _fill(self, seed)

    @property
    def memory(self) -> int:
        """Numbers kept from one step to the next: the inputs it will look back at."""
        return self.history * self.window.in_channels

    def forward(self, inputs: Tensor) -> Tensor:
        """Answer at every step: (time, batch, feature) → (time, batch, output)."""
        past = inputs.new_zeros(self.history, *inputs.shape[1:])
        lines = torch.cat([past, inputs]).permute(1, 2, 0)  # a convolution wants (batch, feature, time)
        return self.activation(self.window(lines).permute(2, 0, 1))


class OutputFeedback(nn.Module):
    """A nonlinear autoregression: ``y_t = f(x_t, y_{t−1})``, the recursion goes through the output.

    Known as NARX, nonlinear autoregressive with exogenous input. Its memory is what it said last, nothing else.

    Parameters
    ----------
    features, outputs : int, default 1
        Numbers a step that it reads, and gives.
    activation : {"tanh", "linear", "relu"}
        What is done to the weighted sum.
    bias : bool, default True
        Whether a constant is added.
    seed : int, default 0
        Of the initial weights; torch's own random numbers are left alone.

    Raises
    ------
    ValueError
        For an unknown activation or a size below 1.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import OutputFeedback
    >>> model = OutputFeedback(activation="linear", bias=False)
    >>> _ = torch.nn.init.ones_(model.from_input.weight)
    >>> _ = torch.nn.init.constant_(model.from_output.weight, 0.5)
    >>> impulse = torch.tensor([1.0, 0, 0, 0])[:, None, None]  # (time, batch, feature)
    >>> model(impulse).flatten().tolist()
    [1.0, 0.5, 0.25, 0.125]
    """

    def __init__(
        self,
        features: int = 1,
        outputs: int = 1,
        *,
        activation: str = "tanh",
        bias: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__()
        _check_sizes(features=features, outputs=outputs)
        self.activation = _find_activation(activation)
        self.from_input = nn.Linear(features, outputs, bias=bias, device="meta")
        self.from_output = nn.Linear(outputs, outputs, bias=False, device="meta")
        _fill(self, seed)

    @property
    def memory(self) -> int:
        """Numbers kept from one step to the next: the last output."""
        return self.from_output.in_features

    def forward(self, inputs: Tensor) -> Tensor:
        """Answer at every step: (time, batch, feature) → (time, batch, output)."""
        y = inputs.new_zeros(inputs.shape[1], self.memory)
        outputs = []
        for x in inputs:
            y = self.activation(self.from_input(x) + self.from_output(y))
            outputs.append(y)
        return torch.stack(outputs)


class StateCell(Cell):
    """``h_t = f(x_t, h_{t−1})``: one layer over the input and the last state.

    Parameters
    ----------
    features : int
        Numbers a step that it reads.
    units : int
        Size of the state.
    activation : {"tanh", "linear", "relu"}
        What is done to the weighted sum.
    bias : bool, default True
        Whether a constant is added.

    Examples
    --------
    >>> from rnnviz.models.responses import StateCell
    >>> StateCell(1, 2)
    StateCell(1, 2)
    """

    def __init__(self, features: int, units: int, *, activation: str = "tanh", bias: bool = True) -> None:
        super().__init__(features, units)
        self.activation = _find_activation(activation)
        self.weight_ih = nn.Parameter(torch.empty(units, features))
        self.weight_hh = nn.Parameter(torch.empty(units, units))
        self.bias = nn.Parameter(torch.empty(units)) if bias else None

    def step(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Make the new state of the old one: (batch, feature), (batch, unit) → (batch, unit)."""
        return self.activation(
            nn.functional.linear(x, self.weight_ih, self.bias) + nn.functional.linear(hidden, self.weight_hh)
        ), {}


class StateSpace(nn.Module):
    """A state-space model: ``h_t = f(x_t, h_{t−1})``, and the output is read off the state, ``y_t = g(h_t)``.

    What it remembers need not be what it says: the state is as large as it is built. `rnnviz.record` shows it.

    Parameters
    ----------
    features : int, default 1
        Numbers a step that it reads.
    units : int, default 8
        Size of the state.
    outputs : int, default 1
        Numbers a step that it gives.
    activation : {"tanh", "linear", "relu"}
        Of f; g is linear.
    bias : bool, default True
        Whether constants are added.
    seed : int, default 0
        Of the initial weights; torch's own random numbers are left alone.

    Raises
    ------
    ValueError
        For an unknown activation or a size below 1.

    Examples
    --------
    >>> import rnnviz as rv, torch
    >>> from rnnviz.models import StateSpace
    >>> model = StateSpace(units=3)
    >>> with rv.record(model) as trace:
    ...     outputs = model(torch.zeros(5, 2, 1))  # (time, batch, feature)
    >>> outputs.shape, trace["cell"].hidden.shape
    (torch.Size([5, 2, 1]), torch.Size([5, 2, 3]))
    """

    def __init__(
        self,
        features: int = 1,
        units: int = 8,
        outputs: int = 1,
        *,
        activation: str = "tanh",
        bias: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__()
        _check_sizes(features=features, units=units, outputs=outputs)
        self.cell = StateCell(features, units, activation=activation, bias=bias)
        self.readout = nn.Linear(units, outputs, bias=bias, device="meta")
        _fill(self, seed)

    @property
    def memory(self) -> int:
        """Numbers kept from one step to the next: the state."""
        return self.cell.hidden_size

    def forward(self, inputs: Tensor) -> Tensor:
        """Answer at every step: (time, batch, feature) → (time, batch, output)."""
        states, _ = self.cell(inputs)
        outputs: Tensor = self.readout(states)
        return outputs


class DynamicalSystem(nn.Module):
    """A state that nobody feeds: ``s_t = f(s_{t−1}; θ)``. Where it starts decides all that follows.

    Parameters
    ----------
    units : int
        Size of the state.
    activation : {"tanh", "linear", "relu"}
        What is done to the weighted sum.
    seed : int, default 0
        Of the initial weights θ; torch's own random numbers are left alone.

    Raises
    ------
    ValueError
        For an unknown activation or a size below 1.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import DynamicalSystem
    >>> quarter_turn = DynamicalSystem(2, activation="linear")
    >>> _ = quarter_turn.transition.weight.data.copy_(torch.tensor([[0.0, -1.0], [1.0, 0.0]]))
    >>> quarter_turn(torch.tensor([[1.0, 0.0]]), steps=3)[:, 0].tolist()  # (time, unit)
    [[0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]]
    """

    def __init__(self, units: int, *, activation: str = "tanh", seed: int = 0) -> None:
        super().__init__()
        _check_sizes(units=units)
        self.activation = _find_activation(activation)
        self.transition = nn.Linear(units, units, bias=False, device="meta")
        _fill(self, seed)

    def forward(self, start: Tensor, steps: int) -> Tensor:
        """Run on from a state: (batch, unit) → (time, batch, unit), the state after each of the steps."""
        states = [start]
        for _ in range(steps):
            states.append(self.activation(self.transition(states[-1])))
        return torch.stack(states)[1:]


@dataclass(frozen=True)
class Cost:
    """What a model takes: weights and biases to learn, products a step to compute, numbers to keep between steps."""

    parameters: int
    products: int
    memory: int


def count_cost(model: FiniteResponse | OutputFeedback | StateSpace) -> Cost:
    """Count what a model has to learn, to compute at every step, and to keep from step to step.

    Parameters
    ----------
    model : FiniteResponse, OutputFeedback or StateSpace

    Returns
    -------
    Cost

    Examples
    --------
    >>> from rnnviz.models import FiniteResponse, count_cost
    >>> count_cost(FiniteResponse(history=30))
    Cost(parameters=32, products=31, memory=30)
    """
    weights = list(model.parameters())
    # Every weight of a matrix is used once a step; a bias is only added.
    products = sum(weight.numel() for weight in weights if weight.dim() > 1)
    return Cost(sum(weight.numel() for weight in weights), products, model.memory)


def compare_costs(
    history: int, *, features: int = 1, units: int = 8, outputs: int = 1, bias: bool = True
) -> dict[str, Cost]:
    """Count what the three models cost if the past matters for ``history`` steps.

    Only the window has to grow with the history. The other two are the same size for any: whether they make use
    of it is a question of their weights.

    Parameters
    ----------
    history : int
        N, the steps to be looked back.
    features, units, outputs : int
        Numbers a step read, kept in the state-space model's state, and given.
    bias : bool, default True
        Whether biases are counted in.

    Returns
    -------
    dict of str to Cost
        For "window", "feedback" and "state".

    Examples
    --------
    >>> from rnnviz.models import compare_costs
    >>> {name: cost.parameters for name, cost in compare_costs(100, units=4).items()}
    {'window': 102, 'feedback': 3, 'state': 29}
    """
    return {
        "window": count_cost(FiniteResponse(features, outputs, history=history, bias=bias)),
        "feedback": count_cost(OutputFeedback(features, outputs, bias=bias)),
        "state": count_cost(StateSpace(features, units, outputs, bias=bias)),
    }


def _check_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} is {size}; it must be at least 1.")


def _find_activation(name: str) -> Callable[[Tensor], Tensor]:
    if name not in ACTIVATIONS:
        raise ValueError(f"activation is {name!r}; it must be one of {', '.join(map(repr, ACTIVATIONS))}.")
    return ACTIVATIONS[name]


def _fill(model: nn.Module, seed: int) -> None:
    """Give weights that were made without numbers, so that torch's random stream is left alone, seeded ones."""
    model.to_empty(device="cpu")
    initialise(model, seed)

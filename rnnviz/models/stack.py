"""Recurrent layers, one above the other: of one kind or several, reading forward or both ways, by one interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnviz.models.forecaster import CELLS, initialise

__all__ = ["Floor", "Stack", "StackForecaster", "StackLabeller"]


@dataclass(frozen=True)
class Floor:
    """One layer of a `Stack`.

    Attributes
    ----------
    units : int
        Size of its state, in each direction.
    cell : {"rnn", "gru", "lstm"}
        Its kind.
    both_ways : bool
        Whether a second set of units reads from the end to the beginning.

    Examples
    --------
    >>> Floor(32, "gru", both_ways=True).outputs
    64
    """

    units: int
    cell: str = "lstm"
    both_ways: bool = False

    def __post_init__(self) -> None:
        if self.cell not in CELLS:
            raise ValueError(f"cell is {self.cell!r}; it must be one of {', '.join(map(repr, CELLS))}.")
        if self.units < 1:
            raise ValueError(f"units is {self.units}; it must be at least 1.")

    @property
    def outputs(self) -> int:
        """Numbers that it hands on at each step."""
        return 2 * self.units if self.both_ways else self.units


class Stack(nn.Module):
    """Recurrent layers, each reading what the one below hands on. Its state is one tensor a layer.

    Parameters
    ----------
    inputs : int
        Numbers a step.
    floors : sequence of Floor or int
        From the lowest; a number alone is an LSTM of that many units.
    dropout : float, default 0
        Probability with which, in training, a value that goes from one layer to the next is set to 0. Nothing is
        dropped from step to step, before the first layer, or after the last.
    seed : int, default 0
        Of the initial weights, see `rnnviz.models.forecaster.initialise`.

    Attributes
    ----------
    floors : tuple of Floor
    layers : torch.nn.ModuleList
        Torch's own layers, one of each floor: what `rnnviz.record` records.

    Raises
    ------
    ValueError
        Without a layer, or for a size or probability out of range.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import Floor, Stack
    >>> stack = Stack(3, [Floor(8, "lstm"), Floor(5, "gru", both_ways=True)])
    >>> hidden, state = stack(torch.zeros(7, 2, 3))  # (time, batch, feature)
    >>> hidden.shape, [tuple(one.shape) for one in state]
    (torch.Size([7, 2, 10]), [(2, 1, 2, 8), (1, 2, 2, 5)])
    """

    def __init__(
        self, inputs: int, floors: Sequence[Floor | int], *, dropout: float = 0.0, seed: int = 0
    ) -> None:
        super().__init__()
        self.floors = tuple(floor if isinstance(floor, Floor) else Floor(floor) for floor in floors)
        if not self.floors or inputs < 1:
            raise ValueError(
                f"inputs is {inputs} and there are {len(self.floors)} layers; there must be at least 1 of each."
            )
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout is {dropout}; it is a probability, from 0 to below 1.")
        self.inputs, self.dropout = inputs, dropout
        sizes = [inputs, *(floor.outputs for floor in self.floors)]
        # Made without weights and then filled: torch's own initialisation would draw from the global generator.
        self.layers = nn.ModuleList(
            CELLS[floor.cell](size, floor.units, bidirectional=floor.both_ways, device="meta").to_empty(
                device="cpu"
            )
            for size, floor in zip(sizes, self.floors, strict=False)
        )
        initialise(self, seed)

    @property
    def outputs(self) -> int:
        """Numbers that the highest layer hands on at each step."""
        return self.floors[-1].outputs

    def forward(
        self, inputs: Tensor, state: Sequence[Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Read a sequence.

        Parameters
        ----------
        inputs : Tensor, shape (time, batch, feature)
        state : sequence of Tensor, optional
            What an earlier call returned, to go on from there; zeros by default.

        Returns
        -------
        hidden : Tensor, shape (time, batch, unit)
            What the highest layer hands on; of one that reads both ways, first the forward units, then the others.
        state : tuple of Tensor
            One a layer, (parts, direction, batch, unit): of an LSTM two parts, h and then c, of others one.

        Raises
        ------
        ValueError
            If the state has another number of layers.
        """
        if state is not None and len(state) != len(self.layers):
            raise ValueError(
                f"The state has {len(state)} tensors and this stack {len(self.layers)} layers; give one for each."
            )
        shown, last = self._run(inputs, state)
        return shown[-1], tuple(last)

    def read_layers(self, inputs: Tensor) -> list[Tensor]:
        """Read a sequence, and return what every layer shows at each step, from the lowest.

        Parameters
        ----------
        inputs : Tensor, shape (time, batch, feature)

        Returns
        -------
        list of Tensor, shape (time, batch, unit) each

        Examples
        --------
        >>> [tuple(one.shape) for one in Stack(3, [8, 5]).read_layers(torch.zeros(7, 2, 3))]
        [(7, 2, 8), (7, 2, 5)]
        """
        return self._run(inputs, None)[0]

    def _run(self, inputs: Tensor, state: Sequence[Tensor] | None) -> tuple[list[Tensor], list[Tensor]]:
        """Return what each layer shows, and its last state."""
        shown: list[Tensor] = []
        last: list[Tensor] = []
        hidden = inputs
        for at, layer in enumerate(self.layers):
            if at > 0 and self.dropout and self.training:
                hidden = nn.functional.dropout(hidden, self.dropout)
            begins = None if state is None else _to_torch(state[at])
            hidden, ended = layer(hidden, begins)
            shown.append(hidden)
            last.append(torch.stack(ended) if isinstance(ended, tuple) else ended[None])
        return shown, last

    def count_weights(self) -> int:
        """Numbers that are learned."""
        return sum(parameter.numel() for parameter in self.parameters())


def _to_torch(state: Tensor) -> Tensor | tuple[Tensor, Tensor]:
    """One tensor a layer, as torch's own layers take it: h, or h and c."""
    return state[0] if len(state) == 1 else (state[0].contiguous(), state[1].contiguous())


class StackForecaster(nn.Module):
    """Says at every step what comes next: a stack, a hidden layer if wanted, and one projection for all steps.

    Parameters
    ----------
    features : int
        Numbers a step: those it reads, and those it forecasts.
    floors : sequence of Floor or int
        Of the stack; a number alone is an LSTM of that many units.
    hidden : int, default 0
        ReLU neurons between the stack and the projection; 0 for none.
    steady : bool, default False
        Whether it forecasts the change from this step to the next instead of the next values themselves. A network
        that has learned nothing then says that nothing changes.
    dropout, seed
        As in `Stack`.

    Raises
    ------
    ValueError
        For sizes out of range.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import StackForecaster
    >>> model = StackForecaster(100, [20, 20], hidden=30)
    >>> pieces = torch.zeros(25, 4, 100)  # (time, batch, feature)
    >>> model(pieces).shape, model.forecast(pieces, horizon=3).shape
    (torch.Size([25, 4, 100]), torch.Size([3, 4, 100]))
    """

    def __init__(
        self,
        features: int,
        floors: Sequence[Floor | int],
        *,
        hidden: int = 0,
        steady: bool = False,
        dropout: float = 0.0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if features < 1 or hidden < 0:
            raise ValueError(f"features is {features} and hidden {hidden}; at least 1, and 0 or more.")
        self.features, self.steady = features, steady
        self.stack = Stack(features, floors, dropout=dropout, seed=seed)
        width = hidden or self.stack.outputs
        with torch.device("meta"):
            parts: list[nn.Module] = [nn.Linear(self.stack.outputs, hidden), nn.ReLU()] if hidden else []
            self.project = nn.Sequential(*parts, nn.Linear(width, features))
        self.project.to_empty(device="cpu")
        initialise(self.project, seed + 1)
        if steady:
            with torch.no_grad():
                self.project[-1].weight.mul_(0.1)  # type: ignore[operator]

    def forward(self, inputs: Tensor) -> Tensor:
        """Forecast from every step: (time, batch, feature) → the same shape, one step later."""
        return self._say(self.stack(inputs)[0], inputs)

    def forecast(self, history: Tensor, horizon: int) -> Tensor:
        """Continue the history, each forecast read as the next input; without gradients.

        Parameters
        ----------
        history : Tensor, shape (time, batch, feature)
        horizon : int
            Steps to forecast.

        Returns
        -------
        Tensor, shape (horizon, batch, feature)
        """
        with torch.no_grad():
            hidden, state = self.stack(history)
            steps = [self._say(hidden[-1:], history[-1:])]
            while len(steps) < horizon:
                hidden, state = self.stack(steps[-1], state)
                steps.append(self._say(hidden, steps[-1]))
            return torch.cat(steps)

    def _say(self, hidden: Tensor, inputs: Tensor) -> Tensor:
        said: Tensor = self.project(hidden)
        return inputs + said if self.steady else said


class StackLabeller(nn.Module):
    """Gives every step of a sequence a label, or the whole sequence one, from the highest layer of a stack.

    Parameters
    ----------
    inputs : int
        Numbers a step.
    floors : sequence of Floor or int
        Of the stack.
    classes : int
        Labels to choose from.
    whole : bool, default False
        Whether there is one label for the sequence, decided after the last step; a layer that reads both ways has
        then come to its end in both.
    dropout, seed
        As in `Stack`.

    Raises
    ------
    ValueError
        For sizes out of range.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import Floor, StackLabeller
    >>> rows = torch.zeros(8, 5, 8)  # (time, batch, feature)
    >>> StackLabeller(8, [16, 16], 10, whole=True)(rows).shape
    torch.Size([5, 10])
    """

    def __init__(
        self,
        inputs: int,
        floors: Sequence[Floor | int],
        classes: int,
        *,
        whole: bool = False,
        dropout: float = 0.0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if classes < 1:
            raise ValueError(f"classes is {classes}; it must be at least 1.")
        self.whole = whole
        self.stack = Stack(inputs, floors, dropout=dropout, seed=seed)
        self.decide = nn.Linear(self.stack.outputs, classes, device="meta").to_empty(device="cpu")
        initialise(self.decide, seed + 1)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return logits: (time, batch, class), or (batch, class) where there is one label for the sequence."""
        hidden, state = self.stack(inputs)
        if self.whole:
            hidden = state[-1][0].transpose(0, 1).flatten(1)
        logits: Tensor = self.decide(hidden)
        return logits

"""Cells that run one step at a time: the course's own, and the base class for yours.

A cell says what happens in one step; `Cell` runs it over a sequence, and `rnnviz.record` shows its states,
its named intermediates and their gradients exactly as it does for torch's layers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor, nn

from rnnviz.steps import Weights, gru_step, lstm_step, rnn_step

__all__ = ["Cell", "GRUCell", "LSTMCell", "Observer", "RNNCell", "Watcher"]

State = Tensor | tuple[Tensor, ...]


class Observer(Protocol):
    """An observer of a `Cell` while it runs over a sequence."""

    def add(self, x: Tensor, states: tuple[Tensor, ...], named: dict[str, Tensor]) -> None:
        """Take one step as soon as it is done: its input, the states after it, and what it named."""


#: Called before the first step with the initial states, (batch, unit) each; gives an observer, or None.
Watcher = Callable[[tuple[Tensor, ...]], Observer | None]


def _step_not_written(self: Any, x: Tensor, *state: Tensor) -> tuple[State, dict[str, Tensor]]:
    raise NotImplementedError(
        f"{type(self).__name__} has no step. Write `def step(self, x, hidden)` and return the new hidden "
        "state and a dict of the intermediates you want to see."
    )


class Cell(nn.Module):
    """Base class of a recurrent cell of your own.

    Write ``step``; the base class runs it over time. ``step(x, hidden)`` gets the input of one step, (batch,
    feature), and the previous state, (batch, unit). It returns the new state and a dict of the intermediates
    to record, (batch, …) each. A cell with more than one state lists their names in ``states``; its step gets
    and returns them in that order.

    Parameters
    ----------
    input_size : int
        Features of the input.
    hidden_size : int
        Units of each state.
    batch_first : bool
        Whether inputs and outputs are (batch, time, feature) instead of (time, batch, feature).

    Attributes
    ----------
    states : tuple of str
        Names of the states. The first is "hidden", which is also the output.

    Examples
    --------
    A unit that averages what it reads, at a rate it learns:

    >>> import torch, rnnviz as rv
    >>> class LeakyUnit(rv.Cell):
    ...     def __init__(self, size):
    ...         super().__init__(size, size)
    ...         self.rate = torch.nn.Parameter(torch.zeros(size))
    ...
    ...     def step(self, x, hidden):
    ...         keep = self.rate.sigmoid().expand_as(hidden)
    ...         return keep * hidden + (1 - keep) * x, {"keep": keep}
    >>> cell = LeakyUnit(1)
    >>> with rv.record(cell) as trace:
    ...     output, final = cell(torch.ones(3, 1, 1))
    >>> output.flatten().tolist()
    [0.5, 0.75, 0.875]
    >>> trace["cell"]
    LayerTrace('cell', LeakyUnit, time=3, batch=1, unit=1)
    >>> list(trace["cell"].gates)
    ['keep']
    """

    states: ClassVar[tuple[str, ...]] = ("hidden",)
    step: Callable[..., tuple[State, dict[str, Tensor]]] = _step_not_written

    def __init__(self, input_size: int, hidden_size: int, *, batch_first: bool = False) -> None:
        super().__init__()
        if self.states[:1] != ("hidden",):
            raise TypeError(
                f"{type(self).__name__}.states is {self.states!r}; the first must be 'hidden', the output."
            )
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.batch_first = batch_first
        self._watchers: list[Watcher] = []

    def __getstate__(self) -> dict[str, Any]:
        """Leave a recording that is under way out of copies and files."""
        return {**self.__dict__, "_watchers": []}

    def extra_repr(self) -> str:
        """Show the sizes, as torch's own layers do."""
        return f"{self.input_size}, {self.hidden_size}" + (", batch_first=True" if self.batch_first else "")

    @property
    def kind(self) -> str:
        """The name under which a trace shows this cell."""
        return type(self).__name__

    def torch_weights(self) -> Weights | None:
        """Return the parameters as `Weights`, where the cell is one that torch has too; None otherwise."""
        return None

    def forward(self, input: Tensor, initial: State | None = None) -> tuple[Tensor, State]:
        """Run the cell over a sequence.

        Parameters
        ----------
        input : Tensor, shape (time, batch, feature)
            Or (batch, time, feature) with ``batch_first``, or (time, feature) without a batch.
        initial : Tensor or tuple of Tensor, shape (batch, unit), optional
            The state before the first step, one tensor for each name in ``states``; zeros by default.

        Returns
        -------
        output : Tensor, shape (time, batch, unit)
            The hidden state of every step, laid out like the input.
        final : Tensor or tuple of Tensor, shape (batch, unit)
            The state after the last step, a tuple when there are several.

        Raises
        ------
        ValueError
            When the input or the initial state has another shape.
        RuntimeError
            When there is no time step, as in torch's layers.
        TypeError
            When ``step`` returns something else than the new state and a dict of tensors.
        """
        x, batched = self._time_major(input)
        if not len(x):
            raise RuntimeError(
                f"{type(self).__name__} got an input of shape {tuple(input.shape)}, which has no time step; it "
                "expects at least one."
            )
        state = self._initial_state(initial, x, batched)
        # Before the first step and after each, because a step may overwrite what the one before returned.
        observers = [observer for watch in self._watchers if (observer := watch(state)) is not None]
        outputs = []
        for x_t in x:
            result = self.step(x_t, *state)
            state = self._check_step(result, state)
            outputs.append(state[0])
            for observer in observers:
                observer.add(x_t, state, result[1])
        output = torch.stack(outputs)
        if not batched:
            output, state = output.squeeze(1), tuple(s.squeeze(0) for s in state)
        elif self.batch_first:
            output = output.transpose(0, 1)
        return output, state[0] if len(state) == 1 else state

    def _time_major(self, input: Tensor) -> tuple[Tensor, bool]:
        """Return the input as (time, batch, feature), and whether it has a batch."""
        if input.dim() not in (2, 3) or input.shape[-1] != self.input_size:
            order = "(batch, time, feature)" if self.batch_first else "(time, batch, feature)"
            raise ValueError(
                f"{type(self).__name__} got an input of shape {tuple(input.shape)}; it expects {order} with "
                f"{self.input_size} features, or (time, feature) for a single sequence."
            )
        if input.dim() == 2:
            return input.unsqueeze(1), False
        return (input.transpose(0, 1) if self.batch_first else input), True

    def _initial_state(self, initial: State | None, x: Tensor, batched: bool) -> tuple[Tensor, ...]:
        """Return the state before the first step as a tuple of (batch, unit)."""
        shape = (x.shape[1], self.hidden_size)
        if initial is None:
            return tuple(x.new_zeros(shape) for _ in self.states)
        given = (initial,) if isinstance(initial, Tensor) else tuple(initial)
        if not batched:
            given = tuple(state.unsqueeze(0) for state in given)
        if len(given) != len(self.states) or any(state.shape != shape for state in given):
            shapes = ", ".join(str(tuple(state.shape)) for state in given)
            raise ValueError(
                f"{type(self).__name__} got initial states of shape {shapes}; it expects {len(self.states)} "
                f"({', '.join(self.states)}) of shape {shape}."
            )
        return given

    def _check_step(self, result: Any, before: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Return the new state as a tuple, or say what is wrong with what ``step`` returned."""
        what = f"{type(self).__name__}.step must return the new state and a dict of named tensors"
        if not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], dict)):
            raise TypeError(f"{what}; it returned {_describe(result)}.")
        state, named = result
        after = (state,) if isinstance(state, Tensor) else state
        if not isinstance(after, tuple) or len(after) != len(before):
            raise TypeError(
                f"{what}; the state has the parts {', '.join(self.states)}, but it returned "
                f"{_describe(state)}."
            )
        for name, old, new in zip(self.states, before, after, strict=True):
            if not isinstance(new, Tensor) or new.shape != old.shape:
                raise TypeError(f"{what}; {name} must have shape {tuple(old.shape)}, not {_describe(new)}.")
        for name, value in named.items():
            if not isinstance(value, Tensor) or value.dim() == 0 or value.shape[0] != before[0].shape[0]:
                raise TypeError(
                    f"{what}; {name!r} must be a tensor of {before[0].shape[0]} rows, one for each sequence, "
                    f"not {_describe(value)}."
                )
            if name in {*self.states, "hidden", "cell", "grad_hidden", "grad_cell"}:
                raise TypeError(
                    f"{what}; {name!r} is taken by the trace, so give the intermediate another name."
                )
        return after


class _TorchCell(Cell):
    """A cell with the parameters of torch's cell of the same name, so that state dicts can be exchanged."""

    gate_count: ClassVar[int]

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, *, batch_first: bool = False
    ) -> None:
        super().__init__(input_size, hidden_size, batch_first=batch_first)
        rows = self.gate_count * hidden_size
        self.weight_ih = nn.Parameter(torch.empty(rows, input_size))
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(rows)) if bias else None
        self.bias_hh = nn.Parameter(torch.empty(rows)) if bias else None
        bound = 1 / math.sqrt(hidden_size)  # torch's own choice
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    @property
    def kind(self) -> str:
        # Told by whose step it runs: a class of another name may run it, and one of this name a step of its own.
        runs = next(kind for kind in type(self).__mro__ if "step" in vars(kind))
        if runs.__module__ != __name__ or "step" in vars(self):
            return super().kind
        return runs.__name__.removesuffix("Cell")

    def torch_weights(self) -> Weights:
        return Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


class RNNCell(_TorchCell):
    """`rnnviz.steps.rnn_step` as a module, run over a whole sequence.

    Parameters
    ----------
    input_size, hidden_size, bias
        As in `torch.nn.RNNCell`, with which it shares its parameters' names.
    nonlinearity : {"tanh", "relu"}
    batch_first : bool

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> cell = rv.RNNCell(2, 3)
    >>> _ = cell.load_state_dict(torch.nn.RNNCell(2, 3).state_dict())
    >>> output, final = cell(torch.zeros(5, 1, 2))
    >>> output.shape
    torch.Size([5, 1, 3])
    """

    gate_count = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        batch_first: bool = False,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, batch_first=batch_first)
        self.nonlinearity = nonlinearity

    def step(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Run `rnn_step`."""
        return rnn_step(x, hidden, self.torch_weights(), self.nonlinearity).hidden, {}


class LSTMCell(_TorchCell):
    """`rnnviz.steps.lstm_step` as a module, run over a whole sequence; parameters as in `torch.nn.LSTMCell`.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> output, (hidden, cell) = rv.LSTMCell(2, 3)(torch.zeros(5, 1, 2))
    >>> output.shape, cell.shape
    (torch.Size([5, 1, 3]), torch.Size([1, 3]))
    """

    states = ("hidden", "cell")
    gate_count = 4

    def step(
        self, x: Tensor, hidden: Tensor, cell: Tensor
    ) -> tuple[tuple[Tensor, Tensor], dict[str, Tensor]]:
        """Run `lstm_step`."""
        step = lstm_step(x, hidden, cell, self.torch_weights())
        gates = {
            "input": step.input,
            "forget": step.forget,
            "candidate": step.candidate,
            "output": step.output,
        }
        return (step.hidden, step.cell), gates


class GRUCell(_TorchCell):
    """`rnnviz.steps.gru_step` as a module, run over a whole sequence; parameters as in `torch.nn.GRUCell`.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> output, hidden = rv.GRUCell(2, 3)(torch.zeros(5, 1, 2))
    >>> output.shape, hidden.shape
    (torch.Size([5, 1, 3]), torch.Size([1, 3]))
    """

    gate_count = 3

    def step(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Run `gru_step`."""
        step = gru_step(x, hidden, self.torch_weights())
        return step.hidden, {"reset": step.reset, "update": step.update, "candidate": step.candidate}


def _describe(value: Any) -> str:
    """Return what a value is, for a message: a tensor by its shape, a tuple by its parts."""
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, tuple):
        return "(" + ", ".join(_describe(part) for part in value) + ")"
    return f"a {type(value).__name__}"

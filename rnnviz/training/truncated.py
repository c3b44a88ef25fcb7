"""Truncated backpropagation through time: the state goes on, the gradient stops every few steps.

A long sequence is gone through in pieces of k steps. Each piece starts from the state the last one ended
with, cut off from the graph: the forward pass is that of the whole sequence, the backward pass ends where the
piece began. Memory and time of an update no longer grow with the sequence; what needs more than k steps
between cause and effect gets no gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from rnnviz.cells import Cell
from rnnviz.training.losses import mean_squared_error

__all__ = ["CarriedState", "Pieces", "Truncation", "measure_truncation"]

State = Tensor | tuple[Tensor, ...]


class CarriedState:
    """Lets each recurrent layer of a model begin with the state it ended with, cut off from the gradient.

    The model stays as it is: its layers are handed their states while `attached`.

    Parameters
    ----------
    model : torch.nn.Module
        With at least one of torch's or rnnviz's recurrent layers or a `rnnviz.Cell`, each called once a pass
        and without an initial state.

    Attributes
    ----------
    states : dict of str to Tensor or tuple of Tensor
        By the name of the layer in the model; empty before the first pass.

    Raises
    ------
    TypeError
        If there is no such layer, or one that cannot go on from a state: a bidirectional layer has read the
        future, and cells like `torch.nn.LSTMCell` are in the hands of the model's own loop.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.training import CarriedState
    >>> rnn, x = torch.nn.RNN(1, 2), torch.ones(6, 1, 1)
    >>> carried = CarriedState(rnn)
    >>> with carried.attached():
    ...     first, _ = rnn(x[:3])
    >>> with carried.attached():
    ...     second, _ = rnn(x[3:])
    >>> torch.allclose(torch.cat([first, second]), rnn(x)[0])
    True
    """

    def __init__(self, model: nn.Module) -> None:
        self._layers: dict[str, nn.Module] = {}
        for name, module in model.named_modules():
            if isinstance(module, nn.RNNCellBase):
                raise TypeError(
                    f"Truncation found {_title(name, module)}, whose state the model's own loop keeps. "
                    f"Use torch.nn.{type(module).__name__.removesuffix('Cell')}, or write an rnnviz.Cell."
                )
            if isinstance(module, nn.RNNBase) and module.bidirectional:
                raise TypeError(
                    f"{_title(name, module)} is bidirectional: its reverse direction begins at the end of "
                    "the whole sequence, which a piece does not hold. Train it without truncate."
                )
            if isinstance(module, nn.RNNBase | Cell):
                self._layers[name] = module
        if not self._layers:
            raise TypeError(
                f"Truncation found no recurrent layer in {type(model).__name__}, so there is no state to "
                "carry on. Train it without truncate."
            )
        self.states: dict[str, State] = {}

    @contextmanager
    def attached(self) -> Iterator[None]:
        """For one forward pass: hand each layer its state, and keep the one it ends with."""
        called: set[str] = set()
        handles = []
        for name, layer in self._layers.items():
            handles += [
                layer.register_forward_pre_hook(self._hand_over(name, called), with_kwargs=True),
                layer.register_forward_hook(self._keep(name)),
            ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def clear(self) -> None:
        """Begin the next sequence from nothing."""
        self.states = {}

    def _hand_over(self, name: str, called: set[str]) -> Callable[..., Any]:
        def hand_over(layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            if name in called:
                raise RuntimeError(
                    f"{_title(name, layer)} was called twice in a pass, so it has no one state to carry on. "
                    "Give each call a layer of its own, or train without truncate."
                )
            called.add(name)
            keyword = "initial" if isinstance(layer, Cell) else "hx"
            if (args[1] if len(args) > 1 else kwargs.get(keyword)) is not None:
                raise RuntimeError(
                    f"The model gives {_title(name, layer)} an initial state, which truncation would have to "
                    "overwrite. Leave it away, or train without truncate."
                )
            if name not in self.states:
                return None
            return args[:1], {**kwargs, keyword: self.states[name]}

        return hand_over

    def _keep(self, name: str) -> Callable[..., None]:
        def keep(layer: nn.Module, args: tuple[Any, ...], result: tuple[Any, State]) -> None:
            final = result[1]
            self.states[name] = (
                final.detach() if isinstance(final, Tensor) else tuple(part.detach() for part in final)
            )

        return keep


class Pieces:
    """Goes through each batch ``length`` steps at a time, and has the model's layers go on where they were.

    Parameters
    ----------
    model : torch.nn.Module
        See `CarriedState`.
    draw : callable
        Draws a batch, given a ``torch.Generator``: (inputs, targets) or (inputs, targets, mask), each with
        the time on axis 0. Pieces in which the mask leaves no step only carry the state on.
    length : int
        Steps of a piece, and so the farthest that a gradient reaches back.
    """

    def __init__(
        self, model: nn.Module, draw: Callable[[torch.Generator], tuple[Tensor, ...]], length: int
    ) -> None:
        if length < 1:
            raise ValueError(f"truncate is {length}; a gradient must reach back over at least 1 step.")
        self._model, self._draw, self.length = model, draw, length
        self._carried = CarriedState(model)
        self._batch: tuple[Tensor, ...] | None = None
        self._start = 0

    def __call__(self, generator: torch.Generator) -> tuple[Tensor, ...]:
        """Return the next piece in which some step counts."""
        empty = 0
        while True:
            if self._batch is None or self._start >= len(self._batch[0]):
                self._batch, self._start = _check_time(self._draw(generator)), 0
                self._carried.clear()
                empty += 1
                if empty > 100:
                    raise ValueError(
                        "The mask left no step in 100 batches. Pass 1 for each step in the cost."
                    )
            piece = tuple(tensor[self._start : self._start + self.length] for tensor in self._batch)
            self._start += self.length
            if len(piece) < 3 or bool(piece[2].any()):
                return piece
            with torch.no_grad():
                self.run(piece[0])

    def run(self, inputs: Tensor) -> Any:
        """Run the model on a piece, from the state that the piece before it left."""
        with self._carried.attached():
            return self._model(inputs)

    def state_dict(self) -> dict[str, Any]:
        """Return the batch being gone through, how far, and the states there."""
        return {"batch": self._batch, "start": self._start, "states": dict(self._carried.states)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a state that `state_dict` gave."""
        self._batch, self._start = state["batch"], state["start"]
        self._carried.states = dict(state["states"])


@dataclass(frozen=True)
class Truncation:
    """What a gradient is worth that reaches back only a few steps, beside the whole one.

    Attributes
    ----------
    norm : float
        Euclidean norm of the truncated gradient, over all parameters.
    whole_norm : float
        The same of the whole gradient.
    cosine : float
        Of the angle between the two: 1 where they point the same way, 0 where one says nothing of the other.
    """

    norm: float
    whole_norm: float
    cosine: float

    @property
    def kept(self) -> float:
        """How much of the whole gradient, along its own direction, the truncated one still holds."""
        return self.cosine * self.norm / self.whole_norm if self.whole_norm else 1.0


def measure_truncation(
    model: nn.Module,
    inputs: Tensor,
    targets: Tensor,
    mask: Tensor | None = None,
    *,
    truncate: int,
    loss: Callable[..., Tensor] = mean_squared_error,
) -> Truncation:
    """Compare the gradient that truncation leaves with the whole one, on the same weights and sequences.

    Parameters
    ----------
    model : torch.nn.Module
        See `CarriedState`; its weights and their ``.grad`` are left alone.
    inputs, targets : Tensor, time on axis 0
    mask : Tensor, optional
        Handed to the loss where it is given.
    truncate : int
        Steps after which the gradient is cut.
    loss : callable, default `mean_squared_error`
        Called once, with the outputs of all steps.

    Returns
    -------
    Truncation

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import Forecaster
    >>> from rnnviz.training import measure_truncation
    >>> model, x = Forecaster(units=4), torch.ones(12, 2, 1)
    >>> measure_truncation(model, x, x, truncate=12).kept
    1.0
    >>> measure_truncation(model, x, x, truncate=2).kept < 1
    True
    """
    if truncate < 1:
        raise ValueError(f"truncate is {truncate}; a gradient must reach back over at least 1 step.")
    rest = (targets,) if mask is None else (targets, mask)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    gradients = []
    for length in (len(inputs), truncate):
        carried = CarriedState(model)
        outputs = []
        for start in range(0, len(inputs), length):
            with carried.attached():
                outputs.append(model(inputs[start : start + length]))
        found = torch.autograd.grad(loss(torch.cat(outputs), *rest), parameters, materialize_grads=True)
        gradients.append(torch.cat([part.flatten() for part in found]).double())
    whole, truncated = gradients
    norms = whole.norm(), truncated.norm()
    cosine = (
        (whole @ truncated / (norms[0] * norms[1])).clamp(-1, 1) if norms[0] * norms[1] > 0 else norms[0] * 0
    )
    if truncate >= len(inputs):
        cosine = torch.ones(())
    return Truncation(norms[1].item(), norms[0].item(), cosine.item())


def _check_time(batch: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    shapes = [tuple(tensor.shape) for tensor in batch]
    if any(len(shape) < 2 for shape in shapes) or len({shape[0] for shape in shapes}) > 1:
        raise ValueError(
            f"With truncate, everything in a batch is cut along time, axis 0, but the shapes are {shapes}. Give "
            "each step a target, and a mask that is 1 at the steps that count, such as the last."
        )
    return batch


def _title(name: str, module: nn.Module) -> str:
    return f"{type(module).__name__} {name!r}" if name else type(module).__name__

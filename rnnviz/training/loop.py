"""A training loop that is an iterator: one update each time it is asked for the next step."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from rnnviz.training.batches import Epochs
from rnnviz.training.losses import mean_squared_error
from rnnviz.training.progress import Progress
from rnnviz.training.step import Step
from rnnviz.training.truncated import Pieces

__all__ = ["DivergenceError", "Training", "train"]

Draw = Callable[[torch.Generator], tuple[Tensor, ...]]
Loss = Callable[..., Tensor]


@runtime_checkable
class Resumable(Protocol):
    """What has a state of its own that can be saved."""

    def state_dict(self) -> Mapping[str, Any]:
        """Return the state."""

    def load_state_dict(self, state: Any, /) -> Any:
        """Go back to a state that `state_dict` gave."""


class DivergenceError(ArithmeticError):
    """The loss or its gradient is no longer a number: the weights are lost or would be, and going on would hide it."""


class Training(Iterator[Step]):
    """The loop that `train` returns; see there for the parameters.

    Iterate over it, or call `step`. `state_dict` and `load_state_dict` interrupt and resume it to the last
    bit, `reset` brings back the weights it began with. Both take along whatever the model or the data draw from
    torch's own generator of the CPU, and the state of a function that draws batches, where it has a ``state_dict``
    and a ``load_state_dict``. Other chance, from NumPy or on a GPU, goes on where it is, and so does torch's own in
    a state that was saved before anything had drawn from it.
    """

    def __init__(
        self,
        model: nn.Module,
        data: tuple[Tensor, ...] | Draw,
        *,
        loss: Loss = mean_squared_error,
        optimiser: Callable[[Iterator[nn.Parameter]], torch.optim.Optimizer] | None = None,
        learning_rate: float = 1e-3,
        batch: int = 50,
        steps: int | None = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        truncate: int | None = None,
        evaluate: Callable[[nn.Module], Mapping[str, float]] | None = None,
        evaluate_every: int = 100,
        seed: int = 0,
        watch_divergence: bool = True,
        progress: bool | Progress = False,
    ) -> None:
        self.model = model
        self._batches = data if callable(data) else Epochs(data, batch)
        self._pieces = None if truncate is None else Pieces(model, self._batches, truncate)
        self._loss = loss
        # Made here and not at the first step: torch's first optimiser imports its compiler, which takes over
        # a second.
        self.optimiser = (
            optimiser(model.parameters())
            if optimiser is not None
            else torch.optim.Adam(model.parameters(), lr=learning_rate)
        )
        self.steps = steps
        self._clip_norm, self._clip_value = (
            _positive("clip_norm", clip_norm),
            _positive("clip_value", clip_value),
        )
        if evaluate_every < 1:
            raise ValueError(
                f"evaluate_every is {evaluate_every}; it counts steps, 1 for an evaluation at each."
            )
        self._evaluate, self._evaluate_every = evaluate, evaluate_every
        self._watch_divergence = watch_divergence
        self._generator = torch.Generator().manual_seed(seed)
        self.number = 0
        self.latest: Step | None = None
        # Whether a step draws from torch's own generator, as dropout does. Nothing but making one can tell.
        self._draws: bool | None = None
        self._beginning = copy.deepcopy(self.state_dict())
        self._progress = Progress(steps) if progress is True else progress or None

    @property
    def learning_rate(self) -> float:
        """The optimiser's learning rate; set it at any time, it holds from the next step on."""
        return float(self.optimiser.param_groups[0]["lr"])

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"The learning rate is {value!r}; it must be a positive number, such as 0.001.")
        for group in self.optimiser.param_groups:
            group["lr"] = value

    def __next__(self) -> Step:
        try:
            step = self._advance()
        except StopIteration:
            if self._progress:
                self._progress.finish()
            raise
        except Exception as error:
            if self._progress:
                self._progress.finish(f"ended by an error: {type(error).__name__}")
            raise
        if self._progress:
            self._progress.update(step)
        return step

    def _advance(self) -> Step:
        if self.steps is not None and self.number >= self.steps:
            raise StopIteration
        untouched = None if self._draws else torch.get_rng_state()
        evaluation: Mapping[str, float] = {}
        if self._evaluate is not None and self.number % self._evaluate_every == 0:
            self.model.eval()
            with torch.no_grad():
                evaluation = self._evaluate(self.model)
        self.model.train()
        inputs, *wanted = (self._pieces or self._batches)(self._generator)
        self.optimiser.zero_grad()
        outputs = self.model(inputs) if self._pieces is None else self._pieces.run(inputs)
        loss = self._loss(outputs, *wanted)
        value = loss.item()
        if not loss.requires_grad:
            raise ValueError(self._explain_no_gradient())
        if self._watch_divergence and not math.isfinite(value):
            raise DivergenceError(
                f"The loss is {value} at step {self.number}: "
                + (
                    "the training has diverged. Reset it, then lower the learning rate (now "
                    f"{self.learning_rate:g}) or clip the gradient, for instance with clip_norm=1."
                    if self.number
                    else "no update was made yet, so look for values that are infinite or NaN in the inputs, the "
                    "targets and the weights."
                )
            )
        loss.backward()  # type: ignore[no-untyped-call]
        norm = self._clip()
        if self._watch_divergence and not math.isfinite(norm) and not self._has_finite_gradient():
            raise DivergenceError(
                f"The gradient is {norm} at step {self.number}, though the loss is {value:.3g}: this update was not "
                "made, for it would lose the weights. Look for values that are infinite or NaN in the inputs, those "
                "in padding included, and for operations without a slope, such as the root of 0. If the gradient "
                f"only grew too large, lower the learning rate (now {self.learning_rate:g})."
            )
        self.optimiser.step()
        if untouched is not None:
            self._draws = not torch.equal(untouched, torch.get_rng_state())
        self.latest = Step(self.number, value, norm, self.learning_rate, evaluation)
        self.number += 1
        return self.latest

    def _clip(self) -> float:
        """Clip the gradient where that was asked for; returns its norm before."""
        parameters = list(self.model.parameters())
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        norm = nn.utils.get_total_norm(gradients)
        if not norm.isfinite():  # the squares overflow long before the gradient does
            norm = nn.utils.get_total_norm([gradient.double() for gradient in gradients])
        if self._clip_norm is not None:
            nn.utils.clip_grads_with_norm_(parameters, self._clip_norm, norm)
        if self._clip_value is not None:
            nn.utils.clip_grad_value_(parameters, self._clip_value)
        return norm.item()

    def _has_finite_gradient(self) -> bool:
        return all(
            bool(parameter.grad.isfinite().all())
            for parameter in self.model.parameters()
            if parameter.grad is not None
        )

    def _explain_no_gradient(self) -> str:
        name, parameters = type(self.model).__name__, list(self.model.parameters())
        if any(parameter.requires_grad for parameter in parameters):
            return (
                f"The loss does not depend on any parameter of {name} that can learn: somewhere on the way it was cut "
                "off. Look for detach(), item(), torch.no_grad() and numpy in the model and in the loss."
            )
        return (
            f"All {len(parameters)} parameters of {name} are frozen, so there is nothing to train. Set requires_grad "
            "to True for those that should learn, for all with model.requires_grad_()."
        )

    def step(self) -> Step:
        """Make one update; raises `StopIteration` when all steps are made."""
        return next(self)

    def frame(self) -> Step | None:
        """Return what to show now: the latest step, None before the first."""
        return self.latest

    def reset(self) -> None:
        """Go back to the weights, the optimiser and the random numbers of the beginning."""
        self.load_state_dict(self._beginning)

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to go on from here, in tensors and numbers that ``torch.save`` can write."""
        return {
            "number": self.number,
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "generator": self._generator.get_state(),
            "draws": self._draws,
            "torch_generator": torch.get_rng_state(),
            "data": self._batches.state_dict() if isinstance(self._batches, Resumable) else None,
            "pieces": None if self._pieces is None else self._pieces.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state that `state_dict` gave; the next step is then the very step that followed it."""
        state = copy.deepcopy(dict(state))
        self._load_data(state)  # first, since it may refuse
        self.number = state["number"]
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self._generator.set_state(state["generator"])
        self._draws = self._draws if state["draws"] is None else state["draws"]
        # Only of a training that leaves it alone is known that torch's generator need not go back, and may be
        # another's.
        if self._draws is not False:
            torch.set_rng_state(state["torch_generator"])
        self.latest = None
        if self._progress:
            self._progress.restart(self.number)

    def _load_data(self, state: Mapping[str, Any]) -> None:
        if (state["pieces"] is None) != (self._pieces is None):
            saved, here = ("without" if one is None else "with" for one in (state["pieces"], self._pieces))
            raise ValueError(
                f"The state was saved from a training {saved} truncate, and this one is {here} it. Resume it with the "
                "settings it was saved with."
            )
        if (state["data"] is None) == isinstance(self._batches, Resumable):
            raise ValueError(
                "The state was saved from a training on tensors or on a function with a state of its own, and these "
                "data have none; or the other way round. Resume it with the data it was saved with."
            )
        if isinstance(self._batches, Resumable):
            self._batches.load_state_dict(state["data"])
        if self._pieces is not None:
            self._pieces.load_state_dict(state["pieces"])


def train(model: nn.Module, data: tuple[Tensor, ...] | Draw, **settings: Any) -> Training:
    """Train a model one step at a time: ``for step in train(model, (inputs, targets), steps=1000): …``.

    Parameters
    ----------
    model : torch.nn.Module
        Called with the inputs of a batch.
    data : tuple of tensors, or callable
        ``(inputs, targets)`` or ``(inputs, targets, mask)``, the batch on axis 1 as in (time, batch, feature)
        (on axis 0 of a tensor with only one axis); they are gone through in a new random order each epoch. Or
        a function that draws a batch, given a ``torch.Generator``. One that keeps a state of its own needs a
        ``state_dict`` and a ``load_state_dict`` for the training to be resumed.
    loss : callable, default `mean_squared_error`
        Called with the model's output and all that follows the inputs in a batch.
    optimiser : callable, optional
        From the parameters to an optimiser, such as ``lambda p: torch.optim.SGD(p, lr=0.1)``; by default
        Adam.
    learning_rate : float, default 0.001
        Of Adam, where no optimiser is given.
    batch : int, default 50
        Sequences a step, where the data are tensors.
    steps : int, optional
        Updates until the iterator ends; by default it never does.
    clip_norm, clip_value : float, optional
        Largest norm of the whole gradient, and largest absolute value of each of its entries. The norm comes
        first.
    truncate : int, optional
        Truncated backpropagation through time: each batch is gone through this many steps at a time, with an
        update after each piece. The state of the recurrent layers goes on from piece to piece, the gradient
        ends where the piece began. All data then need a time axis, axis 0. See `CarriedState` for the models
        this works with.
    evaluate : callable, optional
        From the model to a mapping of names to numbers; called without gradients, in evaluation mode.
    evaluate_every : int, default 100
        Steps from one evaluation to the next; the first comes before any update.
    seed : int, default 0
        Of the order of the batches. The weights are those of the model as it comes.
    watch_divergence : bool, default True
        Whether a loss or a gradient that is no longer finite raises `DivergenceError`.
    progress : bool or Progress, default False
        Whether to show a bar: in a notebook, in a dashboard, or in a terminal.

    Returns
    -------
    Training
        An iterator of `Step`. It can also be reset, interrupted and resumed.

    Raises
    ------
    ValueError
        If the data or a setting is unusable; while iterating, if the loss depends on no parameter that can learn.
    DivergenceError
        While iterating, when the loss or its gradient is no longer finite.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.training import train
    >>> x = torch.linspace(-1, 1, 20).reshape(1, 20, 1)
    >>> line = torch.nn.Linear(1, 1)
    >>> losses = [step.loss for step in train(line, (x, 2 * x + 1), batch=20, learning_rate=0.1, steps=100)]
    >>> losses[-1] < 0.01
    True
    """
    return Training(model, data, **settings)


def _positive(name: str, value: float | None) -> float | None:
    if value is not None and not value > 0:
        raise ValueError(f"{name} is {value!r}; it must be positive, or None for no clipping.")
    return value

"""Training you can watch: a loop that is an iterator, and a runner that turns it in the background.

`train` makes one update each time it is asked for the next `Step`, so that whoever asks decides when to look,
stop or go on. `Runner` does the asking in a thread of its own, for a page that must stay responsive
meanwhile. Neither knows what draws the result.
"""

from __future__ import annotations

import atexit
import copy
import math
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import MethodType
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor, nn

__all__ = ["DivergenceError", "Runner", "Step", "Training", "Watchable", "mean_squared_error", "train"]

Draw = Callable[[torch.Generator], tuple[Tensor, ...]]
Loss = Callable[..., Tensor]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Step:
    """One update of the weights, as it was made.

    Attributes
    ----------
    number : int
        Updates made before this one, so that the first is 0 and its loss is that of the untrained model.
    loss : float
        Loss on this step's batch, before the update.
    grad_norm : float
        Euclidean norm of the gradient over all parameters, before any clipping.
    learning_rate : float
        The optimiser's learning rate during this update.
    evaluation : mapping of str to float
        What ``evaluate`` returned before this update; empty on steps without an evaluation.
    """

    number: int
    loss: float
    grad_norm: float
    learning_rate: float
    evaluation: Mapping[str, float] = field(default_factory=dict)


class DivergenceError(ArithmeticError):
    """The loss is no longer a number: the weights are lost, and going on would only hide it."""


def mean_squared_error(outputs: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean of the squared differences, over the steps that count.

    Parameters
    ----------
    outputs, targets : Tensor, the same shape
        For instance (time, batch, feature). Different shapes are refused: silent broadcasting averages the
        wrong pairs.
    mask : Tensor of shape (time, batch), optional
        1 (or True) where a step counts, 0 for padding and for steps left out of the cost.

    Returns
    -------
    Tensor, a scalar
        In the squared unit of the outputs.

    Raises
    ------
    ValueError
        If the shapes differ, or if the mask leaves nothing.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.training import mean_squared_error
    >>> outputs, mask = torch.tensor([[[1.0]], [[5.0]]]), torch.tensor([[1], [0]])
    >>> mean_squared_error(outputs, torch.zeros(2, 1, 1), mask)
    tensor(1.)
    """
    if outputs.shape != targets.shape:
        raise ValueError(
            f"The outputs have shape {tuple(outputs.shape)} and the targets {tuple(targets.shape)}; "
            "they must agree, or each output would be compared with several targets. Reshape one of them."
        )
    squared = (outputs - targets).square()
    if mask is None:
        return squared.mean()
    weight = (
        mask.to(squared.dtype).reshape(mask.shape + (1,) * (squared.dim() - mask.dim())).expand_as(squared)
    )
    if not weight.any():
        raise ValueError("The mask is zero everywhere, so no step counts. Pass 1 for each step in the cost.")
    return (squared * weight).sum() / weight.sum()


class Training(Iterator[Step]):
    """The loop that `train` returns; see there for the parameters.

    Iterate over it, or call `step`. `state_dict` and `load_state_dict` interrupt and resume it to the last
    bit, `reset` brings back the weights it began with.
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
        evaluate: Callable[[nn.Module], Mapping[str, float]] | None = None,
        evaluate_every: int = 100,
        seed: int = 0,
        watch_divergence: bool = True,
    ) -> None:
        self.model = model
        self._draw = data if callable(data) else _Epochs(data, batch)
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
        self._evaluate, self._evaluate_every = evaluate, evaluate_every
        self._watch_divergence = watch_divergence
        self._generator = torch.Generator().manual_seed(seed)
        self.number = 0
        self.latest: Step | None = None
        self._beginning = copy.deepcopy(self.state_dict())

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
        if self.steps is not None and self.number >= self.steps:
            raise StopIteration
        evaluation: Mapping[str, float] = {}
        if self._evaluate is not None and self.number % self._evaluate_every == 0:
            self.model.eval()
            with torch.no_grad():
                evaluation = self._evaluate(self.model)
        self.model.train()
        inputs, *wanted = self._draw(self._generator)
        self.optimiser.zero_grad()
        loss = self._loss(self.model(inputs), *wanted)
        value = loss.item()
        if self._watch_divergence and not math.isfinite(value):
            raise DivergenceError(
                f"The loss is {value} at step {self.number}: the training has diverged. Reset it, then lower "
                f"the learning rate (now {self.learning_rate:g}) or clip the gradient, for instance with "
                "clip_norm=1."
            )
        loss.backward()  # type: ignore[no-untyped-call]
        parameters = list(self.model.parameters())
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        norm = nn.utils.get_total_norm(gradients)
        if self._clip_norm is not None:
            nn.utils.clip_grads_with_norm_(parameters, self._clip_norm, norm)
        if self._clip_value is not None:
            nn.utils.clip_grad_value_(parameters, self._clip_value)
        self.optimiser.step()
        self.latest = Step(self.number, value, norm.item(), self.learning_rate, evaluation)
        self.number += 1
        return self.latest

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
            # Dropout draws from torch's own generator. Other models leave it alone, and so do we.
            "torch_generator": torch.get_rng_state() if _has_dropout(self.model) else None,
            "data": self._draw.state_dict() if isinstance(self._draw, _Epochs) else {},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state that `state_dict` gave; the next step is then the very step that followed it."""
        state = copy.deepcopy(dict(state))
        self.number = state["number"]
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self._generator.set_state(state["generator"])
        if state["torch_generator"] is not None:
            torch.set_rng_state(state["torch_generator"])
        if isinstance(self._draw, _Epochs):
            self._draw.load_state_dict(state["data"])
        self.latest = None


def train(model: nn.Module, data: tuple[Tensor, ...] | Draw, **settings: Any) -> Training:
    """Train a model one step at a time: ``for step in train(model, (inputs, targets), steps=1000): …``.

    Parameters
    ----------
    model : torch.nn.Module
        Called with the inputs of a batch.
    data : tuple of tensors, or callable
        ``(inputs, targets)`` or ``(inputs, targets, mask)``, the batch on axis 1 as in (time, batch, feature)
        (on axis 0 of a tensor with only one axis); they are gone through in a new random order each epoch. Or
        a function that draws a batch, given a ``torch.Generator``.
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
    evaluate : callable, optional
        From the model to a mapping of names to numbers; called without gradients, in evaluation mode.
    evaluate_every : int, default 100
        Steps from one evaluation to the next; the first comes before any update.
    seed : int, default 0
        Of the order of the batches. The weights are those of the model as it comes.
    watch_divergence : bool, default True
        Whether a loss that is no longer finite raises `DivergenceError`.

    Returns
    -------
    Training
        An iterator of `Step`. It can also be reset, interrupted and resumed.

    Raises
    ------
    ValueError
        If the data or a setting is unusable.
    DivergenceError
        While iterating, when the loss is no longer finite.

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


class _Epochs:
    """Batches from tensors held in memory: every sequence once an epoch, in a new order each time."""

    def __init__(self, data: tuple[Tensor, ...], batch: int) -> None:
        if len(data) < 2:
            raise ValueError("The data hold no targets; pass (inputs, targets), or (inputs, targets, mask).")
        counts = [tensor.shape[_batch_axis(tensor)] for tensor in data]
        if len(set(counts)) > 1:
            raise ValueError(
                f"The inputs and what follows them hold {', '.join(map(str, counts))} sequences; the numbers "
                "must agree. The batch is axis 1, as in (time, batch, feature)."
            )
        if batch < 1 or not counts[0]:
            raise ValueError(
                f"Cannot draw batches of {batch} from {counts[0]} sequences; both must be at least 1."
            )
        self._data, self._count, self._batch = data, counts[0], min(batch, counts[0])
        self._order, self._position = torch.empty(0, dtype=torch.long), 0

    def __call__(self, generator: torch.Generator) -> tuple[Tensor, ...]:
        # A remainder too small for a batch is left out; the next epoch's order gives its sequences another
        # chance.
        if self._position + self._batch > len(self._order):
            self._order, self._position = torch.randperm(self._count, generator=generator), 0
        chosen = self._order[self._position : self._position + self._batch]
        self._position += self._batch
        return tuple(tensor.index_select(_batch_axis(tensor), chosen) for tensor in self._data)

    def state_dict(self) -> dict[str, Any]:
        return {"order": self._order, "position": self._position}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._order, self._position = state["order"], state["position"]


def _batch_axis(tensor: Tensor) -> int:
    return min(1, tensor.dim() - 1)


def _has_dropout(model: nn.Module) -> bool:
    rates = (getattr(module, name, 0) for module in model.modules() for name in ("p", "dropout"))
    return any(isinstance(rate, float) and rate > 0 for rate in rates)


def _positive(name: str, value: float | None) -> float | None:
    if value is not None and not value > 0:
        raise ValueError(f"{name} is {value!r}; it must be positive, or None for no clipping.")
    return value


class Watchable(Protocol):
    """What a `Runner` can run: `Training`, and anything else with these three methods."""

    def step(self) -> object:
        """Do the smallest piece of work; raise `StopIteration` when there is none left."""

    def frame(self) -> Any:
        """Return what to show of the work as it stands; called much less often than `step`."""

    def reset(self) -> None:
        """Go back to the beginning."""


class Runner:
    """Works in the background, under the control of a page: start, pause, step, reset, stop.

    The work is only ever touched by the runner's own thread, so nothing in it needs a lock; what others want
    of it they ask for with `call`. The thread never outlives its owner: it ends with `stop`, when the runner
    is no longer referred to, and when Python exits. An exception in the work ends up in `error` and in the
    state ``"failed"``.

    Parameters
    ----------
    work : Watchable
        What to run, for instance a `Training`.
    on_frame : callable, optional
        Called in the thread with each new frame. Of a bound method only a weak reference is kept, so that the
        runner does not keep its owner alive; a plain function is kept as it is.
    on_state : callable, optional
        Called in the thread with each new state; kept like ``on_frame``.
    rate : float, default 30
        Most frames a second. When making frames takes more than a third of the time, there are fewer.

    Attributes
    ----------
    state : str
        ``"ready"``, ``"running"``, ``"paused"``, ``"finished"``, ``"failed"`` or ``"stopped"``.
    error : BaseException or None
        What the work, or a callback, raised.
    latest : object
        The latest frame, for those who would rather pull than be called; None before the first.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.training import Runner, train
    >>> x = torch.zeros(1, 4, 1)
    >>> runner = Runner(train(torch.nn.Linear(1, 1), (x, x), steps=5))
    >>> runner.start()
    >>> runner.wait(10)
    'finished'
    >>> runner.latest.number
    4
    >>> runner.stop()
    """

    def __init__(
        self,
        work: Watchable,
        on_frame: Callable[[Any], None] | None = None,
        on_state: Callable[[str], None] | None = None,
        *,
        rate: float = 30.0,
    ) -> None:
        if not rate > 0:
            raise ValueError(f"rate is {rate!r} frames a second; it must be positive.")
        self._control = _Control(work, _weak(on_frame), _weak(on_state), 1 / rate)
        # The thread holds the control, not the runner; so the runner can be collected, which ends the thread.
        self._finaliser = weakref.finalize(self, _Control.quit, self._control)
        self._finaliser.atexit = False
        _controls.add(self._control)

    @property
    def state(self) -> str:
        """Ready, running, paused, finished, failed or stopped."""
        return self._control.state

    @property
    def error(self) -> BaseException | None:
        """The exception that ended the work, None while all is well."""
        return self._control.error

    @property
    def latest(self) -> Any:
        """The latest frame; None before the first."""
        return self._control.latest

    def start(self) -> None:
        """Run until paused, finished or stopped; also goes on after a pause."""
        self._control.order(running=True)

    def pause(self) -> None:
        """Stop after the step being made; a last frame shows exactly where."""
        self._control.order(running=False)

    def step(self, count: int = 1) -> None:
        """Make ``count`` steps, then pause."""
        if count < 1:
            raise ValueError(f"step was asked for {count} steps; ask for at least 1.")
        self._control.order(running=False, steps=count)

    def reset(self) -> Future[Any]:
        """Pause, go back to the beginning, and show that; also the way out of a failure."""
        return self._control.reset()

    def call(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Have the thread call a function between two steps, then make a frame.

        The way to change a setting of the work, or to ask something of it, while it runs. The result, or the
        exception, is in the future that is returned; an exception here does not end the work.
        """
        return self._control.call(function, *arguments)

    def wait(self, timeout: float | None = None) -> str:
        """Wait until the thread has nothing left to do, or for ``timeout`` seconds; returns the state."""
        return self._control.wait(timeout)

    def stop(self) -> None:
        """End the thread, for good; waits for the step being made. Safe to call twice."""
        self._control.quit()
        self._control.join(10.0)

    def __repr__(self) -> str:
        return f"Runner({self.state})"


class _Control:
    """What a runner and its thread share: changes are made under the lock, callbacks in the thread."""

    def __init__(
        self,
        work: Watchable,
        on_frame: Callable[[], Callable[[Any], None] | None],
        on_state: Callable[[], Callable[[str], None] | None],
        interval: float,
    ) -> None:
        self.work, self.on_frame, self.on_state, self.interval = work, on_frame, on_state, interval
        self.state = self._told = "ready"
        self.error: BaseException | None = None
        self.latest: Any = None
        self._running, self._due = False, 0
        self._stale = False  # steps were made since the last frame
        self._busy = False
        self._calls: deque[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    # What the owner calls.

    def order(self, running: bool, steps: int = 0) -> None:
        with self._changed:
            self._refuse_when_over()
            if self.state == "failed":
                raise RuntimeError(f"The work has failed ({self.error}). Call reset() before going on.")
            if self.state == "finished":
                return
            self._running, self._due = running, steps
            if running:
                self.state = "running"
            elif steps or self.state == "running":
                self.state = "paused"
            self._wake()

    def reset(self) -> Future[Any]:
        with self._changed:
            self._refuse_when_over()
            self._running, self._due = False, 0
            return self.call(self._begin_again)

    def call(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        future: Future[Result] = Future()
        with self._changed:
            self._refuse_when_over()
            self._calls.append((future, function, arguments))
            self._wake()
        return future

    def wait(self, timeout: float | None) -> str:
        with self._changed:
            self._changed.wait_for(
                lambda: self.state == "stopped" or not (self._busy or self._wanted()), timeout
            )
            return self.state

    def quit(self) -> None:
        with self._changed:
            self.state = "stopped"
            self._running, self._due = False, 0
            for future, _, _ in self._calls:
                future.cancel()
            self._calls.clear()
            self._changed.notify_all()

    def join(self, timeout: float) -> None:
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _refuse_when_over(self) -> None:
        if self.state == "stopped":
            raise RuntimeError("This runner was stopped, and its thread has ended. Make a new one.")

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="rnnviz-runner", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _wanted(self) -> bool:
        return bool(self._running or self._due or self._calls or self._stale or self._told != self.state)

    # What only the runner's thread calls.

    def _run(self) -> None:
        # One thread: on a machine with other work, torch's default slows small models down a hundredfold.
        torch.set_num_threads(1)
        next_frame = 0.0
        while self._await_orders():
            with self._changed:
                calls = list(self._calls)
                self._calls.clear()
                go = not calls and (self._running or self._due > 0)
                if go:
                    # Taken off before it is made: steps ordered while it is being made are all still due.
                    self._due = max(0, self._due - 1)
            try:
                for call in calls:
                    self._answer(*call)
                if go:
                    self._advance()
                if calls or not (self._running or self._due) or time.perf_counter() >= next_frame:
                    next_frame = self._show()
            except Exception as error:
                self._fail(error)
        self._tell_state()

    def _await_orders(self) -> bool:
        """Wait until there is something to do; false when the thread is to end."""
        self._tell_state()
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.state == "stopped" or self._wanted())
            self._busy = True
            return self.state != "stopped"

    def _advance(self) -> None:
        try:
            self.work.step()
        except StopIteration:
            with self._changed:
                self._running, self._due = False, 0
                if self.state != "stopped":
                    self.state = "finished"
        else:
            with self._changed:
                self._stale = True

    def _show(self) -> float:
        """Make a frame and hand it on; returns when the next is due."""
        began = time.perf_counter()
        self._stale = False
        frame = self.work.frame()
        callback = self.on_frame()
        if frame is not None:
            self.latest = frame
            if callback is not None:
                callback(frame)
        now = time.perf_counter()
        return max(began + self.interval, now + 2 * (now - began))

    def _answer(self, future: Future[Any], function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)

    def _begin_again(self) -> None:
        self.work.reset()
        with self._changed:
            self.error = None
            if self.state != "stopped":
                self.state = "ready"

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self._running, self._due, self._stale, self.error = False, 0, False, error
            if self.state != "stopped":
                self.state = "failed"

    def _tell_state(self) -> None:
        if self._told != self.state:
            self._told = self.state
            callback = self.on_state()
            if callback is not None:
                try:
                    callback(self._told)
                except Exception as error:
                    # A callback that fails must not look like a training that stands still.
                    self._fail(error)
                    self._told = self.state


def _weak(callback: Callable[..., None] | None) -> Callable[[], Callable[..., None] | None]:
    if isinstance(callback, MethodType):
        return weakref.WeakMethod(callback)
    return lambda: callback


_controls: weakref.WeakSet[_Control] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    # A daemon thread inside torch while the interpreter is taken down ends in a crash; let each finish its
    # step.
    for control in list(_controls):
        control.quit()
    for control in list(_controls):
        control.join(2.0)

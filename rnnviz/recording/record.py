"""`record(model)`: watch every recurrent layer of a model without disturbing it.

A forward hook keeps references, a hook on the autograd graph catches the gradients that reach the outputs,
and that is all that happens during training: the layer runs the same kernel on the same numbers. Everything
else is derived when it is read (`rnnviz.recording.fused`, `rnnviz.arithmetic.derive`, `rnnviz.arithmetic.adjoint`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import nn
from torch.utils.hooks import RemovableHandle

from rnnviz.recording.descent import Follower
from rnnviz.recording.inner_gradients import has_old_hooks
from rnnviz.recording.refusals import Recurrent, check_positive, check_sequences, refuse_module
from rnnviz.recording.trace import LayerTrace, Trace
from rnnviz.recording.watch import Hook, Watcher, in_backward_pass, make_watcher

__all__ = ["find_recurrent", "record"]


@contextmanager
def record(
    model: nn.Module,
    sequences: Sequence[int] | None = None,
    *,
    every: int = 1,
    keep: int | None = None,
) -> Iterator[Trace]:
    """Record what the recurrent layers of a model compute inside a ``with`` block.

    Every `torch.nn.RNN`, `GRU` and `LSTM` anywhere in the model is watched, `torch.nn.RNNCell`, `GRUCell` and
    `LSTMCell` in a loop of your own (calls that hand the state on unchanged, itself or as a copy or a view, join
    into one sequence), and cells derived from `rnnviz.Cell`. The training step stays the same bit for bit.
    Backward passes count whether they run inside the block or after it.

    Parameters
    ----------
    model : torch.nn.Module
        A model, or a recurrent layer itself.
    sequences : sequence of int, optional
        Which sequences of each batch to keep; all by default.
    every : int
        Record the first forward pass of the model, and each ``every``-th after it. Where training calls a layer
        without going through the model, the layer's own calls count instead, as they do for ``keep``.
    keep : int, optional
        Hold only this many of the latest recorded forward passes, so that memory stays bounded in a long run.

    Yields
    ------
    Trace
        Filled while the block runs. ``trace[name]`` gives a layer's arrays, all (time, batch, unit).

    Raises
    ------
    TypeError
        When the model is not a module, or holds a layer that cannot be watched (scripted, compiled,
        overridden).
    ValueError
        When the model has no recurrent layer, or an argument is out of range.
    RuntimeError
        In the forward pass, before anything of it is recorded, when it runs in a way that cannot be watched
        (autocast, `torch.func` transforms, dropout between layers on CUDA).

    Notes
    -----
    Inputs and outputs are kept by reference, not copied. If they are changed in place afterwards, torch's
    version counter tells, and reading them is refused; a change through ``.data`` is invisible to that
    counter, and is found only where the step equations no longer fit.

    What is recorded of a forward pass that ends in an exception is dropped. A copy of the model made inside
    the block (`copy.deepcopy`, `torch.save`) is not recorded.

    Record in the thread that runs the model, one model call at a time: forward passes that overlap in several
    threads are mixed up. With reentrant checkpointing (``torch.utils.checkpoint`` with
    ``use_reentrant=True``) a layer runs once without gradients and once more in the backward pass: both are
    recorded, the second only while the block lasts, and only the second has gradients. With
    ``use_reentrant=False`` what runs again in the backward pass is left out: there is one record, gradients included.

    Our own layers, `rnnviz.RNN`, `GRU` and `LSTM`, have no second derivatives (``create_graph=True``). torch's
    have, and their gradients are right until a second pass goes through them by way of the first one's
    gradients, as a gradient penalty does: then reading the gradients is refused. In a loop over GRUCell or
    LSTMCell ``grad_hidden`` and ``grad_cell`` stay right; what is derived from them, the parts of the weights'
    gradient say, is refused. Hooks that others have put on a layer see and change what they like: what is recorded is
    what the layer itself computed, and the gradient that reached it.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> _ = torch.manual_seed(0)
    >>> gru = torch.nn.GRU(2, 4)
    >>> with rv.record(gru) as trace:
    ...     output, _ = gru(torch.randn(6, 3, 2))
    ...     output[-1].sum().backward()
    >>> layer = trace["l0"]
    >>> list(layer.gates)
    ['reset', 'update', 'candidate']
    >>> layer.grad_norm.shape
    torch.Size([6, 3])
    """
    recorder = Recorder(model, sequences, every, keep)
    recorder.attach()
    try:
        yield recorder.trace
    finally:
        recorder.detach()


class Recorder:
    """The hooks of one recording: made, attached and detached by `record`."""

    def __init__(
        self, model: nn.Module, sequences: Sequence[int] | None, every: int, keep: int | None
    ) -> None:
        if not isinstance(model, nn.Module):
            raise TypeError(
                f"record was given a {type(model).__name__}; it watches a torch.nn.Module, so pass the model "
                "itself."
            )
        self.model = model
        self.sequences = check_sequences(sequences)
        self.every = check_positive(every, "every")
        self.held = None if keep is None else check_positive(keep, "keep")
        self.follower = Follower()
        self.guarded = has_old_hooks(model)
        self.watchers = [make_watcher(path, module, self) for path, module in find_recurrent(model).items()]
        self.trace = Trace(tuple(name for watcher in self.watchers for name in watcher.names))
        self.trace._modules = tuple(watcher.described for watcher in self.watchers)
        self._handles: list[RemovableHandle] = []
        self._step = -1  # the number of the model's current forward pass; -1 before the first
        self._inside = False
        self._completed = False
        self._appended: list[LayerTrace] = []  # in the current forward pass

    def attach(self) -> None:
        """Put the hooks on the model; on any error leave it as it was."""
        try:
            self._handles.append(self.model.register_forward_pre_hook(Hook(self.model, self._begin)))
            for watcher in self.watchers:
                watcher.attach()
            # Last, so that a recurrent layer recorded on its own still counts as inside the model.
            self._handles.append(self.model.register_forward_hook(Hook(self.model, self._complete)))
            end = Hook(self.model, self._end)
            self._handles.append(self.model.register_forward_hook(end, always_call=True))
        except BaseException:
            self.detach()
            raise

    def detach(self) -> None:
        """Remove every hook from the model. Gradients of what was recorded are still caught."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        for watcher in self.watchers:
            watcher.detach()
        self.follower = Follower()

    def _begin(self, model: nn.Module, arguments: Any) -> None:
        if not in_backward_pass():  # there checkpointing runs the same pass again
            self._step += 1 + max(watcher.calls_outside for watcher in self.watchers)
            for watcher in self.watchers:
                watcher.ran_without_graph = False
                watcher.calls_outside = 0
        self._inside = True
        self._completed = False
        self._appended = []
        self.follower.begin()

    def _complete(self, model: nn.Module, arguments: Any, result: Any) -> None:
        self._completed = True

    def _end(self, model: nn.Module, arguments: Any, result: Any) -> None:
        """End a forward pass, also one that an exception ended: nothing is kept of that."""
        self._inside = False
        if not self._completed:
            self.trace._remove(self._step, self._appended)
        self._appended = []

    @property
    def step(self) -> int | None:
        """The number of the forward pass that is under way, None outside."""
        return self._step if self._inside else None

    def is_due(self, watcher: Watcher) -> bool:
        """Whether the current call is one to record."""
        if in_backward_pass():
            # Checkpointing runs the layer again. Gradients go through that call only where the first had no graph.
            return watcher.ran_without_graph and self._number(watcher) % self.every == 0
        if not self._is_limited:
            return True
        if not self._inside and watcher.is_called_by_step:
            raise RuntimeError(
                f"{watcher.path or 'the layer'} was called on its own, not through the model given to record, so "
                "every= and keep= have no forward pass to count: a cell's call is one step of a sequence. Call the "
                "model itself, or record without them."
            )
        return self._number(watcher) % self.every == 0

    @property
    def _is_limited(self) -> bool:
        return self.every > 1 or self.held is not None

    def _number(self, watcher: Watcher) -> int:
        """Return the number of the forward pass: of the model's, or, for a layer called on its own, of its calls."""
        again = self._inside or in_backward_pass()
        return self._step + watcher.calls_outside + (0 if again else 1)

    def count(self, watcher: Watcher) -> None:
        """Count a call of a layer on its own, where calls are what is counted."""
        if self._is_limited and not self._inside and not in_backward_pass():
            watcher.calls_outside += 1

    def append(self, layer: LayerTrace, watcher: Watcher) -> None:
        """Take a call of a layer into the trace."""
        number = self._number(watcher) if self._is_limited else self._step
        self.trace._append(max(number, 0), layer)
        if self._inside:
            self._appended.append(layer)
        if self.held is not None:
            alone = not self._inside and number > self._step
            self.trace._drop_before(self.held, layer.name if alone else None)


def find_recurrent(model: nn.Module) -> dict[str, Recurrent]:
    """Find the modules of a model that can be watched, by their path in it.

    Raises
    ------
    TypeError
        When one of them cannot be watched.
    ValueError
        When there is none.
    """
    found: dict[str, Recurrent] = {}
    for path, module in model.named_modules():
        refuse_module(path, module)
        if isinstance(module, Recurrent):
            found[path] = module
    if not found:
        raise ValueError(
            f"{type(model).__name__} has no recurrent layer to record: no torch.nn.RNN, GRU or LSTM was "
            "found in it."
        )
    return found

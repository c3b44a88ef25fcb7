"""`record(model)`: watch every recurrent layer of a model without disturbing it.

A forward hook keeps references, a hook on the autograd graph catches the gradients that reach the outputs,
and that is all that happens during training: the layer runs the same kernel on the same numbers. Everything
else is derived when it is read (`rnnviz.recording.fused`, `rnnviz.arithmetic.derive`, `rnnviz.arithmetic.adjoint`).
"""

from __future__ import annotations

import operator
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.utils.hooks import RemovableHandle

from rnnviz.cells import Cell, RNNCell
from rnnviz.cells import Watcher as CellWatcher
from rnnviz.recording.fused import FusedCall, FusedLayer, layer_suffixes, split_weights
from rnnviz.recording.layers import OwnForward, OwnLayer
from rnnviz.recording.stepwise import StepwiseCall
from rnnviz.recording.trace import LayerTrace, Trace
from rnnviz.steps import Weights

__all__ = ["record"]

_KNOWN_FORWARDS = (
    *(nn.RNN.forward, nn.GRU.forward, nn.LSTM.forward, OwnForward.forward),
    *(nn.RNNCell.forward, nn.GRUCell.forward, nn.LSTMCell.forward, Cell.forward),
)

Recurrent = nn.RNNBase | nn.RNNCellBase | Cell


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
    `LSTMCell` in a loop of your own (calls that hand the state on unchanged join into one sequence), and
    cells derived from `rnnviz.Cell`. The training step stays the same bit for bit. Backward passes count
    whether they run inside the block or after it.

    Parameters
    ----------
    model : torch.nn.Module
        A model, or a recurrent layer itself.
    sequences : sequence of int, optional
        Which sequences of each batch to keep; all by default.
    every : int
        Record only every so many forward passes of the model: the first, then each ``every``-th after it.
    keep : int, optional
        Hold only the latest so many recorded forward passes, so that memory stays bounded in a long run.

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

    Our own layers, `rnnviz.RNN`, `GRU` and `LSTM`, have no second derivatives (``create_graph=True``);
    torch's have, and are recorded too.

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
        self.sequences = _check_sequences(sequences)
        self.every = _check_positive(every, "every")
        self.keep = None if keep is None else _check_positive(keep, "keep")
        self.modules = find_recurrent(model)
        names = [name for path, module in self.modules.items() for name in layer_names(path, module)]
        self.trace = Trace(tuple(names))
        self._handles: list[RemovableHandle] = []
        self._watchers: list[tuple[Cell, CellWatcher]] = []
        self._own_watchers: list[tuple[OwnForward, _OwnWatcher]] = []
        self._step = -1  # the number of the model's current forward pass; -1 before the first
        self._inside = False
        self._completed = False
        self._appended: list[LayerTrace] = []  # in the current forward pass
        self._copies: dict[str, _Copy] = {}
        self._chains: dict[str, list[_Chain]] = {}
        self._own_records: dict[str, Sequence[OwnLayer]] = {}
        self._cell_records: dict[str, StepwiseCall] = {}
        self._random_states: dict[str, Tensor] = {}
        self._without_graph: set[str] = set()  # modules with a call that no backward pass can reach

    # --------------------------------------------------------------------------------------------------------
    # hooks

    def attach(self) -> None:
        """Put the hooks on the model; on any error leave it as it was."""
        try:
            self._handles.append(self.model.register_forward_pre_hook(_Hook(self.model, self._begin)))
            for path, module in self.modules.items():
                before = self._before(path)
                self._handles.append(
                    module.register_forward_pre_hook(_Hook(module, before), with_kwargs=True)
                )
                if isinstance(module, Cell):
                    watcher = self._own_cell_watcher(path, module)
                    module._watchers.append(watcher)
                    self._watchers.append((module, watcher))
                    after = self._after_own_cell(path)
                elif isinstance(module, nn.RNNBase):
                    after = self._after_fused(path)
                else:
                    after = self._after_cell(path)
                self._handles.append(module.register_forward_hook(_Hook(module, after), with_kwargs=True))
                if isinstance(module, OwnForward):
                    own = _OwnWatcher(self, path, module)
                    module._watchers += (own,)
                    self._own_watchers.append((module, own))
            # Last, so that a recurrent layer recorded on its own still counts as inside the model.
            self._handles.append(self.model.register_forward_hook(_Hook(self.model, self._complete)))
            end = _Hook(self.model, self._end)
            self._handles.append(self.model.register_forward_hook(end, always_call=True))
        except BaseException:
            self.detach()
            raise

    def detach(self) -> None:
        """Remove every hook from the model. Gradients of what was recorded are still caught."""
        for handle in self._handles:
            handle.remove()
        for cell, watcher in self._watchers:
            cell._watchers.remove(watcher)
        for module, own in self._own_watchers:
            module._watchers = tuple(watcher for watcher in module._watchers if watcher is not own)
        self._handles.clear()
        self._watchers.clear()
        self._own_watchers.clear()
        self._own_records.clear()
        self._cell_records.clear()
        self._chains.clear()
        self._copies.clear()
        self._random_states.clear()
        self._without_graph.clear()

    def _begin(self, model: nn.Module, arguments: Any) -> None:
        self._step += 1
        self._inside = True
        self._completed = False
        self._appended = []
        self._without_graph.clear()

    def _complete(self, model: nn.Module, arguments: Any, result: Any) -> None:
        self._completed = True

    def _end(self, model: nn.Module, arguments: Any, result: Any) -> None:
        """End a forward pass, also one that an exception ended: nothing is kept of that."""
        self._inside = False
        if not self._completed:
            self.trace._remove(self._step, self._appended)
        self._appended = []

    def _is_due(self, path: str) -> bool:
        """Whether the current call is one to record."""
        if _in_backward_pass():
            # Checkpointing runs the layer again. Gradients go through that call only where the first had no graph.
            return path in self._without_graph and self._step % self.every == 0
        if self.every == 1 and self.keep is None:
            return True
        if not self._inside:
            raise RuntimeError(
                f"{path or 'the layer'} was called on its own, not through the model given to record, so "
                "every= and keep= have no forward pass to count. Call the model itself, or record without "
                "them."
            )
        return self._step % self.every == 0

    def _note_graph(self, path: str, result: Any) -> None:
        """Note a call that no backward pass can reach, so that one that makes up for it is known."""
        if not _in_backward_pass() and not _requires_grad(result):
            self._without_graph.add(path)

    def _append(self, name: str, layer: LayerTrace) -> None:
        self.trace._append(max(self._step, 0), layer)
        if self._inside:
            self._appended.append(layer)
        if self.keep is not None:
            self.trace._drop_before(self.keep)

    def _before(self, path: str) -> Callable[..., None]:
        """Make the hook that refuses what cannot be watched, before the forward pass of a module."""

        def before(module: Recurrent, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
            # A call that ended in an exception leaves these behind.
            self._own_records.pop(path, None)
            self._cell_records.pop(path, None)
            self._random_states.pop(path, None)
            if not self._is_due(path):
                return
            data, _ = _read_arguments(arguments, keywords)
            name = path or type(module).__name__
            refuse_call(name, data)
            _check_batch(name, self.sequences, _batch_of(module, data))
            if isinstance(module, OwnForward) and module.runs_here(data):
                return  # it hands over its record itself, masks included
            if (
                isinstance(module, nn.RNNBase)
                and module.dropout
                and module.training
                and module.num_layers > 1
            ):
                refuse_dropout(name, data)
                self._random_states[path] = torch.get_rng_state()

        return before

    def _after_fused(self, path: str) -> Callable[..., None]:
        """Make the hook that keeps a call of `torch.nn.RNN`, `GRU` or `LSTM`."""

        def after(
            module: nn.RNNBase, arguments: tuple[Any, ...], keywords: dict[str, Any], result: Any
        ) -> None:
            own = self._own_records.pop(path, None)
            self._note_graph(path, result)
            if not self._is_due(path):
                return
            names = layer_names(path, module)
            if own is not None:
                weights = self._copy_weights(path, module._flat_weights, module)
                for name, layer, copied in zip(names, own, weights, strict=True):
                    layer.replace_weights(copied)
                    self._append(name, LayerTrace(name, layer))
                return
            call = FusedCall(
                module,
                path,
                _read_arguments(arguments, keywords),
                result,
                self._copy_weights(path, module._flat_weights, module),
                self.sequences,
                self._random_states.pop(path, None),
            )
            for index, name in enumerate(names):
                source = FusedLayer(call, *divmod(index, call.directions))
                self._append(name, LayerTrace(name, source))

        return after

    def _after_cell(self, path: str) -> Callable[..., None]:
        """Make the hook that keeps a call of `torch.nn.RNNCell`, `GRUCell` or `LSTMCell`, one step."""
        name = path or "cell"

        def after(
            module: nn.RNNCellBase, arguments: tuple[Any, ...], keywords: dict[str, Any], result: Any
        ) -> None:
            self._note_graph(path, result)
            if not self._is_due(path):
                return
            data, given = _read_arguments(arguments, keywords)
            states: tuple[Tensor, ...] = result if isinstance(result, tuple) else (result,)
            # torch takes a list of states as well.
            before = None if given is None else (given,) if isinstance(given, Tensor) else tuple(given)
            parameters = [module.weight_ih, module.weight_hh, module.bias_ih, module.bias_hh]
            (weights,) = self._copy_weights(path, parameters)
            # A dead tail can never be handed in again.
            chains = [chain for chain in self._chains.get(path, []) if chain.is_alive()]
            chain = next((chain for chain in chains if chain.continues(before, weights)), None)
            if chain is None:
                call = StepwiseCall(
                    type(module).__name__.removesuffix("Cell"),
                    name,
                    before or tuple(torch.zeros_like(state) for state in states),
                    state_names=("hidden", "cell")[: len(states)],
                    weights=weights,
                    nonlinearity=getattr(module, "nonlinearity", None),
                    pick=self._pick,
                )
                chain = _Chain(call)
                chains.append(chain)
                self._append(name, LayerTrace(name, call))
            chain.add(data, states)
            self._chains[path] = chains

        return after

    def _own_cell_watcher(self, path: str, cell: Cell) -> CellWatcher:
        """Make the function that a student's cell asks for an observer of each forward pass."""

        def watch(initial: tuple[Tensor, ...]) -> StepwiseCall | None:
            if not self._is_due(path):
                return None
            used = cell.torch_weights()
            self._cell_records[path] = StepwiseCall(
                cell.kind,
                path or "cell",
                initial,
                state_names=cell.states,
                weights=self._copy_weights(path, list(vars(used).values())[:4])[0] if used else None,
                nonlinearity=cell.nonlinearity if isinstance(cell, RNNCell) else None,
                pick=self._pick_batched,
            )
            return self._cell_records[path]

        return watch

    def _after_own_cell(self, path: str) -> Callable[..., None]:
        """Make the hook that takes over the record of a student's cell once its forward pass is complete."""
        name = path or "cell"

        def after(module: Cell, arguments: tuple[Any, ...], keywords: dict[str, Any], result: Any) -> None:
            call = self._cell_records.pop(path, None)
            self._note_graph(path, result)
            if call is not None:
                self._append(name, LayerTrace(name, call))

        return after

    def _pick(self, rows: Tensor) -> Tensor:
        """Choose the kept sequences from the rows (batch, …) of one step; a single row has no batch."""
        return self._pick_batched(rows if rows.dim() > 1 else rows.unsqueeze(0))

    def _pick_batched(self, rows: Tensor) -> Tensor:
        """Choose the kept sequences where there is a batch in any case, as in a student's cell."""
        return rows if self.sequences is None else rows[list(self.sequences)]

    def _copy_weights(
        self, path: str, parameters: Sequence[Tensor | None], module: nn.RNNBase | None = None
    ) -> list[Weights]:
        """Copy the parameters that were just used, one `Weights` for each layer and direction.

        A module that is called many times between two optimizer steps is copied once. Within one forward pass
        of the model torch's version counter tells that nothing has changed; from pass to pass it does not,
        because fused optimizers and changes through ``.data`` do not count, so there the values are compared.
        """
        used = [p.detach() for p in parameters if p is not None]
        versions = [(p.data_ptr(), 0 if p.is_inference() else p._version) for p in used]
        step = self._step if self._inside else None
        known = self._copies.get(path)
        if known is not None:
            same_pass = step is not None and step == known.step and versions == known.versions
            if same_pass or all(map(_equal_bits, known.values, used)):
                known.step, known.versions = step, versions
                return known.weights
        copies = [None if p is None else p.detach().clone() for p in parameters]
        values = [value for value in copies if value is not None]
        weights = [Weights(*copies)] if module is None else split_weights(module, copies)  # type: ignore[arg-type]
        self._copies[path] = _Copy(step, versions, values, weights)
        return weights


@dataclass(eq=False)
class _Copy:
    """The latest copy of a module's parameters, and the forward pass in which they were found so."""

    step: int | None
    versions: list[tuple[int, int]]
    values: list[Tensor]
    weights: list[Weights]


def _in_backward_pass() -> bool:
    """Whether this thread is inside a backward pass, as checkpointing is when it runs a layer again."""
    return bool(torch._C._current_graph_task_id() != -1)


def _requires_grad(result: Any) -> bool:
    """Whether any tensor of a layer's result is part of a graph."""
    if isinstance(result, tuple):
        return any(map(_requires_grad, result))
    return isinstance(result, Tensor) and result.requires_grad


def _equal_bits(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors hold the same; unlike in `torch.equal`, NaN is the same as NaN."""
    if a.shape != b.shape or a.dtype != b.dtype or a.device != b.device:
        return False
    return torch.equal(a, b) or torch.equal(
        a.contiguous().view(torch.uint8), b.contiguous().view(torch.uint8)
    )


class _Hook:
    """A hook for one module. In a copy of that module, deep, shallow or pickled, it does nothing."""

    def __init__(self, module: nn.Module | None = None, run: Callable[..., None] | None = None) -> None:
        self._module = module
        self._run = run

    def __call__(self, module: nn.Module, *arguments: Any) -> None:
        if self._run is not None and module is self._module:
            self._run(module, *arguments)

    def __reduce__(self) -> tuple[type[_Hook], tuple[()]]:
        return _Hook, ()


class _OwnWatcher:
    """Takes over the records that our own layers make while they run; see `rnnviz.recording.layers.Watcher`."""

    def __init__(self, recorder: Recorder, path: str, module: OwnForward) -> None:
        self._recorder = recorder
        self._path = path
        self._names = layer_names(path, module)
        self._directions = 2 if module.bidirectional else 1
        self._units = module.proj_size or module.hidden_size

    def begin(self, unsorted: Tensor | None) -> list[OwnLayer]:
        sequences, order = self._recorder.sequences, unsorted
        if sequences is not None:
            chosen = torch.tensor(sequences)
            order = chosen if unsorted is None else unsorted[chosen.to(unsorted.device)]
        return [
            OwnLayer(name, order, index % self._directions == 1, self._units)
            for index, name in enumerate(self._names)
        ]

    def end(self, layers: Sequence[OwnLayer]) -> None:
        self._recorder._own_records[self._path] = layers


class _Chain:
    """Calls of one torch cell in which each got the very state that the one before returned."""

    def __init__(self, call: StepwiseCall) -> None:
        self.call = call
        # Weak, so that a finished sequence keeps no autograd graph alive.
        self._tail: list[weakref.ref[Tensor]] = []

    def is_alive(self) -> bool:
        return all(state() is not None for state in self._tail)

    def continues(self, states: tuple[Tensor, ...] | None, weights: Weights) -> bool:
        """Whether a call that gets these states is the next step."""
        if states is None or weights is not self.call.weights:
            return False
        return len(states) == len(self._tail) and all(
            last() is state for last, state in zip(self._tail, states, strict=True)
        )

    def add(self, x: Tensor, states: tuple[Tensor, ...]) -> None:
        self.call.add(x, states, {})
        self._tail = [weakref.ref(state) for state in states]


# ------------------------------------------------------------------------------------------------- finding
# and refusing


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


def layer_names(path: str, module: Recurrent) -> list[str]:
    """Names of the layers of one module: "lstm.l0", or "l0" when the module itself is recorded.

    A cell is one layer, with the module's own name, or "cell".
    """
    if not isinstance(module, nn.RNNBase):
        return [path or "cell"]
    return [f"{path}.{suffix}" if path else suffix for suffix in layer_suffixes(module)]


def refuse_module(path: str, module: nn.Module) -> None:
    """Raise for a module whose recurrent layers hooks cannot see or whose arithmetic is unknown."""
    where = f"{path} ({type(module).__name__})" if path else f"the model ({type(module).__name__})"
    # A part that holds nothing recurrent may be anything: it is none of the recorder's business.
    if isinstance(module, torch.jit.ScriptModule) and _holds_scripted(module):
        raise TypeError(
            f"{where} is scripted or traced; its layers cannot be watched. Record the eager module it was "
            "made from."
        )
    # torch.compile wraps the module in an OptimizedModule; module.compile() marks it. (Asking torch._dynamo
    # itself would import it, which takes a second.)
    compiled = type(module).__module__.startswith("torch._dynamo") or hasattr(module, "_orig_mod")
    compiled = compiled or getattr(module, "_compiled_call_impl", None) is not None
    if compiled and _holds_recurrent(module):
        raise TypeError(
            f"{where} is compiled; a compiled layer cannot be watched. Record the module that was given to "
            "torch.compile (compiled._orig_mod) and call that."
        )
    if isinstance(module, nn.DataParallel) and _holds_recurrent(module):
        raise TypeError(
            f"{where} runs copies of its module on several devices, which hooks do not follow. Record "
            "model.module."
        )
    if type(module).__module__.startswith("torch.ao.nn.quantized") and hasattr(module, "num_layers"):
        raise TypeError(f"{where} is quantized; only its outputs exist. Record the float module instead.")
    if isinstance(module, Recurrent):
        forward = module.__dict__.get("forward", type(module).forward)
        if "_held" in module.__dict__:
            raise TypeError(
                f"{where} has a gate or a state held by rnnviz.intervene, so its equations are not those of its kind. "
                "Record outside that block, and inside it read the arrays of what it gives."
            )
        if forward not in _KNOWN_FORWARDS:
            raise TypeError(
                f"{where} overrides forward, so what it computes is unknown. Put a plain layer inside it "
                "instead, or write an rnnviz.Cell with a step of your own."
            )


def _holds_recurrent(module: nn.Module) -> bool:
    return any(isinstance(part, Recurrent) for part in module.modules())


def _holds_scripted(module: torch.jit.ScriptModule) -> bool:
    """Whether a scripted or traced module was made from something recurrent; it remembers only names."""
    names = {"RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell", *_names_below(Cell)}
    return any(getattr(part, "original_name", "") in names for part in module.modules())


def _names_below(kind: type) -> Iterator[str]:
    """Name all classes derived from one."""
    below: list[type] = kind.__subclasses__()
    for derived in below:
        yield derived.__name__
        yield from _names_below(derived)


def refuse_call(name: str, data: Tensor | PackedSequence) -> None:
    """Raise for a forward pass that runs in a way that cannot be watched."""
    tensor = data.data if isinstance(data, PackedSequence) else data
    if not isinstance(tensor, Tensor):
        return  # torch's own error says it best
    if tensor.is_meta or torch.compiler.is_exporting():
        raise RuntimeError(
            f"{name} runs on tensors without data (torch.export, or the meta device), so there is nothing to "
            "record. Record a plain call of the model."
        )
    if torch.is_autocast_enabled(tensor.device.type):
        raise RuntimeError(
            f"{name} runs under autocast, which computes it in another precision than its weights. Record "
            "outside autocast, or convert the model with model.to(torch.bfloat16)."
        )
    if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        raise RuntimeError(
            f"{name} runs inside a torch.func transform (vmap, grad, …), where its tensors are not real "
            "data. Record a plain call of the model."
        )
    if torch._C._get_tracing_state() is not None:
        raise RuntimeError(f"{name} is being traced by torch.jit. Record a plain call of the model.")


def refuse_dropout(name: str, data: Tensor | PackedSequence) -> None:
    """Raise where dropout's masks cannot be had again."""
    device = data.data.device.type
    if device != "cpu":
        raise RuntimeError(
            f"{name} applies dropout between its layers on {device}, where the masks are drawn inside the "
            "kernel and cannot be known. Record in eval mode, set dropout to 0, or put nn.Dropout between "
            "single layers."
        )


def _read_arguments(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, Any]:
    """Return the input and the initial state of a call, however they were passed."""
    data = arguments[0] if arguments else keywords.get("input")
    initial = arguments[1] if len(arguments) > 1 else keywords.get("hx")
    return data, initial


def _check_sequences(sequences: Sequence[int] | None) -> tuple[int, ...] | None:
    if sequences is None:
        return None
    if isinstance(sequences, int):
        raise TypeError(f"sequences is the number {sequences}; pass a list, as in sequences=[{sequences}].")
    chosen = tuple(operator.index(sequence) for sequence in sequences)
    if not chosen:
        raise ValueError(
            "sequences is empty; name the sequences of the batch to keep, or leave it out for all."
        )
    if min(chosen) < 0 or len(set(chosen)) < len(chosen):
        raise ValueError(f"sequences is {list(chosen)}; each index must be 0 or more and appear once.")
    return chosen


def _check_positive(number: int, name: str) -> int:
    try:
        whole = operator.index(number)
    except TypeError:
        raise TypeError(f"{name} is {number!r}; it must be a whole number, 1 or more.") from None
    if whole < 1:
        raise ValueError(f"{name} is {number}; it must be 1 or more.")
    return whole


def _check_batch(name: str, sequences: tuple[int, ...] | None, batch: int) -> None:
    """Raise when a sequence is asked for that the batch does not have."""
    if sequences is not None and max(sequences) >= batch:
        raise ValueError(
            f"sequences asks for number {max(sequences)}, but {name} was given a batch of {batch} (counted "
            "from 0)."
        )


def _batch_of(module: Recurrent, data: Any) -> int:
    """Return how many sequences a module was given."""
    if isinstance(data, PackedSequence):
        return int(data.batch_sizes[0])
    if isinstance(module, nn.RNNCellBase):
        return int(data.shape[0]) if data.dim() == 2 else 1
    return int(data.shape[0 if module.batch_first else 1]) if data.dim() == 3 else 1

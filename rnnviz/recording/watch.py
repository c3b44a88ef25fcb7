"""What looks on while a module runs: one watcher a kind of module.

torch's fused layers show their inputs and outputs; its cells one step at a time; a student's cell and our own layers
hand over what they compute. Each watcher puts the hooks on one module, and makes a `LayerTrace` of each call.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn.modules import module as module_hooks
from torch.nn.utils import parametrize
from torch.nn.utils.rnn import PackedSequence
from torch.utils.hooks import RemovableHandle

from rnnviz.arithmetic.states import GATES
from rnnviz.cells import Cell, RNNCell
from rnnviz.recording.descent import Descent, Follower, Place
from rnnviz.recording.fused import FusedCall, FusedLayer, layer_suffixes, split_weights
from rnnviz.recording.layers import LayerRecord, RecordingLayer
from rnnviz.recording.refusals import Recurrent, check_batch, refuse_call, refuse_dropout
from rnnviz.recording.stepwise import StepwiseCall
from rnnviz.recording.trace import LayerTrace, Source
from rnnviz.recording.wiring import Call, Followed, Module
from rnnviz.steps import Weights

__all__ = ["Hook", "Pass", "Watcher", "describe_module", "in_backward_pass", "layer_names", "make_watcher"]


class Pass(Protocol):
    """What a watcher needs to know of the recording, and tells it."""

    sequences: tuple[int, ...] | None
    follower: Follower
    #: Whether the model has hooks that may change gradients inside a layer.
    guarded: bool

    @property
    def step(self) -> int | None:
        """The number of the model's forward pass that is under way, None outside."""

    def is_due(self, watcher: Watcher) -> bool:
        """Whether the current call is one to record."""

    def count(self, watcher: Watcher) -> None:
        """Count a call of a layer on its own, where calls are what is counted."""

    def append(self, layer: LayerTrace, watcher: Watcher) -> None:
        """Take a call of a layer into the trace."""


class Watcher:
    """The hooks on one module.

    Parameters
    ----------
    path : str
        Where the module is in the model.
    module : torch.nn.Module
    recording : Pass
    """

    #: Whether a call of the module is one step of a sequence.
    is_called_by_step = False

    def __init__(self, path: str, module: Any, recording: Pass) -> None:
        self.path = path
        self.module = module
        self.recording = recording
        self.names = layer_names(path, module)
        self.described = describe_module(path, module, self.names)
        #: Whether the current forward pass has a call that no backward pass can reach.
        self.ran_without_graph = False
        #: How often it was called on its own since the model's last forward pass, where that is counted.
        self.calls_outside = 0
        self._calls = 0
        self.first_node = 0  # of the autograd graph, in the current call
        self._copies = WeightCopies()
        self._handles: list[RemovableHandle] = []

    def attach(self) -> None:
        """Put the hooks on the module.

        The one after its forward pass comes before everybody else's, which may return something else in the place of
        what the module has computed.
        """
        before, after = Hook(self.module, self._before), Hook(self.module, self._after)
        self._handles.append(self.module.register_forward_pre_hook(before, with_kwargs=True))
        if not module_hooks._global_forward_hooks:
            handle = self.module.register_forward_hook(after, with_kwargs=True, prepend=True)
        else:  # they run before a module's own
            handle = module_hooks.register_module_forward_hook(after, with_kwargs=True)
            hooks: Any = module_hooks._global_forward_hooks  # an OrderedDict, typed as a dict
            hooks.move_to_end(handle.id, last=False)
        self._handles.append(handle)

    def detach(self) -> None:
        """Take them off again, and forget what only a running recording needs."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._copies.clear()

    def forget_call(self) -> None:
        """Forget what a call has left behind that ended in an exception."""

    def expects_draws(self, module: Any, data: Any) -> bool:
        """Whether the call draws masks of dropout that will have to be drawn again."""
        return False

    def keep_draws(self) -> None:
        """Keep what draws them."""

    def keep(self, data: Any, initial: Any, result: Any) -> None:
        """Keep a call: what the module was given, and what it returned."""
        raise NotImplementedError

    def _before(self, module: Recurrent, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        """Refuse what cannot be watched, before the module runs."""
        self.forget_call()
        if not self.recording.is_due(self):
            return
        self.first_node = torch._C._autograd._get_sequence_nr()
        data, _ = read_arguments(arguments, keywords)
        name = self.path or type(module).__name__
        refuse_call(name, data)
        # Also where only the parameters are transformed: functional_call puts them in for the time of the call.
        for used in (*module._parameters.values(), *getattr(module, "_flat_weights", ())):
            if used is not None and torch._C._functorch.is_functorch_wrapped_tensor(used):
                refuse_call(name, used)
        check_batch(name, self.recording.sequences, batch_of(module, data))
        if self.expects_draws(module, data):
            refuse_dropout(name, data)
            self.keep_draws()

    def _after(
        self, module: Recurrent, arguments: tuple[Any, ...], keywords: dict[str, Any], result: Any
    ) -> None:
        if not in_backward_pass():
            inside = self.recording.step is not None
            self.ran_without_graph = not requires_grad(result) or (inside and self.ran_without_graph)
        if self.recording.is_due(self):
            self.keep(*read_arguments(arguments, keywords), result)
        self.recording.count(self)
        self.forget_call()

    def begin_call(self, data: Any, initial: Any, followed: tuple[Descent | None, ...] | None = None) -> Call:
        """Follow what a call was given back to the calls that it came from; the states, unless they have been."""
        if self.described.training != self.module.training:
            self.described = describe_module(self.path, self.module, self.names)
        call = Call(self.described, self._calls)
        self._calls += 1
        follower = self.recording.follower
        read = rows_of(data)
        self.follow_input(call, read)
        call.data = follower.number_input(read)
        if initial is not None:
            call.initial = self.follow_states(states_of(initial)) if followed is None else followed
        return call

    def follow_states(self, states: tuple[Tensor, ...]) -> tuple[Descent | None, ...]:
        """Follow the states that a call goes on from, also to earlier passes of the model."""
        follower = self.recording.follower
        return tuple(follower.follow(state, earlier_passes=True) for state in states)

    def follow_input(self, call: Call, read: Tensor) -> None:
        """Follow what the module reads, or what it reads in one more step of a loop."""
        descent: Descent | None = self.recording.follower.follow(read)
        call.inputs.append(descent)
        if descent is None and not torch.is_grad_enabled() and self.recording.follower.has_results:
            call.is_followed = False  # computed from a recorded layer or not: nothing tells

    def end_call(self, call: Call, sources: Sequence[Source], output: Any, final: Sequence[Tensor]) -> None:
        """Take a call into the trace, and remember its results."""
        layers = [
            LayerTrace(name, source, Followed(call, index))
            for index, (name, source) in enumerate(zip(self.names, sources, strict=True))
        ]
        call.keep_layers(layers)
        self.note_results(call, output, final)
        for layer in layers:
            self.recording.append(layer, self)

    def note_results(self, call: Call, output: Any, final: Sequence[Tensor], step: int = -1) -> None:
        """Remember what a call returned, so that it is known where it comes up again."""
        follower, known = self.recording.follower, weakref.ref(call)
        for part, state in zip(("hidden", "cell"), final, strict=False):
            follower.note(state, Place(known, part, step))
        if output is not None:
            follower.note(rows_of(output), Place(known, "output", step))

    def copy_weights(self, parameters: Sequence[Tensor | None], *, split: bool = False) -> list[Weights]:
        """Copy the parameters that were just used, one `Weights` for each layer and direction."""
        return self._copies.copy(parameters, self.recording.step, self.module if split else None)

    def pick(self, rows: Tensor) -> Tensor:
        """Choose the kept sequences where there is a batch in any case, as in a student's cell."""
        sequences = self.recording.sequences
        return rows if sequences is None else rows[list(sequences)]


class FusedWatcher(Watcher):
    """Watches `torch.nn.RNN`, `GRU` and `LSTM`."""

    _random_state: Tensor | None = None

    def forget_call(self) -> None:
        """Forget the state of the random numbers."""
        self._random_state = None

    def expects_draws(self, module: nn.RNNBase, data: Any) -> bool:
        """Whether there is dropout between the layers."""
        return bool(module.dropout and module.training and module.num_layers > 1)

    def keep_draws(self) -> None:
        """Keep the state of the random numbers."""
        self._random_state = torch.get_rng_state()

    def keep(self, data: Any, initial: Any, result: Any) -> None:
        """Keep references to what went in and came out."""
        call = self.begin_call(data, initial)
        kept = FusedCall(
            self.module,
            self.path,
            (data, initial),
            result,
            self.copy_weights(self.module._flat_weights, split=True),
            self.recording.sequences,
            self._random_state,
            first_node=self.first_node,
            guarded=self.recording.guarded,
        )
        sources = [FusedLayer(kept, *divmod(index, kept.directions)) for index in range(len(self.names))]
        self.end_call(call, sources, result[0], states_of(result[1]))


class RecordingLayerWatcher(FusedWatcher):
    """Watches our own layers, which hand over their records; on torch's kernels, as torch's are watched."""

    _record: Sequence[LayerRecord] | None = None

    def attach(self) -> None:
        """Put the hooks on the module, and tell it to hand over its records."""
        super().attach()
        self.module._watchers += (self,)

    def detach(self) -> None:
        """Take them off again."""
        super().detach()
        self.module._watchers = tuple(one for one in self.module._watchers if one is not self)

    def forget_call(self) -> None:
        """Forget the record."""
        super().forget_call()
        self._record = None

    def expects_draws(self, module: RecordingLayer, data: Any) -> bool:  # type: ignore[override]
        """Whether torch's kernel draws masks; our own hands them over."""
        return not module.runs_here(data) and super().expects_draws(module, data)

    def begin(self, unsorted: Tensor | None) -> list[LayerRecord]:
        """Make room for the record of one pass; see `rnnviz.recording.layers.Watcher`."""
        sequences, order = self.recording.sequences, unsorted
        if sequences is not None:
            chosen = torch.tensor(sequences)
            order = chosen if unsorted is None else unsorted[chosen.to(unsorted.device)]
        directions = 2 if self.module.bidirectional else 1
        units = self.module.proj_size or self.module.hidden_size
        return [
            LayerRecord(name, order, index % directions == 1, units) for index, name in enumerate(self.names)
        ]

    def end(self, layers: Sequence[LayerRecord]) -> None:
        """Take the complete record."""
        self._record = layers

    def keep(self, data: Any, initial: Any, result: Any) -> None:
        """Take over what the layer has handed over."""
        record = self._record
        if record is None:
            super().keep(data, initial, result)
            return
        call = self.begin_call(data, initial)
        weights = self.copy_weights(self.module._flat_weights, split=True)
        for layer, copied in zip(record, weights, strict=True):
            layer.replace_weights(copied)
        self.end_call(call, record, result[0], states_of(result[1]))


class CellWatcher(Watcher):
    """Watches `torch.nn.RNNCell`, `GRUCell` and `LSTMCell`: calls that hand the state on unchanged are one sequence.

    Unchanged is a state that is the very tensor, or another one with the same numbers to which nothing but copies and
    views lead (``h.clone()``, ``h.view(…)``, a row of a stack), so that its gradient is handed back unchanged too.
    """

    is_called_by_step = True

    def __init__(self, path: str, module: Any, recording: Pass) -> None:
        super().__init__(path, module, recording)
        self._chains: list[_Chain] = []
        # Those of this forward pass whose last state is gone, of which there may still be a copy.
        self._ended: dict[Call, _Chain] = {}
        self._ended_in: int | None = None

    def detach(self) -> None:
        """Take the hooks off, and end all sequences."""
        super().detach()
        self._chains.clear()
        self._ended.clear()

    def keep(self, data: Any, initial: Any, result: Any) -> None:
        """Add a step to the sequence that it goes on with, or begin a new one."""
        module, name = self.module, self.names[0]
        states = states_of(result)
        # torch takes a list of states as well.
        before = None if initial is None else states_of(initial)
        (weights,) = self._copy_used()
        chain = next((chain for chain in self._chains if chain.continues(before, weights)), None)
        followed = None
        if chain is None and before is not None:
            followed = self.follow_states(before)
            chain = self._find_copied(before, followed, weights)
        self._forget_ended()
        if chain is None:
            call = self.begin_call(data, before, followed)
            kept = StepwiseCall(
                cell_kind(module),
                name,
                before or tuple(torch.zeros_like(state) for state in states),
                state_names=("hidden", "cell")[: len(states)],
                weights=weights,
                nonlinearity=getattr(module, "nonlinearity", None),
                pick=self._pick_rows,
                first_node=self.first_node,
                guarded=self.recording.guarded,
            )
            chain = _Chain(call, kept)
            self._chains.append(chain)
            self.end_call(call, [kept], None, ())
        else:
            self._ended.pop(chain.call, None)
            if chain not in self._chains:
                self._chains.append(chain)
            self.follow_input(chain.call, data)
        chain.add(data, states)
        step = chain.kept.shape[0] - 1
        self.note_results(chain.call, None, states[1:], step)
        self.recording.follower.note(states[0], Place(weakref.ref(chain.call), "output", step))

    def _find_copied(
        self, states: tuple[Tensor, ...], followed: tuple[Descent | None, ...], weights: Weights
    ) -> _Chain | None:
        """Find the sequence whose last states these are, where they are other tensors than it returned."""
        origin = followed[0].places[0].call() if followed[0] is not None else None
        chain = self._ended.get(origin) if origin is not None else None
        chain = chain or next((chain for chain in self._chains if chain.call is origin), None)
        if chain is None or weights is not chain.kept.weights or len(states) != chain.width:
            return None
        if not all(map(chain.hands_on, ("output", "cell"), followed, states)):
            return None
        # A function of others may share the memory and hand back another gradient.
        follower = self.recording.follower
        ways = (
            follower.follow(state, earlier_passes=True, by_graph=True)
            for state in states
            if state.grad_fn is not None
        )
        known = all(way is not None and way.moved and not way.cut for way in ways)
        return chain if known and chain.kept.ends_with(states) else None

    def _forget_ended(self) -> None:
        """Set aside the sequences whose last state is gone, and forget those of earlier forward passes."""
        if self._ended_in is None or self._ended_in != self.recording.step:
            self._ended.clear()
            self._ended_in = self.recording.step
        alive = []
        for chain in self._chains:
            if chain.is_alive():
                alive.append(chain)
            else:
                self._ended[chain.call] = chain
        self._chains = alive

    def note_results(self, call: Call, output: Any, final: Sequence[Tensor], step: int = -1) -> None:
        """Remember the states after a step; the first is the output as well."""
        if final:
            self.recording.follower.note(final[0], Place(weakref.ref(call), "cell", step))

    def _copy_used(self) -> list[Weights]:
        """Copy the parameters that the step has used; parametrized ones as they came out of their parametrization."""
        module = self.module
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        if not parametrize.is_parametrized(module):
            return self.copy_weights([getattr(module, name) for name in names])
        # Some change their own state whenever they are read in training mode: spectral_norm iterates, dropout draws.
        parts = [part for part in module.parametrizations.modules() if part.training]
        for part in parts:
            part.training = False
        try:
            with torch.no_grad():
                values = [getattr(module, name) for name in names]
        finally:
            for part in parts:
                part.training = True
        # These are made anew at every reading, so that neither their memory nor their version tells anything.
        return self._copies.copy(values, None, None)

    def _pick_rows(self, rows: Tensor) -> Tensor:
        """Choose the kept sequences from the rows (batch, …) of one step; a single row has no batch."""
        return self.pick(rows if rows.dim() > 1 else rows.unsqueeze(0))


class StudentCellWatcher(Watcher):
    """Watches cells derived from `rnnviz.Cell`, which tell each step as soon as it is done."""

    _record: StepwiseCall | None = None

    def attach(self) -> None:
        """Put the hooks on the module, and look on at its steps."""
        super().attach()
        self.module._watchers.append(self._look_on)

    def detach(self) -> None:
        """Take them off again."""
        super().detach()
        if self._look_on in self.module._watchers:
            self.module._watchers.remove(self._look_on)

    def forget_call(self) -> None:
        """Forget the record."""
        self._record = None

    def _look_on(self, initial: tuple[Tensor, ...]) -> StepwiseCall | None:
        """Give the cell what takes down its steps."""
        if not self.recording.is_due(self):
            return None
        cell: Cell = self.module
        # A student's step may do anything with the weights that it has from ours.
        used = cell.torch_weights() if cell.kind in GATES else None
        self._record = StepwiseCall(
            cell.kind,
            self.names[0],
            initial,
            state_names=cell.states,
            weights=self.copy_weights(list(vars(used).values())[:4])[0] if used else None,
            nonlinearity=cell.nonlinearity if isinstance(cell, RNNCell) else None,
            pick=self.pick,
            first_node=self.first_node,
            guarded=self.recording.guarded,
        )
        return self._record

    def keep(self, data: Any, initial: Any, result: Any) -> None:
        """Take over the record once the forward pass is complete."""
        if self._record is not None:
            call = self.begin_call(data, initial)
            self.end_call(call, [self._record], result[0], states_of(result[1]))


def make_watcher(path: str, module: Recurrent, recording: Pass) -> Watcher:
    """Make the watcher for a module."""
    if isinstance(module, Cell):
        return StudentCellWatcher(path, module, recording)
    if isinstance(module, nn.RNNCellBase):
        return CellWatcher(path, module, recording)
    kind = RecordingLayerWatcher if isinstance(module, RecordingLayer) else FusedWatcher
    return kind(path, module, recording)


def layer_names(path: str, module: Recurrent) -> list[str]:
    """Names of the layers of one module: "lstm.l0", or "l0" when the module itself is recorded.

    A cell is one layer, with the module's own name, or "cell".
    """
    if not isinstance(module, nn.RNNBase):
        return [path or "cell"]
    return [f"{path}.{suffix}" if path else suffix for suffix in layer_suffixes(module)]


#: What is asked of a module about the arguments of its constructor, beside its sizes.
_OPTIONS = ("num_layers", "nonlinearity", "bias", "batch_first", "dropout", "bidirectional", "proj_size")


def describe_module(path: str, module: Recurrent, names: Sequence[str]) -> Module:
    """Say what a module is."""
    options = {"input_size": module.input_size, "hidden_size": module.hidden_size}
    options |= {name: getattr(module, name) for name in _OPTIONS if hasattr(module, name)}
    if isinstance(module, Cell):
        options["bias"] = getattr(module, "bias_ih", None) is not None
    return Module(path, name_kind(module), options, tuple(names), module.training)


def cell_kind(module: nn.RNNCellBase) -> str:
    """Tell which of torch's cells a module is, whatever its class is called: the one whose forward pass it runs."""
    return next(
        kind
        for kind, cell in (("RNN", nn.RNNCell), ("GRU", nn.GRUCell), ("LSTM", nn.LSTMCell))
        if isinstance(module, cell)
    )


def name_kind(module: Recurrent) -> str:
    """Name the class of a module, or the one of torch's or ours that it is a kind of."""
    for kind in type(module).__mro__:
        if kind.__module__.startswith("torch.nn.modules"):
            return f"torch.nn.{kind.__name__}"
        if kind.__module__ in ("rnnviz.recording.layers", "rnnviz.cells"):
            break
    known = next((kind for kind in type(module).__mro__ if kind.__name__ in ("RNN", "GRU", "LSTM")), None)
    if isinstance(module, RecordingLayer) and known is not None:
        return f"rnnviz.{known.__name__}"
    return (
        f"rnnviz.{type(module).__name__}"
        if type(module).__module__ == "rnnviz.cells"
        else type(module).__name__
    )


def read_arguments(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, Any]:
    """Return the input and the initial state of a call, however they were passed."""
    data = arguments[0] if arguments else keywords.get("input")
    names = ("hx", "initial")  # torch's name, and that of a cell of one's own
    given = next((keywords[name] for name in names if name in keywords), None)
    return data, arguments[1] if len(arguments) > 1 else given


def states_of(states: Any) -> tuple[Tensor, ...]:
    """Return one state or several as a tuple."""
    return (states,) if isinstance(states, Tensor) else tuple(states)


def rows_of(data: Any) -> Tensor:
    """Return the tensor that holds a padded or a packed input or output."""
    rows: Tensor = data.data if isinstance(data, PackedSequence) else data
    return rows


def batch_of(module: Recurrent, data: Any) -> int:
    """Return how many sequences a module was given."""
    if isinstance(data, PackedSequence):
        return int(data.batch_sizes[0])
    if isinstance(module, nn.RNNCellBase):
        return int(data.shape[0]) if data.dim() == 2 else 1
    return int(data.shape[0 if module.batch_first else 1]) if data.dim() == 3 else 1


def in_backward_pass() -> bool:
    """Whether this thread is inside a backward pass, as checkpointing is when it runs a layer again."""
    return bool(torch._C._current_graph_task_id() != -1)


def requires_grad(result: Any) -> bool:
    """Whether any tensor of a layer's result is part of a graph."""
    if isinstance(result, tuple):
        return any(map(requires_grad, result))
    return isinstance(result, Tensor) and result.requires_grad


class Hook:
    """A hook for one module. In a copy of that module, deep, shallow or pickled, it does nothing."""

    def __init__(self, module: nn.Module | None = None, run: Callable[..., None] | None = None) -> None:
        self._module = module
        self._run = run

    def __call__(self, module: nn.Module, *arguments: Any) -> None:
        """Run what it is for, unless this is another module."""
        if self._run is not None and module is self._module:
            self._run(module, *arguments)

    def __reduce__(self) -> tuple[type[Hook], tuple[()]]:
        return Hook, ()


class _Chain:
    """Calls of one torch cell in which each got the very state that the one before returned."""

    def __init__(self, call: Call, kept: StepwiseCall) -> None:
        self.call = call
        self.kept = kept
        # Weak, so that a finished sequence keeps no autograd graph alive.
        self._tail: list[weakref.ref[Tensor]] = []

    def is_alive(self) -> bool:
        return all(state() is not None for state in self._tail)

    def continues(self, states: tuple[Tensor, ...] | None, weights: Weights) -> bool:
        """Whether a call that gets these states is the next step."""
        if states is None or weights is not self.kept.weights:
            return False
        return len(states) == len(self._tail) and all(
            last() is state for last, state in zip(self._tail, states, strict=True)
        )

    @property
    def width(self) -> int:
        """How many states it carries."""
        return len(self._tail)

    def hands_on(self, part: str, descent: Descent | None, state: Tensor) -> bool:
        """Whether a state comes from the last one by nothing but copies and views, its gradient as well."""
        if descent is None or len(descent.places) != 1 or not descent.moved or descent.cut:
            return False
        (place,) = descent.places
        last = self.kept.shape[0] - 1
        if place.call() is not self.call or place.part != part or place.step != last or state._backward_hooks:
            return False
        return descent.carries or not self.kept.requires_grad

    def add(self, x: Tensor, states: tuple[Tensor, ...]) -> None:
        self.kept.add(x, states, {})
        self._tail = [weakref.ref(state) for state in states]


@dataclass(eq=False)
class _Copy:
    """The latest copy of a module's parameters, and the forward pass in which they were found so."""

    step: int | None
    versions: list[tuple[int, int]]
    values: list[Tensor]
    weights: list[Weights]


class WeightCopies:
    """Copies of a module's parameters, as few as tell what was used.

    A module that is called many times between two optimizer steps is copied once. Within one forward pass of the model
    torch's version counter tells that nothing has changed; from pass to pass it does not, because fused optimizers and
    changes through ``.data`` do not count, so there the values are compared.
    """

    def __init__(self) -> None:
        self._latest: _Copy | None = None

    def clear(self) -> None:
        """Forget the latest copy."""
        self._latest = None

    def copy(
        self, parameters: Sequence[Tensor | None], step: int | None, module: nn.RNNBase | None
    ) -> list[Weights]:
        """Copy parameters, or return the copy that still holds; a fused module's are split by layer and direction."""
        used = [p.detach() for p in parameters if p is not None]
        versions = [(p.data_ptr(), 0 if p.is_inference() else p._version) for p in used]
        known = self._latest
        if known is not None:
            same_pass = step is not None and step == known.step and versions == known.versions
            if same_pass or all(map(_equal_bits, known.values, used)):
                known.step, known.versions = step, versions
                return known.weights
        copies = [None if p is None else p.detach().clone() for p in parameters]
        values = [value for value in copies if value is not None]
        weights = [Weights(*copies)] if module is None else split_weights(module, copies)  # type: ignore[arg-type]
        self._latest = _Copy(step, versions, values, weights)
        return weights


def _equal_bits(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors hold the same; unlike in `torch.equal`, NaN is the same as NaN."""
    if a.shape != b.shape or a.dtype != b.dtype or a.device != b.device:
        return False
    return torch.equal(a, b) or torch.equal(
        a.contiguous().view(torch.uint8), b.contiguous().view(torch.uint8)
    )

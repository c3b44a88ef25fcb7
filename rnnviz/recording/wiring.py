"""How the recorded modules hang together: what each layer reads, and what it goes on from.

The recorder fills it while the model runs, by identity (`rnnviz.recording.descent`). Numbers are looked at only to tell
in which arrangement a tensor that is known to come from a layer holds that layer's states, and through which mask.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

from rnnviz.recording.descent import Descent, reached

__all__ = [
    "NOT_KNOWN",
    "Call",
    "Followed",
    "Module",
    "Origin",
    "Reads",
    "Start",
    "Told",
    "Wiring",
    "same_numbers",
]


@dataclass(frozen=True)
class Origin:
    """One call of one layer, by name.

    Attributes
    ----------
    layer : str
        The layer's name, as in ``trace.layers``.
    call : int
        Which of its calls, counted from 0 since the recording began: ``trace.calls(layer)[call]``, as long as none has
        been dropped.
    """

    layer: str
    call: int = 0


@dataclass(frozen=True, eq=False)
class Reads:
    """What the input of a layer is made of.

    Attributes
    ----------
    sources : tuple of Origin
        The layers whose states it comes from, side by side in this order where nothing or dropout lies between; empty
        for what comes from outside the recorded modules.
    through : str
        What lies between: "nothing"; "dropout"; "unknown" for anything else (a norm, a projection of yours, a sum with
        something else, a part of the steps only), and for an input of which it is not known what it is made of.
    mask : Tensor or None, shape (time, batch, feature)
        What dropout multiplied the states with, 0 or 1 / (1 - p).
    data : int or None
        For what comes from outside: equal numbers for layers that read the same tensor.
    """

    sources: tuple[Origin, ...] = ()
    through: str = "nothing"
    mask: Tensor | None = None
    data: int | None = None


@dataclass(frozen=True)
class Start:
    """What a layer goes on from.

    Attributes
    ----------
    kind : str
        "zeros" where no initial state was given; "given" for one from outside the recorded modules; "continues" for
        the last state of another call; "unknown" for one that was computed from such a state.
    sources : tuple of Origin
        The layer call whose last state it is; for "unknown" all that it was computed from.
    states : tuple of str
        Which states are taken over: "hidden", "cell".
    """

    kind: str = "zeros"
    sources: tuple[Origin, ...] = ()
    states: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Module:
    """A recorded module: what it is, and how its layers were wired when it ran last.

    Attributes
    ----------
    path : str
        Where it is in the model, "" for the model itself.
    kind : str
        Its class, or the one of torch's that it is a kind of: "torch.nn.LSTM", "rnnviz.GRUCell", "LeakyUnit".
    options : dict
        The arguments of its constructor by name.
    layers : tuple of str
        Names of its layers, as in ``trace.layers``.
    training : bool
        Whether it was in training mode.
    reads : dict of str to Reads
        What each layer that ran reads.
    starts : dict of str to Start
        What each layer that ran goes on from.
    """

    path: str
    kind: str
    options: Mapping[str, Any]
    layers: tuple[str, ...]
    training: bool = True
    reads: Mapping[str, Reads] = field(default_factory=dict)
    starts: Mapping[str, Start] = field(default_factory=dict)


class Layer(Protocol):
    """What the wiring looks at in a `rnnviz.recording.trace.LayerTrace`."""

    @property
    def name(self) -> str: ...
    @property
    def reverse(self) -> bool: ...
    @property
    def input(self) -> Tensor: ...
    @property
    def hidden(self) -> Tensor: ...
    @property
    def lengths(self) -> Tensor: ...
    @property
    def source(self) -> Any: ...


class Wiring(Protocol):
    """Where a layer's wiring comes from: a recorded call, or a file."""

    @property
    def module(self) -> Module | None:
        """The module that the layer is of."""

    @property
    def number(self) -> int:
        """Which of the layer's calls this is."""

    def reads(self, layer: Layer) -> Reads:
        """Tell what the layer reads."""

    def start(self, layer: Layer) -> Start:
        """Tell what it goes on from."""


@dataclass(frozen=True, eq=False)
class Told:
    """Wiring that is known already: from a file."""

    module: Module | None
    number: int
    known_reads: Reads
    known_start: Start

    def reads(self, layer: Layer) -> Reads:
        """Return what was told."""
        return self.known_reads

    def start(self, layer: Layer) -> Start:
        """Return what was told."""
        return self.known_start


#: Of a layer whose wiring nobody has recorded.
NOT_KNOWN = Told(None, 0, Reads(through="unknown"), Start("given"))


class Call:
    """One call of a recorded module: what it read and went on from, and the layers it is of.

    Parameters
    ----------
    module : Module
    number : int
        Which call of the module this is.
    """

    def __init__(self, module: Module, number: int) -> None:
        self.module = module
        self.number = number
        self._layers: tuple[weakref.ref[Any], ...] = ()
        #: One entry a call of the module; many where a loop is one call of the record.
        self.inputs: list[Descent | None] = []
        self.data: int | None = None
        self.is_followed = True
        #: One entry an initial state; None where none was given.
        self.initial: tuple[Descent | None, ...] | None = None

    def keep_layers(self, layers: Sequence[Any]) -> None:
        """Say which layers are of this call; they are not kept alive by it."""
        self._layers = tuple(map(weakref.ref, layers))

    @property
    def layers(self) -> list[Any]:
        """Those of its layers that are still held."""
        return [layer for known in self._layers if (layer := known()) is not None]

    @property
    def top(self) -> list[Any]:
        """The layers whose states are the module's output."""
        found = self.layers
        return found[-2:] if found and found[-1].reverse else found[-1:]


class Followed:
    """The wiring of one layer of a recorded call; worked out when it is read."""

    def __init__(self, call: Call, index: int) -> None:
        self.call = call
        self.index = index
        self._reads: Reads | None = None
        self._start: Start | None = None

    @property
    def module(self) -> Module:
        """The module that the layer is of."""
        return self.call.module

    @property
    def number(self) -> int:
        """Which of the module's calls this is."""
        return self.call.number

    @torch.no_grad()
    def reads(self, layer: Layer) -> Reads:
        """Tell what the layer reads: the layer below in its module, or what the module was given."""
        if self._reads is None:
            self._reads = self._read_below(layer) or read_input(self.call, layer)
        return self._reads

    @torch.no_grad()
    def start(self, layer: Layer) -> Start:
        """Tell what the layer goes on from."""
        if self._start is None:
            self._start = find_start(self.call, self.index, layer)
        return self._start

    def _read_below(self, layer: Layer) -> Reads | None:
        mine = layer.source.states()
        below, mask = [], None
        for other in self.call.layers:
            readers, between, _ = other.source.above()
            # A layer is known by what it derived, which all readings of one call share.
            if any(reader.states() is mine for reader in readers):
                below.append(name_origin(other))
                mask = between
        if not below:
            return None
        return Reads(tuple(below), "nothing" if mask is None else "dropout", mask)


def name_origin(layer: Any) -> Origin:
    """Name a call of a layer."""
    return Origin(layer.name, layer.wiring.number)


def read_input(call: Call, layer: Layer) -> Reads:
    """Tell what a module's input is made of."""
    known = [descent for descent in call.inputs if descent is not None]
    if not known:
        return Reads(data=call.data) if call.is_followed else Reads(through="unknown", data=call.data)
    sources = [
        source
        for other in dict.fromkeys(itertools.chain.from_iterable(reached(one, "output") for one in known))
        for source in other.top
    ]
    others = dict.fromkeys(itertools.chain.from_iterable(reached(one, ("hidden", "cell")) for one in known))
    whole = [*sources, *(source for other in others for source in other.layers if source not in sources)]
    unknown = Reads(tuple(map(name_origin, whole)), "unknown")
    if len(known) < len(call.inputs) or others or not all(one.moved for one in known):
        return unknown
    masks = [mask for one in known for mask in one.masks]
    if len(known) > 1 and masks:  # a loop, with a mask a step
        masks = [torch.stack(masks)] if len({mask.shape for mask in masks}) == 1 else []
    cut = any(one.cut for one in known)
    if cut != bool(masks) or len(masks) > 1:
        return unknown
    shape = layer.input.shape
    for mask in _arrange(masks[0], shape) if masks else [None]:
        if mask is not None and not _is_dropout(mask):
            continue
        ordered = _side_by_side(layer.input, sources, mask)
        if ordered is not None:
            names = tuple(map(name_origin, ordered))
            return Reads(names, "nothing" if mask is None else "dropout", mask)
    return unknown


def _side_by_side(read: Tensor, sources: Sequence[Any], mask: Tensor | None) -> list[Any] | None:
    """Tell in which order the states of some layers lie side by side in what is read; None where they do not."""
    found: list[Any] = []
    at = 0
    while at < read.shape[-1]:
        for source in sources:
            hidden = source.hidden
            part = slice(at, at + hidden.shape[-1])
            if source in found or hidden.shape[:2] != read.shape[:2] or part.stop > read.shape[-1]:
                continue
            if mask is not None:  # in the precision in which the model multiplied
                hidden = (hidden.to(mask.dtype) * mask[..., part]).to(hidden.dtype)
            if same_numbers(read[..., part], hidden):
                found.append(source)
                at = part.stop
                break
        else:
            return None
    return found


def _arrange(mask: Tensor, shape: torch.Size) -> Iterator[Tensor]:
    """Lay a mask out as (time, batch, feature), in every way that it may have been laid out."""
    ways: tuple[Tensor, ...] = ()
    if mask.dim() == 3:
        ways = mask, mask.transpose(0, 1)
    elif mask.dim() == 2:
        ways = mask.unsqueeze(1), mask.unsqueeze(0)
    for laid in ways:
        try:
            yield laid.expand(shape)
        except RuntimeError:
            continue


def _is_dropout(mask: Tensor) -> bool:
    """Whether a mask holds nothing but zeros and one number that makes up for them."""
    kept = mask[mask != 0]
    return mask.is_floating_point() and (kept.numel() == 0 or bool((kept == kept[0]).all() and kept[0] >= 1))


def same_numbers(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors, of which one is known to come from the other, hold the same numbers in the same places."""
    if a.shape != b.shape:
        return False
    if torch.equal(a, b):
        return True
    # What lies below the top of a stack was computed a second time, and may differ in rounding.
    loose = min(torch.finfo(one.dtype).eps for one in (a, b) if one.is_floating_point()) < 1e-10
    tolerance = 1e-10 if loose else 1e-5
    return torch.allclose(a, b.to(a.dtype), rtol=tolerance, atol=tolerance, equal_nan=True)


def find_start(call: Call, index: int, layer: Layer) -> Start:
    """Tell what one layer of a call goes on from."""
    if call.initial is None:
        return Start()
    if all(descent is None for descent in call.initial):
        return Start("given")
    states = layer.source.states()
    mine = {"hidden": states.initial_hidden, "cell": states.initial_cell}
    candidates: list[Any] = []
    found: list[tuple[str, Any]] = []
    known = True
    for name, descent in zip(mine, call.initial, strict=False):
        initial = mine[name]
        if descent is None or initial is None:
            continue
        # The last output of a module is its last hidden state too.
        calls = reached(descent, (name, "output") if name == "hidden" else name)
        layers = [source for other in calls for source in _order(other.layers, index)]
        candidates += [source for source in layers if source not in candidates]
        for other in reached(descent, "cell" if name == "hidden" else "hidden"):
            candidates += [source for source in other.layers if source not in candidates]
        match = next((source for source in layers if same_numbers(initial, final_state(source, name))), None)
        if match is None or not descent.moved:
            known = False
        else:
            found.append((name, match))
    if known and found and all(match is found[0][1] for _, match in found):
        return Start("continues", (name_origin(found[0][1]),), tuple(name for name, _ in found))
    if not candidates:
        return Start("given")
    return Start("unknown", tuple(map(name_origin, candidates)))


def _order(layers: list[Any], index: int) -> list[Any]:
    """Begin with the layer of the same number, which is what is handed on as a rule."""
    return layers[index : index + 1] + [layer for k, layer in enumerate(layers) if k != index]


def final_state(layer: Any, name: str = "hidden") -> Tensor:
    """Return the last state of each sequence in the order in which a layer ran, (batch, unit)."""
    states = layer.source.states()
    array: Tensor | None = states.hidden if name == "hidden" else states.cell
    if array is None:
        empty: Tensor = states.hidden.new_empty(0)
        return empty
    rows = torch.arange(array.shape[1], device=array.device)
    last: Tensor = array[(states.lengths - 1).clamp(min=0), rows]
    return last

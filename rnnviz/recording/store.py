"""Traces as files.

A saved trace is a netCDF file that describes itself: each array is a variable "layer.array" with named
dimensions and a sentence on what it is. Loading one gives back a `Trace` on which everything works that
worked before, gradient flow and diagnosis included.

In a recording padding is zero. In a file it must not look like data: there it is NaN. A loaded trace has its zeros
back.
"""

from __future__ import annotations

import json
import os
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from rnnviz.arithmetic.states import GATES, Gradients, States, reverse_time
from rnnviz.recording.netcdf import Array, Attribute, NetCDFError, Variable, read_netcdf, write_netcdf
from rnnviz.recording.references import explain_inseparable
from rnnviz.recording.trace import LayerTrace, Source, Trace
from rnnviz.recording.wiring import Module, Origin, Reads, Start, Told
from rnnviz.steps import Weights
from rnnviz.version import __version__

__all__ = [
    "DESCRIPTIONS",
    "FORMAT_VERSION",
    "TraceFileError",
    "build",
    "describe",
    "describe_gate",
    "hide_padding",
    "load",
    "name_arrays",
    "number_calls",
    "save",
    "to_numpy",
]

#: Raised whenever a file of the new kind could not be read rightly by the old code.
FORMAT_VERSION = 2

DESCRIPTIONS = {
    "input": "what the layer read, x_t",
    "hidden": "hidden state h_t",
    "cell": "cell state c_t",
    "grad_hidden": "total gradient of the loss with respect to h_t",
    "grad_cell": "total gradient of the loss with respect to c_t",
    "direct_hidden": "gradient of the loss that reaches h_t from outside the recurrent module",
    "direct_cell": "gradient of the loss that reaches c_t from outside the recurrent module",
    "initial_hidden": "hidden state before the first step",
    "initial_cell": "cell state before the first step",
    "lengths": "number of steps of each sequence",
    "dropout": "mask of dropout between this layer and the next, 0 or 1 / (1 - p)",
    "input_mask": "mask of dropout between the layers that this one reads and its input, 0 or 1 / (1 - p)",
}
#: torch's types and the kind of number that a file keeps them as.
_DTYPES = {
    **dict.fromkeys(("float64", "float32", "float16", "bfloat16"), "f"),
    **dict.fromkeys(("bool", "uint8", "int8", "int16", "int32", "int64"), "i"),
}
_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")


_ARRAYS = {*DESCRIPTIONS, *_WEIGHTS}
Expected = TypeVar("Expected")


class TraceFileError(ValueError):
    """The file is not a trace that this version of rnnviz can read."""


# ----------------------------------------------------------------------------------------------------
# save


@torch.no_grad()
def save(trace: Trace, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Write a trace to a netCDF file; see `Trace.save`."""
    if not overwrite and os.path.lexists(path):
        raise FileExistsError(
            f"{os.fspath(path)} exists already. Choose another name, or replace it with overwrite=True."
        )
    write_netcdf(path, *describe(trace))


def describe(trace: Trace) -> tuple[dict[str, Variable], dict[str, Attribute]]:
    """Put everything a trace holds into named arrays with attributes, from which `build` makes it again.

    Parameters
    ----------
    trace : Trace

    Returns
    -------
    variables : dict of str to Variable
        "layer.array" to its numbers, padding NaN.
    attributes : dict of str to str or int
        Of the trace as a whole.

    Raises
    ------
    ValueError
        When the trace is empty, or a layer was given no sequences.
    TypeError
        When a student's cell named an intermediate of a type that no file holds.
    """
    variables: dict[str, Variable] = {}
    sizes: dict[str, int] = {}
    entries = list(number_calls(trace))
    if not entries:
        raise ValueError(
            "the trace is empty: nothing ran inside the recorded block, so nothing can be saved."
        )
    # A layer above is known by what it derived, which all readings of one call share.
    orders = {id(layer.source.states()): order for order, (_, _, layer) in enumerate(entries)}
    labels = _label([layer.name for _, _, layer in entries])
    for number, (label, (step, index, layer)) in enumerate(zip(labels, entries, strict=True)):
        about: dict[str, Attribute] = {
            "layer": layer.name,
            "call": index,
            "step": step,
            "order": number,
            "kind": layer.kind,
            "reverse": int(layer.reverse),
        }
        nonlinearity = layer.source.states().nonlinearity
        if nonlinearity is not None:
            about["nonlinearity"] = nonlinearity
        if layer.source.shape[1] == 0:
            raise ValueError(
                f"{layer.name} was given a batch of no sequences, so there is nothing to save or to copy."
            )
        above, mask, part = layer.source.above()
        about["part"] = part.start or 0
        about["above"] = " ".join(str(orders[id(source.states())]) for source in above)
        about["wiring"] = json.dumps(_describe_wiring(layer))
        arrays = name_arrays(layer, mask)
        # No dot but the last parts the layer from the array.
        safe_names = _label([name.replace(".", "_") for name in arrays])
        for safe, (name, (array, axes)) in zip(safe_names, arrays.items(), strict=True):
            dimensions = _dimensions(sizes, label, axes, array.shape)
            attributes = {"long_name": DESCRIPTIONS.get(name, f"{name} of {layer.name}"), "units": "1"}
            if name.startswith("gate."):
                attributes["long_name"] = describe_gate(name.removeprefix("gate."))
            if name == "lengths":
                attributes["units"] = "step"
            attributes["torch_dtype"] = str(array.dtype).removeprefix("torch.")
            if attributes["torch_dtype"] not in _DTYPES:
                raise TypeError(
                    f"{name} of {layer.name} is of type {attributes['torch_dtype']}, which a trace file "
                    f"cannot hold; it holds {', '.join(_DTYPES)}. Let the cell's step return another type."
                )
            variables[f"{label}.{safe}"] = Variable(
                dimensions,
                to_numpy(hide_padding(array, axes, layer.mask)),
                {**attributes, **about, "array": name},
            )
    return (
        variables,
        {
            "title": "Recording of recurrent layers",
            "format": "rnnviz trace",
            "format_version": FORMAT_VERSION,
            "layers": json.dumps(trace._names),
            "modules": json.dumps([_describe_module(module) for module in _list_modules(trace)]),
            "padding": "NaN beyond the end of a sequence, which is in the array lengths",
            "source": f"rnnviz {__version__}, torch {torch.__version__}",
        },
    )


def _list_modules(trace: Trace) -> list[Module]:
    """List the modules of a trace, those that did not run included, as they were last."""
    known = {module.path: module for module in trace._modules}
    return list((known | {module.path: module for module in trace.modules}).values())


def _describe_module(module: Module) -> dict[str, Any]:
    about = {name: getattr(module, name) for name in ("path", "kind", "layers", "training")}
    return about | {"options": dict(module.options)}


def _describe_wiring(layer: LayerTrace) -> dict[str, Any]:
    """Say what a layer reads and goes on from, beside the mask, which is an array."""
    reads, start = layer.reads, layer.start
    return {
        "call": layer.wiring.number,
        "through": reads.through,
        "reads": [[origin.layer, origin.call] for origin in reads.sources],
        "data": reads.data,
        "start": start.kind,
        "from": [[origin.layer, origin.call] for origin in start.sources],
        "states": list(start.states),
    }


def _label(names: Sequence[str]) -> list[str]:
    """Make names that netCDF allows ("/" it does not) and that differ from each other."""
    plain = [re.sub(r"[^\w.-]|^\W", "_", name, flags=re.ASCII) for name in names]
    total, seen = Counter(plain), Counter[str]()
    labels = []
    for name in plain:
        labels.append(name if total[name] == 1 else f"{name}[{seen[name]}]")
        seen[name] += 1
    return labels


def describe_gate(name: str) -> str:
    """Say what a gate is."""
    return name if name == "candidate" else f"{name} gate"


def hide_padding(array: Tensor, axes: tuple[str, ...], mask: Tensor) -> Tensor:
    """Put NaN into the padding, where the type has it."""
    if axes[:2] != ("time", "sequence") or not array.is_floating_point() or bool(mask.all()):
        return array
    return array.masked_fill(~mask.view(*mask.shape, *(1,) * (array.dim() - 2)), float("nan"))


def to_numpy(array: Tensor) -> Array:
    """Copy a tensor to numpy, which has no bfloat16; float32 holds all its values."""
    array = array.detach().cpu()
    return (array.float() if array.dtype == torch.bfloat16 else array).numpy()


def number_calls(trace: Trace) -> Iterator[tuple[int, int, LayerTrace]]:
    """Go through all calls of all layers: forward pass, number among the layer's calls, trace."""
    for name in trace.layers:
        index = 0
        for step in trace.steps:
            part = trace.at(step)
            for layer in part.calls(name) if name in part else ():
                yield step, index, layer
                index += 1


def name_arrays(layer: LayerTrace, mask: Tensor | None) -> dict[str, tuple[Tensor, tuple[str, ...]]]:
    """Everything there is to know about one call, with the names of the axes."""
    sequence, state = ("time", "sequence", "unit"), ("sequence", "unit")
    found: dict[str, tuple[Tensor, tuple[str, ...]]] = {
        "input": (layer.input, ("time", "sequence", "feature")),
        "hidden": (layer.hidden, sequence),
        "initial_hidden": (layer.initial_hidden, state),
        "lengths": (layer.lengths, ("sequence",)),
    }
    states = layer.source.states()
    projected = states.weights is not None and states.weights.weight_hr is not None
    cell = ("time", "sequence", "cell_unit" if projected else "unit")
    if states.cell is not None:
        found["cell"] = (layer.cell, cell)
        found["initial_cell"] = (layer.initial_cell, cell[1:])
    for name, gate in layer.gates.items():
        inner: tuple[str, ...] = cell
        if gate.dim() != 3 or (layer.kind not in GATES and gate.shape[2] != states.hidden.shape[2]):
            inner = ("time", "sequence", *(f"{name}_{n}" for n in range(gate.dim() - 2)))
        found[f"gate.{name}"] = (gate, inner)
    if layer.has_gradients:
        found["grad_hidden"] = (layer.grad_hidden, sequence)
        if states.cell is not None:
            found["grad_cell"] = (layer.grad_cell, cell)
        if states.weights is not None and layer.kind in GATES:
            outside, outside_cell = layer.source.from_outside()
            found["direct_hidden"] = (layer.forward_time(outside), sequence)
            if outside_cell is not None:
                found["direct_cell"] = (layer.forward_time(outside_cell), cell)
    if mask is not None:
        found["dropout"] = (mask, ("time", "sequence", "output"))
    # Between the layers of one module it is the one below that has the mask.
    if layer.reads.mask is not None and not _reads_own_module(layer):
        found["input_mask"] = (layer.reads.mask, ("time", "sequence", "feature"))
    if states.weights is not None:
        columns = {"weight_ih": ("feature",), "weight_hh": ("unit",), "weight_hr": ("cell_unit",)}
        for name in _WEIGHTS:
            weight = getattr(states.weights, name)
            if weight is not None:
                column = columns.get(name, ())
                row = "unit" if name == "weight_hr" else "gate_row"
                found[name] = (weight, (row, *column))
    return found


def _reads_own_module(layer: LayerTrace) -> bool:
    module = layer.module
    return module is not None and any(origin.layer in module.layers for origin in layer.reads.sources)


def _dimensions(
    sizes: dict[str, int], label: str, axes: tuple[str, ...], shape: torch.Size
) -> tuple[str, ...]:
    """Name the dimensions of an array: time and sequence are shared by layers whose sizes agree."""
    names = []
    for axis, size in zip(axes, shape, strict=True):
        shared = axis in ("time", "sequence") and sizes.setdefault(axis, size) == size
        name = axis if shared else f"{label}.{_label([axis])[0]}"
        if sizes.setdefault(name, size) != size:
            name = f"{name}[{size}]"  # two names that differ only in what netCDF does not allow
            sizes[name] = size
        names.append(name)
    return tuple(names)


# ----------------------------------------------------------------------------------------------------
# load


@dataclass(eq=False)
class SavedLayer:
    """A layer from a file, as `rnnviz.recording.trace.LayerTrace` reads it."""

    kept: States
    reverse: bool
    total: Gradients | None
    outside: tuple[Tensor, Tensor | None] | None
    mask: Tensor | None
    part: slice
    readers: list[SavedLayer] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """RNN, LSTM, GRU, or the class of a student's cell."""
        return self.kept.kind

    @property
    def shape(self) -> tuple[int, int, int]:
        """Steps, sequences, units."""
        steps, batch, units = self.kept.hidden.shape
        return steps, batch, units

    @property
    def has_gradients(self) -> bool:
        """Whether gradients were saved."""
        return self.total is not None

    def states(self) -> States:
        """Return what was saved of the forward pass."""
        return self.kept

    def gradients(self) -> Gradients:
        """Return what was saved of the backward pass."""
        if self.total is None:
            raise RuntimeError("The trace was saved before any backward pass, so it holds no gradients.")
        return self.total

    def from_outside(self) -> tuple[Tensor, Tensor | None]:
        """Return the gradients that reached the states from outside."""
        self.gradients()
        if self.outside is None:
            raise RuntimeError(explain_inseparable(self.kind))
        return self.outside

    def above(self) -> tuple[tuple[Source, ...], Tensor | None, slice]:
        """Name the layers that read this one, dropout's mask in between, and its part of their input."""
        return tuple(self.readers), self.mask, self.part


def load(path: str | os.PathLike[str]) -> Trace:
    """Read a trace that `Trace.save` wrote, or another program wrote again in netCDF's classic format.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    Trace
        On the CPU. Everything works on it that worked on the recording.

    Raises
    ------
    TraceFileError
        When the file is truncated, damaged, changed since, of another kind or of a later version. A file is
        only ever read as names and numbers; nothing in it is executed.
    OSError
        When there is no such file, or it cannot be read.

    Warns
    -----
    UserWarning
        When another program has written the file again: it has no checksum that fits, so damage would go unseen.

    Examples
    --------
    >>> import tempfile, torch, rnnviz as rv
    >>> gru = torch.nn.GRU(1, 2)
    >>> with rv.record(gru) as trace:
    ...     _ = gru(torch.zeros(3, 1, 1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     trace.save(f"{folder}/run.nc")
    ...     rv.load(f"{folder}/run.nc")
    Trace('l0', GRU, time=3, batch=1, unit=2)
    """
    try:
        variables, attributes, sealed = read_netcdf(path)
        trace = build(variables, attributes)
    except NetCDFError as error:
        raise TraceFileError(
            f"{os.fspath(path)} is not a readable trace: {error} rnnviz.load reads what trace.save wrote; "
            "save or copy the file again."
        ) from None
    if not sealed:
        warnings.warn(
            f"{os.fspath(path)} was written again by another program, so no checksum vouches for it: damage to its "
            "numbers would go unseen. trace.save gives it one.",
            stacklevel=2,
        )
    return trace


def build(variables: dict[str, Variable], attributes: dict[str, Attribute]) -> Trace:
    """Put a trace together from what `describe` gives or a file holds, believing nothing unchecked.

    Parameters
    ----------
    variables, attributes : dict
        See `describe`.

    Returns
    -------
    Trace
        On the CPU.

    Raises
    ------
    NetCDFError
        Where anything is missing or cannot be.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> from rnnviz.recording.store import build, describe
    >>> with rv.record(gru := torch.nn.GRU(1, 2)) as trace:
    ...     _ = gru(torch.zeros(3, 1, 1))
    >>> build(*describe(trace))
    Trace('l0', GRU, time=3, batch=1, unit=2)
    """
    if attributes.get("format") != "rnnviz trace":
        raise NetCDFError("it is a netCDF file, but rnnviz did not write it.")
    version = attributes.get("format_version")
    if not isinstance(version, int) or not 1 <= version <= FORMAT_VERSION:
        raise NetCDFError(
            f"its format version is {version}; this rnnviz reads up to {FORMAT_VERSION}. Update rnnviz."
        )
    groups: dict[int, dict[str, Variable]] = {}
    for name, variable in variables.items():
        order, array = variable.attributes.get("order"), variable.attributes.get("array")
        if not isinstance(order, int) or not isinstance(array, str):
            raise NetCDFError(f"{name!r} does not say which layer it belongs to.")
        group = groups.setdefault(order, {})
        if array in group or not (array in _ARRAYS or array.startswith("gate.")):
            raise NetCDFError(f"{name!r} is no array of a layer, or is there twice.")
        group[array] = variable
    built: dict[int, SavedLayer] = {}
    readers: dict[int, list[int]] = {}
    names = _read_names(attributes)
    trace = Trace(tuple(names))
    trace._modules = _read_modules(attributes, names)
    entries = []
    found: list[tuple[LayerTrace, dict[str, Variable]]] = []
    for order in sorted(groups):
        source, about = _build_layer(groups[order])
        layer, step = _expect(about, "layer", str), _expect(about, "step", int)
        if layer not in names or step < 0:
            raise NetCDFError(f"a layer has the name {layer!r} and the step {step}, which cannot be.")
        built[order] = source
        readers[order] = _read_numbers(_expect(about, "above", str))
        found.append((LayerTrace(layer, source), groups[order]))
        entries.append((step, found[-1][0]))
    for order, above in readers.items():
        for reader in above:
            # Later ones only: a layer above itself would send `rnnviz.flow` round in circles.
            if reader <= order or reader not in built:
                raise NetCDFError(f"layer number {reader}, which another refers to, is missing.")
            _check_reader(built[order], built[reader])
            built[order].readers.append(built[reader])
    for entry, group in found:
        entry.wiring = _read_wiring(entry, group, found, trace._modules)
    for step, entry in sorted(entries, key=lambda pair: pair[0]):
        trace._append(step, entry)
    return trace


def _read_modules(attributes: Mapping[str, Attribute], names: Sequence[str]) -> tuple[Module, ...]:
    """Read which modules were recorded; files of version 1 do not say."""
    if "modules" not in attributes:
        return ()
    wrong = NetCDFError("it does not say rightly which modules were recorded.")
    given = _read_json(_expect(attributes, "modules", str), list)
    modules = []
    for about in given:
        if not isinstance(about, dict) or about.keys() != {"path", "kind", "layers", "training", "options"}:
            raise wrong
        path, kind, layers, options = (about[name] for name in ("path", "kind", "layers", "options"))
        if (
            not (isinstance(path, str) and isinstance(kind, str) and isinstance(about["training"], bool))
            or not (isinstance(layers, list) and isinstance(options, dict))
            or not all(isinstance(layer, str) and layer in names for layer in layers)
            or not all(isinstance(value, (bool, int, float, str)) for value in options.values())
            or not all(isinstance(options.get(size), int) for size in ("input_size", "hidden_size"))
        ):
            raise wrong
        modules.append(Module(path, kind, options, tuple(layers), about["training"]))
    return tuple(modules)


def _read_json(text: str, kind: type[Expected]) -> Expected:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, kind):
        raise NetCDFError(f"it holds {text[:40]!r} in the place of a description.")
    return value


def _read_wiring(
    layer: LayerTrace,
    group: dict[str, Variable],
    others: Sequence[tuple[LayerTrace, dict[str, Variable]]],
    modules: Sequence[Module],
) -> Told:
    """Read what a layer reads and goes on from; of a file of version 1 only what lies inside a module is known."""
    below = [other for other, _ in others if any(one is layer.source for one in other.source.above()[0])]
    between = below[0].source.above()[1] if below else None
    module = next((module for module in modules if layer.name in module.layers), None)
    about = group["hidden"].attributes
    if "wiring" not in about:
        if below:
            sources = tuple(
                Origin(other.name, int(_expect(_about(other, others), "call", int))) for other in below
            )
            reads = Reads(sources, "nothing" if between is None else "dropout", between)
        else:
            # With nothing before it, it can only have read data.
            reads = Reads(data=0) if others[0][0].name == layer.name else Reads(through="unknown")
        return Told(module, _expect(about, "call", int), reads, Start("given"))
    told = _read_json(_expect(about, "wiring", str), dict)
    calls = {(other.name, _number_of(group)) for other, group in others}
    sources, origins = (_read_origins(told.get(name)) for name in ("reads", "from"))
    through, kind, data, states = (told.get(name) for name in ("through", "start", "data", "states"))
    number = told.get("call")
    if (
        through not in ("nothing", "dropout", "unknown")
        or kind not in ("zeros", "given", "continues", "unknown")
        or not (data is None or (isinstance(data, int) and data >= 0))
        or not (isinstance(number, int) and number >= 0)
        or not (isinstance(states, list) and set(states) <= {"hidden", "cell"})
        or (kind == "continues") != bool(states)
        or (kind == "continues" and len(origins) != 1)
    ):
        raise NetCDFError(f"it does not say rightly what {layer.name} reads.")
    mask = between
    if "input_mask" in group:
        mask = _tensor(group, "input_mask", tuple(layer.input.shape)).nan_to_num_(0)
    if (through == "dropout") != (mask is not None) or (through == "dropout" and not sources):
        raise NetCDFError(f"it does not say rightly what {layer.name} reads.")
    # What was dropped to make room for later passes is in no file.
    here = tuple(origin for origin in origins if (origin.layer, origin.call) in calls)
    start = Start(kind, here, tuple(states)) if here or not origins else Start("given")
    kept = tuple(origin for origin in sources if (origin.layer, origin.call) in calls)
    if len(kept) < len(sources):
        return Told(module, number, Reads(kept, "unknown"), start)
    return Told(module, number, Reads(sources, through, mask, data), start)


def _about(
    layer: LayerTrace, others: Sequence[tuple[LayerTrace, dict[str, Variable]]]
) -> Mapping[str, Attribute]:
    return next(group["hidden"].attributes for other, group in others if other is layer)


def _number_of(group: dict[str, Variable]) -> int:
    """Which of a layer's calls an entry is, counted since the recording began."""
    about = group["hidden"].attributes
    told = _read_json(_expect(about, "wiring", str), dict) if "wiring" in about else {}
    number = told.get("call", about.get("call"))
    return number if isinstance(number, int) else -1


def _read_origins(given: Any) -> tuple[Origin, ...]:
    if not isinstance(given, list) or not all(
        isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) and isinstance(one[1], int)
        for one in given
    ):
        raise NetCDFError("it does not say rightly which layers another reads.")
    return tuple(Origin(name, call) for name, call in given)


def _read_names(attributes: dict[str, Attribute]) -> list[str]:
    """Read the names of all layers, in the model's order, those that did not run included."""
    try:
        names = json.loads(_expect(attributes, "layers", str))
    except (ValueError, RecursionError) as error:
        if isinstance(error, NetCDFError):
            raise
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise NetCDFError("it does not say which layers were watched.")
    return names


def _read_numbers(text: str) -> list[int]:
    if not re.fullmatch(r"([0-9]{1,9}( [0-9]{1,9})*)?", text):
        raise NetCDFError(f"the layers above another are given as {text[:40]!r}.")
    return [int(number) for number in text.split()]


def _check_reader(layer: SavedLayer, reader: SavedLayer) -> None:
    """Refuse a layer above that could not have read this one."""
    steps, batch, features = reader.kept.input.shape
    outputs = features if layer.mask is None else layer.mask.shape[2]
    if (
        (steps, batch) != layer.shape[:2]
        or outputs != features
        or not 0 <= layer.part.start <= features - layer.shape[2]
    ):
        raise NetCDFError("a layer does not fit the input of the layer above it.")


def _expect(about: Mapping[str, Attribute], name: str, kind: type[Expected]) -> Expected:
    value = about.get(name)
    if not isinstance(value, kind):
        raise NetCDFError(f"the attribute {name!r} is missing or of the wrong type.")
    return value


def _build_layer(group: dict[str, Variable]) -> tuple[SavedLayer, Mapping[str, Attribute]]:
    """Check the arrays of one call against each other and put them in running order."""
    if "hidden" not in group or "lengths" not in group:
        raise NetCDFError("a layer has no hidden states or no lengths.")
    about = group["hidden"].attributes
    kind, reverse = _expect(about, "kind", str), bool(_expect(about, "reverse", int))
    steps, batch, units = _shape(group, "hidden", 3)
    lengths = _tensor(group, "lengths", (batch,)).long()
    if batch == 0 or steps == 0 or int(lengths.min()) < 1 or int(lengths.max()) > steps:
        raise NetCDFError("the lengths of a layer's sequences do not fit its steps.")
    padding = torch.arange(steps)[:, None] >= lengths

    def clear(array: Tensor) -> Tensor:
        return array.masked_fill_(padding.view(steps, batch, *(1,) * (array.dim() - 2)), 0)

    def sequence(name: str, *shape: int) -> Tensor | None:
        if name not in group:
            return None
        array = clear(_tensor(group, name, (steps, batch, *shape)))
        return reverse_time(array, lengths) if reverse else array

    features = _shape(group, "input", 3)[2]
    inner = _shape(group, "cell", 3)[2] if "cell" in group else units
    gates = {}
    for name, variable in group.items():
        if name.startswith("gate."):
            gates[name.removeprefix("gate.")] = _present(sequence(name, *variable.values.shape[2:]))
    nonlinearity = None
    if "nonlinearity" in about:
        nonlinearity = _expect(about, "nonlinearity", str)
        if nonlinearity not in ("tanh", "relu"):
            raise NetCDFError(f"a layer has the unknown nonlinearity {nonlinearity[:20]!r}.")
    weights = None
    if "weight_ih" in group:
        rows = _shape(group, "weight_ih", 2)[0]
        if kind in GATES:
            rows = max(len(GATES[kind]), 1) * inner
            known = {name: gate for name, gate in gates.items() if name in GATES[kind]}
            if tuple(known) != GATES[kind] or any(gate.shape[2:] != (inner,) for gate in known.values()):
                raise NetCDFError(f"a layer of kind {kind} lacks one of its gates.")
            if (kind == "LSTM" and "cell" not in group) or (kind == "RNN" and nonlinearity is None):
                raise NetCDFError(f"a layer of kind {kind} is incomplete.")
        shapes = {
            "weight_ih": (rows, features),
            "weight_hh": (rows, units),
            "bias_ih": (rows,),
            "bias_hh": (rows,),
            "weight_hr": (units, inner),
        }
        parts = {name: _tensor(group, name, shapes[name]) for name in _WEIGHTS if name in group}
        if "weight_hh" not in parts:
            raise NetCDFError(f"a layer of kind {kind} is incomplete.")
        weights = Weights(**parts)
    states = States(
        kind,
        _present(sequence("input", features)),
        _present(sequence("hidden", units)),
        _tensor(group, "initial_hidden", (batch, units)),
        lengths,
        weights,
        gates,
        sequence("cell", inner),
        _tensor(group, "initial_cell", (batch, inner)) if "cell" in group else None,
        nonlinearity,
    )
    total = outside = None
    if "grad_hidden" in group:
        total = Gradients(_present(sequence("grad_hidden", units)), sequence("grad_cell", inner))
        if (total.cell is None) != (states.cell is None):
            raise NetCDFError("a layer has gradients of some of its states only.")
        if weights is not None and kind in GATES:
            outside = _present(sequence("direct_hidden", units)), sequence("direct_cell", inner)
    mask = None
    if "dropout" in group:
        mask = clear(_tensor(group, "dropout", (steps, batch, _shape(group, "dropout", 3)[2])))
    start = _expect(about, "part", int)
    return SavedLayer(states, reverse, total, outside, mask, slice(start, start + units)), about


def _shape(group: dict[str, Variable], name: str, axes: int) -> tuple[int, ...]:
    if name not in group or group[name].values.ndim != axes:
        raise NetCDFError(f"the array {name!r} of a layer is missing, or has not {axes} axes.")
    return group[name].values.shape


def _tensor(group: dict[str, Variable], name: str, shape: tuple[int, ...]) -> Tensor:
    if name not in group or group[name].values.shape != shape:
        raise NetCDFError(f"the array {name!r} of a layer is missing, or does not have the shape {shape}.")
    values = group[name].values
    dtype = _expect(group[name].attributes, "torch_dtype", str)
    # Among the numbers a gate may be whole or true and false; nothing else may, but the lengths.
    wanted = "i" if name == "lengths" else "fi" if name.startswith("gate.") else "f"
    if _DTYPES.get(dtype) != values.dtype.kind or values.dtype.kind not in wanted:
        raise NetCDFError(f"the array {name!r} of a layer holds {values.dtype} as torch's {dtype[:20]!r}.")
    result: Tensor = torch.from_numpy(np.ascontiguousarray(values)).to(getattr(torch, dtype))
    return result


def _present(array: Tensor | None) -> Tensor:
    if array is None:
        raise NetCDFError("a layer lacks one of its arrays.")
    return array

"""Traces as files, as xarray data and as data frames.

A saved trace is a netCDF file that describes itself: each array is a variable "layer.array" with named
dimensions and a sentence on what it is. Loading one gives back a `Trace` on which everything works that
worked before, gradient flow and diagnosis included.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from rnnviz.derive import GATES, Gradients, States, reverse_time
from rnnviz.netcdf import Attribute, NetCDFError, Variable, read_netcdf, write_netcdf
from rnnviz.steps import Weights
from rnnviz.trace import LayerTrace, Source, Trace

if TYPE_CHECKING:
    import pandas
    import xarray

T = TypeVar("T")

__all__ = ["FORMAT_VERSION", "TraceFileError", "load", "save", "to_frame", "to_tree", "to_xarray"]

#: Raised whenever a file of the new kind could not be read rightly by the old code.
FORMAT_VERSION = 1

_DESCRIPTIONS = {
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
}
_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")


class TraceFileError(ValueError):
    """The file is not a trace that this version of rnnviz can read."""


# ----------------------------------------------------------------------------------------------------
# save


def save(trace: Trace, path: str | os.PathLike[str]) -> None:
    """Write a trace to a netCDF file; see `Trace.save`."""
    variables: dict[str, Variable] = {}
    sizes: dict[str, int] = {}
    for number, (step, index, layer) in enumerate(_numbered(trace)):
        calls = len(trace.calls(layer.name))
        label = layer.name if calls == 1 else f"{layer.name}[{index}]"
        about: dict[str, Attribute] = {
            "layer": layer.name,
            "call": index,
            "step": step,
            "order": number,
            "kind": layer.kind,
            "reverse": int(layer.reverse),
        }
        if layer.kind == "RNN":
            about["nonlinearity"] = layer.nonlinearity
        above, mask, part = layer.source.above()
        about["part"] = part.start or 0
        about["above"] = " ".join(_names_above(layer, len(above)))
        for name, (array, axes) in _arrays(layer, mask).items():
            dimensions = _dimensions(sizes, label, axes, array.shape)
            attributes = {"long_name": _DESCRIPTIONS.get(name, f"{name} of {layer.name}"), "units": "1"}
            if name.startswith("gate."):
                attributes["long_name"] = f"{name.removeprefix('gate.')} gate"
            if name == "lengths":
                attributes["units"] = "step"
            values = array.detach().cpu().numpy()
            variables[f"{label}.{name}"] = Variable(
                dimensions, values, {**attributes, **about, "array": name}
            )
    write_netcdf(
        path,
        variables,
        {
            "title": "Recording of recurrent layers",
            "format": "rnnviz trace",
            "format_version": FORMAT_VERSION,
            "source": f"rnnviz {_version()}, torch {torch.__version__}",
        },
    )


def _numbered(trace: Trace) -> Iterator[tuple[int, int, LayerTrace]]:
    """Go through all calls of all layers: forward pass, number among the layer's calls, trace."""
    for name in trace.layers:
        index = 0
        for step in trace.steps:
            part = trace.at(step)
            for layer in part.calls(name) if name in part else ():
                yield step, index, layer
                index += 1


def _arrays(layer: LayerTrace, mask: Tensor | None) -> dict[str, tuple[Tensor, tuple[str, ...]]]:
    """Everything there is to know about one call, with the names of the axes."""
    sequence, state = ("time", "batch", "unit"), ("batch", "unit")
    found: dict[str, tuple[Tensor, tuple[str, ...]]] = {
        "input": (layer.input, ("time", "batch", "feature")),
        "hidden": (layer.hidden, sequence),
        "initial_hidden": (layer.initial_hidden, state),
        "lengths": (layer.lengths, ("batch",)),
    }
    states = layer.source.states()
    projected = states.weights is not None and states.weights.weight_hr is not None
    cell = ("time", "batch", "cell_unit" if projected else "unit")
    if states.cell is not None:
        found["cell"] = (layer.cell, cell)
        found["initial_cell"] = (layer.initial_cell, cell[1:])
    for name, gate in layer.gates.items():
        inner = (
            cell
            if layer.kind in GATES
            else ("time", "batch", *(f"{name}_{n}" for n in range(gate.dim() - 2)))
        )
        found[f"gate.{name}"] = (gate, inner)
    if layer.has_gradients:
        found["grad_hidden"] = (layer.grad_hidden, sequence)
        if states.cell is not None:
            found["grad_cell"] = (layer.grad_cell, cell)
        if states.weights is not None:
            direct, direct_cell = layer.source.direct()
            found["direct_hidden"] = (layer.forward_time(direct), sequence)
            if direct_cell is not None:
                found["direct_cell"] = (layer.forward_time(direct_cell), cell)
    if mask is not None:
        found["dropout"] = (mask, ("time", "batch", "outputs"))
    if states.weights is not None:
        columns = {"weight_ih": ("feature",), "weight_hh": ("unit",), "weight_hr": ("cell_unit",)}
        for name in _WEIGHTS:
            weight = getattr(states.weights, name)
            if weight is not None:
                column = columns.get(name, ())
                row = "unit" if name == "weight_hr" else "gate_row"
                found[name] = (weight, (row, *column))
    return found


def _dimensions(
    sizes: dict[str, int], label: str, axes: tuple[str, ...], shape: torch.Size
) -> tuple[str, ...]:
    """Name the dimensions of an array: time and batch are shared by the layers wherever their sizes agree."""
    names = []
    for axis, size in zip(axes, shape, strict=True):
        name = axis if axis in ("time", "batch") else f"{label}.{axis}"
        if sizes.setdefault(name, size) != size:
            name = f"{label}.{axis}"
            sizes[name] = size
        names.append(name)
    return tuple(names)


def _names_above(layer: LayerTrace, count: int) -> list[str]:
    """Names of the layers that read this one's output: the next number, in every direction."""
    if not count:
        return []
    path, _, suffix = layer.name.rpartition(".")
    following = f"l{int(suffix.removeprefix('l').removesuffix('_reverse')) + 1}"
    names = [following, f"{following}_reverse"][:count]
    return [f"{path}.{name}" if path else name for name in names]


def _version() -> str:
    from rnnviz import __version__

    return __version__


# ----------------------------------------------------------------------------------------------------
# load


@dataclass(eq=False)
class SavedLayer:
    """A layer from a file, as `rnnviz.trace.LayerTrace` reads it."""

    kept: States
    reverse: bool
    total: Gradients | None
    outside: tuple[Tensor, Tensor | None] | None
    mask: Tensor | None
    part: slice
    readers: list[SavedLayer] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """RNN, LSTM, GRU, or the name of somebody's cell."""
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

    def direct(self) -> tuple[Tensor, Tensor | None]:
        """Return the gradients that reached the states from outside."""
        self.gradients()
        assert self.outside is not None
        return self.outside

    def above(self) -> tuple[tuple[Source, ...], Tensor | None, slice]:
        """Name the layers that read this one, dropout's mask in between, and its part of their input."""
        return tuple(self.readers), self.mask, self.part


def load(path: str | os.PathLike[str]) -> Trace:
    """Read a trace that `Trace.save` wrote.

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
        When the file is truncated, damaged, of another kind or of a later version. A file is only ever read
        as names and numbers; nothing in it is executed.
    OSError
        When there is no such file, or it cannot be read.

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
        variables, attributes = read_netcdf(path)
        return _build(variables, attributes)
    except NetCDFError as error:
        raise TraceFileError(f"{os.fspath(path)} is not a readable trace: {error}") from None


def _build(variables: dict[str, Variable], attributes: dict[str, Attribute]) -> Trace:
    """Put a trace together from what the file holds, believing nothing unchecked."""
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
        groups.setdefault(order, {})[array] = variable
    built: dict[tuple[str, int], tuple[SavedLayer, str]] = {}
    names: dict[str, None] = {}
    entries = []
    for order in sorted(groups):
        source, about = _build_layer(groups[order])
        layer, call = _expect(about, "layer", str), _expect(about, "call", int)
        built[layer, call] = source, _expect(about, "above", str)
        names[layer] = None
        entries.append((_expect(about, "step", int), LayerTrace(layer, source)))
    for (_, call), (source, above) in built.items():
        for reader in above.split():
            if (reader, call) not in built:
                raise NetCDFError(f"layer {reader!r}, which another refers to, is missing.")
            source.readers.append(built[reader, call][0])
    trace = Trace(tuple(names))
    for step, entry in sorted(entries, key=lambda pair: pair[0]):
        trace._append(step, entry)
    return trace


def _expect(about: Any, name: str, kind: type[T]) -> T:
    value = about.get(name)
    if not isinstance(value, kind):
        raise NetCDFError(f"the attribute {name!r} of a layer is missing or of the wrong type.")
    return value


def _build_layer(group: dict[str, Variable]) -> tuple[SavedLayer, Any]:
    """Check the arrays of one call against each other and put them in running order."""
    if "hidden" not in group or "lengths" not in group:
        raise NetCDFError("a layer has no hidden states or no lengths.")
    about = group["hidden"].attributes
    kind, reverse = _expect(about, "kind", str), bool(_expect(about, "reverse", int))
    steps, batch, units = _shape(group, "hidden", 3)
    lengths = _tensor(group, "lengths", (batch,)).long()
    if batch == 0 or steps == 0 or int(lengths.min()) < 1 or int(lengths.max()) > steps:
        raise NetCDFError("the lengths of a layer's sequences do not fit its steps.")

    def sequence(name: str, width: int | None) -> Tensor | None:
        if name not in group:
            return None
        shape = (steps, batch, *group[name].values.shape[2:]) if width is None else (steps, batch, width)
        array = _tensor(group, name, shape)
        return reverse_time(array, lengths) if reverse else array

    features = _shape(group, "input", 3)[2]
    inner = _shape(group, "cell", 3)[2] if "cell" in group else units
    gates = {}
    for name in group:
        if name.startswith("gate."):
            gate = sequence(name, inner if kind in GATES else None)
            assert gate is not None
            gates[name.removeprefix("gate.")] = gate
    weights = None
    nonlinearity = _expect(about, "nonlinearity", str) if kind == "RNN" else None
    if kind in GATES and "weight_ih" in group:
        count = max(len(GATES[kind]), 1)
        rows = count * inner
        if tuple(gates) != GATES[kind] or nonlinearity not in (None, "tanh", "relu"):
            raise NetCDFError(
                f"a layer of kind {kind} lacks one of its gates, or has an unknown nonlinearity."
            )
        shapes = {
            "weight_ih": (rows, features),
            "weight_hh": (rows, units),
            "bias_ih": (rows,),
            "bias_hh": (rows,),
            "weight_hr": (units, inner),
        }
        if "weight_hh" not in group or (kind == "LSTM" and "cell" not in group):
            raise NetCDFError(f"a layer of kind {kind} is incomplete.")
        parts = {
            name: _tensor(group, name, shape) if name in group else None for name, shape in shapes.items()
        }
        weights = Weights(**parts)  # type: ignore[arg-type]
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
        if weights is not None:
            outside = _present(sequence("direct_hidden", units)), sequence("direct_cell", inner)
    mask = None
    if "dropout" in group:
        mask = _tensor(group, "dropout", (steps, batch, _shape(group, "dropout", 3)[2]))
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
    if values.dtype.kind not in "fi":
        raise NetCDFError(f"the array {name!r} of a layer holds no numbers.")
    return torch.from_numpy(np.ascontiguousarray(values))


def _present(array: Tensor | None) -> Tensor:
    if array is None:
        raise NetCDFError("a layer lacks one of its arrays.")
    return array


# ---------------------------------------------------------------------------------------------- xarray
# and pandas


def to_xarray(layer: LayerTrace) -> xarray.Dataset:
    """Turn one call of one layer into an xarray dataset; see `LayerTrace.to_xarray`."""
    try:
        import xarray
    except ImportError as error:
        raise ImportError('to_xarray needs xarray: pip install "rnnviz[export]"') from error
    _, mask, _ = layer.source.above()
    variables = {}
    for name, (array, axes) in _arrays(layer, mask).items():
        if name.startswith("direct_") or name == "dropout":
            continue
        short = gate = name.removeprefix("gate.")
        long_name = _DESCRIPTIONS.get(name, name)
        if name.startswith("gate."):
            long_name = f"{gate} gate"
            short = f"{gate}_gate" if gate in _DESCRIPTIONS else gate
        about = {"long_name": long_name, "units": "step" if name == "lengths" else "1"}
        variables[short] = (axes, array.cpu().numpy(), about)
    variables["mask"] = (
        ("time", "batch"),
        layer.mask.cpu().numpy(),
        {"long_name": "whether a step belongs to its sequence", "units": "1"},
    )
    dimensions = {
        axis: size
        for axes, values, _ in variables.values()
        for axis, size in zip(axes, values.shape, strict=True)
    }
    labels = {"time": ("time step", "step"), "batch": ("sequence of the batch", "1"), "unit": ("unit", "1")}
    coordinates = {
        axis: (axis, np.arange(dimensions[axis]), {"long_name": labels[axis][0], "units": labels[axis][1]})
        for axis in labels
    }
    about = {"layer": layer.name, "kind": layer.kind, "reverse": int(layer.reverse)}
    return xarray.Dataset(variables, coordinates, about)


def to_tree(trace: Trace) -> xarray.DataTree:
    """Turn a trace into an xarray tree; see `Trace.to_xarray`."""
    try:
        import xarray
    except ImportError as error:
        raise ImportError('to_xarray needs xarray: pip install "rnnviz[export]"') from error
    datasets = {}
    for _, index, layer in _numbered(trace):
        name = layer.name if len(trace.calls(layer.name)) == 1 else f"{layer.name}[{index}]"
        datasets[name] = to_xarray(layer)
    return xarray.DataTree.from_dict(datasets)


def to_frame(trace: Trace) -> pandas.DataFrame:
    """Turn a trace into a data frame, one row for each unit at each step; see `Trace.to_frame`."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError('to_frame needs pandas: pip install "rnnviz[export]"') from error
    frames = []
    for _, index, layer in _numbered(trace):
        inside = layer.mask.cpu().numpy()
        time, batch = np.nonzero(inside)
        widths = {array.shape[2:] for array in layer.arrays().values()}
        units = max(width[0] for width in widths if len(width) == 1)
        columns: dict[str, Any] = {
            "layer": layer.name,
            "call": index,
            "time": np.repeat(time, units),
            "batch": np.repeat(batch, units),
            "unit": np.tile(np.arange(units), len(time)),
        }
        for name, array in layer.arrays().items():
            if array.dim() != 3:
                continue  # a named intermediate that is not one number a unit
            values = array.cpu().numpy()[time, batch]
            if values.shape[1] < units:  # a projected state has fewer units than its cell
                values = np.pad(
                    values.astype(float), ((0, 0), (0, units - values.shape[1])), constant_values=np.nan
                )
            columns[name] = values.ravel()
        frames.append(pandas.DataFrame(columns))
    if not frames:
        raise ValueError("the trace is empty: nothing ran inside the recorded block.")
    return pandas.concat(frames, ignore_index=True)

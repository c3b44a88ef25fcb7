"""Traces as xarray data and as data frames.

In a recording padding is zero. Here it must not look like data: in xarray it is NaN, in data frames it is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.recording.store import (
    DESCRIPTIONS,
    describe_gate,
    hide_padding,
    name_arrays,
    number_calls,
    to_numpy,
)
from rnnviz.recording.trace import LayerTrace, Trace

if TYPE_CHECKING:
    import pandas
    import xarray

__all__ = ["to_frame", "to_tree", "to_xarray"]


def to_xarray(layer: LayerTrace) -> xarray.Dataset:
    """Turn one call of one layer into an xarray dataset; see `LayerTrace.to_xarray`."""
    try:
        import xarray
    except ImportError as error:
        raise ImportError('to_xarray needs xarray: pip install "rnnviz[export]"') from error
    _, mask, _ = layer.source.above()
    variables = {}
    for name, (array, axes) in name_arrays(layer, mask).items():
        if name.startswith("direct_") or name in ("dropout", "input_mask"):
            continue
        array = hide_padding(array, axes, layer.mask)
        short = gate = name.removeprefix("gate.")
        long_name = DESCRIPTIONS.get(name, name)
        if name.startswith("gate."):
            long_name = describe_gate(gate)
            short = f"{gate}_gate" if gate in DESCRIPTIONS else gate
        described = {"long_name": long_name, "units": "step" if name == "lengths" else "1"}
        # In a tree "/" would lead to another node.
        named_axes = tuple(axis.replace("/", "_") for axis in axes)
        variables[short.replace("/", "_")] = (named_axes, to_numpy(array), described)
    variables["mask"] = (
        ("time", "sequence"),
        layer.mask.cpu().numpy(),
        {"long_name": "whether a step belongs to its sequence", "units": "1"},
    )
    dimensions = {
        axis: size
        for axes, values, _ in variables.values()
        for axis, size in zip(axes, values.shape, strict=True)
    }
    labels = {
        "time": ("time step", "step"),
        "sequence": ("sequence of the batch", "1"),
        "unit": ("unit", "1"),
    }
    coordinates = {
        axis: (axis, np.arange(dimensions[axis]), {"long_name": labels[axis][0], "units": labels[axis][1]})
        for axis in labels
    }
    about: dict[str, str | int] = {"layer": layer.name, "kind": layer.kind, "reverse": int(layer.reverse)}
    return xarray.Dataset(variables, coordinates, about)


def to_tree(trace: Trace) -> xarray.DataTree:
    """Turn a trace into an xarray tree; see `Trace.to_xarray`."""
    try:
        import xarray
    except ImportError as error:
        raise ImportError('to_xarray needs xarray: pip install "rnnviz[export]"') from error
    datasets = {}
    for step, index, layer in number_calls(trace):
        name = layer.name if len(trace.calls(layer.name)) == 1 else f"{layer.name}[{index}]"
        datasets[name] = to_xarray(layer).assign_attrs(call=index, forward_pass=step)
    return xarray.DataTree.from_dict(datasets)


def to_frame(trace: Trace) -> pandas.DataFrame:
    """Turn a trace into a data frame, one row for each unit at each step; see `Trace.to_frame`."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError('to_frame needs pandas: pip install "rnnviz[export]"') from error
    frames = []
    for _, index, layer in number_calls(trace):
        step, sequence = np.nonzero(layer.mask.cpu().numpy())
        # A projected state has fewer units than its cell.
        widths = {array.shape[2] for name, array in layer.arrays().items() if name in ("hidden", "cell")}
        units = max(widths)
        columns: dict[str, Any] = {
            "layer": layer.name,
            "call": index,
            "sequence": np.repeat(sequence, units),
            "step": np.repeat(step, units),
            "unit": np.tile(np.arange(units), len(step)),
        }
        for name, array in layer.arrays().items():
            if array.dim() != 3 or array.shape[2] not in widths:
                continue  # a named intermediate that is not one number a unit
            values = to_numpy(array)[step, sequence]
            if values.shape[1] < units:
                values = np.pad(
                    values.astype(float), ((0, 0), (0, units - values.shape[1])), constant_values=np.nan
                )
            columns[name] = values.ravel()
        frames.append(pandas.DataFrame(columns))
    if not frames:
        raise ValueError("the trace is empty: nothing ran inside the recorded block.")
    return pandas.concat(frames, ignore_index=True)

"""Carries a recorded trace to the page, once, for all the widgets that show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import traitlets

from rnnviz.recording.trace import LayerTrace, Trace
from rnnviz.recording.wiring import Reads
from rnnviz_widgets.base import STATIC, Widget
from rnnviz_widgets.packing import Packer
from rnnviz_widgets.recipe import describe_modules

_models: WeakKeyDictionary[Trace, dict[object, TraceModel]] = WeakKeyDictionary()


class TraceModel(Widget):
    """The arrays of a trace as one binary buffer; never displayed, only referred to by widgets.

    Parameters
    ----------
    trace : rnnviz.Trace
        A recorded trace. Its arrays are sent as float32.
    labels : sequence of sequences of str, optional
        What stands under each step of each sequence: characters, words, dates.

    Raises
    ------
    TypeError
        If it is no trace.
    ValueError
        If the trace is empty or has no sequences, the labels do not fit it, or it is too large for a page.
    """

    _esm = STATIC / "trace_model.js"

    layers: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    labels: traitlets.List[list[str]] = traitlets.List().tag(sync=True)
    modules: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    """What was recorded, for the code that a reader copies."""
    data = traitlets.Bytes(b"").tag(sync=True)

    def __init__(self, trace: Trace, labels: Sequence[Sequence[str]] | None = None) -> None:
        check_trace(trace)
        packer = Packer()
        layers = [trace[name] for name in trace.layers]
        headers = [
            _describe_layer(layer, packer) | _describe_wiring(layer, layers, packer) for layer in layers
        ]
        lengths = headers[0]["lengths"]
        if labels is not None:
            check_labels(labels, lengths)
        super().__init__(
            layers=headers,
            labels=[list(row) for row in labels or []],
            modules=describe_modules(layers),
            data=packer.bytes(),
        )

    def describe(self) -> dict[str, object]:
        """Return what widgets say of this trace in their repr: layers, kind of cell, and size."""
        steps, sequences, units = self.layers[0]["arrays"]["hidden"]["shape"]
        kinds = list(dict.fromkeys(header["kind"] for header in self.layers))
        return {
            "layers": [header["name"] for header in self.layers],
            "kind": kinds[0] if len(kinds) == 1 else kinds,
            "steps": steps,
            "sequences": sequences,
            "units": units,
        }

    def facts(self) -> dict[str, object]:
        """Layers, size, and bytes sent to the page."""
        return self.describe() | {"bytes": len(self.data)}


def share_trace(trace: Trace, labels: Sequence[Sequence[str]] | None = None) -> TraceModel:
    """Return the model that carries this trace, the same one to every widget that asks.

    Parameters
    ----------
    trace : rnnviz.Trace
        A recorded trace.
    labels : sequence of sequences of str, optional
        What stands under each step of each sequence.

    Returns
    -------
    TraceModel
        Made at the first call for this trace (and these labels, and whether gradients have arrived).

    Raises
    ------
    TypeError
        If it is no trace.
    ValueError
        If the trace is empty, the labels do not fit it, or it is too large for a page.
    """
    check_trace(trace)
    key = (
        tuple(map(tuple, labels)) if labels is not None else None,
        tuple(len(trace[name].arrays()) for name in trace.layers),
    )
    models = _models.setdefault(trace, {})
    if key not in models:
        models[key] = TraceModel(trace, labels)
    return models[key]


def choose_layer(trace: Trace, layer: str | None) -> str:
    """Return the layer's name, the last one's where none is asked for.

    Raises
    ------
    KeyError
        If the trace has no such layer.
    TypeError
        If it is no trace.
    ValueError
        If the trace is empty.
    """
    check_trace(trace)
    if layer is not None and layer not in trace.layers:
        raise KeyError(f"The trace has no layer {layer!r}; it has {', '.join(map(repr, trace.layers))}.")
    return layer if layer is not None else trace.layers[-1]


def check_trace(trace: object) -> None:
    """Raise a TypeError for what is no trace, and a ValueError for a trace without a layer or without a sequence."""
    if isinstance(trace, LayerTrace):
        raise TypeError(
            f"This is layer {trace.name!r} of a trace; give the whole trace, and layer={trace.name!r} beside it where "
            "the widget shows one layer."
        )
    if not isinstance(trace, Trace):
        raise TypeError(
            f"This is a {type(trace).__name__}, and no recorded trace. Record one, "
            "`with rnnviz.record(model) as trace: model(inputs)`, and give it that trace."
        )
    if not trace.layers:
        raise ValueError(
            "This trace holds no layer: nothing recurrent ran inside `with record(model) as trace:`. "
            "Call the model inside that block."
        )
    for name in trace.layers:
        if any(call.source.shape[1] == 0 for call in trace.calls(name)):
            raise ValueError(f"{name} was given a batch of no sequences, so there is nothing to draw.")


def _describe_layer(layer: LayerTrace, packer: Packer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "kind": layer.kind,
        "nonlinearity": layer.nonlinearity if layer.kind == "RNN" else "tanh",
        "reverse": layer.reverse,
        "gates": list(layer.gates),
        "lengths": layer.lengths.tolist(),
        "arrays": {name: packer.add(array) for name, array in layer.arrays().items()},
        "input": packer.add(layer.input),
        "initial_hidden": packer.add(layer.initial_hidden),
        "initial_cell": packer.add(layer.initial_cell) if hasattr(layer, "initial_cell") else None,
        "weights": {
            name: packer.add(value if value.dim() > 1 else value[None])
            # A student's own cell keeps its parameters to itself.
            for name, value in (vars(layer.weights).items() if hasattr(layer, "weights") else ())
            if value is not None
        },
    }


def _describe_wiring(layer: LayerTrace, layers: Sequence[LayerTrace], packer: Packer) -> dict[str, Any]:
    """Say what a layer reads and goes on from; other layers by their place among those that are sent.

    ``data`` is the first layer that reads the same numbers from outside; a layer that reads what was computed in an
    unknown way is the first to read that.
    """
    places = {one.name: place for place, one in enumerate(layers)}
    reads, start = layer.reads, layer.start
    sources = [places[origin.layer] for origin in reads.sources if origin.layer in places]
    known = reads.through != "unknown" and len(sources) == len(reads.sources)
    data = -1
    if not known:
        data = places[layer.name]
    elif not sources:
        data = next(k for k, one in enumerate(layers) if one is layer or _reads_same(one.reads, reads))
    origins = [places[origin.layer] for origin in start.sources if origin.layer in places]
    continues = start.kind == "continues" and bool(origins)
    return {
        "reads": {
            "layers": sources if known else [],
            "mask": packer.add(reads.mask) if known and reads.mask is not None else None,
            "data": data,
            "unknown": None if known else [source for source in sources if source != places[layer.name]],
        },
        "start": {
            "layer": origins[0] if continues else -1,
            "states": list(start.states) if continues else [],
            "unknown": origins if start.kind == "unknown" else [],
        },
    }


def _reads_same(one: Reads, other: Reads) -> bool:
    """Whether two layers read the same data from outside."""
    return not one.sources and one.through == "nothing" and one.data is not None and one.data == other.data


def check_labels(labels: Sequence[Sequence[str]], lengths: list[int]) -> None:
    """Raise a ValueError unless there is one list of labels a sequence, with one label for each of its steps."""
    given = [len(row) for row in labels]
    if len(given) != len(lengths) or any(have < need for have, need in zip(given, lengths, strict=True)):
        raise ValueError(
            f"Labels were given for {len(given)} sequences of {given} steps; the trace holds {len(lengths)} sequences "
            f"of {lengths} steps. Give one list a sequence with one label a step."
        )

"""What a copied piece of code needs to know of a recording: which modules ran, of which size, over which input."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rnnviz.arithmetic.states import GATES

if TYPE_CHECKING:
    from rnnviz.recording.trace import LayerTrace, Trace
    from rnnviz.recording.wiring import Module


def describe_modules(layers: Sequence[LayerTrace]) -> list[dict[str, Any]]:
    """Describe the modules that some layers are of, so that others like them can be made.

    Parameters
    ----------
    layers : sequence of LayerTrace
        In the model's order.

    Returns
    -------
    list of dict
        For each module its ``path`` in the model, the names of its ``layers``, the names that these have where the
        module is recorded ``alone``, its ``kind`` and ``inputs``, the other ``options`` of its constructor as Python
        writes them, the ``shape`` of what it read (time, batch, feature), the ``lengths`` of its sequences, whether
        there was a ``backward`` pass, and what it ``reads``: the places of the modules whose outputs lie side by side
        in its input, and the rate of dropout between; None where that is data, or not known.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> lstm = torch.nn.LSTM(3, 8, bidirectional=True)
    >>> with rv.record(torch.nn.ModuleDict({"reader": lstm})) as trace:
    ...     _ = lstm(torch.zeros(6, 1, 3))
    >>> (module,) = describe_modules([trace[name] for name in trace.layers])
    >>> module["layers"], module["kind"], module["options"]
    (['reader.l0', 'reader.l0_reverse'], 'torch.nn.LSTM', ['8', 'bidirectional=True'])
    """
    grouped = itertools.groupby(layers, _key)
    groups = [list(group) for _, group in grouped]
    return [_describe(group, groups) for group in groups]


def describe_module(trace: Trace, layer: str) -> dict[str, Any]:
    """Describe the module that one layer of a trace is of, as `describe_modules` does."""
    return next(
        module
        for module in describe_modules([trace[name] for name in trace.layers])
        if trace[layer].name in module["layers"]
    )


def _key(layer: LayerTrace) -> object:
    """Tell the module of a layer; in a file of the first version all that is known is its name."""
    return _split(layer.name)[0] if layer.module is None else (layer.module.path, layer.module.layers)


def _split(name: str) -> tuple[str, str]:
    """Cut a layer's name into its module's path and torch's suffix; a cell's name is all path."""
    path, _, suffix = name.rpartition(".")
    stem = suffix.removesuffix("_reverse")
    return (path, suffix) if stem[:1] == "l" and stem[1:].isdecimal() else (name, "")


def _describe(layers: list[LayerTrace], groups: Sequence[list[LayerTrace]]) -> dict[str, Any]:
    first = layers[0]
    module = first.module
    # A student's cell may be called like one of torch's.
    known = first.kind in GATES and hasattr(first, "weights")
    steps, batch, features = first.input.shape
    inputs = features if module is None else module.options["input_size"]
    if not known:
        options = [str(first.hidden.shape[-1])]
    else:
        options = _list_options(layers) if module is None else _write_options(module, layers)
    return {
        "path": _split(first.name)[0] if module is None else module.path,
        "layers": [layer.name for layer in layers],
        "alone": [_name_alone(layer, known) for layer in layers],
        "kind": f"torch.nn.{first.kind}" if known else first.kind,
        "inputs": inputs,
        "options": options,
        "shape": [steps, batch, inputs],
        "lengths": first.lengths.tolist(),
        "backward": any(layer.has_gradients for layer in layers),
        "reads": _describe_reads(first, groups),
    }


def _name_alone(layer: LayerTrace, known: bool) -> str:
    """Name a layer where its module is recorded alone. A single cell is made as a layer of torch's, as it computes."""
    if not known:
        return "cell"
    single = layer.module is not None and layer.module.kind.endswith("Cell")
    return "l0" if single else _split(layer.name)[1] or "l0"


def _describe_reads(layer: LayerTrace, groups: Sequence[list[LayerTrace]]) -> dict[str, Any] | None:
    reads = layer.reads
    if reads.through == "unknown" or not reads.sources:
        return None
    wanted, found = [origin.layer for origin in reads.sources], []
    while wanted:
        for place, group in enumerate(groups):
            top = [one.name for one in (group[-2:] if group[-1].reverse else group[-1:])]
            if layer not in group and wanted[: len(top)] == top:
                wanted = wanted[len(top) :]
                found.append(place)
                break
        else:
            return None
    mask = reads.mask
    rate = 0.0 if mask is None or not mask.any() else 1 - 1 / float(mask.max())
    return {"modules": found, "dropout": round(rate, 6)}


def _write_options(module: Module, layers: list[LayerTrace]) -> list[str]:
    options = module.options
    # Only where masks were drawn: copied code runs in training mode.
    drops = any(layer.source.above()[1] is not None for layer in layers)
    return [
        str(options["hidden_size"]),
        *([f"num_layers={options['num_layers']}"] if options.get("num_layers", 1) > 1 else []),
        *([f"dropout={options['dropout']}"] if drops else []),
        *(["bidirectional=True"] if options.get("bidirectional") else []),
        *([f"proj_size={options['proj_size']}"] if options.get("proj_size") else []),
        *(['nonlinearity="relu"'] if options.get("nonlinearity") == "relu" else []),
        *([] if options.get("bias", True) else ["bias=False"]),
    ]


def _list_options(layers: list[LayerTrace]) -> list[str]:
    """Read the options off the weights, where a file does not say them."""
    first = layers[0]
    weights = first.weights
    blocks = len(GATES[first.kind]) or 1
    forward = sum(not layer.reverse for layer in layers)
    return [
        str(weights.weight_hh.shape[0] // blocks),
        *([f"num_layers={forward}"] if forward > 1 else []),
        *(["bidirectional=True"] if forward < len(layers) else []),
        *([f"proj_size={first.hidden.shape[-1]}"] if weights.weight_hr is not None else []),
        *(['nonlinearity="relu"'] if first.kind == "RNN" and first.nonlinearity == "relu" else []),
        *([] if weights.bias_ih is not None else ["bias=False"]),
    ]

"""What a copied piece of code needs to know of a recording: which modules ran, of which size, over which input."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rnnviz.arithmetic.states import GATES
from rnnviz.recording.stepwise import StepwiseCall
from rnnviz.recording.store import SavedLayer

if TYPE_CHECKING:
    from rnnviz.recording.trace import LayerTrace, Trace


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
        writes them, the ``shape`` of what it read (time, batch, feature), the ``lengths`` of its sequences, and
        whether there was a ``backward`` pass.

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
    found = itertools.groupby(zip(_find_paths(layers), layers, strict=True), lambda pair: pair[0])
    return [_describe(path, [layer for _, layer in group]) for path, group in found]


def describe_module(trace: Trace, layer: str) -> dict[str, Any]:
    """Describe the module that one layer of a trace is of, as `describe_modules` does."""
    return next(
        module
        for module in describe_modules([trace[name] for name in trace.layers])
        if trace[layer].name in module["layers"]
    )


def _split(name: str) -> tuple[str, str]:
    """Cut a layer's name into its module's path and torch's suffix; a cell's name is all path."""
    path, _, suffix = name.rpartition(".")
    stem = suffix.removesuffix("_reverse")
    return (path, suffix) if stem[:1] == "l" and stem[1:].isdecimal() else (name, "")


def _find_paths(layers: Sequence[LayerTrace]) -> list[str]:
    """Name the module that each layer is of. A cell is a module of its own, also where it is called "l1"."""
    paths: list[str] = []
    for path, group in itertools.groupby(layers, lambda layer: _split(layer.name)[0]):
        together = list(group)
        paths += [path if _is_one_module(together) else layer.name for layer in together]
    return paths


def _is_one_module(layers: list[LayerTrace]) -> bool:
    if any(isinstance(layer.source, StepwiseCall) for layer in layers):
        return False
    if not all(isinstance(layer.source, SavedLayer) for layer in layers):
        return True
    # A file does not say whether a cell or a module was recorded.
    first = layers[0]
    inner = first.hidden.shape[-1] * (1 + any(layer.reverse for layer in layers))
    return first.kind in GATES and all(
        layer.kind == first.kind
        and layer.hidden.shape == first.hidden.shape
        and layer.lengths.tolist() == first.lengths.tolist()
        and layer.input.shape[-1] == (first.input.shape[-1] if at == 0 else inner)
        for at, layer in zip(_count_depths(layers), layers, strict=True)
    )


def _count_depths(layers: list[LayerTrace]) -> list[int]:
    """Count the layers of one module upwards from the first one given."""
    numbers = [int("0" + "".join(filter(str.isdecimal, _split(layer.name)[1]))) for layer in layers]
    return [number - numbers[0] for number in numbers]


def _describe(path: str, layers: list[LayerTrace]) -> dict[str, Any]:
    first = layers[0]
    # A student's cell may be called like one of torch's.
    known = first.kind in GATES and hasattr(first, "weights")
    steps, batch, features = first.input.shape
    return {
        "path": path,
        "layers": [layer.name for layer in layers],
        # A single cell is made as a layer of torch's: it computes the same.
        "alone": [
            f"l{at}{'_reverse' if layer.reverse else ''}" if known else "cell"
            for at, layer in zip(_count_depths(layers), layers, strict=True)
        ],
        "kind": f"torch.nn.{first.kind}" if known else first.kind,
        "inputs": features,
        "options": _list_options(layers) if known else [str(first.hidden.shape[-1])],
        "shape": [steps, batch, features],
        "lengths": first.lengths.tolist(),
        "backward": any(layer.has_gradients for layer in layers),
    }


def _list_options(layers: list[LayerTrace]) -> list[str]:
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

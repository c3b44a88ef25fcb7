"""What a copied piece of code needs to know of a recording: which modules ran, of which size, over which input."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rnnviz.derive import GATES

if TYPE_CHECKING:
    from rnnviz.trace import LayerTrace, Trace


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
    return [_describe(path, list(group)) for path, group in itertools.groupby(layers, _find_path)]


def describe_module(trace: Trace, layer: str) -> dict[str, Any]:
    """Describe the module that one layer of a trace is of, as `describe_modules` does."""
    path = _find_path(trace[layer])
    same = [trace[name] for name in trace.layers if _split(name)[0] == path]
    (module,) = describe_modules(same)
    return module


def _split(name: str) -> tuple[str, str]:
    """Cut a layer's name into its module's path and torch's suffix; a cell's name is all path."""
    path, _, suffix = name.rpartition(".")
    stem = suffix.removesuffix("_reverse")
    return (path, suffix) if stem[:1] == "l" and stem[1:].isdecimal() else (name, "")


def _find_path(layer: LayerTrace) -> str:
    return _split(layer.name)[0]


def _describe(path: str, layers: list[LayerTrace]) -> dict[str, Any]:
    first = layers[0]
    # A student's cell may be called like one of torch's.
    known = first.kind in GATES and hasattr(first, "weights")
    steps, batch, features = first.input.shape
    return {
        "path": path,
        "layers": [layer.name for layer in layers],
        # A single cell is made as a layer of torch's: it computes the same.
        "alone": [_split(layer.name)[1] or ("l0" if known else "cell") for layer in layers],
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

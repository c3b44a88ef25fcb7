"""How often gates are nearly shut or nearly open, and activations flat."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from rnnviz.recording.trace import LayerTrace

__all__ = ["OPEN", "SATURATED", "SHUT", "Saturation", "measure_saturation"]

#: A gate counts as shut below the first and as open above the second; Karpathy et al. (2015) drew the same
#: lines.
SHUT, OPEN = 0.1, 0.9
#: A tanh beyond this has less than a fifth of its slope left.
SATURATED = 0.9


@dataclass(frozen=True, eq=False)
class Saturation:
    """Fractions of a gate's values near its ends, over all steps of all sequences.

    Attributes
    ----------
    low, high : Tensor, shape (unit,)
        For a gate between 0 and 1: fraction of its values below 0.1 and above 0.9. For a tanh (candidate, or
        the hidden state of a plain RNN): below -0.9 and above 0.9.
    """

    low: Tensor
    high: Tensor


def measure_saturation(layer: LayerTrace) -> dict[str, Saturation]:
    """How often each unit of each gate is nearly shut or nearly open.

    Parameters
    ----------
    layer : LayerTrace
        A plain RNN has no gates; for one with tanh, its hidden state is measured.

    Returns
    -------
    dict of str to Saturation
        By the name of the gate, or "hidden".

    References
    ----------
    A. Karpathy, J. Johnson and L. Fei-Fei, "Visualizing and understanding recurrent networks",
    arXiv:1506.02078 (2015).

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> from rnnviz.analysis.saturation import measure_saturation
    >>> lstm = torch.nn.LSTM(1, 2)
    >>> _ = torch.nn.init.constant_(lstm.bias_ih_l0, -9.0)
    >>> with rv.record(lstm) as trace:
    ...     _ = lstm(torch.zeros(5, 1, 1))
    >>> measure_saturation(trace["l0"])["forget"].low
    tensor([1., 1.])
    """
    arrays = dict(layer.gates)
    if layer.kind == "RNN" and layer.nonlinearity == "tanh":
        arrays["hidden"] = layer.hidden
    mask = layer.mask
    found = {}
    for name, array in arrays.items():
        if array.shape[:2] != mask.shape or array.dim() != 3:
            continue  # a named intermediate of another shape
        values = array[mask]
        signed = name in ("candidate", "hidden")
        low, high = (-SATURATED, SATURATED) if signed else (SHUT, OPEN)
        found[name] = Saturation((values < low).float().mean(0), (values > high).float().mean(0))
    return found

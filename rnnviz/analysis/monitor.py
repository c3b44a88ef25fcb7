"""A recording in a few numbers, to be followed through a long training run; also in TensorBoard.

`rnnviz.callbacks` does the same inside Lightning.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, Protocol

import torch
from torch import Tensor

from rnnviz.analysis.saturation import measure_saturation
from rnnviz.arithmetic.states import reverse_time
from rnnviz.recording.trace import LayerTrace, Trace

__all__ = ["find_gaps", "mean_numbers", "summarise", "write_tensorboard"]


class SummaryWriter(Protocol):
    """What is asked of a writer: two methods of `torch.utils.tensorboard.SummaryWriter`."""

    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> Any: ...
    def add_histogram(self, tag: str, values: Tensor, global_step: int) -> Any: ...


@torch.no_grad()
def summarise(trace: Trace) -> dict[str, float]:
    """Tell a recording in a few numbers a layer: how strong its gradients are, how saturated its gates.

    Parameters
    ----------
    trace : Trace
        Where a layer ran several times, its numbers are means over all its calls, each step counting once.

    Returns
    -------
    dict of str to float
        For a layer "lstm.l0": ``lstm.l0/grad_norm``, the mean of ‖∂L/∂h_t‖ over steps and sequences;
        ``lstm.l0/grad_norm_first`` and ``…_last``, the same at the first and the last step the layer took,
        whose ratio says what is left of the gradient after its way back; ``lstm.l0/saturated_forget``, the
        fraction of the gate's values below 0.1 or above 0.9 (of a tanh: beyond ±0.9), for each gate, and for
        the hidden state of a plain RNN. Gradients are missing before a backward pass, the first and the last where
        every call is a single step; `find_gaps` says so.

    Warns
    -----
    RuntimeWarning
        When nothing was recorded, or a layer did not run: without a word, a whole training could go by unlogged.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> from rnnviz.monitor import summarise
    >>> rnn = torch.nn.RNN(1, 1, bias=False)
    >>> _ = torch.nn.init.constant_(rnn.weight_hh_l0, 0.5)
    >>> with rv.record(rnn) as trace:
    ...     output, _ = rnn(torch.zeros(4, 1, 1))
    ...     output[-1].sum().backward()
    >>> summarise(trace)["l0/grad_norm_first"]
    0.125
    """
    for gap in find_gaps(trace, gradients=False):
        warnings.warn(gap, RuntimeWarning, stacklevel=2)
    return mean_numbers(trace)


def mean_numbers(trace: Trace) -> dict[str, float]:
    """Compute what `summarise` returns, without its warnings."""
    sums: dict[str, float] = {}
    counts: dict[str, int] = {}
    for name in trace.layers:
        for layer in trace.sequences(name):
            for what, values in _measure(layer):
                key = f"{name}/{what}"
                sums[key] = sums.get(key, 0.0) + float(values.double().sum())
                counts[key] = counts.get(key, 0) + values.numel()
    return {key: sums[key] / counts[key] for key in sums}


def find_gaps(trace: Trace, *, gradients: bool = True) -> list[str]:
    """Say what a recording cannot tell, and why, each in a sentence.

    Parameters
    ----------
    trace : Trace
    gradients : bool
        Whether a backward pass was to be expected.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> from rnnviz.analysis.monitor import find_gaps
    >>> rnn = torch.nn.RNN(1, 1)
    >>> with rv.record(rnn) as trace:
    ...     _ = rnn(torch.zeros(4, 1, 1))
    >>> find_gaps(trace)
    ['l0: no backward pass has reached it, so nothing of its gradients is logged.']
    """
    called_past = "layer.forward(x) instead of layer(x), or a compiled model, calls no hooks"
    if not trace.layers:
        return [f"Nothing was recorded, so nothing is logged: no recurrent layer ran, or {called_past}."]
    gaps = [f"{name}: it did not run, or {called_past}; nothing of it is logged." for name in trace.silent]
    for name in trace.layers if gradients else ():
        calls = trace.calls(name)
        if not any(call.has_gradients for call in calls):
            gaps.append(f"{name}: no backward pass has reached it, so nothing of its gradients is logged.")
        elif all(call.source.shape[0] == 1 for call in trace.sequences(name)):
            gaps.append(
                f"{name}: each of its {len(calls)} calls is one step and none is known to go on from another, so "
                "how gradients change over time is not logged."
            )
    return gaps


def _measure(layer: LayerTrace) -> Iterator[tuple[str, Tensor]]:
    """Yield what is measured of one sequence, as values whose mean is wanted."""
    mask, lengths = layer.mask, layer.lengths
    if layer.has_gradients:
        norm = layer.grad_norm
        yield "grad_norm", norm[mask]
        if len(norm) > 1:  # of a single step the first is the last, and their ratio says nothing
            running = reverse_time(norm, lengths) if layer.reverse else norm
            yield "grad_norm_first", running[0]
            yield "grad_norm_last", running[lengths - 1, torch.arange(len(lengths), device=lengths.device)]
    for gate, saturation in measure_saturation(layer).items():
        # One value a step, so that longer calls count for more.
        yield f"saturated_{gate}", (saturation.low + saturation.high).mean().expand(int(lengths.sum()))


@torch.no_grad()
def write_tensorboard(
    writer: SummaryWriter, trace: Trace, step: int, *, prefix: str = "rnnviz", histograms: bool = False
) -> None:
    """Write what `summarise` tells of a recording to TensorBoard.

    Parameters
    ----------
    writer : torch.utils.tensorboard.SummaryWriter
        Which needs TensorBoard: ``pip install "rnnviz[tensorboard]"``.
    trace : Trace
    step : int
        Where the numbers stand on TensorBoard's horizontal axis.
    prefix : str
        Comes before each name, so that TensorBoard keeps these charts together.
    histograms : bool
        Whether to write, beside the numbers, the distribution of every array; padding, and values that are not
        finite numbers, left out.

    Raises
    ------
    TypeError
        When ``writer`` is not a writer.

    Warns
    -----
    RuntimeWarning
        When something cannot be told of the recording, see `find_gaps`.

    Examples
    --------
    >>> import tempfile, torch, rnnviz as rv
    >>> from rnnviz.monitor import write_tensorboard
    >>> from torch.utils.tensorboard import SummaryWriter
    >>> model = torch.nn.LSTM(1, 4)
    >>> with tempfile.TemporaryDirectory() as folder, SummaryWriter(folder) as writer:
    ...     for step in range(3):
    ...         with rv.record(model) as trace:
    ...             model(torch.randn(5, 2, 1))[0].sum().backward()
    ...         write_tensorboard(writer, trace, step)
    """
    if not hasattr(writer, "add_scalar") or not hasattr(writer, "add_histogram"):
        raise TypeError(
            f"write_tensorboard was given a {type(writer).__name__}; it writes to a SummaryWriter: `from "
            'torch.utils.tensorboard import SummaryWriter`, after pip install "rnnviz[tensorboard]".'
        )
    for gap in find_gaps(trace):
        warnings.warn(gap, RuntimeWarning, stacklevel=2)
    for name, value in mean_numbers(trace).items():
        writer.add_scalar(f"{prefix}/{name}", value, step)
    if histograms:
        for name in trace.layers:
            calls = trace.calls(name)
            for array in calls[0].arrays():
                found = [
                    layer.arrays()[array][layer.mask].flatten() for layer in calls if array in layer.arrays()
                ]
                values = torch.cat(found)
                values = values[torch.isfinite(values)]
                if len(values):  # TensorBoard has no histogram of nothing
                    writer.add_histogram(f"{prefix}/{name}/{array}", values, step)

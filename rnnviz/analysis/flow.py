"""How gradients and influence travel through time: the numbers behind vanishing and exploding gradients.

Everything is computed from a recorded layer, for all steps at once: the Jacobians by formula
(`rnnviz.analysis.jacobian`, whose functions are here too), the flow matrix by running all adjoints together. Steps
are in forward time order, padding is zero.
"""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Sequence

import torch
from torch import Tensor

from rnnviz.analysis.jacobian import (
    JacobianProduct,
    JacobianSpectrum,
    jacobian_product,
    jacobian_spectrum,
    jacobians,
    spectral_radius,
)
from rnnviz.analysis.limits import EFFORT, LIMIT, refuse_size, require_formula, spread_steps
from rnnviz.analysis.propagate import (
    flow_from_above,
    reverse_steps,
    run_adjoints,
    run_tangents,
    steps_with_loss,
)
from rnnviz.arithmetic.adjoint import gate_gradients
from rnnviz.arithmetic.lstm import unprojected_hidden
from rnnviz.arithmetic.states import Gradients, States, choose_sequences, mask_steps, shift
from rnnviz.recording.trace import LayerTrace, Source
from rnnviz.steps import Weights

__all__ = [
    "JacobianProduct",
    "JacobianSpectrum",
    "gradient_flow",
    "influence",
    "jacobian_product",
    "jacobian_spectrum",
    "jacobians",
    "memory_curve",
    "memory_horizon",
    "sample_sequences",
    "spectral_radius",
    "weight_contributions",
]


@torch.no_grad()
def gradient_flow(layer: LayerTrace, losses: Sequence[int] | None = None, *, limit: int = LIMIT) -> Tensor:
    """How strongly each step's loss depends on each earlier state: ‖∂L_t/∂h_k‖ for all t and k at once.

    The loss is taken as a sum over steps, L = Σ L_t, where L_t reaches the recurrent module at its output of
    step t; a loss on a final state counts at the last step. One row of the matrix is one backpropagation
    through time; all rows run together, so the matrix costs one backward pass over a larger batch instead of
    one pass a row. Steps without a loss cost nothing.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM, after a backward pass.
    losses : sequence of int, optional
        The steps t whose losses are followed; all by default. Time and memory grow with their number.
    limit : int
        How many bytes this may take; 4 GiB by default.

    Returns
    -------
    Tensor, shape (loss, time, batch)
        Entry (t, k): the Euclidean norm over units of ∂L_t/∂h_k.

    Raises
    ------
    RuntimeError
        When no backward pass has reached the layer.
    TypeError
        For a cell of your own.
    ValueError
        When a loss is asked for at a step that is not there.
    MemoryError
        Before anything is computed, when it would take more than ``limit``.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> gru = torch.nn.GRU(1, 4)
    >>> with rv.record(gru) as trace:
    ...     output, _ = gru(torch.randn(6, 2, 1))
    ...     output.square().sum().backward()
    >>> flow = rv.flow.gradient_flow(trace["l0"])
    >>> flow.shape, bool(flow[2, 3:].any())  # the loss of step 2 asks nothing of later states
    (torch.Size([6, 6, 2]), False)
    >>> rv.flow.gradient_flow(trace["l0"], losses=[5]).shape
    torch.Size([1, 6, 2])
    """
    states = require_formula(layer)
    steps, batch, width = states.hidden.shape
    asked = _check_steps(layer, losses, "losses")
    reached = steps_with_loss(layer.source).tolist()
    rows = sorted({t for t in asked if reached[t]})
    assert states.weights is not None
    held = width + 2 * states.weights.weight_hh.shape[0]
    if layer.source.above()[0]:  # what comes from above is held for the level above and for this one
        held += 3 * steps * max(reader.states().input.shape[-1] for reader in layer.source.above()[0])
    values = len(asked) * steps * batch + len(rows) * batch * (steps + held)
    advice = "Follow fewer losses (losses=[...]), record fewer sequences (sequences=[0])"
    refuse_size(layer, "gradient_flow", values, limit, advice)
    norms = states.hidden.new_zeros(steps, len(rows), batch)  # (k, t): written row by row
    if rows:
        run_adjoints(layer.source, rows, flow_from_above(layer.source, rows), norms=norms)
    if layer.reverse:
        norms = reverse_steps(norms, states.lengths)
    found = norms.transpose(0, 1)
    if rows == asked:
        return found
    flow = norms.new_zeros(len(asked), steps, batch)
    place = {t: row for row, t in enumerate(rows)}
    for index, t in enumerate(asked):
        if t in place:
            flow[index] = found[place[t]]
    return flow


# -----------------------------------------------------------------------------------------------------------
# influence


@torch.no_grad()
def influence(
    layer: LayerTrace,
    inputs: Sequence[int] | None = None,
    *,
    probes: int | None = None,
    limit: int = LIMIT,
) -> Tensor:
    """How much the output of step t still depends on the input of step s: ‖∂h_t/∂x_s‖ for all t and s.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM; no backward pass is needed.
    inputs : sequence of int, optional
        The steps s whose inputs are followed; all by default. Time and memory grow with their number.
    probes : int, optional
        Estimate the norms from this many random directions instead of following every feature, where there are
        more features than that. The directions are the same in every call.
    limit : int
        How many bytes this may take; 4 GiB by default.

    Returns
    -------
    Tensor, shape (time, input, batch)
        Entry (t, s): the Frobenius norm of ∂h_t/∂x_s, from the layer's own input to its own output.

    Raises
    ------
    TypeError
        For a cell of your own.
    ValueError
        When an input is asked for at a step that is not there, or there are no probes.
    MemoryError
        Before anything is computed, when it would take more than ``limit``.

    Notes
    -----
    For random v with entries ±1, the mean of ‖J v‖² is ‖J‖² (Frobenius): M. F. Hutchinson, "A stochastic
    estimator of the trace of the influence matrix", Communications in Statistics 18 (1989) 1059-1076.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> lstm = torch.nn.LSTM(1, 4)
    >>> with rv.record(lstm) as trace:
    ...     _ = lstm(torch.randn(6, 2, 1))
    >>> rv.flow.influence(trace["l0"]).shape
    torch.Size([6, 6, 2])
    >>> rv.flow.influence(trace["l0"], inputs=[0]).shape
    torch.Size([6, 1, 2])
    """
    states = require_formula(layer)
    steps, batch, width = states.hidden.shape
    asked = _check_steps(layer, inputs, "inputs")
    rows = sorted(set(asked))
    directions = _input_directions(states, probes)
    held = len(directions) * (3 * directions.shape[1] + 2 * width)
    values = (len(asked) + len(rows)) * batch * steps + len(rows) * batch * held
    advice = "Follow fewer inputs (inputs=[...]), estimate (probes=4), record fewer sequences (sequences=[0])"
    refuse_size(layer, "influence", values, limit, advice)
    norms = states.hidden.new_zeros(steps, len(rows), batch)
    run_tangents(states, layer.reverse, rows, directions, norms)
    norms *= mask_steps(len(states.hidden), states.lengths)[:, None]
    if layer.reverse:
        norms = reverse_steps(norms, states.lengths)
    return norms if rows == asked else norms[:, [rows.index(s) for s in asked]]


def _input_directions(states: States, probes: int | None) -> Tensor:
    """Choose the changes of an input to follow, multiplied with W_ih: (direction, gate · unit).

    Norms over all of them are norms over all features: exactly, or with ``probes`` in the mean.
    """
    assert states.weights is not None
    weight = states.weights.weight_ih
    features = weight.shape[1]
    if probes is not None and probes < 1:
        raise ValueError(f"probes is {probes}; it must be 1 or more, or None to follow every feature.")
    if probes is not None and probes < features:
        generator = torch.Generator().manual_seed(0)
        signs = 2 * torch.randint(2, (probes, features), generator=generator) - 1
        return signs.to(weight) @ weight.t() / math.sqrt(probes)
    if features > weight.shape[0]:  # Wᵀ = QR: turning the features by Q changes no norm
        triangle: Tensor = torch.linalg.qr(weight.t(), mode="r").R
        return triangle
    return weight.t()


@torch.no_grad()
def memory_curve(
    layer: LayerTrace, inputs: Sequence[int] | None = None, *, probes: int | None = None
) -> Tensor:
    """How influence fades with the distance in time, relative to that of the present input.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM.
    inputs, probes
        As in `influence`: what to follow. Without ``inputs`` all are followed; where that would take more than
        some seconds, as many as do not, evenly spread, and a warning says how many.

    Returns
    -------
    Tensor, shape (lag, batch)
        Mean over t of ‖∂h_t/∂x_{t-lag}‖, divided by its value at lag 0. Beyond the end of a sequence zero; NaN
        at other lags that none of the ``inputs`` reaches.

    Raises
    ------
    ValueError
        When a state is not a finite number: nothing can be said of its past.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> rnn = torch.nn.RNN(1, 1, bias=False)
    >>> _ = torch.nn.init.constant_(rnn.weight_hh_l0, 0.5)
    >>> with rv.record(rnn) as trace:
    ...     _ = rnn(torch.zeros(4, 1, 1))
    >>> rv.flow.memory_curve(trace["l0"]).flatten()
    tensor([1.0000, 0.5000, 0.2500, 0.1250])
    """
    _refuse_infinite_states(layer)
    if inputs is None:
        inputs = _affordable_inputs(layer, probes)
    matrix = influence(layer, inputs, probes=probes)
    device, lengths = matrix.device, layer.lengths
    t = torch.arange(len(matrix), device=device)
    s = torch.tensor(_check_steps(layer, inputs, "inputs"), device=device)
    lag = s - t[:, None] if layer.reverse else t[:, None] - s  # the past of a reverse layer lies ahead
    later = lag >= 0
    inside = (torch.maximum(t[:, None], s)[..., None] < lengths)[later]
    sums, counts = matrix.new_zeros(len(matrix), len(lengths)), matrix.new_zeros(len(matrix), len(lengths))
    sums.index_add_(0, lag[later], matrix[later] * inside)
    counts.index_add_(0, lag[later], inside.to(counts.dtype))
    means = sums / counts
    curve: Tensor = means / means[0].clamp_min(torch.finfo(means.dtype).tiny)
    return curve.masked_fill(t[:, None] >= lengths, 0)


def memory_horizon(
    layer: LayerTrace,
    fraction: float = 0.01,
    inputs: Sequence[int] | None = None,
    *,
    probes: int | None = None,
) -> Tensor:
    """After how many steps an input's influence falls below a fraction of what it was at first.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM.
    fraction : float
        Between 0 and 1.
    inputs, probes
        As in `memory_curve`.

    Returns
    -------
    Tensor of int, shape (batch,)
        The first lag at which `memory_curve` is below ``fraction``; the length of the sequence when it never
        is.

    Raises
    ------
    ValueError
        When the fraction is not between 0 and 1, or a state is not a finite number.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> rnn = torch.nn.RNN(1, 1, bias=False)
    >>> _ = torch.nn.init.constant_(rnn.weight_hh_l0, 0.5)
    >>> with rv.record(rnn) as trace:
    ...     _ = rnn(torch.zeros(20, 1, 1))
    >>> rv.flow.memory_horizon(trace["l0"], 0.01)  # 0.5 ** 7 < 0.01
    tensor([7])
    """
    if not 0 < fraction < 1:
        raise ValueError(f"fraction is {fraction}; it must lie between 0 and 1, such as 0.01.")
    below = memory_curve(layer, inputs, probes=probes) < fraction
    steps = torch.arange(len(below), device=below.device)[:, None].expand_as(below)
    first = torch.where(below, steps, len(below)).amin(0)
    return torch.minimum(first, layer.lengths)


def _refuse_infinite_states(layer: LayerTrace) -> None:
    """Raise where a sequence holds states that are not finite, whose past has no measurable influence."""
    states = layer.source.states()
    bad = ~states.hidden.isfinite().all(-1)
    if states.cell is not None:
        bad |= ~states.cell.isfinite().all(-1)
    if not bool(bad.any()):
        return
    bad = layer.forward_time(bad)
    sequence = int(bad.any(0).nonzero()[0])
    raise ValueError(
        f"{layer.name} holds states that are not finite numbers, in sequence {sequence} first at step "
        f"{int(bad[:, sequence].nonzero()[0])}, so nothing can be said of how long it remembers. Find the cause with "
        "rnnviz.diagnose(trace), or record the other sequences alone (sequences=[...])."
    )


#: How many times `EFFORT` may be taken where all inputs were asked for by not naming any.
PATIENCE = 4


def _affordable_inputs(layer: LayerTrace, probes: int | None) -> list[int]:
    """Choose the inputs to follow: all of them, or as many as take some seconds, with a warning."""
    states = require_formula(layer)
    assert states.weights is not None
    steps, batch, _ = states.hidden.shape
    directions = min(states.input.shape[-1], states.weights.weight_ih.shape[0], probes or steps * batch)
    each = max(1, steps * batch * max(1, directions) * states.weights.weight_hh.numel())
    most = max(2, PATIENCE * EFFORT // each)
    if most >= steps:
        return list(range(steps))
    warnings.warn(
        f"{layer.name} has {steps:,} steps; the influence of {most:,} inputs is followed, evenly spread, since all "
        f"would take about {steps / most:,.0f} times as long. For every one: inputs=range({steps}).",
        stacklevel=4,
    )
    return spread_steps(list(range(steps)), most)


# ------------------------------------------------------------------------------------------------ weight
# gradients


@torch.no_grad()
def weight_contributions(layer: LayerTrace, *, limit: int = LIMIT) -> Weights:
    """Split the gradient of each parameter into what each time step adds to it.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM, after a backward pass.
    limit : int
        How many bytes this may take; 4 GiB by default.

    Returns
    -------
    Weights
        Under torch's names, each with a leading time axis. Summed over it, they are the parameters'
        ``.grad``, when all sequences were recorded and nothing else used the parameters.

    Raises
    ------
    RuntimeError
        When no backward pass has reached the layer.
    TypeError
        For a cell of your own.
    MemoryError
        Before anything is computed, when it would take more than ``limit``.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> rnn = torch.nn.RNN(2, 3).double()
    >>> with rv.record(rnn) as trace:
    ...     output, _ = rnn(torch.randn(5, 4, 2).double())
    ...     output.square().sum().backward()
    >>> parts = rv.flow.weight_contributions(trace["l0"]).weight_hh
    >>> parts.shape, torch.allclose(parts.sum(0), rnn.weight_hh_l0.grad)
    (torch.Size([5, 3, 3]), True)
    """
    states = require_formula(layer)
    assert states.weights is not None
    gradients = layer.source.gradients()
    parameters = sum(value.numel() for value in vars(states.weights).values() if value is not None)
    values = len(states.hidden) * parameters
    refuse_size(layer, "weight_contributions", values, limit, "Record a shorter piece of the sequences")
    # In forward time before anything is summed over the batch: sequences of a reverse layer end at different steps.
    at_input, at_recurrent = map(layer.forward_time, gate_gradients(states, gradients))
    previous = layer.forward_time(shift(states.hidden, states.initial_hidden))
    has_bias = states.weights.bias_ih is not None
    parts: dict[str, Tensor | None] = {
        "weight_ih": torch.einsum("tbr,tbf->trf", at_input, layer.forward_time(states.input)),
        "weight_hh": torch.einsum("tbr,tbu->tru", at_recurrent, previous),
        "bias_ih": at_input.sum(1) if has_bias else None,
        "bias_hh": at_recurrent.sum(1) if has_bias else None,
    }
    if states.weights.weight_hr is not None:
        unprojected = layer.forward_time(unprojected_hidden(states))
        parts["weight_hr"] = torch.einsum("tbp,tbu->tpu", layer.forward_time(gradients.hidden), unprojected)
    return Weights(**parts)  # type: ignore[arg-type]


def sample_sequences(layer: LayerTrace, count: int) -> LayerTrace:
    """Choose this many sequences of a layer, evenly spread over the batch.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM.
    count : int
        1 or more.

    Returns
    -------
    LayerTrace
        The layer itself when it has no more sequences than that.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> gru = torch.nn.GRU(1, 2)
    >>> with rv.record(gru) as trace:
    ...     _ = gru(torch.zeros(6, 100, 1))
    >>> rv.flow.sample_sequences(trace["l0"], 3).hidden.shape
    torch.Size([6, 3, 2])
    """
    batch = layer.source.shape[1]
    if count >= batch:
        return layer
    rows = torch.linspace(0, batch - 1, count, dtype=torch.float64).round().long()
    return LayerTrace(layer.name, _Sample(layer.source, rows))


class _Sample:
    """Some sequences of another source."""

    def __init__(self, source: Source, rows: Tensor) -> None:
        self._source = source
        self._rows = rows
        self.kind = source.kind
        self.reverse = source.reverse
        steps, _, units = source.shape
        self.shape = steps, len(rows), units

    @property
    def has_gradients(self) -> bool:
        return self._source.has_gradients

    def states(self) -> States:
        return choose_sequences(self._source.states(), self._rows)

    def gradients(self) -> Gradients:
        whole = self._source.gradients()
        return Gradients(
            whole.hidden[:, self._rows],
            None if whole.cell is None else whole.cell[:, self._rows],
            inside=whole.inside,
        )

    def from_outside(self) -> tuple[Tensor, Tensor | None]:
        hidden, cell = self._source.from_outside()
        return hidden[:, self._rows], None if cell is None else cell[:, self._rows]

    def above(self) -> tuple[tuple[_Sample, ...], Tensor | None, slice]:
        layers, mask, part = self._source.above()
        chosen = tuple(_Sample(layer, self._rows) for layer in layers)
        return chosen, None if mask is None else mask[:, self._rows], part


def _check_steps(layer: LayerTrace, asked: Sequence[int] | None, name: str) -> list[int]:
    """Return the steps that were asked for, or all of them."""
    steps = layer.source.shape[0]
    chosen = list(range(steps)) if asked is None else [operator.index(step) for step in asked]
    if chosen and not 0 <= min(chosen) <= max(chosen) < steps:
        raise ValueError(
            f"{name} asks for the steps {min(chosen)} to {max(chosen)}, but {layer.name} has those from 0 to "
            f"{steps - 1}."
        )
    return chosen

"""By what factor gradients grow with each step back in time, and what to follow where all would take too long."""

from __future__ import annotations

import math

import torch

from rnnviz.analysis.flow import gradient_flow, influence, sample_sequences
from rnnviz.analysis.limits import EFFORT, MEMORY, spread_steps
from rnnviz.analysis.propagate import steps_with_loss
from rnnviz.recording.trace import LayerTrace

__all__ = ["PROBES", "choose_sample", "gradient_rate"]

#: How many random directions the influence of inputs is estimated from in a sample, if they have more features.
PROBES = 4


def gradient_rate(layer: LayerTrace, most: int | None = None, *, probes: int | None = None) -> float:
    """By what factor a gradient grows with each step back in time, on average.

    Fitted by least squares to the logarithm of how ‖∂L_t/∂h_k‖ falls or rises with the distance t - k,
    averaged over all losses and sequences. Below 1 gradients vanish, above 1 they explode.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM. Before a backward pass the influence of inputs on outputs is taken instead,
        which travels through the same Jacobians.
    most : int, optional
        Follow at most this many of the steps that have a loss, evenly spread; all by default.
    probes : int, optional
        As in `rnnviz.flow.influence`, where that is taken.

    Returns
    -------
    float
        NaN when there is nothing to fit: a single step, or no gradient at all.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> from rnnviz.analysis.rates import gradient_rate
    >>> rnn = torch.nn.RNN(1, 1, bias=False)
    >>> _ = torch.nn.init.constant_(rnn.weight_hh_l0, 0.5)
    >>> with rv.record(rnn) as trace:
    ...     _ = rnn(torch.zeros(8, 1, 1))
    >>> round(gradient_rate(trace["l0"]), 3)
    0.5
    """
    steps = layer.source.shape[0]
    if layer.has_gradients:
        followed = spread_steps(steps_with_loss(layer.source).nonzero().flatten().tolist(), most)
        matrix = gradient_flow(layer, followed)
    else:
        followed = spread_steps(list(range(steps)), most)
        matrix = influence(layer, followed, probes=probes).transpose(0, 1)
    ends, others = torch.tensor(followed, dtype=torch.long)[:, None], torch.arange(steps)
    # A gradient comes from ahead of its state, an influence from behind; in a reverse layer the other way.
    lag = ends - others if layer.has_gradients != layer.reverse else others - ends
    seen = (matrix > torch.finfo(matrix.dtype).tiny) & (lag >= 0).to(matrix.device)[..., None]
    far = lag.to(matrix.device)[..., None].expand_as(matrix)[seen]
    sums, counts = torch.zeros(2, steps, dtype=torch.float64, device=matrix.device)
    sums.index_add_(0, far, matrix[seen].double().log())
    counts.index_add_(0, far, torch.ones_like(far, dtype=torch.float64))
    logarithms = sums / counts
    lags = torch.arange(steps, dtype=torch.float64, device=matrix.device)
    usable = logarithms.isfinite()
    if int(usable.sum()) < 2:
        return math.nan
    lags, logarithms = lags[usable], logarithms[usable]
    centred = lags - lags.mean()
    return math.exp(float((centred * logarithms).sum() / centred.square().sum()))


def choose_sample(layer: LayerTrace) -> tuple[LayerTrace, int | None, int | None]:
    """Choose sequences, how many steps to follow in them, and how many directions of each input.

    All of them, where that is a matter of seconds.
    """
    steps, batch, _ = layer.source.shape
    states = layer.source.states()
    assert states.weights is not None
    effort, held = steps * states.weights.weight_hh.numel(), steps * states.hidden.itemsize
    readers, _, _ = layer.source.above()
    while readers:  # a gradient runs through every level above, and all that enters one from above is held
        weights = readers[0].states().weights
        assert weights is not None
        effort += steps * len(readers) * (weights.weight_hh.numel() + weights.weight_ih.numel())
        held = max(held, steps * states.hidden.itemsize * 3 * weights.weight_ih.shape[1])
        readers, _, _ = readers[0].above()
    features = states.input.shape[-1]
    if batch * steps <= min(EFFORT // (effort * features), MEMORY // held):
        return layer, None, None
    rows = max(1, min(EFFORT // (effort * min(features, PROBES)), MEMORY // held))
    sequences = min(batch, math.isqrt(rows))
    return sample_sequences(layer, sequences), min(steps, rows // sequences), PROBES

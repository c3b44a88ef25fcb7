"""From what a fused layer shows (inputs, outputs) to what it hides: gates and cell states.

torch computes a whole recurrent layer in one fused kernel and returns only h_t. Nothing is lost, though: once
every h_t is known, the gates of *all* steps follow from x_t and h_{t-1} in one matrix product, and c_t from
the gates by an elementwise scan. That is exact, and no autograd graph is built. The gradients are
`rnnviz.arithmetic.adjoint`'s part.

The equations themselves stand in `rnnviz.steps`. Here every function says which of them it evaluates.

Everything in this module is in the layer's *running order*: a reverse layer arrives already reversed, each
sequence starts at step 0 and padding comes last. Shapes are (time, batch, unit).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor
from torch.nn.functional import linear
from torch.nn.utils.rnn import PackedSequence

from rnnviz.arithmetic.scan import prefers_scan, scan
from rnnviz.steps import Weights, gru_step, lstm_step, rnn_step

__all__ = [
    "GATES",
    "States",
    "add_biases",
    "choose_sequences",
    "clear_padding",
    "cut_steps",
    "derive_states",
    "gru_gates",
    "gru_recurrent_candidate",
    "lstm_gates",
    "mask_steps",
    "name_kernel",
    "reverse_time",
    "run_kernel",
    "shift",
    "stack_gates",
    "unprojected_hidden",
]

#: The gates of each layer, in the order of their rows in torch's weights.
GATES = {
    "RNN": (),
    "LSTM": ("input", "forget", "candidate", "output"),
    "GRU": ("reset", "update", "candidate"),
}


_KERNELS: dict[str, Callable[..., tuple[Tensor, ...]]] = {
    "RNN_TANH": torch.rnn_tanh,
    "RNN_RELU": torch.rnn_relu,
    "GRU": torch.gru,
    "LSTM": torch.lstm,
}

#: How many steps of a record are checked against the step equations.
CHECKED_STEPS = 64


@dataclass(eq=False)
class States:
    """Everything one layer computed in one direction, in running order.

    Attributes
    ----------
    kind : str
        "RNN", "LSTM", "GRU", or the name of a student's own cell.
    input : Tensor, shape (time, batch, feature)
    hidden : Tensor, shape (time, batch, unit)
    initial_hidden : Tensor, shape (batch, unit)
    lengths : Tensor, shape (batch,)
        Steps of each sequence; what lies beyond is padding, zero everywhere.
    weights : Weights or None
        None for a student's own cell.
    gates : dict of str to Tensor, shape (time, batch, unit)
        In the order of `GATES`.
    cell, initial_cell : Tensor or None
        LSTM only, (time, batch, unit) and (batch, unit).
    nonlinearity : str or None
        Plain RNN only, "tanh" or "relu".
    stacked_gates : Tensor or None, shape (time, batch, gate, unit)
        The tensor that the values of ``gates`` are slices of, where there is one.
    recurrent_candidate : Tensor or None, shape (time, batch, unit)
        GRU only: W_hn h_{t-1} + b_hn, where it was kept.
    """

    kind: str
    input: Tensor
    hidden: Tensor
    initial_hidden: Tensor
    lengths: Tensor
    weights: Weights | None
    gates: dict[str, Tensor] = field(default_factory=dict)
    cell: Tensor | None = None
    initial_cell: Tensor | None = None
    nonlinearity: str | None = None
    stacked_gates: Tensor | None = None
    recurrent_candidate: Tensor | None = None

    def tensors(self) -> Iterator[Tensor]:
        """Go through all arrays, the weights left out."""
        arrays = (self.input, self.hidden, self.initial_hidden, self.lengths, *self.gates.values())
        for array in (*arrays, self.cell, self.initial_cell, self.stacked_gates, self.recurrent_candidate):
            if array is not None:
                yield array


def choose_sequences(states: States, rows: Tensor) -> States:
    """Return the states of some sequences of the batch, named by a tensor of indices, in that order."""
    rows = rows.to(states.hidden.device)
    gates = {name: gate[:, rows] for name, gate in states.gates.items()}
    stacked = None if states.stacked_gates is None else states.stacked_gates[:, rows]
    if stacked is not None:
        gates = dict(zip(gates, stacked.unbind(2), strict=True))
    recurrent = states.recurrent_candidate
    return replace(
        states,
        input=states.input[:, rows],
        hidden=states.hidden[:, rows],
        initial_hidden=states.initial_hidden[rows],
        lengths=states.lengths[rows],
        gates=gates,
        cell=None if states.cell is None else states.cell[:, rows],
        initial_cell=None if states.initial_cell is None else states.initial_cell[rows],
        stacked_gates=stacked,
        recurrent_candidate=None if recurrent is None else recurrent[:, rows],
    )


def cut_steps(states: States, start: int, stop: int) -> States:
    """Return the states from one step up to another, with those before as initial ones; padding is kept."""
    part = slice(start, stop)
    stacked, recurrent = states.stacked_gates, states.recurrent_candidate
    return replace(
        states,
        input=states.input[part],
        hidden=states.hidden[part],
        initial_hidden=states.hidden[start - 1] if start else states.initial_hidden,
        lengths=(states.lengths - start).clamp(0, stop - start),
        gates={name: gate[part] for name, gate in states.gates.items()},
        cell=None if states.cell is None else states.cell[part],
        initial_cell=states.cell[start - 1] if start and states.cell is not None else states.initial_cell,
        stacked_gates=None if stacked is None else stacked[part],
        recurrent_candidate=None if recurrent is None else recurrent[part],
    )


def shift(states: Tensor, initial: Tensor) -> Tensor:
    """Return the previous state at every step: initial, s_0, …, s_{T-2}, from s_0, …, s_{T-1}."""
    return torch.cat([initial[None], states[:-1]])


def mask_steps(steps: int, lengths: Tensor) -> Tensor:
    """Tell which steps belong to their sequence and which are padding, (time, batch)."""
    return torch.arange(steps, device=lengths.device)[:, None] < lengths


def reverse_time(sequence: Tensor, lengths: Tensor) -> Tensor:
    """Reverse each sequence within its own length, so that padding stays at the end.

    Parameters
    ----------
    sequence : Tensor, shape (time, batch, …)
    lengths : Tensor, shape (batch,)
    """
    steps = len(sequence)
    if bool((lengths == steps).all()):
        return sequence.flip(0)
    t = torch.arange(steps, device=sequence.device)[:, None]
    source = torch.where(t < lengths, lengths - 1 - t, t)
    return sequence[source, torch.arange(sequence.shape[1], device=sequence.device)]


def clear_padding(lengths: Tensor, *arrays: Tensor) -> None:
    """Set to zero, in place, what lies beyond the end of each sequence in arrays (time, batch, …)."""
    steps, batch = arrays[0].shape[:2]
    rows = (
        (~mask_steps(steps, lengths)).flatten().nonzero().flatten()
    )  # filling whole rows is several times faster than masking
    for array in arrays:
        array.view(steps * batch, -1).index_fill_(0, rows, 0)


def name_kernel(kind: str, nonlinearity: str | None) -> str:
    """Return torch's name of the kernel for a kind of layer: "GRU", "LSTM", "RNN_TANH" or "RNN_RELU"."""
    return f"RNN_{(nonlinearity or 'tanh').upper()}" if kind == "RNN" else kind


def run_kernel(
    mode: str,
    x: Tensor | PackedSequence,
    initial_hidden: Tensor,
    initial_cell: Tensor | None,
    weights: Weights,
    *,
    train: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Run torch's own fused kernel over one layer in one direction.

    Parameters
    ----------
    mode : {"RNN_TANH", "RNN_RELU", "GRU", "LSTM"}
    x : Tensor of shape (time, batch, feature), or PackedSequence
    initial_hidden, initial_cell : Tensor, shape (batch, unit)
        ``initial_cell`` is None except for an LSTM. In the order of the packed sequences.
    weights : Weights
    train : bool
        Whether the result is to be differentiated; cuDNN has to know.

    Returns
    -------
    Tensor, shape (time, batch, unit)
        All h_t; for packed sequences the packed rows.
    Tensor or None, shape (batch, unit)
        c_n, of an LSTM.
    """
    parameters = [value for value in vars(weights).values() if value is not None]
    hidden = initial_hidden[None]
    initial = hidden if initial_cell is None else (hidden, initial_cell[None])
    data, *sizes = (x.data, x.batch_sizes) if isinstance(x, PackedSequence) else (x,)
    # One layer, no dropout, one direction; time first, which packed sequences are in any case.
    options = (weights.bias_ih is not None, 1, 0.0, train, False, *(() if sizes else (False,)))
    with warnings.catch_warnings() if data.is_cuda else nullcontext():
        # cuDNN wants a module's weights in one block of memory, and says so of a part of them.
        if data.is_cuda:
            warnings.filterwarnings("ignore", message="RNN module weights are not part of single contig")
        output, *final = _KERNELS[mode](data, *sizes, initial, parameters, *options)
    return output, None if initial_cell is None else final[1][0]


def stack_gates(states: States) -> Tensor:
    """Return the gates as one tensor (time, batch, gate, unit)."""
    if states.stacked_gates is not None:
        return states.stacked_gates
    return torch.stack(list(states.gates.values()), 2)


def unprojected_hidden(states: States) -> Tensor:
    """Return what an LSTM with ``proj_size`` projects, o tanh(c_t); (time, batch, cell)."""
    assert states.cell is not None
    return stack_gates(states)[:, :, 3] * states.cell.tanh()


def derive_states(
    kind: str,
    input: Tensor,
    hidden: Tensor,
    initial_hidden: Tensor,
    initial_cell: Tensor | None,
    weights: Weights,
    lengths: Tensor,
    nonlinearity: str | None = None,
    tolerance: float | None = None,
) -> States:
    """All gates and cell states of a layer from its inputs and its outputs.

    Parameters
    ----------
    kind : {"RNN", "LSTM", "GRU"}
    input : Tensor, shape (time, batch, feature)
    hidden : Tensor, shape (time, batch, unit)
        What the layer returned, zero in the padding.
    initial_hidden, initial_cell : Tensor, shape (batch, unit)
        ``initial_cell`` is None except for an LSTM.
    weights : Weights
        As they were in the forward pass.
    lengths : Tensor, shape (batch,)
    nonlinearity : {"tanh", "relu"} or None
    tolerance : float or None
        How far the equations may be off the outputs; None chooses by the precision of the tensors.

    Returns
    -------
    States

    Raises
    ------
    RuntimeError
        When the equations of `rnnviz.steps` do not reproduce the given outputs, so that nothing derived from
        them could be trusted.
    """
    states = States(
        kind, input, hidden, initial_hidden, lengths, weights, {}, None, initial_cell, nonlinearity
    )
    if kind == "LSTM":
        assert initial_cell is not None
        gates, states.cell = lstm_gates(input, hidden, initial_hidden, initial_cell, weights)
    elif kind == "GRU":
        gates, states.recurrent_candidate = gru_gates(input, hidden, initial_hidden, weights)
    check_equation(states, tolerance)
    if kind != "RNN":
        if bool((lengths < len(hidden)).any()):
            clear_padding(lengths, gates, *(() if states.cell is None else (states.cell,)))
        states.stacked_gates = gates
        states.gates = dict(zip(GATES[kind], gates.unbind(2), strict=True))
    return states


def add_biases(weights: Weights) -> Tensor | None:
    """Return the sum of torch's two biases, which matters only as a sum except in the GRU's candidate."""
    if weights.bias_ih is None or weights.bias_hh is None:
        return None
    return weights.bias_ih + weights.bias_hh


def add_recurrence(preactivation: Tensor, hidden: Tensor, initial_hidden: Tensor, weight_hh: Tensor) -> None:
    """Add W_hh h_{t-1} to the pre-activations of every step, in place."""
    preactivation[0].addmm_(initial_hidden, weight_hh.t())
    later = preactivation[1:].view(-1, preactivation.shape[-1])
    later.addmm_(hidden[:-1].reshape(-1, hidden.shape[-1]), weight_hh.t())


def lstm_gates(
    x: Tensor, hidden: Tensor, initial_hidden: Tensor, initial_cell: Tensor, weights: Weights
) -> tuple[Tensor, Tensor]:
    """`lstm_step` at every t: the gates (time, batch, 4, unit) and the cell states (time, batch, unit)."""
    steps, batch, _ = x.shape
    bias = add_biases(weights)
    z = linear(x, weights.weight_ih, bias)
    add_recurrence(z, hidden, initial_hidden, weights.weight_hh)
    gates = z.view(steps, batch, 4, initial_cell.shape[-1])
    i, f, g, o = gates.unbind(2)
    gates[:, :, :2].sigmoid_()
    g.tanh_()
    o.sigmoid_()
    cell = i * g
    if prefers_scan(cell):
        return gates, scan(cell, f, initial_cell)
    previous = initial_cell
    with torch.inference_mode():
        for c_t, f_t in zip(cell.unbind(0), f.unbind(0), strict=True):
            previous = c_t.addcmul_(f_t, previous)  # c_t = f c_{t-1} + i g
    return gates, cell


def gru_gates(x: Tensor, hidden: Tensor, initial_hidden: Tensor, weights: Weights) -> tuple[Tensor, Tensor]:
    """`gru_step` at every t: the gates (time, batch, 3, unit), and W_hn h_{t-1} + b_hn."""
    steps, batch, _ = x.shape
    units = hidden.shape[-1]
    z = linear(x, weights.weight_ih, weights.bias_ih)
    reset_update = z[..., : 2 * units]
    if weights.bias_hh is not None:
        reset_update += weights.bias_hh[: 2 * units]
    add_recurrence(reset_update, hidden, initial_hidden, weights.weight_hh[: 2 * units])
    gates = z.view(steps, batch, 3, units)
    gates[:, :, :2].sigmoid_()
    recurrent = gru_recurrent_candidate(hidden, initial_hidden, weights)
    gates[:, :, 2].addcmul_(gates[:, :, 0], recurrent).tanh_()  # n = tanh(W_in x + b_in + r (W_hn h + b_hn))
    return gates, recurrent


def gru_recurrent_candidate(hidden: Tensor, initial_hidden: Tensor, weights: Weights) -> Tensor:
    """W_hn h_{t-1} + b_hn at every t: what the reset gate of `gru_step` multiplies."""
    units = hidden.shape[-1]
    bias = None if weights.bias_hh is None else weights.bias_hh[2 * units :]
    return linear(shift(hidden, initial_hidden), weights.weight_hh[2 * units :], bias)


def _before(states: Tensor, initial: Tensor) -> Tensor:
    """Return the states before each step of the first sequence, (time, unit)."""
    return torch.cat([initial[:1], states[:-1]])


def check_equation(states: States, tolerance: float | None) -> None:
    """Refuse a record whose first sequence the step equations do not reproduce.

    This is cheap (one sequence, at most 64 of its steps, in one call) and catches what no hook can see: data
    changed behind autograd's back, a mask of dropout that is not the one that was drawn, a subclass that
    computes something else.
    """
    weights = states.weights
    assert weights is not None
    if states.hidden.numel() == 0:
        return  # a batch of no sequences
    steps = int(states.lengths[0])
    rows = slice(0, steps, -(-steps // CHECKED_STEPS))
    hidden = states.hidden[:, 0]
    x, h = states.input[rows, 0], _before(hidden, states.initial_hidden)[rows]
    if states.kind == "LSTM":
        assert states.cell is not None
        assert states.initial_cell is not None
        c = _before(states.cell[:, 0], states.initial_cell)[rows]
        expected = lstm_step(x, h, c, weights).hidden
    elif states.kind == "GRU":
        expected = gru_step(x, h, weights).hidden
    else:
        expected = rnn_step(x, h, weights, states.nonlinearity or "tanh").hidden
    actual = hidden[rows]
    if tolerance is None:  # CUDA multiplies float32 matrices in TF32 by default
        tolerance = 1e-8 if actual.dtype == torch.float64 else 1e-2 if actual.is_cuda else 1e-3
    expected = expected.to(actual.dtype)
    off = float(torch.dist(actual, expected, float("inf")))
    if off <= tolerance or off <= tolerance * (1 + float(expected.abs().max())):
        return
    # Slower, and seldom: states that have grown to infinity may still be what the equations give.
    if not torch.allclose(actual, expected, rtol=tolerance, atol=tolerance, equal_nan=True):
        worst = float((actual - expected).abs().max())
        raise RuntimeError(
            f"The recorded {states.kind} outputs differ by up to {worst:.1e} from what its equations give "
            "for the recorded inputs, so its gates cannot be derived. Something changed the data unseen: a "
            "forward hook that replaces inputs or outputs, an assignment through `.data`, or random numbers "
            "drawn while the layer ran. Remove it, or pass the layer a clone."
        )

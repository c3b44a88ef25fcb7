"""From what a fused layer shows (inputs, outputs) to what it hides (gates, cell states, gradients).

torch computes a whole recurrent layer in one fused kernel and returns only h_t. Nothing is lost, though: once
every h_t is known, the gates of *all* steps follow from x_t and h_{t-1} in one matrix product, and c_t from
the gates by an elementwise scan. The total gradients ∂L/∂h_t and ∂L/∂c_t follow from the gradients that reach
the outputs directly, by running the adjoint of the step backwards through time. Both are exact; no autograd
graph is built.

The equations themselves stand in `rnnviz.steps`. Here every function says which of them it evaluates, or
differentiates.

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

from rnnviz.steps import Weights, gru_step, lstm_step, rnn_step

__all__ = [
    "GATES",
    "Gradients",
    "States",
    "at_last_step",
    "choose_sequences",
    "cut_steps",
    "derive_gradients",
    "derive_states",
    "direct_from_total",
    "gate_gradients",
    "mask_steps",
    "reverse_time",
    "run_kernel",
    "shift",
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


@dataclass(eq=False)
class Gradients:
    """Total gradients of the loss in one layer and direction, in running order.

    Attributes
    ----------
    hidden : Tensor, shape (time, batch, unit)
        ∂L/∂h_t through every path: the output at t, and all later steps.
    cell : Tensor or None
        ∂L/∂c_t, LSTM only.
    gates : tuple of Tensor, or None
        What `gate_gradients` gives, where the adjoint was asked to keep it.
    """

    hidden: Tensor
    cell: Tensor | None = None
    gates: tuple[Tensor, Tensor] | None = None

    def tensors(self) -> Iterator[Tensor]:
        """Go through the gradients of the states."""
        yield self.hidden
        if self.cell is not None:
            yield self.cell


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


def run_kernel(
    mode: str, x: Tensor, initial_hidden: Tensor, initial_cell: Tensor | None, weights: Weights
) -> Tensor:
    """Run torch's own fused kernel over one layer in one direction: all h_t, (time, batch, unit).

    Parameters
    ----------
    mode : {"RNN_TANH", "RNN_RELU", "GRU", "LSTM"}
    x : Tensor, shape (time, batch, feature)
    initial_hidden, initial_cell : Tensor, shape (batch, unit)
        ``initial_cell`` is None except for an LSTM.
    weights : Weights
    """
    parameters = [value for value in vars(weights).values() if value is not None]
    hidden = initial_hidden[None]
    initial = hidden if initial_cell is None else (hidden, initial_cell[None])
    has_biases = weights.bias_ih is not None
    with warnings.catch_warnings() if x.is_cuda else nullcontext():
        if x.is_cuda:  # cuDNN wants a module's weights in one block of memory, and says so of a part of them
            warnings.filterwarnings("ignore", message="RNN module weights are not part of single contig")
        return _KERNELS[mode](x, initial, parameters, has_biases, 1, 0.0, False, False, False)[0]


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
    hidden = states.hidden[:, :1]
    x, h = states.input[rows, 0], shift(hidden, states.initial_hidden[:1])[rows, 0]
    if states.kind == "LSTM":
        assert states.cell is not None
        assert states.initial_cell is not None
        c = shift(states.cell[:, :1], states.initial_cell[:1])[rows, 0]
        expected = lstm_step(x, h, c, weights).hidden
    elif states.kind == "GRU":
        expected = gru_step(x, h, weights).hidden
    else:
        expected = rnn_step(x, h, weights, states.nonlinearity or "tanh").hidden
    actual = hidden[rows, 0]
    if tolerance is None:  # CUDA multiplies float32 matrices in TF32 by default
        tolerance = 1e-8 if actual.dtype == torch.float64 else 1e-2 if actual.is_cuda else 1e-3
    expected = expected.to(actual.dtype)
    if bool((actual - expected).abs().max() <= tolerance * (1 + expected.abs().max())):
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


def derive_gradients(
    states: States,
    grad_output: Tensor | None,
    grad_final_hidden: Tensor | None = None,
    grad_final_cell: Tensor | None = None,
    *,
    keep_gates: bool = False,
) -> Gradients:
    """Total gradients ∂L/∂h_t, ∂L/∂c_t from the gradients that reach the layer's outputs from outside.

    Parameters
    ----------
    states : States
        The layer's forward pass; kind "RNN", "LSTM" or "GRU".
    grad_output : Tensor of shape (time, batch, unit), or None
        ∂L/∂(output_t), the direct part only, zero in the padding.
    grad_final_hidden, grad_final_cell : Tensor of shape (batch, unit), or None
        ∂L/∂h_n and ∂L/∂c_n; they enter at the last step of each sequence.
    keep_gates : bool
        Keep the gradients at the gates too, which the recursion computes anyhow but which take much memory.

    Returns
    -------
    Gradients
    """
    # A fresh tensor in any case: the recursion below turns direct into total gradients in place.
    if grad_output is None:
        grad_hidden = torch.zeros_like(states.hidden, memory_format=torch.contiguous_format)
    else:
        grad_hidden = grad_output.clone(memory_format=torch.contiguous_format)
    if grad_final_hidden is not None:
        grad_hidden += at_last_step(states, grad_final_hidden)
    direct_cell = None
    if states.kind == "LSTM":
        if grad_final_cell is not None:
            direct_cell = at_last_step(states, grad_final_cell)
        found = lstm_adjoint(states, grad_hidden, direct_cell)
    elif states.kind == "GRU":
        found = gru_adjoint(states, grad_hidden, keep_gates)
    else:
        found = rnn_adjoint(states, grad_hidden)
    return found if keep_gates else Gradients(found.hidden, found.cell)


def at_last_step(states: States, final: Tensor) -> Tensor:
    """Put a final state's gradient, (batch, unit), at the step where it enters; zero elsewhere."""
    steps, batch, _ = states.hidden.shape
    spread = states.hidden.new_zeros(steps, batch, final.shape[-1])
    spread[states.lengths - 1, torch.arange(batch, device=final.device)] = final.to(spread.dtype)
    return spread


def stack_gates(states: States) -> Tensor:
    """Return the gates as one tensor (time, batch, gate, unit)."""
    if states.stacked_gates is not None:
        return states.stacked_gates
    return torch.stack(list(states.gates.values()), 2)


def lstm_slopes(states: States) -> tuple[Tensor, Tensor]:
    """Differentiate `lstm_step` elementwise, at every step.

    Returns
    -------
    Tensor, shape (time, batch, 4, unit)
        ∂c_t/∂z for the pre-activations z of input, forget and candidate; for the output gate ∂(o tanh
        c_t)/∂z.
    Tensor, shape (time, batch, unit)
        ∂(o tanh c_t)/∂c_t.
    """
    assert states.cell is not None
    assert states.initial_cell is not None
    gates, c = stack_gates(states), states.cell
    i, f, g, o = gates.unbind(2)
    tanh_c = c.tanh()
    slopes = torch.empty_like(gates)
    torch.mul(g, i, out=slopes[:, :, 0]).addcmul_(slopes[:, :, 0], i, value=-1)  # g i (1 - i)
    torch.mul(shift(c, states.initial_cell), f, out=slopes[:, :, 1])
    slopes[:, :, 1].addcmul_(slopes[:, :, 1], f, value=-1)  # c_{t-1} f (1 - f)
    torch.mul(g, g, out=slopes[:, :, 2]).neg_().add_(1).mul_(i)  # i (1 - g²)
    torch.mul(tanh_c, o, out=slopes[:, :, 3]).addcmul_(slopes[:, :, 3], o, value=-1)  # tanh(c) o (1 - o)
    return slopes, torch.addcmul(o, o, tanh_c.mul_(tanh_c), value=-1)  # o (1 - tanh² c)


def gru_slopes(states: States) -> tuple[Tensor, Tensor]:
    """Differentiate `gru_step` elementwise, at every step.

    Returns
    -------
    Tensor, shape (time, batch, 3, unit)
        ∂h_t/∂s for the three parts of s = W_hh h_{t-1} + b_hh.
    Tensor, shape (time, batch, unit)
        ∂h_t/∂(W_in x_t + b_in), which the reset gate does not touch.
    """
    assert states.weights is not None
    h, h_0 = states.hidden, states.initial_hidden
    r, z, n = stack_gates(states).unbind(2)
    recurrent = states.recurrent_candidate
    if recurrent is None:
        recurrent = gru_recurrent_candidate(h, h_0, states.weights)
    slopes = torch.empty(*h.shape[:2], 3, h.shape[2], dtype=h.dtype, device=h.device)
    of_reset, of_update, of_candidate = slopes.unbind(2)
    at_candidate = torch.mul(n, n).neg_().add_(1)
    at_candidate.addcmul_(at_candidate, z, value=-1)  # (1 - z) (1 - n²)
    torch.mul(at_candidate, r, out=of_candidate)
    torch.addcmul(of_candidate, of_candidate, r, value=-1, out=of_reset).mul_(recurrent)  # … r (1 - r) s_n
    torch.sub(shift(h, h_0), n, out=of_update).mul_(z)
    of_update.addcmul_(of_update, z, value=-1)  # (h_{t-1} - n) z (1 - z)
    return slopes, at_candidate


def rnn_slopes(states: States) -> Tensor:
    """Differentiate the activation of `rnn_step` at every step, (time, batch, unit)."""
    h = states.hidden
    return (h > 0).to(h.dtype) if states.nonlinearity == "relu" else torch.mul(h, h).neg_().add_(1)


# In the three adjoints one view per step is made before the loop: inside it, making views would cost as much
# as the arithmetic.


def lstm_adjoint(states: States, dh: Tensor, direct_cell: Tensor | None) -> Gradients:
    """Run the adjoint of `lstm_step`, from the last step to the first; dh goes from direct to total in place.

    ::

        ∂L/∂h_t = direct + ∂L/∂z_{t+1} W_hh                          z: pre-activations of the four gates
        ∂L/∂c_t = direct + ∂L/∂h_t o (1 - tanh² c_t) + ∂L/∂c_{t+1} f_{t+1}
        ∂L/∂z_t = slope of each gate at t times ∂L/∂c_t  (for o: times ∂L/∂h_t)

    All slopes are computed for all steps at once; only the three lines above remain in the loop.
    """
    assert states.weights is not None
    weights = states.weights
    dz, dc = lstm_slopes(states)  # slopes that the loop turns into gradients, in place
    dh_, dc_, f_, z_ = dh.unbind(0), dc.unbind(0), states.gates["forget"].unbind(0), dz.flatten(2).unbind(0)
    ifg_, o_, dc_wide_ = dz[:, :, :3].unbind(0), dz[:, :, 3].unbind(0), dc.unsqueeze(2).unbind(0)
    direct_ = None if direct_cell is None else direct_cell.unbind(0)
    final = len(dh_) - 1
    with torch.inference_mode():
        for t in range(final, -1, -1):
            if t < final:
                dh_[t].addmm_(z_[t + 1], weights.weight_hh)
            dm = dh_[t] if weights.weight_hr is None else dh_[t] @ weights.weight_hr  # before the projection
            dc_[t].mul_(dm)
            if t < final:
                dc_[t].addcmul_(dc_[t + 1], f_[t + 1])
            if direct_ is not None:
                dc_[t].add_(direct_[t])
            ifg_[t].mul_(dc_wide_[t])
            o_[t].mul_(dm)
    flat = dz.flatten(2)
    return Gradients(dh, dc, (flat, flat))


def gru_adjoint(states: States, dh: Tensor, keep_gates: bool) -> Gradients:
    """Run the adjoint of `gru_step`, from the last step to the first; dh goes from direct to total in place.

    ::

        ∂L/∂h_t = direct + ∂L/∂s_{t+1} W_hh + ∂L/∂h_{t+1} z_{t+1}    s = W_hh h_{t-1} + b_hh
        ∂L/∂s_t = slope of each gate at t times ∂L/∂h_t
    """
    assert states.weights is not None
    weight_hh = states.weights.weight_hh
    ds, at_candidate = gru_slopes(states)
    dh_, z_, s_ = dh.unbind(0), states.gates["update"].unbind(0), ds.unbind(0)
    flat_, dh_wide_ = ds.flatten(2).unbind(0), dh.unsqueeze(2).unbind(0)
    final = len(dh_) - 1
    with torch.inference_mode():
        for t in range(final, -1, -1):
            if t < final:
                dh_[t].addmm_(flat_[t + 1], weight_hh).addcmul_(dh_[t + 1], z_[t + 1])
            s_[t].mul_(dh_wide_[t])
    return Gradients(dh, None, _gru_sides(ds, at_candidate.mul_(dh)) if keep_gates else None)


def _gru_sides(at_recurrent: Tensor, at_candidate: Tensor) -> tuple[Tensor, Tensor]:
    """Put together the gradients at the input's and at the recurrent side of a GRU's gates."""
    at_input = torch.stack([at_recurrent[:, :, 0], at_recurrent[:, :, 1], at_candidate], 2)
    return at_input.flatten(2), at_recurrent.flatten(2)


def rnn_adjoint(states: States, dh: Tensor) -> Gradients:
    """Run the adjoint of `rnn_step` from the last step to the first; dh becomes the total in place.

    ::

        ∂L/∂h_t = direct + ∂L/∂z_{t+1} W_hh
        ∂L/∂z_t = slope of the activation at t times ∂L/∂h_t
    """
    assert states.weights is not None
    dz = rnn_slopes(states)
    dh_, dz_ = dh.unbind(0), dz.unbind(0)
    final = len(dh_) - 1
    with torch.inference_mode():
        for t in range(final, -1, -1):
            if t < final:
                dh_[t].addmm_(dz_[t + 1], states.weights.weight_hh)
            dz_[t].mul_(dh_[t])
    return Gradients(dh, None, (dz, dz))


def gate_gradients(states: States, gradients: Gradients) -> tuple[Tensor, Tensor]:
    """Gradients at the gates' pre-activations, from the total gradients of the states, all steps at once.

    Parameters
    ----------
    states : States
        Kind "RNN", "LSTM" or "GRU".
    gradients : Gradients
        Of the same layer.

    Returns
    -------
    Tensor, shape (time, batch, gates · unit)
        ∂L/∂(W_ih x_t + b_ih).
    Tensor, same shape
        ∂L/∂(W_hh h_{t-1} + b_hh). It differs from the former only in the GRU, whose reset gate stands
        between.
    """
    if gradients.gates is not None:
        return gradients.gates
    assert states.weights is not None
    dh = gradients.hidden
    if states.kind == "LSTM":
        assert gradients.cell is not None
        weight_hr = states.weights.weight_hr
        dz, _ = lstm_slopes(states)
        dz[:, :, :3] *= gradients.cell[:, :, None]
        dz[:, :, 3] *= dh if weight_hr is None else dh @ weight_hr
        flat = dz.flatten(2)
        return flat, flat
    if states.kind == "GRU":
        ds, at_candidate = gru_slopes(states)
        ds *= dh[:, :, None]
        return _gru_sides(ds, at_candidate.mul_(dh))
    dz = rnn_slopes(states).mul_(dh)
    return dz, dz


def direct_from_total(states: States, gradients: Gradients) -> tuple[Tensor, Tensor | None]:
    """Undo the adjoint: the gradients that reached h_t and c_t from outside, from the total ones.

    Parameters
    ----------
    states : States
        Kind "RNN", "LSTM" or "GRU".
    gradients : Gradients
        Of the same layer.

    Returns
    -------
    hidden : Tensor, shape (time, batch, unit)
    cell : Tensor or None, shape (time, batch, unit)
        LSTM only.

    Notes
    -----
    What is left of a difference is exact only to rounding, so anything below the rounding of its terms
    becomes zero.
    """
    assert states.weights is not None
    _, at_recurrent = gate_gradients(states, gradients)
    weights = states.weights

    def remove(total: Tensor, carried: Tensor) -> Tensor:
        direct = total.clone()
        direct[:-1] -= carried
        rounding = 64 * torch.finfo(total.dtype).eps * total.abs().amax(-1, keepdim=True)
        return direct.masked_fill_(direct.abs() <= rounding, 0)

    carried = at_recurrent[1:] @ weights.weight_hh
    if states.kind == "GRU":
        carried += gradients.hidden[1:] * states.gates["update"][1:]
    hidden = remove(gradients.hidden, carried)
    if states.kind != "LSTM":
        return hidden, None
    assert gradients.cell is not None
    _, of_cell = lstm_slopes(states)
    unprojected = gradients.hidden if weights.weight_hr is None else gradients.hidden @ weights.weight_hr
    through_hidden = unprojected * of_cell
    cell = remove(gradients.cell - through_hidden, gradients.cell[1:] * states.gates["forget"][1:])
    rounding = 64 * torch.finfo(cell.dtype).eps * gradients.cell.abs().amax(-1, keepdim=True)
    return hidden, cell.masked_fill_(cell.abs() <= rounding, 0)

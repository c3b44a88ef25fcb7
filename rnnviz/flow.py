"""How gradients and influence travel through time: the numbers behind vanishing and exploding gradients.

Everything is computed from a recorded layer, for all steps at once, by formula: the Jacobians follow from the
gates, the flow matrix from running all adjoints together. Steps are in forward time order, padding is zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.derive import (
    Gradients,
    States,
    choose_sequences,
    cut_steps,
    gate_gradients,
    gru_slopes,
    lstm_slopes,
    mask_steps,
    reverse_time,
    rnn_slopes,
    shift,
    stack_gates,
)
from rnnviz.steps import Weights
from rnnviz.trace import LayerTrace, Source

__all__ = [
    "JacobianProduct",
    "gradient_flow",
    "influence",
    "jacobian_product",
    "jacobians",
    "memory_curve",
    "memory_horizon",
    "sample_sequences",
    "spectral_radius",
    "weight_contributions",
]


#: How many bytes of Jacobians are held at a time.
CHUNK = 2**25


# -------------------------------------------------------------------------------------------------------
# Jacobians


@torch.no_grad()
def jacobians(layer: LayerTrace, of: str = "hidden") -> Tensor:
    """How each state depends on the one before it: ∂h_t/∂h_{t-1} at every step, from the gates.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM.
    of : {"hidden", "state"}
        "hidden" gives ∂h_t/∂h_{t-1}, for an LSTM with c_{t-1} held fixed. "state" gives the Jacobian of
        everything an LSTM hands on, (h_t, c_t) with respect to (h_{t-1}, c_{t-1}): the one whose products say
        what becomes of a gradient. For the other kinds both are the same.

    Returns
    -------
    Tensor, shape (time, batch, unit, unit)
        Row i, column j: how unit i of the new state changes with unit j of the old one. For "state" of an
        LSTM, hidden units come first, then cells.

    Raises
    ------
    TypeError
        For a cell of your own, whose formula is unknown.
    ValueError
        For any other ``of``.

    Notes
    -----
    Differentiating the equations of `rnnviz.steps`, with U for the rows of W_hh and slopes s = ∂(·)/∂z:
    RNN s U; GRU z + s_r U_r + s_z U_z + s_n U_n; LSTM ∂c_t/∂h_{t-1} = s_i U_i + s_f U_f + s_g U_g and
    ∂h_t/∂h_{t-1} = s_o U_o + o (1 - tanh² c_t) ∂c_t/∂h_{t-1}.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> rnn = torch.nn.RNN(1, 3)
    >>> with rv.record(rnn) as trace:
    ...     _ = rnn(torch.zeros(5, 2, 1))
    >>> rv.flow.jacobians(trace["l0"]).shape
    torch.Size([5, 2, 3, 3])
    """
    if of not in ("hidden", "state"):
        raise ValueError(f'of is {of!r}; it must be "hidden" or "state".')
    states = _known_kind(layer)
    assert states.weights is not None
    found = _running_jacobians(states, whole_state=of == "state")
    if bool((states.lengths < len(found)).any()):
        found *= _mask(states)[..., None, None]
    return reverse_time(found, states.lengths) if layer.reverse else found


def _chunks(states: States) -> Iterator[tuple[int, States]]:
    """Cut the steps into parts whose Jacobians fit into `CHUNK` bytes, each with the step it starts at."""
    steps, batch, units = states.hidden.shape
    width = units if states.cell is None else units + states.cell.shape[-1]
    bytes_a_step = max(1, batch * width * max(width, states.input.shape[-1]) * states.hidden.itemsize)
    length = max(1, CHUNK // bytes_a_step)
    for start in range(0, steps, length):
        yield start, cut_steps(states, start, min(steps, start + length))


def _running_jacobians(states: States, *, whole_state: bool) -> Tensor:
    """Compute `jacobians` in running order."""
    assert states.weights is not None
    weight_hh, weight_hr = states.weights.weight_hh, states.weights.weight_hr
    if states.kind == "RNN":
        return rnn_slopes(states)[..., None] * weight_hh
    if states.kind == "GRU":
        slopes, _ = gru_slopes(states)
        found = _weighted_blocks(slopes, weight_hh)
        found.diagonal(dim1=-2, dim2=-1).add_(states.gates["update"])
        return found
    slopes, of_cell = lstm_slopes(states)
    units = of_cell.shape[-1]
    cell_by_hidden = _weighted_blocks(slopes[:, :, :3], weight_hh[: 3 * units])
    hidden_by_hidden = slopes[:, :, 3, :, None] * weight_hh[3 * units :]
    hidden_by_hidden.addcmul_(of_cell[..., None], cell_by_hidden)
    if weight_hr is not None:
        hidden_by_hidden = weight_hr @ hidden_by_hidden
    if not whole_state:
        return hidden_by_hidden
    cell_by_cell = torch.diag_embed(states.gates["forget"])
    hidden_by_cell = torch.diag_embed(of_cell * states.gates["forget"])
    if weight_hr is not None:
        hidden_by_cell = weight_hr @ hidden_by_cell
    upper = torch.cat([hidden_by_hidden, hidden_by_cell], -1)
    return torch.cat([upper, torch.cat([cell_by_hidden, cell_by_cell], -1)], -2)


def _weighted_blocks(slopes: Tensor, weight: Tensor) -> Tensor:
    """Sum of slope · rows of W over the gates: (time, batch, gate, unit) and (gate · unit, column)."""
    blocks = weight.view(slopes.shape[2], slopes.shape[3], -1)
    total = slopes[:, :, 0, :, None] * blocks[0]
    for gate in range(1, len(blocks)):
        total.addcmul_(slopes[:, :, gate, :, None], blocks[gate])
    return total


def spectral_radius(matrix: Tensor) -> Tensor:
    """Largest absolute eigenvalue of each square matrix.

    Parameters
    ----------
    matrix : Tensor, shape (…, unit, unit)

    Returns
    -------
    Tensor, shape (…)

    Examples
    --------
    >>> import torch
    >>> from rnnviz.flow import spectral_radius
    >>> spectral_radius(torch.tensor([[0.0, 2.0], [0.5, 0.0]]))
    tensor(1.)
    """
    radius: Tensor = torch.linalg.eigvals(matrix).abs().amax(-1)
    return radius


@dataclass(frozen=True, eq=False)
class JacobianProduct:
    """Norms of ∂s_t/∂s_0 = J_t ⋯ J_1 and what bounds them, each (time, batch).

    Attributes
    ----------
    norm : Tensor
        The spectral norm of the product up to step t.
    bound : Tensor
        The product of the spectral norms of its factors, which it cannot exceed.
    radius : Tensor
        The product of the factors' spectral radii: no bound, but the rate that a constant Jacobian
        approaches.
    """

    norm: Tensor
    bound: Tensor
    radius: Tensor


@torch.no_grad()
def jacobian_product(layer: LayerTrace) -> JacobianProduct:
    """Follow a small change in the initial state: norms of the running product of the Jacobians.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM; for an LSTM the product is over its whole state (h, c).

    Returns
    -------
    JacobianProduct
        In running order: entry t belongs to the t-th step the layer took.

    References
    ----------
    R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks", ICML
    2013.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> rnn = torch.nn.RNN(1, 2, bias=False)
    >>> _ = torch.nn.init.constant_(rnn.weight_hh_l0, 0.25)
    >>> with rv.record(rnn) as trace:
    ...     _ = rnn(torch.zeros(3, 1, 1))
    >>> rv.flow.jacobian_product(trace["l0"]).norm.flatten()
    tensor([0.5000, 0.2500, 0.1250])
    """
    states = _known_kind(layer)
    product = log_scale = None
    norms, singular, radii = [], [], []
    for _, part in _chunks(states):
        factors = _running_jacobians(part, whole_state=True)
        if product is None or log_scale is None:
            product = torch.eye(factors.shape[-1], dtype=factors.dtype, device=factors.device)
            log_scale = factors.new_zeros(factors.shape[1])
        for factor in factors:
            product = factor @ product
            # Kept at unit size, so that a thousand steps of vanishing do not end in zeros.
            norm = torch.linalg.matrix_norm(product, 2)
            product = product / norm.clamp_min(torch.finfo(norm.dtype).tiny)[:, None, None]
            log_scale = log_scale + norm.log()
            norms.append(log_scale.exp())
        singular.append(torch.linalg.matrix_norm(factors, 2))
        radii.append(spectral_radius(factors))
    mask = _mask(states)
    return JacobianProduct(
        torch.stack(norms) * mask,
        torch.cat(singular).cumprod(0) * mask,
        torch.cat(radii).cumprod(0) * mask,
    )


# -----------------------------------------------------------------------------------------------------
# gradient flow


@torch.no_grad()
def gradient_flow(layer: LayerTrace) -> Tensor:
    """How much each step's loss asks of each earlier state: ‖∂L_t/∂h_k‖ for all t and k at once.

    The loss is taken as a sum over steps, L = Σ L_t, where L_t reaches the recurrent module at its output of
    step t; a loss on a final state counts at the last step. One row of the matrix is one backpropagation
    through time; all rows run together, so the matrix costs one backward pass over a larger batch instead of
    one pass a row.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM, after a backward pass.

    Returns
    -------
    Tensor, shape (time, time, batch)
        Entry (t, k): the Euclidean norm over units of ∂L_t/∂h_k.

    Raises
    ------
    RuntimeError
        When no backward pass has reached the layer.
    TypeError
        For a cell of your own.

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
    """
    states = _known_kind(layer)
    steps, batch, _ = states.hidden.shape
    by_state = states.hidden.new_zeros(steps, steps, batch)  # (k, t): written row by row
    for k, first, adjoint in _adjoints(layer.source):
        torch.linalg.vector_norm(adjoint, dim=-1, out=by_state[k, first:])
    flow = by_state.transpose(0, 1)
    return _reverse_both(flow, states.lengths) if layer.reverse else flow


def _adjoints(source: Source, input_gradients: Tensor | None = None) -> Iterator[tuple[int, int, Tensor]]:
    """Run the adjoints of all L_t together, from the last step to the first, in running order.

    Yields
    ------
    k : int
        The step.
    first : int
        The first row: earlier ones are zero, as L_t asks nothing of states after t.
    adjoint : Tensor, shape (rows, batch, unit)
        ∂L_t/∂h_k for t from ``first``; overwritten by the next step.

    Notes
    -----
    The recursion is that of `rnnviz.derive.lstm_adjoint` and its siblings, with a row for each t.
    ``input_gradients``, (time, time, batch, feature), is filled with ∂L_t/∂x_k where it is given.
    """
    states = source.states()
    assert states.weights is not None
    weights, kind = states.weights, states.kind
    direct, direct_cell = source.direct()
    from_above = _flow_from_above(source)
    steps, batch, width = states.hidden.shape
    if kind == "LSTM":
        slopes, of_cell = lstm_slopes(states)
        forget = states.gates["forget"]
        cell = slopes.new_zeros(steps, batch, of_cell.shape[-1])
    elif kind == "GRU":
        slopes, at_candidate = gru_slopes(states)
    else:
        slopes = rnn_slopes(states)[:, :, None]
    gates = slopes.new_zeros(steps, batch, *slopes.shape[2:])  # ∂L_t/∂(pre-activations at step k)
    hidden = slopes.new_zeros(steps, batch, width)
    rows_of_gates, rows_of_hidden = gates.view(steps * batch, -1), hidden.view(steps * batch, width)
    for k in reversed(range(steps)):
        first = k if from_above is None else 0
        h, z = hidden[first:], gates[first:]
        if k + 1 < steps:
            carried = h * states.gates["update"][k + 1] if kind == "GRU" else None
            rows = slice(first * batch, None)
            torch.mm(rows_of_gates[rows], weights.weight_hh, out=rows_of_hidden[rows])
            if carried is not None:
                h += carried
        if from_above is not None:
            h += from_above[:, k]
        hidden[k] += direct[k]
        if kind == "LSTM":
            m = h if weights.weight_hr is None else h @ weights.weight_hr
            c = cell[first:]
            if k + 1 < steps:
                c *= forget[k + 1]
            c.addcmul_(m, of_cell[k])
            if direct_cell is not None:
                cell[k] += direct_cell[k]
            torch.mul(c[:, :, None], slopes[k, :, :3], out=z[:, :, :3])
            torch.mul(m, slopes[k, :, 3], out=z[:, :, 3])
        else:
            torch.mul(h[:, :, None], slopes[k], out=z)
        if input_gradients is not None:
            at_input = z
            if kind == "GRU":
                at_input = torch.cat([z[:, :, :2], (h * at_candidate[k])[:, :, None]], 2)
            input_gradients[first:, k] = at_input.flatten(2) @ weights.weight_ih
        yield k, first, h


def _flow_from_above(source: Source) -> Tensor | None:
    """∂L_t/∂(output of this layer at k) through the layers above, (time, time, batch, unit)."""
    above, mask, part = source.above()
    if not above:
        return None
    total = None
    for layer in above:
        states = layer.states()
        steps, batch, features = states.input.shape
        gradients = states.input.new_zeros(steps, steps, batch, features)
        for _ in _adjoints(layer, gradients):
            pass
        if layer.reverse:
            gradients = _reverse_both(gradients, states.lengths)
        total = gradients if total is None else total.add_(gradients)
    assert total is not None
    if mask is not None:
        total *= mask
    total = total[..., part]
    return _reverse_both(total, source.states().lengths) if source.reverse else total


def _reverse_both(matrix: Tensor, lengths: Tensor) -> Tensor:
    """Reverse both time axes of (time, time, batch, …) within each sequence's length."""
    matrix = reverse_time(matrix.transpose(1, 2), lengths).transpose(1, 2)
    return reverse_time(matrix.transpose(0, 1).transpose(1, 2), lengths).transpose(1, 2).transpose(0, 1)


# -----------------------------------------------------------------------------------------------------------
# influence


@torch.no_grad()
def influence(layer: LayerTrace) -> Tensor:
    """How much the output of step t still depends on the input of step s: ‖∂h_t/∂x_s‖ for all t and s.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM; no backward pass is needed.

    Returns
    -------
    Tensor, shape (time, time, batch)
        Entry (t, s): the Frobenius norm of ∂h_t/∂x_s, from the layer's own input to its own output.

    Raises
    ------
    TypeError
        For a cell of your own.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> lstm = torch.nn.LSTM(1, 4)
    >>> with rv.record(lstm) as trace:
    ...     _ = lstm(torch.randn(6, 2, 1))
    >>> rv.flow.influence(trace["l0"]).shape
    torch.Size([6, 6, 2])
    """
    states = _known_kind(layer)
    steps, batch, width = states.hidden.shape
    features = states.input.shape[-1]
    found = states.hidden.new_zeros(steps, steps, batch)
    # (batch, state, feature · step): the sensitivities to all earlier inputs move on together, side by side.
    carried = found.new_zeros(0)
    for start, part in _chunks(states):
        of_state, of_input = _running_jacobians(part, whole_state=True), _input_jacobians(part)
        if not start:
            carried = of_input.new_zeros(batch, of_input.shape[2], steps * features)
        for t, (by_state, by_input) in enumerate(zip(of_state, of_input, strict=True), start):
            if t:
                carried[..., : t * features] = by_state @ carried[..., : t * features]
            carried[..., t * features : (t + 1) * features] = by_input
            seen = carried[:, :width, : (t + 1) * features].reshape(batch, width, t + 1, features)
            found[t, : t + 1] = torch.linalg.vector_norm(seen, dim=(1, 3)).t()
    found *= _mask(states)[:, None]
    return _reverse_both(found, states.lengths) if layer.reverse else found


def _input_jacobians(states: States) -> Tensor:
    """∂(h_t, c_t)/∂x_t, (time, batch, state, feature), in running order."""
    assert states.weights is not None
    weight_ih, weight_hr = states.weights.weight_ih, states.weights.weight_hr
    if states.kind == "RNN":
        return rnn_slopes(states)[..., None] * weight_ih
    if states.kind == "GRU":
        slopes, at_candidate = gru_slopes(states)
        slopes[:, :, 2] = at_candidate
        return _weighted_blocks(slopes, weight_ih)
    slopes, of_cell = lstm_slopes(states)
    units = of_cell.shape[-1]
    cell = _weighted_blocks(slopes[:, :, :3], weight_ih[: 3 * units])
    hidden = slopes[:, :, 3, :, None] * weight_ih[3 * units :] + of_cell[..., None] * cell
    if weight_hr is not None:
        hidden = weight_hr @ hidden
    return torch.cat([hidden, cell], -2)


@torch.no_grad()
def memory_curve(layer: LayerTrace) -> Tensor:
    """How influence fades with the distance in time, relative to that of the present input.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM.

    Returns
    -------
    Tensor, shape (lag, batch)
        Mean over t of ‖∂h_t/∂x_{t-lag}‖, divided by its value at lag 0.

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
    matrix = influence(layer)
    if layer.reverse:  # the past of a reverse layer lies ahead
        matrix = matrix.transpose(0, 1)
    sums = torch.stack([matrix.diagonal(-lag).sum(-1) for lag in range(len(matrix))])
    counts = (layer.lengths - torch.arange(len(matrix), device=sums.device)[:, None]).clamp_min(1)
    means = sums / counts
    return means / means[0].clamp_min(torch.finfo(means.dtype).tiny)


def memory_horizon(layer: LayerTrace, fraction: float = 0.01) -> Tensor:
    """After how many steps an input's influence falls below a fraction of what it was at first.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM.
    fraction : float
        Between 0 and 1.

    Returns
    -------
    Tensor of int, shape (batch,)
        The first lag at which `memory_curve` is below ``fraction``; the length of the sequence when it never
        is.

    Raises
    ------
    ValueError
        When the fraction is not between 0 and 1.

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
    below = memory_curve(layer) < fraction
    steps = torch.arange(len(below), device=below.device)[:, None].expand_as(below)
    first = torch.where(below, steps, len(below)).amin(0)
    return torch.minimum(first, layer.lengths)


# ------------------------------------------------------------------------------------------------ weight
# gradients


@torch.no_grad()
def weight_contributions(layer: LayerTrace) -> Weights:
    """Split the gradient of each parameter into what each time step adds to it.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM, after a backward pass.

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
    states = _known_kind(layer)
    assert states.weights is not None
    gradients = layer.source.gradients()
    at_input, at_recurrent = gate_gradients(states, gradients)
    previous = shift(states.hidden, states.initial_hidden)
    has_bias = states.weights.bias_ih is not None
    parts: dict[str, Tensor | None] = {
        "weight_ih": torch.einsum("tbr,tbf->trf", at_input, states.input),
        "weight_hh": torch.einsum("tbr,tbu->tru", at_recurrent, previous),
        "bias_ih": at_input.sum(1) if has_bias else None,
        "bias_hh": at_recurrent.sum(1) if has_bias else None,
    }
    if states.weights.weight_hr is not None:
        assert states.cell is not None
        unprojected = stack_gates(states)[:, :, 3] * states.cell.tanh()
        parts["weight_hr"] = torch.einsum("tbp,tbu->tpu", gradients.hidden, unprojected)
    if layer.reverse:
        # Only whole steps can be put in forward order here: with padding, sequences end at different steps.
        if bool((states.lengths < len(states.hidden)).any()):
            raise ValueError(
                f"{layer.name} runs backwards over sequences of different lengths, so its steps do not line "
                "up in time once they are summed over the batch. Record one sequence: sequences=[0]."
            )
        parts = {name: None if part is None else part.flip(0) for name, part in parts.items()}
    return Weights(**parts)  # type: ignore[arg-type]


def sample_sequences(layer: LayerTrace, limit: int) -> LayerTrace:
    """Choose as many sequences, evenly spread, as leave `gradient_flow` and `influence` below a limit.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM.
    limit : int
        Bytes of memory; one sequence is chosen in any case.

    Returns
    -------
    LayerTrace
        The layer itself when all sequences fit.
    """
    states = _known_kind(layer)
    steps, batch, units = states.hidden.shape
    width = units if states.cell is None else units + states.cell.shape[-1]
    above, _, _ = layer.source.above()
    # What comes from the layers above is held once for each of them, and all inputs' influence on one state.
    from_above = steps * steps * units * len(above) ** 2
    values = steps * steps + max(from_above, steps * width * states.input.shape[-1])
    fitting = max(1, limit // (values * states.hidden.itemsize))
    if fitting >= batch:
        return layer
    rows = torch.linspace(0, batch - 1, fitting, dtype=torch.float64).round().long()
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
            whole.hidden[:, self._rows], None if whole.cell is None else whole.cell[:, self._rows]
        )

    def direct(self) -> tuple[Tensor, Tensor | None]:
        hidden, cell = self._source.direct()
        return hidden[:, self._rows], None if cell is None else cell[:, self._rows]

    def above(self) -> tuple[tuple[_Sample, ...], Tensor | None, slice]:
        layers, mask, part = self._source.above()
        chosen = tuple(_Sample(layer, self._rows) for layer in layers)
        return chosen, None if mask is None else mask[:, self._rows], part


def _known_kind(layer: LayerTrace) -> States:
    """Return the layer's states, or say that its formula is unknown."""
    states = layer.source.states()
    if states.weights is None:
        raise TypeError(
            f"{layer.name} is a cell of your own ({layer.kind}); its Jacobians follow from no known formula. "
            "Use torch.func.jacrev on its step instead."
        )
    return states


def _mask(states: States) -> Tensor:
    """Tell which steps belong to their sequence, (time, batch), in running order."""
    return mask_steps(len(states.hidden), states.lengths)

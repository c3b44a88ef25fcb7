"""Many gradients and many small changes on their way through a recorded layer, side by side.

One gradient runs back through a layer by the recursion of `rnnviz.arithmetic.lstm.adjoint` and its siblings;
one small change of an input runs forward by the mirror image of it. Here hundreds of them run together, each a row of
one matrix, so that a step costs one product with the recurrent weights instead of one for each.

A row is named by the step it begins at, in forward time order: the step of a loss, or that of an input. The
recursions themselves go in the layer's running order, and (time, batch, …) arrays come in it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import torch
from torch import Tensor

from rnnviz.arithmetic import gru, lstm, rnn
from rnnviz.arithmetic.states import States, reverse_time
from rnnviz.recording.trace import Source

__all__ = ["flow_from_above", "reverse_steps", "run_adjoints", "run_tangents", "steps_with_loss"]

#: Rows are added by eights, since views of them take as long as the arithmetic on a few; rows that have not begun
#: are zero.
EIGHT = 8

#: Which row begins at a step, and in which sequences; several rows where sequences of unequal length run
#: backwards.
Entry = tuple[int | Tensor, slice | Tensor]


def _entries(rows: Sequence[int], states: States, reverse: bool) -> list[Entry | None]:
    """Find for each step, in running order, the rows that begin there."""
    steps, batch, _ = states.hidden.shape
    row_of = torch.full((steps,), -1)
    row_of[torch.tensor(rows, dtype=torch.long)] = torch.arange(len(rows))
    lengths = states.lengths.cpu()
    if not reverse or bool((lengths == steps).all()):
        order = row_of.flip(0) if reverse else row_of
        return [None if row < 0 else (row, slice(None)) for row in order.tolist()]
    beginning = row_of[reverse_time(torch.arange(steps)[:, None].expand(steps, batch), lengths)]
    entries: list[Entry | None] = []
    for found in beginning:
        sequences = (found >= 0).nonzero().flatten()
        device = states.hidden.device
        entries.append((found[sequences].to(device), sequences.to(device)) if len(sequences) else None)
    return entries


def reverse_steps(array: Tensor, lengths: Tensor) -> Tensor:
    """Reverse the first axis of (time, row, batch, …) within each sequence's length."""
    return reverse_time(array.transpose(1, 2), lengths).transpose(1, 2)


def steps_with_loss(source: Source) -> Tensor:
    """Tell at which steps, in forward time, a gradient enters this layer or one that reads it; (time,)."""
    hidden, cell = source.from_outside()
    reached = hidden.any(-1) if cell is None else hidden.any(-1) | cell.any(-1)
    if source.reverse:
        reached = reverse_time(reached, source.states().lengths)
    steps = reached.any(1)
    for layer in source.above()[0]:
        steps = steps | steps_with_loss(layer)
    return steps


def run_adjoints(
    source: Source,
    rows: Sequence[int],
    from_above: Tensor | None = None,
    *,
    norms: Tensor | None = None,
    at_input: Tensor | None = None,
) -> None:
    """Run the gradients of the losses L_t of several steps back through a layer.

    Parameters
    ----------
    source : Source
        Of kind RNN, GRU or LSTM, after a backward pass.
    rows : sequence of int
        The steps t of the losses, in rising order, in forward time.
    from_above : Tensor of shape (time, row, batch, unit), or None
        ∂L_t/∂(output at k) through the layers above.
    norms : Tensor, shape (time, row, batch)
        Filled with ‖∂L_t/∂h_k‖ where it is given, k in running order.
    at_input : Tensor, shape (time, row, batch, feature)
        Filled with ∂L_t/∂x_k where it is given, k in running order.
    """
    states = source.states()
    assert states.weights is not None
    weights, kind = states.weights, states.kind
    outside, outside_cell = source.from_outside()
    (steps, batch, width), count = states.hidden.shape, len(rows)
    if kind == "LSTM":
        slopes, of_cell = lstm.slopes(states)
        of_cell_, forget_ = of_cell.unbind(0), states.gates["forget"].unbind(0)
    elif kind == "GRU":
        slopes, at_candidate = gru.slopes(states)
        at_candidate_, update_ = at_candidate.unbind(0), states.gates["update"].unbind(0)
    else:
        slopes = rnn.slopes(states)[:, :, None]
    slopes_, outside_ = slopes.unbind(0), outside.unbind(0)
    entries = _entries(rows, states, source.reverse)
    gates, units = slopes.shape[2:]
    all_z = slopes.new_zeros(count * batch, gates * units)  # ∂L_t/∂(pre-activations at step k), row by row
    all_h = slopes.new_zeros(count * batch, width)  # ∂L_t/∂h_k
    rows_h = all_h.view(count, batch, width)
    rows_c = slopes.new_zeros(count if kind == "LSTM" else 0, batch, units)  # ∂L_t/∂c_k
    norms_ = () if norms is None else norms.unbind(0)
    span = (0, 0)
    # In inference mode, as views are made at every step, and cost less there.
    with torch.inference_mode():
        for k in range(steps - 1, -1, -1):
            if from_above is not None:
                now = (0, count)
            elif source.reverse:  # L_t asks nothing of what the layer ran through after t
                now = (0, min(count, -(-bisect_right(rows, steps - 1 - k) // EIGHT) * EIGHT))
            else:
                now = (bisect_left(rows, k) // EIGHT * EIGHT, count)
            if now[0] == now[1]:
                continue
            if now != span:
                span = now
                part, many = slice(span[0] * batch, span[1] * batch), span[1] - span[0]
                flat_h, flat_z = all_h[part], all_z[part]
                h, z = flat_h.view(many, batch, width), flat_z.view(many, batch, gates, units)
                if kind == "LSTM":
                    c = rows_c[span[0] : span[1]]
            if kind == "GRU" and k + 1 < steps:
                h.mul_(update_[k + 1])
                flat_h.addmm_(flat_z, weights.weight_hh)
            else:
                torch.mm(flat_z, weights.weight_hh, out=flat_h)
            if from_above is not None:
                h += from_above[k]
            entry = entries[k]
            if entry is not None:
                _add(rows_h, entry, outside_[k][entry[1]])
            if kind == "LSTM":
                m = h if weights.weight_hr is None else h @ weights.weight_hr
                if k + 1 < steps:
                    c.mul_(forget_[k + 1])
                c.addcmul_(m, of_cell_[k])
                if outside_cell is not None and entry is not None:
                    _add(rows_c, entry, outside_cell[k][entry[1]])
                torch.mul(c[:, :, None], slopes_[k][:, :3], out=z[:, :, :3])
                torch.mul(m, slopes_[k][:, 3], out=z[:, :, 3])
            else:
                torch.mul(h.unsqueeze(2), slopes_[k], out=z)
            if norms_:
                torch.linalg.vector_norm(h, dim=-1, out=norms_[k][span[0] : span[1]])
            if at_input is not None:
                at = z
                if kind == "GRU":  # the input's part of the candidate, which the reset gate does not touch
                    at = torch.cat([z[:, :, :2], (h * at_candidate_[k]).unsqueeze(2)], 2)
                torch.matmul(at.flatten(2), weights.weight_ih, out=at_input[k, span[0] : span[1]])


def flow_from_above(source: Source, rows: Sequence[int]) -> Tensor | None:
    """Give ∂L_t/∂(output of a layer at k) through the layers above it; None where there are none.

    Parameters
    ----------
    source : Source
    rows : sequence of int
        The steps t of the losses, as in `run_adjoints`.

    Returns
    -------
    Tensor, shape (time, row, batch, unit)
        In the layer's running order.
    """
    return _pick_part(source, _flow_into_outputs(source, rows))


def _flow_into_outputs(source: Source, rows: Sequence[int]) -> Tensor | None:
    """∂L_t/∂(outputs of both directions side by side) from above them, in forward time order."""
    level, mask, _ = source.above()
    if not level:
        return None
    from_above = _flow_into_outputs(level[0], rows)
    total = None
    for layer in level:
        states = layer.states()
        steps, batch, features = states.input.shape
        found = states.input.new_zeros(steps, len(rows), batch, features)
        run_adjoints(layer, rows, _pick_part(layer, from_above), at_input=found)
        if layer.reverse:
            found = reverse_steps(found, states.lengths)
        total = found if total is None else total.add_(found)
    assert total is not None
    return total if mask is None else total.mul_(mask[:, None])


def _pick_part(source: Source, outputs: Tensor | None) -> Tensor | None:
    """Take one direction's part of what lies side by side, in running order."""
    if outputs is None:
        return None
    part = outputs[..., source.above()[2]]
    return reverse_steps(part, source.states().lengths) if source.reverse else part


def run_tangents(
    states: States, reverse: bool, rows: Sequence[int], directions: Tensor, norms: Tensor
) -> None:
    """Run small changes of the inputs of several steps forward through a layer.

    Parameters
    ----------
    states : States
        Of kind RNN, GRU or LSTM.
    reverse : bool
        Whether the layer runs backwards.
    rows : sequence of int
        The steps s of the inputs, in rising order, in forward time.
    directions : Tensor, shape (direction, gate · unit)
        The changes of x_s, each multiplied with W_ih.
    norms : Tensor, shape (time, row, batch)
        Filled with the norm of ∂h_t/∂x_s over units and directions, t in running order.

    Notes
    -----
    The derivative of `rnnviz.steps`, with a dot for a small change: ż = W_hh ḣ_{t-1} + W_ih ẋ_t; LSTM ċ_t =
    f ċ_{t-1} + slopes of i, f, g times ż, ḣ_t = o (1 - tanh² c_t) ċ_t + slope of o times ż; GRU ḣ_t = z ḣ_{t-1} +
    slopes times ż; RNN ḣ_t = slope times ż.
    """
    assert states.weights is not None
    weights, kind = states.weights, states.kind
    (steps, batch, width), count = states.hidden.shape, len(rows)
    if kind == "LSTM":
        slopes, of_cell = lstm.slopes(states)
        of_cell_, forget_ = of_cell.unsqueeze(2).unbind(0), states.gates["forget"].unsqueeze(2).unbind(0)
    elif kind == "GRU":
        slopes, at_candidate = gru.slopes(states)
        at_candidate_ = at_candidate.unsqueeze(2).unbind(0)
        update_ = states.gates["update"].unsqueeze(2).unbind(0)
    else:
        slopes = rnn.slopes(states)[:, :, None]
    slopes_ = slopes.unsqueeze(2).unbind(0)
    entries = _entries(rows, states, reverse)
    each, (gates, units) = len(directions), slopes.shape[2:]
    all_z = slopes.new_zeros(count, batch, each, gates * units)
    all_h = slopes.new_zeros(count, batch, each, width)
    all_c = slopes.new_zeros(count if kind == "LSTM" else 0, batch, each, units)
    to_gates = weights.weight_hh.t()
    to_candidate = directions[:, 2 * units :]
    if kind == "GRU":  # the input's part of the candidate enters behind the reset gate, below
        directions = torch.cat([directions[:, : 2 * units], torch.zeros_like(to_candidate)], 1)
    shortest = min(states.lengths.tolist(), default=steps)
    with torch.inference_mode():
        for t in range(steps):
            first, last = 0, bisect_right(rows, t)
            if reverse:
                first, last = bisect_left(rows, shortest - 1 - t), count
            if first == last:
                continue
            h, z, c, entry = all_h[first:last], all_z[first:last], all_c[first:last], entries[t]
            torch.mm(h.view(-1, width), to_gates, out=z.view(-1, gates * units))
            if entry is not None:
                _add(all_z, entry, directions)
            by_gate = z.view(last - first, batch, each, gates, units)
            by_gate *= slopes_[t]
            if kind == "LSTM":
                c.mul_(forget_[t]).add_(by_gate[..., :3, :].sum(-2))
                m = torch.addcmul(by_gate[..., 3, :], c, of_cell_[t])
                if weights.weight_hr is None:
                    h.copy_(m)
                else:
                    torch.matmul(m, weights.weight_hr.t(), out=h)
            elif kind == "GRU":
                h.mul_(update_[t]).add_(by_gate.sum(-2))
                if entry is not None:
                    _add(all_h, entry, at_candidate_[t][entry[1]] * to_candidate)
            else:
                h.copy_(z)
            torch.linalg.vector_norm(h.flatten(2), dim=-1, out=norms[t, first:last])


def _add(rows: Tensor, entry: Entry, values: Tensor) -> None:
    """Add to the rows that begin at a step."""
    row, sequences = entry
    if isinstance(row, int):
        rows[row] += values
    else:
        assert isinstance(sequences, Tensor)
        rows[row, sequences] += values

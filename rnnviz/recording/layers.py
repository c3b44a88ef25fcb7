"""`RNN`, `GRU` and `LSTM` that record as they run: drop-in replacements for torch's.

State dicts are exchangeable. They compute the same as `torch.nn.RNN`, `GRU` and `LSTM`, in the same layouts
and with the same options. On the CPU, GRU and plain RNN train faster than torch's, recorded or not, and so do
packed sequences of any kind. Half precision, autocast, passes without gradients and passes on a GPU run on
torch's own kernels; there, ours take over where dropout acts between layers, whose masks torch's do not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import PackedSequence

from rnnviz.arithmetic.kernels import Layer, run_layer
from rnnviz.arithmetic.scan import prefers_scan
from rnnviz.arithmetic.states import Gradients, States, at_last_step, choose_sequences
from rnnviz.recording.fused import read_mode, split_weights
from rnnviz.recording.references import Kept, Stamp, explain_missing_gradient
from rnnviz.steps import Weights

__all__ = ["GRU", "LSTM", "RNN", "LayerRecord", "RecordingLayer", "Watcher"]


class LayerRecord:
    """The record of one layer in one direction, as `rnnviz.recording.trace.LayerTrace` reads it.

    Parameters
    ----------
    name : str
        For messages.
    order : Tensor or None
        Which sequences to show, in which order, by their place in the order of running.
    reverse : bool
    units : int
        Width of the output.
    """

    def __init__(self, name: str, order: Tensor | None, reverse: bool, units: int) -> None:
        self.name = name
        self.reverse = reverse
        self._order = order
        self._states: States | None = None
        self._input: Kept | None = None
        self._hidden: Kept | None = None
        self._stamp = Stamp(())
        self._gradients: Gradients | None = None
        self._gradients_stamp = Stamp(())
        self._gradients_changed = False
        self._outside: tuple[Tensor, Tensor | None] | None = None
        self._readers: list[LayerRecord] = []
        self.mask: Tensor | None = None
        self.part = slice(units, 2 * units) if reverse else slice(0, units)

    # ------------------------------------------------------------------------------------ what the run hands
    # over

    def keep_states(self, states: States) -> None:
        """Take what the forward pass computed."""
        states = self._pick_states(states)
        # Small, and often overwritten by the caller's next step: copied.
        states.initial_hidden = states.initial_hidden.detach().clone()
        if states.initial_cell is not None:
            states.initial_cell = states.initial_cell.detach().clone()
        self._input = Kept(states.input, f"The input of {self.name}")
        self._hidden = Kept(states.hidden, f"The output of {self.name}")
        self._states, self._stamp = states, Stamp(states.tensors())

    def keep_gradients(
        self, gradients: Gradients, output: Tensor | None, h_n: Tensor | None, c_n: Tensor | None
    ) -> None:
        """Take what a backward pass computed; several of them add up."""
        assert self._states is not None
        states = self._states
        outside = torch.zeros_like(states.hidden) if output is None else self._pick(output, 1)
        if self._readers:  # what came from the layers above is not from outside
            outside = torch.zeros_like(states.hidden)
        if h_n is not None:
            outside = outside + at_last_step(states, self._pick(h_n, 0))
        outside_cell = None if c_n is None else at_last_step(states, self._pick(c_n, 0))
        hidden = self._pick(gradients.hidden, 1)
        cell = None if gradients.cell is None else self._pick(gradients.cell, 1)
        if self._gradients is not None and self._outside is not None:
            # Refused when it is read; the backward pass goes on.
            self._gradients_changed |= not self._gradients_stamp.holds()
            hidden = hidden + self._gradients.hidden
            outside = outside + self._outside[0]
            cell = _add(cell, self._gradients.cell)
            outside_cell = _add(outside_cell, self._outside[1])
        self._gradients, self._outside = Gradients(hidden, cell), (outside, outside_cell)
        parts = (hidden, cell, outside, outside_cell)
        self._gradients_stamp = Stamp(part for part in parts if part is not None)

    def replace_weights(self, weights: Weights) -> None:
        """Put copies in the place of the parameters, which training goes on to change."""
        assert self._states is not None
        self._states.weights = weights

    def link(self, readers: Sequence[LayerRecord], mask: Tensor | None) -> None:
        """Say which layers read this one's output, and through which mask of dropout."""
        self._readers = list(readers)
        self.mask = mask if mask is None else self._pick(mask, 1)

    def _pick(self, array: Tensor, axis: int) -> Tensor:
        return array if self._order is None else array.index_select(axis, self._order.to(array.device))

    def _pick_states(self, states: States) -> States:
        return replace(states) if self._order is None else choose_sequences(states, self._order)

    # ------------------------------------------------------------------------------------- what the trace
    # reads

    @property
    def kind(self) -> str:
        """RNN, LSTM or GRU."""
        assert self._states is not None
        return self._states.kind

    @property
    def shape(self) -> tuple[int, int, int]:
        """Steps, sequences, units."""
        assert self._states is not None
        steps, batch, units = self._states.hidden.shape
        return steps, batch, units

    @property
    def has_gradients(self) -> bool:
        """Whether a backward pass has reached the layer."""
        return self._gradients is not None

    def states(self) -> States:
        """Return what the forward pass computed, unless it was changed in place since."""
        assert self._states is not None
        assert self._input is not None
        assert self._hidden is not None
        self._input.read()
        self._hidden.read()
        if not self._stamp.holds():
            raise RuntimeError(
                f"An array of {self.name} that was read from its trace was changed in place, so the record "
                "is lost. Change a copy instead: array.clone()."
            )
        return self._states

    def gradients(self) -> Gradients:
        """Return the total gradients."""
        if self._gradients is None:
            raise RuntimeError(explain_missing_gradient(self.name, requires_grad=True))
        if self._gradients_changed or not self._gradients_stamp.holds():
            raise RuntimeError(
                f"A gradient of {self.name} was changed in place after the backward pass, so the record of "
                "it is lost. Change a copy instead: gradient.clone()."
            )
        return self._gradients

    def from_outside(self) -> tuple[Tensor, Tensor | None]:
        """Return the gradients that reached the states from outside the module."""
        self.gradients()
        assert self._outside is not None
        return self._outside

    def above(self) -> tuple[tuple[LayerRecord, ...], Tensor | None, slice]:
        """Name the layers that read this one, dropout's mask in between, and its part of their input."""
        return tuple(self._readers), self.mask, self.part


def _add(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    return b if a is None else a if b is None else a + b


class Watcher(Protocol):
    """Records a layer's forward passes."""

    def begin(self, unsorted: Tensor | None) -> Sequence[LayerRecord]:
        """Make room for the record of one pass; ``unsorted`` leads back to the caller's order."""

    def end(self, layers: Sequence[LayerRecord]) -> None:
        """Take the complete record."""


class RecordingLayer(nn.RNNBase):
    """The forward pass that our three layers share."""

    _watchers: tuple[Watcher, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        """Leave a recording that is under way out of copies and files."""
        state: dict[str, Any] = super().__getstate__()  # type: ignore[no-untyped-call]
        state.pop("_watchers", None)
        return state

    def runs_here(self, input: Tensor | PackedSequence) -> bool:
        """Tell whether a forward pass is one for our kernels: with gradients, in float32 or float64, on the CPU."""
        # Not input.data for both: of a plain tensor that is another tensor, without its graph.
        data = input.data if isinstance(input, PackedSequence) else input
        if (
            not isinstance(data, Tensor)
            or not torch.is_grad_enabled()
            or data.dtype not in (torch.float32, torch.float64)
        ):
            return False
        if torch.is_autocast_enabled(data.device.type):
            return False
        # A GPU is faster with torch's kernel over all layers, but that hides the masks of dropout.
        if prefers_scan(data) and not (self.dropout and self.training and self.num_layers > 1):
            return False
        return data.requires_grad or any(parameter.requires_grad for parameter in self.parameters())

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Run the layers; arguments and results are those of torch's layer of the same name."""
        if not self.runs_here(input) or not self._has_right_dimensions(input, hx):
            return super().forward(input, hx)  # where something is wrong, for torch's own message
        packed = input if isinstance(input, PackedSequence) else None
        data = input.data if isinstance(input, PackedSequence) else input
        batched = packed is not None or data.dim() != 2
        if not batched:
            data = data.unsqueeze(0 if self.batch_first else 1)
        initial = self._initial_states(hx, data, packed, batched)
        if packed is not None:
            x, lengths = pad(data, packed)
        else:
            x = data.transpose(0, 1) if self.batch_first else data
            lengths = torch.full((x.shape[1],), x.shape[0], device=x.device)
        records = [
            watcher.begin(None if packed is None else packed.unsorted_indices) for watcher in self._watchers
        ]
        output, final = self._run(x, lengths, packed, initial, records)
        for watcher, record in zip(self._watchers, records, strict=True):
            watcher.end(record)
        return self._lay_out(output, final, lengths, packed, batched)

    def _has_right_dimensions(self, input: Tensor | PackedSequence, hx: Any) -> bool:
        """Whether there are time steps, and as many axes as torch expects; it checks sizes in any case."""
        batched = isinstance(input, PackedSequence) or input.dim() == 3
        states = () if hx is None else hx if isinstance(hx, tuple) else (hx,)
        if any(state.dim() != (3 if batched else 2) for state in states):
            return False
        if isinstance(input, PackedSequence):
            return True
        return input.dim() in (2, 3) and input.shape[1 if batched and self.batch_first else 0] > 0

    def _initial_states(
        self, hx: Any, data: Tensor, packed: PackedSequence | None, batched: bool
    ) -> tuple[Tensor, ...]:
        """Return the given initial states, or zeros, as (layer, batch, unit) in the order of running."""
        is_lstm = self.mode == "LSTM"
        batch_sizes = None if packed is None else packed.batch_sizes
        if hx is None:
            batch_axis = 0 if self.batch_first else 1
            batch = data.shape[batch_axis] if batch_sizes is None else int(batch_sizes[0])
            layers = self.num_layers * (2 if self.bidirectional else 1)
            hidden = data.new_zeros(layers, batch, self.proj_size or self.hidden_size)
            states: tuple[Tensor, ...] = (hidden,)
            if is_lstm:
                states = hidden, data.new_zeros(layers, batch, self.hidden_size)
        else:
            states = tuple(hx) if is_lstm else (hx,)
            if not batched:
                states = tuple(state.unsqueeze(1) for state in states)
            elif packed is not None and packed.sorted_indices is not None:
                states = tuple(state.index_select(1, packed.sorted_indices) for state in states)
        # torch's own check, so that its messages stay the same
        self.check_forward_args(data, states if is_lstm else states[0], batch_sizes)  # type: ignore[arg-type]
        return states

    def _run(
        self,
        x: Tensor,
        lengths: Tensor,
        packed: PackedSequence | None,
        initial: tuple[Tensor, ...],
        records: Sequence[Sequence[LayerRecord]],
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Run the stack on x (time, batch, feature): the outputs of its last layer, and h_n, c_n."""
        kind, nonlinearity = read_mode(self.mode)
        directions = 2 if self.bidirectional else 1
        padded = packed is not None and bool((lengths < len(x)).any())
        weights = split_weights(self, self._flat_weights)
        finals = []
        for number in range(self.num_layers):
            outputs = []
            for index in range(number * directions, (number + 1) * directions):
                keepers = [record[index] for record in records]
                layer = Layer(kind, nonlinearity, index % directions == 1, lengths, padded, keepers)
                cell = initial[1][index] if len(initial) == 2 else None
                output, h_n, c_n = run_layer(layer, x, initial[0][index], cell, weights[index])
                outputs.append(output)
                finals.append((h_n,) if c_n is None else (h_n, c_n))
            x = outputs[0] if directions == 1 else torch.cat(outputs, -1)
            if number == self.num_layers - 1:
                break
            mask = None
            if self.dropout and self.training:
                mask = self._draw_mask(x, packed)
                x = x * mask
            for record in records:
                above = record[(number + 1) * directions : (number + 2) * directions]
                for below in record[number * directions : (number + 1) * directions]:
                    below.link(above, mask)
        return x, tuple(torch.stack(states) for states in zip(*finals, strict=True))

    def _draw_mask(self, output: Tensor, packed: PackedSequence | None) -> Tensor:
        """Draw the mask of dropout that torch would draw: for packed sequences, one without padding."""
        if packed is None:
            return F.dropout(torch.ones_like(output), self.dropout)
        rows = int(packed.batch_sizes.sum())
        return pad(F.dropout(output.new_ones(rows, output.shape[-1]), self.dropout), packed)[0]

    def _lay_out(
        self,
        output: Tensor,
        final: tuple[Tensor, ...],
        lengths: Tensor,
        packed: PackedSequence | None,
        batched: bool,
    ) -> tuple[Any, Any]:
        """Turn the results into the caller's layout."""
        result: Any = output
        if packed is not None:
            data, _ = torch._VF._pack_padded_sequence(output, lengths.cpu(), False)
            result = packed._replace(data=data)
            if packed.unsorted_indices is not None:
                final = tuple(state.index_select(1, packed.unsorted_indices) for state in final)
        elif not batched:
            result, final = output.squeeze(1), tuple(state.squeeze(1) for state in final)
        elif self.batch_first:
            result = output.transpose(0, 1)
        return result, final if len(final) == 2 else final[0]


def pad(data: Tensor, packed: PackedSequence) -> tuple[Tensor, Tensor]:
    """Lay packed rows out as (time, batch, feature), in the order of running; and count their lengths."""
    padded, lengths = torch._VF._pad_packed_sequence(data, packed.batch_sizes, False, 0.0, 0)
    return padded, lengths.to(data.device)


class RNN(RecordingLayer, nn.RNN):
    """`torch.nn.RNN` with our own forward and backward pass; same arguments, parameters and results.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> rnn = rv.RNN(2, 3, nonlinearity="relu")
    >>> _ = rnn.load_state_dict(torch.nn.RNN(2, 3).state_dict())
    >>> output, h_n = rnn(torch.zeros(5, 1, 2))
    >>> output.shape
    torch.Size([5, 1, 3])
    """


class GRU(RecordingLayer, nn.GRU):
    """`torch.nn.GRU` with our own forward and backward pass; same arguments, parameters and results.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> gru = rv.GRU(2, 3, num_layers=2, batch_first=True)
    >>> with rv.record(gru) as trace:
    ...     output, h_n = gru(torch.zeros(1, 5, 2))
    >>> trace.layers
    ('l0', 'l1')
    """


class LSTM(RecordingLayer, nn.LSTM):
    """`torch.nn.LSTM` with our own backward pass; same arguments, parameters and results.

    The forward pass is torch's kernel, which no loop outruns.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> lstm = rv.LSTM(2, 3, bidirectional=True)
    >>> output, (h_n, c_n) = lstm(torch.zeros(5, 1, 2))
    >>> output.shape, c_n.shape
    (torch.Size([5, 1, 6]), torch.Size([2, 1, 3]))
    """

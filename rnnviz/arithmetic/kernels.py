"""Forward and backward passes of our own, whose by-product is the record.

torch runs GRU and plain RNN on the CPU as thousands of small differentiable operations. Written out by hand,
as one `torch.autograd.Function` a layer, each pass is a few large matrix products and one short loop: cheaper
than torch's, and everything the recorder shows has been computed on the way. torch's LSTM kernel is faster
than any loop, so it stays in place, and the backward pass derives what it hides. So do all three on a GPU.

The forward pass of each kind stands in the module of its name, the adjoints too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import torch
from torch import Tensor

from rnnviz.arithmetic import gru, lstm, rnn
from rnnviz.arithmetic.adjoint import derive_gradients, gate_gradients
from rnnviz.arithmetic.derive import derive_gates
from rnnviz.arithmetic.scan import prefers_scan
from rnnviz.arithmetic.states import GATES, Gradients, States, clear_padding, reverse_time, shift
from rnnviz.arithmetic.torch_kernel import name_kernel, run_kernel
from rnnviz.steps import Weights

__all__ = ["Keeper", "Layer", "run_layer"]


class Keeper(Protocol):
    """One that wants the record of a layer's run; all in running order."""

    def keep_states(self, states: States) -> None:
        """Take what the forward pass computed; the weights are the parameters themselves."""

    def keep_gradients(
        self, gradients: Gradients, output: Tensor | None, h_n: Tensor | None, c_n: Tensor | None
    ) -> None:
        """Take what a backward pass computed, and the gradients it started from."""


class Layer:
    """What a layer is, apart from its tensors: everything `run_layer` needs to know.

    Parameters
    ----------
    kind : {"RNN", "GRU", "LSTM"}
    nonlinearity : {"tanh", "relu"} or None
    reverse : bool
    lengths : Tensor, shape (batch,)
    padded : bool
        Whether any sequence is shorter than the others.
    keepers : sequence of Keeper
        They get the record.
    """

    def __init__(
        self,
        kind: str,
        nonlinearity: str | None,
        reverse: bool,
        lengths: Tensor,
        padded: bool,
        keepers: Sequence[Keeper] = (),
    ) -> None:
        self.kind = kind
        self.nonlinearity = nonlinearity
        self.reverse = reverse
        self.lengths = lengths
        self.padded = padded
        self.keepers = keepers

    def forward(self, x: Tensor, hidden: Tensor, cell: Tensor | None, weights: Weights) -> States:
        """Run the layer over x (time, batch, feature); give everything it computed, in running order."""
        states = States(
            self.kind, x, hidden, hidden, self.lengths, weights, {}, None, cell, self.nonlinearity
        )
        gates = None
        if self.kind == "LSTM" or prefers_scan(x):
            mode = name_kernel(self.kind, self.nonlinearity)
            states.hidden, _ = run_kernel(mode, x, hidden, cell, weights)
            gates = derive_gates(states)
        elif self.kind == "GRU":
            states.hidden, gates, states.recurrent_candidate = gru.forward(x, hidden, weights)
        else:
            states.hidden = rnn.forward(x, hidden, weights, self.nonlinearity or "tanh")
        if self.padded:
            # The loop ran on into the padding, where nobody looks; what it left there must not be seen.
            arrays = (states.hidden, gates, states.cell)
            clear_padding(self.lengths, *(array for array in arrays if array is not None))
        if gates is not None:
            states.stacked_gates = gates
            states.gates = dict(zip(GATES[self.kind], gates.unbind(2), strict=True))
        return states

    def at_end(self, sequence: Tensor) -> Tensor:
        """Return the last step of each sequence, (batch, unit)."""
        if not self.padded:
            return sequence[-1].clone()
        return sequence[self.lengths - 1, torch.arange(sequence.shape[1], device=sequence.device)]

    def running(self, sequence: Tensor) -> Tensor:
        """Turn forward time order into running order, and back."""
        return reverse_time(sequence, self.lengths) if self.reverse else sequence


class _LayerFunction(torch.autograd.Function):
    """One layer in one direction: outputs in forward time order, h_n and c_n."""

    @staticmethod
    def forward(
        ctx: Any, layer: Layer, x: Tensor, hidden: Tensor, cell: Tensor | None, *parameters: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        weights = Weights(*parameters)  # type: ignore[arg-type]
        states = layer.forward(layer.running(x), hidden, cell, weights)
        output = layer.running(states.hidden)
        final_cell = None if states.cell is None else layer.at_end(states.cell)
        for keeper in layer.keepers:
            detached = replace(states, input=states.input.detach(), hidden=states.hidden.detach())
            keeper.keep_states(detached)
        # Everything through autograd, which refuses to go on when any of it was changed in place (the record
        # hands out the very tensors), and lets go of it after the backward pass.
        ctx.save_for_backward(
            *(states.input, states.hidden, hidden, cell),
            *(states.stacked_gates, states.cell, states.recurrent_candidate),
            *parameters,
        )
        ctx.layer = layer
        ctx.set_materialize_grads(False)
        return output, layer.at_end(states.hidden), final_cell

    @staticmethod
    def backward(
        ctx: Any, grad_output: Tensor | None, grad_hidden: Tensor | None, grad_cell: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        layer: Layer = ctx.layer
        x, hidden, initial, initial_cell, gates, cell, recurrent, *parameters = ctx.saved_tensors
        with torch.no_grad():
            states = States(
                layer.kind,
                x,
                hidden,
                initial,
                layer.lengths,
                Weights(*parameters),
                {} if gates is None else dict(zip(GATES[layer.kind], gates.unbind(2), strict=True)),
                cell,
                initial_cell,
                layer.nonlinearity,
                gates,
                recurrent,
            )
            from_above = None if grad_output is None else layer.running(grad_output)
            gradients = derive_gradients(states, from_above, grad_hidden, grad_cell, keep_gates=True)
            for keeper in layer.keepers:
                keeper.keep_gradients(gradients, from_above, grad_hidden, grad_cell)
            found = _parameter_gradients(ctx.needs_input_grad[1:], layer, states, gradients)
        if torch.is_grad_enabled():  # with create_graph=True
            sources = (grad_output, grad_hidden, grad_cell, x, initial, initial_cell, *parameters)
            found = list(_OnlyOnce.apply(layer.kind, len(found), *found, *sources))  # type: ignore[no-untyped-call]
        return None, *found


class _OnlyOnce(torch.autograd.Function):
    """Hands gradients on as they are, and says why when they are to be differentiated once more."""

    @staticmethod
    def forward(ctx: Any, kind: str, count: int, *tensors: Tensor | None) -> tuple[Tensor | None, ...]:
        ctx.kind = kind
        return tuple(None if tensor is None else tensor.view_as(tensor) for tensor in tensors[:count])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> None:
        raise RuntimeError(
            f"rnnviz.{ctx.kind} has no second derivative: its backward pass is written by hand, once. For "
            f"gradients of gradients (create_graph=True) use torch.nn.{ctx.kind}, which has the same "
            "parameters and can be recorded, too."
        )


def _parameter_gradients(
    needed: tuple[bool, ...], layer: Layer, states: States, gradients: Gradients
) -> list[Tensor | None]:
    """Gradients of the input, the initial states and the parameters, as far as they are needed."""
    weights = states.weights
    assert weights is not None
    at_input, at_recurrent = gate_gradients(states, gradients)
    flat_input, flat_recurrent = at_input.flatten(0, 1), at_recurrent.flatten(0, 1)
    found: list[Tensor | None] = [None] * 8
    if needed[0]:
        found[0] = layer.running((flat_input @ weights.weight_ih).view_as(states.input))
    if needed[1]:
        at_initial = at_recurrent[0] @ weights.weight_hh
        if states.kind == "GRU":
            at_initial += gradients.hidden[0] * states.gates["update"][0]
        found[1] = at_initial
    if needed[2]:
        assert gradients.cell is not None
        found[2] = gradients.cell[0] * states.gates["forget"][0]
    if needed[3]:
        found[3] = flat_input.t() @ states.input.reshape(-1, states.input.shape[-1])
    if needed[4]:
        found[4] = flat_recurrent.t() @ shift(states.hidden, states.initial_hidden).flatten(0, 1)
    if needed[5] or needed[6]:
        # A sum over rows; as a matrix product it takes half the time.
        ones = flat_input.new_ones(len(flat_input))
        found[5] = ones @ flat_input
        found[6] = found[5] if at_recurrent is at_input else ones @ flat_recurrent
    if needed[7]:
        found[7] = gradients.hidden.flatten(0, 1).t() @ lstm.unprojected_hidden(states).flatten(0, 1)
    return found


def run_layer(
    layer: Layer, x: Tensor, hidden: Tensor, cell: Tensor | None, weights: Weights
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Run one layer in one direction, differentiably.

    Parameters
    ----------
    layer : Layer
    x : Tensor, shape (time, batch, feature)
        In forward time order, padding last.
    hidden, cell : Tensor, shape (batch, unit)
        ``cell`` is None except for an LSTM.
    weights : Weights

    Returns
    -------
    output : Tensor, shape (time, batch, unit)
        In forward time order, zero in the padding.
    h_n : Tensor, shape (batch, unit)
    c_n : Tensor or None
    """
    return _LayerFunction.apply(layer, x, hidden, cell, *vars(weights).values())  # type: ignore[no-any-return,no-untyped-call]

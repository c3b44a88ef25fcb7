"""Recurrent layers run one step at a time by autograd, every state keeping its gradient: what a recording must equal.

Nothing here is fast or clever, and nothing is shared with `rnnviz.arithmetic`: each sequence runs on its own, through
the equations of `rnnviz.steps`, and the gradients are those that autograd leaves in each state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from rnnviz import Weights, gru_step, lstm_step, rnn_step

__all__ = ["Unrolled", "unroll"]

GATES: dict[str, tuple[str, ...]] = {
    "LSTM": ("input", "forget", "candidate", "output"),
    "GRU": ("reset", "update", "candidate"),
    "RNN": (),
}


@dataclass
class Unrolled:
    """One layer in one direction.

    Attributes
    ----------
    input : Tensor, shape (time, batch, feature)
        What it read.
    steps : dict of str to dict
        For each array, such as "hidden" or "forget", the tensors of its steps, each (1, unit), by (time, sequence).
    """

    input: Tensor
    steps: dict[str, dict[tuple[int, int], Tensor]] = field(default_factory=dict)

    def array(self, name: str, *, gradient: bool = False) -> Tensor:
        """Put an array together, or its gradient after a backward pass: (time, batch, unit), zero in the padding."""
        entries = self.steps[name]
        first = next(iter(entries.values()))
        result = first.new_zeros(self.input.shape[0], self.input.shape[1], first.shape[-1])
        for (t, b), value in entries.items():
            if gradient:
                result[t, b] = 0 if value.grad is None else value.grad
            else:
                result[t, b] = value.detach()
        return result


def unroll(
    module: nn.RNNBase, x: Tensor, initial: tuple[Tensor, ...] | None, lengths: list[int]
) -> tuple[Tensor, Tensor, Tensor | None, dict[str, Unrolled]]:
    """Run a module of torch step by step, each sequence on its own.

    Parameters
    ----------
    module : torch.nn.RNN, GRU or LSTM
        With any number of layers, directions, biases and a projection. Dropout between layers draws from the global
        generator as torch does; for that, all lengths must be equal.
    x : Tensor, shape (time, batch, feature)
    initial : tuple of Tensor, optional
        The states to begin with, (layer · direction, batch, unit): hidden, and for an LSTM the cell; by default zeros.
    lengths : list of int
        How many steps each sequence has.

    Returns
    -------
    outputs : Tensor, shape (time, batch, unit · directions)
        Zero in the padding.
    h_n : Tensor, shape (layer · direction, batch, unit)
        Final hidden states.
    c_n : Tensor, shape (layer · direction, batch, unit), or None
        Final cell states, of an LSTM.
    layers : dict of str to Unrolled
        By torch's suffix: "l0", "l0_reverse", "l1", …

    Examples
    --------
    >>> import torch
    >>> from rnnviz.experiments.step_by_step import unroll
    >>> gru, x = torch.nn.GRU(1, 2), torch.randn(5, 3, 1)
    >>> outputs, _, _, layers = unroll(gru, x, None, [5, 5, 5])
    >>> torch.allclose(outputs, gru(x)[0], atol=1e-6)
    True
    >>> outputs[-1].sum().backward()
    >>> layers["l0"].array("hidden", gradient=True)[-1].unique()  # each unit of the last state counts once
    tensor([1.])
    """
    kind = "RNN" if module.mode.startswith("RNN") else module.mode
    steps, batch, _ = x.shape
    directions = 2 if module.bidirectional else 1
    units = module.proj_size or module.hidden_size
    layers: dict[str, Unrolled] = {}
    final_hidden, final_cell = [], []
    for layer in range(module.num_layers):
        outputs = []
        for direction in range(directions):
            suffix = f"l{layer}" + ("_reverse" if direction else "")
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
            parts: list[Any] = [getattr(module, f"{name}_{suffix}", None) for name in names]
            weights = Weights(*parts)
            index = layer * directions + direction
            unrolled = layers[suffix] = Unrolled(x.detach())
            rows, last_h, last_c = [], [], []
            for b in range(batch):
                h = x.new_zeros(1, units) if initial is None else initial[0][index, b : b + 1]
                c = x.new_zeros(1, module.hidden_size) if initial is None else initial[-1][index, b : b + 1]
                times = range(lengths[b])
                row = [x.new_zeros(1, units)] * steps
                for t in reversed(times) if direction else times:
                    step: Any
                    if kind == "LSTM":
                        step = lstm_step(x[t, b : b + 1], h, c, weights)
                        c = step.cell
                    elif kind == "GRU":
                        step = gru_step(x[t, b : b + 1], h, weights)
                    else:
                        step = rnn_step(x[t, b : b + 1], h, weights, str(module.nonlinearity))
                    h = row[t] = step.hidden
                    kept = ("hidden", *GATES[kind], *(("cell",) if kind == "LSTM" else ()))
                    for name in kept:
                        value = getattr(step, name)
                        if value.requires_grad:
                            value.retain_grad()
                        unrolled.steps.setdefault(name, {})[t, b] = value
                rows.append(torch.stack(row))
                last_h.append(h)
                last_c.append(c)
            outputs.append(torch.cat(rows, 1))
            final_hidden.append(torch.cat(last_h))
            final_cell.append(torch.cat(last_c))
        x = torch.cat(outputs, -1)
        if layer < module.num_layers - 1:
            x = F.dropout(x, module.dropout, module.training)
    return x, torch.stack(final_hidden), torch.stack(final_cell) if kind == "LSTM" else None, layers

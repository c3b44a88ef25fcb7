"""The yardstick of the recorder: recurrent layers run one step at a time by autograd, every state keeping its
gradient.

Nothing here is fast or clever, and nothing is shared with `rnnviz.derive` and `rnnviz.adjoint`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import rnnviz as rv
from rnnviz.steps import Weights

INNER = {
    "LSTM": ("input", "forget", "candidate", "output"),
    "GRU": ("reset", "update", "candidate"),
    "RNN": (),
}


@dataclass
class Unrolled:
    """One layer in one direction: for each array the tensors of its steps, by (time, sequence)."""

    input: Tensor
    steps: dict[str, dict[tuple[int, int], Tensor]] = field(default_factory=dict)

    def array(self, name: str, *, gradient: bool = False) -> Tensor:
        """(time, batch, unit), zero in the padding."""
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
    """Run a module step by step, each sequence on its own, on x (time, batch, feature).

    Returns the outputs (time, batch, unit · directions), h_n, c_n and the layers by torch's suffix. Dropout
    between layers draws from the global generator as torch does; for that, all lengths must be equal.
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
            weights = Weights(*(getattr(module, f"{name}_{suffix}", None) for name in names))
            index = layer * directions + direction
            unrolled = layers[suffix] = Unrolled(x.detach())
            rows, last_h, last_c = [], [], []
            for b in range(batch):
                h = x.new_zeros(1, units) if initial is None else initial[0][index, b : b + 1]
                c = x.new_zeros(1, module.hidden_size) if initial is None else initial[-1][index, b : b + 1]
                times = range(lengths[b])
                row = [x.new_zeros(1, units)] * steps
                for t in reversed(times) if direction else times:
                    if kind == "LSTM":
                        step = rv.lstm_step(x[t, b : b + 1], h, c, weights)
                        c = step.cell
                    elif kind == "GRU":
                        step = rv.gru_step(x[t, b : b + 1], h, weights)
                    else:
                        step = rv.rnn_step(x[t, b : b + 1], h, weights, module.nonlinearity)
                    h = row[t] = step.hidden
                    kept = ("hidden", *INNER[kind], *(("cell",) if kind == "LSTM" else ()))
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

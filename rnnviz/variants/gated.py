"""Three relatives of the LSTM and the GRU."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnviz.cells import Cell

__all__ = ["LayerNormLSTM", "MinimalGatedUnit", "PeepholeLSTM"]


class PeepholeLSTM(Cell):
    """LSTM whose gates also see the cell state.

    The input and forget gate look at c_{t-1}, the output gate at c_t, each unit at its own cell only.

    Parameters
    ----------
    input_size, hidden_size, batch_first
        As in `rnnviz.Cell`.

    References
    ----------
    F. A. Gers and J. Schmidhuber, "Recurrent nets that time and count", IJCNN 2000.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.variants import PeepholeLSTM
    >>> output, (hidden, cell) = PeepholeLSTM(2, 3)(torch.zeros(5, 1, 2))
    >>> output.shape
    torch.Size([5, 1, 3])
    """

    states = ("hidden", "cell")

    def __init__(self, input_size: int, hidden_size: int, *, batch_first: bool = False) -> None:
        super().__init__(input_size, hidden_size, batch_first=batch_first)
        self.from_input = nn.Linear(input_size, 4 * hidden_size)
        self.from_hidden = nn.Linear(hidden_size, 4 * hidden_size, bias=False)
        self.peephole = nn.Parameter(torch.zeros(3, hidden_size))

    def step(
        self, x: Tensor, hidden: Tensor, cell: Tensor
    ) -> tuple[tuple[Tensor, Tensor], dict[str, Tensor]]:
        """Run one step."""
        i, f, g, o = (self.from_input(x) + self.from_hidden(hidden)).chunk(4, dim=-1)
        p_i, p_f, p_o = self.peephole
        i, f, g = (i + p_i * cell).sigmoid(), (f + p_f * cell).sigmoid(), g.tanh()
        c = f * cell + i * g
        o = (o + p_o * c).sigmoid()
        return (o * c.tanh(), c), {"input": i, "forget": f, "candidate": g, "output": o}


class LayerNormLSTM(Cell):
    """LSTM that normalises the pre-activations of its gates and its cell state over the units, at every step.

    Parameters
    ----------
    input_size, hidden_size, batch_first
        As in `rnnviz.Cell`.

    References
    ----------
    J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer normalization", arXiv:1607.06450 (2016), equations 20-22.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.variants import LayerNormLSTM
    >>> output, (hidden, cell) = LayerNormLSTM(2, 3)(torch.zeros(5, 1, 2))
    >>> output.shape
    torch.Size([5, 1, 3])
    """

    states = ("hidden", "cell")

    def __init__(self, input_size: int, hidden_size: int, *, batch_first: bool = False) -> None:
        super().__init__(input_size, hidden_size, batch_first=batch_first)
        self.from_input = nn.Linear(input_size, 4 * hidden_size, bias=False)
        self.from_hidden = nn.Linear(hidden_size, 4 * hidden_size, bias=False)
        self.normalise_input = nn.LayerNorm(4 * hidden_size)
        self.normalise_hidden = nn.LayerNorm(4 * hidden_size)
        self.normalise_cell = nn.LayerNorm(hidden_size)

    def step(
        self, x: Tensor, hidden: Tensor, cell: Tensor
    ) -> tuple[tuple[Tensor, Tensor], dict[str, Tensor]]:
        """Run one step."""
        z = self.normalise_input(self.from_input(x)) + self.normalise_hidden(self.from_hidden(hidden))
        i, f, g, o = z.chunk(4, dim=-1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * cell + i * g
        return (o * self.normalise_cell(c).tanh(), c), {"input": i, "forget": f, "candidate": g, "output": o}


class MinimalGatedUnit(Cell):
    """The smallest gated unit: one forget gate does the work of the GRU's two.

    Parameters
    ----------
    input_size, hidden_size, batch_first
        As in `rnnviz.Cell`.

    References
    ----------
    G.-B. Zhou, J. Wu, C.-L. Zhang and Z.-H. Zhou, "Minimal gated unit for recurrent neural networks",
    International Journal of Automation and Computing 13 (2016) 226-234.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.variants import MinimalGatedUnit
    >>> output, hidden = MinimalGatedUnit(2, 3)(torch.zeros(5, 1, 2))
    >>> output.shape
    torch.Size([5, 1, 3])
    """

    def __init__(self, input_size: int, hidden_size: int, *, batch_first: bool = False) -> None:
        super().__init__(input_size, hidden_size, batch_first=batch_first)
        self.forget = nn.Linear(hidden_size + input_size, hidden_size)
        self.candidate = nn.Linear(hidden_size + input_size, hidden_size)

    def step(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Run one step."""
        f = self.forget(torch.cat([hidden, x], -1)).sigmoid()
        n = self.candidate(torch.cat([f * hidden, x], -1)).tanh()
        return (1 - f) * hidden + f * n, {"forget": f, "candidate": n}

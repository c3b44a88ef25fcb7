"""The LSTM put together gate by gate: four cells, each one gate more than the one before, and one that went astray.

Every stage is a cell of its own, with weights for the gates it has and no others, so that it can be
trained and compared:

===================  =====================================  ==============
`AddingCell`         c_t = c_{t-1} + g                      h_t = tanh(c_t)
`ForgetGateCell`     c_t = f c_{t-1} + g                    h_t = tanh(c_t)
`InputGateCell`      c_t = f c_{t-1} + i g                  h_t = tanh(c_t)
`OutputGateCell`     c_t = f c_{t-1} + i g                  h_t = o tanh(c_t)
`SquashedCell`       c_t = tanh(f c_{t-1} + i g)            h_t = o c_t
===================  =====================================  ==============

with g = tanh(W_x x_t + W_h h_{t-1} + b) and each gate σ(W_x x_t + W_h h_{t-1} + b), with weights of its own. The fourth
is `torch.nn.LSTM`. A gate that a stage lacks stands open: an LSTM whose gates are all held at 1 *is* the first stage.
"""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from rnnviz.cells import Cell, LSTMCell

__all__ = [
    "STAGES",
    "AddingCell",
    "ForgetGateCell",
    "InputGateCell",
    "OutputGateCell",
    "SquashedCell",
    "Stage",
]

StateAndNamed = tuple[tuple[Tensor, Tensor], dict[str, Tensor]]


class Stage(Cell):
    """What the stages share: a state that is shown and one that is kept, and weights for the gates of the class.

    Parameters
    ----------
    input_size, hidden_size, batch_first
        As in `rnnviz.Cell`.
    forget_bias : float, optional
        Added to the bias with which the forget gate begins. Nothing by default, as in torch.

    Attributes
    ----------
    gates : tuple of str
        Gates of the class, in the order of torch's rows.
    weight_ih : Parameter, shape (gates · unit, feature)
    weight_hh : Parameter, shape (gates · unit, unit)
    bias_ih, bias_hh : Parameter, shape (gates · unit,)
        Named, ordered and drawn as in `torch.nn.LSTMCell`, without the rows of absent gates.

    Raises
    ------
    ValueError
        If a bias is given for a forget gate that the stage does not have.
    """

    states = ("hidden", "cell")
    gates: ClassVar[tuple[str, ...]]

    def __init__(
        self, input_size: int, hidden_size: int, *, forget_bias: float = 0.0, batch_first: bool = False
    ) -> None:
        super().__init__(input_size, hidden_size, batch_first=batch_first)
        rows = len(self.gates) * hidden_size
        self.weight_ih = nn.Parameter(torch.empty(rows, input_size))
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(rows))
        self.bias_hh = nn.Parameter(torch.empty(rows))
        bound = 1 / math.sqrt(hidden_size)  # torch's own choice
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)
        if forget_bias:
            if "forget" not in self.gates:
                raise ValueError(
                    f"{type(self).__name__} was given forget_bias={forget_bias}; it has no forget gate. Its gates: "
                    f"{', '.join(self.gates)}."
                )
            place = self.gates.index("forget") * hidden_size
            with torch.no_grad():
                self.bias_ih[place : place + hidden_size] += forget_bias

    def sums(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, ...]:
        """Return W_x x_t + W_h h_{t-1} + b of every gate, (batch, unit) each, in the order of ``gates``."""
        total = linear(x, self.weight_ih, self.bias_ih) + linear(hidden, self.weight_hh, self.bias_hh)
        return total.chunk(len(self.gates), dim=-1)

    def to_lstm(self) -> nn.LSTM:
        """Return torch's LSTM that computes the same: absent gates get no weights, and a bias that opens them.

        Returns
        -------
        torch.nn.LSTM
            Of one layer, with copies of the weights. σ(40) is 1 in single and in double precision, so the states are
            those of the stage, rounding included.

        Raises
        ------
        TypeError
            If no LSTM computes what this cell does.

        Examples
        --------
        >>> import torch
        >>> from rnnviz.models.stages import AddingCell
        >>> cell = AddingCell(2, 3)
        >>> x = torch.rand(5, 1, 2)
        >>> torch.allclose(cell.to_lstm()(x)[0], cell(x)[0])
        True
        """
        first = self.weight_ih
        lstm = nn.LSTM(self.input_size, self.hidden_size, device="meta", batch_first=self.batch_first)
        lstm = lstm.to_empty(device=first.device).to(first.dtype)
        with torch.no_grad():
            for place, gate in enumerate(("input", "forget", "candidate", "output")):
                rows = slice(place * self.hidden_size, (place + 1) * self.hidden_size)
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                    target = getattr(lstm, f"{name}_l0")[rows]
                    if gate in self.gates:
                        own = self.gates.index(gate) * self.hidden_size
                        target.copy_(getattr(self, name)[own : own + self.hidden_size])
                    else:
                        target.fill_(40.0 if name == "bias_ih" else 0.0)
        lstm.flatten_parameters()
        return lstm


class AddingCell(Stage):
    """The plainest memory: every step adds its candidate to what is kept, c_t = c_{t-1} + g.

    Parameters
    ----------
    input_size, hidden_size, batch_first
        As in `rnnviz.Cell`.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models.stages import AddingCell
    >>> output, (hidden, cell) = AddingCell(2, 3)(torch.zeros(5, 1, 2))
    >>> output.shape, cell.shape
    (torch.Size([5, 1, 3]), torch.Size([1, 3]))
    """

    gates = ("candidate",)

    def step(self, x: Tensor, hidden: Tensor, cell: Tensor) -> StateAndNamed:
        """Run one step."""
        (g,) = self.sums(x, hidden)
        g = g.tanh()
        c = cell + g
        return (c.tanh(), c), {"candidate": g}


class ForgetGateCell(Stage):
    """A memory that can let go: c_t = f c_{t-1} + g.

    Parameters
    ----------
    input_size, hidden_size, forget_bias, batch_first
        As in `Stage`.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models.stages import ForgetGateCell
    >>> list(ForgetGateCell(2, 3).step(torch.zeros(1, 2), torch.zeros(1, 3), torch.zeros(1, 3))[1])
    ['forget', 'candidate']
    """

    gates = ("forget", "candidate")

    def step(self, x: Tensor, hidden: Tensor, cell: Tensor) -> StateAndNamed:
        """Run one step."""
        f, g = self.sums(x, hidden)
        f, g = f.sigmoid(), g.tanh()
        c = f * cell + g
        return (c.tanh(), c), {"forget": f, "candidate": g}


class InputGateCell(Stage):
    """A memory that also chooses what to take in: c_t = f c_{t-1} + i g.

    Parameters
    ----------
    input_size, hidden_size, forget_bias, batch_first
        As in `Stage`.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models.stages import InputGateCell
    >>> list(InputGateCell(2, 3).step(torch.zeros(1, 2), torch.zeros(1, 3), torch.zeros(1, 3))[1])
    ['input', 'forget', 'candidate']
    """

    gates = ("input", "forget", "candidate")

    def step(self, x: Tensor, hidden: Tensor, cell: Tensor) -> StateAndNamed:
        """Run one step."""
        i, f, g = self.sums(x, hidden)
        i, f, g = i.sigmoid(), f.sigmoid(), g.tanh()
        c = f * cell + i * g
        return (c.tanh(), c), {"input": i, "forget": f, "candidate": g}


class OutputGateCell(Stage):
    """A memory that also chooses what to show, h_t = o tanh(c_t): the LSTM.

    Parameters
    ----------
    input_size, hidden_size, forget_bias, batch_first
        As in `Stage`.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models.stages import OutputGateCell
    >>> cell = OutputGateCell(2, 3)
    >>> _ = cell.load_state_dict(torch.nn.LSTMCell(2, 3).state_dict())
    >>> cell.kind
    'LSTM'
    """

    gates = ("input", "forget", "candidate", "output")

    @property
    def kind(self) -> str:
        """LSTM, which it is."""
        return "LSTM"

    # torch has this cell too, with the same parameters.
    torch_weights = LSTMCell.torch_weights

    def step(self, x: Tensor, hidden: Tensor, cell: Tensor) -> StateAndNamed:
        """Run one step."""
        i, f, g, o = self.sums(x, hidden)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * cell + i * g
        return (o * c.tanh(), c), {"input": i, "forget": f, "candidate": g, "output": o}


class SquashedCell(Stage):
    """An LSTM as some books print it, with the sum squashed before it is kept: c_t = tanh(f c_{t-1} + i g).

    The squashing stands inside the loop. Going back one step, a gradient is multiplied by f *and* by the slope of tanh,
    which is below 1 wherever the memory holds anything: what an open forget gate would have kept, tanh takes away.

    Parameters
    ----------
    input_size, hidden_size, forget_bias, batch_first
        As in `Stage`.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models.stages import SquashedCell
    >>> output, (hidden, cell) = SquashedCell(2, 3)(torch.ones(50, 1, 2))
    >>> bool((cell.abs() < 1).all())
    True
    """

    gates = ("input", "forget", "candidate", "output")

    def to_lstm(self) -> nn.LSTM:
        """Refuse: torch's LSTM does not squash what it keeps."""
        raise TypeError("No torch.nn.LSTM computes a SquashedCell: it squashes the sum that an LSTM keeps.")

    def step(self, x: Tensor, hidden: Tensor, cell: Tensor) -> StateAndNamed:
        """Run one step."""
        i, f, g, o = self.sums(x, hidden)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = (f * cell + i * g).tanh()
        return (o * c, c), {"input": i, "forget": f, "candidate": g, "output": o}


#: The four stages in order, under the names the lesson gives them.
STAGES: dict[str, type[Stage]] = {
    "c + g": AddingCell,
    "+ forget gate": ForgetGateCell,
    "+ input gate": InputGateCell,
    "+ output gate": OutputGateCell,
}

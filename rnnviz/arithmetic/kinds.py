"""The kinds of layer whose formula is known, each a module of the same functions.

To add a kind, write its step in `rnnviz.steps`, a module like `rnnviz.arithmetic.gru` beside the others, and enter it
here; how its outputs give its gates stands in `rnnviz.arithmetic.derive`.
"""

from __future__ import annotations

from typing import Protocol, cast

from torch import Tensor

from rnnviz.arithmetic import gru, lstm, rnn
from rnnviz.arithmetic.states import Gradients, States

__all__ = ["KINDS", "Kind"]


class Kind(Protocol):
    """What is derived from the step of a kind of layer; all in running order."""

    def adjoint(
        self, states: States, dh: Tensor, cell_from_above: Tensor | None = None, *, keep_gates: bool = True
    ) -> Gradients:
        """Run the adjoint of the step from the last step to the first.

        What comes from above (not through time: by the step's output, or from outside the module) is given:
        ``dh`` for the hidden state, turned into the total in place, and ``cell_from_above``.
        """

    def gate_gradients(self, states: States, gradients: Gradients) -> tuple[Tensor, Tensor]:
        """Give ∂L/∂(W_ih x_t + b_ih) and ∂L/∂(W_hh h_{t-1} + b_hh) from the total gradients of the states."""

    def jacobian(self, states: States, *, whole_state: bool = False) -> Tensor:
        """Give ∂h_t/∂h_{t-1} at every step, or that of everything that the layer hands on."""


KINDS: dict[str, Kind] = {"RNN": cast(Kind, rnn), "GRU": cast(Kind, gru), "LSTM": cast(Kind, lstm)}

"""A batch of sequences that end at different steps: padding, mask, final states, and how torch packs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anywidget
import torch
import traitlets
from torch import Tensor, nn

import rnnviz
from rnnviz_widgets.base import STATIC, Widget, check_weights
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.trace_model import share_trace

LARGEST = {"steps": 48, "sequences": 24}
"""What can still be told apart, and grasped, on a page."""


class LengthsExplorer(Widget):
    """A ragged batch whose lengths can be dragged: where it is padded, where each final state is taken, how it packs.

    The page runs the layer itself, with its own weights, at every change.

    Parameters
    ----------
    module : torch.nn.RNN, torch.nn.GRU or torch.nn.LSTM
        Any number of layers, one or two directions.
    inputs : Tensor, shape (time, batch, feature)
        Whole sequences: what a sequence shows when it is made longer. At most 48 steps and 24 sequences.
    lengths : sequence of int
        Steps of each sequence to begin with, from 1 to time.
    labels : sequence of sequences of str, optional
        What stands for each input: words, days. Without it the inputs are drawn as numbers.
    cursor : Cursor, optional
        Shared with other widgets, so that all move together.

    Raises
    ------
    TypeError
        If the module is none of the three.
    ValueError
        If shapes or lengths do not fit, inputs or weights are not finite, or the batch is too large to be looked at.

    Examples
    --------
    >>> import rnnviz_widgets as rw, torch
    >>> rw.LengthsExplorer(torch.nn.RNN(3, 5), torch.zeros(4, 2, 3), lengths=[4, 2])
    LengthsExplorer(kind='RNN', steps=4, lengths=[4, 2], units=5)
    """

    _esm = STATIC / "lengths_explorer.js"

    trace = anywidget.WidgetTrait().tag(sync=True)
    cursor = CursorTrait()
    lengths: traitlets.List[int] = traitlets.List(traitlets.Int()).tag(sync=True)
    """Steps of each sequence, as the reader has set them."""

    def __init__(
        self,
        module: nn.RNN | nn.GRU | nn.LSTM,
        inputs: Tensor,
        lengths: Sequence[int],
        *,
        labels: Sequence[Sequence[str]] | None = None,
        cursor: Cursor | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        if not isinstance(module, nn.RNN | nn.GRU | nn.LSTM):
            raise TypeError(
                f"LengthsExplorer was given a {type(module).__name__}; it takes an nn.RNN, nn.GRU or nn.LSTM. "
                "Give it the recurrent layer inside your model."
            )
        if module.proj_size:
            raise ValueError(
                f"proj_size is {module.proj_size}; LengthsExplorer shows layers without a projection."
            )
        if inputs.dim() != 3 or inputs.shape[2] != module.input_size or 0 in inputs.shape:
            raise ValueError(
                f"inputs has the shape {tuple(inputs.shape)}; it should be (time, batch, {module.input_size}), and "
                "hold at least one step of one sequence."
            )
        steps, sequences = inputs.shape[:2]
        for name, size in {"steps": steps, "sequences": sequences}.items():
            if size > LARGEST[name]:
                raise ValueError(
                    f"inputs holds {size} {name}; LengthsExplorer shows {LARGEST[name]} at most. Give it a part: "
                    f"inputs[:{LARGEST['steps']}, :{LARGEST['sequences']}]."
                )
        if not inputs.isfinite().all():
            raise ValueError(
                "inputs holds values that are not finite, and no state after them would be a number. Fill the gaps, or "
                "leave those steps out."
            )
        check_weights(module)
        whole = [int(length) for length in lengths]
        if len(whole) != sequences or not all(1 <= length <= steps for length in whole):
            raise ValueError(
                f"lengths is {list(lengths)}; it should hold {sequences} numbers from 1 to {steps}, one a sequence."
            )
        super().__init__(
            trace=share_trace(_record_whole(module, inputs), labels), cursor=cursor, lengths=whole
        )

    def facts(self) -> dict[str, object]:
        """Kind of cell, steps, lengths and size of the state."""
        described: dict[str, Any] = self.trace.describe()
        kind, steps, units = (described[name] for name in ("kind", "steps", "units"))
        return {"kind": kind, "steps": steps, "lengths": self.lengths, "units": units}


def _record_whole(module: nn.RNN | nn.GRU | nn.LSTM, inputs: Tensor) -> rnnviz.Trace:
    """Record the module over whole sequences; the page cuts them."""
    weight = next(module.parameters())
    given = inputs.detach().to(weight)
    training = module.training
    # Dropout between layers would be a part of the recording that the page cannot repeat.
    module.eval()
    try:
        with torch.no_grad(), rnnviz.record(module) as trace:
            module(given.transpose(0, 1) if module.batch_first else given)
    finally:
        module.train(training)
    return trace

"""Dropout between two layers, made visible: what the lower one says, and what of it the upper one hears."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anywidget
import traitlets

from rnnviz_widgets.base import STATIC, Finite, Widget
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.trace_model import choose_layer, share_trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnviz.recording.trace import Trace


class DropoutMap(Widget):
    """Hidden states of a layer, and what of them gets through dropout to the layer above.

    What is dropped is hatched; what is kept is divided by the probability to keep it. The mask is drawn in the page,
    anew at the press of a button, with a probability that the reader chooses; in use there is none.

    Parameters
    ----------
    trace : rnnviz.Trace
        With the layer in it.
    layer : str, optional
        The layer whose states are dropped; the first one by default.
    keep : float, default 0.5
        Probability to keep a value, above 0 and at most 1: PyTorch's ``dropout`` is 1 − keep.
    labels : sequence of sequences of str, optional
        What stands under each step of each sequence.
    cursor : Cursor, optional
        Shared with other widgets.

    Raises
    ------
    KeyError
        If the trace has no such layer.
    traitlets.TraitError
        For a probability out of its range.

    Examples
    --------
    >>> import rnnviz as rv, rnnviz_widgets as rw, torch
    >>> lstm = torch.nn.LSTM(3, 8, num_layers=2)
    >>> with rv.record(lstm) as trace:
    ...     _ = lstm(torch.randn(6, 1, 3))
    >>> rw.DropoutMap(trace)
    DropoutMap(layer='l0', keep=0.5, steps=6, units=8)
    """

    _esm = STATIC / "dropout_map.js"

    trace = anywidget.WidgetTrait().tag(sync=True)
    cursor = CursorTrait()
    layer = traitlets.Unicode("").tag(sync=True)
    keep = Finite(0.5, min=0.01, max=1).tag(sync=True)

    def __init__(
        self,
        trace: Trace,
        *,
        layer: str | None = None,
        keep: float = 0.5,
        labels: Sequence[Sequence[str]] | None = None,
        cursor: Cursor | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        model = share_trace(trace, labels)
        name = choose_layer(trace, layer if layer is not None else trace.layers[0])
        super().__init__(trace=model, layer=name, keep=keep, cursor=cursor)

    def facts(self) -> dict[str, object]:
        """Layer, probability, and size."""
        size = self.trace.describe()
        return {"layer": self.layer, "keep": self.keep, "steps": size["steps"], "units": size["units"]}
